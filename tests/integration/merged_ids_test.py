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
# Ids beside the path. The survivor's answer: "follows", or 308; "itself": what is asked for is about this very id; "told": the
# answer says that it was merged.
BESIDE = {
    ("GET", "/internal/graph/co-speakers", "speaker"): "follows",
    ("GET", "/internal/graph/company-network", "company"): "follows",
    ("GET", "/internal/graph/path", "from"): "follows",
    ("GET", "/internal/graph/path", "to"): "follows",
    ("GET", "/internal/recommend/events", "like"): "follows",
    ("GET", "/internal/recommend/speakers", "event_id"): 308,
    ("POST", "/internal/process", "event_id"): 308,
    ("GET", "/internal/speakers/{id}/why", "other"): "told",
    ("POST", "/api/events/batch/process", "event_ids"): "told",
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
        if "{" in path:
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
