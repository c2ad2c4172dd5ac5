// People and companies from invented descriptions, in the ways people write them.
#include "extractor/prose/markdown.h"
#include "extractor/prose/prose.h"
#include "support/arena_fixture.h"
#include "support/prose_examples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_entries(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"Speakers:\n\n- Maria Keller, Head of Data, Brightwater",
         "speaker Maria Keller, Head of Data @ Brightwater"},
        {"## Speakers\n\n- **Maria Keller** – Product Lead @ Brightwater",
         "speaker Maria Keller, Product Lead @ Brightwater"},
        {"## Speakers\n\n- Maria Keller (CTO, Brightwater)",
         "speaker Maria Keller, CTO @ Brightwater"},
        {"## Speakers\n\n- Maria Keller | Brightwater | Head of AI",
         "speaker Maria Keller, Head of AI @ Brightwater"},
        {"## Speakers\n\n- Maria Keller from Brightwater", "speaker Maria Keller @ Brightwater"},
        {"## Speakers\n\n- Maria Keller is the CEO of Brightwater",
         "speaker Maria Keller, CEO @ Brightwater"},
        {"## Speakers\n\n- [Maria Keller](https://www.linkedin.com/in/maria), Engineer at "
         "Brightwater, who once built a clock",
         "speaker Maria Keller, Engineer @ Brightwater"},
        // The position on the line below, the company in front of the title.
        {"## Speakers\n\n**Maria Keller**\nHead of Data at Brightwater",
         "speaker Maria Keller, Head of Data @ Brightwater"},
        {"## Speakers\n\nDr. Maria Keller, PhD, Professor at Lakeside University",
         "speaker Maria Keller, Professor @ Lakeside University"},
        {"Panelists\n\n- Maria Keller, Brightwater\n- Tom Okafor, Seven Oaks Ventures",
         "panelist Maria Keller @ Brightwater; panelist Tom Okafor @ Seven Oaks Ventures"},
        {"## Judges\n\n- Maria Keller, Partner at Seven Oaks\n- Brightwater TBA",
         "judge Maria Keller, Partner @ Seven Oaks"},
        {"**Mentors:**\n\n- Maria Keller | Founder of Brightwater\n- Mentor #2 - spot is available",
         "mentor Maria Keller, Founder @ Brightwater"},
        {"Speakers: Maria Keller, Tom Okafor and Ken Watanabe",
         "speaker Maria Keller; speaker Tom Okafor; speaker Ken Watanabe"},
        {"Moderator: Maria Keller, Editor, The Daily Loom",
         "moderator Maria Keller, Editor @ The Daily Loom"},
        {"MC: Maria Keller", "host Maria Keller"},
        // Head of a field, not of a company.
        {"## Speakers\n\n- Maria Keller, Director of Product Management, Brightwater",
         "speaker Maria Keller, Director of Product Management @ Brightwater"},
    };
    CHECK_PROSE("An evening of looms", examples);
}

static void test_panels(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"Panel: Looms at scale\n\nSpeakers:\n\n- Maria Keller, CEO, Brightwater\n\nModerator: Tom "
         "Okafor, Seven Oaks",
         "panelist Maria Keller, CEO @ Brightwater; moderator Tom Okafor @ Seven Oaks"},
        {"The evening opens with a panel featuring:\n\n- Maria Keller, CEO, Brightwater\n- Tom "
         "Okafor, Analyst, Seven Oaks (Moderator)",
         "panelist Maria Keller, CEO @ Brightwater; moderator Tom Okafor, Analyst @ Seven Oaks"},
        {"**Maria Keller — Moderator**\n\n**Tom Okafor — Founder, Seven Oaks**",
         "moderator Maria Keller; speaker Tom Okafor, Founder @ Seven Oaks"},
    };
    CHECK_PROSE("An evening of looms", examples);
    static const struct example in_name[] = {
        {"**Tom Okafor — Founder, Seven Oaks**", "panelist Tom Okafor, Founder @ Seven Oaks"},
    };
    CHECK_PROSE("Panel: looms at scale", in_name);
}

