"""GET /api/events…: every parameter against the tables, computed again in Python; paging; what is refused."""
import datetime
import pathlib
import random
import sys

import catalogue
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
pytestmark = pytest.mark.essential


def ids(items):
    return {str(item["id"]) for item in items}


def check(stack, path="/api/events", **query):
    """The walk holds exactly what the tables hold; the number of events."""
    found = ids(catalogue.walk(stack, path, **query))
    wanted = ids(catalogue.select(catalogue.load(stack), query))
    assert found == wanted, (query, len(found - wanted), len(wanted - found))
    return len(wanted)


def refused(answer, parameter, code="invalid_parameter", nearest=None):
    assert answer.status == 400, answer
    assert answer.headers["content-type"] == "application/problem+json"
    errors = {error["parameter"]: error for error in answer.json["errors"]}
    assert answer.json["code"] == code and parameter in errors, answer.json
    assert errors[parameter].get("nearest") == nearest, errors
    return errors[parameter]


# ------------------------------------------------------------------------------------------------ filters

FILTERS = [
    {"location": "SF"}, {"location": "nyc"}, {"location": "Germany"}, {"location": "são PAULO"},
    {"near": "37.7749,-122.4194"}, {"near": "37.7749,-122.4194", "radius_km": "3"}, {"near": "51.5,0", "radius_km": "600"},
    {"near": "0,180", "radius_km": "20100"}, {"near": "0,0", "radius_km": "0"},
    {"bbox": "-130,30,-60,50"}, {"bbox": "100,-60,-100,60"}, {"bbox": "-180,-90,180,90"}, {"bbox": "0,0,0,0"},
    {"topics": "AI"}, {"topics": "crypto,Wellness"}, {"topics": "Artificial Intelligence"}, {"topics": "technology"},
    {"topics": "nothing of the kind"}, {"topics_all": "AI,Tech"}, {"topics_all": "AI,nothing of the kind"},
    {"topics": "AI,Climate", "topics_all": "Tech"},
    {"role": "host"}, {"role": "speaker,judge"}, {"relationship": "host"}, {"relationship": "sponsor,venue"},
    {"date_after": "2026-01-01"}, {"date_before": "2026-01-01"}, {"date_after": "2026-03-14", "date_before": "2026-03-14"},
    {"starts_after": "2026-03-13T00:00:00Z"}, {"starts_before": "2026-03-13"},
    {"starts_after": "2026-01-01T00:00:00+09:00", "starts_before": "2026-12-31T23:59:59.5-08:00"},
    {"when": "upcoming"}, {"when": "past"}, {"when": "today"}, {"when": "weekend"},
    {"online": "true"}, {"online": "false"}, {"free": "true"}, {"free": "false"},
    {"status": "scheduled"}, {"status": "cancelled,postponed"}, {"language": "en"}, {"language": "EN"}, {"language": "e"},
    {"min_quality": "0"}, {"min_quality": "60"}, {"min_quality": "100"},
    {"updated_since": "2020-01-01"}, {"updated_since": "2999-01-01T00:00:00Z"},
    {"processing_status": "processed"}, {"processing_status": "queued,scraping,failed"},
    {"location": "SF", "topics": "AI", "date_after": "2025-01-01"},
    {"topics": "AI", "online": "false", "status": "scheduled", "min_quality": "20", "role": "host"},
]


@pytest.mark.parametrize("query", FILTERS, ids=lambda query: "&".join(f"{name}={value}" for name, value in query.items()))
def test_a_filter_holds_what_the_tables_hold(filled, query):
    check(filled, **query)


def test_filters_tell_events_apart(filled):
    """None of the cases above is about everything or nothing only."""
    number = len(catalogue.select(catalogue.load(filled), {}))
    for query in ({"location": "SF"}, {"near": "37.7749,-122.4194"}, {"topics": "AI"}, {"topics_all": "AI,Tech"},
                  {"relationship": "host"}, {"date_after": "2026-01-01"}, {"online": "true"}, {"free": "true"},
                  {"starts_after": "2026-03-13T00:00:00Z"}, {"bbox": "-130,30,-60,50"}):
        assert 0 < check(filled, **query) < number, query


