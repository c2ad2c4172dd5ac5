"""Recommendations computed again from the tables, by the formulas of docs/decisions/0015-recommendations.md."""
import collections
import datetime
import itertools
import json
import math
import re

import catalogue
import psycopg

DIMENSIONS = 1536
EVENT_WEIGHTS = {"topics": .25, "meaning": .10, "history": .15, "place": .10, "people": .10, "popularity": .10, "quality": .08,
                 "freshness": .12}
SPEAKER_WEIGHTS = {"fit": .50, "reach": .25, "novelty": .15, "place": .10}
LAMBDA, POOL = 0.7, 200


def load(stack):
    """The events of catalogue.load with what recommendations need besides."""
    events = catalogue.load(stack)
    with stack.db(row_factory=psycopg.rows.dict_row) as connection:
        more = {row["id"]: row for row in connection.execute("select id, embedding::text as embedding, guest_count from events").fetchall()}
    for event in events:
        row = more[event["id"]]
        event["guest_count"] = row["guest_count"]
        event["embedding"] = json.loads(row["embedding"]) if row["embedding"] else None
    return [event for event in events if event["processed_at"]]


def dot(a, b):
    return math.sumprod(a, b) if hasattr(math, "sumprod") else sum(x * y for x, y in zip(a, b))


def likeness(a, b):
    if a is None or b is None:
        return 0.0
    return max(0.0, min(1.0, dot(a, b) / math.sqrt(dot(a, a) * dot(b, b))))


def fnv1a(data):
    value = 0xcbf29ce484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001b3 % 2 ** 64
    return value


def embed(texts):
    """The built-in embedding of plain English words: hashed words, pairs and trigrams (src/lib/embed/embed.h)."""
    vector = [0.0] * DIMENSIONS

    def add(value, weight):
        value ^= value >> 29
        value = value * 0xbf58476d1ce4e5b9 % 2 ** 64
        value ^= value >> 32
        vector[value % DIMENSIONS] += -weight if value >> 63 else weight

    for text in texts:
        before = 0
        for word in re.findall("[a-z0-9]+", text.lower()):
            value = fnv1a(word.encode())
            add(value, 1.0)
            if before:
                add((before * 31 + value) % 2 ** 64, 0.5)
            if len(word) >= 5:
                for at in range(len(word) - 2):
                    add(fnv1a(word[at:at + 3].encode()) * 3 % 2 ** 64, 0.15)
            before = value
    return [math.copysign(math.log1p(abs(value)), value) for value in vector]


def series(event):
    return " ".join(re.sub(r"\d+", "", catalogue.key(event["name"])).split())


def topic_ids(event):
    return {link["id"] for link in event["topics"]}


def people(event):
    return {link["id"] for link in event["speakers"]}


def hosts(event):
    return {link["id"] for link in event["speakers"] if link["role"] == "host"} | {
        link["id"] for link in event["companies"] if link["relationship_type"] == "host"}


def is_ahead(event, at):
    end = event["ends_at"] or event["starts_at"]
    if end:
        return end >= at
    return bool(event["date"]) and event["date"] >= catalogue.days(event, at)[2]


def start(event):
    midnight = event["date"] and datetime.datetime.combine(event["date"], datetime.time(), datetime.timezone.utc)
    return event["starts_at"] or midnight


def split(query, name):
    return [part for part in query.get(name, "").split(",") if part]


class Taste:
    """What is known of somebody: interests, people, events of the past."""

    def __init__(self, events, query, at):
        self.query, self.at = query, at
        self.interests = sorted({catalogue.key(name) for name in split(query, "user_interests")})
        # The service embeds them as they came, each its own part; words do not reach over to the next.
        self.embedding = embed([catalogue.key(name) for name in split(query, "user_interests")]) if self.interests else None
        self.liked = [event for event in events if str(event["id"]) in split(query, "like")]
        vectors = [event["embedding"] for event in self.liked if event["embedding"]]
        self.mean = [sum(column) / len(vectors) for column in zip(*vectors)] if vectors else None
        weights = collections.Counter()
        for link in itertools.chain.from_iterable(event["topics"] for event in self.liked):
            weights[link["id"]] += link["relevance_score"]
        total = sum(weights.values())
        self.topics = {topic: weight / total for topic, weight in weights.items()} if total else {}
        cities = collections.Counter(catalogue.key(event["city"]) for event in self.liked if event["city"])
        self.cities = {city: number / len(self.liked) for city, number in cities.items()}
        named = {link["id"] for event in events for link in event["speakers"]
                 if any(catalogue.is_linked([link], who, None, "role") for who in split(query, "speakers"))}
        self.people = named.union(*(people(event) for event in self.liked))
        day = at.astimezone(datetime.timezone.utc).date()
        counts = collections.Counter(
            topic for event in events if event["date"] and abs((event["date"] - day).days) <= 90 and event["status"] == "scheduled"
            for topic in topic_ids(event))
        most = max(counts.values(), default=1)
        self.popular = {topic: number / most for topic, number in counts.items()}

    def place(self, event):
        shares = [self.cities.get(catalogue.key(event["city"] or ""), 0), 1 if "location" in self.query else 0]
        if "near" in self.query:
            point = tuple(map(float, self.query["near"].split(",")))
            km = catalogue.distance_km((event["latitude"], event["longitude"]), point)
            shares.append(max(0, 1 - km / float(self.query.get("radius_km", 50))))
        return max(shares)

    def parts(self, event):
        met = 1.0
        for interest in self.interests:
            relevance = [link["relevance_score"] for link in event["topics"] if catalogue.is_part_of(link, interest)]
            met *= 1 - 0.6 * min(1, max(relevance, default=0))
        days = abs((start(event) - self.at).total_seconds()) / 86400 if start(event) else None
        guests = min(1, math.log(1 + (event["guest_count"] or 0)) / math.log(1001))
        return {
            "topics": 1 - met,
            "meaning": likeness(event["embedding"], self.embedding),
            "history": (likeness(event["embedding"], self.mean) + min(1, sum(self.topics.get(topic, 0) for topic in topic_ids(event)))) / 2,
            "place": self.place(event),
            "people": 1 - 0.5 ** len(people(event) & self.people),
            "popularity": (guests + max((self.popular.get(topic, 0) for topic in topic_ids(event)), default=0)) / 2,
            "quality": event["data_quality_score"] / 100,
            "freshness": 0.5 ** (days / 30) if days is not None else 0,
        }


