"""Reading one event, searching, similar events, statistics."""
import pytest

pytestmark = pytest.mark.essential


def test_an_event_by_id(filled, truths):
    event = filled.event(filled.ids["harbour-climate-hack"]).json
    assert event["name"] == truths["harbour-climate-hack"]["name"]
    assert "Build something that a port authority would switch on" in event["description"]
    assert "\u200b" not in event["description"]
    assert event["sources"]


@pytest.mark.parametrize("wrong, status", [("nonsense", 400), ("123", 400), ("00000000-0000-4000-8000-000000000000", 404),
                                           ("'%20or%201=1", 400)])
def test_an_id_that_leads_nowhere(stack, wrong, status):
    for path in (f"/api/events/{wrong}", f"/api/events/{wrong}/similar"):
        answer = stack.api("GET", path)
        assert answer.status == status, answer
        assert answer.headers["content-type"] == "application/problem+json"


def slugs(answer):
    assert answer.status == 200, answer
    return [item["luma_url"].rpartition("/")[2] for item in answer.json["data"]]


def search(stack, q, **query):
    return stack.api("GET", "/api/events/search", query={"q": q, **query})


def test_search_finds_words_of_name_and_description(filled):
    assert slugs(search(filled, "hackathon voice agent"))[0] == "8kq2mvzt"
    assert "everest-of-data" in slugs(search(filled, "satellite"))
    assert "sp-energia-aberta" in slugs(search(filled, "energia"))
    assert slugs(search(filled, "zzyzxqwv")) == []


def test_search_hits_say_why(filled):
    hit = search(filled, "sunset").json["data"][0]
    assert isinstance(hit["score"], (int, float)) and "highlights" in hit
    scores = [hit["score"] for hit in search(filled, "data").json["data"]]
    assert scores == sorted(scores, reverse=True)


def test_search_takes_the_filters_of_the_list(filled):
    found = slugs(search(filled, "models", location="Buenos Aires"))
    assert set(found) <= {"ba-ia-abierta"}
    assert search(filled, "models", locaton="x").status == 400


def test_search_needs_words(stack):
    answer = stack.api("GET", "/api/events/search")
    assert answer.status == 400
    assert answer.json["errors"][0]["parameter"] == "q"


@pytest.mark.parametrize("q", ["\"", "a & | !", "((", "-", "' or 1=1", "<script>", "🦉", "the"])
def test_search_survives_odd_words(filled, q):
    assert search(filled, q).status == 200


def test_search_highlights_are_safe_html(filled):
    for hit in search(filled, "joke models life").json["data"]:
        for text in map(str, hit["highlights"].values() if isinstance(hit["highlights"], dict) else hit["highlights"]):
            assert "<script" not in text


def similar(stack, slug, **query):
    return stack.api("GET", f"/api/events/{stack.ids[slug]}/similar", query={"limit": 5, **query})


def test_similar_events_are_others_and_a_full_page(filled):
    for slug in ("agents-in-production", "harbour-climate-hack", "cairo-suhoor-startups"):
        found = slugs(similar(filled, slug))
        assert len(found) == len(set(found)) == 5 and slug not in found


def test_similar_takes_the_filters_and_still_fills_the_page(filled, truths):
    wanted = {slug for slug, truth in truths.items() if truth["city"] == "San Francisco"} - {"agents-in-production"}
    found = slugs(similar(filled, "agents-in-production", location="SF", limit=100))
    assert set(found) & set(truths) == wanted


def test_similar_is_ordered_by_the_embedding(filled):
    found = [item["id"] for item in similar(filled, "nyc-inference-night", limit=10).json["data"]]
    wanted = filled.query("select id::text from events where id <> %s and embedding is not null order by embedding <=> "
                          "(select embedding from events where id = %s), id limit 10",
                          filled.ids["nyc-inference-night"], filled.ids["nyc-inference-night"])
    assert len(set(found) & {row[0] for row in wanted}) >= 9  # an approximate index may miss one
