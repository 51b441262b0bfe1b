"""The history in a real browser: it stays, is searched, and leads on to the next run."""

import re

from playwright.sync_api import expect

from tests.browser.steps import FLUX, completed, submit


def test_history_shows_every_program(open_page, http):
    """Submits of other programs are in the history as they happen, and open in the form."""
    page = open_page("#/history")
    expect(page.locator(".empty")).to_be_visible()
    http.post("/api/v3/get3w/flux-dev", json={"prompt": "from elsewhere", "seed": 3})
    page.get_by_role("link", name=re.compile("from elsewhere")).click()
    completed(page).get_by_role("img", name="Output 1").wait_for()
    page.get_by_role("button", name="Open in the form").click()

    expect(page.get_by_label("prompt", exact=True)).to_have_value("from elsewhere")
    expect(page.get_by_label("seed", exact=True)).to_have_value("3")


def test_reset_empties_the_history(open_page, emulator):
    """A reset is asked for twice and forgets everything."""
    page = open_page(FLUX)
    page.get_by_label("prompt", exact=True).fill("x")
    submit(page)
    completed(page)
    page.get_by_role("link", name="Emulator", exact=True).click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Reset the emulator").click()
    expect(page.locator("#said")).to_have_text("The emulator is as it was at the start")
    page.get_by_role("link", name="History").click()

    expect(page.locator(".empty")).to_be_visible()
    assert [] == emulator.ledger()


def test_history_stays_and_says_what_became(open_page, emulator, http):
    """After a reload each run is there, with picture, status, time, cost, date and reason."""
    http.post("/api/v3/get3w/flux-dev", json={"prompt": "a harbour"})
    http.post("/api/v3/get3w/flux-dev", json={"prompt": "[[fail]]"})
    emulator.outcomes([{"code": 5000}])
    http.post("/api/v3/google/veo3", json={"prompt": "x"})
    emulator.advance(60)
    page = open_page("#/history")
    page.reload()
    rows = page.locator(".task")
    expect(rows.locator(".tag")).to_have_text(["failed", "failed", "completed"])
    expect(rows.locator(".cost")).to_have_text(
        ["$3.20, refunded", "$0.01 (made up)", "$0.01 (made up)"]
    )
    expect(rows.locator(".took")).to_have_text(["0.5 s", "0.1 s", "0.1 s"])
    expect(rows.nth(1).locator(".words")).to_contain_text("the prompt holds [[fail]] (code 1403)")
    expect(rows.nth(2).locator("img")).to_have_js_property("naturalWidth", 1024)

    for when in rows.locator(".when").all_inner_texts():
        assert re.search(r"\d+:\d\d:\d\d", when)


def test_history_is_searched_and_becomes_a_gallery(open_page, emulator, http):
    """Words and status narrow the list; the gallery shows what was made."""
    for prompt in ("a harbour", "a lighthouse", "[[fail]] at sea"):
        http.post("/api/v3/get3w/flux-dev", json={"prompt": prompt})
    emulator.advance(60)
    page = open_page("#/history")
    page.get_by_label("Search the history").fill("sea")
    expect(page.locator(".count")).to_have_text("1 of 3 tasks")
    expect(page.locator(".task")).to_have_count(1)
    page.get_by_label("Search the history").fill("")
    page.get_by_label("Status").select_option("failed")
    expect(page.locator(".task .tag")).to_have_text(["failed"])
    page.get_by_role("button", name="Gallery").click()
    expect(page.locator(".picture .words")).to_have_text(["a lighthouse", "a harbour"])
    expect(page.locator(".picture img").first).to_have_js_property("naturalWidth", 1024)
    page.reload()
    expect(page.locator(".picture")).to_have_count(2)


def test_row_that_has_not_changed_keeps_the_focus(open_page, http):
    """While the list follows the ledger, the row that has the focus keeps it."""
    http.post("/api/v3/get3w/flux-dev", json={"prompt": "first"})
    page = open_page("#/history")
    first = page.get_by_role("link", name=re.compile("first"))
    expect(first.locator(".tag")).to_have_text("completed")
    page.get_by_label("Search the history").press("ArrowDown")
    expect(first).to_be_focused()
    http.post("/api/v3/get3w/flux-dev", json={"prompt": "second"})
    page.get_by_role("link", name=re.compile("second")).wait_for()

    expect(first).to_be_focused()


def test_run_again_sends_the_same(open_page, emulator, http):
    """A run that is opened can be run again as it was, with everything that was given."""
    body = {"prompt": "from elsewhere", "seed": 3}
    sent = http.post("/api/v3/get3w/flux-dev", json=body).json()["data"]["id"]
    page = open_page(f"#/history/{sent}")
    completed(page)
    page.get_by_role("button", name="Run again").click()
    page.wait_for_function("id => !location.hash.endsWith(id)", arg=sent)
    completed(page).get_by_role("img", name="Output 1").wait_for()

    assert [body, body] == [each.input for each in emulator.ledger()]
    assert page.url.endswith(emulator.ledger()[1].id)


def test_output_becomes_the_next_input(open_page, emulator):
    """A picture that was made opens the form of a model that takes pictures, with it inside."""
    page = open_page(FLUX)
    submit(page)
    completed(page).get_by_role("link", name="Use as input").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Models that take this image")
    page.get_by_label("Search models").fill("nano-banana/edit")
    page.locator(".card").first.click()
    page.get_by_role("heading", level=1, name="google/nano-banana/edit").wait_for()
    submit(page)
    completed(page)
    first, second = emulator.ledger()

    assert [f"{emulator.url}/_outputs/{first.id}/0.png"] == second.input["images"]


def test_reset_task_and_unknown_address_say_so(open_page):
    """A task that is not there, and a model that is not, are said not to be there."""
    for path in ("#/history/pred_none", "#/models/none/such"):
        page = open_page(path)
        page.watched.expected.append("404 (Not Found)")
        expect(page.get_by_role("alert")).to_contain_text("There is nothing at")
