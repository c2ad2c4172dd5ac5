// What an event is about, from invented titles and texts.
#include "extractor/topics/topics.h"

#include "extractor/prose/markdown.h"
#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct record event(const char *title, const char *text)
{
    struct record record;
    record_init(&record, arena);
    record.kind = PAGE_EVENT;
    record_set_cstr(&record, FIELD_NAME, METHOD_NEXT_DATA, title);
    record_set_prose(&record, METHOD_NEXT_DATA, markdown_read(arena, slice_from_cstr(text)));
    return record;
}

static void tag(struct record *record, const char *name)
{
    record_add_topic(record, (struct topic){.name = slice_from_cstr(name),
                                            .category = "industry",
                                            .relevance = 0.8,
                                            .method = METHOD_NEXT_DATA,
                                            .confidence = 0.95});
}

static const struct topic *find(const struct record *record, const char *name)
{
    for (size_t i = 0; i < record->topics_count; i++)
        if (slice_equal(record->topics[i].name, slice_from_cstr(name)))
            return &record->topics[i];
    return NULL;
}

// " A; B;", in order of relevance.
static const char *names(const struct record *record)
{
    const char *joined = "";
    for (size_t i = 0; i < record->topics_count; i++)
        joined = arena_printf(arena, "%s %.*s;", joined, SLICE_FMT(record->topics[i].name));
    return joined;
}

static const char *topics_of(const char *title, const char *text)
{
    struct record record = event(title, text);
    topics_read(&record);
    return names(&record);
}

static void test_titles(void **state)
{
    (void)state;
    assert_string_equal(topics_of("Rust Meetup", ""), " Meetup; Rust; Systems programming;");
    assert_string_equal(topics_of("Pottery in Thailand's rusty fields", ""), " Ceramics; Crafts;");
    // The narrower one is shown, not the broad one.
    assert_string_equal(topics_of("AI agents at work", ""), " AI agents;");
    // Where it is says little.
    assert_string_equal(topics_of("Tea ceremony @ Grand Theater", ""),
                        topics_of("Tea ceremony @ Grand Hall", ""));
    assert_string_equal(topics_of("Loom evening", ""), "");
    // By whom it is says little too.
    assert_null(strstr(topics_of("Chess night w/ Quill Databases", ""), "Databases"));
    assert_non_null(strstr(topics_of("Chess night w/ Quill Databases", ""), "Chess"));
    assert_null(strstr(topics_of("Chess night by Quill Databases", ""), "Databases"));
}

