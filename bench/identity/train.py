"""Trains the weights of data/match_model.tsv from labelled pairs, and writes the table again.

The program says at which level each field of a pair agrees; from these levels a logistic regression with a pull towards the
weight in the table before (ridge) finds the weights in bits. Fields of names are not independent of each other, which a sum of
counted log2(m/u) would overlook; m and u are counted all the same, with half a pair added to each, and stand in the table.
The two sides weigh the same, so that the prior is none of the weights. Because the level of a name is that of its likeliest
reading, and that depends on the weights, training is repeated with the program built anew (--rounds by hand).

Distinct pairs of the labelled ones look alike; to them are added random pairs of records, which do not.

usage: train.py --eventd PROGRAM --quality DIR --model FILE --kind speakers|companies|events
"""
import argparse
import bisect
import collections
import gzip
import json
import math
import pathlib
import random
import statistics

import pairs

STEPS, PULL, RATE = 400, 2.0, 0.35
RANDOM_SHARE = 0.15  # of the weight of all distinct pairs
WEAK_WEIGHT = 0.3    # of a pair that is made up, or whose label was inferred
# Typing errors that leave nothing of a name, and screening, which calls the same what might be: not what is asked here.
OF_OTHER_MEANING = ("febrl3", "opensanctions-name_bench", "opensanctions-entity_bench")
# The thresholds keep away from both limits: so much of the same pairs must be merged, so much of the distinct ones may be; and
# so much of the same ones must be found with review.
LIMITS = {"speakers": (0.90, 0.02), "companies": (0.90, 0.04), "events": (0.95, 0.01)}
LEAST_FOUND = {"speakers": 0.985, "companies": 0.985, "events": 1.0}
LEAST_MERGE, LEAST_REVIEW = {"speakers": 1.0, "companies": 1.0, "events": 2.0}, -4.0  # whatever the labelled pairs say
RECALL_SPREAD = 1.4  # times what chance gives: folds differ so much, because one person is in several pairs
FOLDS, SPLITS = 5, 3  # of the sums that the thresholds are chosen by
FIXED = ("company", "title", "bio", "linkedin", "x", "github", "profile", "website", "email", "domain", "venue", "luma_id", "organiser", "prior")
# What a subsidiary or a place behind a name means is a policy, and the labelled pairs do not agree about it; an initial, or a common
# word, fits too many; of names in two scripts there are only pairs that are the same. A person decides, and pairs with
# one of these teach nothing about the rest.
REVIEWED = {("name", "part_or_product"), ("name", "place_more"), ("name", "general_word_more_than_a_word"), ("name", "other_script"),
            ("writing", "other_script"), ("given_name", "initial_rare_family")}
# Of other editions on one day there are too few pairs; the last two are what other levels are measured from.
POLICY = REVIEWED | {
    ("name", "placeholder"), ("edition", "different"), ("title", "different"), ("title", "each_names_other"), ("place", "different"),
    ("title", "general_words"), ("title", "other_occasion"), ("time", "other_hours"), ("url", "linked"),
    ("url", "other_page_of_one_site"), ("written_as", "name"), ("length", "long")}
TRAINED_ALL_THE_SAME = {("events", "title")}


Example = collections.namedtuple("Example", "pair levels same weight")


def levels_of(answer):
    return [(step["field"], step["level"]) for step in answer["waterfall"] if step["field"] != "prior"]


def random_pairs(quality, kind, labelled):
    """Pairs of different records that have no more in common than chance gives."""
    chance = random.Random(28)
    if kind == "events":
        with gzip.open(quality / "events.ndjson.gz", "rt", encoding="utf-8") as lines:
            events = [event for event in map(json.loads, lines) if event["source"] in ("confstech", "rubyconf")]
        events.sort(key=lambda event: event.get("date") or "")
        neighbours = [(a, b) for a, b in zip(events, events[1:]) if a["name"].split()[0].lower() != b["name"].split()[0].lower()]
        made = chance.sample(neighbours, 600)
    else:
        records = [side for pair in labelled for side in (pair["a"], pair["b"])]
        made = [chance.sample(records, 2) for _ in range(2000)]
    keys = ("name", "company", "date", "end_date", "location", "url")
    short = [{"a": {k: a[k] for k in keys if a.get(k)}, "b": {k: b[k] for k in keys if b.get(k)}, "same": False, "random": True} for a, b in made]
    return [pair for pair in short if pair["a"]["name"] != pair["b"]["name"]]


def read_model(path):
    return [line.rstrip("\n").split("\t") if line.strip() and line[0] != "#" else line.rstrip("\n") for line in path.open(encoding="utf-8")]


def examples_of(program, quality, kind):
    """What there is to learn from: labelled pairs, and random ones that are nobody's."""
    labelled = pairs.load(quality, kind)
    usable = [pair for pair in labelled if not pair.get("policy") and not pair.get("needs_context") and pair.get("origin") not in OF_OTHER_MEANING]
    weights = [1.0 if pairs.group_of(pair) == "decidable" else WEAK_WEIGHT for pair in usable]
    added = random_pairs(quality, kind, usable)
    distinct = sum(weight for pair, weight in zip(usable, weights) if not pair["same"])
    everything = usable + added
    weights += [distinct * RANDOM_SHARE / len(added)] * len(added)
    return [Example(pair, levels_of(answer), pair["same"], weight)
            for pair, answer, weight in zip(everything, pairs.ask(program, kind, everything), weights)]


def shares(examples, same):
    """How often each level occurs among the pairs that are the same, or not: weighted counts."""
    counts, fields = collections.Counter(), collections.Counter()
    for example in examples:
        if example.same == same:
            for level in example.levels:
                counts[level] += example.weight
                fields[level[0]] += example.weight
    return counts, fields


