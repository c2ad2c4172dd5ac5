"""Two addresses that are one event: whoever decides so, and when, nothing that was read is lost."""
import threading
import uuid

import pytest
from handmade import company, speaker
from waiting import wait_until

pytestmark = pytest.mark.private_stack


@pytest.fixture(scope="module")
def quiet(request, truths):
    """Services without workers: only the database and what the test does to it."""
    from stack import Stack
    stack = Stack(settings={"SCRAPE_WORKERS": "0", "PROCESS_WORKERS": "0"}).start()
    yield stack
    stack.stop()


def make_event(stack, processed, name="An event"):
    url = f"https://luma.com/{uuid.uuid4().hex}"
    [[event_id]] = stack.query("insert into events (name, luma_url, processing_status, processed_at) values (%s, %s, %s, "
                               "case when %s then now() end) returning id::text",
                               name, url, "processed" if processed else "queued", processed)
    stack.query("insert into event_sources (url, event_id) values (%s, %s) returning 1", url, event_id)
    return event_id, url


def merge(stack, loser, survivor):
    return stack.value("select merge_event_into(%s, %s)::text", loser, survivor)


def owner(stack, url):
    return stack.value("select event_id::text from event_sources where url = %s", url)


def test_the_older_one_stays(quiet):
    (loser, address), (survivor, _) = make_event(quiet, True), make_event(quiet, True)
    assert merge(quiet, loser, survivor) == survivor
    assert owner(quiet, address) == survivor
    answer = quiet.api("GET", f"/api/events/{loser}")
    assert answer.status == 308 and answer.headers["location"] == f"/api/events/{survivor}"


def test_the_one_that_was_read_stays(quiet):
    (read, _), (unread, address) = make_event(quiet, True), make_event(quiet, False)
    assert merge(quiet, read, unread) == read
    assert owner(quiet, address) == read
    assert quiet.value("select merged_into::text from events where id = %s", unread) == read


def test_an_unread_survivor_is_read(quiet):
    (loser, _), (survivor, _) = make_event(quiet, False), make_event(quiet, False)
    assert merge(quiet, loser, survivor) == survivor
    assert quiet.value("select count(*) from jobs where event_id = %s and kind = 'scrape' and state = 'available'", survivor) == 1


def test_merging_both_ways_leaves_one(quiet):
    (a, _), (b, _) = make_event(quiet, True), make_event(quiet, True)
    assert merge(quiet, a, b) == b
    assert merge(quiet, b, a) == b, "nothing is left to be merged"
    assert quiet.query("select id::text from events where id = any(%s::uuid[]) and merged_into is null", [a, b]) == [(b,)]


def test_a_chain_has_one_end(quiet):
    (a, _), (b, _), (c, _) = (make_event(quiet, True) for _ in range(3))
    assert merge(quiet, a, b) == b and merge(quiet, b, c) == c
    assert quiet.query("select distinct merged_into::text from events where id = any(%s::uuid[])", [a, b]) == [(c,)]


def test_an_address_of_a_merged_event_is_asked_for_under_its_owner(quiet):
    (loser, address), (survivor, _) = make_event(quiet, True), make_event(quiet, True)
    merge(quiet, loser, survivor)
    answer = quiet.api("POST", "/api/scrape/luma", {"url": address})
    assert answer.status == 202 and answer.json["event_id"] == survivor


def test_a_batch_waits_for_the_one_that_stays(quiet):
    loser, address = make_event(quiet, False)
    survivor, _ = make_event(quiet, False)
    batch = quiet.api("POST", "/api/events/batch/scrape", {"urls": [address]}).json["batch_id"]
    quiet.query("delete from jobs where event_id = %s returning 1", loser)
    merge(quiet, loser, survivor)
    state = quiet.api("GET", f"/api/batches/{batch}").json
    assert (state["status"], state["done"]) == ("running", 0), "the one that stays was not read yet"


@pytest.mark.parametrize("kind", ["event", "speaker", "company"])
def test_a_merge_by_rules_waits_for_a_person_who_decides(quiet, kind):
    """What is decided meanwhile is kept: they are two."""
    make = {"event": lambda: make_event(quiet, True)[0], "speaker": lambda: speaker(quiet, f"Person {uuid.uuid4()}"),
            "company": lambda: company(quiet, f"Company {uuid.uuid4()}")}[kind]
    one, two = sorted((make(), make()))
    [[pair]] = quiet.query("insert into duplicates (kind, a, b, score) values (%s, %s, %s, 0.5) returning id", kind, one, two)
    made = []
    rules = threading.Thread(target=lambda: made.extend(quiet.query(
        "select merge_undecided_pair(%s, %s, %s, 'deduplicate', '[]', 0.9)", kind, one, two)))
    with quiet.db() as person:
        person.autocommit = False
        person.execute("select * from decide_duplicate(%s, 'distinct', null, 'somebody')", (pair,))
        rules.start()
        wait_until(lambda: made or quiet.value("select count(*) from pg_locks where not granted"), 20, "the rules at the gate")
        person.commit()
    rules.join(30)
    assert made == [(None,)]
    assert quiet.query("select status, decided_by from duplicates where id = %s", pair) == [("distinct", "somebody")]
    assert quiet.value("select count(*) from merges where loser in (%s, %s)", one, two) == 0
