"""GET /internal/recommend…: ranks, parts and reasons against the tables, computed again in Python."""
import datetime

import catalogue
import pytest
import real_pages
import recommendations as reference

UNKNOWN = "00000000-0000-4000-8000-000000000000"
QUERIES = [
    {"user_interests": "AI,ML", "location": "SF"}, {"user_interests": "AI,ML"}, {"user_interests": "crypto"},
    {"user_interests": "climate tech,Artificial Intelligence,robots dinner"}, {}, {"location": "nyc"},
    {"near": "37.7749,-122.4194", "radius_km": "30", "user_interests": "Tech"},
    {"user_interests": "AI", "online": "true"}, {"topics": "AI", "min_quality": "60"}, {"status": "scheduled,cancelled"},
]
DAYS = ["2025-06-01", "2026-05-20", "2030-01-01"]


def ask(stack, path="/internal/recommend/events", **query):
    answer = stack.internal("GET", path, query=query)
    assert answer.status == 200, answer
    return answer.json["data"]


def check_events(stack, events, query, day):
    """Everything an answer says follows from the tables."""
    at = catalogue.instant(day)
    found = ask(stack, **{"as_of": day, "limit": 100, **query})
    pool = reference.candidates(events, query, at)
    assert len(found) == min(100, len(pool))
    assert reference.mistakes([item["id"] for item in found], pool) == []
    for item in found:
        event, parts, score, is_ahead = pool[item["id"]]
        assert {part["name"]: part["weight"] for part in item["parts"]} == reference.EVENT_WEIGHTS
        assert {part["name"]: part["value"] for part in item["parts"]} == pytest.approx(parts, abs=5e-6), item["name"]
        assert item["score"] == pytest.approx(score, abs=1e-5)
        assert sum(part["points"] for part in item["parts"]) == pytest.approx(item["score"], abs=1e-9)
        assert item["is_upcoming"] == is_ahead
        check_reasons(item, event)
    return found


def check_reasons(item, event):
    """Each reason is true of the event, and no part gives points without one."""
    assert all(reason["text"] for reason in item["reasons"])
    given = {reason["type"] for reason in item["reasons"]}
    values = {part["name"]: part["value"] for part in item["parts"]}
    for part, reason in (("topics", "topic"), ("place", "place"), ("people", "people")):
        assert (values[part] > 0) == (reason in given), (part, item)
    for reason in item["reasons"]:
        if reason["type"] == "topic":
            assert reason["data"]["id"] in {str(topic) for topic in reference.topic_ids(event)}
        if reason["type"] == "people":
            assert reason["data"]["id"] in {str(person) for person in reference.people(event)}
            assert reason["data"]["name"] in reason["text"]


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_get_internal_recommend_events(filled, query, day):
    found = check_events(filled, reference.load(filled), query, day)
    states = [item["is_upcoming"] for item in found]
    assert states == sorted(states, reverse=True)


def test_get_internal_recommend(filled):
    query = {"user_interests": "AI,ML", "location": "SF", "as_of": "2026-01-01"}
    assert ask(filled, "/internal/recommend", **query) == ask(filled, **query) != []


def test_history_in_the_request(filled):
    events = reference.load(filled)
    for slugs in (["sf-climate-coffee"], ["agents-in-production", "nyc-inference-night"], ["harbour-climate-hack", "everest-of-data"]):
        like = ",".join(filled.ids[slug] for slug in slugs)
        found = check_events(filled, events, {"like": like}, "2026-01-01")
        assert not {filled.ids[slug] for slug in slugs} & {item["id"] for item in found}
        assert any(reason["type"] == "history" for item in found for reason in item["reasons"])
    both = {"like": f"{like},{UNKNOWN}", "user_interests": "AI"}
    check_events(filled, events, both, "2026-01-01")


def test_people_who_are_followed(filled):
    events = reference.load(filled)
    mira = filled.known_as("Mira Okonjo-Vale")
    found = check_events(filled, events, {"speakers": f"{mira},nobody at all"}, "2025-01-01")
    hers = [item for item in found if any(speaker["name"] == mira for speaker in filled.event(item["id"]).json["speakers"])]
    assert hers and all(f"With {mira}, whom you follow" in [reason["text"] for reason in item["reasons"]] for item in hers)


@pytest.mark.private_stack
def test_what_was_asked_for_is_found_among_many(new_stack):
    """Of more events than are scored, those about the interest are, however far away in time; so are the soonest."""
    stack = new_stack(pages=[])
    insert = ("insert into events (name, date, starts_at, luma_url, processed_at, processing_status, list_item) "
              "select %s, %s::date + n, (%s::date + n)::timestamptz, 'https://luma.com/' || %s || '-' || n, now(), 'processed', '{}' "
              "from generate_series(1, %s) n returning id::text")
    stack.query(insert, "Evening", "2000-01-01", "2000-01-01", "evening", 3500)
    [[loom]] = stack.query(insert, "Weaving", "1990-01-01", "1990-01-01", "weaving", 1)
    [[soon]] = stack.query(insert, "Tomorrow", "2025-01-01", "2025-01-01", "tomorrow", 1)
    stack.query("with t as (insert into topics (name, normalized_name, category) values ('Looms', 'looms', 'format') returning id) "
                "insert into event_topics select %s, id, 1 from t returning 1", loom)
    stack.query("update events set list_item = json_build_object('id', id) returning 1")
    found = [item["id"] for item in ask(stack, user_interests="looms", as_of="2025-01-01")]
    assert found[:2] == [soon, loom]


