"""POST /api/events/batch and /batch/process: what comes of each operation, all or none, without effect, and by filter."""
import pathlib
import re
import uuid

import catalogue
import pytest
from invariants import violations

pytestmark = pytest.mark.essential
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def post_text(stack, path, text):
    return stack.api("POST", path, body=text.encode(), headers={"Content-Type": "application/json"})


def batch(stack, operations, **settings):
    answer = stack.api("POST", "/api/events/batch", {"operations": operations, **settings})
    assert answer.status == 200, answer
    results = answer.json["results"]
    assert [result["index"] for result in results] == list(range(len(operations)))
    for result, operation in zip(results, operations):
        assert result["id"] == operation.get("id") and result["op"] == operation.get("op")
        assert ("error" in result) == (result["status"] >= 300)
        if "error" in result:
            assert {"type", "title", "status", "detail", "code", "request_id"} <= set(result["error"])
            assert result["error"]["status"] == result["status"]
    return answer.json


@pytest.fixture
def event(filled, fresh):
    """The id of an event of this test's own, scraped and processed."""
    return filled.scrape_id(fresh["url"])


@pytest.fixture
def odd(filled, event):
    """The same, for what other tests should not come across: it is deleted afterwards."""
    yield event
    batch(filled, [{"op": "delete", "id": event}])


def read(stack, event_id):
    return stack.event(event_id).json


def test_post_api_events_batch(filled, event):
    """The row of the contract: each operation with its result, in order."""
    made = batch(filled, [
        {"op": "get", "id": event},
        {"op": "update", "id": event, "data": {"name": "Another name", "status": "cancelled"}},
        {"op": "get", "id": event},
        {"op": "get", "id": UNKNOWN},
        {"op": "reprocess", "id": event},
        {"op": "delete", "id": event},
        {"op": "get", "id": event}])
    assert made["applied"] is True
    results = made["results"]
    assert [result["status"] for result in results] == [200, 200, 200, 404, 202, 204, 404]
    assert results[0]["data"]["name"] != "Another name"
    assert results[1]["data"] == results[2]["data"] and results[2]["data"]["name"] == "Another name"
    assert results[2]["data"]["status"] == "cancelled"
    assert uuid.UUID(results[4]["data"]["job_id"]) and results[4]["data"]["status"] == "queued_for_processing"
    assert filled.event(event).status == 404


def test_a_thousand_operations_at_once(filled):
    wanted = list(filled.ids.values())
    operations = [{"op": "get", "id": wanted[i % len(wanted)]} for i in range(1000)]
    results = batch(filled, operations)["results"]
    documents = {event_id: read(filled, event_id) for event_id in wanted[:3]}
    for result in results:
        assert result["status"] == 200 and result["data"]["id"] == result["id"]
        if result["id"] in documents:
            expected = documents[result["id"]]
            assert result["data"] == {n: v for n, v in expected.items() if n not in ("overrides", "listings")}
    answer = filled.api("POST", "/api/events/batch", {"operations": [*operations, operations[0]]})
    assert answer.status == 422 and answer.json["errors"][0]["pointer"] == "/operations"


@pytest.mark.parametrize("operation, place", [
    ('{"op":"get","op":"delete","id":"%s"}', "/operations/0/op"), ('{"op":"get","id":"x","id":"%s"}', "/operations/0/id"),
    ('{"id":"%s","op":null,"op":"delete"}', "/operations/0/op"),
    ('{"op":"update","id":"%s","data":{"city":"A","city":"B"}}', "/operations/0/data/city"),
    ('{"op":"update","id":"%s","data":{},"data":{"city":"B"}}', "/operations/0/data")])
def test_members_that_are_given_twice_are_refused(filled, operation, place):
    """Which of them counts would be anybody's guess."""
    event = filled.value("select id from events where processed_at is not null and merged_into is null order by id limit 1")
    body = '{"operations":[' + operation % event + ']}'
    [result] = post_text(filled, "/api/events/batch", body).json["results"]
    assert result["status"] >= 400 and result["error"]["errors"][0]["pointer"] == place, result
    assert filled.event(event).status == 200
    answer = post_text(filled, "/api/events/batch", '{"operations":[],' + body[1:])
    assert answer.status in (400, 422) and "/operations" in [item["pointer"] for item in answer.json["errors"]]


