"""All pages of the folder beside the checkout, when there is one: every event equals an independent reading of its page.

The site server of that folder plays luma.com. Nothing of the folder is copied into this repository.
"""
import collections
import datetime
import gzip
import html.parser
import json
import pathlib
import re
import unicodedata

import catalogue
import pytest
import real_pages
import recount
import samples
from compare import instant, names, plain, plain_extracted
from invariants import violations

pytestmark = real_pages.NEEDED


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


def venue_of(address):
    """The named place of Google's, None for a street and a hidden place; what is typed is judged by the whole text."""
    name = " ".join(plain(samples.stored_name(address.get("address") or "").replace("\u200d", "")).split())
    if address.get("mode") == "obfuscated" or not name:
        return None
    if address.get("type") == "manual":
        return re.compile("|".join(re.escape(name[:end]) for end in range(3, len(name) + 1)) + "|None")
    # A house number in front, a code of the grid, or the street's own name said twice: "945 Market Street, 945 Market St".
    street = re.match(r"\d+[a-z]?\b|[0-9a-z]{2,8}\+[0-9a-z]{2,3}$", name) or re.search(r" (road|street|avenue|st|rd|ave|dr|blvd|ln)\.?$", name)
    return None if street else name


def letters(text):
    """Of a text; the numbers of lists are none."""
    return re.sub(r"[\W\d_]", "", unicodedata.normalize("NFC", text or ""))


def words_of(node):
    """The letters of a ProseMirror document, with nothing of its structure."""
    if isinstance(node, dict):
        return letters(node.get("text")) + "".join(map(words_of, node.get("content") or []))
    return ""


def read_page(path):
    """What the page says, read by nothing of ours: fields of its own event record."""
    parser = NextData()
    parser.feed((gzip.open if path.suffix == ".gz" else open)(path, "rb").read().decode("utf-8"))
    data = json.loads(parser.text)["props"]["pageProps"]["initialData"]["data"]
    event, address = data["event"], data["event"].get("geo_address_info") or {}
    hosts = [host.get("name") or " ".join(filter(None, (host.get("first_name"), host.get("last_name")))) for host in data["hosts"]]
    calendar = data.get("calendar") or {}
    return {"name": " ".join(event["name"].split()), "starts_at": instant(event["start_at"]), "timezone": event["timezone"],
            "city": address.get("city"), "venue": venue_of(address), "text": words_of(data.get("description_mirror")), "hosts": {name for name in hosts if plain(name)},
            "presenter": calendar.get("name") if not calendar.get("is_personal") else None}


def is_part_of(name, longer):
    """Do the words of a name stand in a longer one, in their order? What is only said about a host is taken off: "Ada
    (Countess) Lovelace", "Loom Labs Events", "Ada Example (Acme AI)", which names Ada Example, and Acme. The last
    word may be an initial."""
    wanted, words = re.findall(r"\w+", plain(name)), iter(re.findall(r"\w+", plain(longer)))
    return bool(wanted) and all(any(other == word or (at == len(wanted) > 1 and len(word) == 1 and other.startswith(word)) for other in words)
                               for at, word in enumerate(wanted, 1))


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
        expected["name"] = samples.stored_name(expected["name"])
        found = {"name": event["name"], "starts_at": instant(event["starts_at"]), "timezone": event["timezone"], "city": event["city"]}
        differing = {field: (value, expected[field]) for field, value in found.items()
                     if (plain(value) != plain(expected[field]) if field == "city" else value != expected[field])
                     and not (field == "city" and expected["city"] is None)}
        stored, told = stored_names(event), stored_names(plain_extracted(event))
        # A host may have got a longer name from the description: "Ada" is "Ada Byron".
        if missing := [host for host in expected["hosts"] if not any(is_part_of(name, host) or is_part_of(host, name) for name in stored)]:
            differing["hosts that are missing"] = missing
        named = [*expected["hosts"], *filter(None, [expected["presenter"]])]
        if invented := [name for name in told if not any(is_part_of(name, host) or is_part_of(name.split()[0], host) for host in named)]:
            differing["hosts that the page does not name"] = invented
        if differing:
            wrong[url] = differing
        local = datetime.datetime.fromisoformat(event["starts_at"])
        assert abs((datetime.date.fromisoformat(event["date"]) - local.date()).days) <= 1
    assert wrong == {}, f"{len(wrong)} of {len(pages)}: {json.dumps(dict(list(wrong.items())[:10]), default=str, ensure_ascii=False, indent=1)}"


