"""Deduplication: what is found, merged, put up for review and undone; beside processing, too; and on real pages."""
import collections
import hashlib
import json
import pathlib
import random
import sys
import threading
import uuid

import psycopg
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from invariants import violations  # noqa: E402
from judging import MODEL, judge, model_bits, probability, steps  # noqa: E402
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
    people.clear()
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


def event(stack, name="An evening", starts_at="2026-05-05T18:00:00Z", venue=None, luma_id=None, site="https://luma.com"):
    [[new]] = stack.query("insert into events (name, luma_url, starts_at, venue, luma_id, extracted_data, embedding, processing_status, processed_at) "
                          "values (%s, %s, %s, %s, %s, '{}', array_fill(1::real, array[1536])::vector, 'processed', now()) returning id::text",
                          name, f"{site}/{uuid.uuid4().hex}", starts_at, venue, luma_id)
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
                         "and table_schema in ('public', 'event_network') and table_name not in ('jobs', 'service_reports', 'usage', 'speaker_keys', 'company_keys', 'event_keys') order by 1")
    # Rows made by hand get their keys with the first search.
    return {name: stack.query(f"select md5((to_jsonb(t) - 'keys_version')::text) from {name} t order by 1") for [name] in tables}


def handles(**links):
    """As rows hold them, and as `eventd match` reads them."""
    return [(kind, f"https://{kind}.com/{'in/' if kind == 'linkedin' else ''}{value}") for kind, value in links.items()]


def thresholds(given=None):
    return {kind: {"merge": probability(model_bits(kind, "model", "merge")) if given is None else given,
                   "review": probability(model_bits(kind, "model", "review"))} for kind in ("speaker", "company", "event")}


def model_version():
    [row] = [line.split("\t") for line in MODEL.read_text("utf-8").splitlines() if line.startswith("version\t")]
    return int(row[3])


def by_pair(proposals):
    return {frozenset((item["a"]["id"], item["b"]["id"])): item for item in proposals}


def agrees(item, answer, further=()):
    """Does a proposal say what an independent judgement says? further: levels that only the catalogue knows."""
    assert steps(item["evidence"]) == [*steps(answer["waterfall"]), *further]
    bits = answer["match_weight"] + sum(level[2] for level in further)
    assert item["probability"] == pytest.approx(1 / (1 + 2 ** -bits), abs=1e-3)  # the weight is told with two places
    return True


# --------------------------------------------------------------------------------------------------- asking