static void test_slots(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"- 6:00 PM: Weaving at Scale by Maria Keller (Brightwater)",
         "speaker Maria Keller @ Brightwater"},
        {"- 6:30 – 7:00 PM: Weaving at Scale, Maria Keller, Brightwater",
         "speaker Maria Keller @ Brightwater"},
        {"- 18:10 — Maria Keller \"Weaving at scale\"", "speaker Maria Keller"},
        {"18:30 Panel: the future of looms (Maria Keller, Tom Okafor, Ken Watanabe)",
         "panelist Maria Keller; panelist Tom Okafor; panelist Ken Watanabe"},
        {"Lightning talk: Maria Keller\n\nMain talk: Tom Okafor",
         "speaker Maria Keller; speaker Tom Okafor"},
        {"Featured talk:\n\n**Self-driving Jacquard looms**\n\nMaria Keller (Engineer @ "
         "Brightwater)",
         "speaker Maria Keller, Engineer @ Brightwater"},
        {"- 6:20–6:40 — Brightwater talk: Maria Keller — Staff Engineer",
         "speaker Maria Keller, Staff Engineer"},
        {"- 7:00 PM: Lunch\n- 8:00 PM: Open Networking\n- 9:00 PM: Happy Hour", ""},
    };
    CHECK_PROSE("An evening of looms", examples);
}

static void test_phrases(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"A fireside chat with Maria Keller about looms.", "speaker Maria Keller"},
        {"Keynote by Maria Keller, Brightwater", "speaker Maria Keller @ Brightwater"},
        {"The talk is moderated by Maria Keller, Editor at The Daily Loom.",
         "moderator Maria Keller, Editor @ The Daily Loom"},
        {"In this lecture, Dr. Maria Keller, Professor of Textiles at Lakeside University, "
         "explores how looms think.",
         "speaker Maria Keller, Professor of Textiles @ Lakeside University"},
        {"Hosted by Brightwater, Seven Oaks Ventures and Lakeside University.",
         "host [Brightwater]; host [Seven Oaks Ventures]; host [Lakeside University]"},
        {"Hosted by [Acme Growers Network](https://agn.example) (AGN), [Lakeside Labs]"
         "(https://lakeside.example), and [Ada & Sons](https://ada.example).",
         "host [Acme Growers Network]; host [Lakeside Labs]; host [Ada & Sons]"},
        {"Hosted by Maria Keller & Tom Okafor.", "host Maria Keller; host Tom Okafor"},
        {"In partnership with Brightwater and dev.example.",
         "partner [Brightwater]; partner [dev.example]"},
        {"Sponsored by the Harbour Hotel and Weaver & Knight.",
         "sponsor [Harbour Hotel]; sponsor [Weaver & Knight]"},
        {"Brightwater and Seven Oaks are teaming up for an evening of looms.",
         "host [Brightwater]; host [Seven Oaks]"},
        {"Join Brightwater, Lakeside Labs and Seven Oaks for an evening of looms.",
         "host [Brightwater]; host [Lakeside Labs]; host [Seven Oaks]"},
        {"Join us for an evening. Join Discord for updates. Powered by AI.", ""},
        {"We're back at the Brightwater office!", "venue [Brightwater]"},
        {"Brightwater, together with the Seven Oaks Foundation, is hosting an evening of looms.",
         "host [Brightwater]; host [Seven Oaks Foundation]"},
        {"Maria Keller, together with Brightwater, is hosting an evening of looms.",
         "host Maria Keller; host [Brightwater]"},
        {"Venue sponsor: Brightwater. Food sponsor: Seven Oaks.",
         "sponsor [Brightwater]; sponsor [Seven Oaks]"},
    };
    CHECK_PROSE("An evening of looms", examples);
}

