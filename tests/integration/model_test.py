"""The optional language model: it fills gaps with what stands on the page, and however wrongly it answers, the record is the
one that is read without it."""
import json
import threading

import pytest
from fake_model import FakeModel, Reply, completion, says
from lone_extractor import LoneExtractor
from stack import Stack
from waiting import wait_until

# The rules read no people in running text like this, no start and no place; the text names them.
TEXT = """An evening about looms that reckon, for everybody who has ever wound a bobbin and asked what it could count. Bring a \
notebook and an open mind; the room is warm and there is tea.

What happens:
It was a cold night in the mill when Margaret Hamilton and Katherine Johnson first came by; what they told us about cards is \
why we do this at all, and this time everybody hears it from them.

Where: The Loom Hall, Quayside. We begin on 12 March 2031 at 18:00.
"""
PLAIN = "An evening about looms that reckon. " * 12
RIGHT = {"people": [{"name": "Margaret Hamilton", "role": "speaker", "title": None, "company": None}],
         "start": {"date": "2031-03-12", "time": "18:00", "quote": "12 March 2031 at 18:00"},
         "place": {"venue": "The Loom Hall", "city": "Quayside"}}
INVENTED = {"people": [{"name": "Grace Hopper", "role": "speaker", "title": "Admiral", "company": "Navy"},
                       {"name": "Margaret Johnson", "role": "judge", "title": None, "company": None}],
            "start": {"date": "2031-04-12", "time": None, "quote": "12 April 2031"}, "place": {"venue": "The Mill", "city": "Leeds"}}


def page(text=TEXT, **more):
    event = {"@context": "https://schema.org", "@type": "Event", "name": "Looms that reckon", "description": text, **more}
    return f'<html><head><script type="application/ld+json">{json.dumps(event)}</script></head><body></body></html>'


@pytest.fixture
def model():
    running = FakeModel()
    yield running
    running.stop()


@pytest.fixture
def extractor(model, request):
    """Makes extraction services that ask the model: extractor(OPENAI_…=…)."""
    made = []

    def make(state=None, **settings):
        made.append(LoneExtractor({"OPENAI_API_KEY": "a-key", "OPENAI_BASE_URL": model.url, "OPENAI_TIMEOUT_MS": "8s",
                                   **settings}, state))
        return made[-1]
    yield make
    for service in made:
        service.stop()


@pytest.fixture(scope="module")
def without():
    """The record of the page when no model is configured."""
    service = LoneExtractor()
    record = service.extract(page())
    service.stop()
    assert "usage" not in record and not record["speakers"] and record["event"]["date"] is None
    return record


def same_but_for_the_model(record, without):
    """The outcome; the record must be the other one, but for usage and one warning."""
    rest = {key: value for key, value in record.items() if key != "usage"}
    rest["warnings"] = [text for text in rest["warnings"] if not text.startswith("language model: ")]
    assert rest == without
    answered = record["usage"]["outcome"] == "answered"
    assert len(record["warnings"]) == len(without["warnings"]) + (not answered)
    return record["usage"]["outcome"]


