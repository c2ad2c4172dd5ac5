// How two people agree. A name can be read in several ways (which part is the family name, what was left
// out, what is written in one); of the readings the one with the most weight counts. See match.h.
#include "lib/match/person.h"

#include "lib/match/company.h"
#include "lib/match/model.h"
#include "lib/match/similar.h"
#include "lib/match/wordlist.h"

enum {
    MIN_ABBREVIATION = 2,
    MIN_SHORT_FORM = 3,
    MIN_TYPO = 4,
    MIN_MIDDLE_TYPO = 5,
    MIN_TWO_TYPOS = 8,
    MIN_ALIKE_SOUNDS = 6,
};
static const double NEAR_LEAST = 0.88;

// ---- words

enum word_level {
    WORD_SAME,
    WORD_SPELLING,
    WORD_INITIAL,
    WORD_OTHER_INITIAL,
    WORD_SYLLABLES,
    WORD_TYPO,
    WORD_NEAR,
    WORD_OTHER
};

static enum word_level compare_words(const struct name_part *a, const struct name_part *b)
{
    if (similar_umlauts(a->text, b->text))
        return WORD_SAME;
    if (a->is_initial || b->is_initial)
        return a->text.ptr[0] == b->text.ptr[0] ? WORD_INITIAL : WORD_OTHER_INITIAL;
    if (a->is_pinyin && b->is_pinyin)
        return WORD_SYLLABLES;
    if (slice_equal(a->sounds, b->sounds))
        return WORD_SPELLING;
    size_t least = a->text.len < b->text.len ? a->text.len : b->text.len;
    unsigned most = least >= MIN_TWO_TYPOS ? 2 : least >= MIN_TYPO ? 1 : 0;
    if (most && similar_edits(a->text, b->text, most) <= most)
        return WORD_TYPO;
    size_t least_sounds = a->sounds.len < b->sounds.len ? a->sounds.len : b->sounds.len;
    bool sound_alike =
        least_sounds >= MIN_ALIKE_SOUNDS && similar_edits(a->sounds, b->sounds, 1) <= 1;
    return sound_alike || similar_jaro_winkler(a->text, b->text) >= NEAR_LEAST ? WORD_NEAR
                                                                               : WORD_OTHER;
}

static bool is_known_family(const struct name_part *part)
{
    return part->is_family_name || part->frequency > 0;
}

static enum match_level family_level(const struct name_reading *a, const struct name_reading *b)
{
    static const enum match_level levels[] = {
        [WORD_SAME] = MATCH_FAMILY_SAME,           [WORD_SPELLING] = MATCH_FAMILY_SPELLING,
        [WORD_INITIAL] = MATCH_FAMILY_INITIAL,     [WORD_OTHER_INITIAL] = MATCH_FAMILY_OTHER,
        [WORD_SYLLABLES] = MATCH_FAMILY_SYLLABLES, [WORD_TYPO] = MATCH_FAMILY_TYPO,
        [WORD_NEAR] = MATCH_FAMILY_NEAR,           [WORD_OTHER] = MATCH_FAMILY_OTHER,
    };
    if (!a->family || !b->family)
        return MATCH_FAMILY_MISSING;
    enum word_level level = compare_words(a->family, b->family);
    if (a->family_is_part || b->family_is_part)
        return level <= WORD_SPELLING ? MATCH_FAMILY_PART : MATCH_FAMILY_OTHER;
    // "Bauer" and "Baker" are two names, "Baeur" is none.
    if (level == WORD_TYPO && is_known_family(a->family) && is_known_family(b->family))
        return MATCH_FAMILY_TYPO_KNOWN;
    if (level != WORD_SAME)
        return levels[level];
    unsigned frequency = a->family->frequency;
    return frequency >= PERSON_FREQUENT ? MATCH_FAMILY_SAME_FREQUENT
           : frequency < PERSON_RARE    ? MATCH_FAMILY_SAME_RARE
                                        : MATCH_FAMILY_SAME;
}

