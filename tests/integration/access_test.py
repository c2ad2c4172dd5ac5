"""Users, keys, roles, limits and repeated requests: who may do what and how often, also across two api processes."""
import collections
import concurrent.futures
import contextlib
import os
import re
import subprocess
import threading
import uuid

import client
import processes
import pytest
import samples
from events_client import Closed, EventStream
from ports import free_ports
from stack import TOKEN, Stack, binary
from waiting import wait_until, within_one_window

UNKNOWN = "00000000-0000-4000-8000-000000000000"
ROLES = ("reader", "writer", "admin")
# The least role of a scope; what each of them may call includes what the ones before may.
NEEDED = {"read": "reader", "write": "writer", "admin": "admin", "internal": "admin"}
# Until a process has heard that a key has changed: less than what it would remember it for (src/lib/account/cache.h).
HEARD_S = 3
# Of a limit that is asked for without pause, at least so much is let through: what one process holds back is at most a
# tenth of what was left.
SHARE = 0.9


@contextlib.contextmanager
def another_api(stack):
    """A second api process on the same database; its port."""
    [port] = free_ports(1)
    environment = {**stack.environment, "API_PORT": str(port), "DATABASE_URL": stack.database_url()}
    with open(stack.folder / "api-2.log", "ab") as log:
        process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", str(binary()), "api"], stdin=subprocess.DEVNULL, stdout=log,
                                   stderr=log, env=environment)
    try:
        wait_until(lambda: process.poll() is None and stack.is_ready(port), 30, "a second api")
        yield port
    finally:
        process.terminate()
        assert process.wait(20) == 0


@pytest.fixture(scope="module")
def guarded(truths):
    """Services where reading needs a key."""
    running = Stack([samples.FOLDER], {"PUBLIC_READ": "false"}).start()
    running.made = []
    yield running
    running.stop()


@pytest.fixture(scope="module")
def ports(guarded):
    """Of two api processes on one database."""
    with another_api(guarded) as port:
        yield guarded.api_port, port


def make_key(stack, role, user=None, **columns):
    """A key by the command; columns are set on its row before anybody uses it."""
    done = stack.command("key", "create", "--role", role, "--name", f"{role} of a test", "--user", user or f"{uuid.uuid4()}@example.org")
    assert done.returncode == 0, done
    [key] = done.stdout.splitlines()
    assert re.fullmatch(r"eda_[a-z0-9]+_[A-Za-z0-9_-]{20,}", key)
    for column, value in columns.items():
        assert stack.query(f"update api_keys set {column} = %s where prefix = %s returning 1", value, key.split("_")[1])
    if hasattr(stack, "made"):
        stack.made.append(key)
    return key


def bearer(key, **more):
    return {"Authorization": f"Bearer {key}" if key else None, **more}


def ask(port, key, method, path, json=None, **headers):
    return client.request(port, method, path, json, headers=bearer(key, **{name.replace("_", "-"): value for name, value in headers.items()}))


@pytest.fixture(scope="module")
def keys(guarded):
    return {role: make_key(guarded, role) for role in ROLES}


# --- roles

def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in ("get", "post", "put", "patch", "delete"):
                yield method.upper(), re.sub(r"\{[^}]+\}", UNKNOWN, path), operation


def status_of(port, key, method, path):
    """With nothing in the body, so that what may be asked for has no effect; streams are given up after their head."""
    if method == "GET":
        return client.request_head(port, method, path, {name: value for name, value in bearer(key).items() if value}).status
    return ask(port, key, method, path, {}).status


