#include "lib/db/sql_text.h"

#include "lib/base/compiler.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static bool is_word_start(char c)
{
    unsigned char u = (unsigned char)c;
    return (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || u == '_' || u >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *word_end(const char *p)
{
    while (is_word_start(*p) || is_digit(*p) || *p == '$')
        p++;
    return p;
}

// p is at the opening quote; a doubled quote stands for itself, and so does one behind a backslash
// in E''.
static const char *quoted_end(const char *p, char quote, bool backslashes)
{
    for (p++; *p; p++) {
        if (backslashes && *p == '\\' && p[1])
            p++;
        else if (*p == quote && *++p != quote)
            return p;
    }
    return p;
}

static const char *block_comment_end(const char *p)
{
    int depth = 0;
    for (; *p; p++) {
        if (p[0] == '/' && p[1] == '*') {
            depth++;
            p++;
        } else if (p[0] == '*' && p[1] == '/') {
            p++;
            if (--depth == 0)
                return p + 1;
        }
    }
    return p;
}

// $$…$$ or $tag$…$tag$; a lone dollar is one character.
static const char *dollar_end(const char *p)
{
    const char *tag_end = p + 1;
    while (is_word_start(*tag_end) || (tag_end > p + 1 && is_digit(*tag_end)))
        tag_end++;
    if (*tag_end != '$')
        return p + 1;
    size_t tag_len = (size_t)(tag_end + 1 - p);
    for (const char *q = p + tag_len; *q; q++)
        if (*q == '$' && strncmp(q, p, tag_len) == 0)
            return q + tag_len;
    return p + strlen(p);
}

const char *sql_token_end(const char *p)
{
    if ((*p == 'e' || *p == 'E') && p[1] == '\'')
        return quoted_end(p + 1, '\'', true);
    if (is_word_start(*p) || is_digit(*p))
        return word_end(p);
    if (*p == '\'' || *p == '"')
        return quoted_end(p, *p, false);
    if (p[0] == '-' && p[1] == '-')
        return p + strcspn(p, "\n");
    if (p[0] == '/' && p[1] == '*')
        return block_comment_end(p);
    if (*p == '$')
        return dollar_end(p);
    return p + (p[0] == ':' && p[1] == ':' ? 2 : 1);
}

static bool word_is(const char *word, size_t len, const char *expected)
{
    return strlen(expected) == len && strncasecmp(word, expected, len) == 0;
}

static bool word_begins(const char *word, size_t len, const char *prefix)
{
    size_t prefix_len = strlen(prefix);
    return len >= prefix_len && strncasecmp(word, prefix, prefix_len) == 0;
}

static bool word_writes(const char *word, size_t len)
{
    static const char *const words[] = {"insert", "update", "delete",    "merge",      "into",
                                        "share",  "lock",   "truncate",  "call",       "nextval",
                                        "setval", "notify", "pg_notify", "set_config", "dblink"};
    static const char *const prefixes[] = {"pg_advisory_", "pg_try_advisory_", "pg_terminate_",
                                           "pg_cancel_"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (word_is(word, len, words[i]))
            return true;
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
        if (word_begins(word, len, prefixes[i]))
            return true;
    return false;
}

bool sql_only_reads(const char *text)
{
    text += strspn(text, " \t\r\n(");
    size_t first = (size_t)(word_end(text) - text);
    if (!word_is(text, first, "select") && !word_is(text, first, "with"))
        return false;
    for (const char *p = text, *end; *p; p = end) {
        end = sql_token_end(p);
        if (is_word_start(*p) && word_writes(p, (size_t)(end - p)))
            return false;
    }
    return true;
}

bool sql_calls(const char *text, const char *function)
{
    for (const char *p = text, *end; *p; p = end) {
        end = sql_token_end(p);
        if (is_word_start(*p) && word_is(p, (size_t)(end - p), function) &&
            end[strspn(end, " \t\r\n")] == '(')
            return true;
    }
    return false;
}
