"""Killed with SIGKILL in the middle of a merge, or of its undoing: afterwards the whole database is as it was before, or as after
a finished one. The middle is certain: a lock makes the merge wait at a chosen step, and while it waits somebody is killed."""
import contextlib
import http.client
import os
import signal
import threading

import processes
import psycopg
import pytest
from invariants import violations
from merge_catalogue import committed
from merge_picture import LESS, Picture, brief
from merging import LINKS, statement
from waiting import wait_until

# Tables that a merge and its undoing write into, from the first to the last step of each.
STEPS = {
    "speaker": ("event_speakers", "merges", 'event_network."APPEARS"', "changes"),
    "company": ("company_aliases", 'event_network."RELATES"'),
    "event": ("event_sources", "duplicates", "changes"),
}
# Of two runs of one merge other moments and other random ids are told; all else is the same.
MOMENTS = {
    **LESS, "duplicates": {**LESS["duplicates"], "decided_at": "t.decided_at is null"},
    "merges": {"id": None, "seq": None, "created_at": None, "undone_at": "t.undone_at is null"},
    "changes": {"seq": None, "xid": None, "at": None, "data": "t.data::jsonb - 'merge_id'"},
    "batch_items": {"finished_at": None}, "job_events": {"at": None},
}
CASES = [(kind, step) for kind, steps in STEPS.items() for step in steps]
# The supervisor gives up after five new starts a minute: four deaths of its children.
FEW = [("speaker", 'event_network."APPEARS"'), ("event", "changes")]


@pytest.fixture
def catalogue(new_stack):
    """Services without workers of their own accord, on a catalogue that is committed; of each kind a pair that much hangs on."""
    stack = new_stack({"SCRAPE_WORKERS": "0", "PROCESS_WORKERS": "0"}, pages=())
    with committed(stack, 7) as made:
        stack.pairs = {kind: put_up(made, kind, *likely_pair(made, kind)) for kind in STEPS}
    return stack


def likely_pair(made, kind):
    """Who is on the most events; of events two with addresses, people and thirds."""
    if kind == "event":
        return made.ids["event"][:2]
    table, column, _ = LINKS[kind]
    return [str(row[0]) for row in made.run(f"select {column} from {table} group by 1 order by count(*) desc, 1 limit 2")]


def put_up(made, kind, *pair):
    a, b = sorted(pair)
    made.run("delete from duplicates where kind = %s and a = %s and b = %s", kind, a, b)
    made.insert("duplicates", [{"id": (row := made.uuid()), "kind": kind, "a": a, "b": b, "score": 0.5, "evidence": [],
                                "status": "pending", "created_at": "2026-01-01"}])
    return row


def look(stack, less=None, run=None):
    """All rows. run: as they would be after that."""
    with stack.db() as connection:
        connection.autocommit = False
        connection.execute("select '[1]'::vector")
        if run:
            connection.execute(statement(run[0]), run[1])
        rows = Picture(connection, MOMENTS if less is None else less).rows(history=True)
        connection.rollback()
        return rows


class Asked(threading.Thread):
    """A request that may never be answered."""

    def __init__(self, stack, path, body):
        super().__init__()
        self.stack, self.path, self.body, self.answer = stack, path, body, None

    def run(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            self.answer = self.stack.internal("POST", self.path, self.body)


def in_the_middle(stack, step, path, body, kill):
    """Asks, kills while the answer waits at this step, and waits until nobody is at work on it; the answer's status, if any came."""
    asked = Asked(stack, path, body)
    with stack.db() as holder:
        holder.autocommit = False
        holder.execute(f"lock table {step} in share mode")
        asked.start()
        waiting = "select pid from pg_locks where relation = %s::regclass and not granted and mode = 'RowExclusiveLock'"
        [backend] = wait_until(lambda: [row[0] for row in stack.query(waiting, step)], 20, f"somebody who waits for {step}")
        kill(stack, backend)
        with contextlib.suppress(psycopg.OperationalError):  # it may be gone with the others
            holder.rollback()
    asked.join(60)
    wait_until(lambda: is_over(stack, backend), 60, "end of what was under way")
    stack.wait_ready()
    return asked.answer.status if asked.answer else None


def is_over(stack, backend):
    try:
        return stack.value("select count(*) from pg_stat_activity where pid = %s and state = 'active'", backend) == 0
    except psycopg.OperationalError:
        return False  # the database recovers


def kill_backend(stack, backend):
    """PostgreSQL then ends all others and recovers."""
    os.kill(backend, signal.SIGKILL)


def kill_processor(stack, backend):
    """Its backend goes on for itself: nobody hears what became of it."""
    stack.kill_child("processor")


def kill_database(stack, backend):
    """All of PostgreSQL at once, as when the machine loses its power."""
    old = stack.child("postgres")
    everyone = [old, *processes.descendants_of(old)]
    for pid in everyone:
        processes.kill(pid)
    wait_until(lambda: (pid := stack.child("postgres")) and pid != old, 60, "a new PostgreSQL")


def check(stack, step, path, body, run, kill):
    """One request that is killed; then it is asked for again, if nothing was done."""
    before, exactly = look(stack), look(stack, {})
    finished = look(stack, run=run)
    assert finished != before
    status = in_the_middle(stack, step, path, body, kill)
    after = look(stack)
    if after == before:
        assert look(stack, {}) == exactly and status != 200
        assert stack.internal("POST", path, body).status == 200
        after = look(stack)
    assert after == finished, brief(finished, after)


@pytest.mark.in_the_database
@pytest.mark.parametrize("kill, cases", [(kill_backend, CASES), (kill_processor, FEW), (kill_database, FEW)])
def test_killed_in_the_middle_of_a_merge_and_of_its_undoing(catalogue, kill, cases):
    stack = catalogue
    for number, (kind, step) in enumerate(cases):
        pair = stack.pairs[kind]
        note = f"merged at {number}"
        check(stack, step, f"/internal/duplicates/{pair}/decision", {"decision": "merge", "note": note},
              ("duplicates/decide_duplicate", {"id": pair, "decision": "merge", "note": note, "user_id": None}), kill)
        merge = stack.value("select id::text from merges order by seq desc limit 1")
        note = f"undone at {number}"
        check(stack, step, f"/internal/merges/{merge}/undo", {"note": note},
              ("merges/undo_merge", {"id": merge, "note": note, "user_id": None}), kill)
        assert violations(stack) == [], (kind, step)
