// Any bytes as a JSON-LD block, on a page of Luma and on another.
#include "extractor/extract.h"
#include "extractor/page/json_ld.h"
#include "lib/base/arena.h"
#include "lib/base/ensure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int is_luma = 0; is_luma < 2; is_luma++) {
        struct arena *arena = arena_new(EXTRACT_ARENA_BYTES);
        struct html_page *html = ARENA_NEW(arena, struct html_page);
        const struct page_input page = {.html = html, .is_luma = is_luma};
        struct record record;
        html->json_ld[html->json_ld_count++] = (struct slice){(const char *)data, size};
        record_init(&record, arena);
        json_ld_read(&page, &record);
        ensure(record.people_count <= RECORD_MAX_PEOPLE &&
               record.listed_count <= RECORD_MAX_LISTED);
        arena_free(arena);
    }
    return 0;
}
