"""GET /api/stats/… against the tables, computed again in Python (support/recount.py)."""
import catalogue
import pytest
import recount

pytestmark = pytest.mark.essential
WINDOWS = [("30d", None, "2026-03-31"), ("4w", "12w", "2026-04-15"), ("365d", "365d", "2026-12-31"), ("1d", None, "2026-03-14")]
LINKED = [{"role": "host"}, {"role": "speaker,panelist", "online": "false"}, {"relationship": "sponsor"}, {"relationship": "host,venue"}]


def some_links(stack):
    """Filters for the most frequent person and company, by name and by id, alone and with what they were."""
    events = catalogue.select(catalogue.load(stack), {})
    queries = []
    for kind, parameter, column, other in (("speakers", "speaker", "role", "role"),
                                           ("companies", "company", "relationship_type", "relationship")):
        links = [link for event in events for link in event[kind] if "," not in link["name"]]
        link = max(links, key=lambda link: (sum(link["id"] == one["id"] for one in links), link["name"], link[column]))
        queries += [{parameter: link["name"].upper()}, {parameter: str(link["id"])}, {parameter: link["name"], other: link[column]}]
    return queries


@pytest.mark.parametrize("query", [{}, {"location": "London"}, {"online": "false", "date_after": "2026-01-01"}, {"topics": "AI"},
                                   {"location": "nowhere at all"}, *LINKED], ids=str)
@pytest.mark.parametrize("group", recount.KEYS)
def test_get_api_stats_events_count(filled, group, query):
    recount.check_counts(filled, catalogue.load(filled), group, query)
    assert filled.api("GET", "/api/stats/events/count?group_by=colour").status == 400


@pytest.mark.parametrize("query", [{}, {"location": "SF"}, {"online": "false"}, *LINKED], ids=str)
@pytest.mark.parametrize("window,baseline,as_of", WINDOWS)
def test_get_api_stats_topics_trending(filled, window, baseline, as_of, query):
    recount.check_trends(filled, catalogue.load(filled), window, baseline, as_of, query)


@pytest.mark.parametrize("query", [{}, {"location": "SF"}, *LINKED], ids=str)
@pytest.mark.parametrize("window,_,as_of", WINDOWS)
def test_get_api_stats_speakers_active(filled, window, _, as_of, query):
    recount.check_active(filled, catalogue.load(filled), window, as_of, query, recount.people_of(filled))


def test_statistics_of_one_person_or_company(filled):
    events, found, topics = catalogue.load(filled), 0, 0
    for query in some_links(filled):
        assert recount.check_counts(filled, events, "topic", query) > 0
        topics += recount.check_trends(filled, events, "365d", "365d", "2026-12-31", query)
        number = recount.check_active(filled, events, "365d", "2026-12-31", query)
        assert number == 1 or "speaker" not in query, "others than the one that was asked for"
        found = max(found, number)
    assert found > 1 and topics > 1


def test_the_most_and_the_least_that_a_trend_needs(filled):
    for item in catalogue.walk(filled, "/api/stats/topics/trending", window="30d", as_of="2026-03-31"):
        assert item["count"] >= 3 and item["score"] >= 1.645 - 1e-4
    recount.check_trends(filled, catalogue.load(filled), "30d", None, "2026-03-31", {}, min_count=3, min_score=1.645)


def test_from_one_to_two_is_no_trend():
    assert recount.rise(2, 10, 3, 30) < 1.645


# A topic of its own per test, on events of a far year that only these tests have.

PLANT = """
    with made as (
        insert into events (name, date, place_keys, processed_at, processing_status, luma_url)
        select 'Planted ' || n, %(day)s::date, array[%(topic)s], now(), 'processed', 'https://luma.com/planted-' || gen_random_uuid()
        from generate_series(1, %(size)s::int) n returning id
    ), named as (
        insert into topics (name, normalized_name, category) values (%(topic)s, %(topic)s, 'industry')
        on conflict (normalized_name) do update set name = excluded.name returning id
    ), linked as (
        insert into event_topics (event_id, topic_id)
        select m.id, n.id from (select id from made limit %(number)s) m, named n)
    select array_agg(id) as ids from made"""


