"""The operations about keys; ../access_test.py holds roles, processes and limits against each other."""
import pytest
from waiting import wait_until, within_one_window

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
    # In pages, of several keys and days, each row once.
    other = make_key(stack, "reader", "--user", "a user who counts")
    ids = [send(stack, each, "GET", "/api/me").json["key_id"] for each in (key, other)]
    stack.query("insert into usage (key_id, day, requests) select k, (now() at time zone 'UTC')::date - d, d from unnest(%s::uuid[]) k, generate_series(1, 31) d returning 1", ids)
    today = stack.value("select (now() at time zone 'UTC')::date::text")  # which is still being counted
    walked, cursor = [], ""
    while cursor is not None:
        page = send(stack, key, "GET", f"/api/usage?limit=7{cursor}").json
        assert len(page["data"]) == 7 or not page["page"]["has_more"]
        walked += [(row["day"], row["key_id"]) for row in page["data"] if row["day"] < today]
        cursor = f"&cursor={page['page']['next_cursor']}" if page["page"]["has_more"] else None
    expected = stack.query("select day::text, key_id::text from usage where key_id = any (%s::uuid[]) and day > %s::date - 30 and day < %s::date "
                           "order by day desc, key_id desc", ids, today, today)
    assert len(expected) == 2 * 29 and walked == expected and walked == sorted(set(walked), reverse=True)


# --- open to the public

def test_anonymous_readers_are_limited_by_address(new_stack):
    stack = new_stack({"PUBLIC_READ": "true", "RATE_LIMIT_ANONYMOUS": "5"})

    def statuses():
        return [send(stack, None, "GET", "/api/events").status for _ in range(8)]
    assert within_one_window(stack, statuses) == [200] * 5 + [429] * 3
    assert stack.api("GET", "/api/events").status == 200, "the internal token has no limit"


# --- how often

def test_limits_and_their_headers(stack):
    def thirteen():
        key = make_key(stack, "reader", "--requests-per-minute", "10")
        return [send(stack, key, "GET", "/api/events?limit=1") for _ in range(13)]
    answers = within_one_window(stack, thirteen)
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


def test_a_refusal_is_not_kept(stack, keys, fresh):
    """A conflict or a limit may pass: the same key tries again."""
    job = send(stack, keys["writer"], "POST", "/api/scrape/luma?wait=30", {"url": fresh["url"]})
    assert job.status == 200, job
    job = stack.value("select id from jobs where event_id = %s and kind = 'scrape'", job.json["id"])
    for _ in range(2):
        answer = send(stack, keys["writer"], "POST", f"/api/jobs/{job}/retry", **{"Idempotency-Key": "refused"})
        assert answer.status == 409 and answer.json["code"] == "conflict" and "idempotent-replayed" not in answer.headers


def test_an_answer_that_is_too_large_to_keep(filled):
    """It is told once; a repetition does not do the work again."""
    ids = list(filled.ids.values())[:40]
    body = {"operations": [{"op": "get", "id": event} for event in ids] * 2}
    first, again = (filled.api("POST", "/api/events/batch", body, headers={"Idempotency-Key": "large"}) for _ in range(2))
    assert first.status == again.status == 200 and len(first.body) > 65536 and len(first.json["results"]) == 80
    assert again.json["done"] is True and again.headers["idempotent-replayed"] == "true"
