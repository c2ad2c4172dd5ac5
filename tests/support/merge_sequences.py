"""Random sequences of merges, undoings and unrelated changes over a small catalogue, and a picture of the whole database.

The oracle: a merge that was undone has never been. So the database after a sequence must equal the one that the same
sequence leaves when merges that were undone are left out of it (of such a merge only the decision stays that the two are
distinct). All of it happens inside one transaction that the caller rolls back.

Compared is every column of every table of public, and the graph; `LESS` lists what is left out, and why.
"""
import json
import uuid

from merging import LINKS, MERGE, statement

# What a merge and its undoing may leave different: {table: {column: what is compared instead, None for nothing}}.
LESS = {
    # The moment of the last change goes forward, in the row as in its document. (What is searched is made of the other columns.)
    "events": {"updated_at": None, "document": "regexp_replace(t.document::text, '\"updated_at\":\"[^\"]*\"', '')", "search": None},
    "speakers": {"updated_at": None},
    "companies": {"updated_at": None},
    # A pair that came into being by the undoing is a new row, with the merge's reasons.
    "duplicates": {"created_at": None, "id": "case when t.id::text like '5eed%' and t.decided_by is distinct from 'test' then t.id end",
                   "score": "case when t.decided_by is distinct from 'test' then t.score end",
                   "evidence": "case when t.decided_by is distinct from 'test' then t.evidence::text end"},
}
# Records of what happened: rows are added and never taken back. That the old ones stay is looked at apart.
HISTORY = {"merges", "changes"}
# What the services tell of themselves meanwhile.
OTHERS = {"service_reports", "usage", "quota_windows"}
# Work that was asked for stays asked for: an event that nobody has read yet is to be read once it survives.
OWN_ROWS = {"jobs": "t.id::text like '5eed%'"}
EDGES = {"APPEARS": ("Speaker", "Event"), "RELATES": ("Company", "Event"), "ABOUT": ("Event", "Topic")}
ROLES = {"speaker": ("speaker", "judge", "host", "panelist", "moderator", "mentor"), "company": ("host", "sponsor", "venue", "partner")}
TABLES = {"speaker": "speakers", "company": "companies", "event": "events"}