def some_links(stack, kind, number=8):
    events = catalogue.select(catalogue.load(stack), {})
    links = sorted((link for event in events for link in event[kind]), key=lambda link: (link["name"], str(link["event_id"])))
    return random.Random(7).sample(links, min(number, len(links)))


def test_a_speaker_by_id_and_by_name(filled):
    for link in some_links(filled, "speakers"):
        for who in (str(link["id"]), link["name"], link["name"].upper(), f"  {link['name']}. "):
            assert check(filled, speaker=who) > 0
            assert check(filled, speaker=who, role=link["role"]) > 0
            check(filled, speaker=who, role="mentor")
    assert check(filled, speaker="Nobody Of That Name") == 0


def test_a_part_of_a_name_is_not_the_name(filled):
    names = {catalogue.key(link["name"]) for event in catalogue.load(filled) for link in event["speakers"]}
    for link in some_links(filled, "speakers"):
        first = catalogue.key(link["name"]).split()[0]
        if first not in names:
            assert check(filled, speaker=first) == 0


def test_a_role_holds_on_the_link_of_the_speaker(filled):
    """Somebody who hosts an event where others speak is not found as its speaker."""
    events = catalogue.select(catalogue.load(filled), {})
    event, host = next((event, link) for event in events for link in event["speakers"] if link["role"] == "host" and
                       all(other["role"] == "host" for other in event["speakers"] if other["id"] == link["id"]))
    [[guest]] = filled.query("insert into speakers (name, normalized_name) values ('Guest Of This Test', 'guest of this test') returning id")
    try:
        filled.query("insert into event_speakers (event_id, speaker_id, role) values (%s, %s, 'panelist') returning 1", event["id"], guest)
        assert str(event["id"]) in ids(catalogue.walk(filled, "/api/events", role="panelist"))
        assert str(event["id"]) in ids(catalogue.walk(filled, "/api/events", speaker="guest of this test", role="panelist,judge"))
        assert str(event["id"]) not in ids(catalogue.walk(filled, "/api/events", speaker=str(host["id"]), role="panelist"))
    finally:
        filled.query("delete from speakers where id = %s returning 1", guest)


def test_a_company_by_id_and_by_name(filled):
    for link in some_links(filled, "companies"):
        for who in (str(link["id"]), link["name"], link["name"].upper()):
            assert check(filled, company=who, relationship=link["relationship_type"]) > 0
            check(filled, company=who, relationship="partner")
            check(filled, company=who)


def test_names_that_were_merged_lead_to_the_survivor(filled):
    link = some_links(filled, "speakers", 1)[0]
    [[other]] = filled.query("insert into speakers (name, normalized_name, merged_into) values ('Other Spelling', 'other spelling', %s) "
                             "returning id", link["id"])
    filled.query("insert into speaker_aliases (speaker_id, name) values (%s, 'Dr. Yet-Another Spélling') returning 1", link["id"])
    try:
        wanted = ids(catalogue.walk(filled, "/api/events", speaker=str(link["id"])))
        assert wanted
        for who in ("other spelling", str(other), "Dr Yet-Another Spelling"):
            assert ids(catalogue.walk(filled, "/api/events", speaker=who)) == wanted
    finally:
        filled.query("delete from speaker_aliases where name = 'Dr. Yet-Another Spélling' returning 1")
        filled.query("delete from speakers where id = %s returning 1", other)


def test_topics_are_found_by_id_and_other_names(filled):
    for link in some_links(filled, "topics", 4):
        assert check(filled, topics=str(link["id"])) > 0
        assert check(filled, topics_all=f"{link['id']},{link['name']}") > 0
    [[topic]] = filled.query("insert into topics (name, normalized_name, category) values ('Machine Learning', 'machine learning', "
                             "'technology') on conflict (normalized_name) do update set name = topics.name returning id")
    event = catalogue.select(catalogue.load(filled), {})[0]
    filled.query("insert into event_topics (event_id, topic_id) values (%s, %s) on conflict do nothing returning 1", event["id"], topic)
    try:
        assert check(filled, topics="ML") >= 1 and check(filled, topics_all="ml,machine-learning".replace("-", " ")) >= 1
    finally:
        filled.query("delete from event_topics where topic_id = %s returning 1", topic)
        filled.query("delete from topics where id = %s returning 1", topic)


