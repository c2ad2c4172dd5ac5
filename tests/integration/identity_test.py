"""Who is who: names of many pages, written in many ways, become people and companies while the pages are processed."""
import collections
import itertools
import json
import os
import random
import threading

import pytest
from foreign_extractor import ForeignExtractor, record
from invariants import violations
from invented_people import invent
from judging import judge, steps
from stack import Stack
from waiting import wait_until

pytestmark = pytest.mark.private_stack
PEOPLE = 200
# One in every run; more by hand: IDENTITY_SEEDS="4 5 6".
SEEDS = [int(seed) for seed in os.environ.get("IDENTITY_SEEDS", "1").split()]
OPEN_JOBS = "select count(*) from jobs where state in ('available', 'executing', 'retryable')"


@pytest.fixture(scope="module")
def services():
    """Eight workers, and an extraction service that answers what the page holds: the page is the record. gate: may it answer?"""
    stack = Stack(settings={"SCRAPE_WORKERS": "0", "PROCESS_WORKERS": "8"})
    stack.extraction, stack.gate = ForeignExtractor(stack.extractor_port), threading.Event()
    stack.environment["EXTRACTOR_URL"] = f"http://127.0.0.1:{stack.extractor_port}"

    def plan(asked):
        stack.gate.wait(60)
        return json.loads(asked["html"])
    stack.extraction.plan = plan
    stack.gate.set()
    try:
        yield stack.start()
    finally:
        stack.gate.set()
        stack.stop()
        stack.extraction.stop()


@pytest.fixture
def empty(services):
    """The same without anybody."""
    services.clear()
    return services


def hand_over(stack, slug, people=(), companies=(), event_id=None, url=None, **said):
    """An event whose page names these and says that of itself, about to be processed; its id."""
    if not event_id:
        [[event_id]] = stack.query("insert into events (name, luma_url, scraped_at) values (%s, %s, null) returning id::text", slug,
                                   url or f"https://luma.com/{slug}")
    page = {**record(**{"name": slug, **said}), "speakers": list(people), "companies": list(companies)}
    answer = stack.internal("POST", "/internal/process", {"event_id": event_id, "html": json.dumps(page)})
    assert answer.status == 202, answer
    return event_id


def settled(stack, timeout_s=120):
    wait_until(lambda: stack.value(OPEN_JOBS) == 0, timeout_s, "all jobs done")
    # A second attempt without an error is a lease that ran out on a machine with too much to do.
    assert stack.query("select kind, state, attempt, error_code, error_detail from jobs where state <> 'completed' or error_code is not null") == []
    assert stack.value("select deadlocks from pg_stat_database where datname = current_database()") == 0


def read(stack, slug, people=(), companies=(), event_id=None, **said):
    """The same, processed."""
    event_id = hand_over(stack, slug, people, companies, event_id, **said)
    settled(stack)
    return event_id


def again(stack, events):
    """Processes what is known once more."""
    stack.query("select batch_id::text from request_processes(%s::uuid[], 'again') limit 1", list(events))
    settled(stack)


def person(name, company=None, role="speaker", evidence=None, **links):
    return {"name": name, "role": role, "confidence": 0.8, "company": company, "links": links, "evidence": evidence or name}


def firm(name, domain=None, relationship_type="sponsor"):
    return {"name": name, "domain": domain, "relationship_type": relationship_type, "confidence": 0.8}


def links_of(stack, event_id):
    """{(speaker, role)}"""
    return set(stack.query("select speaker_id::text, role from event_speakers where event_id = %s", event_id))


def only(stack, event_id):
    """The one person of an event."""
    [one] = {speaker for speaker, _ in links_of(stack, event_id)}
    return one


def living(stack, table="speakers"):
    return stack.value(f"select count(*) from {table} where merged_into is null")


def everything(stack):
    """Who is linked to what, and who was merged into whom."""
    return {table: sorted(stack.query(f"select {columns} from {table}")) for table, columns in {
        "event_speakers": "event_id::text, speaker_id::text, role, coalesce(known_as::text, '')",
        "event_companies": "event_id::text, company_id::text, relationship_type",
        "speakers": "id::text, name, coalesce(merged_into::text, '')", "companies": "id::text, name, coalesce(merged_into::text, '')",
        "merges": "id::text, loser::text, survivor::text, coalesce(undone_at::text, '')",
        "duplicates": "kind, a::text, b::text, status", "speaker_aliases": "speaker_id::text, name",
    }.items()}


