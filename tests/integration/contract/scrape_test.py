"""POST /api/scrape/luma: one address becomes one event."""
import uuid

import pytest
from compare import differences
from fake_site import content, page, status
from waiting import wait_until

pytestmark = pytest.mark.essential


def test_post_api_scrape_luma(stack, truths):
    truth = truths["agents-in-production"]
    answer = stack.scrape(truth["url"], wait_s=0)
    assert answer.status == 202, answer
    assert set(answer.json) >= {"event_id", "status", "job_id"}
    assert answer.json["status"] == "queued_for_processing"
    event_id = str(uuid.UUID(answer.json["event_id"]))
    uuid.UUID(answer.json["job_id"])
    wait_until(lambda: stack.event(event_id).json["processing_status"] == "processed")
    assert differences(stack.event(event_id).json, truth) == {}


def test_the_same_address_is_the_same_event(stack, truths):
    url = truths["rust-readers-3"]["url"]
    first, second = stack.scrape(url, wait_s=0), stack.scrape(url, wait_s=0)
    assert first.status == second.status == 202
    assert first.json["event_id"] == second.json["event_id"]
    third = stack.scrape_id(url)
    assert third == first.json["event_id"] == stack.scrape(url, wait_s=0).json["event_id"]
    assert stack.value("select count(*) from events where luma_url = %s", url) == 1


@pytest.mark.parametrize("spelling", [
    "https://lu.ma/{}", "http://lu.ma/{}", "https://www.lu.ma/{}", "https://luma.com/{}/", "https://luma.com/{}?tk=AbC123",
    "https://luma.com/{}?utm_source=x&utm_medium=y", "https://luma.com/{}?pk=g-ABCDEFGHIJ", "https://luma.com/{}#about",
    "https://LUMA.com/{}", "https://luma.com:443/{}"])
def test_spellings_of_one_address(stack, spelling):
    known = stack.scrape_id("https://luma.com/bike-to-build")
    answer = stack.scrape(spelling.format("bike-to-build"), wait_s=0)
    assert answer.json["event_id"] == known, answer
    assert stack.value("select count(*) from events where luma_url like %s", "%bike-to-build%") == 1


def test_a_personal_guest_key_is_kept_nowhere(stack):
    event_id = stack.scrape_id("https://luma.com/ocean-data-sunset?pk=g-SecretGuestKey")
    assert stack.value("select count(*) from events e where id = %s and e::text like '%%SecretGuestKey%%'", event_id) == 0
    assert stack.value("select count(*) from jobs j where j::text like '%%SecretGuestKey%%'") == 0


def test_wait_returns_when_the_event_is_processed(stack, truths):
    answer = stack.scrape(truths["everest-of-data"]["url"], wait_s=30)
    assert answer.status == 200, answer
    assert differences(answer.json, truths["everest-of-data"]) == {}


def test_wait_is_bounded(stack, fresh):
    """A page that never comes: the answer comes after the wait, the event stays queued."""
    stack.site.hold()
    try:
        answer = stack.scrape(fresh["url"], wait_s=1)
        assert answer.status == 202, answer
        assert stack.event_row(answer.json["event_id"])["processing_status"] in ("queued", "scraping")
    finally:
        stack.site.release()
    wait_until(lambda: stack.event_row(answer.json["event_id"])["processing_status"] == "processed", 30)


def test_a_page_by_its_event_id(stack, fresh):
    truth = fresh
    event = stack.event(stack.scrape_id(f"https://luma.com/event/{truth['event_id']}")).json
    assert event["processing_status"] == "processed"
    assert event["name"] == truth["name"]
    assert stack.scrape_id(truth["url"]) == event["id"], "its other address is the same event"


def test_force_fetches_again_and_takes_what_changed(stack, fresh):
    event_id = stack.scrape_id(fresh["url"])
    before = stack.event(event_id).json
    html = stack.site.pages.files[fresh["slug"]].read_text()
    stack.site.replace(fresh["slug"], html.replace(fresh["name"], "A new name of an old event"))
    assert stack.scrape_id(fresh["url"]) == event_id
    assert stack.event(event_id).json["name"] == before["name"], "it is fresh: nothing is fetched unasked"
    assert stack.scrape_id(fresh["url"], force=True) == event_id
    after = stack.event(event_id).json
    assert after["name"] == "A new name of an old event" and after["created_at"] == before["created_at"]
    assert stack.site.count(f"/{fresh['slug']}") == 2


@pytest.mark.parametrize("answer, code", [(page("home-page"), "not_an_event"), (status(404), "page_not_found"),
                                          (content("<html></html>"), "not_an_event")])
def test_emptiness_never_overwrites_good_data(stack, fresh, answer, code):
    event_id = stack.scrape_id(fresh["url"])
    before = stack.event(event_id).json
    stack.site.answer(f"/{fresh['slug']}", answer)
    assert stack.scrape_id(fresh["url"], force=True) == event_id
    row = wait_until(lambda: (row := stack.event_row(event_id))["processing_status"] == "failed" and row)
    assert row["processing_error"] == code
    after = stack.event(event_id).json
    for field in ("name", "description", "starts_at", "timezone", "city", "speakers", "companies", "topics"):
        assert after[field] == before[field]
