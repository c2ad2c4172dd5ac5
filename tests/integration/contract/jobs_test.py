"""Jobs: shown, cancelled, tried again; those of no event with arguments, progress and result."""
import json
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


@pytest.mark.private_stack
def test_rendering_does_not_stand_behind_a_long_run(new_stack):
    """A recalculation that waits for a lock keeps its worker; documents are rendered by another one."""
    stack = new_stack(pages=[])
    event_id = str(stack.value("insert into events (name, luma_url, processed_at, processing_status) "
                               "values ('Loom', 'https://luma.com/loom', now(), 'processed') returning id"))
    with stack.db() as holder, holder.transaction():
        holder.execute("select from events where id = %s for update", (event_id,))
        long = stack.internal("POST", "/internal/quality/recalculate", {}).json["job_id"]
        wait_job(stack, long, "executing")
        wait_job(stack, enqueue(stack, "render", {"speakers": [], "companies": []}, "behind"), "completed")
        assert stack.api("GET", f"/api/jobs/{long}").json["state"] == "executing"
    wait_job(stack, long, "completed")
