"""Users, keys, roles, limits, Idempotency-Key."""
import collections
import concurrent.futures
import subprocess
import time

import client
import pytest
from stack import ROOT, TOKEN, binary
from waiting import wait_until

UNKNOWN = "00000000-0000-4000-8000-000000000000"
ROLES = ["reader", "writer", "admin"]


def make_key(stack, role, *options):
    done = stack.command("key", "create", "--role", role, "--name", f"a {role}", *options)
    assert done.returncode == 0, done
    text = done.stdout.strip()
    assert done.stdout == text + "\n" and text.startswith("eda_"), "the key alone"
    return text


def send(stack, key, method, path, json=None, **headers):
    return stack.api(method, path, json, headers={"Authorization": f"Bearer {key}" if key else None, **headers})


@pytest.fixture(scope="module")
def keys(stack):
    return {role: make_key(stack, role) for role in ROLES}


# --- who may

def needed_roles(stack):
    return {(method.upper(), path): operation["x-role"] for path, item in stack.api("GET", "/openapi.json").json["paths"].items()
            for method, operation in item.items()}


def test_every_operation_asks_for_its_role(stack, keys):
    """With keys of every role and without one: refused exactly where the description says so."""
    needed = needed_roles(stack)
    assert set(needed.values()) == {"nobody", "reader", "writer", "admin"}
    assert needed["POST", "/api/scrape/luma"] == "writer" and needed["GET", "/api/events"] == "reader"
    wrong = []
    for (method, path), role in needed.items():
        path = path.replace("{id}", UNKNOWN).replace("{name}", "x")
        for who, key in [(None, None), *keys.items()]:
            rank = ["nobody", *ROLES].index(who or "nobody")
            may = rank >= ["nobody", *ROLES].index(role)
            if method != "GET" and may:
                continue  # what is allowed is tried by other tests
            if "stream" in path or path.endswith("/events") and "batches" in path:
                answer = client.request_head(stack.api_port, method, path, {"Authorization": f"Bearer {key}"} if key else {})
            else:
                answer = send(stack, key, method, path, {} if method != "GET" else None)
            expected = (401 if who is None else 403) if not may else None
            # What shows one's own needs to be somebody.
            if (answer.status in (401, 403)) != (not may) or (expected and answer.status != expected):
                wrong.append((method, path, who, answer))
    assert wrong == []


@pytest.mark.parametrize("authorization", ["Bearer eda_", "Bearer eda_" + "a" * 12 + "_" + "b" * 40, "Bearer x", "Basic eDp5", "Bearer", "Bearer " + "e" * 9000])
def test_a_key_that_nobody_has(stack, authorization):
    answer = stack.api("GET", "/api/events", headers={"Authorization": authorization})
    assert answer.status == 401 and answer.json["code"] == "unauthorized"
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_get_api_me(stack, keys):
    for role, key in keys.items():
        me = send(stack, key, "GET", "/api/me").json
        assert me["role"] == role and me["key_id"] and me["is_internal"] is False
    assert stack.api("GET", "/api/me").json["is_internal"] is True


def test_an_admin_may_use_the_internal_api(stack, keys):
    for role, status in (("reader", 403), ("writer", 403), ("admin", 200)):
        assert stack.internal("GET", "/internal/overview", headers={"Authorization": f"Bearer {keys[role]}"}).status == status


# --- keys

def test_post_api_keys(stack, keys):
    answer = send(stack, keys["admin"], "POST", "/api/keys", {"name": "for a robot", "role": "writer", "user": "robot@example.org"})
    assert answer.status == 201 and answer.headers["cache-control"] == "no-store", answer
    key = answer.json["key"]
    assert send(stack, key, "GET", "/api/me").json["role"] == "writer"
    stored = str(stack.query("select * from api_keys where id = %s", answer.json["id"]))
    assert key.rpartition("_")[2] not in stored
    assert send(stack, keys["writer"], "POST", "/api/keys", {"name": "x"}).status == 403
    assert send(stack, keys["admin"], "POST", "/api/keys", {"name": "x", "role": "king"}).status in (400, 422)


