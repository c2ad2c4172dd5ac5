"""Whatever service does the extraction: no job hangs on what it says, and nothing outdated becomes visible."""
import hashlib

import pytest
from foreign_extractor import ForeignExtractor, Pause, Raw, record
from stack import Stack
from waiting import wait_until

pytestmark = pytest.mark.private_stack


@pytest.fixture(scope="module")
def foreign():
    """Services with an extraction service of the tests' own: stack.extraction."""
    stack = Stack(settings={"SCRAPE_WORKERS": "0", "PROCESS_WORKERS": "1"})
    stack.extraction = ForeignExtractor(stack.extractor_port)
    stack.environment["EXTRACTOR_URL"] = f"http://127.0.0.1:{stack.extractor_port}"
    try:
        yield stack.start()
    finally:
        stack.stop()
        stack.extraction.stop()


def hand_over(stack, slug, html):
    """An event with this page, about to be processed."""
    [[event_id]] = stack.query("insert into events (name, luma_url, scraped_at) values (%s, %s, null) returning id::text", slug,
                               f"https://luma.com/{slug}")
    answer = stack.internal("POST", "/internal/process", {"event_id": event_id, "html": html})
    assert answer.status == 202 and answer.headers["location"] == f"/api/jobs/{answer.json['job_id']}", answer
    return event_id


def ended(stack, event_id):
    return wait_until(lambda: (row := stack.event_row(event_id))["processing_status"] in ("processed", "failed") and row, 30,
                      "the end of processing")


def attempts(stack, event_id):
    return stack.value("select max(attempt) from jobs where event_id = %s and kind = 'process'", event_id)


def test_harmless_differences(foreign):
    foreign.extraction.plan = lambda asked: record(country="usa", latitude=200, longitude=10.5, status="EventMovedOnline")
    row = ended(foreign, hand_over(foreign, "harmless", "<html>"))
    assert (row["processing_status"], row["country"], row["latitude"], row["longitude"], row["status"]) == (
        "processed", "US", None, None, "scheduled")


@pytest.mark.parametrize("field, value", [("guest_count", "many"), ("starts_at", "soon"), ("date", "2026-02-31"), ("guest_count", 10**12)])
def test_values_that_no_column_takes(foreign, field, value):
    foreign.extraction.plan = lambda asked: record(**{field: value})
    event_id = hand_over(foreign, f"misfit-{field}-{value}", "<html>")
    row = ended(foreign, event_id)
    assert (row["processing_status"], row["processing_error"]) == ("failed", "parse_error")
    assert attempts(foreign, event_id) == 1


GOOD = {**record(name="A good event", city="Quayside", starts_at="2031-05-01T20:00:00Z"),
        "speakers": [{"name": "Margaret Hamilton", "role": "speaker", "confidence": 0.9}]}


@pytest.mark.parametrize("answer, code", [
    (Raw(b"<html>It works!"), "extractor_failed"), (Raw(b""), "extractor_failed"), (Raw(b'{"kind":"ev'), "extractor_failed"),
    (Raw(b'{"kind":"event"}', length=5000), "extractor_failed"), (Raw(b"oops", 500), "extractor_failed"),
    (Raw(b"", 404), "extractor_failed"), (Raw(b" " * 17_000_000), "extractor_failed"),
    (Raw(b"{}", 422), "parse_error"), (Raw(b"[]"), "not_an_event"), (Raw(b"{}"), "not_an_event"), (Raw(b"7"), "not_an_event"),
    ({"kind": "event"}, "parse_error"), ({"kind": "event", "event": []}, "parse_error"),
    (record(name=""), "parse_error"), (record(name=7), "parse_error"), ({**record(), "kind": "calendar", "listed_events": "all"}, "not_an_event"),
], ids=lambda value: str(value)[:20] if isinstance(value, str) else None)
def test_a_bad_answer_worsens_nothing(foreign, answer, code):
    """What was read before stays, whatever is answered later; the failure has a name."""
    foreign.extraction.plan = lambda asked: answer if asked["html"] == "later" else GOOD
    event_id = hand_over(foreign, f"bad-{len(foreign.extraction.asked)}", "first")
    assert ended(foreign, event_id)["processing_status"] == "processed"
    before = foreign.event_row(event_id), foreign.event(event_id).json["speakers"]
    assert foreign.internal("POST", "/internal/process", {"event_id": event_id, "html": "later"}).status == 202
    wait_until(lambda: foreign.value("select count(*) from jobs where event_id = %s and error_code = %s", event_id, code), 30, code)
    # It would be tried again for a while: this test has seen enough.
    foreign.extraction.plan = lambda asked: GOOD
    now = foreign.event_row(event_id), foreign.event(event_id).json["speakers"]
    assert now[1] == before[1]
    for column in ("name", "city", "starts_at", "description", "extracted_data", "data_quality_score"):
        assert now[0][column] == before[0][column], column


@pytest.mark.parametrize("lists", [{"speakers": "Ada"}, {"speakers": [7, None, "Ada", {}, {"name": []}]}, {"companies": {"name": "Acme"}},
                                   {"topics": [[[]]]}, {"speakers": [{"name": "Margaret Hamilton", "role": "weaver", "confidence": "high"}]},
                                   {"companies": [{"name": "Acme", "relationship_type": "employer"}]}])
