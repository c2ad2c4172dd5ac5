// A person's record made comparable: the name field taken apart (decorations off, parts folded and
// transliterated), the words of the texts, the handles. See match.h.
#include "lib/match/person.h"

#include "lib/match/company.h"
#include "lib/match/latin.h"
#include "lib/match/similar.h"
#include "lib/match/wordlist.h"
#include "lib/text/lexicon.h"
#include "lib/text/name_parts.h"
#include "lib/text/name_words.h"
#include "lib/text/names.h"
#include "lib/text/unicode.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>

enum { MAX_NAME_BYTES = 512, MAX_PREFIX_WORDS = 2 };

static struct slice cut(struct slice text, size_t max)
{
    return slice_sub(text, 0, max);
}

// ---- what stands around the name

// "Keynote: Ada Byron"
static struct slice without_prefix(struct slice text)
{
    size_t colon = slice_find(text, SLICE(": "));
    if (colon == SIZE_MAX || name_count_words(slice_sub(text, 0, colon)) > MAX_PREFIX_WORDS)
        return text;
    struct slice rest = slice_trim(slice_sub(text, colon + 2, text.len));
    return rest.len ? rest : text;
}

static bool is_given_name(struct arena *arena, struct slice word)
{
    return lexicon_look_up(latin_fold(arena, word)) & LEXICON_GIVEN;
}

static bool is_capitalized(struct slice word)
{
    UChar32 c = word.len ? (UChar32)unicode_next(&word) : 0;
    return u_isupper(c) || (u_isalpha(c) && !u_islower(c));
}

static bool is_known_name(struct arena *arena, struct slice word)
{
    struct slice folded = latin_fold(arena, word);
    return (lexicon_look_up(folded) & (LEXICON_GIVEN | LEXICON_FAMILY)) ||
           wordlist_name_frequency(folded);
}

// Two to four words with capitals, nothing of companies or titles, and `least_known` known names.
static bool looks_like_whole_name(struct arena *arena, struct slice text, size_t least_known)
{
    struct slice rest = text, word;
    size_t words = name_count_words(text), known = 0;
    while (name_next_word(&rest, &word)) {
        if (!is_capitalized(word))
            return false;
        known += is_known_name(arena, word);
    }
    return words >= 2 && words <= 4 && known >= least_known &&
           !name_has_company_word(arena, text) && !name_has_title_word(arena, text) &&
           slice_find_char(text, '.') == SIZE_MAX;
}

// "Ada Byron and Ben Roe", "Ada Byron, Ben Roe"
static bool names_several(struct arena *arena, struct slice text)
{
    static const char *const between[] = {" and ", " & ", " und ", " et ", " + ", ", ", " / "};
    for (size_t i = 0; i < ARRAY_LEN(between); i++) {
        struct slice mark = slice_from_cstr(between[i]);
        size_t at = slice_find(text, mark);
        if (at == SIZE_MAX)
            continue;
        struct slice left = slice_sub(text, 0, at),
                     right = slice_sub(text, at + mark.len, text.len);
        bool commas = mark.ptr[0] == ',';
        // "Ada & Ben Roe" needs a sign that Roe is a name, two whole names do not.
        size_t least_known = commas || name_count_words(left) < 2 ? 1 : 0;
        if (looks_like_whole_name(arena, right, least_known) &&
            name_count_words(left) >= (commas ? 2 : 1))
            return true;
    }
    return false;
}

// Is what stands behind a comma a given name, if what stands before it is a family name? "Ada, Engines" says a company.
static bool is_given_behind(struct arena *arena, struct slice family, struct slice given,
                            struct slice first)
{
    unsigned family_flags = lexicon_look_up(latin_fold(arena, family));
    bool only_given = (family_flags & LEXICON_GIVEN) && !(family_flags & LEXICON_FAMILY);
    if (only_given || name_list_has(arena, NAME_LIST_DEGREE, first))
        return false;
    if (is_given_name(arena, first))
        return true;
    // One that no list has, behind one word with a capital.
    bool family_is_name =
        is_known_name(arena, family) ||
        (name_count_words(family) == 1 && is_capitalized(family) && !(family_flags & LEXICON_WORD));
    return family_is_name && is_capitalized(first) &&
           !(lexicon_look_up(latin_fold(arena, first)) & LEXICON_WORD) &&
           !name_has_company_word(arena, given) && !name_has_title_word(arena, given);
}

// What stands behind a name: "(@ada)", "@ada", "- Engines".
static size_t end_of_name(struct slice text)
{
    static const char *const marks[] = {" (", " [", " @", " - ", " | "};
    size_t end = text.len;
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        size_t at = slice_find(text, slice_from_cstr(marks[i]));
        end = at < end ? at : end;
    }
    return end;
}

