"""Connections of events: the endpoint, a computation over the events' own documents, and the graph give one answer."""
import collections

import pytest
from invariants import cypher, violations

pytestmark = pytest.mark.essential
WEIGHT = {"speaker": 3, "company": 2, "topic": 1}


def connections(stack, event_id, **query):
    answer = stack.internal("GET", f"/internal/graph/events/{event_id}/connections", query={"limit": 100, **query})
    assert answer.status == 200, answer
    return answer.json["data"]


@pytest.fixture(scope="module")
def documents(filled):
    """Every event that is linked to anything, as the API shows it."""
    rows = filled.query("select id::text from events where merged_into is null order by id")
    return {event_id: filled.event(event_id).json for [event_id] in rows}


def entities(document):
    return {("speaker", item["id"]) for item in document["speakers"]} | {
        ("company", item["id"]) for item in document["companies"]} | {("topic", item["id"]) for item in document["topics"]}


@pytest.fixture(scope="module")
def computed(documents):
    """For each event: the others and what they share with it, counted by hand."""
    of = {event_id: entities(document) for event_id, document in documents.items()}
    return {one: {other: of[one] & of[other] for other in of if other != one and of[one] & of[other]} for one in of}


def test_connections_equal_those_computed_from_the_events(filled, documents, computed):
    assert len(documents) >= 43
    wrong = {}
    for event_id, expected in computed.items():
        found = connections(filled, event_id)
        reasons = {item["id"]: {(reason["type"], reason["id"]) for reason in item["reasons"]} for item in found}
        if reasons != expected and len(expected) <= 100:
            wrong[documents[event_id]["luma_url"]] = set(reasons) ^ set(expected)
        for item in found:
            assert item["weight"] == sum(WEIGHT[kind] for kind, _ in reasons[item["id"]])
        weights = [item["weight"] for item in found]
        assert weights == sorted(weights, reverse=True)
    assert wrong == {}


def test_the_graph_gives_the_same_connections(filled, computed):
    graph = collections.defaultdict(lambda: collections.defaultdict(set))
    for kind, pattern in (("speaker", "(a:Event)<-[:APPEARS]-(x:Speaker)-[:APPEARS]->(b:Event)"),
                          ("company", "(a:Event)<-[:RELATES]-(x:Company)-[:RELATES]->(b:Event)"),
                          ("topic", "(a:Event)-[:ABOUT]->(x:Topic)<-[:ABOUT]-(b:Event)")):
        for one, shared, other in cypher(filled, f"match {pattern} where a.id <> b.id return distinct a.id, x.id, b.id",
                                         ("a", "x", "b")):
            graph[one][other].add((kind, shared))
    assert {one: dict(others) for one, others in graph.items()} == {one: others for one, others in computed.items() if others}


def test_reasons_name_who_and_in_which_roles(filled):
    found = connections(filled, filled.ids["agents-in-production"])
    other = next(item for item in found if item["id"] == filled.ids["quillbridge-users-2"])
    mira = next(reason for reason in other["reasons"] if reason["name"] == filled.known_as("Mira Okonjo-Vale"))
    assert mira["type"] == "speaker" and "host" in mira["roles_here"] and "host" in mira["roles_there"]
    assert any(reason["type"] == "company" and reason["name"] == "Quillbridge Labs" for reason in other["reasons"])


def test_the_graph_holds_exactly_the_links_of_the_tables(filled):
    assert [rule for rule in violations(filled) if rule.startswith("graph")] == []


def test_the_limit_cuts_the_weakest(filled):
    event_id = filled.ids["agents-in-production"]
    everything = connections(filled, event_id)
    assert [item["id"] for item in connections(filled, event_id, limit=3)] == [item["id"] for item in everything[:3]]


@pytest.mark.parametrize("event_id, status", [("nonsense", 400), ("00000000-0000-4000-8000-000000000000", 404)])
def test_connections_of_nothing(stack, event_id, status):
    assert stack.internal("GET", f"/internal/graph/events/{event_id}/connections").status == status


def test_an_event_without_links_has_no_connections(filled):
    [[event_id]] = filled.query("insert into events (name, luma_url) values ('Alone', 'https://luma.com/alone-in-the-graph') returning id")
    try:
        assert connections(filled, event_id) == []
    finally:
        filled.query("delete from events where id = %s returning id", event_id)
