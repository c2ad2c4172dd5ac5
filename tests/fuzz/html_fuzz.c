// Any bytes as a page: what the scanner finds lies within it, and decoding gives no NUL-terminated
// surprises.
#include "extractor/page/html.h"
#include "lib/base/arena.h"
#include "lib/base/ensure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_within(struct slice part, struct slice page)
{
    ensure(!part.ptr || part.len == 0 ||
           (part.ptr >= page.ptr && part.ptr + part.len <= page.ptr + page.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct html_page found;
    struct slice page = {(const char *)data, size};
    struct arena *arena = arena_new(64 * 1024 * 1024);
    html_scan(page, &found);
    check_within(found.next_data, page);
    check_within(found.title, page);
    check_within(found.canonical, page);
    for (size_t i = 0; i < found.json_ld_count; i++)
        check_within(found.json_ld[i], page);
    for (size_t i = 0; i < found.meta_count; i++) {
        check_within(found.metas[i].name, page);
        check_within(found.metas[i].content, page);
        ensure(html_decode_attribute(arena, found.metas[i].content).len <=
               found.metas[i].content.len);
    }
    ensure(html_decode_text(arena, page).len <= page.len);
    arena_free(arena);
    return 0;
}