class Catalogue:
    """About 20 people, 12 companies and 15 events that meet in every way, made by `random`."""

    def __init__(self, connection, random):
        self.connection, self.random, self.count = connection, random, 0
        self.names, self.namesakes, self.queries = {}, set(), {}
        self.ids = {kind: [] for kind in TABLES}
        self.topics = [self.uuid() for _ in range(4)]

    def run(self, sql, *values, prepare=True):
        cursor = self.connection.execute(sql, values or None, prepare=prepare)
        return cursor.fetchall() if cursor.description else None

    def uuid(self):
        return str(uuid.UUID(hex="5eed" + f"{self.random.getrandbits(112):028x}"))

    def number(self):
        self.count += 1
        return self.count

    def insert(self, table, rows):
        if rows:
            columns = ", ".join(rows[0])
            self.run(f"insert into {table} ({columns}) select {columns} from jsonb_populate_recordset(null::{table}, %s)",
                     json.dumps(rows), prepare=False)

    # --- filling

    def fill(self, speakers=20, companies=12, events=15):
        self.insert("topics", [{"id": one, "name": f"Topic {one[4:9]}", "normalized_name": f"topic {one}", "category": "technology",
                                "created_at": "2026-01-01"} for one in self.topics])
        self.fill_people(speakers)
        self.fill_companies(companies)
        self.fill_events(events)
        self.fill_pairs()
        self.run("select render_events(%s::uuid[]), project_events(%s::uuid[])", self.ids["event"], self.ids["event"])
        return self

    def fill_people(self, count):
        random, people, aliases, handles, keys = self.random, [], [], [], []
        for number in range(count):
            one, name = self.uuid(), f"Person {number}" if number > 2 else "Namesake"
            people.append({"id": one, "name": name, "normalized_name": name.lower(), "company": random.choice((None, "Acme", f"Firm {number}")),
                           "title": random.choice((None, "CTO")), "bio": random.choice((None, f"bio {number}")), "keys_version": random.randrange(2),
                           "confidence_score": random.choice((0.3, 0.5, 0.9)), "created_at": f"2026-01-{number + 1:02}", "updated_at": "2026-02-01"})
            aliases += [{"speaker_id": one, "name": alias, "first_seen_at": f"2026-01-{random.randrange(1, 29):02}"}
                        for alias in sorted({name, name.upper(), random.choice(("P.", "Q.")), random.choice(("P.", f"P. {number}"))})]
            handles += [{"speaker_id": one, "kind": kind, "value": value} for kind, value in
                        sorted({random.choice((("linkedin", "one"), ("linkedin", "two"), ("x", "one"), ("website", f"w{number}"))) for _ in range(2)})]
            keys += [{"key": key, "speaker_id": one} for key in sorted({random.randrange(9) for _ in range(2)})]
            self.ids["speaker"].append(one)
            self.names[one] = name
            if name == "Namesake":
                self.namesakes.add(one)
        for table, rows in (("speakers", people), ("speaker_aliases", aliases), ("speaker_handles", handles), ("speaker_keys", keys)):
            self.insert(table, rows)

    def fill_companies(self, count):
        random, firms, aliases = self.random, [], []
        for number in range(count):
            one, name = self.uuid(), f"Firm {number}"
            firms.append({"id": one, "name": name, "normalized_name": name.lower(), "domain": random.choice((None, f"firm{number}.example")),
                          "industry": random.choice((None, "making")), "keys_version": 0, "created_at": f"2026-01-{number + 1:02}", "updated_at": "2026-02-01"})
            aliases += [{"company_id": one, "name": alias, "first_seen_at": f"2026-01-{random.randrange(1, 29):02}"}
                        for alias in sorted({name, "The Firm", random.choice(("F.", "G."))})]
            self.ids["company"].append(one)
            self.names[one] = name
        self.insert("companies", firms)
        self.insert("company_aliases", aliases)

    def fill_events(self, count):
        random = self.random
        for number in range(count):
            self.add_event(f"Event {number}", random.choice(("processed",) * 7 + ("failed", "queued", "processing")))
        links = {"speaker": [], "company": []}
        for event in self.ids["event"]:
            for kind, found in links.items():
                table, column, role = LINKS[kind]
                pairs = {(random.choice(self.ids[kind]), random.choice(ROLES[kind][:3])) for _ in range(random.randrange(7))}
                found += [{"event_id": event, column: one, role: part, "extraction_confidence": random.choice((0.1, 0.55, 0.7, 0.95)),
                           "evidence": f"{one[4:8]} {part}", "method": random.choice((None, "rule"))} for one, part in sorted(pairs)]
            self.insert("event_topics", [{"event_id": event, "topic_id": topic, "relevance_score": random.choice((0.25, 0.5))}
                                         for topic in random.sample(self.topics, random.randrange(4))])
        for kind, found in links.items():
            self.insert(LINKS[kind][0], found)

    def add_event(self, name, status):
        """An event with its address, page and vector; one that is not read has a job that waits, and sometimes a batch."""
        random, one, was_read = self.random, self.uuid(), status in ("processed", "processing")
        url = f"https://luma.com/{one}"
        self.insert("events", [{
            "id": one, "name": name, "luma_url": url, "luma_id": f"evt-{one}", "processing_status": status, "date": "2026-05-05",
            "processing_error": "page_gone" if status == "failed" else None, "processing_error_detail": "410" if status == "failed" else None,
            "raw_html": f"<p>{one}" if was_read else None, "content_hash": one if was_read else None, "embedding_model": "m" if was_read else None,
            "extracted_data": {"n": 1.50, "speakers": [{"name": f"Person {random.randrange(20)}", "company": "Acme"}]} if was_read else None,
            "processed_at": f"2026-02-{len(self.ids['event']) % 27 + 1:02}" if was_read else None, "scraped_at": "2026-02-01",
            "created_at": "2026-01-01", "updated_at": "2026-02-01", "is_online": False, "status": "scheduled", "place_keys": [], "overrides": {},
            "data_quality_score": random.randrange(100)}])
        if was_read:
            self.run("update events set embedding = ('[' || %s || repeat(',0', 1534) || ',1]')::vector where id = %s", random.random(), one)
        self.insert("event_sources", [{"url": address, "event_id": one, "first_seen_at": "2026-01-01", "last_seen_at": "2026-02-01"}
                                      for address in (url, url + "-b")[:random.randrange(1, 3)]])
        if status in ("queued", "processing"):
            self.insert("jobs", [{"id": self.uuid(), "kind": "scrape" if status == "queued" else "process", "event_id": one, "state": "available",
                                  "priority": 5, "force": False, "max_age": "0", "attempt": 0, "max_attempts": 20, "scheduled_at": "2026-03-01",
                                  "created_at": "2026-03-01", "args": {}, "progress_done": 0, "cancel_requested": False}])
            batch = self.uuid()
            self.insert("batches", [{"id": batch, "kind": "scrape", "created_at": "2026-03-01"}])
            self.insert("batch_items", [{"batch_id": batch, "position": 0, "event_id": one, "state": "pending"}])
        self.ids["event"].append(one)
        return one

    def fill_pairs(self):
        for kind, ids in self.ids.items():
            pairs = {tuple(sorted(self.random.sample(ids, 2))) for _ in range(len(ids))}
            self.insert("duplicates", [{"id": self.uuid(), "kind": kind, "a": a, "b": b, "score": self.random.choice((0.5, 0.75)), "evidence": [{"n": 1}],
                                        "status": (status := self.random.choice(("pending", "pending", "distinct", "deferred"))),
                                        "decided_by": None if status == "pending" else "somebody", "note": None, "created_at": "2026-01-01"}
                                       for a, b in sorted(pairs)])

    # --- looking

    def look(self):
        """{table: (a query of its rows in short, one of its rows as JSON)}; columns in their order."""
        if not self.queries:
            columns = {}
            for table, column in self.run("select table_name, column_name from information_schema.columns join information_schema.tables using "
                                          "(table_schema, table_name) where table_schema = 'public' and table_type = 'BASE TABLE' order by 1, ordinal_position"):
                if table not in OTHERS and (expression := LESS.get(table, {}).get(column, f"t.{column}")):
                    columns.setdefault(table, {})[column] = expression
            for table, told in columns.items():
                tail = f"from {table} t where {OWN_ROWS.get(table, 'true')}"
                self.queries[table] = (f"select row({', '.join(told.values())})::text as r {tail}",
                                       f"select jsonb_build_object({', '.join(f'$${name}$$, {value}' for name, value in told.items())})::text as r {tail}")
            for label in ("Event", "Speaker", "Company", "Topic"):
                self.queries[label] = (f'select concat(properties) as r from event_network."{label}"',) * 2
            for label, (start, end) in EDGES.items():
                self.queries[label] = (
                    f"select concat(a.properties, b.properties, x.properties) as r from event_network.\"{label}\" x "
                    f'left join event_network."{start}" a on a.id operator(ag_catalog.=) x.start_id '
                    f'left join event_network."{end}" b on b.id operator(ag_catalog.=) x.end_id',) * 2
        return self.queries

    def picture(self, history=False):
        """{table: a digest of all its rows}"""
        sql = " union all ".join(f"select '{name}', md5(string_agg(r, '' order by r collate \"C\")) from ({query}) q"
                                 for name, (query, _) in self.look().items() if history or name not in HISTORY)
        return dict(self.connection.execute(sql, prepare=True).fetchall())

    def rows(self):
        """{table: all its rows}, to tell where two pictures differ."""
        return {name: sorted(row[0] for row in self.connection.execute(query).fetchall()) for name, (_, query) in self.look().items()
                if name not in HISTORY}

    def live(self, kind):
        return [str(row[0]) for row in self.run(f"select id from {TABLES[kind]} where merged_into is null order by id")]


