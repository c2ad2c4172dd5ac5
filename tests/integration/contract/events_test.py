"""GET /api/events…: every parameter against the tables, computed again in Python; paging; what is refused."""
import datetime
import pathlib
import random
import sys

import catalogue
import pytest
from waiting import wait_until

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
    {"topics": "nothing of the kind"}, {"topics_all": "Climate,Food & drink"}, {"topics_all": "AI,nothing of the kind"},
    {"topics": "AI,Climate", "topics_all": "Fintech"},
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
    for query in ({"location": "SF"}, {"near": "37.7749,-122.4194"}, {"topics": "AI"}, {"topics_all": "Climate,Food & drink"},
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
    before = [check(filled, language=language) for language in ("en", "EN-gb", "es", "e", "en-")]
    for language in ("en", "en-GB", "EN-us", "es", "eng"):
        made(language=language)
    after = [check(filled, language=language) for language in ("en", "EN-gb", "es", "e", "en-")]
    assert [more - less for more, less in zip(after, before)] == [3, 1, 1, 0, 0]


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


# ------------------------------------------------------------------------------------------------ what is shown

ITEM = ["id", "name", "date", "starts_at", "ends_at", "timezone", "location", "city", "country", "is_online", "status", "luma_url",
        "image_url", "topics", "data_quality_score", "processing_status"]


def test_get_api_events(filled):
    """The row of the contract: the members of a list item, the page, the Link header, the total when asked for."""
    answer = filled.api("GET", "/api/events?location=SF&topics=AI&date_after=2025-01-01&limit=2", headers={"Prefer": "count=exact"})
    wanted = catalogue.select(catalogue.load(filled), {"location": "SF", "topics": "AI", "date_after": "2025-01-01"})
    assert answer.status == 200 and all(list(item) == ITEM for item in answer.json["data"])
    assert answer.json["page"]["total"] == len(wanted) and answer.headers["preference-applied"] == "count=exact"
    assert answer.json["page"]["limit"] == 2 and answer.json["page"]["has_more"] == (len(wanted) > 2)
    assert ('rel="next"' in answer.headers.get("link", "")) == (len(wanted) > 2)


def one(stack, path, **query):
    answer = stack.api("GET", path, query=query)
    assert answer.status == 200, answer
    return answer.json


def lists(stack):
    event_id = next(iter(stack.ids.values()))
    return ["/api/events", "/api/events/search?q=data", f"/api/events/{event_id}/similar"]


def get(stack, path, query):
    answer = stack.api("GET", f"{path}{'&' if '?' in path else '?'}{query}")
    assert answer.status == 200, answer
    return answer.json["data"]


def test_fields_keep_what_was_asked_for_and_the_id(filled):
    for path in lists(filled):
        whole = get(filled, path, "limit=5")
        assert whole
        for fields in (["name", "date"], ["id"], ["topics", "is_online", "starts_at"]):
            cut = get(filled, path, f"limit=5&fields={','.join(fields)}")
            assert cut == [{name: value for name, value in item.items() if name in ["id", *fields]} for item in whole], (path, fields)
    event_id = next(iter(filled.ids.values()))
    whole = one(filled, f"/api/events/{event_id}")
    assert one(filled, f"/api/events/{event_id}", fields="speakers,extracted_data,created_at") == {
        name: whole[name] for name in ("id", "speakers", "extracted_data", "created_at")}


def test_includes_are_the_members_of_the_one_event(filled):
    for path in lists(filled):
        plain = get(filled, path, "limit=5")
        for item, bare in zip(get(filled, path, "limit=5&include=speakers,companies,topics,raw_html"), plain):
            event = one(filled, f"/api/events/{item['id']}", include="raw_html")
            assert {name: item[name] for name in ("speakers", "companies", "topics", "raw_html")} == {
                name: event[name] for name in ("speakers", "companies", "topics", "raw_html")}
            assert item["raw_html"] == filled.value("select raw_html from events where id = %s", item["id"])
            assert bare["topics"] == [topic["name"] for topic in event["topics"]] and "speakers" not in bare
        item = get(filled, path, "limit=1&fields=name&include=companies")[0]
        assert set(item) == {"id", "name", "companies"}
    assert "raw_html" not in one(filled, f"/api/events/{plain[0]['id']}")


def test_what_is_shown_may_differ_from_page_to_page(filled):
    first = filled.api("GET", "/api/events?limit=3&fields=name").json
    second = filled.api("GET", "/api/events", query={"limit": 4, "include": "topics", "cursor": first["page"]["next_cursor"]}).json
    whole = get(filled, "/api/events", "limit=7")
    assert [item["id"] for item in first["data"] + second["data"]] == [item["id"] for item in whole]


@pytest.mark.parametrize("query, parameter, nearest", [
    ("fields=nme", "fields", "name"), ("fields=name,staus", "fields", "status"), ("fields=", "fields", None),
    ("include=speaker", "include", "speakers"), ("include=raw", "include", "raw_html"), ("limit=11&include=raw_html", "limit", None),
    ("include=raw_html", "limit", None)])
def test_wrong_members_are_refused(filled, query, parameter, nearest):
    for path in lists(filled):
        refused(filled.api("GET", f"{path}{'&' if '?' in path else '?'}{query}"), parameter, nearest=nearest)


def test_the_names_of_members_are_those_of_the_schemas(stack):
    document = stack.api("GET", "/openapi.json").json

    def fields(path):
        parameters = document["paths"][path]["get"]["parameters"]
        return set(next(p for p in parameters if p["name"] == "fields")["schema"]["items"]["enum"])
    schemas = document["components"]["schemas"]
    assert fields("/api/events") == set(schemas["EventItem"]["properties"]) == fields("/api/events/search")
    assert fields("/api/events/{id}") == set(schemas["Event"]["properties"])


# ------------------------------------------------------------------------------------------------ search and similar

def test_get_api_events_search(filled):
    """The row of the contract; each score is what the explained ranks say."""
    assert one(filled, "/api/events/search", q="machine learning hackathon")["data"]
    answer = filled.api("GET", "/api/events/search", query={"q": "data learning community evening", "explain": "true", "limit": 100},
                        headers={"Prefer": "count=exact"})
    assert answer.status == 200, answer
    hits = answer.json["data"]
    assert len(hits) > 3 and answer.json["page"]["total"] == len(hits)
    for hit in hits:
        parts = hit["explain"]
        ranks = [part["rank"] for part in (parts["lexical"], parts["semantic"]) if part]
        assert hit["score"] == parts["rrf"] == pytest.approx(sum(1 / (60 + rank) for rank in ranks), abs=1e-6)
        assert set(hit["highlights"]) == {"name", "description"}
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)
    for part, raw, sign in (("lexical", "raw", -1), ("semantic", "distance", 1)):
        listed = [hit["explain"][part] for hit in hits if hit["explain"][part]]
        assert len(listed) > 1
        for entry in listed:  # equal raw scores share a rank
            better = sum(sign * other[raw] < sign * entry[raw] for other in listed)
            equal = sum(other[raw] == entry[raw] for other in listed)
            assert better + 1 - (equal - 1) <= entry["rank"] <= better + equal, (entry, better, equal)


