#include "extractor/page/html_tokens.h"

#include "lib/base/compiler.h"

#include <stdint.h>
#include <string.h>

enum { MAX_TAG_NAME = 16 };

bool html_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

bool html_is_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

void html_advance(struct slice *rest, size_t count)
{
    *rest = slice_sub(*rest, count, rest->len);
}

// Goes behind the next `mark`, or to the end of the page: what does not end there swallows the
// rest.
void html_skip_past_char(struct slice *rest, char mark)
{
    size_t at = slice_find_char(*rest, mark);
    html_advance(rest, at == SIZE_MAX ? rest->len : at + 1);
}

void html_skip_past(struct slice *rest, struct slice mark)
{
    size_t at = slice_find(*rest, mark);
    html_advance(rest, at == SIZE_MAX ? rest->len : at + mark.len);
}

// ---- tags

struct slice html_take_tag_name(struct slice *rest)
{
    size_t len = 0;
    while (len < rest->len && !html_is_space(rest->ptr[len]) && rest->ptr[len] != '/' &&
           rest->ptr[len] != '>')
        len++;
    struct slice name = slice_sub(*rest, 0, len);
    html_advance(rest, len);
    return name;
}

struct slice html_take_attribute_name(struct slice *rest)
{
    size_t len = 1; // an equals sign at the start belongs to the name
    while (len < rest->len && !html_is_space(rest->ptr[len]) && !memchr("/>=", rest->ptr[len], 3))
        len++;
    struct slice name = slice_sub(*rest, 0, len);
    html_advance(rest, len);
    return name;
}

static void skip_spaces(struct slice *rest)
{
    size_t len = 0;
    while (len < rest->len && html_is_space(rest->ptr[len]))
        len++;
    html_advance(rest, len);
}

// Behind an attribute's name; absent when no value is given.
struct slice html_take_attribute_value(struct slice *rest)
{
    skip_spaces(rest);
    if (rest->len == 0 || rest->ptr[0] != '=')
        return (struct slice){0};
    html_advance(rest, 1);
    skip_spaces(rest);
    if (rest->len == 0 || rest->ptr[0] == '>')
        return (struct slice){0};
    char quote = rest->ptr[0];
    size_t len = 0;
    if (quote == '"' || quote == '\'') {
        html_advance(rest, 1);
        len = slice_find_char(*rest, quote);
        struct slice value = slice_sub(*rest, 0, len);
        html_advance(rest, len == SIZE_MAX ? rest->len : len + 1);
        return value;
    }
    while (len < rest->len && !html_is_space(rest->ptr[len]) && rest->ptr[len] != '>')
        len++;
    struct slice value = slice_sub(*rest, 0, len);
    html_advance(rest, len);
    return value;
}

// ---- texts

// Does `text` begin with the tag (given as "</script" or "<script"), and does the name end there?
static bool begins_tag(struct slice text, struct slice tag)
{
    if (text.len <= tag.len || !slice_equal_nocase(slice_sub(text, 0, tag.len), tag))
        return false;
    char c = text.ptr[tag.len];
    return html_is_space(c) || c == '/' || c == '>';
}

// The text up to "</name", which is left for the caller; to the end of the page when there is none.
struct slice html_take_raw_text(struct slice *rest, struct slice name)
{
    char closing[MAX_TAG_NAME + 2] = "</";
    memcpy(closing + 2, name.ptr, name.len);
    struct slice start = *rest, tag = {closing, name.len + 2};
    for (size_t at; (at = slice_find_char(*rest, '<')) != SIZE_MAX; html_advance(rest, 1)) {
        html_advance(rest, at);
        if (begins_tag(*rest, tag))
            return slice_sub(start, 0, (size_t)(rest->ptr - start.ptr));
    }
    html_advance(rest, rest->len);
    return start;
}

// A script's text: behind "<!--" a "<script" hides its own "</script" (13.2.5.17 to 13.2.5.31).
struct slice html_take_script(struct slice *rest)
{
    struct slice start = *rest;
    bool escaped = false, doubly = false;
    while (rest->len) {
        char c = rest->ptr[0];
        if (c == '<' && !escaped && slice_starts_with(*rest, SLICE("<!--"))) {
            escaped = true;
            html_advance(rest, 2); // its dashes may be the end's too: "<!-->"
        } else if (c == '-' && escaped && slice_starts_with(*rest, SLICE("-->"))) {
            escaped = doubly = false;
            html_advance(rest, 3);
        } else if (c == '<' && !doubly && begins_tag(*rest, SLICE("</script"))) {
            return slice_sub(start, 0, (size_t)(rest->ptr - start.ptr));
        } else if (c == '<' && escaped && !doubly && begins_tag(*rest, SLICE("<script"))) {
            doubly = true;
            html_advance(rest, 7);
        } else if (c == '<' && doubly && begins_tag(*rest, SLICE("</script"))) {
            doubly = false;
            html_advance(rest, 8);
        } else if (escaped) {
            html_advance(rest, 1);
        } else { // outside of comments only the next "<" can matter
            size_t at = slice_find_char(slice_sub(*rest, 1, rest->len), '<');
            html_advance(rest, at == SIZE_MAX ? rest->len : at + 1);
        }
    }
    return start;
}

void html_skip_comment(struct slice *rest)
{
    html_advance(rest, 4);
    if (slice_starts_with(*rest, SLICE(">")) || slice_starts_with(*rest, SLICE("->"))) {
        html_skip_past_char(rest, '>');
        return;
    }
    for (size_t at; (at = slice_find_char(*rest, '-')) != SIZE_MAX; html_advance(rest, 1)) {
        html_advance(rest, at);
        if (slice_starts_with(*rest, SLICE("-->")) || slice_starts_with(*rest, SLICE("--!>"))) {
            html_skip_past_char(rest, '>');
            return;
        }
    }
    html_advance(rest, rest->len);
}

// 13.2.6.5: start tags that cannot be in foreign content and end it.
static const char *const breakouts[] = {
    "b",      "big",  "blockquote", "body",  "br",   "center", "code",    "dd",   "div",
    "dl",     "dt",   "em",         "embed", "h1",   "h2",     "h3",      "h4",   "h5",
    "h6",     "head", "hr",         "i",     "img",  "li",     "listing", "menu", "meta",
    "nobr",   "ol",   "p",          "pre",   "ruby", "s",      "small",   "span", "strike",
    "strong", "sub",  "sup",        "table", "tt",   "u",      "ul",      "var"};

bool html_ends_foreign(struct slice name)
{
    for (size_t i = 0; i < ARRAY_LEN(breakouts); i++)
        if ((name.ptr[0] | 0x20) == breakouts[i][0] &&
            slice_equal_nocase(name, slice_from_cstr(breakouts[i])))
            return true;
    return false;
}
