"""The invented events of data/samples as pages, and what must be found on them."""
import fcntl
import functools
import json
import pathlib
import re
import sys
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "data" / "samples"))

import make_pages  # noqa: E402  (after the path)

FOLDER = ROOT / "build" / "samples"


# Luma's categories under the names of data/topics.tsv. The broad ones are stored only where the text speaks of them.
STORED_TOPICS = {"Food & Drink": "Food & drink", "Wellness": "Health & wellness", "AI": None, "Tech": None, "Arts & Culture": None}
# Pictures by themselves, and signs that a selector makes pictures (Unicode's Emoji_Presentation; "✧" is a letter of sorts).
EMOJI = re.compile("[\U0001f000-\U0001faff]\ufe0f?|[\u2190-\u2bff]\ufe0f|[\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u2614\u2615\u2648-\u2653\u2693\u26a1"
                   "\u26bd\u26be\u26c4\u26c5\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u2753-\u2755\u2757\u2795-\u2797\u2b50\u2b55]")


def stored_name(name):
    """An event's name as it is stored: emoji decorate it, they are no part of it."""
    return " ".join(EMOJI.sub(" ", name).split())


def as_stored(truth):
    topics = filter(None, (STORED_TOPICS.get(topic, topic) for topic in truth["topics"]))
    return truth | {"name": stored_name(truth["name"]), "topics": list(topics)}


@functools.cache
def topic_and_parts(name):
    """A topic and all that are narrower: an event about one of these is about the topic too."""
    rows = [line.split("\t") for line in (ROOT / "data" / "topics.tsv").read_text("utf-8").splitlines() if line and line[0] != "#"]
    found, size = {name}, 0
    while len(found) > size:
        size = len(found)
        found |= {row[0] for row in rows if len(row) > 3 and found & set(row[3].split("|"))}
    return found


def make():
    """Makes the pages (once at a time: the test processes share the folder); the truths by slug."""
    FOLDER.parent.mkdir(exist_ok=True)
    with open(FOLDER.parent / "samples.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        truths = make_pages.make(FOLDER)
    return {truth["slug"]: as_stored(truth) for truth in truths}


def make_synthetic(folder, count, seed):
    return {truth["slug"]: as_stored(truth) for truth in make_pages.make(folder, count, seed, kilobytes=20)}


def read_truths():
    return {truth["slug"]: as_stored(truth) for truth in map(json.loads, (FOLDER / "truth.ndjson").read_text("utf-8").splitlines())}


def fold(text):
    """For comparing names: case and runs of white space do not count, composed characters are one."""
    return " ".join(unicodedata.normalize("NFKC", text or "").split()).casefold()
