// The little that the program must know about the text of a statement: where literals, quoted names
// and comments end, and whether it only reads. PostgreSQL's own rules: chapter 4.1, Lexical
// Structure.
#pragma once

#include <stdbool.h>

// The end of the token at p (not at the terminator): a literal, a quoted name, a comment, a word or
// number, '::', or one character. An unclosed one ends with the text.
const char *sql_token_end(const char *p);

// Does this statement only read? True when it begins with SELECT or WITH and names nothing that
// writes or locks (insert, update, delete, merge, for share, nextval, advisory locks …). Rather
// false too often than once too seldom. A function of ours that writes cannot be seen from here:
// such a statement begins with the comment /* writes */, which embed_sql.py puts there for `--
// writes: …` in the head of a file.
bool sql_only_reads(const char *text);

// Does the text call a function of that name?
bool sql_calls(const char *text, const char *function);
