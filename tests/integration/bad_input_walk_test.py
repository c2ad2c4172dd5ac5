"""What holds for every operation that takes a body or an id: walked through the services' own descriptions, so that none is
forgotten."""
import uuid

import pytest
from bad_input_test import problem

UNKNOWN = "00000000-0000-4000-8000-000000000000"
SERVICES = ("api", "processor", "extractor")
TABLES = ("events jobs batches batch_items changes speakers companies event_speakers event_companies event_topics merges duplicates "
          "users api_keys").split()
# What is merged leads on from everything that is asked about it.
MERGED = {"events": "name", "speakers": "name, normalized_name", "companies": "name, normalized_name"}


def port_of(stack, service):
    return getattr(stack, f"{service}_port")


def operations(stack, service):
    """(method, path, operation) of everything but pages for people."""
    document = stack.send(port_of(stack, service), "GET", "/openapi.json").json
    return [(method.upper(), path, operation) for path, item in document["paths"].items() for method, operation in item.items()
            if method in ("get", "post", "put", "patch", "delete") and "pages" not in operation["tags"]]


def example_body(operation):
    return operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")


def required_query(operation):
    """An id where none is told: it must not be looked at before the one of the path."""
    return {item["name"]: item.get("example", UNKNOWN) for item in operation["parameters"] if item["in"] == "query" and item["required"]} or None


def state(stack):
    return stack.query("select " + ", ".join(f"(select count(*) from {table})" for table in TABLES) +
                       ", (select coalesce(max(updated_at), '-infinity') from events)")


def with_id(stack, wanted=lambda path: True):
    return [(service, *row) for service in SERVICES for row in operations(stack, service) if "{id}" in row[1] and wanted(row[1])]


def ask(stack, service, method, path, operation):
    return stack.send(port_of(stack, service), method, path, query=required_query(operation), json=example_body(operation))


@pytest.mark.parametrize("body, codes", [(b"{", {"invalid_json"}), (b"[]", None), (b"null", None), (b'{"nonsense":1}', {"unknown_parameter"}),
                                         (b"\xff\xfe{}", {"invalid_json"})])
def test_row_1_no_operation_takes_a_malformed_body(filled, body, codes):
    before, asked, wrong = state(filled), 0, []
    for service in SERVICES:
        for method, path, operation in operations(filled, service):
            if "requestBody" not in operation:
                continue
            asked += 1
            answer = filled.send(port_of(filled, service), method, path.replace("{id}", UNKNOWN), body=body, headers={"Content-Type": "application/json"})
            if answer.status not in (400, 422) or codes and answer.json["code"] not in codes:
                wrong.append((method, path, answer))
    assert wrong == [] and asked >= 12
    assert state(filled) == before


@pytest.mark.parametrize("word", ["nonsense", "123", UNKNOWN[:-1], UNKNOWN + "0", "'%20or%201=1", "%00"])
def test_row_4_an_id_that_is_no_uuid(filled, word):
    before, wrong, rows = state(filled), [], with_id(filled)
    for service, method, path, operation in rows:
        answer = ask(filled, service, method, path.replace("{id}", word), operation)
        if answer.status != 400 or answer.headers["content-type"] != "application/problem+json":
            wrong.append((method, path, answer))
    assert wrong == [] and len(rows) >= 19
    assert state(filled) == before


def test_row_4_an_id_that_nothing_has(filled):
    before, wrong = state(filled), []
    for service, method, path, operation in with_id(filled):
        answer = ask(filled, service, method, path.replace("{id}", str(uuid.uuid4())), operation)
        if answer.status != 404 or answer.headers["content-type"] != "application/problem+json":
            wrong.append((method, path, answer))
    assert wrong == []
    assert state(filled) == before


@pytest.mark.parametrize("table, columns", MERGED.items())
def test_row_4_an_id_that_was_merged(filled, table, columns):
    """308 to the same question about the survivor, from every path of such an id; made by hand and taken back."""
    survivor = str(filled.value(f"select id from {table} where merged_into is null order by id limit 1"))
    values = ", ".join(f"'merged {name} of the walk'" for name in columns.split(", "))
    loser = str(filled.value(f"insert into {table} ({columns}, merged_into) values ({values}, %s) returning id", survivor))
    try:
        rows = with_id(filled, lambda path: f"/{table}/{{id}}" in path)
        assert len(rows) >= 3
        for service, method, path, operation in rows:
            answer = ask(filled, service, method, path.replace("{id}", loser), operation)
            document = problem(answer, (308,), "merged")
            assert document["merged_into"] == survivor, path
            assert answer.headers["location"].partition("?")[0] == path.replace("{id}", survivor), path
    finally:
        filled.query(f"delete from {table} where id = %s returning id", loser)
