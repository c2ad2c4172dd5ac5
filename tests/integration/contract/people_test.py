"""Speakers, companies and topics as resources, against the tables."""
import catalogue
import pytest

pytestmark = pytest.mark.essential
NOBODY = "00000000-0000-4000-8000-000000000000"
KINDS = [("speakers", "role", "roles"), ("companies", "relationship_type", "relationships")]


def linked(stack, kind):
    """Of everybody with a part in a visible event: their links and the events' dates."""
    found = {}
    for event in catalogue.select(catalogue.load(stack), {}):
        for link in event[kind]:
            found.setdefault(str(link["id"]), []).append((event, link))
    return found


def check_list(stack, kind, column, member):
    links = linked(stack, kind)
    for sort in ("name", "events", "last_seen"):
        items = list(catalogue.walk(stack, f"/api/{kind}", sort=sort, limit=13))
        assert len({item["id"] for item in items}) == len(items)
        assert set(links) <= {item["id"] for item in items}
        for item in items:
            mine = links.get(item["id"], [])
            assert item["events"] == len({event["id"] for event, _ in mine})
            assert set(item[member]) == {link[column] for _, link in mine}
            assert item["last_seen"] == max((str(e["date"]) for e, _ in mine if e["date"]), default=None)
        if sort == "events":
            assert [i["events"] for i in items] == sorted((i["events"] for i in items), reverse=True)
    some = next(item for item in items if item["events"])
    near = list(catalogue.walk(stack, f"/api/{kind}", q=some["name"].upper()[:6]))
    assert some["id"] in {item["id"] for item in near}


def check_one(stack, kind, column, member):
    for who, mine in sorted(linked(stack, kind).items())[:10]:
        item = stack.api("GET", f"/api/{kind}/{who}").json
        assert item["events"] == len({event["id"] for event, _ in mine})
        assert sum(item[member].values()) == len(mine)
    assert stack.api("GET", f"/api/{kind}/{NOBODY}").status == 404
    assert stack.api("GET", f"/api/{kind}/nobody").status == 400


def check_events(stack, kind, column, member):
    schemas = stack.api("GET", "/openapi.json").json["components"]["schemas"]
    for who, mine in sorted(linked(stack, kind).items())[:10]:
        found = list(catalogue.walk(stack, f"/api/{kind}/{who}/events", limit=1))
        assert sorted(i["id"] for i in found) == sorted({str(event["id"]) for event, _ in mine})
        for event in found:
            assert set(event) <= set(schemas["EventItem"]["properties"]), "a member that the documentation does not know"
            assert sorted(event[member]) == sorted(l[column] for e, l in mine if str(e["id"]) == event["id"])
        parts = catalogue.walk(stack, f"/api/{kind}/{who}/events", fields=member)
        assert all(set(event) == {"id", member} for event in parts)
        online = list(catalogue.walk(stack, f"/api/{kind}/{who}/events", online="true"))
        assert sorted(i["id"] for i in online) == sorted({str(event["id"]) for event, _ in mine if event["is_online"]})
    assert stack.api("GET", f"/api/{kind}/{NOBODY}/events").status == 404
    assert stack.api("GET", f"/api/{kind}/nobody/events").status == 400


def test_get_api_speakers(filled):
    check_list(filled, *KINDS[0])


def test_get_api_companies(filled):
    check_list(filled, *KINDS[1])


def test_get_api_speakers_id(filled):
    check_one(filled, *KINDS[0])


def test_get_api_companies_id(filled):
    check_one(filled, *KINDS[1])


def test_get_api_speakers_id_events(filled):
    check_events(filled, *KINDS[0])


def test_get_api_companies_id_events(filled):
    check_events(filled, *KINDS[1])


@pytest.mark.parametrize("table", ["speakers", "companies"])
def test_who_was_merged_leads_to_the_survivor(filled, table):
    """A row that lost its links to another one, as merges leave it."""
    survivor = filled.value(f"select id::text from {table} where merged_into is null order by id limit 1")
    loser = filled.value(f"insert into {table} (name, normalized_name, merged_into) values ('Same one', 'same one {table}', %s) returning id::text", survivor)
    for tail in ("", "/events?limit=3"):
        answer = filled.api("GET", f"/api/{table}/{loser}{tail}")
        assert answer.status == 308 and answer.headers["location"] == f"/api/{table}/{survivor}{tail}", answer
        assert answer.json["merged_into"] == survivor
    assert loser not in {item["id"] for item in catalogue.walk(filled, f"/api/{table}")}
    filled.query(f"delete from {table} where id = %s returning 1", loser)


def test_get_api_topics(filled):
    links = linked(filled, "topics")
    items = list(catalogue.walk(filled, "/api/topics", sort="events", limit=5))
    assert {i["id"]: i["events"] for i in items if i["events"]} == {t: len(m) for t, m in links.items()}
    assert [i["events"] for i in items] == sorted((i["events"] for i in items), reverse=True)
