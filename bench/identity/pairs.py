"""Labelled pairs of /work/shared/quality/dev, read and split for training and measuring: shared by train.py and score.py."""
import collections
import hashlib
import json
import subprocess

KINDS = {"speakers": "speakers_gold.ndjson", "companies": "companies_gold.ndjson", "events": "events_dup_gold.ndjson"}
APART = ("needs_context", "weak", "synthetic", "policy")


def load(folder, kind):
    with open(folder / KINDS[kind], encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def half_of(pair):
    """0: the half to train on, 1: the half to look at. Both orders of a pair are in one half."""
    names = "\n".join(sorted((pair["a"].get("name") or "", pair["b"].get("name") or "")))
    return hashlib.sha256(names.encode()).digest()[0] & 1


def group_of(pair):
    """"decidable", or why the pair is reported apart."""
    return next((mark for mark in APART if pair.get(mark)), "decidable")


def ask(program, kind, pairs):
    """The program's answer to each pair."""
    text = "".join(json.dumps({"a": pair["a"], "b": pair["b"]}, ensure_ascii=False) + "\n" for pair in pairs)
    done = subprocess.run([program, "match", kind], input=text.encode(), capture_output=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(pairs)
    return answers


def by(pairs, key):
    groups = collections.defaultdict(list)
    for pair in pairs:
        groups[key(pair)].append(pair)
    return dict(sorted(groups.items()))
