// Sentences and names of events about who takes part.
#include "support/arena_fixture.h"
#include "support/prose_examples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_roles_of_verbs(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"Maria Keller, professor of looms, moderates a group of five.",
         "moderator Maria Keller, professor of looms"},
        {"The moderator for the evening is author Maria Keller.", "moderator Maria Keller, author"},
        {"Our judges are Maria Keller and Tom Okafor.", "judge Maria Keller; judge Tom Okafor"},
        {"Moderator Maria Keller will ask the hard questions.", "moderator Maria Keller"},
        {"La ponente será Maria Keller, directora de Brightwater. Modera Tom Okafor.",
         "moderator Tom Okafor; speaker Maria Keller, directora @ Brightwater"},
        {"Twelve startups. The jury: Maria Keller (Oldmill VC), Tom Okafor (Seven Oaks Angels)",
         "judge Maria Keller @ Oldmill VC; judge Tom Okafor @ Seven Oaks Angels"},
        {"This week's guest: Maria Keller on looms. Hosted by Brightwater.",
         "speaker Maria Keller; host [Brightwater]"},
        {"The venue is where she is a Research Assistant.", ""},
    };
    CHECK_PROSE("An evening of looms", examples);
}

static void test_rows(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"A panel with Maria Keller, MSW, Social Worker, Brightwater; Tom Okafor, Director, Seven "
         "Oaks; "
         "and Dr. Ken Watanabe, Professor, Lakeside University.",
         "panelist Maria Keller, Social Worker @ Brightwater; panelist Tom Okafor, Director @ "
         "Seven "
         "Oaks; panelist Ken Watanabe, Professor @ Lakeside University"},
        {"Maria Keller (Brightwater), Tom Okafor (Seven Oaks), Ken Watanabe (Oldmill)",
         "speaker Maria Keller @ Brightwater; speaker Tom Okafor @ Seven Oaks; speaker Ken "
         "Watanabe @ "
         "Oldmill"},
        {"This month's features, all new work: **Maria Keller** and **Tom Okafor**.",
         "speaker Maria Keller; speaker Tom Okafor"},
        {"## Mentors\n\nMaria Keller (Brightwater) · Tom Okafor (Oldmill) · Ken Watanabe (Seven "
         "Oaks)",
         "mentor Maria Keller @ Brightwater; mentor Tom Okafor @ Oldmill; mentor Ken Watanabe @ "
         "Seven "
         "Oaks"},
        {"Hear three founders: Maria Keller of Brightwater (W21), Tom Okafor of Oldmill (S19) and "
         "Ken "
         "Watanabe of Seven Oaks (W23).",
         "speaker Maria Keller @ Brightwater; speaker Tom Okafor @ Oldmill; speaker Ken Watanabe @ "
         "Seven Oaks"},
        {"Led by Dr. Maria Keller, weaver at Brightwater, together with Tom Okafor, who runs "
         "Oldmill.",
         "speaker Maria Keller, weaver @ Brightwater; speaker Tom Okafor"},
        {"## Judges\n\n| Name | Role |\n|---|---|\n| Maria Keller | Partner, Oldmill Capital |",
         "judge Maria Keller, Partner @ Oldmill Capital"},
        {"Saturday at Maria's **Rancho San Gregorio**.", ""},
    };
    CHECK_PROSE("An evening of looms", examples);
}

static void test_names_of_events(void **state)
{
    (void)state;
    static const struct example nothing[] = {{"Doors open at six.", ""}};
    static const struct example moderator[] = {{"Doors open at six.", "moderator Maria Keller"}};
    static const struct example both[] = {
        {"Doors open at six.", "speaker Maria Keller; speaker Tom Okafor"}};
    static const struct example venue[] = {{"Doors open at six.", "venue [Oldmill Factory]"}};
    CHECK_PROSE("Looms today, Professor Maria Keller moderating", moderator);
    CHECK_PROSE("Readers' Night: Maria Keller & Tom Okafor", both);
    CHECK_PROSE("El telar: Maria Keller y Tom Okafor", both);
    CHECK_PROSE("Maria Keller on 16mm: six prints", nothing);
    CHECK_PROSE("Harvest talk at the Oldmill Factory", venue);
    CHECK_PROSE("Lounge at Loom Summit", nothing);
}

