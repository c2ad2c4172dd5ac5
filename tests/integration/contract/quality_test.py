"""Quality: scores and the report computed again from the tables; recalculation; every rule with an event that breaks it."""
import collections
import datetime
import statistics
import urllib.parse
import zoneinfo

import catalogue
import psycopg
import pytest
import real_pages
import recommendations
from invariants import violations
from waiting import wait_until

UNKNOWN = "00000000-0000-4000-8000-000000000000"
POINTS = {"name": 10, "description": 15, "starts_at": 15, "ends_at": 5, "timezone": 5, "place": 10, "country": 5, "coordinates": 5,
          "image_url": 5, "speakers": 10, "companies": 10, "topics": 5}
PENALTY = {"error": 10, "warning": 3}


def load(stack, where="merged_into is null and processed_at is not null"):
    with stack.db(row_factory=psycopg.rows.dict_row) as connection:
        rows = connection.execute(
            "select e.*, (select count(*) from event_speakers l where l.event_id = e.id) as speakers, "
            "(select count(*) from event_companies l where l.event_id = e.id) as companies, "
            f"(select count(*) from event_topics l where l.event_id = e.id) as topics from events e where {where} order by id").fetchall()
    return {str(row["id"]): row for row in rows}


def shares(event):
    """Completeness, part by part."""
    there = {name: event[name] is not None for name in ("starts_at", "ends_at", "timezone", "image_url")}
    there |= {name: event[name] > 0 for name in ("speakers", "companies", "topics")}
    there |= {"name": bool(event["name"].strip()), "place": event["is_online"] or event["city"] is not None,
              "country": event["is_online"] or event["country"] is not None,
              "coordinates": event["is_online"] or event["latitude"] is not None}
    return {**{name: float(value) for name, value in there.items()}, "description": min(1, len(event["description"] or "") / 400)}


def completeness(event):
    found = shares(event)
    assert found.keys() == POINTS.keys()
    return sum(POINTS[part] * share for part, share in found.items())


def report(stack, **query):
    answer = stack.internal("GET", "/internal/quality/report", query=query)
    assert answer.status == 200, answer
    return answer.json


def recalculate(stack, body=None, query=""):
    """Asks for it and waits; the job."""
    answer = stack.internal("POST", f"/internal/quality/recalculate{query}", body)
    assert answer.status == 202, answer
    assert answer.json["status"] == "queued"
    job = wait_until(lambda: (found := stack.api("GET", f"/api/jobs/{answer.json['job_id']}").json)["state"] == "completed" and found, 30,
                     "the end of the recalculation")
    assert job["kind"] == "quality" and job["result"]["events"] == answer.json["events"] == job["progress"]["done"]
    return job


def check_report(stack):
    """All numbers of a report, and the score of every event, follow from the tables."""
    events, found = load(stack), report(stack, worst=100)
    broken = collections.defaultdict(set)
    for rule in found["validity"]:
        assert rule["penalty"] == PENALTY[rule["severity"]]
        for code, event_id in stack.query("select code, event_id::text from event_defects(array(select id from events)) where code = %s", rule["code"]):
            if event_id in events:
                broken[event_id].add(code)
    severity = {rule["code"]: rule["severity"] for rule in found["validity"]}
    for event_id, event in events.items():
        wanted = max(0, int(completeness(event) + 1e-9) - sum(PENALTY[severity[code]] for code in broken[event_id]))
        assert event["data_quality_score"] == wanted, event["name"]
    scores = [event["data_quality_score"] for event in events.values()]
    assert found["events"] == len(events) and found["score"]["outdated"] == 0
    assert found["score"]["mean"] == pytest.approx(statistics.mean(scores), abs=0.005)
    check_completeness(events, found)
    check_sources(events, found, broken)
    for rule in found["validity"]:
        breaking = {event_id for event_id, codes in broken.items() if rule["code"] in codes}
        assert rule["events"] == len(breaking) and set(rule["examples"]) <= breaking
    check_worst(events, found, broken)
    check_freshness(events, found)
    check_duplicates(stack, events, found)
    return found


