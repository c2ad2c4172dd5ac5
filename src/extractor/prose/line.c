#include "extractor/prose/line.h"

#include "extractor/prose/label.h"

enum {
    LABEL_WORDS = 9, // at most, in front of a colon
    HEADING_WORDS = 14,
};

static bool is_time_word(const struct words *words, size_t at)
{
    static const char *const list[] = {"am", "pm",  "a",   "p",   "a.m", "p.m", "noon", "midnight",
                                       "pt", "pst", "pdt", "est", "et",  "h",   "uhr",  "day"};
    if (words->items[at].has_digit && !words->items[at].is_capital)
        return true;
    return WORDS_IS_ONE_OF(words, at, list);
}

// "6:30 PM – 7:00 PM  …"
size_t line_skip_times(const struct words *words)
{
    size_t at = 0;
    if (words->count == 0 || !words->items[0].has_digit)
        return 0;
    while (at < words->count && is_time_word(words, at))
        at++;
    return at;
}

// "(1) …", "2. …"
bool line_is_numbered(const struct words *words)
{
    return words->count > 1 && words->items[0].is_number && words->items[0].text.len <= 2 &&
           (words->items[1].gap == GAP_CLOSE || words->items[1].gap == GAP_STOP);
}

bool line_is_heading(const struct prose_line *line, const struct words *words)
{
    return line->kind == PROSE_HEADING || (words->count <= HEADING_WORDS && prose_is_bold(line));
}

// The word behind the first colon near the beginning, or 0.
size_t line_colon(const struct words *words, size_t from)
{
    for (size_t i = from + 1; i < words->count && i <= from + LABEL_WORDS; i++)
        if (words->items[i].gap == GAP_COLON)
            return i;
    return 0;
}

// The same behind a dash, where a label alone stands in front of it: "Moderator - Ada Byron".
size_t line_label_dash(const struct words *words, size_t from)
{
    for (size_t i = from + 1; i < words->count && i <= from + 2; i++)
        if (words->items[i].gap == GAP_DASH) {
            struct label label = label_read(words, from, i, true);
            bool names = label.kind == LABEL_PEOPLE || label.kind == LABEL_COMPANY;
            return names && label.is_sure && !label.is_title ? i : 0;
        }
    return 0;
}

// "Name | Role | Company": the head of a table.
bool line_is_table_head(const struct words *words)
{
    static const char *const list[] = {
        "name", "role",    "title", "company", "organization", "speaker", "speakers", "affiliation",
        "time", "session", "topic", "bio",     "judge",        "mentor",  "position"};
    for (size_t i = 0; i < words->count; i++)
        if (!WORDS_IS_ONE_OF(words, i, list))
            return false;
    return words->count > 1;
}

bool line_has_word(const struct words *words, const char *word)
{
    for (size_t i = 0; i < words->count; i++)
        if (words_is(words, i, word))
            return true;
    return false;
}

// "Panel: …", "Table ronde 2": those who speak there are panelists.
bool line_names_panel(const struct words *words)
{
    static const char *const list[] = {"panel",          "podium",       "podiumsdiskussion",
                                       "table ronde",    "mesa redonda", "tavola rotonda",
                                       "podiumsgesprach"};
    for (size_t at = 0; at < words->count; at++)
        for (size_t i = 0; i < ARRAY_LEN(list); i++)
            if (words_phrase_end(words, at, list[i]))
                return true;
    return false;
}

bool line_has_price(const struct words *words)
{
    for (size_t i = 1; i < words->count; i++)
        if (words->items[i].is_number && words_gap_has(words, i, '$'))
            return true;
    return false;
}

size_t line_next_sentence(const struct words *words, size_t at)
{
    while (at < words->count && words->items[at].gap != GAP_STOP)
        at++;
    return at;
}

// "Twelve startups. The jury: Ada Byron": where the label begins.
size_t line_sentence_start(const struct words *words, size_t from, size_t colon)
{
    size_t start = from;
    for (size_t at = line_next_sentence(words, from + 1); at < colon;
         at = line_next_sentence(words, at + 1))
        start = at;
    return start;
}
