"""Deduplication: what is found, merged, put up for review and undone; beside processing, too; and on real pages."""
import collections
import json
import math
import pathlib
import random
import sys
import threading
import uuid

import psycopg
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from invariants import violations  # noqa: E402
from merging import World, differences  # noqa: E402
from shared_test import FOLDER, loaded, pages  # noqa: E402, F401
from stack import Stack  # noqa: E402
from waiting import wait_until  # noqa: E402

pytestmark = pytest.mark.private_stack
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def people():
    """Services of this module's own: the tests make their people by hand."""
    stack = Stack(settings={"SCRAPE_WORKERS": "0"}).start()
    yield stack
    stack.stop()


@pytest.fixture
def empty(people):
    """The same without anybody."""
    with people.db() as connection:
        connection.execute("truncate speakers, companies, events, merges, duplicates, jobs, changes cascade")
        connection.execute("select rebuild_graph()")
    return people


def speaker(stack, name, company=None, handles=(), events=(), title=None):
    [[new]] = stack.query("insert into speakers (name, normalized_name, company, title, confidence_score) values (%s, %s, %s, %s, 0.5) returning id::text",
                          name, name.lower(), company, title)
    with stack.db() as connection:
        connection.execute("insert into speaker_aliases (speaker_id, name) values (%s, %s)", (new, name))
        for kind, value in handles:
            connection.execute("insert into speaker_handles values (%s, %s, %s)", (new, kind, value))
        for event in events:
            connection.execute("insert into event_speakers (event_id, speaker_id, role, extraction_confidence) values (%s, %s, 'host', 0.9)", (event, new))
    project(stack, events)
    return new


def company(stack, name, domain=None, events=()):
    [[new]] = stack.query("insert into companies (name, normalized_name, domain) values (%s, %s, %s) returning id::text", name, name.lower(), domain)
    with stack.db() as connection:
        for event in events:
            connection.execute("insert into event_companies (event_id, company_id, relationship_type) values (%s, %s, 'host')", (event, new))
    project(stack, events)
    return new


def event(stack, name="An evening", starts_at="2026-05-05T18:00:00Z", venue=None, luma_id=None):
    [[new]] = stack.query("insert into events (name, luma_url, starts_at, venue, luma_id, extracted_data, embedding, processing_status, processed_at) "
                          "values (%s, %s, %s, %s, %s, '{}', array_fill(1::real, array[1536])::vector, 'processed', now()) returning id::text",
                          name, f"https://luma.com/{uuid.uuid4().hex}", starts_at, venue, luma_id)
    stack.query("insert into event_sources (url, event_id) select luma_url, id from events where id = %s returning 1", new)
    project(stack, [new])
    return new


def project(stack, events):
    stack.query("select render_events(%s::uuid[])::text, project_events(%s::uuid[])::text", list(events), list(events))


def ended(stack, job_id):
    job = wait_until(lambda: (found := stack.api("GET", f"/api/jobs/{job_id}").json)["state"] in ("completed", "discarded", "cancelled") and found,
                     60, "the end of the job")
    assert job["state"] == "completed", job
    return job


def run(stack, path="/internal/deduplicate", **body):
    """Asks for it and waits; the job's result."""
    answer = stack.internal("POST", path, body)
    assert answer.status == 202 and answer.json["status"] == "queued", answer
    return ended(stack, answer.json["job_id"])["result"]


def merged_into(stack, table):
    return {str(row[0]): str(row[1]) for row in stack.query(f"select id, merged_into from {table} where merged_into is not null")}


def pairs(stack, status="pending"):
    return {frozenset(map(str, row[:2])): row[2] for row in stack.query("select a, b, score from duplicates where status = %s", status)}


def broken(stack):
    with stack.db() as connection:
        return World(connection, random.Random(0)).broken()


