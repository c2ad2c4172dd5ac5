"""GET /api/stream, /api/changes, /api/batches/:id/events: each change exactly once, in order, whatever happens between."""
import collections
import os
import random
import signal
import threading
import time
import uuid

import pytest
import psycopg
from client import request, request_head
from events_client import Closed, EventStream
from stack import TOKEN, Stack
from waiting import wait_until


def follow(stack, path="/api/stream", port=None, **options):
    return EventStream(port or stack.api_port, path, TOKEN, **options)


def record(connection, kind="event.processed", ids=None, data=None):
    """Notes changes of new things as the pipeline would; their ids."""
    ids = ids or [uuid.uuid4()]
    connection.execute("select record_changes(%s, %s, %s)", (kind, ids, data))
    return [str(i) for i in ids]


def pages(stack, since=None, types=None, limit=100):
    """All changes from there on, page by page, and where they end."""
    found = []
    while True:
        query = {"limit": limit, **({"since": since} if since else {}), **({"types": types} if types else {})}
        answer = stack.api("GET", "/api/changes", query=query)
        assert answer.status == 200, answer
        found += answer.json["changes"]
        since = answer.json["next_since"]
        if not answer.json["has_more"]:
            return found, since


def now(stack):
    return stack.api("GET", "/api/changes?since=now").json["next_since"]


def test_get_api_stream(stack):
    with follow(stack) as stream, stack.db() as connection:
        assert stream.status == 200
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["cache-control"] == "no-store"
        assert stream.headers["x-accel-buffering"] == "no"
        stream.settle()
        assert stream.retry_ms == 5000
        [thing] = record(connection, data='{"status":"processed"}')
        position, kind, change = stream.until(lambda event: event[2]["id"] == thing)[-1]
        assert (kind, change["type"], change["op"], change["merged_into"]) == ("event.processed", "event.processed", "upsert", None)
        assert change["seq"] == position and change["data"] == {"status": "processed"}
        assert change["at"].endswith("Z")


def test_get_api_stream_of_an_event_that_is_processed(stack, fresh):
    with follow(stack, "/api/stream?types=event") as stream:
        stream.settle()
        event_id = stack.scrape_id(fresh["url"])
        events = stream.until(lambda event: event[2]["id"] == event_id)
        assert events[-1][1] == "event.processed"
        assert events[-1][2]["data"]["name"] == stack.event(event_id).json["name"]
    # Looked at again and found as it was: nothing has changed.
    since = now(stack)
    stack.scrape(fresh["url"])
    assert [c for c in pages(stack, since)[0] if c["id"] == event_id] == []


def test_get_api_changes(stack):
    since = now(stack)
    survivor = str(uuid.uuid4())
    with stack.db() as connection:
        [a] = record(connection)
        [b] = record(connection, "event.deleted")
        [c] = record(connection, "speaker.merged", data=f'{{"merged_into":"{survivor}"}}')
    wanted = [("event.processed", a, "upsert", None), ("event.deleted", b, "delete", None), ("speaker.merged", c, "merge", survivor)]
    mine = lambda found: [(x["type"], x["id"], x["op"], x["merged_into"]) for x in found if x["id"] in (a, b, c)]
    found = wait_until(lambda: len(mine(f := pages(stack, since)[0])) == 3 and f, 10)
    assert mine(found) == wanted
    for limit in (1, 2):
        assert mine(pages(stack, since, limit=limit)[0]) == wanted
    assert mine(pages(stack, since, "speaker")[0]) == wanted[2:]
    assert mine(pages(stack, since, "event")[0]) == wanted[:2]
    assert mine(pages(stack, since, "event.deleted,speaker.merged")[0]) == wanted[1:]
    assert mine(pages(stack, found[-1]["seq"])[0]) == []
    assert mine(pages(stack)[0]) == wanted  # from the beginning


