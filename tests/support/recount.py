"""The statistics computed again in Python over what catalogue.load gives, and compared with what the services say."""
import collections
import datetime
import math

import catalogue
import pytest

KEYS = {
    "day": lambda event: [event["date"] and str(event["date"])], "city": lambda event: [event["city"]],
    "month": lambda event: [event["date"] and str(event["date"])[:7]],
    "week": lambda event: [event["date"] and str(event["date"] - datetime.timedelta(event["date"].weekday()))],
    "topic": lambda event: {topic["name"] for topic in event["topics"]},
    "company": lambda event: {company["name"] for company in event["companies"]},
}
CAUSES, GROUPS = 20, 1000


def days(span):
    return int(span[:-1]) * (7 if span[-1] == "w" else 1)


def dated(events, after, until, query):
    return [event for event in catalogue.select(events, query) if event["date"] and after < event["date"] <= until]


def angle(some, all_of_them):
    return 2 * math.asin(math.sqrt((some + 3 / 8) / (all_of_them + 3 / 4)))


def rise(count, size, baseline, baseline_size):
    """How far a share rose, in standard deviations (docs/decisions/0013-trending.md)."""
    return (angle(count, size) - angle(baseline, baseline_size)) / math.sqrt(1 / (size + 1 / 2) + 1 / (baseline_size + 1 / 2))


def check_order(found, value):
    """Falling by value, and those that share one by falling id."""
    keys = [(value(item), item["id"]) for item in found]
    assert keys == sorted(keys, reverse=True)


def check_counts(stack, events, group, query):
    wanted = catalogue.select(events, query)
    answer = stack.api("GET", "/api/stats/events/count", query={"group_by": group, **query}).json
    assert answer["total"] == len(wanted), query
    expected = collections.Counter(key for event in wanted for key in KEYS[group](event))
    found = answer["groups"]
    assert len(found) == len({row["key"] for row in found}) == min(GROUPS, len(expected))
    assert all(expected[row["key"]] == row["count"] for row in found), (group, query)
    assert [row["count"] for row in found] == sorted(expected.values(), reverse=True)[:GROUPS]
    assert stack.api("GET", "/api/stats/events/count", query=query).json == {"total": len(wanted), "groups": []}
    return len(wanted)


def spans(window, baseline, as_of):
    until = datetime.date.fromisoformat(as_of)
    before = until - datetime.timedelta(days(window))
    return before - datetime.timedelta(days(baseline) if baseline else 3 * days(window)), before, until


def trends(events, window, baseline, as_of, query, min_count=1, min_score=-1000.0):
    """{topic id: (ids of its events in the window, number in the baseline, score)} and the two sizes."""
    start, before, until = spans(window, baseline, as_of)
    sizes, recent, earlier = [0, 0], collections.defaultdict(set), collections.Counter()
    for event in dated(events, start, until, query):
        is_recent = event["date"] > before
        sizes[0 if is_recent else 1] += 1
        for topic in event["topics"]:
            if is_recent:
                recent[str(topic["id"])].add(str(event["id"]))
            else:
                earlier[str(topic["id"])] += 1
    scored = {topic: (causes, earlier[topic], rise(len(causes), sizes[0], earlier[topic], sizes[1])) for topic, causes in recent.items()}
    return {topic: row for topic, row in scored.items() if len(row[0]) >= min_count and row[2] >= min_score}, sizes


