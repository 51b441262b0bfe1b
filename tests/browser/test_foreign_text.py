"""Text of a schema, a program or a rule is shown as text on every view, whatever is in it."""

import json

import httpx
import pytest
from get3w_emulator import running
from playwright.sync_api import expect

HOSTILE = '<b class="hostile">x</b><img src=x onerror="document.title=1"><script>1</script>'


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """An emulator in which every text that others can choose is HTML."""
    schema = {
        "type": "object",
        "title": HOSTILE,
        "description": HOSTILE,
        "x-model-type": HOSTILE,
        "x-note": HOSTILE,
        "x-source": f"javascript:document.title=1//{HOSTILE}",
        "properties": {
            "prompt": {"type": "string", "description": HOSTILE, "default": HOSTILE},
            HOSTILE: {"enum": [HOSTILE], "description": HOSTILE},
            "either": {"anyOf": [{"type": "string", "title": HOSTILE}, {"type": "null"}]},
            "picture": {"type": "string", "x-get3w-media": "image"},
        },
    }
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "b.json").write_text(json.dumps(schema), encoding="utf-8")
    headers = {"Authorization": "Bearer test-key"}
    with (
        running(schemas=folder, image_seconds=0) as emulator,
        httpx.Client(base_url=emulator.url, headers=headers) as http,
    ):
        emulator.outcomes([{"prompt": "fail", "error": HOSTILE}])
        for words in (HOSTILE, f"fail {HOSTILE}"):
            webhook = f"http://127.0.0.1:9/{HOSTILE}"
            body = {"prompt": words, HOSTILE: HOSTILE, "webhook_url": webhook}
            assert 200 == http.post("/api/v3/b", json=body).status_code
        emulator.faults([{"fault": "status", "status": 500, "path": HOSTILE, "body": HOSTILE}])
        yield emulator


VIEWS = {
    "catalogue": "",
    "takers": "#/use/image?url=javascript:1",
    "form": "#/models/b",
    "linked form": "#/models/b?input=" + json.dumps({"prompt": HOSTILE, HOSTILE: HOSTILE}),
    "history": "#/history",
    "searched history": "#/history?search=" + HOSTILE.replace(" ", "%20"),
    "webhooks": "#/webhooks",
    "faults": "#/faults",
    "emulator": "#/emulator",
    "nothing": f"#/models/{HOSTILE}",
}


def is_plain(page):
    """Tell whether no text became an element, and no script ran."""
    found = page.locator(".hostile, img[src=x], main script, [href^='javascript:']").count()
    return not found and page.title() != "1"


@pytest.mark.parametrize("view", VIEWS)
def test_foreign_text_stays_text(open_page, hostile, view):
    """No view makes an element, a script or a script's address of what others wrote."""
    page = open_page(VIEWS[view], origin=hostile.url)
    page.watched.expected.append("404 (Not Found)")
    for summary in page.locator("main summary").all():
        summary.click()

    assert is_plain(page)


def test_foreign_text_of_a_run_stays_text(open_page, hostile):
    """A failed run, its error, its answer and what the caller saw are text too."""
    page = open_page("#/history", origin=hostile.url)
    page.locator(".task.failed").click()
    expect(page.locator(".prediction .problem")).to_contain_text('<b class="hostile">')
    assert is_plain(page)
    hostile.faults([{"fault": "status", "status": 500, "body": HOSTILE}])
    page.get_by_role("button", name="Open in the form").click()
    page.get_by_role("button", name="Submit").click()
    page.locator(".sides summary").click()
    expect(page.locator(".sides pre")).to_have_text(HOSTILE)

    assert is_plain(page)
