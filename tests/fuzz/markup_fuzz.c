// Any bytes as a page with markup: microdata, RDFa Lite and microformats.
#include "extractor/extract.h"
#include "extractor/page/reader.h"
#include "lib/base/arena.h"
#include "lib/base/ensure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(EXTRACT_ARENA_BYTES);
    struct html_page *html = ARENA_NEW(arena, struct html_page);
    const struct page_input page = {.url = SLICE("https://conf.example/a/b"),
                                    .bytes = {(const char *)data, size},
                                    .html = html};
    struct record record;
    record_init(&record, arena);
    markup_read(&page, &record);
    ensure(record.people_count <= RECORD_MAX_PEOPLE && record.listed_count <= RECORD_MAX_LISTED);
    arena_free(arena);
    return 0;
}