EDIT = {"name": "Edited", "description": "By hand", "location": "Edited Hall, Kyiv", "venue": "Edited Hall", "address": "Street 1",
        "city": "Kyiv", "region": "Kyiv Region", "country": "UA", "latitude": 50.45, "longitude": 30.52,
        "starts_at": "2031-05-01T22:30:00Z", "ends_at": "2031-05-02T01:00:00Z", "timezone": "Europe/Kyiv", "is_online": False,
        "status": "postponed", "image_url": "https://example.com/edited.png", "language": "uk", "is_free": True}


def test_edits_survive_processing_and_can_be_taken_back(filled, event):
    before = read(filled, event)
    batch(filled, [{"op": "update", "id": event, "data": EDIT}])

    def check():
        now = read(filled, event)
        assert {name: now[name] for name in EDIT} == EDIT and now["date"] == "2031-05-02" and now["overrides"] == EDIT
        for place in ("Kyiv", "Ukraine", "edited hall"):
            assert event in {item["id"] for item in catalogue.walk(filled, "/api/events", location=place)}
        assert event in {item["id"] for item in catalogue.walk(filled, "/api/events", date_after="2031-05-02", date_before="2031-05-02")}
        assert "Edited" in {item["name"] for item in filled.api("GET", "/api/events/search?q=edited+by+hand").json["data"]}
        assert filled.value("select ag_catalog.agtype_access_operator(properties, '\"name\"'::ag_catalog.agtype)::text from event_network.\"Event\" "
                            "where vertex_key(properties) operator(ag_catalog.=) graph_key(%s)", event).strip('"') == "Edited"
    check()
    started = filled.api("POST", "/api/events/batch/process", {"event_ids": [event]}).json
    filled.wait_batch(started["batch_id"])
    check()
    batch(filled, [{"op": "update", "id": event, "data": {name: None for name in EDIT}}])
    after = read(filled, event)
    changing = {"updated_at", "processed_at", "overrides"}
    assert {n: v for n, v in after.items() if n not in changing} == {n: v for n, v in before.items() if n not in changing}
    assert after["overrides"] is None and before["overrides"] is None
    assert violations(filled) == []


def test_a_country_by_its_name(filled, event):
    batch(filled, [{"op": "update", "id": event, "data": {"country": "Germany"}}])
    assert read(filled, event)["country"] == "DE"
    assert event in {item["id"] for item in catalogue.walk(filled, "/api/events", location="germany")}


def test_a_country_taken_back_is_found_by_its_name_again(filled, odd):
    """The country and its name go together, there and back."""
    filled.query("update events set country = 'US', extracted_data = jsonb_set(extracted_data, '{event,country}', '\"US\"'), "
                 "page_country_name = 'United States', place_keys = '{us,united states}' where id = %s returning 1", odd)
    found = lambda place: odd in {item["id"] for item in catalogue.walk(filled, "/api/events", location=place)}
    batch(filled, [{"op": "update", "id": odd, "data": {"country": "DE"}}])
    assert found("Germany") and not found("United States")
    batch(filled, [{"op": "update", "id": odd, "data": {"country": None}}])
    assert found("United States") and not found("Germany")
    # Read before the name was kept: the next reading finds it.
    filled.query("update events set page_country_name = null where id = %s returning 1", odd)
    batch(filled, [{"op": "update", "id": odd, "data": {"country": "FR"}}])
    jobs = "select count(*) from jobs where event_id = %s and kind = 'process'"
    before = filled.value(jobs, odd)
    batch(filled, [{"op": "update", "id": odd, "data": {"country": None}}])
    assert filled.value(jobs, odd) == before + 1


def test_a_day_without_a_time_outlives_edits_and_readings(filled, odd):
    filled.query("update events set starts_at = null, ends_at = null, date = '2031-05-01', extracted_data = extracted_data #- '{event,starts_at}' "
                 "where id = %s returning 1", odd)
    batch(filled, [{"op": "update", "id": odd, "data": {"timezone": "Asia/Tokyo"}}])
    assert (read(filled, odd)["date"], read(filled, odd)["timezone"]) == ("2031-05-01", "Asia/Tokyo")
    path = pathlib.Path(__file__).resolve().parents[3] / "sql/queries/events/store_event.sql"
    sql = re.sub(r"(?<!:):([a-z_]+)", r"%(\1)s", re.sub(r"--.*", "", path.read_text()).replace("%", "%%"))
    fields = '{"name": "Without a time", "date": "2031-05-02"}'
    with filled.db() as connection:
        connection.autocommit = False
        connection.execute(sql.replace("%(fields)s", "%(fields)s::jsonb"), {
            "id": odd, "fields": fields, "record": "{}", "embedding": None, "model": None, "page_hash": None})
        assert str(connection.execute("select date from events where id = %s", (odd,)).fetchone()[0]) == "2031-05-02"
        connection.rollback()


