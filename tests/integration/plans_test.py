"""No statement reads a large table from end to end, on a large catalogue, unless it is said here why it has to."""
import json
import os
import re
import shutil
import subprocess

import large_catalogue
import psycopg
import pytest
from cluster import Cluster
from large_catalogue import id_of
from plans import Planner, scanned, statements, variants
from stack import binary, make_folder

EVERYTHING = "a maintenance command of the operator's that looks at everything"
JOB = "a background job over everything that there is"
WITHOUT = "asked for the whole network: all links are counted, whoever they belong to"
COUNTED = "sorted by what is counted from the links, so all are counted"
# Nothing is written about how far an event has come: an index over it would turn each change of state into new entries in
# all indexes of events, the one of embeddings too.
STATE = "processing_status has no index: it changes several times in the life of an event, and each would enter all indexes anew"

# (statement, tables, only in variants with one of these, only in variants with none of these, why)
ALLOWED = [
    ("accounts/has_keys", {"api_keys"}, (), (), "ends at the first row"),
    ("companies/list_companies", {"companies"}, ("sort_events", "sort_last_seen"), (), COUNTED),
    ("speakers/list_speakers", {"speakers"}, ("sort_events", "sort_last_seen"), (), COUNTED),
    ("topics/list_topics", {"topics"}, ("sort_events",), (), COUNTED),
    ("doctor/merges", {"speakers", "companies", "event_speakers", "event_companies", "event_sources",
                      "speaker_handles"}, (), (), EVERYTHING),
    ("doctor/render_missing", {"events"}, (), (), EVERYTHING),
    ("doctor/unrendered", {"events"}, (), (), EVERYTHING),
    ("events/count_similar", {"events"}, (), (), "counts all that have an embedding; asked for only with count=exact"),
    ("events/filter_ids", {"events"}, ("processing_status", "language"), (), "finds all that a batch is to process, which may be most"),
    ("events/list_events", {"events"}, ("processing_status",), (), STATE),
    ("events/search_events", {"events"}, ("processing_status",), (), STATE),
    ("stats/active_speakers", {"events"}, ("processing_status",), (), STATE),
    ("stats/trending_topics", {"events"}, ("processing_status",), (), STATE),
    ("events/similar_events", {"events"}, (), (), "the comparison with all, run only where the index gave fewer than a page"),
    ("graph/co_speakers", {"event_speakers", "events"}, (), ("speaker",), WITHOUT),
    ("graph/company_network", {"event_companies", "event_speakers", "events"}, (), ("company",), WITHOUT),
    ("graph/topic_map", {"event_topics"}, (), ("topic",), WITHOUT),
    ("graph/compare_projection", {"events", "speakers", "companies", "topics", "event_speakers", "event_companies", "event_topics", "Event", "Speaker",
                                  "Company", "Topic", "APPEARS", "RELATES", "ABOUT"}, (), (), EVERYTHING),
    ("graph/snapshot_nodes", {"events"}, (), (), "loads the whole graph, on a thread of its own"),
    ("quality/report", {"companies", "events"}, (), (), "statistics over everything"),
    ("quality/request_recalculation", {"events"}, (), (), "finds all that a job is to judge, which may be most"),
    ("recommend/rank_events", {"events"}, (), (), "finds all that pass the filters before it chooses what to score (decision 15)"),
    ("stats/count_events", {"events", "topics", "companies", "event_topics", "event_companies"}, (), (), "statistics over everything"),
]