def score(parts, weights):
    assert parts.keys() == weights.keys()
    return sum(weights[name] * value for name, value in parts.items())


def overlap(a, b):
    return len(a & b) / len(a | b) if a | b else 0


def features(event):
    """What two events are compared by, kept beside the event."""
    if "features" not in event:
        event["features"] = topic_ids(event), hosts(event), series(event)
    return event["features"]


def resemblance(a, b):
    (topics_a, hosts_a, series_a), (topics_b, hosts_b, series_b) = features(a), features(b)
    return 0.4 * overlap(topics_a, topics_b) + 0.4 * overlap(hosts_a, hosts_b) + (0.2 if series_a and series_a == series_b else 0)


def candidates(events, query, at):
    """Those to choose from as {id: (event, parts, score, is_ahead)}."""
    taste = Taste(events, query, at)
    filters = {name: value for name, value in query.items() if name not in ("user_interests", "speakers", "like", "as_of", "limit")}
    found = {}
    for event in catalogue.select(events, filters):
        if event in taste.liked or ("status" not in query and event["status"] != "scheduled"):
            continue
        parts = taste.parts(event)
        found[str(event["id"])] = (event, parts, score(parts, EVENT_WEIGHTS), is_ahead(event, at))
    best = sorted(found, key=lambda one: (not found[one][3], -found[one][2], one))[:POOL]
    return {one: found[one] for one in best}


def mistakes(found, pool, tolerance=1e-5):
    """What is wrong with an order of ids by maximal marginal relevance, step by step; ties may fall either way."""
    best = max((one[2] for one in pool.values()), default=0)
    left, chosen, wrong = dict(pool), [], []
    likest = dict.fromkeys(pool, 0.0)

    def worth(one):
        return LAMBDA * pool[one][2] / best - (1 - LAMBDA) * likest[one]

    for position, one in enumerate(found):
        if one not in left:
            wrong.append((position, one, "is no candidate, or came twice"))
            continue
        ahead = any(other[3] for other in left.values())
        allowed = [other for other in left if left[other][3] == ahead]
        top = max(map(worth, allowed))
        if one not in allowed or worth(one) < top - tolerance:
            wrong.append((position, one, worth(one), top))
        chosen.append(one)
        event = left.pop(one)[0]
        for other in left:
            likest[other] = max(likest[other], resemblance(left[other][0], event))
    return wrong


def saturate(number, half):
    return number / (number + half)


def speaker_parts(events, event_id):
    """For everybody who is not on the event: the values of the parts of their score."""
    subject = next(event for event in events if str(event["id"]) == event_id)
    others = {event["id"]: event for event in events if event is not subject}
    seen = collections.defaultdict(set)
    for event in others.values():
        for person in people(event) - people(subject):
            seen[person].add(event["id"])
    total = sum(link["relevance_score"] for link in subject["topics"])
    alike = {one: likeness(event["embedding"], subject["embedding"]) for one, event in others.items()}
    day = subject["date"] or datetime.date.today()
    near = {one for one, event in others.items() if event["date"] and abs((event["date"] - day).days) <= 365 and
            (series(event) == series(subject) or hosts(event) & hosts(subject))}
    found = {}
    for person, ids in seen.items():
        topics = sum(link["relevance_score"] / total * (1 - 0.5 ** sum(link["id"] in topic_ids(others[one]) for one in ids))
                     for link in subject["topics"]) if total else 0
        cities = {catalogue.key(others[one]["city"]) for one in ids if others[one]["city"]}
        met = set().union(*(people(others[one]) for one in ids)) - {person}
        place = 1.0 if subject["city"] and catalogue.key(subject["city"]) in cities else 0.5 if subject["country"] and any(
            others[one]["country"] == subject["country"] for one in ids) else 0.0
        found[str(person)] = {
            "fit": 0.6 * topics + 0.4 * max(alike[one] for one in ids),
            "reach": (saturate(len(ids), 5) + saturate(len(cities), 3) + saturate(len(met), 20)) / 3,
            "novelty": 1 / (1 + len(ids & near)), "place": place}
    return found, {str(person): {str(one) for one in ids} for person, ids in seen.items()}
