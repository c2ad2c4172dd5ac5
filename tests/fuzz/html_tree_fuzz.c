// Any bytes as HTML: the tree is one, lies within the page, and its prose within its bounds.
#include "extractor/page/html_prose.h"
#include "extractor/page/html_tree.h"
#include "lib/base/arena.h"
#include "lib/base/ensure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_node(const struct html_node *node, struct slice page)
{
    ensure(node->raw.len == 0 ||
           (node->raw.ptr >= page.ptr && node->raw.ptr + node->raw.len <= page.ptr + page.len));
    for (const struct html_node *child = node->first; child; child = child->next) {
        ensure(child->parent == node);
        ensure(child->next || node->last == child);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new((size_t)256 * 1024 * 1024);
    struct slice page = {(const char *)data, size};
    const struct html_node *document = html_tree_build(arena, page);
    for (const struct html_node *node = document; node;
         node = html_tree_next(document, node, false))
        check_node(node, page);
    (void)html_inner_text(arena, document);
    struct prose_document prose = html_prose_of(arena, document);
    ensure(prose.count <= PROSE_MAX_LINES);
    for (size_t i = 0; i < prose.count; i++)
        ensure(prose.lines[i].text.len > 0);
    arena_free(arena);
    return 0;
}