static bool is_beginning(struct slice a, struct slice b, size_t least)
{
    return a.len >= least && b.len > a.len && slice_starts_with(b, a);
}

static bool are_beginnings(struct slice a, struct slice b, size_t least)
{
    return is_beginning(a, b, least) || is_beginning(b, a, least);
}

static bool family_is_rare(const struct name_reading *reading)
{
    return reading->family && reading->family->frequency < PERSON_RARE;
}

static enum match_level same_given_level(const struct name_part *given)
{
    return given->is_initial                     ? MATCH_GIVEN_SAME_INITIAL
           : given->frequency >= PERSON_FREQUENT ? MATCH_GIVEN_SAME_FREQUENT
           : given->frequency < PERSON_RARE      ? MATCH_GIVEN_SAME_RARE
                                                 : MATCH_GIVEN_SAME;
}

static enum match_level given_level(const struct name_reading *a, const struct name_reading *b)
{
    static const enum match_level levels[] = {
        [WORD_SAME] = MATCH_GIVEN_SAME,           [WORD_SPELLING] = MATCH_GIVEN_SPELLING,
        [WORD_INITIAL] = MATCH_GIVEN_INITIAL,     [WORD_OTHER_INITIAL] = MATCH_GIVEN_OTHER,
        [WORD_SYLLABLES] = MATCH_GIVEN_SYLLABLES, [WORD_TYPO] = MATCH_GIVEN_TYPO,
        [WORD_NEAR] = MATCH_GIVEN_NEAR,           [WORD_OTHER] = MATCH_GIVEN_OTHER,
    };
    if (!a->given || !b->given)
        return MATCH_GIVEN_MISSING;
    enum word_level level = compare_words(a->given, b->given);
    if (level == WORD_SAME)
        return same_given_level(a->given);
    if (level == WORD_INITIAL)
        return family_is_rare(a) && family_is_rare(b) ? MATCH_GIVEN_INITIAL_RARE
                                                      : MATCH_GIVEN_INITIAL;
    if (level == WORD_OTHER_INITIAL)
        return MATCH_GIVEN_OTHER;
    struct slice of_a = a->given->text, of_b = b->given->text;
    if (wordlist_are_nicknames(of_a, of_b))
        return MATCH_GIVEN_NICKNAME;
    if (level != WORD_SYLLABLES && level != WORD_SPELLING) {
        if (are_beginnings(of_a, of_b, MIN_SHORT_FORM))
            return MATCH_GIVEN_SHORT;
        if (are_beginnings(of_a, of_b, MIN_ABBREVIATION)) // "Ph.", "Yu."
            return MATCH_GIVEN_ABBREVIATED;
    }
    // "Bran" and "Bryan" are two names, "Quila" is none.
    if (level == WORD_TYPO && a->given->is_given_name && b->given->is_given_name)
        return MATCH_GIVEN_TYPO_KNOWN;
    if (level == WORD_NEAR && family_is_rare(a) && family_is_rare(b))
        return MATCH_GIVEN_NEAR_RARE;
    return levels[level];
}

// ---- middle names: what a reading leaves

struct middles {
    const struct name_part *items[PERSON_MAX_PARTS];
    size_t count;
    bool all_initials;
};

static struct middles middles_of(const struct written_name *name,
                                 const struct name_reading *reading)
{
    struct middles middles = {.all_initials = true};
    for (size_t i = 0; i < name->count; i++) {
        if (name->parts[i].is_aside || name->parts[i].is_small || (reading->used & (1U << i)))
            continue;
        middles.items[middles.count++] = &name->parts[i];
        middles.all_initials &= name->parts[i].is_initial;
    }
    return middles;
}

// The best agreement of one with any of the others.
static enum match_level best_middle(const struct name_part *word, const struct middles *others)
{
    enum match_level best = MATCH_MIDDLE_CONTRADICTS;
    for (size_t i = 0; i < others->count; i++) {
        enum word_level level = compare_words(word, others->items[i]);
        struct slice other = others->items[i]->text;
        bool is_typo = level == WORD_TYPO && word->text.len >= MIN_MIDDLE_TYPO;
        if (level == WORD_SAME || level == WORD_SPELLING || is_typo ||
            wordlist_are_nicknames(word->text, other))
            return MATCH_MIDDLE_SAME;
        if (level == WORD_INITIAL ||
            (level != WORD_SYLLABLES && are_beginnings(word->text, other, MIN_ABBREVIATION)))
            best = MATCH_MIDDLE_FITS;
    }
    return best;
}

