"""What must be true of the database whenever no work is under way, however it got there."""
import contextlib

from waiting import wait_until

OPEN_JOBS = "select kind, state, error_code from jobs where state in ('available', 'executing', 'retryable')"


def violations(stack, urls=None):
    """The broken rules in words; empty when all is well. With urls: exactly these are there, processed once each."""
    found = []
    with contextlib.suppress(AssertionError):  # what follows a batch by itself, as rendering those who show its people; told below
        wait_until(lambda: stack.value(f"select count(*) from ({OPEN_JOBS}) x") == 0, 30)

    def none(rule, sql, *values):
        if rows := stack.query(sql, *values):
            found.append(f"{rule}: {rows[:5]}")

    none("jobs that are not finished", OPEN_JOBS)
    none("events between two states", "select luma_url, processing_status from events where merged_into is null "
                                      "and processing_status not in ('processed', 'failed')")
    none("batch items that wait", "select event_id from batch_items where state = 'pending'")
    none("processed without a result", "select luma_url from events where processing_status = 'processed' and merged_into is null "
         "and (extracted_data is null or embedding is null or processed_at is null or document is null)")
    none("two events of one page", "select luma_id from events where merged_into is null and luma_id is not null "
                                   "group by 1 having count(*) > 1")
    none("two companies of one name", "select normalized_name from companies group by 1 having count(*) > 1")
    none("two topics of one name", "select normalized_name from topics group by 1 having count(*) > 1")
    none("a person twice on an event in one role", "select es.event_id, s.normalized_name, es.role from event_speakers es "
         "join speakers s on s.id = es.speaker_id group by 1, 2, 3 having count(*) > 1")
    found += graph_differences(stack)
    if urls is not None:
        wanted = sorted(set(urls))
        rows = stack.query("select luma_url, processing_status from events order by luma_url")
        if sorted(rows) != [(url, "processed") for url in wanted]:
            found.append(f"not exactly one processed event an address: {sorted(set(rows) ^ {(u, 'processed') for u in wanted})[:8]}")
        none("not processed exactly once", "select e.luma_url, count(j.id) from events e left join jobs j on j.event_id = e.id "
             "and j.kind = 'process' and j.state = 'completed' group by 1 having count(j.id) <> 1")
    return found


def cypher(stack, pattern, names):
    """Rows of a query to the graph, as texts."""
    columns = ", ".join(f"{name} ag_catalog.agtype" for name in names)
    with stack.db() as connection:
        connection.execute("load 'age'")
        connection.execute('set search_path = ag_catalog, "$user", public')
        texts = ", ".join(f"{name}::text" for name in names)
        return connection.execute(f"select {texts} from cypher('event_network', $${pattern}$$) as ({columns})").fetchall()


def graph_differences(stack):
    """The graph must hold exactly the links of the tables."""
    questions = (
        ("speakers", "select speaker_id::text, event_id::text, role from event_speakers",
         "match (s:Speaker)-[l:APPEARS]->(e:Event) return s.id, e.id, l.role"),
        ("companies", "select company_id::text, event_id::text, relationship_type from event_companies",
         "match (c:Company)-[l:RELATES]->(e:Event) return c.id, e.id, l.relationship_type"),
        ("topics", "select event_id::text, topic_id::text, '' from event_topics",
         "match (e:Event)-[:ABOUT]->(t:Topic) return e.id, t.id, ''"))
    found = []
    for what, sql, pattern in questions:
        tables, graph = sorted(stack.query(sql)), sorted(cypher(stack, pattern, ("a", "b", "c")))
        if tables != graph:
            only = set(tables) ^ set(graph)
            found.append(f"graph and tables differ in {what}: {len(tables)} and {len(graph)} links, {list(only)[:4]}")
    return found