@pytest.mark.parametrize("query, place", [("since=x", "since"), ("since=1-", "since"), ("since=-1-2", "since"), ("since=1-2-3", "since"),
                                          ("types=nonsense", "types"), ("types=event.", "types"), ("typs=event", "typs")])
def test_bad_questions(stack, query, place):
    for path in ("/api/changes", "/api/stream"):
        answer = stack.api("GET", f"{path}?{query}")
        assert answer.status == 400, answer
        assert answer.json["errors"][0]["parameter"] == place
    for limit in ("0", "1001", "x"):
        assert stack.api("GET", f"/api/changes?limit={limit}").status == 400


def test_only_the_wanted_types_come(stack):
    with follow(stack, "/api/stream?types=speaker,event.failed") as stream, stack.db() as connection:
        stream.settle()
        sent = [(kind, record(connection, kind)[0]) for kind in
                ("event.processed", "event.failed", "company.merged", "speaker.merged", "event.merged", "speaker.updated")]
        events = stream.until(lambda event: event[2]["id"] == sent[-1][1])
        wanted = [pair for pair in sent if pair[0] in ("event.failed", "speaker.merged", "speaker.updated")]
        assert [(kind, data["id"]) for _, kind, data in events if data["id"] in dict(map(reversed, sent))] == wanted


def test_head_has_no_stream(stack):
    answer = stack.api("HEAD", "/api/stream")
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/event-stream")


def test_an_open_transaction_hides_what_came_after_it_and_nothing_is_lost(stack):
    """The one that began first commits last: everyone gets it, before what it held back."""
    since = now(stack)
    with stack.db() as early, stack.db() as late, follow(stack, f"/api/stream?since={since}") as stream:
        stream.settle()
        early.execute("begin")
        [first] = record(early)
        [second] = record(late)
        assert [c for c in pages(stack, since)[0] if c["id"] in (first, second)] == []
        metric = wait_until(lambda: [line for line in stack.api("GET", "/metrics").text.splitlines()
                                     if line.startswith("changes_lag_seconds ") and float(line.split()[1]) > 0], 10)
        assert metric
        early.execute("commit")
        events = stream.until(lambda event: event[2]["id"] == second)
        assert [data["id"] for _, _, data in events if data["id"] in (first, second)] == [first, second]
        assert [c["id"] for c in pages(stack, since)[0] if c["id"] in (first, second)] == [first, second]
        # One that is rolled back never was.
        early.execute("begin")
        [never] = record(early)
        [third] = record(late)
        early.execute("rollback")
        events = stream.until(lambda event: event[2]["id"] == third)
        assert never not in [data["id"] for _, _, data in events]


def test_writers_that_overlap(stack):
    """Transactions of random length, several at once: a reader of pages and a follower get each change once, alike."""
    since, chance, written = now(stack), random.Random(7), []
    with follow(stack, f"/api/stream?since={since}") as stream:
        stream.settle()

        def write(seed):
            mine = random.Random(seed)
            with psycopg.connect(stack.database_url(), autocommit=True) as connection:
                for _ in range(25):
                    connection.execute("begin")
                    ids = [i for _ in range(mine.randrange(1, 4)) for i in record(connection)]
                    connection.execute("select pg_sleep(%s)", (mine.random() * 0.01,))
                    connection.execute("commit" if mine.random() < 0.8 else "rollback")
                    if connection.execute("select exists (select from changes where id = %s)", (ids[0],)).fetchone()[0]:
                        written.extend(ids)

        writers = [threading.Thread(target=write, args=(chance.random(),)) for _ in range(6)]
        [writer.start() for writer in writers]
        found, at = [], since
        while any(writer.is_alive() for writer in writers):
            more, at = pages(stack, at, limit=7)
            found += more
        with stack.db() as connection:
            [last] = record(connection)
        events = stream.until(lambda event: event[2]["id"] == last)
        wait_until(lambda: found.extend((more := pages(stack, at))[0]) or last in [c["id"] for c in found[-200:]], 10)
    streamed = [data["id"] for _, _, data in events if data["id"] in set(written)]
    assert sorted(streamed) == sorted(written)
    listed = list(dict.fromkeys(c["id"] for c in found if c["id"] in set(written)))
    assert listed == streamed