@pytest.mark.parametrize("data, status", [
    ({"timezone": "AET"}, 422), ({"starts_at": "9999-12-31T23:00:00Z"}, 422), ({"ends_at": "0001-01-01T00:00:00Z"}, 422),
    ({"starts_at": "1899-12-31"}, 422), ({"starts_at": "9998-12-31T23:59:59-12:00", "timezone": "Pacific/Kiritimati"}, 200),
    ({"starts_at": "1900-01-01T00:00:00Z"}, 200)])
def test_edits_that_no_list_could_show(filled, odd, data, status):
    """Refused alone: the others of the batch are done."""
    first, second = batch(filled, [{"op": "update", "id": odd, "data": data}, {"op": "update", "id": odd, "data": {"city": "Kyiv"}}])["results"]
    assert (first["status"], second["status"]) == (status, 200)
    assert status == 200 or first["error"]["code"] == "invalid_field"
    for path in ("/api/events?when=today", "/api/events?when=weekend", "/internal/recommend/events"):
        assert (filled.internal if "internal" in path else filled.api)("GET", path).status == 200


def test_a_batch_remembers_what_was_deleted(new_stack):
    stack = new_stack({"SCRAPE_WORKERS": "0", "PROCESS_WORKERS": "0"})
    started = stack.scrape_batch(["https://luma.com/to-be-deleted", "https://luma.com/to-be-kept"])["batch_id"]
    event = str(stack.value("select id from events where luma_url like '%%deleted'"))
    assert batch(stack, [{"op": "delete", "id": event}])["results"][0]["status"] == 204
    state = stack.batch(started)
    assert (state["total"], state["done"], state["failed"], state["status"]) == (2, 1, 1, "running")
    assert state["failures"] == [{"event_id": None, "luma_url": None, "code": "deleted"}]
    with stack.db() as connection: # a deletion does not look through all batches
        connection.execute("set enable_seqscan = off")
        plan = connection.execute("explain select 1 from batch_items where event_id = %s", (event,)).fetchall()
    assert "batch_items_event_idx" in str(plan)


def test_what_was_deleted_is_nowhere(filled, event):
    [[merged]] = filled.query("insert into events (name, merged_into, luma_url) values ('Other name of it', %s, %s) returning id::text",
                              event, f"https://luma.com/{uuid.uuid4()}")
    assert batch(filled, [{"op": "delete", "id": event}])["results"][0]["status"] == 204
    for table in ("event_sources", "event_snapshots", "event_speakers", "event_companies", "event_topics", "jobs", "batch_items"):
        assert filled.value(f"select count(*) from {table} where event_id in (%s, %s)", event, merged) == 0, table
    assert filled.value("select count(*) from events where id in (%s, %s)", event, merged) == 0
    assert filled.value("select count(*) from event_network.\"Event\" where vertex_key(properties) operator(ag_catalog.=) graph_key(%s)", event) == 0
    assert sorted(filled.query("select type, id::text from changes where id in (%s, %s) and type = 'event.deleted'", event, merged)) == sorted(
        [("event.deleted", event), ("event.deleted", merged)])
    assert violations(filled) == []


def test_all_or_none(filled, event):
    before = read(filled, event)
    operations = [{"op": "update", "id": event, "data": {"name": "Never"}}, {"op": "get", "id": UNKNOWN}, {"op": "delete", "id": event}]
    made = batch(filled, operations, atomic=True)
    assert made["applied"] is False
    assert [(result["status"], result["error"]["code"]) for result in made["results"]] == [
        (424, "not_applied"), (404, "not_found"), (424, "not_applied")]
    assert read(filled, event) == before
    made = batch(filled, [operations[0], {"op": "update", "id": event, "data": {"nme": "x"}}], atomic=True)
    assert [result["status"] for result in made["results"]] == [424, 400] and read(filled, event) == before
    made = batch(filled, operations[:1], atomic=True)
    assert made["applied"] and read(filled, event)["name"] == "Never"


