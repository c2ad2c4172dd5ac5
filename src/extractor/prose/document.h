// The description of an event with its structure: what readers of ProseMirror, Markdown and HTML
// write, and what the rules for people, companies and topics read.
//
// A document is a list of lines. A line is what a reader sees as one: a heading, a paragraph, an
// item of a list, or what stands between two hard breaks of those. Texts are clean (see
// unicode_clean_line) and never empty; they and all else live in the arena.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    PROSE_MAX_TEXT = 256 * 1024, // bytes of all lines
    PROSE_MAX_LINES = 8192,
    PROSE_MAX_SPANS = 16384, // of all lines
};

enum prose_kind { PROSE_PARAGRAPH, PROSE_HEADING, PROSE_ITEM };

// A part of a line that is bold, or a link, or both.
struct prose_span {
    size_t start, end; // bytes of the line's text
    bool is_bold;
    struct slice url; // absent: no link
};

struct prose_line {
    struct slice text;
    enum prose_kind kind;
    int level;       // of a heading 1 to 6; of an item the depth of its list, from 1
    int number;      // of an item of a numbered list, from 1; else 0
    bool continues;  // the line before belongs to the same paragraph, heading or item
    bool after_rule; // a horizontal rule stands before it
    const struct prose_span *spans; // in order, not overlapping
    size_t span_count;
};

struct prose_document {
    const struct prose_line *lines;
    size_t count;
};

// Are all letters of the line bold?
bool prose_is_bold(const struct prose_line *line);
// The address that the text from byte `start` to `end` links to; absent when there is none.
struct slice prose_url(const struct prose_line *line, size_t start, size_t end);

// The document as plain text: paragraphs with an empty line between them, items as "- text" or
// "1. text" on lines of their own, nested ones indented, links by their text.
struct slice prose_plain(struct arena *arena, const struct prose_document *document);

// ---- writing one

struct prose_style {
    bool is_bold;
    struct slice url; // absent: no link
};

struct prose_writer;
struct prose_writer *prose_writer_new(struct arena *arena);
// Begins a block; the line before ends. Within an item, a block of the same item is a line that
// continues it: prose_write_break.
void prose_write_block(struct prose_writer *writer, enum prose_kind kind, int level, int number);
void prose_write_text(struct prose_writer *writer, struct slice text, struct prose_style style);
void prose_write_break(struct prose_writer *writer);
void prose_write_rule(struct prose_writer *writer);
// Text over the maxima is left out. The writer is not used again.
struct prose_document prose_finish(struct prose_writer *writer);