def test_what_is_too_old_is_gone(new_stack):
    stack = new_stack()
    with stack.db() as connection:
        record(connection)
        record(connection)
        [first, second] = wait_until(lambda: len(f := pages(stack)[0]) == 2 and f, 10)
        assert stack.value("select prune_changes('1 hour')") == 0
        assert stack.api("GET", "/api/changes?since=0-0").status == 200
        connection.execute("update changes set at = now() - interval '9 days' where id = %s", (first["id"],))
        assert stack.value("select prune_changes('7 days')") == 1
    for path in ("/api/changes", "/api/stream"):
        answer = stack.api("GET", f"{path}?since=0-1")
        assert answer.status == 410, answer
        assert answer.json["code"] == "gone" and "since=now" in answer.json["detail"]
        # Of another database, whose numbers this one has not reached.
        assert stack.api("GET", f"{path}?since=999999999-1").status == 410
    assert [c["id"] for c in pages(stack, first["seq"])[0]] == [second["id"]]
    assert [c["id"] for c in pages(stack)[0]] == [second["id"]]


def test_who_comes_back_after_much_has_happened(stack):
    """Further back than the ring goes: pages first, then live, without a seam."""
    since = now(stack)
    with stack.db() as connection:
        ids = []
        for _ in range(30):
            ids += record(connection, ids=[uuid.uuid4() for _ in range(100)])
        with follow(stack, f"/api/stream?since={since}") as stream:
            more = record(connection, ids=[uuid.uuid4() for _ in range(500)])
            events = stream.until(lambda event: event[2]["id"] == more[-1])
            got = [data["id"] for _, _, data in events if data["id"] in {*ids, *more}]
            assert got == ids + more


def test_a_hundred_followers_and_one_that_sleeps(stack):
    since = now(stack)
    streams = [follow(stack) for _ in range(100)]
    sleeper = follow(stack, f"/api/stream?since={since}")
    [stream.settle() for stream in streams]
    with stack.db() as connection:
        ids = record(connection, ids=[uuid.uuid4() for _ in range(50)])
        for stream in streams:
            got = [data["id"] for _, _, data in stream.until(lambda event: event[2]["id"] == ids[-1])]
            assert [i for i in got if i in ids] == ids
        [stream.close() for stream in streams]
        # The one that does not read is let go, and others are not disturbed.
        text = "x" * 60000
        with follow(stack) as lively:
            lively.settle()
            metric = 'stream_ended_total{reason="too_slow"}'
            for _ in range(1000):
                [thing] = record(connection, data=f'{{"text":"{text}"}}')
                lively.until(lambda event: event[2]["id"] == thing)
                if metric in stack.api("GET", "/metrics").text:
                    break
            assert metric in stack.api("GET", "/metrics").text
    with pytest.raises((Closed, ConnectionError)):
        while True:
            sleeper.next()
    sleeper.close()


def test_get_api_batches_id_events(new_stack, truths):
    stack = new_stack()
    stack.site.hold(after=3)
    urls = [truth["url"] for truth in list(truths.values())[:8]]
    batch = stack.scrape_batch(urls)["batch_id"]
    with follow(stack, f"/api/batches/{batch}/events") as stream:
        first = stream.next()
        assert first[1] == "progress" and first[2]["total"] == 8 and first[2]["status"] == "running"
        before = stream.until(lambda event: event[2]["done"] >= 3) if first[2]["done"] < 3 else []
        stack.site.release()
        events = [first, *before, *stream.until(lambda event: event[1] == "completed")]
        with pytest.raises(Closed):
            stream.next()
        assert stream.ended
    assert events[-1][2] == stack.batch(batch)
    assert events[-1][2]["done"] == 8
    done = [data["done"] for _, _, data in events]
    assert done == sorted(done)
    with follow(stack, f"/api/batches/{batch}/events") as late:  # all is over: told at once
        assert [event[1] for event in late.until(lambda event: event[1] == "completed")] == ["progress", "completed"]
    assert stack.api("GET", f"/api/batches/{uuid.uuid4()}/events").status == 404
    assert stack.api("GET", "/api/batches/x/events").status == 400


