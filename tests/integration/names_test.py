"""Topics by their other names, companies that are a part of another, and what a host's web site tells: whatever extracts."""
import itertools

import pytest
from foreign_extractor import ForeignExtractor, record
from stack import Stack
from waiting import wait_until

pytestmark = pytest.mark.private_stack
ALIVE = "('available', 'executing', 'retryable')"
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def foreign():
    """Services with an extraction service of the tests' own: stack.extraction."""
    stack = Stack(settings={"SCRAPE_WORKERS": "0", "PROCESS_WORKERS": "2"})
    stack.extraction = ForeignExtractor(stack.extractor_port)
    stack.environment["EXTRACTOR_URL"] = f"http://127.0.0.1:{stack.extractor_port}"
    try:
        yield stack.start()
    finally:
        stack.stop()
        stack.extraction.stop()


def read(stack, **lists):
    """The event of a new page that says this."""
    number = next(numbers)
    stack.extraction.plan = lambda asked: {**record(name=f"Page {number * 7919}", starts_at=f"2031-01-01T{number % 24:02}:00:00Z"), **lists}
    url = f"https://luma.com/names-{number}"
    [[event_id]] = stack.query("insert into events (name, luma_url, raw_html, content_hash) values ('placeholder', %s, 'x', 'x') returning id::text", url)
    stack.query("insert into event_sources (url, event_id) values (%s, %s) returning 1", url, event_id)
    assert stack.internal("POST", "/internal/process", {"event_id": event_id, "html": f"<p>{number}"}).status == 202
    wait_until(lambda: stack.value(f"select count(*) from jobs where event_id = %s and state in {ALIVE}", event_id) == 0, 30, "end of processing")
    event = stack.event(event_id).json
    assert event["processing_status"] == "processed", event
    return event


def topics(stack, *names):
    return [topic["name"] for topic in read(stack, topics=[{"name": name, "category": "technology", "relevance": 0.9} for name in names])["topics"]]


# ------------------------------------------------------------------------------------------------ topics

@pytest.mark.parametrize("written", ["Artificial Intelligence", "artificial  intelligence", "A.I.", "#ai", "ai", "#ArtificialIntelligence", "AI"])
def test_a_topic_by_another_name(foreign, written):
    assert topics(foreign, written) == ["AI"]
    assert foreign.value("select count(*) from topics where normalized_name in ('ai', 'artificial intelligence', 'a i', 'artificialintelligence')") == 1


def test_spellings_and_other_names_of_one_topic_are_one_link(foreign):
    assert topics(foreign, "machine-learning", "#MachineLearning", "ML") == ["Machine learning"]
    assert topics(foreign, "Large Language Models", "LLMs") == ["LLMs"]


def test_what_only_tells_of_a_topic_is_a_topic_of_its_own(foreign):
    """The table's words for finding topics in texts are not other names."""
    assert topics(foreign, "PyTorch") == ["PyTorch"]
    assert topics(foreign, "Loom mending") == ["Loom mending"]


def test_another_name_that_was_a_topic_first(foreign):
    """A topic that an older version kept under another name is not used any more."""
    foreign.query("insert into topics (name, normalized_name, category) values ('K8s', 'k8s', 'technology') returning 1")
    assert topics(foreign, "K8s") == ["Kubernetes"]


# ------------------------------------------------------------------------------------------------ parts

def companies(stack, *names, **more):
    event = read(stack, companies=[{"name": name, "relationship_type": "host", "confidence": 0.9, **more} for name in names])
    return {company["name"]: company["id"] for company in event["companies"]}


def company(stack, company_id):
    answer = stack.api("GET", f"/api/companies/{company_id}")
    assert answer.status == 200, answer
    return answer.json


@pytest.mark.parametrize("first, then", [(("Quillbridge",), ("Quillbridge Cloud",)), (("Tessernack Labs",), ("Tessernack",)),
                                         (("Pelluciq Robotics", "Pelluciq"), ())])
def test_a_part_is_another_company_linked_to_its_whole(foreign, first, then):
    """Whichever of the two is known first, and both on one page."""
    ids = companies(foreign, *first) | (companies(foreign, *then) if then else {})
    whole, part = sorted(ids, key=len)
    assert len(set(ids.values())) == 2
    found = company(foreign, ids[part])
    assert found["part_of"] == {"id": ids[whole], "name": whole} and found["parts"] == []
    assert company(foreign, ids[whole])["parts"] == [{"id": ids[part], "name": part}] and company(foreign, ids[whole])["part_of"] is None
    evidence = foreign.value("select part_of_evidence from companies where id = %s", ids[part])
    assert [step["level"] for step in evidence if step["field"] == "name"] == ["part_or_product"]


def test_who_is_no_part(foreign):
    """A legal form or a place makes no part, a common word no whole, and others with the same beginning are others."""
    ids = companies(foreign, "Brackwater", "Mercury", "Mercury Labs", "Bracken Cloud")
    for name in ids:
        assert (company(foreign, ids[name])["part_of"], company(foreign, ids[name])["parts"]) == (None, []), name


def test_parts_go_with_merges_and_come_back(foreign):
    ids = companies(foreign, "Vellumark", "Vellumark Studio", "Halden Weavers")
    whole, part, other = ids["Vellumark"], ids["Vellumark Studio"], ids["Halden Weavers"]
    before = [company(foreign, i) for i in (whole, part, other)]
    merge = foreign.value("select merge_companies(%s, %s, 'test')::text", whole, other)
    assert company(foreign, part)["part_of"] == {"id": other, "name": "Halden Weavers"}
    assert [p["id"] for p in company(foreign, other)["parts"]] == [part]
    assert foreign.value("select conflicts::text from undo_merge(%s, 'test')", merge) == "[]"
    assert [company(foreign, i) for i in (whole, part, other)] == before
    merge = foreign.value("select merge_companies(%s, %s, 'test')::text", part, whole)
    assert (company(foreign, whole)["part_of"], company(foreign, whole)["parts"]) == (None, []), "nothing is a part of itself"
    assert foreign.value("select conflicts::text from undo_merge(%s, 'test')", merge) == "[]"
    assert [company(foreign, i) for i in (whole, part, other)] == before


# ------------------------------------------------------------------------------------------------ web sites

def test_the_domain_of_a_calendar_and_of_a_host_is_the_companys(stack, filled):
    """By which companies are matched. Sites where everybody has pages are nobody's."""
    told = dict(filled.query("select c.name, c.domain from companies c where c.merged_into is null and c.domain is not null"))
    assert told["Quillbridge Labs"] == "quillbridge.example"
    shared = ("eventbrite.", "linktr.ee", "linkedin.com", "twitter.com", "x.com", "instagram.com", "luma.com", "lu.ma", "meetup.com", "facebook.com")
    assert [domain for domain in told.values() if domain.startswith(shared)] == []
    page = ('<script type="application/ld+json">{"@type":"Event","name":"Twill","startDate":"2031-05-05","organizer":'
            '{"@type":"Organization","name":"Twill Makers","url":"%s"}}</script>')
    for url, domain in (("https://www.twill.example/about", "twill.example"), ("https://www.eventbrite.com/o/twill-1234567", None),
                        ("https://linktr.ee/twill", None), ("https://www.meetup.com/twill", None), ("https://luma.com/twill", None)):
        answer = stack.extractor("POST", "/extract", {"html": page % url, "url": "https://twill.example/x"})
        assert [item["domain"] for item in answer.json["companies"]] == [domain], (url, answer.json["companies"])