def dump(stack):
    """Every table and the graph, but for the queue and what services tell of themselves."""
    tables = stack.query("select format('%%I.%%I', table_schema, table_name) from information_schema.tables where table_type = 'BASE TABLE' "
                         "and table_schema in ('public', 'event_network') and table_name not in ('jobs', 'service_reports', 'usage', 'speaker_keys', 'company_keys') order by 1")
    # Rows made by hand get their keys with the first search.
    return {name: stack.query(f"select md5((to_jsonb(t) - 'keys_version')::text) from {name} t order by 1") for [name] in tables}


def probability(*weights):
    return round(1 / (1 + 2 ** -(sum(weights) - 10)), 4)


# --------------------------------------------------------------------------------------------------- asking

def test_post_internal_deduplicate_speakers(empty):
    here, there = event(empty, "One"), event(empty, "Two")
    a1 = speaker(empty, "Ada Byron", "Engines", events=[here, there])
    a2 = speaker(empty, "Ada Byron", "Engines, ", title="Countess")            # one name, one company
    b1, b2 = speaker(empty, "Ben Roe", events=[here]), speaker(empty, "Ben Roe")  # one name alone
    c1 = speaker(empty, "Cleo Vale", handles=[("linkedin", "https://linkedin.com/in/cleo")], events=[here])
    c2 = speaker(empty, "Cleo V Okonjo", handles=[("linkedin", "https://linkedin.com/in/Cleo")], events=[there])
    d1 = speaker(empty, "Dora Lind", handles=[("linkedin", "https://linkedin.com/in/dora")])
    d2 = speaker(empty, "Dora Lind", handles=[("linkedin", "https://linkedin.com/in/another")])
    e1 = speaker(empty, "Eli Moss", handles=[("x", "https://x.com/twins")], events=[here])
    e2 = speaker(empty, "Ina Moss", handles=[("x", "https://x.com/twins")], events=[here])  # side by side on one event
    result = run(empty, "/internal/deduplicate/speakers")
    assert merged_into(empty, "speakers") == {a2: a1, **({c2: c1} if c2 in merged_into(empty, "speakers") else {c1: c2})}
    waiting = pairs(empty)
    assert set(waiting) == {frozenset((b1, b2)), frozenset((e1, e2))}
    assert waiting[frozenset((b1, b2))] == pytest.approx(probability(11.22)) and 0.69 < waiting[frozenset((b1, b2))] < 0.71
    assert waiting[frozenset((e1, e2))] == pytest.approx(probability(16.7, -6))
    assert not {frozenset((d1, d2))} & set(waiting), "two profiles on one site: two people"
    assert (result["merged"], result["for_review"], result["candidates"], result["truncated"]) == (2, 2, 5, False)
    assert {frozenset((item["a"]["id"], item["b"]["id"])) for item in result["merges"]} == {frozenset((a1, a2)), frozenset((c1, c2))}
    ada = next(item for item in result["merges"] if item["a"]["name"] == "Ada Byron")
    assert ada["probability"] == probability(11.22, 3.1) and ada["action"] == "merged"
    assert [(item["field"], item["level"]) for item in ada["evidence"]] == [("name", "equal"), ("company", "equal")]
    assert empty.query("select title from speakers where id = %s", a1) == [("Countess",)], "what only the loser knew"
    assert {item["id"] for item in empty.event(there).json["speakers"]} == {a1, min((c1, c2), key=lambda i: i in merged_into(empty, "speakers"))}
    assert broken(empty) == [] and violations(empty) == []
    again = run(empty, "/internal/deduplicate/speakers")
    assert (again["merged"], again["for_review"]) == (0, 2), "nothing new the second time"