class Subscriber(threading.Thread):
    """Follows with breaks at random moments, on either of two servers, always with its last id; remembers all it gets."""

    def __init__(self, ports, since, seed):
        super().__init__(daemon=True)
        self.ports, self.last_id, self.chance = ports, since, random.Random(seed)
        self.events, self.failure, self.done, self.connections = [], None, threading.Event(), 0

    def run(self):
        while not self.done.is_set():
            try:
                with EventStream(self.chance.choice(self.ports), "/api/stream?types=event", TOKEN, last_id=self.last_id, timeout_s=1) as stream:
                    if stream.status != 200:
                        continue
                    self.connections += 1
                    for _ in range(self.chance.randrange(1, 9)):
                        position, kind, data = stream.next()
                        self.events.append((kind, data["id"]))
                        self.last_id = position
            except (OSError, Closed):  # nobody there, nothing new, or killed: it comes back
                pass


def test_each_processed_event_once_across_reconnects_and_servers(new_stack, truths):
    """Two services of each kind on one database work through a batch; one API is killed in the middle."""
    first = new_stack()
    second = new_stack(settings={"DATABASE_URL": f"postgresql:///events?host={first.environment['STATE_DIR']}/postgres&user=eventd"}, site=first.site)
    ports = [first.api_port, second.api_port]
    since = now(first)
    subscribers = [Subscriber(ports, since, seed) for seed in range(6)]
    [subscriber.start() for subscriber in subscribers]
    urls = [truth["url"] for truth in truths.values()]
    batch = first.scrape_batch(urls)["batch_id"]
    wait_until(lambda: first.value("select count(*) from events where processed_at is not null") >= 5, 60)
    second.kill_child("api")
    first.wait_batch(batch)
    processed = {str(i) for (i,) in first.query("select id from events where processed_at is not null and merged_into is null")}
    assert len(processed) >= 40
    wanted = collections.Counter(("event.processed", i) for i in processed)
    for subscriber in subscribers:
        wait_until(lambda: len(subscriber.events) >= len(processed), 60, "all events at every subscriber")
        subscriber.done.set()
        subscriber.join(10)
        assert collections.Counter(e for e in subscriber.events if e[0] == "event.processed") == wanted
        assert subscriber.connections > 1
    assert len({tuple(subscriber.events[:len(processed)]) for subscriber in subscribers}) == 1, "the same order for all"


def test_get_api_jobs_id_events(new_stack, truths):
    stack = new_stack()
    stack.site.hold(after=0)
    [url] = [truth["url"] for truth in list(truths.values())[:1]]
    job = stack.scrape(url, wait_s=0).json["job_id"]
    with follow(stack, f"/api/jobs/{job}/events") as stream:
        assert stream.next()[2]["id"] == job
        stack.site.release()
        events = stream.until(lambda event: event[1] == "completed")
        assert events[-1][2]["state"] == "completed"
        assert events[-1][2] == stack.api("GET", f"/api/jobs/{job}").json
    assert stack.api("GET", f"/api/jobs/{uuid.uuid4()}/events").status == 404


def make_key(stack, role):
    done = stack.command("key", "create", "--role", role, "--name", f"a {role}")
    assert done.returncode == 0, done
    return done.stdout.strip()


