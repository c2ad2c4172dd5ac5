"""The envelope of a Luma page: head with its metas and JSON-LD, styles, markup, __NEXT_DATA__ at the end.

Styles, scripts and icons mean nothing to a reader; they are there in realistic amounts, so that sizes and times
measured on samples say something about real pages.
"""
import hashlib
import html
import json
import random
import urllib.parse
import zoneinfo

import markup
import records

SITE = records.SITE
BUILD = "SampleBuild0000000000"


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def make_style_blocks(count=60):
    """Rules as styled-jsx writes them, about 2 kB a block; the same on every run."""
    rng = random.Random("styles")
    words = ("event", "cover", "title", "host", "guest", "map", "row", "card", "pill", "icon", "meta", "sticky", "footer")
    rules = ("display:flex", "align-items:center", "gap:.5rem", "color:var(--primary-color)", "font-weight:500",
             "border-radius:var(--border-radius)", "background-color:var(--card-bg-color)", "padding:.75rem 1rem",
             "transition:all .3s cubic-bezier(.4,0,.2,1)", "box-shadow:var(--shadow-xs)", "min-width:0", "opacity:.8")
    blocks = []
    for number in range(count):
        jsx, text = "jsx-%016x" % rng.getrandbits(64), ""
        while len(text) < 2000:
            chosen = ";".join(rng.sample(rules, rng.randint(3, 6)))
            text += f".{rng.choice(words)}-{rng.choice(words)}.{jsx}{{{chosen}}}"
            if rng.random() < .2:
                text += f"@media (max-width:{rng.choice((450, 650, 820))}px){{.{rng.choice(words)}.{jsx}{{{chosen}}}}}"
        blocks.append(f'<style id="__{jsx}">{text}</style>')
    return blocks


STYLES = make_style_blocks()


def filler(slug, kilobytes):
    """Style blocks of about that size; which ones depends on the slug."""
    rng = random.Random(f"filler/{slug}")
    wanted = int(kilobytes * rng.uniform(.7, 1.4) / 2)
    return "".join(rng.choices(STYLES, k=wanted))


def icon(slug, number):
    rng = random.Random(f"icon/{slug}/{number}")
    path = "".join(f"{rng.choice('MLCA')}{rng.uniform(0, 24):.3f} {rng.uniform(0, 24):.3f}" for _ in range(14))
    return ('<svg xmlns="http://www.w3.org/2000/svg" fill="none" viewBox="0 0 24 24" aria-hidden="true">'
            f'<path stroke="currentColor" d="{path}"></path></svg>')


def meta(key, name, content):
    return f'<meta {key}="{name}" content="{html.escape(content)}" data-next-head=""/>'


def head(title, about, url, ld, kind="article", image=None, app_argument=None):
    """Head of any page; ld is the JSON-LD object or None."""
    trace = hashlib.md5(url.encode()).hexdigest()
    out = ['<meta charset="utf-8" data-next-head=""/>',
           '<meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover" data-next-head=""/>',
           f'<title data-next-head="">{html.escape(title)}</title>', meta("name", "description", about),
           meta("property", "og:title", title), meta("property", "og:description", about), meta("property", "og:type", kind),
           meta("name", "twitter:card", "summary_large_image"), meta("name", "twitter:title", title),
           meta("name", "twitter:description", about), meta("property", "og:url", url),
           f'<link rel="canonical" href="{url}" data-next-head=""/>',
           f'<link rel="alternate" hrefLang="en" href="{url}" data-next-head=""/>']
    if image:
        card = "https://og.luma.example/cdn-cgi/image/width=800,height=419/api/event-one?" + urllib.parse.urlencode(
            {"img": image, "name": title})
        out += [meta("property", "og:image:width", "800"), f'<meta name="image" property="og:image" content="'
                f'{html.escape(card)}" data-next-head=""/>', meta("name", "twitter:image", card)]
    if app_argument:
        out.append(meta("name", "apple-itunes-app", f"app-id=1546150895, app-argument=luma://{app_argument}"))
    out += ['<link rel="manifest" href="/pwa.webmanifest"/>', f'<meta name="sentry-trace" content="{trace}-{trace[:16]}"/>']
    if ld:
        out.append(f'<script data-cfasync="false" type="application/ld+json" data-next-head="">{compact(ld)}</script>')
    return "".join(out)


def next_data(page, page_props, query, **flags):
    """The page's data; countryCode and position are the visitor's, not the event's."""
    return {"props": {"initialUserData": None, "randomSeed": 0.4877, "countryCode": "IS", "latitude": "64.13548",
                      "longitude": "-21.89541", "sha": hashlib.sha1(BUILD.encode()).hexdigest(), "initialLocale": "en",
                      "initialMessages": None, "pageProps": page_props},
            "page": page, "query": query, "buildId": BUILD, "isFallback": False, "isExperimentalCompile": False,
            **(flags or {"gip": True}), "appGip": True, "scriptLoader": []}


