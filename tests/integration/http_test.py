"""What holds for every answer: conditional requests, compression, methods, the description of the interface."""
import gzip
import json
import re
import uuid

import client
import pytest
from stack import TOKEN

pytestmark = pytest.mark.essential
PATHS = ["/api/events?limit=50", "/api/events/search?q=data", "/api/stats/events/count", "/openapi.json"]


@pytest.mark.parametrize("path", PATHS)
def test_a_known_answer_is_not_sent_again(filled, path):
    first = filled.api("GET", path)
    tag = first.headers["etag"]
    again = filled.api("GET", path, headers={"If-None-Match": tag})
    assert again.status == 304 and again.body == b"" and again.headers["etag"] == tag
    assert filled.api("GET", path, headers={"If-None-Match": f'"x", W/{tag.removeprefix("W/")}, "y"'}).status == 304
    assert filled.api("GET", path, headers={"If-None-Match": "*"}).status == 304
    assert filled.api("GET", path, headers={"If-None-Match": '"other"'}).status == 200


def test_the_tag_changes_with_the_event(stack, fresh):
    event_id = stack.scrape_id(fresh["url"])
    tag = stack.event(event_id).headers["etag"]
    html = stack.site.pages.files[fresh["slug"]].read_text()
    stack.site.replace(fresh["slug"], html.replace(fresh["name"], "Renamed"))
    assert stack.scrape_id(fresh["url"], force=True) == event_id
    answer = stack.event(event_id, headers={"If-None-Match": tag})
    assert answer.status == 200 and answer.headers["etag"] != tag and answer.json["name"] == "Renamed"


@pytest.mark.parametrize("path", PATHS)
def test_head_is_get_without_a_body(filled, path):
    got, head = filled.api("GET", path), filled.api("HEAD", path)
    assert head.status == 200 and head.body == b""
    for name in ("content-type", "content-length", "etag"):
        assert head.headers.get(name) == got.headers.get(name), name


def test_options_tells_the_methods(stack):
    answer = stack.api("OPTIONS", "/api/events", headers={"Origin": "https://app.example", "Access-Control-Request-Method": "GET"})
    assert answer.status in (200, 204)
    assert "GET" in answer.headers["allow"] and "HEAD" in answer.headers["allow"]
    assert answer.headers["access-control-allow-origin"] in ("*", "https://app.example")
    assert "POST" in stack.api("OPTIONS", "/api/scrape/luma").headers["allow"]


def test_a_method_that_does_not_exist_there(stack):
    answer = stack.api("DELETE", "/api/events")
    assert answer.status == 405 and "GET" in answer.headers["allow"]
    assert answer.json["code"] == "method_not_allowed"


def test_gzip(filled):
    plain = filled.api("GET", "/api/events?limit=50")
    packed = filled.api("GET", "/api/events?limit=50", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in packed.headers["vary"].lower()
    assert gzip.decompress(packed.body) == plain.body and len(packed.body) < len(plain.body) / 2
    refused = filled.api("GET", "/api/events?limit=50", headers={"Accept-Encoding": "gzip;q=0"})
    assert "content-encoding" not in refused.headers


def test_request_ids(stack):
    assert stack.api("GET", "/api/events").headers["x-request-id"] != stack.api("GET", "/api/events").headers["x-request-id"]
    mine = str(uuid.uuid4())
    answer = stack.api("GET", "/api/events?nonsense=1", headers={"X-Request-Id": mine})
    assert answer.headers["x-request-id"] == mine and answer.json["request_id"] == mine


def test_pipelined_requests_are_answered_in_order(stack):
    paths = ["/api/events?limit=1", "/openapi.json", "/api/events?limit=2", "/nowhere"]
    data = b"".join(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-of-the-tests\r\n{end}\r\n".encode()
                    for path, end in zip(paths, ("", "", "", "Connection: close\r\n")))
    received = client.raw(stack.api_port, data)
    assert re.findall(rb"HTTP/1\.1 (\d+) ", received) == [b"200", b"200", b"200", b"404"]


def test_health(stack):
    for port in (stack.api_port, stack.processor_port, stack.extractor_port):
        for path in ("/health/live", "/health/ready"):
            assert client.request(port, "GET", path).status == 200


def test_metrics(filled):
    for port in (filled.api_port, filled.processor_port):
        answer = filled.send(port, "GET", "/metrics")
        assert answer.status == 200 and answer.headers["content-type"].startswith("text/plain")
        lines = [line for line in answer.text.splitlines() if line and not line.startswith("#")]
        assert lines and all(len(line.rsplit(" ", 1)) == 2 and float(line.rsplit(" ", 1)[1]) >= 0 for line in lines)


def operations(document):
    return {(method.upper(), path) for path, item in document["paths"].items() for method in item
            if method in ("get", "post", "put", "patch", "delete")}


def test_the_description_lists_exactly_what_answers(filled):
    """Every operation that it lists exists, and what the contract gives is listed."""
    document = filled.api("GET", "/openapi.json").json
    assert document["openapi"].startswith("3.1")
    listed = operations(document)
    assert {("POST", "/api/scrape/luma"), ("GET", "/api/events"), ("GET", "/api/events/{id}"), ("GET", "/api/events/search"),
            ("GET", "/api/events/{id}/similar"), ("POST", "/api/events/batch/scrape"), ("GET", "/api/stats/events/count"),
            ("GET", "/api/batches/{id}")} <= listed
    event_id = filled.ids["agents-in-production"]
    for method, path in sorted(listed):
        if method == "GET":  # some of them do not end
            answer = client.request_head(filled.api_port, method, path.replace("{id}", event_id), {"Authorization": f"Bearer {TOKEN}"})
        else:
            answer = filled.api(method, path.replace("{id}", event_id), json={})
        assert answer.status not in (405, 500, 501), (method, path, answer)
        of_another_kind = "{" in path and not path.startswith("/api/events/")  # which has no such id
        assert answer.status != 404 or of_another_kind, (method, path, answer)
    for method, path in (("GET", "/api/nothing"), ("GET", "/api/event"), ("GET", "/admin")):
        assert filled.api(method, path).status == 404


def test_parameters_of_the_description_are_those_that_are_taken(filled):
    document = filled.api("GET", "/openapi.json").json
    names = {resolve(document, item)["name"] for item in document["paths"]["/api/events"]["get"]["parameters"]}
    assert {"location", "topics", "date_after", "date_before", "limit", "cursor"} <= names
    answer = filled.api("GET", "/api/events?surely_unknown=1")
    assert answer.status == 400


def resolve(document, item):
    while "$ref" in item:
        target = document
        for part in item["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        item = target
    return item


def test_answers_are_valid_json_whatever_the_names_hold(filled):
    text = filled.api("GET", "/api/events?limit=100").text
    assert json.loads(text)["data"]
    assert "Models of Life: small data, big proteins <beta>" in text