def brief(expected, found):
    """Where two results of rows() differ: fields of rows that are on both sides, rows that are on one."""
    told = []
    for table in expected:
        sides = []
        for one, other in ((expected, found), (found, expected)):
            rows = [row for row in one[table] if row not in set(other[table])]
            sides.append({key_of(row): row for row in rows})
        for key in sorted({*sides[0], *sides[1]}):
            one, other = (side.get(key) for side in sides)
            if one and other and one.startswith("{"):
                one, other = json.loads(one), json.loads(other)
                fields = [field for field in one if one[field] != other.get(field)]
                told.append((table, key, {field: (one[field], other.get(field)) for field in fields if len(fields) < 2 or field not in ("document", "list_item")}))
            else:
                told.append((table, "missing" if one else "too many", one or other))
    return "\n".join(str(item)[:1500] for item in told[:12])


def key_of(row):
    """The columns that a row keeps."""
    if not row.startswith("{"):
        return row
    values = json.loads(row)
    if "a" in values:
        return str((values["kind"], values["a"], values["b"]))
    if "role" in values or "relationship_type" in values:
        return str([values.get(name) for name in ("event_id", "speaker_id", "company_id", "role", "relationship_type")])
    if "batch_id" in values:
        return str((values["batch_id"], values["position"]))
    return str(values.get("id", row))