static enum match_level middle_level(const struct middles *a, const struct middles *b)
{
    if (a->count == 0 && b->count == 0)
        return MATCH_MIDDLE_NONE;
    const struct middles *few = a->count <= b->count ? a : b, *many = few == a ? b : a;
    if (few->count == 0)
        return many->all_initials ? MATCH_MIDDLE_ONE_INITIAL : MATCH_MIDDLE_ONE_NAME;
    enum match_level level = MATCH_MIDDLE_SAME;
    for (size_t i = 0; i < few->count; i++) {
        enum match_level found = best_middle(few->items[i], many);
        if (found == MATCH_MIDDLE_CONTRADICTS)
            return found;
        if (found == MATCH_MIDDLE_FITS)
            level = found;
    }
    return level;
}

// ---- names

struct pair {
    const struct written_name *a, *b;
};

static bool is_inexact(enum match_level level)
{
    static const enum match_level inexact[] = {
        MATCH_GIVEN_NEAR_RARE,  MATCH_FAMILY_TYPO,       MATCH_FAMILY_TYPO_KNOWN,
        MATCH_FAMILY_NEAR,      MATCH_GIVEN_TYPO,        MATCH_GIVEN_NEAR,
        MATCH_GIVEN_TYPO_KNOWN, MATCH_GIVEN_ABBREVIATED, MATCH_GIVEN_SHORT,
    };
    for (size_t i = 0; i < ARRAY_LEN(inexact); i++)
        if (level == inexact[i])
            return true;
    return false;
}

static void weigh_reading(struct match_sum *sum, struct pair names, const struct name_reading *a,
                          const struct name_reading *b)
{
    struct middles of_a = middles_of(names.a, a), of_b = middles_of(names.b, b);
    enum match_level family = family_level(a, b), given = given_level(a, b);
    enum match_level middle = middle_level(&of_a, &of_b);
    // A name left behind the family name that contradicts the other is the family name.
    if (family == MATCH_FAMILY_PART && middle == MATCH_MIDDLE_CONTRADICTS)
        family = MATCH_FAMILY_OTHER;
    bool left_out = a->order == NAME_LEFT_OUT || b->order == NAME_LEFT_OUT;
    bool turned = a->order == NAME_TURNED || b->order == NAME_TURNED;
    // Of names that are read in another way and mistyped or contradicted, too, every second pair would have some.
    bool as_written = !turned && !left_out;
    if (!as_written && (is_inexact(family) || middle == MATCH_MIDDLE_CONTRADICTS))
        family = MATCH_FAMILY_OTHER;
    if (!as_written && is_inexact(given))
        given = MATCH_GIVEN_OTHER;
    match_add(sum, family);
    match_add(sum, given);
    match_add(sum, middle);
    match_add(sum, left_out ? MATCH_ORDER_FIRST_LEFT_OUT
                   : turned ? MATCH_ORDER_SWAPPED
                            : MATCH_ORDER_KEPT);
}

static void keep_better(struct match_sum *best, const struct match_sum *sum)
{
    if (best->count == 0 || sum->bits > best->bits)
        *best = *sum;
}

static bool is_settled(const struct name_reading *a, const struct name_reading *b)
{
    return a->family && b->family && a->given && b->given && !a->given->is_initial &&
           slice_equal(a->family->text, b->family->text) &&
           slice_equal(a->given->text, b->given->text);
}

