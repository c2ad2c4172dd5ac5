"""The graph: every answer equals a computation by networkx over the exported tables, for the samples and for all pages of
the folder beside the checkout; what people write themselves in Cypher agrees, and cannot write."""
import collections
import itertools
import math
import time

import networkx
import psycopg
import pytest
import real_pages
from waiting import wait_until

UNKNOWN = "00000000-0000-4000-8000-000000000000"
NAMES = ["co-speakers", "path", "central-speakers", "communities", "company-network", "topic-map", "bridges"]


class Exported:
    """The tables as they are, and what follows from them."""

    def __init__(self, stack):
        self.stack = stack
        rows = stack.query("select id::text, name, date::text, processed_at is not null and merged_into is null, merged_into from events")
        self.events = {row[0]: row for row in rows if row[3]}
        self.names = {
            kind: dict(stack.query(f"select id::text, name from {table}"))
            for kind, table in (("speaker", "speakers where merged_into is null"), ("company", "companies where merged_into is null"),
                                ("topic", "topics"))}
        self.links = {kind: collections.defaultdict(lambda: collections.defaultdict(set)) for kind in self.names}  # kind, event, id: roles
        for kind, table, column, role in (("speaker", "event_speakers", "speaker_id", "role"), ("topic", "event_topics", "topic_id", "''"),
                                          ("company", "event_companies", "company_id", "relationship_type")):
            for event, entity, what in stack.query(f"select event_id::text, {column}::text, {role} from {table}"):
                if event in self.events:
                    self.links[kind][event][entity].add(what)
        self.people = self.pairs("speaker")
        self.people.add_nodes_from(self.names["speaker"])
        self.changed = stack.value("select max(greatest(updated_at, processed_at)) from events")

    def pairs(self, kind):
        """Those of a kind who share events: weight, evidence."""
        graph = networkx.Graph()
        for event, members in self.links[kind].items():
            for one, other in itertools.combinations(sorted(members), 2):
                if not graph.has_edge(one, other):
                    graph.add_edge(one, other, weight=0, evidence=[])
                graph.edges[one, other]["weight"] += 1
                graph.edges[one, other]["evidence"].append(event)
        return graph

    def whole(self, kinds=("speaker", "company", "topic")):
        graph = networkx.Graph()
        graph.add_nodes_from(self.events)
        for kind in self.names:
            graph.add_nodes_from(self.names[kind])
        graph.add_edges_from((event, entity) for kind in kinds for event, members in self.links[kind].items() for entity in members)
        return graph

    def days(self, events):
        days = [self.events[event][2] for event in events if self.events[event][2]]
        return (min(days), max(days)) if days else (None, None)

    def measured(self, name, **query):
        """A query that is answered from a snapshot: one that has seen the last change."""
        def fresh():
            answer = self.stack.internal("GET", f"/internal/graph/{name}", query=query)
            assert answer.status == 200, answer
            seen = self.stack.value("select %s::timestamptz >= %s", answer.json["as_of"], self.changed)
            return answer.json if seen else None
        return wait_until(fresh, 40, "a snapshot of now", 0.2)

    def list(self, path, limit=100, **query):
        """All pages of a list; the first answer, and all rows."""
        rows, first, cursor = [], None, None
        while True:
            answer = self.stack.internal("GET", f"/internal/graph/{path}", query={**query, "limit": limit, **({"cursor": cursor} if cursor else {})})
            assert answer.status == 200, answer
            first = first or answer.json
            rows += answer.json["data"]
            cursor = answer.json["page"]["next_cursor"]
            assert answer.json["page"]["has_more"] == bool(cursor)
            if not cursor:
                return first, rows


@pytest.fixture(scope="module", params=["samples", "pages"])
def graph(request):
    if request.param == "pages" and real_pages.FOLDER is None:
        pytest.skip("no ../shared/luma beside the checkout (or EVENTD_SHARED)")
    return Exported(request.getfixturevalue("filled" if request.param == "samples" else "loaded"))


def check_pairs(graph, rows, expected):
    """Pairs of people or companies with weight, days and evidence, the strongest first."""
    found = {frozenset((row["source"]["id"], row["target"]["id"])): row for row in rows}
    assert len(found) == len(rows)
    assert {pair: (row["weight"], sorted(row["evidence"])) for pair, row in found.items()} == {
        frozenset((a, b)): (data["weight"], sorted(data["evidence"])) for a, b, data in expected}
    order = [(-row["weight"], row["source"]["id"], row["target"]["id"]) for row in rows]
    assert order == sorted(order)