def test_the_distance_of_a_hit_is_that_of_its_embedding(filled):
    """A query that repeats an event's own words is nearest to it."""
    name = filled.value("select name from events where id = %s", filled.ids["harbour-climate-hack"])
    hit = one(filled, "/api/events/search", q=name, explain="true", limit=1)["data"][0]
    assert hit["id"] == filled.ids["harbour-climate-hack"]
    assert hit["explain"]["semantic"]["rank"] == 1 and hit["explain"]["lexical"]["all_words"]


def test_some_of_the_words_are_enough_and_all_of_them_are_better(filled):
    strict = [hit for hit in one(filled, "/api/events/search", q="hackathon voice agent", explain="true", limit=100)["data"]]
    assert strict[0]["id"] == filled.ids["8kq2mvzt"] and strict[0]["explain"]["lexical"]["all_words"]
    loose = one(filled, "/api/events/search", q="hackathon voice agent zzyzxqwv", explain="true", limit=100)["data"]
    assert loose[0]["id"] == filled.ids["8kq2mvzt"] and not loose[0]["explain"]["lexical"]["all_words"]


def test_excluded_words_stay_excluded_from_the_words(filled):
    everything = one(filled, "/api/events/search", q="data hackathon", explain="true", limit=100)["data"]
    without = one(filled, "/api/events/search", q="data -hackathon", explain="true", limit=100)["data"]
    rows = dict(filled.query("select id::text, search @@ to_tsquery('english', 'hackathon') from events"))
    assert any(rows[hit["id"]] for hit in everything)
    assert not any(rows[hit["id"]] for hit in without if hit["explain"]["lexical"])


@pytest.mark.parametrize("query", [{"location": "SF"}, {"topics": "AI"}, {"date_after": "2026-01-01", "online": "false"},
                                   {"near": "37.77,-122.42", "radius_km": "100"}, {"role": "host", "min_quality": "70"}])
def test_search_takes_every_filter(filled, query):
    found = ids(catalogue.walk(filled, "/api/events/search", q="data learning community evening", **query))
    matching = ids(catalogue.select(catalogue.load(filled), query))
    unfiltered = ids(catalogue.walk(filled, "/api/events/search", q="data learning community evening"))
    assert found and found <= matching and unfiltered & matching <= found


@pytest.mark.parametrize("limit", [1, 4, 9])
@pytest.mark.parametrize("sort", ["relevance", "date", "-date", "created_at", "-created_at", "quality", "-quality", "distance"])
def test_search_is_walked_without_gaps(filled, made, sort, limit):
    query = {"q": "data+evening", "sort": sort, **({"near": "40,-74", "radius_km": "20100"} if sort == "distance" else {})}
    whole = [item["id"] for item in get(filled, "/api/events/search", "&".join(f"{n}={v}" for n, v in query.items()) + "&limit=100")]
    assert len(whole) > 5
    query["q"] = "data evening"
    assert [item["id"] for item in catalogue.walk(filled, "/api/events/search", limit=limit, **query)] == whole
    if sort not in ("relevance", "distance"):
        events = [event for event in catalogue.load(filled) if str(event["id"]) in whole]
        assert whole == [str(event["id"]) for event in sorted_as(events, sort)]