// "Byron, Ada" as "Ada Byron"; the text itself when the comma is of another kind.
static struct slice turn_comma(struct arena *arena, struct slice text)
{
    size_t comma = slice_find(text, SLICE(", "));
    if (comma == SIZE_MAX)
        return text;
    struct slice family = slice_sub(text, 0, comma), behind = slice_sub(text, comma + 2, text.len);
    size_t end = end_of_name(behind);
    struct slice given = slice_sub(behind, 0, end), rest = given, first;
    if (slice_find_char(given, ',') != SIZE_MAX || name_count_words(family) > 2 ||
        name_count_words(given) > 2 || !name_next_word(&rest, &first) ||
        !is_given_behind(arena, family, given, first))
        return text;
    return slice_from_cstr(arena_printf(arena, "%.*s %.*s%.*s", SLICE_FMT(given), SLICE_FMT(family),
                                        SLICE_FMT(slice_sub(behind, end, behind.len))));
}

// ---- asides: what is in brackets or quotes

struct asides {
    struct slice texts[2];
    size_t count;
};

static bool find_quotes(struct slice text, size_t *ret_open, size_t *ret_close, size_t *ret_len)
{
    static const struct {
        const char *open, *close;
    } quotes[] = {{"\"", "\""}, {"“", "”"}, {"„", "“"}, {"«", "»"}, {" '", "' "}, {" ‘", "’ "}};
    for (size_t i = 0; i < ARRAY_LEN(quotes); i++) {
        struct slice mark = slice_from_cstr(quotes[i].open);
        size_t open = slice_find(text, mark);
        if (open == SIZE_MAX)
            continue;
        struct slice behind = slice_sub(text, open + mark.len, text.len);
        size_t close = slice_find(behind, slice_from_cstr(quotes[i].close));
        if (close == SIZE_MAX || close == 0)
            continue;
        *ret_open = open;
        *ret_close = open + mark.len + close;
        *ret_len = strlen(quotes[i].close);
        return true;
    }
    return false;
}

static struct slice inside_of(struct slice text, size_t open, size_t close)
{
    struct slice inside = slice_sub(text, open, close - open);
    while (inside.len && strchr("\"([ ", inside.ptr[0]))
        inside = slice_sub(inside, 1, inside.len);
    while (inside.len && !u_isalnum((UChar32)unicode_next(&(struct slice){inside.ptr, inside.len})))
        unicode_next(&inside);
    return inside;
}

// A word in quotes that the name would be too short without is part of it: "“Ada” Byron".
static struct slice take_quotes(struct arena *arena, struct slice text, struct asides *asides)
{
    size_t open, close, len;
    if (!find_quotes(text, &open, &close, &len))
        return text;
    struct slice inside = inside_of(text, open, close);
    struct slice rest = name_without(arena, text, open, close + len);
    if (name_count_words(rest) < 2)
        return slice_from_cstr(arena_printf(arena, "%.*s %.*s %.*s",
                                            SLICE_FMT(slice_sub(text, 0, open)), SLICE_FMT(inside),
                                            SLICE_FMT(slice_sub(text, close + len, text.len))));
    if (asides->count < ARRAY_LEN(asides->texts))
        asides->texts[asides->count++] = inside;
    return rest;
}

// Brackets that hold another form of the name stay known; those with a handle do not.
static void note_brackets(struct arena *arena, struct slice text, struct asides *asides)
{
    size_t open, close;
    for (size_t from = 0; name_find_bracket(text, from, &open, &close); from = close + 1) {
        struct slice inside = slice_trim(slice_sub(text, open + 1, close - open - 1));
        if (inside.len && name_count_words(inside) <= 3 && inside.ptr[0] != '@' &&
            !name_has_company_word(arena, inside) && !name_has_title_word(arena, inside) &&
            asides->count < ARRAY_LEN(asides->texts))
            asides->texts[asides->count++] = inside;
    }
}

// ---- parts

struct name_part person_part(struct arena *arena, struct slice text)
{
    char sounds[SIMILAR_MAX_BYTES];
    size_t len = similar_sounds(text, sounds);
    unsigned flags = lexicon_look_up(text);
    return (struct name_part){
        .text = arena_slice(arena, text),
        .sounds = arena_slice(arena, (struct slice){sounds, len}),
        .frequency = wordlist_name_frequency(text),
        .is_initial = unicode_length(text) == 1,
        .is_pinyin = text.len > 1 && similar_is_pinyin(text),
        .is_given_name = flags & LEXICON_GIVEN,
        .is_family_name = flags & LEXICON_FAMILY,
    };
}

static void add_part(struct arena *arena, struct written_name *name, struct slice text, bool aside)
{
    if (text.len == 0 || name->count == PERSON_MAX_PARTS)
        return;
    name->parts[name->count] = person_part(arena, text);
    name->parts[name->count++].is_aside = aside;
    name->aside_count += aside;
}

