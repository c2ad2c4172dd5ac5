"""The labelled events: rows of the gold file, their pages as HTML, and how names are compared."""
import difflib
import gzip
import html
import json
import pathlib
import re
import unicodedata


def load(gold):
    rows = [json.loads(line) for line in gold.read_text("utf-8").splitlines() if line.strip()]
    return [row | {"path": gold.parents[1] / row["source"]} for row in rows]


def page_of(path):
    """The HTML of a labelled source; a description in Markdown is sent as it is."""
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")


def fold(name):
    text = unicodedata.normalize("NFKC", html.unescape(name or "")).casefold()
    text = text.replace("’", "'").replace("‘", "'").replace("“", '"').replace("”", '"')
    return " ".join(text.split())


def same_person(found, wanted):
    """Equal, or a visible host in a shorter form ("Ada" for "Ada Byron"), as the labelling guide allows."""
    a, b = fold(found["name"]), fold(wanted["name"])
    if a == b:
        return True
    is_host = found.get("role", "host") == wanted.get("role", "host") == "host"
    return is_host and b.startswith(a + " ")


def same_company(found, wanted):
    return fold(found["name"]) == fold(wanted["name"])


def stems(name):
    return {re.sub(r"(ies|es|s|ing)$", "", word) for word in re.findall(r"[\w+#]+", fold(name))} - {"and", "the", "of", "for"}


def topic_overlap(found, wanted):
    """How much of the shorter name's words the other one has: 1 for "AI" and "AI agents"; close spellings count."""
    a, b = stems(found["name"]), stems(wanted["name"])
    if not a or not b:
        return 0.0
    if difflib.SequenceMatcher(None, fold(found["name"]), fold(wanted["name"])).ratio() >= 0.85:
        return 1.0
    return len(a & b) / min(len(a), len(b))


def pair_up(found, wanted, is_same):
    """One-to-one pairs, exact ones first: (pairs, found alone, wanted alone)."""
    found, wanted, pairs = list(found), list(wanted), []
    for rule in (lambda a, b: fold(a["name"]) == fold(b["name"]) and is_same(a, b), is_same):
        for one in list(found):
            other = next((candidate for candidate in wanted if rule(one, candidate)), None)
            if other is not None:
                pairs.append((one, other))
                found.remove(one)
                wanted.remove(other)
    return pairs, found, wanted
