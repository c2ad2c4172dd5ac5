// How two people agree. A name can be read in several ways (which part is the family name, what was left
// out, what is written in one); of the readings the one with the most weight counts. See match.h.
#include "lib/match/person.h"

#include "lib/base/ensure.h"
#include "lib/match/company.h"
#include "lib/match/model.h"
#include "lib/match/similar.h"
#include "lib/match/wordlist.h"

#include <string.h>

enum { MAX_READINGS = 24, MIN_SHORT_FORM = 3, MIN_TYPO = 4, MIN_TWO_TYPOS = 8 };
static const double NEAR_LEAST = 0.88;

// ---- readings

enum order { ORDER_AS_WRITTEN, ORDER_TURNED, ORDER_LEFT_OUT };

struct reading {
    struct slice given, family; // absent: missing
    char joined[SIMILAR_MAX_BYTES];
    unsigned given_frequency, family_frequency;
    unsigned used; // bit set of parts
    enum order order;
    bool family_is_part; // more parts stand behind the family name
};

struct readings {
    struct reading items[MAX_READINGS];
    size_t count;
};

static struct reading *add_reading(struct readings *readings, const struct written_name *name,
                                   int given, int family, enum order order)
{
    if (readings->count == MAX_READINGS)
        return NULL;
    struct reading *reading = &readings->items[readings->count++];
    memset(reading, 0, sizeof *reading);
    reading->order = order;
    if (given >= 0) {
        reading->given = name->parts[given].text;
        reading->given_frequency = name->parts[given].frequency;
        reading->used |= 1U << given;
    }
    if (family >= 0) {
        reading->family = name->parts[family].text;
        reading->family_frequency = name->parts[family].frequency;
        reading->used |= 1U << family;
    }
    return reading;
}

// The parts from `from` to before `end` written in one.
static struct slice join_parts(struct reading *reading, const struct written_name *name, size_t from,
                               size_t end)
{
    size_t used = 0;
    for (size_t i = from; i < end; i++) {
        struct slice text = name->parts[i].text;
        if (used + text.len > sizeof reading->joined)
            return (struct slice){0};
        memcpy(reading->joined + used, text.ptr, text.len);
        used += text.len;
        reading->used |= 1U << i;
    }
    return (struct slice){reading->joined, used};
}

static void add_joined_given(struct readings *readings, const struct written_name *name, size_t from,
                             size_t end, size_t family, enum order order)
{
    struct reading *reading = add_reading(readings, name, -1, (int)family, order);
    if (!reading)
        return;
    reading->given = join_parts(reading, name, from, end);
    reading->given_frequency = wordlist_name_frequency(reading->given);
    if (!reading->given.ptr)
        readings->count--;
}

static void add_joined_family(struct readings *readings, const struct written_name *name,
                              size_t from, size_t end, size_t given, enum order order)
{
    struct reading *reading = add_reading(readings, name, (int)given, -1, order);
    if (!reading)
        return;
    reading->family = join_parts(reading, name, from, end);
    reading->family_frequency = wordlist_name_frequency(reading->family);
    if (!reading->family.ptr)
        readings->count--;
}

static void add_long_readings(struct readings *readings, const struct written_name *name, size_t n)
{
    int last = (int)n - 1;
    add_reading(readings, name, 1, 0, ORDER_TURNED);
    add_joined_given(readings, name, 0, 2, n - 1, ORDER_AS_WRITTEN);
    add_joined_given(readings, name, 1, 3, 0, ORDER_TURNED);
    add_joined_family(readings, name, n - 2, n, 0, ORDER_AS_WRITTEN);
    add_joined_family(readings, name, 0, 2, n - 1, ORDER_TURNED);
    for (int family = last - 1; family > 0; family--) {
        struct reading *reading = add_reading(readings, name, 0, family, ORDER_AS_WRITTEN);
        if (reading)
            reading->family_is_part = true;
    }
    add_reading(readings, name, 1, last, ORDER_LEFT_OUT);
    if (n > 3)
        add_joined_given(readings, name, 0, n - 1, n - 1, ORDER_AS_WRITTEN);
}

// The first one is the usual one.
static void read_ways(const struct written_name *name, struct readings *ret)
{
    size_t n = name->count - name->aside_count;
    ret->count = 0;
    if (n == 1) {
        add_reading(ret, name, 0, -1, ORDER_AS_WRITTEN);
        add_reading(ret, name, -1, 0, ORDER_AS_WRITTEN);
        return;
    }
    add_reading(ret, name, 0, (int)n - 1, ORDER_AS_WRITTEN);
    if (n == 2)
        add_reading(ret, name, 1, 0, ORDER_TURNED);
    else
        add_long_readings(ret, name, n);
    for (size_t i = n; i < name->count; i++)
        add_reading(ret, name, (int)i, (int)n - 1, ORDER_LEFT_OUT);
}

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

