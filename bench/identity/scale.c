// People as a catalogue of any size has them, and how long it takes to find out whom a page means. For scale.py:
//
//   identity_scale people COUNT      people as lines: id, name, company or \N, LinkedIn handle or \N, id of whom it is
//                                    another spelling of or \N
//   identity_scale keys URL          gives all of the database their keys; seconds
//   identity_scale resolve URL COUNT FROM MENTIONS
//                                    resolves so many mentions, those with the numbers from FROM on, each in a
//                                    transaction that is rolled back: half of them other spellings of people of the
//                                    catalogue, half of them new people: ms for finding out whom each means
//                                    (matching), and with writing it down (all)
//
// Given and family names are drawn by how frequent they are (data/name_frequencies.tsv); three families in ten have
// names that hardly anybody else has.
#include "lib/base/digest.h"
#include "lib/match/wordlist.h"
#include "lib/text/lexicon.h"
#include "lib/text/names.h"
#include "processor/deduplication/refill.h"
#include "processor/processing/pipeline.h"
#include "processor/relationships/resolver.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_NAME = 96, ARENA_BYTES = 64 * 1024 * 1024 };

// ---- drawing

// SplitMix64 (Steele, Lea, Flood 2014): the same numbers everywhere, from any index.
static uint64_t draw(uint64_t seed, uint64_t index)
{
    uint64_t z = seed * 0x9e3779b97f4a7c15 + index * 0xbf58476d1ce4e5b9 + 0x94d049bb133111eb;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static double share(uint64_t seed, uint64_t index)
{
    return (double)(draw(seed, index) >> 11) / (double)(1ULL << 53);
}

struct pool {
    struct slice *words;
    double *until; // sums of the weights
    size_t count;
};

static struct pool given, family;

static struct pool read_pool(unsigned flag)
{
    static const double uncounted = 0.4; // of 100,000: the table counts from one on
    struct pool pool = {calloc(lexicon_count, sizeof *pool.words),
                        calloc(lexicon_count, sizeof *pool.until), 0};
    double sum = 0;
    for (unsigned i = 0; i < lexicon_count; i++) {
        const char *row = (const char *)lexicon_text + lexicon_offsets[i];
        struct slice word = {row + 1, lexicon_offsets[i + 1] - lexicon_offsets[i] - 1};
        if (!((unsigned char)row[0] & flag))
            continue;
        unsigned frequency = wordlist_name_frequency(word);
        sum += frequency ? frequency : uncounted;
        pool.words[pool.count] = word;
        pool.until[pool.count++] = sum;
    }
    return pool;
}

static struct slice pick(const struct pool *pool, double at)
{
    double wanted = at * pool->until[pool->count - 1];
    size_t low = 0, high = pool->count - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (pool->until[middle] <= wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return pool->words[low];
}

static void append_word(char *text, size_t *used, struct slice word)
{
    if (*used + word.len + 2 >= MAX_NAME)
        return;
    if (*used)
        text[(*used)++] = ' ';
    memcpy(text + *used, word.ptr, word.len);
    if (text[*used] >= 'a' && text[*used] <= 'z')
        text[*used] = (char)(text[*used] - 32);
    *used += word.len;
    text[*used] = '\0';
}

// A family name of four syllables.
static struct slice rare_family(uint64_t index, char out[static 32])
{
    static const char *const heads[] = {"b",  "d",  "f",  "g",  "h", "k",   "l",  "m",
                                        "n",  "p",  "r",  "s",  "t", "v",   "br", "dr",
                                        "gr", "kr", "st", "tr", "z", "sch", "w",  "c"};
    static const char *const tails[] = {"a",  "e",  "i",  "o",  "u",  "an", "en",
                                        "in", "on", "ar", "er", "or", "el", "al"};
    size_t used = 0;
    uint64_t bits = draw(71, index);
    for (int i = 0; i < 4; i++) {
        used += (size_t)snprintf(out + used, 32 - used, "%s%s", heads[bits % ARRAY_LEN(heads)],
                                 tails[(bits >> 8) % ARRAY_LEN(tails)]);
        bits = draw(72, bits);
    }
    return (struct slice){out, used};
}

// Two invented words, so that two companies share none.
static void make_company(uint64_t number, char out[static 64])
{
    char one[32], two[32];
    struct slice first = rare_family(number + 1000000000, one),
                 second = rare_family(number + 2000000000, two);
    snprintf(out, 64, "%.*s %.*s", SLICE_FMT(first), SLICE_FMT(second));
}

struct person {
    char name[MAX_NAME], company[64], handle[96];
    struct slice given, family;
    char rare[32];
};

static void make_person(uint64_t index, uint64_t people, struct person *person)
{
    size_t used = 0;
    *person = (struct person){.given = pick(&given, share(1, index))};
    person->family =
        share(2, index) < 0.3 ? rare_family(index, person->rare) : pick(&family, share(3, index));
    append_word(person->name, &used, person->given);
    if (share(4, index) < 0.1)
        append_word(person->name, &used, pick(&given, share(5, index)));
    append_word(person->name, &used, person->family);
    if (share(6, index) < 0.6)
        make_company((uint64_t)(pow(share(7, index), 2) * (double)people / 8), person->company);
    if (share(8, index) < 0.4)
        snprintf(person->handle, sizeof person->handle, "https://www.linkedin.com/in/p%llu",
                 (unsigned long long)index);
}

// The same person as another page writes it. What is known besides may be missing there.
static void respell(uint64_t index, struct person *person)
{
    char text[MAX_NAME + 32] = "", word[MAX_NAME];
    size_t used = 0, last = 0;
    double kind = share(20, index);
    if (kind < 0.25) { // a middle initial
        char initial[] = {(char)('A' + draw(21, index) % 26), '.'};
        append_word(text, &used, person->given);
        append_word(text, &used, (struct slice){initial, 2});
        append_word(text, &used, person->family);
    } else if (kind < 0.5) { // the other order
        append_word(text, &used, person->family);
        last = used;
        snprintf(text + last, sizeof text - last, ", ");
        used = last + 1;
        append_word(text, &used, person->given);
    } else if (kind < 0.75) { // around the name
        snprintf(text, sizeof text, "Dr. %s (she/her)", person->name);
    } else { // a letter of the family name doubled
        append_word(text, &used, person->given);
        size_t at = 1 + draw(22, index) % (person->family.len > 2 ? person->family.len - 1 : 1);
        snprintf(word, sizeof word, "%.*s%c%.*s", (int)at, person->family.ptr,
                 person->family.ptr[at - 1], (int)(person->family.len - at),
                 person->family.ptr + at);
        append_word(text, &used, slice_from_cstr(word));
    }
    snprintf(person->name, sizeof person->name, "%.*s", MAX_NAME - 1, text);
    if (person->handle[0] && share(23, index) < 0.3)
        person->handle[0] = '\0';
}

static void make_id(uint64_t index, char out[static UUID_TEXT])
{
    uint64_t bits = draw(99, index);
    snprintf(out, UUID_TEXT, "%08x-%04x-4%03x-8%03x-%012llx", (unsigned)(bits >> 32),
             (unsigned)(bits >> 16) & 0xffff, (unsigned)(bits >> 4) & 0xfff,
             (unsigned)(draw(98, index) & 0xfff), (unsigned long long)index);
}

static const char *or_null(const char *text)
{
    return text[0] ? text : "\\N";
}

// One in 25 is another spelling of one before: of whom; others are themselves.
static uint64_t whose(uint64_t index)
{
    if (index <= 100 || index % 25)
        return index;
    uint64_t other = draw(30, index) % index;
    return other - (other % 25 == 0 && other > 0);
}

static void print_people(uint64_t count)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    for (uint64_t i = 0; i < count; i++) {
        struct person person;
        char id[UUID_TEXT], other[UUID_TEXT] = "";
        uint64_t of = whose(i);
        bool is_other = of != i;
        make_person(of, count, &person);
        if (is_other) {
            respell(i, &person);
            make_id(of, other);
        }
        make_id(i, id);
        arena_reset(arena);
        struct slice key = name_normalize(arena, slice_from_cstr(person.name));
        printf("%s\t%s\t%.*s\t%s\t%s\t%s\n", id, person.name, SLICE_FMT(key),
               or_null(person.company), or_null(person.handle), or_null(other));
    }
    arena_free(arena);
}

// ---- resolving

static double now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void write_person(struct json_writer *w, const struct entity *entity)
{
    json_key(w, "company");
    json_text(w, json_get_text(entity->json, "company"));
    json_key(w, "confidence");
    json_double(w, 0.9);
    json_key(w, "links");
    json_begin_object(w);
    struct slice handle = json_get_text(entity->json, "handle");
    if (handle.len) {
        json_key(w, "linkedin");
        json_text(w, handle);
    }
    json_end_object(w);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static enum err resolve_one(struct db_session *session, struct arena *arena,
                            const struct person *person, char ret_id[static UUID_TEXT],
                            double *ret_match_ms, double *ret_all_ms, struct error *ret_error)
{
    struct queue_job job = {.event_id = "00000000-0000-4000-8000-000000000000"};
    struct pipeline pipeline = {.arena = arena, .session = session, .job = &job};
    struct entity entity = {.name = name_clean(arena, slice_from_cstr(person->name))};
    entity.normalized_name = name_normalize(arena, entity.name);
    const char *json =
        arena_printf(arena, "{\"company\":%s%s%s,\"handle\":%s%s%s}",
                     person->company[0] ? "\"" : "", person->company[0] ? person->company : "null",
                     person->company[0] ? "\"" : "", person->handle[0] ? "\"" : "",
                     person->handle[0] ? person->handle : "null", person->handle[0] ? "\"" : "");
    enum err err = json_parse(arena, slice_from_cstr(json), &entity.json, ret_error);
    struct entities entities = {&entity, 1};
    struct resolver resolver = {.pipeline = &pipeline,
                                .entities = &entities,
                                .statements = resolve_speaker_statements(),
                                .write = write_person};
    if (!err)
        err = db_session_begin(session, ret_error);
    double from = now_ms();
    if (!err)
        err = resolver_match(&resolver, ret_error);
    *ret_match_ms = now_ms() - from;
    if (!err)
        err = resolver_keep(&resolver, ret_error);
    *ret_all_ms = now_ms() - from;
    snprintf(ret_id, UUID_TEXT, "%s", entity.id);
    db_session_rollback(session);
    return err;
}

static void print_times(const char *name, double *times, uint64_t count)
{
    qsort(times, count, sizeof *times, compare_doubles);
    printf("\"%s\":{\"p50\":%.3f,\"p95\":%.3f,\"p99\":%.3f,\"max\":%.3f},", name, times[count / 2],
           times[count * 95 / 100], times[count * 99 / 100], times[count - 1]);
}

static int resolve(const char *url, uint64_t people, uint64_t first, uint64_t mentions)
{
    const struct db_options options = {.url = url, .application_name = "bench"};
    struct db_session *session = db_session_new(&options);
    struct arena *arena = arena_new(ARENA_BYTES);
    double *matching = calloc(mentions, sizeof *matching), *all = calloc(mentions, sizeof *all);
    uint64_t found = 0, wrong = 0, missed = 0, known = 0, taken = 0;
    for (uint64_t i = first; i < first + mentions; i++) {
        struct error error = {0};
        struct person person;
        char id[UUID_TEXT], wanted[UUID_TEXT];
        bool is_known = i % 2 == 0;
        uint64_t of = is_known ? draw(40, i) % people : people + i;
        of -= is_known && of % 25 == 0 && of > 0;
        make_person(of, people, &person);
        if (is_known)
            respell(people + i, &person);
        make_id(of, wanted);
        arena_reset(arena);
        if (resolve_one(session, arena, &person, id, &matching[i - first], &all[i - first],
                        &error)) {
            fprintf(stderr, "%s\n", error.detail);
            return 1;
        }
        bool is_right = strcmp(id, wanted) == 0, is_new;
        // Ids of the catalogue end in their number.
        uint64_t number = strtoull(id + 24, NULL, 16);
        char again[UUID_TEXT];
        make_id(number < people ? number : 0, again);
        is_new = strcmp(again, id) != 0;
        if (!is_new && whose(number) == of)
            is_right = true;
        known += is_known;
        found += is_known && is_right;
        wrong += is_known && !is_right && !is_new;
        missed += is_known && is_new;
        taken += !is_known && !is_new;
    }
    printf("{\"mentions\":%llu,", (unsigned long long)mentions);
    print_times("matching", matching, mentions);
    print_times("all", all, mentions);
    printf("\"known\":%llu,\"found\":%llu,\"somebody_else\":%llu,\"new\":%llu,"
           "\"strangers_taken\":%llu}\n",
           (unsigned long long)known, (unsigned long long)found, (unsigned long long)wrong,
           (unsigned long long)missed, (unsigned long long)taken);
    free(matching);
    free(all);
    arena_free(arena);
    db_session_free(session);
    return 0;
}

static int refill(const char *url)
{
    const struct db_options options = {.url = url, .application_name = "bench"};
    struct db_session *session = db_session_new(&options);
    struct error error = {0};
    int64_t count = 0;
    double from = now_ms();
    enum err err = keys_refill(session, &count, &error);
    if (err)
        fprintf(stderr, "%s\n", error.detail);
    printf("{\"rows\":%lld,\"seconds\":%.1f}\n", (long long)count, (now_ms() - from) / 1e3);
    db_session_free(session);
    return err ? 1 : 0;
}

int main(int argc, char **argv)
{
    given = read_pool(LEXICON_GIVEN);
    family = read_pool(LEXICON_FAMILY);
    if (argc == 3 && strcmp(argv[1], "people") == 0)
        print_people(strtoull(argv[2], NULL, 10));
    else if (argc == 3 && strcmp(argv[1], "keys") == 0)
        return refill(argv[2]);
    else if (argc == 6 && strcmp(argv[1], "resolve") == 0)
        return resolve(argv[2], strtoull(argv[3], NULL, 10), strtoull(argv[4], NULL, 10),
                       strtoull(argv[5], NULL, 10));
    else
        return 64;
    return 0;
}