// A kind of event that people put on, and what it is filtered by.
static void test_kinds_of_events(void **state)
{
    (void)state;
    static const struct {
        const char *title, *topic;
    } cases[] = {
        {"Quill Tech Meetup", "Tech;"},
        {"Loom poetry slam", "Poetry;"},
        {"Krava fencing & krav maga intro", "Martial arts;"},
        {"Self-defense for weavers", "Martial arts;"},
        {"Torah and tea", "Religion & spirituality;"},
        {"Critical Mass Ride", "Bike ride;"},
        {"Kintsugi for a rainy day", "Crafts;"},
        {"Hanukkah at the mill", "Religion & spirituality;"},
        {"Oktoberfest at the mill", "Holidays & traditions;"},
        {"Young professionals at the mill", "Young professionals;"},
        {"First-time home buyers at the mill", "Real estate;"},
        {"Feng shui for weavers", "Interior design;"},
        {"Sexual health for everybody", "Sexuality & intimacy;"},
        {"Rewilding the river bank", "Nature & wildlife;"},
        {"Disinformation in small towns", "Journalism;"},
        {"OWASP chapter meeting", "Cybersecurity;"},
        {"Polkadot night", "Crypto;"},
        {"LLVM night", "Meetup;"},
        {"Pub quiz for weavers", "Trivia night;"},
        {"Half marathon through the valley", "Race;"},
        {"Choir rehearsal", "Rehearsal;"},
        {"Clothes swap at the mill", "Clothing swap;"},
        {"Bachata night", "Dance event;"},
        {"Show & Tell at the mill", "Demo day;"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *found = topics_of(cases[i].title, "");
        if (!strstr(found, cases[i].topic))
            fail_msg("%s:%s, not %s", cases[i].title, found, cases[i].topic);
    }
}

static void add_people(struct record *record, const char *role, size_t count)
{
    for (size_t i = 0; i < count; i++)
        record_add_person(record, (struct person){.name = slice_from_cstr(arena_printf(
                                                      arena, "Ada Loom%c", (char)('a' + i))),
                                                  .role = role,
                                                  .method = METHOD_RULE,
                                                  .confidence = 0.9});
}

static const char *topics_with(const char *role, size_t count)
{
    struct record record = event("Loom evening", "");
    add_people(&record, role, count);
    topics_read(&record);
    return names(&record);
}

// An evening of several talks is a meetup, whoever says so or not.
static void test_who_takes_part(void **state)
{
    (void)state;
    assert_string_equal(topics_with("speaker", 1), "");
    assert_string_equal(topics_with("speaker", 4), " Meetup;");
    assert_string_equal(topics_with("speaker", 7), "");
    assert_string_equal(topics_with("speaker", 12), " Conference;");
    assert_string_equal(topics_with("panelist", 3), " Panel;");
    assert_string_equal(topics_with("moderator", 1), " Panel;");
    assert_string_equal(topics_with("host", 4), "");
    // A title says more.
    struct record record = event("Loom workshop", "");
    add_people(&record, "speaker", 3);
    topics_read(&record);
    assert_string_equal(names(&record), " Workshop;");
}

// What nobody writes: it follows from what is described.
static void test_formats_that_are_described(void **state)
{
    (void)state;
    assert_non_null(
        strstr(topics_of("Loom evening", "Join us for drinks and good conversation.\n\n"
                                         "Come and connect with the weavers of the town.\n"),
               "Networking;"));
    // One word of the kind is not enough, and neither are words of what is not there.
    assert_string_equal(topics_of("Loom evening", "We weave. Then we make a connection."), "");
    assert_string_equal(topics_of("Loom evening", "A day of weaving, without networking."), "");
    assert_non_null(strstr(topics_of("Orange threads", "We rented out a theater to screen it.\n"),
                           "Screening;"));
    // A film is shown, so it is about film.
    assert_non_null(strstr(topics_of("Screening of the Loom", ""), "Film;"));
}

static void test_how_many(void **state)
{
    (void)state;
    // The first two topics from a lower sum on, a third one if much speaks for it.
    const char *once = "Looms and robotics, and how they sing of yoga.\n\nAnd chess.\n";
    assert_null(strstr(topics_of("Rust, Kubernetes", once), "Robotics"));
    // One format at least, if anything speaks for one; a part of the programme beside it.
    assert_string_equal(topics_of("Looms", "A workshop for weavers.\n"), " Workshop;");
    assert_string_equal(topics_of("Weavers' picnic",
                                  "Agenda:\n\n- 18:00 Panel\n- 19:00 Open networking\n"
                                  "- 20:00 Networking\n"),
                        " Picnic; Networking;");
}

// The house that lends the room tells of itself on every page.
static void test_the_house_is_not_the_event(void **state)
{
    (void)state;
    assert_string_equal(topics_of("Placeholder",
                                  "This event is hosted at the Loom Tower:\n\n"
                                  "Sixteen floors of AI, robotics, biotech, longevity and music. "
                                  "We bring creative people together for good conversation.\n\n"
                                  "**Why should I become a citizen?**\n\n"
                                  "- Connect with the people who build robotics\n"
                                  "- Drinks and networking\n"),
                        "");
    // "About ..." at the beginning is about the event.
    assert_non_null(strstr(topics_of("Loom stroll", "**About the Loom Stroll**\n\n"
                                                    "A networking event in the park.\n"),
                           "Networking;"));
}

static void test_where_a_word_stands(void **state)
{
    (void)state;
    assert_non_null(
        strstr(topics_of("Loom evening", "Agenda:\n\n- 18:00 Networking\n"), "Networking"));
    assert_string_equal(topics_of("Loom evening", "There will be no networking."), "");
    assert_string_equal(topics_of("Loom evening", "A talk, rather than a workshop."), "");
    // Who should come, who speaks and who pays are not what it is about.
    assert_string_equal(topics_of("Loom evening",
                                  "**Who should attend**\n\n- Robotics people\n- Fintech people\n\n"
                                  "**Sponsors**\n\nA blockchain bank\n"),
                        "");
    assert_string_equal(topics_of("Loom evening", "With Ada, Head of Robotics."), "");
    // What is said again and again is.
    assert_non_null(
        strstr(topics_of("Loom evening", "Looms and robotics.\n\nRobotics for looms.\n\n"
                                         "Why robotics?"),
               "Robotics"));
}

static void test_categories_are_one_sign(void **state)
{
    (void)state;
    struct record record = event("Loom evening", "We weave.");
    tag(&record, "AI");
    tag(&record, "Looms & thread"); // one that the table does not know stays
    topics_read(&record);
    assert_string_equal(names(&record), " Looms & thread;");
    record = event("Loom evening", "How AI weaves.");
    tag(&record, "AI");
    tag(&record, "Arts & Culture"); // a broad one that no word supports
    topics_read(&record);
    assert_string_equal(names(&record), " AI;");
    assert_int_equal(find(&record, "AI")->method, METHOD_NEXT_DATA);
    // One that a narrower topic supports does not lose its place to that.
    record = event("Fintech, payments & pastries", "");
    tag(&record, "Food & Drink");
    topics_read(&record);
    assert_non_null(find(&record, "Food & drink"));
    record = event("Sake tasting", "");
    tag(&record, "Food & Drink");
    topics_read(&record);
    assert_string_equal(find(&record, "Food & drink")->category, "industry");
    assert_string_equal(find(&record, "Tasting")->category, "format");
    assert_int_equal(find(&record, "Tasting")->method, METHOD_RULE);
}

static void test_few_are_shown(void **state)
{
    (void)state;
    struct record record =
        event("Robotics, fintech, climate, yoga, chess and film: workshop, panel, "
              "meetup, hackathon, dinner",
              "");
    topics_read(&record);
    assert_int_equal(record.topics_count, TOPICS_MAX_SHOWN);
    for (size_t i = 1; i < record.topics_count; i++)
        assert_true(record.topics[i].relevance <= record.topics[i - 1].relevance);
    // No event, no topics.
    record = event("Rust Meetup", "");
    record.kind = PAGE_CALENDAR;
    tag(&record, "AI");
    topics_read(&record);
    assert_int_equal(record.topics_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_titles),
        cmocka_unit_test(test_kinds_of_events),
        cmocka_unit_test(test_who_takes_part),
        cmocka_unit_test(test_formats_that_are_described),
        cmocka_unit_test(test_how_many),
        cmocka_unit_test(test_the_house_is_not_the_event),
        cmocka_unit_test(test_where_a_word_stands),
        cmocka_unit_test(test_categories_are_one_sign),
        cmocka_unit_test(test_few_are_shown),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
