"""One event, however it is addressed and whoever lists it; and what is not one event."""
import itertools
import json
import random
import threading

import pytest
from fake_site import content
from listings import ld_page, luma_id, luma_page
from stack import Stack
from waiting import wait_until

pytestmark = pytest.mark.private_stack
ALIVE = "('available', 'executing', 'retryable')"
HOSTS = "luma.com lu.ma www.luma.com www.eventbrite.com www.eventbrite.de www.meetup.com spindle.example weavers.example"
TICKETS, MEETUP, OWN = "https://www.eventbrite.com", "https://www.meetup.com", "https://spindle.example"
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def sites():
    """Services that may fetch from all of these; all are played by stack.site, by path."""
    stack = Stack(settings={"SCRAPE_ALLOWED_HOSTS": "luma.com,lu.ma,eventbrite.com,eventbrite.de,meetup.com,spindle.example,weavers.example",
                            "PROCESS_WORKERS": "4", "SCRAPE_WORKERS": "4"})
    stack.environment["SCRAPE_ORIGIN_OVERRIDE"] = ",".join(f"https://{host}={stack.site.origin}" for host in HOSTS.split())
    try:
        yield stack.start()
    finally:
        stack.stop()


def word(number):
    """A name of its own; two of them do not look alike."""
    letters = random.Random(number)
    return "".join(letters.choice(part) for part in 3 * ("bdfghklmnprstvwz", "aeiou", "lmnrst")).capitalize()


def finished(stack):
    wait_until(lambda: stack.value(f"select count(*) from jobs where state in {ALIVE}") == 0, 60, "end of all work")


def survivor(stack, event_id):
    return stack.value("select coalesce(merged_into, id)::text from events where id = %s", event_id)


