#include "lib/text/markdown.h"

#include <string.h>

enum { MAX_HEADING = 6, NO_BRACKET = -1 };

struct strip {
    struct slice text;
    size_t at;
    char *out;
    size_t len;
    ptrdiff_t bracket; // in `out`: the "[" that may begin a link
};

static char next_char(const struct strip *strip, size_t ahead)
{
    return strip->at + ahead < strip->text.len ? strip->text.ptr[strip->at + ahead] : '\0';
}

static bool is_punctuation(char c)
{
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
           (c >= '{' && c <= '~');
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static size_t count_run(const struct strip *strip, size_t from, char c)
{
    size_t count = 0;
    while (next_char(strip, from + count) == c)
        count++;
    return count;
}

// At the start of a line: steps over "## ", and over a rule.
static void skip_line_mark(struct strip *strip)
{
    size_t indent = count_run(strip, 0, ' ');
    char c = next_char(strip, indent);
    if (c != '#' && c != '-' && c != '*' && c != '_')
        return;
    size_t marks = count_run(strip, indent, c), spaces = count_run(strip, indent + marks, ' ');
    size_t end = strip->at + indent + marks;
    if (c == '#' ? marks <= MAX_HEADING && spaces > 0
                 : marks >= 3 && (end == strip->text.len || strip->text.ptr[end] == '\n'))
        strip->at = end + (c == '#' ? spaces : 0);
}

// "<https://example.com>": gives the length within the brackets, 0 when it is none.
static size_t address_length(const struct strip *strip)
{
    static const char *const schemes[] = {"https://", "http://", "mailto:"};
    struct slice rest = slice_sub(strip->text, strip->at + 1, strip->text.len);
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        struct slice scheme = slice_from_cstr(schemes[i]);
        size_t len = scheme.len;
        if (!slice_starts_with(rest, scheme))
            continue;
        while (len < rest.len && rest.ptr[len] != '<' && rest.ptr[len] != '>' &&
               !is_space(rest.ptr[len]))
            len++;
        return len > scheme.len && len < rest.len && rest.ptr[len] == '>' ? len : 0;
    }
    return 0;
}

// At "](": the length of "](address)", 0 when it is none.
static size_t target_length(const struct strip *strip)
{
    size_t ahead = 2;
    for (char c; (c = next_char(strip, ahead)) != '\0' && c != '(' && !is_space(c); ahead++) {
        if (c == ')')
            return ahead + 1;
        if (c == '\\')
            ahead++;
    }
    return 0;
}

static void end_bracket(struct strip *strip)
{
    size_t target =
        strip->bracket != NO_BRACKET && next_char(strip, 1) == '(' ? target_length(strip) : 0;
    if (target) {
        char *open = strip->out + strip->bracket;
        memmove(open, open + 1, (size_t)(strip->out + strip->len - open) - 1);
        strip->len--;
        strip->at += target;
    } else {
        strip->out[strip->len++] = strip->text.ptr[strip->at++];
    }
    strip->bracket = NO_BRACKET;
}

static void copy(struct strip *strip, size_t len)
{
    memcpy(strip->out + strip->len, strip->text.ptr + strip->at, len);
    strip->len += len;
    strip->at += len;
}

static void step(struct strip *strip)
{
    char c = next_char(strip, 0), after = next_char(strip, 1);
    size_t address = 0;
    if (c == '\\' && is_punctuation(after)) {
        strip->at++;
        copy(strip, 1);
    } else if (c == '*' && after == '*') {
        strip->at += 2;
    } else if (c == '[') {
        strip->bracket = (ptrdiff_t)strip->len;
        copy(strip, 1);
    } else if (c == ']') {
        end_bracket(strip);
    } else if (c == '<' && (address = address_length(strip)) > 0) {
        strip->at++;
        copy(strip, address);
        strip->at++;
    } else {
        copy(strip, 1);
        if (c == '\n')
            skip_line_mark(strip);
    }
}

struct slice markdown_text(struct arena *arena, struct slice markdown)
{
    if (markdown.len == 0)
        return markdown;
    struct strip strip = {
        .text = markdown, .out = arena_alloc(arena, markdown.len), .bracket = NO_BRACKET};
    skip_line_mark(&strip);
    while (strip.at < strip.text.len)
        step(&strip);
    return (struct slice){strip.out, strip.len};
}