def test_one_address_does_not_take_all_streams(new_stack):
    """Sixteen an address, sixty-four a key, over all loops of the process; the services' own have no bound."""
    stack = new_stack({"PUBLIC_READ": "true", "API_LOOPS": "3"})
    key, other = make_key(stack, "reader"), make_key(stack, "reader")
    path = "/api/stream?since=now"
    def open_all(token, count):
        streams = [EventStream(stack.api_port, path, token) for _ in range(count)]
        [stream.settle() for stream in streams if stream.status == 200]
        return streams
    everybody = []
    for token, most in ((None, 16), (key, 64)):
        streams = open_all(token, most)
        everybody += streams
        assert {stream.status for stream in streams} == {200}
        headers = {"Authorization": f"Bearer {token}" if token else None}
        refused = stack.api("GET", path, headers=headers)
        assert refused.status == 429 and refused.headers["content-type"] == "application/problem+json", refused
        streams.pop(0).close()  # a place that is left is free again
        def follows():
            stream = EventStream(stack.api_port, path, token)
            everybody.append(stream)
            return stream.status == 200
        wait_until(follows, 10)
    everybody += open_all(other, 2) + open_all(TOKEN, 70)
    assert {stream.status for stream in everybody[-72:]} == {200}
    [stream.close() for stream in everybody]


@pytest.mark.parametrize("end", ["update api_keys set revoked_at = now() where id = %s returning 1",
                                 "update api_keys set expires_at = now() where id = %s returning 1"])
def test_a_key_that_ends_ends_its_streams(new_stack, truths, end):
    stack = new_stack()
    stack.site.hold(after=0)
    keys = [make_key(stack, "writer") for _ in range(2)]
    for key in keys:  # one job for both
        job = stack.api("POST", "/api/scrape/luma", {"url": next(iter(truths.values()))["url"]}, headers={"Authorization": f"Bearer {key}"}).json["job_id"]
    paths = ["/api/stream", f"/api/jobs/{job}/events"]
    streams = [[EventStream(stack.api_port, path, key) for path in paths] for key in keys]
    [stream.settle() for stream, _ in streams]
    [stream.next() for _, stream in streams]
    me = stack.api("GET", "/api/me", headers={"Authorization": f"Bearer {keys[0]}"}).json
    stack.query(end, me["key_id"])
    for stream in streams[0]:
        with pytest.raises(Closed):
            while True:
                stream.next()
        assert stream.ended
    with stack.db() as connection:  # the other one's go on
        [thing] = record(connection)
    streams[1][0].until(lambda event: event[2]["id"] == thing)
    stack.site.release()
    assert streams[1][1].until(lambda event: event[1] == "completed")


def test_many_who_look_at_one_batch_ask_as_one(new_stack, truths):
    stack = new_stack()
    stack.site.hold(after=0)
    batch = stack.scrape_batch([truth["url"] for truth in list(truths.values())[:2]])["batch_id"]
    streams = [follow(stack, f"/api/batches/{batch}/events") for _ in range(20)]
    [stream.next() for stream in streams]
    def asked():
        text = stack.api("GET", "/metrics").text
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if "_count{" in line and '"batches/get_batch"' in line)
    before = asked()
    assert before >= 20, "each begins with a question of its own"
    with stack.db() as connection:
        connection.autocommit = True
        for _ in range(20):
            connection.execute("select pg_notify('event_processing', '{}')")
        # Noticed when the one question was asked: the state has changed, and all twenty are told.
        connection.execute("update batch_items set state = 'failed' where batch_id = %s", (batch,))
        connection.execute("select pg_notify('event_processing', '{}')")
    for stream in streams:
        assert stream.until(lambda event: event[1] == "completed")[-1][2]["failed"] == 2
    assert asked() - before <= 5
    stack.site.release()


