"""Pages of one invented event as several sites list it."""
import html
import json

import samples  # noqa: F401  (finds data/samples)
import envelope  # noqa: E402
import records  # noqa: E402

CAST = None


def luma_page(slug, name, start, end, zone="Europe/Berlin", venue="Spindle Hall", street="Webergasse 7", city="Berlin", country="Germany",
              code="DE", prose="", id_of=None,
              calendar="personal:mira"):
    """A page in Luma's structure; id_of: the slug whose id it has."""
    global CAST
    CAST = CAST or records.load()[0]
    event = {"slug": id_of or slug, "name": name, "start": start, "end": end, "zone": zone, "calendar": calendar, "hosts": ["mira"],
             "topics": [], "prose": prose or "~An evening.",
             "place": {"shape": "google", "venue": venue, "street": f"{street}, {city}, {country}", "city": city, "country": country,
                       "code": code, "region": None, "at": [52.5, 13.4]}}
    page = envelope.event_page(CAST, event, 2)
    return page.replace(f"luma.com/{event['slug']}", f"luma.com/{slug}") if id_of else page


def luma_id(slug):
    return "evt-" + records.token("evt/" + slug)


def ld_page(name, start, end=None, venue="Spindle Hall", street="Webergasse 7", city="Berlin", country="DE", organiser=None, text="", url=None,
            performers=()):
    """A page with JSON-LD, as ticket shops and conferences have it."""
    event = {"@context": "https://schema.org", "@type": "Event", "name": name, "startDate": start, "description": text or f"{name}, an evening.",
             "location": {"@type": "Place", "name": venue, "address": {
                 "@type": "PostalAddress", "streetAddress": street, "addressLocality": city, "addressCountry": country}}}
    if end:
        event["endDate"] = end
    if url:
        event["url"] = url
    if organiser:
        event["organizer"] = {"@type": "Organization", **organiser}
    if performers:
        event["performer"] = [{"@type": "Person", "name": performer} for performer in performers]
    return (f'<!doctype html><html lang="en"><head><title>{html.escape(name)}</title>'
            f'<script type="application/ld+json">{json.dumps(event)}</script></head><body><h1>{html.escape(name)}</h1></body></html>')
