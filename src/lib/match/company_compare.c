// How two companies agree. See match.h.
#include "lib/match/company.h"

#include "lib/match/model.h"
#include "lib/match/similar.h"
#include "lib/match/wordlist.h"
#include "lib/text/lexicon.h"

enum {
    MAX_SHORT_LETTERS = 3,
    MIN_ACRONYM = 2,
    MAX_ACRONYM = 6,
    MIN_ABBREVIATION = 3,
    MIN_SYLLABLE_LETTERS = 3,
    MIN_BEGINNING = 4,
    MIN_TYPO = 5,
    MIN_SWAPPED = 6,
    MIN_TWO_TYPOS = 9,
};
static const double NEAR_LEAST = 0.9, SOUND_LEAST = 0.84;

// ---- one name more than the other

// Are the short name's words the first ones of the long one's, also when they are written in one
// ("redhat" and "red hat czech")? Then how many of the long one's words they take.
static size_t beginning_words(const struct company_name *few, const struct company_name *many)
{
    size_t letters = 0;
    for (size_t i = 0; i < many->count; i++) {
        letters += many->words[i].len;
        if (letters > few->letters.len)
            return 0;
        if (letters == few->letters.len)
            return slice_starts_with(many->letters, few->letters) ? i + 1 : 0;
    }
    return 0;
}

static bool has_word(const struct company_name *name, struct slice word)
{
    for (size_t i = 0; i < name->count; i++)
        if (slice_equal(name->words[i], word))
            return true;
    return false;
}

// What the words of `many` say that are not in `few`.
static enum match_level judge_more(const struct company_name *many, const struct company_name *few,
                                   size_t from)
{
    bool place = false, unit = false, other = false;
    for (size_t i = from; i < many->count; i++) {
        struct slice word = many->words[i];
        if (from == 0 && has_word(few, word))
            continue;
        place |= wordlist_is_place(word);
        unit |= wordlist_is_unit(word);
        other |= !wordlist_is_place(word) && !wordlist_is_unit(word) && !wordlist_is_general(word);
    }
    // "Mercury" and "Mercury Systems" may well be two: many are called by a common word. "Intel" is one.
    bool is_word =
        few->count == 1 && !few->known && (lexicon_look_up(few->words[0]) & LEXICON_WORD);
    return unit      ? MATCH_COMPANY_UNIT
           : other   ? MATCH_COMPANY_WORD_MORE
           : place   ? MATCH_COMPANY_PLACE
           : is_word ? MATCH_COMPANY_GENERAL_WORD
                     : MATCH_COMPANY_GENERAL;
}

// Is all of `few` general ("Systems", "Cloud")? Then it names nothing.
static bool says_nothing(const struct company_name *few)
{
    for (size_t i = 0; i < few->count; i++)
        if (!wordlist_is_general(few->words[i]) && !wordlist_is_unit(few->words[i]) &&
            !wordlist_is_place(few->words[i]))
            return false;
    return true;
}

static enum match_level compare_more(const struct company_name *few,
                                     const struct company_name *many)
{
    size_t taken = beginning_words(few, many);
    if (taken && !says_nothing(few))
        return judge_more(many, few, taken);
    size_t shared = 0;
    for (size_t i = 0; i < few->count; i++)
        shared += has_word(many, few->words[i]);
    if (shared == few->count && !says_nothing(few))
        return judge_more(many, few, 0) == MATCH_COMPANY_UNIT ? MATCH_COMPANY_UNIT
                                                              : MATCH_COMPANY_WORD_MORE;
    return MATCH_COMPANY_OTHER;
}

// ---- acronyms

// Do the letters begin the words, in order and without leaving one out but the small ones?
static bool is_acronym(struct slice letters, const struct company_name *name)
{
    if (letters.len < MIN_ACRONYM || name->count < 2 || name->is_domain)
        return false;
    size_t at = 0;
    for (size_t i = 0; i < name->count; i++)
        if (at < letters.len && name->words[i].ptr[0] == letters.ptr[at])
            at++;
        else
            return false;
    return at == letters.len;
}

static bool are_acronyms(const struct company_name *a, const struct company_name *b)
{
    // "JHU/APL" is two of them.
    bool short_a = a->letters.len <= MAX_ACRONYM && a->count <= 3;
    bool short_b = b->letters.len <= MAX_ACRONYM && b->count <= 3;
    return (short_a && is_acronym(a->letters, b)) || (short_b && is_acronym(b->letters, a));
}

// ---- the level

static bool shares_word(const struct company_name *a, const struct company_name *b)
{
    for (size_t i = 0; i < a->count; i++)
        if (has_word(b, a->words[i]) && !wordlist_is_general(a->words[i]) &&
            !wordlist_is_unit(a->words[i]) && !wordlist_is_place(a->words[i]))
            return true;
    return false;
}

