#include "lib/text/language.h"

#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *code, *text;
} cases[] = {
    {"en", "Join us for an evening of maps and looms. We will have food, and you can bring your "
           "friends."},
    {"de",
     "Wir treffen uns am Abend im alten Hafen und reden über Karten. Bringt eure Freunde mit!"},
    {"fr",
     "Venez avec nous pour une soirée sur les cartes et les métiers à tisser, dans le vieux port."},
    {"es",
     "Ven con nosotros a una noche de mapas y telares en el puerto viejo, y trae a tus amigos."},
    {"pt",
     "Venha com a gente para uma noite de mapas e teares no porto velho, e traga os seus amigos."},
    {"it",
     "Vieni con noi per una serata di mappe e telai nel vecchio porto, e porta anche gli amici."},
    {"nl", "Kom met ons naar een avond over kaarten in de oude haven, en neem je vrienden mee als "
           "je wilt."},
    {"pl",
     "Spotkajmy się w starym porcie na wieczór z mapami i krosnami, i weź ze sobą przyjaciół."},
    {"sv",
     "Kom till oss för en kväll om kartor i den gamla hamnen, och ta med dig vänner om du vill."},
    {"fi", "Tule viettämään iltaa kanssa ja muista että vanha satama on auki, mutta ei myöhään "
           "sekä niin."},
    {"tr", "Eski limanda bir harita akşamı için bize katıl ve daha çok arkadaş ile gel, çok güzel "
           "olacak."},
    {"cs", "Sejdeme se ve starém přístavu na večer o mapách, a přiveďte si s sebou také přátele."},
    {"id", "Mari bergabung dengan kami untuk malam peta di pelabuhan tua, dan bawa teman yang lain "
           "juga."},
    {"vi", "Hãy đến với chúng tôi trong một buổi tối về bản đồ và những khung cửi, cho bạn và các "
           "bạn bè."},
    {"ru", "Приходите к нам на вечер о картах в старом порту, и возьмите с собой друзей."},
    {"uk", "Приходьте до нас на вечір про карти і ткацькі верстати, її та інші історії."},
    {"bg", "Елате при нас за вечер с карти в старото пристанище, ще бъде чудесно."},
    {"el", "Ελάτε για μια βραδιά με χάρτες στο παλιό λιμάνι."},
    {"he", "בואו לערב של מפות בנמל הישן"},
    {"ar", "انضموا إلينا في أمسية عن الخرائط في الميناء القديم"},
    {"fa", "برای یک شب نقشه در بندر قدیمی به ما بپیوندید و چای بنوشید"},
    {"hi", "पुराने बंदरगाह पर नक्शों की एक शाम के लिए हमसे जुड़ें"},
    {"th", "มาร่วมค่ำคืนแห่งแผนที่ที่ท่าเรือเก่ากับเรา"},
    {"zh", "欢迎参加旧港口的地图之夜，请带上你的朋友。AI Maps Night"},
    {"ja", "古い港で地図の夜を開催します。友達と一緒に来てください。"},
    {"ko", "오래된 항구에서 열리는 지도의 밤에 함께하세요. AI Night"},
};

static void test_languages(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        double confidence = 0;
        const char *code = language_detect(arena, slice_from_cstr(cases[i].text), &confidence);
        assert_non_null(code);
        assert_string_equal(code, cases[i].code);
        assert_true(confidence >= 0.6 && confidence <= 0.95);
    }
}

static void test_too_little_to_tell(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "12:30 – 14:00",
                                        "Loom Labs",
                                        "AI Hackathon 2026 San Francisco",
                                        "🎉🎉🎉",
                                        "\xff\xfe\x80",
                                        "https://example.com/a/b/c"};
    double confidence;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_null(language_detect(arena, slice_from_cstr(texts[i]), &confidence));
    assert_null(language_detect(arena, (struct slice){0}, &confidence));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_languages),
        cmocka_unit_test(test_too_little_to_tell),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