@pytest.fixture
def planted(filled):
    """Makes so many events on a day, some of them about the topic."""
    def make(topic, day, number, size):
        with filled.db() as connection:
            ids = connection.execute(PLANT, {"topic": topic, "day": day, "number": number, "size": size}).fetchone()[0]
            connection.execute("select render_events(%s)", (ids,))
    yield make
    filled.query("select delete_event(id) from events where starts_with(name, 'Planted ')")
    filled.query("delete from topics where starts_with(name, 'planted ') returning 1")


def trend(stack, topic, **query):
    items = catalogue.walk(stack, "/api/stats/topics/trending", window="30d", as_of="2041-06-30", location=topic, **query)
    return {item["name"]: item for item in items}.get(topic)


def test_a_topic_that_grows_with_everything_is_no_trend(filled, planted):
    planted("planted steady", "2041-05-15", 6, 12)
    planted("planted steady", "2041-06-15", 30, 60)
    assert trend(filled, "planted steady") is None
    steady = trend(filled, "planted steady", min_score="-1000")
    assert (steady["count"], steady["baseline_count"], steady["expected"], steady["change"]) == (30, 6, 30, 0)
    assert abs(steady["score"]) < 0.1


def test_a_topic_that_outgrows_everything_is_one(filled, planted):
    planted("planted rising", "2041-05-15", 2, 40)
    planted("planted rising", "2041-06-15", 20, 60)
    rising = trend(filled, "planted rising")
    assert rising["change"] == 17 and rising["score"] > 3


def test_with_nothing_before_there_is_no_trend(filled, planted):
    planted("planted first", "2041-06-15", 40, 40)
    assert trend(filled, "planted first") is None
    first = trend(filled, "planted first", min_score="-1000")
    assert (first["count"], first["expected"], first["change"], first["parts"]["baseline_events"]) == (40, None, None, 0)


CAREER = """
    with who as (
        insert into speakers (name, normalized_name) values ('Planted Person', 'planted person') returning id
    ), other as (
        insert into speaker_aliases (speaker_id, name) select id, 'P. Person' from who
    ), made as (
        insert into events (name, date, processed_at, processing_status, extracted_data)
        select 'Planted ' || day, day::date, now(), 'processed', jsonb_build_object('speakers', jsonb_build_array(
            jsonb_build_object('name', person, 'company', company), jsonb_build_object('name', 'Somebody Else', 'company', 'Elsewhere')))
        from (values ('2042-01-10', 'Planted Person', 'Früh & Co.'), ('2042-02-10', 'P. PERSON', 'fruh co'),
                     ('2042-03-10', 'Planted Person', 'Mitte'), ('2042-04-10', 'Planted Person', 'Spaet')) v (day, person, company)
        returning id
    )
    insert into event_speakers (event_id, speaker_id, role) select made.id, who.id, 'speaker' from made, who returning speaker_id::text"""


def test_companies_of_a_person_over_time(filled, planted):
    who = filled.value(CAREER)
    try:
        answer = filled.api("GET", "/api/stats/speakers/active", query={"window": "60d", "as_of": "2042-03-31", "speaker": "Planted Person"}).json
        assert [item["id"] for item in answer["data"]] == [who]
        assert answer["data"][0]["companies"] == [
            {"name": "Mitte", "events": 1, "first_seen": "2042-03-10", "last_seen": "2042-03-10"},
            {"name": "fruh co", "events": 2, "first_seen": "2042-01-10", "last_seen": "2042-02-10"}]
        assert (answer["data"][0]["events"], answer["data"][0]["first_seen"]) == (2, "2042-01-10")
        assert [company["name"] for company in filled.api("GET", f"/api/speakers/{who}").json["companies"]] == ["Spaet", "Mitte", "fruh co"]
    finally:
        filled.query("delete from speakers where id = %s returning 1", who)


@pytest.mark.parametrize("path", ["/api/stats/topics/trending", "/api/stats/speakers/active"])
@pytest.mark.parametrize("window", ["30", "d", "0d", "731d", "105w", "-3d", "3m", "99999999999999999999d", "3 d"])
def test_a_window_that_is_none(filled, path, window):
    answer = filled.api("GET", path, query={"window": window})
    assert answer.status == 400 and answer.json["errors"][0]["parameter"] == "window"