def test_get_internal_stream(stack, unused):
    """Changes with positions, and frames of the overview between them; a client of the public stream gets no frames."""
    page = next(unused)
    with EventStream(stack.processor_port, "/internal/stream", TOKEN) as stream, follow(stack) as public:
        stream.settle()
        public.settle()
        frames = stream.until(lambda event: event[1] == "overview")
        assert {service["service"] for service in frames[-1][2]["services"]} >= {"api", "processor"} or stream.until(
            lambda event: event[1] == "overview" and len(event[2]["services"]) >= 2)
        place = stream.last_id
        event_id = stack.scrape_id(page["url"])
        events = stream.until(lambda event: event[1] == "event.processed" and event[2]["id"] == event_id)
        assert [e for e in events if e[1] == "event.processed"][-1][0] != place
        stream.until(lambda event: event[1] == "overview")
        events = public.until(lambda event: event[2]["id"] == event_id)
        assert "overview" not in [kind for _, kind, _ in events]
    assert stack.internal("GET", "/internal/stream", headers={"Authorization": None}).status == 401


def test_followers_that_come_and_go_all_the_time(stack):
    """So few at a time that the reader rests and begins anew between them, while transactions overlap."""
    since, written = now(stack), []
    subscribers = [Subscriber([stack.api_port], since, seed) for seed in range(2)]

    def write(seed):
        chance = random.Random(seed)
        with psycopg.connect(stack.database_url(), autocommit=True) as connection:
            for _ in range(60):
                connection.execute("begin")
                ids = [i for _ in range(chance.randrange(1, 4)) for i in record(connection)]
                connection.execute("select pg_sleep(%s)", (chance.random() * 0.02,))
                connection.execute("commit")
                written.extend(ids)

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    [thread.start() for thread in [*subscribers, *writers]]
    [writer.join() for writer in writers]
    everything = set(written)
    for subscriber in subscribers:
        wait_until(lambda: len({i for _, i in subscriber.events} & everything) == len(everything), 60, "all changes at every subscriber")
        subscriber.done.set()
        subscriber.join(10)
    got = [[i for _, i in subscriber.events if i in everything] for subscriber in subscribers]
    assert sorted(got[0]) == sorted(written)
    assert got[1] == got[0]
    assert [c["id"] for c in pages(stack, since)[0] if c["id"] in everything] == got[0]
    assert all(subscriber.connections > 10 for subscriber in subscribers)


def test_a_stream_outlives_the_database(new_stack):
    stack = new_stack()
    with follow(stack) as stream:
        stream.settle()
        with stack.db() as connection:
            [before] = record(connection)
        stream.until(lambda event: event[2]["id"] == before)
        stack.kill_child("postgres")
        connection = wait_until(lambda: connect(stack), 60, "the database again")
        [after] = record(connection)
        connection.close()
        assert [data["id"] for _, _, data in stream.until(lambda event: event[2]["id"] == after, 60)] == [after]


def test_a_database_that_hangs_is_away(new_stack):
    """It keeps its connections and says nothing: 503, not 504 after ten seconds; a slow statement is no such thing."""
    stack = new_stack()
    ready = lambda: stack.api("GET", "/health/ready").status
    processes = [*(pid for pid, in stack.query("select pid from pg_stat_activity")), stack.child("postgres")]
    assert ready() == 200
    stopped = []
    try:
        for pid in processes:
            try:
                os.kill(pid, signal.SIGSTOP)
                stopped.append(pid)
            except ProcessLookupError:
                pass  # that of the question itself
        wait_until(lambda: ready() == 503, 5, "not ready")
        began = time.monotonic()
        assert stack.api("GET", "/api/events").status == 503
        assert time.monotonic() - began < 5
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
    wait_until(lambda: ready() == 200, 10, "ready again")
    wait_until(lambda: stack.api("GET", "/api/events").status == 200, 10)
    with stack.db() as connection:  # everything waits for this lock
        connection.autocommit = False
        connection.execute("lock table events in access exclusive mode")
        waiting = threading.Thread(target=stack.api, args=("GET", "/api/events"))
        waiting.start()
        with stack.db() as other:
            wait_until(lambda: other.execute("select 1 from pg_locks where not granted and clock_timestamp() - waitstart > '1.5 s'").fetchall(), 10)
        assert ready() == 200
        connection.rollback()
    waiting.join()


def connect(stack):
    try:
        return stack.db()
    except psycopg.OperationalError:
        return None
