#include "extractor/prose/markdown.h"

#include "extractor/page/html.h"
#include "lib/base/buffer.h"
#include "lib/text/unicode.h"

#include <md4c.h>
#include <string.h>

enum { MAX_LISTS = 32 };

struct walk {
    struct arena *arena;
    struct prose_writer *writer;
    struct prose_style style;
    int bold_depth;
    int depth;              // of lists
    int numbers[MAX_LISTS]; // of the next item of each list; 0: bullets
    bool item_begins;
    int cells; // of the row of a table, so far
};

static void begin_block(struct walk *walk, enum prose_kind kind, int level)
{
    int *number = walk->depth ? &walk->numbers[(walk->depth - 1) % MAX_LISTS] : NULL;
    if (!number)
        prose_write_block(walk->writer, kind, level, 0);
    else if (walk->item_begins)
        prose_write_block(walk->writer, PROSE_ITEM, walk->depth, *number ? (*number)++ : 0);
    else
        prose_write_break(walk->writer);
    walk->item_begins = false;
}

static void begin_list(struct walk *walk, int first_number)
{
    walk->numbers[walk->depth % MAX_LISTS] = first_number;
    walk->depth++;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    struct walk *walk = context;
    switch (type) {
    case MD_BLOCK_UL:
        begin_list(walk, 0);
        break;
    case MD_BLOCK_OL: {
        unsigned start = ((MD_BLOCK_OL_DETAIL *)detail)->start;
        begin_list(walk, start > 0 && start < 1000000 ? (int)start : 1);
        break;
    }
    case MD_BLOCK_LI: // a tight item has no paragraph of its own
        walk->item_begins = true;
        begin_block(walk, PROSE_ITEM, 0);
        walk->item_begins = true;
        break;
    case MD_BLOCK_H:
        begin_block(walk, PROSE_HEADING, (int)((MD_BLOCK_H_DETAIL *)detail)->level);
        break;
    case MD_BLOCK_HR:
        prose_write_rule(walk->writer);
        break;
    case MD_BLOCK_P:
        // The first paragraph of an item is the item itself.
        if (walk->item_begins)
            walk->item_begins = false;
        else
            begin_block(walk, PROSE_PARAGRAPH, 0);
        break;
    case MD_BLOCK_TR:
        walk->cells = 0;
        begin_block(walk, PROSE_PARAGRAPH, 0);
        break;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
        if (walk->cells++)
            prose_write_text(walk->writer, SLICE(" | "), walk->style);
        break;
    case MD_BLOCK_CODE:
        begin_block(walk, PROSE_PARAGRAPH, 0);
        break;
    case MD_BLOCK_DOC:
    case MD_BLOCK_QUOTE:
    case MD_BLOCK_HTML:
    case MD_BLOCK_TABLE:
    case MD_BLOCK_THEAD:
    case MD_BLOCK_TBODY:
        break;
    }
    return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    struct walk *walk = context;
    (void)detail;
    if (type == MD_BLOCK_UL || type == MD_BLOCK_OL) {
        walk->depth--;
        walk->item_begins = false;
    }
    if (walk->depth == 0 && (type == MD_BLOCK_UL || type == MD_BLOCK_OL || type == MD_BLOCK_H ||
                             type == MD_BLOCK_P || type == MD_BLOCK_CODE))
        prose_write_block(walk->writer, PROSE_PARAGRAPH, 0, 0);
    return 0;
}

// An attribute's text without its escapes and entities.
static struct slice attribute_text(struct arena *arena, const MD_ATTRIBUTE *attribute)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, PROSE_MAX_TEXT);
    for (size_t i = 0; attribute->size && attribute->substr_offsets[i] < attribute->size; i++) {
        MD_OFFSET start = attribute->substr_offsets[i], end = attribute->substr_offsets[i + 1];
        struct slice part = {attribute->text + start, end - start};
        buffer_append(&text, attribute->substr_types[i] == MD_TEXT_ENTITY
                                 ? html_decode_text(arena, part)
                                 : part);
    }
    return arena_slice(arena, buffer_slice(&text));
}

static int enter_span(MD_SPANTYPE type, void *detail, void *context)
{
    struct walk *walk = context;
    if (type == MD_SPAN_STRONG) {
        walk->bold_depth++;
        walk->style.is_bold = true;
    } else if (type == MD_SPAN_A) {
        walk->style.url = attribute_text(walk->arena, &((MD_SPAN_A_DETAIL *)detail)->href);
    }
    return 0;
}

static int leave_span(MD_SPANTYPE type, void *detail, void *context)
{
    struct walk *walk = context;
    (void)detail;
    if (type == MD_SPAN_STRONG)
        walk->style.is_bold = --walk->bold_depth > 0;
    else if (type == MD_SPAN_A)
        walk->style.url = (struct slice){0};
    return 0;
}

static int add_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *context)
{
    struct walk *walk = context;
    struct slice raw = {text, size};
    if (type == MD_TEXT_BR || type == MD_TEXT_SOFTBR)
        prose_write_break(walk->writer);
    else if (type == MD_TEXT_ENTITY)
        prose_write_text(walk->writer, html_decode_text(walk->arena, raw), walk->style);
    else if (type != MD_TEXT_NULLCHAR)
        prose_write_text(walk->writer, raw, walk->style);
    return 0;
}

struct prose_document markdown_read(struct arena *arena, struct slice text)
{
    struct walk walk = {.arena = arena, .writer = prose_writer_new(arena)};
    const MD_PARSER parser = {
        .flags = MD_FLAG_NOINDENTEDCODEBLOCKS | MD_FLAG_NOHTML | MD_FLAG_PERMISSIVEATXHEADERS |
                 MD_FLAG_TABLES | MD_FLAG_PERMISSIVEURLAUTOLINKS,
        .enter_block = enter_block,
        .leave_block = leave_block,
        .enter_span = enter_span,
        .leave_span = leave_span,
        .text = add_text,
    };
    // Zero-width characters in front of a mark ("\u200b- item") would make it text.
    struct slice clean = unicode_clean_text(arena, text);
    if (clean.len > PROSE_MAX_TEXT)
        clean = slice_sub(clean, 0, PROSE_MAX_TEXT);
    // It fails only when it has no memory or a callback says so; what was read until then counts.
    (void)md_parse(clean.ptr ? clean.ptr : "", (MD_SIZE)clean.len, &parser, &walk);
    return prose_finish(walk.writer);
}