@pytest.mark.parametrize("service", ["api", "processor"])
def test_roles_and_routes(guarded, keys, service):
    """Every operation that the service describes, for every role."""
    port = getattr(guarded, f"{service}_port")
    listed = list(operations(client.request(port, "GET", "/openapi.json").json))
    scopes = collections.Counter(operation["x-scope"] for _, _, operation in listed)
    assert scopes["read" if service == "api" else "internal"] >= 5 and (service != "api" or scopes["write"] >= 2), scopes
    wrong = []
    for method, path, operation in listed:
        scope = operation["x-scope"]
        assert bool(operation["security"]) == (scope != "open"), (method, path)
        for role in (None, "nobody's", *ROLES):
            status = status_of(port, "eda_aaaaaaaaaaaa_" + 40 * "a" if role == "nobody's" else keys.get(role), method, path)
            if scope == "open":
                expected = status not in (401, 403)
            elif role not in ROLES:
                expected = status == 401
            elif ROLES.index(role) < ROLES.index(NEEDED[scope]):
                expected = status == 403
            else:
                expected = status not in (401, 403)
            if not expected:
                wrong.append((method, path, scope, role, status))
    assert wrong == []


def test_refusals_say_what_is_missing(guarded, keys):
    answer = ask(guarded.api_port, None, "GET", "/api/events")
    assert answer.status == 401 and answer.headers["www-authenticate"].startswith("Bearer")
    answer = ask(guarded.api_port, "nonsense", "GET", "/api/events")
    assert answer.status == 401 and re.fullmatch('Bearer (.*, )?error="invalid_token"', answer.headers["www-authenticate"])
    answer = ask(guarded.api_port, keys["reader"], "POST", "/api/scrape/luma", {"url": "https://luma.com/x"})
    assert answer.status == 403 and answer.headers["content-type"] == "application/problem+json"
    assert "writer" in answer.json["detail"]


def test_reading_may_be_open_and_nothing_else(new_stack):
    """PUBLIC_READ, as `eventd up` has it on one's own machine."""
    stack = new_stack({"PUBLIC_READ": "true"})
    assert ask(stack.api_port, None, "GET", "/api/events").status == 200
    assert ask(stack.api_port, None, "GET", f"/api/events/{UNKNOWN}").status == 404
    for method, path, body in (("POST", "/api/scrape/luma", {"url": "https://luma.com/x"}), ("POST", "/api/keys", {"name": "x", "role": "reader"}),
                               ("POST", "/api/events/batch/scrape", {"urls": ["https://luma.com/x"]}), ("GET", "/api/keys", None),
                               ("GET", "/api/usage", None)):
        assert ask(stack.api_port, None, method, path, body).status == 401, (method, path)


def test_the_first_key_is_told_once(stack):
    text = wait_until(lambda: "\nready\n" in (text := stack.log_path.read_text()) and text, 20, "the end of its story")
    found = re.findall(r"eda_[a-z0-9]+_[A-Za-z0-9_-]+", text)
    assert len(found) == 1 and not any(found[0] in line for line in text.splitlines() if line.startswith("{"))
    assert ask(stack.api_port, found[0], "GET", "/api/keys").status == 200


# --- keys that are none

def test_keys_that_are_no_good_all_look_the_same(guarded):
    good = make_key(guarded, "admin")
    revoked, expired = make_key(guarded, "admin", revoked_at="2020-01-01"), make_key(guarded, "admin", expires_at="2020-01-01")
    other = good[:-1] + ("a" if good[-1] != "a" else "b")
    answers = [ask(guarded.api_port, key, "GET", "/api/events") for key in
               ("x", "eda_", "eda__", good[:-1], good + "a", good.upper(), other, "eda_aaaaaaaaaaaa_" + 40 * "a", revoked, expired)]
    seen = {(answer.status, answer.headers["www-authenticate"], answer.json["detail"], answer.json["code"], answer.json["type"],
             tuple(sorted(answer.json)), tuple(sorted(answer.headers))) for answer in answers}
    assert len(seen) == 1 and answers[0].status == 401
    assert ask(guarded.api_port, good, "GET", "/api/events").status == 200


