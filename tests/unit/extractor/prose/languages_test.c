// Descriptions in other languages than English.
#include "support/arena_fixture.h"
#include "support/prose_examples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_romance(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"**Nuestros ponentes**\n\n- María Keller, Directora de Datos en Brightwater\n- Jorge "
         "Almada (Oldmill)",
         "speaker María Keller, Directora de Datos @ Brightwater; speaker Jorge Almada @ Oldmill"},
        {"El mate corre por cuenta de Brightwater. Patrocina Oldmill Labs.",
         "sponsor [Brightwater]; sponsor [Oldmill Labs]"},
        {"Un taller a cargo de Lucía Ferrer, ilustradora.", "speaker Lucía Ferrer, ilustradora"},
        {"Organizado por la Sociedad del Telar, en colaboración con Oldmill Labs.",
         "host [Sociedad del Telar]; partner [Oldmill Labs]"},
        {"**Jurado:** Lucía Ferrer y Jorge Almada", "judge Lucía Ferrer; judge Jorge Almada"},
        {"Modera: Lucía Ferrer", "moderator Lucía Ferrer"},
        {"**Palestrantes confirmados:**\n\n- João Almeida, CTO da Brightwater\n- Beatriz Nunes",
         "speaker João Almeida, CTO @ Brightwater; speaker Beatriz Nunes"},
        {"Realização: Brightwater\n\nApoio: Oldmill Labs e Fernloom",
         "host [Brightwater]; sponsor [Oldmill Labs]; sponsor [Fernloom]"},
        {"**Mediação:** Beatriz Nunes", "moderator Beatriz Nunes"},
        {"Um bate-papo com João Almeida, em parceria com a Oldmill Labs.",
         "speaker João Almeida; partner [Oldmill Labs]"},
        {"### Nos intervenants\n\n- Camille Laurent, directrice produit chez Brightwater\n- Hugo "
         "Mercier",
         "speaker Camille Laurent, directrice produit @ Brightwater; speaker Hugo Mercier"},
        {"Table ronde avec Camille Laurent et Hugo Mercier, animée par Jeanne Moreau.",
         "panelist Camille Laurent; panelist Hugo Mercier; speaker Jeanne Moreau"},
        {"Avec le soutien de Brightwater. Organisé par Les Ateliers du Fil.",
         "sponsor [Brightwater]; host [Les Ateliers du Fil]"},
        {"**Relatori**\n\n- Giulia Ferrari, Head of Data presso Brightwater\n- Marco Rinaldi",
         "speaker Giulia Ferrari, Head of Data @ Brightwater; speaker Marco Rinaldi"},
        {"Modera Giulia Ferrari. In collaborazione con Oldmill Labs.",
         "moderator Giulia Ferrari; partner [Oldmill Labs]"},
    };
    CHECK_PROSE("Una noche", examples);
}

static void test_germanic(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"**Unsere Referentinnen und Referenten**\n\n- Dr. Julia Hartmann, Leiterin Forschung bei "
         "Brightwater\n"
         "- Jonas Vogel (Oldmill GmbH)",
         "speaker Julia Hartmann, Leiterin Forschung @ Brightwater; speaker Jonas Vogel @ Oldmill "
         "GmbH"},
        {"Moderation: Julia Hartmann\n\nPodiumsgäste: Jonas Vogel, Lena Fischer",
         "moderator Julia Hartmann; panelist Jonas Vogel; panelist Lena Fischer"},
        {"Getränke gesponsert von Brightwater. Mit freundlicher Unterstützung von Oldmill Labs.",
         "sponsor [Brightwater]; sponsor [Oldmill Labs]"},
        {"- 19:30 Uhr – „Was eine Hand nicht kann“, Vortrag von Jonas Vogel (Brightwater)",
         "speaker Jonas Vogel @ Brightwater"},
        {"Eine Veranstaltung von Oldmill Labs in Kooperation mit Brightwater.",
         "host [Oldmill Labs]; partner [Brightwater]"},
        {"**Sprekers**\n\n- Sanne de Vries, CTO bij Brightwater\n- Pieter Bakker",
         "speaker Sanne de Vries, CTO @ Brightwater; speaker Pieter Bakker"},
        {"Mede mogelijk gemaakt door Brightwater, in samenwerking met Oldmill Labs.",
         "sponsor [Brightwater]; partner [Oldmill Labs]"},
        {"**Talare**\n\n- Anna Lindqvist, grundare av Brightwater\n- Erik Johansson",
         "speaker Anna Lindqvist, grundare @ Brightwater; speaker Erik Johansson"},
    };
    CHECK_PROSE("Ein Abend", examples);
}

