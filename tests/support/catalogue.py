"""The tables of a running stack in Python, and what each list parameter means, computed without SQL."""
import datetime
import math
import re
import unicodedata
import uuid
import zoneinfo

import psycopg

EVENT_COLUMNS = ("id, name, description, date, location, venue, city, region, country, latitude, longitude, is_online, is_free, status, "
                 "language, starts_at, ends_at, timezone, data_quality_score, created_at, updated_at, processed_at, "
                 "processing_status, merged_into, place_keys, luma_url")
NIGHT = datetime.timedelta(hours=6)
RADIUS_KM = 6371.0088
SHORT_PLACES = {"sf": {"san francisco"}, "nyc": {"new york", "new york city", "manhattan", "brooklyn"}, "la": {"los angeles"}}
TOPIC_NAMES = [{"ai", "artificial intelligence", "a i"}, {"machine learning", "ml"}, {"tech", "technology"},
               {"crypto", "cryptocurrency", "cryptocurrencies"}, {"startups", "startup", "start up", "start ups"},
               {"climate", "climate tech", "climatetech"}]


def key(name):
    """The specification's rule: lower case, without accents and punctuation, single spaces."""
    text = unicodedata.normalize("NFKD", name).casefold()
    text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w\s]|_", "", text).split())


def is_id(text):
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def distance_km(a, b):
    """By the spherical law of cosines, where the service uses haversine."""
    (lat1, lng1), (lat2, lng2) = (tuple(map(math.radians, point)) for point in (a, b))
    cosine = math.sin(lat1) * math.sin(lat2) + math.cos(lat1) * math.cos(lat2) * math.cos(lng1 - lng2)
    return RADIUS_KM * math.acos(max(-1.0, min(1.0, cosine)))


def names_of(kind):
    """All names that somebody is found by: theirs, those of rows merged into theirs, and other spellings of these."""
    rows = {"speaker": "speakers", "company": "companies"}[kind]
    return (f"array(select o.name from {rows} o where s.id in (o.id, o.merged_into) union select a.name from {kind}_aliases a"
            f" join {rows} o on o.id = a.{kind}_id where s.id in (o.id, o.merged_into)) as names")


def load(stack):
    """Every event that was not merged away, with its links."""
    with stack.db(row_factory=psycopg.rows.dict_row) as connection:
        events = connection.execute(f"select {EVENT_COLUMNS} from events where merged_into is null").fetchall()
        links = {
            "speakers": connection.execute(
                f"select es.*, s.name, s.id, {names_of('speaker')} from event_speakers es join speakers s on s.id = es.speaker_id").fetchall(),
            "companies": connection.execute(
                f"select ec.*, s.name, s.id, {names_of('company')} from event_companies ec join companies s on s.id = ec.company_id").fetchall(),
            "topics": connection.execute(
                "select et.*, t.name, t.id, array(select json_build_object('id', b.id, 'name', b.name) from topic_broader tb"
                " join topics b on b.id = tb.broader_id where tb.topic_id = t.id) as broader"
                " from event_topics et join topics t on t.id = et.topic_id").fetchall()}
    by_id = {event["id"]: {**event, "speakers": [], "companies": [], "topics": []} for event in events}
    for kind, rows in links.items():
        for row in rows:
            if row["event_id"] in by_id:
                by_id[row["event_id"]][kind].append(row)
    return list(by_id.values())


def meant(topic):
    wanted = key(topic)
    return {wanted}.union(*(names for names in TOPIC_NAMES if wanted in names))


def is_part_of(link, topic):
    said = (link, *link["broader"])
    if is_id(topic):
        return any(str(one["id"]) == topic.lower() for one in said)
    return any(key(one["name"]) in meant(topic) for one in said)


def is_about(event, topic):
    """By one of its topics, or by what one of them is a part of."""
    return any(is_part_of(link, topic) for link in event["topics"])


def is_linked(links, who, kinds, kind):
    return any((who is None or (str(link["id"]) == who.lower() if is_id(who) else key(who) in map(key, link["names"]))) and
               (kinds is None or link[kind] in kinds.split(",")) for link in links)


