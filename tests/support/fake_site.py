#!/usr/bin/env python3
"""A web server that plays the scraped site: pages of a folder, and every way in which a site can misbehave.

usage: fake_site.py --pages DIR [--pages DIR2 …] [--port N]    prints its port on the first line; TERM ends it

Inside tests it runs in a thread of the test process and is told what to do by calls:

    site = Site([folder]); site.start()
    site.answer("/slug", status(503, {"Retry-After": "1"}), page("other-slug"))   one answer a request, the last stays
    site.replace("slug", html)                                                    the page is another one from now on
    site.hold(after=10); …; site.release()                                        page requests wait once ten are served
    site.count("/slug"), site.statuses("/slug"), site.requests                    what was asked, and how it ended
"""
import argparse
import collections
import dataclasses
import gzip
import hashlib
import http.server
import pathlib
import signal
import sys
import threading
import time
import urllib.parse

ROBOTS = "User-agent: *\nAllow: /\nDisallow: /api/\nDisallow: /settings\n"
HTML = "text/html; charset=utf-8"
LONGEST_HOLD_S = 60
MOST_ENDLESS_BYTES = 256 * 1024 * 1024
# A picture of one pixel.
PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000" "1f15c4890000000d49444154789c63f8cfc0"
                    "f01f0005050102cfa0d6710000000049454e44ae426082")


@dataclasses.dataclass
class Request:
    path: str
    query: str
    headers: dict
    status: int = 0
    sent_bytes: int = 0
    at: float = dataclasses.field(default_factory=time.monotonic)

    @property
    def conditional(self):
        return "if-none-match" in self.headers or "if-modified-since" in self.headers


# --- answers: each is a function of the handler

def status(code, headers=None, body=b"", kind=HTML):
    return lambda handler: handler.send(code, body, kind, headers)


def redirect(location, code=302):
    return status(code, {"Location": location})


def page(slug):
    return lambda handler: handler.send_page(slug)


def content(text, kind=HTML):
    return status(200, None, text.encode(), kind)


def image():
    return status(200, None, PNG, "image/png")


def endless():
    return lambda handler: handler.send_endless()


def drip(interval_s=0.05):
    """A page that arrives byte by byte and never whole."""
    return lambda handler: handler.send_drip(interval_s)


def silence():
    """Nothing at all, until the client or the site gives up."""
    return lambda handler: handler.stay_silent()


def broken():
    """The connection ends before the first byte."""
    return lambda handler: handler.hang_up()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    wbufsize = 64 * 1024
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def do_GET(self):
        parts = urllib.parse.urlsplit(self.path)
        self.request = Request(urllib.parse.unquote(parts.path), parts.query,
                               {name.lower(): value for name, value in self.headers.items()})
        try:
            self.server.site.take(self.request)(self)
            self.wfile.flush()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    do_HEAD = do_GET

    def begin(self, code, headers):
        self.request.status = code
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def body(self, data):
        if self.command != "HEAD":
            self.wfile.write(data)
            self.request.sent_bytes += len(data)

    def send(self, code, body=b"", kind=HTML, headers=None):
        self.begin(code, {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})})
        self.body(body)

    def send_page(self, slug):
        found = self.server.site.find(slug)
        if found is None:
            return self.send(404, b"<!DOCTYPE html><title>Page Not Found</title>")
        tag, plain, packed = found
        headers = {"ETag": tag, "Vary": "Accept-Encoding", "Cache-Control": "private, max-age=0, must-revalidate"}
        if tag in [known.strip() for known in self.headers.get("If-None-Match", "").split(",")]:
            return self.begin(304, headers)
        data = plain
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            data, headers["Content-Encoding"] = packed(), "gzip"
        return self.send(200, data, HTML, headers)

    def send_endless(self):
        self.close_connection = True
        self.begin(200, {"Content-Type": HTML, "Transfer-Encoding": "chunked", "Connection": "close"})
        piece = b"<p>and so on</p>\n" * 2048
        while self.request.sent_bytes < MOST_ENDLESS_BYTES and not self.server.site.stopping.is_set():
            self.body(b"%x\r\n%s\r\n" % (len(piece), piece))

    def send_drip(self, interval_s):
        self.close_connection = True
        self.begin(200, {"Content-Type": HTML, "Content-Length": "1000000", "Connection": "close"})
        while not self.server.site.stopping.wait(interval_s):
            self.body(b"<")
            self.wfile.flush()

    def stay_silent(self):
        self.close_connection = True
        self.server.site.stopping.wait(LONGEST_HOLD_S)

    def hang_up(self):
        self.close_connection = True