def make_event(stack, **columns):
    columns = {"name": "Of this test", "processing_status": "processed", "processed_at": datetime.datetime.now(datetime.timezone.utc),
               "timezone": "UTC", **columns}
    names = ", ".join(columns)
    [[event_id]] = stack.query(f"insert into events ({names}) values ({', '.join(['%s'] * len(columns))}) returning id::text",
                               *columns.values())
    stack.query("select render_events(array[%s::uuid])::text", event_id)
    return event_id


@pytest.fixture
def made(filled):
    """make_event, and its events are gone afterwards."""
    events = []

    def make(**columns):
        events.append(make_event(filled, **columns))
        return events[-1]
    yield make
    filled.query("delete from events where id = any (%s::uuid[]) returning 1", events)


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "UTC", "Pacific/Honolulu"])
def test_when_is_judged_in_the_events_own_zone(filled, made, zone):
    now = datetime.datetime.now(datetime.timezone.utc)
    for hours in (-60, -30, -20, -2, -0.5, 0.5, 2, 20, 30, 60, 100, 150, 200):
        for length in (1, 9, 50):
            start = now + datetime.timedelta(hours=hours)
            made(starts_at=start, ends_at=start + datetime.timedelta(hours=length), timezone=zone,
                 date=start.astimezone(catalogue.zoneinfo.ZoneInfo(zone)).date())
    made(date=now.date(), timezone=zone)
    made(starts_at=None, date=None)
    numbers = {when: check(filled, when=when) for when in ("upcoming", "past", "today", "weekend")}
    assert all(numbers.values()), numbers
    dated = [event for event in catalogue.select(catalogue.load(filled), {}) if event["date"]]
    assert numbers["upcoming"] + numbers["past"] == len(dated)


def test_languages_are_found_with_their_regions(filled, made):
    for language in ("en", "en-GB", "EN-us", "es", "eng"):
        made(language=language)
    assert [check(filled, language=language) for language in ("en", "EN-gb", "es", "e", "en-")] == [3, 1, 1, 0, 0]


def test_events_that_were_never_processed_are_shown_when_asked_for(filled, made):
    event_id = made(processed_at=None, processing_status="queued")
    assert event_id not in ids(catalogue.walk(filled, "/api/events"))
    assert event_id in ids(catalogue.walk(filled, "/api/events", processing_status="queued"))
    assert event_id not in ids(catalogue.walk(filled, "/api/events", processing_status="processed,failed"))
    check(filled, processing_status="queued,processed")


# ------------------------------------------------------------------------------------------------ order

def sorted_as(events, sort, point=None):
    plain = sort.lstrip("-")
    keys = {"date": lambda event: event["date"] or datetime.date.min, "created_at": lambda event: event["created_at"],
            "quality": lambda event: event["data_quality_score"],
            "distance": lambda event: catalogue.distance_km((event["latitude"], event["longitude"]), point)}
    return sorted(events, key=lambda event: (keys[plain](event), str(event["id"])), reverse=sort.startswith("-"))


