"""What clients do wrong: a problem document, nothing stored, everybody else unharmed. tests/README.md lists the rows; what holds
for every operation is walked by bad_input_walk_test.py."""
import json
import socket

import client
import pytest

pytestmark = pytest.mark.essential
AUTHORISED = "Authorization: Bearer token-of-the-tests\r\n"


def problem(answer, statuses, code=None):
    assert answer.status in statuses, answer
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json
    assert document["status"] == answer.status and document["title"] and document["code"]
    if code:
        assert document["code"] == code
    return document


def state(stack):
    return stack.query("select (select count(*) from events), (select count(*) from jobs), (select count(*) from batches)")


@pytest.mark.parametrize("body", [b"", b"{", b"nonsense", b"[1,2", b'{"url":}', b'{"url":"x"} trailing', b"\xff\xfe", b"null", b"[]",
                                  b'"text"', b"{}" * 3])
def test_a_body_that_is_not_a_json_object(stack, body):
    before = state(stack)
    problem(stack.api("POST", "/api/scrape/luma", body=body, headers={"Content-Type": "application/json"}), (400, 422))
    assert state(stack) == before


@pytest.mark.parametrize("body, pointer", [({}, "/url"), ({"url": 7}, "/url"), ({"url": None}, "/url"), ({"url": ["a"]}, "/url"),
                                           ({"url": "https://luma.com/x", "force": "yes"}, "/force")])
def test_a_field_that_is_missing_or_of_the_wrong_type(stack, body, pointer):
    before = state(stack)
    document = problem(stack.api("POST", "/api/scrape/luma", body), (400, 422))
    assert document["errors"][0]["pointer"] == pointer
    assert state(stack) == before


def test_an_unknown_field_is_refused_with_the_nearest(stack):
    document = problem(stack.api("POST", "/api/scrape/luma", {"url": "https://luma.com/x", "forse": True}), (400, 422))
    assert document["errors"][0]["nearest"] == "force"


@pytest.mark.parametrize("url", [
    "", "x", "luma.com/x", "//luma.com/x", "ftp://luma.com/x", "javascript:alert(1)", "file:///etc/passwd", "https://example.com/x",
    "https://luma.com.example.com/x", "https://notluma.com/x", "https://luma.com@example.com/x", "https://user:word@luma.com/x",
    "http://127.0.0.1/x", "http://localhost/x", "http://[::1]/x", "http://10.1.2.3/x", "http://2130706433/x", "http://0x7f.1/x",
    "https://luma.com:22/x", "https://luma.com\\@example.com/x", "https://luma.com/\r\nHost: example.com", "https://" + "a" * 3000 + ".com"])
def test_an_address_that_may_not_be_fetched(stack, url):
    before, asked = state(stack), len(stack.site.requests)
    problem(stack.api("POST", "/api/scrape/luma", {"url": url}), (400, 422))
    assert state(stack) == before
    assert len(stack.site.requests) == asked


def test_the_code_of_a_refused_address(stack):
    problem(stack.api("POST", "/api/scrape/luma", {"url": "https://example.com/x"}), (422,), "url_not_allowed")


def test_a_body_of_another_type(stack):
    answer = stack.api("POST", "/api/scrape/luma", body=b"url=https://luma.com/x",
                       headers={"Content-Type": "application/x-www-form-urlencoded"})
    problem(answer, (400, 415))


