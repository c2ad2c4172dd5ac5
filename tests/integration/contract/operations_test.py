"""The interface as a whole: every row that the contract gives is there, every operation that a service describes has a test of
its name, works with its own examples and answers in the shape that it promises."""
import json
import pathlib
import re

import client
import jsonschema
import pytest
import samples
from stack import Stack, TOKEN

TESTS = pathlib.Path(__file__).resolve().parents[2]
SERVICES = ("api", "processor", "extractor")

# What the product promises, whatever else there is.
GIVEN = {
    "api": ["POST /api/scrape/luma", "GET /api/events", "GET /api/events/{id}", "GET /api/events/{id}/similar", "GET /api/events/search",
            "POST /api/events/batch", "POST /api/events/batch/scrape", "POST /api/events/batch/process", "GET /api/stats/events/count",
            "GET /api/stats/topics/trending", "GET /api/stats/speakers/active"],
    "processor": ["POST /internal/process", "GET /internal/graph/{query}", "GET /internal/graph/speakers/{id}/network",
                  "GET /internal/graph/companies/{id}/events", "GET /internal/graph/events/{id}/connections", "GET /internal/recommend",
                  "GET /internal/recommend/events", "GET /internal/recommend/speakers", "POST /internal/deduplicate",
                  "POST /internal/deduplicate/speakers", "POST /internal/deduplicate/companies", "POST /internal/deduplicate/events",
                  "POST /internal/quality/recalculate", "GET /internal/quality/report"],
    "extractor": ["POST /extract"],
}
# What every service has and one test covers (http_test.py), and what is shown in a browser (tests/browser).
COMMON = {"/health/live", "/health/ready", "/metrics", "/openapi.json"}


@pytest.fixture(scope="module")
def services(truths):
    """A stack of its own: the walk below also merges, deletes and cancels."""
    stack = Stack([samples.FOLDER]).start()
    state = stack.wait_batch(stack.scrape_batch(truth["url"] for truth in truths.values())["batch_id"])
    assert state["failed"] == 0, state
    stack.last_batch = state["id"]
    yield stack
    stack.stop()


def port_of(stack, service):
    return getattr(stack, f"{service}_port")


def description(stack, service):
    return stack.send(port_of(stack, service), "GET", "/openapi.json").json


def operations(document):
    return {f"{method.upper()} {path}": operation for path, item in document["paths"].items()
            for method, operation in item.items() if method in ("get", "post", "put", "patch", "delete")}


@pytest.mark.parametrize("service", SERVICES)
def test_every_given_row_is_there(services, service):
    listed = operations(description(services, service))
    assert [row for row in GIVEN[service] if row not in listed] == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_has_a_test_of_its_name(services, service):
    known = set(re.findall(r"^def test_([a-z0-9_]+)\(", "\n".join(path.read_text() for path in TESTS.rglob("*_test.py")), re.M))
    missing = [name for name, operation in operations(description(services, service)).items()
               if operation["operationId"].rstrip("_") not in known and name.partition(" ")[2] not in COMMON and "pages" not in operation["tags"]]
    assert missing == []


def example_values(stack):
    """Ids that exist, by what stands before {id} in a path."""
    def one(sql, *values):
        rows = stack.query(sql, *values)
        return str(rows[0][0]) if rows else None
    event = one("select id from events where processed_at is not null and merged_into is null order by name limit 1")
    return {
        "events": event, "batches": str(stack.last_batch), "url": one("select luma_url from events where id = %s", event),
        "speakers": one("select speaker_id from event_speakers group by 1 order by count(*) desc, 1 limit 1"),
        "other_speakers": one("select speaker_id from event_speakers group by 1 order by count(*) desc, 1 offset 1 limit 1"),
        "companies": one("select company_id from event_companies group by 1 order by count(*) desc, 1 limit 1"),
        "jobs": one("select id from jobs order by created_at limit 1"),
        "duplicates": one("select id from duplicates where status = 'pending' limit 1") if has_table(stack, "duplicates") else None,
        "merges": one("select id from merges where undone_at is null limit 1") if has_table(stack, "merges") else None,
        "keys": one("select id from api_keys limit 1") if has_table(stack, "api_keys") else None,
    }


def has_table(stack, name):
    return stack.value("select to_regclass(%s) is not null", name)


def fill_path(path, operation, values):
    """None when nothing exists that the operation could be about."""
    examples = {item["name"]: item.get("example") for item in operation["parameters"] if item["in"] == "path"}
    parts = path.strip("/").split("/")
    for at, part in enumerate(parts):
        if part == "{id}" and "pages" not in operation["tags"]:
            parts[at] = values.get(parts[at - 1])
        elif part.startswith("{"):
            parts[at] = examples.get(part[1:-1])
    return None if None in parts else "/" + "/".join(parts)


def put_ids(value, values):
    text = json.dumps(value).replace("00000000-0000-4000-8000-000000000000", values["events"]).replace("https://luma.com/example", values["url"])
    return json.loads(text)


def query_of(operation, values):
    """Each parameter alone, then those that must be there; an id in a query is that of the thing its name says."""
    plural = {"event_id": "events", "from": "speakers", "to": "events", "speaker": "speakers", "speaker_id": "speakers", "other": "other_speakers", "company": "companies"}

    def example(item):
        if plural.get(item["name"]) and item["schema"].get("format") == "uuid":
            return values[plural[item["name"]]]
        return item.get("example")
    items = [(item, example(item)) for item in operation["parameters"] if item["in"] == "query"]
    required = {item["name"]: value for item, value in items if item["required"]}
    return [required, *({**required, item["name"]: value} for item, value in items if value is not None and item["name"] not in required)]


def schema_of(document, operation, status):
    content = operation["responses"][status]["content"]
    kind, body = next(iter(content.items()))
    schema = body["schema"]
    return kind, {**schema, "components": document["components"]} if schema else None


def call(stack, service, method, path, query, body, kind):
    port = port_of(stack, service)
    if kind == "text/event-stream":
        return client.request_head(port, method, path, {"Authorization": f"Bearer {TOKEN}"})
    return stack.send(port, method, path, query={name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in query.items()} or None, json=body)


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_works_with_its_examples(services, service):
    document, values, wrong, called = description(services, service), example_values(services), [], 0
    listed = operations(document)
    # What takes something away comes last.
    for name in sorted(listed, key=lambda name: (name.startswith("DELETE"), "cancel" in name or "revoke" in name, name)):
        operation, (method, template) = listed[name], name.split(" ")
        path = fill_path(template, operation, values)
        if path is None or "{" in path:
            continue
        status = next(code for code in operation["responses"] if code != "default")
        kind, schema = schema_of(document, operation, status)
        example = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
        for query in query_of(operation, values):
            answer = call(services, service, method, path, query, put_ids(example, values) if example is not None else None, kind)
            called += 1
            accepted = {int(status), 409} if method in ("POST", "DELETE") and "{id}" in template else {int(status)}
            if answer.status not in accepted:
                wrong.append((name, query, answer))
            elif answer.status < 300 and schema and kind == "application/json":
                wrong += [(name, query, error.message[:200]) for error in jsonschema.Draft202012Validator(schema).iter_errors(answer.json)]
    assert wrong == []
    assert called >= len(listed) // 2