def test_post_internal_deduplicate_companies(empty):
    here = event(empty)
    a1, a2 = company(empty, "Acme", "acme.example", [here]), company(empty, "Acme Inc")           # a legal form
    b1, b2 = company(empty, "Bolt Works", "bolt.example", [here]), company(empty, "The Bolt", "www.bolt.example")  # a domain
    c1, c2 = company(empty, "Crane", "crane.example"), company(empty, "Crane GmbH", "other.example")
    result = run(empty, "/internal/deduplicate/companies")
    assert merged_into(empty, "companies") == {a2: a1}
    assert pairs(empty) == {frozenset((b1, b2)): pytest.approx(probability(14))}
    assert result["candidates"] == 3 and frozenset((c1, c2)) not in pairs(empty)
    assert probability(14.3) >= 0.95 > probability(14) > 0.9
    assert broken(empty) == []


def test_post_internal_deduplicate_events(empty):
    a1, a2 = event(empty, "Demo Night", venue="The Hall"), event(empty, "demo night ", venue="the hall")
    b1, b2 = event(empty, "Lunch"), event(empty, "Lunch")                                   # no place known
    event(empty, "Dinner", venue="Here"), event(empty, "Dinner", venue="There")
    event(empty, "Walk", "2026-05-05T18:00:00Z"), event(empty, "Walk", "2026-05-06T18:00:00Z")
    d1, d2 = event(empty, "Talk", venue="Hall", luma_id="evt-1"), event(empty, "Talk", venue="Hall", luma_id="evt-2")
    result = run(empty, "/internal/deduplicate/events")
    gone = merged_into(empty, "events")
    assert len(gone) == 1 and {*gone, *gone.values()} == {a1, a2}
    [[loser, survivor]] = gone.items()
    answer = empty.api("GET", f"/api/events/{loser}")
    assert answer.status == 308 and answer.headers["location"] == f"/api/events/{survivor}"
    assert set(pairs(empty)) == {frozenset((b1, b2)), frozenset((d1, d2))}, "two ids at the source: a person decides"
    assert result["candidates"] == 4
    merge = empty.internal("GET", "/internal/merges?kind=event").json["data"][0]["id"]
    assert empty.internal("POST", f"/internal/merges/{merge}/undo").status == 200
    assert empty.api("GET", f"/api/events/{loser}").json["sources"] == empty.query("select array[luma_url] from events where id = %s", loser)[0][0]
    assert broken(empty) == [] and violations(empty) == []


def test_post_internal_deduplicate(empty):
    """All three kinds; a dry run tells the same and changes nothing."""
    here = event(empty, "Demo", venue="Hall")
    event(empty, "Demo", venue="Hall")
    speaker(empty, "Ada Byron", "Engines", events=[here]), speaker(empty, "Ada Byron", "Engines")
    speaker(empty, "Ben Roe"), speaker(empty, "Ben Roe")
    company(empty, "Acme"), company(empty, "Acme Inc")
    before = dump(empty)
    dry = run(empty, dry_run=True)
    assert dump(empty) == before
    assert (dry["dry_run"], dry["merged"], dry["above_threshold"], dry["for_review"]) == (True, 0, 3, 1)
    assert {item["action"] for item in dry["merges"]} == {"merge"} and {item["action"] for item in dry["reviews"]} == {"review"}
    wet = run(empty)
    assert (wet["merged"], wet["above_threshold"], wet["for_review"]) == (3, 3, 1)
    key = lambda item: (item["kind"], item["a"]["id"], item["b"]["id"], item["probability"])  # noqa: E731
    assert sorted(map(key, wet["merges"])) == sorted(map(key, dry["merges"]))
    assert sorted(map(key, wet["reviews"])) == sorted(map(key, dry["reviews"]))
    assert dump(empty) != before and broken(empty) == []
    assert {row["actor"] for row in empty.internal("GET", "/internal/merges").json["data"]} == {"deduplicate"}


def test_the_threshold_parts_merges_from_reviews(empty):
    speaker(empty, "Ben Roe"), speaker(empty, "Ben Roe")          # 0.70
    speaker(empty, "Ada Byron", "Engines"), speaker(empty, "Ada Byron", "Engines")  # 0.95
    found = {}
    for threshold in (1, 0.96, 0.95, 0.71, 0.69):
        result = run(empty, dry_run=True, threshold=threshold)
        found[threshold] = (result["above_threshold"], result["for_review"])
    assert found == {1: (0, 2), 0.96: (0, 2), 0.95: (1, 1), 0.71: (1, 1), 0.69: (2, 0)}