def test_post_internal_deduplicate_speakers(empty):
    here, there = event(empty, "One"), event(empty, "Two")
    rare = {"name": "Quilla Brandvold", "company": "Engines"}
    a1 = speaker(empty, rare["name"], "Engines", events=[here, there])
    a2 = speaker(empty, rare["name"], "Engines, ", title="Countess")
    b1, b2 = speaker(empty, "James Smith", "Looms", events=[here]), speaker(empty, "James Smith", "Harbour Lathe")
    c1 = speaker(empty, "Cleo Vale", handles=handles(linkedin="cleo"), events=[here])
    c2 = speaker(empty, "Cleo V Okonjo", handles=handles(linkedin="Cleo"), events=[there])
    d1, d2 = (speaker(empty, "Mary Jones", handles=handles(linkedin=one)) for one in ("mary", "another"))
    e1, e2 = (speaker(empty, name, events=[here]) for name in ("Eli Moss", "Elias Moss"))  # side by side on one event
    f1, f2 = speaker(empty, "T. Quernstone"), speaker(empty, "Tamsin Quernstone")
    judged = judge("speaker", (rare, {**rare, "company": "Engines, ", "title": "Countess"}),
                   ({"name": "James Smith", "company": "Looms"}, {"name": "James Smith", "company": "Harbour Lathe"}),
                   ({"name": "Cleo Vale", "linkedin": "cleo"}, {"name": "Cleo V Okonjo", "linkedin": "Cleo"}),
                   ({"name": "Mary Jones", "linkedin": "mary"}, {"name": "Mary Jones", "linkedin": "another"}),
                   ({"name": "Eli Moss"}, {"name": "Elias Moss"}), ({"name": "T. Quernstone"}, {"name": "Tamsin Quernstone"}))
    assert [answer["decision"] for answer in judged] == ["merge", "review", "merge", "distinct", "merge", "review"]
    ada, james, cleo, _, eli, initial = judged
    side_by_side = ("events", "listed_together", model_bits("speaker", "events", "listed_together"))
    assert -2 < eli["match_weight"] + side_by_side[2] < 2, "one of them alone would be merged; side by side they are reviewed"

    result = run(empty, "/internal/deduplicate/speakers")
    gone = merged_into(empty, "speakers")
    assert gone == {a2: a1, **({c2: c1} if c2 in gone else {c1: c2})}
    assert (result["merged"], result["for_review"], result["candidates"], result["truncated"], result["groups_cut"]) == (2, 3, 6, False, 0)
    assert (result["thresholds"], result["model_version"]) == (thresholds(), model_version())
    merges, reviews = by_pair(result["merges"]), by_pair(result["reviews"])
    assert merges.keys() == {frozenset((a1, a2)), frozenset((c1, c2))}
    assert reviews.keys() == {frozenset((b1, b2)), frozenset((e1, e2)), frozenset((f1, f2))}, "two profiles on one site: two people"
    assert agrees(merges[frozenset((a1, a2))], ada) and merges[frozenset((a1, a2))]["action"] == "merged"
    assert agrees(merges[frozenset((c1, c2))], cleo) and agrees(reviews[frozenset((b1, b2))], james)
    assert agrees(reviews[frozenset((f1, f2))], initial) and agrees(reviews[frozenset((e1, e2))], eli, [side_by_side])
    waiting = pairs(empty)
    assert waiting == {pair: pytest.approx(item["probability"]) for pair, item in reviews.items()}
    assert empty.query("select title from speakers where id = %s", a1) == [("Countess",)], "what only the loser knew"
    assert {item["id"] for item in empty.event(there).json["speakers"]} == {a1, min((c1, c2), key=lambda i: i in gone)}
    assert not {d1, d2} & set(gone) and broken(empty) == [] and violations(empty) == []
    again = run(empty, "/internal/deduplicate/speakers")
    assert (again["merged"], again["for_review"]) == (0, 3), "nothing new the second time"


def test_who_may_be_two_others_is_neither(empty):
    """Alone with one of them it would be merged."""
    one, other = (speaker(empty, "James Smith", handles=handles(linkedin=account)) for account in ("one", "other"))
    bare = speaker(empty, "James Smith")
    records = [{"name": "James Smith", "linkedin": "one"}, {"name": "James Smith", "linkedin": "other"}, {"name": "James Smith"}]
    likely, apart = judge("speaker", (records[0], records[2]), (records[0], records[1]))
    assert (likely["decision"], apart["decision"]) == ("merge", "distinct")
    result = run(empty, "/internal/deduplicate/speakers")
    reviews = by_pair(result["reviews"])
    assert result["merged"] == 0 and reviews.keys() == {frozenset((one, bare)), frozenset((other, bare))} == pairs(empty).keys()
    assert all(agrees(item, likely) for item in reviews.values()), "the probability is of the two alone"
    second = speaker(empty, "James Smith")
    run(empty, "/internal/deduplicate/speakers")
    assert set(merged_into(empty, "speakers").items()) <= {(bare, second), (second, bare)} and len(merged_into(empty, "speakers")) == 1
    pair = next(item["id"] for item in empty.internal("GET", "/internal/duplicates?status=pending").json["data"] if other in (item["a"]["id"], item["b"]["id"]))
    assert empty.internal("POST", f"/internal/duplicates/{pair}/decision", {"decision": "distinct"}).json["status"] == "distinct"
    run(empty, "/internal/deduplicate/speakers")
    gone = merged_into(empty, "speakers")
    assert len(gone) == 2 and set(gone.values()) <= {one, bare, second} and other not in {*gone, *gone.values()}, "one is left that it can be"
    assert broken(empty) == []


def test_a_name_that_lacks_its_family_name_is_not_asked_about(empty):
    """It fits too many; with a company in common somebody is asked."""
    speaker(empty, "Quilla Brandvold"), speaker(empty, "Quilla")
    bare = run(empty, "/internal/deduplicate/speakers")
    assert (bare["merged"], bare["for_review"]) == (0, 0)
    one, other = speaker(empty, "Tamsin Quernstone", "Harbour Lathe"), speaker(empty, "Tamsin", "Harbour Lathe")
    [answer] = judge("speaker", ({"name": "Tamsin Quernstone", "company": "Harbour Lathe"}, {"name": "Tamsin", "company": "Harbour Lathe"}))
    result = run(empty, "/internal/deduplicate/speakers")
    found = by_pair(result["merges"] + result["reviews"])
    assert found.keys() == {frozenset((one, other))} and agrees(found[frozenset((one, other))], answer)
    assert found[frozenset((one, other))]["action"] == {"merge": "merged", "review": "review"}[answer["decision"]]