def test_get_api_keys(stack, keys):
    mine = send(stack, keys["reader"], "GET", "/api/keys").json["data"]
    assert mine and {key["user"] for key in mine} == {"a reader"}
    everybody = send(stack, keys["admin"], "GET", "/api/keys?limit=100")
    assert {"a reader", "a writer", "a admin"} <= {key["user"] for key in everybody.json["data"]}
    for key in keys.values():
        assert key.rpartition("_")[2] not in everybody.text
    first = send(stack, keys["admin"], "GET", "/api/keys?limit=1").json
    second = send(stack, keys["admin"], "GET", f"/api/keys?limit=1&cursor={first['page']['next_cursor']}").json
    assert first["data"][0]["id"] != second["data"][0]["id"]


def test_delete_api_keys_id(stack, keys):
    key = make_key(stack, "reader", "--user", "somebody else")
    me = send(stack, key, "GET", "/api/me").json
    assert send(stack, keys["writer"], "DELETE", f"/api/keys/{me['key_id']}").status == 404, "not one's own"
    assert send(stack, key, "GET", "/api/me").status == 200
    assert send(stack, key, "DELETE", f"/api/keys/{me['key_id']}").json["revoked_at"]
    wait_until(lambda: send(stack, key, "GET", "/api/me").status == 401, 10, "a key that is forgotten")


def test_a_key_that_expires(stack):
    late = stack.value("select iso_time(now() - interval '1 second')")
    soon = stack.value("select iso_time(now() + interval '1 hour')")
    assert send(stack, make_key(stack, "reader", "--expires-at", late), "GET", "/api/me").status == 401
    assert send(stack, make_key(stack, "reader", "--expires-at", soon), "GET", "/api/me").status == 200


def test_the_command(stack):
    key = make_key(stack, "writer", "--user", "of the command")
    prefix = key.rpartition("_")[0]
    listed = stack.command("key", "list").stdout
    assert f"{prefix}\twriter\ta writer\tof the command" in listed and key not in listed
    assert send(stack, key, "GET", "/api/me").status == 200
    assert stack.command("key", "revoke", prefix).returncode == 0
    wait_until(lambda: send(stack, key, "GET", "/api/me").status == 401, 10, "a key that is forgotten")
    assert stack.command("key", "revoke", "eda_nothing").returncode == 1
    for wrong in (["create"], ["create", "--role", "king", "--name", "x"], ["create", "--name"], ["revoke"], [], ["make"]):
        assert stack.command("key", *wrong).returncode == 2, wrong


def test_secrets_are_nowhere(stack, keys):
    dump = subprocess.run(["pg_dump", "--dbname", stack.database_url()], capture_output=True, text=True, timeout=120)
    assert dump.returncode == 0, dump.stderr
    log = stack.log_path.read_text()
    for key in keys.values():
        secret = key.rpartition("_")[2]
        assert secret not in dump.stdout and secret not in log


def test_get_api_usage(stack):
    key = make_key(stack, "reader", "--user", "a user who counts")
    for _ in range(7):
        send(stack, key, "GET", "/api/events?limit=1")

    def seen():
        rows = send(stack, key, "GET", "/api/usage").json["data"]
        return rows and rows[0]["requests"] >= 7 and rows
    rows = wait_until(seen, 20, "seven requests in the statistics")
    assert {row["user"] for row in rows} == {"a user who counts"}
    assert stack.value("select last_used_at is not null from api_keys k join users u on u.id = k.user_id where u.name = 'a user who counts'")


# --- open to the public

def test_public_read_opens_reading_alone(new_stack):
    stack = new_stack({"PUBLIC_READ": "true"})
    assert send(stack, None, "GET", "/api/events").status == 200
    assert send(stack, None, "POST", "/api/scrape/luma", {"url": "https://luma.com/x"}).status == 401
    assert send(stack, None, "GET", "/api/keys").status == 401
    assert send(stack, "eda_wrong", "GET", "/api/events").status == 401
    # This machine is not limited unless somebody says so.
    assert "ratelimit" not in send(stack, None, "GET", "/api/events").headers


