"""RENDER=auto: a page that is empty until its scripts have run is run in a real browser, which reaches nothing but what it
is given."""
import shutil
import socketserver
import threading

import pytest
from fake_site import content, status
from waiting import wait_until

pytestmark = pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed")

FRAME = """<!DOCTYPE html><html><head><title>Loading</title></head><body><div id="root"></div>
<img src="/picture.png"><script src="/assets/app.js?v=3"></script></body></html>"""

# The record comes from the site's own address for data; what else the script tries must lead nowhere.
APP = """
const tries = ["http://127.0.0.1:%(port)d/direct", "http://localhost:%(port)d/name", "http://other.example/x", "http://[::1]:%(port)d/"];
for (const url of tries) fetch(url).catch(() => 0);
try { new WebSocket("ws://127.0.0.1:%(port)d/socket"); } catch (e) { }
navigator.sendBeacon("http://127.0.0.1:%(port)d/beacon", "x");
fetch("/assets/event.json").then(r => r.json()).then(record => {
    document.title = record.name;
    const script = document.createElement("script");
    script.type = "application/ld+json";
    script.textContent = JSON.stringify(record);
    document.head.append(script);
});
"""

RECORD = """{"@context": "https://schema.org", "@type": "Event", "name": "Lanterns on the Canal",
 "startDate": "2026-10-02T19:00:00.000+02:00", "endDate": "2026-10-02T22:00:00.000+02:00",
 "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
 "location": {"@type": "Place", "name": "Boathouse Nine", "address": {"@type": "PostalAddress", "addressLocality": "Utrecht", "addressCountry": "NL"}}}"""


class Listener:
    """Counts who connects to an address of this machine that no page may reach."""

    def __init__(self):
        self.visits = 0
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                outer.visits += 1
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def listener():
    made = Listener()
    yield made
    made.stop()


@pytest.fixture
def rendering(new_stack, listener):
    # Timeouts are for machines with other things to do: nothing here waits for them.
    stack = new_stack({"RENDER": "auto", "SCRAPE_TIMEOUT_MS": "20000", "RENDER_TIMEOUT_MS": "60000"})
    stack.site.answer("/lanterns", content(FRAME))
    stack.site.answer("/assets/app.js", content(APP % {"port": listener.port}, "text/javascript"))
    stack.site.answer("/assets/event.json", content(RECORD, "application/json"))
    return stack


def test_an_empty_page_is_run(rendering, listener):
    event = rendering.event(rendering.scrape_id("https://luma.com/lanterns", wait_s=60)).json
    assert event["processing_status"] == "processed", event
    assert (event["name"], event["date"], event["city"], event["country"]) == ("Lanterns on the Canal", "2026-10-02", "Utrecht", "NL")
    # The page itself was asked for once; its picture, which says nothing, not at all.
    counts = {path: rendering.site.count(path) for path in ("/lanterns", "/assets/app.js", "/assets/event.json", "/picture.png")}
    assert counts == {"/lanterns": 1, "/assets/app.js": 1, "/assets/event.json": 1, "/picture.png": 0}
    assert listener.visits == 0


def test_a_page_with_data_is_not_run(rendering, truths):
    truth = next(iter(truths.values()))
    event = rendering.event(rendering.scrape_id(truth["url"])).json
    assert event["name"] == truth["name"]
    assert not [request for request in rendering.site.requests if request.path.endswith(".js")]


def test_what_a_page_may_not_load_is_its_own_loss(rendering):
    rendering.site.answer("/assets/event.json", status(503))
    event = rendering.event(rendering.scrape_id("https://luma.com/lanterns", wait_s=60)).json
    assert (event["processing_status"], event["processing_error"]) == ("failed", "not_an_event")


def test_scripts_that_never_end(new_stack):
    stack = new_stack({"RENDER": "auto", "RENDER_TIMEOUT_MS": "3000", "SCRAPE_MAX_ATTEMPTS": "1"})
    stack.site.answer("/busy", content("<!DOCTYPE html><title>Busy</title><script>for (;;);</script>"))
    event_id = stack.scrape("https://luma.com/busy", wait_s=0).json["event_id"]
    wait_until(lambda: stack.event_row(event_id)["processing_status"] == "failed", 40, "the end of the attempt")
    assert stack.event_row(event_id)["processing_error"] == "fetch_timeout"


def test_without_it_an_empty_page_is_no_event(new_stack, listener):
    stack = new_stack()
    stack.site.answer("/lanterns", content(FRAME))
    event = stack.event(stack.scrape_id("https://luma.com/lanterns")).json
    assert event["processing_error"] == "not_an_event" and stack.site.count("/assets/app.js") == 0
