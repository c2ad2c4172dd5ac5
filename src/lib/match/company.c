// A company's record made comparable: legal forms, brackets and domains taken apart. See match.h.
#include "lib/match/company.h"

#include "lib/match/latin.h"
#include "lib/match/wordlist.h"
#include "lib/text/name_parts.h"
#include "lib/text/names.h"
#include "lib/text/unicode.h"

#include <string.h>
#include <unicode/uchar.h>

enum { MAX_NAME_BYTES = 512, MAX_LEGAL_BYTES = 128 };

// Legal forms that stand before or behind a name without a space.
static const char *const joined_forms[] = {
    "株式会社", "合同会社", "有限会社", "股份有限公司", "有限责任公司",
    "有限公司", "주식회사", "(주)",     "(株)",
};

static struct slice without_joined_forms(struct arena *arena, struct slice text,
                                         struct slice *ret_form)
{
    for (size_t i = 0; i < ARRAY_LEN(joined_forms); i++) {
        struct slice form = slice_from_cstr(joined_forms[i]);
        size_t at = slice_find(text, form);
        if (at == SIZE_MAX || text.len == form.len)
            continue;
        *ret_form = form;
        text = name_without(arena, text, at, at + form.len);
    }
    return text;
}

static void add_word(struct arena *arena, struct company_name *name, struct slice word)
{
    if (word.len && name->count < COMPANY_MAX_WORDS)
        name->words[name->count++] = arena_slice(arena, word);
}

static bool is_apostrophe(uint32_t c)
{
    return c == '\'' || c == 0x2019 || c == '`';
}

// Words of folded text. Full stops between single letters join ("I.B.M.", "s.r.o."); apostrophes do.
static void add_words(struct arena *arena, struct company_name *name, struct slice text)
{
    char *word = arena_alloc(arena, text.len + 4);
    size_t used = 0, since_dot = 0;
    for (struct slice rest = text; rest.len;) {
        const char *from = rest.ptr;
        uint32_t c = unicode_next(&rest);
        size_t len = (size_t)(rest.ptr - from);
        bool single = c == '.' && since_dot == 1;
        bool behind_letter = rest.len == 0 || rest.len == 1 || rest.ptr[1] == '.' ||
                             rest.ptr[1] == ' ' || rest.ptr[1] == ',' || rest.ptr[0] == ' ';
        if (u_isalnum((UChar32)c) || (U_GET_GC_MASK((UChar32)c) & U_GC_M_MASK)) {
            memcpy(word + used, from, len);
            used += len;
            since_dot++;
        } else if (single && behind_letter) {
            since_dot = 0;
        } else if (!is_apostrophe(c)) {
            add_word(arena, name, (struct slice){word, used});
            used = since_dot = 0;
            if (c == '&' || c == '+')
                add_word(arena, name, SLICE("and"));
        }
    }
    add_word(arena, name, (struct slice){word, used});
}

// `count` words from one on, with single spaces between.
static struct slice join_words(const struct company_name *name, size_t from, size_t count,
                               char out[static MAX_LEGAL_BYTES])
{
    size_t used = 0;
    for (size_t i = from; i < from + count; i++) {
        struct slice word = name->words[i];
        if (used + word.len + 1 >= MAX_LEGAL_BYTES)
            return (struct slice){0};
        if (used)
            out[used++] = ' ';
        memcpy(out + used, word.ptr, word.len);
        used += word.len;
    }
    return (struct slice){out, used};
}

static void remove_words(struct company_name *name, size_t from, size_t count)
{
    name->count -= count;
    memmove(&name->words[from], &name->words[from + count],
            (name->count - from) * sizeof name->words[0]);
}

// Takes the longest legal form off one end; never all of the name.
static bool take_legal_form(struct arena *arena, struct company_name *name, bool at_end)
{
    char text[MAX_LEGAL_BYTES];
    size_t most =
        name->count - 1 < WORDLIST_MAX_LEGAL_FORM ? name->count - 1 : WORDLIST_MAX_LEGAL_FORM;
    // Short ones in front of a name are words of it more often: "AS Roma".
    for (size_t count = most; count > 0; count--) {
        size_t from = at_end ? name->count - count : 0;
        struct slice form = join_words(name, from, count, text);
        if (!form.ptr || !wordlist_is_legal_form(form) || (!at_end && form.len < 3))
            continue;
        if (!name->legal_form.ptr)
            name->legal_form = arena_slice(arena, form);
        remove_words(name, from, count);
        return true;
    }
    return false;
}

static void drop_links(struct company_name *name)
{
    for (size_t i = name->count; i-- > 0;)
        if (wordlist_is_link(name->words[i]) && name->count > 1)
            remove_words(name, i, 1);
}

static struct slice join_letters(struct arena *arena, const struct company_name *name)
{
    size_t len = 0, used = 0;
    for (size_t i = 0; i < name->count; i++)
        len += name->words[i].len;
    char *letters = arena_alloc(arena, len + 1);
    for (size_t i = 0; i < name->count; i++) {
        memcpy(letters + used, name->words[i].ptr, name->words[i].len);
        used += name->words[i].len;
    }
    return (struct slice){letters, used};
}

static unsigned known_company(const struct company_name *name)
{
    char text[MAX_LEGAL_BYTES];
    struct slice joined = join_words(name, 0, name->count, text);
    return joined.ptr ? wordlist_known_company(joined) : 0;
}

