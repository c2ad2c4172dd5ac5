"""How well `eventd match` tells who is the same, on labelled pairs: by kind and origin; the pairs that are wrongly merged;
clusters (B-cubed) and pairs a second. The deployed model was trained on all of these pairs: what it does on other people is
what --folds says (folds.py).

usage: score.py --eventd PROGRAM --quality DIR [--only speakers|companies|events] [--folds N [--splits N]] [--wrong N] [--quiet]
"""
import argparse
import collections
import itertools
import json
import pathlib
import time

import folds
import pairs

MERGE, REVIEW = "merge", "review"
SPEED_PAIRS = 200_000


def area_under_curve(rows):
    """The chance that a pair that is the same has more weight than one that is not; ties count half."""
    same = sorted(answer["match_weight"] for pair, answer in rows if pair["same"])
    other = sorted(answer["match_weight"] for pair, answer in rows if not pair["same"])
    if not same or not other:
        return None
    below = equal = wins = 0
    position = collections.Counter(other)
    values = sorted(position)
    at = 0
    for weight in same:
        while at < len(values) and values[at] < weight:
            below += position[values[at]]
            at += 1
        equal = position.get(weight, 0)
        wins += below + equal / 2
    return wins / (len(same) * len(other))


def measure(rows):
    """Numbers of a group of (pair, answer)."""
    merged = [pair["same"] for pair, answer in rows if answer["decision"] == MERGE]
    found = [pair["same"] for pair, answer in rows if answer["decision"] in (MERGE, REVIEW)]
    same = sum(pair["same"] for pair, _ in rows)
    other = len(rows) - same
    precision = sum(merged) / len(merged) if merged else 1.0
    recall = sum(merged) / same if same else 1.0
    return {"pairs": len(rows), "same": same, "precision": precision, "recall": recall,
            "f1": 2 * precision * recall / (precision + recall) if precision + recall else 0.0,
            "recall with review": sum(found) / same if same else 1.0,
            "distinct merged": (len(merged) - sum(merged)) / other if other else 0.0,
            "distinct reviewed": (len(found) - sum(found) - len(merged) + sum(merged)) / other if other else 0.0,
            "auc": area_under_curve(rows)}


COLUMNS = ("pairs", "same", "precision", "recall", "f1", "recall with review", "distinct merged", "distinct reviewed", "auc")


def head():
    return "| | " + " | ".join(COLUMNS) + " |\n|" + " --- |" * (len(COLUMNS) + 1)


def line(name, numbers):
    cells = [f"{numbers[column]:.4f}" if isinstance(numbers[column], float) else "" if numbers[column] is None else str(numbers[column])
             for column in COLUMNS]
    return f"| {name} | {' | '.join(cells)} |"


def show_groups(rows, quiet):
    groups = collections.defaultdict(list)
    for pair, answer in rows:
        groups[pairs.group_of(pair)].append((pair, answer))
    print(head())
    for name in sorted(groups):
        print(line(name, measure(groups[name])))
    if quiet:
        return
    for field in ("origin", "kind"):
        print(f"\ndecidable, by {field}\n\n{head()}")
        for name, part in pairs.by(groups["decidable"], lambda row: row[0].get(field) or "").items():
            print(line(name, measure(part)))


def show_wrong(rows, most):
    decidable = [(pair, answer) for pair, answer in rows if pairs.group_of(pair) == "decidable"]
    wrong = [row for row in decidable if not row[0]["same"] and row[1]["decision"] == MERGE]
    missed = [row for row in decidable if row[0]["same"] and row[1]["decision"] not in (MERGE, REVIEW)]
    for title, part in ("merged, but distinct", wrong), ("distinct, but the same", missed):
        print(f"\n{title}: {len(part)}")
        for pair, answer in part[:most]:
            levels = " ".join(f"{step['field']}={step['level']}" for step in answer["waterfall"][:-1])
            print(f"  {answer['match_weight']:7.2f} {json.dumps(pair['a'], ensure_ascii=False)[:110]} | "
                  f"{json.dumps(pair['b'], ensure_ascii=False)[:110]}  {levels}")


def clusters_of(folder, kind):
    """[(cluster, record)] of a file of clusters."""
    with open(folder / f"{kind}_clusters.ndjson", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            for member in row["members"]:
                yield row["cluster_id"], member if isinstance(member, dict) else {"name": member}


def b_cubed(program, folder, kind):
    """Merges what `merge` says among records that share a word (or the beginning of one), and compares with the clusters."""
    records = list(clusters_of(folder, kind))
    blocks = collections.defaultdict(set)
    for index, (_, record) in enumerate(records):
        for word in record["name"].casefold().replace("-", " ").split():
            blocks[word[:4]].add(index)
    candidates = sorted({pair for block in blocks.values() if len(block) <= 300 for pair in itertools.combinations(sorted(block), 2)})
    answers = pairs.ask(program, kind, [{"a": records[a][1], "b": records[b][1]} for a, b in candidates])
    parent = list(range(len(records)))

    def root(index):
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for (a, b), answer in zip(candidates, answers):
        if answer["decision"] == MERGE:
            parent[root(a)] = root(b)
    found, wanted = collections.Counter(), collections.Counter()
    both = collections.Counter()
    for index, (cluster, _) in enumerate(records):
        found[root(index)] += 1
        wanted[cluster] += 1
        both[root(index), cluster] += 1
    precision = sum(both[root(i), c] / found[root(i)] for i, (c, _) in enumerate(records)) / len(records)
    recall = sum(both[root(i), c] / wanted[c] for i, (c, _) in enumerate(records)) / len(records)
    print(f"\nclusters (B-cubed): {len(records)} records, {len(wanted)} clusters, {len(candidates)} candidate pairs; precision {precision:.4f}, "
          f"recall {recall:.4f}, F1 {2 * precision * recall / (precision + recall):.4f}")


def speed(program, kind, rows):
    many = list(itertools.islice(itertools.cycle(rows), SPEED_PAIRS))
    begun = time.monotonic()
    pairs.ask(program, kind, many)
    print(f"\nspeed: {SPEED_PAIRS / (time.monotonic() - begun):,.0f} pairs a second, with reading and writing them here")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--eventd", required=True)
    parser.add_argument("--quality", required=True, type=pathlib.Path)
    parser.add_argument("--only", choices=pairs.KINDS)
    parser.add_argument("--wrong", type=int, default=40, help="so many wrong answers are listed")
    parser.add_argument("--quiet", action="store_true", help="no tables by origin and kind")
    parser.add_argument("--folds", type=int, help="train on all of so many folds but one and measure on that one, instead")
    parser.add_argument("--splits", type=int, default=3, help="into folds, at random")
    parser.add_argument("--model", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2] / "data/match_model.tsv")
    parser.add_argument("--speed", action="store_true", help="also pairs a second")
    options = parser.parse_args()
    for kind in [options.only] if options.only else pairs.KINDS:
        if options.folds:
            folds.show(options.eventd, options.quality, kind, options.model, options.folds, options.splits, measure)
            continue
        rows = pairs.load(options.quality, kind)
        answers = list(zip(rows, pairs.ask(options.eventd, kind, rows)))
        print(f"\n## {kind}, the deployed model on the pairs that it was trained on\n")
        show_groups(answers, options.quiet)
        show_wrong(answers, options.wrong)
        if kind != "events":
            b_cubed(options.eventd, options.quality, kind)
        if options.speed:
            speed(options.eventd, kind, rows)


if __name__ == "__main__":
    main()
