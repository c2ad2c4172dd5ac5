// The word lists of matching, from data/*.tsv: nicknames, legal forms and how frequent the parts of
// names are. Read once, at the first question, and kept; safe from any thread. Words are folded
// (unicode_fold) before they are asked for.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <stdbool.h>
#include <stdint.h>

enum { WORDLIST_MAX_LEGAL_FORM = 6 }; // words of the longest legal form

// May the two given names be of one person ("liz" and "elizabeth", "liz" and "beth")? Symmetric.
bool wordlist_are_nicknames(struct slice a, struct slice b);
// The initials of the word and of every name that people of it are called by: bit 0 is "a"; 0 for words that begin with
// another character.
uint32_t wordlist_name_initials(struct slice word);
// What people of a given name are called by, with spaces between; absent when nothing is known.
struct slice wordlist_nicknames(struct slice name);
// How many in 100,000 names have the word as a part; 0 for one too rare to be counted.
unsigned wordlist_name_frequency(struct slice word);
// The number of the company that is known by the name (words with single spaces between, no legal
// form) beside others; 0 for one that has no row.
unsigned wordlist_known_company(struct slice name);
// Is the text (words with single spaces between) a legal form?
bool wordlist_is_legal_form(struct slice text);

// Small fixed lists.
bool wordlist_is_particle(struct slice word);      // "van", "de", "al"
bool wordlist_is_generation(struct slice word);    // "jr", "iii"
bool wordlist_is_general(struct slice word);       // of companies: "technologies", "group"
bool wordlist_is_unit(struct slice word);          // a part or a product: "cloud", "research"
bool wordlist_is_place(struct slice word);         // "india", "berlin"
bool wordlist_is_link(struct slice word);          // "the", "and", "of"
bool wordlist_is_public_suffix(struct slice word); // "co" in "acme.co.uk"

// What people type when they have no company to name: "Freelancer", "n/a", "self-employed",
// misspelt too. Of folded words with single spaces between.
bool wordlist_is_placeholder(struct slice text);