# ---------------------------------------------------------------------------------------------- named queries

def test_get_internal_graph(filled):
    listed = filled.internal("GET", "/internal/graph").json["data"]
    assert sorted(item["name"] for item in listed) == sorted(NAMES)
    assert all(item["path"] == f"/internal/graph/{item['name']}" and item["summary"] for item in listed)


def test_get_internal_graph_query(filled):
    """An unknown name is answered with the known ones and the nearest, whatever comes with it."""
    for path in ("co-speekers", "co-speekers?speaker=x&limit=0"):
        answer = filled.internal("GET", f"/internal/graph/{path}")
        assert answer.status == 404 and answer.headers["content-type"] == "application/problem+json"
        assert all(name in answer.json["detail"] for name in NAMES)
        assert answer.json["errors"][0]["nearest"] == "co-speakers"
    assert filled.internal("GET", "/internal/graph/zzzzzzzz").json["errors"][0].get("nearest") is None
    for path, parameter, nearest in (("co-speakers?speakr=x", "speakr", "speaker"), ("path?from=x", "from", None),
                                     ("central-speakers?by=pagerunk", "by", "pagerank"), ("bridges?limit=0", "limit", None),
                                     ("communities?min_sise=3", "min_sise", "min_size"), ("path?form=x&to=y", "form", "from"),
                                     ("company-network?by=topics", "by", None), ("topic-map?min_weight=0", "min_weight", None)):
        answer = filled.internal("GET", f"/internal/graph/{path}")
        assert answer.status == 400, (path, answer)
        items = {item["parameter"]: item for item in answer.json["errors"]}
        assert items[parameter].get("nearest") == nearest, (path, answer.json)
    assert filled.internal("GET", "/internal/graph/bridges", headers={"Authorization": None}).status == 401


def test_get_internal_graph_co_speakers(graph):
    _, rows = graph.list("co-speakers")
    check_pairs(graph, rows, graph.people.edges(data=True))
    assert rows == graph.list("co-speakers", limit=7)[1], "pages are parts of one list"
    for row in rows:
        assert (row["since"], row["until"]) == graph.days(row["evidence"])
        assert row["source"]["label"] == graph.names["speaker"][row["source"]["id"]]
    most = max(dict(graph.people.degree()).items(), key=lambda item: (item[1], item[0]))[0]
    _, own = graph.list("co-speakers", speaker=most)
    check_pairs(graph, own, graph.people.edges(most, data=True))
    assert {row["source"]["id"] for row in own} == {most}
    _, strong = graph.list("co-speakers", min_weight=2)
    check_pairs(graph, strong, [edge for edge in graph.people.edges(data=True) if edge[2]["weight"] >= 2])
    assert graph.stack.internal("GET", f"/internal/graph/co-speakers?speaker={UNKNOWN}").status == 404


def test_get_internal_graph_company_network(graph):
    companies = graph.pairs("company")
    _, rows = graph.list("company-network")
    check_pairs(graph, rows, companies.edges(data=True))
    for row in rows:
        assert (row["since"], row["until"]) == graph.days(row["evidence"])
    people = collections.defaultdict(set)  # of each company's events
    for event, members in graph.links["company"].items():
        for company in members:
            people[company] |= set(graph.links["speaker"][event])
    shared = [(a, b, {"weight": len(people[a] & people[b]), "evidence": list(people[a] & people[b])})
              for a, b in itertools.combinations(sorted(people), 2) if people[a] & people[b]]
    check_pairs(graph, graph.list("company-network", by="speakers")[1], shared)
    if companies.number_of_edges():
        most = max(companies.degree(), key=lambda item: (item[1], item[0]))[0]
        check_pairs(graph, graph.list("company-network", company=most)[1], companies.edges(most, data=True))
    assert graph.stack.internal("GET", f"/internal/graph/company-network?company={UNKNOWN}").status == 404


