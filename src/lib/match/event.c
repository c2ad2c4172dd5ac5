// An event is prepared once: its title as words, its times, its place, its addresses. See event.h.
#include "lib/match/event.h"

#include "lib/match/latin.h"
#include "lib/match/link.h"
#include "lib/match/wordlist.h"
#include "lib/text/dates.h"
#include "lib/text/names.h"
#include "lib/text/unicode.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>

enum {
    MAX_TEXT_BYTES = 1024,
    MS_PER_MINUTE = 60 * 1000,
    MINUTES_PER_DAY = 24 * 60,
    FIRST_YEAR = 1970,
    LAST_YEAR = 2100,
    MIN_ID_DIGITS = 6, // of a listing's number
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
    while (text.len && count < EVENT_MAX_WORDS) {
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

static void read_title(struct arena *arena, struct match_event_form *form, struct slice name)
{
    struct slice text = latin_fold(arena, slice_sub(name, 0, MAX_TEXT_BYTES)),
                 words[EVENT_MAX_WORDS];
    size_t count = split_words(arena, text, words), used = 0;
    char *letters = arena_alloc(arena, text.len + 1);
    form->title = name_normalize(arena, text);
    form->edition = EVENT_NO_EDITION;
    for (size_t i = 0; i < count; i++) {
        int64_t edition;
        // A number alone is the title: "404".
        if (count > 1 && read_edition(words[i], &edition)) {
            bool is_year = edition >= FIRST_YEAR && edition <= LAST_YEAR;
            if (form->edition == EVENT_NO_EDITION || is_year)
                form->edition = edition;
            continue;
        }
        memcpy(letters + used, words[i].ptr, words[i].len);
        used += words[i].len;
        form->words[form->word_count++] = words[i];
        form->written[form->written_count++] = words[i];
    }
    form->letters = (struct slice){letters, used};
    form->word_count = slice_sort_unique(form->words, form->word_count);
    form->is_general = form->word_count > 0;
    for (size_t i = 0; i < form->word_count; i++)
        form->is_general &= event_word_is_general(form->words[i]);
}

// ---- times

static bool read_day(struct slice text, int64_t *ret_day)
{
    struct date_time date;
    if (!date_parse(text, &date))
        return false;
    *ret_day = date_to_days(date.year, date.month, date.day);
    return true;
}

static void read_times(struct match_event_form *form, const struct match_event *event)
{
    struct date_time date;
    int64_t instant;
    if (!date_parse(event->starts_at, &date))
        return;
    form->has_start = true;
    form->first_day = date_to_days(date.year, date.month, date.day);
    // Midnight is how lists write that they know the day only.
    if (date_to_instant(&date, &instant) && (date.hour || date.minute)) {
        form->has_time = true;
        form->minute = instant / MS_PER_MINUTE;
        form->wall_minute = form->first_day * MINUTES_PER_DAY + date.hour * 60 + date.minute;
    }
    if (!read_day(event->ends_at, &form->last_day) || form->last_day < form->first_day)
        form->last_day = form->first_day;
}

// ---- places and addresses

// Words of countries and regions: both sides have them, in many spellings.
static size_t read_places(struct arena *arena, struct slice text, struct slice *ret_words)
{
    size_t count =
        split_words(arena, latin_fold(arena, slice_sub(text, 0, MAX_TEXT_BYTES)), ret_words);
    return slice_sort_unique(ret_words, count);
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

// Sites that hold everybody's events: only the whole address says something. A name that ends with a dot stands for all
// of its top-level domains.
static const struct {
    const char *host, *name; // name: what all hosts of the site count as
    bool is_listing, has_number;
} sites[] = {
    {"lu.ma", "luma.com", true, false},
    {"luma.com", "luma.com", true, false},
    {"eventbrite.", "eventbrite", true, true},
    {"meetup.", "meetup", true, true},
    {"partiful.", "partiful", true, false},
    {"ti.to", NULL, false, false},
    {"eventyay.", NULL, false, false},
    {"events.co", NULL, false, false},
    {"youtube.", NULL, false, false},
    {"youtu.be", NULL, false, false},
    {"facebook.", NULL, false, false},
    {"linkedin.", NULL, false, false},
    {"vimeo.", NULL, false, false},
    {"google.", NULL, false, false},
    {"github.", NULL, false, false},
};

static size_t find_site(struct slice host)
{
    size_t site = 0;
    for (; site < ARRAY_LEN(sites); site++) {
        struct slice name = slice_from_cstr(sites[site].host);
        size_t at = slice_find(host, name);
        if (at == SIZE_MAX || (at > 0 && host.ptr[at - 1] != '.'))
            continue;
        if (name.ptr[name.len - 1] == '.' || at + name.len == host.len)
            break;
    }
    return site;
}

// The number that a listing's address ends with ("/e/maker-night-tickets-123456789"): other words before it lead there too.
static struct slice listing_number(struct slice path)
{
    size_t from = path.len;
    while (from && path.ptr[from - 1] >= '0' && path.ptr[from - 1] <= '9')
        from--;
    return path.len - from >= MIN_ID_DIGITS ? slice_sub(path, from, path.len) : (struct slice){0};
}

// "/event/evt-abc" and "/evt-abc" are one.
static struct slice luma_path(struct slice path)
{
    size_t at = slice_find(path, SLICE("/evt-"));
    return at == SIZE_MAX ? path : slice_sub(path, at, path.len);
}

// What the archive keeps is the address behind its own.
static struct slice without_archive(struct slice url)
{
    size_t at = slice_find(url, SLICE("web.archive.org/"));
    struct slice behind = at == SIZE_MAX ? url : slice_sub(url, at, url.len);
    size_t inner = slice_find(behind, SLICE("/http"));
    return at == SIZE_MAX || inner == SIZE_MAX ? url : slice_sub(behind, inner + 1, behind.len);
}

static struct slice shared_path(struct arena *arena, size_t site, struct slice host,
                                struct slice path)
{
    struct slice name = sites[site].name ? slice_from_cstr(sites[site].name) : host;
    struct slice number = sites[site].has_number ? listing_number(path) : (struct slice){0};
    if (number.len)
        return slice_from_cstr(
            arena_printf(arena, "@%.*s#%.*s", SLICE_FMT(name), SLICE_FMT(number)));
    return slice_from_cstr(
        arena_printf(arena, "@%.*s%.*s", SLICE_FMT(name), SLICE_FMT(luma_path(path))));
}

static struct event_address read_address(struct arena *arena, struct slice url)
{
    struct slice text = unicode_fold(arena, without_archive(slice_sub(url, 0, MAX_TEXT_BYTES)));
    struct slice host;
    size_t scheme = slice_find(text, SLICE("://"));
    struct slice bare = scheme == SIZE_MAX ? text : slice_sub(text, scheme + 3, text.len);
    if (!link_is_host(arena, bare, &host))
        return (struct event_address){0};
    size_t slash = slice_find_char(bare, '/');
    struct slice path = slash == SIZE_MAX ? SLICE("") : slice_sub(bare, slash, bare.len);
    path = slice_sub(path, 0, slice_find_char(path, '?'));
    path = slice_sub(path, 0, slice_find_char(path, '#'));
    while (path.len && path.ptr[path.len - 1] == '/')
        path.len--;
    size_t site = find_site(host);
    struct slice core = link_host_core(host);
    if (site == ARRAY_LEN(sites)) // the whole address may be one of every year
        return (struct event_address){.host = without_digits(arena, core.len ? core : host),
                                      .path = slice_from_cstr(arena_printf(
                                          arena, "%.*s%.*s", SLICE_FMT(host), SLICE_FMT(path)))};
    return (struct event_address){.host =
                                      sites[site].name ? slice_from_cstr(sites[site].name) : host,
                                  .path = shared_path(arena, site, host, path),
                                  .is_listing = sites[site].is_listing && path.len};
}

static void read_addresses(struct arena *arena, struct match_event_form *form,
                           const struct match_event *event)
{
    if (event->url.len)
        form->address = read_address(arena, event->url);
    for (size_t i = 0; i < event->link_count && i < MATCH_MAX_LINKS; i++) {
        struct event_address link = read_address(arena, event->links[i]);
        if (link.path.ptr && !slice_equal(link.path, form->address.path))
            form->links[form->link_count++] = link;
    }
}

// Words that name the place and no other one. What tells the town is compared as that.
static void read_venue(struct arena *arena, struct match_event_form *form, struct slice venue)
{
    struct slice words[EVENT_MAX_WORDS];
    size_t count = read_places(arena, venue, words);
    for (size_t i = 0; i < count; i++) {
        bool is_town = false;
        for (size_t j = 0; j < form->place_count; j++)
            is_town |= slice_equal(words[i], form->places[j]);
        if (!is_town && !event_word_is_of_places(words[i]))
            form->venue[form->venue_count++] = words[i];
    }
}

const struct match_event_form *match_event_prepare(struct arena *arena,
                                                   const struct match_event *event)
{
    struct match_event_form *form = ARENA_NEW(arena, struct match_event_form);
    read_title(arena, form, event->name);
    read_times(form, event);
    struct slice city = first_part(event->place);
    form->place_count = read_places(arena, city, form->places);
    read_venue(arena, form, event->venue);
    for (size_t i = 0; i < form->place_count; i++)
        form->is_online |= slice_equal(form->places[i], SLICE("online")) ||
                           slice_equal(form->places[i], SLICE("virtual")) ||
                           slice_equal(form->places[i], SLICE("remote"));
    read_addresses(arena, form, event);
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