def test_interests_come_first(filled):
    """Of what is ahead, the first is about what was asked for; without interests it is another."""
    found = ask(filled, user_interests="climate", as_of="2025-01-01", limit=3)
    assert "Climate" in found[0]["topics"]
    assert {"topic"} <= {reason["type"] for reason in found[0]["reasons"]}


def test_a_series_does_not_fill_the_page(filled):
    """Twelve evenings of one series, better than all others, do not take the first twelve places."""
    ids = []
    try:
        for number in range(12):
            [[one]] = filled.query(
                "insert into events (name, date, starts_at, luma_url, guest_count, processed_at, processing_status, data_quality_score, list_item) values "
                "(%s, '2031-01-02', '2031-01-02Z', %s, 900, now(), 'processed', 100, '{\"id\":\"x\"}') returning id",
                f"Evening of Looms {number}", f"https://luma.com/looms-{number}")
            ids.append(one)
        filled.query("select count(*) from (select render_events(array_agg(id)) from events where name like 'Evening of Looms%%') x")
        filled.query("insert into events (name, date, starts_at, luma_url, guest_count, processed_at, processing_status, data_quality_score, list_item) "
                     "values ('Something Else', '2031-01-02', '2031-01-02Z', 'https://luma.com/looms-x', 500, now(), 'processed', 90, "
                     "'{}') returning id")
        filled.query("select count(*) from (select render_events(array_agg(id)) from events where name = 'Something Else') x")
        names = [item["name"] for item in ask(filled, as_of="2031-01-01", limit=3)]
        assert names[0].startswith("Evening of Looms") and "Something Else" in names
        check_events(filled, reference.load(filled), {}, "2031-01-01")
    finally:
        filled.query("delete from events where luma_url like 'https://luma.com/looms-%%' returning id")


def test_the_same_question_has_the_same_answer(filled):
    query = {"user_interests": "AI,climate", "as_of": "2026-01-01", "limit": 50}
    assert ask(filled, **query) == ask(filled, **query)
    assert [item["id"] for item in ask(filled, **{**query, "limit": 7})] == [item["id"] for item in ask(filled, **query)][:7]


def test_without_a_moment_it_is_now(filled):
    for item in ask(filled, limit=100):
        end = item["ends_at"] or item["starts_at"]
        assert item["is_upcoming"] == (catalogue.instant(end) >= datetime.datetime.now(datetime.timezone.utc))


def test_no_event_is_too_odd_to_be_ranked(filled):
    """Days, guests and people at the ends of what can be stored: everybody else is still answered."""
    made = [filled.query("insert into events (name, date, starts_at, guest_count, processed_at, processing_status) values "
                         "('Odd', %s, %s, %s, now(), 'processed') returning id::text", day, day, guests)[0][0]
            for day, guests in (("1926-01-01", -1), ("9998-01-01", -2**31), (None, 2**31 - 1))]
    topic = filled.value("select topic_id from event_topics order by 1 limit 1")
    try:
        filled.query("insert into event_topics (event_id, topic_id, relevance_score) select id, %s, 1 from events where name = 'Odd' "
                     "returning 1", topic)
        filled.query("select render_events(array_agg(id))::text from events where name = 'Odd'")
        found = {item["id"]: item for item in ask(filled, user_interests=str(topic), limit=100)}
        assert set(made) <= set(found)
        for event in made:
            assert all(0 <= part["value"] <= 1 for part in found[event]["parts"])
        assert ask(filled, "/internal/recommend/speakers", event_id=made[0]) is not None
        for path in ("/internal/quality/report", "/api/stats/topics/trending"):
            assert (filled.internal if "internal" in path else filled.api)("GET", path).status == 200
    finally:
        filled.query("delete from events where id = any (%s::uuid[]) returning 1", made)


@pytest.mark.parametrize("query, parameter, nearest", [
    ("user_interest=AI", "user_interest", "user_interests"), ("as_of=soon", "as_of", None), ("limit=0", "limit", None),
    ("limit=101", "limit", None), ("like=x", "like", None), ("lokation=SF", "lokation", "location"), ("near=1", "near", None),
    ("date_after=2026-01-02&date_before=2026-01-01", "date_before", None)])
def test_bad_questions(stack, query, parameter, nearest):
    for path in ("/internal/recommend/events", "/internal/recommend"):
        answer = stack.internal("GET", f"{path}?{query}")
        assert answer.status == 400, answer
        errors = {error["parameter"]: error for error in answer.json["errors"]}
        assert errors[parameter].get("nearest") == nearest


