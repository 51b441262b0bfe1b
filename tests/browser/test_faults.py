"""Faults in a real browser: presets, rules, and both sides of a call that went wrong."""

import json
import re

import httpx
import pytest
from get3w_core import Accepted, Client, SubmitOutcomeUnknownError
from get3w_models import submit_flux_dev
from playwright.sync_api import expect

from tests.browser.steps import FLUX, completed, field, submit


def test_faults_strike_until_taken_back(open_page, emulator):
    """A rule made on the page strikes its submits, is told as such, and can be removed."""
    page = open_page("#/faults")
    page.locator("summary", has_text="A fault of your own").click()
    page.get_by_role("button", name="Add the rule").first.click()
    expect(field(page, "fault").locator(".error")).to_have_text("is required")
    page.get_by_label("fault", exact=True).select_option("drop_after_accept")
    page.get_by_label("path", exact=True).fill("/api/v3/get3w/*")
    page.get_by_role("button", name="Add the rule").first.click()
    expect(page.locator(".line code")).to_have_text("* /api/v3/get3w/*")
    page.goto(f"{emulator.url}/{FLUX}")
    submit(page)
    expect(page.get_by_label("What the caller saw")).to_contain_text("without a byte")
    page.goto(f"{emulator.url}/#/faults")
    page.get_by_role("button", name="Remove all: Calls that go wrong").click()
    expect(page.get_by_text("Every call is served.")).to_be_visible()
    page.goto(f"{emulator.url}/{FLUX}")
    submit(page)
    expect(page.locator(".strip a")).to_have_count(2)
    completed(page)

    assert 2 == len(emulator.ledger())


def test_refused_submit_is_told(open_page):
    """An answer that is an error is shown with its text, and the rule has one less to go."""
    page = open_page("#/faults")
    page.locator("summary", has_text="A fault of your own").click()
    page.get_by_label("fault", exact=True).select_option("status")
    page.get_by_label("status", exact=True).fill("429")
    page.get_by_label("method", exact=True).select_option("POST")
    page.get_by_label("times", exact=True).first.fill("2")
    page.get_by_role("button", name="Add the rule").first.click()
    expect(page.locator(".line .words")).to_have_text("status 429, times 2")
    page.get_by_role("link", name="Models").click()
    page.get_by_role("link", name=re.compile("flux-dev")).click()
    submit(page)
    expect(page.get_by_label("What the caller saw")).to_contain_text("HTTP 429")
    expect(page.get_by_label("What the ledger has")).to_contain_text("no task was accepted")
    page.get_by_role("link", name="Faults").click()
    expect(page.locator(".line .words")).to_have_text("status 429, times 1")


BOTH_SIDES = {
    # preset: what the caller saw, how many tasks there are, and how many each client pays for
    "lost": ("without a byte of an answer", 1, [1, 2, 2, 1]),
    "unsent": ("without a byte of an answer", 0, [0, 1, 1, 0]),
    "storm": ("HTTP 429, to be tried again after 1 s", 0, [1, 1, 1, 0]),
    "broken": ("an answer that is not JSON", 1, [1, 1, 2, 1]),
    "half": ("in the middle of the answer", 1, [1, 1, 2, 1]),
    "error": ("HTTP 500", 0, [0, 1, 1, 0]),
}


@pytest.mark.parametrize("preset", BOTH_SIDES)
def test_fault_of_one_submit_is_shown_from_both_sides(open_page, emulator, preset):
    """What the caller saw stands beside what the ledger has, and what clients would have paid."""
    saw, tasks, paid = BOTH_SIDES[preset]
    page = open_page(FLUX)
    page.get_by_label("Fault").select_option(preset)
    submit(page)
    expect(page.get_by_label("What the caller saw")).to_contain_text(saw)
    ledger = page.get_by_label("What the ledger has")
    expect(ledger.get_by_role("link")).to_have_count(tasks)
    rows = page.locator(".policies tbody tr td:last-child").all_inner_texts()

    assert paid == [int(row.split()[0]) for row in rows]
    assert tasks == len(emulator.ledger())
    if tasks:  # the task that the caller does not know of is shown as it ends
        completed(page).get_by_role("img", name="Output 1").wait_for()
        expect(ledger.get_by_role("link")).to_have_text(emulator.ledger()[0].id)