def test_chains_end_at_one(empty):
    """Many of one name and company: one stays, and everybody leads straight to it."""
    events = [event(empty, f"E{i}") for i in range(3)]
    everybody = [speaker(empty, "Ada Byron", "Engines", events=[events[i % 3]]) for i in range(9)]
    assert run(empty)["merged"] == 8
    gone = merged_into(empty, "speakers")
    [survivor] = set(everybody) - set(gone)
    assert gone == {one: survivor for one in everybody if one != survivor}
    assert [len(empty.event(one).json["speakers"]) for one in events] == [1, 1, 1]
    assert broken(empty) == []


@pytest.mark.parametrize("body, pointer", [({"threshold": "high"}, "/threshold"), ({"threshold": 1.5}, "/threshold"),
                                           ({"dry_run": "yes"}, "/dry_run"), ({"dryrun": True}, "/dryrun")])
def test_bad_requests_for_deduplication(people, body, pointer):
    answer = people.internal("POST", "/internal/deduplicate", body)
    assert answer.status in (400, 422) and answer.json["errors"][0]["pointer"] == pointer, answer


# --------------------------------------------------------------------------------------------- review and undo

def test_get_internal_duplicates(empty):
    with empty.db() as connection:
        World(connection, random.Random(7)).fill(speakers=9, companies=6, events=6)
    rows = empty.query("select id::text, kind, status, score from duplicates order by score desc, id desc")
    seen, cursor = [], ""
    while cursor is not None:
        answer = empty.internal("GET", "/internal/duplicates", query={"limit": 2, **({"cursor": cursor} if cursor else {})})
        assert answer.status == 200, answer
        seen += answer.json["data"]
        cursor = answer.json["page"]["next_cursor"]
    assert [(item["id"], item["kind"], item["status"]) for item in seen] == [row[:3] for row in rows] and len(rows) > 4
    for query, fits in (("kind=speaker", lambda row: row[1] == "speaker"), ("status=distinct", lambda row: row[2] == "distinct"),
                        ("probability_gte=0.6", lambda row: row[3] >= 0.6), ("kind=event&status=pending", lambda row: row[1:3] == ("event", "pending"))):
        found = empty.internal("GET", f"/internal/duplicates?limit=100&{query}").json["data"]
        assert [item["id"] for item in found] == [row[0] for row in rows if fits(row)], query
    names = dict(empty.query("select id::text, name from speakers"))
    assert all(item["a"]["name"] == names[item["a"]["id"]] for item in seen if item["kind"] == "speaker")
    bad = empty.internal("GET", "/internal/duplicates?status=open")
    assert bad.status == 400 and bad.json["errors"][0]["parameter"] == "status"


def test_post_internal_duplicates_id_decision(empty):
    here = event(empty)
    a, b = speaker(empty, "Ben Roe", events=[here]), speaker(empty, "Ben Roe")
    run(empty)
    [pair] = [item["id"] for item in empty.internal("GET", "/internal/duplicates?status=pending").json["data"]]
    path = f"/internal/duplicates/{pair}/decision"

    assert empty.internal("POST", path, {"decision": "distinct", "note": "father and son"}).json["status"] == "distinct"
    assert empty.query("select note, decided_by from duplicates") == [("father and son", "operator")]
    result = run(empty, threshold=0.1)
    assert (result["candidates"], result["merged"]) == (0, 0), "never proposed again"
    assert empty.internal("POST", path, {"decision": "defer"}).json["status"] == "deferred"
    assert run(empty, threshold=0.1)["candidates"] == 0

    answer = empty.internal("POST", path, {"decision": "merge"})
    assert answer.status == 200 and answer.json["status"] == "merged", answer
    assert merged_into(empty, "speakers") == {b: a}
    merge = empty.internal("GET", f"/internal/merges?entity={b}").json["data"]
    assert [(m["id"], m["actor"], m["survivor"]["id"]) for m in merge] == [(answer.json["merge_id"], "operator", a)]
    again = empty.internal("POST", path, {"decision": "merge"})
    assert again.status == 409 and again.json["code"] == "conflict"

    assert empty.internal("POST", f"/internal/duplicates/{UNKNOWN}/decision", {"decision": "merge"}).status == 404
    assert empty.internal("POST", "/internal/duplicates/x/decision", {"decision": "merge"}).status == 400
    assert empty.internal("POST", path, {"decision": "maybe"}).json["errors"][0]["pointer"] == "/decision"
    assert empty.internal("POST", path, {}).json["errors"][0]["pointer"] == "/decision"