def check_completeness(events, found):
    parts = {event_id: shares(event) for event_id, event in events.items()}
    assert {row["part"]: row["points"] for row in found["completeness"]} == POINTS and sum(POINTS.values()) == 100
    for row in found["completeness"]:
        values = [part[row["part"]] for part in parts.values()]
        assert row["share"] == pytest.approx(statistics.mean(values), abs=1e-6)
        assert (row["complete"], row["missing"]) == (values.count(1), values.count(0))


def check_sources(events, found, broken):
    groups = collections.defaultdict(list)
    for event_id, event in events.items():
        host = urllib.parse.urlsplit(event["luma_url"]).netloc
        groups[host, "+".join(sorted((event["extracted_data"] or {}).get("methods", []))) or "unknown"].append(event_id)
    assert {(row["host"], row["method"]): row["events"] for row in found["sources"]} == {key: len(ids) for key, ids in groups.items()}
    for row in found["sources"]:
        ids = groups[row["host"], row["method"]]
        assert row["invalid"] == sum(bool(broken[event_id]) for event_id in ids)
        for field, share in row["fields"].items():
            assert share == pytest.approx(statistics.mean(shares(events[event_id])[field] for event_id in ids), abs=1e-6)


def check_worst(events, found, broken):
    wanted = sorted((event["data_quality_score"], event_id) for event_id, event in events.items() if event["data_quality_score"] < 100)
    assert [(row["data_quality_score"], row["id"]) for row in found["worst"]] == wanted[:100]
    for row in found["worst"]:
        part = shares(events[row["id"]])
        assert {fix["code"] for fix in row["fixes"] if fix["kind"] == "missing"} == {name for name, share in part.items() if share < 1}
        assert {fix["code"] for fix in row["fixes"] if fix["kind"] == "invalid"} == broken[row["id"]]
        assert all(fix["fix"] for fix in row["fixes"])
        lost = sum(fix["points"] for fix in row["fixes"])
        assert row["data_quality_score"] == max(0, int(100 - lost + 1e-3)) or row["data_quality_score"] == 0


def check_freshness(events, found):
    now = catalogue.instant(found["at"])
    ahead = [event for event in events.values() if recommendations.is_ahead(event, now)]
    ages = [(now - event["scraped_at"]).total_seconds() / 86400 if event["scraped_at"] else None for event in ahead]
    known = [age for age in ages if age is not None]
    assert found["freshness"]["upcoming"] == len(ahead) and found["freshness"]["past"] == len(events) - len(ahead)
    assert [found["freshness"][name] for name in ("fresh", "ageing", "stale", "never_fetched")] == [
        sum(age <= 1 for age in known), sum(1 < age <= 7 for age in known), sum(age > 7 for age in known), ages.count(None)]


def check_duplicates(stack, events, found):
    twins = collections.Counter((catalogue.key(event["name"]), event["date"]) for event in events.values() if event["date"])
    assert found["duplicates"]["events"]["surplus"] == sum(number - 1 for number in twins.values())
    for kind, column in (("speakers", "normalized_name"), ("companies", "domain")):
        values = collections.Counter(value for [value] in stack.query(f"select {column} from {kind} where merged_into is null and {column} is not null"))
        repeated = [number for number in values.values() if number > 1]
        assert (found["duplicates"][kind]["groups"], found["duplicates"][kind]["surplus"]) == (len(repeated), sum(repeated) - len(repeated))


def test_get_internal_quality_report(filled):
    check_report(filled)


def test_the_report_takes_the_filters(filled):
    for query in ({"location": "SF"}, {"topics": "AI"}, {"min_quality": 95}, {"topics": "nothing of the kind"}):
        text = {name: str(value) for name, value in query.items()}
        wanted = {str(event["id"]) for event in catalogue.select(catalogue.load(filled), text)}
        found = report(filled, **query, worst=100)
        assert found["events"] == len(wanted)
        assert {row["id"] for row in found["worst"]} <= wanted
        assert sum(row["events"] for row in found["sources"]) == len(wanted)