@pytest.fixture(scope="module")
def large():
    """The address of a database with the large catalogue, on a server with the product's settings."""
    folder = make_folder()
    cluster = Cluster(folder)
    try:
        with psycopg.connect(cluster.url, autocommit=True) as connection:
            for name, value in large_catalogue.product_settings().items():
                connection.execute(psycopg.sql.SQL("alter system set {} = {}").format(psycopg.sql.Identifier(name), psycopg.sql.Literal(value)))
        cluster.stop("fast")
        cluster.start()
        environment = {**os.environ, "DATABASE_URL": cluster.url, "STATE_DIR": str(folder / "state"), "INTERNAL_TOKEN": "token-of-the-tests"}
        done = subprocess.run([str(binary()), "migrate"], env=environment, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stderr
        large_catalogue.fill(cluster.url)
        yield cluster.url
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def reason(statement, table, given):
    """The entry that allows it, or None."""
    for entry in ALLOWED:
        name, tables, with_one, with_none, _ = entry
        if name == statement and table in tables and (not with_one or given & set(with_one)) and not given & set(with_none):
            return entry
    return None


def test_every_statement_and_variant(large):
    wrong, used, count = [], set(), 0
    with psycopg.connect(large, autocommit=True) as connection:
        planner = Planner(connection)
        assert {"events", "speakers", "companies", "topics", "jobs", "changes", "event_speakers", "APPEARS"} <= planner.large
        for name, params, fragments in statements():
            for given in variants(params):
                count += 1
                for table, mode in planner.scans(name, params, fragments, given):
                    entry = reason(name, table, given)
                    used |= {id(entry)} if entry else set()
                    wrong += [] if entry else [f"{name} with {sorted(given) or 'nothing'} reads all of {table} ({mode} plan)"]
    assert count > 1000, "the variants are not made any more"
    assert not wrong, "\n".join(wrong[:40])
    unused = [entry[0] for entry in ALLOWED if id(entry) not in used]
    assert not unused, f"allowed, but not needed any more: {unused}"


def test_a_table_without_its_index_is_found(large):
    """The test above can fail."""
    with psycopg.connect(large, autocommit=True) as connection:
        planner = Planner(connection)
        wanted = {name: (params, fragments) for name, params, fragments in statements()}
        with connection.transaction(force_rollback=True):
            connection.execute("drop index event_sources_event_idx; drop index speakers_normalized_name_idx; drop index speakers_listed_idx; "
                               "drop index speakers_name_trigram_idx")
            found = planner.scans("speakers/find_candidates", *wanted["speakers/find_candidates"], frozenset())
        assert ("speakers", "custom") in found


def test_the_people_that_are_not_scored_are_few(large):
    """Above the bound: whoever is recommended has the score of a comparison with everybody, and nearly all of the best are."""
    [(params, fragments)] = [rest for name, *rest in statements() if name == "recommend/rank_speakers"]
    unbounded = [(text.replace("<= 3000", "<= 1000000").replace("limit 10000\n", "limit 1000000\n"), *masks) for text, *masks in fragments]
    assert unbounded != fragments
    common = 0
    with psycopg.connect(large, autocommit=True) as connection:
        planner = Planner(connection)
        for number in (5, 777, 1234, 9999, 15001):
            scores = []
            for pieces in (fragments, unbounded):
                call = planner.prepare("recommend/rank_speakers", params, pieces, frozenset()).replace(id_of("event", 777), id_of("event", number))
                scores.append({row[0]: row[4] for row in connection.execute(call).fetchall()})
            chosen, everybody = scores
            assert len(chosen) == len(everybody) == 21
            both = chosen.keys() & everybody.keys()
            assert {one: chosen[one] for one in both} == {one: everybody[one] for one in both}
            common += len(both)
    assert common >= 0.8 * 5 * 21, common


# What functions do inside, which explain does not show: (call, tables that may be read whole, why)
CALLS = {
    "render": ("select render_events(array[%(event)s]::uuid[])", set(), ""),
    "project": ("select project_events(array[%(event)s]::uuid[])", set(), ""),
    "ask for pages": ("select * from request_scrapes(array['https://luma.com/e777', 'https://luma.com/event/evt-777'], array['a', 'b'], false, '0', "
                      "'x', false)", set(), ""),
    "parts": ("select company_whole(%(company)s), array(select company_parts(%(company)s))", set(), ""),
    "merge speakers": ("select merge_speakers(%(speaker)s, %(other_speaker)s, 'test')", set(), ""),
    "merge companies": ("select merge_companies(%(company)s, %(other_company)s, 'test')", set(), ""),
    "merge events": ("select merge_event_into(%(event)s, %(other_event)s)", set(), ""),
    "scrape": ("select * from request_scrapes('{https://luma.com/e777,https://luma.com/new}', '{a,b}', false, '0', 'r', true)", set(), ""),
    "process": ("select * from request_process(%(event)s, null, null, 'r')", set(), ""),
    "process many": ("select * from request_processes(array[%(event)s, %(other_event)s]::uuid[], 'r')", set(), ""),
    "operations": ("""select * from run_event_operations(('[{"position":0,"op":"delete","id":"' || %(event)s || '"},
                      {"position":1,"op":"update","id":"' || %(other_event)s || '","data":{"name":"New"}}]')::jsonb, true, false, 'r')""", set(), ""),
    "retry": ("select retry_jobs(array(select id from jobs where state = 'discarded' order by completed_at desc, id desc limit 20))", set(), ""),
    "cancel": ("select cancel_job((select id from jobs where state = 'available' order by kind, priority, scheduled_at, id limit 1))", set(), ""),
    "scores": ("select score_events(array[%(event)s]::uuid[])", set(), ""),
    "names": ("select topic_ids(array[%(topic_name)s]), speaker_ids(%(speaker_name)s), company_ids(%(company_name)s)", set(), ""),
    "worked": ("select speaker_companies(%(speaker)s)", set(), ""),
    "prune": ("select * from prune('1000 hours', '1000 hours', '1000 hours', 1000)", {"quota_windows"},
              "starts_at changes with every window: an index over it would cost each request more than this costs once an hour"),
}


def hidden_plans(connection, call, values):
    """The plans of all statements that a call runs, also those inside functions, as auto_explain reports them."""
    notices = []
    connection.add_notice_handler(lambda notice: notices.append(notice.message_primary))
    with connection.transaction(force_rollback=True):
        connection.execute(call, values)
    found = [json.loads(text[text.index("{"):]) for text in notices if text.startswith("duration:")]
    return [(one["Query Text"], one["Plan"]) for one in found]


@pytest.mark.parametrize("name", CALLS)
def test_inside_functions(large, name):
    call, allowed, _ = CALLS[name]
    with psycopg.connect(large, autocommit=True) as connection:
        planner = Planner(connection)
        values = {"event": id_of("event", 777), "other_event": id_of("event", 778), "speaker": id_of("speaker", 777),
                  "other_speaker": id_of("speaker", 778), "company": id_of("company", 777), "other_company": id_of("company", 778),
                  "topic_name": planner.names["topic 77"], "speaker_name": planner.names["person 777"],
                  "company_name": planner.names["company 777"]}
        connection.execute("load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on; "
                           "set auto_explain.log_format = json; set auto_explain.log_level = notice; set client_min_messages = notice")
        plans = hidden_plans(connection, call, values)
    assert len(plans) > 1, "auto_explain reported nothing from inside"
    found = {(table, re.sub(r"\s+", " ", text)[:200]) for text, plan in plans for table in scanned(plan, planner.large)}
    assert {table for table, _ in found} <= allowed, found
    assert allowed <= {table for table, _ in found}, "allowed, but not needed any more"
