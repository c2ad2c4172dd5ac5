"""GET /api/events: filters, paging, and what it says about parameters it does not understand."""
import uuid

import pytest


def listed(stack, **query):
    answer = stack.api("GET", "/api/events", query={"limit": 100, **query})
    assert answer.status == 200, answer
    return answer.json["data"]


def slugs(items):
    return {item["luma_url"].rpartition("/")[2] for item in items}


def expected(truths, condition):
    return {slug for slug, truth in truths.items() if condition(truth)}


def own(truths, items):
    """Other tests of this process may have added events: only the samples count."""
    return slugs(items) & set(truths)


@pytest.mark.parametrize("name, city", [
    ("San Francisco", "San Francisco"), ("SF", "San Francisco"), ("sf", "San Francisco"), ("NYC", "New York"),
    ("new york", "New York"), ("London", "London"), ("LONDON", "London"), ("são paulo", "São Paulo"), ("Sao Paulo", "São Paulo"),
    ("Berlin", "Berlin"), ("Abu Dhabi", "Abu Dhabi")])
def test_location_by_city_and_short_name(filled, truths, name, city):
    wanted = expected(truths, lambda truth: truth["city"] == city)
    found = own(truths, listed(filled, location=name))
    assert wanted and wanted <= found
    if name in ("SF", "NYC"):
        assert found == wanted


def test_location_by_country_and_venue(filled, truths):
    assert own(truths, listed(filled, location="Germany")) >= {"berlin-roboter-stammtisch"}
    assert "tokyo-robot-cafe" in own(truths, listed(filled, location="Japan"))
    assert own(truths, listed(filled, location="Foundry Pier")) == {"agents-in-production", "quillbridge-users-2"}
    assert listed(filled, location="Nowhere-upon-Sea") == []


def test_topics_any_of_several(filled, truths):
    assert own(truths, listed(filled, topics="Crypto")) == expected(truths, lambda truth: "Crypto" in truth["topics"])
    assert own(truths, listed(filled, topics="crypto,Health & wellness")) >= expected(
        truths, lambda truth: {"Crypto", "Health & wellness"} & set(truth["topics"]))
    # A broad topic means its parts too: nothing here is only about "AI".
    assert {"agents-in-production", "women-in-inference-ldn"} <= own(truths, listed(filled, topics="AI"))


def test_dates_are_inclusive_and_in_the_events_own_zone(filled, truths):
    # Auckland's Saturday is still Friday in UTC; Honolulu's New Year's Eve is already New Year there.
    assert "morning-kernels" in own(truths, listed(filled, date_after="2026-03-14", date_before="2026-03-14"))
    assert "ocean-data-sunset" in own(truths, listed(filled, date_after="2025-12-31", date_before="2025-12-31"))
    for after, before in (("2026-01-01", "2026-06-30"), ("2025-07-01", "2025-07-31"), ("2027-01-01", "2027-12-31")):
        assert own(truths, listed(filled, date_after=after, date_before=before)) == expected(
            truths, lambda truth: after <= truth["date"] <= before)


def test_filters_combine(filled, truths):
    found = own(truths, listed(filled, location="SF", topics="Climate", date_after="2025-01-01"))
    assert found and found == expected(truths, lambda truth: truth["city"] == "San Francisco" and "Climate" in truth["topics"]
                                       and truth["date"] >= "2025-01-01")


def test_the_example_of_the_specification(filled):
    answer = filled.api("GET", "/api/events?location=SF&topics=AI&date_after=2025-01-01")
    assert answer.status == 200
    assert answer.json["data"] and answer.json["page"]["limit"] == 20


def test_the_order_is_that_of_time(filled):
    dates = [item["date"] for item in listed(filled) if item["date"]]
    assert len(dates) > 40 and dates == sorted(dates, reverse=True)


@pytest.mark.essential
def test_a_walk_neither_skips_nor_repeats_while_rows_are_inserted(filled):
    before = [item["id"] for item in walk(filled, 100)]
    seen, steps, cursor = [], 0, None
    try:
        while True:
            answer = filled.api("GET", "/api/events", query={"limit": 7, **({"cursor": cursor} if cursor else {})})
            assert answer.status == 200, answer
            seen += [item["id"] for item in answer.json["data"]]
            page = answer.json["page"]
            assert page["limit"] == 7
            assert page["has_more"] == bool(page.get("next_cursor"))
            add_unrelated(filled, steps)
            steps += 1
            if not page["has_more"]:
                break
            cursor = page["next_cursor"]
    finally:
        filled.query("delete from events where luma_url like 'https://luma.com/unrelated-%%' returning id")
    assert len(seen) == len(set(seen)), "an event came twice"
    assert [event for event in seen if event in before] == before, "an event was skipped or moved"
    assert steps >= len(before) // 7