def test_odd_interests(filled):
    everything = {item["id"] for item in ask(filled, limit=100, as_of="2026-01-01")}
    for interests in ("zzyzx qwv", "🦉", "' or 1=1", "東京", UNKNOWN):
        assert {item["id"] for item in ask(filled, user_interests=interests, limit=100, as_of="2026-01-01")} == everything


def test_only_with_the_token(stack):
    for path in ("/internal/recommend/events", "/internal/recommend", f"/internal/recommend/speakers?event_id={UNKNOWN}"):
        assert stack.internal("GET", path, headers={"Authorization": None}).status == 401


# ------------------------------------------------------------------------------------------------ people

def check_speakers(stack, events, event_id):
    found = ask(stack, "/internal/recommend/speakers", event_id=event_id, limit=100)
    parts, seen = reference.speaker_parts(events, event_id)
    scores = {one: reference.score(values, reference.SPEAKER_WEIGHTS) for one, values in parts.items()}
    assert len(found) == min(100, len(parts)) and len({item["id"] for item in found}) == len(found)
    order = [item["score"] for item in found]
    assert order == sorted(order, reverse=True)
    ranked = sorted(scores.values(), reverse=True)[:100]
    for item, wanted in zip(found, ranked, strict=True):
        assert {part["name"]: part["value"] for part in item["parts"]} == pytest.approx(parts[item["id"]], abs=5e-6), item
        assert item["score"] == pytest.approx(scores[item["id"]], abs=1e-5) == pytest.approx(wanted, abs=1e-5)
        assert sum(part["points"] for part in item["parts"]) == pytest.approx(item["score"], abs=1e-9)
        assert {"reach", "novelty"} <= {reason["type"] for reason in item["reasons"]}
        for reason in item["reasons"]:
            assert reason["text"] and set(reason["data"].get("event_ids", [])) <= seen[item["id"]]
    return found


def test_get_internal_recommend_speakers(filled):
    events = reference.load(filled)
    for slug in ("agents-in-production", "sf-climate-coffee", "discord-office-hours", "berlin-policy-evening", "denver-founder-hike"):
        check_speakers(filled, events, filled.ids[slug])


def test_nobody_is_recommended_who_is_there_already(filled):
    event_id = filled.ids["agents-in-production"]
    there = {speaker["id"] for speaker in filled.event(event_id).json["speakers"]}
    assert there and not there & {item["id"] for item in ask(filled, "/internal/recommend/speakers", event_id=event_id, limit=100)}


@pytest.mark.parametrize("query, status", [(f"event_id={UNKNOWN}", 404), ("event_id=x", 400), ("", 400),
                                           (f"event_id={UNKNOWN}&limit=0", 400), (f"event_id={UNKNOWN}&location=SF", 400)])
def test_people_for_no_event(stack, query, status):
    answer = stack.internal("GET", f"/internal/recommend/speakers?{query}")
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/problem+json"


def test_people_for_an_event_that_was_merged(filled):
    survivor = filled.ids["agents-in-production"]
    [[event_id]] = filled.query("insert into events (name, luma_url, merged_into) values ('Twin', 'https://luma.com/twin-for-people', %s) "
                                "returning id", survivor)
    try:
        answer = filled.internal("GET", f"/internal/recommend/speakers?limit=3&event_id={event_id}")
        assert answer.status == 308, answer
        assert answer.headers["location"] == f"/internal/recommend/speakers?limit=3&event_id={survivor}"
        assert filled.internal("GET", answer.headers["location"]).status == 200
    finally:
        filled.query("delete from events where id = %s returning id", event_id)


# ------------------------------------------------------------------------------------------------ extremes

@pytest.mark.private_stack
def test_an_empty_database_recommends_nothing(new_stack):
    stack = new_stack(pages=[])
    assert ask(stack, user_interests="AI,ML", location="SF") == ask(stack) == []
    [[event_id]] = stack.query("insert into events (name, luma_url, processed_at) values ('Alone', 'https://luma.com/alone', now()) returning id")
    assert ask(stack, "/internal/recommend/speakers", event_id=event_id) == []
    assert [part["name"] for part in ask(stack)[0]["parts"]] == list(reference.EVENT_WEIGHTS), "not rendered yet, and still an answer"


class TestRealPages:
    pytestmark = real_pages.NEEDED

    def test_events(self, loaded):
        events = reference.load(loaded)
        some = ",".join(str(event["id"]) for event in sorted(events, key=lambda event: event["luma_url"])[::100])
        for query in (*QUERIES, {"like": some}):
            for day in ("2026-05-20", "2030-01-01"):
                check_events(loaded, events, query, day)

    def test_speakers(self, loaded):
        events = reference.load(loaded)
        for event in sorted(events, key=lambda event: event["luma_url"])[::40]:
            check_speakers(loaded, events, str(event["id"]))
