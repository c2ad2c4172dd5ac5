"""Jobs: shown, cancelled, tried again; those of no event with arguments, progress and result."""
import concurrent.futures
import json
import pathlib
import uuid

import pytest
from fake_site import page, status
from waiting import wait_until

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def job_of(stack, event_id, kind="scrape"):
    return str(stack.value("select id from jobs where event_id = %s and kind = %s order by created_at desc limit 1", event_id, kind))


def fail(stack, slug, code=404):
    """An event whose page cannot be had, and its discarded job."""
    stack.site.answer(f"/{slug}", status(code))
    event_id = stack.scrape(f"https://luma.com/{slug}", wait_s=0).json["event_id"]
    wait_until(lambda: stack.event_row(event_id)["processing_status"] == "failed", 30, "a failed event")
    return event_id, job_of(stack, event_id)


def test_get_api_jobs_id(stack, fresh):
    event_id = stack.scrape_id(fresh["url"])
    row = stack.query("select id, attempt, request_id from jobs where event_id = %s and kind = 'scrape'", event_id)[0]
    job = stack.api("GET", f"/api/jobs/{row[0]}").json
    assert (job["id"], job["kind"], job["state"], job["attempt"], job["request_id"]) == (str(row[0]), "scrape", "completed", row[1], row[2])
    assert (job["event_id"], job["url"], job["error"], job["result"]) == (event_id, fresh["url"], None, None)
    assert job["created_at"] <= job["attempted_at"] <= job["completed_at"]
    assert stack.api("GET", f"/api/jobs/{UNKNOWN}").status == 404
    assert stack.api("GET", "/api/jobs/x").status == 400


def test_get_api_jobs(filled):
    rows = filled.query("select id, kind, state from jobs order by created_at desc, id desc limit 25")
    first = filled.api("GET", "/api/jobs?limit=10").json
    second = filled.api("GET", f"/api/jobs?limit=10&cursor={first['page']['next_cursor']}").json
    assert [(job["id"], job["kind"], job["state"]) for job in first["data"] + second["data"]] == [(str(i), k, s) for i, k, s in rows[:20]]
    some = filled.api("GET", "/api/jobs?kind=process&state=completed&limit=100").json["data"]
    assert some and {(job["kind"], job["state"]) for job in some} == {("process", "completed")}
    one = filled.api("GET", f"/api/jobs?event_id={some[0]['event_id']}").json["data"]
    assert {job["event_id"] for job in one} == {some[0]["event_id"]}
    bad = filled.api("GET", "/api/jobs?state=complete")
    assert bad.status == 400 and bad.json["errors"][0]["parameter"] == "state"


def test_get_internal_jobs(filled):
    assert filled.internal("GET", "/internal/jobs?limit=5").json["data"] == filled.api("GET", "/api/jobs?limit=5").json["data"]


def test_post_api_jobs_id_retry(stack, fresh):
    slug = fresh["url"].rpartition("/")[2]
    event_id, job = fail(stack, slug)
    assert stack.api("GET", f"/api/jobs/{job}").json["error"]["code"] == "page_not_found"
    stack.site.answer(f"/{slug}", page(slug))
    answer = stack.api("POST", f"/api/jobs/{job}/retry")
    assert answer.status == 200 and answer.json["state"] in ("available", "executing", "completed"), answer
    wait_until(lambda: stack.event_row(event_id)["processing_status"] == "processed", 30, "the event in order")
    assert stack.event(event_id).json["name"] == fresh["name"]
    again = stack.api("POST", f"/api/jobs/{job}/retry")
    assert again.status == 409, again
    assert stack.api("POST", f"/api/jobs/{UNKNOWN}/retry").status == 404


def test_post_internal_jobs_retry(new_stack, truths):
    stack = new_stack()
    slugs = [truth["url"].rpartition("/")[2] for truth in list(truths.values())[:4]]
    events = [fail(stack, slug, 410 if slug == slugs[3] else 404)[0] for slug in slugs]
    for slug in slugs:
        stack.site.answer(f"/{slug}", page(slug))
    assert stack.internal("POST", "/internal/jobs/retry", {"ids": [job_of(stack, events[0])]}).json == {"retried": 1}
    assert stack.internal("POST", "/internal/jobs/retry", {"kind": "scrape", "error_code": "page_not_found"}).json["retried"] in (2, 3)
    wait_until(lambda: all(stack.event_row(event)["processing_status"] == "processed" for event in events[:3]), 30, "three events in order")
    assert stack.event_row(events[3])["processing_error"] == "page_gone"
    assert stack.internal("POST", "/internal/jobs/retry", {"kind": "scrpe"}).status in (400, 422)


