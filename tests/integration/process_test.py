"""POST /internal/process: pages that somebody else has fetched, and pages that are stored already."""
import json

import pytest
from waiting import wait_until

pytestmark = pytest.mark.essential


def event_without_page(stack, slug):
    [[event_id]] = stack.query("insert into events (name, luma_url, scraped_at) values (%s, %s, null) returning id", slug,
                               f"https://luma.com/{slug}")
    return str(event_id)


def page_of(stack, slug):
    return stack.site.pages.files[slug].read_text()


def processed(stack, event_id):
    return wait_until(lambda: (row := stack.event_row(event_id))["processing_status"] == "processed" and row, 20, "processed")


def test_a_page_that_is_handed_over(stack, fresh):
    event_id = event_without_page(stack, fresh["slug"])
    answer = stack.internal("POST", "/internal/process",
                            {"event_id": event_id, "html": page_of(stack, fresh["slug"]), "url": fresh["url"]})
    assert answer.status == 202, answer
    assert answer.json["event_id"] == event_id
    row = processed(stack, event_id)
    assert row["name"] == fresh["name"] and row["starts_at"].isoformat()[:10]
    assert stack.site.count(f"/{fresh['slug']}") == 0, "nothing was fetched"


def test_a_stored_page_is_processed_again(stack, fresh):
    event_id = stack.scrape_id(fresh["url"])
    before = processed(stack, event_id)
    stack.query("update events set name = 'overwritten', description = null where id = %s returning id", event_id)
    answer = stack.internal("POST", "/internal/process", {"event_id": event_id})
    assert answer.status == 202, answer
    wait_until(lambda: stack.event_row(event_id)["name"] == before["name"])
    after = processed(stack, event_id)
    assert after["description"] == before["description"] and after["processed_at"] > before["processed_at"]
    assert stack.site.count(f"/{fresh['slug']}") == 1


def test_an_event_without_any_page(stack, fresh):
    event_id = event_without_page(stack, fresh["slug"])
    answer = stack.internal("POST", "/internal/process", {"event_id": event_id})
    assert 400 <= answer.status < 500, answer
    assert answer.headers["content-type"] == "application/problem+json"
    assert stack.value("select count(*) from jobs where event_id = %s", event_id) == 0


def test_an_event_that_does_not_exist(stack):
    answer = stack.internal("POST", "/internal/process", {"event_id": "00000000-0000-4000-8000-000000000000", "html": "<html>"})
    assert answer.status == 404, answer


def test_a_page_that_holds_no_event(stack, fresh):
    event_id = event_without_page(stack, fresh["slug"])
    answer = stack.internal("POST", "/internal/process", {"event_id": event_id, "html": page_of(stack, "home-page"), "url": fresh["url"]})
    assert answer.status == 202, answer
    wait_until(lambda: stack.event_row(event_id)["processing_error"] == "not_an_event")


def test_processing_twice_changes_nothing(stack, fresh):
    event_id = stack.scrape_id(fresh["url"])
    processed(stack, event_id)
    first = stack.event(event_id).json
    for _ in range(2):
        assert stack.internal("POST", "/internal/process", {"event_id": event_id}).status == 202
        wait_until(lambda: stack.value("select count(*) from jobs where event_id = %s and state in "
                                       "('available', 'executing', 'retryable')", event_id) == 0)
    again = stack.event(event_id).json
    for document in (first, again):
        document.pop("processed_at"), document.pop("updated_at")
    assert again == first


def test_those_who_listen_hear_what_became_of_an_event(stack, fresh):
    """NOTIFY event_processing, in the transaction of the change."""
    with stack.db() as listener:
        listener.execute("listen event_processing")
        event_id = stack.scrape_id(fresh["url"])
        heard = [json.loads(note.payload) for note in listener.notifies(timeout=10, stop_after=1)]
        missing = stack.scrape_id("https://luma.com/nobody-knows-this-page")
        heard += [json.loads(note.payload) for note in listener.notifies(timeout=10, stop_after=1)]
    assert [(note["event_id"], note["status"], note["error"]) for note in heard] == [
        (event_id, "processed", None), (missing, "failed", "page_not_found")]
