"""Reads the invented events and turns them into the records that Luma's pages carry.

load() gives the cast and the events; event_data() the body of an event page (`initialData.data`); truth() what a
reader of the page must find, computed from the sample's source and not from the page.
"""
import datetime
import hashlib
import json
import pathlib
import zoneinfo

import markup

HERE = pathlib.Path(__file__).resolve().parent
SITE = "https://luma.com"
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def token(text, length=15, digits=DIGITS):
    """Letters and digits that depend on nothing but the text."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    out = ""
    for _ in range(length):
        number, rest = divmod(number, len(digits))
        out += digits[rest]
    return out


def number(text, least, most):
    return least + int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") % (most - least + 1)


def picture(kind, key):
    name = hashlib.md5(f"{kind}/{key}".encode()).hexdigest()
    return (f"https://images.lumacdn.example/{kind}/{name[:2]}/{name[:8]}-{name[8:12]}-{name[12:16]}-{name[16:20]}-"
            f"{name[20:]}")


def load(folder=HERE):
    """(cast, events by slug, listings)."""
    cast = json.loads((folder / "cast.json").read_text("utf-8"))
    events = {}
    for path in sorted((folder / "events").glob("*.md")):
        head, _, prose = path.read_text("utf-8").partition("\n---\n")
        events[path.stem] = {"slug": path.stem, **json.loads(head), "prose": prose}
    return cast, events, json.loads((folder / "listings.json").read_text("utf-8"))


def utc(event, end):
    local = datetime.datetime.fromisoformat(event[end]).replace(tzinfo=zoneinfo.ZoneInfo(event["zone"]))
    return local.astimezone(datetime.timezone.utc)


def instant(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def place_of(cast, event):
    """The event's place with its shape, or None."""
    place = event["place"]
    if isinstance(place, str):
        return {"shape": "google", **cast["places"][place]}
    return place


def host_of(cast, host):
    """(key, user, the name this event shows)."""
    key = host["user"] if isinstance(host, dict) else host
    user = cast["users"][key]
    shown = host["name"] if isinstance(host, dict) else user["name"]
    return key, user, shown


def full_name(user, shown=None):
    return shown or user["name"] or " ".join((user["first_name"], user["last_name"]))


def truth(cast, event):
    """What must come out of the structured parts of the page."""
    place = place_of(cast, event)
    starts, ends = utc(event, "start"), utc(event, "end")
    people, companies = [], []
    for host in event["hosts"]:
        _, user, shown = host_of(cast, host)
        # `entity`: the company behind an account that calls itself its team or its events
        (people if user["kind"] == "person" else companies).append(user.get("entity") or full_name(user, shown))
    if not event["calendar"].startswith("personal:"):
        name = cast["calendars"][event["calendar"]]["name"]
        if name not in companies:
            companies.append(name)
    companies = list(dict.fromkeys(companies))
    return {
        "slug": event["slug"], "event_id": "evt-" + token("evt/" + event["slug"]), "url": f"{SITE}/{event['slug']}",
        "name": " ".join(event["name"].split()), "starts_at": starts.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "ends_at": ends.strftime("%Y-%m-%dT%H:%M:%SZ"), "timezone": event["zone"], "date": event["start"][:10],
        "city": place.get("city") if place else None, "country": place.get("code") if place else None,
        "shape": place["shape"] if place else None, "venue": place.get("venue") or place.get("address") if place else None,
        "location_type": event.get("location_type", "offline"), "status": event.get("status", "scheduled"),
        "sold_out": event.get("sold_out", False), "price": event.get("price"), "language": event.get("language", "en"),
        "people": people, "companies": companies, "topics": [cast["topics"][key]["name"] for key in event["topics"]],
        "mentions": event.get("mentions", {}), "has_description": bool(event["prose"].strip()),
    }


def handles(source):
    return {f"{name}_handle": source.get(name) for name in ("instagram", "linkedin", "tiktok", "twitter", "youtube")}


def user_data(cast, host, event=None):
    key, user, shown = host_of(cast, host)
    data = {
        "name": shown, "api_id": "usr-" + token("usr/" + key), "website": user.get("website"), "timezone": user["zone"],
        "username": user.get("username"), "bio_short": user["bio"], "avatar_url": picture("avatars", key),
        "is_verified": False, "last_online_at": "2025-0%d-1%dT0%d:27:32.359Z" % (number(key, 1, 9), number(key, 0, 9),
                                                                                number(key, 0, 9)), **handles(user)}
    if "first_name" in user:
        data |= {"first_name": user["first_name"], "last_name": user["last_name"]}
    if event and number(event["slug"], 0, 1):
        data |= {"is_visible": True, "access_level": "manager"}
    return data