def test_anonymous_readers_are_limited_by_address(new_stack):
    stack = new_stack({"PUBLIC_READ": "true", "RATE_LIMIT_ANONYMOUS": "5"})
    start_of_window(stack)
    statuses = [send(stack, None, "GET", "/api/events").status for _ in range(8)]
    assert statuses == [200] * 5 + [429] * 3
    assert stack.api("GET", "/api/events").status == 200, "the internal token has no limit"


# --- how often

def start_of_window(stack, seconds=60, room=20):
    """Waits, if need be, until the window lasts long enough for the test."""
    wait_until(lambda: stack.value("select extract(epoch from clock_timestamp())::bigint %% %s < %s", seconds, seconds - room), seconds, "room in the window", 0.5)


def test_limits_and_their_headers(stack):
    start_of_window(stack)
    key = make_key(stack, "reader", "--requests-per-minute", "10")
    answers = [send(stack, key, "GET", "/api/events?limit=1") for _ in range(13)]
    assert [answer.status for answer in answers] == [200] * 10 + [429] * 3
    assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"requests";q=10;w=60'}
    left = [int(answer.headers["ratelimit"].partition("r=")[2].partition(";")[0]) for answer in answers]
    assert left == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0, 0]
    refused = answers[-1]
    assert 1 <= int(refused.headers["retry-after"]) <= 60 and refused.json["code"] == "rate_limited"
    # A 304 and a problem count and tell, too.
    other = make_key(stack, "reader", "--requests-per-minute", "10")
    assert "ratelimit" in send(stack, other, "GET", "/api/events?nonsense=1").headers
    tag = send(stack, other, "GET", "/api/events?limit=1").headers["etag"]
    assert "ratelimit" in send(stack, other, "GET", "/api/events?limit=1", **{"If-None-Match": tag}).headers


def test_the_quota_of_pages(stack, unused):
    key = make_key(stack, "writer", "--scrapes-per-day", "3")
    urls = [next(unused)["url"] for _ in range(2)]
    assert send(stack, key, "POST", "/api/scrape/luma", {"url": urls[0]}).status == 202
    too_many = send(stack, key, "POST", "/api/events/batch/scrape", {"urls": [f"https://luma.com/none-{n}" for n in range(3)]})
    assert too_many.status == 429 and too_many.headers["ratelimit-policy"].startswith('"scrapes";q=3;w=86400')
    assert stack.value("select count(*) from events where luma_url like 'https://luma.com/none-%%'") == 0
    assert send(stack, key, "POST", "/api/events/batch/scrape", {"urls": [urls[1], urls[1], "nonsense", urls[0]]}).status == 202
    assert send(stack, key, "POST", "/api/scrape/luma", {"url": urls[0]}).status == 429


class SecondApi:
    """Another API process on the same database."""

    def __init__(self, stack):
        self.port = client.free_ports(1)[0]
        self.log = open(stack.folder / "second.log", "wb")
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", str(binary()), "api"], stdout=self.log, stderr=self.log,
                                        env={**stack.environment, "API_PORT": str(self.port), "SCRAPE_WORKERS": "0"}, cwd=ROOT)
        wait_until(self.is_ready, 30, "a second API")

    def is_ready(self):
        try:
            return client.request(self.port, "GET", "/health/ready").status == 200
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        assert self.process.wait(20) == 0
        self.log.close()


@pytest.fixture
def second(stack):
    api = SecondApi(stack)
    yield api
    api.stop()


@pytest.mark.essential
def test_limits_hold_across_two_processes(stack, second):
    limit = 300
    start_of_window(stack, room=30)
    key = make_key(stack, "reader", "--requests-per-minute", str(limit))
    window = int(time.time()) // 60
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda n: client.request((stack.api_port, second.port)[n % 2], "GET", "/api/events?limit=1",
                                                          headers={"Authorization": f"Bearer {key}"}).status, range(2 * limit)))
    assert int(time.time()) // 60 == window, "the window was over before the test"
    counts = collections.Counter(statuses)
    assert set(counts) == {200, 429} and counts[200] <= limit, counts
    assert counts[200] >= 0.95 * limit, counts


