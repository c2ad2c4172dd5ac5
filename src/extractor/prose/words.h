// A line taken apart into words and what stands between them. The patterns of people and companies
// are written over these: "NAME , TITLE at COMPANY".
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <stdbool.h>
#include <stddef.h>

enum { WORDS_MAX = 2048 }; // of one line; what is over it is not looked at

// What stands between a word and the one before it; of several the strongest, in this order.
enum gap {
    GAP_SPACE,
    GAP_QUOTE,
    GAP_OTHER, // emoji, asterisks and the like
    GAP_AND,   // & +
    GAP_SLASH,
    GAP_COMMA,
    GAP_AT,   // @
    GAP_DASH, // hyphens with space around, long dashes, arrows
    GAP_COLON,
    GAP_PIPE, // | • · ;
    GAP_OPEN, // ( [
    GAP_CLOSE,
    GAP_STOP, // . ! ? before white space
};

struct word {
    struct slice text;
    struct slice folded; // unicode_fold of the text, without a full stop at its end
    enum gap gap;        // before it
    bool is_capital;     // begins with a capital letter, or with one of a script without capitals
    bool is_upper;       // more than one letter, all of them capital
    bool is_inner;       // a capital letter follows a small one ("LinkedIn")
    bool has_digit;
    bool is_number; // of digits alone
    bool has_dot;   // inside: a domain
    bool
        is_east_asian; // of characters of China, Japan or Korea alone: words in a row without spaces
    unsigned lexicon;  // LEXICON_ flags
};

struct words {
    struct slice text; // of the line
    struct word *items;
    size_t count;
    enum gap end; // behind the last word
};

struct words words_of(struct arena *arena, struct slice text);
// The text from word `from` up to, not including, word `to`, without what stands around.
struct slice words_text(const struct words *words, size_t from, size_t to);
// Byte offset of a word's start in the line's text.
size_t words_offset(const struct words *words, size_t index);
// Is the word at `index` this one (folded)? False behind the end.
bool words_is(const struct words *words, size_t index, const char *folded);
// Does this character stand between the word at `index` and the one before it?
bool words_gap_has(const struct words *words, size_t index, char c);
// Does a quotation mark stand there?
bool words_gap_quotes(const struct words *words, size_t index);
// Does a mark between entries of a list stand there: a comma, semicolon, bar or dot in the middle?
bool words_gap_parts(const struct words *words, size_t index);
// Is it one of the words of an array of constant texts?
bool words_is_any(const struct words *words, size_t index, const char *const *list, size_t count);
#define WORDS_IS_ONE_OF(words, index, list) words_is_any(words, index, list, ARRAY_LEN(list))
// Does the phrase (folded words, a space between two) stand at word `at`? Returns the word behind it, or 0.
size_t words_phrase_end(const struct words *words, size_t at, const char *phrase);
// The word behind the brackets that open in front of word `at`; `at` when none do.
size_t words_skip_brackets(const struct words *words, size_t at);
// "and" in the languages that pages are written in, between two names.
bool words_is_and(const struct words *words, size_t index);
// "by" and "with" in front of a name, in those languages.
bool words_is_by(const struct words *words, size_t index);
bool words_is_with(const struct words *words, size_t index);
// The legal form behind a company's name: "Inc", "LLP".
bool words_is_legal_form(const struct words *words, size_t index);
// An hour of the day begins there: "7pm", "18:30", "6 PM".
bool words_is_hour(const struct words *words, size_t index);
// The gap behind the word at `index`: the end of the line counts as GAP_STOP.
enum gap words_gap_after(const struct words *words, size_t index);
