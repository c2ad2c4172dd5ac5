"""Labelled pairs of /work/shared/quality/dev, read and split for training and measuring: shared by train.py, folds.py and score.py."""
import collections
import hashlib
import json
import subprocess

KINDS = {"speakers": "speakers_gold.ndjson", "companies": "companies_gold.ndjson", "events": "events_dup_gold.ndjson"}
APART = ("needs_context", "weak", "synthetic", "policy")


def load(folder, kind):
    with open(folder / KINDS[kind], encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


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


def plain(name):
    return " ".join(name.casefold().split())


def names_of(pair):
    return [plain(pair[side].get("name") or "") for side in "ab"]


class Groups:
    """Names that belong together (union-find)."""

    def __init__(self):
        self.parent = {}

    def root(self, name):
        self.parent.setdefault(name, name)
        while self.parent[name] != name:
            self.parent[name] = self.parent[self.parent[name]]
            name = self.parent[name]
        return name

    def join(self, a, b):
        first, second = sorted((self.root(a), self.root(b)))
        self.parent[second] = first


def fold_of(pairs, folds, split):
    """The fold of each pair: whoever stands in one pair with somebody, or has a name of theirs, is in the same fold. Random pairs,
    which nobody labelled, teach nothing about anybody and are in none (-1)."""
    together = Groups()
    for pair in pairs:
        if not pair.get("random"):
            together.join(*names_of(pair))
    return [hashed(f"{split}\n{together.root(names_of(pair)[0])}") % folds if not pair.get("random") else -1 for pair in pairs]


def hashed(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])
