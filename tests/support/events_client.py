"""A client of server-sent events, as browsers are: reads fields, remembers the last id of a whole event, tells it when it
comes back."""
import json
import socket
import time


class Closed(Exception):
    """The server ended the stream."""


class EventStream:
    """One connection. `events` are (id, type, data) of whole events; last_id is what a browser would send next."""

    def __init__(self, port, path, token=None, last_id=None, timeout_s=30, headers=None, version="1.1"):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout_s)
        self.buffer, self.text, self.last_id, self.pending_id = b"", "", last_id, last_id
        self.type, self.data, self.retry_ms, self.comments = "", [], None, 0
        self.chunked, self.ended, self.stands = False, False, False
        lines = [f"GET {path} HTTP/{version}", "Host: 127.0.0.1", "Accept: text/event-stream"]
        if token:
            lines.append(f"Authorization: Bearer {token}")
        if last_id:
            lines.append(f"Last-Event-ID: {last_id}")
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self._read_head()

    def _receive(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise Closed()
        self.buffer += piece

    def _read_head(self):
        while b"\r\n\r\n" not in self.buffer:
            self._receive()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        self.status = int(lines[0].split()[1])
        self.headers = dict((name.lower(), value) for name, value in (line.split(": ", 1) for line in lines[1:]))
        self.chunked = self.headers.get("transfer-encoding") == "chunked"

    def _take_chunk(self):
        """The next bytes of the body that are here; None when more must be received first."""
        if not self.chunked:
            taken, self.buffer = self.buffer, b""
            return taken or None
        size, end, rest = self.buffer.partition(b"\r\n")
        if not end or len(rest) < int(size, 16) + 2:
            return None
        taken, self.buffer = rest[:int(size, 16)], rest[int(size, 16) + 2:]
        if not taken:
            self.ended = True
            raise Closed()
        return taken

    def _line(self):
        while "\n" not in self.text:
            piece = self._take_chunk()
            if piece is None:
                self._receive()
            else:
                self.text += piece.decode()
        line, self.text = self.text.split("\n", 1)
        return line

    def _step(self):
        """Takes one line; the event that it ends, if it does."""
        line = self._line()
        if line == "":
            self.last_id, event = self.pending_id, None
            self.stands = self.stands or self.last_id is not None
            if self.data:
                event = (self.last_id, self.type or "message", json.loads("\n".join(self.data)))
            self.type, self.data = "", []
            return event
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not name:
            self.comments += 1
        elif name == "id":
            self.pending_id = value
        elif name == "event":
            self.type = value
        elif name == "data":
            self.data.append(value)
        elif name == "retry":
            self.retry_ms = int(value)
        return None

    def next(self):
        """The next event: (id, type, data as JSON)."""
        while True:
            if event := self._step():
                return event

    def until(self, wanted, timeout_s=30):
        """All events up to the first that wanted(event) is true for, which is the last of them."""
        end, events = time.monotonic() + timeout_s, []
        while True:
            self.socket.settimeout(max(0.01, end - time.monotonic()))
            events.append(self.next())
            if wanted(events[-1]):
                return events

    def settle(self):
        """Reads until the server has said where the stream stands, so that nothing after this can be missed."""
        while not (self.stands and self.last_id):
            if event := self._step():
                raise AssertionError(f"an event before the place: {event}")
        return self

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