static struct match_sum weigh_by_parts(const struct match_model *model, struct pair names)
{
    struct match_sum best = {.model = model};
    // One of the two is read in the usual way, and where that agrees no other one is looked for.
    bool settled = is_settled(&names.a->readings[0], &names.b->readings[0]);
    for (size_t i = 0; i < (settled ? 1 : names.a->reading_count); i++)
        for (size_t j = 0; j < (settled || i > 0 ? 1 : names.b->reading_count); j++) {
            struct match_sum sum = {.model = model};
            weigh_reading(&sum, names, &names.a->readings[i], &names.b->readings[j]);
            match_add(&sum, MATCH_WRITING_PARTS);
            keep_better(&best, &sum);
        }
    return best;
}

// The same letters, only parted in other ways ("Yi-Gang", "Yigang") or the parts in another order: as
// the one with more parts compared with itself.
static struct match_sum weigh_whole(const struct match_model *model, struct pair names)
{
    const struct written_name *more = names.a->count >= names.b->count ? names.a : names.b;
    const struct name_reading *reading = &more->readings[0];
    struct middles middles = middles_of(more, reading);
    bool kept = slice_equal(names.a->letters, names.b->letters);
    struct match_sum sum = {.model = model};
    match_add(&sum, family_level(reading, reading));
    match_add(&sum, given_level(reading, reading));
    match_add(&sum, middle_level(&middles, &middles));
    match_add(&sum, kept ? MATCH_ORDER_KEPT : MATCH_ORDER_SWAPPED);
    match_add(&sum, MATCH_WRITING_WHOLE);
    return sum;
}

static struct match_sum weigh_names(const struct match_model *model, struct pair names)
{
    struct match_sum sum = {.model = model};
    if (names.a->reading_count == 0 || names.b->reading_count == 0)
        return sum;
    if (slice_equal(names.a->letters, names.b->letters) ||
        slice_equal(names.a->sorted, names.b->sorted))
        return weigh_whole(model, names);
    return weigh_by_parts(model, names);
}

static bool is_hopeless(const struct match_sum *sum)
{
    for (size_t i = 0; i < sum->count; i++)
        if (sum->steps[i].level == MATCH_FAMILY_OTHER || sum->steps[i].level == MATCH_GIVEN_OTHER)
            return true;
    return false;
}

// The name, or its form in another script, whichever says more.
static void compare_names(struct match_sum *sum, const struct match_person_form *a,
                          const struct match_person_form *b)
{
    struct match_sum best = weigh_names(sum->model, (struct pair){&a->name, &b->name});
    const struct pair others[] = {
        {&a->other, &b->name}, {&a->name, &b->other}, {&a->other, &b->other}};
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        struct match_sum found = weigh_names(sum->model, others[i]);
        if (found.count)
            keep_better(&best, &found);
    }
    // What cannot be read the same way is no evidence against.
    bool scripts = a->name.is_lossy != b->name.is_lossy && !a->other.count && !b->other.count;
    if (scripts && (best.count == 0 || is_hopeless(&best)))
        match_add(sum, MATCH_WRITING_SCRIPTS);
    else
        *sum = best;
    if (a->is_several != b->is_several)
        match_add(sum, MATCH_WRITING_SEVERAL);
}

// ---- beside the name

// Shared words of all (Jaccard).
static double share_of(const struct person_text *a, const struct person_text *b)
{
    size_t shared = similar_count_shared(a->words, a->count, b->words, b->count);
    return (double)shared / (double)(a->count + b->count - shared);
}

static bool company_is_alike(const struct company_name *a, const struct company_name *b)
{
    size_t shared = 0;
    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < b->count; j++)
            shared += a->words[i].len > 3 && slice_equal(a->words[i], b->words[j]);
    size_t least = a->count < b->count ? a->count : b->count;
    return shared * 3 >= least && shared > 0;
}

