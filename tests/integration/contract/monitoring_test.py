"""GET /internal/overview and /internal/statements: what the dashboard shows equals what the tables hold."""
import collections

import psycopg
from fake_site import status
from waiting import wait_until


def exported(stack, table):
    with stack.db(row_factory=psycopg.rows.dict_row) as connection:
        return connection.execute(f"select * from {table}").fetchall()


def overview(stack):
    answer = stack.internal("GET", "/internal/overview")
    assert answer.status == 200, answer
    return answer.json


def test_get_internal_overview(filled):
    filled.site.answer("/overview-fails", status(404))
    failed = filled.scrape("https://luma.com/overview-fails", wait_s=0).json["event_id"]
    wait_until(lambda: filled.event_row(failed)["processing_status"] == "failed", 30, "a failed event")
    seen = wait_until(lambda: len((found := overview(filled))["services"]) == 2 and found, 20, "a report of each service")
    assert {service["service"] for service in seen["services"]} == {"api", "processor"}
    assert all({metric["name"] for metric in service["metrics"]} > {"http_server_request_duration_seconds"} for service in seen["services"])

    jobs, urls = exported(filled, "jobs"), {row["id"]: row["luma_url"] for row in exported(filled, "events")}
    waiting = collections.Counter((job["kind"], job["state"]) for job in jobs if job["state"] in ("available", "retryable", "executing"))
    assert {(row["kind"], row["state"]): row["jobs"] for row in seen["queue"]} == waiting
    lost = sorted((job for job in jobs if job["state"] == "discarded"), key=lambda job: (job["completed_at"], job["id"]), reverse=True)
    reasons = collections.Counter((job["kind"], job["error_code"]) for job in lost[:1000])
    assert {(row["kind"], row["error_code"]): row["jobs"] for row in seen["failures"]} == reasons
    assert reasons["scrape", "page_not_found"] >= 1
    assert [(row["id"], row["url"], row["error_code"], row["request_id"]) for row in seen["failed_jobs"]] == [
        (str(job["id"]), urls.get(job["event_id"]), job["error_code"], job["request_id"]) for job in lost[:20]]
    database = seen["database"]
    assert database["version"] == filled.value("show server_version") and database["bytes"] > 1_000_000
    assert database["commits"] > 0 and sum(database["connections"].values()) <= database["max_connections"]
    assert {"events", "jobs"} <= {table["name"] for table in database["tables"]}


def test_the_overview_counts_what_waits(filled, unused):
    filled.site.hold()
    try:
        event_id = filled.scrape(next(unused)["url"], wait_s=0).json["event_id"]
        rows = wait_until(lambda: [row for row in overview(filled)["queue"] if (row["kind"], row["state"]) == ("scrape", "executing")], 20)
        assert [row["jobs"] for row in rows] == [1]
    finally:
        filled.site.release()
    wait_until(lambda: filled.event_row(event_id)["processing_status"] == "processed", 30)
    wait_until(lambda: overview(filled)["queue"] == [], 20)


def test_get_internal_statements(filled):
    """Five readings of one event are five calls of its statement."""
    filled.query("select pg_stat_statements_reset() is null")
    event_id = filled.value("select id from events where processed_at is not null order by id limit 1")
    for _ in range(5):
        assert filled.event(event_id).status == 200
    answer = filled.internal("GET", "/internal/statements?limit=100")
    assert answer.status == 200, answer
    rows = answer.json["data"]
    assert [row["calls"] for row in rows if "document" in row["query"] and "merged_into" in row["query"] and row["calls"] == 5] == [5]
    assert [row["total_ms"] for row in rows] == sorted((row["total_ms"] for row in rows), reverse=True)
    assert all(row["mean_ms"] <= row["max_ms"] + 0.1 and len(row["query"]) <= 1000 for row in rows)
    known = {str(row[0]): row[1] for row in filled.query("select queryid, calls from pg_stat_statements")}
    assert all(known[row["id"]] >= row["calls"] for row in rows)
    assert filled.internal("GET", "/internal/statements?limit=1").json["data"][0]["id"] in known
    for query, name in (("limit=0", "limit"), ("limit=101", "limit"), ("limt=5", "limt")):
        bad = filled.internal("GET", f"/internal/statements?{query}")
        assert bad.status == 400 and bad.json["errors"][0]["parameter"] == name
