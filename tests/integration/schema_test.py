"""The tables, columns, keys and extensions that are given are there as they are given, whatever else there is."""
import pytest

NOW, UUID = "now()", "gen_random_uuid()"
# Column: type, default (None: none). A column of these may be stricter than it was given, never looser.
GIVEN = {
    "events": {"id": ("uuid", UUID), "name": ("text", None), "description": ("text", None), "date": ("date", None), "location": ("text", None),
               "luma_url": ("text", None), "raw_html": ("text", None), "extracted_data": ("jsonb", None), "embedding": ("vector(1536)", None),
               "data_quality_score": ("integer", "0"), "scraped_at": ("timestamp with time zone", NOW),
               "processed_at": ("timestamp with time zone", None), "created_at": ("timestamp with time zone", NOW)},
    "speakers": {"id": ("uuid", UUID), "name": ("text", None), "normalized_name": ("text", None), "company": ("text", None), "bio": ("text", None),
                 "confidence_score": ("real", "0"), "created_at": ("timestamp with time zone", NOW)},
    "event_speakers": {"event_id": ("uuid", None), "speaker_id": ("uuid", None), "role": ("text", None), "extraction_confidence": ("real", "0")},
    "companies": {"id": ("uuid", UUID), "name": ("text", None), "normalized_name": ("text", None), "domain": ("text", None), "industry": ("text", None),
                  "created_at": ("timestamp with time zone", NOW)},
    "event_companies": {"event_id": ("uuid", None), "company_id": ("uuid", None), "relationship_type": ("text", None)},
    "topics": {"id": ("uuid", UUID), "name": ("text", None), "category": ("text", None), "created_at": ("timestamp with time zone", NOW)},
    "event_topics": {"event_id": ("uuid", None), "topic_id": ("uuid", None), "relevance_score": ("real", "0")},
}
KEYS = {"events": {"id"}, "speakers": {"id"}, "companies": {"id"}, "topics": {"id"}, "event_speakers": {"event_id", "speaker_id", "role"},
        "event_companies": {"event_id", "company_id", "relationship_type"}, "event_topics": {"event_id", "topic_id"}}


@pytest.mark.parametrize("table", GIVEN)
def test_columns_of_the_given_tables(stack, table):
    rows = stack.query("select a.attname, format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid), a.attnotnull from pg_attribute a "
                       "left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum "
                       "where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped", table)
    found = {name: (kind, default) for name, kind, default, _ in rows}
    assert {name: found.get(name) for name in GIVEN[table]} == GIVEN[table]
    assert "name" not in GIVEN[table] or dict((row[0], row[3]) for row in rows)["name"], "a name is needed"


def test_keys_of_the_given_tables(stack):
    rows = stack.query("select c.conrelid::regclass::text, c.contype::text, c.confdeltype::text, c.confrelid::regclass::text, "
                       "array(select attname::text from pg_attribute a where a.attrelid = c.conrelid and a.attnum = any(c.conkey)) "
                       "from pg_constraint c where c.connamespace = 'public'::regnamespace")
    keys = {table: set(columns) for table, kind, _, _, columns in rows if kind == "p"}
    assert {table: keys[table] for table in KEYS} == KEYS
    unique = {(table, tuple(columns)) for table, kind, _, _, columns in rows if kind == "u"}
    assert {("events", ("luma_url",)), ("companies", ("normalized_name",))} <= unique
    cascades = {(table, column, target) for table, kind, action, target, columns in rows if kind == "f" and action == "c" for column in columns}
    assert {("event_speakers", "event_id", "events"), ("event_speakers", "speaker_id", "speakers"), ("event_companies", "event_id", "events"),
            ("event_companies", "company_id", "companies"), ("event_topics", "event_id", "events"), ("event_topics", "topic_id", "topics")} <= cascades


def test_extensions_and_the_graph(stack):
    assert {"age", "vector"} <= {row[0] for row in stack.query("select extname from pg_extension")}
    assert stack.value("select count(*) from ag_catalog.ag_graph where name = 'event_network'") == 1
