#include "api/scrape/robots.h"

#include <string.h>

// Octets are compared in one normal form of their escapes (RFC 9309 2.2.2): an unreserved character is
// itself however it was written, every other escaped octet is 256 + octet, so that "%2F" differs from "/".
enum { UNIT_ESCAPED = 256, UNIT_ANY = 1024, UNIT_END };

enum agent_match { AGENT_OTHER, AGENT_STAR, AGENT_NAMED };

// The rules that apply, for "*" and for our name side by side: which of them count is known at the end.
struct verdict {
    bool named; // a group of that kind exists
    bool allowed;
    size_t longest; // octets of the pattern that decided so far
    uint32_t crawl_delay_ms;
};

struct reader {
    struct slice token;
    const uint16_t *path;
    size_t path_len;
    bool in_agents; // the last record was a user-agent line, another one joins the group
    bool applies[AGENT_NAMED + 1];
    struct verdict verdicts[AGENT_NAMED + 1];
};

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_letter(unsigned char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool is_unreserved(unsigned char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || (c && strchr("-._~", c));
}

// The next unit of text at *position. Bytes outside ASCII, "*" and "$" count as escaped: in a pattern the
// latter two are operators when bare, which only its caller knows.
static uint16_t next_unit(struct slice text, size_t *position)
{
    unsigned char c = (unsigned char)text.ptr[(*position)++];
    if (c == '%' && *position + 1 < text.len && hex_digit(text.ptr[*position]) >= 0 &&
        hex_digit(text.ptr[*position + 1]) >= 0) {
        c = (unsigned char)(hex_digit(text.ptr[*position]) * 16 +
                            hex_digit(text.ptr[*position + 1]));
        *position += 2;
        return is_unreserved(c) ? c : (uint16_t)(UNIT_ESCAPED + c);
    }
    return c >= 0x80 || c == '*' || c == '$' ? (uint16_t)(UNIT_ESCAPED + c) : c;
}

static uint16_t next_pattern_unit(struct slice pattern, size_t *position)
{
    if (*position == pattern.len)
        return UNIT_END;
    char c = pattern.ptr[*position];
    if (c == '*') {
        while (*position < pattern.len && pattern.ptr[*position] == '*')
            ++*position;
        return UNIT_ANY;
    }
    return next_unit(pattern, position);
}

// Does the pattern match the beginning of the path (all of it, when the pattern ends in "$")? Where a
// "*" could take several lengths the shortest is tried first and only the last "*" is ever taken up again:
// that finds a match if there is one, in time pattern × path at worst.
static bool pattern_matches(struct slice pattern, const uint16_t *path, size_t path_len)
{
    bool anchored = pattern.len && pattern.ptr[pattern.len - 1] == '$';
    if (anchored)
        pattern.len--;
    size_t at = 0, in_pattern = 0, star_at = 0, star_in_pattern = SIZE_MAX;
    for (;;) {
        size_t after = in_pattern;
        uint16_t unit = next_pattern_unit(pattern, &after);
        if (unit == UNIT_ANY) {
            star_at = at;
            star_in_pattern = in_pattern = after;
            continue;
        }
        if (unit == UNIT_END && (!anchored || at == path_len))
            return true;
        if (unit != UNIT_END && at < path_len && unit == path[at]) {
            at++;
            in_pattern = after;
        } else if (star_in_pattern != SIZE_MAX && star_at < path_len) {
            at = ++star_at;
            in_pattern = star_in_pattern;
        } else {
            return false;
        }
    }
}

static size_t pattern_octets(struct slice pattern)
{
    size_t octets = 0;
    for (size_t position = 0; position < pattern.len; octets++)
        next_unit(pattern, &position);
    return octets;
}

// "EventDataAPI/0.1 (bot)" names EventDataAPI: the token ends where no letter, "_" or "-" follows.
static enum agent_match match_agent(struct slice value, struct slice token)
{
    if (value.len && value.ptr[0] == '*' &&
        (value.len == 1 || value.ptr[1] == ' ' || value.ptr[1] == '\t'))
        return AGENT_STAR;
    size_t len = 0;
    while (len < value.len && (is_letter((unsigned char)value.ptr[len]) ||
                               strchr("_-", value.ptr[len] ? value.ptr[len] : ' ')))
        len++;
    return len && slice_equal_nocase(slice_sub(value, 0, len), token) ? AGENT_NAMED : AGENT_OTHER;
}

static void read_agent(struct reader *reader, struct slice value)
{
    if (!reader->in_agents)
        memset(reader->applies, 0, sizeof reader->applies);
    reader->in_agents = true;
    enum agent_match match = match_agent(value, reader->token);
    reader->applies[match] = true;
    reader->verdicts[match].named = true;
}

static void read_rule(struct reader *reader, struct slice pattern, bool allow)
{
    reader->in_agents = false;
    if (pattern.len == 0 || (!reader->applies[AGENT_STAR] && !reader->applies[AGENT_NAMED]) ||
        !pattern_matches(pattern, reader->path, reader->path_len))
        return;
    size_t octets = pattern_octets(pattern);
    for (int i = AGENT_STAR; i <= AGENT_NAMED; i++) {
        struct verdict *verdict = &reader->verdicts[i];
        if (!reader->applies[i] || octets < verdict->longest)
            continue;
        verdict->allowed = allow || (octets == verdict->longest && verdict->allowed);
        verdict->longest = octets;
    }
}

static void read_delay(struct reader *reader, struct slice value)
{
    double seconds;
    if (!slice_to_double(value, &seconds) || seconds <= 0)
        return;
    double ms = seconds * 1000;
    uint32_t delay_ms = ms < ROBOTS_MAX_DELAY_MS ? (uint32_t)ms : ROBOTS_MAX_DELAY_MS;
    for (int i = AGENT_STAR; i <= AGENT_NAMED; i++)
        if (reader->applies[i] && delay_ms > reader->verdicts[i].crawl_delay_ms)
            reader->verdicts[i].crawl_delay_ms = delay_ms;
}

// Records that are none of ours (Sitemap, Host …) do not end a group of user agents: RFC 9309 2.2.4.
static void read_line(struct reader *reader, struct slice line)
{
    line = slice_sub(line, 0, slice_find_char(line, '#'));
    size_t colon = slice_find_char(line, ':');
    if (colon == SIZE_MAX)
        return;
    struct slice key = slice_trim(slice_sub(line, 0, colon));
    struct slice value = slice_trim(slice_sub(line, colon + 1, SIZE_MAX));
    if (slice_equal_nocase(key, SLICE("user-agent")))
        read_agent(reader, value);
    else if (slice_equal_nocase(key, SLICE("allow")))
        read_rule(reader, value, true);
    else if (slice_equal_nocase(key, SLICE("disallow")))
        read_rule(reader, value, false);
    else if (slice_equal_nocase(key, SLICE("crawl-delay")))
        read_delay(reader, value);
}

// Lines end with LF, CR or CRLF.
static void read_lines(struct reader *reader, struct slice text)
{
    size_t start = 0;
    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len && text.ptr[i] != '\n' && text.ptr[i] != '\r')
            continue;
        read_line(reader, slice_sub(text, start, i - start));
        start = i + 1;
    }
}

