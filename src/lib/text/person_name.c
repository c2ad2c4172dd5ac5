// name_split_person of names.h: takes a person's name field apart, one kind of addition after the
// other.
#include "lib/text/name_parts.h"
#include "lib/text/name_words.h"
#include "lib/text/names.h"
#include "lib/text/unicode.h"

#include <string.h>
#include <unicode/uchar.h>

enum { MAX_COMPANY_WORDS = 6, MAX_PERSON_WORDS = 4 };

static bool has_digit(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] >= '0' && text.ptr[i] <= '9')
            return true;
    return false;
}

static bool looks_like_person(struct arena *arena, struct slice text)
{
    size_t words = name_count_words(text);
    return words >= 1 && words <= MAX_PERSON_WORDS && !has_digit(text) &&
           !name_has_company_word(arena, text);
}

static bool is_degree(struct arena *arena, struct slice word)
{
    char *letters = arena_alloc(arena, word.len + 1);
    size_t used = 0;
    for (size_t i = 0; i < word.len; i++)
        if (word.ptr[i] != '.')
            letters[used++] = word.ptr[i];
    return name_list_has(arena, NAME_LIST_DEGREE, (struct slice){letters, used});
}

// "Cofounder Engines", "Founder of Engines": the title at the start of an addition, and what is
// behind it.
static struct slice split_title(struct arena *arena, struct slice text, struct slice *ret_rest)
{
    struct slice rest = text, word = {0}, title = {0};
    *ret_rest = text;
    while (name_next_word(&rest, &word) && name_is_title_word(arena, word)) {
        title = slice_sub(text, 0, (size_t)(word.ptr + word.len - text.ptr));
        *ret_rest = slice_trim(rest);
    }
    if (title.ptr && (slice_equal(word, SLICE("of")) || slice_equal(word, SLICE("at"))))
        *ret_rest = slice_trim(rest);
    return title;
}

// An addition that is no part of the name says a title or a company, whichever is still open, or
// both.
static void take_addition(struct arena *arena, struct person_name *person, struct slice text)
{
    struct slice rest, title = split_title(arena, text = slice_trim(text), &rest);
    if (text.len == 0)
        return;
    if (title.ptr && rest.len && !name_is_title(arena, text) && !person->title.ptr &&
        !person->company.ptr) {
        person->title = title;
        person->company = rest;
    } else if (name_is_title(arena, text)) {
        if (!person->title.ptr)
            person->title = text;
    } else if (!person->company.ptr && name_count_words(text) <= MAX_COMPANY_WORDS) {
        person->company = text;
    }
}

// "Ada Byron @ Engines", "Ada Founder @ Engines"
static void take_at(struct arena *arena, struct person_name *person)
{
    size_t at = slice_find_char(person->name, '@');
    if (at == SIZE_MAX || at == 0 || at + 1 >= person->name.len)
        return;
    struct slice left = slice_trim(slice_sub(person->name, 0, at));
    struct slice right = slice_trim(slice_sub(person->name, at + 1, person->name.len));
    if (left.len == 0 || right.len == 0 || slice_find_char(right, '@') != SIZE_MAX)
        return;
    take_addition(arena, person, right);
    size_t end = left.len;
    while (end > 0 && left.ptr[end - 1] != ' ')
        end--;
    struct slice last = slice_sub(left, end, left.len);
    if (end > 0 && name_is_title_word(arena, last)) {
        person->title = last;
        left = slice_trim(slice_sub(left, 0, end));
    }
    person->name = left;
}

// "Ada Byron / Engine Ventures", and the other way round
static void take_separated(struct arena *arena, struct person_name *person)
{
    static const char *const marks[] = {" / ", " | ", " - ", " – ", " — ", " · ", " • "};
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        struct slice mark = slice_from_cstr(marks[i]);
        size_t at = slice_find(person->name, mark);
        if (at == SIZE_MAX)
            continue;
        struct slice left = slice_sub(person->name, 0, at);
        struct slice right = slice_sub(person->name, at + mark.len, person->name.len);
        if (looks_like_person(arena, left)) {
            person->name = left;
            take_addition(arena, person, right);
        } else if (looks_like_person(arena, right)) {
            person->name = right;
            take_addition(arena, person, left);
        }
    }
}

// Does a bracket behind a name hold a company, and not the name's other form?
static bool bracket_is_company(struct arena *arena, struct slice name, struct slice inside)
{
    size_t capitals = 0;
    for (size_t i = 0; i < inside.len; i++)
        capitals += inside.ptr[i] >= 'A' && inside.ptr[i] <= 'Z';
    return name_count_words(inside) > 1 || capitals > 1 || has_digit(inside) ||
           name_count_words(name) == 1 || slice_find_char(inside, '.') != SIZE_MAX ||
           name_has_company_word(arena, inside);
}

// "Ada Byron (Engine AI)"; a bracket in the middle is a nickname.
static void take_brackets(struct arena *arena, struct person_name *person)
{
    size_t open, close;
    while (name_find_bracket(person->name, 0, &open, &close)) {
        struct slice inside = slice_sub(person->name, open + 1, close - open - 1);
        bool at_end = close + 1 >= person->name.len;
        struct slice rest = name_without(arena, person->name, open, close + 1);
        if (rest.len == 0)
            return;
        person->name = rest;
        if (at_end && is_degree(arena, inside))
            person->is_surely_person = true;
        else if (at_end &&
                 (name_is_title(arena, inside) || bracket_is_company(arena, rest, inside)))
            take_addition(arena, person, inside);
    }
}

