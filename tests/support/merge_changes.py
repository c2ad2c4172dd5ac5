"""Changes that have nothing to do with a merge, for random sequences (merge_sequences.py).

Each writes its statements into the step: [(sql, values)]; they must mean the same whatever was merged. False: nothing to do.
"""
import json

from merge_catalogue import ROLES, TABLES
from merging import LINKS, statement


class Page:
    """The people or companies that a page names, [{name, normalized_name, role, …}]; whose ids those are is looked up when it is read."""

    def __init__(self, table, items):
        self.table, self.items = table, items


def read_page(sequence, step):
    """A page is read (again): people and companies by name, spellings too, each in a role of its own."""
    random, catalogue = sequence.random, sequence.catalogue
    event = random.choice(catalogue.live("event"))
    step["events"] = [event]
    step["sql"] = [("select share_entities()", [])]
    for kind in ("speaker", "company"):
        table, role = TABLES[kind], LINKS[kind][2]
        known = [one for one in catalogue.ids[kind] if one not in catalogue.namesakes] + \
            [other["loser"] for other in sequence.steps if other["do"] == "adopt" and other["kind"] == kind]
        page = Page(table, [{
            "name": catalogue.names[one], "normalized_name": catalogue.names[one].lower(), "confidence": 0.2, role: part,
            "evidence": f"read {step['number']}", "method": "rule"}
            for one, part in zip(random.sample(known, random.randrange(5)), random.sample(ROLES[kind], len(ROLES[kind])))])
        step["sql"] += [(statement(f"{table}/enrich_{table}"), {table: page}),
                        (statement(f"{table}/link_{table}"), {"event_id": event, "links": page})]
    step["sql"].append((
        "update events set processed_at = '2030-01-01'::timestamptz + %s * interval '1 hour', processing_status = 'processed', "
        "processing_error = null, processing_error_detail = null, raw_html = 'read again', extracted_data = '{}', keys_version = 1 "
        "where id = %s", [step["number"], event]))
    step["sql"].append(("insert into event_keys values (%s, %s) on conflict do nothing", [100 + step["number"], event]))


def add_fact(sequence, step):
    """Somebody becomes known by another name, address and key; stays with whom it was said of."""
    kind = sequence.random.choice(("speaker", "company"))
    one = sequence.random.choice(sequence.catalogue.live(kind))
    step["sql"] = [(f"insert into {kind}_aliases values (%s, %s, now())", [one, f"Fact {step['number']}"]),
                   (f"insert into {kind}_keys values (%s, %s)", [100 + step["number"], one])]
    if kind == "speaker":
        step["sql"].append(("insert into speaker_handles values (%s, 'website', %s)", [one, f"fact{step['number']}"]))


def change_field(sequence, step):
    kind = sequence.random.choice(("speaker", "company"))
    one = sequence.random.choice(sequence.catalogue.live(kind))
    field = sequence.random.choice({"speaker": ("title", "bio", "company"), "company": ("domain", "industry")}[kind])
    table, column, _ = LINKS[kind]
    step["sql"] = [(f"update {TABLES[kind]} set {field} = %s where id = %s", [f"changed {step['number']}", one]),
                   (f"select render_events(array(select event_id from {table} where {column} = %s))", [one])]


def change_part(sequence, step):
    """A company becomes a part of another, or of another than before."""
    part, whole = sequence.random.sample(sequence.catalogue.live("company"), 2)
    step["sql"] = [("update companies set part_of = %s, part_of_evidence = %s where id = %s",
                    [whole, json.dumps({"n": step["number"]}), part])]


def edit_event(sequence, step):
    event = sequence.random.choice(sequence.catalogue.live("event"))
    step["sql"] = [("select edit_event(%s, %s)", [event, json.dumps({"name": f"Edited {step['number']}", "venue": "Elsewhere"})])]


def change_topics(sequence, step):
    event = sequence.random.choice(sequence.catalogue.live("event"))
    step["events"] = [event]
    step["sql"] = [("insert into event_topics values (%s, %s, 0.75) on conflict (event_id, topic_id) do update "
                    "set relevance_score = 0.75", [event, sequence.random.choice(sequence.catalogue.topics)])]


def not_merged(sequence, kind):
    """What a merge did to a row, and what was done to it then, are told apart by tests that say which is which."""
    merged = {one for step in sequence.steps if step["do"] in ("merge", "adopt") for one in (step["loser"], step["survivor"])}
    return [one for one in sequence.catalogue.live(kind) if one not in merged]


def decide(sequence, step):
    """About two of whom none was in a merge."""
    kind = sequence.random.choice(tuple(TABLES))
    free = not_merged(sequence, kind)
    if len(free) < 2:
        return False
    one, two = sequence.random.sample(free, 2)
    decision = sequence.random.choice(("distinct", "deferred"))
    step["sql"] = [("select decide_pair(%s, %s, %s, %s, 'test', 'why', 0.5, '[]')", [kind, one, two, decision])]
    return True


def add_person(sequence, step):
    """Somebody new, on an event."""
    one, event = sequence.catalogue.uuid(), sequence.random.choice(sequence.catalogue.live("event"))
    step["events"] = [event]
    step["sql"] = [("insert into speakers (id, name, normalized_name) values (%s, %s, %s)",
                    [one, f"New {step['number']}", f"new {step['number']}"]),
                   ("insert into event_speakers (event_id, speaker_id, role) values (%s, %s, 'mentor')", [event, one])]


def ask_for_page(sequence, step):
    """A new address, its job, and a batch that waits for it."""
    event, batch, job = (sequence.catalogue.uuid() for _ in range(3))
    url = f"https://luma.com/asked-{step['number']}"
    step["events"] = [event]
    step["sql"] = [("insert into events (id, name, luma_url) values (%s, %s, %s)", [event, url, url]),
                   ("insert into event_sources (url, event_id) values (%s, %s)", [url, event]),
                   ("insert into jobs (id, kind, event_id) values (%s, 'scrape', %s)", [job, event]),
                   ("insert into batches (id, kind) values (%s, 'scrape')", [batch]),
                   ("insert into batch_items (batch_id, position, event_id) values (%s, 0, %s)", [batch, event])]


def note_source(sequence, step):
    """An address of the event is read once more, and says something else."""
    event = sequence.random.choice(not_merged(sequence, "event"))
    step["sql"] = [("update event_sources set name = %s, last_seen_at = '2026-08-01' where event_id = %s",
                    [f"Listed {step['number']}", event])]


def delete_event(sequence, step):
    free = not_merged(sequence, "event")
    if len(free) < 4 or sequence.random.random() < 0.5:
        return False
    step["sql"] = [("select delete_event(%s)", [sequence.random.choice(free)])]
    return True


CHANGES = (read_page, read_page, read_page, read_page, add_fact, change_field, change_part, edit_event, change_topics, decide,
           add_person, ask_for_page, note_source, delete_event)