def test_post_internal_deduplicate_companies(empty):
    here = event(empty)
    a1, a2 = company(empty, "Harbour Lathe", "harbourlathe.example", [here]), company(empty, "Harbour Lathe Inc")  # a legal form
    b1, b2 = company(empty, "Bolt Works", "bolt.example", [here]), company(empty, "The Bolt", "www.bolt.example")  # a web site
    c1, c2 = company(empty, "Quillbridge"), company(empty, "Quillbridge India")
    company(empty, "Crane"), company(empty, "Crane Cloud")
    company(empty, "Freelancer"), company(empty, "freelancers")
    records = [({"name": "Harbour Lathe", "domain": "harbourlathe.example"}, {"name": "Harbour Lathe Inc"}),
               ({"name": "Bolt Works", "domain": "bolt.example"}, {"name": "The Bolt", "domain": "www.bolt.example"}),
               ({"name": "Quillbridge"}, {"name": "Quillbridge India"}), ({"name": "Crane"}, {"name": "Crane Cloud"})]
    judged = judge("company", *records)
    assert [answer["decision"] for answer in judged] == ["merge", "merge", "review", "distinct"]
    result = run(empty, "/internal/deduplicate/companies")
    assert merged_into(empty, "companies") == {a2: a1, b2: b1}
    assert result["candidates"] == 4, "who names no company has no key"
    merges, reviews = by_pair(result["merges"]), by_pair(result["reviews"])
    assert agrees(merges[frozenset((a1, a2))], judged[0]) and agrees(merges[frozenset((b1, b2))], judged[1])
    assert reviews.keys() == {frozenset((c1, c2))} == pairs(empty).keys() and agrees(reviews[frozenset((c1, c2))], judged[2])
    assert broken(empty) == []


def test_post_internal_deduplicate_events(empty):
    ids = {"a": [{"name": "Loomlight", "venue": "Quill Hall"}, {"name": "loomlight ", "venue": "quill hall", "site": "https://looms.example"}],
           "b": [{"name": "Quillmakers", "luma_id": "evt-1", "venue": "Here"}, {"name": "Quillmakers", "luma_id": "evt-2", "venue": "Here"}],
           "c": [{"name": "Lathework", "luma_id": "evt-3", "venue": "Here"}, {"name": "Lathework", "luma_id": "evt-4", "venue": "There"}],
           "d": [{"name": "Weft", "starts_at": "2026-05-05T18:00:00Z"}, {"name": "Weft", "starts_at": "2026-05-19T18:00:00Z"}]}
    made = {key: [event(empty, **fields) for fields in two] for key, two in ids.items()}

    def told(key):
        urls = dict(empty.query("select id::text, luma_url from events"))
        return tuple({"starts_at": "2026-05-05T18:00:00Z", **fields, "url": urls[one]} for fields, one in zip(ids[key], made[key]))

    judged = dict(zip("abc", judge("event", *map(told, "abc"))))
    assert {key: answer["decision"] for key, answer in judged.items()} == {"a": "merge", "b": "review", "c": "distinct"}
    result = run(empty, "/internal/deduplicate/events")
    gone = merged_into(empty, "events")
    assert len(gone) == 1 and {*gone, *gone.values()} == set(made["a"])
    [[loser, survivor]] = gone.items()
    answer = empty.api("GET", f"/api/events/{loser}")
    assert answer.status == 308 and answer.headers["location"] == f"/api/events/{survivor}"
    assert pairs(empty).keys() == {frozenset(made["b"])}, "two ids at the source: a person decides"
    assert result["candidates"] == 5, "what shares a word or the venue of those days is compared; another day is not"
    assert agrees(result["merges"][0], judged["a"]) and agrees(result["reviews"][0], judged["b"])
    merge = empty.internal("GET", "/internal/merges?kind=event").json["data"][0]["id"]
    assert empty.internal("POST", f"/internal/merges/{merge}/undo").status == 200
    assert empty.api("GET", f"/api/events/{loser}").json["sources"] == empty.query("select array[luma_url] from events where id = %s", loser)[0][0]
    assert broken(empty) == [] and violations(empty) == []