// "北京字节跳动科技": places and trades stand around the name without spaces. At least three characters.
static unsigned known_inside(struct slice text)
{
    enum { CHARACTER_BYTES = 3, LEAST = 3 * CHARACTER_BYTES, MOST = 12 * CHARACTER_BYTES };
    for (size_t from = 0; from + LEAST <= text.len; from += CHARACTER_BYTES)
        for (size_t len = MOST; len >= LEAST; len -= CHARACTER_BYTES) {
            unsigned known =
                from + len <= text.len ? wordlist_known_company(slice_sub(text, from, len)) : 0;
            if (known)
                return known;
        }
    return 0;
}

static bool has_foreign_letters(struct slice text)
{
    while (text.len) {
        UChar32 c = (UChar32)unicode_next(&text);
        if (c >= 0x370 && u_isalpha(c))
            return true;
    }
    return false;
}

// "Amazon.com Inc": a domain as a word says its first label.
static struct slice without_domain_endings(struct arena *arena, struct slice text)
{
    char *out = arena_alloc(arena, text.len + 2);
    size_t used = 0;
    struct slice word, host;
    while (name_next_word(&text, &word)) {
        while (word.len && strchr(",;", word.ptr[word.len - 1]))
            word.len--;
        bool is_host = word.len > 4 && link_is_host(arena, word, &host);
        struct slice core = is_host ? link_host_core(host) : (struct slice){0};
        struct slice kept = core.len >= 3 ? core : word;
        if (used)
            out[used++] = ' ';
        memcpy(out + used, kept.ptr, kept.len);
        used += kept.len;
    }
    return (struct slice){out, used};
}

static struct slice without_dots(struct arena *arena, struct slice host)
{
    char *letters = arena_alloc(arena, host.len + 1);
    size_t used = 0;
    for (size_t i = 0; i < host.len; i++)
        if (host.ptr[i] != '.' && host.ptr[i] != '-')
            letters[used++] = host.ptr[i];
    return (struct slice){letters, used};
}

static void read_words(struct arena *arena, struct company_name *name, struct slice text)
{
    struct slice form = {0}, host;
    name->is_foreign = has_foreign_letters(text);
    name->is_lossy = latin_is_lossy(text);
    text = without_joined_forms(arena, text, &form);
    name->legal_form = form;
    name->is_domain = slice_find_char(text, ' ') == SIZE_MAX && link_is_host(arena, text, &host);
    if (name->is_domain)
        name->host_letters = without_dots(arena, link_host_domain(host));
    if (name->is_domain && link_host_core(host).len)
        text = link_host_core(host);
    else
        text = without_domain_endings(arena, text);
    add_words(arena, name, latin_fold(arena, text));
    while (name->count > 1 && take_legal_form(arena, name, true))
        continue;
    while (name->count > 1 && take_legal_form(arena, name, false))
        continue;
    name->all_letters = join_letters(arena, name);
    name->known = known_company(name);
    drop_links(name);
    name->letters = join_letters(arena, name);
    if (!name->known)
        name->known = known_company(name);
    if (!name->known && name->is_foreign) // names of other scripts stand in the table as they are
        name->known = wordlist_known_company(unicode_fold(arena, slice_trim(text)));
    if (!name->known && name->is_lossy)
        name->known = known_inside(unicode_fold(arena, slice_trim(text)));
}

static struct slice read_aside(struct arena *arena, struct match_company_form *form,
                               struct slice text)
{
    size_t open, close;
    if (!name_find_bracket(text, 0, &open, &close))
        return text;
    struct slice inside = slice_sub(text, open + 1, close - open - 1);
    struct slice rest = name_without(arena, text, open, close + 1);
    if (rest.len == 0 || slice_trim(inside).len == 0)
        return text;
    static const char *const introductions[] = {"formerly ", "aka ", "a.k.a. ", "ex "};
    inside = unicode_fold(arena, inside);
    for (size_t i = 0; i < ARRAY_LEN(introductions); i++)
        if (slice_starts_with(inside, slice_from_cstr(introductions[i])))
            inside = slice_sub(inside, strlen(introductions[i]), inside.len);
    read_words(arena, &form->aside, inside);
    return rest;
}

const struct match_company_form *match_company_prepare(struct arena *arena,
                                                       const struct match_company *company)
{
    struct match_company_form *form = ARENA_NEW(arena, struct match_company_form);
    struct slice name = slice_sub(company->name, 0, MAX_NAME_BYTES);
    struct slice text = name_clean(arena, name);
    char plain[MAX_LEGAL_BYTES];
    struct company_name whole = {0};
    add_words(arena, &whole, unicode_fold(arena, text));
    struct slice joined = join_words(&whole, 0, whole.count, plain);
    form->is_placeholder = wordlist_is_placeholder(joined.ptr ? joined : text);
    size_t at = slice_find(text, SLICE(" @ ")); // a place or an event behind it
    if (at != SIZE_MAX && at > 0)
        text = slice_sub(text, 0, at);
    read_words(arena, &form->name, read_aside(arena, form, text));
    for (size_t i = 0; i < company->link_count && i < MATCH_MAX_LINKS; i++) {
        struct match_link link = link_read(arena, company->links[i]);
        if (link.site != SITE_NONE)
            form->links[form->link_count++] = link;
    }
    form->key = company->name.ptr ? company->name : SLICE("");
    return form;
}

bool match_company_is_placeholder(const struct match_company_form *form)
{
    return form->is_placeholder;
}
