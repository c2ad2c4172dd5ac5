#include "extractor/page/reader.h"

#include "extractor/page/links.h"
#include "extractor/page/sloppy_json.h"
#include "lib/json/json.h"
#include "lib/text/countries.h"
#include "lib/text/dates.h"
#include "lib/text/unicode.h"
#include "lib/text/url.h"

#include <string.h>

enum { MAX_RAW_TEXT = 512 * 1024, LARGE_JSON = 1024 * 1024 };

// While it reads, yyjson asks for more and more memory, and an arena takes none back: a large block
// made of small values would cost twenty times its size. Its own pool costs thirteen times at most,
// but always that.
static enum err parse(struct arena *arena, struct slice text, yyjson_val **ret_root,
                      struct error *ret_error)
{
    yyjson_alc pool;
    yyjson_read_err problem = {0};
    if (text.len < LARGE_JSON)
        return json_parse(arena, text, ret_root, ret_error);
    size_t size = yyjson_read_max_memory_usage(text.len, YYJSON_READ_NOFLAG);
    yyjson_alc_pool_init(&pool, arena_alloc(arena, size), size);
    // The text is only read; the cast is yyjson's signature.
    yyjson_doc *doc = yyjson_read_opts((char *)(uintptr_t)text.ptr, text.len, YYJSON_READ_NOFLAG,
                                       &pool, &problem);
    if (!doc)
        return error_set(ret_error, ERR_INVALID_JSON, "%s at byte %zu", problem.msg, problem.pos);
    *ret_root = yyjson_doc_get_root(doc);
    return ERR_OK;
}

yyjson_val *reader_parse_json(struct record *record, const char *what, struct slice text)
{
    yyjson_val *root = NULL;
    struct error problem = {0};
    if (text.len > READER_MAX_JSON) {
        record_warn(record, "%s: larger than %d bytes, not read", what, READER_MAX_JSON);
        return NULL;
    }
    // One bad byte is no reason to lose the whole block.
    text = unicode_repair(record->arena, text);
    if (parse(record->arena, text, &root, &problem) != ERR_OK &&
        parse(record->arena, sloppy_json_clean(record->arena, text), &root, NULL) != ERR_OK)
        record_warn(record, "%s: %s", what, problem.detail);
    return root;
}

// What is cleaned has bounds too: a name of four megabytes is none, and would cost ten times its
// size.
static struct slice bounded(struct slice text)
{
    size_t len = text.len < MAX_RAW_TEXT ? text.len : MAX_RAW_TEXT;
    while (len < text.len && len > 0 && ((unsigned char)text.ptr[len] & 0xc0) == 0x80)
        len--;
    return slice_sub(text, 0, len);
}

static struct slice cut(struct slice text, size_t max_characters)
{
    return text.len ? slice_trim(unicode_cut(text, max_characters)) : (struct slice){0};
}

struct slice reader_clean_line(struct arena *arena, struct slice text, size_t max_characters)
{
    return cut(unicode_clean_line(arena, bounded(text)), max_characters);
}

struct slice reader_clean_lines(struct arena *arena, struct slice text, size_t max_characters)
{
    return cut(unicode_clean_text(arena, bounded(text)), max_characters);
}

struct slice reader_line(struct arena *arena, yyjson_val *value, const char *path,
                         size_t max_characters)
{
    return reader_clean_line(arena, json_get_text(value, path), max_characters);
}

struct slice reader_lines(struct arena *arena, yyjson_val *value, const char *path,
                          size_t max_characters)
{
    return reader_clean_lines(arena, json_get_text(value, path), max_characters);
}

struct slice reader_resolve(const struct page_input *page, struct arena *arena,
                            struct slice reference)
{
    const struct slice bases[] = {page->url, html_decode_attribute(arena, page->html->canonical),
                                  html_meta(arena, page->html, "og:url")};
    struct slice absolute = link_http(arena, reference);
    struct url base, url;
    reference = slice_trim(reference);
    if (absolute.len || reference.len == 0 || page->is_luma)
        return absolute;
    for (size_t i = 0; i < ARRAY_LEN(bases); i++)
        if (link_http(arena, bases[i]).len && url_parse(arena, bases[i], &base) == URL_FINE)
            return url_resolve(arena, &base, reference, &url) == URL_FINE
                       ? link_http(arena, url_write(arena, &url))
                       : (struct slice){0};
    return absolute;
}

// The instant of a text, with the zone's help where the text has no offset.
static bool instant_of(struct date_time *date, struct slice zone, int64_t *ret_unix_ms)
{
    if (date->has_offset)
        return date_to_instant(date, ret_unix_ms);
    return date->has_time && zone.ptr && zone_instant(zone, date, ret_unix_ms);
}

static bool set_start(struct record *record, enum method method, struct slice text,
                      struct slice zone, int64_t *ret_unix_ms)
{
    struct date_time date;
    char day[DATE_TEXT];
    if (!text.ptr)
        return false;
    if (!date_parse(text, &date)) {
        record_warn(record, "%s: the start is no time", method_name(method));
        return false;
    }
    bool known = instant_of(&date, zone, ret_unix_ms);
    if (known)
        record_set_instant(record, FIELD_STARTS_AT, method, *ret_unix_ms);
    else
        record_warn(record, "%s: the start has no %s", method_name(method),
                    date.has_time ? "zone" : "time of day");
    // Without a zone the day is the one that is written: that of the place, unless it is written in
    // UTC.
    char last = slice_trim(text).ptr[slice_trim(text).len - 1];
    if ((known && zone_local(zone, *ret_unix_ms, &date)) || (last != 'Z' && last != 'z')) {
        date_format(&date, day);
        record_set_text(record, FIELD_DATE, method,
                        arena_slice(record->arena, slice_from_cstr(day)));
    }
    return known;
}

void reader_set_times(struct record *record, enum method method, struct slice start,
                      struct slice end, struct slice zone)
{
    int64_t starts_at, ends_at;
    struct date_time date;
    if (!set_start(record, method, start, zone, &starts_at) || !end.ptr)
        return;
    if (!date_parse(end, &date) || !instant_of(&date, zone, &ends_at))
        record_warn(record, "%s: the end is no time", method_name(method));
    else if (ends_at < starts_at)
        record_warn(record, "%s: the end is before the start", method_name(method));
    else
        record_set_instant(record, FIELD_ENDS_AT, method, ends_at);
}

void reader_set_country(struct record *record, enum method method, struct slice country)
{
    record_set_cstr(record, FIELD_COUNTRY, method, country_code(record->arena, country));
}
