"""Another service that speaks the extractor's contract: it answers what a test wants, when the test wants."""
import contextlib
import http.server
import json
import threading


def record(name="An event", kind="event", **event):
    return {"kind": kind, "event": {"name": name, **event}, "speakers": [], "companies": [], "topics": []}


class Raw:
    """An answer that may be none of the contract's: these bytes, with this status and perhaps another length."""

    def __init__(self, body=b"", status=200, length=None):
        self.body, self.status, self.length = body, status, length


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def send(self, document):
        answer = document if isinstance(document, Raw) else Raw(json.dumps(document).encode())
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer.body) if answer.length is None else answer.length))
        self.end_headers()
        self.wfile.write(answer.body)
        self.close_connection = answer.length is not None

    def do_GET(self):
        self.send({"status": "pass"})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked)
        with contextlib.suppress(ConnectionError):
            self.send(self.server.plan(asked))


class ForeignExtractor(http.server.ThreadingHTTPServer):
    """plan(request) makes the answer; asked holds all requests so far."""
    daemon_threads = True

    def __init__(self, port):
        super().__init__(("127.0.0.1", port), Handler)
        self.plan, self.asked = lambda asked: record(), []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()


class Pause:
    """An answer that waits: plan = Pause(answer); .reached is set when somebody asks, release() lets it go."""

    def __init__(self, answer):
        self.answer, self.reached, self.gate = answer, threading.Event(), threading.Event()

    def __call__(self, asked):
        self.reached.set()
        self.gate.wait(30)
        return self.answer(asked)

    def release(self):
        self.gate.set()
