"""Each view of the playground, as it is seen: nothing cut off, and usable to all."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.steps import FLUX, KLING


def _catalogue(page):
    page.locator(".card").first.wait_for()


def _search(page):
    page.get_by_label("Search models").fill("video <0.30")
    expect(page.locator(".count")).to_contain_text(" of ")


def _takers(page):
    expect(page.get_by_role("heading", level=1)).to_have_text("Models that take this image")


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


def _lost(page):
    page.get_by_label("Fault").select_option("half")
    page.get_by_role("button", name="Submit").click()
    page.locator(".policies").wait_for()
    page.get_by_role("img", name="Output 1").wait_for()
    page.locator("summary", has_text="What arrived").click()


def _history(page):
    page.locator(".task").first.wait_for()
    page.locator(".task.failed").wait_for()
    expect(page.locator(".task .tag.unsure")).to_have_text(["broken JSON"])


def _gallery(page):
    page.get_by_role("button", name="Gallery").click()
    expect(page.locator("img.thumb").first).to_have_js_property("naturalWidth", 1024)


def _task(page):
    page.locator(".task").first.wait_for()
    page.locator(".task.failed").first.click()
    page.locator('.prediction[data-status="failed"]').wait_for()


def _faults(page):
    page.locator(".line").first.wait_for()
    for title in ("A fault of your own", "An outcome of your own"):
        page.locator("summary", has_text=title).click()
    page.get_by_label("fault", exact=True).select_option("status")


def _emulator(page):
    page.get_by_text("11 models of 54").wait_for()


def _webhooks(page):
    page.locator(".delivery").first.wait_for()


def _keys(page):
    page.get_by_role("button", name="Overview of the keys").click()
    page.get_by_role("dialog").wait_for()


VIEWS = {
    "catalogue": ("", _catalogue),
    "search": ("", _search),
    "takers": ("#/use/image?url=http%3A%2F%2Fh%2Fa.png", _takers),
    "form": (KLING, _form),
    "result": (FLUX, _result),
    "lost": (FLUX, _lost),
    "history": ("#/history", _history),
    "gallery": ("#/history", _gallery),
    "task": ("#/history", _task),
    "faults": ("#/faults", _faults),
    "emulator": ("#/emulator", _emulator),
    "webhooks": ("#/webhooks", _webhooks),
    "keys": ("#/emulator", _keys),
}


@pytest.fixture
def busy(emulator, http):
    """An emulator with something to show: submissions and rules."""
    for prompt in ("a harbour at dawn", "a very long thought about the sea " * 9, "[[fail]]"):
        http.post("/api/v3/get3w/flux-dev", json={"prompt": prompt})
    struck = {"X-Emulator-Fault": "malformed"}
    http.post("/api/v3/get3w/flux-dev", json={"prompt": "struck"}, headers=struck)
    # Nothing listens there, so the attempt is refused.
    webhook = {"prompt": "hooked", "webhook_url": "http://127.0.0.1:9/hook"}
    http.post("/api/v3/get3w/flux-dev", json=webhook)
    http.post("/v1/google/nano-banana-pro/text-to-image", json={"prompt": "v1"})
    emulator.faults(
        [
            {"fault": "status", "status": 503, "path": "/api/v3/balance", "times": 2},
            {"fault": "delay", "seconds": 2, "method": "GET", "path": "/none/*"},
        ]
    )
    emulator.outcomes([{"prompt": "weapon", "code": 1200}])
    emulator.advance(60)
    return emulator


@pytest.mark.parametrize("view", VIEWS)
def test_view_is_whole_and_usable(open_page, busy, screenshots, view):
    """Light or dark, wide or narrow, a view fits its window, and axe finds nothing wrong."""
    path, prepare = VIEWS[view]
    page = open_page(path)
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