def check_trends(stack, events, window, baseline, as_of, query, limit=7, **least):
    """least: min_count and min_score, both as low as they go without; None leaves both to the service."""
    asked = {"window": window, "as_of": as_of, **query, **({"baseline": baseline} if baseline else {})}
    least = {"min_count": 1, "min_score": -1000.0, **least}
    wanted, (size, baseline_size) = trends(events, window, baseline, as_of, query, **least)
    found = catalogue.walk(stack, "/api/stats/topics/trending", limit, **asked, **{name: str(value) for name, value in least.items()})
    dates = {str(event["id"]): str(event["date"]) for event in events}
    assert {item["id"] for item in found} == set(wanted), (asked, least)
    for item in found:
        causes, base, score = wanted[item["id"]]
        assert (item["count"], item["baseline_count"]) == (len(causes), base)
        assert item["score"] == pytest.approx(score, abs=1e-3)
        parts = item["parts"]
        assert (parts["window_days"], parts["baseline_days"], parts["as_of"], parts["window_events"], parts["baseline_events"]) == (
            days(window), days(baseline) if baseline else 3 * days(window), as_of, size, baseline_size)
        if baseline_size:
            assert item["expected"] == pytest.approx(size * base / baseline_size, abs=1e-3)
            assert item["change"] == pytest.approx(len(causes) - size * base / baseline_size, abs=1e-3)
        else:
            assert item["expected"] is item["change"] is None
        assert (parts["observed"] - parts["expected"]) / parts["deviation"] == pytest.approx(item["score"], abs=2e-3)
        newest = sorted(causes, key=lambda event_id: (tuple(-int(part) for part in dates[event_id].split("-")), event_id))
        assert [(event["id"], event["date"]) for event in item["events"]] == [(event_id, dates[event_id]) for event_id in newest[:CAUSES]]
    scores = [wanted[item["id"]][2] for item in found]
    assert all(before >= after - 1e-9 for before, after in zip(scores, scores[1:]))
    for before, after in zip(found, found[1:]):
        counted = [(item["count"], item["baseline_count"]) for item in (before, after)]
        assert counted[0] != counted[1] or before["id"] > after["id"], "topics of the same score are not in the order of their ids"
    return len(found)


def worked(appearances, names):
    """Companies over time: {key: [name, events, first, last]} of (event, what its page says of the people on it)."""
    seen = collections.defaultdict(list)
    for event, people in appearances:
        for person in people:
            if person.get("company") and catalogue.key(person["name"]) in names:
                seen[catalogue.key(person["company"]) or person["company"]].append((event, person["company"]))
    return {company: ({spelling for _, spelling in rows}, len({event["id"] for event, _ in rows}),
                      *(edge((str(event["date"]) for event, _ in rows if event["date"]), default=None) for edge in (min, max)))
            for company, rows in seen.items()}


def check_companies(items, wanted):
    assert len(items) == len(wanted), (items, wanted)
    for item in items:
        spellings, number, first, last = wanted[catalogue.key(item["name"]) or item["name"]]
        assert item["name"] in spellings
        assert (item["events"], item["first_seen"], item["last_seen"]) == (number, first, last), (item, wanted)
    ends = [item["last_seen"] or "" for item in items]
    assert ends == sorted(ends, reverse=True)


def check_active(stack, events, window, as_of, query, people=None, limit=7):
    """people: {speaker id: (keys of the names, …)} and extracted records, to check the companies too (pages_of)."""
    until = datetime.date.fromisoformat(as_of)
    roles, parts, seen = collections.defaultdict(collections.Counter), collections.defaultdict(set), collections.defaultdict(list)
    for event in dated(events, until - datetime.timedelta(days(window)), until, query):
        for link in event["speakers"]:
            if catalogue.is_linked([link], query.get("speaker"), query.get("role"), "role"):
                roles[str(link["id"])][link["role"]] += 1
                parts[str(link["id"])].add(event["id"])
    for event in dated(events, datetime.date.min, until, {}):
        for link in event["speakers"]:
            seen[str(link["id"])].append(event)
    found = catalogue.walk(stack, "/api/stats/speakers/active", limit, window=window, as_of=as_of, **query)
    assert {item["id"]: item["roles"] for item in found} == {who: dict(count) for who, count in roles.items()}, (window, as_of, query)
    check_order(found, lambda item: item["events"])
    for item in found:
        mine = seen[item["id"]]
        assert item["events"] == len(parts[item["id"]])
        assert (item["first_seen"], item["last_seen"]) == tuple(edge(str(event["date"]) for event in mine) for edge in (min, max))
        if people:
            names, pages = people
            once = {event["id"]: event for event in mine}.values()
            check_companies(item["companies"], worked([(event, pages[event["id"]]) for event in once], names[item["id"]]))
    return len(found)


def people_of(stack):
    """The keys of everybody's names, and what each event's page says of people: for check_active."""
    names = collections.defaultdict(set)
    for who, name in stack.query("select id::text, name from speakers union select speaker_id::text, name from speaker_aliases"):
        names[who].add(catalogue.key(name))
    return names, dict(stack.query("select id, coalesce(extracted_data -> 'speakers', '[]') from events where merged_into is null"))
