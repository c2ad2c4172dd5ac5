#include "extractor/page/html_prose.h"

#include "extractor/page/html.h"
#include "extractor/page/html_tokens.h"
#include "lib/base/compiler.h"

#include <string.h>

enum { MAX_LISTS = 32 };

enum element {
    ELEMENT_INLINE,
    ELEMENT_BLOCK,
    ELEMENT_HEADING,
    ELEMENT_LIST,
    ELEMENT_NUMBERS,
    ELEMENT_ITEM,
    ELEMENT_ROW,
    ELEMENT_CELL,
    ELEMENT_BREAK,
    ELEMENT_RULE,
    ELEMENT_BOLD,
    ELEMENT_LINK,
    ELEMENT_DROPPED,
};

static const unsigned char elements[HTML_TEXT + 1] = {
    [HTML_ADDRESS] = ELEMENT_BLOCK,    [HTML_ARTICLE] = ELEMENT_BLOCK,
    [HTML_BLOCKQUOTE] = ELEMENT_BLOCK, [HTML_CAPTION] = ELEMENT_BLOCK,
    [HTML_CENTER] = ELEMENT_BLOCK,     [HTML_DD] = ELEMENT_BLOCK,
    [HTML_DETAILS] = ELEMENT_BLOCK,    [HTML_DIALOG] = ELEMENT_DROPPED,
    [HTML_DIV] = ELEMENT_BLOCK,        [HTML_DL] = ELEMENT_BLOCK,
    [HTML_DT] = ELEMENT_BLOCK,         [HTML_FIELDSET] = ELEMENT_BLOCK,
    [HTML_FIGCAPTION] = ELEMENT_BLOCK, [HTML_FIGURE] = ELEMENT_BLOCK,
    [HTML_FORM] = ELEMENT_BLOCK,       [HTML_HGROUP] = ELEMENT_BLOCK,
    [HTML_MAIN] = ELEMENT_BLOCK,       [HTML_P] = ELEMENT_BLOCK,
    [HTML_PRE] = ELEMENT_BLOCK,        [HTML_SECTION] = ELEMENT_BLOCK,
    [HTML_SUMMARY] = ELEMENT_BLOCK,    [HTML_TABLE] = ELEMENT_BLOCK,
    [HTML_H1] = ELEMENT_HEADING,       [HTML_H2] = ELEMENT_HEADING,
    [HTML_H3] = ELEMENT_HEADING,       [HTML_H4] = ELEMENT_HEADING,
    [HTML_H5] = ELEMENT_HEADING,       [HTML_H6] = ELEMENT_HEADING,
    [HTML_UL] = ELEMENT_LIST,          [HTML_MENU] = ELEMENT_LIST,
    [HTML_OL] = ELEMENT_NUMBERS,       [HTML_LI] = ELEMENT_ITEM,
    [HTML_TR] = ELEMENT_ROW,           [HTML_TD] = ELEMENT_CELL,
    [HTML_TH] = ELEMENT_CELL,          [HTML_BR] = ELEMENT_BREAK,
    [HTML_HR] = ELEMENT_RULE,          [HTML_B] = ELEMENT_BOLD,
    [HTML_STRONG] = ELEMENT_BOLD,      [HTML_A] = ELEMENT_LINK,
    [HTML_ASIDE] = ELEMENT_DROPPED,    [HTML_AUDIO] = ELEMENT_DROPPED,
    [HTML_BUTTON] = ELEMENT_DROPPED,   [HTML_FOOTER] = ELEMENT_DROPPED,
    [HTML_HEAD] = ELEMENT_DROPPED,     [HTML_HEADER] = ELEMENT_DROPPED,
    [HTML_IFRAME] = ELEMENT_DROPPED,   [HTML_MATH] = ELEMENT_DROPPED,
    [HTML_NAV] = ELEMENT_DROPPED,      [HTML_NOEMBED] = ELEMENT_DROPPED,
    [HTML_NOFRAMES] = ELEMENT_DROPPED, [HTML_OBJECT] = ELEMENT_DROPPED,
    [HTML_SCRIPT] = ELEMENT_DROPPED,   [HTML_SELECT] = ELEMENT_DROPPED,
    [HTML_STYLE] = ELEMENT_DROPPED,    [HTML_SVG] = ELEMENT_DROPPED,
    [HTML_TEMPLATE] = ELEMENT_DROPPED, [HTML_TEXTAREA] = ELEMENT_DROPPED,
    [HTML_TITLE] = ELEMENT_DROPPED,    [HTML_VIDEO] = ELEMENT_DROPPED,
};

struct walk {
    struct arena *arena;
    struct prose_writer *writer;
    int bold;
    struct slice url;       // of the link around
    int lists;              // around
    int numbers[MAX_LISTS]; // of the next item of each; 0: bullets
    bool item_begins;       // its first block has not begun
    int rows, pres;         // around; rows with several cells
    int cells;              // of the row, so far
};

static enum element element_of(const struct html_node *node)
{
    return (enum element)elements[node->tag];
}

static void begin_block(struct walk *walk, enum prose_kind kind, int level)
{
    // Blocks in the cells of a row are parts of its line, and blocks in an item are its lines.
    if (walk->rows)
        prose_write_text(walk->writer, SLICE(" "), (struct prose_style){0});
    else if (walk->lists == 0)
        prose_write_block(walk->writer, kind, level, 0);
    else if (!walk->item_begins)
        prose_write_break(walk->writer);
}

static void begin_item(struct walk *walk)
{
    int *number = walk->lists ? &walk->numbers[(walk->lists - 1) % MAX_LISTS] : NULL;
    prose_write_block(walk->writer, PROSE_ITEM, walk->lists ? walk->lists : 1,
                      number && *number ? (*number)++ : 0);
    walk->item_begins = true;
}