static void test_companies(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"# Partners:\n\n**Brightwater:** Brightwater is building looms.\n\n**Seven Oaks:** Seven "
         "Oaks "
         "gives money.\n\nFollow us on the usual channels.",
         "partner [Brightwater]; partner [Seven Oaks]"},
        {"Thanks to our sponsors: Brightwater, Seven Oaks & True Weave.",
         "sponsor [Brightwater]; sponsor [Seven Oaks]; sponsor [True Weave]"},
        {"Venue Sponsor: Brightwater Consulting", "sponsor [Brightwater Consulting]"},
        {"**Hosted by the Harbour Trade Commission**", "host [Harbour Trade Commission]"},
        {"We are proud to partner with [Brightwater](https://brightwater.example) and Oldmill.",
         "partner [Brightwater]; partner [Oldmill]"},
        {"In collaboration with [loom club](https://a.example), film club, [knots and co]"
         "(https://b.example), and Brightwater",
         "partner [loom club]; partner [film club]; partner [knots and co]; partner [Brightwater]"},
        {"Big thanks to Oldmill for hosting us, and to Tom Okafor for all his help!",
         "sponsor [Oldmill]"},
        {"Thanks to our generous sponsors Brightwater, Oldmill, and Women Who Weave.",
         "sponsor [Brightwater]; sponsor [Oldmill]; sponsor [Women Who Weave]"},
        {"Join Oldmill's Loom team for an evening at Brightwater's office.",
         "host [Oldmill]; venue [Brightwater]"},
        {"Event partners: Brightwater (https://b.example), Oldmill (https://o.example)",
         "partner [Brightwater]; partner [Oldmill]"},
        {"Space generously provided by Brightwater. Huge thanks to Oldmill for the food and Loomly "
         "for "
         "the drinks!",
         "venue [Brightwater]; sponsor [Oldmill]; sponsor [Loomly]"},
        {"Title Sponsor – Brightwater\nSilver Sponsors – Oldmill, Loomly",
         "sponsor [Brightwater]; sponsor [Oldmill]; sponsor [Loomly]"},
        {"Brought to you by the teams at Brightwater and Oldmill",
         "host [Brightwater]; host [Oldmill]"},
        {"\U0001F4CD The Loom Room\n12 Shuttle Street", "venue [The Loom Room]"},
        {"Thank you to our venue partner Brightwater and our drinks sponsor Oldmill.",
         "partner [Brightwater]; sponsor [Oldmill]"},
        {"We'll gather at The Weaving Hall in the old town.", "venue [The Weaving Hall]"},
        {"Hosted by Brightwater × Oldmill.", "host [Brightwater]; host [Oldmill]"},
        {"Community partners\n\n- MHG (Mid-Harbour Guild)\n- Lakeside Labs",
         "partner [MHG]; partner [Lakeside Labs]"},
        {"Venue: The Great Loom, Quay 5", "venue [The Great Loom]"},
        {"Location: 12 Weaver Street", ""},
        {"## Hosted by\n\n**Brightwater Labs** — Maria Keller (CEO), Tom Okafor (CTO)",
         "host Maria Keller, CEO; host Tom Okafor, CTO; host [Brightwater Labs]"},
    };
    CHECK_PROSE("An evening of looms", examples);
}