def document(head_html, body, data, slug, kilobytes):
    return ('<!DOCTYPE html><html class="theme-root" lang="en"><head>' + head_html + filler(slug, kilobytes) +
            '<link rel="stylesheet" href="/_next/static/chunks/sample.css" data-n-g=""/><noscript data-n-css=""></noscript>' +
            "".join(f'<script src="/_next/static/chunks/{n:016x}.js" defer=""></script>' for n in range(1, 13)) +
            '</head><body class=""><div id="__next"><div class="page-wrapper"><nav><a aria-label="Luma Home" href="/">' +
            icon(slug, 0) + '</a><a href="/discover"><span>Explore Events</span></a><a href="/signin">Sign In</a></nav>' +
            body + "</div></div>" + f'<script id="__NEXT_DATA__" type="application/json">{compact(data)}</script></body></html>')


# --- event pages

def local_iso(event, end):
    moment = records.utc(event, end).astimezone(zoneinfo.ZoneInfo(event["zone"]))
    return moment.isoformat(timespec="milliseconds")


def ld_location(place):
    if place is None:
        return {"@type": "VirtualLocation", "url": SITE}
    if place["shape"] == "manual":
        return {"@type": "Place", "name": place["address"], "address": place["address"]}
    if place["shape"] == "obfuscated":
        return {"@type": "Place", "name": place["city_state"], "address": "Register to See Address"}
    latitude, longitude = place["at"]
    address = {"@type": "PostalAddress", "addressCountry": {"@type": "Country", "name": place["country"]},
               "addressLocality": place["city"], "streetAddress": place["venue"]}
    if place["region"]:
        address["addressRegion"] = place["region"]
    return {"@type": "Place", "address": address, "name": place["venue"],
            "geo": {"@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude},
            "latitude": latitude, "longitude": longitude}


def ld_event(cast, event, description):
    place, url = records.place_of(cast, event), f"{SITE}/{event['slug']}"
    hosts = [{"@type": "Organization", "name": records.full_name(user, shown),
              "url": f"{SITE}/user/usr-{records.token('usr/' + key)}"}
             for key, user, shown in (records.host_of(cast, host) for host in event["hosts"])]
    cents, currency = event.get("price", (0, "usd"))
    decimals = records.currency_data(currency.lower())["decimals"]
    mode = "Offline" if event.get("location_type", "offline") == "offline" else "Online"
    return {
        "@context": "https://schema.org", "@type": "Event", "@id": url, "name": event["name"],
        "eventAttendanceMode": f"https://schema.org/{mode}EventAttendanceMode",
        "eventStatus": "https://schema.org/EventScheduled", "location": ld_location(place),
        "image": [records.picture("event-covers", event["slug"]) + ".png"], "description": description,
        "startDate": local_iso(event, "start"), "endDate": local_iso(event, "end"),
        "offers": [{"@type": "Offer", "url": url, "name": "General Admission", "price": cents / 10 ** decimals,
                    "priceCurrency": currency.lower(), "availability": "https://schema.org/InStock"}],
        "organizer": hosts, "performer": hosts}


def event_body(cast, event, data):
    slug, place = event["slug"], records.place_of(cast, event)
    where = "Online" if place is None else place.get("venue") or place.get("address") or place["city_state"]
    hosts = "".join(f'<a class="host" href="/user/{host["api_id"]}"><img alt="" src="{host["avatar_url"]}"/><div>'
                    f'{html.escape(host["name"] or "")}</div></a>' for host in data["hosts"])
    sizes = ", ".join(f"{data['event']['cover_url']}?width={width} {width}w" for width in range(280, 1400, 80))
    prose = markup.to_html(data["description_mirror"]) if data["description_mirror"] else ""
    return (f'<div class="event-page-left"><img alt="Cover Image for {html.escape(event["name"])}" srcSet="{sizes}"/>'
            f'<div class="title">Hosted By</div>{hosts}</div><div class="event-page-right"><h1 class="title">'
            f'{html.escape(event["name"])}</h1>{icon(slug, 1)}<div class="meta">{html.escape(event["start"])}</div>'
            f'{icon(slug, 2)}<div class="meta">{html.escape(where)}</div><div class="content"><div class="mirror-content">'
            f'{prose}</div></div>{"".join(icon(slug, n) for n in range(3, 30))}</div>')


def event_page(cast, event, kilobytes):
    data = records.event_data(cast, event)
    document_node = data["description_mirror"]
    description = "\n".join(line for line in markup.to_lines(document_node) if line) if document_node else ""
    about = description.replace("\n", " ")
    about = about if len(about) <= 155 else about[:154] + "…"
    url = f"{SITE}/{event['slug']}"
    top = head(event["name"] + " · Luma", about, url, ld_event(cast, event, description),
               image=data["event"]["cover_url"], app_argument="event/" + data["api_id"])
    page = next_data("/[...url]", {"initialData": {"kind": "event", "data": data}}, {"url": [event["slug"]]})
    return document(top, event_body(cast, event, data), page, event["slug"], kilobytes)


# --- pages that are not one event

def calendar_page(cast, events, listing, kilobytes):
    calendar = records.calendar_data(cast, listing["calendar"])
    chosen = [events[slug] for slug in listing["events"]]
    url = f"{SITE}/{calendar['slug']}"
    data = {"calendar": calendar, "featured_items": [records.entry_data(cast, event, "calev") for event in chosen] +
            [records.external_entry(external) for external in listing.get("external", [])],
            "has_upcoming_events": True, "has_access": True, "is_admin": False, "calendar_member": None,
            "is_subscriber": False, "tags": [{"api_id": "tag-" + records.token("tag/" + calendar["slug"]), "name": "talks",
                                              "color": "blue", "upcoming_event_count": len(chosen)}],
            "event_start_ats": [records.instant(records.utc(event, "start")) for event in chosen], "membership_tiers": [],
            "categories": [], "membership_info": None, "can_subscribe": True}
    ld = {"@context": "https://schema.org", "@type": "Organization", "name": calendar["name"], "url": url,
          "description": calendar["description_short"], "image": [calendar["cover_image_url"]],
          "potentialAction": {"@type": "SubscribeAction", "actionStatus": "PotentialActionStatus", "url": url},
          "events": [ld_event(cast, event, event["name"]) for event in chosen]}
    top = head(calendar["name"] + " · Events Calendar", calendar["description_short"], url, ld, kind="website")
    page = next_data("/[...url]", {"initialData": {"kind": "calendar", "data": data}}, {"url": [calendar["slug"]]})
    links = "".join(f'<a class="event-link" href="/{event["slug"]}"><h3>{html.escape(event["name"])}</h3></a>' for event in chosen)
    return document(top, f'<h1>{html.escape(calendar["name"])}</h1>{links}', page, calendar["slug"], kilobytes)


def place_data(name, city):
    return {"place": {"api_id": "discplace-" + records.token("place/" + city["slug"]), "name": name, "slug": city["slug"],
                      "coordinate": {"longitude": city["at"][1], "latitude": city["at"][0]}, "timezone": city["zone"],
                      "description": f"What goes on in {name}.", "geo_continent": city["continent"], "is_launched": True,
                      "event_count": records.number(name, 5, 60), "publication_name": f"What’s happening in {name}",
                      "icon_url": records.picture("discovery", city["slug"]), "tint_color": "#de475e"},
            "num_events": records.number(name, 5, 60), "is_subscriber": False, "distance_km": None}


def discover_page(cast, events, listing, kilobytes):
    chosen = [events[slug] for slug in listing["events"]]
    places = [place_data(name, city) for name, city in cast["cities"].items()]
    featured = {**place_data(listing["city"], cast["cities"][listing["city"]]),
                "events": [records.entry_data(cast, event, "evt") for event in chosen], "calendars": []}
    data = {"places": places, "featured_place": featured, "places_by_continent": [],
            "calendars": [{"calendar": records.calendar_data(cast, key)} for key in cast["calendars"]],
            "categories": [{"category": records.category_data(cast, key)} for key in cast["topics"]],
            "debug_info": {"ip": "192.0.2.7"}}
    top = head("Discover Events · Luma", "Explore popular events near you.", f"{SITE}/discover", None, kind="website")
    links = "".join(f'<a href="/{event["slug"]}">{html.escape(event["name"])}</a>' for event in chosen)
    return document(top, f"<h1>Discover Events</h1>{links}", next_data("/discover", {"initialData": data}, {}), listing["slug"],
                    kilobytes)


def home_page(listing, kilobytes):
    ld = {"@context": "https://schema.org", "@type": "WebSite", "name": "Luma", "alternateName": "Luma Events Calendar",
          "url": SITE + "/"}
    top = head("Luma · Delightful Events Start Here", "Set up an event page and sell tickets.", SITE, ld, kind="website")
    return document(top, "<h1>Delightful events start here.</h1>", next_data("/", {}, {}, gssp=True), listing["slug"],
                    min(kilobytes, 20))