def deduplicate(stack, **body):
    answer = stack.internal("POST", "/internal/deduplicate", body)
    assert answer.status == 202, answer
    settled(stack)
    return stack.api("GET", f"/api/jobs/{answer.json['job_id']}").json["result"]


# ------------------------------------------------------------------------------------------------------ many at once

def invented(source):
    """People of whom no two would be taken for one, whatever of them a page tells."""
    people = invent(PEOPLE + 60, source)
    numbered = list(itertools.combinations(range(len(people)), 2))
    bare = [{"name": one.name} for one in people]
    alike = collections.defaultdict(set)
    for (i, j), answer in zip(numbered, judge("speaker", *((bare[i], bare[j]) for i, j in numbered))):
        if answer["decision"] != "distinct":
            alike[max(i, j)].add(min(i, j))
    return [one for number, one in enumerate(people) if not alike[number]][:PEOPLE]


def pages_of(people, source, events, of_one_event):
    """[[mention]]: everybody at least once."""
    lists = [source.sample(people, of_one_event) for _ in range(events)]
    seen = {one.key for some in lists for one in some}
    for one in people:
        if one.key not in seen:
            source.choice(lists).append(one)
    return [[one.mention(source) for one in some] for some in lists]


@pytest.mark.parametrize("events, of_one_event", [(120, 15), (12, 90)], ids=["meetups", "conferences"])
@pytest.mark.parametrize("seed", SEEDS)
def test_many_people_read_by_eight_workers_at_once(empty, seed, events, of_one_event):
    """Pages with many names lock otherwise than those with few: see relationships/locks.h."""
    source = random.Random(seed)
    people = invented(source)
    assert len(people) == PEOPLE
    pages = pages_of(people, source, events, of_one_event)
    truth = {one.key: one for one in people}
    told = [(truth[mention["evidence"]].record(), {"name": mention["name"]}) for page in pages for mention in page]
    doubtful = [pair for pair, answer in zip(told, judge("speaker", *told)) if answer["decision"] != "merge"]
    assert doubtful == [], "spellings that are not recognised even by themselves"

    deadlocks = "select deadlocks from pg_stat_database where datname = current_database()"
    before = empty.value(deadlocks)
    empty.gate.clear()
    events = [hand_over(empty, f"seed-{seed}-{number}", page) for number, page in enumerate(pages)]
    empty.gate.set()
    settled(empty, 240)

    found = collections.defaultdict(set)
    for key, speaker in empty.query("select evidence, speaker_id::text from event_speakers"):
        found[key].add(speaker)
    assert {key: len(ids) for key, ids in found.items() if len(ids) > 1} == {}, "one person, several rows"
    owners = collections.Counter(next(iter(ids)) for ids in found.values())
    assert [speaker for speaker, count in owners.items() if count > 1] == [], "several people, one row"
    assert living(empty) == PEOPLE == len(found)
    for event_id, page in zip(events, pages):
        assert dict(empty.query("select evidence, speaker_id::text from event_speakers where event_id = %s", event_id)) == {
            mention["evidence"]: next(iter(found[mention["evidence"]])) for mention in page}
    assert empty.value(deadlocks) == before and violations(empty) == []
    known = everything(empty)
    again(empty, events)
    assert everything(empty) == known, "reading everything again changes nothing"
    result = deduplicate(empty, dry_run=True)
    assert result["above_threshold"] == 0, result["merges"]


# ------------------------------------------------------------------------------------------------------- namesakes

