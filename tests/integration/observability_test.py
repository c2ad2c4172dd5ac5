"""What operators see: one id through all logs, metrics with names of the usual kind, slow statements."""
import json
import re

from client import request
from events_client import EventStream
from stack import TOKEN
from waiting import wait_until

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def log_lines(stack):
    lines = []
    for line in stack.log_path.read_text(errors="replace").splitlines():
        if line.startswith("{"):
            lines.append(json.loads(line))
    return lines


def about(stack, request_id):
    return [line for line in log_lines(stack) if line.get("request_id") == request_id]


def metrics(stack, port):
    """Samples: (name, {label: value}) → number; and the help text of each metric."""
    text = request(port, "GET", "/metrics").text
    samples = {}
    for name, labels, value in re.findall(r'^(\w+)(?:\{(.*)\})? (\S+)$', text, re.M):
        samples[name, frozenset(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels))] = float(value)
    return samples, dict(re.findall(r"^# HELP (\w+) (.+)$", text, re.M))


def total(samples, name, **labels):
    return sum(value for (found, at), value in samples.items() if found == name and set(labels.items()) <= at)


def test_one_id_is_in_all_logs(stack, unused):
    page = next(unused)
    answer = stack.api("POST", "/api/scrape/luma?wait=30", {"url": page["url"]}, headers={"X-Request-Id": "follow-me-1"})
    assert answer.status == 200 and answer.headers["x-request-id"] == "follow-me-1"
    wanted = {("api", "request"), ("api", "job_done"), ("processor", "job_done"), ("extractor", "request")}
    wait_until(lambda: {(line["service"], line["event"]) for line in about(stack, "follow-me-1")} >= wanted, 20,
               "a line of each service")
    assert {row[0] for row in stack.query("select request_id from jobs j join events e on e.id = j.event_id where e.luma_url = %s",
                                          page["url"])} == {"follow-me-1"}


def test_a_trace_goes_through_all_services(stack, unused):
    page = next(unused)
    answer = stack.api("POST", "/api/scrape/luma?wait=30", {"url": page["url"]},
                       headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    assert answer.status == 200 and answer.headers["x-request-id"] == TRACE
    [extraction] = wait_until(lambda: [line for line in about(stack, TRACE) if line["service"] == "extractor"], 20)
    assert extraction["trace_id"] == TRACE  # it was sent as a traceparent, not only as an id
    assert {line["service"] for line in about(stack, TRACE)} == {"api", "processor", "extractor"}
    # Nonsense is no trace.
    answer = stack.api("GET", "/health/live", headers={"traceparent": "00-zz-1-01"})
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["x-request-id"])


def test_metrics_of_both_services(filled):
    wanted = {
        "api": "http_server_request_duration_seconds http_server_active_requests db_client_operation_duration_seconds "
               "db_client_connection_count db_client_connection_pending_requests jobs_queue_depth jobs_oldest_age_seconds jobs_total "
               "job_duration_seconds scrape_requests_total changes_lag_seconds build_info",
        "processor": "http_server_request_duration_seconds http_server_active_requests db_client_operation_duration_seconds "
                     "db_client_connection_count jobs_queue_depth jobs_oldest_age_seconds jobs_total job_duration_seconds "
                     "pipeline_stage_duration_seconds changes_lag_seconds build_info"}
    for service, port in (("api", filled.api_port), ("processor", filled.processor_port)):
        wait_until(lambda: not (set(wanted[service].split()) - set(metrics(filled, port)[1])), 20, f"all metrics of {service}")
        samples, helps = metrics(filled, port)
        assert all(len(helps[name]) > 20 for name in wanted[service].split())
        assert total(samples, "http_server_active_requests") >= 1  # this one
        assert total(samples, "db_client_connection_count", state="idle") + total(samples, "db_client_connection_count", state="used") == 3
    samples, _ = metrics(filled, filled.api_port)
    processed = filled.value("select count(*) from events where processed_at is not null")
    assert total(samples, "scrape_requests_total", host="luma.com", outcome="ok") >= processed
    assert total(samples, "jobs_total", kind="scrape", state="completed") >= processed
    assert total(samples, "db_client_operation_duration_seconds_count", db_operation_name="jobs/claim_job", error_type="") > 0
    samples, _ = metrics(filled, filled.processor_port)
    assert total(samples, "jobs_total", kind="process", state="completed") >= processed
    assert total(samples, "pipeline_stage_duration_seconds_count", stage="store", outcome="ok") >= processed
    assert total(samples, "job_duration_seconds_count", kind="process", state="completed") >= processed


def test_open_streams_are_active_requests_and_not_slow_ones(stack):
    def seen():
        return metrics(stack, stack.api_port)[0]
    before = total(seen(), "stream_subscribers")
    with EventStream(stack.api_port, "/api/stream", TOKEN).settle():
        wait_until(lambda: total(seen(), "stream_subscribers") == before + 1, 10)
        assert total(seen(), "http_server_active_requests") >= 2
    wait_until(lambda: total(seen(), "stream_subscribers") == before, 10)
    assert total(seen(), "stream_ended_total", reason="client_gone") >= 1
    assert total(seen(), "http_server_request_duration_seconds_count", http_route="/api/stream", http_response_status_code="200") == 0


def test_slow_statements_are_logged_with_their_request(new_stack):
    stack = new_stack(settings={"SLOW_STATEMENT_MS": "0"})
    answer = stack.api("POST", "/api/scrape/luma?wait=30", {"url": "https://luma.com/sp-energia-aberta"},
                       headers={"X-Request-Id": "slow-1"})
    assert answer.status == 200, answer
    slow = wait_until(lambda: [line for line in about(stack, "slow-1") if line["event"] == "slow_statement"], 20)
    names = {(line["service"], line["statement"]) for line in slow}
    # Asked by the loop, by what its answer led to, and by both workers.
    assert {("api", "events/request_scrapes"), ("api", "events/event_outcome"), ("api", "events/store_page"),
            ("processor", "events/store_event")} <= names
    assert all(line["ms"] >= 0 for line in slow)
    # The embedded database has the same threshold.
    assert stack.value("show log_min_duration_statement") == "0"
    # What serves everybody is nobody's.
    assert not [line for line in slow if line["statement"] in ("jobs/extend_leases", "changes/list_changes", "jobs/count_jobs")]