@pytest.mark.parametrize("sort", ["date", "-date", "created_at", "-created_at", "quality", "-quality"])
@pytest.mark.parametrize("limit", [1, 7, 100])
def test_every_order_is_walked_without_gaps(filled, made, sort, limit):
    made(date=None), made(date=None)
    query = {"location": "SF"} if limit == 1 else {}
    found = [item["id"] for item in catalogue.walk(filled, "/api/events", limit=limit, sort=sort, **query)]
    assert found == [str(event["id"]) for event in sorted_as(catalogue.select(catalogue.load(filled), query), sort)]


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_the_nearest_first(filled, limit):
    query = {"near": "40.7,-74.0", "radius_km": "9000"}
    items = catalogue.walk(filled, "/api/events", limit=limit, sort="distance", **query)
    events = {str(event["id"]): event for event in catalogue.select(catalogue.load(filled), query)}
    assert ids(items) == set(events) and len(items) > 5
    for item in items:
        event = events[item["id"]]
        assert item["distance_km"] == pytest.approx(catalogue.distance_km((event["latitude"], event["longitude"]), (40.7, -74.0)), abs=0.01)
    distances = [item["distance_km"] for item in items]
    assert distances == sorted(distances)


# ------------------------------------------------------------------------------------------------ what is refused

@pytest.mark.parametrize("query, parameter, nearest", [
    ("near=1", "near", None), ("near=91,0", "near", None), ("near=0,181", "near", None), ("near=a,b", "near", None),
    ("near=1,2,3", "near", None), ("near=nan,0", "near", None), ("near=0x1,0", "near", None), ("near=,", "near", None),
    ("radius_km=5", "radius_km", None), ("near=1,1&radius_km=-1", "radius_km", None), ("near=1,1&radius_km=20101", "radius_km", None),
    ("near=1,1&radius_km=inf", "radius_km", None), ("near=1,1&radius_km=", "radius_km", None),
    ("bbox=1,2,3", "bbox", None), ("bbox=0,10,0,5", "bbox", None), ("bbox=-181,0,0,0", "bbox", None), ("bbox=0,0,0,91", "bbox", None),
    ("role=guest", "role", None), ("role=hosts", "role", "host"), ("role=host,speker", "role", "speaker"), ("role=", "role", None),
    ("relationship=sponsors", "relationship", "sponsor"), ("when=tomorow", "when", None), ("when=upcomming", "when", "upcoming"),
    ("online=yes", "online", None), ("free=1", "free", None), ("status=canceled", "status", "cancelled"),
    ("min_quality=101", "min_quality", None), ("min_quality=-1", "min_quality", None), ("min_quality=half", "min_quality", None),
    ("updated_since=yesterday", "updated_since", None), ("starts_after=2026-01-01T00:00:00", "starts_after", None),
    ("starts_before=2026-02-30", "starts_before", None), ("processing_status=fialed", "processing_status", "failed"),
    ("sort=dates", "sort", "date"), ("sort=relevance", "sort", None), ("sort=distance", "sort", None), ("sort=-distance", "sort", "distance"),
    ("date_after=2026-02-02&date_before=2026-02-01", "date_before", None),
    ("starts_after=2026-02-02T01:00:00%2B02:00&starts_before=2026-02-01T22:59:59Z", "starts_before", None),
    ("speaker=", "speaker", None), ("company=%20", "company", None), ("topics=,", "topics", None), ("speaker=" + "x" * 201, "speaker", None),
    ("language=" + "x" * 36, "language", None), ("topics=" + ",".join("abcdefghijklmnopqrstuvwxyz" * 2), "topics", None),
])
def test_a_bad_value_is_refused_and_named(stack, query, parameter, nearest):
    refused(stack.api("GET", f"/api/events?{query}"), parameter, nearest=nearest)


@pytest.mark.parametrize("wrong, nearest", [("topics_al", "topics_all"), ("speakers", "speaker"), ("when_", "when"), ("radius", "radius_km"),
                                            ("min_qualty", "min_quality"), ("processing_state", "processing_status"), ("qqqqqqq", None)])
def test_an_unknown_parameter_names_the_nearest(stack, wrong, nearest):
    for path in ("/api/events", "/api/events/search", "/api/stats/events/count"):
        refused(stack.api("GET", f"{path}?{wrong}=x"), wrong, "unknown_parameter", nearest)


def test_equal_bounds_are_not_a_mistake(filled):
    check(filled, date_after="2026-03-14", date_before="2026-03-14")
    check(filled, starts_after="2026-03-13T00:00:00Z", starts_before="2026-03-13T02:00:00+02:00")
