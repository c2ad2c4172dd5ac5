// A reader turns one kind of structured data of a page into a record. Readers are pure functions:
// they see the page and nothing else, and fail never; what they cannot read they leave open, with a
// warning where something was there but broken. extract.c runs them in the order of trust and
// merges.
#pragma once

#include "extractor/page/html.h"
#include "extractor/record.h"
#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <stdbool.h>
#include <yyjson.h>

enum {
    READER_MAX_JSON = 4 * 1024 * 1024, // of one block; what is larger is not read
    READER_MAX_NAME = 300,             // characters, as the following
    READER_MAX_LINE = 500,
    READER_MAX_BIO = 1000,
    READER_MAX_DESCRIPTION = 100000,
};

struct page_input {
    struct slice url;   // where the page was fetched, or absent
    struct slice bytes; // the page
    const struct html_page *html;
    bool is_luma;
};

// Fills ret_record, which record_init has prepared.
void next_data_read(const struct page_input *page, struct record *ret_record);
void json_ld_read(const struct page_input *page, struct record *ret_record);
void markup_read(const struct page_input *page, struct record *ret_record);
void opengraph_read(const struct page_input *page, struct record *ret_record);
void text_read(const struct page_input *page, struct record *ret_record); // page/text.h

// ---- shared by the readers

// Parses one block; NULL with a warning that begins with `what` when it is broken or too large.
yyjson_val *reader_parse_json(struct record *record, const char *what, struct slice text);
// A text as a clean line, or with its lines kept, of at most max_characters; absent when it is blank.
struct slice reader_clean_line(struct arena *arena, struct slice text, size_t max_characters);
struct slice reader_clean_lines(struct arena *arena, struct slice text, size_t max_characters);
// A text of the document as a clean line of at most max_characters; absent when missing, of another
// type or blank.
struct slice reader_line(struct arena *arena, yyjson_val *value, const char *path,
                         size_t max_characters);
// The same with its lines kept.
struct slice reader_lines(struct arena *arena, yyjson_val *value, const char *path,
                          size_t max_characters);
// An address as the page writes it, which may be relative to the page's own; absent when it is
// none.
struct slice reader_resolve(const struct page_input *page, struct arena *arena,
                            struct slice reference);
// Start and end of an event. The zone is one that zone_is_valid accepts, or absent. Texts that are
// no times, times without a zone or offset and ends before their start are left out with a warning;
// a start that says only its day sets the date.
void reader_set_times(struct record *record, enum method method, struct slice start,
                      struct slice end, struct slice zone);
// Sets the country from a code or an English name; others are left out.
void reader_set_country(struct record *record, enum method method, struct slice country);