def test_people_of_one_name(empty):
    """Two profiles are two people; who is named without one is neither, until somebody decides, and always the same."""
    one = only(empty, read(empty, "one", [person("Stella Murphy", linkedin="https://linkedin.com/in/stella-one")]))
    other = only(empty, read(empty, "other", [person("Stella Murphy", linkedin="https://linkedin.com/in/stella-other")]))
    assert one != other and living(empty) == 2
    assert only(empty, read(empty, "one-again", [person("stella murphy", linkedin="https://www.linkedin.com/in/Stella-One/")])) == one
    assert only(empty, read(empty, "other-again", [person("STELLA MURPHY 🚀", linkedin="https://linkedin.com/in/stella-other")])) == other

    bare = only(empty, read(empty, "bare", [person("Stella Murphy")]))
    assert bare not in (one, other) and living(empty) == 3
    waiting = empty.internal("GET", "/internal/duplicates?status=pending&kind=speaker").json["data"]
    assert {frozenset((item["a"]["id"], item["b"]["id"])) for item in waiting} == {frozenset((bare, one)), frozenset((bare, other))}
    [judged] = judge("speaker", ({"name": "Stella Murphy"}, {"name": "Stella Murphy", "linkedin": "stella-one"}))
    assert all(item["probability"] == pytest.approx(judged["match_probability"], abs=1e-4) for item in waiting)
    assert only(empty, read(empty, "bare-again", [person("Stella Murphy")])) == bare and living(empty) == 3
    assert deduplicate(empty)["merged"] == 0 and living(empty) == 3, "looking for duplicates knows no better"
    events = [row[0] for row in empty.query("select id::text from events")]
    known = everything(empty)
    again(empty, events)
    assert everything(empty) == known and violations(empty) == []


def test_a_name_that_an_initial_fits_is_not_taken_for_it(empty):
    whole = only(empty, read(empty, "whole", [person("Tamsin Quernstone")]))
    short = only(empty, read(empty, "short", [person("T. Quernstone")]))
    assert short != whole
    waiting = empty.internal("GET", "/internal/duplicates?status=pending&kind=speaker").json["data"]
    assert [{item["a"]["id"], item["b"]["id"]} for item in waiting] == [{whole, short}]


def test_what_is_private_is_not_kept(empty):
    """Whatever another service sends: what is kept of a person is shown to everybody."""
    links = {"linkedin": "https://linkedin.com/in/quilla", "email": "quilla@example.com", "phone": "+44 20 7946 0000", "website": "mailto:q@example.com"}
    one = only(empty, read(empty, "private", [person("Quilla Brandvold", **links)]))
    assert empty.query("select kind from speaker_handles where speaker_id = %s", one) == [("linkedin",)]


def test_how_many_people_there_are_is_known_before_the_table_is_analysed(empty):
    """Among many thousand there are several of a frequent name; in a small catalogue it may mean the one that is there."""
    first = only(empty, read(empty, "first", [person("James Smith")]))
    assert only(empty, read(empty, "second", [person("James Smith")])) == first
    with empty.db() as connection:  # what a connection wrote is counted when it ends
        connection.execute("alter table speakers set (autovacuum_enabled = false)")
        connection.execute("insert into speakers (name, normalized_name) select 'N' || n, 'n' || n from generate_series(1, 20000) n")
    try:
        assert only(empty, read(empty, "third", [person("James Smith", "Harbour Lathe")])) != first
        assert {row[0] for row in empty.query("select status from duplicates")} == {"pending"}
    finally:
        with empty.db() as connection:
            connection.execute("alter table speakers reset (autovacuum_enabled)")


def test_what_another_listing_tells_of_a_person_is_shown_with_their_other_events(empty):
    """The listing's own event is no more; what its page told stays known."""
    other = read(empty, "other", [person("Quilla Brandvold")])
    said = {"starts_at": "2031-06-03T18:30:00Z", "venue": "Spindle Hall", "city": "Dresden", "country": "DE"}
    first = read(empty, "Quillastoff: an evening of looms", [person("Quilla Brandvold")], url="https://luma.com/looms", luma_id="evt-looms", **said)
    listing = read(empty, "Quillastoff - An Evening of Looms", [person("Quilla Brandvold", "Harbour Lathe")],
                   url="https://tickets.example/e/looms-1", **said)
    assert empty.value("select merged_into::text from events where id = %s", listing) == first
    for event_id in (other, first):
        assert [speaker["company"] for speaker in empty.event(event_id).json["speakers"]] == ["Harbour Lathe"]
    assert violations(empty) == []