def test_lists_of_another_shape_do_not_hurt(foreign, lists):
    foreign.extraction.plan = lambda asked: {**record(), **lists}
    row = ended(foreign, hand_over(foreign, f"lists-{len(foreign.extraction.asked)}", "<html>"))
    assert row["processing_status"] == "processed" or row["processing_error"] == "parse_error"
    assert foreign.event(str(row["id"])).status == 200


@pytest.mark.parametrize("zone", ["AET", "Mars/Olympus"])
def test_a_zone_that_the_database_does_not_know(foreign, zone):
    """It is left out, and lists that ask for the day in each event's zone are answered."""
    foreign.extraction.plan = lambda asked: record(timezone=zone, date="2031-05-01", starts_at="2031-05-01T20:00:00Z")
    row = ended(foreign, hand_over(foreign, f"zone-{zone.replace('/', '-')}", "<html>"))
    assert (row["processing_status"], row["timezone"], str(row["date"])) == ("processed", None, "2031-05-01")
    for when in ("today", "weekend", "upcoming"):
        assert foreign.api("GET", f"/api/events?when={when}").status == 200


def test_a_worker_that_waits_for_its_job_holds_nothing(foreign):
    """The job comes before the event, so that who has the job may want the event."""
    pause = foreign.extraction.plan = Pause(lambda asked: record())
    event_id = hand_over(foreign, "order-of-locks", "<html>")
    assert pause.reached.wait(20)
    with foreign.db() as holder:
        holder.autocommit = False
        [[job]] = holder.execute("select id from jobs where event_id = %s for update", (event_id,)).fetchall()
        pause.gate.set()
        wait_until(lambda: foreign.value("select count(*) from pg_locks where not granted"), 20, "the worker at the job's lock")
        holder.execute("select from events where id = %s for update nowait", (event_id,))
        holder.commit()
    assert ended(foreign, event_id)["processing_status"] == "processed"
    assert foreign.value("select state from jobs where id = %s", job) == "completed"


def test_a_page_that_is_replaced_while_it_is_read(foreign):
    pause = foreign.extraction.plan = Pause(lambda asked: record(name=asked["html"]))
    event_id = hand_over(foreign, "replaced", "old page")
    assert pause.reached.wait(20)
    before = len(foreign.extraction.asked)
    foreign.query("update events set raw_html = 'new page', content_hash = %s where id = %s returning 1",
                  hashlib.sha256(b"new page").hexdigest(), event_id)
    pause.release()
    assert ended(foreign, event_id)["name"] == "new page"
    assert [asked["html"] for asked in foreign.extraction.asked[before:]] == ["new page"]


def test_another_page_of_a_job_that_was_lost(foreign):
    pause = foreign.extraction.plan = Pause(lambda asked: record(kind="calendar", listed_events=[]))
    event_id = hand_over(foreign, "lost", "<html>")
    assert pause.reached.wait(20)
    job = foreign.value("update jobs set attempted_by = 'somebody else', lease_until = now() + interval '1 hour' "
                        "where event_id = %s and state = 'executing' returning id", event_id)
    pause.release()
    wait_until(lambda: any('"job_lost"' in line and str(job) in line for line in foreign.log_tail(500).splitlines()), 20, "job_lost")
    assert foreign.event_row(event_id)["extracted_data"] is None
    foreign.query("update jobs set state = 'cancelled', completed_at = now() where id = %s returning 1", job)


def test_a_page_too_large_for_the_extraction(foreign):
    """Each of its characters takes six bytes in a request."""
    foreign.extraction.plan = lambda asked: record()
    event_id = hand_over(foreign, "control-characters", "<html>")
    ended(foreign, event_id)
    foreign.query("select job_id from request_process(%s, repeat(chr(1), 5000000), 'a hash', null)", event_id)
    row = ended(foreign, event_id)
    assert (row["processing_status"], row["processing_error"]) == ("failed", "page_too_large")
    assert attempts(foreign, event_id) == 1


def test_a_page_beyond_the_limit_is_not_taken(foreign):
    event_id = hand_over(foreign, "beyond", "<html>")
    answer = foreign.internal("POST", "/internal/process", {"event_id": event_id, "html": "\u00e9" * 6_500_000})
    assert answer.status == 422 and answer.json["code"] == "page_too_large", answer


def test_an_event_that_has_another_name(foreign):
    foreign.extraction.plan = lambda asked: record()
    loser, survivor = (hand_over(foreign, slug, "<html>") for slug in ("other-name", "one-name"))
    for event_id in (loser, survivor):
        ended(foreign, event_id)
    assert foreign.value("select merge_event_into(%s, %s)::text", loser, survivor) == survivor
    before = foreign.value("select count(*) from jobs")
    answer = foreign.internal("POST", "/internal/process", {"event_id": loser})
    assert answer.status == 308 and answer.headers["location"] == f"/api/events/{survivor}"
    assert answer.json["merged_into"] == survivor
    assert foreign.value("select count(*) from jobs") == before