static void test_parts_of_a_day(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"**1:00 PM — Panel Discussion**\n\n1. Maria Keller, Founder of Brightwater\n\n**1:40 PM — "
         "Closing Remarks**\n\n1. Tom Okafor, President of Seven Oaks",
         "panelist Maria Keller, Founder @ Brightwater; speaker Tom Okafor, President @ Seven "
         "Oaks"},
        {"- 16h30: table ronde\n- Maria Keller, journaliste, Brightwater",
         "panelist Maria Keller, journaliste @ Brightwater"},
        {"The Great Loom, 5 Quay Street", "venue [The Great Loom]"},
        {"\U0001F4CD Rooftop at The Great Loom", "venue [The Great Loom]"},
        {"Hosted in the lovely Brightwater offices.", "venue [Brightwater]"},
    };
    CHECK_PROSE("An evening of looms", examples);
}

// Several people with titles in one line, behind a label or a "with".
static void test_titled_rows(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"Speakers: Maria Keller, Head of Looms at Brightwater, and Jonas Vogel (Oldmill Labs)",
         "speaker Maria Keller, Head of Looms @ Brightwater; speaker Jonas Vogel @ Oldmill Labs"},
        {"Guests: Maria Keller, Head of Looms, Jonas Vogel, CTO, and Lena Fischer, CEO of Fernloom",
         "speaker Maria Keller, Head of Looms; speaker Jonas Vogel, CTO; speaker Lena Fischer, CEO "
         "@ Fernloom"},
        {"We talk about robots with Maria Keller, researcher at Lakeside University, and Jonas "
         "Vogel, CEO of "
         "Oldmill. Moderated by Lena Fischer.",
         "speaker Maria Keller, researcher @ Lakeside University; speaker Jonas Vogel, CEO @ "
         "Oldmill; "
         "moderator Lena Fischer"},
        {"Led by Maria Keller of Brightwater with Lena Fischer, co-founder of Fernloom.",
         "speaker Maria Keller @ Brightwater; speaker Lena Fischer, co-founder @ Fernloom"},
        {"Hosts Maria Keller and Jonas Vogel sit down with Lena Fischer, author of Looms.",
         "speaker Lena Fischer, author of Looms; host Maria Keller; host Jonas Vogel"},
        {"Bring a loom. By Maria Keller.", "speaker Maria Keller"},
        {"Huge thanks to Oldmill Labs (venue), Brightwater (coffee) and Fernloom (pizza).",
         "sponsor [Oldmill Labs]; sponsor [Brightwater]; sponsor [Fernloom]"},
        {"- Maria Keller – Brightwater – « Looms at Scale »", "speaker Maria Keller @ Brightwater"},
    };
    CHECK_PROSE("An evening of looms", examples);
}

// What stands around names: hours, roles, "w/", an "x", the company of both.
static void test_around_names(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"A fireside chat with Maria Keller at 7pm.", "speaker Maria Keller"},
        {"A talk by Maria Keller, CEO of Oldmill at 18:30.", "speaker Maria Keller, CEO @ Oldmill"},
        {"A chat with Maria Keller at 500 Looms.", "speaker Maria Keller @ 500 Looms"},
        {"A roundtable w/ Maria Keller and Lena Fischer.",
         "speaker Maria Keller; speaker Lena Fischer"},
        {"A day w/o Maria Keller.", ""},
        {"Games hosted by Jonas and Maria from Oldmill Labs.",
         "host Jonas @ Oldmill Labs; host Maria @ Oldmill Labs"},
        {"She will be joined by moderator Lena Fischer.", "moderator Lena Fischer"},
        {"Our resident artists Maria Keller, Tom Birch and Lena Fischer will show new prints.",
         "speaker Maria Keller; speaker Tom Birch; speaker Lena Fischer"},
        {"A panel of judges including Maria Keller (Oldmill Fund) and Lena Fischer.",
         "judge Maria Keller @ Oldmill Fund; judge Lena Fischer"},
        {"**Brought to you by**\nOldmill Labs x Weavers Guild",
         "host [Oldmill Labs]; host [Weavers Guild]"},
        {"Panel: Who pays? | Moderator: Maria Keller (Oldmill); Panelists: Lena Fischer (Fernloom)",
         "moderator Maria Keller @ Oldmill; panelist Lena Fischer @ Fernloom"},
        {"Thank you to Oldmill & Fernloom for making this possible.",
         "sponsor [Oldmill]; sponsor [Fernloom]"},
        {"\U0001F4CD Fernloom HQ, Mission District", "venue [Fernloom]"},
    };
    CHECK_PROSE("An evening of looms", examples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_titled_rows),    cmocka_unit_test(test_roles_of_verbs),
        cmocka_unit_test(test_rows),           cmocka_unit_test(test_names_of_events),
        cmocka_unit_test(test_parts_of_a_day), cmocka_unit_test(test_around_names),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