// Augusta "Ada" King
static void drop_quoted_nickname(struct arena *arena, struct person_name *person)
{
    static const struct {
        const char *open, *close;
    } quotes[] = {{" \"", "\" "}, {" “", "” "}, {" '", "' "}, {" ‘", "’ "}};
    for (size_t i = 0; i < ARRAY_LEN(quotes); i++) {
        size_t open = slice_find(person->name, slice_from_cstr(quotes[i].open));
        if (open == SIZE_MAX)
            continue;
        struct slice closing = slice_from_cstr(quotes[i].close);
        struct slice behind = slice_sub(person->name, open + 2, person->name.len);
        size_t close = slice_find(behind, closing);
        if (close != SIZE_MAX)
            person->name = name_without(arena, person->name, open, open + 2 + close + closing.len);
    }
}

// "Jane Roe, MD", "Emily, Engines", "Ada Byron, Founder, Engines", but not "Acme, Inc."
static void take_commas(struct arena *arena, struct person_name *person)
{
    struct slice rest = person->name, part;
    slice_split_next(&rest, ',', &part);
    if (!rest.ptr || !looks_like_person(arena, part) ||
        name_list_has(arena, NAME_LIST_LEGAL_FORM, slice_trim(rest)))
        return;
    person->name = slice_trim(part);
    while (slice_split_next(&rest, ',', &part)) {
        part = slice_trim(part);
        if (is_degree(arena, part))
            person->is_surely_person = true;
        else
            take_addition(arena, person, part);
    }
}

// "Dr. Jane Roe", "Jane Roe PhD"
static void drop_honorifics(struct arena *arena, struct person_name *person)
{
    struct slice rest = person->name, first;
    while (name_next_word(&rest, &first) && name_list_has(arena, NAME_LIST_HONORIFIC, first) &&
           slice_trim(rest).len) {
        person->name = slice_trim(rest);
        person->is_surely_person = true;
    }
    size_t at = person->name.len;
    while (at > 0 && person->name.ptr[at - 1] != ' ')
        at--;
    struct slice before = slice_trim(slice_sub(person->name, 0, at));
    struct slice last = slice_sub(person->name, at, person->name.len);
    // In capitals and behind two words: "Ma" and "Ms" are names too.
    bool capitals = last.len >= 2 && u_isupper((UChar32)last.ptr[0]) &&
                    u_isupper((UChar32)last.ptr[last.len - 1]);
    bool dotted = slice_find_char(last, '.') != SIZE_MAX || slice_equal(last, SLICE("PhD"));
    if (name_count_words(before) >= 2 && (capitals || dotted) && is_degree(arena, last)) {
        person->name = before;
        person->is_surely_person = true;
    }
}

static bool is_roman_numeral(struct slice word)
{
    for (size_t i = 0; i < word.len; i++)
        if (!strchr("IVX", word.ptr[i]))
            return false;
    return word.len > 0;
}

// Capitals of a whole word. Few letters are an acronym, unless all of the name is written so.
static bool is_shouted(struct slice word, size_t min_letters)
{
    size_t letters = 0;
    if (is_roman_numeral(word))
        return false;
    while (word.len) {
        UChar32 c = (UChar32)unicode_next(&word);
        if (u_isalpha(c) && !u_isupper(c))
            return false;
        letters += u_isalpha(c) != 0;
    }
    return letters >= min_letters;
}

static size_t append_lowered(char *out, struct slice word)
{
    size_t used = 0;
    bool begins = true;
    while (word.len) {
        UChar32 c = (UChar32)unicode_next(&word);
        used += unicode_encode((uint32_t)(begins ? c : u_tolower(c)), out + used);
        begins = !u_isalpha(c);
    }
    return used;
}

// "Ada BYRON" gives "Ada Byron"; a single word may be a handle or initials and stays.
static void lower_shouted_words(struct arena *arena, struct person_name *person)
{
    if (name_count_words(person->name) < 2)
        return;
    bool all_shouted = true;
    for (struct slice words = person->name, each; name_next_word(&words, &each);)
        all_shouted &= is_shouted(each, 1);
    // A letter's small form can be one byte longer ("Ⱥ" and "ⱥ").
    char *out = arena_alloc(arena, person->name.len * 2 + 1);
    size_t used = 0;
    struct slice rest = person->name, word;
    while (name_next_word(&rest, &word)) {
        if (used)
            out[used++] = ' ';
        if (is_shouted(word, all_shouted ? 3 : 5)) {
            used += append_lowered(out + used, word);
        } else {
            memcpy(out + used, word.ptr, word.len);
            used += word.len;
        }
    }
    person->name = (struct slice){out, used};
}

struct person_name name_split_person(struct arena *arena, struct slice raw)
{
    struct slice bare = name_clean(arena, raw);
    struct person_name person = {.name = bare};
    if (bare.len == 0)
        return person;
    struct slice line = unicode_clean_line(arena, raw);
    person.is_surely_person = !slice_equal(name_strip_pronouns(arena, line), line);
    take_at(arena, &person);
    take_separated(arena, &person);
    take_brackets(arena, &person);
    drop_quoted_nickname(arena, &person);
    take_commas(arena, &person);
    drop_honorifics(arena, &person);
    lower_shouted_words(arena, &person);
    if (person.name.len == 0)
        person.name = bare;
    return person;
}