def test_post_internal_deduplicate(empty):
    """All three kinds; a dry run tells the same and changes nothing."""
    here = event(empty, "Loomlight", venue="Quill Hall")
    event(empty, "Loomlight", venue="Quill Hall", site="https://looms.example")
    speaker(empty, "Ada Byron", "Engines", events=[here]), speaker(empty, "Ada Byron", "Engines")
    speaker(empty, "James Smith", "Looms"), speaker(empty, "James Smith", "Harbour Lathe")
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
    """Without one, the model's own decides."""
    records = [({"name": "James Smith", "company": "Looms"}, {"name": "James Smith", "company": "Harbour Lathe"}),
               ({"name": "Ada Byron", "company": "Engines"}, {"name": "Ada Byron", "company": "Engines"})]
    for record in (one for pair in records for one in pair):
        speaker(empty, record["name"], record["company"])
    low, high = (answer["match_probability"] for answer in judge("speaker", *records))
    assert low < thresholds()["speaker"]["merge"] < high < 0.9999
    expected = {1: (0, 2), high + 1e-4: (0, 2), high - 1e-4: (1, 1), low + 1e-4: (1, 1), low - 1e-4: (2, 0), 0: (2, 0)}
    for threshold, counts in expected.items():
        result = run(empty, dry_run=True, threshold=threshold)
        assert (result["above_threshold"], result["for_review"]) == counts, threshold
        assert result["thresholds"] == thresholds(threshold)
    result = run(empty, dry_run=True)
    assert (result["above_threshold"], result["for_review"], result["thresholds"]) == (1, 1, thresholds())


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


def put_up(stack, kind, one, two):
    a, b = sorted((one, two))
    return str(stack.query("insert into duplicates (kind, a, b, score) values (%s, %s, %s, 0.5) returning id", kind, a, b)[0][0])


def decide(stack, pair):
    answer = stack.internal("POST", f"/internal/duplicates/{pair}/decision", {"decision": "merge"})
    assert answer.status == 200 and answer.json["status"] == "merged", answer


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


# ---------------------------------------------------------------------------------------------- beside processing

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


def many_pairs(stack, count=300):
    """Two rows each of many people whose names have nothing in common."""
    def word(number, kind, letters):
        return "".join(chr(ord("a") + int(digit, 16)) for digit in hashlib.md5(f"{kind}{number}".encode()).hexdigest()[:letters]).capitalize()
    with stack.db() as connection:
        for number in range(count):
            name = f"{word(number, 'given', 8)} {word(number, 'family', 10)}"
            for _ in range(2):
                connection.execute("insert into speakers (name, normalized_name, company) values (%s, lower(%s), 'Firm')", (name, name))


def test_a_run_that_is_killed_starts_over(empty):
    many_pairs(empty)
    job = empty.internal("POST", "/internal/deduplicate/speakers", {}).json["job_id"]
    wait_until(lambda: empty.value("select count(*) from merges") > 0, 30, "a merge")
    empty.kill_child("processor")
    assert broken(empty) == [], "each merge is whole or has not been"
    assert ended(empty, job)["attempt"] == 2
    assert empty.query("select count(*), count(merged_into) from speakers") == [(600, 300)]
    assert empty.value("select count(*) from merges") == 300 and broken(empty) == []