def walk(stack, limit, **query):
    cursor, items = None, []
    while True:
        answer = stack.api("GET", "/api/events", query={"limit": limit, **query, **({"cursor": cursor} if cursor else {})}).json
        items += answer["data"]
        cursor = answer["page"].get("next_cursor")
        if not cursor:
            return items


def add_unrelated(stack, number):
    """An event before, one after and one in the middle of those that are walked over."""
    for date in ("1999-01-01", "2026-02-02", "2039-01-01"):
        [[event_id]] = stack.query(
            "insert into events (name, date, starts_at, timezone, luma_url, processing_status, processed_at) "
            "values (%s, %s, %s, 'UTC', %s, 'processed', now()) returning id",
            f"Unrelated {number}", date, f"{date}T10:00:00Z", f"https://luma.com/unrelated-{uuid.uuid4()}")
        stack.query("select render_events(array[%s])", event_id)


def test_the_link_header_leads_to_the_next_page(filled):
    answer = filled.api("GET", "/api/events?limit=2&location=SF")
    links = answer.headers["link"]
    assert 'rel="next"' in links
    target = next(part for part in links.split(",") if 'rel="next"' in part).split("<")[1].split(">")[0]
    path = target[target.index("/api/"):]
    following = filled.api("GET", path)
    assert following.status == 200
    assert not {item["id"] for item in answer.json["data"]} & {item["id"] for item in following.json["data"]}


def test_the_total_is_not_counted_unasked(filled):
    assert "total" not in filled.api("GET", "/api/events?limit=1").json["page"]


def problem(answer, status, code=None):
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json
    assert {"type", "title", "status", "detail", "instance", "code", "request_id"} <= set(document)
    assert document["status"] == status
    if code:
        assert document["code"] == code
    return document


@pytest.mark.parametrize("wrong, nearest", [("locaton", "location"), ("topic", "topics"), ("date_afer", "date_after"),
                                            ("limits", "limit"), ("Cursor", "cursor")])
def test_an_unknown_parameter_is_refused_with_the_nearest(stack, wrong, nearest):
    document = problem(stack.api("GET", f"/api/events?{wrong}=x"), 400, "unknown_parameter")
    [error] = document["errors"]
    assert error["parameter"] == wrong and error["nearest"] == nearest


@pytest.mark.parametrize("query, parameter", [
    ("limit=0", "limit"), ("limit=101", "limit"), ("limit=ten", "limit"), ("limit=-1", "limit"), ("date_after=yesterday", "date_after"),
    ("date_after=2025-02-30", "date_after"), ("date_before=2025-13-01", "date_before"), ("limit=", "limit")])
def test_a_bad_value_is_refused_and_named(stack, query, parameter):
    document = problem(stack.api("GET", f"/api/events?{query}"), 400)
    assert parameter in [error["parameter"] for error in document["errors"]]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "%00", "e30", "..", "a" * 4000])
def test_a_made_up_cursor_is_refused(stack, cursor):
    problem(stack.api("GET", f"/api/events?cursor={cursor}"), 400)


def test_a_cursor_belongs_to_its_question(filled):
    cursor = filled.api("GET", "/api/events?limit=2").json["page"]["next_cursor"]
    problem(filled.api("GET", "/api/events", query={"limit": 2, "location": "London", "cursor": cursor}), 400, "invalid_cursor")


def test_several_mistakes_are_told_at_once(stack):
    document = problem(stack.api("GET", "/api/events?limit=0&date_after=x"), 400)
    assert {error["parameter"] for error in document["errors"]} == {"limit", "date_after"}


@pytest.mark.parametrize("text", ["'; drop table events; --", "\\", "%25", "a'b\"c", "\u202e", "🦉", "x" * 150])
def test_odd_text_is_only_text(filled, text):
    answer = filled.api("GET", "/api/events", query={"location": text})
    assert answer.status == 200 and answer.json["data"] == []
    assert filled.value("select count(*) > 0 from events")


def test_text_that_is_not_utf8_is_refused(stack):
    assert stack.api("GET", "/api/events?location=%ff%fe").status == 400
    assert stack.api("GET", "/api/events?location=a%00b").status == 400
