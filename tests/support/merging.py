"""Small random worlds of people, companies and events, for tests of merges; and everything of them in one value."""
import json
import pathlib
import re
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROLES = {"speaker": ("speaker", "host", "judge"), "company": ("host", "sponsor")}
LINKS = {"speaker": ("event_speakers", "speaker_id", "role"), "company": ("event_companies", "company_id", "relationship_type")}
MERGE = {"speaker": "merge_speakers", "company": "merge_companies"}


def statement(name):
    """A statement of the program, for psycopg: :name becomes %(name)s."""
    text = (ROOT / "sql/queries" / f"{name}.sql").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.strip().startswith("--")]
    return re.sub(r"(?<![:\w]):([a-z_]+)", r"%(\1)s", "\n".join(lines).replace("%", "%%"))


class World:
    """connection is in a transaction that the caller ends; random decides."""

    def __init__(self, connection, random):
        self.connection, self.random = connection, random
        self.speakers, self.companies, self.events, self.names = [], [], [], {}

    def run(self, sql, *values):
        cursor = self.connection.execute(sql, values or None)
        return cursor.fetchall() if cursor.description else None

    def uuid(self):
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def maybe(self, value):
        return value if self.random.random() < 0.6 else None

    def fill(self, speakers=5, companies=4, events=5):
        random = self.random
        for number in range(speakers):
            new, name = self.uuid(), f"Person {random.choice('ABC')}{number if random.random() < 0.8 else ''}"
            self.run("insert into speakers (id, name, normalized_name, company, title, bio, confidence_score) values (%s,%s,%s,%s,%s,%s,%s)",
                     new, name, name.lower(), self.maybe("Acme"), self.maybe("CTO"), self.maybe("bio " + name), random.choice((0.3, 0.5, 0.9)))
            for alias in {name, name.upper(), random.choice(("P.", "Q."))}:
                self.run("insert into speaker_aliases values (%s, %s, '2026-01-01'::timestamptz + %s * interval '1 hour')", new, alias, number)
            for handle in set(random.choices(("linkedin one", "linkedin two", "x one", "website one"), k=2)):
                self.run("insert into speaker_handles values (%s, %s, %s)", new, *handle.split())
            self.speakers.append(new)
            self.names[new] = name
        for number in range(companies):
            new, name = self.uuid(), f"Firm {number}"
            self.run("insert into companies (id, name, normalized_name, domain, industry) values (%s,%s,%s,%s,%s)",
                     new, name, name.lower(), self.maybe(f"firm{number}.example"), self.maybe("making"))
            self.run("insert into company_aliases (company_id, name) values (%s, %s), (%s, 'The Firm')", new, name, new)
            self.companies.append(new)
            self.names[new] = name
        for number in range(events):
            new, url = self.uuid(), f"https://luma.com/{self.uuid()}"
            self.run("insert into events (id, name, luma_url, luma_id, raw_html, extracted_data, embedding, embedding_model, processing_status, "
                     "processed_at) values (%s, %s, %s, %s, '<p>', '{\"a\": 1.5}', array_fill(%s::real, array[1536])::vector, 'm', 'processed', now())",
                     new, f"Event {number}", url, f"evt-{new}", random.random())
            self.run("insert into event_sources (url, event_id) values (%s, %s)", url, new)
            self.events.append(new)
            for kind, ids in (("speaker", self.speakers), ("company", self.companies)):
                self.link(new, kind, {(random.choice(ids), random.choice(ROLES[kind])) for _ in range(random.randrange(5))})
        for kind, ids in (("speaker", self.speakers), ("company", self.companies), ("event", self.events)):
            for _ in range(random.randrange(5)):
                a, b = sorted(random.sample(ids, 2))
                self.run("insert into duplicates (id, kind, a, b, score, status) values (%s, %s, %s, %s, %s, %s) on conflict do nothing",
                         self.uuid(), kind, a, b, random.choice((0.5, 0.7)), random.choice(("pending", "pending", "distinct", "deferred")))
        self.project(self.events)
        return self

    def link(self, event, kind, pairs):
        table, column, role_column = LINKS[kind]
        for entity, role in sorted(pairs):
            self.run(f"insert into {table} (event_id, {column}, {role_column}, extraction_confidence, evidence, method) "
                     "values (%s, %s, %s, %s, %s, 'rule')", event, entity, role, self.random.choice((0.1, 0.55, 0.7, 0.95)), f"{entity[:4]} {role}")

    def project(self, events):
        self.run("select render_events(%s::uuid[]), project_events(%s::uuid[])", events, events)

    def read(self, event, people, firms):
        """What processing does with a page that names these, [(name, role)], all of them known, by its own statements."""
        self.run("select share_entities()")
        for names, table, role_column in ((people, "speakers", "role"), (firms, "companies", "relationship_type")):
            items = [{"position": i, "name": name, "normalized_name": name.lower(), "confidence": 0.8, role_column: role, "evidence": name,
                      "method": "rule", "id": self.known(table, name)} for i, (name, role) in enumerate(names)]
            self.connection.execute(statement(f"{table}/enrich_{table}"), {table: json.dumps(items)})
            self.connection.execute(statement(f"{table}/link_{table}"), {"event_id": event, "links": json.dumps(items)})
        self.run("update events set processed_at = '2030-01-01' where id = %s", event)
        self.project([event])

    def known(self, table, name):
        """Who has the name, or whom they were merged into."""
        [row] = self.run(f"select coalesce(merged_into, id) from {table} where normalized_name = %s "
                         "order by merged_into is not null, created_at, id limit 1", name.lower())
        return str(row[0])

    def new_event(self):
        new = self.uuid()
        self.run("insert into events (id, name, luma_url, processing_status, processed_at) values (%s, 'New', %s, 'processed', now())",
                 new, f"https://luma.com/{new}")
        return new

    # --- merging

    def live(self, kind):
        table = {"speaker": "speakers", "company": "companies", "event": "events"}[kind]
        return [str(row[0]) for row in self.run(f"select id from {table} where merged_into is null order by id")]

    def merge(self, kind, loser, survivor):
        """The merge's id."""
        if kind == "event":
            self.run("select merge_event_into(%s, %s, 'test', '{}')", loser, survivor)
            return str(self.run("select id from merges order by seq desc limit 1")[0][0])
        return str(self.run(f"select {MERGE[kind]}(%s, %s, 'test')", loser, survivor)[0][0])

    def undo(self, merge):
        """The conflicts' codes; empty when it was undone."""
        return [conflict["code"] for conflict in self.run("select conflicts from undo_merge(%s, 'test')", merge)[0][0]]

    # --- looking

    def dump(self, pairs=True, without=()):
        """Everything that merges touch, but the moment of the last change."""
        tables = {"speakers": "- 'updated_at'", "companies": "- 'updated_at'", "speaker_aliases": "", "company_aliases": "",
                  "speaker_handles": "", "event_speakers": "", "event_companies": "", "event_topics": "", "event_sources": "",
                  "events": "- 'updated_at' #- '{document,updated_at}'", **({"duplicates": ""} if pairs else {})}
        found = {table: sorted(row[0] for row in self.run(f"select (to_jsonb(t) {less})::text from {table} t"))
                 for table, less in tables.items() if table not in without}
        if pairs:
            undone = {tuple(sorted(map(str, row))) for row in self.run("select loser, survivor from merges")}
            found["duplicates"] = [row for row in found["duplicates"] if (json.loads(row)["a"], json.loads(row)["b"]) not in undone]
        for label in ("Event", "Speaker", "Company", "Topic"):
            found[label] = sorted(row[0] for row in self.run(f'select properties from event_network."{label}"'))
        for label, ends in (("APPEARS", ("Speaker", "Event")), ("RELATES", ("Company", "Event")), ("ABOUT", ("Event", "Topic"))):
            found[label] = sorted(self.run(
                f'select a.properties, b.properties, x.properties from event_network."{label}" x '
                f'join event_network."{ends[0]}" a on a.id operator(ag_catalog.=) x.start_id '
                f'join event_network."{ends[1]}" b on b.id operator(ag_catalog.=) x.end_id'))
        return found

    def broken(self):
        """Which of the doctor's rules are broken."""
        found = []
        for name in ("doctor/merges", "graph/compare_projection"):
            cursor = self.connection.execute(statement(name), {})
            names = [column.name for column in cursor.description]
            found += [name for name, value in zip(names, cursor.fetchone()) if value]
        return found


def differences(one, other):
    """Where two dumps differ, for messages."""
    return {table: ([row for row in one[table] if row not in other[table]][:3], [row for row in other[table] if row not in one[table]][:3])
            for table in one if one[table] != other[table]}
