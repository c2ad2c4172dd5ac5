#include "extractor/name_status.h"

#include "lib/text/unicode.h"

#include <string.h>

// Folded, as unicode_fold makes them.
static const char *const cancelled_words[] = {
    "abgesagt",   "afgelast",  "aflyst",    "annule",    "annulee",     "annullata",  "annullato",
    "anulada",    "anulado",   "anulowane", "anulowany", "avlyst",      "called off", "canceled",
    "cancelada",  "cancelado", "cancelled", "entfallt",  "geannuleerd", "installt",   "iptal",
    "odwolane",   "peruttu",   "zruseno",   "отменен",   "отменена",    "отменено",   "скасовано",
    "キャンセル", "中止",      "取消",      "已取消",    "취소",        "취소됨",
};
static const char *const postponed_words[] = {
    "adiada",     "adiado",     "aplazada",   "aplazado",  "ertelendi",  "pospuesta", "pospuesto",
    "postponed",  "przelozone", "rimandata",  "rimandato", "rinviata",   "rinviato",  "udsat",
    "uitgesteld", "utsatt",     "verschoben", "перенесен", "перенесено", "延期",      "연기",
};

// What may stand between the word and the mark that sets it apart: "[this event has been …".
static const char *const fillers[] = {"been", "class",   "event", "has",  "is",  "meetup",
                                      "now",  "session", "the",   "this", "was", "workshop"};
// What begins more about it: "(postponed to May)".
static const char *const additions[] = {" to ",  " until ", " till ", " due ", " because ",
                                        " for ", ",",       ":",      ";",     " -"};
static const char *const opening_brackets[] = {"[", "(", "{", "【", "〔", "「"};
static const char *const closing_brackets[] = {"]", ")", "}", "】", "〕", "」"};
static const char *const separators[] = {"-", ":", "|", "–", "—", "•", "·"};

static bool starts_with_any(struct slice text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_starts_with(text, slice_from_cstr(list[i])))
            return true;
    return false;
}

static bool ends_with_any(struct slice text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_ends_with(text, slice_from_cstr(list[i])))
            return true;
    return false;
}

static bool is_filler(struct slice word)
{
    for (size_t i = 0; i < ARRAY_LEN(fillers); i++)
        if (slice_equal(word, slice_from_cstr(fillers[i])))
            return true;
    return false;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c & 0x80);
}

static struct slice without_fillers(struct slice before)
{
    for (;;) {
        before = slice_trim(before);
        size_t start = before.len;
        while (start > 0 && is_letter(before.ptr[start - 1]))
            start--;
        if (start == before.len || !is_filler(slice_sub(before, start, before.len)))
            return before;
        before.len = start;
    }
}

static bool holds_bracket(struct slice text)
{
    for (size_t i = 0; i < ARRAY_LEN(closing_brackets); i++)
        if (slice_find(text, slice_from_cstr(closing_brackets[i])) != SIZE_MAX)
            return true;
    return false;
}

// Stars, exclamation marks and waves next to the word; stars on both sides set it apart.
static struct slice skip_marks_before(struct slice text)
{
    while (text.len && strchr("*!~_", text.ptr[text.len - 1]))
        text.len--;
    return slice_trim(text);
}

static struct slice skip_marks_after(struct slice text)
{
    while (text.len && strchr("*!~_", text.ptr[0]))
        text = slice_sub(text, 1, text.len);
    return slice_trim(text);
}

static bool is_set_apart(struct slice before, struct slice after)
{
    if (slice_ends_with(before, SLICE("*")) && slice_starts_with(after, SLICE("*")))
        return true;
    struct slice left = without_fillers(skip_marks_before(slice_trim(before)));
    struct slice right = skip_marks_after(slice_trim(after));
    bool opens = ends_with_any(left, opening_brackets, ARRAY_LEN(opening_brackets));
    if (opens && starts_with_any(right, closing_brackets, ARRAY_LEN(closing_brackets)))
        return true;
    if (opens)
        return starts_with_any(after, additions, ARRAY_LEN(additions)) && holds_bracket(after);
    if (left.len == 0)
        return right.len == 0 || starts_with_any(right, separators, ARRAY_LEN(separators));
    return right.len == 0 && ends_with_any(left, separators, ARRAY_LEN(separators));
}

static bool says(struct slice name, struct slice word)
{
    size_t at = 0, found;
    while ((found = slice_find(slice_sub(name, at, name.len), word)) != SIZE_MAX) {
        at += found;
        if (is_set_apart(slice_sub(name, 0, at), slice_sub(name, at + word.len, name.len)))
            return true;
        at += word.len;
    }
    return false;
}

// "CANCELLED Looms at night": the only word in capitals, in front.
static bool is_shouted(struct slice name, struct slice word)
{
    struct slice rest = slice_sub(name, word.len, name.len);
    bool quiet = false;
    if (name.len <= word.len || name.ptr[word.len] != ' ' ||
        !slice_equal_nocase(slice_sub(name, 0, word.len), word))
        return false;
    for (size_t i = 0; i < word.len; i++)
        if (name.ptr[i] < 'A' || name.ptr[i] > 'Z')
            return false;
    for (size_t i = 0; i < rest.len; i++)
        quiet |= rest.ptr[i] >= 'a' && rest.ptr[i] <= 'z';
    return quiet;
}

static bool says_one(struct slice name, struct slice folded, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct slice word = slice_from_cstr(words[i]);
        if (says(folded, word) || is_shouted(name, word))
            return true;
    }
    return false;
}

const char *name_status(struct arena *arena, struct slice name)
{
    struct slice folded = unicode_fold(arena, name);
    if (says_one(name, folded, cancelled_words, ARRAY_LEN(cancelled_words)))
        return "cancelled";
    if (says_one(name, folded, postponed_words, ARRAY_LEN(postponed_words)))
        return "postponed";
    return NULL;
}
