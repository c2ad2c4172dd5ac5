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
import collections
import gzip
import json
import math
import pathlib
import random

import pairs

STEPS, PULL, RATE = 400, 2.0, 0.35
RANDOM_SHARE = 0.15  # of the weight of all distinct pairs
# Typing errors that leave nothing of a name, and screening, which calls the same what might be: not what is asked here.
OF_OTHER_MEANING = ("febrl3", "opensanctions-name_bench", "opensanctions-entity_bench")
# The thresholds: so much of the distinct pairs may be merged, so much of the same ones must be found with review.
MOST_MERGED = {"speakers": 0.0115, "companies": 0.02, "events": 0.0}
LEAST_FOUND = {"speakers": 0.985, "companies": 0.985, "events": 1.0}
LEAST_MERGE, LEAST_REVIEW = {"speakers": 2.0, "companies": 1.0, "events": 2.0}, -4.0  # whatever the labelled pairs say
FIXED = ("company", "title", "bio", "linkedin", "x", "github", "profile", "website", "email", "domain", "venue", "luma_id", "organiser", "prior")
# What a subsidiary or a place behind a name means is a policy, and the labelled pairs do not agree about it; of names in two
# scripts and of other editions on one day they have too few, or only the same ones.
POLICY = {("name", "part_or_product"), ("name", "place_more"), ("name", "placeholder"), ("name", "other_script"),
          ("writing", "other_script"), ("edition", "different"),
          ("title", "different"), ("title", "each_names_other"), ("place", "different"),
          ("title", "general_words"), ("title", "other_occasion"), ("time", "other_hours"), ("url", "linked"),
          ("url", "other_page_of_one_site")}
TRAINED_ALL_THE_SAME = {("speakers", "company"), ("events", "title")}


def levels_of(answer):
    return [(step["field"], step["level"]) for step in answer["waterfall"] if step["field"] != "prior"]


def random_pairs(options, labelled):
    """Pairs of different records that have no more in common than chance gives."""
    chance = random.Random(28)
    if options.kind == "events":
        with gzip.open(options.quality / "events.ndjson.gz", "rt", encoding="utf-8") as lines:
            events = [event for event in map(json.loads, lines) if event["source"] in ("confstech", "rubyconf")]
        events.sort(key=lambda event: event.get("date") or "")
        neighbours = [(a, b) for a, b in zip(events, events[1:]) if a["name"].split()[0].lower() != b["name"].split()[0].lower()]
        made = chance.sample(neighbours, 600)
    else:
        records = [side for pair in labelled for side in (pair["a"], pair["b"])]
        made = [chance.sample(records, 2) for _ in range(2000)]
    keys = ("name", "company", "date", "end_date", "location", "url")
    short = [{"a": {k: a[k] for k in keys if a.get(k)}, "b": {k: b[k] for k in keys if b.get(k)}, "same": False} for a, b in made]
    return [pair for pair in short if pair["a"]["name"] != pair["b"]["name"]]


def read_model(path):
    return [line.rstrip("\n").split("\t") if line.strip() and line[0] != "#" else line.rstrip("\n") for line in path.open(encoding="utf-8")]


def shares(examples, same):
    """How often each level occurs among the pairs that are the same, or not: weighted counts."""
    counts, fields = collections.Counter(), collections.Counter()
    for levels, label, weight in examples:
        if label == same:
            for level in levels:
                counts[level] += weight
                fields[level[0]] += weight
    return counts, fields


def fit(examples, before, trained):
    """Full-batch gradient steps with momentum on the weights; ln units inside, bits outside."""
    start = {level: bits * math.log(2) for level, bits in before.items()}
    weights = dict(start)
    total = {label: sum(weight for _, is_same, weight in examples if is_same == label) for label in (True, False)}
    momentum = collections.Counter()
    seen = collections.Counter()
    for levels, label, weight in examples:
        for level in levels:
            seen[level] += weight * len(examples) / (2 * total[label])
    for _ in range(STEPS):
        gradient = collections.Counter()
        for levels, label, weight in examples:
            odds = sum(weights[level] for level in levels)
            miss = (1.0 if label else 0.0) - 1 / (1 + math.exp(-max(-40, min(40, odds))))
            scaled = miss * weight * len(examples) / (2 * total[label])
            for level in levels:
                gradient[level] += scaled
        for level in trained:
            pull = PULL * (start[level] - weights[level])
            momentum[level] = 0.8 * momentum[level] + (gradient[level] + pull) / (seen[level] * 0.25 + PULL)
            weights[level] += RATE * momentum[level]
    return {level: weight / math.log(2) for level, weight in weights.items()}


