#include "api/scrape/fetch_answer.h"

#include <string.h>

enum { SNIFFED_BYTES = 1024 };

struct status_row {
    int from, to;
    struct answer_meaning meaning;
};

// The first row that holds the status counts.
static const struct status_row statuses[] = {
    {200, 200, {ERR_OK, false, NULL}},
    {203, 203, {ERR_OK, false, NULL}}, // a page that a proxy has changed
    {401, 401, {ERR_LOGIN_WALL, false, "the site asks for a login"}},
    {403, 403, {ERR_BLOCKED, true, "the site refuses the request"}},
    {404, 404, {ERR_PAGE_NOT_FOUND, false, "the page does not exist"}},
    {408, 408, {ERR_FETCH_TIMEOUT, true, "the site did not wait for the request"}},
    {410, 410, {ERR_PAGE_GONE, false, "the page was removed"}},
    {425, 425, {ERR_UPSTREAM_BUSY, true, "the site asks to come back later"}},
    {429, 429, {ERR_UPSTREAM_BUSY, true, "too many requests, says the site"}},
    {451, 451, {ERR_BLOCKED, true, "the page is withheld for legal reasons"}},
    {503, 503, {ERR_UPSTREAM_BUSY, true, "the site is not available at the moment"}},
    {500, 599, {ERR_UPSTREAM_ERROR, true, "the site answered with an error of its own"}},
    {400, 499, {ERR_UPSTREAM_ERROR, false, "the site refuses such a request"}},
    {300, 399, {ERR_UPSTREAM_ERROR, false, "a redirect that leads nowhere"}},
    {201, 299, {ERR_UPSTREAM_ERROR, true, "an answer without the page"}},
};

struct answer_meaning fetch_status_meaning(int status, bool asked_conditionally)
{
    if (status == 304 && asked_conditionally)
        return (struct answer_meaning){.err = ERR_OK};
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
        if (status >= statuses[i].from && status <= statuses[i].to)
            return statuses[i].meaning;
    return (struct answer_meaning){ERR_UPSTREAM_ERROR, false, "an answer that HTTP does not know"};
}

bool fetch_is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static bool is_html_type(struct slice content_type)
{
    struct slice type = slice_trim(slice_sub(content_type, 0, slice_find_char(content_type, ';')));
    return slice_equal_nocase(type, SLICE("text/html")) ||
           slice_equal_nocase(type, SLICE("application/xhtml+xml"));
}

// Bytes that no text in an encoding of the web has (WHATWG MIME Sniffing, "binary data byte").
static bool is_binary(unsigned char c)
{
    return c <= 0x08 || c == 0x0b || (c >= 0x0e && c <= 0x1a) || (c >= 0x1c && c <= 0x1f);
}

bool fetch_is_html(struct slice content_type, struct slice body)
{
    if (content_type.len && !is_html_type(content_type))
        return false;
    struct slice start = slice_sub(body, 0, SNIFFED_BYTES);
    for (size_t i = 0; i < start.len; i++)
        if (is_binary((unsigned char)start.ptr[i]))
            return false;
    if (slice_starts_with(start, SLICE("\xef\xbb\xbf")))
        start = slice_sub(start, 3, SIZE_MAX);
    start = slice_trim(start);
    if (content_type.len == 0) // then nothing but the markup speaks for it
        return slice_starts_with(start, SLICE("<"));
    return slice_find_char(start, '<') != SIZE_MAX && !slice_starts_with(start, SLICE("%PDF-")) &&
           !slice_starts_with(start, SLICE("{")) && !slice_starts_with(start, SLICE("["));
}

static bool is_login_word(struct slice word)
{
    static const char *const words[] = {"signin", "sign-in", "sign_in",
                                        "login",  "log-in",  "log_in"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (slice_equal_nocase(word, slice_from_cstr(words[i])))
            return true;
    return false;
}

bool fetch_is_login_path(struct slice path)
{
    path = slice_sub(path, 0, slice_find_char(path, '?'));
    struct slice part, last = {0};
    bool first = true;
    while (slice_split_next(&path, '/', &part)) {
        if (part.len == 0)
            continue;
        if (first && is_login_word(part))
            return true;
        first = false;
        last = part;
    }
    return is_login_word(last);
}