def test_a_key_that_ends_is_refused_by_all_processes(guarded, ports):
    """At once, however it ended: the notification is all that takes time."""
    ends = {
        "command": lambda key: guarded.command("key", "revoke", key.rpartition("_")[0]).returncode == 0,
        "expired": lambda key: guarded.query("update api_keys set expires_at = now() where prefix = %s returning 1", key.split("_")[1]),
        "deleted": lambda key: guarded.query("delete from api_keys where prefix = %s returning 1", key.split("_")[1]),
    }
    for name, end in ends.items():
        key = make_key(guarded, "reader")
        for port in ports:
            assert ask(port, key, "GET", "/api/events").status == 200
        assert end(key)
        for port in ports:
            wait_until(lambda: ask(port, key, "GET", "/api/events").status == 401, HEARD_S, f"a key that is refused: {name}")


def test_a_change_of_role_counts_at_once(guarded, ports):
    key = make_key(guarded, "writer")
    for port in ports:
        assert ask(port, key, "GET", "/api/jobs").status == 200
    assert guarded.query("update api_keys set role = 'reader' where prefix = %s returning 1", key.split("_")[1])
    for port in ports:
        wait_until(lambda: ask(port, key, "GET", "/api/jobs").status == 403, HEARD_S, "a writer who is a reader now")


def test_a_key_that_is_known_ends_on_its_own(guarded, ports):
    """Its time is looked at with every request, not only when it is looked up."""
    key = make_key(guarded, "reader", expires_at=guarded.value("select clock_timestamp() + interval '2 seconds'"))
    for port in ports:
        assert ask(port, key, "GET", "/api/events").status == 200
    wait_until(lambda: guarded.value("select expires_at < clock_timestamp() from api_keys where prefix = %s", key.split("_")[1]), 10, "its end")
    for port in ports:
        assert ask(port, key, "GET", "/api/events").status == 401


def test_who_guesses_keys_is_slowed_down(new_stack):
    """By address, over all processes; those who are known there go on."""
    stack = new_stack({"PUBLIC_READ": "false", "RATE_LIMIT_FAILURES": "6"})
    known = make_key(stack, "reader")
    with another_api(stack) as other:
        ports = stack.api_port, other

        def guesses():
            for port in ports:
                assert ask(port, known, "GET", "/api/events").status == 200
            malformed = [ask(ports[0], "guess", "GET", "/api/events") for _ in range(2)]
            return malformed + [ask(ports[at % 2], f"eda_aaaaaaaaaaaa_{'bcdefg'[at] * 40}", "GET", "/api/nothing") for at in range(6)]

        def run():
            unknown = make_key(stack, "reader")
            return guesses(), ask(ports[1], unknown, "GET", "/api/events"), [ask(port, known, "GET", "/api/events").status for port in ports]
        answers, never_seen, others = within_one_window(stack, run)
        assert [answer.status for answer in answers] == [401] * 6 + [429] * 2
        assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"failed-authentications";q=6;w=60'}
        assert [re.match(r'"failed-authentications";r=(\d+);t=', answer.headers["ratelimit"])[1] for answer in answers] == list("54321000")
        refused = answers[-1]
        assert 1 <= int(refused.headers["retry-after"]) <= 60 and refused.json["violated-policies"] == ["failed-authentications"]
        assert never_seen.status == 429, "no key is looked up for this address any more"
        assert others == [200, 200], "but those that are known here"
        assert stack.api("GET", "/api/events").status == 200, "the internal token is no guess"


def test_refusals_tell_the_limit_too(new_stack):
    """Who has no key, and who asks for what is not there, counts and is told like everybody."""
    stack = new_stack({"PUBLIC_READ": "false", "RATE_LIMIT_ANONYMOUS": "7"})
    requests = [("GET", "/api/events", 401), ("POST", "/api/keys", 401), ("GET", "/api/nothing", 404), ("DELETE", "/api/events", 405)]

    def run():
        answers = [ask(stack.api_port, None, method, path) for method, path, _ in requests]
        free = client.request(stack.api_port, "OPTIONS", "/api/events"), ask(stack.api_port, None, "GET", "/health/live")
        return answers, free, [ask(stack.api_port, None, "GET", "/api/events") for _ in range(4)]
    answers, free, more = within_one_window(stack, run)
    assert [answer.status for answer in answers] == [status for _, _, status in requests]
    assert [re.fullmatch(r'"requests";r=(\d+);t=\d+', answer.headers["ratelimit"])[1] for answer in answers] == list("6543")
    assert [answer.status for answer in free] == [204, 200]
    assert [answer.status for answer in more] == [401, 401, 401, 429] and more[-1].json["violated-policies"] == ["requests"]
    key = make_key(stack, "reader", requests_per_minute=50)
    assert ask(stack.api_port, key, "GET", "/api/nothing").headers["ratelimit-policy"] == '"requests";q=50;w=60'