# -------------------------------------------------------------------------------------------------------- spellings

@pytest.mark.parametrize("leans", [False, True])
def test_a_spelling_that_was_read_since_does_not_stand_in_the_way_of_undoing(empty, leans):
    """It stays with whom it was taken for, or is open again where it was taken for them by what the merge had brought."""
    known = only(empty, read(empty, "known", [person("Quilla Brandvold", None if leans else "Harbour Lathe")]))
    mistaken = only(empty, read(empty, "mistaken", [person("Odo Ferncastle", "Harbour Lathe" if leans else None)]))
    merge = empty.value("select merge_speakers(%s, %s, 'somebody')::text", mistaken, known)
    third = read(empty, "third", [person("Dr. Quilla Brandvold 🚀", "Harbour Lathe")])
    [[spelling]] = empty.query("select id::text from speakers where name = 'Dr. Quilla Brandvold'")
    assert only(empty, third) == known and living(empty) == 1
    answer = empty.internal("POST", f"/internal/merges/{merge}/undo")
    assert answer.status == 200, answer
    assert only(empty, third) == (spelling if leans else known) and living(empty) == (3 if leans else 2)
    assert empty.value("select status from duplicates where %s in (a, b) and %s in (a, b)", spelling, known) == ("pending" if leans else "merged")
    again(empty, [third])
    deduplicate(empty)
    assert only(empty, third) == known and living(empty) == 2, "what is left is enough to tell"
    assert violations(empty) == []


@pytest.mark.parametrize("company", [None, "Harbour Lathe"])
def test_a_spelling_is_a_merge_that_can_be_undone(empty, company):
    plain, decorated = "Quilla Brandvold", "Dr. Quilla Brandvold"
    first = read(empty, "first", [person(plain, company)])
    second = read(empty, "second", [person(f"{decorated} (she/her) 🚀", company)])
    known = only(empty, first)
    assert only(empty, second) == known and living(empty) == 1
    assert {row[0] for row in empty.query("select name from speaker_aliases where speaker_id = %s", known)} == {plain, decorated}

    [merge] = empty.internal("GET", "/internal/merges?kind=speaker").json["data"]
    spelling = merge["loser"]["id"]
    assert (merge["actor"], merge["survivor"]["id"], merge["loser"]["name"]) == ("processing", known, decorated)
    [judged] = judge("speaker", ({"name": plain, "company": company or ""}, {"name": decorated, "company": company or ""}))
    assert steps(merge["reason"]) == steps(judged["waterfall"])
    assert merge["probability"] == pytest.approx(judged["match_probability"], abs=1e-4)
    assert empty.api("GET", f"/api/speakers/{spelling}").status == 308

    assert empty.internal("POST", f"/internal/merges/{merge['id']}/undo").status == 200
    assert living(empty) == 2
    assert only(empty, first) == known and only(empty, second) == spelling, "its links go with it"
    assert empty.api("GET", f"/api/speakers/{spelling}").json["name"] == decorated
    known_now = everything(empty)
    again(empty, [first, second])
    assert everything(empty) == known_now, "not merged again by reading"
    assert deduplicate(empty)["merged"] == 0 and living(empty) == 2, "nor by looking for duplicates"

    third = read(empty, "third", [person(decorated, company)])
    assert only(empty, third) == spelling, "whose very name it is"
    fourth = read(empty, "fourth", [person(plain, company)])
    assert only(empty, fourth) == known and living(empty) == 2
    assert violations(empty) == []


def test_an_event_whose_names_change_a_little_keeps_its_people(empty):
    people = [("Quilla Brandvold", "Quilla M. Brandvold"), ("Magdalena Quernstone", "QUERNSTONE, Magdalena"), ("Léontine Mørkholt", "Leontine Morkholt, PhD")]
    event_id = read(empty, "changing", [person(name, role="host") for name, _ in people])
    before = links_of(empty, event_id)
    read(empty, "changing", [person(name, role="host") for _, name in people], event_id=event_id)
    assert links_of(empty, event_id) == before and len(before) == living(empty) == 3
    read(empty, "changing", [person(name, role="host") for name, _ in people], event_id=event_id)
    assert links_of(empty, event_id) == before and living(empty) == 3 and violations(empty) == []


