// Any bytes as a description handed over as text.
#include "extractor/extract.h"
#include "extractor/page/reader.h"
#include "lib/base/arena.h"
#include "lib/base/ensure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(EXTRACT_ARENA_BYTES);
    struct html_page *html = ARENA_NEW(arena, struct html_page);
    const struct page_input page = {.bytes = {(const char *)data, size}, .html = html};
    struct record record;
    record_init(&record, arena);
    text_read(&page, &record);
    ensure(record.kind != PAGE_EVENT || record_has(&record, FIELD_NAME));
    arena_free(arena);
    return 0;
}
