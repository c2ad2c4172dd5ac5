#include "extractor/prose/company_name.h"

#include "extractor/prose/name.h"
#include "lib/text/lexicon.h"

enum { MAX_COMPANY_WORDS = 8 };

static const char *const inner_words[] = {"fur", "di",  "da",  "do",  "del", "la",
                                          "van", "von", "of",  "the", "for", "de",
                                          "du",  "des", "der", "and", "in",  "at"};

bool company_name_word(const struct word *word)
{
    return word->is_capital || word->is_inner || word->has_digit || word->has_dot;
}

static bool is_joined(const struct words *words, size_t at)
{
    // "Microsoft/GitHub", but not "Acme / Engines".
    const struct word *word = &words->items[at];
    return word->gap == GAP_SLASH && word->text.ptr[-1] == '/' &&
           word->text.ptr == words->items[at - 1].text.ptr + words->items[at - 1].text.len + 1;
}

// Words that begin no name, but stand in many: "Acme AI", "Seven Oaks VC", "Women Who Weave".
static bool goes_on_with(const struct words *words, size_t at)
{
    static const char *const list[] = {"ai", "ml", "vc", "who"};
    return words->items[at].is_capital && WORDS_IS_ONE_OF(words, at, list);
}

// "University of Texas at Austin": elsewhere "at" says where.
static bool is_university(const struct words *words, size_t from, size_t next)
{
    return words_is(words, from, "university") && words->items[next].lexicon & LEXICON_PLACE;
}

size_t company_name_end(const struct words *words, size_t from, bool joins_and)
{
    if (from >= words->count || !company_name_word(&words->items[from]))
        return from;
    size_t to = from + 1, end = from + MAX_COMPANY_WORDS;
    while (to < words->count && to < end) {
        const struct word *word = &words->items[to];
        if (company_name_word(word) && name_is_never(word) && !goes_on_with(words, to))
            break;
        bool fits = word->gap == GAP_SPACE || is_joined(words, to) ||
                    (word->gap == GAP_AND && joins_and && company_name_word(word)) ||
                    (word->gap == GAP_COMMA && words_is_legal_form(words, to));
        if (!fits)
            break;
        if (company_name_word(word)) {
            to++;
            continue;
        }
        // Small words only between two parts of the name ("Bank of the West"), and "and" hardly ever.
        size_t next = to + 1;
        if (next < words->count && WORDS_IS_ONE_OF(words, next, inner_words))
            next++;
        bool common = words->items[from].lexicon & LEXICON_WORD; // "Women in Data"
        bool bridges = WORDS_IS_ONE_OF(words, to, inner_words) && next < words->count &&
                       words->items[next].gap == GAP_SPACE && words->items[next].is_capital &&
                       words->items[next - 1].gap == GAP_SPACE && !words_is(words, to, "and") &&
                       !(words_is(words, to, "in") &&
                         (!common || words->items[next].lexicon & LEXICON_PLACE)) &&
                       !(words_is(words, to, "at") && !is_university(words, from, next));
        if (!bridges)
            break;
        to = next + 1;
    }
    return to > end ? end : to;
}