def test_a_body_that_is_too_large(stack):
    body = b'{"url":"' + b"x" * (1024 * 1024 + 10) + b'"}'
    head = (f"POST /api/scrape/luma HTTP/1.1\r\nHost: x\r\n{AUTHORISED}Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode()
    received = client.raw(stack.api_port, head + body)
    assert received.startswith(b"HTTP/1.1 413 ") and b"payload_too_large" in received


def test_a_chunked_body_that_is_too_large(stack):
    piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    head = (f"POST /api/scrape/luma HTTP/1.1\r\nHost: x\r\n{AUTHORISED}Content-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\n\r\n").encode()
    assert client.raw(stack.api_port, head + piece * 20).startswith(b"HTTP/1.1 413 ")


MIB = 1024 * 1024


@pytest.mark.parametrize("path, limit", [("/api/scrape/luma", MIB), ("/api/events/batch", 8 * MIB), ("/api/events/batch/scrape", 8 * MIB),
                                         ("/api/events/batch/process", 8 * MIB)])
def test_the_largest_body_and_one_byte_more(stack, path, limit):
    """Padded with spaces, which JSON allows: up to the limit it is read, and refused for what it says."""
    before, content = state(stack), json.dumps({"nonsense": 1}).encode()
    headers = {"Content-Type": "application/json"}
    problem(stack.api("POST", path, body=content + b" " * (limit - len(content)), headers=headers), (400,), "unknown_parameter")
    head = (f"POST {path} HTTP/1.1\r\nHost: x\r\n{AUTHORISED}Content-Type: application/json\r\n"
            f"Content-Length: {limit + 1}\r\n\r\n").encode()
    received = client.raw(stack.api_port, head + content + b" " * (limit + 1 - len(content)))
    assert received.startswith(b"HTTP/1.1 413 ") and b"payload_too_large" in received and b"\r\nConnection: close\r\n" in received
    assert state(stack) == before


def test_a_slow_sender(stack):
    """One that never ends its header and one that never ends its body: told so, closed, and nobody else waits for them."""
    beginnings = [b"GET /api/events HTTP/1.1\r\nHost: x\r\nX-Slow: ",
                  f"POST /api/scrape/luma HTTP/1.1\r\nHost: x\r\n{AUTHORISED}Content-Type: application/json\r\n"
                  "Content-Length: 50\r\n\r\n{".encode()]
    before, slow = state(stack), [socket.create_connection(("127.0.0.1", stack.api_port), timeout=30) for _ in beginnings]
    for connection, data in zip(slow, beginnings):
        connection.sendall(data)
    assert stack.api("GET", "/api/events?limit=1").status == 200
    for connection in slow:
        received = b""
        with connection:
            while piece := connection.recv(65536):
                received += piece
        assert received.startswith(b"HTTP/1.1 408 ") and b"request_timeout" in received
    assert state(stack) == before


def test_a_header_that_is_too_large(stack):
    received = client.raw(stack.api_port, b"GET /api/events HTTP/1.1\r\nHost: x\r\nX-Filler: " + b"x" * 17000 + b"\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("data", [b"nonsense\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
                                  b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                                  b"POST /api/scrape/luma HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"])
def test_something_that_is_not_http(stack, data):
    assert client.raw(stack.api_port, data).split()[:2] in ([b"HTTP/1.1", b"400"], [b"HTTP/1.1", b"505"])


def test_others_are_unharmed(stack):
    assert stack.api("GET", "/api/events?limit=1").status == 200


@pytest.mark.parametrize("path", ["/", "/api", "/api/", "/api/eventss", "/api/events/", "//api/events", "/api/events/../../etc/passwd", "/%2e%2e/"])
def test_a_path_that_does_not_exist(stack, path):
    answer = stack.api("GET", path)
    assert answer.status in (404, 400, 200) and answer.status != 500
    if path.startswith("/api/eventss"):
        problem(answer, (404,), "not_found")


@pytest.mark.parametrize("body, pointer", [({}, "/event_id"), ({"event_id": "x", "html": "", "url": ""}, "/event_id"),
                                           ({"event_id": 4}, "/event_id")])
def test_the_internal_api_checks_too(stack, body, pointer):
    document = problem(stack.internal("POST", "/internal/process", body), (400, 422))
    assert pointer in [error["pointer"] for error in document["errors"]]


def test_the_internal_api_needs_its_token(stack):
    for headers in ({"Authorization": None}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}):
        answer = stack.internal("POST", "/internal/process", {}, headers=headers)
        problem(answer, (401,), "unauthorized")
        assert "www-authenticate" in answer.headers


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b'{"html":7}'])
def test_the_extractor_checks_too(stack, body):
    answer = stack.extractor("POST", "/extract", body=body, headers={"Content-Type": "application/json"})
    problem(answer, (400, 422))