def test_post_api_jobs_id_cancel(new_stack):
    stack = new_stack({"SCRAPE_WORKERS": "0"})
    batch = stack.scrape_batch(["https://luma.com/one-that-waits", "https://luma.com/another-one"])
    event_id = str(stack.value("select id from events where luma_url = 'https://luma.com/one-that-waits'"))
    job = job_of(stack, event_id)
    answer = stack.api("POST", f"/api/jobs/{job}/cancel")
    assert answer.status == 200 and answer.json["state"] == "cancelled" and answer.json["completed_at"], answer
    event = stack.event(event_id).json
    assert (event["processing_status"], event["processing_error"]) == ("failed", "cancelled")
    assert stack.batch(batch["batch_id"])["failures"] == [
        {"event_id": event_id, "luma_url": "https://luma.com/one-that-waits", "code": "cancelled"}]
    assert stack.api("POST", f"/api/jobs/{job}/cancel").json["state"] == "cancelled"
    assert stack.api("POST", f"/api/jobs/{UNKNOWN}/cancel").status == 404
    assert stack.api("POST", f"/api/jobs/{job}/retry").json["state"] == "available"
    assert stack.event_row(event_id)["processing_status"] == "queued"


def changes_of(stack, event_id):
    return [row[0] for row in stack.query("select type from changes where id = %s order by xid, seq", event_id)]


def test_what_is_cancelled_is_told_and_stays_what_it_was(new_stack):
    """An event that had failed before its last job has failed after it, and a batch that is tried again is repaired."""
    stack = new_stack({"SCRAPE_WORKERS": "0"})
    batch = stack.scrape_batch(["https://luma.com/never-read", "https://luma.com/read-once"])["batch_id"]
    never, once = (str(stack.value("select id from events where luma_url = %s", f"https://luma.com/{slug}")) for slug in ("never-read", "read-once"))
    stack.query("update events set processed_at = now(), processing_error = 'page_gone' where id = %s returning 1", once)
    for event in (never, once):
        stack.api("POST", f"/api/jobs/{job_of(stack, event)}/cancel")
    shown = {event: (found["processing_status"], found["processing_error"]) for event in (never, once) for found in [stack.event(event).json]}
    assert shown == {never: ("failed", "cancelled"), once: ("failed", "page_gone")}
    assert changes_of(stack, never) == changes_of(stack, once) == ["event.failed"]
    assert stack.event_row(never)["updated_at"] > stack.event_row(never)["created_at"]
    assert (stack.batch(batch)["failed"], stack.batch(batch)["status"]) == (2, "completed")
    assert stack.api("POST", f"/api/jobs/{job_of(stack, never)}/retry").status == 200
    assert (stack.batch(batch)["failed"], stack.batch(batch)["status"]) == (1, "running")


@pytest.mark.parametrize("ending", ["failure", "death"])
def test_a_running_job_that_was_cancelled_is_not_tried_again(new_stack, ending):
    stack = new_stack()
    stack.site.answer("/not-now", status(503))
    stack.site.hold()
    batch = stack.scrape_batch(["https://luma.com/not-now"])["batch_id"]
    event_id = str(wait_until(lambda: stack.site.waiting and stack.value("select id from events"), 20, "a request for the page"))
    job = job_of(stack, event_id)
    assert stack.api("POST", f"/api/jobs/{job}/cancel").json["cancel_requested"] is True
    if ending == "death":
        stack.query("update jobs set attempted_by = 'somebody who died', lease_until = now() - interval '1 s' where id = %s returning 1", job)
    else:
        stack.site.release()
    wait_until(lambda: stack.batch(batch).get("status") == "completed", 30, "the end of the batch")
    stack.site.release()
    state = stack.api("GET", f"/api/jobs/{job}").json
    assert (state["state"], state["attempt"], state["error"]["code"]) == ("cancelled", 1, "cancelled")
    assert stack.batch(batch)["failures"][0]["code"] == "cancelled"
    assert stack.event_row(event_id)["processing_error"] == "cancelled" and changes_of(stack, event_id) == ["event.failed"]


def test_who_asks_for_work_takes_jobs_before_events(new_stack):
    """So that cancelling and deleting, which have the job and want the event, do not meet them the other way round."""
    stack = new_stack({"SCRAPE_WORKERS": "0", "PROCESS_WORKERS": "0"})
    event_id = stack.scrape("https://luma.com/wanted-twice", wait_s=0).json["event_id"]
    stack.query("update events set raw_html = 'x' where id = %s returning 1", event_id)
    stack.query("select job_id from request_process(%s, null, null, null)", event_id)
    for ask in ("select request_process('{0}', null, null, null)", "select request_processes('{{{0}}}', null)",
                "select run_event_operations('[{{\"op\":\"reprocess\",\"id\":\"{0}\"}}]', false, false, null)",
                "select request_scrapes('{{https://luma.com/wanted-twice}}', '{{x}}', false, '0', null, false)"):
        with stack.db() as holder, concurrent.futures.ThreadPoolExecutor(1) as other:
            holder.autocommit = False
            holder.execute("select from jobs where event_id = %s for update", (event_id,))
            asked = other.submit(stack.query, ask.format(event_id))
            wait_until(lambda: stack.value("select count(*) from pg_locks where not granted"), 20, "the other at the job's lock")
            holder.execute("select from events where id = %s for update nowait", (event_id,))
            holder.rollback()
            assert asked.result(20)


