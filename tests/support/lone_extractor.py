"""`eventd extractor` alone: no database, up within moments."""
import os
import re
import shutil
import signal
import subprocess

import client
import processes
from ports import free_ports
from stack import binary, make_folder
from waiting import wait_until


class LoneExtractor:
    """settings are environment variables; its own folder and port. Ended by stop(), which checks that it ended well."""

    def __init__(self, settings=None, state=None):
        self.folder = make_folder()
        [self.port] = free_ports(1)
        self.state = state or self.folder / "state"
        self.state.mkdir(exist_ok=True)
        self.log_path = self.folder / "extractor.log"
        reports = f"log_path={self.folder}/report"
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "LC_ALL", "EVENTD_ROOT")}
        self.environment = {**kept, "STATE_DIR": str(self.state), "EXTRACTOR_PORT": str(self.port), "LOG_FORMAT": "json",
                            "ASAN_OPTIONS": f"detect_leaks=1:{reports}", "UBSAN_OPTIONS": f"print_stacktrace=1:{reports}",
                            **(settings or {})}
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", str(binary()), "extractor"], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env=self.environment, start_new_session=True)
        try:
            wait_until(self.is_ready, 30, "the extractor")
        except BaseException:
            self.stop(check=False)
            raise

    def is_ready(self):
        assert self.process.poll() is None, self.log()
        try:
            return client.request(self.port, "GET", "/health/ready", timeout_s=5).status == 200
        except OSError:
            return False

    def log(self):
        return self.log_path.read_text(errors="replace")

    def extract(self, html, url=None, timeout_s=60):
        """The record."""
        answer = client.request(self.port, "POST", "/extract", {"html": html, "url": url}, timeout_s=timeout_s)
        assert answer.status == 200, answer
        return answer.json

    def metric(self, name, **labels):
        """The value of a counter or gauge; 0 when it has not been counted yet."""
        text = client.request(self.port, "GET", "/metrics").text
        for line in text.splitlines():
            found = re.fullmatch(rf"{name}(?:\{{(.*)\}})? (\S+)", line)
            if found and dict(re.findall(r'(\w+)="([^"]*)"', found[1] or "")) == labels:
                return float(found[2])
        return 0

    def stop(self, check=True, timeout_s=20):
        if self.process.poll() is None:
            processes.kill(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                processes.kill(self.process.pid)
                self.process.wait(10)
        log, reports = self.log(), [path.read_text(errors="replace") for path in self.folder.glob("report*")]
        shutil.rmtree(self.folder, ignore_errors=True)
        if check:
            assert not reports, "\n".join(reports)
            assert self.process.returncode == 0, f"the extractor ended with {self.process.returncode}\n{log}"