static void test_sentences(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"But what does it mean? Maria Keller (CEO, Brightwater), Tom Okafor (Analyst, Seven "
         "Oaks), "
         "and Ken Watanabe (Engineer, Oldmill) share how looms learn.",
         "speaker Maria Keller, CEO @ Brightwater; speaker Tom Okafor, Analyst @ Seven Oaks; "
         "speaker Ken Watanabe, Engineer @ Oldmill"},
        {"A fund founded by Maria Keller (CEO, Brightwater) and Tom Okafor (Analyst, Seven Oaks).",
         ""},
        {"We are delighted to host Maria Keller, CEO of Brightwater as part of our series.",
         "speaker Maria Keller, CEO @ Brightwater"},
        {"We are thrilled to welcome Qoro Vexlund, Oldmill staff member, for a chat.",
         "speaker Qoro Vexlund, Oldmill staff member"},
        {"We are excited to host Happy Hour at the fair.", ""},
        {"In this lecture, weaver Maria Keller breaks down how looms began.",
         "speaker Maria Keller"},
        {"In this talk, Maria Keller—who has woven for years, and dyed—explores looms.",
         "speaker Maria Keller"},
        {"Maria Keller presents A Loom of One's Own.", "speaker Maria Keller"},
        {"Tonight's speakers: Maria Keller (Brightwater) on looms; Tom Okafor (Oldmill) on wefts.",
         "speaker Maria Keller @ Brightwater; speaker Tom Okafor @ Oldmill"},
        {"Maria Keller and Tom Okafor of Oldmill discuss the future of looms.",
         "speaker Maria Keller; speaker Tom Okafor @ Oldmill"},
        {"A conversation between Maria Keller, CEO of Brightwater, and Tom Okafor, partner at "
         "Oldmill.",
         "speaker Maria Keller, CEO @ Brightwater; speaker Tom Okafor, partner @ Oldmill"},
        {"The fair opens with the conversation between Maria Keller and Tom Okafor.", ""},
        {"Hear how Maria Keller built Brightwater.", "speaker Maria Keller"},
        {"AMA: Maria Keller, CTO of Brightwater", "speaker Maria Keller, CTO @ Brightwater"},
        {"Join Maria Keller (Brightwater), Tom Okafor (Oldmill) and Ken Watanabe (Loomly) for a "
         "night.",
         "speaker Maria Keller; speaker Tom Okafor; speaker Ken Watanabe"},
        {"Our guest this month is Maria Keller, head of looms at Brightwater.",
         "speaker Maria Keller, head of looms @ Brightwater"},
        {"Speaker lineup (more soon):\n- Maria Keller - Brightwater\n- Tom Okafor - Oldmill",
         "speaker Maria Keller @ Brightwater; speaker Tom Okafor @ Oldmill"},
        {"Talks:\n\n\U0001F9F5 Scaling Looms — Maria Keller\n\U0001F9F5 Wefts — Tom Okafor",
         "speaker Maria Keller; speaker Tom Okafor"},
        {"Maria Keller\nFounder & CEO, Brightwater\n\nTom Okafor\nPartner, Oldmill Ventures",
         "speaker Maria Keller, Founder & CEO @ Brightwater; speaker Tom Okafor, Partner @ Oldmill "
         "Ventures"},
        {"**Maria Keller, Brightwater**: Looms at scale", "speaker Maria Keller @ Brightwater"},
        {"Our very own Maria Keller will walk us through the loom, then a demo from Tom Okafor of "
         "Oldmill.",
         "speaker Tom Okafor @ Oldmill; speaker Maria Keller"},
        {"Led by certified weaving teacher Maria Keller, this class is for all.",
         "speaker Maria Keller"},
        {"The panel will feature Maria Keller (Brightwater) and Tom Okafor (Oldmill), moderated by "
         "Ken Watanabe.",
         "panelist Maria Keller @ Brightwater; panelist Tom Okafor @ Oldmill; moderator Ken "
         "Watanabe"},
        {"Judges include Maria Keller (CTO, Brightwater) and Tom Okafor.",
         "judge Maria Keller, CTO @ Brightwater; judge Tom Okafor"},
        {"Past speakers include Maria Keller (CTO, Brightwater) and Tom Okafor.", ""},
        {"Demos from Brightwater (Maria Keller), Oldmill (Tom Okafor) and others.",
         "speaker Maria Keller @ Brightwater; speaker Tom Okafor @ Oldmill"},
        {"Confirmed speakers so far: Maria Keller (Brightwater), Tom Okafor (Oldmill), and more "
         "TBA!",
         "speaker Maria Keller @ Brightwater; speaker Tom Okafor @ Oldmill"},
        {"We'll hear from:\n\n1. Maria Keller (Brightwater)\n2. Tom Okafor (Oldmill)",
         "speaker Maria Keller @ Brightwater; speaker Tom Okafor @ Oldmill"},
        {"- 6:00 PM: Doors\n- 6:30 PM: Welcome (Maria Keller, Brightwater)",
         "speaker Maria Keller @ Brightwater"},
        {"- \"Why looms?\" — Maria Keller (Brightwater)", "speaker Maria Keller @ Brightwater"},
        {"About the instructor\n\nMaria Keller is a weaver and educator.",
         "speaker Maria Keller, weaver and educator"},
        {"Your guide: Maria Keller", "speaker Maria Keller"},
        {"- A talk by Maria Keller, Director of Weaving, Brightwater\n- A demo of the loom by Tom "
         "Okafor\n- Pizza",
         "speaker Maria Keller, Director of Weaving @ Brightwater; speaker Tom Okafor"},
        {"The jury: Maria Keller of Brightwater, Tom Okafor of Oldmill",
         "judge Maria Keller @ Brightwater; judge Tom Okafor @ Oldmill"},
        {"Chef Maria Keller will prepare five courses.", "speaker Maria Keller"},
        {"Author Maria Keller joins us to discuss her new book.", "speaker Maria Keller"},
        {"Comedians Maria Keller and Tom Okafor perform.",
         "speaker Maria Keller; speaker Tom Okafor"},
        {"Come hear Maria Keller talk about looms.", "speaker Maria Keller"},
        {"Your hosts for the night: Maria Keller and Tom Okafor",
         "host Maria Keller; host Tom Okafor"},
        {"Oldmill is backed by Seven Oaks Capital, Maria Keller (CEO of Brightwater) and more.",
         ""},
        {"Hosted by Maria Keller, Qoro Vexlund, Tom Okafor, and Ken Watanabe.",
         "host Maria Keller; host Qoro Vexlund; host Tom Okafor; host Ken Watanabe"},
        {"An evening curated by\nMaria Keller (CEO, Brightwater)\nTom Okafor (Analyst, Seven Oaks)",
         "host Maria Keller, CEO @ Brightwater; host Tom Okafor, Analyst @ Seven Oaks"},
        {"Our acts are:\n\n- Maria Keller- stand up comedy\n- Tom Okafor - singer",
         "speaker Maria Keller; speaker Tom Okafor, singer"},
        {"(1) Maria Keller, CTO at Brightwater\n\n(2) Tom Okafor, Analyst at Seven Oaks",
         "speaker Maria Keller, CTO @ Brightwater; speaker Tom Okafor, Analyst @ Seven Oaks"},
        {"- 6:00 PM: Weaving at Scale (Maria Keller - Brightwater - Engineer)",
         "speaker Maria Keller, Engineer @ Brightwater"},
        {"- [Oldmill](https://o.example) (Seven Oaks, Tom Okafor) looms for all", ""},
    };
    CHECK_PROSE("An evening of looms", examples);
    static const struct example in_name[] = {{"Doors open at six.", "speaker Maria Keller"}};
    CHECK_PROSE("Weaving, today and tomorrow with Maria Keller — Brightwater", in_name);
    CHECK_PROSE("Maria Keller on weaving", in_name);
    CHECK_PROSE("Weaving ft. Maria Keller", in_name);
    static const struct example company_in_name[] = {{"Doors open at six.", ""}};
    CHECK_PROSE("Weaving with Brightwater Looms", company_in_name);
}