def test_the_command_lists_and_revokes(guarded):
    key = make_key(guarded, "writer", user="somebody@example.org")
    name, secret = key.rpartition("_")[0], key.rpartition("_")[2]
    listed = guarded.command("key", "list")
    assert listed.returncode == 0 and secret not in listed.stdout
    [line] = [line for line in listed.stdout.splitlines() if name in line or name.removeprefix("eda_") in line]
    assert "writer" in line and "somebody@example.org" in line
    assert guarded.command("key", "revoke", "nobody").returncode == 1
    for wrong in ((), ("create",), ("create", "--role", "king", "--name", "x"), ("revoke",), ("nonsense",)):
        done = guarded.command("key", *wrong)
        assert done.returncode not in (0, 1) and done.stderr and not done.stdout, wrong


# --- many at once

def test_twenty_users_at_once(guarded, ports, truths):
    """Each does what its role may and tries what it may not; what was done is exactly the sum of what was allowed."""
    roles = [ROLES[at % 3] for at in range(20)]
    users = [make_key(guarded, role, user=f"user-{at}@example.org") for at, role in enumerate(roles)]
    urls = [truth["url"] for truth in truths.values()][:20]
    before = guarded.value("select count(*) from events"), guarded.value("select count(*) from api_keys")
    start = threading.Barrier(20)

    def work(at):
        start.wait(20)
        port, key = ports[at % 2], users[at]
        reads = [ask(port, key, "GET", "/api/events?limit=1").status for _ in range(5)]
        scrape = ask(port, key, "POST", "/api/scrape/luma", {"url": urls[at]}).status
        made = ask(port, key, "POST", "/api/keys", {"name": "made by a test", "role": "reader"}).status
        internal = ask(guarded.processor_port, key, "GET", f"/internal/graph/events/{UNKNOWN}/connections").status
        return reads, scrape, made, internal
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        results = list(pool.map(work, range(20)))
    for role, (reads, scrape, made, internal) in zip(roles, results):
        assert reads == 5 * [200], role
        assert scrape == (403 if role == "reader" else 202), role
        assert made == (201 if role == "admin" else 403), role
        assert internal == (404 if role == "admin" else 403), role
    assert guarded.value("select count(*) from events") == before[0] + sum(role != "reader" for role in roles)
    assert guarded.value("select count(*) from api_keys") == before[1] + roles.count("admin")
    for at, key in enumerate(users):
        # Every request counts, also one that was refused; it is written every few seconds.
        wanted = [(8, int(roles[at] != "reader"))]
        wait_until(lambda: guarded.query("select sum(u.requests)::int, sum(u.scrapes)::int from usage u join api_keys k on k.id = u.key_id "
                                         "where k.prefix = %s", key.split("_")[1]) == wanted, 15, f"the usage of {roles[at]} {at}")


# --- limits

@pytest.mark.parametrize("spread", ["evenly", "one after the other"])
def test_a_limit_holds_across_two_processes(guarded, ports, spread):
    limit = 150

    def attempt():
        key = make_key(guarded, "reader", requests_per_minute=limit)
        order = [at % 2 for at in range(2 * limit)] if spread == "evenly" else [0] * 20 + [1] * (2 * limit)
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            statuses = pool.map(lambda at: ask(ports[at], key, "GET", "/api/events?limit=1").status, order)
            return collections.Counter(statuses)
    counted = within_one_window(guarded, attempt)
    assert set(counted) == {200, 429}
    assert SHARE * limit <= counted[200] <= limit


