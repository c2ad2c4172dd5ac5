"""Events of other sites than Luma: scraped when their host is allowed, and handed over as pages or texts."""
import pytest
from fake_site import content
from waiting import wait_until

ALIVE = "('available', 'executing', 'retryable')"
CONFERENCE = """<!doctype html><html lang="en"><head><title>Weaving Futures</title></head><body>
<nav><a href="/">Home</a></nav>
<main itemscope itemtype="https://schema.org/BusinessEvent">
  <h1 itemprop="name">Weaving Futures 2031</h1>
  <time itemprop="startDate" datetime="2031-05-06T09:00:00+02:00">6 May, nine</time>
  <time itemprop="endDate" datetime="2031-05-06T17:30:00+02:00">half past five</time>
  <div itemprop="location" itemscope itemtype="https://schema.org/Place"><span itemprop="name">Spindle Hall</span>
    <div itemprop="address" itemscope itemtype="https://schema.org/PostalAddress"><span itemprop="streetAddress">Webergasse 7</span>
      <span itemprop="addressLocality">Vienna</span> <meta itemprop="addressCountry" content="AT"></div></div>
  <div itemprop="description"><p>A day about looms that think.</p><h2>Programme</h2><ul><li>Doors<li>Talks</ul></div>
  <div itemprop="performer" itemscope itemtype="https://schema.org/Person"><b itemprop="name">Irmgard Ferenczy</b>,
    <i itemprop="jobTitle">Chief Weaver</i></div>
  <div itemprop="sponsor" itemscope itemtype="https://schema.org/Organization"><b itemprop="name">Threadbare Robotics</b></div>
</main></body></html>"""


def ended(stack, url):
    answer = stack.scrape(url, wait_s=0)
    assert answer.status == 202, answer
    event_id = answer.json["event_id"]
    wait_until(lambda: stack.value(f"select count(*) from jobs where event_id = %s and state in {ALIVE}", event_id) == 0, 40,
               f"end of all work on {url}")
    return event_id


def test_a_conference_page_of_an_allowed_host(new_stack):
    stack = new_stack({"SCRAPE_ALLOWED_HOSTS": "luma.com,weaving.example"}, start=False)
    stack.environment["SCRAPE_ORIGIN_OVERRIDE"] += f",https://weaving.example={stack.site.origin}"
    stack.start()
    stack.site.answer("/2031", content(CONFERENCE))
    assert stack.scrape("https://unknown.example/2031", wait_s=0).status == 422, "other hosts stay closed"
    row = stack.event_row(ended(stack, "https://weaving.example/2031"))
    assert (row["processing_status"], row["processing_error"]) == ("processed", None)
    event = stack.event(row["id"]).json
    assert (event["name"], event["venue"], event["city"], event["country"]) == ("Weaving Futures 2031", "Spindle Hall", "Vienna", "AT")
    assert event["starts_at"].startswith("2031-05-06T07:00:00")
    assert event["description"].startswith("A day about looms that think.") and "- Doors\n- Talks" in event["description"]
    assert [(speaker["name"], speaker["role"]) for speaker in event["speakers"]] == [("Irmgard Ferenczy", "speaker")]
    assert ("Threadbare Robotics", "sponsor") in [(company["name"], company["relationship_type"]) for company in event["companies"]]


@pytest.mark.essential
def test_a_page_with_microdata_is_extracted(stack):
    answer = stack.extractor("POST", "/extract", {"html": CONFERENCE, "url": "https://weaving.example/2031"})
    assert answer.status == 200 and answer.json["kind"] == "event", answer
    assert answer.json["event"]["fields"]["name"] == {"method": "microdata", "confidence": 0.85}


@pytest.mark.essential
def test_a_text_is_extracted(stack):
    text = "---\nname: An evening of maps\ndate: 2031-05-06\ntime: 7 PM\ntimezone: Europe/Vienna\nvenue: Map Room\n---\n\nBring *maps*.\n"
    answer = stack.extractor("POST", "/extract", {"html": text})
    assert answer.status == 200 and answer.json["kind"] == "event", answer
    event = answer.json["event"]
    assert (event["name"], event["starts_at"], event["venue"], event["description"]) == (
        "An evening of maps", "2031-05-06T17:00:00Z", "Map Room", "Bring maps.")
    assert set(answer.json["methods"]) == {"rule"}