// What a description names besides those who take part.
static void test_nobody(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"## Past speakers\n\n- Maria Keller, CEO, Brightwater", ""},
        {"No competition. No judges. Just a room full of people who love looms.", ""},
        {"## Who should come\n\n- Data and AI engineering leaders\n- Heads of Platform", ""},
        {"## About Brightwater\n\nFounded by Maria Keller, Brightwater is backed by Seven Oaks.",
         ""},
        {"Apply to judge: we are looking for judges and mentors.", ""},
        {"If you sponsor us, email us. Space is limited. Registration is required.", ""},
        {"**Prizes**\n\n- Grand Prize: Mac Mini\n- Second Place: Loom Credits", ""},
        {"- The Weavers of Glass, by Maria Keller (Read)\n- A Loom of One's Own, by Tom Okafor",
         ""},
        {"“Best evening ever!” – Maria Keller, CEO of Brightwater", ""},
        {"Photos by Maria Keller. Follow Tom Okafor on X. Read more about Ken Watanabe's work.",
         ""},
        {"Investors attending include Maria Keller (Seven Oaks) and Tom Okafor (Oldmill).", ""},
        {"Our community has members from Brightwater, Oldmill and Seven Oaks.", ""},
        {"- **Gold Sponsor: $2495**\n  - Wifi and outlet\n- **Silver Sponsor: $995**\n  - Six "
         "tables",
         ""},
        {"Weaving is powered by our Loom Engine. A big thank you to [Soleia]"
         "(https://x.example/soleia) for moderating.",
         ""},
        {"An evening curated by\n\n- Maria Keller (CEO, Brightwater)\n\n**Founders of companies "
         "that "
         "join:**\n\n- [Decaloom](https://d.example) (Seven Oaks) - looms\n- "
         "[Fleetloom](https://f.example) - more looms",
         "host Maria Keller, CEO @ Brightwater"},
        {"Spaces are limited; Redwood City, San Francisco and Palo Alto are near.", ""},
    };
    CHECK_PROSE("An evening of looms", examples);
}