static bool is_typo(struct slice a, struct slice b)
{
    size_t least = a.len < b.len ? a.len : b.len;
    unsigned most = least >= MIN_TWO_TYPOS ? 2 : least >= MIN_TYPO ? 1 : 0;
    return most && a.ptr[0] == b.ptr[0] && similar_edits(a, b, most) <= most;
}

static bool all_words_equal(const struct company_name *a, const struct company_name *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!slice_equal(a->words[i], b->words[i]))
            return false;
    return true;
}

// Word for word the same or its beginning: "Physics Laboratory", "Physics Lab".
static bool are_abbreviated(const struct company_name *a, const struct company_name *b)
{
    size_t equal = 0;
    if (a->count != b->count || a->count < 2)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        struct slice of_a = a->words[i], of_b = b->words[i];
        bool same = slice_equal(of_a, of_b);
        equal += same;
        if (!same && (of_a.len < MIN_ABBREVIATION || of_b.len < MIN_ABBREVIATION ||
                      (!slice_starts_with(of_a, of_b) && !slice_starts_with(of_b, of_a))))
            return false;
    }
    return equal > 0;
}

// One is written as a domain whose letters begin like the other name, or the other way round. A domain takes the whole first
// word at least: "izeltech" is Izel Technologies, "deplo" is no DeployGate.
static bool is_beginning(const struct company_name *a, const struct company_name *b)
{
    if (!a->is_domain && !b->is_domain)
        return false;
    const struct company_name *few = a->letters.len <= b->letters.len ? a : b;
    const struct company_name *many = few == a ? b : a;
    return few->letters.len >= MIN_BEGINNING && slice_starts_with(many->letters, few->letters) &&
           (many->is_domain || few->letters.len >= many->words[0].len);
}

// "Saleoun" for "Saeloun": no letter more or less.
static bool are_swapped(struct slice a, struct slice b)
{
    if (a.len != b.len || a.len < MIN_SWAPPED || similar_edits(a, b, 1) > 1)
        return false;
    size_t apart = 0;
    for (size_t i = 0; i < a.len; i++)
        apart += a.ptr[i] != b.ptr[i];
    return apart == 2;
}

static bool sound_equal(struct slice a, struct slice b)
{
    char of_a[SIMILAR_MAX_BYTES], of_b[SIMILAR_MAX_BYTES];
    struct slice sounds_a = {of_a, similar_sounds(a, of_a)};
    struct slice sounds_b = {of_b, similar_sounds(b, of_b)};
    return slice_equal(sounds_a, sounds_b);
}

// One in characters, one in Latin letters: does the one begin with the other's first syllables, or with
// their initials ("HXT" for hua xin tong)? Three letters at least: fewer agree by chance.
static bool begin_alike(const struct company_name *read, const struct company_name *latin)
{
    size_t used = 0, initials = 0;
    for (size_t i = 0; i < read->count; i++) {
        struct slice syllable = read->words[i];
        struct slice rest = slice_sub(latin->letters, used, latin->letters.len);
        if (!slice_starts_with(rest, syllable))
            break;
        used += syllable.len;
    }
    struct slice first = latin->count ? latin->words[0] : (struct slice){0};
    while (initials < read->count && initials < first.len &&
           read->words[initials].ptr[0] == first.ptr[initials])
        initials++;
    return used >= MIN_SYLLABLE_LETTERS ||
           (initials == first.len && initials >= MIN_SYLLABLE_LETTERS);
}

static enum match_level compare_likeness(const struct company_name *a, const struct company_name *b)
{
    double alike = similar_jaro_winkler(a->letters, b->letters);
    bool scripts = a->is_foreign != b->is_foreign;
    if (scripts && (alike >= SOUND_LEAST || sound_equal(a->letters, b->letters)))
        return MATCH_COMPANY_SOUND;
    if (a->is_lossy != b->is_lossy)
        return begin_alike(a->is_lossy ? a : b, a->is_lossy ? b : a) ? MATCH_COMPANY_SOUND
                                                                     : MATCH_COMPANY_SCRIPTS;
    if (is_beginning(a, b))
        return MATCH_COMPANY_BEGINNING;
    if (are_swapped(a->letters, b->letters))
        return MATCH_COMPANY_SLIP;
    if (is_typo(a->letters, b->letters))
        return MATCH_COMPANY_TYPO;
    if (alike >= NEAR_LEAST)
        return MATCH_COMPANY_NEAR;
    return shares_word(a, b) ? MATCH_COMPANY_SHARED : MATCH_COMPANY_OTHER;
}

static bool is_host_of(const struct company_name *host, const struct company_name *name)
{
    return host->is_domain && slice_equal(host->host_letters, name->letters);
}

