"""The plans of every statement of sql/queries, in all its variants, as the product prepares them."""
import datetime
import itertools
import re
import sys

import psycopg

from large_catalogue import id_of
from stack import ROOT

sys.path.insert(0, str(ROOT / "src/lib/db"))
import embed_sql  # noqa: E402

QUERIES = ROOT / "sql/queries"
LARGE_ROWS = 2000
DAY = (datetime.date.today() - datetime.timedelta(days=20)).isoformat()
CHOICES = ("sort_", "group_by_")  # flags of which at most one is given
VECTOR = "[" + ",".join(str(round(((n * 37) % 101) / 101 - 0.5, 3)) for n in range(1536)) + "]"

EVENT, SPEAKER, COMPANY, KEY, USER = (
    id_of(kind, 777) for kind in ("event", "speaker", "company", "key", "user"))
TOPIC = id_of("topic", 77)
LATEST = id_of("event", 19_999)
# What is asked with, by the parameter's name; what stands under "area/name" or "area/statement/name" goes before.
VALUES = {
    "id": EVENT, "speakers/id": SPEAKER, "companies/id": COMPANY, "batches/id": id_of("batch", 7), "graph/company_events/id": COMPANY,
    "graph/speaker_network/id": SPEAKER, "accounts/id": KEY, "jobs/id": EVENT, "duplicates/id": EVENT, "merges/id": EVENT,
    "event_id": EVENT, "ids": "{" + f"{EVENT},{LATEST}" + "}", "event_ids": "{" + EVENT + "}", "user_id": USER, "keys": "{" + KEY + "}",
    "duplicates/get_speaker_profiles/ids": "{" + SPEAKER + "}", "duplicates/get_company_profiles/ids": "{" + COMPANY + "}",
    "like": "{" + f"{EVENT},{LATEST}" + "}", "entity": SPEAKER, "survivor": id_of("speaker", 778), "loser": SPEAKER, "other": id_of("speaker", 778),
    "b": id_of("speaker", 5777), "after": EVENT, "behind": EVENT, "behind_a": EVENT, "behind_b": EVENT, "job": EVENT, "job_id": EVENT,
    "jobs": "{" + EVENT + "}", "instance": EVENT, "speaker": "person 777", "graph/speaker": SPEAKER, "company": "company 777",
    "graph/company": COMPANY, "topics": "{topic 77}", "topics_all": "{topic 7,topic 77}", "topic": "topic 77", "role": "{host}",
    "accounts/role": "reader", "relationship": "{host}", "graph/relationship": "host", "location": "Berlin", "near": "{52.52,13.4}",
    "radius_km": "50", "bbox": "{13,52,14,53}", "language": "de", "min_quality": "80", "status": "{scheduled}", "events/set_event_status/status":
    "processed", "events/event_outcome/status": "processed", "duplicates/status": "pending", "accounts/status": "200",
    "processing_status": "{processed}", "category": "{technology}", "limit": "21", "q": "climate design", "speakers/q": "person 777",
    "companies/q": "company 777", "topics/q": "topic 77", "q_embedding": VECTOR, "interests_embedding": VECTOR, "embedding": VECTOR,
    "user_interests": "{topic 77}", "recommend/speakers": "{person 777}", "render_linked/speakers": "{" + SPEAKER + "}",
    "events/render_linked/speakers": "{" + SPEAKER + "}", "events/render_linked/companies": "{" + COMPANY + "}", "model": "hash",
    "q_model": "hash", "kind": "process", "suggest/kind": "{speaker,event}", "suggest/q": "person 777", "duplicates/kind": "speaker", "merges/kind": "speaker", "kinds": "{scrape,process}",
    "state": "discarded", "error_code": "not_found", "types": "{event}", "xid": "100", "seq": "100", "window": "30d", "baseline": "90d",
    "names": "{person 777}", "url": "https://luma.com/e777", "urls": "{https://luma.com/e777}", "luma_id": "evt-777", "prefix": "p777",
    "key": "k777", "principal": "key:77", "request": "POST /api/scrape/luma", "subject": "key:777", "policy": "requests", "host": "host777",
    "worker": "worker", "probability_gte": "0.5", "undone": "false", "min_weight": "2", "min_count": "2", "min_score": "1", "max_rows": "10",
    "max_companies": "50", "max_edges": "100", "max_entities": "50", "legal_forms": " (inc|ltd)$", "columns": "1", "params": "{}",
    "query": "MATCH (n) RETURN n", "links": "[]", "speakers": "[]", "companies": "[]", "operations": "[]", "pairs": "[]", "evidence": "[]",
    "decision": "distinct", "slice": "500", "most": "1000", "depth": "2", "threshold": "0.5", "events/location": "Berlin",
    "speakers/find_candidates/asked": '[{"position":0,"normalized_name":"person 777","keys":[[777,8],[778,1]]}]',
    "companies/find_candidates/asked": '[{"position":0,"normalized_name":"company 777","keys":[[777,8],[778,1]]}]',
    "speakers/add_keys/keys": '[{"id":"' + SPEAKER + '","keys":[[777,8]]}]', "companies/add_keys/keys": '[{"id":"' + COMPANY + '","keys":[[777,8]]}]',
    "duplicates/lock_keys/kind": "1", "duplicates/lock_keys/keys": "{777,778}", "touched": "{" + SPEAKER + "}", "changed": "{" + SPEAKER + "}", "statuses": "{distinct}",
    "duplicates/find_company_groups/changed": "{" + COMPANY + "}", "companies/adopt_companies/touched": "{" + COMPANY + "}",
    "duplicates/find_speaker_groups/behind": "77", "duplicates/find_company_groups/behind": "77", "keys_version": "1",
    "speakers/mark_keyed/ids": "{" + SPEAKER + "}", "companies/mark_keyed/ids": "{" + COMPANY + "}",
    "events/find_candidates/keys": "[[777,8],[778,1]]", "events/replace_keys/keys": "[[777,8],[778,1]]",
    "events/add_keys/keys": '[{"id":"' + EVENT + '","keys":[[777,8]]}]', "duplicates/find_event_groups/behind": "77",
    "duplicates/find_event_groups/changed": "{" + EVENT + "}",
    "topics/resolve_topics/topics": '[{"position":1,"name":"Topic 77","normalized_name":"topic 77","category":"format","is_ours":false}]',
    "events/store_event/record": "{}", "fields": "{}", "topics/link_topics/links": '[{"id":"' + TOPIC + '","relevance":1}]',
    "cursor_2": EVENT, "cursor_3": EVENT, "cursor_4": "13.4",
}
BY_TYPE = {"text": "word", "int": "10", "integer": "10", "bigint": "10", "real": "0.5", "float8": "0.5", "numeric": "0.5", "boolean": "true",
           "bool": "true", "uuid": EVENT, "date": DAY, "timestamptz": f"{DAY}T12:00:00Z", "json": "{}", "jsonb": "{}", "text[]": "{word}",
           "uuid[]": "{" + EVENT + "}", "bigint[]": "{1}", "xid8": "100", "vector": VECTOR, "float8[]": "{1,2}"}