def scrape(stack, *urls, at_once=False):
    """The events that the addresses are, once all is done."""
    answers = {}

    def ask(url):
        answers[url] = stack.scrape(url, wait_s=0)
        assert answers[url].status == 202, answers[url]
    if at_once:
        threads = [threading.Thread(target=ask, args=(url,)) for url in urls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    else:
        for url in urls:
            ask(url)
            finished(stack)
    finished(stack)
    for url in urls:
        row = stack.event_row(survivor(stack, answers[url].json["event_id"]))
        assert (row["processing_status"], row["processing_error"]) == ("processed", None), (url, row["processing_error_detail"])
    return [survivor(stack, answers[url].json["event_id"]) for url in urls]


def everything(stack, path):
    cursor, items = "", []
    while cursor is not None:
        answer = stack.internal("GET", f"{path}&limit=100" + (f"&cursor={cursor}" if cursor else "")).json
        items += answer["data"]
        cursor = answer["page"]["next_cursor"]
    return items


def put(stack, path, page):
    stack.site.answer(path, content(page))


def pairs(stack, *ids):
    return stack.query("select status from duplicates where kind = 'event' and a::text = any(%s) and b::text = any(%s)", list(ids), list(ids))


# ------------------------------------------------------------------------------------------------ one site, many addresses

FORMS = ["https://luma.com/{slug}", "http://luma.com/{slug}", "https://www.luma.com/{slug}/", "https://LU.MA/{slug}", "lu.ma/{slug}",
         "https://luma.com/{slug}?utm_source=mail&tk=abc", "https://luma.com//{slug}#register", "https://luma.com/event/{id}",
         "https://lu.ma/{id}", "https://luma.com/{second}"]


def evening_of(slug):
    return word(int(slug.split("-")[1])) + " evening"


def forms_of(stack, slug):
    """All forms of a new event's addresses; the second name shows the same page without a redirect."""
    page = luma_page(slug, evening_of(slug), "2031-05-06T18:30", "2031-05-06T21:00")
    names = {"slug": slug, "id": luma_id(slug), "second": f"{slug}-second"}
    for path in ("/" + slug, f"/event/{names['id']}", "/" + names["id"], "/" + names["second"]):
        put(stack, path, page)
    return [form.format(**names) for form in FORMS]


@pytest.mark.parametrize("order", [1, -1])
def test_every_form_of_an_address_is_one_event(sites, order):
    slug = f"forms-{next(numbers)}"
    urls = [url for url in forms_of(sites, slug) if "://" in url][::order]
    assert len(set(scrape(sites, *urls))) == 1
    assert sites.value("select count(*) from events where luma_id = %s and merged_into is null", luma_id(slug)) == 1
    event = sites.event(scrape(sites, urls[0])[0]).json
    assert {"https://luma.com/" + slug, f"https://luma.com/event/{luma_id(slug)}"} <= set(event["sources"])


def test_known_addresses_are_one_event_when_they_are_asked_for(sites):
    """No row comes into being that would have to be merged."""
    slug = f"forms-{next(numbers)}"
    urls = [url for url in forms_of(sites, slug) if "second" not in url and "://" in url]
    [event_id] = scrape(sites, urls[0])
    before = sites.value("select count(*) from events")
    assert [sites.scrape(url, wait_s=0).json["event_id"] for url in urls] == [event_id] * len(urls)
    assert sites.value("select count(*) from events") == before
    finished(sites)


def test_all_forms_at_once_are_one_event(sites):
    for _ in range(3):
        slug = f"forms-{next(numbers)}"
        urls = [url for url in forms_of(sites, slug) if "://" in url]
        assert len(set(scrape(sites, *urls, at_once=True))) == 1
        assert sites.value("select count(*) from events where name = %s and merged_into is null", evening_of(slug)) == 1


# ------------------------------------------------------------------------------------------------ many sites

def listed_by_three(stack, number):
    """Luma, a ticket shop and the organiser's own page, each in its own words."""
    name = word(number)
    put(stack, f"/three-{number}", luma_page(f"three-{number}", f"{name}: an evening of looms", "2031-06-03T18:30", "2031-06-03T21:30",
                                             prose=f"~Tickets: [here]({OWN}/{name.lower()})\n\n~" + "Looms and more looms. " * 20))
    put(stack, f"/e/{name.lower()}-tickets-7700{number:05}", ld_page(f"{name} - An Evening of Looms", "2031-06-03T18:30:00+02:00",
                                                                    "2031-06-03T21:30:00+02:00", organiser={"name": "Mira Okonjo-Vale"}))
    put(stack, f"/{name.lower()}", ld_page(f"{name}", "2031-06-03", street="Webergasse 7", performers=["Irmgard Ferenczy"]))
    return [f"https://luma.com/three-{number}", f"{TICKETS}/e/{name.lower()}-tickets-7700{number:05}", f"{OWN}/{name.lower()}"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_an_event_of_three_sources_is_one_whatever_comes_first(sites, order):
    urls = listed_by_three(sites, next(numbers))
    ids = scrape(sites, *(urls[i] for i in order))
    final = {survivor(sites, event_id) for event_id in ids}
    assert len(final) == 1, [sites.event_row(i)["name"] for i in final]
    event = sites.event(final.pop()).json
    assert set(event["sources"]) == set(urls)
    assert event["name"].endswith(": an evening of looms") and event["luma_url"] == urls[0], "Luma's own data win over copies"
    listed = {listing["url"]: listing for listing in event["listings"]}
    assert {url: (listed[url]["kind"], listed[url]["host"]) for url in urls} == {
        urls[0]: ("luma", "luma.com"), urls[1]: ("eventbrite", "www.eventbrite.com"), urls[2]: ("page", "spindle.example")}
    assert listed[urls[0]]["said"] is None
    assert listed[urls[1]]["said"]["name"].endswith("An Evening of Looms") and "starts_at" not in listed[urls[1]]["said"]
    assert all(listing["first_seen_at"] <= listing["last_seen_at"] for listing in event["listings"])


def test_who_lost_leads_to_who_stays(sites):
    urls = listed_by_three(sites, next(numbers))
    first = sites.scrape(urls[1], wait_s=30).json["id"]
    [stays] = scrape(sites, urls[0])
    assert stays != first
    answer = sites.event(first)
    assert answer.status == 308 and answer.headers["location"].endswith(stays)
    assert sites.scrape(urls[1], wait_s=0).json["event_id"] == stays, "asking for the other listing means the one event"
    finished(sites)


def test_two_workers_with_two_listings_leave_no_twins(sites):
    groups = [listed_by_three(sites, next(numbers)) for _ in range(6)]
    ids = scrape(sites, *itertools.chain(*groups), at_once=True)
    for at in range(len(groups)):
        of_group = {survivor(sites, event_id) for event_id in ids[3 * at:3 * at + 3]}
        assert len(of_group) == 1, (groups[at], sites.query(
            "select a.name, b.name, d.score, d.status, d.evidence::text from duplicates d join events a on a.id = d.a join events b on b.id = d.b "
            "where d.a::text = any(%s) or d.b::text = any(%s)", list(of_group), list(of_group)))


def test_an_undone_merge_is_not_done_again(sites):
    urls = listed_by_three(sites, next(numbers))[:2]
    one, two = scrape(sites, *urls)
    assert one == two
    merge = next(item for item in everything(sites, "/internal/merges?kind=event") if item["survivor"]["id"] == one)
    assert merge["kind"] == "event" and any(step["field"] == "time" for step in merge["reason"]), merge
    assert sites.internal("POST", f"/internal/merges/{merge['id']}/undo").status == 200
    other = merge["loser"]["id"]
    assert sites.event(other).status == 200 and len(sites.event(one).json["sources"]) == 1
    for url in urls:
        assert sites.scrape(url, wait_s=30, force=True).status == 200
    finished(sites)
    assert survivor(sites, other) == other and survivor(sites, one) == one
    assert pairs(sites, one, other) == [("distinct",)]


# ------------------------------------------------------------------------------------------------ what is not one event

BASE = {"start": "2031-09-09T19:00:00+02:00", "organiser": {"name": "Spindle Makers"}}
OTHERS = {
    "another week": (MEETUP, {"start": "2031-09-16T19:00:00+02:00"}),
    "another town": (TICKETS, {"city": "Lisbon", "country": "PT", "venue": "Sala do Tear", "street": "Rua do Tear 3",
                               "start": "2031-09-09T19:00:00+01:00", "organiser": {"name": "Tear Lisboa"}}),
    "another edition": (TICKETS, {"name": "{name} 2032", "start": "2032-09-09T19:00:00+02:00"}),
    "an afterparty": (TICKETS, {"name": "{name} Afterparty", "start": "2031-09-09T22:00:00+02:00", "venue": "Cellar Nine", "street": "Kellerweg 9"}),
    "a workshop before": (TICKETS, {"name": "{name} Workshop", "start": "2031-09-09T10:00:00+02:00"}),
    "something else at the same place": (TICKETS, {"name": "Glass blowing for beginners {number}"}),
}


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("order", [1, -1])
def test_others_are_other_events(sites, other, order):
    number = next(numbers)
    name, (host, changes) = word(number), OTHERS[other]
    put(sites, f"/others-{number}", ld_page(name, **BASE))
    said = {"name": name, **BASE, **changes}
    said["name"] = said["name"].format(name=name, number=number)
    put(sites, f"/e/other-{8800000 + number}", ld_page(**said))
    one, two = scrape(sites, *[f"{OWN}/others-{number}", f"{host}/e/other-{8800000 + number}"][::order])
    assert one != two
    assert ("merged",) not in pairs(sites, one, two)


def test_two_pages_of_one_site_are_never_merged_by_themselves(sites):
    """A morning and an evening of one name; a site that gives each event a page means two by two pages."""
    number = next(numbers)
    for at, start in ((1, "10:00"), (2, "19:00"), (3, "19:00")):
        put(sites, f"/e/double-{99000000 + 10 * number + at}", ld_page(word(number), f"2031-10-01T{start}:00+02:00",
                                                                      organiser={"name": "Spindle Makers"}))
    urls = [f"{TICKETS}/e/double-{99000000 + 10 * number + at}" for at in (1, 2, 3)]
    assert len(set(scrape(sites, *urls))) == 3


def test_one_number_of_a_ticket_shop_is_one_event(sites):
    """Under another domain of the shop, and with other words before the number."""
    number = 66000000 + next(numbers)
    page = ld_page(word(number), "2031-10-02T19:00:00+02:00")
    put(sites, f"/e/numbered-tickets-{number}", page)
    put(sites, f"/e/numbered-karten-{number}", page)
    one, two = scrape(sites, f"{TICKETS}/e/numbered-tickets-{number}?aff=mail", f"https://www.eventbrite.de/e/numbered-karten-{number}")
    assert one == two


def test_general_titles_wait_for_a_person(sites):
    number = next(numbers)
    day = f"2032-{1 + number % 12:02}-{1 + number % 28:02}"
    put(sites, f"/meet-{number}", luma_page(f"meet-{number}", "AI Meetup", f"{day}T19:00", f"{day}T21:00", venue="Foundry Loft", street="Gleis 1"))
    put(sites, f"/e/meet-{77000000 + number}", ld_page("AI Meetup", f"{day}T19:00:00+0{2 if 4 <= 1 + number % 12 <= 9 else 1}:00",
                                                      venue="Kupfer", street="Am Ufer 3", organiser={"name": "Kupfer Club"}))
    one, two = scrape(sites, f"https://luma.com/meet-{number}", f"{TICKETS}/e/meet-{77000000 + number}")
    assert one != two


def test_who_may_be_one_waits_in_the_queue(sites):
    number = next(numbers)
    put(sites, f"/queue-{number}", ld_page(word(number), "2031-11-01T10:00:00+01:00", organiser={"name": "Spindle Makers"}))
    put(sites, f"/e/queue-{55000000 + number}", ld_page(word(number), "2031-11-01T15:00:00+01:00", organiser={"name": "Spindle Makers"}))
    one, two = scrape(sites, f"{OWN}/queue-{number}", f"{TICKETS}/e/queue-{55000000 + number}")
    assert one != two and pairs(sites, one, two) == [("pending",)]
    found = [item for item in everything(sites, "/internal/duplicates?kind=event") if {item["a"]["id"], item["b"]["id"]} == {one, two}]
    assert len(found) == 1 and {"title", "time"} <= {step["field"] for step in found[0]["evidence"]}
    assert sites.internal("POST", f"/internal/duplicates/{found[0]['id']}/decision", {"decision": "distinct"}).status == 200
    sites.scrape(f"{OWN}/queue-{number}", wait_s=30, force=True)
    finished(sites)
    assert pairs(sites, one, two) == [("distinct",)]


# ------------------------------------------------------------------------------------------------ afterwards

def test_deduplication_finds_what_was_there_before(sites):
    """Rows of an older version have no keys yet; another source lists them with another title and the day only."""
    number = next(numbers)
    rows = [(f"{word(number)}: the conference", f"{OWN}/selvedge-{number}", "2031-12-05T09:00:00+01:00", "2031-12-05"),
            (f"{word(number)} Conference", f"https://weavers.example/{number}", None, "2031-12-05"),
            (f"{word(number)}: the conference", f"{OWN}/selvedge-{number}/2032", "2032-12-05T09:00:00+01:00", "2032-12-05")]
    ids = [sites.query("insert into events (name, luma_url, starts_at, date, timezone, venue, city, processing_status, processed_at, extracted_data) "
                       "values (%s, %s, %s, %s, 'Europe/Berlin', 'Spindle Hall', 'Berlin', 'processed', now(), '{}') returning id::text", *row)[0][0]
           for row in rows]
    for event_id, row in zip(ids, rows):
        sites.query("insert into event_sources (url, event_id) values (%s, %s) returning 1", row[1], event_id)
    answer = sites.internal("POST", "/internal/deduplicate/events", {"dry_run": False})
    assert answer.status == 202, answer
    finished(sites)
    final = [survivor(sites, event_id) for event_id in ids]
    assert final[0] == final[1] != final[2], json.dumps(final)
