"""Every way in which a page can be no event, or a site can misbehave, ends in its documented state."""
import zlib

import pytest
from fake_site import Site, broken, drip, endless, image, page, redirect, silence, status
from waiting import wait_until

ALIVE = "('available', 'executing', 'retryable')"


def finish(stack, url, wait_s=40):
    """Scrapes it; the event's row once nothing more will happen to it."""
    answer = stack.scrape(url, wait_s=0)
    assert answer.status == 202, answer
    event_id = answer.json["event_id"]
    wait_until(lambda: stack.value(f"select count(*) from jobs where event_id = %s and state in {ALIVE}", event_id) == 0,
               wait_s, f"end of all work on {url}")
    return stack.event_row(event_id)


def failed_with(stack, url, code, **options):
    row = finish(stack, url, **options)
    assert (row["processing_status"], row["processing_error"]) == ("failed", code)
    assert stack.event(row["id"]).json["processing_status"] == "failed"
    return row


@pytest.mark.essential
@pytest.mark.parametrize("slug", ["quillbridge", "berlin-robotics", "discover", "home-page"])
def test_a_page_that_is_not_one_event(stack, slug):
    failed_with(stack, f"https://luma.com/{slug}", "not_an_event")
    assert stack.site.count(f"/{slug}") == 1


@pytest.mark.essential
def test_a_calendar_tells_the_events_it_lists(stack):
    html = stack.site.pages.files["quillbridge"].read_text()
    answer = stack.extractor("POST", "/extract", {"html": html, "url": "https://luma.com/quillbridge"})
    assert answer.status == 200, answer
    assert answer.json["kind"] == "calendar"
    for slug in ("agents-in-production", "quillbridge-users-2", "open-weights-sprint"):
        assert slug in answer.text


@pytest.mark.essential
def test_an_unknown_page(stack):
    failed_with(stack, "https://luma.com/there-is-no-such-page", "page_not_found")
    assert stack.site.count("/there-is-no-such-page") == 1


def test_a_page_that_is_gone(stack):
    stack.site.answer("/gone", status(410))
    failed_with(stack, "https://luma.com/gone", "page_gone")


def processed(row, truth):
    assert (row["processing_status"], row["processing_error"]) == ("processed", None)
    assert row["name"] == truth["name"] and row["date"].isoformat() == truth["date"]


def test_a_renamed_page(stack, fresh):
    stack.site.answer("/old-name", redirect(f"/{fresh['slug']}", 301))
    row = finish(stack, "https://luma.com/old-name")
    processed(row, fresh)
    # Its new address is the same event.
    assert stack.scrape_id(fresh["url"]) == str(row["id"])


def test_another_address_of_a_known_event(stack, fresh):
    """Two addresses that turn out to be one event: the younger one leads to the older one."""
    known = stack.scrape_id(fresh["url"])
    stack.site.answer("/second-name", redirect(f"/{fresh['slug']}", 301))
    other = finish(stack, "https://luma.com/second-name")["id"]
    if str(other) != known:
        answer = stack.event(other)
        assert answer.status == 308 and answer.headers["location"].endswith(f"/api/events/{known}")
        assert answer.json["merged_into"] == known
    assert stack.scrape_id("https://luma.com/second-name") == known
    assert stack.value("select count(*) from events where name = %s and merged_into is null and luma_id = %s",
                       fresh["name"], fresh["event_id"]) == 1


def test_a_site_that_is_busy_once(stack, fresh):
    stack.site.answer("/busy-once", status(503, {"Retry-After": "1"}), page(fresh["slug"]))
    processed(finish(stack, "https://luma.com/busy-once"), fresh)
    assert stack.site.statuses("/busy-once") == [503, 200]


def test_a_site_that_says_slow_down(stack, fresh):
    stack.site.answer("/slow-down", status(429, {"Retry-After": "1"}), page(fresh["slug"]))
    processed(finish(stack, "https://luma.com/slow-down"), fresh)
    assert stack.site.statuses("/slow-down") == [429, 200]


def test_a_site_that_always_fails(stack):
    stack.site.answer("/always-500", status(500))
    failed_with(stack, "https://luma.com/always-500", "upstream_error")
    assert stack.site.count("/always-500") == 3, "SCRAPE_MAX_ATTEMPTS"


def test_a_connection_that_breaks(stack, fresh):
    stack.site.answer("/breaks", broken(), page(fresh["slug"]))
    processed(finish(stack, "https://luma.com/breaks"), fresh)


@pytest.mark.essential
def test_a_body_without_an_end(stack):
    stack.site.answer("/endless", endless())
    failed_with(stack, "https://luma.com/endless", "page_too_large")
    [request] = stack.site.seen("/endless")
    assert request.sent_bytes < 32_000_000, "the transfer was not cut off"


@pytest.mark.parametrize("answer", [drip, silence])
def test_a_page_that_never_arrives(stack, answer):
    path = f"/never-{answer.__name__}"
    stack.site.answer(path, answer())
    failed_with(stack, f"https://luma.com{path}", "fetch_timeout")


@pytest.mark.essential
def test_redirects_in_a_circle(stack):
    stack.site.answer("/circle", redirect("/circle/2"))
    stack.site.answer("/circle/2", redirect("/circle"))
    failed_with(stack, "https://luma.com/circle", "too_many_redirects")
    assert stack.site.count("/circle") < 12


