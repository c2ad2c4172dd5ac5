"""Pages with structured data of other sites, from the folder beside the checkout: every schema.org Event in them is found.

What is in a page is known from the outputs of another reader, which lie beside the samples. Nothing of the folder is copied into
this repository.
"""
import json
import os
import subprocess
import urllib.parse

import pytest
import real_pages
from compare import plain

SHARED = real_pages.FOLDER
FOLDER = SHARED / "luma" / "structured-data" if SHARED else None
pytestmark = pytest.mark.skipif(FOLDER is None or not FOLDER.is_dir(),
                                reason="no ../shared/luma/structured-data beside the checkout (or EVENTD_SHARED)")
PAGE = "https://samples.example/folder/page.html"
OTHER_ENDINGS = {"CourseInstance", "EventSeries", "Festival", "Hackathon"}


def pages():
    return sorted(FOLDER.rglob("*.html")) if FOLDER and FOLDER.is_dir() else []


def name_of(path):
    return str(path.relative_to(FOLDER))


def extract(path, url=PAGE):
    """The answer of `eventd extract`, which must end well whatever the page holds."""
    done = subprocess.run([os.environ["EVENTD_BINARY"], "extract", str(path), url], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def types_of(item):
    types = item.get("@type") or item.get("type") or []
    return {str(kind).replace(":", "/").rsplit("/", 1)[-1] for kind in (types if isinstance(types, list) else [types])}


def events_in(value):
    """All Events of an expected output, whichever reader wrote it: {"@type"} of JSON-LD, {"type", "properties"} of microdata."""
    if isinstance(value, list):
        for part in value:
            yield from events_in(part)
    elif isinstance(value, dict):
        if any(kind.endswith("Event") or kind in OTHER_ENDINGS for kind in types_of(value)):
            yield value.get("properties", value)
        else:
            for part in value.values():
                yield from events_in(part)


def expected_events(path):
    found = []
    for ending in (".jsonld", ".json", ".ldjson.json"):
        beside = path.with_suffix(ending)
        if beside.exists():
            found += events_in(json.loads(beside.read_text()))
    return found


def first(value):
    return value[0] if isinstance(value, list) else value


def one_text(value):
    return value if value is None or isinstance(value, str) else first(value)


def address_of(event):
    url = one_text(event.get("url") or event.get("@id"))
    return urllib.parse.urljoin(PAGE, url) if url else None


@pytest.mark.parametrize("path", pages(), ids=name_of)
def test_every_sample_is_read(path):
    answer, events = extract(path), expected_events(path)
    if not events:
        return
    assert answer["kind"] in ("event", "calendar", "not_event")
    if answer["kind"] == "event":
        assert len({(plain(one_text(event["name"])), one_text(event["startDate"])) for event in events}) == 1
        [event] = events[:1]
        assert plain(answer["event"]["name"]) == plain(one_text(event["name"]))
        assert answer["event"]["date"] == one_text(event["startDate"])[:10]
        assert address_of(event) in (None, answer["event"]["url"])
    else:
        addresses = [address_of(event) for event in events]
        assert sorted(answer["listed_events"]) == sorted(set(filter(None, addresses)))
        # What has no address can only be counted.
        lost = addresses.count(None)
        assert not lost or any(warning.endswith(f": {lost} events without an address") for warning in answer["warnings"])


def test_the_samples_hold_events():
    """That the expected outputs are read at all."""
    assert sum(len(expected_events(path)) for path in pages()) > 50
