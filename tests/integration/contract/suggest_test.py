"""GET /api/suggest against the tables: names by whole, beginning and word computed in Python, misspelt ones found again."""
import collections
import pathlib
import re

import catalogue
import pytest

pytestmark = pytest.mark.essential
KINDS = {"event": None, "speaker": "speakers", "company": "companies", "topic": "topics"}
TIERS = ["exact", "prefix", "word", "near"]
MOST = 100  # of a kind and a way: no sample has more


def suggest(stack, q, **query):
    answer = stack.api("GET", "/api/suggest", query={"q": q, "limit": 50, **query})
    assert answer.status == 200, answer
    return answer.json["data"]


@pytest.fixture(scope="module")
def known(filled):
    """{(kind, id): (name, keys, number of events)} of what is shown; of events of one name the latest."""
    events = catalogue.select(catalogue.load(filled), {})
    found, series = {}, collections.defaultdict(list)
    for event in events:
        series[catalogue.key(event["name"])].append(event)
    for name, some in series.items():
        latest = sorted(some, key=lambda event: (-event["date"].toordinal() if event["date"] else 0, str(event["id"])))[0]
        found["event", str(latest["id"])] = (latest["name"], {name}, len(some))
    for kind, table in list(KINDS.items())[1:]:
        for event in events:
            for link in event[table]:
                found.setdefault((kind, str(link["id"])), [link["name"], {catalogue.key(link["name"])}, set()])[2].add(event["id"])
    for kind in ("speaker", "company"):
        for who, name in filled.query(f"select {kind}_id::text, name from {kind}_aliases"):
            if (kind, who) in found:
                found[kind, who][1].add(catalogue.key(name))
    for alias, name in filled.query("select alias, name from topic_aliases"):
        for (kind, _), row in found.items():
            if kind == "topic" and row[1] & {alias, name} and catalogue.key(row[0]) in (alias, name):
                row[1] |= {alias, name}
    return {who: (name, keys, count if isinstance(count, int) else len(count)) for who, (name, keys, count) in found.items()}


def tier(keys, q):
    """How a name was meant by what was typed; None: not at all, or misspelt."""
    if q in keys:
        return 0
    if any(name.startswith(q) for name in keys):
        return 1
    return 2 if len(q) >= 2 and any(f" {q}" in name for name in keys) else None


def expected(known, q, kinds=KINDS):
    """Those that are spelled right, in their order: the kinds take turns within a tier."""
    q = catalogue.key(q)
    rows = [(tier(keys, q), kind, -count, name, who) for (kind, who), (name, keys, count) in known.items()
            if kind in kinds and tier(keys, q) is not None]
    places, placed = collections.Counter(), []
    for row in sorted(rows):
        places[row[:2]] += 1
        placed.append((row[0], places[row[:2]], row[2], row[3], row[1], row[4]))
    return [(TIERS[at], kind, who, -count) for at, _, count, _, kind, who in sorted(placed)]


def spelled(items):
    return [(item["match"], item["kind"], item["id"], item["count"]) for item in items if item["match"] != "near"]


def beginnings(known):
    """What people type: beginnings of names and of words in them, of every length."""
    names = sorted({name for name, _, _ in known.values()})
    typed = [name[:length] for name in names[::9] for length in (1, 2, 3, 5, 9, len(name))]
    return typed + [word[:4] for name in names[::9] for word in name.split()[1:] if len(word) > 4]


def test_get_api_suggest(filled, known):
    kinds = set()
    for q in filter(catalogue.key, beginnings(known)):
        items, wanted = suggest(filled, q), expected(known, q)
        assert len(wanted) < MOST and sorted(spelled(items)) == sorted(wanted[:50]), q
        assert {item["name"] for item in items if item["match"] == "exact"} == {known[kind, who][0] for match, kind, who, _ in wanted if match == "exact"}
        order = [TIERS.index(item["match"]) for item in items]
        assert order == sorted(order) and len({(item["kind"], item["id"]) for item in items}) == len(items)
        for item in items:
            name, _, count = known[item["kind"], item["id"]]
            assert (item["name"], item["count"]) == (name, count)
        kinds |= {item["kind"] for item in items}
    assert kinds == set(KINDS)


def test_the_kinds_take_turns(filled, known):
    for q in filter(catalogue.key, beginnings(known)[::5]):
        found, wanted = spelled(suggest(filled, q)), expected(known, q)
        assert [row[:2] + row[3:] for row in found] == [row[:2] + row[3:] for row in wanted[:50]], q


@pytest.mark.parametrize("kinds", ["speaker", "event,topic", "company"])
def test_only_of_some_kinds_and_so_many(filled, known, kinds):
    for q in ("a", "s", "ai"):
        assert sorted(spelled(suggest(filled, q, kind=kinds))) == sorted(expected(known, q, kinds.split(","))[:50])
        whole = suggest(filled, q)
        assert suggest(filled, q, limit=3)[:3] == whole[:3] or len(whole) > 3


def misspelt(name):
    middle = len(name) // 2
    return {"a letter left out": name[:middle] + name[middle + 1:], "one too many": name[:middle] + "x" + name[middle:],
            "another one": name[:middle] + "x" + name[middle + 1:],
            "two the other way round": name[:middle] + name[middle + 1] + name[middle] + name[middle + 2:]}