def statements():
    """(name, parameters, fragments) of each file, as embed_sql makes them."""
    for path in sorted(QUERIES.rglob("*.sql")):
        if not path.name.startswith("_"):
            name = path.relative_to(QUERIES).with_suffix("").as_posix()
            yield name, *embed_sql.parse(name, embed_sql.expand(QUERIES, name, path.read_text()))


def look_up(connection):
    """What the invented names above stand for."""
    def one(sql, row):
        return connection.execute(sql, (row,)).fetchone()[0]
    return {"person 777": one("select normalized_name from speakers where id = %s", SPEAKER),
            "company 777": one("select normalized_name from companies where id = %s", COMPANY),
            "topic 77": one("select normalized_name from topics where id = %s", TOPIC),
            "climate design": one("select name from events where id = %s", EVENT)}


def value_of(statement, name, kind, given):
    if name.startswith("cursor_"):
        return cursor_value(name, kind, given)
    area = statement.partition("/")[0]
    for key in (f"{statement}/{name}", f"{area}/{name}", name):
        if key in VALUES:
            return VALUES[key]
    return BY_TYPE[kind]


def cursor_value(name, kind, given):
    """In the form that the order in use has its keys."""
    if kind == "text" and name == "cursor_1":
        if "sort_name" in given:
            return "person 2"
        if given & {"sort_events", "sort_quality", "sort_quality_desc", "sort_distance"}:
            return "70"
        return DAY if any(name.startswith("sort_") for name in given) else "1.5"
    if kind == "text":
        return "13.4"
    if (name, kind) == ("cursor_3", "timestamptz"):
        return "2200-01-01T00:00:00Z"  # nothing has changed since the first page
    return {"bigint": "70"}.get(kind, BY_TYPE[kind])


