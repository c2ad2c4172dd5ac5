"""An id that was merged away leads on, wherever an id may stand: walked through the services' own descriptions, so that no new
operation is forgotten. After undoing it is itself again."""
import itertools
import urllib.parse

import pytest
from merge_catalogue import TABLES, committed
from merging import MERGE
from stack import Stack
from waiting import wait_until

pytestmark = pytest.mark.private_stack
SERVICES = ("api", "processor")
# Ids in paths that are of nothing that is merged.
OTHER_PATHS = {"jobs", "batches", "keys", "duplicates", "merges"}
# Ids beside the path. "follows": the survivor's answer; 308; "itself": what is asked for is about this very id; "told": the answer
# says so.
BESIDE = {
    ("GET", "/internal/graph/co-speakers", "speaker"): "follows",
    ("GET", "/internal/graph/company-network", "company"): "follows",
    ("GET", "/internal/graph/path", "from"): "follows",
    ("GET", "/internal/graph/path", "to"): "follows",
    ("GET", "/internal/recommend", "like"): "follows",
    ("GET", "/internal/recommend/events", "like"): "follows",
    ("GET", "/internal/recommend/speakers", "event_id"): 308,
    ("POST", "/internal/process", "event_id"): 308,
    ("GET", "/internal/speakers/{id}/why", "other"): "told",
    ("POST", "/api/events/batch/process", "event_ids"): "told",
    ("POST", "/internal/quality/recalculate", "event_ids"): "told",
    ("GET", "/internal/merges", "entity"): "itself",
    ("GET", "/api/jobs", "event_id"): "itself",
    ("GET", "/internal/jobs", "event_id"): "itself",
}


@pytest.fixture(scope="module")
def quiet():
    """Services without workers on a catalogue; stack.ids: {kind: ids}."""
    stack = Stack(settings={"SCRAPE_WORKERS": "0", "PROCESS_WORKERS": "0"}).start()
    with committed(stack, 11) as catalogue:
        stack.ids = catalogue.ids
    yield stack
    stack.stop()


def operations(stack):
    """(service, method, path, operation)"""
    for service in SERVICES:
        document = stack.send(getattr(stack, f"{service}_port"), "GET", "/openapi.json").json
        for path, item in document["paths"].items():
            for method, operation in item.items():
                if "pages" not in operation["tags"]:
                    yield service, method.upper(), path, operation


def about(stack, kind):
    return [row for row in operations(stack) if f"/{TABLES[kind]}/{{" in row[2]]


def asked(stack, row, one, others, **options):
    """The operation about this one, with a query of the description's own examples; the answer and the query."""
    service, method, path, operation = row
    others = itertools.cycle(others)
    query = {item["name"]: next(others) if item["schema"].get("format") == "uuid" else item["example"]
             for item in operation["parameters"] if item["in"] == "query" and (item["required"] or item["name"] in ("limit", "include"))
             and (item["schema"].get("format") == "uuid" or "example" in item)}
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    where = path.replace("{id}", one) + ("?" + urllib.parse.urlencode(query) if query else "")
    return where, stack.send(getattr(stack, f"{service}_port"), method, where, json=body, **options)


def leads_to(stack, kind, one, survivor, others):
    """All operations about this one answer 308 to the same address of the survivor, with the query, and that one 200."""
    rows, wrong, with_query = about(stack, kind), [], 0
    for row, written in itertools.product(rows, (one, one.upper())):
        where, answer = asked(stack, row, written, others)
        expected = where.replace(written, survivor)
        with_query += "?" in where
        if (answer.status, answer.headers.get("location")) != (308, expected) or answer.json["merged_into"] != survivor:
            wrong.append((row[1], where, answer, answer.headers))
        elif row[1] == "GET" and (there := stack.send(getattr(stack, f"{row[0]}_port"), "GET", expected)).status != 200:
            wrong.append(("survivor", expected, there))
    assert wrong == [] and len(rows) >= 3 and with_query


def is_itself(stack, kind, one, others):
    for row in about(stack, kind):
        if row[1] == "GET":
            where, answer = asked(stack, row, one, others)
            assert answer.status == 200, (where, answer)


def merge(stack, kind, loser, survivor):
    """The merge's id."""
    call = "merge_event_into(%s, %s, 'test', '{}')" if kind == "event" else f"{MERGE[kind]}(%s, %s, 'test')"
    with stack.db() as connection:
        connection.execute("select '[1]'::vector")
        connection.execute(f"select {call}", (loser, survivor))
    [[made]] = stack.query("select id::text from merges where loser = %s and survivor = %s and undone_at is null", loser, survivor)
    return made


def undo(stack, made):
    answer = stack.internal("POST", f"/internal/merges/{made}/undo")
    assert answer.status == 200, answer


def test_every_id_in_a_path_is_known_to_this_test(quiet):
    for _, method, path, _ in operations(quiet):
        if "{" in path and "{query}" not in path:
            of = path.partition("/{")[0].rpartition("/")[2]
            assert path.count("{") == 1 and "{id}" in path and of in {*TABLES.values(), *OTHER_PATHS}, (method, path)


