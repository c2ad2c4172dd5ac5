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

enum { MAX_NAME_BYTES = 512, MIN_WORD_BYTES = 3, MAX_PREFIX_WORDS = 2 };

static struct slice cut(struct slice text, size_t max)
{
    return slice_sub(text, 0, max);
}

static size_t count_words(struct slice text)
{
    struct slice word;
    size_t count = 0;
    while (name_next_word(&text, &word))
        count++;
    return count;
}

// ---- what stands around the name

// "Keynote: Ada Byron"
static struct slice without_prefix(struct slice text)
{
    size_t colon = slice_find(text, SLICE(": "));
    if (colon == SIZE_MAX || count_words(slice_sub(text, 0, colon)) > MAX_PREFIX_WORDS)
        return text;
    struct slice rest = slice_trim(slice_sub(text, colon + 2, text.len));
    return rest.len ? rest : text;
}

static bool is_given_name(struct arena *arena, struct slice word)
{
    return lexicon_look_up(latin_fold(arena, word)) & LEXICON_GIVEN;
}

static bool looks_like_whole_name(struct arena *arena, struct slice text)
{
    struct slice rest = text, first;
    size_t words = count_words(text);
    return words >= 2 && words <= 4 && name_next_word(&rest, &first) &&
           (is_given_name(arena, first) || wordlist_name_frequency(latin_fold(arena, first))) &&
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
        struct slice left = slice_sub(text, 0, at), right = slice_sub(text, at + mark.len, text.len);
        bool commas = mark.ptr[0] == ',';
        if (looks_like_whole_name(arena, right) && count_words(left) >= (commas ? 2 : 1))
            return true;
    }
    return false;
}