class Sequence:
    """One sequence on a catalogue: steps are done and noted, so that they can be done once more without some merges."""

    def __init__(self, catalogue, random):
        self.catalogue, self.random, self.run = catalogue, random, catalogue.run
        catalogue.random = random
        self.steps, self.open = [], []
        self.counts = {"merges": 0, "undone": 0, "conflicts": 0, "changes": 0}

    # --- steps

    def merge(self):
        kind = self.random.choice(("speaker", "speaker", "company", "event"))
        live = self.catalogue.live(kind)
        loser, survivor = self.random.sample(live, 2)
        met = [one for one in live if any(one == step["survivor"] or one == step.get("loser") for step in self.steps if "kind" in step)]
        if met and self.random.random() < 0.5:  # chains, several into one, the same again
            loser, survivor = self.random.choice(met), self.random.choice([one for one in live if one not in met] or [survivor])
            if self.random.random() < 0.5:
                loser, survivor = survivor, loser
        if loser == survivor:
            return
        step = {"do": "merge", "kind": kind, "loser": loser, "survivor": survivor}
        self.do_merge(step)
        self.steps.append(step)
        self.open.append(step)
        self.counts["merges"] += 1

    def do_merge(self, step):
        if step["kind"] == "event":
            waiting = self.run("select batch_id::text, event_id::text from batch_items where state = 'pending' and event_id in (%s, %s)", step["loser"], step["survivor"])
            self.run("select merge_event_into(%s, %s, 'test', '{}')", step["loser"], step["survivor"])
            [[step["id"], gone]] = self.run("select id::text, loser::text from merges order by seq desc limit 1")
            if gone != step["loser"]:  # the one that was read stays
                step["loser"], step["survivor"] = step["survivor"], step["loser"]
            step["told"] = [row[0] for row in waiting if row[1] == gone and self.run("select state <> 'pending' from batch_items where batch_id = %s", row[0])[0][0]]
        else:
            step["id"] = str(self.run(f"select {MERGE[step['kind']]}(%s, %s, 'test')", step["loser"], step["survivor"])[0][0])
        assert step["id"] != "None", step

    def adopt(self):
        """What processing does with another spelling of somebody known."""
        kind, number = self.random.choice(("speaker", "company")), self.catalogue.number()
        name = f"Spelling {number}"
        row = {"id": self.catalogue.uuid(), "name": name, "normalized_name": name.lower(), "keys_version": 1,
               **({"confidence_score": 0.4, "title": self.random.choice((None, "VP")), "company": None, "bio": None} if kind == "speaker"
                  else {"domain": self.random.choice((None, f"{number}.example"))})}
        step = {"do": "adopt", "kind": kind, "loser": row["id"], "survivor": self.random.choice(self.catalogue.live(kind)), "row": row,
                "links": {"x": self.random.choice(("one", "x9"))} if kind == "speaker" else None}
        self.do_adopt(step)
        self.steps.append(step)
        self.open.append(step)
        self.counts["merges"] += 1

    def do_adopt(self, step):
        if step["kind"] == "speaker":
            self.run("select adopt_speaker(jsonb_populate_record(null::speakers, %s), %s, %s, '{}', 0.99)", json.dumps(step["row"]),
                     step["survivor"], json.dumps(step["links"]))
        else:
            self.run("select adopt_company(jsonb_populate_record(null::companies, %s), %s, '{}', 0.99)", json.dumps(step["row"]), step["survivor"])
        step["id"] = self.run("select id::text from merges order by seq desc limit 1")[0][0]
        table, column, _ = LINKS[step["kind"]]  # as processing does with all events of whom it has touched
        self.run(f"select render_events(array(select event_id from {table} where {column} = %s))", step["survivor"])

    def undo(self, step):
        """Whether it could be undone; if not, nothing has changed and what stands in the way is still there."""
        before = self.catalogue.picture(history=True) if self.must_conflict(step) else None
        [[conflicts]] = self.run("select conflicts from undo_merge(%s, 'test')", step["id"])
        still_open = {other["id"] for other in self.open}
        for conflict in conflicts:
            assert conflict["code"] == "later_merge" and conflict["merge_id"] in still_open - {step["id"]}, conflict
        if conflicts:
            assert step is not self.open[-1], "the last one can always be undone"
            assert before is None or self.catalogue.picture(history=True) == before, "a conflict changes nothing"
            self.counts["conflicts"] += 1
            return False
        assert before is None, "what a later merge was made of was undone"
        self.open.remove(step)
        self.steps.append({"do": "undo", "of": step})
        self.counts["undone"] += 1
        return True

    def must_conflict(self, step):
        """Told by the merges alone: the survivor took part in another of its kind since."""
        later = self.open[self.open.index(step) + 1:]
        return any(other["kind"] == step["kind"] and (other["loser"] == step["survivor"] or
                   other["survivor"] == step["survivor"] and step["kind"] != "event") for other in later)

    def change(self):
        step = {"do": "change", "what": self.random.choice(CHANGES), "number": self.catalogue.number()}
        if step["what"](self, step) is not False:
            self.steps.append(step)
            self.do_change(step)
            self.counts["changes"] += 1

    def do_change(self, step):
        for sql, values in step["sql"]:
            self.connection_execute(sql, values)
        if events := step.get("events"):
            self.run("select render_events(%s::uuid[]), project_events(%s::uuid[])", events, events)

    def connection_execute(self, sql, values):
        values = [self.resolved(value) for value in values] if isinstance(values, list) else \
            {name: self.resolved(value) for name, value in values.items()}
        self.catalogue.connection.execute(sql, values, prepare=True)

    def resolved(self, value):
        """Links of a page: each name becomes whoever has it at this moment."""
        if not isinstance(value, Page):
            return value
        items = [{**item, "id": str(self.run(f"select coalesce(merged_into, id) from {value.table} where normalized_name = %s",
                                             item["normalized_name"])[0][0])} for item in value.items]
        return json.dumps(items)

    # --- the whole

    def __str__(self):
        return "\n".join(f"undo {step['of']['kind']} {step['of']['loser'][:9]}" if step["do"] == "undo" else
                         f"{step['do']} {step['kind']} {step['loser'][:9]} into {step['survivor'][:9]}" if "kind" in step else
                         f"{step['what'].__name__} {step.get('events', '')}" for step in self.steps)

    def play(self, length):
        for _ in range(length):
            draw = self.random.random()
            if draw < 0.40 or not self.steps:
                self.merge()
            elif draw < 0.47:
                self.adopt()
            elif draw < 0.75 and self.open:
                self.undo(self.random.choice(self.open))
            else:
                self.change()

    def undo_all(self):
        while self.open:
            self.undo(self.random.choice(self.open))

    def replay(self):
        """The same without what was undone."""
        open_now = {id(step) for step in self.open}
        for step in [dict(step, was=id(step)) for step in self.steps]:
            if step["do"] == "change":
                self.do_change(step)
            elif step["do"] == "undo":
                gone = step["of"]
                self.run("select decide_pair(%s, %s, %s, 'distinct', 'test', 'merge undone', null, '{}')", gone["kind"], gone["loser"], gone["survivor"])
            elif step["was"] in open_now:
                self.do_merge(step) if step["do"] == "merge" else self.do_adopt(step)
            elif step["do"] == "adopt":
                self.insert_plain(step)
            elif step.get("told"):  # a batch that was told of the survivor's outcome keeps it
                self.run("update batch_items set state = 'done', event_id = %s where batch_id = any(%s::uuid[])", step["survivor"], step["told"])

    def insert_plain(self, step):
        """Somebody whose name was never taken for another's spelling."""
        table, singular = TABLES[step["kind"]], step["kind"]
        columns = ", ".join(step["row"])
        self.run(f"insert into {table} ({columns}) select {columns} from jsonb_populate_record(null::{table}, %s)", json.dumps(step["row"]))
        self.run(f"insert into {singular}_aliases values (%s, %s, now())", step["loser"], step["row"]["name"])
        for kind, value in (step["links"] or {}).items():
            self.run("insert into speaker_handles values (%s, %s, %s)", step["loser"], kind, value)