@pytest.mark.parametrize("kind", TABLES)
def test_ids_in_paths_lead_to_the_survivor_and_back(quiet, kind):
    """c into b, b into a: both lead to a in one step. Undone, the one after the other, each is itself again."""
    a, b, c, *others = quiet.ids[kind]
    for one in (a, b, c):
        is_itself(quiet, kind, one, others)
    first = merge(quiet, kind, c, b)
    leads_to(quiet, kind, c, b, others)
    second = merge(quiet, kind, b, a)
    leads_to(quiet, kind, c, a, others)
    leads_to(quiet, kind, b, a, others)
    quiet.kill_child("api")  # nobody remembers it but the database
    quiet.wait_ready()
    leads_to(quiet, kind, c, a, others)
    undo(quiet, second)
    leads_to(quiet, kind, c, b, others)
    is_itself(quiet, kind, b, others)
    undo(quiet, first)
    for one in (a, b, c):
        is_itself(quiet, kind, one, others)
    merge(quiet, kind, a, c)  # once more, the other way round
    leads_to(quiet, kind, a, c, others)


def beside(stack):
    """{(method, path, name): (service, is in the body)} of parameters that are ids, but of jobs and the like."""
    found = {}
    for service, method, path, operation in operations(stack):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {}).get("properties", {})
        fields = [(item["name"], item["schema"], False) for item in operation["parameters"] if item["in"] == "query"]
        for name, schema, in_body in fields + [(name, schema, True) for name, schema in body.items()]:
            if "uuid" in (schema.get("format"), schema.get("items", {}).get("format")) and name not in ("ids", "batch_id", "job_id"):
                found[method, path, name] = service, in_body
    return found


def test_every_id_beside_a_path_is_known_to_this_test(quiet):
    assert (sorted(beside(quiet).keys() - BESIDE.keys()), sorted(BESIDE.keys() - beside(quiet).keys())) == ([], [])


@pytest.fixture(scope="module")
def merged(quiet):
    """{kind: (loser, survivor, somebody else)}, those of whom most is known."""
    found = {}
    for kind in TABLES:
        survivor, loser, *others = quiet.ids[kind][4:]
        merge(quiet, kind, loser, survivor)
        found[kind] = loser, survivor, others[0]
    return found


def answer_of(stack, path, **query):
    """The answer's text without its moments."""
    answer = stack.internal("GET", path, query=query)
    assert answer.status == 200, (path, query, answer)
    return {name: value for name, value in answer.json.items() if name not in ("as_of", "generated_at", "took_ms")}


def test_ids_that_follow(quiet, merged):
    """What stands for somebody in a filter stands for the survivor."""
    people, firms, events = (merged[kind] for kind in ("speaker", "company", "event"))
    for path, name, (loser, survivor, _) in (
            ("/internal/graph/co-speakers", "speaker", people), ("/internal/graph/company-network", "company", firms),
            ("/internal/recommend", "like", events), ("/internal/recommend/events", "like", events)):
        told = answer_of(quiet, path, **{name: survivor})
        assert told["data"] if "data" in told else told
        assert answer_of(quiet, path, **{name: loser}) == told, path
    for loser, survivor, other in (people, firms, events):
        def ways(one):
            return [answer_of(quiet, "/internal/graph/path", **{"from": one, "to": other}),
                    answer_of(quiet, "/internal/graph/path", **{"from": other, "to": one.upper()})]
        wait_until(lambda: ways(survivor) == ways(loser), 20, "the graph without the loser")
    for name, (loser, survivor, _) in (("speaker", people), ("company", firms)):
        events_of = [quiet.api("GET", "/api/events", query={name: one}).json["data"] for one in (survivor, loser)]
        assert events_of[0] == events_of[1] and events_of[0], name


def test_ids_that_lead_on(quiet, merged):
    loser, survivor, _ = merged["event"]
    answer = quiet.internal("GET", "/internal/recommend/speakers", query={"limit": 3, "event_id": loser})
    assert (answer.status, answer.headers["location"]) == (308, f"/internal/recommend/speakers?limit=3&event_id={survivor}")
    answer = quiet.internal("POST", "/internal/process", {"event_id": loser})
    assert (answer.status, answer.json["merged_into"]) == (308, survivor)


def test_ids_that_are_told(quiet, merged):
    loser, survivor, other = merged["event"]
    assert quiet.internal("POST", "/internal/quality/recalculate", {"event_ids": [loser, survivor]}).json["events"] == 1
    answer = quiet.api("POST", "/api/events/batch/process", {"event_ids": [loser, survivor, other]})
    assert answer.status == 202 and answer.json["skipped"] == 1, answer
    loser, survivor, other = merged["speaker"]
    assert "other_is_merged" in quiet.internal("GET", f"/internal/speakers/{other}/why?other={loser}").json["rules"]


def test_ids_that_are_themselves(quiet, merged):
    """What was done to the loser stays its history."""
    for loser, survivor, _ in merged.values():
        [told] = quiet.internal("GET", f"/internal/merges?entity={loser}").json["data"]
        assert (told["loser"]["id"], told["survivor"]["id"]) == (loser, survivor)
