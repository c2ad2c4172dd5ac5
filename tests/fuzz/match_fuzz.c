// Any bytes as two records, parted by line ends: the answer is finite, of one decision, and the same the
// other way round.
#include "lib/base/arena.h"
#include "lib/base/ensure.h"
#include "lib/match/match.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slice next_line(struct slice *rest)
{
    struct slice line = {0};
    slice_split_next(rest, '\n', &line);
    return line;
}

static void check(const struct match_answer *one, const struct match_answer *two)
{
    ensure(isfinite(one->weight) && one->probability >= 0 && one->probability <= 1);
    ensure(one->weight == two->weight && one->decision == two->decision);
    ensure(one->step_count <= MATCH_MAX_STEPS);
}

static struct match_person read_person(struct slice *rest)
{
    struct match_person person = {.name = next_line(rest), .company = next_line(rest)};
    person.links[person.link_count++] = next_line(rest);
    person.email = next_line(rest);
    person.bio = next_line(rest);
    return person;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { ARENA_BYTES = 64 * 1024 * 1024 };
    struct arena *arena = arena_new(ARENA_BYTES);
    const struct match_model *model = match_model_get();
    struct slice rest = {(const char *)data, size};
    struct match_person a = read_person(&rest), b = read_person(&rest);
    struct match_answer one, two;
    match_people(model, arena, &a, &b, &one);
    match_people(model, arena, &b, &a, &two);
    check(&one, &two);
    struct match_company c = {.name = a.name, .links = {a.links[0]}, .link_count = 1};
    struct match_company d = {.name = b.name, .links = {b.links[0]}, .link_count = 1};
    match_companies(model, arena, &c, &d, &one);
    match_companies(model, arena, &d, &c, &two);
    check(&one, &two);
    struct match_event e = {
        .name = a.name, .place = a.company, .url = a.links[0], .starts_at = a.email};
    struct match_event f = {
        .name = b.name, .place = b.company, .url = b.links[0], .starts_at = b.email};
    match_events(model, arena, &e, &f, &one);
    match_events(model, arena, &f, &e, &two);
    check(&one, &two);
    arena_free(arena);
    return 0;
}