static void test_others_in_latin(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"**Pembicara**\n\n- Dewi Lestari, Founder Brightwater\n- Budi Santoso",
         "speaker Dewi Lestari, Founder @ Brightwater; speaker Budi Santoso"},
        {"**Prelegenci**\n\n- Katarzyna Nowak, CTO Brightwater\n- Piotr Zieliński",
         "speaker Katarzyna Nowak, CTO @ Brightwater; speaker Piotr Zieliński"},
        {"**Konuşmacılar**\n\n- Elif Demir, Kurucu, Brightwater\n- Mehmet Yılmaz",
         "speaker Elif Demir, Kurucu @ Brightwater; speaker Mehmet Yılmaz"},
        {"**Diễn giả**\n\n- Nguyễn Minh Anh, CEO, Brightwater",
         "speaker Nguyễn Minh Anh, CEO @ Brightwater"},
        {"Nhà tài trợ: Brightwater, Oldmill Labs", "sponsor [Brightwater]; sponsor [Oldmill Labs]"},
    };
    CHECK_PROSE("Brightwater 12", examples);
}

static void test_cyrillic(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"**Спикеры**\n\n- Анна Иванова, основатель, Brightwater\n- Дмитрий Соколов",
         "speaker Анна Иванова, основатель @ Brightwater; speaker Дмитрий Соколов"},
        {"Модератор: Ольга Петрова\n\nПартнеры: Brightwater, Oldmill Labs",
         "moderator Ольга Петрова; partner [Brightwater]; partner [Oldmill Labs]"},
        {"При поддержке Brightwater.", "sponsor [Brightwater]"},
    };
    CHECK_PROSE("Вечер", examples);
}

static void test_east_asian(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"**登壇者**\n\n- 長谷部 潤(Brightwater 代表)\n- 田中花子（Oldmill エンジニア）",
         "speaker 長谷部 潤, 代表 @ Brightwater; speaker 田中花子, エンジニア @ Oldmill"},
        {"司会：山本太郎\n\n主催：Brightwater\n\n協賛：Oldmill Labs",
         "moderator 山本太郎; host [Brightwater]; sponsor [Oldmill Labs]"},
        {"**講者**\n\n- 林雨岑（Brightwater 共同創辦人）\n- 高子墨，Oldmill 資料工程師",
         "speaker 林雨岑, 共同創辦人 @ Brightwater; speaker 高子墨, 資料工程師 @ Oldmill"},
        {"**議程**\n\n- 19:00 報到\n- 19:30 晚到的資料 — "
         "[林雨岑](https://www.linkedin.com/in/lin-yu)（Brightwater 共同創辦人）\n"
         "- 20:10 重複的資料 — 高子墨（Oldmill 資料工程師）\n- 20:50 自由交流",
         "speaker 林雨岑, 共同創辦人 @ Brightwater; speaker 高子墨, 資料工程師 @ Oldmill"},
        {"主持人：王小明\n\n主辦單位：Brightwater\n\n贊助：Oldmill Labs",
         "moderator 王小明; host [Brightwater]; sponsor [Oldmill Labs]"},
        {"**연사**\n\n- 김민수 (Brightwater 대표)\n- 이서연, Oldmill 연구원",
         "speaker 김민수, 대표 @ Brightwater; speaker 이서연, 연구원 @ Oldmill"},
        {"주최: Brightwater\n\n후원: Oldmill Labs", "host [Brightwater]; sponsor [Oldmill Labs]"},
    };
    CHECK_PROSE("데이터 모임", examples);
}

static void test_right_to_left(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"**المتحدثون**\n\n- خالد الرمضاني – باحث، Brightwater\n- نور الهاشمي، Oldmill",
         "speaker خالد الرمضاني, باحث @ Brightwater; speaker نور الهاشمي @ Oldmill"},
        {"برعاية Brightwater. بالتعاون مع Oldmill Labs.",
         "sponsor [Brightwater]; partner [Oldmill Labs]"},
        {"**דוברים:**\n\n- נועה לוי, Brightwater\n- יואב כהן",
         "speaker נועה לוי @ Brightwater; speaker יואב כהן"},
    };
    CHECK_PROSE("مجلس", examples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_romance, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_germanic, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_others_in_latin, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_cyrillic, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_east_asian, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_right_to_left, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
