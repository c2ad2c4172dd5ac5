"""What happens to jobs and events while somebody else holds what is needed."""
import threading
import uuid

import pytest
from waiting import wait_until

JOB = "insert into jobs (kind, event_id, same_key, state, completed_at) values (%s, %s, %s, 'discarded', now()) returning id"


class Other:
    """A statement in another transaction, which may have to wait; undone in the end, unless it is kept."""

    def __init__(self, stack, sql, *values):
        self.stack, self.error, self.rows = stack, None, None
        self.connection = stack.db()
        self.pid = self.connection.info.backend_pid
        self.connection.execute("begin; set local statement_timeout = '20s'")
        self.thread = threading.Thread(target=self.run, args=(sql, values))
        self.thread.start()

    def run(self, sql, values):
        try:
            self.rows = self.connection.execute(sql, values).fetchall()
        except Exception as error:  # shown by the test
            self.error = error

    def wait_blocked(self):
        wait_until(lambda: self.error or self.stack.query("select from pg_stat_activity where pid = %s and wait_event_type = 'Lock'", self.pid),
                   20, "a transaction that waits for a lock")
        assert not self.error, self.error

    def finish(self, keep=False):
        self.thread.join(30)
        if keep and not self.thread.is_alive() and not self.error:
            self.connection.execute("commit")
        self.connection.close()
        assert not self.thread.is_alive() and not self.error, self.error
        return self.rows


@pytest.mark.parametrize("with_others", [True, False], ids=["among others", "alone"])
def test_a_job_that_is_asked_for_meanwhile_leaves_the_others(stack, with_others):
    """Somebody asks for the same work between the look whether it waits and the update: that one stays ended."""
    taken, *others = (f"meanwhile {uuid.uuid4()}" for _ in range(4 if with_others else 1))
    with stack.db() as connection:
        ended = {key: connection.execute(JOB, ("quality", None, key)).fetchone()[0] for key in (taken, *others)}
        connection.execute("begin")
        connection.execute("select enqueue_job('quality', '{}', %s, 'r', 5)", (taken,))
        # Nobody is to run it.
        connection.execute("update jobs set scheduled_at = now() + interval '1 day' where same_key = %s and state = 'available'", (taken,))
        retry = Other(stack, "select j.same_key, j.state from retry_jobs(%s) r join jobs j on j.id = r", list(ended.values()))
        retry.wait_blocked()
        connection.execute("commit")
        # Seen by the snapshot of the statement above, which is older than what the function did: so asked for by id only.
        assert len(retry.finish()) == len(others)
        connection.execute("delete from jobs where same_key = any(%s)", ([taken, *others],))


def test_several_that_cannot_be_tried_again(stack):
    """All of them taken: none is tried again, and it is no error."""
    keys = [f"taken {uuid.uuid4()}" for _ in range(3)]
    with stack.db() as connection:
        ended = [connection.execute(JOB, ("quality", None, key)).fetchone()[0] for key in keys]
        for key in keys:
            connection.execute("insert into jobs (kind, same_key, scheduled_at) values ('quality', %s, now() + interval '1 day')", (key,))
        assert connection.execute("select count(*) from retry_jobs(%s)", (ended,)).fetchone() == (0,)
        assert connection.execute("select array_agg(distinct state) from jobs where id = any(%s)", (ended,)).fetchone() == (["discarded"],)
        connection.execute("delete from jobs where same_key = any(%s)", (keys,))


def test_a_deletion_waits_for_jobs_before_it_locks_events(stack):
    """Also for the jobs of what was merged into the event: a worker has its job before it wants the events."""
    with stack.db() as connection:
        kept, gone = (connection.execute("insert into events (name) values ('to be deleted') returning id").fetchone()[0] for _ in range(2))
        connection.execute("update events set merged_into = %s where id = %s", (kept, gone))
        job = connection.execute(JOB, ("process", gone, None)).fetchone()[0]
        connection.execute("begin")
        connection.execute("select from jobs where id = %s for update", (job,))
        operations = f'[{{"position": 0, "op": "delete", "id": "{kept}"}}]'
        deletion = Other(stack, "select status from run_event_operations(%s, true, true, 'r')", operations)
        deletion.wait_blocked()
        locked = connection.execute("select id from events where id in (%s, %s) order by id for update nowait", (kept, gone)).fetchall()
        assert len(locked) == 2
        connection.execute("commit")
        assert deletion.finish() == [(204,)]
        connection.execute("select delete_event(%s)", (kept,))


def test_what_was_merged_while_a_deletion_waited_is_deleted_too(stack):
    with stack.db() as connection:
        kept, late = (connection.execute("insert into events (name) values ('to be deleted') returning id").fetchone()[0] for _ in range(2))
        connection.execute("begin")
        connection.execute("select from events where id = %s for update", (kept,))
        connection.execute("update events set merged_into = %s where id = %s", (kept, late))
        operations = f'[{{"position": 0, "op": "delete", "id": "{kept}"}}]'
        deletion = Other(stack, "select status from run_event_operations(%s, true, false, 'r')", operations)
        deletion.wait_blocked()
        connection.execute("commit")
        assert deletion.finish(keep=True) == [(204,)]
        assert connection.execute("select count(*) from events where id in (%s, %s)", (kept, late)).fetchone() == (0,)