def test_who_waits_for_another_name_waits_for_the_event(new_stack):
    stack = new_stack({"SCRAPE_WORKERS": "0", "PROCESS_WORKERS": "0"})
    survivor, name = (stack.scrape(f"https://luma.com/{slug}", wait_s=0).json["event_id"] for slug in ("unread", "other-name"))
    assert str(stack.value("select merge_event_into(%s, %s)", name, survivor)) == survivor
    stack.query("update jobs set state = 'completed', completed_at = now() where event_id = %s returning 1", name)
    path = pathlib.Path(__file__).resolve().parents[3] / "sql/queries/events/event_outcome.sql"
    outcome = "\n".join(line for line in path.read_text().splitlines() if not line.startswith("--")).replace(":id", "%s")
    assert stack.query(outcome, name)[0][1] is True
    stack.query("update jobs set state = 'completed', completed_at = now() where event_id = %s returning 1", survivor)
    assert stack.query(outcome, name)[0][1] is False


def test_an_event_that_is_in_order_again_is_told(stack, fresh):
    event_id = stack.scrape_id(fresh["url"])
    stack.query("update events set processing_status = 'failed', processing_error = 'page_gone' where id = %s returning 1", event_id)
    before, row = changes_of(stack, event_id), stack.event_row(event_id)
    stack.scrape_id(fresh["url"])
    after = stack.event_row(event_id)
    assert (after["processing_status"], after["processing_error"]) == ("processed", None) and after["processed_at"] == row["processed_at"]
    assert changes_of(stack, event_id) == [*before, "event.updated"] and after["updated_at"] > row["updated_at"]


# --- jobs that stand for themselves

def enqueue(stack, kind, args, key):
    return str(stack.value("select enqueue_job(%s, %s, %s, null, 5)", kind, json.dumps(args), key))


def wait_job(stack, job, *states):
    return wait_until(lambda: (found := stack.api("GET", f"/api/jobs/{job}").json) and found["state"] in states and found, 30, f"a job {states}")


def test_the_same_work_waits_once(new_stack):
    stack = new_stack({"PROCESS_WORKERS": "0"})
    first, second = (enqueue(stack, "render", {"speakers": [], "companies": []}, "same") for _ in range(2))
    other = enqueue(stack, "render", {"speakers": [], "companies": []}, "other")
    assert first == second != other


def test_what_changes_about_a_person_shows_in_other_events(filled):
    """Documents show companies of people; a company learned on one page is shown by the events of other pages, soon."""
    speaker, events = filled.query("select speaker_id, array_agg(distinct event_id) from event_speakers "
                                   "group by 1 having count(distinct event_id) > 2 order by 1 limit 1")[0]
    name = f"Renamed {uuid.uuid4()}"
    filled.query("update speakers set company = %s, updated_at = now() where id = %s returning 1", name, speaker)
    job = enqueue(filled, "render", {"speakers": [str(speaker)], "companies": []}, name)
    done = wait_job(filled, job, "completed", "discarded")
    assert (done["state"], done["progress"]["done"]) == ("completed", len(events)), done
    for event in events:
        people = filled.event(event).json["speakers"]
        assert {person["company"] for person in people if person["id"] == str(speaker)} == {name}
    # What shows something new was updated, and is told once; what does not, is not.
    told = "select id, count(*) from changes where type = 'event.updated' and at > (select created_at from jobs where id = %s) group by 1"
    assert dict(filled.query(told, job)) == {event: 1 for event in events}
    again = enqueue(filled, "render", {"speakers": [str(speaker)], "companies": []}, name)
    assert wait_job(filled, again, "completed", "discarded")["state"] == "completed"
    assert dict(filled.query(told, job)) == {event: 1 for event in events}


@pytest.mark.essential
def test_a_company_learned_later_reaches_earlier_events(new_stack, truths):
    """The job is queued by processing itself, in the same transaction."""
    stack = new_stack()
    shared = None
    for truth in truths.values():
        stack.scrape_id(truth["url"])
        shared = stack.query("select c.id from companies c join event_companies e on e.company_id = c.id where c.domain is not null "
                             "group by 1 having count(distinct e.event_id) > 1 limit 1")
        if shared:
            break
    company, domain = shared[0][0], stack.value("select domain from companies where id = %s", shared[0][0])
    events = [row[0] for row in stack.query("select distinct event_id from event_companies where company_id = %s order by 1", company)]
    stack.query("update companies set domain = null where id = %s returning 1", company)
    stack.query("select render_events(%s)", events)
    assert stack.api("POST", "/api/events/batch/process", {"event_ids": [str(event) for event in events]}).status == 202

    def shown():
        return {found["domain"] for event in events for found in stack.event(event).json["companies"] if found["id"] == str(company)}
    wait_until(lambda: shown() == {domain}, 30, "the domain in every event")
