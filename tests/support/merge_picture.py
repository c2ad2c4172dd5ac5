"""The whole database in a few digests, and where two of them differ: for tests that say what a merge leaves behind.

Compared is every column of every table of public, and the graph; `LESS` lists what is left out, and why.
"""
import json

# What a merge and its undoing may leave different: {table: {column: what is compared instead, None for nothing}}.
# A pair that came into being by the undoing is a new row, with the merge's reasons; 5eed: rows that the test made itself.
NOT_BY_TEST = "t.decided_by is distinct from 'test'"
LESS = {
    # The moment of the last change goes forward, in the row as in its document. What is searched is made of the other columns.
    "events": {"updated_at": None, "search": None,
               "document": "regexp_replace(t.document::text, '\"updated_at\":\"[^\"]*\"', '')"},
    "speakers": {"updated_at": None},
    "companies": {"updated_at": None},
    "duplicates": {"created_at": None, "id": f"case when t.id::text like '5eed%' and {NOT_BY_TEST} then t.id end",
                   "score": f"case when {NOT_BY_TEST} then t.score end",
                   "evidence": f"case when {NOT_BY_TEST} then t.evidence::text end"},
}
# Records of what happened: rows are added and never taken back.
HISTORY = {"merges", "changes"}
# What the services tell of themselves meanwhile.
OTHERS = {"service_reports", "usage", "quota_windows"}
# Work that was asked for stays asked for: an event that nobody has read yet is to be read once it survives.
OWN_ROWS = {"jobs": "t.id::text like '5eed%'"}
# Vertices without an edge: of those who were on an event once, when it was read last time.
LONELY = " without events"
EDGES = {"APPEARS": ("Speaker", "Event"), "RELATES": ("Company", "Event"), "ABOUT": ("Event", "Topic")}
COLUMNS = """
    select table_name, column_name from information_schema.columns
    join information_schema.tables using (table_schema, table_name)
    where table_schema = 'public' and table_type = 'BASE TABLE' order by 1, ordinal_position"""
KEY = ("event_id", "speaker_id", "company_id", "topic_id", "batch_id", "position", "role", "relationship_type", "key", "url")


class Picture:
    """connection may be in a transaction; less: as LESS."""

    def __init__(self, connection, less=None):
        self.connection = connection
        self.queries = {**self.tables(LESS if less is None else less), **self.graph()}

    def tables(self, less):
        """{table: (a query of its rows in short, one of its rows as JSON)}; columns in their order."""
        columns, queries = {}, {}
        for table, column in self.connection.execute(COLUMNS).fetchall():
            if table not in OTHERS and (expression := less.get(table, {}).get(column, f't."{column}"')):
                columns.setdefault(table, {})[column] = expression
        for table, told in columns.items():
            tail = f"from {table} t where {OWN_ROWS.get(table, 'true')}"
            named = ", ".join(f'{value} as "{name}"' for name, value in told.items())
            queries[table] = (f"select row({', '.join(told.values())})::text as r {tail}",
                              f"select to_jsonb(q)::text as r from (select {named} {tail}) q")
        return queries

    @staticmethod
    def graph():
        queries = {label: (f'select concat(properties) as r from event_network."{label}"',) * 2 for label in ("Event", "Topic")}
        for label, edge in (("Speaker", "APPEARS"), ("Company", "RELATES")):
            linked = f'exists (select from event_network."{edge}" x where x.start_id operator(ag_catalog.=) v.id)'
            vertices = f'select concat(properties) as r from event_network."{label}" v where'
            queries[label] = (f"{vertices} {linked}",) * 2
            queries[label + LONELY] = (f"{vertices} not {linked}",) * 2
        for label, (start, end) in EDGES.items():
            queries[label] = (
                f'select concat(a.properties, b.properties, x.properties) as r from event_network."{label}" x '
                f'left join event_network."{start}" a on a.id operator(ag_catalog.=) x.start_id '
                f'left join event_network."{end}" b on b.id operator(ag_catalog.=) x.end_id',) * 2
        return queries

    def names(self, history, lonely):
        return [name for name in self.queries if (history or name not in HISTORY) and (lonely or not name.endswith(LONELY))]

    def digests(self, history=False, lonely=True):
        """{table: a digest of all its rows}"""
        sql = " union all ".join(f"select '{name}', md5(string_agg(r, '' order by r collate \"C\")) from ({self.queries[name][0]}) q"
                                 for name in self.names(history, lonely))
        return dict(self.connection.execute(sql, prepare=True).fetchall())

    def rows(self, history=False, lonely=True):
        """{table: all its rows}, to tell where two differ."""
        return {name: sorted(row[0] for row in self.connection.execute(self.queries[name][1]).fetchall())
                for name in self.names(history, lonely)}


def brief(expected, found):
    """Where two results of rows() differ: fields of rows that are on both sides, rows that are on one."""
    told = []
    for table in expected:
        one_side = {key_of(row): row for row in expected[table] if row not in set(found[table])}
        other_side = {key_of(row): row for row in found[table] if row not in set(expected[table])}
        for key in sorted({*one_side, *other_side}):
            told.append((table, *difference(key, one_side.get(key), other_side.get(key))))
    return "\n".join(str(item)[:1500] for item in told[:12])


def difference(key, one, other):
    if not (one and other and one.startswith("{")):
        return "missing" if one else "too many", one or other
    one, other = json.loads(one), json.loads(other)
    fields = [field for field in one if one[field] != other.get(field)]
    return key, {field: (one[field], other.get(field)) for field in fields
                 if len(fields) < 2 or field not in ("document", "list_item")}


def key_of(row):
    """The columns that a row keeps."""
    if not row.startswith("{"):
        return row
    values = json.loads(row)
    if values.get("id"):
        return str(values["id"])
    if "a" in values:
        return str((values["kind"], values["a"], values["b"]))
    return str([values.get(name) for name in KEY]) if any(name in values for name in KEY) else row
