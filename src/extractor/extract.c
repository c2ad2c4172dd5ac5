#include "extractor/extract.h"

#include "extractor/page/html.h"
#include "extractor/page/links.h"
#include "extractor/page/reader.h"
#include "extractor/prose/prose.h"
#include "extractor/rules.h"
#include "extractor/topics/topics.h"

// In the order of trust: what an earlier reader says, a later one does not change. Readers of prose
// and of other markup take their places here.
static const struct {
    const char *name;
    void (*read)(const struct page_input *page, struct record *ret_record);
    bool needs_tree; // which is built only for pages that the readers before can say nothing of
} readers[] = {
    {"text", text_read, false},           {"next_data", next_data_read, false},
    {"json_ld", json_ld_read, false},     {"markup", markup_read, true},
    {"opengraph", opengraph_read, false},
};

static bool is_luma(struct arena *arena, const struct html_page *html, struct slice url)
{
    const struct slice addresses[] = {url, html->canonical, html_meta(arena, html, "og:url")};
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++)
        if (link_is_luma(arena, slice_trim(addresses[i])))
            return true;
    return slice_find(html_meta(arena, html, "apple-itunes-app"), SLICE("luma://")) != SIZE_MAX;
}

enum err extract_page(struct slice html, struct slice url, struct arena *arena,
                      struct record *ret_record, struct error *ret_error)
{
    if (html.len > EXTRACT_MAX_PAGE)
        return error_set(ret_error, ERR_PAGE_TOO_LARGE, "%zu bytes, the maximum is %d", html.len,
                         EXTRACT_MAX_PAGE);
    struct html_page *scanned = ARENA_NEW(arena, struct html_page);
    html_scan(html, scanned);
    const struct page_input page = {
        .url = url, .bytes = html, .html = scanned, .is_luma = is_luma(arena, scanned, url)};
    record_init(ret_record, arena);
    for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
        struct record part;
        if (readers[i].needs_tree && (page.is_luma || ret_record->kind != PAGE_UNKNOWN))
            continue;
        record_init(&part, arena);
        readers[i].read(&page, &part);
        record_merge(ret_record, &part);
    }
    rules_apply(&page, ret_record);
    if (ret_record->kind == PAGE_EVENT) {
        prose_read(ret_record);
        topics_read(ret_record);
    }
    return ERR_OK;
}
