"""Pairs that wait for review, what is decided of them, and merges: beside processing, too."""
import collections
import random
import threading

import psycopg
import pytest
from handmade import broken, company, decide, empty, event, handles, merged_into, model_version, pairs, people, put_up, run, speaker  # noqa: F401
from invariants import violations
from judging import judge, model_bits, steps
from merging import World, differences
from waiting import wait_until

pytestmark = pytest.mark.private_stack
UNKNOWN = "00000000-0000-4000-8000-000000000000"


# -------------------------------------------------------------------------------------------------------- review

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
    a, b = speaker(empty, "James Smith", "Looms", events=[here]), speaker(empty, "James Smith", "Harbour Lathe")
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


def test_get_internal_duplicates_id(empty):
    """Both sides, the reasons, and a preview that the merge then keeps."""
    here, there, third = event(empty, "One"), event(empty, "Two"), event(empty, "Three")
    a = speaker(empty, "James Smith", None, [("linkedin", "https://linkedin.com/in/js")], [here, there], title="Weaver")
    b = speaker(empty, "Jim Smith", "Looms", [("x", "https://x.com/js")], [there])
    c = speaker(empty, "J. Smith", "Looms", events=[third])
    with empty.db() as connection:
        connection.execute("update event_speakers set role = 'speaker' where speaker_id = %s and event_id = %s", (b, there))
        connection.execute("insert into event_speakers (event_id, speaker_id, role) values (%s, %s, 'host')", (there, b))
    pair, _ = put_up(empty, "speaker", a, b), put_up(empty, "speaker", b, c)
    shown = empty.internal("GET", f"/internal/duplicates/{pair}").json
    sides = {shown[side]["id"]: shown[side] for side in ("a", "b")}
    assert sides[a]["name"] == "James Smith" and sides[a]["title"] == "Weaver" and sides[a]["events"] == 2
    assert [item["id"] for item in sides[b]["latest_events"]] == [there] and sorted(sides[b]["latest_events"][0]["parts"]) == ["host", "speaker"]
    preview = shown["preview"]
    assert (preview["survivor"], preview["loser"], preview["links_moved"], preview["links_united"], preview["pairs_moved"]) == (a, b, 1, 1, 1)
    assert [item["id"] for item in preview["events"]] == [there]
    links = empty.value("select count(*) from event_speakers where speaker_id in (%s, %s)", a, b)
    decide(empty, pair)
    after = empty.api("GET", f"/api/speakers/{preview['survivor']}").json
    for field in ("name", "company", "title", "bio", "aliases", "handles"):
        assert after[field] == preview["result"][field], field
    assert empty.value("select count(*) from event_speakers where speaker_id = %s", a) == links - preview["links_united"]
    done = empty.internal("GET", f"/internal/duplicates/{pair}").json
    assert done["preview"] is None and {done[side]["merged_into"] for side in ("a", "b")} == {None, a}

    one, two = company(empty, "Acme", None, [here]), company(empty, "Acme Works", "acme.example")
    pair = put_up(empty, "company", one, two)
    preview = empty.internal("GET", f"/internal/duplicates/{pair}").json["preview"]
    assert (preview["survivor"], preview["links_moved"], preview["result"]["domain"]) == (one, 0, "acme.example")
    decide(empty, pair)
    after = empty.api("GET", f"/api/companies/{one}").json
    assert {field: after[field] for field in preview["result"]} == preview["result"]

    pair = put_up(empty, "event", here, third)
    preview = empty.internal("GET", f"/internal/duplicates/{pair}").json["preview"]
    decide(empty, pair)
    assert merged_into(empty, "events") == {preview["loser"]: preview["survivor"]}
    assert sorted(row[0] for row in empty.query("select url from event_sources where event_id = %s", preview["survivor"])) == preview["result"]["sources"]
    assert empty.internal("GET", f"/internal/duplicates/{UNKNOWN}").status == 404
    assert empty.internal("GET", "/internal/duplicates/x").status == 400


def test_who_is_distinct_from_the_loser_is_distinct_from_the_survivor(empty):
    a, b = speaker(empty, "Ada Byron", "Engines", events=[event(empty)]), speaker(empty, "Ada Byron", "Engines")
    third = speaker(empty, "Ada Byron", "Engines")
    empty.query("insert into duplicates (kind, a, b, score, status) values ('speaker', least(%s, %s)::uuid, greatest(%s, %s)::uuid, 0.9, 'distinct') returning 1",
                b, third, b, third)
    empty.query("select merge_speakers(%s, %s, 'test')", b, a)
    assert run(empty, threshold=0.1)["merged"] == 0
    assert merged_into(empty, "speakers") == {b: a}


def test_get_internal_speakers_id_why(empty):
    a = speaker(empty, "Ada Byron", "Engines", handles(linkedin="ada", x="one"))
    b = speaker(empty, "Ada Byron", "Looms", handles(linkedin="ada", x="two"))
    answer = empty.internal("GET", f"/internal/speakers/{a}/why?other={b}")
    assert answer.status == 200, answer
    [judged] = judge("speaker", ({"name": "Ada Byron", "company": "Engines", "linkedin": "ada", "x": "one"},
                                 {"name": "Ada Byron", "company": "Looms", "linkedin": "ada", "x": "two"}))
    assert steps(answer.json["waterfall"]) == steps(judged["waterfall"])
    values = {item["field"]: (item["left"], item["right"]) for item in answer.json["waterfall"]}
    assert values["company"] == ("Engines", "Looms") and values["family_name"] == values["given_name"] == ("Ada Byron", "Ada Byron")
    assert values["linkedin"] == ("https://linkedin.com/in/ada",) * 2 and values["x"] == ("https://x.com/one", "https://x.com/two")
    assert (answer.json["match_weight"], answer.json["decision"]) == (judged["match_weight"], judged["decision"])
    assert answer.json["match_probability"] == pytest.approx(judged["match_probability"], abs=1e-4)
    assert answer.json["prior_weight"] == model_bits("speaker", "model", "prior")
    assert answer.json["match_weight"] == pytest.approx(answer.json["prior_weight"] + sum(step["weight"] for step in answer.json["waterfall"]), abs=0.05)
    assert answer.json["rules"] == [] and answer.json["model_version"] == model_version()
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


# ----------------------------------------------------------------------------------------------- merges and undo

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


def test_the_doctor_sees_what_leads_to_a_merged_one(empty):
    a, b = speaker(empty, "Ada", events=[event(empty)]), speaker(empty, "Ben")
    assert empty.command("doctor").returncode == 0
    empty.query("update speakers set merged_into = %s where id = %s returning 1", b, a)
    try:
        found = empty.command("doctor")
        assert found.returncode != 0 and "links_to_merged" in found.stdout, found.stdout
    finally:
        empty.query("update speakers set merged_into = null returning 1")


# --------------------------------------------------------------------------------------------- beside processing

def test_merges_beside_processing(new_stack, truths):
    """Eight workers read all events again and again while people and companies are merged and taken apart."""
    stack = new_stack({"PROCESS_WORKERS": "8"})
    state = stack.wait_batch(stack.scrape_batch(truth["url"] for truth in truths.values())["batch_id"])
    assert state["failed"] == 0
    events = [str(row[0]) for row in stack.query("select id from events where merged_into is null order by id")]
    everybody = "select name from speakers union all select name from companies order by 1"
    people_before = stack.query(everybody)
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
    assert stack.query(everybody) == people_before, "nobody came back to life"
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