def test_who_is_distinct_from_the_loser_is_distinct_from_the_survivor(empty):
    a, b = speaker(empty, "Ada Byron", "Engines", events=[event(empty)]), speaker(empty, "Ada Byron", "Engines")
    third = speaker(empty, "Ada Byron", "Engines")
    empty.query("insert into duplicates (kind, a, b, score, status) values ('speaker', least(%s, %s)::uuid, greatest(%s, %s)::uuid, 0.9, 'distinct') returning 1",
                b, third, b, third)
    empty.query("select merge_speakers(%s, %s, 'test')", b, a)
    assert run(empty, threshold=0.1)["merged"] == 0
    assert merged_into(empty, "speakers") == {b: a}


def test_get_internal_merges(empty):
    ids = [speaker(empty, f"Person {i}") for i in range(5)]
    made = [empty.value("select merge_speakers(%s, %s, 'test', '{\"rule\": \"by hand\"}')::text", one, ids[0]) for one in ids[1:]]
    company(empty, "Acme"), company(empty, "Acme Inc")
    run(empty)
    first = empty.internal("GET", "/internal/merges?limit=3").json
    rest = empty.internal("GET", "/internal/merges", query={"limit": 3, "cursor": first["page"]["next_cursor"]}).json
    assert [item["id"] for item in first["data"] + rest["data"]][1:] == made[::-1] and rest["page"]["next_cursor"] is None
    assert first["data"][0]["kind"] == "company" and first["data"][1]["reason"] == {"rule": "by hand"}
    assert first["data"][1]["loser"] == {"id": ids[4], "name": "Person 4"}
    assert len(empty.internal("GET", "/internal/merges?kind=speaker&undone=false").json["data"]) == 4
    assert empty.internal("GET", "/internal/merges?undone=true").json["data"] == []
    assert [item["id"] for item in empty.internal("GET", f"/internal/merges?entity={ids[2]}").json["data"]] == [made[1]]


def test_post_internal_merges_id_undo(empty):
    here = event(empty)
    a, b, c = (speaker(empty, name, company, events=[here]) for name, company in (("Ada", None), ("Ada B", "Engines"), ("A Byron", None)))
    with empty.db() as connection:
        before = World(connection, random.Random(0)).dump()
    first = empty.value("select merge_speakers(%s, %s, 'test')::text", b, a)
    second = empty.value("select merge_speakers(%s, %s, 'test')::text", c, a)
    assert [one["id"] for one in empty.event(here).json["speakers"]] == [a]
    held = empty.internal("POST", f"/internal/merges/{first}/undo")
    assert held.status == 409 and [error["code"] for error in held.json["errors"]] == ["later_merge"]
    assert second in held.json["errors"][0]["detail"]
    assert merged_into(empty, "speakers") == {b: a, c: a}, "nothing half-done"
    for merge in (second, first):
        answer = empty.internal("POST", f"/internal/merges/{merge}/undo")
        assert answer.status == 200 and answer.json["id"] == merge and answer.json["undone_at"], answer
    with empty.db() as connection:
        after = World(connection, random.Random(0)).dump()
    assert before == after, differences(before, after)
    twice = empty.internal("POST", f"/internal/merges/{first}/undo")
    assert twice.status == 409 and twice.json["errors"][0]["code"] == "already_undone"
    assert pairs(empty, "distinct").keys() == {frozenset((a, b)), frozenset((a, c))}, "the next run must not merge them again"
    assert empty.internal("POST", f"/internal/merges/{UNKNOWN}/undo").status == 404
    assert empty.internal("POST", "/internal/merges/x/undo").status == 400
    assert [row[0] for row in empty.query("select type from changes order by seq")] == [
        "event.updated", "speaker.merged"] * 2 + ["event.updated", "speaker.unmerged"] * 2