def thresholds(kind, examples, weights, prior):
    """The lowest sum that merges few enough distinct pairs, and the highest that finds enough of the same ones."""
    sums = {label: sorted(prior + sum(weights[level] for level in levels) for levels, is_same, _ in examples if is_same == label)
            for label in (True, False)}
    worst = sums[False][len(sums[False]) - 1 - int(MOST_MERGED[kind] * len(sums[False]))]
    merge = math.floor(worst * 2 + 1) / 2
    merge = max(merge, LEAST_MERGE[kind])
    review = math.floor(sums[True][int((1 - LEAST_FOUND[kind]) * len(sums[True]))] * 10) / 10
    return merge, max(min(review, merge - 1), LEAST_REVIEW)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--eventd", required=True)
    parser.add_argument("--quality", required=True, type=pathlib.Path)
    parser.add_argument("--model", required=True, type=pathlib.Path)
    parser.add_argument("--kind", required=True, choices=pairs.KINDS)
    options = parser.parse_args()
    labelled = [pair for pair in pairs.load(options.quality, options.kind)
                if pairs.half_of(pair) == 0 and not pair.get("policy") and not pair.get("needs_context")
                and pair.get("origin") not in OF_OTHER_MEANING]
    weak = [0.3 if pairs.group_of(pair) != "decidable" else 1.0 for pair in labelled]
    added = random_pairs(options, labelled)
    distinct = sum(weight for pair, weight in zip(labelled, weak) if not pair["same"])
    weak += [distinct * RANDOM_SHARE / len(added)] * len(added)
    everything = labelled + added
    examples = [(levels_of(answer), pair["same"], weight)
                for pair, answer, weight in zip(everything, pairs.ask(options.eventd, options.kind, everything), weak)]
    rows = read_model(options.model)
    table = {(row[1], row[2]): row for row in rows if isinstance(row, list) and row[0] == options.kind and row[1] != "model"}
    seen = {level for levels, _, _ in examples for level in levels}
    trained = {level for level in seen if level[0] not in FIXED or (options.kind, level[0]) in TRAINED_ALL_THE_SAME}
    trained -= POLICY
    weights = fit(examples, {level: float(row[4]) for level, row in table.items()}, trained)
    same, same_fields = shares(examples, True)
    other, other_fields = shares(examples, False)
    for level in trained:
        row = table[level]
        row[3] = f"{weights[level]:.2f}"
        row[5] = f"{(same[level] + 0.5) / (same_fields[level[0]] + 1):.4f}"
        row[6] = f"{(other[level] + 0.5) / (other_fields[level[0]] + 1):.4f}"
        row[7] = "trained"
        print(f"{level[0]:14} {level[1]:22} {row[3]:>7}  m {row[5]} u {row[6]}  same {same[level]:.0f} distinct {other[level]:.1f}")
    settings = {row[2]: row for row in rows if isinstance(row, list) and row[0] == options.kind and row[1] == "model"}
    real = [example for example, pair in zip(examples, labelled) if not pair.get("synthetic") and (options.kind != "speakers" or not pair.get("weak"))]
    merge, review = thresholds(options.kind, real, weights, float(settings["prior"][3]))
    settings["merge"][3], settings["merge"][7] = f"{merge:.1f}", "trained"
    settings["review"][3], settings["review"][7] = f"{review:.1f}", "trained"
    print(f"merge from {merge:.1f}, review from {review:.1f}")
    options.model.write_text("\n".join("\t".join(row) if isinstance(row, list) else row for row in rows) + "\n", "utf-8")


if __name__ == "__main__":
    main()