def fit(examples, before, trained):
    """Full-batch gradient steps with momentum on the weights; ln units inside, bits outside."""
    examples = [example for example in examples if not REVIEWED.intersection(example.levels)]
    start = {level: bits * math.log(2) for level, bits in before.items()}
    weights = dict(start)
    total = {label: sum(example.weight for example in examples if example.same == label) for label in (True, False)}
    alike = collections.Counter()
    for example in examples:
        alike[tuple(example.levels), example.same] += example.weight * len(examples) / (2 * total[example.same])
    seen, momentum = collections.Counter(), collections.Counter()
    for (levels, _), weight in alike.items():
        for level in levels:
            seen[level] += weight
    for _ in range(STEPS):
        gradient = collections.Counter()
        for (levels, same), weight in alike.items():
            odds = sum(weights[level] for level in levels)
            miss = ((1.0 if same else 0.0) - 1 / (1 + math.exp(-max(-40, min(40, odds))))) * weight
            for level in levels:
                gradient[level] += miss
        for level in trained:
            pull = PULL * (start[level] - weights[level])
            momentum[level] = 0.8 * momentum[level] + (gradient[level] + pull) / (seen[level] * 0.25 + PULL)
            weights[level] += RATE * momentum[level]
    return {level: weight / math.log(2) for level, weight in weights.items()}


def levels_to_train(kind, examples):
    seen = {level for example in examples for level in example.levels}
    return {level for level in seen if level[0] not in FIXED or (kind, level[0]) in TRAINED_ALL_THE_SAME} - POLICY


def sums_of(examples, weights):
    return [sum(weights[level] for level in example.levels) for example in examples]


def cross_validate(kind, examples, start, folds, split):
    """The sum of each example with weights that others were trained for: nobody is in both."""
    fold = pairs.fold_of([example.pair for example in examples], folds, split)
    sums = [0.0] * len(examples)
    for part in range(folds):
        others = [example for example, at in zip(examples, fold) if at != part]
        weights = fit(others, start, levels_to_train(kind, others))
        for index, at in enumerate(fold):
            if at == part:
                sums[index] = sums_of([examples[index]], weights)[0]
    return sums


def counts_for_thresholds(example):
    """Labels that were inferred, and variants that were made up, say nothing of where to draw the line."""
    return not example.pair.get("random") and pairs.group_of(example.pair) == "decidable"


def thresholds(kind, examples, sums):
    """Where both limits are equally far away, in standard errors of what is measured on as many pairs; and the highest sum
    that finds enough with review. `sums` are of weights that others were trained for."""
    judged = [(value, example.same) for value, example in zip(sums, examples) if counts_for_thresholds(example)]
    same = sorted(value for value, label in judged if label)
    other = sorted(value for value, label in judged if not label)
    least_recall, most_merged = LIMITS[kind]

    def distance(threshold):
        recall = 1 - bisect.bisect_left(same, threshold) / len(same)
        merged = 1 - bisect.bisect_left(other, threshold) / len(other)
        return min((recall - least_recall) / math.sqrt(least_recall * (1 - least_recall) / len(same)) / RECALL_SPREAD,
                   (most_merged - merged) / math.sqrt(most_merged * (1 - most_merged) / len(other)))

    merge = max((tenths / 10 for tenths in range(round(LEAST_MERGE[kind] * 10), 80)), key=distance)
    review = math.floor(same[int((1 - LEAST_FOUND[kind]) * len(same))] * 10) / 10
    return merge, max(min(review, merge - 1), LEAST_REVIEW)


def start_of(rows, kind):
    """The weights that training begins at and is pulled towards."""
    return {(row[1], row[2]): float(row[4]) for row in rows if isinstance(row, list) and row[0] == kind and row[1] != "model"}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--eventd", required=True)
    parser.add_argument("--quality", required=True, type=pathlib.Path)
    parser.add_argument("--model", required=True, type=pathlib.Path)
    parser.add_argument("--kind", required=True, choices=pairs.KINDS)
    options = parser.parse_args()
    kind = options.kind
    examples = examples_of(options.eventd, options.quality, kind)
    rows = read_model(options.model)
    table = {(row[1], row[2]): row for row in rows if isinstance(row, list) and row[0] == kind}
    trained = levels_to_train(kind, examples)
    weights = fit(examples, start_of(rows, kind), trained)
    same, same_fields = shares(examples, True)
    other, other_fields = shares(examples, False)
    for level in sorted(trained):
        row = table[level]
        row[3] = f"{weights[level]:.2f}"
        row[5] = f"{(same[level] + 0.5) / (same_fields[level[0]] + 1):.4f}"
        row[6] = f"{(other[level] + 0.5) / (other_fields[level[0]] + 1):.4f}"
        row[7] = "trained"
        print(f"{level[0]:14} {level[1]:22} {row[3]:>7}  m {row[5]} u {row[6]}  same {same[level]:.0f} distinct {other[level]:.1f}")
    found = [thresholds(kind, examples, cross_validate(kind, examples, start_of(rows, kind), FOLDS, split)) for split in range(SPLITS)]
    for name, values in zip(("merge", "review"), zip(*found)):
        table["model", name][3], table["model", name][7] = f"{statistics.median(values):.1f}", "trained"
        print(f"{name} from {statistics.median(values):.1f}: of {', '.join(f'{value:.1f}' for value in values)}")
    options.model.write_text("\n".join("\t".join(row) if isinstance(row, list) else row for row in rows) + "\n", "utf-8")


if __name__ == "__main__":
    main()