def test_post_internal_quality_recalculate(filled):
    """Unchanged data stays what it is; what was changed is judged again, told and rendered."""
    check_report(filled)
    before = filled.query("select id, data_quality_score, updated_at, list_item::text from events order by id")
    assert recalculate(filled)["result"]["changed"] == 0
    assert filled.query("select id, data_quality_score, updated_at, list_item::text from events order by id") == before
    event_id = filled.ids["agents-in-production"]
    row = filled.event_row(event_id)
    filled.query("update events set description = null, ends_at = starts_at - interval '1 hour' where id = %s returning id", event_id)
    try:
        assert report(filled)["score"]["outdated"] == 1
        assert recalculate(filled, {})["result"]["changed"] == 1
        changed = filled.event(event_id).json
        assert changed["data_quality_score"] == row["data_quality_score"] - int(min(15, 15 * len(row["description"]) / 400)) - 10
        listed = filled.api("GET", "/api/events", query={"limit": 100, "location": "SF"}).json["data"]
        assert next(item for item in listed if item["id"] == event_id)["data_quality_score"] == changed["data_quality_score"]
        assert filled.query("select type from changes where id = %s order by seq desc limit 1", event_id) == [("event.updated",)]
        worst = next(item for item in report(filled, worst=100)["worst"] if item["id"] == event_id)
        assert {"description", "ends_before_starts"} <= {fix["code"] for fix in worst["fixes"]}
    finally:
        filled.query("update events set description = %s, ends_at = %s where id = %s returning id", row["description"], row["ends_at"], event_id)
    assert recalculate(filled, {"event_ids": [event_id]})["result"] == {"events": 1, "changed": 1}
    assert filled.event_row(event_id)["data_quality_score"] == row["data_quality_score"]
    assert violations(filled) == []


def test_recalculation_of_some(filled):
    wanted = catalogue.select(catalogue.load(filled), {"location": "SF"})
    assert recalculate(filled, {"filter": {"location": "SF"}})["result"]["events"] == len(wanted) > 0
    some = [str(event["id"]) for event in wanted][:2]
    assert recalculate(filled, {"event_ids": [*some, filled.ids["berlin-policy-evening"], UNKNOWN], "filter": {"location": "SF"}})["result"]["events"] == 2
    assert recalculate(filled, {"event_ids": [UNKNOWN]})["result"] == {"events": 0, "changed": 0}


@pytest.mark.parametrize("query, body, status", [
    ("?location=SF", {}, 400), ("", {"filter": {"lokation": "SF"}}, 400), ("", {"ids": []}, 400), ("", {"event_ids": ["x"]}, 422), ("", {"event_ids": []}, 422), ("", {"event_ids": "x"}, 422), ("", [], 422),
    ("", {"filter": {"min_quality": 101}}, 422)])
def test_recalculation_that_is_not_understood(stack, query, body, status):
    answer = stack.internal("POST", f"/internal/quality/recalculate{query}", body)
    assert answer.status in (400, status), answer
    assert answer.headers["content-type"] == "application/problem+json" and answer.json["errors"]
    assert stack.internal("POST", "/internal/quality/recalculate", {}, headers={"Authorization": None}).status == 401


@pytest.mark.parametrize("query", ["window_days=0", "worst=101", "worst=x", "windowdays=3", "limit=3"])
def test_a_report_that_is_not_understood(stack, query):
    assert stack.internal("GET", f"/internal/quality/report?{query}").status == 400


# What to set so that exactly this rule is broken; none of it follows from the rules' own text.
SOUND = {"name": "An Evening of Looms", "description": "x" * 400, "date": "2026-05-06", "starts_at": "2026-05-06T18:00:00+02:00",
         "ends_at": "2026-05-06T20:00:00+02:00", "timezone": "Europe/Berlin", "city": "Berlin", "location": "Berlin", "country": "DE",
         "latitude": 52.5, "longitude": 13.4, "image_url": "https://images.example/x.png", "language": "de"}