def test_the_share_of_right_fields(loaded, pages):
    """At least 99 of 100 pages, each field against the page's own JSON."""
    ids = dict(loaded.query("select s.url, e.id::text from event_sources s join events e on e.id = s.event_id"))
    texts = dict(loaded.query("select id::text, markdown_text(description) from events"))
    right, wrong = collections.Counter(), collections.defaultdict(list)
    for url, path in pages.items():
        expected, event = read_page(path), loaded.event(ids[url]).json
        venue = plain(event["venue"]) if event["venue"] else None
        judged = {
            "name": event["name"] == samples.stored_name(expected["name"]),
            "starts_at": instant(event["starts_at"]) == expected["starts_at"],
            "timezone": event["timezone"] == expected["timezone"],
            "venue": expected["venue"].fullmatch(str(venue)) if isinstance(expected["venue"], re.Pattern) else venue == expected["venue"],
            "city": plain(event["city"] or "") == plain(expected["city"]) if expected["city"] else True,
            "description": not expected["text"] or letters(texts[ids[url]]) == expected["text"],
        }
        for field, is_right in judged.items():
            right[field] += bool(is_right)
            if not is_right:
                wrong[field].append((url, event[field] if field != "description" else "", str(expected.get(field, ""))[:80]))
    shares = {field: count / len(pages) for field, count in right.items()}
    print({field: f"{share:.4f}" for field, share in shares.items()})
    assert all(shares[field] >= 0.99 for field in ("name", "starts_at", "timezone", "venue", "city", "description")), \
        (shares, {field: rows[:5] for field, rows in wrong.items()})


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
    for path in sorted((real_pages.FOLDER / "luma" / "real-pages").glob("*.html")):
        record = loaded.extractor("POST", "/extract", {"html": path.read_text("utf-8")}, timeout_s=60)
        assert record.status in (200, 413), (path.name, record)
        if record.status == 413:
            continue
        if path.stem in REAL_KINDS:
            assert record.json["kind"] != "event", path.name
        else:
            expected = read_page(path)
            assert record.json["kind"] == "event", path.name
            assert record.json["event"]["name"] == samples.stored_name(expected["name"])
            assert instant(record.json["event"]["starts_at"]) == expected["starts_at"]


def test_the_folder_is_read_only_material():
    """None of its pages has found its way into the checkout's samples."""
    names_there = {pathlib.Path(path).name.split(".")[0] for path in (real_pages.FOLDER / "luma" / "pages").glob("*.gz")}
    assert not names_there & set(samples.read_truths())


# Every list parameter over all pages, against the tables computed in Python (support/catalogue.py).

