"""Precision, recall and F1 of the extraction on labelled pages, with every miss and every false find.

usage: score.py --eventd PROGRAM --gold FILE [--quiet] [--only TEXT]
"""
import argparse
import collections
import concurrent.futures
import json
import pathlib
import subprocess
import tempfile

import gold as labels

ROLE, RELATION = "role", "relationship_type"
CONFIDENCE_BANDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.01)


def extract(program, row):
    with tempfile.NamedTemporaryFile("w", suffix=".html", encoding="utf-8") as page:
        page.write(labels.page_of(row["path"]))
        page.flush()
        done = subprocess.run([program, "extract", page.name], capture_output=True, check=True)
    return json.loads(done.stdout)


def unique(entries, *keys):
    seen = {}
    for entry in entries:
        seen.setdefault(tuple(labels.fold(entry[key]) if key == "name" else entry[key] for key in keys), entry)
    return list(seen.values())


class Tally:
    def __init__(self, name):
        self.name, self.right, self.found, self.wanted = name, 0, 0, 0

    def add(self, pairs, extra, missed):
        self.right += len(pairs)
        self.found += len(pairs) + len(extra)
        self.wanted += len(pairs) + len(missed)

    def row(self):
        precision = self.right / self.found if self.found else 1.0
        recall = self.right / self.wanted if self.wanted else 1.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        return f"| {self.name} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {self.right} | {self.found} | {self.wanted} |"


def same_with(key, is_same):
    return lambda found, wanted: found[key] == wanted[key] and is_same(found, wanted)


def show(kind, key, extra, missed):
    for entry in missed:
        print(f"  miss   {kind} {entry.get(key)}: {entry['name']}  [{(entry.get('evidence') or '')[:100]}]")
    for entry in extra:
        print(f"  false  {kind} {entry.get(key)}: {entry['name']}  {entry.get('confidence')} [{(entry.get('evidence') or '')[:100]}]")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--eventd", required=True)
    parser.add_argument("--gold", required=True, type=pathlib.Path)
    parser.add_argument("--quiet", action="store_true", help="no list of misses")
    parser.add_argument("--only", default="", help="only sources with this in their name")
    options = parser.parse_args()
    rows = [row for row in labels.load(options.gold) if options.only in row["source"]]
    tallies = {name: Tally(name) for name in (
        "speakers, name and role", "speakers, name", "speakers, title (of those found)", "speakers, company (of those found)",
        "companies, name and relation", "companies, name", "topics, overlap", "topics, exact name", "event name")}
    bands = collections.defaultdict(lambda: [0, 0])
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda row: extract(options.eventd, row), rows))
    for row, answer in zip(rows, answers):
        found, companies = answer["speakers"], answer["companies"]
        with_role = labels.pair_up(unique(found, "name", ROLE), row["speakers"], same_with(ROLE, labels.same_person))
        by_name = labels.pair_up(unique(found, "name"), unique(row["speakers"], "name"),
                                 lambda a, b: labels.same_person({"name": a["name"]}, {"name": b["name"]}))
        with_relation = labels.pair_up(companies, row["companies"], same_with(RELATION, labels.same_company))
        company_names = labels.pair_up(unique(companies, "name"), unique(row["companies"], "name"), labels.same_company)
        soft = labels.pair_up(answer["topics"], row["topics"], lambda a, b: labels.topic_overlap(a, b) >= 0.5)
        exact = labels.pair_up(answer["topics"], row["topics"], lambda a, b: labels.fold(a["name"]) == labels.fold(b["name"]))
        name = (answer["event"] or {}).get("name")
        right = labels.fold(name) == labels.fold(row["name"])
        for tally, result in (("speakers, name and role", with_role), ("speakers, name", by_name), ("companies, name and relation", with_relation),
                              ("companies, name", company_names), ("topics, overlap", soft), ("topics, exact name", exact),
                              ("event name", ([1], [], []) if right else ([], [1], [1]))):
            tallies[tally].add(*result)
        for part in ("title", "company"):
            both = [(labels.fold(a[part]), labels.fold(b[part])) for a, b in with_role[0]]
            tallies[f"speakers, {part} (of those found)"].add(
                [1 for a, b in both if a and a == b], [1 for a, b in both if a and a != b], [1 for a, b in both if b and a != b])
        for pairs, extra, _ in (with_role, with_relation):
            for entry, is_right in [(pair[0], 1) for pair in pairs] + [(entry, 0) for entry in extra]:
                band = max(edge for edge in CONFIDENCE_BANDS if edge <= entry["confidence"])
                bands[band][0] += is_right
                bands[band][1] += 1
        if not options.quiet:
            print(f"\n{row['source']}: {row['name']}")
            show("speaker", ROLE, *with_role[1:])
            show("company", RELATION, *with_relation[1:])
            show("topic  ", "category", *soft[1:])
            if not right:
                print(f"  name   {name!r} for {row['name']!r}")
    print(f"\n{len(rows)} events\n\n| | precision | recall | F1 | right | found | wanted |\n| --- | --- | --- | --- | --- | --- | --- |")
    for tally in tallies.values():
        print(tally.row())
    print("\n| confidence from | right | of |  |\n| --- | --- | --- | --- |")
    for edge in sorted(bands):
        print(f"| {edge:.2f} | {bands[edge][0]} | {bands[edge][1]} | {bands[edge][0] / bands[edge][1]:.2f} |")


if __name__ == "__main__":
    main()