def test_a_walk_through_search_is_not_disturbed_by_new_events(filled, made):
    whole = [item["id"] for item in catalogue.walk(filled, "/api/events/search", q="data evening")]
    seen, cursor = [], None
    while True:
        answer = filled.api("GET", "/api/events/search", query={"q": "data evening", "limit": 3, **({"cursor": cursor} if cursor else {})})
        seen += [item["id"] for item in answer.json["data"]]
        cursor = answer.json["page"]["next_cursor"]
        if not cursor:
            break
        made(name="Data evening, data evening, evening of data")
    assert seen == whole


def test_get_api_events_id_similar(filled):
    """The row of the contract: all others by distance, computed from the stored vectors."""
    vectors = {str(event_id): [float(x) for x in text.strip("[]").split(",")] for event_id, text in filled.query(
        "select id, embedding::text from events where merged_into is null and processed_at is not null and embedding is not null")}
    for slug in ("nyc-inference-night", "harbour-climate-hack"):
        subject = filled.ids[slug]
        wanted = {other: sum(a * b for a, b in zip(vectors[subject], vectors[other])) for other in vectors if other != subject}
        found = catalogue.walk(filled, f"/api/events/{subject}/similar", limit=7)
        assert ids(found) == set(wanted)
        for item in found:
            assert item["score"] == pytest.approx(wanted[item["id"]], abs=1e-4)
        scores = [item["score"] for item in found]
        assert scores == sorted(scores, reverse=True)
        answer = filled.api("GET", f"/api/events/{subject}/similar?topics=AI&limit=1", headers={"Prefer": "count=exact"})
        matching = ids(catalogue.select(catalogue.load(filled), {"topics": "AI"})) & set(wanted)
        assert answer.json["page"]["total"] == len(matching)
        assert ids(catalogue.walk(filled, f"/api/events/{subject}/similar", topics="AI", limit=3)) == matching


def test_similar_fills_the_page_where_the_index_gives_up(filled):
    """With an index scan that may look at one row only, the answer is the same."""
    path = f"/api/events/{filled.ids['nyc-inference-night']}/similar"
    wanted = [item["id"] for item in get(filled, path, "topics=Workshop&limit=5")]
    settings = {"hnsw.iterative_scan": "off", "hnsw.ef_search": "1", "enable_seqscan": "off", "enable_sort": "off"}
    before = {"hnsw.iterative_scan": "strict_order", "hnsw.ef_search": "100"}

    def use(values):
        filled.query("select '[1]'::vector::text")
        with filled.db() as connection:
            connection.execute("select '[1]'::vector")
            for name in settings:
                connection.execute(f"alter database events {'set ' + name + ' = ' + repr(values[name]) if name in values else 'reset ' + name}")
            connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'events' and pid <> pg_backend_pid() "
                               "and backend_type = 'client backend' and state = 'idle'")
        wait_until(lambda: filled.api("GET", path).status == 200, 20, "connections with those settings")
    try:
        use(settings)
        assert [item["id"] for item in get(filled, path, "topics=Workshop&limit=5")] == wanted
        assert len(wanted) == 5
    finally:
        use(before)


def test_get_api_events_id(filled):
    """The row of the contract: what one event adds."""
    event = one(filled, f"/api/events/{filled.ids['harbour-climate-hack']}")
    assert {*ITEM, "description", "speakers", "companies", "extracted_data", "sources", "scraped_at", "processed_at", "created_at",
            "updated_at"} <= set(event)
    [row] = [row for row in catalogue.load(filled) if str(row["id"]) == event["id"]]
    assert {(s["id"], s["name"], s["role"]) for s in event["speakers"]} == {(str(s["id"]), s["name"], s["role"]) for s in row["speakers"]}
    assert all(set(s) == {"id", "name", "company", "role", "extraction_confidence"} for s in event["speakers"])
    assert {(c["id"], c["relationship_type"]) for c in event["companies"]} == {(str(c["id"]), c["relationship_type"]) for c in row["companies"]}
    assert {t["name"] for t in event["topics"]} == {t["name"] for t in row["topics"]}


def test_a_merged_event_leads_to_the_survivor_with_a_whole_problem(filled, made):
    survivor = filled.ids["harbour-climate-hack"]
    merged = made(merged_into=survivor)
    for tail in ("", "/similar?limit=3"):
        answer = filled.api("GET", f"/api/events/{merged}{tail}")
        assert answer.status == 308 and answer.headers["location"] == f"/api/events/{survivor}{tail}"
        assert answer.headers["content-type"] == "application/problem+json"
        document = answer.json
        assert (document["code"], document["status"], document["merged_into"]) == ("merged", 308, survivor)
        assert {"type", "title", "detail", "instance", "request_id"} <= set(document)
        assert document["request_id"] == answer.headers["x-request-id"]
