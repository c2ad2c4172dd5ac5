// Titles and companies of people, as descriptions write them.
#include "support/arena_fixture.h"
#include "support/prose_examples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

// Title and company apart, in what stands behind a name.
static void test_positions(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"## Speakers\n\n- Maria Keller, VP of Data, Looms & Shuttles at Brightwater",
         "speaker Maria Keller, VP of Data, Looms & Shuttles @ Brightwater"},
        {"## Speakers\n\n- Maria Keller, Designer, Tools and Services, Brightwater",
         "speaker Maria Keller, Designer, Tools and Services @ Brightwater"},
        {"## Speakers\n\n- Maria Keller, Director, Lakeside Center for Cloth, Lakeside University",
         "speaker Maria Keller, Director @ Lakeside Center for Cloth"},
        {"## Speakers\n\n- Maria Keller, CEO, Brightwater (YC W21)",
         "speaker Maria Keller, CEO @ Brightwater"},
        {"## Speakers\n\n- Maria Keller, CTO, Brightwater, Ex Oldmill, Ex Weaverly",
         "speaker Maria Keller, CTO @ Brightwater"},
        {"## Speakers\n\n- Maria Keller, CTO at Brightwater AI",
         "speaker Maria Keller, CTO @ Brightwater AI"},
        {"## Speakers\n\n- Maria Keller, CTO @ loomly AI", "speaker Maria Keller, CTO @ loomly AI"},
        {"## Speakers\n\n- Maria Keller, CEO of loomly.example",
         "speaker Maria Keller, CEO @ loomly.example"},
        {"## Judges\n\n- Maria Keller | Brightwater by Oldmill",
         "judge Maria Keller @ Brightwater"},
        {"## Speakers\n\n- Maria Keller, artist and writer from San Francisco",
         "speaker Maria Keller, artist and writer"},
        {"## Speakers\n\n- Maria Keller, author of A Loom Is a House: Stories",
         "speaker Maria Keller, author of A Loom Is a House"},
        {"We will be joined by Maria Keller, CTO of Brightwater who will tell how looms began.",
         "speaker Maria Keller, CTO @ Brightwater"},
        {"In this lecture, Maria Keller, Registered Weaver, Certified Dyer, and cloth researcher, "
         "explores how looms think.",
         "speaker Maria Keller, Registered Weaver, Certified Dyer, and cloth researcher"},
        {"- [Qoro Vexlund, PMP](https://www.linkedin.com/in/qoro)**,** Director of Talent",
         "speaker Qoro Vexlund, Director of Talent"},
    };
    CHECK_PROSE("An evening of looms", examples);
}

// People who are named in a sentence, and nowhere else.

// Occupations, and where somebody works in other words than "at".
static void test_occupations(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"## Speakers\n\n- Maria Keller, President of the Association for Looms (AFL)",
         "speaker Maria Keller, President @ Association for Looms"},
        {"## Speakers\n\n- Maria Keller, Special Adviser at the Seven Oaks Centre and a former "
         "Vice "
         "Chair of the Loom Council",
         "speaker Maria Keller, Special Adviser @ Seven Oaks Centre"},
        {"## Speakers\n\n- Maria Keller, Director General, WHO",
         "speaker Maria Keller, Director General @ WHO"},
        {"## Speakers\n\n- Maria Keller, barrister and founder of Women in Weaving",
         "speaker Maria Keller, barrister and founder @ Women in Weaving"},
        {"## Speakers\n\n- Maria Keller, novelist, poet, and illustrator",
         "speaker Maria Keller, novelist, poet, and illustrator"},
        {"## Intervenants\n\n- Maria Keller, directrice du Brightwater Blog",
         "speaker Maria Keller, directrice @ Brightwater Blog"},
        {"Featuring: Maria Keller, Tom Okafor, Ken Watanabe, and Ben Baker",
         "speaker Maria Keller; speaker Tom Okafor; speaker Ken Watanabe; speaker Ben Baker"},
        {"Moderation: Maria Keller, Tageblatt Kultur", "moderator Maria Keller @ Tageblatt Kultur"},
        {"Keynote address: Maria Keller, Dean, Lakeside School of Weaving",
         "speaker Maria Keller, Dean @ Lakeside School of Weaving"},
    };
    CHECK_PROSE("An evening of looms", examples);
}

// What somebody is, in front of the name.
static void test_in_front(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"Followed by a Q&A with filmmaker Maria Keller and producer Tom Okafor.",
         "speaker Maria Keller, filmmaker; speaker Tom Okafor, producer"},
        {"Moderated by Brightwater Board Member, Maria Keller.",
         "moderator Maria Keller, Board Member @ Brightwater"},
        {"Join curator Maria Keller and exhibiting artists Tom Okafor, Qoro Vexlund and Ken "
         "Watanabe "
         "for an evening of looms.",
         "speaker Maria Keller, curator; speaker Tom Okafor; speaker Qoro Vexlund; speaker Ken "
         "Watanabe"},
        {"Join Loom Night hosts Maria Keller and Tom Okafor for an evening.",
         "host Maria Keller; host Tom Okafor"},
    };
    CHECK_PROSE("An evening of looms", examples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_occupations),
        cmocka_unit_test(test_in_front),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
