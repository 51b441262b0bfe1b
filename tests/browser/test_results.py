"""What comes of a submit, and the calls that are shown for it, in a real browser."""

import base64
import io
import shutil
import sys
import threading
import wave
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from get3w_emulator import ManualClock, running
from playwright.sync_api import expect

from tests.browser.steps import FLUX, KLING, clear, code, completed, field, png, run, submit


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1440, 900)])
def test_page_of_a_model_scrolls_as_one(open_page, width, height):
    """The column of the result has no scrollbar of its own; one scroll brings the run line."""
    page = open_page(FLUX, viewport={"width": width, "height": height})
    page.get_by_label("Fault").select_option("lost")
    submit(page)
    completed(page).get_by_role("img", name="Output 1").wait_for()
    inner = """side => [...side.querySelectorAll("*"), side].filter((each) =>
      each.checkVisibility() && each.scrollHeight > each.clientHeight + 1
      && /auto|scroll/.test(getComputedStyle(each).overflowY)).length"""
    assert 0 == page.locator(".side").evaluate(inner)
    page.locator(".side").hover(position={"x": 5, "y": 5})
    page.mouse.wheel(0, 5000)

    expect(page.get_by_label("How to run it", exact=True)).to_be_in_viewport()


def test_status_moves(open_page):
    """A prediction is seen created, then processing, then completed, as the clock goes."""
    clock = ManualClock()
    with running(image_seconds=10, clock=clock) as other:
        page = open_page(FLUX, origin=other.url)
        page.get_by_label("prompt", exact=True).fill("x")
        submit(page)
        now = page.locator(".steps [aria-current]")
        expect(now).to_have_text("created")
        clock.advance(5)
        expect(now).to_have_text("processing")
        clock.advance(5)
        expect(now).to_have_text("completed")
        page.get_by_role("img", name="Output 1").wait_for()


@pytest.mark.parametrize("model", [FLUX, "#/models/openai/sora-2/text-to-video"])
def test_nothing_moves_when_an_output_arrives(open_page, model):
    """The links below an output stay where they are while its file is loaded."""
    page = open_page(model)
    page.get_by_label("prompt", exact=True).fill("x")
    held = []
    page.route("**/_outputs/**", lambda route, _: held.append(route))
    with page.expect_request("**/_outputs/**"):
        submit(page)
    page.get_by_role("link", name="All runs").wait_for()
    link = completed(page).get_by_role("link", name="Use as input")
    before = link.bounding_box()
    for route in held:
        route.continue_()
    page.wait_for_function(
        "() => document.querySelector('.outputs img')?.naturalWidth"
        " || document.querySelector('.outputs video')?.videoWidth"
    )

    assert before == link.bounding_box()


def test_failed_prediction_says_why(open_page):
    """A prediction that fails shows the error and its code."""
    page = open_page(FLUX)
    page.get_by_label("prompt", exact=True).fill("[[fail]]")
    submit(page)

    expect(page.locator('.prediction[data-status="failed"] .problem')).to_contain_text("1403")


def test_every_kind_of_output_is_shown(page, http):
    """Pictures and sound are shown, text and data can be read, other servers are only linked."""
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\0\0" * 4000)
    answer = http.post("/api/v3/files/upload", files={"file": ("a.wav", sound.getvalue())})
    inline = "data:image/png;base64," + base64.b64encode(png()).decode("ascii")
    values = [inline, answer.json()["data"]["url"], "two\nlines", {"score": 1}, "https://h/x.png"]
    page.evaluate(
        """async values => {
          const {outputs} = await import("/_emulator/page/results/outputs.js");
          document.querySelector("main").replaceChildren(...outputs(values));
        }""",
        values,
    )

    expect(page.get_by_role("img", name="Output 1")).to_have_js_property("naturalWidth", 2)
    expect(page.get_by_label("Output 2")).to_have_js_property("duration", 0.5)
    assert ["two\nlines", '{\n  "score": 1\n}'] == page.locator("main > pre").all_inner_texts()
    expect(page.get_by_role("link", name="https://h/x.png")).to_be_visible()


def test_video_plays(open_page):
    """What a video model makes is a video that the browser can play."""
    page = open_page("#/models/openai/sora-2/text-to-video")
    submit(page)
    video = completed(page).get_by_label("Output 1")

    expect(video).to_have_js_property("duration", 4)
    expect(video).to_have_js_property("videoWidth", 720)