static enum match_level compare_names(const struct company_name *a, const struct company_name *b)
{
    if (a->letters.len == 0 || b->letters.len == 0)
        return MATCH_COMPANY_OTHER;
    bool other_form =
        a->legal_form.ptr && b->legal_form.ptr && !slice_equal(a->legal_form, b->legal_form);
    if (all_words_equal(a, b))
        return other_form ? MATCH_COMPANY_SAME_FORM : MATCH_COMPANY_SAME;
    if (slice_equal(a->letters, b->letters) || slice_equal(a->all_letters, b->letters) ||
        slice_equal(a->letters, b->all_letters) || is_host_of(a, b) || is_host_of(b, a))
        return MATCH_COMPANY_LETTERS;
    if (a->known && a->known == b->known)
        return MATCH_COMPANY_KNOWN;
    if (are_abbreviated(a, b))
        return MATCH_COMPANY_ABBREVIATED;
    if (are_acronyms(a, b))
        return MATCH_COMPANY_ACRONYM;
    bool a_is_few = a->letters.len <= b->letters.len;
    enum match_level level = compare_more(a_is_few ? a : b, a_is_few ? b : a);
    return level != MATCH_COMPANY_OTHER ? level : compare_likeness(a, b);
}

static bool is_sure(enum match_level level)
{
    return level == MATCH_COMPANY_SAME || level == MATCH_COMPANY_SAME_FORM ||
           level == MATCH_COMPANY_LETTERS || level == MATCH_COMPANY_KNOWN;
}

enum match_level company_compare_names(const struct match_company_form *a,
                                       const struct match_company_form *b)
{
    if (a->is_placeholder || b->is_placeholder)
        return MATCH_COMPANY_PLACEHOLDER;
    if (slice_compare(a->key, b->key) >
        0) { // of two names of one length the same is the shorter one
        const struct match_company_form *other = a;
        a = b, b = other;
    }
    enum match_level level = compare_names(&a->name, &b->name);
    if (is_sure(level))
        return level;
    if ((a->aside.count && is_sure(compare_names(&a->aside, &b->name))) ||
        (b->aside.count && is_sure(compare_names(&a->name, &b->aside))) ||
        (a->aside.count && b->aside.count && is_sure(compare_names(&a->aside, &b->aside))))
        return MATCH_COMPANY_ALIAS;
    return level;
}

// ---- addresses

static const struct {
    enum match_site site;
    enum match_level same, other;
} site_levels[] = {
    {SITE_WEBSITE, MATCH_COMPANY_DOMAIN_SAME, MATCH_COMPANY_DOMAIN_OTHER},
    {SITE_LINKEDIN, MATCH_COMPANY_LINKEDIN_SAME, MATCH_COMPANY_LINKEDIN_OTHER},
    {SITE_TWITTER, MATCH_COMPANY_TWITTER_SAME, MATCH_COMPANY_TWITTER_OTHER},
    {SITE_GITHUB, MATCH_COMPANY_GITHUB_SAME, MATCH_COMPANY_GITHUB_OTHER},
};

static void add_links(struct match_sum *sum, const struct match_company_form *a,
                      const struct match_company_form *b)
{
    for (size_t i = 0; i < ARRAY_LEN(site_levels); i++) {
        enum link_agreement found =
            link_compare(site_levels[i].site, a->links, a->link_count, b->links, b->link_count);
        if (found != LINKS_NONE)
            match_add(sum, found == LINKS_SAME ? site_levels[i].same : site_levels[i].other);
    }
}

// That one is written as a domain says something only where its letters are those of the name.
static bool letters_agree(enum match_level level)
{
    static const enum match_level others[] = {
        MATCH_COMPANY_SLIP,    MATCH_COMPANY_TYPO,   MATCH_COMPANY_NEAR,  MATCH_COMPANY_SOUND,
        MATCH_COMPANY_SCRIPTS, MATCH_COMPANY_SHARED, MATCH_COMPANY_OTHER,
    };
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (level == others[i])
            return false;
    return true;
}

static void add_names(struct match_sum *sum, const struct match_company_form *a,
                      const struct match_company_form *b)
{
    if (!a->key.len || !b->key.len)
        return;
    enum match_level level = company_compare_names(a, b);
    match_add(sum, level);
    if (level == MATCH_COMPANY_PLACEHOLDER)
        return;
    size_t of_a = a->name.letters.len, of_b = b->name.letters.len;
    bool is_short = (of_a < of_b ? of_a : of_b) <= MAX_SHORT_LETTERS;
    bool domain = (a->name.is_domain || b->name.is_domain) && letters_agree(level);
    match_add(sum, domain ? MATCH_COMPANY_WRITTEN_DOMAIN : MATCH_COMPANY_WRITTEN_NAME);
    match_add(sum, is_short ? MATCH_COMPANY_SHORT : MATCH_COMPANY_LONG);
}

void match_company_compare(const struct match_model *model, const struct match_company_form *a,
                           const struct match_company_form *b, struct match_answer *ret)
{
    struct match_sum sum = {.model = model};
    add_names(&sum, a, b);
    add_links(&sum, a, b);
    match_decide(&sum, MATCH_COMPANIES, ret);
}

void match_companies(const struct match_model *model, struct arena *arena,
                     const struct match_company *a, const struct match_company *b,
                     struct match_answer *ret)
{
    match_company_compare(model, match_company_prepare(arena, a), match_company_prepare(arena, b),
                          ret);
}