def calendar_data(cast, key):
    personal = key.partition("personal:")[2]
    source = {} if personal else cast["calendars"][key]
    return {
        "access_level": "public", "api_id": "cal-" + token("cal/" + key), "avatar_url": picture("calendars", key),
        "coordinate": None, "cover_image_url": picture("calendar-cover-images", key),
        "description_short": source.get("about"), "event_submission_restriction": "none", "geo_city": source.get("city"),
        "geo_country": None, "geo_region": None, "google_measurement_id": None, "is_blocked": False,
        "launch_status": "launched", "luma_plus_active": not personal, "meta_pixel_id": None,
        "name": "Personal" if personal else source["name"],
        "personal_user_api_id": "usr-" + token("usr/" + personal) if personal else None, "refund_policy": None,
        "show_subscriber_count": False, "slug": source.get("slug"), "social_image_url": None, "stripe_account_id": None,
        "tax_config": None, "timezone": None, "tint_color": "#%06x" % number(key, 0, 0xffffff),
        "track_meta_ads_from_luma": False, "verified_at": None, "website": source.get("website"), **handles(source),
        "payment_methods": [], "solana_treasury_address": None, "charges_enabled": None, "is_personal": bool(personal),
        "personal_user": user_data(cast, personal) if personal else None}


def address_data(place):
    if place is None:
        return None
    if place["shape"] == "manual":
        return {"mode": "shown", "type": "manual", "address": place["address"]}
    if place["shape"] == "obfuscated":
        return {"mode": "obfuscated", "city": place["city"], "city_state": place["city_state"],
                **({"sublocality": place["sublocality"]} if "sublocality" in place else {})}
    region = place["region"]
    return {
        "mode": "shown", "type": "google", "city": place["city"], "sublocality": place.get("sublocality"),
        "region": region, "address": place["venue"], "country": place["country"], "country_code": place["code"],
        "place_id": "ChIJ" + token("place/" + place["venue"], 23), "description": place.get("note", ""),
        "city_state": f"{place['city']}, {region}" if region else place["city"],
        "short_address": f"{place['venue']}, {place['city']}", "full_address": f"{place['venue']}, {place['street']}",
        "apple_maps_place_id": "I" + token("apple/" + place["venue"], 16, "0123456789ABCDEF"),
        "localized": place.get("localized")}


def event_core(cast, event):
    """`data.event`, also part of the entries of listings."""
    place, slug = place_of(cast, event), event["slug"]
    at = place and place.get("at")
    first_host = host_of(cast, event["hosts"][0])[0]
    core = {
        "api_id": "evt-" + token("evt/" + slug), "calendar_api_id": "cal-" + token("cal/" + event["calendar"]),
        "cover_url": picture("event-covers", slug) + ".png", "end_at": instant(utc(event, "end")),
        "event_type": "independent", "hide_rsvp": False, "location_type": event.get("location_type", "offline"),
        "name": event["name"], "one_to_one": True, "recurrence_id": None, "show_guest_list": True,
        "start_at": instant(utc(event, "start")), "timezone": event["zone"], "url": slug,
        "user_api_id": "usr-" + token("usr/" + first_host), "visibility": "public",
        "waitlist_enabled": event.get("waitlist", False), "virtual_info": {"has_access": False},
        "geo_address_info": address_data(place),
        "geo_address_visibility": "guests-only" if place and place["shape"] == "obfuscated" else "public",
        "coordinate": {"longitude": at[1], "latitude": at[0]} if at else None}
    if event["start"] < "2025-07":  # older pages carry the position twice, as text
        core |= {"geo_latitude": str(at[0]) if at else None, "geo_longitude": str(at[1]) if at else None}
    else:
        core["waitlist_status"] = "active" if event.get("waitlist") else "disabled"
    return core


def currency_data(currency):
    return {"currency": currency, "decimals": 0 if currency == "jpy" else 2}


def ticket_data(event):
    """(ticket_types, ticket_info)."""
    price, approval = event.get("price"), event.get("require_approval", False)
    cents, currency = (price[0], price[1].lower()) if price else (None, None)
    info = currency_data(currency) if price else None
    one = {
        "api_id": "evtticktyp-" + token("ticket/" + event["slug"]), "cents": cents, "currency": currency, "description": None,
        "ethereum_token_requirements": [], "event_api_id": "evt-" + token("evt/" + event["slug"]), "is_flexible": False,
        "is_hidden": False, "max_capacity": None, "membership_restriction": None, "min_cents": None, "position": "8",
        "name": "Standard", "require_approval": approval, "type": "paid" if price else "free", "valid_end_at": None,
        "valid_start_at": None, "num_tickets_registered": event.get("guests", 0), "currency_info": info,
        "num_guests": event.get("guests", 0), "is_disabled": False}
    money = {"cents": cents, "currency": currency, "is_flexible": False} if price else None
    return [one], {
        "price": money, "is_free": not price and not approval, "max_price": money,
        "is_sold_out": event.get("sold_out", False), "spots_remaining": event.get("spots"),
        "is_near_capacity": event.get("spots", 99) < 5, "require_approval": approval, "currency_info": info}


def category_data(cast, key):
    topic = cast["topics"][key]
    return {
        "api_id": "cat-" + key, "description": topic["about"], "event_count": number(key, 300, 2000),
        "hero_image_desktop_url": picture("discovery", key), "icon_url": picture("discovery", key + "/icon"),
        "name": topic["name"], "page_title": topic["name"] + " Events", "simple_icon_url": picture("discovery", key + "/s"),
        "slug": key, "social_image_url": picture("discovery", key + "/social"), "subscriber_count": number(key, 900, 9999),
        "tint_color": topic["color"]}


