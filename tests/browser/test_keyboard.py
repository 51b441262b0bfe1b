"""The page by keys alone, and its theme."""

import re

from playwright.sync_api import expect

from tests.browser.steps import KLING, completed


def test_keyboard_is_enough(open_page, emulator):
    """From one model to the search and on to the picture without a mouse."""
    page = open_page(KLING)
    page.keyboard.press("/")
    expect(page.get_by_label("Search models")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("/")
    page.keyboard.type("flux-dev")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name=re.compile("flux-dev"))).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_label("prompt", exact=True).wait_for()
    for _ in range(10):
        page.keyboard.press("Tab")
        if "TEXTAREA" == page.evaluate("document.activeElement.tagName"):
            break
    page.keyboard.press("Control+A")
    page.keyboard.type("typed / only")
    page.keyboard.press("Control+Enter")
    completed(page)

    assert [{"prompt": "typed / only"}] == [each.input for each in emulator.ledger()]


def test_theme_is_switched_and_kept(open_page):
    """The page is light or dark as the system is, until one says otherwise; then it stays so."""
    page = open_page(color_scheme="dark")

    def background():
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    dark = background()
    page.get_by_role("button", name="Switch between light and dark").click()
    light = background()
    page.reload()

    assert ("rgb(14, 17, 22)", "rgb(246, 247, 249)") == (dark, light)
    assert light == background()


def test_keys_lead_to_every_view(open_page):
    """The overview opens by a key and closes again; two keys lead to each view."""
    page = open_page("#/emulator")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_contain_text("Submit the form")
    page.keyboard.press("g")
    page.keyboard.press("h")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    for key, heading in {"h": "History", "w": "Webhooks", "f": "Faults", "e": "Emulator"}.items():
        page.keyboard.press("g")
        page.keyboard.press(key)
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    page.get_by_role("button", name="Overview of the keys").click()
    expect(dialog).to_be_visible()


def test_letters_in_a_field_are_text(open_page):
    """What is typed into a field leads nowhere."""
    page = open_page("")
    page.get_by_label("Search models").press_sequentially("g h ?/")

    expect(page.get_by_label("Search models")).to_have_value("g h ?/")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
