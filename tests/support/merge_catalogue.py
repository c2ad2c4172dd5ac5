"""A small catalogue in which everybody meets everybody, for random sequences of merges (merge_sequences.py)."""
import contextlib
import json
import random
import uuid

from merge_picture import Picture
from merging import LINKS

ROLES = {"speaker": ("speaker", "judge", "host", "panelist", "moderator", "mentor"), "company": ("host", "sponsor", "venue", "partner")}
TABLES = {"speaker": "speakers", "company": "companies", "event": "events"}
STATUSES = ("processed",) * 7 + ("failed", "queued", "processing")
HANDLES = (("linkedin", "one"), ("linkedin", "two"), ("x", "one"))


class Catalogue:
    """About 20 people, 12 companies and 15 events, made by `random`. All ids begin with 5eed. namesakes: people of one name."""

    def __init__(self, connection, random, statuses=STATUSES, namesakes=3):
        self.connection, self.random, self.count = connection, random, 0
        self.statuses, self.namesake_count = statuses, namesakes
        self.names, self.namesakes = {}, set()
        self.ids = {kind: [] for kind in TABLES}
        self.topics = [self.uuid() for _ in range(4)]
        self.picture = Picture(connection)

    def run(self, sql, *values, prepare=True):
        cursor = self.connection.execute(sql, values or None, prepare=prepare)
        return cursor.fetchall() if cursor.description else None

    def uuid(self):
        return str(uuid.UUID(hex="5eed" + f"{self.random.getrandbits(112):028x}"))

    def number(self):
        self.count += 1
        return self.count

    def day(self):
        return f"2026-01-{self.random.randrange(1, 29):02}"

    def live(self, kind):
        return [str(row[0]) for row in self.run(f"select id from {TABLES[kind]} where merged_into is null order by id")]

    def insert(self, table, rows):
        """Rows with the same columns; the others have their defaults."""
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
        for number in range(events):
            self.add_event(f"Event {number}", self.random.choice(self.statuses))
        self.link_events()
        self.fill_pairs()
        self.run("select render_events(%s::uuid[]), project_events(%s::uuid[])", self.ids["event"], self.ids["event"])
        return self

    def fill_people(self, count):
        for number in range(count):
            one, name = self.uuid(), f"Person {number}" if number >= self.namesake_count else "Namesake"
            self.add_person(one, name, number)
            self.ids["speaker"].append(one)
            self.names[one] = name
            if name == "Namesake":
                self.namesakes.add(one)

    def add_person(self, one, name, number):
        choice = self.random.choice
        self.insert("speakers", [{
            "id": one, "name": name, "normalized_name": name.lower(), "company": choice((None, "Acme", f"Firm {number}")),
            "title": choice((None, "CTO")), "bio": choice((None, f"bio {number}")), "keys_version": self.random.randrange(2),
            "confidence_score": choice((0.3, 0.5, 0.9)), "created_at": f"2026-01-{number + 1:02}", "updated_at": "2026-02-01"}])
        self.insert("speaker_aliases", [{"speaker_id": one, "name": alias, "first_seen_at": self.day()} for alias in
                                        sorted({name, name.upper(), choice(("P.", "Q.")), choice(("P.", f"P. {number}"))})])
        self.insert("speaker_handles", [{"speaker_id": one, "kind": kind, "value": value} for kind, value in
                                        sorted({choice((*HANDLES, ("website", f"w{number}"))) for _ in range(2)})])
        self.insert("speaker_keys", [{"key": key, "speaker_id": one} for key in self.keys()])

    def keys(self):
        return sorted({self.random.randrange(9) for _ in range(2)})

    def fill_companies(self, count):
        choice = self.random.choice
        for number in range(count):
            one, name = self.uuid(), f"Firm {number}"
            part_of = choice(self.ids["company"]) if number > 2 and number % 3 == 0 else None
            self.insert("companies", [{
                "id": one, "name": name, "normalized_name": name.lower(), "domain": choice((None, f"firm{number}.example")),
                "industry": choice((None, "making")), "keys_version": 0, "part_of": part_of,
                "part_of_evidence": {"rule": "name"} if part_of else None,
                "created_at": f"2026-01-{number + 1:02}", "updated_at": "2026-02-01"}])
            self.insert("company_aliases", [{"company_id": one, "name": alias, "first_seen_at": self.day()}
                                            for alias in sorted({name, "The Firm", choice(("F.", "G."))})])
            self.insert("company_keys", [{"key": key, "company_id": one} for key in self.keys()])
            self.ids["company"].append(one)
            self.names[one] = name

    def add_event(self, name, status):
        """An event with its addresses, page and vector; one that is not read has a job that waits, and a batch."""
        one, was_read, has_failed = self.uuid(), status in ("processed", "processing"), status == "failed"
        url, day = f"https://luma.com/{one}", f"2026-02-{len(self.ids['event']) % 27 + 1:02}"
        page = {"n": 1.50, "speakers": [{"name": f"Person {self.random.randrange(20)}", "company": "Acme"}]}
        self.insert("events", [{
            "id": one, "name": name, "luma_url": url, "luma_id": self.random.choice((f"evt-{one}", None)), "processing_status": status,
            "date": "2026-05-05", "processing_error": "page_gone" if has_failed else None,
            "processing_error_detail": "410" if has_failed else None, "raw_html": f"<p>{one}" if was_read else None,
            "content_hash": one if was_read else None, "embedding_model": "m" if was_read else None,
            "extracted_data": page if was_read else None, "processed_at": day if was_read else None, "scraped_at": "2026-02-01",
            "created_at": "2026-01-01", "updated_at": "2026-02-01", "is_online": False, "status": "scheduled", "place_keys": [],
            "overrides": {}, "data_quality_score": self.random.randrange(100), "keys_version": self.random.randrange(2)}])
        if was_read:
            self.run("update events set embedding = ('[' || %s || repeat(',0', 1534) || ',1]')::vector where id = %s",
                     self.random.random(), one)
            self.insert("event_keys", [{"key": key, "event_id": one} for key in self.keys()])
        self.insert("event_sources", [{
            "url": address, "event_id": one, "first_seen_at": "2026-01-01", "last_seen_at": "2026-02-01",
            "name": name if was_read else None, "starts_at": "2026-05-05T18:00Z" if was_read else None,
            "day": "2026-05-05" if was_read else None} for address in (url, url + "-b")[:self.random.randrange(1, 3)]])
        if status in ("queued", "processing"):
            self.ask_for("scrape" if status == "queued" else "process", one)
        self.ids["event"].append(one)

    def ask_for(self, kind, event):
        self.insert("jobs", [{"id": self.uuid(), "kind": kind, "event_id": event, "state": "available", "priority": 5, "force": False,
                              "max_age": "0", "attempt": 0, "max_attempts": 20, "scheduled_at": "2026-03-01",
                              "created_at": "2026-03-01", "args": {}, "progress_done": 0, "cancel_requested": False}])
        batch = self.uuid()
        self.insert("batches", [{"id": batch, "kind": "scrape", "created_at": "2026-03-01"}])
        self.insert("batch_items", [{"batch_id": batch, "position": 0, "event_id": event, "state": "pending"}])

    def link_events(self):
        random = self.random
        for event in self.ids["event"]:
            for kind, roles in ROLES.items():
                table, column, role = LINKS[kind]
                pairs = {(random.choice(self.ids[kind]), random.choice(roles[:3])) for _ in range(random.randrange(7))}
                self.insert(table, [{"event_id": event, column: one, role: part, "evidence": f"{one[4:8]} {part}",
                                     "extraction_confidence": random.choice((0.1, 0.55, 0.7, 0.95)),
                                     "method": random.choice((None, "rule"))} for one, part in sorted(pairs)])
            self.insert("event_topics", [{"event_id": event, "topic_id": topic, "relevance_score": random.choice((0.25, 0.5))}
                                         for topic in random.sample(self.topics, random.randrange(4))])

    def fill_pairs(self):
        for kind, ids in self.ids.items():
            pairs = {tuple(sorted(self.random.sample(ids, 2))) for _ in range(len(ids))}
            for a, b in sorted(pairs):
                status = self.random.choice(("pending", "pending", "distinct", "deferred"))
                self.insert("duplicates", [{
                    "id": self.uuid(), "kind": kind, "a": a, "b": b, "score": self.random.choice((0.5, 0.75)), "evidence": [{"n": 1}],
                    "status": status, "decided_by": None if status == "pending" else "somebody", "note": None,
                    "created_at": "2026-01-01"}])


@contextlib.contextmanager
def committed(stack, seed):
    """A catalogue in the database of services whose workers are off; all is read, nothing waits."""
    with stack.db() as connection, connection.transaction():
        connection.execute("select '[1]'::vector")
        catalogue = Catalogue(connection, random.Random(seed), statuses=("processed",), namesakes=0).fill()
        for table in TABLES.values():  # a new processor makes keys where they are missing
            catalogue.run(f"update {table} set keys_version = 1000")
        yield catalogue