def test_pages_of_a_day_across_two_processes(guarded, ports, truths):
    """Single pages and batches take from the same quota; a batch that does not fit is refused as a whole."""
    key = make_key(guarded, "writer", scrapes_per_day=20)
    urls = [truth["url"] for truth in truths.values()]
    answer = ask(ports[0], key, "POST", "/api/events/batch/scrape", {"urls": urls[:8]})
    assert answer.status == 202 and answer.json["accepted"] == 8
    batches = guarded.value("select count(*) from batches")
    answer = ask(ports[1], key, "POST", "/api/events/batch/scrape", {"urls": urls[:15]})
    assert answer.status == 429 and answer.json["violated-policies"] == ["scrapes"], answer
    assert guarded.value("select count(*) from batches") == batches
    counted = collections.Counter(ask(ports[at % 2], key, "POST", "/api/scrape/luma", {"url": urls[at % 40]}).status for at in range(30))
    assert set(counted) == {202, 429}
    assert SHARE * 20 <= 8 + counted[202] <= 20


def test_limits_are_told_with_every_answer(guarded, keys):
    key = make_key(guarded, "writer", requests_per_minute=30)
    etag = ask(guarded.api_port, key, "GET", "/api/stats/events/count").headers["etag"]
    for status, method, path, body, headers in (
            (200, "GET", "/api/stats/events/count", None, {}), (200, "HEAD", "/api/stats/events/count", None, {}),
            (304, "GET", "/api/stats/events/count", None, {"If_None_Match": etag}), (404, "GET", f"/api/events/{UNKNOWN}", None, {}),
            (400, "GET", "/api/events?nonsense=1", None, {}), (403, "POST", "/api/keys", {"name": "x", "role": "reader"}, {})):
        answer = ask(guarded.api_port, key, method, path, body, **headers)
        assert answer.status == status, answer
        assert answer.headers.get("ratelimit-policy") == '"requests";q=30;w=60', (method, path)
        assert re.fullmatch(r'"requests";r=\d+;t=\d+', answer.headers.get("ratelimit", "")), (method, path)
    counted = []
    while not counted or counted[-1].status != 429:
        counted.append(ask(guarded.api_port, key, "GET", "/api/stats/events/count"))
        assert len(counted) <= 61
    refused = counted[-1]
    left, reset = map(int, re.fullmatch(r'"requests";r=(\d+);t=(\d+)', refused.headers["ratelimit"]).groups())
    assert left == 0 and int(refused.headers["retry-after"]) >= reset >= 1
    problem = refused.json
    assert problem["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded"
    assert problem["violated-policies"] == ["requests"] and problem["status"] == 429 and problem["retryable"] is True
    assert "RateLimit" in refused.headers["access-control-expose-headers"]
    assert ask(guarded.api_port, keys["writer"], "GET", "/api/stats/events/count").status == 200, "somebody else's limit"


# --- the same request again

def scrape_batch(port, key, url, name):
    return ask(port, key, "POST", "/api/events/batch/scrape", {"urls": [url]}, Idempotency_Key=name)


def test_two_requests_with_one_idempotency_key_have_one_effect(guarded, ports, keys, truths):
    url = next(iter(truths.values()))["url"]
    before = guarded.value("select count(*) from batches")
    for at in range(5):
        name, start = f'"{uuid.uuid4()}"', threading.Barrier(2)

        def send(port):
            start.wait(10)
            return scrape_batch(port, keys["writer"], url, name)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(send, ports))
        assert sorted(answer.status for answer in answers) in ([202, 202], [202, 409]), answers
        done = [answer for answer in answers if answer.status == 202]
        again = wait_until(lambda: (a := scrape_batch(ports[at % 2], keys["writer"], url, name)).status != 409 and a, 10, "the stored answer")
        assert again.status == 202 and again.headers["idempotent-replayed"] == "true"
        assert {answer.body for answer in done} == {again.body}
        assert sum("idempotent-replayed" not in answer.headers for answer in done) == 1
        assert guarded.value("select count(*) from batches") == before + at + 1


