"""Each view of the playground, as it is seen: nothing cut off, and usable to all."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

KLING = "#/models/kwaivgi/kling-v3.0-pro/image-to-video"


def _catalogue(page):
    page.locator(".card").first.wait_for()


def _form(page):
    form = page.locator("form")
    form.locator('[data-field="image"] input[type=text]').fill("https://example.com/a.png")
    shots = form.locator('[data-field="multi_prompt"]')
    shots.get_by_role("button", name="Add an item").click()
    shots.get_by_label("prompt", exact=True).fill("a ship leaves the harbour")
    page.get_by_label("cfg_scale", exact=True).fill("3")
    expect(form.locator('[data-field="cfg_scale"] .error')).to_be_visible()


def _result(page):
    page.get_by_label("prompt", exact=True).fill("a lighthouse at dusk, waves below")
    page.get_by_label("width", exact=True).fill("960")
    page.get_by_label("height", exact=True).fill("540")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("img", name="Output 1")).to_have_js_property("naturalWidth", 960)


def _history(page):
    page.locator("a.line").first.wait_for()


def _faults(page):
    page.locator(".line").first.wait_for()
    page.get_by_label("fault", exact=True).select_option("status")


def _webhooks(page):
    page.locator(".rows > *").first.wait_for()


VIEWS = {
    "catalogue": ("", _catalogue),
    "form": (KLING, _form),
    "result": ("#/models/get3w/flux-dev", _result),
    "history": ("#/history", _history),
    "faults": ("#/faults", _faults),
    "webhooks": ("#/webhooks", _webhooks),
}


@pytest.fixture
def busy(emulator, http):
    """An emulator with something to show: submissions and rules."""
    for prompt in ("a harbour at dawn", "a very long thought about the sea " * 9, "waves"):
        http.post("/api/v3/get3w/flux-dev", json={"prompt": prompt})
    http.post("/v1/google/nano-banana-pro/text-to-image", json={"prompt": "v1"})
    emulator.faults(
        [
            {"fault": "status", "status": 503, "path": "/api/v3/balance", "times": 2},
            {"fault": "delay", "seconds": 2, "method": "GET", "path": "/none/*"},
        ]
    )
    return emulator


@pytest.mark.parametrize("view", VIEWS)
def test_view_is_whole_and_usable(open_page, busy, screenshots, view):
    """Light or dark, wide or narrow, a view fits its window, and axe finds nothing wrong."""
    path, prepare = VIEWS[view]
    page = open_page(path)
    if view == "webhooks":
        page.watched.expected.append("404 (Not Found)")
    prepare(page)
    page.evaluate("document.activeElement.blur()")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 860})
        height = page.evaluate("document.documentElement.scrollHeight")
        # As high as the page, so that what sticks to the window's edge covers nothing.
        page.set_viewport_size({"width": width, "height": min(max(height, 500), 3000)})
        page.evaluate("scrollTo(0, 0)")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.screenshot(path=screenshots / f"{view}-{width}-{scheme}.png")
            found = Axe().run(page).response["violations"] if width == 1280 else []

            assert width >= page.evaluate("document.documentElement.scrollWidth")
            assert [] == [
                (each["id"], [node["target"] for node in each["nodes"]][:5]) for each in found
            ]
