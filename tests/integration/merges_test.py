"""Merges of people, companies and events, and their undoing: random worlds, compared as a whole before and after. Sequences of them:
merge_sequences_test.py."""
import random

import pytest

from merging import ROLES, World, differences

pytestmark = pytest.mark.private_stack
WORLDS = 50
KINDS = ("speaker", "company", "event")


@pytest.fixture(scope="module")
def quiet():
    """Services without workers: only the database and what the test does to it."""
    from stack import Stack
    stack = Stack(settings={"SCRAPE_WORKERS": "0", "PROCESS_WORKERS": "0"}).start()
    yield stack
    stack.stop()


@pytest.fixture
def connection(quiet):
    """In a transaction that is rolled back."""
    with quiet.db() as opened:
        opened.autocommit = False
        opened.execute("select '[1]'::vector")
        yield opened
        opened.rollback()


def fresh_world(connection, seed):
    connection.rollback()
    return World(connection, random.Random(seed)).fill()


@pytest.mark.parametrize("kind", KINDS)
def test_a_merge_undone_has_never_been(connection, kind):
    for seed in range(WORLDS):
        world = fresh_world(connection, f"{kind} {seed}")
        before = world.dump()
        loser, survivor = world.random.sample(world.live(kind), 2)
        merge = world.merge(kind, loser, survivor)
        assert world.broken() == [], seed
        assert loser not in world.live(kind)
        before["duplicates"] = [row for row in before["duplicates"] if not (loser in row and survivor in row)]
        assert world.undo(merge) == []
        after = world.dump()
        assert before == after, (seed, differences(before, after))
        assert world.broken() == [], seed


def test_readings_between_a_merge_and_its_undoing_count_as_if_there_had_been_none(connection):
    """Pages read in between, old events and new ones: undoing gives what reading them without the merge gives."""
    for seed in range(WORLDS):
        world = fresh_world(connection, f"reading {seed}")
        kind = world.random.choice(("speaker", "company"))
        loser, survivor = world.random.sample(world.live(kind), 2)
        known = [name.lower() for name in world.names.values()]
        if any(known.count(world.names[entity].lower()) > 1 for entity in (loser, survivor)):
            continue  # a page cannot tell people of one name apart
        pages = []
        for event in [*world.random.sample(world.events, 2), world.new_event()]:
            named = {}
            for which, ids in (("speaker", world.speakers), ("company", world.companies)):
                chosen = {}
                for entity in world.random.sample(ids, 3):
                    role = world.random.choice(ROLES[which])
                    taken = {chosen.get(loser), chosen.get(survivor)}
                    if entity in (loser, survivor) and role in taken:
                        continue  # both in one role are one link until the next reading
                    chosen[entity] = role
                named[which] = [(world.names[entity], role) for entity, role in chosen.items()]
            pages.append((event, named["speaker"], named["company"]))

        connection.execute("savepoint start")
        for page in pages:
            world.read(*page)
        expected = world.dump(pairs=False, without=("speaker_aliases", "company_aliases"))
        connection.execute("rollback to start")

        merge = world.merge(kind, loser, survivor)
        for page in pages:
            world.read(*page)
        assert world.broken() == [], seed
        assert world.run("select count(*) from speakers")[0][0] == len(world.speakers), "a merged name made a new person"
        assert world.undo(merge) == []
        found = world.dump(pairs=False, without=("speaker_aliases", "company_aliases"))
        for dump in (expected, found):  # what reading adds to a row, it adds to the survivor's
            for table in ("speakers", "companies"):
                dump[table] = [row for row in dump[table] if loser not in row and survivor not in row]
        assert expected == found, (seed, differences(expected, found))
        assert world.broken() == [], seed


@pytest.mark.parametrize("kind", KINDS)
def test_events_that_a_merge_changes_are_told(connection, kind):
    """Those whose document is another one afterwards, and no others; after the merge as after its undoing."""
    world = fresh_world(connection, f"told {kind}")

    def documents():
        return {str(row[0]): row[1] for row in world.run(
            "select id, (document::jsonb - 'updated_at')::text from events where merged_into is null and processed_at is not null")}

    def step(act, *arguments):
        world.run("select render_events(array(select id from events))")
        world.run("update events set updated_at = '2020-01-01'")
        world.run("delete from changes")
        before, result = documents(), act(*arguments)
        after = documents()
        changed = {event for event, document in after.items() if before.get(event) != document}
        assert changed
        assert {str(row[0]) for row in world.run("select id from changes where type = 'event.updated'")} == changed
        stamped = {str(row[0]) for row in world.run("select id from events where updated_at > '2020-01-01' and merged_into is null "
                                                    "and processed_at is not null")}
        assert stamped == changed
        return result

    loser, survivor = world.random.sample(world.live(kind), 2)
    merge = step(world.merge, kind, loser, survivor)
    assert step(world.undo, merge) == []
