"""Deduplication: what is found, merged and put up for review; runs that are killed and cancelled; and on real pages."""
import hashlib
import json
import random

import pytest
import real_pages
from handmade import agrees, broken, by_pair, company, dump, empty, ended, event, handles, merged_into, model_version, pairs, people, run, speaker, thresholds  # noqa: F401
from invariants import violations
from judging import judge, model_bits
from merging import World, differences
from waiting import wait_until

pytestmark = pytest.mark.private_stack


# ------------------------------------------------------------------------------------------------- what is found

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
    one, other = (speaker(empty, "Stella Murphy", handles=handles(linkedin=account)) for account in ("one", "other"))
    bare = speaker(empty, "Stella Murphy")
    records = [{"name": "Stella Murphy", "linkedin": "one"}, {"name": "Stella Murphy", "linkedin": "other"}, {"name": "Stella Murphy"}]
    likely, apart = judge("speaker", (records[0], records[2]), (records[0], records[1]))
    assert (likely["decision"], apart["decision"]) == ("merge", "distinct")
    result = run(empty, "/internal/deduplicate/speakers")
    reviews = by_pair(result["reviews"])
    assert result["merged"] == 0 and reviews.keys() == {frozenset((one, bare)), frozenset((other, bare))} == pairs(empty).keys()
    assert all(agrees(item, likely) for item in reviews.values()), "the probability is of the two alone"
    second = speaker(empty, "Stella Murphy")
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


# ---------------------------------------------------------------------------------------------------------- runs

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


# ---------------------------------------------------------------------------------------------------- real pages

@pytest.mark.skipif(real_pages.FOLDER is None, reason="no ../shared/luma beside the checkout (or EVENTD_SHARED)")
def test_real_pages(loaded):
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
