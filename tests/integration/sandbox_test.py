"""Pages are read in children that are locked in; whatever happens to one of them costs one request and is counted.

Nothing in the program misbehaves on demand: the tests stop and kill the children from outside, by their pids.
"""
import os
import pathlib
import re
import signal
import subprocess
import threading

import processes
import pytest
import samples
from stack import Stack
from waiting import wait_until

PAGE = "<title>An evening of looms</title><script type='application/ld+json'>" \
       "{\"@type\":\"Event\",\"name\":\"Looms\",\"startDate\":\"2031-05-06T19:00:00+02:00\"}</script>"
BODY = {"html": PAGE, "url": "https://looms.example/evening"}
SANITIZED = b"__asan_init" in pathlib.Path(os.environ.get("EVENTD_BINARY", "/dev/null")).read_bytes()


@pytest.fixture(scope="module")
def running(truths):
    """One loop, so that all requests meet the same children."""
    made = Stack([samples.FOLDER], {"PROCESS_WORKERS": "1", "EXTRACTOR_TIMEOUT_MS": "2000"}).start()
    yield made
    made.stop()


def template(stack):
    return processes.children_of(stack.child("extractor"))


def children(stack):
    return [pid for parent in template(stack) for pid in processes.children_of(parent)]


def restarts(stack, reason):
    text = stack.extractor("GET", "/metrics").body.decode()
    found = re.search(rf'^extractor_sandbox_restarts_total\{{reason="{reason}"\}} (\d+)', text, re.M)
    return int(found[1]) if found else 0


def busy(stack):
    """Requests under way, the question itself among them."""
    return int(re.search(r"^http_server_active_requests (\d+)", stack.extractor("GET", "/metrics").body.decode(), re.M)[1])


def read(stack):
    answer = stack.extractor("POST", "/extract", BODY, timeout_s=30)
    assert answer.status == 200 and answer.json["event"]["name"] == "Looms", answer
    return answer


class Held:
    """A request whose child has been stopped in the middle; all other children are idle."""

    def __init__(self, stack):
        self.stack, self.answer = stack, None
        read(stack)
        self.all = children(stack)
        for pid in self.all:
            os.kill(pid, signal.SIGSTOP)
        self.thread = threading.Thread(target=self.ask)
        self.thread.start()
        wait_until(lambda: busy(stack) >= 2, 10, "the request is under way")

    def ask(self):
        self.answer = self.stack.extractor("POST", "/extract", BODY, timeout_s=30)

    def end(self):
        self.thread.join(30)
        assert self.answer is not None
        return self.answer


def test_a_crash_costs_one_request(running):
    if SANITIZED:
        pytest.skip("a sanitizer would report it")
    before = restarts(running, "crashed")
    held = Held(running)
    for pid in held.all:
        os.kill(pid, signal.SIGSEGV)
        os.kill(pid, signal.SIGCONT)
    answer = held.end()
    assert (answer.status, answer.json["code"]) == (422, "parse_error"), answer
    assert "crashed" in answer.json["detail"]
    read(running)
    assert restarts(running, "crashed") == before + len(held.all)
    processes.wait_gone(held.all)
    assert children(running)


def test_a_page_without_an_end(running):
    before = restarts(running, "timeout")
    held = Held(running)
    # Others are served meanwhile, by another child, while there is a place for one.
    if len(held.all) == 1:
        read(running)
        assert held.answer is None
    answer = held.end()
    assert (answer.status, answer.json["code"]) == (504, "timeout"), answer
    assert restarts(running, "timeout") == before + 1
    for pid in held.all:
        processes.kill(pid, signal.SIGCONT)
    read(running)
    assert not set(held.all) <= set(children(running))


def test_idle_children_are_killed(running):
    read(running)
    old, before = children(running), restarts(running, "killed")
    for pid in old:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: restarts(running, "killed") == before + len(old), 10, "the ends are counted")
    wait_until(lambda: children(running), 10, "another child, before anybody asks")
    read(running)


def test_the_template_is_killed(running):
    read(running)
    (old,), gone = template(running), children(running)
    before = restarts(running, "template")
    os.kill(old, signal.SIGKILL)
    processes.wait_gone(gone)
    read(running)
    wait_until(lambda: restarts(running, "template") == before + len(gone), 10, "the ends are counted")
    assert len(template(running)) == 1 and template(running) != [old]


def test_what_a_child_has(running):
    read(running)
    for pid in children(running):
        try:
            descriptors = os.listdir(f"/proc/{pid}/fd")
        except PermissionError:
            pytest.skip("only root may look")
        assert SANITIZED or descriptors == ["0"]
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        assert "Threads:\t1\n" in status and "NoNewPrivs:\t1\n" in status
        limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
        assert re.search(r"^Max cpu time +120 +120 ", limits, re.M)
        assert SANITIZED or re.search(r"^Max open files +1 +1 ", limits, re.M)
        environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes()
        assert b"TOKEN" not in environment and b"SECRET" not in environment and b"DATABASE" not in environment
        if "extractor_sandbox_filtered 1" in running.extractor("GET", "/metrics").body.decode():
            assert "Seccomp:\t2\n" in status


@pytest.mark.essential
def test_a_page_that_took_too_long_is_read_again(new_stack, truths):
    """That may be this machine's fault: the job tries again, and the event is there. Afterwards nobody is left."""
    stack = new_stack({"PROCESS_WORKERS": "1", "EXTRACTOR_TIMEOUT_MS": "3000"})
    stopped = children(stack)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    url = next(iter(truths.values()))["url"]
    assert stack.scrape(url, wait_s=0).status == 202
    wait_until(lambda: stack.value("select processing_status from events where luma_url = %s", url) == "processed", 60, "the event")
    assert restarts(stack, "timeout") == 1
    everyone = processes.descendants_of(stack.child("extractor"))
    assert len(everyone) >= 2
    stack.stop(remove=False)
    processes.wait_gone([*stopped, *everyone])


@pytest.mark.parametrize("setting", ["on", "required", "off"])
def test_one_page_by_hand(tmp_path, setting):
    page = tmp_path / "page.html"
    page.write_text(PAGE)
    environment = {"PATH": os.environ["PATH"], "EXTRACTOR_SANDBOX": setting}
    done = subprocess.run([os.environ["EVENTD_BINARY"], "extract", str(page), BODY["url"]], capture_output=True, text=True,
                          timeout=60, env=environment)
    if setting == "required" and "cannot be locked in here" in done.stderr:
        pytest.skip("this kernel has no filter for us")
    assert done.returncode == 0 and '"name":"Looms"' in done.stdout, done