static bool is_initial(struct slice word)
{
    return word.len == 1 || (word.len > 1 && (unsigned char)word.ptr[0] >= 0xc0 && word.len <= 3 &&
                             ((unsigned char)word.ptr[1] & 0xc0) == 0x80);
}

static enum word_level compare_words(struct slice a, struct slice b)
{
    if (slice_equal(a, b))
        return WORD_SAME;
    if (is_initial(a) || is_initial(b))
        return a.ptr[0] == b.ptr[0] ? WORD_INITIAL : WORD_OTHER_INITIAL;
    if (similar_is_pinyin(a) && similar_is_pinyin(b))
        return WORD_SYLLABLES;
    if (similar_spelling(a, b))
        return WORD_SPELLING;
    size_t least = a.len < b.len ? a.len : b.len;
    unsigned most = least >= MIN_TWO_TYPOS ? 2 : least >= MIN_TYPO ? 1 : 0;
    if (most && similar_edits(a, b, most) <= most)
        return WORD_TYPO;
    return similar_jaro_winkler(a, b) >= NEAR_LEAST ? WORD_NEAR : WORD_OTHER;
}

static enum match_level family_level(const struct reading *a, const struct reading *b)
{
    static const enum match_level levels[] = {
        [WORD_SAME] = MATCH_FAMILY_SAME,           [WORD_SPELLING] = MATCH_FAMILY_SPELLING,
        [WORD_INITIAL] = MATCH_FAMILY_INITIAL,     [WORD_OTHER_INITIAL] = MATCH_FAMILY_OTHER,
        [WORD_SYLLABLES] = MATCH_FAMILY_SYLLABLES, [WORD_TYPO] = MATCH_FAMILY_TYPO,
        [WORD_NEAR] = MATCH_FAMILY_NEAR,           [WORD_OTHER] = MATCH_FAMILY_OTHER,
    };
    if (!a->family.ptr || !b->family.ptr)
        return MATCH_FAMILY_MISSING;
    enum word_level level = compare_words(a->family, b->family);
    if (a->family_is_part || b->family_is_part)
        return level <= WORD_SPELLING ? MATCH_FAMILY_PART : MATCH_FAMILY_OTHER;
    if (level != WORD_SAME)
        return levels[level];
    unsigned frequency = a->family_frequency;
    return frequency >= PERSON_FREQUENT ? MATCH_FAMILY_SAME_FREQUENT
           : frequency < PERSON_RARE    ? MATCH_FAMILY_SAME_RARE
                                        : MATCH_FAMILY_SAME;
}

static bool is_beginning(struct slice a, struct slice b)
{
    return a.len >= MIN_SHORT_FORM && b.len > a.len && slice_starts_with(b, a);
}

static enum match_level given_level(const struct reading *a, const struct reading *b)
{
    static const enum match_level levels[] = {
        [WORD_SAME] = MATCH_GIVEN_SAME,           [WORD_SPELLING] = MATCH_GIVEN_SPELLING,
        [WORD_INITIAL] = MATCH_GIVEN_INITIAL,     [WORD_OTHER_INITIAL] = MATCH_GIVEN_OTHER,
        [WORD_SYLLABLES] = MATCH_GIVEN_SYLLABLES, [WORD_TYPO] = MATCH_GIVEN_TYPO,
        [WORD_NEAR] = MATCH_GIVEN_NEAR,           [WORD_OTHER] = MATCH_GIVEN_OTHER,
    };
    if (!a->given.ptr || !b->given.ptr)
        return MATCH_GIVEN_MISSING;
    enum word_level level = compare_words(a->given, b->given);
    if (level == WORD_SAME)
        return is_initial(a->given)                     ? MATCH_GIVEN_SAME_INITIAL
               : a->given_frequency >= PERSON_FREQUENT ? MATCH_GIVEN_SAME_FREQUENT
               : a->given_frequency < PERSON_RARE      ? MATCH_GIVEN_SAME_RARE
                                                        : MATCH_GIVEN_SAME;
    if (level == WORD_INITIAL)
        return a->family_frequency < PERSON_RARE && b->family_frequency < PERSON_RARE
                   ? MATCH_GIVEN_INITIAL_RARE
                   : MATCH_GIVEN_INITIAL;
    if (wordlist_are_nicknames(a->given, b->given))
        return MATCH_GIVEN_NICKNAME;
    if (level != WORD_SYLLABLES && level != WORD_SPELLING &&
        (is_beginning(a->given, b->given) || is_beginning(b->given, a->given)))
        return MATCH_GIVEN_SHORT;
    return levels[level];
}

// ---- middle names: what a reading leaves

struct middles {
    struct slice items[PERSON_MAX_PARTS];
    size_t count;
    bool all_initials;
};