def test_a_picture(stack):
    stack.site.answer("/picture", image())
    failed_with(stack, "https://luma.com/picture", "not_html")


def test_a_login_wall(stack):
    stack.site.answer("/members", redirect("/signin?next=%2Fmembers"))
    stack.site.answer("/signin", status(200, None, b"<!DOCTYPE html><title>Sign In</title><form></form>"))
    failed_with(stack, "https://luma.com/members", "login_wall")


def test_a_site_that_refuses(stack):
    """Blocked is tried again, for it can help; 451 is the same reason."""
    stack.site.answer("/refused", status(403))
    stack.site.answer("/withheld", status(451))
    failed_with(stack, "https://luma.com/refused", "blocked")
    assert stack.site.count("/refused") == 3, "SCRAPE_MAX_ATTEMPTS"
    failed_with(stack, "https://luma.com/withheld", "blocked")


def test_a_name_that_leads_to_this_machine(new_stack, elsewhere):
    """Allowed by name, refused by the address that the name has: nothing is asked there."""
    stack = new_stack({"SCRAPE_ALLOWED_HOSTS": "luma.com,localhost", "SCRAPE_ORIGIN_OVERRIDE": ""})
    answer = stack.scrape("https://localhost/x", wait_s=0)
    if answer.status == 202:
        row = wait_until(lambda: (row := stack.event_row(answer.json["event_id"]))["processing_status"] == "failed" and row, 30)
        assert row["processing_error"] == "url_not_allowed"
    else:
        assert (answer.status, answer.json["code"]) == (422, "url_not_allowed")
    assert elsewhere.requests == []


@pytest.fixture(scope="module")
def elsewhere():
    """Another server of this machine, which nobody may be led to."""
    site = Site().start()
    yield site
    site.stop()


@pytest.mark.essential
@pytest.mark.parametrize("number, target", enumerate([
    "http://127.0.0.1:{}/x", "http://localhost:{}/x", "http://[::ffff:127.0.0.1]:{}/x", "http://0.0.0.0:{}/x", "http://2130706433:{}/x",
    "//127.0.0.1:{}/x", "http://10.0.0.1/x", "http://[::1]:{}/x", "http://169.254.169.254/latest/meta-data",
    "https://example.com/event", "https://user@luma.com/x", "file:///etc/passwd", "gopher://luma.com/x"]))
def test_a_redirect_to_where_nothing_may_be_fetched(stack, elsewhere, number, target):
    stack.site.answer(f"/away-{number}", redirect(target.format(elsewhere.port)))
    failed_with(stack, f"https://luma.com/away-{number}", "url_not_allowed")
    assert elsewhere.requests == [], "it was fetched"


def test_robots_txt_is_obeyed(new_stack):
    stack = new_stack()
    stack.site.robots = status(200, None, b"User-agent: *\nDisallow: /secret\nAllow: /\n", "text/plain")
    failed_with(stack, "https://luma.com/secret-garden", "robots_denied")
    assert stack.site.count("/secret-garden") == 0
    assert finish(stack, "https://luma.com/rust-readers-3")["processing_status"] == "processed"
    assert stack.site.count("/robots.txt") == 1, "it is kept for a while"


@pytest.mark.parametrize("text", [
    "<", "<!DOCTYPE html><html></html>", '<script id="__NEXT_DATA__" type="application/json">{"props":</script>',
    '<script id="__NEXT_DATA__" type="application/json">{"props":{"pageProps":{"initialData":{"kind":"event","data":null}}}}</script>',
    '<script type="application/ld+json">[[[[</script>', "\x00\xff" * 100, "<div>" * 5000])
def test_pages_that_are_broken(stack, text):
    slug = f"broken-{zlib.crc32(text.encode())}"
    stack.site.answer(f"/{slug}", status(200, None, text.encode("latin-1", "replace")))
    row = finish(stack, f"https://luma.com/{slug}")
    assert row["processing_status"] == "failed"
    assert row["processing_error"] in ("not_an_event", "parse_error", "not_html")


def test_a_host_is_asked_at_the_pace_that_is_set(new_stack, truths):
    stack = new_stack({"SCRAPE_MIN_DELAY_MS": "150", "SCRAPE_WORKERS": "4"})
    urls = [truth["url"] for truth in truths.values()][:8]
    assert stack.wait_batch(stack.scrape_batch(urls)["batch_id"])["failed"] == 0
    times = sorted(request.at for request in stack.site.requests if request.path != "/robots.txt")
    gaps = [later - earlier for earlier, later in zip(times, times[1:])]
    assert len(gaps) == 7
    # A gap as the site sees it is the set one, give or take how long each request travelled; their sum is not.
    assert min(gaps) > 0.05 and times[-1] - times[0] > 7 * 0.15 - 0.05


def test_a_page_without_a_body(stack, fresh):
    """200 and nothing: the site is not well; the page is asked for again."""
    stack.site.answer("/empty-once", status(200), page(fresh["slug"]))
    processed(finish(stack, "https://luma.com/empty-once"), fresh)


def test_a_failed_page_can_be_scraped_again(stack, fresh):
    stack.site.answer("/later", status(404), page(fresh["slug"]))
    event_id = failed_with(stack, "https://luma.com/later", "page_not_found")["id"]
    assert stack.scrape_id("https://luma.com/later", force=True) == str(event_id)
    wait_until(lambda: stack.event_row(event_id)["processing_status"] == "processed")
    processed(stack.event_row(event_id), fresh)