@pytest.mark.parametrize(("preset", "look"), [("lost", "ok"), ("unsent", "ok"), ("half", "ok")])
def test_task_that_reconcile_finds_is_no_loss(open_page, preset, look):
    """The row of `get3w_models` names the next step, and is not shown as a loss."""
    page = open_page(FLUX)
    page.get_by_label("Fault").select_option(preset)
    submit(page)
    own = page.locator(".policies tbody tr").first
    expect(own.locator("td").first).to_contain_text("get3w_core.reconcile(error)")
    expect(own.locator("td").last).to_have_class(look)
    expect(page.get_by_label("What the ledger has")).to_contain_text("the emulator's list of")


MARKS = {"lost": "answer lost", "half": "answer cut off", "broken": "broken JSON"}


@pytest.mark.parametrize("preset", MARKS)
def test_mark_of_a_fault_stays_with_the_task(open_page, preset):
    """Once the panel is left, the latest result, the history and the task show what struck it."""
    page = open_page(FLUX)
    page.get_by_label("Fault").select_option(preset)
    submit(page)
    completed(page)
    expect(page.get_by_label("Fault")).to_have_value("")  # the next submit goes without
    submit(page)
    expect(page.locator(".strip a")).to_have_count(2)
    expect(page.locator("p.struck")).to_have_count(0)
    expect(page.locator(".strip a.struck")).to_have_count(1)
    page.get_by_role("link", name="History").click()
    expect(page.locator(".task")).to_have_count(2)
    expect(page.locator(".task .tag.unsure")).to_have_text([MARKS[preset]])
    page.get_by_label("Fault").select_option("any")
    expect(page.locator(".task")).to_have_count(1)
    page.get_by_role("button", name="Gallery").click()
    expect(page.locator(".picture .tag")).to_have_text([MARKS[preset]])
    page.locator(".picture").click()
    expect(completed(page).locator("p.struck")).to_contain_text(MARKS[preset])
    expect(page.locator("a.id")).to_have_count(0)  # its link would lead to this very page


def test_latest_result_shows_the_fault_of_a_program(open_page, emulator, http):
    """A rule that struck a program's call is shown where the model's latest run is."""
    emulator.faults([{"fault": "malformed", "method": "POST", "times": 1}])
    http.post("/api/v3/get3w/flux-dev", json={"prompt": "x"})
    page = open_page(FLUX)
    expect(page.get_by_role("heading", name="Latest result")).to_be_visible()
    expect(completed(page).locator("p.struck")).to_contain_text("broken JSON")


@pytest.mark.parametrize("preset", BOTH_SIDES)
def test_own_client_does_what_the_page_says(page, emulator, preset):
    """What the page says of `get3w_models` is what it does: error, cost, and what comes next."""
    module = (
        "async name => (await import('/_emulator/page/results/presets.js')).PRESETS[name].fault"
    )
    judge = """async ([seen, tasks]) => {
      const {judged, policies} = await import('/_emulator/page/results/policies.js');
      const {kind, id} = judged(seen);
      return policies(kind, tasks, id)[0];
    }"""
    fault = page.evaluate(module, preset)
    asked = {"Authorization": "Bearer test-key", "X-Emulator-Fault": json.dumps(fault)}
    call = {"token": preset, "path": "/api/v3/get3w/flux-dev", "body": {"prompt": "x"}}
    sent = httpx.post(f"{emulator.url}/_emulator/send", json=call, headers=asked).json()
    said = page.evaluate(judge, [sent["seen"], len(sent["ledger"])])
    emulator.reset()
    emulator.faults([{**fault, "method": "POST", "times": 1}])
    with Client(api_key=emulator.api_key, base_url=emulator.url) as client:
        try:
            submit_flux_dev("x", client=client)
            ended = "again"
        except SubmitOutcomeUnknownError as error:
            ended = "which names the task" if error.prediction_id else "SubmitOutcomeUnknownError"
            found = isinstance(client.reconcile(error, within=0), Accepted)
            finds = "no task" if not found else "returns" if error.prediction_id else "finds the"

            assert found == said["found"]
            assert f"reconcile(error) {finds}" in said["does"].replace("finds no", "no")

    assert ended in said["does"]
    assert ("which names" in ended) == ("which names" in said["does"])
    assert len(emulator.ledger()) == said["tasks"]


