"""Killed in the middle of a batch, whoever it is: afterwards every event is processed exactly once."""
import os
import signal

import processes
import pytest
import samples
from invariants import violations
from waiting import wait_until

LIVE = "select count(*) from events where processing_status = 'processed'"


@pytest.fixture
def busy(new_stack, truths, further):
    """Services in the middle of a batch of all pages: some events are processed, the others are under way or wait."""
    stack = new_stack(pages=[samples.FOLDER, further[0]])
    stack.urls = [truth["url"] for truth in [*truths.values(), *further[1].values()]]
    stack.site.hold(after=25)
    stack.batch_id = stack.scrape_batch(stack.urls)["batch_id"]
    wait_until(lambda: stack.value(LIVE) >= 10 and stack.site.waiting > 0, 60, "the first events")
    stack.site.release()
    reached = stack.value(LIVE)
    wait_until(lambda: stack.value(LIVE) >= reached + 5, 30, "further events")
    return stack


def finish(stack):
    state = stack.wait_batch(stack.batch_id, 180)
    assert (state["succeeded"], state["failed"], state["total"]) == (len(stack.urls), 0, len(stack.urls))
    wait_until(lambda: not stack.unfinished(), 60, "no job left")
    assert violations(stack, stack.urls) == []


@pytest.mark.parametrize("victim", ["processor", "api", "extractor"])
def test_a_service_is_killed(busy, victim):
    new = busy.kill_child(victim)
    assert processes.is_alive(new)
    finish(busy)
    # Again at once: the supervisor's patience is for more than one.
    busy.kill_child(victim)
    busy.wait_ready()
    assert busy.api("GET", "/api/events?limit=1").status == 200


def test_all_services_are_killed_at_once(busy):
    old = {name: busy.child(name) for name in ("extractor", "api", "processor")}
    for pid in old.values():
        processes.kill(pid)
    wait_until(lambda: all((pid := busy.child(name)) and pid != old[name] for name in old), 60, "new ones")
    finish(busy)


def test_a_backend_of_the_database_is_killed(busy):
    """SIGKILL of one backend makes PostgreSQL end all of them and recover."""
    pid = busy.value("select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() "
                     "order by (application_name like '%%processor%%') desc, pid limit 1")
    os.kill(pid, signal.SIGKILL)
    finish(busy)


def test_the_postmaster_is_killed(busy):
    busy.kill_child("postgres")
    finish(busy)


def test_a_service_that_hangs_is_no_loss(busy):
    """A stopped worker loses its leases to others; when it goes on, it writes nothing twice."""
    pid = busy.child("processor")
    os.kill(pid, signal.SIGSTOP)
    try:
        wait_until(lambda: busy.value("select count(*) from jobs where state = 'executing' and kind = 'process'") == 0
                   or busy.value("select count(*) from jobs where state = 'executing' and kind = 'process' and lease_until < now()") > 0,
                   30, "leases that ran out")
    finally:
        os.kill(pid, signal.SIGCONT)
    finish(busy)


def test_an_ordered_end_and_a_new_start(busy):
    """TERM in the middle: everything ends; the next start goes on where it was, nothing is lost or done twice."""
    everyone = processes.descendants_of(busy.process.pid)
    processes.kill(busy.process.pid, signal.SIGTERM)
    assert busy.process.wait(30) == 0
    processes.wait_gone(everyone, 5)
    busy.start()
    finish(busy)


def test_the_supervisor_is_killed(busy):
    """Nothing survives it; a new one finds the state in order."""
    everyone = processes.descendants_of(busy.process.pid)
    assert len(everyone) >= 4
    processes.kill(busy.process.pid)
    busy.process.wait(10)
    processes.wait_gone(everyone, 30)
    busy.start()
    finish(busy)
