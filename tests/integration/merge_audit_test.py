"""Who decided about a pair, when, and why: of users by their names, of the internal token "operator"."""
import datetime
import itertools

import pytest

numbers = itertools.count(1)


@pytest.fixture(scope="module")
def ada(stack):
    """The headers of an admin of that name."""
    done = stack.command("key", "create", "--role", "admin", "--user", "Ada of the audit", "--name", "for the audit")
    assert done.returncode == 0, done.stderr
    return {"Authorization": f"Bearer {done.stdout.split()[0]}"}


def pair_of(stack, kind="speaker"):
    """Two of a name of their own; the pair's id."""
    table, name = {"speaker": "speakers", "company": "companies"}[kind], f"Twins {next(numbers)} of the audit"
    insert = f"insert into {table} (name, normalized_name) values (%s, %s) returning id::text"
    ids = sorted(stack.value(insert, name, f"{name} {part}".lower()) for part in "ab")
    return str(stack.value("insert into duplicates (kind, a, b, score, evidence) values (%s, %s, %s, 0.5, '[{\"field\": \"name\"}]') "
                           "returning id", kind, *ids)), ids


def told(stack, ids):
    answer = stack.internal("GET", f"/internal/merges?entity={ids[0]}")
    assert answer.status == 200, answer
    return answer.json["data"]


def moment(text):
    return datetime.datetime.fromisoformat(text)


@pytest.mark.parametrize("kind", ["speaker", "company"])
def test_a_merge_and_its_undoing_tell_who_when_and_why(stack, ada, kind):
    pair, ids = pair_of(stack, kind)
    began = stack.value("select now()")
    path = f"/internal/duplicates/{pair}/decision"
    answer = stack.internal("POST", path, {"decision": "merge", "note": "one face on both photos"}, headers=ada)
    assert answer.status == 200, answer
    [merge] = told(stack, ids)
    assert (merge["id"], merge["actor"], merge["note"], merge["reason"], merge["probability"]) == \
        (answer.json["merge_id"], "Ada of the audit", "one face on both photos", [{"field": "name"}], 0.5)
    assert began <= moment(merge["created_at"]) + datetime.timedelta(milliseconds=1) and merge["undone_by"] is None
    shown = stack.internal("GET", f"/internal/duplicates/{pair}").json
    assert (shown["status"], shown["decided_by"], shown["note"]) == ("merged", "Ada of the audit", "one face on both photos")

    answer = stack.internal("POST", f"/internal/merges/{merge['id']}/undo", {"note": "sisters"})
    assert answer.status == 200, answer
    [undone] = told(stack, ids)
    changed = {"undone_at", "undone_by", "undone_note"}
    assert {name: value for name, value in undone.items() if name not in changed} == \
        {name: value for name, value in merge.items() if name not in changed}, "the record of the merge stays as it was"
    assert (undone["undone_by"], undone["undone_note"]) == ("operator", "sisters")
    assert moment(undone["undone_at"]) >= moment(merge["created_at"])
    shown = stack.internal("GET", f"/internal/duplicates/{pair}").json
    assert (shown["status"], shown["decided_by"], shown["note"]) == ("distinct", "operator", "sisters")


def test_a_decision_and_its_undoing_need_no_reason(stack, ada):
    pair, ids = pair_of(stack)
    assert stack.internal("POST", f"/internal/duplicates/{pair}/decision", {"decision": "merge"}).status == 200
    [merge] = told(stack, ids)
    assert (merge["actor"], merge["note"]) == ("operator", None)
    assert stack.internal("POST", f"/internal/merges/{merge['id']}/undo", headers=ada).status == 200
    [merge] = told(stack, ids)
    assert (merge["undone_by"], merge["undone_note"]) == ("Ada of the audit", None)
    for body in ({"note": 7}, {"note": "x" * 2001}, {"reason": "x"}):
        answer = stack.internal("POST", f"/internal/merges/{merge['id']}/undo", body)
        assert answer.status in (400, 422) and answer.json["errors"], body


def test_a_decision_that_merges_nobody_tells_who_and_why(stack, ada):
    pair, _ = pair_of(stack)
    path = f"/internal/duplicates/{pair}/decision"
    assert stack.internal("POST", path, {"decision": "distinct", "note": "father and son"}, headers=ada).status == 200
    shown = stack.internal("GET", f"/internal/duplicates/{pair}").json
    assert (shown["status"], shown["decided_by"], shown["note"]) == ("distinct", "Ada of the audit", "father and son")
    assert shown["decided_at"] is not None