class Page:
    """The people or companies that a page names, [{name, normalized_name, role, …}]."""

    def __init__(self, table, items):
        self.table, self.items = table, items


# ------------------------------------------------------------------------------------------------------ unrelated changes
# Each writes its statements into the step: they must mean the same whatever was merged.

def read_page(sequence, step):
    """A page is read (again): people and companies by name, each in a role of its own."""
    random, catalogue = sequence.random, sequence.catalogue
    event = random.choice(catalogue.live("event"))
    step["events"] = [event]
    step["sql"] = [("select share_entities()", [])]
    for kind, table in (("speaker", "speakers"), ("company", "companies")):
        role = LINKS[kind][2]
        chosen = random.sample([one for one in catalogue.ids[kind] if one not in catalogue.namesakes], random.randrange(5))
        page = Page(table, [{"name": catalogue.names[one], "normalized_name": catalogue.names[one].lower(), "confidence": 0.2, role: part,
                             "evidence": f"read {step['number']}", "method": "rule"} for one, part in zip(chosen, random.sample(ROLES[kind], len(ROLES[kind])))])
        step["sql"] += [(statement(f"{table}/enrich_{table}"), {table: page}),
                        (statement(f"{table}/link_{table}"), {"event_id": event, "links": page})]
    step["sql"].append(("update events set processed_at = '2030-01-01'::timestamptz + %s * interval '1 hour', processing_status = 'processed', "
                        "processing_error = null, processing_error_detail = null, raw_html = 'read again', extracted_data = '{}' where id = %s",
                        [step["number"], event]))