static struct middles middles_of(const struct written_name *name, const struct reading *reading)
{
    struct middles middles = {.all_initials = true};
    for (size_t i = 0; i < name->count; i++) {
        if (name->parts[i].is_aside || (reading->used & (1U << i)))
            continue;
        middles.items[middles.count++] = name->parts[i].text;
        middles.all_initials &= name->parts[i].is_initial;
    }
    return middles;
}

// The best agreement of one with any of the others.
static enum match_level best_middle(struct slice word, const struct middles *others)
{
    enum match_level best = MATCH_MIDDLE_CONTRADICTS;
    for (size_t i = 0; i < others->count; i++) {
        enum word_level level = compare_words(word, others->items[i]);
        if (level == WORD_SAME || level == WORD_SPELLING || level == WORD_TYPO ||
            wordlist_are_nicknames(word, others->items[i]))
            return MATCH_MIDDLE_SAME;
        if (level == WORD_INITIAL)
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

static void weigh_reading(struct match_sum *sum, struct pair names, const struct reading *a,
                          const struct reading *b)
{
    struct middles of_a = middles_of(names.a, a), of_b = middles_of(names.b, b);
    match_add(sum, family_level(a, b));
    match_add(sum, given_level(a, b));
    match_add(sum, middle_level(&of_a, &of_b));
    bool left_out = a->order == ORDER_LEFT_OUT || b->order == ORDER_LEFT_OUT;
    bool turned = a->order == ORDER_TURNED || b->order == ORDER_TURNED;
    match_add(sum, left_out ? MATCH_ORDER_FIRST_LEFT_OUT
                   : turned ? MATCH_ORDER_SWAPPED
                            : MATCH_ORDER_KEPT);
}

static void keep_better(struct match_sum *best, const struct match_sum *sum)
{
    if (best->count == 0 || sum->bits > best->bits)
        *best = *sum;
}

static struct match_sum weigh_by_parts(const struct match_model *model, struct pair names)
{
    struct readings of_a, of_b;
    struct match_sum best = {.model = model};
    read_ways(names.a, &of_a);
    read_ways(names.b, &of_b);
    // One of the two is read in the usual way.
    for (size_t i = 0; i < of_a.count; i++)
        for (size_t j = 0; j < of_b.count; j++) {
            if (i > 0 && j > 0)
                continue;
            struct match_sum sum = {.model = model};
            weigh_reading(&sum, names, &of_a.items[i], &of_b.items[j]);
            match_add(&sum, MATCH_WRITING_PARTS);
            keep_better(&best, &sum);
        }
    return best;
}

// The same letters, only parted in other ways ("Yi-Gang", "Yigang"): as the one with more parts.
static struct match_sum weigh_whole(const struct match_model *model, struct pair names)
{
    const struct written_name *more = names.a->count >= names.b->count ? names.a : names.b;
    struct readings readings;
    struct match_sum sum = {.model = model};
    read_ways(more, &readings);
    weigh_reading(&sum, (struct pair){more, more}, &readings.items[0], &readings.items[0]);
    match_add(&sum, MATCH_WRITING_WHOLE);
    return sum;
}

static struct match_sum weigh_names(const struct match_model *model, struct pair names)
{
    struct match_sum sum = {.model = model};
    if (names.a->count == names.a->aside_count || names.b->count == names.b->aside_count)
        return sum;
    if (slice_equal(names.a->letters, names.b->letters))
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
    const struct pair others[] = {{&a->other, &b->name}, {&a->name, &b->other}, {&a->other, &b->other}};
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

static size_t count_shared(const struct slice *a, size_t a_count, const struct slice *b,
                           size_t b_count)
{
    size_t shared = 0;
    for (size_t i = 0, j = 0; i < a_count && j < b_count;) {
        int order = slice_compare(a[i], b[j]);
        shared += order == 0;
        i += order <= 0;
        j += order >= 0;
    }
    return shared;
}

// Shared words of all (Jaccard).
static double share_of(const struct slice *a, size_t a_count, const struct slice *b, size_t b_count)
{
    size_t shared = count_shared(a, a_count, b, b_count);
    return (double)shared / (double)(a_count + b_count - shared);
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
    if (a->title_count && b->title_count) {
        double share = share_of(a->title_words, a->title_count, b->title_words, b->title_count);
        match_add(sum, share >= 0.5 ? MATCH_PERSON_TITLE_SAME : MATCH_PERSON_TITLE_OTHER);
    }
    if (a->bio_count && b->bio_count) {
        double share = share_of(a->bio_words, a->bio_count, b->bio_words, b->bio_count);
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
        enum link_agreement found = link_compare(site_levels[i].site, a->links, a->link_count,
                                                 b->links, b->link_count);
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
    match_person_compare(model, match_person_prepare(arena, a), match_person_prepare(arena, b),
                         ret);
}