def test_a_dry_run_changes_nothing(filled, event):
    before, jobs = read(filled, event), filled.value("select count(*) from jobs")
    changes = filled.value("select count(*) from changes")
    made = batch(filled, [{"op": "update", "id": event, "data": {"name": "Tried"}}, {"op": "reprocess", "id": event},
                          {"op": "delete", "id": event}, {"op": "get", "id": event}], dry_run=True)
    assert made["applied"] is False
    assert [result["status"] for result in made["results"]] == [200, 202, 204, 404]
    assert made["results"][0]["data"]["name"] == "Tried"
    assert read(filled, event) == before
    assert (filled.value("select count(*) from jobs"), filled.value("select count(*) from changes")) == (jobs, changes)


def test_a_merged_event_names_its_survivor(filled, event):
    survivor = filled.ids["harbour-climate-hack"]
    [[merged]] = filled.query("insert into events (name, merged_into) values ('Other', %s) returning id::text", survivor)
    try:
        for op in ("get", "delete", "reprocess"):
            [result] = batch(filled, [{"op": op, "id": merged}])["results"]
            assert (result["status"], result["error"]["code"], result["error"]["merged_into"]) == (308, "merged", survivor)
    finally:
        filled.query("delete from events where id = %s returning 1", merged)


def test_an_event_without_a_page_cannot_be_processed(filled):
    [[bare]] = filled.query("insert into events (name) values ('Bare') returning id::text")
    try:
        [result] = batch(filled, [{"op": "reprocess", "id": bare}])["results"]
        assert (result["status"], result["error"]["code"]) == (409, "conflict")
    finally:
        filled.query("delete from events where id = %s returning 1", bare)


@pytest.mark.parametrize("operation, status, code, pointer", [
    ({}, 422, "missing_field", "/op"), ({"op": "get"}, 422, "missing_field", "/id"), ({"id": UNKNOWN}, 422, "missing_field", "/op"),
    ({"op": "read", "id": UNKNOWN}, 422, "invalid_field", "/op"), ({"op": "get", "id": "x"}, 422, "invalid_field", "/id"),
    ({"op": "get", "id": 7}, 422, "invalid_field", "/id"), ({"op": "get", "id": UNKNOWN, "dta": {}}, 400, "unknown_parameter", "/dta"),
    ({"op": "get", "id": UNKNOWN, "data": {}}, 422, "invalid_field", "/data"),
    ({"op": "update", "id": UNKNOWN}, 422, "missing_field", "/data"),
    ({"op": "update", "id": UNKNOWN, "data": {}}, 422, "missing_field", "/data"),
    ({"op": "update", "id": UNKNOWN, "data": "x"}, 422, "invalid_field", "/data"),
    ({"op": "update", "id": UNKNOWN, "data": {"nam": "x"}}, 400, "unknown_parameter", "/data/nam"),
    ({"op": "update", "id": UNKNOWN, "data": {"name": ""}}, 422, "invalid_field", "/data/name"),
    ({"op": "update", "id": UNKNOWN, "data": {"name": "  "}}, 422, "invalid_field", "/data/name"),
    ({"op": "update", "id": UNKNOWN, "data": {"name": 5}}, 422, "invalid_field", "/data/name"),
    ({"op": "update", "id": UNKNOWN, "data": {"status": "canceled"}}, 422, "invalid_field", "/data/status"),
    ({"op": "update", "id": UNKNOWN, "data": {"country": "Atlantis"}}, 422, "invalid_field", "/data/country"),
    ({"op": "update", "id": UNKNOWN, "data": {"timezone": "Mars/Olympus"}}, 422, "invalid_field", "/data/timezone"),
    ({"op": "update", "id": UNKNOWN, "data": {"latitude": 91}}, 422, "invalid_field", "/data/latitude"),
    ({"op": "update", "id": UNKNOWN, "data": {"starts_at": "tomorrow"}}, 422, "invalid_field", "/data/starts_at"),
    ({"op": "update", "id": UNKNOWN, "data": {"image_url": "javascript:alert(1)"}}, 422, "invalid_field", "/data/image_url"),
    ({"op": "update", "id": UNKNOWN, "data": {"is_online": "true"}}, 422, "invalid_field", "/data/is_online"),
    ({"op": "update", "id": UNKNOWN, "data": {"id": UNKNOWN}}, 400, "unknown_parameter", "/data/id"),
])
def test_a_malformed_operation_fails_alone(filled, operation, status, code, pointer):
    good = filled.ids["harbour-climate-hack"]
    answer = filled.api("POST", "/api/events/batch", {"operations": [operation, {"op": "get", "id": good}]})
    assert answer.status == 200, answer
    first, second = answer.json["results"]
    assert second["status"] == 200 and second["data"]["id"] == good
    assert (first["status"], first["error"]["code"]) == (status, code), first
    assert pointer and first["error"]["errors"][0]["pointer"] == f"/operations/0{pointer}"


