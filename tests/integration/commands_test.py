"""The commands of people and operators: scrape, extract, doctor, migrate, config."""
import json

import pytest
from compare import differences
from invariants import graph_differences
from stack import TOKEN

pytestmark = pytest.mark.essential


def test_scrape_prints_the_event(stack, fresh):
    done = stack.command("scrape", fresh["url"])
    assert done.returncode == 0, done
    assert differences(json.loads(done.stdout), fresh) == {}


def test_scrape_of_what_is_no_event(stack):
    done = stack.command("scrape", "https://luma.com/no-such-page-for-the-command")
    assert done.returncode == 1, done
    assert json.loads(done.stdout)["processing_status"] == "failed"


@pytest.mark.parametrize("arguments", [("scrape",), ("scrape", "a", "b"), ("nonsense",), ("doctor", "--cure"), ("migrate", "--wait")])
def test_wrong_usage(stack, arguments):
    done = stack.command(*arguments)
    assert done.returncode not in (0, 1) and done.stderr


def test_extract_prints_the_record_without_any_service(stack, truths):
    path = stack.site.pages.files["everest-of-data"]
    done = stack.command("extract", str(path), "https://luma.com/everest-of-data")
    assert done.returncode == 0, done
    record = json.loads(done.stdout)
    assert record["kind"] == "event" and record["event"]["name"] == truths["everest-of-data"]["name"]


def test_doctor_finds_everything_in_order(filled):
    done = filled.command("doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    for what in ("database", "extension vector", "extension age", "migrations", "graph projection", "api", "processor", "extractor"):
        assert what in done.stdout


def test_doctor_finds_and_repairs_a_graph_that_is_out_of_step(filled):
    filled.query('delete from event_network."APPEARS" where ctid = (select ctid from event_network."APPEARS" limit 1) returning 1')
    assert graph_differences(filled) != []
    done = filled.command("doctor")
    assert done.returncode == 1 and "doctor --repair" in done.stdout
    done = filled.command("doctor", "--repair")
    assert done.returncode == 0, done.stdout + done.stderr
    assert graph_differences(filled) == []


@pytest.mark.private_stack
def test_doctor_finds_and_removes_changes_of_another_cluster(new_stack):
    stack = new_stack(pages=[])
    stack.query("insert into changes (xid, type, id) values ('999999999999', 'event.updated', gen_random_uuid()) returning 1")
    done = stack.command("doctor")
    assert done.returncode == 1 and "another cluster" in done.stdout and "doctor --repair" in done.stdout
    before = stack.api("GET", "/api/changes?since=now").json["next_since"]
    done = stack.command("doctor", "--repair")
    assert done.returncode == 0, done.stdout + done.stderr
    assert stack.value("select count(*) from changes where xid = '999999999999'") == 0
    assert stack.api("GET", "/api/changes?since=1-0").status == 410  # reads everything anew
    since = stack.api("GET", "/api/changes?since=now").json["next_since"]
    stack.query("select record_changes('event.updated', array[gen_random_uuid()])")
    now = stack.api("GET", f"/api/changes?since={since}")
    assert now.status == 200 and len(now.json["changes"]) == 1, (before, now)


def test_doctor_finds_and_renders_events_that_are_not_rendered(filled):
    [(event, document)] = filled.query("""update events e set list_item = null, document = null from events old
        where e.id = (select id from events where processed_at is not null and merged_into is null order by id limit 1)
          and old.id = e.id returning e.id, old.document::jsonb""")
    done = filled.command("doctor")
    assert done.returncode == 1 and "1 processed events have no list_item" in done.stdout and "doctor --repair" in done.stdout
    done = filled.command("doctor", "--repair")
    assert done.returncode == 0 and "1 events were rendered" in done.stdout, done.stdout + done.stderr
    assert filled.query("select document::jsonb, list_item is not null from events where id = %s", event) == [(document, True)]


def test_migrate_has_nothing_to_do_twice(stack):
    before = stack.query("select relname from pg_class where relnamespace = 'public'::regnamespace order by 1")
    for _ in range(2):
        done = stack.command("migrate")
        assert done.returncode == 0, done.stderr
    assert stack.query("select relname from pg_class where relnamespace = 'public'::regnamespace order by 1") == before


def test_config_prints_what_is_in_force_and_no_secret(stack, tmp_path):
    done = stack.command("config")
    assert done.returncode == 0
    assert f"API_PORT={stack.api_port}" in done.stdout.replace(" ", "")
    assert TOKEN not in done.stdout and stack.environment["SECRET_KEY_BASE"] not in done.stdout
    assert stack.command("config", "JOB_LEASE_MS").stdout.strip() in ("2000", "2s", "2000ms")


def test_a_setting_that_cannot_be(stack):
    kept = stack.environment["API_PORT"]
    try:
        stack.environment["API_PORT"] = "many"
        done = stack.command("config")
        assert done.returncode != 0 and "API_PORT" in done.stderr
    finally:
        stack.environment["API_PORT"] = kept