never = threading.Event()
WAYS = {
    # what the model says
    "prose": (says("I am sorry, but I cannot help with that."), "unreadable"),
    "nothing": (says(""), "unreadable"),
    "no content": (Reply(json.dumps({"choices": [{"message": {"role": "assistant", "content": None}}]})), "unreadable"),
    "cut in its first member": (says('```json\n{"people": [{"na'), "unreadable"),
    "cut before its first member": (says('{"peop'), "unreadable"),
    "another schema": (says({"persons": [{"label": "Margaret Hamilton"}]}), "unreadable"),
    "other types": (says({"people": "Margaret Hamilton", "start": [], "place": 7}), "unreadable"),
    "names of nobody": (says({"people": [{"role": "speaker"}, 7, None, [], "Margaret Hamilton"]}), "unreadable"),
    "invented": (says(INVENTED), "answered"),
    "implausible": (says({"people": [{"name": "Looms", "role": "speaker"}, {"name": "an evening", "role": "judge"},
                                     {"name": "Margaret Hamilton", "role": "weaver"}],
                          "start": {"date": "99999-01-01", "time": "25:00", "quote": "12 March 2031"},
                          "place": {"venue": "", "city": "12 March 2031"}}), "answered"),
    "nothing new": (says({"people": [], "start": None, "place": None}), "answered"),
    "nested without end": (says('{"people":' + "[" * 100_000), "unreadable"),
    "bytes that are no text": (Reply(b'{"choices":[{"message":{"content":"{\\"people\\":[{\\"name\\":\\"\xff\xfe\\"}]}"}}]}'), "broken_answer"),
    # what the server does
    "an empty body": (Reply(""), "broken_answer"),
    "a web page": (Reply("<html>Welcome!", headers={"Content-Type": "text/html"}), "broken_answer"),
    "nothing but brackets": (Reply("[" * 250_000), "broken_answer"),
    "nothing but numbers": (Reply('{"choices":[' + "1," * 120_000 + "1]}"), "broken_answer"),
    "an answer of numbers": (says('{"people":[' + "1," * 100_000 + "1]}"), "unreadable"),
    "an answer of small objects": (says('{"people":[' + '{"a":[]},' * 20_000 + "1]}"), "unreadable"),
    "another document": (Reply('{"object":"list","data":[]}'), "broken_answer"),
    "too many requests": (Reply('{"error":{}}', 429, {"Retry-After": "1"}), "rate_limited"),
    "come back tomorrow": (Reply('{"error":{}}', 429, {"Retry-After": "86400"}), "rate_limited"),
    "500": (Reply("oops", 500), "server_error"),
    "503": (Reply("", 503), "server_error"),
    "401": (Reply('{"error":{"message":"Incorrect API key"}}', 401), "refused"),
    "403": (Reply("", 403), "refused"),
    "404": (Reply('{"error":{"message":"no such model"}}', 404), "rejected"),
    "400 to every form": (Reply('{"error":{}}', 400), "rejected"),
    "a redirect": (Reply("", 307, {"Location": "http://127.0.0.1:9/"}), "rejected"),
    "huge": (Reply(completion(RIGHT) + " " * 2_000_000), "too_large"),
    "cut in the middle": (Reply(completion(RIGHT)[:80], length=5000), "network"),
    "closed without a word": (None, "network"),
    "silence": (Reply(completion(RIGHT), hold=never), "timeout"),
    "silence in the middle": (Reply(completion(RIGHT), hold_body=never), "timeout"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_wrong_answer_changes_nothing(extractor, model, without, way):
    reply, outcome = WAYS[way]
    model.plan = lambda number, asked: reply
    service = extractor(OPENAI_FIRST_BYTE_MS="1s", **({"OPENAI_TIMEOUT_MS": "1500ms"} if outcome == "timeout" else {}))
    record = service.extract(page())
    assert same_but_for_the_model(record, without) == outcome
    assert 1 <= len(model.asked) == record["usage"]["requests"] <= 3
    assert service.metric("extractor_model_pages_total", outcome=outcome) == 1
    # It goes on.
    assert "usage" not in service.extract(page(PLAIN))


def test_a_right_answer_fills_the_gaps(extractor, model, without):
    model.plan = lambda number, asked: says(RIGHT, prompt_tokens=2000, completion_tokens=100)
    service = extractor(OPENAI_INPUT_PRICE="150", OPENAI_OUTPUT_PRICE="600", OPENAI_MODEL="a-model")
    record = service.extract(page())
    [person] = record["speakers"]
    line = next(line for line in TEXT.split("\n") if "Margaret" in line)
    assert person == {"name": "Margaret Hamilton", "company": None, "title": None, "bio": None, "role": "speaker",
                      "confidence": 0.5, "evidence": line[:300], "method": "llm", "links": {}, "luma_id": None}
    event, origins = record["event"], record["event"]["fields"]
    assert (event["date"], event["venue"], event["city"], event["location"]) == (
        "2031-03-12", "The Loom Hall", "Quayside", "The Loom Hall, Quayside")
    for field in ("date", "venue", "city", "location"):
        assert origins[field] == {"method": "llm", "confidence": 0.5}
    assert event["starts_at"] is None  # nobody knows the zone
    assert record["methods"] == [*without["methods"], "llm"] and record["warnings"] == without["warnings"]
    assert record["usage"] == {
        "outcome": "answered", "endpoint": "primary", "model": "a-model", "prompt_version": 1, "asked": ["people", "start", "place"],
        "requests": 1, "input_tokens": 2000, "output_tokens": 100, "is_estimate": False, "cost_usd": 0.00036,
        "values": {"accepted": 4, "not_on_page": 0, "known": 0, "no_such_kind": 0, "implausible": 0, "malformed": 0}}
    # Nothing but the gaps has changed.
    for field, value in without["event"].items():
        if field not in ("date", "venue", "city", "location", "fields"):
            assert event[field] == value, field
    [asked] = model.asked
    assert (asked["path"], asked["key"], asked["model"], asked["temperature"]) == ("/v1/chat/completions", "Bearer a-key", "a-model", 0)
    assert list(asked["response_format"]["json_schema"]["schema"]["properties"]) == ["people", "start", "place"]
    assert json.dumps(without["event"]["description"]) in asked["messages"][1]["content"]
    assert service.metric("extractor_model_tokens_total", direction="input") == 2000
    assert service.metric("extractor_model_cost_micros_total") == 360


def test_invented_names_are_refused_and_counted(extractor, model):
    model.plan = lambda number, asked: says({**INVENTED, "people": [*RIGHT["people"], *INVENTED["people"]]})
    service = extractor()
    record = service.extract(page())
    assert [person["name"] for person in record["speakers"]] == ["Margaret Hamilton"]
    assert record["usage"]["values"]["not_on_page"] == 5 and record["usage"]["requests"] == 1
    assert service.metric("extractor_model_values_total", verdict="not_on_page") == 5
    assert service.metric("extractor_model_values_total", verdict="accepted") == 1


def test_an_untidy_answer_is_read(extractor, model):
    model.plan = lambda number, asked: says("Sure! Here is it:\n```json\n{people: [{'name': 'Margaret Hamilton', role: \"speaker\",}, // one\n"
                                            "], start: None, place: {city: 'Quayside', venue: undefined")
    record = extractor().extract(page())
    assert record["speakers"][0]["name"] == "Margaret Hamilton" and record["event"]["city"] == "Quayside"
    assert record["usage"]["requests"] == 1


def test_what_cannot_be_read_is_asked_again_with_the_reason(extractor, model):
    model.plan = lambda number, asked: says({"people": "nobody"}) if number == 1 else says(RIGHT)
    record = extractor().extract(page())
    assert len(record["speakers"]) == 1 and record["usage"]["requests"] == 2 and record["usage"]["input_tokens"] == 2000
    [user, said, again] = model.asked[1]["messages"][1:]
    assert user == model.asked[0]["messages"][1] and said["content"] == '{"people": "nobody"}'
    assert '"people" is not an array' in again["content"]


@pytest.mark.parametrize("first", [Reply("", 500), Reply("", 429, {"Retry-After": "1"}), None, Reply("{}")])
def test_what_passes_is_tried_again(extractor, model, first):
    model.plan = lambda number, asked: first if number == 1 else says(RIGHT)
    record = extractor().extract(page())
    assert len(record["speakers"]) == 1 and record["usage"]["requests"] == 2 == len(model.asked)


def test_a_server_that_knows_no_schemas(extractor, model):
    model.plan = lambda number, asked: Reply('{"error":{}}', 400) if asked.get("response_format", {}).get("type") == "json_schema" else says(RIGHT)
    service = extractor()
    assert len(service.extract(page())["speakers"]) == 1 and len(service.extract(page())["speakers"]) == 1
    assert [asked["response_format"]["type"] for asked in model.asked] == ["json_schema", "json_object", "json_object"]
    assert '"required":["people","start","place"]' in model.asked[1]["messages"][1]["content"]


def test_the_fallback_is_asked_when_the_first_fails(extractor, model):
    model.plan = lambda number, asked: Reply("", 401)
    other = FakeModel(lambda number, asked: says(RIGHT))
    try:
        record = extractor(OPENAI_FALLBACK_URL=other.url, OPENAI_FALLBACK_KEY="its-key", OPENAI_FALLBACK_MODEL="its-model").extract(page())
        assert len(record["speakers"]) == 1 and (record["usage"]["endpoint"], record["usage"]["model"]) == ("fallback", "its-model")
        assert [(asked["key"], asked["model"]) for asked in other.asked] == [("Bearer its-key", "its-model")] and len(model.asked) == 1
    finally:
        other.stop()


def test_a_refused_key_is_not_tried_again(extractor, model, without):
    model.plan = lambda number, asked: Reply("", 401)
    service = extractor()
    assert [same_but_for_the_model(service.extract(page()), without) for _ in range(3)] == ["refused", "paused", "paused"]
    assert len(model.asked) == 1 and '"model_paused"' in service.log() and "a-key" not in service.log()


def test_a_server_that_always_fails_is_left_alone(extractor, model, without):
    model.plan = lambda number, asked: Reply("", 404)
    service = extractor()
    assert [same_but_for_the_model(service.extract(page()), without) for _ in range(6)] == ["rejected"] * 4 + ["paused"] * 2
    assert len(model.asked) == 4


def test_the_budget_of_a_day_outlives_the_process(extractor, model, without, tmp_path):
    model.plan = lambda number, asked: says(RIGHT, prompt_tokens=900_000, completion_tokens=100_000)
    first = extractor(state=tmp_path)
    assert len(first.extract(page())["speakers"]) == 1
    assert same_but_for_the_model(first.extract(page()), without) == "no_budget"
    assert same_but_for_the_model(extractor(state=tmp_path).extract(page()), without) == "no_budget"
    assert len(model.asked) == 1
    # More is allowed: the same day goes on.
    assert len(extractor(state=tmp_path, OPENAI_DAILY_TOKENS="1100000").extract(page())["speakers"]) == 1


def test_a_budget_that_is_too_small_asks_nobody(extractor, model, without):
    record = extractor(OPENAI_DAILY_TOKENS="100").extract(page())
    assert same_but_for_the_model(record, without) == "no_budget"
    assert model.asked == [] and record["usage"]["requests"] == 0


def test_a_budget_that_cannot_be_kept_asks_nobody(extractor, model, without, tmp_path):
    (tmp_path / "model-tokens").write_text("much")
    assert same_but_for_the_model(extractor(state=tmp_path).extract(page()), without) == "no_budget"
    assert model.asked == []


@pytest.mark.parametrize("usage", [{"prompt_tokens": -5}, {"prompt_tokens": 10**17}, {"prompt_tokens": "many"}])
def test_a_server_that_cannot_count(extractor, model, usage):
    model.plan = lambda number, asked: says(RIGHT, **usage)
    service = extractor()
    spent = [service.extract(page())["usage"] for _ in range(2)]
    assert all(one["is_estimate"] and 100 < one["input_tokens"] < 5000 and one["outcome"] == "answered" for one in spent)


def test_without_a_key_nobody_is_asked(extractor, model, without):
    assert extractor(OPENAI_API_KEY="").extract(page()) == without
    assert model.asked == []


def test_a_page_without_gaps_costs_nothing(extractor, model):
    service = extractor()
    place = {"@type": "Place", "name": "The Loom Hall", "address": {"@type": "PostalAddress", "addressLocality": "Quayside"}}
    for html in (page(PLAIN), page(PLAIN, startDate="2031-03-12T18:00:00Z", location=place), "<html>", page("")):
        assert "usage" not in service.extract(html)
    assert model.asked == []


def test_what_the_record_says_stays(extractor, model):
    """A model that contradicts everything: the fields that were known, and the person."""
    model.plan = lambda number, asked: says({
        "people": [*RIGHT["people"], {"name": "Katherine Johnson", "role": "judge"}], "companies": [{"name": "The Loom Hall", "relationship": "sponsor"}],
        "start": {"date": "2031-03-12", "time": None, "quote": "12 March 2031"}, "place": {"venue": "The Loom Hall", "city": "Quayside"}})
    html = page(startDate="2031-05-01T10:00:00Z", location={"@type": "Place", "name": "Elsewhere", "address": "Far Away"})
    service, bare = extractor(), extractor(OPENAI_API_KEY="")
    record, plain = service.extract(html), bare.extract(html)
    assert record["usage"]["asked"] == ["people"] and record["event"] == plain["event"] and record["companies"] == plain["companies"]
    assert [(person["name"], person["role"]) for person in record["speakers"]] == [("Margaret Hamilton", "speaker"), ("Katherine Johnson", "judge")]


def test_a_slow_model_holds_up_nobody(extractor, model, without):
    """One loop, one page at the model: the others are answered meanwhile, and the page at the end of the service."""
    gate = threading.Event()
    model.plan = lambda number, asked: Reply(completion(RIGHT), hold=gate)
    service = extractor(PROCESS_WORKERS="1", OPENAI_TIMEOUT_MS="40s", OPENAI_CONCURRENCY="1")
    answers = []
    waiting = [threading.Thread(target=lambda: answers.append(service.extract(page()))) for _ in range(3)]
    for thread in waiting:
        thread.start()
    try:
        wait_until(lambda: len(model.asked) == 1 and service.metric("extractor_model_waiting") == 2, 20, "one asked, two waiting")
        for _ in range(20):
            assert "usage" not in service.extract(page(PLAIN), timeout_s=10)
        assert not answers
        service.process.terminate()
        for thread in waiting:
            thread.join(20)
        assert [same_but_for_the_model(record, without) for record in answers] == ["cancelled"] * 3
    finally:
        gate.set()
        for thread in waiting:
            thread.join(20)


@pytest.fixture
def pipeline(model):
    stack = Stack(settings={"SCRAPE_WORKERS": "0", "PROCESS_WORKERS": "2", "OPENAI_API_KEY": "a-key", "OPENAI_BASE_URL": model.url,
                            "OPENAI_TIMEOUT_MS": "1500ms", "OPENAI_FIRST_BYTE_MS": "1s"})
    try:
        yield stack.start()
    finally:
        stack.stop()


@pytest.mark.private_stack
def test_the_pipeline_goes_on_whatever_the_model_does(pipeline, model, extractor):
    replies = [reply for reply, outcome in WAYS.values() if outcome not in ("refused", "rate_limited")]
    model.plan = lambda number, asked: says(RIGHT) if number == 1 else replies[number % len(replies)]

    def hand_over(number):
        [[event_id]] = pipeline.query("insert into events (name, luma_url, scraped_at) values (%s, %s, null) returning id::text",
                                      f"page {number}", f"https://luma.com/page-{number}")
        assert pipeline.internal("POST", "/internal/process", {"event_id": event_id, "html": page()}).status == 202
        return event_id
    events = []
    for number in range(12):
        events.append(hand_over(number))
        if number == 0:
            wait_until(lambda: pipeline.event_row(events[0])["processing_status"] == "processed", 60, "the first event")
    wait_until(lambda: all(pipeline.event_row(event)["processing_status"] == "processed" for event in events), 120, "all events processed")
    first = pipeline.event_row(events[0])
    assert (str(first["date"]), first["city"], first["extracted_data"]["usage"]["input_tokens"]) == ("2031-03-12", "Quayside", 1000)
    bare = extractor(OPENAI_API_KEY="")
    for number, event in enumerate(events[1:], 1):
        record = pipeline.event_row(event)["extracted_data"]
        same_but_for_the_model(record, bare.extract(page(), f"https://luma.com/page-{number}"))
    assert pipeline.value("select count(*) from jobs where kind = 'process' and attempt > 1") == 0