def test_an_idempotency_key_belongs_to_one_request_of_one_key(guarded, keys, truths):
    one, two = [truth["url"] for truth in truths.values()][:2]
    name, port = str(uuid.uuid4()), guarded.api_port
    first = scrape_batch(port, keys["writer"], one, name)
    assert first.status == 202
    wait_until(lambda: scrape_batch(port, keys["writer"], one, f'"{name}"').headers.get("idempotent-replayed") == "true", 10, "the stored answer")
    assert scrape_batch(port, keys["writer"], two, name).status == 422
    other = scrape_batch(port, keys["admin"], one, name)
    assert other.status == 202 and "idempotent-replayed" not in other.headers
    assert other.json["batch_id"] != first.json["batch_id"]
    for wrong in ('""', "a b", 300 * "x"):
        assert scrape_batch(port, keys["writer"], one, wrong).status == 400, wrong


def test_idempotency_keys_of_a_day_are_limited(new_stack):
    """One too many does nothing; those that are known are answered, and nobody else is touched."""
    stack = new_stack({"IDEMPOTENCY_KEYS_PER_DAY": "3"})
    admin, other = make_key(stack, "admin"), make_key(stack, "admin")

    def post(name, key=admin):
        return ask(stack.api_port, key, "POST", "/api/keys", {"name": "of a test of keys", "role": "reader"}, **{"Idempotency_Key": name} if name else {})

    def made():
        return stack.value("select count(*) from api_keys where name = 'of a test of keys'")
    for at in range(3):
        assert post(f"name-{at}").status == 201
    refused = post("name-3")
    assert refused.status == 429 and refused.json["violated-policies"] == ["idempotency-keys"], refused
    assert refused.headers["ratelimit-policy"] == '"idempotency-keys";q=3;w=86400'
    assert 86000 < int(refused.headers["retry-after"]) <= 86400
    assert made() == 3 and stack.value("select count(*) from idempotency_keys") == 3
    assert post("name-0").headers["idempotent-replayed"] == "true"
    assert post("name-3", other).status == 201 and post(None).status == 201
    # The oldest has had its day.
    stack.query("update idempotency_keys set created_at = created_at - interval '1 day' where key = 'name-0' returning 1")
    assert post("name-4").status == 201 and post("name-5").status == 429


# --- secrets