BREAKS = {
    "name_without_letters": {"name": "— ✨ —"},
    "ends_before_starts": {"ends_at": "2026-05-06T17:00:00+02:00"},
    "lasts_too_long": {"ends_at": "2026-06-20T17:00:00+02:00"},
    "start_out_of_range": {"date": "1970-01-01", "starts_at": "1970-01-01T10:00:00Z", "ends_at": "1970-01-01T12:00:00Z"},
    "zone_unknown": {"timezone": "Europe/Atlantis"},
    "date_differs": {"date": "2026-05-07"},
    "place_missing": {"city": None, "location": None, "country": None, "latitude": None, "longitude": None},
    "point_at_zero": {"latitude": 0, "longitude": 0, "country": None},
    "point_not_in_country": {"latitude": 37.77, "longitude": -122.42},
    "image_not_an_address": {"image_url": "x.png"},
    "language_malformed": {"language": "german!"},
    "price_negative": {"price_cents": -1, "price_currency": "EUR"},
    "free_but_priced": {"is_free": True, "price_cents": 500, "price_currency": "EUR"},
    "price_without_currency": {"price_cents": 500},
    "guests_negative": {"guest_count": -1},
    "speaker_without_name": {},
    "company_without_name": {},
    "scraped_in_future": {"scraped_at": "2999-01-01T00:00:00Z"},
    "not_comparable": {"embedding": None},
}


@pytest.fixture(scope="module")
def broken_events(filled):
    """One event for each rule, broken in this one way; and a sound one."""
    ids = {}
    try:
        for code, change in {"sound": {}, **BREAKS}.items():
            values = {**SOUND, "embedding": "[1" + ",0" * 1535 + "]", **change, "luma_url": f"https://luma.com/broken-{code.replace('_', '-')}"}
            names, marks = ", ".join(values), ", ".join(["%s"] * len(values))
            [[ids[code]]] = filled.query(f"insert into events ({names}, processed_at, processing_status) values ({marks}, now(), 'processed') "
                                         "returning id::text", *values.values())
        filled.query("insert into speakers (id, name, normalized_name) values (%s, 'TBA', 'tba') returning id", ids["speaker_without_name"])
        filled.query("insert into event_speakers (event_id, speaker_id, role) values (%s, %s, 'speaker') returning 1",
                     ids["speaker_without_name"], ids["speaker_without_name"])
        filled.query("insert into companies (id, name, normalized_name) values (%s, '42', '42') returning id", ids["company_without_name"])
        filled.query("insert into event_companies (event_id, company_id, relationship_type) values (%s, %s, 'host') returning 1",
                     ids["company_without_name"], ids["company_without_name"])
        recalculate(filled, {"event_ids": list(ids.values())})
        yield ids
    finally:
        filled.query("delete from events where luma_url like 'https://luma.com/broken-%%' returning id")
        filled.query("delete from speakers where id = any(%s::uuid[]) returning id", list(ids.values()))
        filled.query("delete from companies where id = any(%s::uuid[]) returning id", list(ids.values()))


def test_every_rule_finds_what_breaks_it_and_nothing_else(filled, broken_events):
    found = {rule["code"]: rule for rule in report(filled)["validity"]}
    assert found.keys() == BREAKS.keys()
    rows = filled.query("select event_id::text, code from event_defects(%s::uuid[])", list(broken_events.values()))
    assert {(event_id, code) for event_id, code in rows} == {(broken_events[code], code) for code in BREAKS}
    for code, rule in found.items():
        assert rule["events"] >= 1 and (broken_events[code] in rule["examples"] or rule["events"] > 5)
    check_report(filled)


def test_penalties_are_taken_off(filled, broken_events):
    scores = {code: filled.event_row(event_id)["data_quality_score"] for code, event_id in broken_events.items()}
    assert scores["sound"] == 75  # nobody takes part, nobody is behind it, no topic
    assert scores["ends_before_starts"] == 65 and scores["language_malformed"] == 72
    assert scores["speaker_without_name"] == scores["company_without_name"] == 82