def test_get_internal_graph_topic_map(graph):
    topics, total = graph.pairs("topic"), len(graph.events)
    counts = collections.Counter(topic for members in graph.links["topic"].values() for topic in members)
    _, rows = graph.list("topic-map")
    assert {frozenset((row["source"]["id"], row["target"]["id"])): row["weight"] for row in rows} == {
        frozenset((a, b)): weight for a, b, weight in topics.edges(data="weight")}
    for row in rows:
        a, b = counts[row["source"]["id"]], counts[row["target"]["id"]]
        lift = row["weight"] * total / (a * b)
        assert (row["source"]["events"], row["target"]["events"]) == (a, b)
        assert math.isclose(row["lift"], lift, abs_tol=1e-5) and math.isclose(row["pmi"], math.log2(lift), abs_tol=1e-5)
    name = graph.names["topic"][rows[0]["source"]["id"]] if rows else "AI"
    of_one = graph.list("topic-map", topic=name.lower())[1]
    assert len(of_one) == sum(name in (row["source"]["label"], row["target"]["label"]) for row in rows)


def pagerank_of(graph):
    """By its definition: who has nobody hands on to everybody."""
    rank = dict.fromkeys(graph, 1 / len(graph))
    strength = dict(graph.degree(weight="weight"))
    for _ in range(300):
        spare = sum(value for person, value in rank.items() if not strength[person])
        rank = {person: (0.15 + 0.85 * spare) / len(graph) + 0.85 * sum(
            rank[other] * data["weight"] / strength[other] for other, data in graph[person].items()) for person in graph}
    return rank


def test_get_internal_graph_central_speakers(graph):
    met = graph.people
    degree, strength = dict(met.degree()), dict(met.degree(weight="weight"))
    betweenness = networkx.betweenness_centrality(met, normalized=False)
    pagerank = pagerank_of(met)
    expected = {"degree": degree, "strength": strength, "betweenness": betweenness, "pagerank": pagerank}
    for by, values in expected.items():
        answer = graph.measured("central-speakers", by=by, limit=500)
        rows = answer["data"]
        assert (answer["people"], answer["ties"], answer["truncated"]) == (len(met), met.number_of_edges(), False)
        assert answer["by"] == by and answer["betweenness_steps"] is None
        assert len(rows) == min(500, sum(d > 0 for d in degree.values()))
        assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
        for row in rows:
            assert all(math.isclose(row[name], values[row["id"]], rel_tol=1e-5, abs_tol=1e-6) for name, values in expected.items()), row
        assert [(-row[by], row["id"]) for row in rows] == sorted((-row[by], row["id"]) for row in rows)
        best = sorted((values[person] for person in met if degree[person]), reverse=True)[:len(rows)]
        assert all(math.isclose(row[by], value, rel_tol=1e-5, abs_tol=1e-6) for row, value in zip(rows, best))


def test_get_internal_graph_communities(graph):
    answer = graph.measured("communities", min_size=1, limit=100, members=1000)
    groups = [{member["id"] for member in group["members"]} for group in answer["data"]]
    sizes = [group["size"] for group in answer["data"]]
    assert sizes == sorted(map(len, groups), reverse=True)
    listed = set().union(*groups)
    assert len(listed) == sum(sizes), "nobody is in two"
    shown = [set(group) for group in groups]
    rest = [{person} for person in graph.people if person not in listed]
    if answer["communities"] > len(shown):  # the smallest are left out: those are people who met nobody, or pages of them
        assert max(map(len, rest), default=1) <= min(sizes)
    else:
        assert rest == []
    met = [set(group) for group in shown if len(group) > 1]
    singles = [{person} for person in graph.people if not any(person in group for group in met)]
    if graph.people.number_of_edges() and not (answer["communities"] > len(shown) and min(sizes) > 1):
        modularity = networkx.community.modularity(graph.people, met + singles, weight="weight")
        assert math.isclose(answer["modularity"], modularity, abs_tol=1e-6)
    baselines = (networkx.community.louvain_communities(graph.people, weight="weight", seed=1),
                 networkx.community.greedy_modularity_communities(graph.people, weight="weight"))
    for baseline in baselines:
        assert answer["modularity"] >= networkx.community.modularity(graph.people, baseline, weight="weight") - 0.01
    again = graph.measured("communities", min_size=1, limit=100, members=1000)
    assert again["data"] == answer["data"]
    for group, members in zip(answer["data"], groups):
        events = [event for event, speakers in graph.links["speaker"].items() if members & set(speakers)]
        counts = collections.Counter(topic for event in events for topic in graph.links["topic"][event])
        assert [topic["events"] for topic in group["topics"]] == sorted(counts.values(), reverse=True)[:3]
        assert all(counts[topic["id"]] == topic["events"] for topic in group["topics"])
    few = graph.measured("communities", members=1, limit=1)["data"]
    assert len(few) == 1 and len(few[0]["members"]) == 1 and few[0]["truncated"] == (few[0]["size"] > 1)


