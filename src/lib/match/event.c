// How two events agree: title, edition, time, place, address. Other editions of a series are other
// events. See match.h.
#include "lib/match/company.h"
#include "lib/match/latin.h"
#include "lib/match/link.h"
#include "lib/match/match.h"
#include "lib/match/model.h"
#include "lib/match/similar.h"
#include "lib/match/wordlist.h"
#include "lib/text/dates.h"
#include "lib/text/names.h"
#include "lib/text/unicode.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>

enum {
    MAX_WORDS = 24,
    MAX_TEXT_BYTES = 1024,
    MS_PER_MINUTE = 60 * 1000,
    MINUTES_PER_DAY = 24 * 60,
    SAME_MINUTES = 90,
    NO_EDITION = -1,
    FIRST_YEAR = 1970,
    LAST_YEAR = 2100,
};
static const double ALIKE_LEAST = 0.88;

struct match_event_form {
    struct slice words[MAX_WORDS]; // of the title, without years and editions
    size_t word_count;
    struct slice title;   // all of them, in order
    struct slice letters; // the words in their order, without spaces
    int64_t edition;      // the year or number in the title; NO_EDITION
    bool has_time, has_start;
    int64_t first_day, last_day, minute; // minute: of the start, since 1970
    struct slice places[MAX_WORDS], venue[MAX_WORDS];
    size_t place_count, venue_count;
    bool is_online;
    struct slice host, path; // of the address; the host is the part its owner chose, without a year
    struct slice luma_id;
    const struct match_company_form *organiser;
    struct slice key;
};

// ---- titles

// "2019", "19th", "#4", "vol", "4": what tells editions apart.
static bool read_edition(struct slice word, int64_t *ret_edition)
{
    size_t digits = 0;
    while (digits < word.len && word.ptr[digits] >= '0' && word.ptr[digits] <= '9')
        digits++;
    struct slice behind = slice_sub(word, digits, word.len);
    static const char *const endings[] = {"", "st", "nd", "rd", "th"};
    for (size_t i = 0; digits && i < ARRAY_LEN(endings); i++)
        if (slice_equal(behind, slice_from_cstr(endings[i])))
            return slice_to_int(slice_sub(word, 0, digits), ret_edition);
    return false;
}

// Words of letters and digits; what is between is no part of them.
static size_t split_words(struct arena *arena, struct slice text, struct slice *ret_words)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t used = 0, from = 0, count = 0;
    while (text.len && count < MAX_WORDS) {
        const char *at = text.ptr;
        uint32_t c = unicode_next(&text);
        size_t len = (size_t)(text.ptr - at);
        bool kept = u_isalnum((UChar32)c);
        if (kept) {
            memcpy(out + used, at, len);
            used += len;
        }
        if ((!kept || text.len == 0) && used > from) {
            ret_words[count++] = (struct slice){out + from, used - from};
            from = used;
        }
    }
    return count;
}

static int compare_slices(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

static size_t sort_unique(struct slice *words, size_t count)
{
    size_t unique = 0;
    if (count)
        qsort(words, count, sizeof *words, compare_slices);
    for (size_t i = 0; i < count; i++)
        if (unique == 0 || !slice_equal(words[unique - 1], words[i]))
            words[unique++] = words[i];
    return unique;
}

static void read_title(struct arena *arena, struct match_event_form *form, struct slice name)
{
    struct slice text = latin_fold(arena, slice_sub(name, 0, MAX_TEXT_BYTES)), words[MAX_WORDS];
    size_t count = split_words(arena, text, words), used = 0;
    char *letters = arena_alloc(arena, text.len + 1);
    form->title = name_normalize(arena, text);
    form->edition = NO_EDITION;
    for (size_t i = 0; i < count; i++) {
        int64_t edition;
        // A number alone is the title: "404".
        if (count > 1 && read_edition(words[i], &edition)) {
            bool is_year = edition >= FIRST_YEAR && edition <= LAST_YEAR;
            if (form->edition == NO_EDITION || is_year)
                form->edition = edition;
            continue;
        }
        memcpy(letters + used, words[i].ptr, words[i].len);
        used += words[i].len;
        form->words[form->word_count++] = words[i];
    }
    form->letters = (struct slice){letters, used};
    form->word_count = sort_unique(form->words, form->word_count);
}

// ---- times

static bool read_time(struct slice text, int64_t *ret_day, int64_t *ret_minute, bool *ret_has_time)
{
    struct date_time date;
    int64_t instant;
    if (!date_parse(text, &date))
        return false;
    *ret_day = date_to_days(date.year, date.month, date.day);
    *ret_has_time = date_to_instant(&date, &instant);
    if (*ret_has_time)
        *ret_minute = instant / MS_PER_MINUTE;
    return true;
}

static void read_times(struct match_event_form *form, const struct match_event *event)
{
    int64_t minute;
    bool has_time;
    if (!read_time(event->starts_at, &form->first_day, &form->minute, &form->has_time))
        return;
    form->has_start = true;
    if (!read_time(event->ends_at, &form->last_day, &minute, &has_time) ||
        form->last_day < form->first_day)
        form->last_day = form->first_day;
}

// ---- places and addresses

// Words of countries and regions: both sides have them, in many spellings.
static size_t read_places(struct arena *arena, struct slice text, struct slice *ret_words)
{
    size_t count =
        split_words(arena, latin_fold(arena, slice_sub(text, 0, MAX_TEXT_BYTES)), ret_words);
    return sort_unique(ret_words, count);
}

// Only the first part of "Porto, Portugal" tells more than the country.
static struct slice first_part(struct slice place)
{
    return slice_sub(place, 0, slice_find_char(place, ','));
}

static struct slice without_digits(struct arena *arena, struct slice text)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t used = 0;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            out[used++] = text.ptr[i];
    return used ? (struct slice){out, used} : text;
}

