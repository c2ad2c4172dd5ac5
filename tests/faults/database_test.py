"""The database goes away and comes back."""
import os
import signal
import time

import client
import pytest
from cluster import Cluster
from invariants import violations
from waiting import wait_until

READS = ["/api/events?limit=1", "/api/events/00000000-0000-4000-8000-000000000000", "/api/events/search?q=x",
         "/api/stats/events/count"]

# Answered from memory.
WITHOUT_DATABASE = {"/api/me", "/internal/graph"}


@pytest.fixture
def apart(new_stack, truths):
    """Services with a database of somebody else's."""
    stack = new_stack(start=False)
    cluster = Cluster(stack.folder)
    stack.cluster = cluster
    stack.environment["DATABASE_URL"] = cluster.url
    stack.environment["PUBLIC_READ"] = "true"
    stack.database_url = lambda: cluster.url
    try:
        yield stack.start()
    finally:
        stack.stop(check=False, remove=False)
        if cluster.is_running():
            cluster.stop()


def unavailable(answer, seconds):
    assert answer.status == 503, answer
    assert answer.json["code"] == "database_unavailable"
    assert int(answer.headers["retry-after"]) >= 1
    assert seconds < 1.0, f"after {seconds:.2f} s"


def timed(call):
    started = time.monotonic()
    answer = call()
    return answer, time.monotonic() - started


def test_while_the_database_is_away(apart, truths):
    urls = [truth["url"] for truth in truths.values()]
    apart.site.hold(after=12)
    batch = apart.scrape_batch(urls)["batch_id"]
    wait_until(lambda: apart.value("select count(*) from events where processing_status = 'processed'") >= 5, 60)
    apart.cluster.stop()
    apart.site.release()
    for path in READS:
        unavailable(*timed(lambda: apart.api("GET", path)))
    unavailable(*timed(lambda: apart.api("POST", "/api/scrape/luma", {"url": "https://luma.com/x"})))
    answer = apart.api("GET", "/health/live")
    assert answer.status == 200, "the process itself is well"
    assert apart.api("GET", "/health/ready").status == 503
    apart.cluster.start()
    wait_until(lambda: apart.api("GET", "/api/events?limit=1").status == 200, 15, "answers again, by itself")
    wait_until(lambda: apart.api("GET", "/health/ready").status == 200, 15)
    state = apart.wait_batch(batch, 180)
    assert state["failed"] == 0 and state["succeeded"] == len(urls)
    assert violations(apart, urls) == []


def asked_of_the_database(stack, port):
    """What the description lists, but for that which needs no database: (method, path, query, body)."""
    document = stack.send(port, "GET", "/openapi.json").json
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in ("get", "post", "delete") and operation["x-scope"] != "open" and path not in WITHOUT_DATABASE:
                values = {part["name"]: part.get("example") or f"00000000-0000-4000-8000-00000000000{number}" for number, part in enumerate(operation["parameters"])
                          if part["in"] == "path" or part["in"] == "query" and part["required"]}
                query = {part["name"]: values[part["name"]] for part in operation["parameters"] if part["in"] == "query" and part["required"]}
                body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
                yield method.upper(), path.format_map(values), query or None, body


def test_every_operation_while_the_database_is_away(apart):
    """503 with Retry-After within a second from both services, and all is well again by itself."""
    asked = [(port, *row) for port in (apart.api_port, apart.processor_port) for row in asked_of_the_database(apart, port)]
    assert len(asked) >= 40
    apart.cluster.stop()
    wrong = []
    for port, method, path, query, body in asked:
        answer, seconds = timed(lambda: apart.send(port, method, path, query=query, json=body))
        if answer.status != 503 or answer.json["code"] != "database_unavailable" or "retry-after" not in answer.headers or seconds >= 1.0:
            wrong.append((method, path, query, round(seconds, 2), answer))
    assert wrong == []
    apart.cluster.start()
    for port in (apart.api_port, apart.processor_port):
        wait_until(lambda: client.request(port, "GET", "/health/ready").status == 200, 15, "ready again, by itself")


def test_connections_are_cut_one_by_one(apart, truths):
    """pg_terminate_backend of everybody, several times during a batch: as a pooler or an administrator does."""
    urls = [truth["url"] for truth in truths.values()]
    batch = apart.scrape_batch(urls)["batch_id"]
    for reached in (5, 15, 25):
        wait_until(lambda: apart.value("select count(*) from events where processing_status = 'processed'") >= reached, 90)
        apart.query("select pg_terminate_backend(pid) from pg_stat_activity "
                    "where pid <> pg_backend_pid() and backend_type = 'client backend'")
    state = apart.wait_batch(batch, 180)
    assert state["failed"] == 0
    assert violations(apart, urls) == []


def test_a_connection_for_notifications_that_says_nothing_is_replaced(apart):
    """As when a machine between them forgets it: the service is not ready, and is again although that connection stays."""
    asked = "select pid from pg_stat_activity where application_name = 'processor' and query_start is not null and query = ''"
    [[listens]] = wait_until(lambda: apart.query(asked), 20, "somebody who asks whether the server is there")

    def ready():
        return apart.internal("GET", "/health/ready").status
    os.kill(listens, signal.SIGSTOP)
    try:
        wait_until(lambda: ready() == 503, 20, "not ready")
        wait_until(lambda: ready() == 200, 30, "ready with another connection")
    finally:
        os.kill(listens, signal.SIGCONT)


def test_the_embedded_database_is_killed_while_asked(new_stack):
    """Answers are 200 or a prompt 503, never anything else, and 200 again soon."""
    stack = new_stack()
    stack.kill_child("postgres")

    def answered():
        answer, seconds = timed(lambda: stack.api("GET", "/api/events?limit=1"))
        if answer.status == 200:
            return True
        return unavailable(answer, seconds)
    wait_until(answered, 30, "200 again")
