"""Merges undone have never been: random sequences of merges, undoings and unrelated changes, the whole database compared.

EVENTD_MERGE_SEQUENCES says how many (200 when nothing is said), EVENTD_MERGE_SEED from which seed on. 10,000 take about half
an hour of one core.
"""
import os
import random
import time

import pytest
from merge_catalogue import Catalogue
from merge_changes import read_page
from merge_picture import brief
from merge_sequences import Sequence

pytestmark = pytest.mark.private_stack
SEQUENCES = int(os.environ.get("EVENTD_MERGE_SEQUENCES", "200"))
SEED = os.environ.get("EVENTD_MERGE_SEED", "20260525")
A_CATALOGUE = 100  # sequences on one catalogue: so many leave few dead rows behind


@pytest.fixture(scope="module")
def quiet():
    """Services without workers: only the database and what the test does to it."""
    from stack import Stack
    stack = Stack(settings={"SCRAPE_WORKERS": "0", "PROCESS_WORKERS": "0"}).start()
    yield stack
    stack.stop()


def fresh_catalogue(connection, number):
    connection.rollback()
    connection.autocommit = True
    connection.execute("vacuum analyze")
    connection.autocommit = False
    connection.execute("select '[1]'::vector")
    connection.execute("set local plan_cache_mode = force_generic_plan")
    connection.execute("drop index events_embedding_idx")  # takes most of the time of a write, and says nothing here
    catalogue = Catalogue(connection, random.Random(f"{SEED} catalogue {number}")).fill()
    connection.execute("savepoint catalogue")
    return catalogue


def played(catalogue, seed, must_undo_all):
    catalogue.run("rollback to catalogue")
    catalogue.count = 0
    sequence = Sequence(catalogue, random.Random(seed))
    sequence.play(random.Random(f"{seed} length").randrange(2, 9))
    if must_undo_all:
        sequence.undo_all()
    return sequence


def check(catalogue, seed, must_undo_all):
    """One sequence against the same without the merges that were undone; the counts of what it did."""
    def both(look):
        sequence = played(catalogue, seed, must_undo_all)
        # Whom a page named once keeps a vertex; whose name that was then depends on what was merged then.
        lonely = all(step.get("what") is not read_page for step in sequence.steps)
        found = look(lonely=lonely)
        catalogue.run("rollback to catalogue")
        sequence.replay()
        return sequence, look(lonely=lonely), found

    sequence, expected, found = both(catalogue.picture.digests)
    if found != expected:
        _, expected, found = both(catalogue.picture.rows)
        pytest.fail(f"{seed}, expected and found differ:\n{brief(expected, found)}\n{sequence}")
    return sequence.counts


def test_a_merge_that_was_undone_has_never_been(quiet, capsys):
    totals, began = {}, time.monotonic()
    with quiet.db() as connection:
        for number in range(SEQUENCES):
            if number % A_CATALOGUE == 0:
                catalogue = fresh_catalogue(connection, number // A_CATALOGUE)
            for what, count in check(catalogue, f"{SEED} {number}", number % 2 == 0).items():
                totals[what] = totals.get(what, 0) + count
        connection.rollback()
    seconds = time.monotonic() - began
    with capsys.disabled():
        print(f"\n{SEQUENCES} sequences from seed {SEED} in {seconds:.0f} s ({1000 * seconds / SEQUENCES:.0f} ms each): {totals}")
    assert totals["merges"] > SEQUENCES and totals["undone"] > SEQUENCES / 2 and all(totals.values()), totals