// Hosts that hold everybody's events: only the whole address says something.
static const char *const event_hosts[] = {
    "eventbrite.", "meetup.",  "lu.ma",     "luma.com",  "ti.to",
    "youtube.",    "youtu.be", "facebook.", "linkedin.", "vimeo.",
    "partiful.",   "google.",  "github.",   "eventyay.", "events.co",
};

static bool is_shared(struct slice host)
{
    for (size_t i = 0; i < ARRAY_LEN(event_hosts); i++)
        if (slice_find(host, slice_from_cstr(event_hosts[i])) != SIZE_MAX)
            return true;
    return false;
}

// What the archive keeps is the address behind its own.
static struct slice without_archive(struct slice url)
{
    size_t at = slice_find(url, SLICE("web.archive.org/"));
    struct slice behind = at == SIZE_MAX ? url : slice_sub(url, at, url.len);
    size_t inner = slice_find(behind, SLICE("/http"));
    return at == SIZE_MAX || inner == SIZE_MAX ? url : slice_sub(behind, inner + 1, behind.len);
}

static void read_address(struct arena *arena, struct match_event_form *form, struct slice url)
{
    struct slice text = unicode_fold(arena, without_archive(slice_sub(url, 0, MAX_TEXT_BYTES)));
    struct slice host;
    size_t scheme = slice_find(text, SLICE("://"));
    struct slice bare = scheme == SIZE_MAX ? text : slice_sub(text, scheme + 3, text.len);
    if (!link_is_host(arena, bare, &host))
        return;
    size_t slash = slice_find_char(bare, '/');
    struct slice path = slash == SIZE_MAX ? SLICE("") : slice_sub(bare, slash, bare.len);
    path = slice_sub(path, 0, slice_find_char(path, '?'));
    while (path.len && path.ptr[path.len - 1] == '/')
        path.len--;
    struct slice core = link_host_core(host);
    bool shared = is_shared(host);
    form->host = shared ? host : without_digits(arena, core.len ? core : host);
    // Of a host of its own the whole address may be one of every year; of a shared one it is all.
    form->path = slice_from_cstr(
        arena_printf(arena, "%s%.*s%.*s", shared ? "@" : "", SLICE_FMT(host), SLICE_FMT(path)));
}

const struct match_event_form *match_event_prepare(struct arena *arena,
                                                   const struct match_event *event)
{
    struct match_event_form *form = ARENA_NEW(arena, struct match_event_form);
    read_title(arena, form, event->name);
    read_times(form, event);
    struct slice city = first_part(event->place);
    form->place_count = read_places(arena, city, form->places);
    form->venue_count = read_places(arena, event->venue, form->venue);
    for (size_t i = 0; i < form->place_count; i++)
        form->is_online |= slice_equal(form->places[i], SLICE("online")) ||
                           slice_equal(form->places[i], SLICE("virtual")) ||
                           slice_equal(form->places[i], SLICE("remote"));
    if (event->url.len)
        read_address(arena, form, event->url);
    form->luma_id = slice_trim(event->luma_id);
    if (slice_trim(event->organiser).len) {
        struct match_company organiser = {.name = event->organiser};
        form->organiser = match_company_prepare(arena, &organiser);
    }
    form->key = slice_from_cstr(arena_printf(
        arena, "%.*s\t%.*s\t%.*s", SLICE_FMT(slice_sub(event->name, 0, MAX_TEXT_BYTES)),
        SLICE_FMT(event->starts_at), SLICE_FMT(slice_sub(event->url, 0, MAX_TEXT_BYTES))));
    return form;
}

// ---- levels

static size_t count_shared(const struct slice *a, size_t a_count, const struct slice *b,
                           size_t b_count)
{
    size_t shared = 0;
    for (size_t i = 0, j = 0; i < a_count && j < b_count;) {
        int order = slice_compare(a[i], b[j]);
        shared += order == 0;
        i += order <= 0;
        j += order >= 0;
    }
    return shared;
}

