"""An OpenAI-compatible endpoint that answers what a test wants, also in all the ways in which one must not."""
import contextlib
import http.server
import json
import threading


def completion(content, prompt_tokens=1000, completion_tokens=50, **usage):
    """The body of a chat completion; content is a text, or what becomes JSON."""
    text = content if isinstance(content, str) else json.dumps(content)
    return json.dumps({"object": "chat.completion", "choices": [{"index": 0, "finish_reason": "stop",
                                                                "message": {"role": "assistant", "content": text}}],
                       "usage": {"prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens, **usage}})


class Reply:
    """status, headers and body as they go out. length: the Content-Length that is said. hold: an event that is waited for
    before the header; hold_body: one after half of the body."""

    def __init__(self, body="", status=200, headers=None, length=None, hold=None, hold_body=None):
        self.body = body.encode() if isinstance(body, str) else body
        self.status, self.headers, self.length, self.hold, self.hold_body = status, headers or {}, length, hold, hold_body


def says(content, **usage):
    return Reply(completion(content, **usage))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.asked.append({"path": self.path, "key": self.headers["Authorization"], **asked})
            number = len(self.server.asked)
        with contextlib.suppress(ConnectionError):
            self.send(self.server.plan(number, asked))

    def send(self, reply):
        if reply is None:  # closes without a word
            self.close_connection = True
            return
        if reply.hold:
            reply.hold.wait(60)
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
        self.end_headers()
        if reply.hold_body:
            half = len(reply.body) // 2
            self.wfile.write(reply.body[:half])
            self.wfile.flush()
            reply.hold_body.wait(60)
            self.wfile.write(reply.body[half:])
        else:
            self.wfile.write(reply.body)
        if reply.length is not None:
            self.close_connection = True


class FakeModel(http.server.ThreadingHTTPServer):
    """plan(number, request) makes the Reply (None: the connection is closed); number counts from 1. asked holds all
    requests so far, with path and key."""
    daemon_threads = True

    def __init__(self, plan=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock, self.asked = threading.Lock(), []
        self.plan = plan or (lambda number, asked: says({}))
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, request, client_address):
        """Clients that go in the middle are what is tested."""

    def stop(self):
        self.shutdown()
        self.server_close()