def pg_dump(stack):
    found = [path for path in ("/usr/lib/postgresql/17/bin/pg_dump", "/usr/bin/pg_dump") if os.path.exists(path)]
    done = subprocess.run([found[0], "--data-only", "--schema=public", stack.database_url()], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_secrets_are_neither_stored_nor_logged(guarded, keys):
    """Those of keys from the command, and of one made with an Idempotency-Key, whose answer is kept to be repeated."""
    answer = ask(guarded.api_port, keys["admin"], "POST", "/api/keys", {"name": "with a repeatable answer", "role": "reader"},
                 Idempotency_Key=str(uuid.uuid4()))
    assert answer.status == 201, answer
    made = [*guarded.made, answer.json["key"]]
    for key in made:
        ask(guarded.api_port, key, "GET", f"/api/events/{UNKNOWN}")
        ask(guarded.api_port, key + "x", "GET", f"/api/events/{UNKNOWN}")
    dump, log = pg_dump(guarded), guarded.log_path.read_text()
    assert "api_keys" in dump and len(log) > 1000
    secrets = [key.rpartition("_")[2] for key in made]
    assert [secret for secret in secrets if secret in dump] == [], "in the database"
    assert [secret for secret in secrets if secret in log] == [], "in the log"


# --- whose jobs

def jobs_of(port, key, query=""):
    rows, cursor = [], ""
    while cursor is not None:
        answer = ask(port, key, "GET", f"/api/jobs?limit=100{query}{cursor}")
        assert answer.status == 200, answer
        rows += answer.json["data"]
        cursor = answer.json["page"]["has_more"] and "&cursor=" + answer.json["page"]["next_cursor"] or None
    return {row["id"]: row for row in rows}


def wait_for_work(stack):
    wait_until(lambda: stack.value("select count(*) from jobs where state in ('available', 'executing', 'retryable')") == 0, 60, "the end of all work")


def scrape(port, key, url):
    answer = ask(port, key, "POST", "/api/scrape/luma", {"url": url, "force": True})
    assert answer.status == 202, answer
    return answer.json


def test_jobs_are_for_those_who_asked_and_for_admins(guarded, keys, truths):
    """Also what follows from a job, and whatever way it was asked for; all of a user's keys see the same."""
    port, urls = guarded.api_port, [truth["url"] for truth in truths.values()]
    one, two = (make_key(guarded, "writer", user=f"{name} of the jobs") for name in ("one", "two"))
    first = scrape(port, one, urls[0])
    wait_for_work(guarded)
    ask(port, one, "POST", "/api/events/batch/scrape", {"urls": urls[1:3]})
    again = ask(port, two, "POST", "/api/events/batch/process", {"event_ids": [first["event_id"]]})
    assert again.status == 202 and again.json["accepted"] == 1
    wait_for_work(guarded)
    operation = ask(port, two, "POST", "/api/events/batch", {"operations": [{"op": "reprocess", "id": first["event_id"]}]})
    [done] = operation.json["results"]
    wait_for_work(guarded)
    mine, theirs = jobs_of(port, one), jobs_of(port, two)
    assert {row["kind"] for row in theirs.values()} == {"process"} and len(theirs) == 2 and done["data"]["job_id"] in theirs
    assert {row["url"] for row in mine.values()} == set(urls[:3]) and not set(mine) & set(theirs)
    assert {row["kind"] for row in mine.values() if row["url"] == urls[0]} == {"scrape", "process"}, "and what follows"
    everything = jobs_of(port, keys["admin"])
    assert set(mine) | set(theirs) <= set(everything) and set(everything) == set(jobs_of(port, TOKEN))
    assert jobs_of(port, make_key(guarded, "writer", user="one of the jobs")) == mine, "another key of the same user"
    assert set(jobs_of(port, one, "&kind=scrape")) == {id for id, row in mine.items() if row["kind"] == "scrape"}
    job = first["job_id"]
    for key, status in ((one, 200), (two, 404), (keys["writer"], 404), (keys["admin"], 200)):
        assert ask(port, key, "GET", f"/api/jobs/{job}").status == status
        assert client.request_head(port, "GET", f"/api/jobs/{job}/events", bearer(key)).status == status
        assert ask(port, key, "POST", f"/api/jobs/{job}/retry").status == (409 if status == 200 else 404)
        assert ask(port, key, "POST", f"/api/jobs/{job}/cancel").status == status
    assert ask(port, keys["reader"], "GET", "/api/jobs").status == 403


def test_who_asks_for_the_same_joins_the_job(new_stack, truths):
    """A job that waits is one for all who ask: each may follow it."""
    stack = new_stack({"SCRAPE_WORKERS": "0", "PUBLIC_READ": "false"})
    url = next(iter(truths.values()))["url"]
    one, two, three = (make_key(stack, "writer") for _ in range(3))
    first, second = (scrape(stack.api_port, key, url) for key in (one, two))
    assert first["job_id"] == second["job_id"]
    for key, status in ((one, 200), (two, 200), (three, 404)):
        assert ask(stack.api_port, key, "GET", f"/api/jobs/{first['job_id']}").status == status
    assert ask(stack.api_port, three, "POST", f"/api/jobs/{first['job_id']}/cancel").status == 404
    assert stack.value("select state from jobs where id = %s", first["job_id"]) == "available"
    assert ask(stack.api_port, two, "POST", f"/api/jobs/{first['job_id']}/cancel").json["state"] == "cancelled"


def test_jobs_of_nobody_are_for_admins(guarded, keys, truths):
    """Those of the internal token, of the service itself, and of the time before jobs had owners."""
    alone = guarded.value("""select enqueue_job('deduplicate', '{"dry_run": true}', 'a test of access', null, 5)""")
    internal = guarded.api("POST", "/api/scrape/luma", {"url": list(truths.values())[3]["url"], "force": True}).json["job_id"]
    wait_for_work(guarded)
    old = guarded.value("select j.id from jobs j where j.kind = 'scrape' and j.id <> %s limit 1", internal)
    guarded.query("delete from job_owners where job_id = %s returning 1", old)
    for job in (alone, internal, old):
        for action in ("retry", "cancel"):
            assert ask(guarded.api_port, keys["writer"], "POST", f"/api/jobs/{job}/{action}").status == 404
        assert client.request_head(guarded.api_port, "GET", f"/api/jobs/{job}/events", bearer(keys["writer"])).status == 404
        assert ask(guarded.api_port, keys["writer"], "GET", f"/api/jobs/{job}").status == 404
        assert ask(guarded.api_port, keys["admin"], "GET", f"/api/jobs/{job}").status == 200
    mine = ask(guarded.processor_port, keys["admin"], "POST", "/internal/quality/recalculate", {})
    assert mine.status == 202, mine
    owner = make_key(guarded, "writer", user=guarded.value("select u.name from users u join api_keys k on k.user_id = u.id where k.prefix = %s", keys["admin"].split("_")[1]))
    assert mine.json["job_id"] in jobs_of(guarded.api_port, owner), "that user's, with whatever key"


def test_an_admin_who_is_none_any_more_stops_looking(guarded):
    """A stream shows what its key may see, also after the key may see less."""
    key = make_key(guarded, "admin")
    job = guarded.value("select enqueue_job('quality', '{}', 'another test of access', null, 9)")
    guarded.query("update jobs set scheduled_at = now() + interval '1 hour' where id = %s returning 1", job)
    with EventStream(guarded.api_port, f"/api/jobs/{job}/events", key) as stream:
        stream.next()
        guarded.query("update api_keys set role = 'writer' where prefix = %s returning 1", key.split("_")[1])
        with pytest.raises(Closed):
            while True:
                stream.next()
    guarded.api("POST", f"/api/jobs/{job}/cancel")


def test_more_pages_than_a_day_has(guarded, truths):
    key = make_key(guarded, "writer", scrapes_per_day=2)
    answer = ask(guarded.api_port, key, "POST", "/api/events/batch/scrape", {"urls": [truth["url"] for truth in list(truths.values())[:3]]})
    assert answer.status == 422 and "retry-after" not in answer.headers, answer


def test_pages_of_other_sites_cannot_use_an_open_internal_api(new_stack):
    """Without a chosen token the internal API is open on this machine, but not to what a browser here was told to ask."""
    stack = new_stack({"INTERNAL_TOKEN": ""})
    own = f"127.0.0.1:{stack.processor_port}"

    def status_of(**headers):
        return client.request(stack.processor_port, "GET", "/internal/overview", headers=headers).status
    assert status_of(Host=own) == status_of(Host=own, Origin=f"http://{own}") == status_of(Host=f"localhost:{stack.processor_port}") == 200
    assert status_of(Host=own, Origin="http://evil.example") == status_of(Host="evil.example") == status_of(Host=own, Origin="null") == 401
    answer = client.request(stack.processor_port, "GET", "/internal/overview", headers={"Host": own})
    assert "access-control-allow-origin" not in answer.headers


def test_instants_that_the_database_does_not_know(guarded, keys):
    for offset in ("+23:59", "-16:00", "+16:00"):
        answer = ask(guarded.api_port, keys["reader"], "GET", f"/api/events?starts_after=2026-01-01T00:00:00{offset.replace('+', '%2B')}")
        assert answer.status == 400 and answer.json["errors"][0]["parameter"] == "starts_after", answer
    assert ask(guarded.api_port, keys["reader"], "GET", "/api/events?starts_after=2026-01-01T00:00:00%2B14:00").status == 200
