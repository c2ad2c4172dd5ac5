#include "extractor/page/prosemirror.h"

#include "lib/base/buffer.h"
#include "lib/json/json.h"
#include "lib/text/unicode.h"

#include <string.h>

enum node {
    NODE_UNKNOWN,
    NODE_TEXT,
    NODE_BLOCK,
    NODE_BREAK,
    NODE_BULLETS,
    NODE_NUMBERS,
    NODE_ITEM,
    NODE_NOTHING
};

static const struct {
    const char *type; // in lower case, without "_"
    enum node node;
} nodes[] = {
    {"text", NODE_TEXT},          {"paragraph", NODE_BLOCK},     {"heading", NODE_BLOCK},
    {"blockquote", NODE_BLOCK},   {"codeblock", NODE_BLOCK},     {"hardbreak", NODE_BREAK},
    {"bulletlist", NODE_BULLETS}, {"orderedlist", NODE_NUMBERS}, {"listitem", NODE_ITEM},
    {"tasklist", NODE_BULLETS},   {"taskitem", NODE_ITEM},       {"tablerow", NODE_BLOCK},
    {"tablecell", NODE_BLOCK},    {"tableheader", NODE_BLOCK},   {"horizontalrule", NODE_NOTHING},
    {"image", NODE_NOTHING},
};

struct writer {
    struct buffer out;
    int newlines; // to be written before the next text
    int list_depth;
    int64_t number;   // of the item that begins, 0: a bullet
    bool item_begins; // its mark is not written yet
    bool at_line_start;
    bool full;
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

// Asks for line ends before the next text: two between paragraphs, one inside lists.
static void separate(struct writer *w, int newlines)
{
    if (w->newlines < newlines)
        w->newlines = newlines;
}

// White space and zero-width characters that people type in front of a line.
static struct slice skip_blank(struct slice text)
{
    while (text.len) {
        struct slice rest = text;
        uint32_t c = unicode_next(&rest);
        if (c != ' ' && c != '\t' && c != 0xa0 && c != 0x200b && c != 0xfeff && c != 0x2060)
            break;
        text = rest;
    }
    return text;
}

// What is over the maximum is left out, between two characters; nothing is written behind it.
static void append_cut(struct writer *w, struct slice text)
{
    size_t room = w->out.max - w->out.len;
    if (text.len > room) {
        while (room > 0 && ((unsigned char)text.ptr[room] & 0xc0) == 0x80)
            room--;
        text.len = room;
        w->full = true;
    }
    buffer_append(&w->out, text);
}

static void write_text(struct writer *w, struct slice text)
{
    bool starts_line = w->newlines || w->item_begins || w->at_line_start;
    if (starts_line)
        text = skip_blank(text);
    if (text.len == 0 || w->full)
        return;
    for (; w->newlines > 0; w->newlines--)
        buffer_append_char(&w->out, '\n');
    if (w->item_begins) {
        for (int i = 1; i < w->list_depth; i++)
            buffer_append_cstr(&w->out, "  ");
        if (w->number)
            buffer_printf(&w->out, "%lld. ", (long long)w->number);
        else
            buffer_append_cstr(&w->out, "- ");
        w->item_begins = false;
    }
    append_cut(w, text);
    w->at_line_start = false;
}

static void write_node(struct writer *w, yyjson_val *node, int depth);

static void write_children(struct writer *w, yyjson_val *node, int depth)
{
    yyjson_val *content = yyjson_obj_get(node, "content"), *child;
    size_t index, count;
    if (depth < PROSEMIRROR_MAX_DEPTH)
        yyjson_arr_foreach (content, index, count, child)
            write_node(w, child, depth + 1);
}

static void write_list(struct writer *w, yyjson_val *node, int depth, int64_t first_number)
{
    yyjson_val *content = yyjson_obj_get(node, "content"), *child;
    size_t index, count;
    if (depth >= PROSEMIRROR_MAX_DEPTH)
        return;
    separate(w, w->list_depth ? 1 : 2);
    w->list_depth++;
    yyjson_arr_foreach (content, index, count, child) {
        w->number = first_number ? first_number + (int64_t)index : 0;
        write_node(w, child, depth + 1);
    }
    w->list_depth--;
    separate(w, w->list_depth ? 1 : 2);
}

static void write_item(struct writer *w, yyjson_val *node, int depth)
{
    separate(w, 1);
    w->item_begins = true;
    write_children(w, node, depth);
    w->item_begins = false;
    separate(w, 1);
}

static void write_block(struct writer *w, yyjson_val *node, int depth)
{
    separate(w, w->list_depth ? 1 : 2);
    write_children(w, node, depth);
    separate(w, w->list_depth ? 1 : 2);
}

// A mention or the like carries its text as an attribute.
static void write_unknown(struct writer *w, yyjson_val *node, int depth)
{
    if (yyjson_obj_get(node, "content"))
        write_children(w, node, depth);
    else if (json_get_text(node, "text").len)
        write_text(w, json_get_text(node, "text"));
    else
        write_text(w, json_get_text(node, "attrs.label"));
}

static void write_node(struct writer *w, yyjson_val *node, int depth)
{
    switch (node_of(json_get_text(node, "type"))) {
    case NODE_TEXT:
        write_text(w, json_get_text(node, "text"));
        break;
    case NODE_BREAK:
        separate(w, w->newlines ? 2 : 1);
        break;
    case NODE_BLOCK:
        write_block(w, node, depth);
        break;
    case NODE_BULLETS:
        write_list(w, node, depth, 0);
        break;
    case NODE_NUMBERS: {
        int64_t start = json_get_int(node, "attrs.start", 1);
        write_list(w, node, depth, start > 0 && start < 1000000 ? start : 1);
        break;
    }
    case NODE_ITEM:
        write_item(w, node, depth);
        break;
    case NODE_NOTHING:
        separate(w, 2);
        break;
    case NODE_UNKNOWN:
        write_unknown(w, node, depth);
        break;
    }
}

struct slice prosemirror_text(struct arena *arena, yyjson_val *document)
{
    struct writer w = {.at_line_start = true};
    buffer_init(&w.out, PROSEMIRROR_MAX_TEXT);
    write_node(&w, document, 0);
    // A copy first: text that is clean already would be the buffer's own.
    struct slice text = unicode_clean_text(arena, arena_slice(arena, buffer_slice(&w.out)));
    buffer_done(&w.out);
    return text;
}
