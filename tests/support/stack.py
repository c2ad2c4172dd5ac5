"""The real thing for tests: `eventd up` with its own state, ports and scraped site, started and ended by pid."""
import itertools
import os
import pathlib
import re
import shutil
import signal
import subprocess

import psycopg

import client
import processes
from fake_site import Site
from ports import free_ports
from waiting import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOKEN = "token-of-the-tests"
counter = itertools.count()


def binary():
    path = pathlib.Path(os.environ.get("EVENTD_BINARY", ROOT / "build/release/src/eventd"))
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not built (script/build)")
    return path


def scratch():
    """Where folders of tests are: in memory, where a database does not wait for a disk, if there is plenty."""
    memory = pathlib.Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > 4 << 30 else pathlib.Path("/tmp")


def make_folder():
    """A folder that any user may enter (the database does not run as root); those of dead test runs are removed."""
    for old in scratch().glob("eventd-tests-*"):
        pid = old.name.split("-")[2]
        if pid.isdigit() and not processes.is_alive(int(pid)):
            shutil.rmtree(old, ignore_errors=True)
    folder = scratch() / f"eventd-tests-{os.getpid()}-{next(counter)}"
    folder.mkdir(mode=0o755)
    return folder


class Stack:
    """settings are further settings in the environment; site None starts one with the given page folders."""

    def __init__(self, pages=(), settings=None, site=None):
        self.folder = make_folder()
        self.own_site = site is None
        self.site = site or Site(pages).start()
        self.api_port, self.processor_port, self.extractor_port = free_ports(3)
        self.log_path, self.process = self.folder / "eventd.log", None
        self.sanitizer = self.folder / "sanitizer"
        self.sanitizer.mkdir(mode=0o777)
        self.sanitizer.chmod(0o777)
        reports = f"log_path={self.sanitizer}/report"
        kept = {name: value for name, value in os.environ.items()
                if name in ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "EVENTD_ROOT")}
        self.environment = {
            **kept, "STATE_DIR": str(self.folder / "state"), "API_PORT": str(self.api_port),
            "PROCESSOR_PORT": str(self.processor_port), "EXTRACTOR_PORT": str(self.extractor_port),
            "INTERNAL_TOKEN": TOKEN, "PUBLIC_READ": "false", "SECRET_KEY_BASE": "0123456789abcdef0123456789abcdef", "LOG_FORMAT": "json",
            "SCRAPE_ORIGIN_OVERRIDE": f"https://luma.com={self.site.origin}", "SCRAPE_MIN_DELAY_MS": "0",
            "SCRAPE_TIMEOUT_MS": "2000", "SCRAPE_MAX_BYTES": "2000000", "SCRAPE_MAX_ATTEMPTS": "3", "JOB_LEASE_MS": "2000",
            "ASAN_OPTIONS": f"detect_leaks=1:{reports}", "LSAN_OPTIONS": reports, "TSAN_OPTIONS": f"suppressions={ROOT}/tests/thread_sanitizer.supp:{reports}",
            "UBSAN_OPTIONS": f"print_stacktrace=1:{reports}", **(settings or {})}

    # --- life

    def start(self, timeout_s=90):
        (self.folder / "state").mkdir(exist_ok=True)
        with open(self.log_path, "ab") as log:
            # The kernel ends the supervisor when this process is gone, however it went.
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", str(binary()), "up"], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env=self.environment, start_new_session=True)
        try:
            self.wait_ready(timeout_s)
        except BaseException:
            print(self.log_tail(200))
            self.stop(check=False)
            raise
        return self

    def wait_ready(self, timeout_s=60):
        def ready():
            if self.process.poll() is not None:
                raise AssertionError(f"eventd up ended with {self.process.returncode}\n{self.log_tail(80)}")
            return all(self.is_ready(port) for port in (self.extractor_port, self.processor_port, self.api_port))
        wait_until(ready, timeout_s, "all services ready")

    def is_ready(self, port):
        try:
            return client.request(port, "GET", "/health/ready", timeout_s=5).status == 200
        except OSError:
            return False

    def stop(self, check=True, timeout_s=30, remove=True):
        """TERM, everything gone, no sanitizer report; what is left over is killed and is a failure. May be repeated."""
        left = []
        if self.process and self.process.poll() is None:
            everyone = processes.with_environment("STATE_DIR", self.environment["STATE_DIR"])
            everyone = sorted({*everyone, *processes.descendants_of(self.process.pid)})
            processes.kill(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                left.append(("eventd up", "did not end"))
            try:
                processes.wait_gone(everyone, 5)
            except AssertionError:
                left += [(pid, processes.command_of(pid)) for pid in everyone if processes.is_alive(pid)]
                for pid in everyone:
                    processes.kill(pid)
                processes.kill(self.process.pid)
                self.process.wait(10)
        if self.own_site and remove:
            self.site.stop()
        reports, log = self.sanitizer_reports(), self.log_tail(60)
        status = self.process.returncode if self.process else 0
        if remove:
            shutil.rmtree(self.folder, ignore_errors=True)
        if check:
            assert not left, f"still there after TERM: {left}\n{log}"
            assert not reports, "\n".join(reports)
            assert status == 0, f"eventd up ended with {status}\n{log}"

    def sanitizer_reports(self):
        found = [path.read_text(errors="replace") for path in sorted(self.sanitizer.glob("report*"))]
        if self.log_path.exists():
            found += re.findall(r"^.*runtime error:.*$", self.log_path.read_text(errors="replace"), re.M)
        return found

    def log_tail(self, lines=100):
        """Without the probes, which would be all there is of a service that does not get ready."""
        if not self.log_path.exists():
            return ""
        told = [line for line in self.log_path.read_text(errors="replace").splitlines() if '"target":"/health/' not in line]
        return "\n".join(told[-lines:])

    # --- what tests do with it

    def api(self, method, path, json=None, **options):
        return self.send(self.api_port, method, path, json, **options)

    def internal(self, method, path, json=None, **options):
        return self.send(self.processor_port, method, path, json, **options)

    def extractor(self, method, path, json=None, **options):
        return self.send(self.extractor_port, method, path, json, **options)

    def send(self, port, method, path, json=None, headers=None, **options):
        """Authorised, unless headers say {"Authorization": None}."""
        return client.request(port, method, path, json, headers={"Authorization": f"Bearer {TOKEN}", **(headers or {})}, **options)

    def command(self, *arguments, timeout_s=60):
        """Runs another `eventd ARGUMENTS…` beside it, with the same settings."""
        return subprocess.run([str(binary()), *arguments], env=self.environment, capture_output=True, text=True,
                              timeout=timeout_s, stdin=subprocess.DEVNULL)

    def db(self, **options):
        """A connection to the embedded cluster, by its socket; autocommit."""
        return psycopg.connect(self.database_url(), autocommit=True, connect_timeout=5, **options)

    def database_url(self):
        return f"host={self.environment['STATE_DIR']}/postgres dbname=events user=eventd"

    def query(self, sql, *values):
        with self.db() as connection:
            return connection.execute(sql, values).fetchall()

    def value(self, sql, *values):
        return self.query(sql, *values)[0][0]

    def known_as(self, name):
        """The name of the person whom a page calls so: pages spell one person in several ways, and the first that was read counts."""
        return self.value("select o.name from speakers s join speakers o on o.id = coalesce(s.merged_into, s.id) where s.name = %s", name)

    def clear(self):
        """Nobody and nothing is left. Rather tries again than waits: what the services do by themselves may hold a table that
        this needs, and wait for one that this holds."""
        def is_cleared():
            try:
                with self.db() as connection, connection.transaction():
                    connection.execute("set local lock_timeout = '50ms'")
                    connection.execute("truncate speakers, companies, events, merges, duplicates, jobs, changes cascade")
                    connection.execute("select rebuild_graph()")
                return True
            except psycopg.errors.LockNotAvailable:
                return False
        wait_until(is_cleared, 60, "the tables for a moment")

    def child(self, name):
        """The pid of the supervisor's child: extractor, api, processor, postgres."""
        for pid in processes.children_of(self.process.pid):
            command = processes.command_of(pid)
            if name == "postgres" and re.search(r"\bpostgres\b", command) or re.search(rf"eventd {name}\b", command):
                return pid
        return None

    def kill_child(self, name, number=signal.SIGKILL):
        """Kills it and waits until another one has taken its place; the pid of the new one."""
        old = wait_until(lambda: self.child(name), 20, f"a running {name}")
        processes.kill(old, number)
        return wait_until(lambda: (pid := self.child(name)) and pid != old and pid, 60, f"a new {name}")

    # --- scraping

    def scrape(self, url, wait_s=30, **body):
        return self.api("POST", f"/api/scrape/luma?wait={wait_s}" if wait_s else "/api/scrape/luma", {"url": url, **body})

    def scrape_id(self, url, **body):
        """Scrapes it and waits; the event's id."""
        answer = self.scrape(url, **body)
        assert answer.status in (200, 202), answer
        return answer.json.get("event_id") or answer.json["id"]

    def event(self, event_id, **options):
        return self.api("GET", f"/api/events/{event_id}", **options)

    def event_row(self, event_id):
        with self.db(row_factory=psycopg.rows.dict_row) as connection:
            return connection.execute("select * from events where id = %s", (event_id,)).fetchone()

    def scrape_batch(self, urls):
        answer = self.api("POST", "/api/events/batch/scrape", {"urls": list(urls)})
        assert answer.status == 202, answer
        return answer.json

    def batch(self, batch_id):
        """Its progress; empty while nobody answers."""
        try:
            answer = self.api("GET", f"/api/batches/{batch_id}")
        except OSError:
            return {}
        return answer.json if answer.status == 200 else {}

    def wait_batch(self, batch_id, timeout_s=120):
        def finished():
            state = self.batch(batch_id)
            return state if state.get("status") == "completed" else None
        try:
            return wait_until(finished, timeout_s, f"end of batch {batch_id}", 0.05)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.batch(batch_id)}\n{self.unfinished()}") from None

    def unfinished(self):
        """Jobs that wait or run, for messages."""
        return self.query("select kind, state, attempt, error_code, error_detail, scheduled_at - now(), lease_until - now() "
                          "from jobs where state in ('available', 'executing', 'retryable') limit 20")
