// Any JSON as a ProseMirror document: its text is clean and bounded.
#include "extractor/extract.h"
#include "extractor/page/prosemirror.h"
#include "lib/base/arena.h"
#include "lib/base/ensure.h"
#include "lib/json/json.h"
#include "lib/text/unicode.h"
#include "support/same_prose.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(EXTRACT_ARENA_BYTES);
    yyjson_val *root;
    if (json_parse(arena, (struct slice){(const char *)data, size}, &root, NULL) == ERR_OK) {
        struct prose_document document = prosemirror_read(arena, root);
        struct slice text = prose_plain(arena, &document);
        ensure(text.len <= 2 * PROSE_MAX_TEXT && unicode_is_valid(text));
        ensure(text.len == 0 || !memchr(text.ptr, '\0', text.len));
        ensure(slice_equal(unicode_clean_text(arena, text), text));
        ensure(same_prose_again(arena, &document));
    }
    arena_free(arena);
    return 0;
}