def featured_data(cast, event):
    out = []
    for item in event.get("featured", []):
        if item["type"] == "discover":
            slug = cast["cities"][item["name"]]["slug"]
            out.append({"type": "discover", "avatar_url": picture("discovery", slug), "tint_color": "#7173d1",
                        "name": item["name"], "api_id": "discplace-" + token("place/" + slug), "name_raw": item["name"],
                        "path": f"/{slug}?k=p"})
        else:
            calendar = cast["calendars"][item["calendar"]]
            out.append({"type": "calendar", "avatar_url": picture("calendars", item["calendar"]), "name": calendar["name"],
                        "calendar_api_id": "cal-" + token("cal/" + item["calendar"]), "calendar_type": "community",
                        "name_raw": calendar["name"], "path": f"/{calendar['slug']}?k=c"})
    return out


def event_data(cast, event):
    """The body of an event page: what `event/get` answers, in the order Luma writes it."""
    types, info = ticket_data(event)
    sold_out, waitlist = event.get("sold_out", False), event.get("waitlist", False)
    return {
        "api_id": "evt-" + token("evt/" + event["slug"]), "accepts_usdc_for_usd": False,
        "calendar": calendar_data(cast, event["calendar"]), "meta_pixel_id": None, "coupon": None,
        "google_measurement_id": None, "stripe_account_id": None, "payment_methods": [], "event": event_core(cast, event),
        "start_at": instant(utc(event, "start")),
        "guest_data": {"email": None, "name": None, "ticket_key": None, "approval_status": None, "proxy_key": None,
                       "event_tickets": [], "payments": []},
        "featured_guests": [], "has_available_ticket_types": not sold_out, "refund_policy": None,
        "guest_count": event.get("guests", 0), "ticket_count": event.get("guests", 0),
        "hosts": [user_data(cast, host, event) for host in event["hosts"]], "referred_by": None,
        "cover_image": {"vibrant_color": None, "colors": ["#%06x" % number(f"{event['slug']}{i}", 0, 0xffffff)
                                                         for i in range(5)]},
        "sessions": [], "ticket_types": types, "featured_infos": featured_data(cast, event),
        "categories": [category_data(cast, key) for key in event["topics"]], "ticket_info": info,
        "subscribed_to_calendar": False, "event_invite": None, "role": None, "manage_access": None, "sold_out": sold_out,
        "locale": "en", "theme_meta": {"theme": "legacy"}, "tint_color": "#%06x" % number(event["slug"], 0, 0xffffff),
        "can_register_for_multiple_tickets": False, "font_title": None,
        "description_mirror": markup.to_prosemirror(event["prose"]), "eth_address_requirement": None,
        "name_requirement": "full-name", "phone_number_requirement": None, "solana_address_requirement": None,
        "registration_questions": [
            {"id": token("question/" + event["slug"], 8).lower(), "label": "Company", "required": True,
             "question_type": "text"},
            {"id": token("question2/" + event["slug"], 8).lower(), "label": "Where did you hear of us?", "required": False,
             "options": ["A friend", "The Unrelated Gazette", "Wombat Weekly"], "question_type": "dropdown"}],
        "is_flagged": False, "is_primary_calendar_admin": False, "show_unlock_code_option": False,
        "has_multiple_ticket_types": False, "membership_tiers": [], "membership_info": None, "waitlist_active": waitlist,
        "registration_availability": "waitlist" if waitlist else "sold-out" if sold_out else "open", "route": None,
        "featured_city": None}


def entry_data(cast, event, prefix):
    """An entry of a listing; calendars name them calev-…, discover pages by the event's own id."""
    _, info = ticket_data(event)
    own = "evt-" + token("evt/" + event["slug"])
    return {
        "api_id": own if prefix == "evt" else "calev-" + token("calev/" + event["slug"]), "event": event_core(cast, event),
        "cover_image": {"vibrant_color": None, "colors": ["#f2f2f2"]}, "calendar": calendar_data(cast, event["calendar"]),
        "start_at": instant(utc(event, "start")), "hosts": [user_data(cast, host) for host in event["hosts"]],
        "guest_count": event.get("guests", 0), "ticket_count": event.get("guests", 0), "ticket_info": info,
        "featured_guests": [], "role": None, "waitlist_active": event.get("waitlist", False), "platform": "luma",
        "status": "approved", "tags": []}


def external_entry(external):
    """An entry of a calendar that points to another site; it has no id of its own and no end."""
    return {
        "api_id": "calev-" + token("calev/" + external["url"]), "platform": "external", "status": "approved", "tags": [],
        "start_at": instant(utc(external, "start")), "hosts": [], "featured_guests": [], "role": None,
        "event": {"name": external["name"], "host": external["host"], "start_at": instant(utc(external, "start")),
                  "duration_interval": external["duration"], "timezone": external["zone"], "url": external["url"],
                  "geo_address_json": {"city": external["city"]},
                  "geo_address_info": {"mode": "shown", "type": "manual", "address": external["city"]}}}