def test_shown_calls_do_what_the_page_does(open_page, emulator, tmp_path):
    """Each call that is shown for a filled form sends what submitting it sends."""
    page = open_page(KLING)
    page.get_by_label("image", exact=True).fill("https://example.com/a.png")
    field(page, "prompt").locator("textarea").first.fill('it\'s "late"\nand $dark')
    page.get_by_label("duration", exact=True).select_option("10")
    field(page, "multi_prompt").get_by_role("button", name="Add an item").click()
    field(page, "multi_prompt").get_by_label("prompt", exact=True).fill("one")
    submit(page)
    completed(page)
    program = tmp_path / "program.py"
    for tab in ("Async", "Typed request", "Python"):
        program.write_text(code(page, tab), encoding="utf-8")
        printed = run([sys.executable, str(program)], emulator)
    if shutil.which("curl"):
        run(["sh", "-c", code(page, "curl")], emulator)
    inputs = [each.input for each in emulator.ledger()]

    assert emulator.url in printed
    assert 'multi_prompt=[MultiPromptItem(prompt="one")],' in program.read_text(encoding="utf-8")
    assert {"prompt": 'it\'s "late"\nand $dark', "duration": 10} == {
        name: inputs[0][name] for name in ("prompt", "duration")
    }
    assert [inputs[0]] * len(inputs) == inputs
    assert 4 + bool(shutil.which("curl")) == len(inputs)


def test_call_says_how_to_run_it_here(open_page, emulator):
    """The address and the key of this emulator stand beside the program, ready to be copied."""
    page = open_page(FLUX, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy how to run it").click()
    page.get_by_role("button", name="Copied").wait_for()

    assert (
        f"GET3W_BASE_URL={emulator.url} GET3W_API_KEY={emulator.api_key} python program.py"
        == page.evaluate("navigator.clipboard.readText()")
    )


def test_result_is_there_after_a_reload(open_page, emulator):
    """The latest run of a model is shown when one comes back to it, also while it runs."""
    clock = ManualClock()
    with running(image_seconds=10, clock=clock) as other:
        page = open_page(FLUX, origin=other.url)
        submit(page)
        expect(page.locator(".steps [aria-current]")).to_have_text("created")
        page.get_by_role("link", name="All models").click()
        page.locator(".card").first.wait_for()
        page.go_back()
        expect(page.locator(".steps [aria-current]")).to_have_text("created")
        page.reload()
        clock.advance(10)
        completed(page).get_by_role("img", name="Output 1").wait_for()
        expect(page.locator(".cost")).to_have_text("Charged $0.01 (made up).")


def test_code_is_in_sight_beside_a_result(open_page):
    """In a window of 1280 by 800 the call is still to be seen below a picture."""
    page = open_page(FLUX, viewport={"width": 1280, "height": 800})
    submit(page)
    completed(page).get_by_role("img", name="Output 1").wait_for()

    assert 730 > page.locator(".callcode pre.call").bounding_box()["y"]


def test_copy_puts_the_call_on_the_clipboard(open_page):
    """The copy button copies what is shown."""
    page = open_page(FLUX, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_label("prompt", exact=True).fill("copied")
    expect(page.locator(".callcode pre.call")).to_contain_text('prompt="copied"')
    page.get_by_role("button", name="Copy the call").click()
    page.get_by_role("button", name="Copied").wait_for()

    assert code(page, "Python") == page.evaluate("navigator.clipboard.readText()")


class _Receiver(BaseHTTPRequestHandler):
    """Refuses the first webhook and takes the next."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204 if self.server.called else 500)
        self.server.called = True
        self.end_headers()

    def log_message(self, *_):
        pass


def test_webhook_is_delivered_and_listed(open_page):
    """Each attempt at a webhook is told, as it is made, with what became of it."""
    server = HTTPServer(("127.0.0.1", 0), _Receiver)
    server.called = False
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with running(image_seconds=0, webhook_delays=(0.0, 0.0)) as other:
            page = open_page(FLUX, origin=other.url)
            page.get_by_label("prompt", exact=True).fill("x")
            page.locator("summary", has_text="Webhook").click()
            page.get_by_label("Address that hears").fill(f"http://127.0.0.1:{server.server_port}")
            submit(page)
            completed(page)
            page.get_by_role("link", name="Webhooks").click()
            lines = page.locator(".delivery")
            expect(lines.locator(".tag")).to_have_text(["delivered, 204", "refused, 500"])
            expect(lines.locator(".words")).to_have_text(["attempt 2", "attempt 1"])
            page.get_by_role("link", name="Open prediction").first.click()
            completed(page)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_result_that_fits_stays_in_sight(open_page):
    """Beside a long form, a result lower than the window stays; a higher one scrolls away."""
    page = open_page(KLING, viewport={"width": 1280, "height": 800})
    clear(page)  # without a call to show, the column is short
    side = page.locator(".side.fits")
    side.hover()
    page.mouse.wheel(0, 5000)
    expect(page.get_by_role("heading", name="Result")).to_be_in_viewport()
    page.set_viewport_size({"width": 1280, "height": 300})
    expect(side).to_have_count(0)