// A line of a table with columns; a table for the layout, with one cell in each row, is none.
static bool is_row(const struct html_node *node)
{
    int cells = 0;
    for (const struct html_node *child = node->first; child; child = child->next)
        cells += element_of(child) == ELEMENT_CELL;
    return cells > 1;
}

static void write_text(struct walk *walk, const struct html_node *node)
{
    struct slice text = html_decode_text(walk->arena, node->raw);
    const struct prose_style style = {.is_bold = walk->bold > 0, .url = walk->url};
    if (walk->pres == 0 && slice_find_char(text, '\n') != SIZE_MAX) {
        char *line = arena_cstr(walk->arena, text);
        for (size_t i = 0; i < text.len; i++)
            if (line[i] == '\n')
                line[i] = ' ';
        text.ptr = line;
    }
    if (slice_trim(text).len)
        walk->item_begins = false;
    prose_write_text(walk->writer, text, style);
}

static void enter(struct walk *walk, const struct html_node *node)
{
    switch (element_of(node)) {
    case ELEMENT_INLINE:
        if (node->tag == HTML_TEXT)
            write_text(walk, node);
        break;
    case ELEMENT_BLOCK:
        begin_block(walk, PROSE_PARAGRAPH, 0);
        walk->pres += node->tag == HTML_PRE;
        break;
    case ELEMENT_HEADING:
        begin_block(walk, PROSE_HEADING, (int)(node->tag - HTML_H1) + 1);
        break;
    case ELEMENT_LIST:
    case ELEMENT_NUMBERS:
        walk->numbers[walk->lists++ % MAX_LISTS] = element_of(node) == ELEMENT_NUMBERS;
        break;
    case ELEMENT_ITEM:
        begin_item(walk);
        break;
    case ELEMENT_ROW:
        begin_block(walk, PROSE_PARAGRAPH, 0);
        walk->rows += is_row(node);
        walk->cells = 0;
        break;
    case ELEMENT_CELL:
        walk->bold += node->tag == HTML_TH;
        if (walk->rows && walk->cells++)
            prose_write_text(walk->writer, SLICE(" | "), (struct prose_style){0});
        else
            begin_block(walk, PROSE_PARAGRAPH, 0);
        break;
    case ELEMENT_BREAK:
        if (walk->rows)
            prose_write_text(walk->writer, SLICE(" "), (struct prose_style){0});
        else
            prose_write_break(walk->writer);
        break;
    case ELEMENT_RULE:
        prose_write_rule(walk->writer);
        break;
    case ELEMENT_BOLD:
        walk->bold++;
        break;
    case ELEMENT_LINK:
        walk->url = slice_trim(html_attribute(walk->arena, node, HTML_ATTRIBUTE_HREF));
        break;
    case ELEMENT_DROPPED:
        break;
    }
}

static void leave(struct walk *walk, const struct html_node *node)
{
    enum element element = element_of(node);
    switch (element) {
    case ELEMENT_LIST:
    case ELEMENT_NUMBERS:
        walk->lists--;
        walk->item_begins = false;
        if (walk->lists == 0)
            prose_write_block(walk->writer, PROSE_PARAGRAPH, 0, 0);
        break;
    case ELEMENT_ROW:
        walk->rows -= is_row(node);
        begin_block(walk, PROSE_PARAGRAPH, 0);
        break;
    case ELEMENT_CELL:
        walk->bold -= node->tag == HTML_TH;
        begin_block(walk, PROSE_PARAGRAPH, 0);
        break;
    case ELEMENT_BLOCK:
    case ELEMENT_HEADING:
        walk->pres -= node->tag == HTML_PRE;
        begin_block(walk, PROSE_PARAGRAPH, 0);
        break;
    case ELEMENT_ITEM:
        walk->item_begins = false;
        if (walk->lists == 0)
            prose_write_block(walk->writer, PROSE_PARAGRAPH, 0, 0);
        break;
    case ELEMENT_BOLD:
        walk->bold--;
        break;
    case ELEMENT_LINK:
        walk->url = (struct slice){0};
        break;
    case ELEMENT_INLINE:
    case ELEMENT_BREAK:
    case ELEMENT_RULE:
    case ELEMENT_DROPPED:
        break;
    }
}

struct prose_document html_prose_of(struct arena *arena, const struct html_node *root)
{
    struct walk walk = {.arena = arena, .writer = prose_writer_new(arena)};
    const struct html_node *node = root->first;
    while (node) {
        enter(&walk, node);
        if (node->first && element_of(node) != ELEMENT_DROPPED) {
            node = node->first;
            continue;
        }
        leave(&walk, node);
        while (!node->next && node->parent != root) {
            node = node->parent;
            leave(&walk, node);
        }
        node = node->next;
    }
    return prose_finish(walk.writer);
}

struct prose_document html_prose_read(struct arena *arena, struct slice fragment)
{
    return html_prose_of(arena, html_tree_build(arena, fragment));
}

bool html_prose_is_markup(struct slice text)
{
    for (size_t at; (at = slice_find_char(text, '<')) != SIZE_MAX;) {
        html_advance(&text, at + 1);
        struct slice rest = text;
        if (rest.len && rest.ptr[0] == '/')
            html_advance(&rest, 1);
        if (rest.len && html_is_letter(rest.ptr[0]) &&
            html_tag_of(html_take_tag_name(&rest)) != HTML_OTHER &&
            slice_find_char(rest, '>') != SIZE_MAX)
            return true;
    }
    return false;
}