def add_fact(sequence, step):
    """Somebody becomes known by another name and address; stays with whom it was said of."""
    kind = sequence.random.choice(("speaker", "company"))
    one = sequence.random.choice(sequence.catalogue.live(kind))
    step["sql"] = [(f"insert into {kind}_aliases values (%s, %s, now())", [one, f"Fact {step['number']}"])]
    if kind == "speaker":
        step["sql"].append(("insert into speaker_handles values (%s, 'website', %s)", [one, f"fact{step['number']}"]))


def change_field(sequence, step):
    kind = sequence.random.choice(("speaker", "company"))
    one = sequence.random.choice(sequence.catalogue.live(kind))
    field = sequence.random.choice({"speaker": ("title", "bio", "company"), "company": ("domain", "industry")}[kind])
    table, column, _ = LINKS[kind]
    step["sql"] = [(f"update {TABLES[kind]} set {field} = %s where id = %s", [f"changed {step['number']}", one]),
                   (f"select render_events(array(select event_id from {table} where {column} = %s))", [one])]


def edit_event(sequence, step):
    event = sequence.random.choice(sequence.catalogue.live("event"))
    step["sql"] = [("select edit_event(%s, %s)", [event, json.dumps({"name": f"Edited {step['number']}", "venue": "Elsewhere"})])]


