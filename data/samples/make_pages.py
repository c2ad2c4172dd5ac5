#!/usr/bin/env python3
"""Makes HTML pages of invented events in the structure of Luma's, the same bytes on every run.

usage: make_pages.py [--out DIR] [--gzip] [--filler-kb N]             the samples: events, calendars, discover, home
       make_pages.py --count N [--seed S] [--out DIR] [...]           N further events, recombined from the samples

DIR (default build/samples) gets <slug>.html or .html.gz, index.tsv (slug, event id, url; one line an event page) and
truth.ndjson (what a reader of each event page must find). Pages that no longer belong there are removed.
"""
import argparse
import gzip
import json
import pathlib
import random

import envelope
import records

SUBJECTS = ("Agents", "Grippers", "Tidal Sensors", "Ledgers", "Compilers", "Protein Models", "Colour Tokens", "Streams",
            "Transformers", "Open Maps", "Voice Agents", "Zero Knowledge", "Battery Chemistry", "Query Planners")
FORMATS = ("Meetup", "Hack Night", "Breakfast", "Salon", "Demo Day", "Workshop", "Fireside", "Reading Group", "Clinic")
TWISTS = ("in production", "before lunch", "for skeptics", "without slides", "after dark", "the hard parts", "by the water")


def strangers(cast, rng, count):
    """People who exist in no sample: first and last words of the sample's people, recombined."""
    people = [user["name"].split() for user in cast["users"].values() if user["kind"] == "person" and user["name"]
              and user["name"].isascii()]
    made = {}
    for number in range(count):
        name = f"{rng.choice(people)[0]} {rng.choice(people)[-1]}"
        made[f"stranger-{number}"] = {"name": name, "kind": "person", "linkedin": f"/in/stranger-{number}", "bio": None,
                                      "zone": "UTC"}
    return made


def recombine(cast, samples, count, seed):
    """count synthetic events; the cast grows by some people. Every third event shares people with the samples."""
    rng = random.Random(f"{seed}/people")
    cast["users"] |= strangers(cast, rng, max(8, count // 4))
    known = [key for key in cast["users"] if not key.startswith("stranger-")]
    new = [key for key in cast["users"] if key.startswith("stranger-")]
    zones = {event["place"]: event["zone"] for event in samples.values() if isinstance(event["place"], str)}
    places, calendars = sorted(zones), sorted(cast["calendars"])
    sources = [event["prose"] for event in samples.values() if event["prose"].strip()]
    slugs = set(samples)
    for number in range(count):
        rng = random.Random(f"{seed}/{number}")
        slug = records.token(f"{seed}/slug/{number}", 8, "0123456789abcdefghijklmnopqrstuvwxyz")
        if slug in slugs:
            slug += f"-{number}"
        slugs.add(slug)
        place = rng.choice(places)
        month, day, hour = rng.randint(0, 35), rng.randint(1, 28), rng.choice((8, 10, 12, 14, 17, 18, 19))
        date = f"{2025 + month // 12}-{month % 12 + 1:02}-{day:02}"
        hosts = rng.sample(known if number % 3 == 0 else new, rng.randint(1, 3))
        paragraphs = [piece for source in rng.sample(sources, 2) for piece in source.strip().split("\n\n")]
        yield {
            "slug": slug, "name": f"{rng.choice(SUBJECTS)} {rng.choice(FORMATS)} #{rng.randint(2, 99)}: {rng.choice(TWISTS)}",
            "start": f"{date}T{hour:02}:00", "end": f"{date}T{hour + rng.randint(1, 4):02}:30", "zone": zones[place],
            "place": place, "calendar": rng.choice(calendars) if rng.random() < .6 else "personal:" + hosts[0],
            "hosts": hosts, "topics": rng.sample(sorted(cast["topics"]), rng.randint(0, 3)), "guests": rng.randint(5, 400),
            "prose": "\n\n".join(rng.sample(paragraphs, min(len(paragraphs), 9)))}


class Folder:
    """The output folder: writes what changed, removes what no longer belongs to it."""

    def __init__(self, path, packed):
        self.path, self.packed, self.names = path, packed, set()
        path.mkdir(parents=True, exist_ok=True)

    def write(self, name, text):
        data = text.encode()
        if self.packed and name.endswith(".html"):
            name, data = name + ".gz", gzip.compress(data, 4, mtime=0)
        self.names.add(name)
        target = self.path / name
        if not target.exists() or target.read_bytes() != data:
            part = target.with_name(f".{name}.part")
            part.write_bytes(data)
            part.replace(target)

    def finish(self):
        for path in self.path.iterdir():
            if path.name not in self.names and path.name.endswith((".html", ".html.gz", ".part")):
                path.unlink()


def make(out, count=0, seed="0", packed=False, kilobytes=80):
    cast, samples, listings = records.load()
    folder = Folder(pathlib.Path(out), packed)
    truths = []
    for event in recombine(cast, samples, count, seed) if count else samples.values():
        folder.write(event["slug"] + ".html", envelope.event_page(cast, event, kilobytes))
        truths.append(records.truth(cast, event))
    if not count:
        for listing in listings["calendars"]:
            slug = cast["calendars"][listing["calendar"]]["slug"]
            folder.write(slug + ".html", envelope.calendar_page(cast, samples, listing, kilobytes))
        for listing, page in ((listings["discover"], envelope.discover_page(cast, samples, listings["discover"], kilobytes)),
                              (listings["home"], envelope.home_page(listings["home"], kilobytes))):
            folder.write(listing["slug"] + ".html", page)
    folder.write("index.tsv", "slug\tevent_id\turl\n" + "".join(
        f"{truth['slug']}\t{truth['event_id']}\t{truth['url']}\n" for truth in truths))
    folder.write("truth.ndjson", "".join(json.dumps(truth, ensure_ascii=False) + "\n" for truth in truths))
    folder.finish()
    return truths


def main():
    default = pathlib.Path(__file__).resolve().parents[2] / "build" / "samples"
    parser = argparse.ArgumentParser(description="Makes pages of invented events in Luma's structure.")
    parser.add_argument("--out", type=pathlib.Path, default=default)
    parser.add_argument("--count", type=int, default=0, help="synthetic events instead of the samples")
    parser.add_argument("--seed", default="0")
    parser.add_argument("--gzip", action="store_true", help="write .html.gz")
    parser.add_argument("--filler-kb", type=float, default=80, help="styles in a page, about")
    options = parser.parse_args()
    truths = make(options.out, options.count, options.seed, options.gzip, options.filler_kb)
    print(f"{len(truths)} event pages in {options.out}")


if __name__ == "__main__":
    main()