// "Byron, Ada" as "Ada Byron"; the text itself when the comma is of another kind.
static struct slice turn_comma(struct arena *arena, struct slice text)
{
    size_t comma = slice_find(text, SLICE(", "));
    if (comma == SIZE_MAX)
        return text;
    struct slice family = slice_sub(text, 0, comma), given = slice_sub(text, comma + 2, text.len);
    struct slice rest = given, first;
    if (slice_find_char(given, ',') != SIZE_MAX || count_words(family) > 2 ||
        count_words(given) > 2 || !name_next_word(&rest, &first))
        return text;
    // One word in front of the comma that is a given name alone is no family name: "Ada, Engines".
    unsigned family_flags = lexicon_look_up(latin_fold(arena, family));
    bool only_given = (family_flags & LEXICON_GIVEN) && !(family_flags & LEXICON_FAMILY);
    if (!is_given_name(arena, first) || only_given || name_list_has(arena, NAME_LIST_DEGREE, first))
        return text;
    return slice_from_cstr(
        arena_printf(arena, "%.*s %.*s", SLICE_FMT(given), SLICE_FMT(family)));
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
    if (count_words(rest) < 2)
        return slice_from_cstr(arena_printf(
            arena, "%.*s %.*s %.*s", SLICE_FMT(slice_sub(text, 0, open)), SLICE_FMT(inside),
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
        if (inside.len && count_words(inside) <= 3 && inside.ptr[0] != '@' &&
            !name_has_company_word(arena, inside) && !name_has_title_word(arena, inside) &&
            asides->count < ARRAY_LEN(asides->texts))
            asides->texts[asides->count++] = inside;
    }
}

// ---- parts

static void add_part(struct arena *arena, struct written_name *name, struct slice text, bool aside)
{
    if (text.len == 0 || name->count == PERSON_MAX_PARTS)
        return;
    name->parts[name->count++] = (struct name_part){
        .text = arena_slice(arena, text),
        .frequency = wordlist_name_frequency(text),
        .is_initial = unicode_length(text) == 1,
        .is_aside = aside,
        .is_pinyin = text.len > 1 && similar_is_pinyin(text),
    };
    name->aside_count += aside;
}

static bool is_apostrophe(uint32_t c)
{
    return c == '\'' || c == 0x2019 || c == 0x2018 || c == '`' || c == 0xb4 || c == 0x2bc;
}

// The parts of folded text: apostrophes join ("O'Brien"), everything else that is no letter parts.
static void add_parts(struct arena *arena, struct written_name *name, struct slice text, bool aside)
{
    char *word = arena_alloc(arena, text.len + 1);
    size_t used = 0;
    for (struct slice rest = latin_fold(arena, text); rest.len;) {
        const char *from = rest.ptr;
        uint32_t c = unicode_next(&rest);
        if (u_isalnum((UChar32)c) && used < text.len) {
            size_t len = (size_t)(rest.ptr - from);
            if (used + len <= text.len) {
                memcpy(word + used, from, len);
                used += len;
            }
        } else if (!is_apostrophe(c)) {
            add_part(arena, name, (struct slice){word, used}, aside);
            used = 0;
        }
    }
    add_part(arena, name, (struct slice){word, used}, aside);
}

static void drop_part(struct written_name *name, size_t at)
{
    name->aside_count -= name->parts[at].is_aside;
    name->count--;
    memmove(&name->parts[at], &name->parts[at + 1],
            (name->count - at) * sizeof name->parts[0]);
}

// Particles between other parts and generations behind them say little.
static void drop_small_parts(struct written_name *name)
{
    for (size_t i = name->count; i-- > 0;) {
        size_t plain = name->count - name->aside_count;
        if (name->parts[i].is_aside || plain <= 2)
            continue;
        if ((i + 1 == plain && wordlist_is_generation(name->parts[i].text)) ||
            (i > 0 && i + 1 < plain && wordlist_is_particle(name->parts[i].text)))
            drop_part(name, i);
    }
}

static void join_letters(struct arena *arena, struct written_name *name)
{
    size_t len = 0, plain = name->count - name->aside_count;
    for (size_t i = 0; i < plain; i++)
        len += name->parts[i].text.len;
    char *letters = arena_alloc(arena, len + 1);
    size_t used = 0;
    for (size_t i = 0; i < plain; i++) {
        memcpy(letters + used, name->parts[i].text.ptr, name->parts[i].text.len);
        used += name->parts[i].text.len;
    }
    name->letters = (struct slice){letters, used};
}

static void finish_name(struct arena *arena, struct written_name *name)
{
    drop_small_parts(name);
    join_letters(arena, name);
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
    struct slice text = without_prefix(name_clean(arena, cut(raw, MAX_NAME_BYTES)));
    form->is_several = names_several(arena, text);
    text = turn_comma(arena, take_quotes(arena, text, &asides));
    note_brackets(arena, text, &asides);
    struct person_name split = name_split_person(arena, text);
    struct slice latin, other;
    split_scripts(arena, split.name, &latin, &other);
    bool both = count_words(latin) >= 2 && other.len;
    add_parts(arena, &form->name, both ? latin : split.name, false);
    form->name.is_lossy = !both && other.len;
    if (both)
        read_other_form(arena, form, other);
    for (size_t i = 0; i < asides.count; i++) {
        bool is_other_script = latin_is_lossy(asides.texts[i]) != form->name.is_lossy;
        if (is_other_script && (count_words(asides.texts[i]) > 1 || !form->name.is_lossy))
            read_other_form(arena, form, asides.texts[i]);
        else if (count_words(asides.texts[i]) == 1)
            add_parts(arena, &form->name, asides.texts[i], true);
    }
    finish_name(arena, &form->name);
    return split;
}

// ---- texts and addresses

static int compare_words(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

size_t person_words(struct arena *arena, struct slice text,
                    struct slice ret_words[static PERSON_MAX_WORDS])
{
    struct slice folded = name_normalize(arena, cut(text, MATCH_MAX_TEXT)), word;
    size_t count = 0, unique = 0;
    while (count < PERSON_MAX_WORDS && name_next_word(&folded, &word))
        if (word.len >= MIN_WORD_BYTES)
            ret_words[count++] = word;
    if (count)
        qsort(ret_words, count, sizeof *ret_words, compare_words);
    for (size_t i = 0; i < count; i++)
        if (unique == 0 || !slice_equal(ret_words[unique - 1], ret_words[i]))
            ret_words[unique++] = ret_words[i];
    return unique;
}

// Hosts that give everybody an address.
static const char *const mail_hosts[] = {
    "163.com", "aol.com",   "gmail.com",   "gmx.de",         "googlemail.com", "hey.com", "hotmail.com",
    "icloud.com", "live.com", "mail.ru",   "outlook.com",    "pm.me",          "proton.me",
    "protonmail.com", "qq.com", "web.de",  "yahoo.com",      "yandex.ru",
};

static void read_email(struct arena *arena, struct match_person_form *form, struct slice email)
{
    struct slice folded = unicode_fold(arena, slice_trim(email));
    size_t at = slice_find_char(folded, '@');
    if (at == SIZE_MAX || at == 0 || at + 1 >= folded.len)
        return;
    form->email = folded;
    struct slice host = slice_sub(folded, at + 1, folded.len);
    for (size_t i = 0; i < ARRAY_LEN(mail_hosts); i++)
        if (slice_equal(host, slice_from_cstr(mail_hosts[i])))
            return;
    form->email_domain = link_host_domain(host);
}

static void read_company(struct arena *arena, struct match_person_form *form, struct slice company)
{
    struct match_company record = {.name = cut(company, MAX_NAME_BYTES)};
    if (slice_trim(company).len == 0)
        return;
    const struct match_company_form *read = match_company_prepare(arena, &record);
    if (!match_company_is_placeholder(read))
        form->company = read;
}

const struct match_person_form *match_person_prepare(struct arena *arena,
                                                     const struct match_person *person)
{
    struct match_person_form *form = ARENA_NEW(arena, struct match_person_form);
    struct person_name split = read_name(arena, person->name, form);
    bool has_company = slice_trim(person->company).len > 0;
    read_company(arena, form, has_company ? person->company : split.company);
    struct slice title = slice_trim(person->title).len ? person->title : split.title;
    form->title_count = person_words(arena, title, form->title_words);
    form->bio_count = person_words(arena, person->bio, form->bio_words);
    read_email(arena, form, cut(person->email, MAX_NAME_BYTES));
    for (size_t i = 0; i < person->link_count && i < MATCH_MAX_LINKS; i++) {
        struct match_link link = link_read(arena, person->links[i]);
        if (link.site != SITE_NONE)
            form->links[form->link_count++] = link;
    }
    form->key = person->name.ptr ? person->name : SLICE("");
    return form;
}
