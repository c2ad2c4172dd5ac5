"""POST /api/events/batch/scrape and its progress; every sample event equals what its page says."""
import pytest
from compare import differences
from waiting import wait_until

pytestmark = pytest.mark.essential


def test_every_sample_event_equals_its_page(filled, truths):
    wrong = {}
    for slug, truth in truths.items():
        answer = filled.event(filled.ids[slug])
        assert answer.status == 200, answer
        if found := differences(answer.json, truth):
            wrong[slug] = found
    assert wrong == {}


def test_an_event_has_all_the_fields_of_the_contract(filled):
    event = filled.event(filled.ids["agents-in-production"]).json
    item = ("id name date starts_at ends_at timezone location city country is_online status luma_url image_url topics "
            "data_quality_score processing_status").split()
    further = ("description speakers companies extracted_data sources scraped_at processed_at created_at updated_at").split()
    assert [name for name in item + further if name not in event] == []
    assert set(event["speakers"][0]) >= {"id", "name", "company", "role", "extraction_confidence"}
    assert set(event["companies"][0]) >= {"id", "name", "domain", "relationship_type"}
    assert set(event["topics"][0]) >= {"id", "name", "category", "relevance_score"}
    assert 0 < event["data_quality_score"] <= 100
    assert "raw_html" not in event
    [listed] = [e for e in filled.api("GET", "/api/events?limit=100").json["data"] if e["id"] == event["id"]]
    assert [name for name in item if name not in listed] == []
    assert all(isinstance(name, str) for name in listed["topics"])


def test_an_embedding_of_unit_length_is_stored(filled, truths):
    rows = filled.query("select vector_dims(embedding), vector_norm(embedding) from events "
                        "where processing_status = 'processed' and luma_url = any(%s)",
                        [truth["url"] for truth in truths.values()])
    assert len(rows) == len(truths)
    assert all(dims == 1536 and abs(norm - 1) < 1e-3 for dims, norm in rows)


def test_post_api_events_batch_scrape(new_stack):
    stack = new_stack()
    urls = ["https://luma.com/sp-energia-aberta", "https://lu.ma/sp-energia-aberta?tk=abc", "not a url", "https://luma.com/sg-audit-clinic",
            "https://example.com/event", "http://127.0.0.1/x", "ftp://luma.com/x", "", "https://luma.com/sg-audit-clinic"]
    answer = stack.scrape_batch(urls)
    assert answer["accepted"] == 2
    assert answer["duplicates"] == 2
    assert [item["url"] for item in answer["invalid"]] == ["not a url", "https://example.com/event", "http://127.0.0.1/x",
                                                           "ftp://luma.com/x", ""]
    assert all(item["reason"] for item in answer["invalid"])
    state = stack.wait_batch(answer["batch_id"])
    assert (state["done"], state["succeeded"], state["failed"], state["total"]) == (2, 2, 0, 2)
    assert stack.value("select count(*) from events") == 2


def test_get_api_batches_id(new_stack, truths):
    stack = new_stack()
    stack.site.hold(after=3)
    urls = [truth["url"] for truth in truths.values()][:10]
    answer = stack.scrape_batch(urls)
    try:
        state = wait_until(lambda: (s := stack.batch(answer["batch_id"])) and s["done"] >= 3 and s, 30, "three of ten")
        assert 3 <= state["done"] < 10 and state["total"] == 10
    finally:
        stack.site.release()
    assert stack.wait_batch(answer["batch_id"])["done"] == 10


def test_the_same_batch_again_creates_nothing(new_stack, truths):
    """The second run asks the site with If-None-Match, gets 304 for each page, and changes no row."""
    stack = new_stack()
    urls = [truth["url"] for truth in truths.values()]
    counts = "select (select count(*) from events), (select count(*) from speakers), (select count(*) from companies), " \
             "(select count(*) from event_speakers), (select count(*) from event_companies), (select count(*) from event_topics)"
    first = stack.scrape_batch(urls)
    assert stack.wait_batch(first["batch_id"])["failed"] == 0
    before, results = stack.query(counts), stack.query("select id, extracted_data::text from events order by id")
    stack.site.forget()
    state = stack.wait_batch(stack.scrape_batch(urls)["batch_id"])
    assert state["failed"] == 0
    assert stack.query(counts) == before
    assert stack.query("select id, extracted_data::text from events order by id") == results
    asked = [request for request in stack.site.requests if request.path != "/robots.txt"]
    assert len(asked) == len(urls)
    assert {request.status for request in asked} == {304}
    assert all(request.conditional for request in asked)


def test_an_unknown_batch(stack):
    assert stack.api("GET", "/api/batches/00000000-0000-4000-8000-000000000000").status == 404
    assert stack.api("GET", "/api/batches/nonsense").status == 400


@pytest.mark.parametrize("body", [{}, {"urls": []}, {"urls": "https://luma.com/x"}, {"urls": [1]}, {"urls": None}])
def test_a_batch_without_addresses(stack, body):
    answer = stack.api("POST", "/api/events/batch/scrape", body)
    assert answer.status in (400, 422), answer
    assert answer.headers["content-type"] == "application/problem+json"