def test_drift_between_two_windows(filled, broken_events):
    """Thirty old events with a picture, thirty new ones without: two proportions that are far apart."""
    insert = ("insert into events (name, luma_url, image_url, processed_at, processing_status, extracted_data) "
              "select 'Drift', 'https://drift.example/' || %s || n, %s, now() - %s::interval, 'processed', '{\"methods\":[\"json_ld\"]}' "
              "from generate_series(1, 30) n returning id")
    try:
        filled.query(insert, "old", "https://images.example/x.png", "30 days")
        filled.query(insert, "new", None, "1 hour")
        rows = {row["field"]: row for row in report(filled, window_days=7)["drift"]["fields"] if row["host"] == "drift.example"}
        image, name = rows["image_url"], rows["name"]
        assert (image["method"], image["recent"], image["baseline"], image["change"]) == ("json_ld", 0, 1, -1)
        assert (image["recent_events"], image["baseline_events"]) == (30, 30)
        assert image["z"] == pytest.approx(-1 / (0.25 * (2 / 30)) ** 0.5, abs=1e-3) and image["is_drifting"]
        assert name["change"] == 0 and not name["is_drifting"]
        assert not [row for row in report(filled, window_days=60)["drift"]["fields"] if row["host"] == "drift.example"]
    finally:
        filled.query("delete from events where name = 'Drift' returning id")


def test_processing_and_recalculation_judge_alike(filled):
    """An event that is processed again has the score that the recalculation gives it."""
    event_id = filled.ids["everest-of-data"]
    before = filled.event_row(event_id)
    filled.query("update events set data_quality_score = 1 where id = %s returning id", event_id)
    assert filled.internal("POST", "/internal/process", {"event_id": event_id}).status == 202
    wait_until(lambda: filled.event_row(event_id)["processed_at"] > before["processed_at"], 20, "processed again")
    assert filled.event_row(event_id)["data_quality_score"] == before["data_quality_score"]
    assert recalculate(filled, {"event_ids": [event_id]})["result"]["changed"] == 0


@pytest.mark.private_stack
def test_a_filter_over_more_events_than_arguments_could_name(new_stack):
    """Twelve thousand ids would be 450 KB of arguments; they are kept beside the job, and lists stay small."""
    stack = new_stack(pages=[])
    stack.query("insert into events (name, luma_url, processed_at, processing_status) select 'Loom ' || n, 'https://luma.com/loom-' || n, "
                "now(), 'processed' from generate_series(1, 12000) n returning 1")
    job = recalculate(stack, {"filter": {"min_quality": 0}})
    assert job["result"] == {"events": 12000, "changed": 12000} and job["args"] == {"events": 12000}
    assert stack.value("select count(*) from events where data_quality_score = 4") == 12000  # a name (10); no place, no embedding (3 each)
    [listed] = stack.api("GET", "/api/jobs?kind=quality").json["data"]
    assert listed["id"] == job["id"] and listed["args"] == job["args"]


def test_zones(filled):
    for zone, known in (("Europe/Berlin", True), ("America/Argentina/Buenos_Aires", True), ("UTC", True), ("Etc/GMT+5", True),
                        ("PST", False), ("UTC+3", False), ("Europe/Atlantis", False), ("", False), ("berlin", False)):
        assert filled.value("select is_zone(%s)", zone) is known, zone
        if known:
            zoneinfo.ZoneInfo(zone)


@pytest.mark.private_stack
def test_an_empty_database_has_an_empty_report(new_stack):
    stack = new_stack(pages=[])
    found = report(stack)
    assert found["events"] == 0 and found["worst"] == found["sources"] == found["drift"]["fields"] == []
    assert found["score"] == {"mean": None, "p10": None, "p50": None, "p90": None, "outdated": 0}
    assert len(found["validity"]) == len(BREAKS) and all(rule["events"] == 0 for rule in found["validity"])
    assert recalculate(stack)["result"] == {"events": 0, "changed": 0}
    assert datetime.datetime.fromisoformat(found["at"])


class TestRealPages:
    pytestmark = real_pages.NEEDED

    def test_report_and_recalculation(self, loaded):
        check_report(loaded)
        assert recalculate(loaded)["result"] == {"events": report(loaded)["events"], "changed": 0}
