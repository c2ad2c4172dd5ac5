// Makes one sorted list that tells names from other words, as C: rows of one byte of flags and a word.
//
// Given and family names come from the lists of the npm package @faker-js/faker for all its languages
// and from given_names.txt; English words from Debian's wamerican. Nothing of the packages is kept here.
//
// usage: embed_names.mjs PACKAGES_FOLDER NAMES_FILE OUT_FILE
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const GIVEN = 1, FAMILY = 2, WORD = 4, PLACE = 8;
const WORDS_FILE = "/usr/share/dict/american-english";
// Letters that decomposition leaves as they are: as in unicode_fold.
const LETTERS = { ø: "o", ł: "l", đ: "d", ð: "d", ı: "i", ß: "ss", æ: "ae", œ: "oe", þ: "th", ħ: "h", ə: "e" };

const [packages, namesFile, outFile] = process.argv.slice(2);
const table = new Map();

// As unicode_fold: accents off, marks that belong to a script (those of kana too) stay.
function fold(text) {
  const bare = text.normalize("NFKC").toLowerCase().normalize("NFD").replace(/(?![\u3099\u309a])(?=\p{Script=Inherited})\p{Mn}/gu, "");
  return bare.normalize("NFC").replace(/[øłđðıßæœþħə]/g, (c) => LETTERS[c]);
}

// Of two letters at least, where a letter is not a word of its own.
function isName(word) {
  return /^[a-z][a-z'’-]+$/.test(word) || /^(?!\p{Script=Latin})\p{L}[\p{L}\p{M}'’-]+$/u.test(word) || /^(?:\p{Script=Han}|\p{Script=Hangul})$/u.test(word);
}

function add(name, flag) {
  for (const part of name.split(/\s+/)) {
    const word = fold(part);
    if (isName(word)) table.set(word, (table.get(word) ?? 0) | flag);
  }
}

function flatten(value) {
  if (value == null) return [];
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(flatten);
  return "value" in value ? flatten(value.value) : Object.values(value).flatMap(flatten);
}

function addLines(text, flag) {
  for (const line of text.split("\n"))
    if (line && !line.startsWith("#")) add(line, flag);
}

function asRows(values) {
  const rows = [];
  for (let at = 0; at < values.length; at += 32) rows.push(values.slice(at, at + 32).join(","));
  return rows.join(",\n");
}

const require = createRequire(path.resolve(packages, "package.json"));
const { allLocales } = require("@faker-js/faker");
for (const { person, location } of Object.values(allLocales)) {
  for (const place of [location?.city_name, location?.state, location?.country].flatMap(flatten))
    if (!/\s/.test(place)) add(place, PLACE);
  if (!person) continue;
  flatten(person.first_name).forEach((name) => add(name, GIVEN));
  flatten(person.last_name).forEach((name) => add(name, FAMILY));
}
addLines(readFileSync(namesFile, "utf8"), GIVEN);
for (const line of readFileSync(WORDS_FILE, "utf8").split("\n"))
  if (/^[a-z]{2,20}$/.test(line)) table.set(line, (table.get(line) ?? 0) | WORD);

const rows = [...table].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
const bytes = [], offsets = [];
for (const [word, flags] of rows) {
  offsets.push(bytes.length);
  bytes.push(flags, ...Buffer.from(word));
}
offsets.push(bytes.length);
writeFileSync(outFile, `#include "lib/text/lexicon.h"

const unsigned char lexicon_text[] = {
${asRows(bytes)}};

const unsigned lexicon_offsets[] = {
${asRows(offsets)}};

const unsigned lexicon_count = ${rows.length};
`);