bool robots_allows(struct slice robots_txt, struct slice user_agent_token,
                   struct slice path_and_query, uint32_t *ret_crawl_delay_ms)
{
    uint16_t path[ROBOTS_MAX_PATH_BYTES];
    struct reader reader = {.token = user_agent_token, .path = path};
    for (size_t position = 0;
         position < path_and_query.len && reader.path_len < ROBOTS_MAX_PATH_BYTES;)
        path[reader.path_len++] = next_unit(path_and_query, &position);
    for (size_t i = 0; i < ARRAY_LEN(reader.verdicts); i++)
        reader.verdicts[i].allowed = true;

    if (slice_starts_with(robots_txt, SLICE("\xef\xbb\xbf")))
        robots_txt = slice_sub(robots_txt, 3, SIZE_MAX);
    // A line that was cut short could forbid far more than it means.
    if (robots_txt.len > ROBOTS_MAX_BYTES) {
        robots_txt.len = ROBOTS_MAX_BYTES;
        while (robots_txt.len && robots_txt.ptr[robots_txt.len - 1] != '\n' &&
               robots_txt.ptr[robots_txt.len - 1] != '\r')
            robots_txt.len--;
    }
    read_lines(&reader, robots_txt);

    enum agent_match who = reader.verdicts[AGENT_NAMED].named ? AGENT_NAMED : AGENT_STAR;
    if (ret_crawl_delay_ms)
        *ret_crawl_delay_ms = reader.verdicts[who].crawl_delay_ms;
    // The file itself may always be read (RFC 9309 2.2.2).
    return reader.verdicts[who].allowed || slice_equal(path_and_query, SLICE("/robots.txt"));
}
