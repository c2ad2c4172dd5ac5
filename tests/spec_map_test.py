"""What the documents name exists: files and tests; and docs/spec-map.md leaves nothing of the specification out, where that lies
beside the checkout."""
import os
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
MAP = (ROOT / "docs/spec-map.md").read_text()
SPECIFICATION = pathlib.Path(os.environ.get("EVENTD_SHARED", ROOT.parent / "shared")) / "specification.md"
FOLDERS = r"(?:src|sql|tests|web|deploy|deps|docs|script|data)/"


# Where a document's short forms begin.
BASES = {"tests/README.md": ["tests", "tests/integration"], "sql/README.md": ["sql"]}
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/operations.md", "docs/spec-map.md", *BASES]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_named_file_exists(document):
    """Paths in backticks and behind links; those of C sources may leave src/ out."""
    text = (ROOT / document).read_text()
    named = re.findall(rf"`({FOLDERS}[^`\s]*|compose\.yaml|(?:\w+/)*\w+\.(?:c|h|py|sql))`", text)
    bases = [ROOT, ROOT / "src", *(ROOT / base for base in BASES.get(document, []))]
    pattern = re.compile(r"[<*…\[|]|NNNN")
    # What was named with its folder just before may go by its last name.
    names = {path.name for folder in ("src", "sql", "tests") for path in (ROOT / folder).rglob("*.*")}
    assert [name for name in named if not pattern.search(name) and name not in names and not any((base / name).exists() for base in bases)] == []
    linked = re.findall(r"\]\(((?!https?:)[^)#]+)\)", text)
    assert [name for name in linked if not ((ROOT / document).parent / name).exists()] == []
    assert document != "docs/spec-map.md" or len(named) > 100


@pytest.mark.parametrize("document", ["docs/spec-map.md", "tests/README.md"])
def test_every_named_test_exists(document):
    known = set(re.findall(r"^def (test_\w+)\(", "\n".join(path.read_text() for path in (ROOT / "tests").rglob("*_test.py")), re.M))
    named = re.findall(r"`(test_\w+)`", (ROOT / document).read_text())
    assert len(named) > 25
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
