"""The catalogue in a real browser: what the cards say, the search, and two thousand models."""

import json
import re

import pytest
from get3w_emulator import running
from get3w_models import model_ids
from playwright.sync_api import expect

MANY = 2000


def names(page):
    return page.locator(".card").evaluate_all("all => all.map(card => card.hash.slice(9))")


def test_card_says_what_is_known(page):
    """Owner, name, function, number of parameters, price or that it is unknown, confirmation."""
    flux = page.locator('.card[href="#/models/get3w/flux-dev"]')
    page.get_by_label("Search models").fill("google veo3")
    veo = page.locator('.card[href="#/models/google/veo3"]')

    expect(veo).to_have_text(re.compile(r"google.*not confirmed.*veo3.*submit_veo3.*\$3\.20 a run"))
    page.get_by_label("Search models").fill("")
    expect(flux).to_have_text(
        re.compile("get3w.*on Get3W.*flux-dev.*submit_flux_dev.*price unknown.*4 parameters")
    )


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("submit_flux", "get3w/flux-dev"),
        ("submit_flux_dev_async", "get3w/flux-dev"),
        ("FluxDevRequest", "get3w/flux-dev"),
        ("flux dev", "get3w/flux-dev"),
        ("get3w", "get3w/flux-dev"),
        ("veo3", "google/veo3"),
        ("video-02 minimax", "minimax/video-02"),
        ("sonilo", "sonilo/video-to-music"),
    ],
)
def test_search_finds_by_all_that_is_known(page, query, first):
    """Names of the client, owners and words find a model, and the best match is first."""
    page.get_by_label("Search models").fill(query)
    expect(page.locator(".count")).to_contain_text(f"of {len(model_ids())} models")

    assert first == names(page)[0]


def test_counts_follow_the_search(page):
    """Kinds, their numbers and the total are those of what the search finds."""
    page.get_by_label("Search models").fill("kwaivgi")
    expect(page.locator(".count")).to_have_text(re.compile(r"^\d+ of 54 models$"))
    total = int(page.locator(".count").inner_text().split()[0])
    chips = page.locator(".chip:visible").all_inner_texts()
    numbers = [int(chip.split()[-1]) for chip in chips]

    assert [total, total] == [numbers[0], sum(numbers[1:])]
    assert total == page.locator(".card").count()
    page.locator(".chip", has_text="digital-human").click()
    expect(page.locator(".count")).to_have_text("1 of 54 models")


def test_price_narrows_and_orders(page):
    """A price in the search or beside it keeps the models that cost less, cheapest first."""
    page.get_by_label("Search models").fill("video <0.30")
    page.get_by_label("Order").select_option("price")
    prices = page.locator(".card .price")
    expect(prices.first).to_have_text("$0.009 a run")
    found = [float(text.split()[0].lstrip("$")) for text in prices.all_inner_texts()]

    assert sorted(found) == found
    assert 0.3 > max(found)
    page.get_by_label("Search models").fill("")
    page.get_by_label("Up to $").fill("0.3")
    expect(page.get_by_text("$0.30 a run").first).to_be_visible()
    page.get_by_label("Search models").fill("no such thing")
    page.get_by_role("button", name="Show all").click()
    expect(page.locator(".count")).to_have_text("54 models")


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """An emulator of two thousand models."""
    folder = tmp_path_factory.mktemp("crowd")
    kinds = ["text-to-image", "image-to-video", "text-to-audio", "llm"]
    properties = {f"p{number}": {"type": "string"} for number in range(8)}
    for number in range(MANY):
        path = folder / f"owner{number % 40}" / f"model-{number}.json"
        path.parent.mkdir(exist_ok=True)
        keys = {"x-model-type": kinds[number % 4], "description": f"Makes number {number}. " * 8}
        if number % 3:
            keys["x-base-price-usd"] = number / 100
        path.write_text(json.dumps({"type": "object", "properties": properties, **keys}))
    with running(schemas=folder, image_seconds=0) as emulator:
        yield emulator


def test_two_thousand_models_are_there_at_once(open_page, crowd):
    """The first view comes before all cards are made, and scrolling makes the rest."""
    page = open_page(origin=crowd.url)
    expect(page.locator(".count")).to_have_text(f"{MANY} models")
    made = page.locator(".card").count()

    page.get_by_label("Search models").fill("model-1999")
    expect(page.locator(".card .name").first).to_have_text("model-1999")
    page.get_by_label("Search models").fill("")
    expect(page.locator(".count")).to_have_text(f"{MANY} models")
    for _ in range(200):
        if page.locator(".card").count() == MANY:
            break
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")

    assert made < 200
    assert MANY == page.locator(".card").count()


def test_catalogue_is_found_where_it_was_left(open_page, crowd):
    """Whoever comes back from a model finds the same cards at the same place."""
    page = open_page(origin=crowd.url)
    for _ in range(200):
        if page.evaluate("scrollY") > 2000:
            break
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    before = page.evaluate("scrollY")
    page.evaluate("location.hash = '#/models/owner3/model-3'")
    page.get_by_role("heading", level=1, name="owner3/model-3").wait_for()
    page.go_back()
    page.locator(".card").first.wait_for()

    assert before > 2000
    expect(page.locator("html")).to_have_js_property("scrollTop", before)
