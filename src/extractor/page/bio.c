#include "extractor/page/bio.h"

#include "lib/text/names.h"
#include "lib/text/unicode.h"

#include <string.h>

enum { MAX_COMPANY_WORDS = 5, MAX_COMPANY_BYTES = 80, MAX_TITLE_WORDS = 8 };

// Between two positions, or a title and its company.
static const char *const segment_marks[] = {" | ", " • ", " · ", " // ", " ~ "};

// The part in front of the first mark of any kind; *ret_rest is what is behind, or absent.
static struct slice first_segment(struct slice text, struct slice *ret_rest)
{
    size_t first = SIZE_MAX, len = 0;
    for (size_t i = 0; i < ARRAY_LEN(segment_marks); i++) {
        struct slice mark = slice_from_cstr(segment_marks[i]);
        size_t at = slice_find(text, mark);
        if (at < first)
            first = at, len = mark.len;
    }
    *ret_rest = first == SIZE_MAX ? (struct slice){0} : slice_sub(text, first + len, text.len);
    return slice_trim(slice_sub(text, 0, first));
}

// A company's name at the start of a text: up to the mark that ends it.
static struct slice take_company(struct slice text)
{
    static const char *const ends[] = {", ",  " & ", " and ", " (",  ". ", "; ",
                                       " - ", " – ", " — ",   " + ", " @"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        text = slice_sub(text, 0, slice_find(text, slice_from_cstr(ends[i])));
    text = slice_trim(text);
    while (text.len && strchr(".,;:!|", text.ptr[text.len - 1]))
        text.len--;
    bool is_address = slice_find(text, SLICE("://")) != SIZE_MAX;
    size_t words = name_count_words(text);
    return words >= 1 && words <= MAX_COMPANY_WORDS && text.len <= MAX_COMPANY_BYTES && !is_address
               ? text
               : (struct slice){0};
}

static struct slice usable_title(struct arena *arena, struct slice text)
{
    text = slice_trim(text);
    size_t words = name_count_words(text);
    return words >= 1 && words <= MAX_TITLE_WORDS && name_has_title_word(arena, text)
               ? text
               : (struct slice){0};
}

// "Partner @ Engines", "Head of Research at engines.ai"
static bool read_at(struct arena *arena, struct slice segment, struct bio_position *position)
{
    static const char *const marks[] = {" @ ", " @", "@ ", " at "};
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        struct slice mark = slice_from_cstr(marks[i]);
        size_t at = slice_find(segment, mark);
        if (at == SIZE_MAX)
            continue;
        struct slice title = usable_title(arena, slice_sub(segment, 0, at));
        struct slice company = take_company(slice_sub(segment, at + mark.len, segment.len));
        if (!title.ptr)
            return false;
        *position = (struct bio_position){title, company};
        return true;
    }
    return false;
}

// "CEO of Acme", but not "Head of Research"
static bool read_of(struct arena *arena, struct slice segment, struct bio_position *position)
{
    static const struct slice mark = {" of ", 4};
    size_t at = slice_find(segment, mark);
    struct slice title = slice_sub(segment, 0, at);
    if (at == SIZE_MAX || !name_is_title(arena, title) || name_is_title(arena, segment))
        return false;
    struct slice company = take_company(slice_sub(segment, at + mark.len, segment.len)),
                 rest = company, word;
    bool named = name_next_word(&rest, &word) && !(word.ptr[0] >= 'a' && word.ptr[0] <= 'z');
    // A field of work is written small or is a word of titles itself: "Head of AI".
    char *with_it = arena_printf(arena, "%.*s %.*s", SLICE_FMT(title), SLICE_FMT(word));
    if (!named || name_is_title(arena, slice_from_cstr(with_it)))
        return false;
    *position = (struct bio_position){title, company};
    return true;
}

// "Head of Community, Engine Alliance (Acme)"
static bool read_comma(struct arena *arena, struct slice segment, struct bio_position *position)
{
    size_t at = slice_find(segment, SLICE(", "));
    struct slice title = slice_sub(segment, 0, at);
    if (at == SIZE_MAX || !name_is_title(arena, title))
        return false;
    struct slice company = take_company(slice_sub(segment, at + 2, segment.len));
    bool named = company.len && !(company.ptr[0] >= 'a' && company.ptr[0] <= 'z') &&
                 !name_has_title_word(arena, company);
    *position = (struct bio_position){title, named ? company : (struct slice){0}};
    return true;
}

// "Co-founder & CEO | Engine AI", and a title alone
static bool read_title(struct arena *arena, struct slice segment, struct slice rest,
                       struct bio_position *position)
{
    if (!name_is_title(arena, segment) || name_count_words(segment) > MAX_TITLE_WORDS)
        return false;
    struct slice none, company = take_company(first_segment(rest, &none));
    bool named = company.ptr && !name_has_title_word(arena, company);
    *position = (struct bio_position){segment, named ? company : (struct slice){0}};
    return true;
}

// "Co-founder engines.ai": a title and a domain
static bool read_domain(struct arena *arena, struct slice segment, struct bio_position *position)
{
    size_t at = segment.len;
    while (at > 0 && segment.ptr[at - 1] != ' ')
        at--;
    struct slice last = slice_sub(segment, at, segment.len),
                 title = slice_trim(slice_sub(segment, 0, at));
    size_t dot = slice_find_char(last, '.');
    if (dot == SIZE_MAX || dot == 0 || dot + 2 >= last.len ||
        slice_find_char(last, '/') != SIZE_MAX || !name_is_title(arena, title))
        return false;
    *position = (struct bio_position){title, last};
    return true;
}

struct bio_position bio_read_position(struct arena *arena, struct slice bio)
{
    struct slice lines = unicode_clean_text(arena, bio), line, rest;
    struct bio_position position = {0};
    if (!slice_split_next(&lines, '\n', &line))
        return position;
    line = name_clean(arena, line);
    struct slice segment = first_segment(line, &rest);
    while (segment.len && strchr(".,;:|", segment.ptr[segment.len - 1]))
        segment.len--;
    if (segment.len == 0 || read_at(arena, segment, &position) ||
        read_of(arena, segment, &position) || read_comma(arena, segment, &position) ||
        read_title(arena, segment, rest, &position) || read_domain(arena, segment, &position))
        return position;
    return (struct bio_position){0};
}