def test_get_internal_speakers_id_why(empty):
    a = speaker(empty, "Ada Byron", "Engines", [("linkedin", "https://linkedin.com/in/ada"), ("x", "https://x.com/one")])
    b = speaker(empty, "Ada Byron", "Looms", [("linkedin", "https://linkedin.com/in/ada"), ("x", "https://x.com/two")])
    answer = empty.internal("GET", f"/internal/speakers/{a}/why?other={b}")
    assert answer.status == 200, answer
    found = {item["field"]: (item["level"], item["weight"], item["left"], item["right"]) for item in answer.json["waterfall"]}
    assert found == {"name": ("equal", 11.22, "Ada Byron", "Ada Byron"), "company": ("different", -1, "Engines", "Looms"),
                     "linkedin": ("equal", 16.7, "https://linkedin.com/in/ada", "https://linkedin.com/in/ada"),
                     "x": ("different", -3, "https://x.com/one", "https://x.com/two")}
    assert answer.json["match_weight"] == pytest.approx(answer.json["prior_weight"] + sum(item[1] for item in found.values()))
    assert answer.json["match_probability"] == pytest.approx(1 / (1 + math.pow(2, -answer.json["match_weight"])), abs=1e-4)
    assert answer.json["rules"] == []
    mirrored = empty.internal("GET", f"/internal/speakers/{b}/why?other={a}").json
    assert mirrored["match_weight"] == answer.json["match_weight"] and mirrored["speaker"]["id"] == b
    merge = empty.value("select merge_speakers(%s, %s, 'test')::text", b, a)
    moved = empty.internal("GET", f"/internal/speakers/{b}/why?other={a}")
    assert moved.status == 308 and moved.headers["location"] == f"/internal/speakers/{a}/why?other={a}"
    assert empty.internal("GET", f"/internal/speakers/{a}/why?other={b}").json["rules"] == ["other_is_merged"]
    empty.internal("POST", f"/internal/merges/{merge}/undo")
    assert empty.internal("GET", f"/internal/speakers/{a}/why?other={b}").json["rules"] == ["cannot_link"]
    assert empty.internal("GET", f"/internal/speakers/{a}/why").json["errors"][0]["parameter"] == "other"
    assert empty.internal("GET", f"/internal/speakers/{a}/why?other={a}").status == 400
    assert empty.internal("GET", f"/internal/speakers/{a}/why?other={UNKNOWN}").status == 404
    assert empty.internal("GET", f"/internal/speakers/{UNKNOWN}/why?other={a}").status == 404


# ---------------------------------------------------------------------------------------------- beside processing