static void compare_companies(struct match_sum *sum, const struct match_person_form *a,
                              const struct match_person_form *b)
{
    if (!a->company || !b->company) {
        match_add(sum, MATCH_PERSON_COMPANY_MISSING);
        return;
    }
    enum match_level level = company_compare_names(a->company, b->company);
    bool same = level == MATCH_COMPANY_SAME || level == MATCH_COMPANY_SAME_FORM ||
                level == MATCH_COMPANY_LETTERS || level == MATCH_COMPANY_ALIAS ||
                level == MATCH_COMPANY_GENERAL;
    bool alike = company_is_alike(&a->company->name, &b->company->name);
    match_add(sum, same    ? MATCH_PERSON_COMPANY_SAME
                   : alike ? MATCH_PERSON_COMPANY_ALIKE
                           : MATCH_PERSON_COMPANY_OTHER);
}

static void compare_texts(struct match_sum *sum, const struct match_person_form *a,
                          const struct match_person_form *b)
{
    if (a->title.count && b->title.count) {
        double share = share_of(&a->title, &b->title);
        match_add(sum, share >= 0.5 ? MATCH_PERSON_TITLE_SAME : MATCH_PERSON_TITLE_OTHER);
    }
    if (a->bio.count && b->bio.count) {
        double share = share_of(&a->bio, &b->bio);
        match_add(sum, share >= 0.6    ? MATCH_PERSON_BIO_SAME
                       : share >= 0.25 ? MATCH_PERSON_BIO_ALIKE
                                       : MATCH_PERSON_BIO_OTHER);
    }
}

static void compare_email(struct match_sum *sum, const struct match_person_form *a,
                          const struct match_person_form *b)
{
    if (!a->email.ptr || !b->email.ptr)
        return;
    bool domain = a->email_domain.ptr && slice_equal(a->email_domain, b->email_domain);
    match_add(sum, slice_equal(a->email, b->email) ? MATCH_PERSON_EMAIL_SAME
                   : domain                        ? MATCH_PERSON_EMAIL_DOMAIN
                                                   : MATCH_PERSON_EMAIL_OTHER);
}

static const struct {
    enum match_site site;
    enum match_level same, other; // other MATCH_LEVEL_COUNT: people have several
} site_levels[] = {
    {SITE_LINKEDIN, MATCH_PERSON_LINKEDIN_SAME, MATCH_PERSON_LINKEDIN_OTHER},
    {SITE_TWITTER, MATCH_PERSON_TWITTER_SAME, MATCH_PERSON_TWITTER_OTHER},
    {SITE_GITHUB, MATCH_PERSON_GITHUB_SAME, MATCH_PERSON_GITHUB_OTHER},
    {SITE_PROFILE, MATCH_PERSON_PROFILE_SAME, MATCH_LEVEL_COUNT},
    {SITE_WEBSITE, MATCH_PERSON_WEBSITE_SAME, MATCH_PERSON_WEBSITE_OTHER},
};

static void compare_links(struct match_sum *sum, const struct match_person_form *a,
                          const struct match_person_form *b)
{
    for (size_t i = 0; i < ARRAY_LEN(site_levels); i++) {
        enum link_agreement found =
            link_compare(site_levels[i].site, a->links, a->link_count, b->links, b->link_count);
        if (found == LINKS_SAME)
            match_add(sum, site_levels[i].same);
        else if (found == LINKS_OTHER && site_levels[i].other != MATCH_LEVEL_COUNT)
            match_add(sum, site_levels[i].other);
    }
}

void match_person_compare(const struct match_model *model, const struct match_person_form *a,
                          const struct match_person_form *b, struct match_answer *ret)
{
    // In one order, so that of two readings with one weight the same is taken for (a, b) and (b, a).
    if (slice_compare(a->key, b->key) > 0) {
        const struct match_person_form *other = a;
        a = b, b = other;
    }
    struct match_sum sum = {.model = model};
    compare_names(&sum, a, b);
    compare_companies(&sum, a, b);
    compare_texts(&sum, a, b);
    compare_email(&sum, a, b);
    compare_links(&sum, a, b);
    match_decide(&sum, MATCH_SPEAKERS, ret);
}

void match_people(const struct match_model *model, struct arena *arena,
                  const struct match_person *a, const struct match_person *b,
                  struct match_answer *ret)
{
    match_person_compare(model, match_person_prepare(arena, a, NULL),
                         match_person_prepare(arena, b, NULL), ret);
}
