"""Compares what the API tells about an event with what must be found on its page."""
import unicodedata

from samples import fold, topic_and_parts

ONLINE = {"zoom": True, "meet": True, "online": True, "offline": False}


def plain(text):
    """Folded, and without accents: two spellings of one name."""
    return "".join(c for c in unicodedata.normalize("NFD", fold(text)) if not unicodedata.combining(c))


def names(items, field, value):
    return {plain(item["name"]) for item in items if item[field] == value}


def plain_extracted(event):
    """What the page's own fields say, as the extraction gave it."""
    return {kind: [item for item in event["extracted_data"][kind] if item["method"] != "rule"] for kind in ("speakers", "companies")}


def instant(text):
    """2026-03-13T00:30:00Z, whatever the fraction of a second is written like."""
    return text and text.replace(".000", "").replace("+00:00", "Z")


def differences(event, truth):
    """Pairs that differ, as {field: (is, should be)}; empty when all is well."""
    wrong = {}

    def check(field, value, expected):
        if value != expected:
            wrong[field] = (value, expected)

    check("name", event["name"], truth["name"])
    check("starts_at", instant(event["starts_at"]), truth["starts_at"])
    check("ends_at", instant(event["ends_at"]), truth["ends_at"])
    check("timezone", event["timezone"], truth["timezone"])
    check("date", event["date"], truth["date"])
    check("luma_url", event["luma_url"], truth["url"])
    check("status", event["status"], truth["status"])
    check("processing_status", event["processing_status"], "processed")
    if truth["city"]:
        check("city", plain(event["city"]), plain(truth["city"]))
    if truth["country"]:
        check("country", event["country"], truth["country"])
    if truth["location_type"] in ONLINE:
        check("is_online", event["is_online"], ONLINE[truth["location_type"]])
    if truth["shape"] == "google":
        check("location", plain(truth["venue"]) in plain(event["location"]), True)
    if truth["shape"] == "manual" and not event["is_online"]:  # free text: its first part at least
        told = [plain(part) for part in (event["location"] or "").split(", ")]  # the street may be left out
        check("location", bool(event["location"]) and all(part in plain(truth["venue"]) for part in told), True)
    # Those whom the page's own fields name; what the description says besides is read by rules.
    told = plain_extracted(event)
    check("hosts", names(told["speakers"], "role", "host"), set(map(plain, truth["people"])))
    check("companies", names(told["companies"], "relationship_type", "host"), set(map(plain, truth["companies"])))
    found = {topic["name"] for topic in event["topics"] if topic["category"] != "format"}
    missing = {topic for topic in truth["topics"] if not found & topic_and_parts(topic)}
    if len(found) < 2:  # a category gives way to two for which the text speaks
        check("missing topics", missing, set())
    if truth["has_description"]:
        check("has a description", bool(event["description"]), True)
    return wrong