def variants(params):
    """Sets of optional parameters that are given: under each order (or grouping) none, each alone, all, with and without a cursor."""
    optional = [name for name, _, is_optional in params if is_optional]
    choices = [{name} for name in optional if name.startswith(CHOICES)]
    # A list has an order always; search has one of its own, and counts need no grouping.
    if not choices or "q_embedding" in [name for name, *_ in params] or choices[0] <= {"group_by_day"}:
        choices.append(set())
    cursor = {name for name in optional if name.startswith("cursor_")}
    single = [name for name in optional if not name.startswith((*CHOICES, "cursor_"))]
    every = {name for name in single if not name.startswith("when_") or name == "when_upcoming"}
    extras = [set(), *({name} for name in single), every]
    if cursor:
        extras += [cursor, cursor | every]
    seen = set()
    for choice, extra in itertools.product(choices, extras):
        given = frozenset(choice | extra | ({"near"} if "sort_distance" in choice and "near" in optional else set()))
        if given not in seen:
            seen.add(given)
            yield given


def text_of(params, fragments, given):
    """The variant's SQL with $n, and the names of its parameters in their order (db_variant_text)."""
    mask = sum(1 << i for i, (name, *_) in enumerate(params) if name in given)
    kinds, order = {name: kind for name, kind, _ in params}, []

    def place(name):
        if name not in order:
            order.append(name)
        return f"(${order.index(name) + 1}::{kinds[name]})"
    text = ""
    for body, any_of, none_of, and_of in fragments:
        if (any_of == 0 or any_of & mask) and not none_of & mask and (and_of == 0 or and_of & mask):
            text += "".join(place(token) if kind == "param" else token for kind, token in embed_sql.tokens("", body))
    return text, order


def large_tables(connection):
    """Names of the tables of the product and of its graph that are too large to be read from end to end."""
    return {name for name, in connection.execute(
        "select relname from pg_class where relkind = 'r' and reltuples > %s and relnamespace in "
        "('public'::regnamespace, 'event_network'::regnamespace)", (LARGE_ROWS,))}


def walk(plan):
    yield plan
    for child in plan.get("Plans", ()):
        yield from walk(child)


def scanned(plan, large):
    """The large tables that a plan reads from end to end."""
    return {node["Relation Name"] for node in walk(plan) if node["Node Type"] == "Seq Scan" and node["Relation Name"] in large}


class Planner:
    def __init__(self, connection):
        self.connection, self.large = connection, large_tables(connection)
        connection.prepare_threshold = None  # no statements but ours
        self.count, self.names = 0, look_up(connection)

    def scans(self, statement, params, fragments, given):
        """The large tables that the product's plan of one variant reads from end to end, and how it was planned: with the
        values, or without them where that is what the server comes to use after five times."""
        try:
            call = self.prepare(statement, params, fragments, given)
            custom = self.plan("force_custom_plan", call)
            generic = self.plan("force_generic_plan", call)
        except psycopg.Error as error:
            raise AssertionError(f"{statement} with {sorted(given)}: {error}") from None
        found = {(table, "custom") for table in scanned(custom, self.large)}
        # The server's own rule (choose_custom_plan): what planning costs is added to the plans made with the values.
        relations = len(re.findall(r"\b(?:from|join)\b", text_of(params, fragments, given)[0]))
        if generic["Total Cost"] < custom["Total Cost"] + 1000 * 0.0025 * (relations + 1):
            found |= {(table, "generic") for table in scanned(generic, self.large)}
        self.count += 1
        return found

    def prepare(self, statement, params, fragments, given):
        """Prepares one variant; the text that executes it."""
        text, order = text_of(params, fragments, given)
        kinds = {name: kind for name, kind, _ in params}
        values = ", ".join(self.literal(value_of(statement, name, kinds[name], given)) for name in order)
        self.connection.execute("deallocate all")
        self.connection.execute(b"prepare asked as " + text.encode())
        return "execute asked" + (f"({values})" if values else "")

    def literal(self, value):
        for name, meant in self.names.items():
            value = value.replace(name, meant)
        return psycopg.sql.Literal(value).as_string(self.connection)

    def plan(self, mode, call):
        self.connection.execute(f"set plan_cache_mode = {mode}")
        return self.connection.execute(f"explain (format json) {call}").fetchone()[0][0]["Plan"]