static bool is_apostrophe(uint32_t c)
{
    return c == '\'' || c == 0x2019 || c == 0x2018 || c == '`' || c == 0xb4 || c == 0x2bc;
}

// What a wrong decoding left of a letter: "W?adys?aw", U+FFFD.
static bool is_lost_letter(uint32_t c, size_t letters_before, struct slice rest)
{
    return c == UNICODE_REPLACEMENT ||
           (c == '?' && letters_before > 0 && rest.len && u_isalpha((UChar32)unicode_next(&rest)));
}

// U+FFFD that was taken for Latin-1 once more, as one character.
static struct slice repair_lost_letters(struct arena *arena, struct slice text)
{
    struct slice twice = SLICE("\xc3\xaf\xc2\xbf\xc2\xbd"), once = SLICE("\xef\xbf\xbd");
    for (size_t at; (at = slice_find(text, twice)) != SIZE_MAX;) {
        struct slice before = slice_sub(text, 0, at);
        struct slice behind = slice_sub(text, at + twice.len, text.len);
        text = slice_from_cstr(arena_printf(arena, "%.*s%.*s%.*s", SLICE_FMT(before),
                                            SLICE_FMT(once), SLICE_FMT(behind)));
    }
    return text;
}

// The parts of folded text: apostrophes join ("O'Brien"), everything else that is no letter parts.
static void add_parts(struct arena *arena, struct written_name *name, struct slice text, bool aside)
{
    struct slice folded = latin_fold(arena, text);
    char *word = arena_alloc(arena, folded.len + 1);
    size_t used = 0;
    bool behind_space = true;
    for (struct slice rest = folded; rest.len;) {
        const char *from = rest.ptr;
        uint32_t c = unicode_next(&rest);
        if (u_isalnum((UChar32)c)) {
            memcpy(word + used, from, (size_t)(rest.ptr - from));
            used += (size_t)(rest.ptr - from);
        } else if (!is_apostrophe(c) && !is_lost_letter(c, used, rest)) {
            struct slice whole = {word, used};
            add_part(arena, name, whole, aside);
            // "Gong-De" has no particle.
            if (name->count && behind_space)
                name->parts[name->count - 1].is_small |= wordlist_is_particle(whole);
            used = 0;
            behind_space = c == ' ';
        }
    }
    add_part(arena, name, (struct slice){word, used}, aside);
}

static int compare_parts(const void *a, const void *b)
{
    return slice_compare(((const struct name_part *)a)->text, ((const struct name_part *)b)->text);
}

static struct slice join_letters(struct arena *arena, const struct name_part *parts, size_t count)
{
    size_t len = 0, used = 0;
    for (size_t i = 0; i < count; i++)
        len += parts[i].text.len + 1;
    char *letters = arena_alloc(arena, len + 1);
    for (size_t i = 0; i < count; i++) {
        memcpy(letters + used, parts[i].text.ptr, parts[i].text.len);
        used += parts[i].text.len;
    }
    return (struct slice){letters, used};
}

// "Natasha Vladimirova" has syllables of pinyin by chance: a Chinese name has them in two parts at least. One that stands
// alone may be either.
static void judge_pinyin(struct name_part *parts, size_t count)
{
    size_t whole = 0, pinyin = 0;
    for (size_t i = 0; i < count; i++) {
        whole += !parts[i].is_initial && !parts[i].is_small;
        pinyin += parts[i].is_pinyin;
    }
    for (size_t i = 0; i < count; i++)
        parts[i].is_pinyin &= pinyin > 1 || whole == 1;
}

// Generations behind a name say little, and parts at its ends are no particles.
static void finish_name(struct arena *arena, struct written_name *name)
{
    size_t plain = name->count - name->aside_count;
    if (plain > 2 && wordlist_is_generation(name->parts[plain - 1].text)) {
        plain--, name->count--;
        memmove(&name->parts[plain], &name->parts[plain + 1],
                name->aside_count * sizeof name->parts[0]);
    }
    if (plain == 0)
        return;
    name->parts[0].is_small = name->parts[plain - 1].is_small = false;
    judge_pinyin(name->parts, plain);
    struct name_part sorted[PERSON_MAX_PARTS];
    memcpy(sorted, name->parts, plain * sizeof sorted[0]);
    qsort(sorted, plain, sizeof sorted[0], compare_parts);
    name->letters = join_letters(arena, name->parts, plain);
    name->sorted = join_letters(arena, sorted, plain);
    person_read_ways(arena, name);
}

