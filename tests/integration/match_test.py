"""eventd match: lines in, lines out, without a database."""
import json
import os
import subprocess

import pytest


def match(kind, text):
    done = subprocess.run([os.environ["EVENTD_BINARY"], "match", kind], input=text.encode(), capture_output=True, timeout=60)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def pair(a, b):
    return json.dumps({"a": a, "b": b}, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("kind, a, b, decision", [
    ("speakers", {"name": "Dr. Quilla Brandvold (she/her)"}, {"name": "quilla brandvold 🚀", "company": "Harbour Lathe"}, "merge"),
    ("speakers", {"name": "Quilla Brandvold"}, {"name": "Soren Marchetti"}, "distinct"),
    ("speakers", {"name": "Q. Brandvold", "linkedin": "quillab"}, {"name": "Quilla Brandvold", "links": [{"url": "https://linkedin.com/in/quillab"}]}, "merge"),
    ("speakers", {"name": "Quilla B", "handles": {"github": "@quillab"}}, {"name": "Quilla Brandvold", "github": "https://github.com/quillab"}, "merge"),
    ("companies", {"name": "Harbour Lathe GmbH"}, {"name": "harbourlathe.io"}, "merge"),
    ("companies", {"name": "Quillbridge", "domain": "quillbridge.example"}, {"name": "Qillbridge", "website": "https://quillbridge.example/x"}, "merge"),
    ("events", {"name": "LatheConf", "date": "2024-05-02", "location": "Porto"}, {"title": "LatheConf 2024", "starts_at": "2024-05-02T09:00:00Z", "city": "Porto"}, "merge"),
    ("events", {"name": "LatheConf", "date": "2024-05-02", "location": "Porto"}, {"name": "LatheConf", "date": "2025-05-02", "location": "Porto"}, "distinct"),
])
def test_a_pair_is_judged_and_explained(kind, a, b, decision):
    status, answers = match(kind, pair(a, b) + pair(b, a))
    assert status == 0
    assert [answer["decision"] for answer in answers] == [decision] * 2
    assert answers[0] == answers[1]
    answer = answers[0]
    assert sum(step["weight"] for step in answer["waterfall"]) == pytest.approx(answer["match_weight"], abs=0.1)
    assert answer["match_probability"] == pytest.approx(1 / (1 + 2 ** -answer["match_weight"]), abs=0.01)
    assert all(step["field"] and step["level"] and step["explanation"] for step in answer["waterfall"])


def test_a_bad_line_has_its_own_answer():
    good = pair({"name": "Quilla Brandvold"}, {"name": "Quilla Brandvold"})
    status, answers = match("speakers", good + "{oops\n" + '{"a": {"name": "Quilla"}}\n' + good.rstrip("\n"))
    assert status == 1
    assert [answer.get("error") for answer in answers] == [None, "invalid_json", "not_a_pair", None]
    assert answers[0] == answers[3]


def test_a_line_has_a_maximum():
    long = pair({"name": "Quilla", "bio": "x" * (1 << 20)}, {"name": "Quilla"})
    status, answers = match("speakers", long + pair({"name": "Quilla"}, {"name": "Quilla"}))
    assert status == 1
    assert answers[0]["error"] == "line_too_long"
    assert answers[1]["decision"] in ("merge", "review", "distinct")


def test_values_of_other_types_are_passed_over():
    status, answers = match("speakers", pair({"name": 3, "links": {"github": []}, "company": None}, {"name": ["x"], "links": 7, "more": {}}))
    assert status == 0
    assert answers[0]["decision"] != "merge"


def test_somebody_may_wait_for_each_answer():
    with subprocess.Popen([os.environ["EVENTD_BINARY"], "match", "companies"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for _ in range(3):
            process.stdin.write(pair({"name": "Harbour Lathe"}, {"name": "harbour lathe"}).encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["decision"] == "merge"
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def test_an_unknown_kind_is_refused():
    assert match("topics", "")[0] == 2
