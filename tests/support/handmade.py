"""Services whose people, companies and events are made by hand, and what deduplication says of them."""
import random
import uuid

import pytest
from judging import MODEL, model_bits, probability, steps
from merging import World
from stack import Stack
from waiting import wait_until


@pytest.fixture(scope="module")
def people():
    """Services of a module's own, without scraping: its tests make their people by hand."""
    stack = Stack(settings={"SCRAPE_WORKERS": "0"}).start()
    yield stack
    stack.stop()


@pytest.fixture
def empty(people):
    """The same without anybody."""
    people.clear()
    return people


def speaker(stack, name, company=None, handles=(), events=(), title=None):
    [[new]] = stack.query("insert into speakers (name, normalized_name, company, title, confidence_score) values (%s, %s, %s, %s, 0.5) returning id::text",
                          name, name.lower(), company, title)
    with stack.db() as connection:
        connection.execute("insert into speaker_aliases (speaker_id, name) values (%s, %s)", (new, name))
        for kind, value in handles:
            connection.execute("insert into speaker_handles values (%s, %s, %s)", (new, kind, value))
        for event in events:
            connection.execute("insert into event_speakers (event_id, speaker_id, role, extraction_confidence) values (%s, %s, 'host', 0.9)", (event, new))
    project(stack, events)
    return new


def company(stack, name, domain=None, events=()):
    [[new]] = stack.query("insert into companies (name, normalized_name, domain) values (%s, %s, %s) returning id::text", name, name.lower(), domain)
    with stack.db() as connection:
        for event in events:
            connection.execute("insert into event_companies (event_id, company_id, relationship_type) values (%s, %s, 'host')", (event, new))
    project(stack, events)
    return new


def event(stack, name="An evening", starts_at="2026-05-05T18:00:00Z", venue=None, luma_id=None, site="https://luma.com"):
    [[new]] = stack.query("insert into events (name, luma_url, starts_at, venue, luma_id, extracted_data, embedding, processing_status, processed_at) "
                          "values (%s, %s, %s, %s, %s, '{}', array_fill(1::real, array[1536])::vector, 'processed', now()) returning id::text",
                          name, f"{site}/{uuid.uuid4().hex}", starts_at, venue, luma_id)
    stack.query("insert into event_sources (url, event_id) select luma_url, id from events where id = %s returning 1", new)
    project(stack, [new])
    return new


def project(stack, events):
    stack.query("select render_events(%s::uuid[])::text, project_events(%s::uuid[])::text", list(events), list(events))


def ended(stack, job_id):
    job = wait_until(lambda: (found := stack.api("GET", f"/api/jobs/{job_id}").json)["state"] in ("completed", "discarded", "cancelled") and found,
                     60, "the end of the job")
    assert job["state"] == "completed", job
    return job


def run(stack, path="/internal/deduplicate", **body):
    """Asks for it and waits; the job's result."""
    answer = stack.internal("POST", path, body)
    assert answer.status == 202 and answer.json["status"] == "queued", answer
    return ended(stack, answer.json["job_id"])["result"]


def merged_into(stack, table):
    return {str(row[0]): str(row[1]) for row in stack.query(f"select id, merged_into from {table} where merged_into is not null")}


def pairs(stack, status="pending"):
    return {frozenset(map(str, row[:2])): row[2] for row in stack.query("select a, b, score from duplicates where status = %s", status)}


def broken(stack):
    with stack.db() as connection:
        return World(connection, random.Random(0)).broken()


def dump(stack):
    """Every table and the graph, but for the queue and what services tell of themselves."""
    tables = stack.query("select format('%%I.%%I', table_schema, table_name) from information_schema.tables where table_type = 'BASE TABLE' "
                         "and table_schema in ('public', 'event_network') and table_name not in ('jobs', 'service_reports', 'usage', 'speaker_keys', 'company_keys', 'event_keys') order by 1")
    # Rows made by hand get their keys with the first search.
    return {name: stack.query(f"select md5((to_jsonb(t) - 'keys_version')::text) from {name} t order by 1") for [name] in tables}


def handles(**links):
    """As rows hold them, and as `eventd match` reads them."""
    return [(kind, f"https://{kind}.com/{'in/' if kind == 'linkedin' else ''}{value}") for kind, value in links.items()]


def thresholds(given=None):
    return {kind: {"merge": probability(model_bits(kind, "model", "merge")) if given is None else given,
                   "review": probability(model_bits(kind, "model", "review"))} for kind in ("speaker", "company", "event")}


def model_version():
    [row] = [line.split("\t") for line in MODEL.read_text("utf-8").splitlines() if line.startswith("version\t")]
    return int(row[3])


def by_pair(proposals):
    return {frozenset((item["a"]["id"], item["b"]["id"])): item for item in proposals}


def agrees(item, answer, further=()):
    """Does a proposal say what an independent judgement says? further: levels that only the catalogue knows."""
    assert steps(item["evidence"]) == [*steps(answer["waterfall"]), *further]
    bits = answer["match_weight"] + sum(level[2] for level in further)
    assert item["probability"] == pytest.approx(1 / (1 + 2 ** -bits), abs=1e-3)  # the weight is told with two places
    return True


def put_up(stack, kind, one, two):
    a, b = sorted((one, two))
    return str(stack.query("insert into duplicates (kind, a, b, score) values (%s, %s, %s, 0.5) returning id", kind, a, b)[0][0])


def decide(stack, pair):
    answer = stack.internal("POST", f"/internal/duplicates/{pair}/decision", {"decision": "merge"})
    assert answer.status == 200 and answer.json["status"] == "merged", answer
