"""Descriptions are Markdown; what is found, compared and shown of them as text is their words."""
import pytest

# The same cases as those of the C function: tests/unit/lib/text/markdown_test.c.
CASES = [
    ("Plain text, 2 > 1.", "Plain text, 2 > 1."),
    ("## Looms\n\n**Ada Byron** spoke", "Looms\n\nAda Byron spoke"),
    ("a\n\n---\n\nb", "a\n\n\n\nb"),
    ("#tag\n#######  seven", "#tag\n#######  seven"),
    ("[words](https://a.example/b?c=1) x", "words x"),
    ("[**Ada**](https://a.example/\\(b\\)) [x]", "Ada [x]"),
    ("[a] (b) [c](d e) [f](g", "[a] (b) [c](d e) [f](g"),
    ("[[a](b)](c)", "[a](c)"),
    ("\\[a](b) [c\\]d](e)", "[a](b) c]d"),
    ("<https://a.example/b> <b> <mailto:a@b.example>", "https://a.example/b <b> mailto:a@b.example"),
    ("1\\. one \\*two\\* \\\\ \\a", "1. one *two* \\ \\a"),
    ("- one\n  - two", "- one\n  - two"),
    ("[", "["), ("\\", "\\"), ("", ""),
]
DESCRIPTION = "## Weaving\n\n**Jacquard** looms with [Ada Example](https://quagga.example/xylophone?utm_source=zither), one\\_two"


@pytest.mark.parametrize("markdown, text", CASES)
def test_the_words_of_markdown(filled, markdown, text):
    assert filled.value("select markdown_text(%s)", markdown) == text


def test_marks_and_addresses_are_no_words(new_stack, truths):
    stack = new_stack({})
    url = next(iter(truths.values()))["url"]
    stack.wait_batch(stack.scrape_batch([url])["batch_id"])
    event = stack.value("select id::text from events limit 1")
    answer = stack.api("POST", "/api/events/batch", {"operations": [{"op": "update", "id": event, "data": {"description": DESCRIPTION}}]})
    assert answer.json["results"][0]["status"] == 200, answer.json

    def hits(words):
        found = stack.api("GET", f"/api/events/search?q={words}&explain=true").json["data"]
        return [hit["id"] for hit in found if hit["explain"]["lexical"]]
    assert hits("jacquard") == hits("weaving") == [event]
    assert hits("quagga") == hits("xylophone") == hits("zither") == []
    shown = stack.api("GET", "/api/events/search?q=jacquard").json["data"][0]["highlights"]["description"]
    assert "<mark>Jacquard</mark> looms with Ada Example, one_two" in shown and "*" not in shown and "quagga" not in shown
    assert stack.event(event).json["description"] == DESCRIPTION