class Pages:
    """Slug to page, from folders; .html and .html.gz."""

    def __init__(self, folders):
        self.files, self.by_id, self.cache = {}, {}, {}
        for folder in map(pathlib.Path, folders):
            for path in sorted(folder.iterdir()):
                slug = path.name.removesuffix(".gz").removesuffix(".html")
                if path.name.endswith((".html", ".html.gz")):
                    self.files.setdefault(slug, path)
            index = folder / "index.tsv"
            for line in index.read_text("utf-8").splitlines()[1:] if index.exists() else ():
                slug, event_id, *_ = line.split("\t")
                self.by_id.setdefault(event_id, slug)

    def put(self, slug, data):
        tag = 'W/"%s"' % hashlib.sha1(data).hexdigest()[:27]
        packed = []

        def pack():
            if not packed:
                packed.append(gzip.compress(data, 1, mtime=0))
            return packed[0]
        self.cache[slug] = (tag, data, pack)
        return self.cache[slug]

    def get(self, slug):
        if slug in self.cache:
            return self.cache[slug]
        path = self.files.get(slug)
        if path is None:
            return None
        data = path.read_bytes()
        return self.put(slug, gzip.decompress(data) if path.suffix == ".gz" else data)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class Site:
    def __init__(self, folders=(), port=0):
        self.pages, self.lock, self.stopping = Pages(folders), threading.Lock(), threading.Event()
        self.scripts, self.requests, self.robots = {}, [], status(200, None, ROBOTS.encode(), "text/plain")
        self.gate, self.served, self.hold_after = threading.Event(), 0, None
        self.gate.set()
        self.waiting = 0
        self.server = Server(("127.0.0.1", port), Handler)
        self.server.site = self
        self.port = self.server.server_address[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self.thread = None

    def start(self):
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()
        return self

    def stop(self):
        if self.stopping.is_set():
            return
        self.stopping.set()
        self.gate.set()
        if self.thread:
            self.server.shutdown()
            self.thread.join()
        self.server.server_close()

    # --- what it is told

    def answer(self, path, *answers):
        with self.lock:
            self.scripts[path] = list(answers)

    def replace(self, slug, text):
        with self.lock:
            self.pages.put(slug, text.encode())

    def hold(self, after=0):
        """Requests for pages wait from the `after`-th one on (counted from now), until release()."""
        with self.lock:
            self.served, self.hold_after = 0, after
            if after == 0:
                self.gate.clear()

    def release(self):
        with self.lock:
            self.hold_after = None
            self.gate.set()

    def forget(self):
        """The log begins anew."""
        with self.lock:
            self.requests = []

    # --- what it saw

    def seen(self, path):
        with self.lock:
            return [request for request in self.requests if request.path == path]

    def count(self, path):
        return len(self.seen(path))

    def statuses(self, path):
        return [request.status for request in self.seen(path)]

    def tally(self):
        with self.lock:
            return collections.Counter(request.status for request in self.requests if request.path != "/robots.txt")

    # --- how a request finds its answer

    def find(self, slug):
        with self.lock:
            return self.pages.get(self.pages.by_id.get(slug.removeprefix("event/"), slug) or "home-page")

    def take(self, request):
        with self.lock:
            self.requests.append(request)
            if request.path == "/robots.txt":
                return self.robots
            script = self.scripts.get(request.path)
            answer = (script.pop(0) if len(script) > 1 else script[0]) if script else page(request.path.strip("/"))
            self.served += 1
            if self.hold_after is not None and self.served > self.hold_after:
                self.gate.clear()
                self.hold_after = 0
            held = not self.gate.is_set()
            self.waiting += held
        if held:
            self.gate.wait(LONGEST_HOLD_S)
            with self.lock:
                self.waiting -= 1
        return answer


def main():
    parser = argparse.ArgumentParser(description="Plays the scraped site.")
    parser.add_argument("--pages", action="append", required=True, metavar="DIR")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    site = Site(options.pages, options.port)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=site.server.shutdown, daemon=True).start())
    print(site.port, flush=True)
    site.server.serve_forever(0.1)


if __name__ == "__main__":
    main()