static enum match_level title_level(const struct match_event_form *a,
                                    const struct match_event_form *b)
{
    if (a->title.len && slice_equal(a->title, b->title))
        return MATCH_EVENT_TITLE_SAME;
    if (a->letters.len == 0 || b->letters.len == 0)
        return MATCH_EVENT_TITLE_OTHER;
    if (slice_equal(a->letters, b->letters))
        return MATCH_EVENT_TITLE_LETTERS;
    size_t shared = count_shared(a->words, a->word_count, b->words, b->word_count);
    size_t least = a->word_count < b->word_count ? a->word_count : b->word_count;
    bool begins =
        slice_starts_with(a->letters, b->letters) || slice_starts_with(b->letters, a->letters);
    if (shared == least || begins)
        return MATCH_EVENT_TITLE_PART;
    double share = (double)shared / (double)(a->word_count + b->word_count - shared);
    if (share >= 0.5 || similar_jaro_winkler(a->letters, b->letters) >= ALIKE_LEAST)
        return MATCH_EVENT_TITLE_ALIKE;
    return MATCH_EVENT_TITLE_OTHER;
}

static int64_t apart(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

static enum match_level time_level(const struct match_event_form *a,
                                   const struct match_event_form *b)
{
    if (!a->has_start || !b->has_start)
        return MATCH_EVENT_TIME_MISSING;
    if (a->has_time && b->has_time) {
        if (apart(a->minute, b->minute) <= SAME_MINUTES)
            return MATCH_EVENT_TIME_SAME;
        if (apart(a->minute, b->minute) >= MINUTES_PER_DAY + SAME_MINUTES)
            return MATCH_EVENT_TIME_OTHER;
    }
    int64_t days = apart(a->first_day, b->first_day);
    if (days <= 1)
        return days == 0 ? MATCH_EVENT_TIME_DAY : MATCH_EVENT_TIME_NEXT_DAY;
    bool overlap = a->first_day <= b->last_day && b->first_day <= a->last_day;
    return overlap ? MATCH_EVENT_TIME_OVERLAP : MATCH_EVENT_TIME_OTHER;
}

static enum match_level place_level(const struct match_event_form *a,
                                    const struct match_event_form *b)
{
    if (a->place_count == 0 || b->place_count == 0)
        return MATCH_EVENT_PLACE_MISSING;
    if (count_shared(a->places, a->place_count, b->places, b->place_count))
        return MATCH_EVENT_PLACE_SAME;
    return a->is_online || b->is_online ? MATCH_EVENT_PLACE_ONLINE : MATCH_EVENT_PLACE_OTHER;
}

static enum match_level url_level(const struct match_event_form *a,
                                  const struct match_event_form *b)
{
    if (!a->host.ptr || !b->host.ptr)
        return MATCH_EVENT_URL_MISSING;
    if (slice_equal(a->path, b->path))
        return MATCH_EVENT_URL_SAME;
    bool shared = a->path.ptr[0] == '@' || b->path.ptr[0] == '@';
    return !shared && slice_equal(a->host, b->host) ? MATCH_EVENT_URL_HOST : MATCH_EVENT_URL_OTHER;
}

static void add_edition(struct match_sum *sum, const struct match_event_form *a,
                        const struct match_event_form *b)
{
    if (a->edition != NO_EDITION && b->edition != NO_EDITION)
        match_add(sum,
                  a->edition == b->edition ? MATCH_EVENT_EDITION_SAME : MATCH_EVENT_EDITION_OTHER);
}

void match_event_compare(const struct match_model *model, const struct match_event_form *a,
                         const struct match_event_form *b, struct match_answer *ret)
{
    if (slice_compare(a->key, b->key) > 0) {
        const struct match_event_form *other = a;
        a = b, b = other;
    }
    struct match_sum sum = {.model = model};
    if (a->title.len && b->title.len)
        match_add(&sum, title_level(a, b));
    add_edition(&sum, a, b);
    match_add(&sum, time_level(a, b));
    match_add(&sum, place_level(a, b));
    if (a->venue_count && b->venue_count)
        match_add(&sum, count_shared(a->venue, a->venue_count, b->venue, b->venue_count)
                            ? MATCH_EVENT_VENUE_SAME
                            : MATCH_EVENT_VENUE_OTHER);
    match_add(&sum, url_level(a, b));
    if (a->luma_id.len && b->luma_id.len)
        match_add(&sum, slice_equal(a->luma_id, b->luma_id) ? MATCH_EVENT_LUMA_SAME
                                                            : MATCH_EVENT_LUMA_OTHER);
    if (a->organiser && b->organiser) {
        enum match_level names = company_compare_names(a->organiser, b->organiser);
        bool same = names == MATCH_COMPANY_SAME || names == MATCH_COMPANY_LETTERS ||
                    names == MATCH_COMPANY_SAME_FORM || names == MATCH_COMPANY_GENERAL;
        match_add(&sum, same ? MATCH_EVENT_ORGANISER_SAME : MATCH_EVENT_ORGANISER_OTHER);
    }
    match_decide(&sum, MATCH_EVENTS, ret);
}

void match_events(const struct match_model *model, struct arena *arena, const struct match_event *a,
                  const struct match_event *b, struct match_answer *ret)
{
    match_event_compare(model, match_event_prepare(arena, a), match_event_prepare(arena, b), ret);
}