def test_the_nearest_names_are_told(filled):
    results = batch(filled, [{"op": "updat", "id": UNKNOWN}, {"op": "update", "id": UNKNOWN, "data": {"citty": "x"}}])["results"]
    assert [result["error"]["errors"][0]["nearest"] for result in results] == ["update", "city"]


@pytest.mark.parametrize("body, pointer", [
    ({}, "/operations"), ({"operations": []}, "/operations"), ({"operations": {}}, "/operations"), ({"operations": ["get"]}, "/operations/0"),
    ({"operations": [{"op": "get", "id": UNKNOWN}], "atomic": "yes"}, "/atomic"),
    ({"operations": [{"op": "get", "id": UNKNOWN}], "dryrun": True}, "/dryrun")])
def test_a_malformed_batch_is_refused(filled, body, pointer):
    answer = filled.api("POST", "/api/events/batch", body)
    assert answer.status in (400, 422), answer
    assert answer.json["errors"][0]["pointer"] == pointer


# ------------------------------------------------------------------------------------------------ process by filter

def process(stack, body, path="/api/events/batch/process"):
    answer = stack.api("POST", path, body)
    assert answer.status == 202, answer
    return answer.json


def test_post_api_events_batch_process(filled):
    """The row of the contract: by ids, and by the list's parameters."""
    query = {"location": "SF", "topics": "AI", "min_quality": "20"}
    wanted = {str(event["id"]) for event in catalogue.select(catalogue.load(filled), query)}
    started = process(filled, {"filter": {"location": "SF", "topics": ["AI"], "min_quality": 20}})
    assert wanted and (started["accepted"], started["skipped"], started["truncated"]) == (len(wanted), 0, False)
    items = {str(row[0]) for row in filled.query("select event_id from batch_items where batch_id = %s", started["batch_id"])}
    assert items == wanted
    assert filled.wait_batch(started["batch_id"])["succeeded"] == len(wanted)
    by_ids = process(filled, {"event_ids": [*sorted(wanted), UNKNOWN]})
    assert (by_ids["accepted"], by_ids["skipped"]) == (len(wanted), 1)
    filled.wait_batch(by_ids["batch_id"])


def test_failed_events_are_tried_again_by_filter(filled, event):
    filled.query("update events set processing_status = 'failed', processing_error = 'extractor_failed' where id = %s returning 1", event)
    started = process(filled, {"filter": {"processing_status": ["failed"]}})
    assert filled.value("select count(*) from batch_items where batch_id = %s and event_id = %s", started["batch_id"], event) == 1
    filled.wait_batch(started["batch_id"])
    assert read(filled, event)["processing_status"] == "processed"


def test_a_filter_that_lets_nothing_through(filled):
    assert process(filled, {"filter": {"location": "Nowhere-upon-Sea"}}) == {
        "batch_id": None, "accepted": 0, "skipped": 0, "truncated": False}


@pytest.mark.parametrize("body, status, pointer, nearest", [
    ({}, 422, "/event_ids", None), ({"filter": {}, "event_ids": [UNKNOWN]}, 422, "/filter", None), ({"filter": []}, 422, "/filter", None),
    ({"filter": {"locaton": "SF"}}, 400, "/filter/locaton", "location"), ({"filter": {"topics": "AI"}}, 422, "/filter/topics", None),
    ({"filter": {"processing_status": ["fialed"]}}, 422, "/filter/processing_status/0", "failed"),
    ({"filter": {"min_quality": "high"}}, 422, "/filter/min_quality", None), ({"filter": {"min_quality": 101}}, 422, "/filter/min_quality", None),
    ({"filter": {"limit": 5}}, 400, "/filter/limit", None)])
def test_a_wrong_filter_is_refused(filled, body, status, pointer, nearest):
    answer = filled.api("POST", "/api/events/batch/process", body)
    assert answer.status == status, answer
    assert answer.json["errors"][0]["pointer"] == pointer and answer.json["errors"][0].get("nearest") == nearest
