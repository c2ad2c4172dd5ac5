"""Random sequences of merges, undoings and unrelated changes over a small catalogue.

The oracle: a merge that was undone has never been. So the database after a sequence must equal the one that the same
sequence leaves when merges that were undone are left out of it (of such a merge only the decision stays that the two are
distinct). All of it happens inside one transaction that the caller rolls back.
"""
import json

from merge_catalogue import TABLES
from merge_changes import CHANGES, Page
from merging import LINKS, MERGE

WAITING = "select batch_id::text, event_id::text from batch_items where state = 'pending' and event_id in (%s, %s)"
LATEST = "select id::text, survivor::text, loser::text from merges order by seq desc limit 1"


class Sequence:
    """One sequence on a catalogue: steps are done and noted, so that they can be done once more without some merges."""

    def __init__(self, catalogue, random):
        self.catalogue, self.random, self.run = catalogue, random, catalogue.run
        catalogue.random = random
        self.steps, self.open = [], []
        self.counts = {"merges": 0, "listings": 0, "spellings": 0, "undone": 0, "out of order": 0, "conflicts": 0, "changes": 0,
                       "opened again": 0}

    def play(self, length):
        if self.random.random() < 0.2:
            self.undo_after_spellings()
        for _ in range(length):
            draw = self.random.random()
            if draw < 0.36 or not self.steps:
                self.merge()
            elif draw < 0.42:
                self.merge_listings()
            elif draw < 0.50:
                self.adopt()
            elif draw < 0.76 and self.open:
                self.undo(self.random.choice(self.open))
            else:
                self.change()

    def undo_after_spellings(self):
        """A mistake that is found when pages have been read with other spellings of who stays."""
        kind = self.random.choice(("speaker", "company"))
        loser, survivor = self.random.sample(self.catalogue.live(kind), 2)
        step = {"do": "merge", "kind": kind, "loser": loser, "survivor": survivor}
        self.do_merge(step)
        self.note(step, "merges")
        for _ in range(self.random.randrange(1, 4)):
            self.adopt(kind, survivor)
            if self.random.random() < 0.5:
                self.change()
        self.undo(step)

    def undo_all(self):
        while self.open:
            self.undo(self.random.choice(self.open))

    # --- merging

    def note(self, step, count):
        self.steps.append(step)
        self.open.append(step)
        self.counts[count] += 1

    def merge(self):
        kind = self.random.choice(("speaker", "speaker", "company", "event"))
        live = self.catalogue.live(kind)
        loser, survivor = self.random.sample(live, 2)
        met = [one for one in live if any(one in (step["survivor"], step["loser"]) for step in self.steps if "kind" in step)]
        if met and self.random.random() < 0.5:  # chains, several into one, the same again
            loser = self.random.choice(met)
            survivor = self.random.choice([one for one in live if one not in met] or [survivor])
            if self.random.random() < 0.5:
                loser, survivor = survivor, loser
        if loser != survivor:
            step = {"do": "merge", "kind": kind, "loser": loser, "survivor": survivor}
            self.do_merge(step)
            self.note(step, "merges")

    def merge_listings(self):
        """What processing does with two listings of one event: not against a decision, and who stays is chosen by worth."""
        one, two = self.random.sample(self.catalogue.live("event"), 2)
        step = {"do": "merge", "kind": "event", "loser": one, "survivor": two}
        if self.merge_events(step, "select merge_undecided_pair('event', %s, %s, 'test', '[]', 0.97)"):
            self.note(step, "listings")

    def do_merge(self, step):
        if step["kind"] == "event":
            assert self.merge_events(step, "select merge_event_into(%s, %s, 'test', '{}')")
        else:
            [[made]] = self.run(f"select {MERGE[step['kind']]}(%s, %s, 'test')", step["loser"], step["survivor"])
            assert made, step
            step["id"] = str(made)

    def merge_events(self, step, sql):
        """Whether they were merged; notes who of them it was, and which batches that waited were told the outcome."""
        pair = {step["loser"], step["survivor"]}
        waiting, before = self.run(WAITING, *pair), self.run(LATEST)
        self.run(sql, step["loser"], step["survivor"])
        after = self.run(LATEST)
        if after == before:
            return False
        [[step["id"], step["survivor"], step["loser"]]] = after
        assert {step["survivor"], step["loser"]} == pair
        step["told"] = [batch for batch, event in waiting if event == step["loser"] and
                        self.run("select state <> 'pending' from batch_items where batch_id = %s", batch)[0][0]]
        return True

    def adopt(self, kind=None, survivor=None):
        """What processing does with another spelling of somebody known."""
        choice, number = self.random.choice, self.catalogue.number()
        kind, name = kind or choice(("speaker", "company")), f"Spelling {number}"
        told = {"confidence_score": 0.4, "title": choice((None, "VP")), "company": None, "bio": None} if kind == "speaker" else \
            {"domain": choice((None, f"{number}.example"))}
        row = {"id": self.catalogue.uuid(), "name": name, "normalized_name": name.lower(), "keys_version": 1, **told}
        step = {"do": "adopt", "kind": kind, "loser": row["id"], "survivor": survivor or choice(self.catalogue.live(kind)), "row": row,
                "links": {"x": choice(("one", "x9"))} if kind == "speaker" else None}
        self.do_adopt(step)
        self.note(step, "spellings")
        self.catalogue.names[row["id"]] = name  # pages may use it from now on

    def do_adopt(self, step):
        row, survivor = json.dumps(step["row"]), step["survivor"]
        if step["kind"] == "speaker":
            self.run("select adopt_speaker(jsonb_populate_record(null::speakers, %s), %s, %s, '{}', 0.99)", row, survivor,
                     json.dumps(step["links"]))
        else:
            self.run("select adopt_company(jsonb_populate_record(null::companies, %s), %s, '{}', 0.99)", row, survivor)
        step["id"] = self.run(LATEST)[0][0]
        table, column, _ = LINKS[step["kind"]]  # as processing does with all events of whom it has touched
        self.run(f"select render_events(array(select event_id from {table} where {column} = %s))", survivor)

    # --- undoing

    def undo(self, step):
        """Whether it could be undone; if not, nothing has changed and what stands in the way is still there."""
        before = self.catalogue.picture.digests(history=True) if self.must_conflict(step) else None
        # All happens at one moment: the note tells what was decided when.
        note = f"undone at step {len(self.steps)}"
        [[conflicts]] = self.run("select conflicts from undo_merge(%s, 'test', %s)", step["id"], note)
        still_open = {other["id"] for other in self.open}
        for conflict in conflicts:
            assert conflict["code"] == "later_merge" and conflict["merge_id"] in still_open - {step["id"]}, conflict
        if conflicts:
            assert step is not self.open[-1], "the last one can always be undone"
            assert before is None or self.catalogue.picture.digests(history=True) == before, "a conflict changes nothing"
            self.counts["conflicts"] += 1
            return False
        assert before is None, "what a later merge was made of was undone"
        self.counts["out of order"] += step is not self.open[-1]
        self.counts["undone"] += 1
        later = self.open[self.open.index(step) + 1:]
        self.open.remove(step)
        gone = {row[0] for row in self.run("select id::text from merges where undone_at is not null")}
        for other in [other for other in self.open if other["id"] in gone]:  # spellings that leaned on it
            assert other["do"] == "adopt" and other in later and (other["kind"], other["survivor"]) == (step["kind"], step["survivor"])
            self.open.remove(other)
            self.steps.append({"do": "reopen", "of": other})
            self.counts["opened again"] += 1
        self.steps.append({"do": "undo", "of": step, "note": note})
        return True

    def must_conflict(self, step):
        """Told by the merges alone: the survivor took part in another of its kind since."""
        later = self.open[self.open.index(step) + 1:]
        return any(other["kind"] == step["kind"] and other["do"] == "merge" and (other["loser"] == step["survivor"] or
                   other["survivor"] == step["survivor"] and step["kind"] != "event") for other in later)

    # --- changing

    def change(self):
        step = {"do": "change", "what": self.random.choice(CHANGES), "number": self.catalogue.number()}
        if step["what"](self, step) is not False:
            self.steps.append(step)
            self.do_change(step)
            self.counts["changes"] += 1

    def do_change(self, step):
        for sql, values in step["sql"]:
            names = isinstance(values, dict)
            values = {name: self.resolved(value) for name, value in values.items()} if names else list(values)
            self.catalogue.connection.execute(sql, values, prepare=True)
        if events := step.get("events"):
            self.run("select render_events(%s::uuid[]), project_events(%s::uuid[])", events, events)

    def resolved(self, value):
        """Links of a page: each name becomes whoever has it at this moment."""
        if not isinstance(value, Page):
            return value
        known = dict(self.run(f"select normalized_name, coalesce(merged_into, id)::text from {value.table} "
                              "where normalized_name = any(%s)", [item["normalized_name"] for item in value.items]))
        return json.dumps([{**item, "id": known[item["normalized_name"]]} for item in value.items])

    # --- once more

    def replay(self):
        """The same without what was undone."""
        still_open = {id(step) for step in self.open}
        for step in self.steps:
            if step["do"] == "change":
                self.do_change(step)
            elif step["do"] == "undo":
                gone = step["of"]
                self.run("select decide_pair(%s, %s, %s, 'distinct', 'test', %s, null, '{}')", gone["kind"],
                         gone["loser"], gone["survivor"], step["note"])
            elif step["do"] == "reopen":
                gone = step["of"]
                self.run("insert into duplicates (kind, a, b, score, evidence, status) values (%s, %s, %s, 0.99, '{}', 'pending')", gone["kind"],
                         *sorted((gone["loser"], gone["survivor"])))
            elif id(step) in still_open:
                (self.do_merge if step["do"] == "merge" else self.do_adopt)(dict(step))
            elif step["do"] == "adopt":
                self.insert_plain(step)
            elif step.get("told"):  # a batch that was told of the survivor's outcome keeps it
                self.run("update batch_items set state = 'done', event_id = %s where batch_id = any(%s::uuid[])", step["survivor"],
                         step["told"])

    def insert_plain(self, step):
        """Somebody whose name was never taken for another's spelling."""
        table, columns = TABLES[step["kind"]], ", ".join(step["row"])
        self.run(f"insert into {table} ({columns}) select {columns} from jsonb_populate_record(null::{table}, %s)",
                 json.dumps(step["row"]))
        self.run(f"insert into {step['kind']}_aliases values (%s, %s, now())", step["loser"], step["row"]["name"])
        for kind, value in (step["links"] or {}).items():
            self.run("insert into speaker_handles values (%s, %s, %s)", step["loser"], kind, value)

    def __str__(self):
        def line(step):
            if step["do"] in ("undo", "reopen"):
                return f"{step['do']} {step['of']['kind']} {step['of']['loser'][:9]}"
            if step["do"] == "change":
                return f"{step['what'].__name__} {step.get('events', '')}"
            return f"{step['do']} {step['kind']} {step['loser'][:9]} into {step['survivor'][:9]}"
        return "\n".join(line(step) for step in self.steps)