def test_misspelt_names_are_found(filled, known):
    missed, tried = [], 0
    for (kind, who), (name, _, _) in sorted(known.items())[::3]:
        whole = catalogue.key(name)
        if len(whole) < 8 or not whole.isascii():
            continue
        for how, q in misspelt(whole).items():
            tried += 1
            if not any((item["kind"], item["id"]) == (kind, who) for item in suggest(filled, q)):
                missed.append((how, q, name))
    assert tried > 100 and missed == []


def test_a_misspelt_word_within_a_name(filled, known):
    missed, tried = [], 0
    for (kind, who), (name, keys, _) in sorted(known.items())[::3]:
        for word in [word for word in catalogue.key(name).split()[1:] if len(word) > 7 and word.isascii()][:1]:
            tried += 1
            q = misspelt(word)["a letter left out"]
            items = suggest(filled, q, kind=kind)
            if not any(item["id"] == who for item in items) and len(items) < 50:
                missed.append((q, name))
    assert tried > 10 and len(missed) <= tried // 20, missed


def test_case_accents_and_punctuation_do_not_matter(filled, known):
    name = next(name for (kind, _), (name, _, _) in sorted(known.items()) if kind == "speaker" and name.isascii() and " " in name)
    plain = suggest(filled, name)
    for q in (name.upper(), name.replace("a", "á").replace("e", "è").replace("o", "ö"), f" {name}!", name.replace(" ", "  ")):
        assert suggest(filled, q) == plain, q


@pytest.mark.parametrize("q", ["!!!", "%", "_", "zzqqxxyyzzqq", "'; drop table events; --", "\\"])
def test_what_nothing_is_called(filled, q):
    assert suggest(filled, q) == []


@pytest.mark.parametrize("query,parameter", [({}, "q"), ({"q": ""}, "q"), ({"q": "a" * 201}, "q"), ({"q": "a", "limit": "51"}, "limit"),
                                             ({"q": "a", "kind": "thing"}, "kind"), ({"q": "a", "cursor": "x"}, "cursor")])
def test_what_is_no_question(filled, query, parameter):
    answer = filled.api("GET", "/api/suggest", query=query)
    assert answer.status == 400 and answer.json["errors"][0]["parameter"] == parameter


def test_a_topic_by_its_other_names(filled, known):
    who = next(who for (kind, who), (name, _, _) in known.items() if kind == "topic" and name == "AI")
    for q in ("artificial intelligence", "artificial intel", "artifical inteligence"):
        assert who in {item["id"] for item in suggest(filled, q)}, q
        assert who in {item["id"] for item in catalogue.walk(filled, "/api/topics", q=q)}, q


def test_lists_find_people_by_misspelt_other_names(filled):
    who = filled.value("select id::text from speakers where merged_into is null order by id limit 1")
    filled.query("insert into speaker_aliases (speaker_id, name) values (%s, 'Bartholomew Quillfeather') returning 1", who)
    try:
        for q in ("Bartholomew Q", "bartholomew quilfeather", "Bartolomew Quillfeather"):
            assert who in {item["id"] for item in catalogue.walk(filled, "/api/speakers", q=q)}, q
        assert catalogue.walk(filled, "/api/speakers", q="!!") == []
    finally:
        filled.query("delete from speaker_aliases where name = 'Bartholomew Quillfeather' returning 1")


MANY = """
    create temporary table made on commit drop as
        select gen_random_uuid() as id, left(md5(n::text), 8) || ' ' || md5(n::text || 'x') as name from generate_series(1, 5000) n;
    insert into events (id, name, processed_at, processing_status) select id, name, now(), 'processed' from made;
    insert into speakers (id, name, normalized_name) select id, name, name from made;
    insert into companies (id, name, normalized_name) select id, name, name from made;
    insert into speaker_aliases (speaker_id, name) select id, name || ' again' from made;
    insert into company_aliases (company_id, name) select id, name || ' again' from made;
    analyze events; analyze speakers; analyze companies; analyze speaker_aliases; analyze company_aliases"""


def test_names_are_looked_up_by_indexes(filled):
    """With some thousands of names, and sequential scans forbidden, nothing is left that only one could find."""
    path = pathlib.Path(__file__).resolve().parents[3] / "sql/queries/suggest/list_names.sql"
    text = re.sub(r"(?<!:):(q|kind|limit)\b", lambda match: {"q": "$1", "kind": "$2", "limit": "$3"}[match[1]], path.read_text("utf-8"))
    with filled.db() as connection, connection.transaction(force_rollback=True):
        for statement in MANY.split(";"):
            connection.execute(statement)
        connection.execute("set local enable_seqscan = off")
        connection.execute("set local plan_cache_mode = force_generic_plan")
        connection.execute("prepare names (text, text[], int) as " + text)
        plan = "\n".join(row[0] for row in connection.execute("explain execute names ('an', '{event,speaker,company,topic}', 10)"))
    assert set(re.findall(r"Seq Scan on (\w+)", plan)) <= {"topics", "topic_aliases"}, plan
    missing = [index for index in re.findall(r"\w+_idx", path.read_text("utf-8")) if index not in plan]
    assert missing == [], plan
