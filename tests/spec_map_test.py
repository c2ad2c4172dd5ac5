"""docs/spec-map.md names files and tests that exist and, where the specification lies beside the checkout, leaves nothing of it out."""
import os
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
MAP = (ROOT / "docs/spec-map.md").read_text()
SPECIFICATION = pathlib.Path(os.environ.get("EVENTD_SHARED", ROOT.parent / "shared")) / "specification.md"
FOLDERS = r"(?:src|sql|tests|web|deploy|deps|docs|script|data)/"


def test_every_named_file_exists():
    named = re.findall(rf"`({FOLDERS}[^`]*|compose\.yaml)`", MAP)
    assert len(named) > 100
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_named_test_exists():
    known = set(re.findall(r"^def (test_\w+)\(", "\n".join(path.read_text() for path in (ROOT / "tests").rglob("*_test.py")), re.M))
    named = re.findall(r"`(test_\w+)`", MAP)
    assert len(named) > 60
    assert [name for name in named if name not in known] == []


def of_the_specification(text):
    """Words that the map must have: endpoints, tables with their columns, steps of the flows, compose entries, tools."""
    words = {f"{method} {path}" for method, path in re.findall(r"\b(GET|POST) +(/\S+)", text)}
    for table, columns in re.findall(r"CREATE TABLE (\w+) \((.*?)\n\);", text, re.S):
        words |= {table, *re.findall(r"^  ([a-z_]+) ", columns, re.M)}
    words |= set(re.findall(r"\|> (\w+)\(", text)) - {"to"}
    words |= set(re.findall(r"^  defp? (\w+)[(]", text, re.M)) - {"handle_cast", "extract_structured_data"}
    words |= set(re.findall(r"^  ([a-z][a-z-]+):$", text, re.M))
    words |= set(re.findall(r"^ +(?:- )?([A-Z][A-Z_]{4,})[=:]", text, re.M))
    return words


@pytest.mark.skipif(not SPECIFICATION.is_file(), reason="no specification beside the checkout")
def test_nothing_of_the_specification_is_missing():
    text = SPECIFICATION.read_text()
    words = {re.sub(r"(\?\w+=).*", r"\1", word) for word in of_the_specification(text)}
    assert len(words) >= 80
    assert sorted(word for word in words if not re.search(rf"(?<![\w/]){re.escape(word)}", MAP)) == []
