#include "extractor/prose/title.h"

#include "extractor/prose/vocabulary.h"
#include "lib/text/lexicon.h"
#include "lib/text/names.h"

static bool is_occupation(const struct word *word)
{
    static const char *const endings[] = {"ologist", "icist", "omist", "chemist", "preneur"};
    for (size_t i = 0; i < ARRAY_LEN(endings); i++)
        if (slice_ends_with(word->folded, slice_from_cstr(endings[i])))
            return true;
    return vocabulary_is_occupation(word);
}

// "artists", "co-founders": several people's.
static bool is_plural(struct arena *arena, struct slice folded)
{
    if (folded.len < 4 || folded.ptr[folded.len - 1] != 's')
        return false;
    struct word one = {.folded = slice_sub(folded, 0, folded.len - 1)};
    return name_is_title_word(arena, one.folded) || is_occupation(&one);
}

// "Ben Baker": somebody's name.
static bool is_family_name(const struct words *words, size_t at)
{
    bool ends = at + 1 >= words->count || words->items[at + 1].gap != GAP_SPACE ||
                !words->items[at + 1].is_capital;
    return at > 0 && ends && words->items[at].is_capital && words->items[at].gap == GAP_SPACE &&
           words->items[at - 1].is_capital && !words->items[at - 1].is_upper &&
           words->items[at - 1].lexicon & LEXICON_GIVEN;
}

bool title_is_word(struct arena *arena, const struct words *words, size_t at)
{
    if (at >= words->count)
        return false;
    struct slice word = words->items[at].text, rest = word, part;
    if (name_is_title_word(arena, word) ||
        (is_occupation(&words->items[at]) && !is_family_name(words, at)))
        return true;
    // "Co-Founder/CEO" is two words here already; "Ex-CTO" is one.
    while (slice_split_next(&rest, '-', &part))
        if (part.len < word.len && part.len > 1 && name_is_title_word(arena, part))
            return true;
    return false;
}

bool title_is_plural(struct arena *arena, const struct words *words, size_t at)
{
    return at < words->count && is_plural(arena, words->items[at].folded);
}

bool title_has_word(struct arena *arena, const struct words *words, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (title_is_word(arena, words, i))
            return true;
    return false;
}
