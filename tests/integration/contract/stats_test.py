"""GET /api/stats/… against the tables, computed again in Python."""
import collections
import datetime
import math

import catalogue
import pytest

pytestmark = pytest.mark.essential
WINDOWS = [("30d", None, "2026-03-31"), ("4w", "12w", "2026-04-15"), ("365d", "365d", "2026-12-31"), ("1d", None, "2026-03-14")]


def days(span):
    return int(span[:-1]) * (7 if span[-1] == "w" else 1)


def dated(stack, after, until, query):
    return [event for event in catalogue.select(catalogue.load(stack), query)
            if event["date"] and after < event["date"] <= until]


KEYS = {
    "day": lambda event: [str(event["date"])], "city": lambda event: [event["city"]], "month": lambda event: [str(event["date"])[:7]],
    "week": lambda event: [str(event["date"] - datetime.timedelta(event["date"].weekday()))],
    "topic": lambda event: {topic["name"] for topic in event["topics"]},
    "company": lambda event: {company["name"] for company in event["companies"]},
}


@pytest.mark.parametrize("query", [{}, {"location": "London"}, {"online": "false", "date_after": "2026-01-01"}, {"topics": "AI"},
                                   {"location": "nowhere at all"}], ids=str)
@pytest.mark.parametrize("group", KEYS)
def test_get_api_stats_events_count(filled, group, query):
    events = catalogue.select(catalogue.load(filled), query)
    answer = filled.api("GET", "/api/stats/events/count", query={"group_by": group, **query}).json
    assert answer["total"] == len(events)
    expected = collections.Counter(key for event in events for key in KEYS[group](event))
    assert {row["key"]: row["count"] for row in answer["groups"]} == expected
    assert [row["count"] for row in answer["groups"]] == sorted((row["count"] for row in answer["groups"]), reverse=True)
    plain = filled.api("GET", "/api/stats/events/count", query=query).json
    assert plain == {"total": len(events), "groups": []}
    assert filled.api("GET", "/api/stats/events/count?group_by=colour").status == 400


def rise(count, baseline, ratio):
    return 2 * (math.sqrt(count + 3 / 8) - math.sqrt(ratio * (baseline + 3 / 8))) / math.sqrt(1 + ratio)


@pytest.mark.parametrize("query", [{}, {"location": "SF"}, {"online": "false"}], ids=str)
@pytest.mark.parametrize("window,baseline,as_of", WINDOWS)
def test_get_api_stats_topics_trending(filled, window, baseline, as_of, query):
    asked = {"window": window, "as_of": as_of, "min_count": "1", "min_score": "-1000", "limit": 7, **query}
    if baseline:
        asked["baseline"] = baseline
    until = datetime.date.fromisoformat(as_of)
    before = until - datetime.timedelta(days(window))
    start = before - datetime.timedelta(days(baseline) if baseline else 3 * days(window))
    recent, earlier = collections.defaultdict(set), collections.Counter()
    for event in dated(filled, start, until, query):
        for topic in event["topics"]:
            if event["date"] > before:
                recent[str(topic["id"])].add(str(event["id"]))
            else:
                earlier[str(topic["id"])] += 1
    ratio = (until - before).days / (before - start).days
    found = list(catalogue.walk(filled, "/api/stats/topics/trending", **asked))
    assert {item["id"] for item in found} == set(recent) and len(found) == len(recent)
    for item in found:
        events, base = recent[item["id"]], earlier[item["id"]]
        assert (item["count"], item["baseline_count"]) == (len(events), base)
        assert item["score"] == pytest.approx(rise(len(events), base, ratio), abs=1e-3)
        assert item["change"] == pytest.approx(len(events) - base * ratio, abs=1e-3)
        parts = item["parts"]
        assert (parts["observed"] - parts["expected"]) / parts["deviation"] == pytest.approx(item["score"], abs=1e-3)
        causes = {event["id"] for event in item["events"]}
        assert causes <= events and len(causes) == min(20, len(events))
    scores = [item["score"] for item in found]
    assert scores == sorted(scores, reverse=True)


def test_from_one_to_two_is_no_trend(filled):
    assert rise(2, 3, 1 / 3) < 1.645
    for item in catalogue.walk(filled, "/api/stats/topics/trending", window="30d", as_of="2026-03-31"):
        assert item["count"] >= 3 and item["score"] >= 1.645 - 1e-4


@pytest.mark.parametrize("query", [{}, {"location": "SF"}, {"role": "host"}], ids=str)
@pytest.mark.parametrize("window,_,as_of", WINDOWS)
def test_get_api_stats_speakers_active(filled, window, _, as_of, query):
    until = datetime.date.fromisoformat(as_of)
    roles, seen = collections.defaultdict(collections.Counter), collections.defaultdict(list)
    events = collections.defaultdict(set)
    for event in dated(filled, until - datetime.timedelta(days(window)), until, query):
        for link in event["speakers"]:
            if query.get("role", link["role"]) == link["role"]:
                roles[str(link["id"])][link["role"]] += 1
                events[str(link["id"])].add(event["id"])
    for event in dated(filled, datetime.date.min, until, {}):
        for link in event["speakers"]:
            seen[str(link["id"])].append(str(event["date"]))
    found = list(catalogue.walk(filled, "/api/stats/speakers/active", window=window, as_of=as_of, limit=7, **query))
    assert {item["id"]: item["roles"] for item in found} == {who: dict(count) for who, count in roles.items()}
    assert len(found) == len(roles)
    for item in found:
        assert item["events"] == len(events[item["id"]])
        assert (item["first_seen"], item["last_seen"]) == (min(seen[item["id"]]), max(seen[item["id"]]))
    counts = [item["events"] for item in found]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize("path", ["/api/stats/topics/trending", "/api/stats/speakers/active"])
@pytest.mark.parametrize("window", ["30", "d", "0d", "731d", "105w", "-3d", "3m", "99999999999999999999d", "3 d"])
def test_a_window_that_is_none(filled, path, window):
    answer = filled.api("GET", path, query={"window": window})
    assert answer.status == 400 and answer.json["errors"][0]["parameter"] == "window"