def test_get_internal_graph_bridges(graph):
    answer = graph.measured("bridges", limit=100)
    expected = set(networkx.articulation_points(graph.people))
    assert answer["bridges"] == len(expected)
    assert {row["id"] for row in answer["data"]} <= expected and len(answer["data"]) == min(100, len(expected))
    if len(expected) <= 100:
        assert {row["id"] for row in answer["data"]} == expected
    for row in answer["data"]:
        without = networkx.Graph(graph.people.subgraph(networkx.node_connected_component(graph.people, row["id"]) - {row["id"]}))
        assert row["groups"] == sorted(map(len, networkx.connected_components(without)), reverse=True) and len(row["groups"]) > 1
    order = [(-row["betweenness"], row["id"]) for row in answer["data"]]
    assert order == sorted(order)


def some_entities(graph, each=8):
    for kind in ("speaker", "company", "topic"):
        linked = sorted({entity for members in graph.links[kind].values() for entity in members})
        yield from linked[::max(1, len(linked) // each)][:each]
    yield from sorted(graph.events)[::max(1, len(graph.events) // 4)][:4]


def check_path(graph, answer, source, target):
    nodes, edges = [node["id"] for node in answer["nodes"]], answer["edges"]
    assert (nodes[0], nodes[-1]) == (source, target) and len(nodes) == len(edges) + 1 == answer["length"] + 1
    assert answer["degrees"] == (answer["length"] + 1) // 2
    for (a, b), edge in zip(itertools.pairwise(nodes), edges):
        assert (edge["source"], edge["target"]) == (a, b)
        event, entity = (a, b) if a in graph.events else (b, a)
        kind = {"appears": "speaker", "relates": "company", "about": "topic"}[edge["type"]]
        assert set(edge["roles"]) == graph.links[kind][event][entity] - {""}


def test_get_internal_graph_path(graph):
    graph.measured("bridges")  # so that the snapshot is one of now
    for via in ("speaker,company", "speaker", "speaker,company,topic"):
        kinds = via.split(",")
        for source, target in itertools.islice(itertools.combinations(some_entities(graph), 2), 0, None, 7):
            answer = graph.stack.internal("GET", "/internal/graph/path", query={"from": source, "to": target, "via": via, "max_degrees": 20})
            assert answer.status == 200, answer
            # The two ends may be of any kind.
            allowed = graph.whole(kinds)
            allowed.add_edges_from((event, entity) for kind in graph.names for event, members in graph.links[kind].items()
                                   for entity in members if entity in (source, target))
            if not networkx.has_path(allowed, source, target):
                assert answer.json["found"] is False and answer.json["nodes"] == answer.json["edges"] == []
                continue
            assert answer.json["found"] and answer.json["length"] == networkx.shortest_path_length(allowed, source, target)
            check_path(graph, answer.json, source, target)
            nearer = max(1, answer.json["degrees"] - 1)
            less = graph.stack.internal("GET", "/internal/graph/path", query={"from": source, "to": target, "via": via, "max_degrees": nearer})
            assert less.json["found"] == (answer.json["degrees"] <= nearer)
    one = next(iter(some_entities(graph)))
    same = graph.stack.internal("GET", f"/internal/graph/path?from={one}&to={one.upper()}").json
    assert (same["length"], len(same["nodes"]), same["edges"]) == (0, 1, [])
    assert graph.stack.internal("GET", f"/internal/graph/path?from={one}&to={UNKNOWN}").status == 404
    missing = graph.stack.internal("GET", f"/internal/graph/path?from={one}")
    assert missing.status == 400 and missing.json["errors"][0]["parameter"] == "to"
    wrong = graph.stack.internal("GET", f"/internal/graph/path?from={one}&to={one}&via=speaker,companies")
    assert wrong.status == 400 and "the nearest is company" in wrong.json["detail"]


@pytest.mark.essential
def test_measures_follow_changes(stack, fresh):
    """Soon after an event is processed its people are in the measures, and never half."""
    stack.scrape_id(fresh["url"])
    people = stack.value("select count(*) from speakers where merged_into is null")
    wait_until(lambda: stack.internal("GET", "/internal/graph/bridges").json["people"] == people, 30, "a new snapshot")
    exported = Exported(stack)
    assert exported.measured("bridges")["ties"] == exported.people.number_of_edges()


# ---------------------------------------------------------------------------------------------- about one entity

def network_of(met, person, depth, most):
    """The rule of the documentation: level by level, the most strongly tied to those before."""
    kept, level, truncated = {person: 0}, [person], False
    for step in range(1, depth + 1):
        ties = collections.Counter()
        for one in level:
            for other, data in met[one].items():
                if other not in kept:
                    ties[other] += data["weight"]
        ranked = sorted(ties, key=lambda other: (-ties[other], other))
        level = ranked[:most - len(kept)]
        truncated |= len(level) < len(ranked)
        kept |= {other: step for other in level}
    return kept, truncated


def test_get_internal_graph_speakers_id_network(graph):
    met = graph.people
    people = sorted(met, key=lambda person: (-met.degree(person), person))
    for person, depth, most in itertools.product(people[:6] + people[len(people) // 2:][:4] + people[-2:], (1, 2, 3), (5, 1000)):
        answer = graph.stack.internal("GET", f"/internal/graph/speakers/{person}/network", query={"depth": depth, "max_entities": most, "max_edges": 10000})
        assert answer.status == 200, answer
        kept, truncated = network_of(met, person, depth, most)
        assert {node["id"]: node["depth"] for node in answer.json["nodes"]} == kept
        assert answer.json["truncated"] == truncated and answer.json["depth"] == depth
        inside = met.subgraph(kept)
        assert {frozenset((edge["source"], edge["target"])): (edge["weight"], edge["evidence"]) for edge in answer.json["edges"]} == {
            frozenset((a, b)): (data["weight"], sorted(data["evidence"])[:100]) for a, b, data in inside.edges(data=True)}
        for node in answer.json["nodes"]:
            assert (node["type"], node["label"], node["degree"]) == ("speaker", graph.names["speaker"][node["id"]], inside.degree(node["id"]))
        for edge in answer.json["edges"]:
            assert (edge["since"], edge["until"]) == graph.days(edge["evidence"])
        if most > 5:
            assert set(kept) == set(networkx.ego_graph(met, person, radius=depth))
    busy = people[0]
    few = graph.stack.internal("GET", f"/internal/graph/speakers/{busy}/network?max_edges=1").json
    assert len(few["edges"]) == min(1, met.degree(busy)) and few["truncated"] == (met.subgraph(network_of(met, busy, 1, 200)[0]).number_of_edges() > 1)
    for path, status in ((f"{UNKNOWN}/network", 404), ("x/network", 400), (f"{busy}/network?depth=4", 400), (f"{busy}/network?depht=2", 400)):
        assert graph.stack.internal("GET", f"/internal/graph/speakers/{path}").status == status


def test_get_internal_graph_companies_id_events(graph):
    of = collections.defaultdict(dict)
    for event, members in graph.links["company"].items():
        for company, relationships in members.items():
            of[company][event] = relationships
    for company in sorted(of, key=lambda company: (-len(of[company]), company))[:12]:
        first, rows = graph.list(f"companies/{company}/events", limit=3, max_companies=200)
        events = of[company]
        assert {row["id"]: set(row["relationships"]) for row in rows} == events and len(rows) == len(events)
        days = [row["date"] or "" for row in rows]
        assert days == sorted(days, reverse=True)
        assert first["company"]["name"] == graph.names["company"][company] and first["events"] == len(events)
        assert first["relationships"] == collections.Counter(one for relationships in events.values() for one in relationships)
        months = collections.Counter(graph.events[event][2][:7] for event in events if graph.events[event][2])
        assert [(month["month"], month["events"]) for month in first["timeline"]] == sorted(months.items())
        assert first["undated"] == len(events) - sum(months.values())
        together = collections.Counter(other for event in events for other in graph.links["company"][event] if other != company)
        assert {row["id"]: row["events"] for row in first["companies"]} == together and first["truncated"] is False
        for row in first["companies"]:
            roles = [graph.links["company"][event][row["id"]] for event in events if row["id"] in graph.links["company"][event]]
            assert set(row["relationships"]) == set().union(*roles) and row["sponsored"] == sum("sponsor" in role for role in roles)
        _, hosted = graph.list(f"companies/{company}/events", relationship="host")
        assert {row["id"] for row in hosted} == {event for event, relationships in events.items() if "host" in relationships}
    for path, status in ((f"{UNKNOWN}/events", 404), ("x/events", 400), (f"{company}/events?relationship=guest", 400)):
        assert graph.stack.internal("GET", f"/internal/graph/companies/{path}").status == status


def test_get_internal_graph_events_id_connections(graph):
    weight = {"speaker": 3, "company": 2, "topic": 1}
    entities = {event: {(kind, entity) for kind in weight for entity in graph.links[kind][event]} for event in graph.events}
    for event in sorted(graph.events)[::max(1, len(graph.events) // 12)]:
        _, rows = graph.list(f"events/{event}/connections", limit=17)
        expected = {other: entities[event] & entities[other] for other in graph.events if other != event and entities[event] & entities[other]}
        assert {row["id"]: {(reason["type"], reason["id"]) for reason in row["reasons"]} for row in rows} == expected
        assert len(rows) == len(expected)
        for row in rows:
            assert row["weight"] == sum(weight[kind] for kind, _ in expected[row["id"]])
            for reason in row["reasons"]:
                if reason["type"] != "topic":
                    links = graph.links[reason["type"]]
                    assert set(reason["roles_here"]) == links[event][reason["id"]] and set(reason["roles_there"]) == links[row["id"]][reason["id"]]
        order = [(-row["weight"], [-ord(c) for c in row["date"] or ""], row["id"]) for row in rows]
        assert order == sorted(order)
    for path, status in ((f"{UNKNOWN}/connections", 404), ("x/connections", 400), (f"{event}/connections?limit=101", 400)):
        assert graph.stack.internal("GET", f"/internal/graph/events/{path}").status == status


def test_merged_rows_lead_to_what_they_became(filled):
    """For ids of all kinds; made by hand and taken back."""
    for table, path in (("speakers", "speakers/{}/network"), ("companies", "companies/{}/events"), ("events", "events/{}/connections")):
        columns = {"speakers": "name, normalized_name", "companies": "name, normalized_name", "events": "name"}[table]
        values = {"speakers": "'Twice', 'twice'", "companies": "'Twice', 'twice of the tests'", "events": "'Twice'"}[table]
        survivor = str(filled.value(f"select id from {table} where merged_into is null order by id limit 1"))
        loser = str(filled.value(f"insert into {table} ({columns}, merged_into) values ({values}, %s) returning id", survivor))
        try:
            answer = filled.internal("GET", f"/internal/graph/{path.format(loser)}")
            assert answer.status == 308 and answer.headers["location"] == f"/internal/graph/{path.format(survivor)}", answer
        finally:
            filled.query(f"delete from {table} where id = %s returning id", loser)


def test_unprocessed_and_merged_events_are_not_in_the_graph(graph):
    """Links of events that readers do not see yet count nowhere."""
    speaker = max(graph.people.degree(), key=lambda item: (item[1], item[0]))[0]
    other = min(person for person in graph.people if person != speaker and not graph.people.has_edge(person, speaker))
    event = str(graph.stack.value("insert into events (name, processing_status) values ('Not yet', 'queued') returning id"))
    try:
        for person in (speaker, other):
            graph.stack.query("insert into event_speakers (event_id, speaker_id, role) values (%s, %s, 'host') returning role", event, person)
        network = graph.stack.internal("GET", f"/internal/graph/speakers/{speaker}/network").json
        assert other not in {node["id"] for node in network["nodes"]}
        assert event not in {found for edge in network["edges"] for found in edge["evidence"]}
        pairs = graph.list("co-speakers", speaker=speaker)[1]
        assert other not in {row["target"]["id"] for row in pairs}
    finally:
        graph.stack.query("delete from events where id = %s returning id", event)


# ------------------------------------------------------------------------------------------------------- Cypher

def cypher(stack, query, **body):
    return stack.internal("POST", "/internal/graph/cypher", {"query": query, **body})


def rows_of(stack, query, **body):
    answer = cypher(stack, query, **body)
    assert answer.status == 200, answer
    assert answer.json["truncated"] is False
    return [tuple(row.values()) for row in answer.json["data"]]


def test_post_internal_graph_cypher(graph):
    """AGE and the tables say the same."""
    stack = graph.stack
    pairs = collections.Counter(frozenset(pair) for pair in rows_of(
        stack, "MATCH (a:Speaker)-[:APPEARS]->(e:Event)<-[:APPEARS]-(b:Speaker) WHERE a.id < b.id RETURN DISTINCT a.id, b.id, e.id", limit=10000)
        for pair in [pair[:2]])
    visible = {frozenset((a, b)): weight for a, b, weight in graph.people.edges(data="weight")}
    assert pairs == visible
    person = max(graph.people.degree(), key=lambda item: (item[1], item[0]))[0]
    near = rows_of(stack, "MATCH (s:Speaker)-[:APPEARS]->(:Event)<-[:APPEARS]-(o:Speaker) WHERE s.id = $id AND o.id <> $id RETURN DISTINCT o.id AS id",
                   params={"id": person})
    assert {row[0] for row in near} == set(graph.people[person])
    counted = cypher(stack, "MATCH (c:Company)-[r:RELATES]->(e:Event) WITH r.relationship_type AS kind, count(*) AS links RETURN kind, links ORDER BY kind")
    assert counted.status == 200, counted
    counted = counted.json
    assert counted["columns"] == ["kind", "links"]
    relationships = collections.Counter(one for members in graph.links["company"].values() for kinds in members.values() for one in kinds)
    assert {row["kind"]: row["links"] for row in counted["data"]} == relationships


@pytest.mark.essential
def test_values_of_cypher_become_json(filled):
    answer = cypher(filled, "MATCH p=(s:Speaker)-[a:APPEARS]->(e:Event) RETURN p, s, a, 1.5, 3::numeric AS n, true, null AS nothing, "
                            "[1, 'x, y', {a: '::vertex \"q\"'}] AS list, 1.5e300 * 1e300 AS huge LIMIT 1")
    assert answer.status == 200, answer
    assert answer.json["columns"] == ["p", "s", "a", "1.5", "n", "true", "nothing", "list", "huge"]
    row = answer.json["data"][0]
    assert [part["label"] for part in row["p"]] == ["Speaker", "APPEARS", "Event"]
    assert row["s"]["label"] == "Speaker" and set(row["s"]["properties"]) == {"id", "name"} and "role" in row["a"]["properties"]
    assert (row["1.5"], row["n"], row["true"], row["nothing"], row["huge"]) == (1.5, 3, True, None, None)
    assert row["list"] == [1, "x, y", {"a": '::vertex "q"'}]
    assert cypher(filled, "RETURN 1, 2 AS b", columns=["one", "two"]).json["data"] == [{"one": 1, "two": 2}]
    assert cypher(filled, "RETURN $a.b AS x, $list AS y", params={"a": {"b": "ö'\"$$"}, "list": [1, None]}).json["data"] == [
        {"x": "ö'\"$$", "y": [1, None]}]
    limited = cypher(filled, "UNWIND range(1, 50) AS n RETURN n", limit=7).json
    assert ([row["n"] for row in limited["data"]], limited["truncated"]) == (list(range(1, 8)), True)
    large = cypher(filled, "UNWIND range(1, 10000) AS n RETURN range(1, 1000) AS many", limit=10000).json
    assert large["truncated"] and 0 < len(large["data"]) < 10000


@pytest.mark.parametrize("query", [
    "MATCH (s:Speaker) SET s.name = 'x' RETURN s", "MATCH (s:Speaker) REMOVE s.name RETURN s", "MATCH (s:Speaker) DETACH DELETE s",
    "CREATE (s:Speaker {id: 'x'})", "MERGE (s:Speaker {id: 'x'}) RETURN s", "EXPLAIN ANALYZE MATCH (s:Speaker) SET s.name = 'x' RETURN s",
    "MATCH (s:Speaker) WITH s LIMIT 1 SET s.name = 'x' WITH s MATCH (e:Event) RETURN e.name UNION RETURN 'y'",
    "CREATE (:Newlabel {id: 'x'})-[:KNOWS]->(:Newlabel)", "MATCH (s:Speaker) /* RETURN s */ SET s.name = 'x'"])
def test_cypher_cannot_write(filled, query):
    held = "select md5(string_agg(x::text, '' order by x::text)) from (select ag_catalog.agtype_out(properties)::text x from event_network.\"Speaker\" " \
           "union all select ag_catalog.agtype_out(properties)::text from event_network.\"APPEARS\") y"
    before = filled.value(held), filled.value("select count(*) from ag_catalog.ag_label")
    answer = cypher(filled, query)
    assert answer.status == 403 and answer.json["code"] == "forbidden", answer
    assert (filled.value(held), filled.value("select count(*) from ag_catalog.ag_label")) == before


@pytest.mark.parametrize("query", [
    "RETURN 1 $$) as (a agtype); drop table events; --", "RETURN 1 $q$ $q$", "RETURN 1; RETURN 2", "RETURN 1) as (a ag_catalog.agtype); select (1",
    "RETURN pg_catalog.pg_sleep(1::pg_float8)", "RETURN pg_catalog.pg_read_file('/etc/passwd')",
    "RETURN pg_catalog.set_config('role', 'eventd', false)", "RETURN pg_catalog.query_to_xml('select 1', true, true, '')",
    "RETURN public.rebuild_graph()", "RETURN public.request_scrapes('x')", "CALL pg_catalog.version() YIELD x RETURN x",
    "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line", "COPY events TO PROGRAM 'id'", "SELECT 1", "MATCH (s:Speaker RETURN s", "\\", "'"])
def test_hostile_cypher_is_an_invalid_query(filled, query):
    answer = cypher(filled, query)
    assert answer.status == 400 and answer.json["code"] == "invalid_query", answer
    assert "run_cypher" not in answer.text and "pg_temp" not in answer.text and "42" not in answer.json["detail"][:3]
    assert filled.value("select count(*) > 0 from events")
    assert cypher(filled, "RETURN 1 AS one").json["data"] == [{"one": 1}]


def test_bad_bodies_of_cypher(filled):
    for body, pointer in (({}, "/query"), ({"query": 1}, "/query"), ({"query": "RETURN 1", "params": [1]}, "/params"),
                          ({"query": "RETURN 1", "limit": 0}, "/limit"), ({"query": "RETURN 1", "colums": ["a"]}, "/colums"),
                          ({"query": "RETURN 1, 2", "columns": ["a", "a"]}, "/columns"), ({"query": "x" * 20001}, "/query")):
        answer = filled.internal("POST", "/internal/graph/cypher", body)
        assert answer.status in (400, 422) and answer.json["errors"][0]["pointer"] == pointer, (body, answer)
    mismatch = cypher(filled, "RETURN 1, 2", columns=["a"])
    assert mismatch.status == 400 and "number of columns" in mismatch.json["detail"]
    assert cypher(filled, "RETURN $missing.x AS x").status in (200, 400)


@pytest.mark.essential
def test_a_long_query_ends_and_holds_nobody_up(filled):
    """Its time is limited; others are answered meanwhile; what it did to its session is gone."""
    import threading
    answers = []
    began = time.monotonic()
    slow = threading.Thread(target=lambda: answers.append(cypher(filled, "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN count(a + b)")))
    slow.start()
    event = next(iter(filled.ids.values()))
    for _ in range(20):
        one = time.monotonic()
        assert filled.internal("GET", f"/internal/graph/events/{event}/connections").status == 200
        assert time.monotonic() - one < 3
    slow.join(30)
    assert answers and answers[0].status in (504, 400), answers
    assert answers[0].json["code"] in ("timeout", "invalid_query") and time.monotonic() - began < 20
    assert cypher(filled, "RETURN pg_catalog.pg_try_advisory_lock(77::pg_bigint) AS locked").json["data"] == [{"locked": True}]
    assert filled.value("select count(*) from pg_locks where locktype = 'advisory' and objid = 77") == 0


@pytest.mark.skipif(real_pages.FOLDER is None, reason="no ../shared/luma beside the checkout (or EVENTD_SHARED)")
def test_long_paths_do_not_fill_the_disk(loaded):
    answer = cypher(loaded, "MATCH p=(s:Speaker)-[*1..20]-(b) RETURN count(*)")
    assert answer.status in (400, 504), answer
    assert answer.json["code"] in ("invalid_query", "timeout")


def test_who_runs_cypher_may_read_the_graph_and_nothing_else(filled):
    owner, definer = filled.query("select r.rolname, p.prosecdef from pg_proc p join pg_roles r on r.oid = p.proowner where proname = 'run_reader_cypher'")[0]
    assert (owner, definer) == ("eventd_graph_reader", True)
    assert filled.query("select rolsuper, rolcreaterole, rolcreatedb, rolcanlogin, rolbypassrls from pg_roles where rolname = %s", owner) == [(False,) * 5]
    tables = filled.query("select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v') "
                          "and n.nspname in ('public', 'event_network') and has_table_privilege(%s, c.oid, 'select') "
                          "and c.relname not like 'pg_stat_statements%%'", owner)
    assert tables and {name for [name] in tables} == {"event_network"}
    written = filled.query("select c.relname from pg_class c where c.relkind = 'r' and has_table_privilege(%s, c.oid, 'insert, update, delete, truncate')", owner)
    assert written == []
    with filled.db() as connection, pytest.raises(psycopg.Error, match="cannot set parameter \"role\" within security-definer"):
        connection.execute("create function pg_temp.escape() returns text language sql security definer return set_config('role', 'none', true)")
        connection.execute("select pg_temp.escape()")