@pytest.mark.parametrize("name", ["Quilla Brandvold", "James Smith"])
def test_a_page_that_names_one_person_twice(empty, name):
    event_id = read(empty, "twice", [person(name, role="host", linkedin="https://linkedin.com/in/somebody"), person(name)])
    one = only(empty, event_id)
    assert links_of(empty, event_id) == {(one, "host"), (one, "speaker")} and living(empty) == 1
    again(empty, [event_id])
    assert links_of(empty, event_id) == {(one, "host"), (one, "speaker")} and living(empty) == 1 and violations(empty) == []


def test_a_page_that_writes_one_name_in_two_ways(empty):
    """The spelling is kept like every other one, and reading again changes nothing."""
    event_id = read(empty, "ways", [person("Quilla Brandvold", role="host"), person("Dr. Quilla Brandvold")])
    one = only(empty, event_id)
    assert links_of(empty, event_id) == {(one, "host"), (one, "speaker")} and living(empty) == 1
    known = everything(empty)
    again(empty, [event_id])
    assert everything(empty) == known and violations(empty) == []


def test_a_page_that_lists_two_similar_names(empty):
    """Side by side they are two, however much they look alike."""
    names = ("Eli Moss", "Elias Moss")
    [judged] = judge("speaker", tuple({"name": name} for name in names))
    assert judged["decision"] == "merge", "on two pages they would be one"
    event_id = read(empty, "side-by-side", [person(name) for name in names])
    assert len(links_of(empty, event_id)) == living(empty) == 2
    again(empty, [event_id])
    assert len(links_of(empty, event_id)) == living(empty) == 2


# -------------------------------------------------------------------------------------------------------- companies

def companies_of(stack, event_id):
    return {row[0] for row in stack.query("select company_id::text from event_companies where event_id = %s", event_id)}


def test_companies(empty):
    [acme] = companies_of(empty, read(empty, "plain", companies=[firm("Acme")]))
    assert companies_of(empty, read(empty, "form", companies=[firm("Acme Inc.", "https://acme.example")])) == {acme}
    assert {row[0] for row in empty.query("select name from company_aliases where company_id = %s", acme)} == {"Acme", "Acme Inc."}
    [merge] = empty.internal("GET", "/internal/merges?kind=company").json["data"]
    [judged] = judge("company", ({"name": "Acme"}, {"name": "Acme Inc.", "domain": "https://acme.example"}))
    assert (merge["actor"], merge["survivor"]["id"], merge["loser"]["name"]) == ("processing", acme, "Acme Inc.")
    assert steps(merge["reason"]) == steps(judged["waterfall"])
    [cloud] = companies_of(empty, read(empty, "part", companies=[firm("Acme Cloud")]))
    assert cloud != acme
    both = read(empty, "both", companies=[firm("ACME", relationship_type="host"), firm("acme inc"), firm("Acme Cloud")])
    assert companies_of(empty, both) == {acme, cloud} and living(empty, "companies") == 2
    events = [row[0] for row in empty.query("select id::text from events")]
    known = everything(empty)
    again(empty, events)
    assert everything(empty) == known and violations(empty) == []

    assert empty.internal("POST", f"/internal/merges/{merge['id']}/undo").status == 200
    again(empty, events)
    assert deduplicate(empty)["merged"] == 0
    assert living(empty, "companies") == 3 and violations(empty) == []


def test_names_that_say_that_there_is_no_company(empty):
    """They are no companies, and bring nobody together."""
    one = only(empty, read(empty, "one", [person("James Smith", "Freelancer", linkedin="https://linkedin.com/in/james-one")], [firm("Freelancer")]))
    other = only(empty, read(empty, "other", [person("James Smith", "Freelancer", linkedin="https://linkedin.com/in/james-other")], [firm("Self-employed")]))
    bare = only(empty, read(empty, "bare", [person("James Smith", "Freelancer")], [firm("n/a")]))
    assert len({one, other, bare}) == 3
    assert empty.value("select count(*) from companies") == 0
    assert deduplicate(empty)["merged"] == 0 and violations(empty) == []