def change_topics(sequence, step):
    event = sequence.random.choice(sequence.catalogue.live("event"))
    step["events"] = [event]
    step["sql"] = [("insert into event_topics values (%s, %s, 0.75) on conflict (event_id, topic_id) do update set relevance_score = 0.75",
                    [event, sequence.random.choice(sequence.catalogue.topics)])]


def decide(sequence, step):
    """About two of whom none was in a merge: what a merge did to a pair, and what was decided then, are told apart elsewhere."""
    kind = sequence.random.choice(tuple(TABLES))
    merged = {one for other in sequence.steps if other["do"] in ("merge", "adopt") for one in (other["loser"], other["survivor"])}
    free = [one for one in sequence.catalogue.live(kind) if one not in merged]
    if len(free) < 2:
        return False
    one, two = sequence.random.sample(free, 2)
    step["sql"] = [("select decide_pair(%s, %s, %s, %s, 'test', 'why', 0.5, '[]')", [kind, one, two, sequence.random.choice(("distinct", "deferred"))])]
    return True


def add_people(sequence, step):
    """Somebody new, on an event."""
    one, event = sequence.catalogue.uuid(), sequence.random.choice(sequence.catalogue.live("event"))
    step["events"] = [event]
    step["sql"] = [("insert into speakers (id, name, normalized_name) values (%s, %s, %s)", [one, f"New {step['number']}", f"new {step['number']}"]),
                   ("insert into event_speakers (event_id, speaker_id, role) values (%s, %s, 'mentor')", [event, one])]


def ask_for_a_page(sequence, step):
    """A new address, its job, and a batch that waits for it."""
    event, batch, job, url = *(sequence.catalogue.uuid() for _ in range(3)), f"https://luma.com/asked-{step['number']}"
    step["events"] = [event]
    step["sql"] = [("insert into events (id, name, luma_url) values (%s, %s, %s)", [event, url, url]),
                   ("insert into event_sources (url, event_id) values (%s, %s)", [url, event]),
                   ("insert into jobs (id, kind, event_id) values (%s, 'scrape', %s)", [job, event]),
                   ("insert into batches (id, kind) values (%s, 'scrape')", [batch]),
                   ("insert into batch_items (batch_id, position, event_id) values (%s, 0, %s)", [batch, event])]


def delete_event(sequence, step):
    merged = {one for other in sequence.steps if other["do"] == "merge" for one in (other["loser"], other["survivor"])}
    free = [one for one in sequence.catalogue.live("event") if one not in merged]
    if len(free) < 4 or sequence.random.random() < 0.5:
        return False
    step["sql"] = [("select delete_event(%s)", [sequence.random.choice(free)])]
    return True


CHANGES = (read_page, read_page, read_page, add_fact, change_field, edit_event, change_topics, decide, add_people, ask_for_a_page, delete_event)