def is_in_box(event, box):
    west, south, east, north = map(float, box.split(","))
    if event["latitude"] is None or not south <= event["latitude"] <= north:
        return False
    inside = (event["longitude"] >= west, event["longitude"] <= east)
    return all(inside) if west <= east else any(inside)


def is_near(event, point, radius):
    return event["latitude"] is not None and distance_km(
        (event["latitude"], event["longitude"]), tuple(map(float, point.split(",")))) <= float(radius)


def days(event, now):
    """First and last day of an event and today, in its own zone."""
    zone = zoneinfo.ZoneInfo(event["timezone"] or "UTC")
    last = event["ends_at"] and (event["ends_at"].astimezone(zone).replace(tzinfo=None) - NIGHT).date()
    return event["date"], max(filter(None, (event["date"], last)), default=None), now.astimezone(zone).date()


def is_when(event, when, now):
    first, last, today = days(event, now)
    if first is None and event["starts_at"] is None:
        return False
    end = event["ends_at"] or event["starts_at"]
    is_over = end < now if end else first < today
    saturday = today - datetime.timedelta(days=today.weekday()) + datetime.timedelta(days=5)
    return {"upcoming": not is_over, "past": is_over, "today": first <= today <= last,
            "weekend": first <= saturday + datetime.timedelta(days=1) and last >= saturday}[when]


def instant(text):
    value = datetime.datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)


def matches(event, query, now=None):
    """Does the list with this query hold the event? Written again, parameter by parameter."""
    now = now or datetime.datetime.now(datetime.timezone.utc)
    checks = {
        "location": lambda v: ({key(v)} | SHORT_PLACES.get(key(v), set())) & set(map(key, event["place_keys"])),
        "near": lambda v: is_near(event, v, query.get("radius_km", 50)),
        "radius_km": lambda v: True,
        "bbox": lambda v: is_in_box(event, v),
        "topics": lambda v: any(is_about(event, topic) for topic in v.split(",")),
        "topics_all": lambda v: all(is_about(event, topic) for topic in v.split(",")),
        "speaker": lambda v: is_linked(event["speakers"], v, query.get("role"), "role"),
        "role": lambda v: is_linked(event["speakers"], query.get("speaker"), v, "role"),
        "company": lambda v: is_linked(event["companies"], v, query.get("relationship"), "relationship_type"),
        "relationship": lambda v: is_linked(event["companies"], query.get("company"), v, "relationship_type"),
        "date_after": lambda v: event["date"] and event["date"].isoformat() >= v,
        "date_before": lambda v: event["date"] and event["date"].isoformat() <= v,
        "starts_after": lambda v: event["starts_at"] and event["starts_at"] >= instant(v),
        "starts_before": lambda v: event["starts_at"] and event["starts_at"] <= instant(v),
        "when": lambda v: is_when(event, v, now),
        "online": lambda v: event["is_online"] == (v == "true"),
        "free": lambda v: event["is_free"] is not None and event["is_free"] == (v == "true"),
        "status": lambda v: event["status"] in v.split(","),
        "language": lambda v: event["language"] and (event["language"].lower() + "-").startswith(v.lower() + "-"),
        "min_quality": lambda v: event["data_quality_score"] >= int(v),
        "updated_since": lambda v: event["updated_at"] >= instant(v),
        "processing_status": lambda v: event["processing_status"] in v.split(","),
    }
    if "processing_status" not in query and event["processed_at"] is None:
        return False
    return all(checks[name](value) for name, value in query.items() if name in checks)


def select(events, query, now=None):
    return [event for event in events if matches(event, query, now)]


def walk(stack, path, limit=100, **query):
    """All items of a list, page by page; no item twice, no page too long."""
    cursor, items = None, []
    while True:
        answer = stack.api("GET", path, query={"limit": limit, **query, **({"cursor": cursor} if cursor else {})})
        assert answer.status == 200, answer
        page = answer.json["page"]
        assert len(answer.json["data"]) <= limit and page["has_more"] == bool(page["next_cursor"])
        assert not page["has_more"] or len(answer.json["data"]) == limit
        items += answer.json["data"]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert len({item["id"] for item in items}) == len(items), "an event came twice"
    return items
