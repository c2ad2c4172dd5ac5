#include "extractor/page/prosemirror.h"

#include "lib/json/json.h"

enum { MAX_NUMBER = 1000000 };

enum node {
    NODE_UNKNOWN,
    NODE_TEXT,
    NODE_BLOCK,
    NODE_HEADING,
    NODE_BREAK,
    NODE_BULLETS,
    NODE_NUMBERS,
    NODE_ITEM,
    NODE_RULE,
    NODE_NOTHING
};

static const struct {
    const char *type; // in lower case, without "_"
    enum node node;
} nodes[] = {
    {"text", NODE_TEXT},          {"paragraph", NODE_BLOCK},     {"heading", NODE_HEADING},
    {"blockquote", NODE_BLOCK},   {"codeblock", NODE_BLOCK},     {"hardbreak", NODE_BREAK},
    {"bulletlist", NODE_BULLETS}, {"orderedlist", NODE_NUMBERS}, {"listitem", NODE_ITEM},
    {"tasklist", NODE_BULLETS},   {"taskitem", NODE_ITEM},       {"tablerow", NODE_BLOCK},
    {"tablecell", NODE_BLOCK},    {"tableheader", NODE_BLOCK},   {"horizontalrule", NODE_RULE},
    {"image", NODE_NOTHING},
};

struct walk {
    struct prose_writer *writer;
    int list_depth;
    int number;       // of the item that begins, 0: a bullet
    bool item_begins; // its first block has not begun
};

static bool is_type(struct slice type, const char *name)
{
    size_t at = 0;
    for (size_t i = 0; i < type.len; i++) {
        if (type.ptr[i] == '_')
            continue;
        char c =
            type.ptr[i] >= 'A' && type.ptr[i] <= 'Z' ? (char)(type.ptr[i] | 0x20) : type.ptr[i];
        if (name[at] == '\0' || c != name[at++])
            return false;
    }
    return at > 0 && name[at] == '\0';
}

static enum node node_of(struct slice type)
{
    for (size_t i = 0; i < ARRAY_LEN(nodes); i++)
        if (is_type(type, nodes[i].type))
            return nodes[i].node;
    return NODE_UNKNOWN;
}

static struct prose_style style_of(yyjson_val *node)
{
    struct prose_style style = {0};
    yyjson_val *mark;
    size_t index, count;
    yyjson_arr_foreach (yyjson_obj_get(node, "marks"), index, count, mark) {
        struct slice type = json_get_text(mark, "type");
        if (is_type(type, "bold") || is_type(type, "strong"))
            style.is_bold = true;
        else if (is_type(type, "link"))
            style.url = json_get_text(mark, "attrs.href");
    }
    return style;
}

static void walk_node(struct walk *walk, yyjson_val *node, int depth);

static void walk_children(struct walk *walk, yyjson_val *node, int depth)
{
    yyjson_val *child;
    size_t index, count;
    if (depth < PROSEMIRROR_MAX_DEPTH)
        yyjson_arr_foreach (yyjson_obj_get(node, "content"), index, count, child)
            walk_node(walk, child, depth + 1);
}

// Blocks within an item are lines of the item.
static void begin_block(struct walk *walk, enum prose_kind kind, int level)
{
    if (walk->list_depth == 0)
        prose_write_block(walk->writer, kind, level, 0);
    else if (walk->item_begins)
        prose_write_block(walk->writer, PROSE_ITEM, walk->list_depth, walk->number);
    else
        prose_write_break(walk->writer);
    walk->item_begins = false;
}

static void walk_list(struct walk *walk, yyjson_val *node, int depth, int64_t first_number)
{
    yyjson_val *child;
    size_t index, count;
    if (depth >= PROSEMIRROR_MAX_DEPTH)
        return;
    walk->list_depth++;
    yyjson_arr_foreach (yyjson_obj_get(node, "content"), index, count, child) {
        walk->number = first_number ? (int)(first_number + (int64_t)(index % MAX_NUMBER)) : 0;
        walk_node(walk, child, depth + 1);
    }
    walk->list_depth--;
    walk->item_begins = false;
    prose_write_block(walk->writer, PROSE_PARAGRAPH, 0, 0);
}

static void walk_block(struct walk *walk, yyjson_val *node, int depth, enum prose_kind kind)
{
    int64_t level = json_get_int(node, "attrs.level", 1);
    level = level < 1 ? 1 : level > 6 ? 6 : level;
    begin_block(walk, kind, kind == PROSE_HEADING ? (int)level : 0);
    walk_children(walk, node, depth);
    if (walk->list_depth == 0)
        prose_write_block(walk->writer, PROSE_PARAGRAPH, 0, 0);
}

// A mention or the like carries its text as an attribute.
static void walk_unknown(struct walk *walk, yyjson_val *node, int depth)
{
    if (yyjson_obj_get(node, "content"))
        walk_children(walk, node, depth);
    else if (json_get_text(node, "text").len)
        prose_write_text(walk->writer, json_get_text(node, "text"), style_of(node));
    else
        prose_write_text(walk->writer, json_get_text(node, "attrs.label"), style_of(node));
}

static void walk_node(struct walk *walk, yyjson_val *node, int depth)
{
    enum node type = node_of(json_get_text(node, "type"));
    int64_t start = type == NODE_NUMBERS ? json_get_int(node, "attrs.start", 1) : 0;
    switch (type) {
    case NODE_TEXT:
        prose_write_text(walk->writer, json_get_text(node, "text"), style_of(node));
        break;
    case NODE_BREAK:
        prose_write_break(walk->writer);
        break;
    case NODE_BLOCK:
        walk_block(walk, node, depth, PROSE_PARAGRAPH);
        break;
    case NODE_HEADING:
        walk_block(walk, node, depth, PROSE_HEADING);
        break;
    case NODE_BULLETS:
        walk_list(walk, node, depth, 0);
        break;
    case NODE_NUMBERS:
        walk_list(walk, node, depth, start > 0 && start < MAX_NUMBER ? start : 1);
        break;
    case NODE_ITEM:
        walk->item_begins = true;
        walk_children(walk, node, depth);
        walk->item_begins = false;
        break;
    case NODE_RULE:
        prose_write_rule(walk->writer);
        break;
    case NODE_NOTHING:
        break;
    case NODE_UNKNOWN:
        walk_unknown(walk, node, depth);
        break;
    }
}

struct prose_document prosemirror_read(struct arena *arena, yyjson_val *document)
{
    struct walk walk = {.writer = prose_writer_new(arena)};
    walk_node(&walk, document, 0);
    return prose_finish(walk.writer);
}
