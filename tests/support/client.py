"""A plain HTTP client: one request, no redirects, no decoding behind the test's back."""
import gzip
import http.client
import json as json_module
import socket
import urllib.parse


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        data = gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body
        return data.decode()

    @property
    def json(self):
        return json_module.loads(self.text)

    def __repr__(self):
        return f"<{self.status} {self.headers.get('content-type', '')} {self.body[:400]!r}>"


def request(port, method, path, json=None, body=None, headers=None, timeout_s=40, query=None):
    """json is sent as application/json; query is a mapping or a list of pairs."""
    headers = {name: value for name, value in (headers or {}).items() if value is not None}
    if json is not None:
        body = json_module.dumps(json, ensure_ascii=False).encode()
        headers.setdefault("Content-Type", "application/json")
    if query:
        path += "?" + urllib.parse.urlencode(query)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def request_head(port, method, path, headers, timeout_s=20):
    """For answers that do not end: status and headers, then the connection is given up."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, b"")
    finally:
        connection.close()


def raw(port, data, timeout_s=20):
    """Sends these bytes and reads until the server closes; as much of the answer as came."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as connection:
        try:
            connection.sendall(data)
            while piece := connection.recv(65536):
                received += piece
        except (ConnectionError, TimeoutError):
            pass
    return received
