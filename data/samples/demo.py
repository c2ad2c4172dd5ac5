#!/usr/bin/env python3
"""script/server --demo: the services with sample pages going through them, from the scrape to the answers.

usage: demo.py EVENTD [ARGUMENTS…]     runs `EVENTD up ARGUMENTS…` in the foreground

Starts a web server with the sample pages on a free port, tells eventd to fetch luma.com's pages from there, asks it to
scrape them in one batch, shows the progress, prints commands to try, and stays until it is ended.
"""
import json
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "data" / "samples"), str(ROOT / "tests" / "support")]
sys.dont_write_bytecode = True

import make_pages  # noqa: E402
from fake_site import Site  # noqa: E402

PAGES = ROOT / "build" / "samples"


def say(text=""):
    print(text, flush=True)


def call(url, body=None, token=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = json.dumps(body).encode() if body is not None else None
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
        return json.load(answer)


def internal_token(eventd):
    """What the services use among themselves, and may do everything: ours, or the one that `eventd up` keeps in its state."""
    if token := os.environ.get("INTERNAL_TOKEN"):
        return token
    folder = subprocess.run([eventd, "config", "STATE_DIR"], capture_output=True, text=True, check=True).stdout.strip()
    lines = (pathlib.Path(folder) / "secrets").read_text("utf-8").splitlines()
    return next((line.partition("=")[2] for line in lines if line.startswith("INTERNAL_TOKEN=")), None)


def setting(name, fallback):
    return os.environ.get(name) or fallback


class Demo:
    def __init__(self, command):
        self.site = Site([PAGES]).start()
        self.api = f"http://127.0.0.1:{setting('API_PORT', '3000')}"
        self.processor = f"http://127.0.0.1:{setting('PROCESSOR_PORT', '4000')}"
        environment = {"SCRAPE_MIN_DELAY_MS": "60", "LOG_LEVEL": "warn", **os.environ,
                       "SCRAPE_ORIGIN_OVERRIDE": f"https://luma.com={self.site.origin}"}
        # Ctrl-C reaches the whole group: eventd stops by itself, and this process waits for it. When this process is
        # killed, the kernel tells eventd.
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *command], env=environment)
        self.eventd, self.ending = command[0], False
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.end)

    def end(self, number, _frame):
        self.ending = True
        if number != signal.SIGINT and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def running(self):
        return self.process.poll() is None and not self.ending

    def wait_ready(self, timeout_s=120):
        deadline = time.monotonic() + timeout_s
        while self.running() and time.monotonic() < deadline:
            try:
                for service in (self.api, self.processor):
                    urllib.request.urlopen(service + "/health/ready", timeout=2).close()
                return True
            except (OSError, urllib.error.URLError):
                time.sleep(0.1)
        return False

    def replay(self, urls):
        """The batch, with a line whenever something has happened."""
        say(f"scraping {len(urls)} sample pages …")
        token = internal_token(self.eventd)  # asking for work always needs a key
        batch = call(self.api + "/api/events/batch/scrape", {"urls": urls}, token)
        shown = None
        while self.running():
            state = call(f"{self.api}/api/batches/{batch['batch_id']}", token=token)
            finished = state["done"]
            if finished != shown:
                filled = 30 * finished // max(state["total"], 1)
                say(f"  [{'#' * filled:<30}] {finished:>2} of {state['total']} processed, {state['failed']} failed")
                shown = finished
            if state["status"] == "completed":
                return state
            time.sleep(0.1)
        return None

    def suggest(self):
        """Commands that work as printed; each was just sent by this very function."""
        events = call(self.api + "/api/events?limit=1&location=SF", token=internal_token(self.eventd))["data"]
        one = events[0]["id"]
        lines = [
            ("events in a city on a topic", self.api + "/api/events?location=SF&topics=AI&limit=3"),
            ("search", self.api + "/api/events/search?q=" + urllib.parse.quote_plus("hackathon judges") + "&limit=3"),
            ("one event", f"{self.api}/api/events/{one}"),
            ("events like it", f"{self.api}/api/events/{one}/similar?limit=3"),
            ("how many, by city", self.api + "/api/stats/events/count?group_by=city"),
            ("what connects it to others", f"{self.processor}/internal/graph/events/{one}/connections")]
        say("\ntry:")
        for what, url in lines:
            closed = url.startswith(self.processor) or os.environ.get("PUBLIC_READ", "true") != "true"
            token = os.environ.get("INTERNAL_TOKEN") if closed else None
            call(url, token=token)
            header = f" -H {shlex.quote('Authorization: Bearer ' + token)}" if token else ""
            say(f"  # {what}\n  curl -s{header} {shlex.quote(url)}")
        say("\nCtrl-C ends everything.")

    def run(self):
        urls = [line.split("\t")[2] for line in (PAGES / "index.tsv").read_text("utf-8").splitlines()[1:]]
        try:
            if self.wait_ready() and (state := self.replay(urls)):
                say(f"done: {state['succeeded']} events, {state['failed']} failed")
                self.suggest()
        except (OSError, KeyError, ValueError, IndexError) as error:
            if self.running():
                say(f"demo: {error}")
        while True:
            try:
                status = self.process.wait(0.5)
                break
            except subprocess.TimeoutExpired:
                continue
        self.site.stop()
        return 0 if self.ending and status in (0, -signal.SIGTERM, -signal.SIGINT) else status


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    make_pages.make(PAGES)
    sys.exit(Demo([sys.argv[1], "up", *sys.argv[2:]]).run())


if __name__ == "__main__":
    main()
