"""SCRAPE_PROXIES: pages through HTTP and SOCKS proxies in turn; those that fail rest."""
import contextlib
import http.server
import socket
import socketserver
import struct
import threading
import urllib.request

import pytest


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.visits = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]


class HttpProxy(http.server.BaseHTTPRequestHandler):
    """Forwards plain requests with an absolute address (RFC 9112 section 3.2.2)."""

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.server.visits.append((self.path, self.headers.get("Proxy-Authorization")))
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(self.path, timeout=10) as answer:
                code, kind, body = answer.status, answer.headers["Content-Type"], answer.read()
        except urllib.error.HTTPError as error:
            code, kind, body = error.code, error.headers["Content-Type"], error.read()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class SocksProxy(socketserver.BaseRequestHandler):
    """SOCKS 5 without authentication, the CONNECT command (RFC 1928)."""

    def take(self, size):
        data = b""
        while len(data) < size:
            piece = self.request.recv(size - len(data))
            if not piece:
                raise ConnectionError
            data += piece
        return data

    def handle(self):
        with contextlib.suppress(OSError):
            _, methods = self.take(2)
            self.take(methods)
            self.request.sendall(b"\x05\x00")
            _, command, _, kind = self.take(4)
            host = socket.inet_ntoa(self.take(4)) if kind == 1 else self.take(self.take(1)[0]).decode()
            port = struct.unpack("!H", self.take(2))[0]
            self.server.visits.append((host, port))
            assert command == 1
            with socket.create_connection((host, port), timeout=10) as target:
                self.request.sendall(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
                back = threading.Thread(target=self.copy, args=(target, self.request), daemon=True)
                back.start()
                self.copy(self.request, target)
                back.join(10)

    @staticmethod
    def copy(source, target):
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)


@pytest.fixture
def serve():
    running = []

    def make(handler):
        running.append(Server(handler))
        return running[-1]
    yield make
    for server in running:
        server.shutdown()
        server.server_close()


def dead_port():
    with socket.create_server(("127.0.0.1", 0)) as unused:
        return unused.getsockname()[1]


def scrape_some(stack, truths, count):
    for truth in list(truths.values())[:count]:
        event = stack.event(stack.scrape_id(truth["url"])).json
        assert event["processing_status"] == "processed" and event["name"] == truth["name"], event


@pytest.mark.parametrize("scheme, handler", [("http", HttpProxy), ("socks5", SocksProxy), ("socks5h", SocksProxy)])
def test_pages_come_through_the_proxy(new_stack, truths, serve, scheme, handler):
    proxy = serve(handler)
    stack = new_stack({"SCRAPE_PROXIES": f"{scheme}://127.0.0.1:{proxy.port}"})
    scrape_some(stack, truths, 2)
    assert proxy.visits
    if handler is HttpProxy:
        asked = [path for path, _ in proxy.visits if not path.endswith("robots.txt")]
        assert len(asked) == len(set(asked)) == 2
    else:
        assert {port for _, port in proxy.visits} == {int(stack.site.origin.rpartition(":")[2])}


def test_its_name_and_password_are_sent_and_never_told(new_stack, truths, serve):
    proxy = serve(HttpProxy)
    stack = new_stack({"SCRAPE_PROXIES": f"http://carol:s3cret-word@127.0.0.1:{proxy.port}", "LOG_LEVEL": "debug"})
    scrape_some(stack, truths, 1)
    assert all(credentials and credentials.startswith("Basic ") for _, credentials in proxy.visits)
    assert "s3cret-word" not in stack.log_path.read_text()
    assert "s3cret-word" not in stack.command("config").stdout


def test_a_dead_proxy_rests_and_the_others_work(new_stack, truths, serve):
    http_proxy, socks_proxy = serve(HttpProxy), serve(SocksProxy)
    stack = new_stack({"SCRAPE_PROXIES": f"http://127.0.0.1:{dead_port()},http://127.0.0.1:{http_proxy.port},"
                                         f"socks5h://127.0.0.1:{socks_proxy.port}"})
    scrape_some(stack, truths, 6)
    assert http_proxy.visits and socks_proxy.visits
    assert stack.value("select max(attempt) from jobs where kind = 'scrape'") == 1