def sample_queries(events):
    """Queries made of what the pages hold: the most frequent and some rare values of each kind."""
    def values(kind, field):
        counts = collections.Counter(link[field] for event in events for link in event[kind] if "," not in link[field])
        ordered = [name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
        return ordered[:4] + ordered[len(ordered) // 2:len(ordered) // 2 + 3]
    queries = [{"topics": name} for name in values("topics", "name")] + [{"speaker": name} for name in values("speakers", "name")]
    queries += [{"company": name, "relationship": "host"} for name in values("companies", "name")]
    queries += [{"speaker": name, "role": role} for name in values("speakers", "name")[:2] for role in ("host", "speaker,panelist")]
    queries += [{"topics_all": ",".join(values("topics", "name")[:2])}]
    cities = collections.Counter(event["city"] for event in events if event["city"])
    queries += [{"location": city} for city, _ in cities.most_common(5)]
    places = [event for event in events if event["latitude"] is not None][::40]
    queries += [{"near": f"{event['latitude']},{event['longitude']}", "radius_km": radius} for event in places for radius in ("5", "800")]
    queries += [{"bbox": box} for box in ("-130,20,-60,60", "90,-50,-100,70")]
    queries += [{"when": when} for when in ("upcoming", "past", "today", "weekend")]
    queries += [{"online": "true"}, {"free": "true"}, {"free": "false"}, {"min_quality": "80"}, {"status": "cancelled,postponed"},
                {"updated_since": "2026-01-01T00:00:00Z"}, {"processing_status": "processed"}, {"role": "host", "online": "false"}]
    days = sorted(event["date"].isoformat() for event in events if event["date"])
    queries += [{"date_after": days[len(days) // 3], "date_before": days[2 * len(days) // 3]},
                {"starts_after": f"{days[len(days) // 2]}T12:00:00+02:00"}, {"starts_before": days[len(days) // 2]}]
    return queries


def test_every_list_parameter_on_all_pages(loaded):
    events = catalogue.select(catalogue.load(loaded), {})
    queries, wrong, numbers = sample_queries(events), {}, set()
    for query in queries:
        wanted = {str(event["id"]) for event in events if catalogue.matches(event, query)}
        found = {item["id"] for item in catalogue.walk(loaded, "/api/events", **query)}
        numbers.add(len(wanted))
        if found != wanted:
            wrong[str(query)] = (len(found - wanted), len(wanted - found))
    assert wrong == {} and len(numbers) > 15, numbers


@pytest.mark.parametrize("sort, key", [
    ("date", lambda event: event["date"] or datetime.date.min), ("created_at", lambda event: event["created_at"]),
    ("quality", lambda event: event["data_quality_score"])])
def test_every_order_on_all_pages(loaded, sort, key):
    ordered = sorted(catalogue.select(catalogue.load(loaded), {}), key=lambda event: (key(event), str(event["id"])))
    wanted = [str(event["id"]) for event in ordered]
    assert [item["id"] for item in catalogue.walk(loaded, "/api/events", limit=17, sort=sort)] == wanted
    assert [item["id"] for item in catalogue.walk(loaded, "/api/events", limit=33, sort=f"-{sort}")] == wanted[::-1]


def test_search_and_similar_events_on_all_pages(loaded):
    hits = loaded.api("GET", "/api/events/search", query={"q": "machine learning hackathon", "limit": 10, "explain": "true"}).json["data"]
    assert len(hits) == 10
    whole = [item["id"] for item in catalogue.walk(loaded, "/api/events/search", q="machine learning hackathon")]
    assert [item["id"] for item in catalogue.walk(loaded, "/api/events/search", limit=7, q="machine learning hackathon")] == whole
    subject = whole[0]
    vectors = {str(event_id): [float(x) for x in text.strip("[]").split(",")] for event_id, text in loaded.query(
        "select id, embedding::text from events where merged_into is null and processed_at is not null and embedding is not null")}
    score = {other: sum(a * b for a, b in zip(vectors[subject], vector)) for other, vector in vectors.items() if other != subject}
    found = catalogue.walk(loaded, f"/api/events/{subject}/similar", limit=50)
    assert {item["id"] for item in found} == set(score)
    assert all(abs(item["score"] - score[item["id"]]) < 1e-4 for item in found)
    assert [item["score"] for item in found] == sorted((item["score"] for item in found), reverse=True)


# The statistics over all pages (support/recount.py).

def edge_days(events):
    """Days at which the windows hold much, little and nothing: the middle, the ends, and today's default left out."""
    days = sorted(event["date"].isoformat() for event in events if event["date"])
    return list(dict.fromkeys([days[len(days) // 2], days[len(days) // 4], days[-1], days[0], "1999-01-01"]))


STATISTICS_FILTERS = [{}, {"online": "false"}, {"location": "SF"}, {"role": "host"}, {"relationship": "host"}]


def test_counts_on_all_pages(loaded):
    events = catalogue.load(loaded)
    sizes = {recount.check_counts(loaded, events, group, query) for group in recount.KEYS
             for query in [*STATISTICS_FILTERS, {"location": "nowhere at all"}, {"min_quality": "80", "when": "past"}]}
    assert len(sizes) > 4 and max(sizes) > 200, sizes


@pytest.mark.parametrize("window, baseline", [("30d", None), ("4w", "4w"), ("2w", "26w"), ("365d", "365d"), ("1d", None), ("730d", "730d")])
def test_trending_topics_on_all_pages(loaded, window, baseline):
    events = catalogue.load(loaded)
    found = [recount.check_trends(loaded, events, window, baseline, day, query, limit) for day in edge_days(events)
             for query, limit in zip(STATISTICS_FILTERS, (3, 100, 7, 20, 7))]
    found += [recount.check_trends(loaded, events, window, baseline, day, {}, min_count=3, min_score=score)
              for day in edge_days(events) for score in (0.5, 1.645)]
    assert max(found) > 3 and 0 in found, found


@pytest.mark.parametrize("window", ["30d", "4w", "365d", "1d", "730d"])
def test_active_speakers_on_all_pages(loaded, window):
    events, people = catalogue.load(loaded), recount.people_of(loaded)
    found = [recount.check_active(loaded, events, window, day, query, people, limit) for day in edge_days(events)
             for query, limit in zip(STATISTICS_FILTERS, (5, 100, 7, 20, 7))]
    assert max(found) > 5 and 0 in found, found
    links = collections.Counter(link["name"] for event in events for link in event["speakers"] if "," not in link["name"])
    for name, _ in links.most_common(5):
        assert recount.check_active(loaded, events, "730d", edge_days(events)[2], {"speaker": name}) <= len(
            {link["id"] for event in events for link in event["speakers"] if catalogue.key(link["name"]) == catalogue.key(name)})


def test_everybody_on_all_pages_is_suggested_by_name(loaded):
    """Whatever names are written in, what is stored is found by them, as a whole name and by its beginning."""
    events, missed, tried = catalogue.select(catalogue.load(loaded), {}), [], 0
    links = {(kind, str(link["id"])): link["name"] for event in events
             for kind, table in (("speaker", "speakers"), ("company", "companies"), ("topic", "topics")) for link in event[table]}
    for kind, who, name in sorted((kind, who, name) for (kind, who), name in links.items())[::2]:
        found = loaded.api("GET", "/api/suggest", query={"q": name[:200], "kind": kind, "limit": 50}).json["data"]
        beginning = loaded.api("GET", "/api/suggest", query={"q": name[:12], "kind": kind, "limit": 50}).json["data"]
        tried += 1
        if {"id": who, "match": "exact"} not in [{"id": item["id"], "match": item["match"]} for item in found]:
            missed.append(("whole", kind, name, found[:2]))
        elif len(beginning) < 50 and who not in {item["id"] for item in beginning}:
            missed.append(("beginning", kind, name))
    assert tried > 100 and missed == [], missed[:10]