// "林守德 Shou-de Lin": what is in Latin letters is the name, the rest its other form.
static void split_scripts(struct arena *arena, struct slice text, struct slice *ret_latin,
                          struct slice *ret_other)
{
    char *latin = arena_alloc(arena, text.len + 2), *other = arena_alloc(arena, text.len + 2);
    size_t latin_len = 0, other_len = 0;
    struct slice word;
    while (name_next_word(&text, &word)) {
        bool is_latin = !latin_is_lossy(word);
        char *out = is_latin ? latin : other;
        size_t *len = is_latin ? &latin_len : &other_len;
        if (*len)
            out[(*len)++] = ' ';
        memcpy(out + *len, word.ptr, word.len);
        *len += word.len;
    }
    *ret_latin = (struct slice){latin, latin_len};
    *ret_other = (struct slice){other, other_len};
}

static void read_other_form(struct arena *arena, struct match_person_form *form, struct slice text)
{
    if (text.len == 0 || form->other.count)
        return;
    add_parts(arena, &form->other, text, false);
    form->other.is_lossy = latin_is_lossy(text);
    finish_name(arena, &form->other);
}

static struct person_name read_name(struct arena *arena, struct slice raw,
                                    struct match_person_form *form)
{
    struct asides asides = {0};
    struct slice repaired = repair_lost_letters(arena, cut(raw, MAX_NAME_BYTES));
    struct slice text = without_prefix(name_clean(arena, repaired));
    form->is_several = names_several(arena, text);
    text = turn_comma(arena, take_quotes(arena, text, &asides));
    note_brackets(arena, text, &asides);
    struct person_name split = name_split_person(arena, text);
    struct slice latin, other;
    split_scripts(arena, split.name, &latin, &other);
    bool both = name_count_words(latin) >= 2 && other.len;
    add_parts(arena, &form->name, both ? latin : split.name, false);
    form->name.is_lossy = !both && other.len;
    if (both)
        read_other_form(arena, form, other);
    for (size_t i = 0; i < asides.count; i++) {
        bool is_other_script = latin_is_lossy(asides.texts[i]) != form->name.is_lossy;
        if (is_other_script && (name_count_words(asides.texts[i]) > 1 || !form->name.is_lossy))
            read_other_form(arena, form, asides.texts[i]);
        else if (name_count_words(asides.texts[i]) == 1)
            add_parts(arena, &form->name, asides.texts[i], true);
    }
    finish_name(arena, &form->name);
    return split;
}

// ---- all of it

static void read_company(struct arena *arena, struct match_person_form *form, struct slice company)
{
    struct match_company record = {.name = cut(company, MAX_NAME_BYTES)};
    if (slice_trim(company).len == 0)
        return;
    const struct match_company_form *read = match_company_prepare(arena, &record);
    if (!match_company_is_placeholder(read))
        form->company = read;
}

static bool is_same_text(struct slice text, const struct person_text *read)
{
    return text.ptr == read->text.ptr && text.len == read->text.len;
}

const struct match_person_form *match_person_prepare(struct arena *arena,
                                                     const struct match_person *person,
                                                     const struct match_person_form *like)
{
    struct match_person_form *form = ARENA_NEW(arena, struct match_person_form);
    struct person_name split = read_name(arena, person->name, form);
    bool has_company = slice_trim(person->company).len > 0;
    read_company(arena, form, has_company ? person->company : split.company);
    struct slice title = slice_trim(person->title).len ? person->title : split.title;
    person_read_text(arena, title, &form->title);
    if (like && is_same_text(person->bio, &like->bio))
        form->bio = like->bio;
    else
        person_read_text(arena, person->bio, &form->bio);
    person_read_email(arena, form, cut(person->email, MAX_NAME_BYTES));
    for (size_t i = 0; i < person->link_count && i < MATCH_MAX_LINKS; i++) {
        struct match_link link = link_read(arena, person->links[i]);
        if (link.site != SITE_NONE)
            form->links[form->link_count++] = link;
    }
    form->key = person->name.ptr ? person->name : SLICE("");
    return form;
}

// ---- what a catalogue asks

// Of 100,000 names: the table counts from one on; an initial fits many.
static double part_frequency(const struct name_part *part)
{
    static const double uncounted = 0.4, initial = 10000;
    return part->is_initial ? initial : part->frequency ? part->frequency : uncounted;
}

double match_person_namesakes(const struct match_person_form *form, double people)
{
    static const double counted_of = 100000;
    const struct written_name *name = &form->name;
    if (name->reading_count == 0)
        return people;
    const struct name_part *parts[] = {name->readings[0].given, name->readings[0].family};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (parts[i])
            people *= part_frequency(parts[i]) / counted_of;
    return people;
}

bool match_person_is_bare(const struct match_person_form *form)
{
    return !form->company && !form->title.count && !form->bio.count && !form->email.len &&
           !form->link_count;
}

bool match_person_is_short(const struct match_person_form *form)
{
    const struct written_name *name = &form->name;
    return name->reading_count == 0 || !name->readings[0].given || !name->readings[0].family ||
           name->readings[0].family->is_initial;
}