// Prose and structured data speak of the same people.
static void test_settling(void **state)
{
    (void)state;
    struct record record;
    record_init(&record, arena);
    record.kind = PAGE_EVENT;
    record_set_cstr(&record, FIELD_NAME, METHOD_NEXT_DATA, "An evening of looms");
    record_add_person(&record, (struct person){.name = SLICE("Maria"),
                                               .role = "host",
                                               .method = METHOD_NEXT_DATA,
                                               .confidence = 0.85});
    record_add_company(&record, (struct company){.name = SLICE("Brightwater"),
                                                 .relationship = "host",
                                                 .method = METHOD_NEXT_DATA,
                                                 .confidence = 0.9});
    record_set_prose(
        &record, METHOD_NEXT_DATA,
        markdown_read(arena,
                      SLICE("Moderator: Maria Keller, Editor at The Daily Loom\n\nPowered by "
                            "Brightwater")));
    prose_read(&record);
    assert_string_equal(
        prose_found(&record),
        "host Maria Keller, Editor @ The Daily Loom; moderator Maria Keller, Editor "
        "@ The Daily Loom; host [Brightwater]");
}

static struct record read_with_host(const char *host, const char *text)
{
    struct record record;
    record_init(&record, arena);
    record.kind = PAGE_EVENT;
    record_set_cstr(&record, FIELD_NAME, METHOD_NEXT_DATA, "An evening of looms");
    record_add_person(&record, (struct person){.name = slice_from_cstr(host),
                                               .role = "host",
                                               .method = METHOD_NEXT_DATA,
                                               .confidence = 0.85});
    record_set_prose(&record, METHOD_NEXT_DATA, markdown_read(arena, slice_from_cstr(text)));
    prose_read(&record);
    return record;
}

// Visible hosts of whom the text says more than the page's own fields.
static void test_known(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"Join [Maria Keller](https://www.linkedin.com/in/maria), Founder of Brightwater and "
         "former "
         "Analyst at Oldmill, for dinner.",
         "host Maria Keller, Founder @ Brightwater"},
        {"Weavers love looms. Maria Keller is the CEO of Brightwater.",
         "host Maria Keller, CEO @ Brightwater"},
        {"Brightwater makes looms. Founded by Maria Keller, a former engineer, it grows.",
         "host Maria Keller, Founder"},
        {"Maria Keller is excited to meet you.", "host Maria Keller"},
    };
    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        struct record record = read_with_host("Maria Keller", examples[i].text);
        assert_string_equal(prose_found(&record), examples[i].found);
    }
}

// A visible host with an initial, whose family name the text tells.
static void test_initials(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"Maria Keller has taught hundreds to weave. Maria Keller lives by the lake.",
         "host Maria Keller"},
        {"Maria Keller and Maria Kowalska weave.", "host Maria K"},
        {"Nobody is named here.", "host Maria K"},
    };
    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        struct record record = read_with_host("Maria K", examples[i].text);
        assert_string_equal(prose_found(&record), examples[i].found);
    }
}

static void test_evidence(void **state)
{
    (void)state;
    struct record record =
        prose_event("An evening of looms", "Speakers:\n\n- [Maria Keller]"
                                           "(https://www.linkedin.com/in/maria), CEO, Brightwater");
    assert_int_equal(record.people_count, 1);
    const struct person *person = &record.people[0];
    assert_int_equal(person->method, METHOD_RULE);
    assert_in_range((int)(person->confidence * 100), 60, 95);
    assert_true(slice_equal(person->evidence, SLICE("Maria Keller, CEO, Brightwater")));
    assert_true(
        slice_equal(person->links[LINK_LINKEDIN], SLICE("https://www.linkedin.com/in/maria")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entries),   cmocka_unit_test(test_panels),
        cmocka_unit_test(test_slots),     cmocka_unit_test(test_phrases),
        cmocka_unit_test(test_companies), cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_nobody),    cmocka_unit_test(test_settling),
        cmocka_unit_test(test_initials),  cmocka_unit_test(test_known),
        cmocka_unit_test(test_evidence),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
