// People and companies from invented descriptions, in the ways people write them.
#include "extractor/prose/prose.h"

#include "extractor/prose/markdown.h"
#include "lib/base/buffer.h"
#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct record read_event(const char *name, const char *text)
{
    struct record record;
    record_init(&record, arena);
    record.kind = PAGE_EVENT;
    record_set_cstr(&record, FIELD_NAME, METHOD_NEXT_DATA, name);
    record_set_prose(&record, METHOD_NEXT_DATA, markdown_read(arena, slice_from_cstr(text)));
    prose_read(&record);
    return record;
}

static void append_slice(struct buffer *out, const char *before, struct slice text)
{
    if (!text.len)
        return;
    buffer_append_cstr(out, before);
    buffer_append(out, text);
}

// "speaker Ada Byron, Founder @ Acme; host [Acme]": people first, companies in brackets.
static const char *found(const struct record *record)
{
    struct buffer out CLEANUP(buffer_done);
    buffer_init(&out, 64 * 1024);
    for (size_t i = 0; i < record->people_count; i++) {
        const struct person *person = &record->people[i];
        buffer_append_cstr(&out, out.len ? "; " : "");
        buffer_printf(&out, "%s %.*s", person->role, SLICE_FMT(person->name));
        append_slice(&out, ", ", person->title);
        append_slice(&out, " @ ", person->company);
    }
    for (size_t i = 0; i < record->companies_count; i++) {
        const struct company *company = &record->companies[i];
        buffer_append_cstr(&out, out.len ? "; " : "");
        buffer_printf(&out, "%s [%.*s]", company->relationship, SLICE_FMT(company->name));
    }
    return arena_cstr(arena, buffer_slice(&out));
}

struct example {
    const char *text, *found;
};

static void check(const char *name, const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct record record = read_event(name, examples[i].text);
        if (strcmp(found(&record), examples[i].found) != 0)
            print_error("of: %s\n", examples[i].text);
        assert_string_equal(found(&record), examples[i].found);
    }
}

#define CHECK(name, examples) check(name, examples, ARRAY_LEN(examples))

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
    CHECK("An evening of looms", examples);
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
    CHECK("An evening of looms", examples);
    static const struct example in_name[] = {
        {"**Tom Okafor — Founder, Seven Oaks**", "panelist Tom Okafor, Founder @ Seven Oaks"},
    };
    CHECK("Panel: looms at scale", in_name);
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
        {"- 6:20–6:40 — Brightwater talk: Maria Keller — Staff Engineer",
         "speaker Maria Keller, Staff Engineer"},
        {"- 7:00 PM: Lunch\n- 8:00 PM: Open Networking\n- 9:00 PM: Happy Hour", ""},
    };
    CHECK("An evening of looms", examples);
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
    };
    CHECK("An evening of looms", examples);
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
        {"Community partners\n\n- MHG (Mid-Harbour Guild)\n- Lakeside Labs",
         "partner [MHG]; partner [Lakeside Labs]"},
        {"Venue: The Great Loom, Quay 5", "venue [The Great Loom]"},
        {"Location: 12 Weaver Street", ""},
        {"## Hosted by\n\n**Brightwater Labs** — Maria Keller (CEO), Tom Okafor (CTO)",
         "host Maria Keller, CEO; host Tom Okafor, CTO; host [Brightwater Labs]"},
    };
    CHECK("An evening of looms", examples);
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
        {"Spaces are limited; Redwood City, San Francisco and Palo Alto are near.", ""},
    };
    CHECK("An evening of looms", examples);
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
        found(&record),
        "host Maria Keller, Editor @ The Daily Loom; moderator Maria Keller, Editor "
        "@ The Daily Loom; host [Brightwater]");
}

static void test_evidence(void **state)
{
    (void)state;
    struct record record =
        read_event("An evening of looms", "Speakers:\n\n- [Maria Keller]"
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
        cmocka_unit_test(test_companies), cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_settling),  cmocka_unit_test(test_evidence),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
