"""All pages of the folder beside the checkout, when there is one: every event equals an independent reading of its page.

The site server of that folder plays luma.com. Nothing of the folder is copied into this repository.
"""
import datetime
import gzip
import html.parser
import json
import pathlib
import re
import subprocess
import sys

import client
import pytest
import samples
from compare import instant, names, plain
from conftest import shared_folder
from invariants import violations
from stack import Stack

FOLDER = shared_folder()
pytestmark = [pytest.mark.skipif(FOLDER is None, reason="no ../shared/luma beside the checkout (or EVENTD_SHARED)"),
              pytest.mark.private_stack]


class NextData(html.parser.HTMLParser):
    """The text of the element with the id __NEXT_DATA__."""

    def __init__(self):
        super().__init__(convert_charrefs=False)
        self.inside, self.text = False, ""

    def handle_starttag(self, tag, attributes):
        self.inside = tag == "script" and ("id", "__NEXT_DATA__") in attributes

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.text += data


def read_page(path):
    """What the page says, read by nothing of ours: fields of its own event record."""
    parser = NextData()
    parser.feed((gzip.open if path.suffix == ".gz" else open)(path, "rb").read().decode("utf-8"))
    data = json.loads(parser.text)["props"]["pageProps"]["initialData"]["data"]
    event, address = data["event"], data["event"].get("geo_address_info") or {}
    hosts = [host.get("name") or " ".join(filter(None, (host.get("first_name"), host.get("last_name")))) for host in data["hosts"]]
    calendar = data.get("calendar") or {}
    return {"name": " ".join(event["name"].split()), "starts_at": instant(event["start_at"]), "timezone": event["timezone"],
            "city": address.get("city"), "hosts": {name for name in hosts if plain(name)},
            "presenter": calendar.get("name") if not calendar.get("is_personal") else None}


def is_part_of(name, longer):
    """Do the words of a name stand in a longer one, in their order? What is only said about a host is taken off: "Ada
    (Countess) Lovelace", "Loom Labs Events", "Ada Example (Acme AI)", which names Ada Example, and Acme."""
    wanted, words = re.findall(r"\w+", plain(name)), iter(re.findall(r"\w+", plain(longer)))
    return bool(wanted) and all(word in words for word in wanted)


class SharedSite:
    """luma_site.py as a process; looks like the site of a stack."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", sys.executable, str(folder / "luma" / "luma_site.py"),
             "--pages", str(folder / "luma" / "pages"), "--port", "0"], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.origin = f"http://127.0.0.1:{self.port}"

    def stats(self):
        return client.request(self.port, "GET", "/__stats").json

    def reset(self):
        client.request(self.port, "GET", "/__reset")

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture(scope="module")
def pages():
    lines = (FOLDER / "luma" / "pages" / "index.tsv").read_text("utf-8").splitlines()[1:]
    return {url: FOLDER / "luma" / "pages" / f"{slug}.html.gz" for slug, _, url in (line.split("\t") for line in lines)}


@pytest.fixture(scope="module")
def loaded(pages):
    """Services after one batch of all those pages."""
    site = SharedSite(FOLDER)
    running = Stack(site=site, settings={"SCRAPE_TIMEOUT_MS": "20000"}).start()
    try:
        running.first = running.wait_batch(running.scrape_batch(pages)["batch_id"], 300)
        yield running
        running.stop()
    finally:
        running.stop(check=False)
        site.stop()


def stored_names(event):
    """Hosts end up as persons or as companies; which of the two is another question."""
    return names(event["speakers"], "role", "host") | names(event["companies"], "relationship_type", "host")


def test_every_page_is_processed(loaded, pages):
    assert (loaded.first["succeeded"], loaded.first["failed"], loaded.first["total"]) == (len(pages), 0, len(pages)), loaded.first
    assert violations(loaded) == []
    assert loaded.value("select count(*) from events where processing_status <> 'processed'") == 0


def test_every_event_equals_its_page(loaded, pages):
    ids = dict(loaded.query("select s.url, e.id::text from event_sources s join events e on e.id = s.event_id"))
    wrong = {}
    for url, path in pages.items():
        expected, event = read_page(path), loaded.event(ids[url]).json
        found = {"name": event["name"], "starts_at": instant(event["starts_at"]), "timezone": event["timezone"], "city": event["city"]}
        differing = {field: (value, expected[field]) for field, value in found.items()
                     if (plain(value) != plain(expected[field]) if field == "city" else value != expected[field])
                     and not (field == "city" and expected["city"] is None)}
        stored = stored_names(event)
        if missing := [host for host in expected["hosts"] if not any(is_part_of(name, host) for name in stored)]:
            differing["hosts that are missing"] = missing
        named = [*expected["hosts"], *filter(None, [expected["presenter"]])]
        if invented := [name for name in stored if not any(is_part_of(name, host) for host in named)]:
            differing["hosts that the page does not name"] = invented
        if differing:
            wrong[url] = differing
        local = datetime.datetime.fromisoformat(event["starts_at"])
        assert abs((datetime.date.fromisoformat(event["date"]) - local.date()).days) <= 1
    assert wrong == {}, f"{len(wrong)} of {len(pages)}: {json.dumps(dict(list(wrong.items())[:10]), default=str, ensure_ascii=False, indent=1)}"


def test_the_same_batch_again(loaded, pages):
    """Creates nothing, and asks the site with If-None-Match."""
    counted = "select (select count(*) from events), (select count(*) from speakers), (select count(*) from companies), " \
              "(select count(*) from event_speakers), (select count(*) from event_companies)"
    before = loaded.query(counted)
    loaded.site.reset()
    state = loaded.wait_batch(loaded.scrape_batch(pages)["batch_id"], 300)
    assert state["failed"] == 0
    assert loaded.query(counted) == before
    statuses = loaded.site.stats()["statuses"]
    assert statuses.get("304") == len(pages), statuses
    assert violations(loaded) == []


REAL_KINDS = {"calendar-network-school": "calendar", "discover-category-tech": "discover", "home-page-not-an-event": "not_event"}


def test_pages_as_they_were_saved(loaded):
    """Whole pages as the server or a browser wrote them."""
    for path in sorted((FOLDER / "luma" / "real-pages").glob("*.html")):
        record = loaded.extractor("POST", "/extract", {"html": path.read_text("utf-8")}, timeout_s=60)
        assert record.status in (200, 413), (path.name, record)
        if record.status == 413:
            continue
        if path.stem in REAL_KINDS:
            assert record.json["kind"] != "event", path.name
        else:
            expected = read_page(path)
            assert record.json["kind"] == "event", path.name
            assert record.json["event"]["name"] == expected["name"]
            assert instant(record.json["event"]["starts_at"]) == expected["starts_at"]


def test_the_folder_is_read_only_material():
    """None of its pages has found its way into the checkout's samples."""
    names_there = {pathlib.Path(path).name.split(".")[0] for path in (FOLDER / "luma" / "pages").glob("*.gz")}
    assert not names_there & set(samples.read_truths())
