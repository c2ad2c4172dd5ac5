"""Writes data/name_frequencies.tsv: how many of 100,000 names have a word as a part, for the words that are not rare.

Counted over the speakers of public programmes (events.ndjson.gz) and the labelled pairs. Each person counts once, however many
ways the name is written in: whoever has three spellings in the pairs would else have a frequent name there, and a rare one
elsewhere. Nothing of them but the counts of single words is kept.

usage: frequencies.py --quality DIR --out FILE
"""
import argparse
import collections
import gzip
import json
import pathlib
import re
import unicodedata

import pairs

MIN_COUNT = 3
LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h"})


def words_of(name):
    text = unicodedata.normalize("NFKD", name.casefold())
    text = "".join(c for c in text if not unicodedata.combining(c)).translate(LETTERS)
    return {word for word in re.findall(r"[a-z]+", re.sub(r"['’`]", "", text)) if len(word) > 1}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quality", required=True, type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    options = parser.parse_args()
    names = []
    with gzip.open(options.quality / "events.ndjson.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            names += [speaker["name"] for speaker in json.loads(line).get("speakers") or []]
    together = pairs.Groups()
    for pair in pairs.load(options.quality, "speakers"):
        if not pair.get("synthetic"):
            names += [pair["a"]["name"], pair["b"]["name"]]
            if pair["same"]:
                together.join(*pairs.names_of(pair))
    people = collections.defaultdict(set)
    for name in names:
        people[together.root(pairs.plain(name))] |= words_of(name)
    counts = collections.Counter(word for words in people.values() for word in words)
    rows = [f"{word}\t{round(count * 100_000 / len(people))}" for word, count in sorted(counts.items()) if count >= MIN_COUNT]
    head = ("# Parts of names that are not rare: the word, and how many of 100,000 names have it. Counted by\n"
            "# bench/identity/frequencies.py over the speakers of public programmes; see README.md.\n")
    options.out.write_text(head + "\n".join(rows) + "\n", "utf-8")
    print(f"{len(people)} people, {len(rows)} words")


if __name__ == "__main__":
    main()