@pytest.mark.parametrize(
    ("preset", "problem", "cost"),
    [
        ("moderated", "(code 1200)", "Charged $0.01 (made up): the failure is not the platform's"),
        ("platform", "(code 5000)", "Charged $0.01 (made up), refunded: the failure is the plat"),
    ],
)
def test_task_that_fails_says_what_becomes_of_the_charge(open_page, preset, problem, cost):
    """A failure shows its reason, and whether the money came back."""
    page = open_page(FLUX)
    page.get_by_label("Fault").select_option(preset)
    submit(page)
    failed = page.locator('.prediction[data-status="failed"]')

    expect(failed.locator(".problem")).to_contain_text(problem)
    expect(failed.locator(".cost")).to_contain_text(cost)


def test_presets_strike_programs(page, emulator, http):
    """A preset strikes the next calls or tasks of any program, and is gone afterwards."""
    page.get_by_role("link", name="Faults").click()
    for name in ("For the next 3 calls: 429 storm", "For the next task: Fails in moderation"):
        page.get_by_role("button", name=name).click()
    expect(page.locator(".line .words")).to_have_text(
        ['status 429, headers {"Retry-After":"1"}, times 3', "times 1"]
    )
    answers = [http.post("/api/v3/get3w/flux-dev", json={"prompt": "x"}) for _ in range(4)]
    expect(page.locator(".line")).to_have_count(0)
    emulator.advance(60)
    path = f"/api/v3/predictions/{answers[-1].json()['data']['id']}"

    assert [429, 429, 429, 200] == [each.status_code for each in answers]
    assert 1200 == http.get(path).json()["data"]["code"]


def test_outcome_of_ones_own_is_added_and_removed(page, http):
    """A rule about how tasks end is put in force and taken back."""
    page.get_by_role("link", name="Faults").click()
    page.locator("summary", has_text="An outcome of your own").click()
    nodes = "form => [...form.childNodes].filter(node => node.nodeType === Node.TEXT_NODE).length"
    assert [0, 0] == [form.evaluate(nodes) for form in page.locator(".custom .form").all()]
    page.get_by_label("prompt", exact=True).fill("weapon")
    page.get_by_label("code", exact=True).fill("1200")
    page.get_by_role("button", name="Add the rule").last.click()
    expect(page.get_by_text("fails with 1200")).to_be_visible()
    assert [{"prompt": "weapon", "code": 1200}] == http.get("/_emulator/outcomes").json()["rules"]
    page.get_by_role("button", name="Remove fails with 1200").click()
    expect(page.get_by_text("Every task completes")).to_be_visible()

    assert [] == http.get("/_emulator/outcomes").json()["rules"]


def test_clock_and_balance_have_their_panels(page, emulator, http):
    """The clock is moved, the balance follows the tasks, and address and key can be copied."""
    page.get_by_role("link", name="Emulator", exact=True).click()
    balance = page.get_by_label("Balance").locator(".big")
    expect(balance).to_have_text("$1,000.00")
    http.post("/api/v3/google/veo3", json={"prompt": "x"})
    expect(balance).to_have_text("$996.80")
    before = emulator.now()
    page.get_by_role("button", name="+ 1 hour").click()
    expect(page.locator("#said")).to_have_text("The clock is 1 hour ahead")

    assert 3600 <= emulator.now() - before < 3700
    expect(page.get_by_label("Environment", exact=True)).to_have_text(
        f"GET3W_BASE_URL={emulator.url} GET3W_API_KEY={emulator.api_key}"
    )
    expect(page.get_by_label("Balance")).to_contain_text("11 models of 54 name no price")
