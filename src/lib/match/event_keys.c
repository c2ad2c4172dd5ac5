// See keys.h. Events of other days are never one, so that every key but Luma's id has the day in it. Days are taken two at
// a time, in two ways, so that an event and its copy that is said to be a day later share one all the same.
#include "lib/base/digest.h"
#include "lib/match/event.h"
#include "lib/match/keys.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_KEY_BYTES = 512,
    MAX_WORD_KEYS = 10,
    MAX_LINK_KEYS = 5,
    MAX_TITLE_LETTERS = 200,
    MIN_WORD = 2,
    WEIGHT_ID = 16,
    WEIGHT_ADDRESS = 12,
    WEIGHT_TITLE = 8,
    WEIGHT_VENUE = 2,
    WEIGHT_WORD = 3,
    WEIGHT_GENERAL = 1,
};

struct keys {
    struct match_key *items;
    size_t count;
};

static void add_key(struct keys *keys, unsigned weight, const char *kind, struct slice value,
                    struct slice day)
{
    char text[MAX_KEY_BYTES];
    size_t used = 0;
    const struct slice parts[] = {SLICE("event"), slice_from_cstr(kind), day, value};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        struct slice part = slice_sub(parts[i], 0, sizeof text - used - 1);
        if (part.len)
            memcpy(text + used, part.ptr, part.len);
        used += part.len;
        if (used < sizeof text - 1)
            text[used++] = '\n';
    }
    if (keys->count < MATCH_MAX_EVENT_KEYS)
        keys->items[keys->count++] =
            (struct match_key){digest_fnv1a((struct slice){text, used}), weight};
}

static int64_t floor_half(int64_t number)
{
    return number >= 0 ? number / 2 : -((1 - number) / 2);
}

// With both halves of the days around, or without a day.
static void add_dated(struct keys *keys, const struct match_event_form *form, unsigned weight,
                      const char *kind, struct slice value)
{
    int64_t days[2] = {0};
    if (!form->has_start) {
        add_key(keys, weight, kind, value, SLICE("-"));
        return;
    }
    days[0] = 2 * floor_half(form->first_day);
    days[1] = 2 * floor_half(form->first_day - 1) + 1;
    for (size_t i = 0; i < ARRAY_LEN(days); i++)
        add_key(keys, weight, kind, value, (struct slice){(const char *)&days[i], sizeof days[i]});
}

static int compare_len(const void *a, const void *b)
{
    const struct slice *x = a, *y = b;
    bool of_x = event_word_is_general(*x), of_y = event_word_is_general(*y);
    if (of_x != of_y)
        return of_x ? 1 : -1;
    return x->len != y->len ? (x->len < y->len ? 1 : -1) : slice_compare(*x, *y);
}

// The telling words first.
static void add_words(struct keys *keys, const struct match_event_form *form)
{
    struct slice words[EVENT_MAX_WORDS];
    if (form->word_count == 0)
        return;
    memcpy(words, form->words, form->word_count * sizeof *words);
    qsort(words, form->word_count, sizeof *words, compare_len);
    for (size_t i = 0; i < form->word_count && i < MAX_WORD_KEYS; i++)
        if (words[i].len >= MIN_WORD)
            add_dated(keys, form, event_word_is_general(words[i]) ? WEIGHT_GENERAL : WEIGHT_WORD,
                      "word", words[i]);
}

static void add_addresses(struct keys *keys, const struct match_event_form *form)
{
    if (form->address.path.ptr)
        add_dated(keys, form, WEIGHT_ADDRESS, "address", form->address.path);
    for (size_t i = 0; i < form->link_count && i < MAX_LINK_KEYS; i++)
        add_dated(keys, form, WEIGHT_ADDRESS, "address", form->links[i].path);
}

static int compare_keys(const void *a, const void *b)
{
    const struct match_key *x = a, *y = b;
    return x->hash < y->hash ? -1 : x->hash > y->hash;
}

static size_t sort_unique(struct keys *keys)
{
    size_t unique = 0;
    if (keys->count)
        qsort(keys->items, keys->count, sizeof *keys->items, compare_keys);
    for (size_t i = 0; i < keys->count; i++)
        if (unique == 0 || keys->items[unique - 1].hash != keys->items[i].hash)
            keys->items[unique++] = keys->items[i];
    return unique;
}

size_t match_event_keys(const struct match_event_form *form,
                        struct match_key ret_keys[static MATCH_MAX_EVENT_KEYS])
{
    static_assert(1 + 2 * (1 + 1 + 1 + MAX_LINK_KEYS + MAX_WORD_KEYS) <= MATCH_MAX_EVENT_KEYS);
    struct keys keys = {.items = ret_keys};
    if (form->luma_id.len)
        add_key(&keys, WEIGHT_ID, "luma", form->luma_id, SLICE("-"));
    if (form->letters.len)
        add_dated(&keys, form, WEIGHT_TITLE, "title",
                  slice_sub(form->letters, 0, MAX_TITLE_LETTERS));
    add_words(&keys, form);
    // Another title, in another language perhaps, but where and when are the same.
    if (form->venue_count && form->has_start)
        add_dated(&keys, form, WEIGHT_VENUE, "venue", form->venue[0]);
    add_addresses(&keys, form);
    return sort_unique(&keys);
}
