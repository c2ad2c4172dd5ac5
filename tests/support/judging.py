"""What `eventd match` says of pairs, and the parameters it reads: a second way to what the services decide, without a database."""
import json
import pathlib
import subprocess

from stack import binary

MODEL = pathlib.Path(__file__).resolve().parents[2] / "data/match_model.tsv"
KINDS = {"speaker": "speakers", "company": "companies", "event": "events"}


def judge(kind, *pairs):
    """An answer a pair of records: match_probability, match_weight, decision, and the waterfall without the prior."""
    lines = "".join(json.dumps({"a": a, "b": b}, ensure_ascii=False) + "\n" for a, b in pairs)
    done = subprocess.run([str(binary()), "match", KINDS[kind]], input=lines.encode(), capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(pairs)
    for answer in answers:
        answer["waterfall"] = [step for step in answer["waterfall"] if step["field"] != "prior"]
    return answers


def model_bits(kind, field, level):
    """A number of the model, read from its table."""
    [row] = [row for row in map(lambda line: line.split("\t"), MODEL.read_text("utf-8").splitlines()) if row[:3] == [KINDS[kind], field, level]]
    return float(row[3])


def probability(bits):
    return round(1 / (1 + 2 ** -bits), 4)


def steps(waterfall):
    """What a waterfall says, without the words: [(field, level, weight)]."""
    return [(step["field"], step["level"], step["weight"]) for step in waterfall]