def test_a_large_group_is_cut(empty):
    """1100 people of one name, by three hundreds: each pair of a part is compared once, whatever number of keys it shares."""
    empty.query("insert into speakers (name, normalized_name) select 'Ada Loom', 'ada loom' from generate_series(1, 1100) returning 1")
    result = run(empty, "/internal/deduplicate/speakers", dry_run=True)
    pairs_of_parts = 3 * (300 * 299 // 2) + 200 * 199 // 2
    assert result["candidates"] == pairs_of_parts and result["groups_cut"] > 0
    [answer] = judge("speaker", ({"name": "Ada Loom"}, {"name": "Ada Loom"}))
    assert (result["above_threshold"], result["for_review"]) == {"merge": (pairs_of_parts, 0), "review": (0, pairs_of_parts)}[answer["decision"]]
    assert result["truncated"] and len(result["merges"]) + len(result["reviews"]) == 200


def test_nobody_of_a_large_group_is_left_out(empty):
    """Whoever stays of each part meets the others in the next pass."""
    empty.query("insert into speakers (name, normalized_name) select 'Ada Loom', 'ada loom' from generate_series(1, 700) returning 1")
    result = run(empty, "/internal/deduplicate/speakers")
    assert result["merged"] == 699
    assert empty.query("select count(*), count(merged_into) from speakers") == [(700, 699)] and broken(empty) == []


def test_a_run_can_be_cancelled_and_tried_again(empty):
    count = 800
    many_pairs(empty, count)
    job = empty.internal("POST", "/internal/deduplicate/speakers", {}).json["job_id"]
    seen = wait_until(lambda: (progress := empty.api("GET", f"/api/jobs/{job}").json["progress"])["done"] and progress, 30, "progress")
    assert 0 < seen["done"] <= seen["total"], "how much there is to do is an estimate"
    empty.api("POST", f"/api/jobs/{job}/cancel")
    wait_until(lambda: empty.api("GET", f"/api/jobs/{job}").json["state"] == "cancelled", 30, "its end")
    merged = empty.value("select count(*) from merges")
    assert 0 < merged < count and broken(empty) == []
    assert empty.api("POST", f"/api/jobs/{job}/retry").status == 200
    done = ended(empty, job)
    assert done["result"]["merged"] == count - merged and done["progress"]["done"] == done["progress"]["total"] >= count - merged
    assert empty.value("select count(*) from speakers where merged_into is null") == count


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
    adopted = {row[0] for row in loaded.query("select id::text from merges where undone_at is null")}
    was = {table: merged_into(loaded, table) for table in ("speakers", "companies", "events")}
    spelled = loaded.query("select m.kind, m.actor, m.probability, m.reason from merges m where m.kind <> 'event' and m.undone_at is null")
    for kind, actor, likelihood, reason in spelled:
        assert actor == "processing" and likelihood >= thresholds()[kind]["merge"] - 1e-4, (kind, actor, likelihood)
        assert likelihood == pytest.approx(1 / (1 + 2 ** -sum(step["weight"] for step in reason)), abs=2e-3)
    dry = run(loaded, dry_run=True)
    with loaded.db() as connection:
        assert World(connection, random.Random(0)).dump(pairs=False) == before
    with loaded.db() as connection:  # beside what it finds: many that are merged by hand
        world = World(connection, random.Random(43))
        for kind, count in (("speaker", 40), ("company", 25), ("event", 5)):
            for _ in range(count):
                assert world.merge(kind, *world.random.sample(world.live(kind), 2)) != "None"
    wet = run(loaded)
    assert (wet["merged"] > 0) == (dry["above_threshold"] > 0)
    again = run(loaded)
    assert (again["merged"], again["above_threshold"]) == (0, 0), "one run is enough"
    assert broken(loaded) == [] and violations(loaded) == []
    owners = {table: merged_into(loaded, table) for table in ("speakers", "companies", "events")}
    assert sum(map(len, owners.values())) == wet["merged"] + 70 + sum(map(len, was.values())), "spellings were merged while processing"
    assert all(owners[table].keys() >= was[table].keys() for table in was)
    for table, column, kind in (("event_speakers", "speaker_id", "role"), ("event_companies", "company_id", "relationship_type")):

        old = {(owners["events"].get(row["event_id"], row["event_id"]), owners[table.split("_")[1]].get(row[column], row[column]), row[kind])
               for row in map(json.loads, before[table]) if row["event_id"] not in owners["events"]}
        new = {tuple(map(str, row)) for row in loaded.query(f"select event_id, {column}, {kind} from {table}")}
        assert old == new, table
    total = loaded.api("GET", "/api/stats/events/count").json
    assert total["total"] == loaded.value("select count(*) from events where processed_at is not null and merged_into is null")
    for [merge] in loaded.query("select id::text from merges where undone_at is null order by seq desc"):
        if merge in adopted:
            continue
        assert loaded.value("select conflicts::text from undo_merge(%s, 'test')", merge) == "[]"
    with loaded.db() as connection:
        after = World(connection, random.Random(0)).dump(pairs=False)
    assert before == after, differences(before, after)
