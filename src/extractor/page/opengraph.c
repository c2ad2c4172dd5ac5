// The metas in a page's head: OpenGraph, Twitter cards, the canonical address, Luma's deep link,
// the title.
#include "extractor/page/links.h"
#include "extractor/page/reader.h"
#include "lib/text/dates.h"

static const enum method METHOD = METHOD_OPENGRAPH;
static const double CUT_TEXT = 0.4; // descriptions are cut after about 150 characters

// The first of several metas that says something.
static struct slice first_meta(const struct page_input *page, struct arena *arena,
                               const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct slice text = html_meta(arena, page->html, names[i]);
        if (slice_trim(text).len)
            return text;
    }
    return (struct slice){0};
}

// "app-id=…, app-argument=luma://event/evt-…": what kind of thing the page shows, and its id.
static const struct {
    const char *prefix;
    enum page_kind kind;
} deep_links[] = {
    {"luma://event/", PAGE_EVENT},
    {"luma://calendar/", PAGE_CALENDAR},
    {"luma://user/", PAGE_PROFILE},
    {"luma://", PAGE_NOT_EVENT},
};

static void read_deep_link(const struct page_input *page, struct record *record)
{
    struct slice text = html_meta(record->arena, page->html, "apple-itunes-app");
    for (size_t i = 0; i < ARRAY_LEN(deep_links); i++) {
        struct slice prefix = slice_from_cstr(deep_links[i].prefix);
        size_t at = slice_find(text, prefix);
        if (at == SIZE_MAX)
            continue;
        record->kind = deep_links[i].kind;
        struct slice id = slice_sub(text, at + prefix.len, text.len);
        id = reader_clean_line(record->arena, slice_sub(id, 0, slice_find_char(id, ',')),
                               READER_MAX_LINE);
        if (record->kind == PAGE_EVENT && slice_starts_with(id, SLICE("evt-")) && id.len < 40)
            record_set_text(record, FIELD_LUMA_ID, METHOD, id);
        return;
    }
}

static void read_name(const struct page_input *page, struct record *record)
{
    static const char *const names[] = {"og:title", "twitter:title"};
    static const char *const suffixes[] = {" · Luma", " | Luma", " · Zoom"};
    struct arena *arena = record->arena;
    struct slice title = first_meta(page, arena, names, ARRAY_LEN(names));
    if (!title.ptr)
        title = html_decode_text(arena, page->html->title);
    title = reader_clean_line(arena, title, READER_MAX_NAME);
    for (size_t i = 0; i < ARRAY_LEN(suffixes) && page->is_luma; i++) {
        struct slice suffix = slice_from_cstr(suffixes[i]);
        if (slice_ends_with(title, suffix))
            title = slice_trim(slice_sub(title, 0, title.len - suffix.len));
    }
    record_set_text(record, FIELD_NAME, METHOD, title);
}

static void read_url(const struct page_input *page, struct record *record)
{
    const struct slice addresses[] = {html_decode_attribute(record->arena, page->html->canonical),
                                      html_meta(record->arena, page->html, "og:url")};
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++)
        record_set_text(record, FIELD_URL, METHOD,
                        link_event(record->arena, link_http(record->arena, addresses[i])));
}

void opengraph_read(const struct page_input *page, struct record *ret_record)
{
    static const char *const descriptions[] = {"og:description", "twitter:description",
                                               "description"};
    static const char *const images[] = {"og:image", "og:image:url", "twitter:image"};
    static const char *const starts[] = {"event:start_time", "og:start_time", "event:start"};
    static const char *const ends[] = {"event:end_time", "og:end_time", "event:end"};
    struct arena *arena = ret_record->arena;
    read_deep_link(page, ret_record);
    struct slice type = slice_trim(html_meta(arena, page->html, "og:type"));
    if (ret_record->kind == PAGE_UNKNOWN &&
        (slice_equal_nocase(type, SLICE("event")) || slice_ends_with(type, SLICE(":event")) ||
         slice_equal_nocase(type, SLICE("events.event"))))
        ret_record->kind = PAGE_EVENT;
    read_name(page, ret_record);
    read_url(page, ret_record);
    struct slice description = first_meta(page, arena, descriptions, ARRAY_LEN(descriptions));
    record_set_text(ret_record, FIELD_DESCRIPTION, METHOD,
                    reader_clean_lines(arena, description, READER_MAX_DESCRIPTION));
    record_doubt(ret_record, FIELD_DESCRIPTION, CUT_TEXT);
    record_set_text(ret_record, FIELD_IMAGE_URL, METHOD,
                    link_http(arena, first_meta(page, arena, images, ARRAY_LEN(images))));
    reader_set_times(ret_record, METHOD, first_meta(page, arena, starts, ARRAY_LEN(starts)),
                     first_meta(page, arena, ends, ARRAY_LEN(ends)), (struct slice){0});
}
