// Unicode for text that comes from anywhere: every function takes any bytes, and what it returns is
// valid UTF-8 without U+0000 (PostgreSQL's text cannot hold it).
//
// Sources: RFC 3629 (UTF-8), UAX #15 (normalisation), UAX #29 (grapheme clusters), UAX #44
// (properties); tables from ICU.
//
// Results live in the arena, or are the input itself where nothing had to change. The absent slice
// stays absent; a present text stays present, even when nothing of it is left.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UNICODE_REPLACEMENT = 0xfffd };

// Length of the UTF-8 sequence at the start of text, 0 when there is none (no surrogates, no
// overlong forms, nothing above U+10FFFF).
size_t unicode_sequence(struct slice text);
bool unicode_is_valid(struct slice text);
// Takes the first code point off *rest, which must not be empty. A byte that starts no valid
// sequence gives U+FFFD.
uint32_t unicode_next(struct slice *rest);
// Writes a code point as UTF-8 and returns its length; what is no scalar value is written as
// U+FFFD.
size_t unicode_encode(uint32_t code_point, char ret_bytes[static 4]);
// Number of code points.
size_t unicode_length(struct slice text);

// Bytes that are not UTF-8 become U+FFFD, one for each byte; U+0000 is dropped.
struct slice unicode_repair(struct arena *arena, struct slice text);

// For storing and showing: NFC; controls, zero-width and bidirectional marks, private-use and
// non-characters are dropped (joiners stay between letters that need them and inside emoji).
// clean_line: white space of every kind, line ends too, becomes single spaces, none at the ends.
// clean_text: lines stay, with "\n" between them, at most one empty line in a row, no space before
// a line end; spaces that begin a line stay (lists are indented), none at the text's ends.
struct slice unicode_clean_line(struct arena *arena, struct slice text);
struct slice unicode_clean_text(struct arena *arena, struct slice text);

// For comparing only: NFKC, full case folding, accents off, letters like ø and ł as their base
// letter, invisible characters off, white space as in clean_line. Vowel signs of scripts that are
// written with them stay: they are not accents.
struct slice unicode_fold(struct arena *arena, struct slice text);

// The first max_characters grapheme clusters of text (what a reader counts as characters), and
// never more than 32 bytes for each; part of the input. For valid UTF-8.
struct slice unicode_cut(struct slice text, size_t max_characters);

// Is it a pictograph, or a character that only serves pictographs (variation selector, keycap, skin
// tone, regional indicator)? Digits, letters and punctuation are not.
bool unicode_is_emoji(uint32_t code_point);