def test_merges_beside_processing(new_stack, truths):
    """Eight workers read all events again and again while people and companies are merged and taken apart."""
    stack = new_stack({"PROCESS_WORKERS": "8"})
    state = stack.wait_batch(stack.scrape_batch(truth["url"] for truth in truths.values())["batch_id"])
    assert state["failed"] == 0
    events = [str(row[0]) for row in stack.query("select id from events where merged_into is null order by id")]
    people_before = stack.value("select count(*) from speakers"), stack.value("select count(*) from companies")
    done, failures, made = threading.Event(), [], collections.Counter()

    def merge_and_undo(seed):
        draw = random.Random(seed)
        try:
            with stack.db() as connection:
                world = World(connection, draw)
                while not done.is_set():
                    kind = draw.choice(("speaker", "speaker", "company"))
                    open_merges = [row[0] for row in world.run("select id::text from merges where kind = %s and undone_at is null", kind)]
                    try:
                        if open_merges and draw.random() < 0.5:
                            made["undone"] += not world.undo(draw.choice(open_merges))
                        else:
                            pair = draw.sample(world.live(kind), 2)
                            made["merged"] += world.merge(kind, *pair) != "None"
                    except psycopg.errors.DeadlockDetected:
                        made["deadlocks"] += 1
        except Exception as error:  # noqa: BLE001: told by the test
            failures.append(repr(error))
            done.set()

    threads = [threading.Thread(target=merge_and_undo, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(4):
            batch = stack.query("select batch_id::text from request_processes(%s::uuid[], 'again') limit 1", events)[0][0]
            state = stack.wait_batch(batch)
            assert state["failed"] == 0, state
    finally:
        done.set()
        for thread in threads:
            thread.join(60)
    assert failures == [] and made["merged"] > 10 and made["undone"] > 5, (failures, made)
    assert made["deadlocks"] == 0, made
    wait_until(lambda: stack.value("select count(*) from jobs where state in ('available', 'executing', 'retryable')") == 0, 60, "all jobs done")
    assert stack.query("select kind, error_code, error_detail from jobs where state = 'discarded'") == []
    assert broken(stack) == [] and violations(stack) == []
    assert (stack.value("select count(*) from speakers"), stack.value("select count(*) from companies")) == people_before, "nobody came back to life"
    doctor = stack.command("doctor")
    assert doctor.returncode == 0, doctor.stdout

    while open_merges := stack.query("select id::text from merges where undone_at is null order by seq desc limit 1"):
        assert stack.value("select conflicts::text from undo_merge(%s, 'test')", open_merges[0][0]) == "[]"
    batch = stack.query("select batch_id::text from request_processes(%s::uuid[], 'last') limit 1", events)[0][0]
    assert stack.wait_batch(batch)["failed"] == 0
    wait_until(lambda: stack.value("select count(*) from jobs where state in ('available', 'executing', 'retryable')") == 0, 60, "all jobs done")
    named = {slug: {item["name"] for item in stack.event(stack.value("select event_id::text from event_sources where url = %s", truth["url"])).json["speakers"]}
             for slug, truth in truths.items()}
    assert all(set(truth["people"]) <= {name for name in named[slug]} or len(named[slug]) >= len(set(truth["people"])) for slug, truth in truths.items())
    assert broken(stack) == [] and violations(stack) == []


def many_pairs(stack, count=300):
    with stack.db() as connection:
        connection.execute("insert into speakers (name, normalized_name, company) select 'Person ' || i / 2, 'person ' || i / 2, 'Firm' "
                           "from generate_series(0, %s) i", (2 * count - 1,))


def test_a_run_that_is_killed_starts_over(empty):
    many_pairs(empty)
    job = empty.internal("POST", "/internal/deduplicate/speakers", {}).json["job_id"]
    wait_until(lambda: empty.value("select count(*) from merges") > 0, 30, "a merge")
    empty.kill_child("processor")
    assert broken(empty) == [], "each merge is whole or has not been"
    assert ended(empty, job)["attempt"] == 2
    assert empty.query("select count(*), count(merged_into) from speakers") == [(600, 300)]
    assert empty.value("select count(*) from merges") == 300 and broken(empty) == []


def test_more_pairs_than_are_read_at_once(empty):
    """Each of 1100 people of one name is compared with the next twenty: each pair once, and none is left out."""
    empty.query("insert into speakers (name, normalized_name) select 'Ada Loom', 'ada loom' from generate_series(1, 1100) returning 1")
    result = run(empty, "/internal/deduplicate/speakers", dry_run=True)
    seen = 1100 * 20 - sum(range(1, 21))
    assert result["candidates"] == seen > 20000
    assert result["above_threshold"] + result["for_review"] in (0, seen)


def test_a_run_can_be_cancelled_and_tried_again(empty):
    many_pairs(empty, 500)
    job = empty.internal("POST", "/internal/deduplicate/speakers", {}).json["job_id"]
    seen = wait_until(lambda: (progress := empty.api("GET", f"/api/jobs/{job}").json["progress"])["done"] and progress, 30, "progress")
    assert 0 < seen["done"] <= seen["total"] == 500
    empty.api("POST", f"/api/jobs/{job}/cancel")
    wait_until(lambda: empty.api("GET", f"/api/jobs/{job}").json["state"] == "cancelled", 30, "its end")
    merged = empty.value("select count(*) from merges")
    assert 0 < merged < 500 and broken(empty) == []
    assert empty.api("POST", f"/api/jobs/{job}/retry").status == 200
    assert ended(empty, job)["result"]["merged"] == 500 - merged
    assert empty.value("select count(*) from speakers where merged_into is null") == 500


def test_the_doctor_sees_what_leads_to_a_merged_one(empty):
    a, b = speaker(empty, "Ada", events=[event(empty)]), speaker(empty, "Ben")
    assert empty.command("doctor").returncode == 0
    empty.query("update speakers set merged_into = %s where id = %s returning 1", b, a)
    try:
        found = empty.command("doctor")
        assert found.returncode != 0 and "links_to_merged" in found.stdout, found.stdout
    finally:
        empty.query("update speakers set merged_into = null returning 1")


# ------------------------------------------------------------------------------------------------------ real pages

@pytest.mark.skipif(FOLDER is None, reason="no ../shared/luma beside the checkout (or EVENTD_SHARED)")
def test_real_pages(loaded):  # noqa: F811
    """Deduplicated as a whole: nobody is lost, every count agrees with the tables, undoing all gives what was there."""
    with loaded.db() as connection:
        before = World(connection, random.Random(0)).dump(pairs=False)
    dry = run(loaded, dry_run=True)
    with loaded.db() as connection:
        assert World(connection, random.Random(0)).dump(pairs=False) == before
    with loaded.db() as connection:  # beside what it finds: many that are merged by hand
        world = World(connection, random.Random(43))
        for kind, count in (("speaker", 40), ("company", 25), ("event", 5)):
            for _ in range(count):
                assert world.merge(kind, *world.random.sample(world.live(kind), 2)) != "None"
    wet = run(loaded, threshold=0.9)
    assert wet["merged"] >= dry["above_threshold"]
    assert broken(loaded) == [] and violations(loaded) == []
    owners = {table: merged_into(loaded, table) for table in ("speakers", "companies", "events")}
    assert sum(map(len, owners.values())) == wet["merged"] + 70
    for table, column, kind in (("event_speakers", "speaker_id", "role"), ("event_companies", "company_id", "relationship_type")):

        old = {(owners["events"].get(row["event_id"], row["event_id"]), owners[table.split("_")[1]].get(row[column], row[column]), row[kind])
               for row in map(json.loads, before[table]) if row["event_id"] not in owners["events"]}
        new = {tuple(map(str, row)) for row in loaded.query(f"select event_id, {column}, {kind} from {table}")}
        assert old == new, table
    total = loaded.api("GET", "/api/stats/events/count").json
    assert total["total"] == loaded.value("select count(*) from events where processed_at is not null and merged_into is null")
    for [merge] in loaded.query("select id::text from merges where undone_at is null and reason ->> 'rule' is distinct from 'same_source' order by seq desc"):
        assert loaded.value("select conflicts::text from undo_merge(%s, 'test')", merge) == "[]"
    with loaded.db() as connection:
        after = World(connection, random.Random(0)).dump(pairs=False)
    assert before == after, differences(before, after)
