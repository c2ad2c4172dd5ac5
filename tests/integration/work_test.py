"""Work that ends: leases that were lost, drains, what has had its time, databases that do not fit."""
import json
import signal
import socket
import threading
import time

import processes
import pytest
from fake_site import status
from stack import TOKEN
from waiting import wait_until


def test_a_failed_fetch_of_a_job_that_was_lost(new_stack):
    stack = new_stack({"SCRAPE_TIMEOUT_MS": "20000"})
    stack.site.answer("/lost", status(404))
    stack.site.hold()
    event_id = stack.scrape("https://luma.com/lost", wait_s=0).json["event_id"]
    wait_until(lambda: stack.site.waiting, 20, "a request for the page")
    stack.query("update jobs set attempted_by = 'somebody else', lease_until = now() + interval '1 hour' where event_id = %s returning 1",
                event_id)
    stack.site.release()
    wait_until(lambda: '"job_not_ended"' in stack.log_tail(500), 20, "the worker's loss")
    assert stack.value("select count(*) from event_snapshots where event_id = %s", event_id) == 0
    assert stack.event_row(event_id)["processing_status"] == "scraping"


def ask_and_wait(stack, slug, wait_s):
    """A connection on which somebody asked for a page and waits."""
    connection = socket.create_connection(("127.0.0.1", stack.api_port), timeout=30)
    body = json.dumps({"url": f"https://luma.com/{slug}"})
    connection.sendall(f"POST /api/scrape/luma?wait={wait_s} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
                       f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    wait_until(lambda: stack.value("select count(*) from jobs j join events e on e.id = j.event_id where e.luma_url = %s",
                                   f"https://luma.com/{slug}"), 20, "a job")
    return connection


def test_a_drain_answers_those_who_wait(new_stack):
    stack = new_stack({"SCRAPE_WORKERS": "0"})
    with ask_and_wait(stack, "not-today", 60) as connection:
        began = time.monotonic()
        processes.kill(stack.child("api"), signal.SIGTERM)
        answer = connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 202 ") and b"queued_for_processing" in answer
        assert time.monotonic() - began < 5, "a drain alone takes eight seconds"
    wait_until(lambda: stack.is_ready(stack.api_port), 30, "another api")


def test_who_sends_no_more_need_not_wait(new_stack):
    """The server cannot know whether a client that has ended its side still listens: it is answered soon."""
    stack = new_stack({"SCRAPE_WORKERS": "0"})
    with ask_and_wait(stack, "not-soon", 60) as connection:
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(20)
        assert connection.recv(65536).startswith(b"HTTP/1.1 202 ")


def test_what_has_had_its_time_is_removed(new_stack, truths):
    stack = new_stack({"HOUSEKEEPING_INTERVAL_MS": "200", "JOB_RETENTION_HOURS": "1", "SNAPSHOT_RETENTION_HOURS": "2",
                       "CHANGE_RETENTION_HOURS": "3"})
    urls = [truth["url"] for truth in list(truths.values())[:3]]
    batch = stack.scrape_batch(urls)["batch_id"]
    stack.wait_batch(batch)
    wait_until(lambda: not stack.unfinished(), 30, "no job left")
    old, new, _ = [row[0] for row in stack.query("select id from events where processing_status = 'processed' order by id")]
    add = ("insert into event_snapshots (event_id, url, http_status, bytes, duration_ms, fetched_at) "
           "values (%s, 'https://luma.com/x', %s, 1, 1, now() - %s::interval) returning id")
    stack.query("update event_snapshots set fetched_at = now() - interval '10 days' where event_id = %s returning 1", old)
    good = stack.value(add, old, 200, "9 days")
    newest = stack.value(add, old, 404, "8 days")
    young = stack.value(add, new, 404, "1 hour")
    # Changes go in the order in which readers see them, so those before it have to be old, too.
    stack.query("update changes set at = now() - interval '5 hours' returning 1")
    stack.query("insert into changes (type, id, at) values ('test.old', %s, now() - interval '4 hours'), "
                "('test.young', %s, now() - interval '2 hours') returning 1", old, old)
    jobs = stack.value("select count(*) from jobs")
    gone = stack.value("select count(*) from jobs where event_id = %s", old)
    stack.query("update jobs set completed_at = now() - interval '2 hours' where event_id = %s returning 1", old)
    stack.query("update batches set created_at = now() - interval '2 hours' where id = %s returning 1", batch)
    wait_until(lambda: stack.value("select count(*) from jobs where event_id = %s", old) == 0, 20, "the old jobs gone")
    wait_until(lambda: stack.value("select count(*) from batches") == 0, 20, "the old batch gone")
    wait_until(lambda: stack.value("select count(*) from changes where type = 'test.old'") == 0, 20, "the old change gone")
    assert stack.value("select count(*) from changes where type = 'test.young'") == 1
    assert stack.value("select count(*) from jobs") == jobs - gone
    kept = {row[0] for row in stack.query("select id from event_snapshots where event_id = %s", old)}
    wait_until(lambda: {row[0] for row in stack.query("select id from event_snapshots where event_id = %s", old)} == {good, newest}, 20,
               f"{good} and {newest} alone: {kept}")
    assert stack.value("select count(*) from event_snapshots where id = %s", young) == 1
    assert stack.event(old).status == 200


def test_a_batch_that_waits_is_never_removed(new_stack):
    stack = new_stack({"HOUSEKEEPING_INTERVAL_MS": "200", "JOB_RETENTION_HOURS": "1", "SCRAPE_WORKERS": "0"})
    batches = [stack.scrape_batch([f"https://luma.com/never-{number}"])["batch_id"] for number in range(2)]
    stack.query("update batches set created_at = now() - interval '2 hours' returning 1")
    stack.query("update batch_items set state = 'failed' where batch_id = %s returning 1", batches[1])
    wait_until(lambda: stack.value("select count(*) from batches where id = %s", batches[1]) == 0, 20, "the finished one gone")
    assert stack.batch(batches[0])["status"] != "completed"


@pytest.mark.essential
def test_a_database_that_does_not_fit(new_stack):
    """A changed migration and a newer database are no passing trouble: everything ends at once and says why."""
    stack = new_stack()
    for change, reason in (("update schema_migrations set sha256 = repeat('0', 64) where version = 2 returning 1", "is not the text"),
                           ("insert into schema_migrations (version, name, sha256) values (9999, '9999_later', 'x') returning 1",
                            "newer than this program")):
        kept = stack.value("select sha256 from schema_migrations where version = 2")
        stack.query(change)
        done = stack.command("migrate", "--wait", "30")
        assert done.returncode == 78 and reason in done.stderr and "schema_refused" in done.stderr, done
        if kept != "0" * 64:
            stack.query("update schema_migrations set sha256 = %s where version = 2 returning 1", kept)
    stack.stop(remove=False)
    began = time.monotonic()
    with pytest.raises(AssertionError, match="eventd up ended with 1") as ended:
        stack.start()
    assert time.monotonic() - began < 20
    lines = [line for line in str(ended.value).splitlines() if "migration_failed" in line]
    assert len(lines) == 1 and "newer than this program" in lines[0], lines
    stack.process = None


def test_two_at_once_are_one_housekeeper(new_stack):
    """While another process holds the lock nothing is removed by this one."""
    stack = new_stack({"HOUSEKEEPING_INTERVAL_MS": "100", "SCRAPE_WORKERS": "0"})
    stack.query("insert into changes (type, id, at) values ('test.old', gen_random_uuid(), now()) returning 1")
    with stack.db() as other:
        other.execute("begin")
        other.execute("select pg_advisory_xact_lock(hashtextextended('eventd prune', 0))")
        result = []
        asking = threading.Thread(target=lambda: result.append(stack.query("select * from prune('0', '0', '0', 100)")))
        asking.start()
        asking.join(20)
        assert result == [[(0, 0, 0, 0)]]
        other.execute("rollback")
    # The services' own round may hold it for a moment.
    wait_until(lambda: stack.query("select * from prune('0', '0', '0', 100)")[0][3] == 1, 20, "one change removed")


def test_limits_and_repeated_requests_leave_nothing_behind(new_stack):
    stack = new_stack(pages=[])
    key = stack.value("with u as (insert into users (name) values ('weaver') returning id) insert into api_keys "
                      "(user_id, prefix, secret_sha256, name, role) select id, 'loom', 'x', 'loom', 'reader' from u returning id")
    stack.query("insert into quota_windows values ('ip:old', 'test', now() - interval '49 hours', 1), ('ip:new', 'test', now(), 1) returning 1")
    stack.query("insert into usage (key_id, day) values (%s, current_date - 401), (%s, current_date - 399) returning 1", key, key)
    stack.query("insert into idempotency_keys (principal, request, key, fingerprint, created_at) values "
                "('p', 'r', 'old', '', now() - interval '25 hours'), ('p', 'r', 'new', '', now()) returning 1")

    def left():
        stack.query("select prune('1 day', '1 day', '1 day', 100)")
        return [stack.query(f"select ({column})::text from {table} where {which}") for table, column, which in (
            ("quota_windows", "subject", "policy = 'test'"), ("usage", "current_date - day", "true"), ("idempotency_keys", "key", "principal = 'p'"))]
    wait_until(lambda: left() == [[("ip:new",)], [("399",)], [("new",)]], 20, "the old ones gone")
