"""POST /internal/process: an event's page is read again, or a page that somebody hands over."""
import uuid

from compare import differences
from waiting import wait_until

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def test_post_internal_process(stack, fresh):
    event_id = stack.scrape_id(fresh["url"])
    stack.query("update events set name = 'overwritten' where id = %s returning 1", event_id)
    answer = stack.internal("POST", "/internal/process", {"event_id": event_id})
    assert answer.status == 202 and answer.json["status"] == "queued_for_processing", answer
    assert answer.headers["location"] == f"/api/jobs/{answer.json['job_id']}"
    job = wait_until(lambda: (found := stack.api("GET", answer.headers["location"]).json)["state"] == "completed" and found, 30, "its end")
    assert (job["kind"], job["event_id"], job["request_id"]) == ("process", event_id, answer.headers["x-request-id"])
    assert differences(stack.event(event_id).json, fresh) == {}
    assert stack.internal("POST", "/internal/process", {"event_id": UNKNOWN}).status == 404
    for body, status in (({}, 422), ({"event_id": "x"}, 422), ({"event_id": event_id, "htlm": "x"}, 422), ([], 422), ("x", 422)):
        bad = stack.internal("POST", "/internal/process", body)
        assert 400 <= bad.status <= status and bad.headers["content-type"] == "application/problem+json", bad
    nobody = stack.internal("POST", "/internal/process", {"event_id": event_id}, headers={"Authorization": "Bearer " + str(uuid.uuid4())})
    assert nobody.status == 401, nobody