@pytest.mark.essential
def test_twenty_users_at_once(stack, second, unused):
    """Each with a role of its own: nobody does what the role forbids, everybody's limit is exact."""
    users = [(ROLES[n % 3], make_key(stack, ROLES[n % 3], "--user", f"user {n}", "--requests-per-minute", "40")) for n in range(20)]
    start_of_window(stack, room=30)
    url = next(unused)["url"]
    tries = [("reader", "GET", "/api/events?limit=1", None), ("writer", "POST", "/api/scrape/luma", {"url": url}),
             ("admin", "POST", "/api/keys", {"name": "made by a test"})]
    made_before = stack.value("select count(*) from api_keys where name = 'made by a test'")

    def use(user):
        role, key = user
        seen = collections.Counter()
        for n in range(48):
            needed, method, path, body = tries[n % 3]
            answer = client.request((stack.api_port, second.port)[n % 2], method, path, body, headers={"Authorization": f"Bearer {key}"})
            may = ROLES.index(role) >= ROLES.index(needed)
            seen[answer.status] += 1
            assert answer.status == 429 or (answer.status in (200, 201, 202)) == may and (may or answer.status == 403), (role, needed, answer)
        return role, seen
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        results = list(pool.map(use, users))
    for role, seen in results:
        passed = sum(count for status, count in seen.items() if status in (200, 201, 202))
        assert passed <= 40, (role, seen)
    admins = sum(seen[201] for role, seen in results if role == "admin")
    assert admins and stack.value("select count(*) from api_keys where name = 'made by a test'") == made_before + admins


# --- once is enough

def test_idempotency_key(stack, keys):
    def post(body, key="the-first", who="admin"):
        return send(stack, keys[who], "POST", "/api/keys", body, **{"Idempotency-Key": key})
    before = stack.value("select count(*) from api_keys where name = 'once'")
    first = post({"name": "once"})
    again = post({"name": "once"}, '"the-first"')
    assert first.status == again.status == 201 and again.json == {**first.json, "key": None}, "a secret is stored nowhere"
    assert again.headers["idempotent-replayed"] == "true" and "idempotent-replayed" not in first.headers
    assert stack.value("select count(*) from api_keys where name = 'once'") == before + 1
    other = post({"name": "twice"})
    assert other.status == 422 and other.json["code"] == "idempotency_mismatch"
    assert post({"name": "once"}, "another").json["id"] != first.json["id"]
    for wrong in ("", '""', "x" * 300, "with space"):
        assert post({"name": "once"}, wrong).status == 400, wrong


def test_two_at_once_have_one_effect(stack, second, keys):
    def post(n):
        return client.request((stack.api_port, second.port)[n % 2], "POST", "/api/keys", {"name": "at once"},
                              headers={"Authorization": f"Bearer {keys['admin']}", "Idempotency-Key": "at-once"})
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(16)))
    assert stack.value("select count(*) from api_keys where name = 'at once'") == 1
    assert {answer.status for answer in answers} <= {201, 409}
    made = [answer.json for answer in answers if answer.status == 201]
    assert len({answer["id"] for answer in made}) == 1 and sum(answer["key"] is not None for answer in made) == 1


def test_a_refusal_is_not_kept(stack, keys):
    """A conflict or a limit may pass: the same key tries again."""
    path = f"/api/jobs/{UNKNOWN}/retry"
    for _ in range(2):
        answer = send(stack, keys["writer"], "POST", path, **{"Idempotency-Key": "refused"})
        assert answer.status == 409 and answer.json["code"] == "conflict"


# --- the first key

def test_up_prints_the_first_key_once(new_stack):
    stack = new_stack({"INTERNAL_TOKEN": ""}, start=False)
    stack.start()
    key = wait_until(lambda: [line.split()[1] for line in stack.log_path.read_text().splitlines() if line.startswith("key ")], 20, "a first key")[0]
    assert send(stack, key, "GET", "/api/me").json["role"] == "admin"
    stack.stop(remove=False)
    stack.start()
    wait_until(lambda: stack.log_path.read_text().count("\nready\n") == 2, 20, "the second start")
    assert sum(line.startswith("key ") for line in stack.log_path.read_text().splitlines()) == 1
