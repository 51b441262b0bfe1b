"""The playground in a real browser: what a person does there, and what comes of it."""

import base64
import io
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import threading
import wave
import zlib
from http.server import BaseHTTPRequestHandler, HTTPServer

from get3w_emulator import ManualClock, running
from get3w_models import model_ids
from playwright.sync_api import expect

FLUX = "#/models/get3w/flux-dev"
KLING = "#/models/kwaivgi/kling-v3.0-pro/image-to-video"


def png(width=2, height=2):
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + b"\x40\x80\xc0" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def field(page, *names):
    """Return a field of the form, by its name and the names of those it is inside of."""
    found = page.locator("form")
    for name in names:
        found = found.locator(f'[data-field="{name}"]').first
    return found


def submit(page):
    page.get_by_role("button", name="Submit").click()


def completed(page):
    """Wait until the prediction is completed, and return it."""
    done = page.locator('.prediction[data-status="completed"]')
    done.wait_for()
    return done


def code(page, tab):
    page.get_by_role("tab", name=tab).click()
    return page.locator(".callcode pre code").inner_text()


def run(command, emulator):
    """Run a command that knows the emulator as a program of a user would."""
    env = {**os.environ, "GET3W_BASE_URL": emulator.url, "GET3W_API_KEY": emulator.api_key}
    env["PYTHONPATH"] = os.pathsep.join(sys.path)
    result = subprocess.run(
        command, env=env, capture_output=True, text=True, encoding="utf-8", timeout=30, check=False
    )
    assert 0 == result.returncode, result.stderr
    return result.stdout


def test_find_fill_submit_and_see(page, emulator):
    """One finds a model, is told what is wrong, submits what is right, and sees the picture."""
    page.get_by_label("Search models").fill("flux get3w")
    expect(page.locator(".count")).to_have_text(f"1 of {len(model_ids())} models")
    page.get_by_role("link", name=re.compile("flux-dev")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("get3w/flux-dev")

    page.get_by_label("width", exact=True).fill("64.5")
    expect(field(page, "width").locator(".error")).to_contain_text("not of type 'integer'")
    expect(field(page, "prompt").locator(".error")).to_be_hidden()
    submit(page)
    expect(field(page, "prompt").locator(".error")).to_have_text("is required")
    expect(page.get_by_label("prompt", exact=True)).to_be_focused()
    page.get_by_label("prompt", exact=True).fill("a lighthouse at dusk")
    expect(page.get_by_label("width", exact=True)).to_have_attribute("aria-invalid", "true")
    submit(page)
    expect(page.get_by_label("width", exact=True)).to_be_focused()
    assert [] == emulator.ledger()

    page.get_by_label("width", exact=True).fill("640")
    expect(field(page, "width").locator(".error")).to_be_hidden()
    submit(page)
    picture = completed(page).get_by_role("img", name="Output 1")
    picture.wait_for()
    expect(picture).to_have_js_property("naturalWidth", 640)

    assert [{"prompt": "a lighthouse at dusk", "width": 640}] == [
        each.input for each in emulator.ledger()
    ]


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
          const {outputs} = await import("/_emulator/page/outputs.js");
          document.querySelector("main").replaceChildren(...outputs(values));
        }""",
        values,
    )

    expect(page.get_by_role("img", name="Output 1")).to_have_js_property("naturalWidth", 2)
    expect(page.get_by_label("Output 2")).to_have_js_property("duration", 0.5)
    assert ["two\nlines", '{\n  "score": 1\n}'] == page.locator("main > pre").all_inner_texts()
    expect(page.get_by_role("link", name="https://h/x.png")).to_be_visible()


def test_upload_and_nested_list(open_page, emulator, http):
    """A file becomes an address, a list of objects is filled item by item."""
    page = open_page(KLING)
    picture = {"name": "start.png", "mimeType": "image/png", "buffer": png()}
    field(page, "image").locator("input[type=file]").set_input_files(picture)
    expect(field(page, "image").get_by_role("status")).to_have_text("Uploaded start.png")
    expect(field(page, "image").locator("img")).to_be_visible()
    shots = field(page, "multi_prompt")
    for words in ("a ship leaves", "the harbour", "a storm"):
        shots.get_by_role("button", name="Add an item").click()
        shots.get_by_label("prompt", exact=True).last.fill(words)
    shots.get_by_label("duration", exact=True).nth(1).select_option("7")
    shots.get_by_role("button", name="Move up: multi_prompt 2").click()
    shots.get_by_role("button", name="Remove: multi_prompt 3").click()
    submit(page)
    completed(page)
    [sent] = emulator.ledger()

    assert [{"prompt": "the harbour", "duration": 7}, {"prompt": "a ship leaves"}] == sent.input[
        "multi_prompt"
    ]
    assert {"image", "multi_prompt"} == {*sent.input}
    assert png() == http.get(sent.input["image"]).content


def test_dropped_file_is_uploaded(open_page):
    """A file that is dropped on the field is uploaded."""
    page = open_page(KLING)
    field(page, "end_image").locator(".media").evaluate(
        """(element, bytes) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], 'end.png', {type: 'image/png'}));
          element.dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true}));
        }""",
        list(png()),
    )

    expect(field(page, "end_image").get_by_role("status")).to_have_text("Uploaded end.png")
    expect(page.get_by_label("end_image", exact=True)).to_have_value(re.compile("/_uploads/.*png"))


def test_refused_file_is_told(open_page):
    """A file of a kind that is not taken says so, and gives nothing."""
    page = open_page(KLING)
    page.watched.expected.append("400 (Bad Request)")
    text = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"x"}
    field(page, "image").locator("input[type=file]").set_input_files(text)

    expect(field(page, "image").locator(".state.bad")).to_contain_text("is not of a kind")
    expect(page.get_by_label("image", exact=True)).to_have_value("")


def test_controls_send_what_was_touched_alone(open_page, emulator):
    """Defaults are shown and not sent; what was given can be taken back."""
    page = open_page(KLING)
    scale = field(page, "cfg_scale")
    expect(scale.get_by_label("cfg_scale", exact=True)).to_have_attribute("placeholder", "0.5")
    expect(scale.get_by_role("slider")).to_have_value("0.5")
    expect(field(page, "duration").locator("option").first).to_have_text("5 (default)")
    page.get_by_label("image", exact=True).fill("https://example.com/a.png")
    scale.get_by_role("slider").press("ArrowRight")
    expect(scale.get_by_label("cfg_scale", exact=True)).to_have_value("0.51")
    page.get_by_role("switch").click()
    page.get_by_label("shot_type", exact=True).select_option("intelligent")
    field(page, "shot_type").get_by_role("button", name="Clear shot_type").click()
    submit(page)
    completed(page)
    page.get_by_role("switch").click()
    expect(page.locator(".callcode pre")).to_contain_text("sound=False")
    field(page, "sound").get_by_role("button", name="Clear sound").click()
    expect(page.get_by_text("not given", exact=True)).to_be_visible()
    submit(page)
    expect(page.locator(".prediction .id")).not_to_have_text(emulator.ledger()[0].id)
    completed(page)

    wanted = {"image": "https://example.com/a.png", "cfg_scale": 0.51}
    assert [{**wanted, "sound": True}, wanted] == [each.input for each in emulator.ledger()]


def test_shown_calls_do_what_the_page_does(open_page, emulator, tmp_path):
    """The Python and the curl of a filled form send what submitting it sends."""
    page = open_page(KLING)
    page.get_by_label("image", exact=True).fill("https://example.com/a.png")
    field(page, "prompt").locator("textarea").first.fill('it\'s "late"\nand $dark')
    page.get_by_label("duration", exact=True).select_option("10")
    field(page, "multi_prompt").get_by_role("button", name="Add an item").click()
    field(page, "multi_prompt").get_by_label("prompt", exact=True).fill("one")
    submit(page)
    completed(page)
    program = tmp_path / "program.py"
    program.write_text(code(page, "Python"), encoding="utf-8")
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
    assert 2 + bool(shutil.which("curl")) == len(inputs)


def test_copy_puts_the_call_on_the_clipboard(open_page):
    """The copy button copies what is shown."""
    page = open_page(FLUX, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_label("prompt", exact=True).fill("copied")
    expect(page.locator(".callcode pre")).to_contain_text('prompt="copied"')
    page.get_by_role("button", name="Copy", exact=True).first.click()
    page.get_by_role("button", name="Copied").wait_for()

    assert code(page, "Python") == page.evaluate("navigator.clipboard.readText()")


def test_value_that_would_be_changed_is_not_sent(open_page, emulator):
    """An integer that a browser rounds is refused at its field."""
    page = open_page(FLUX)
    page.get_by_label("prompt", exact=True).fill("x")
    page.get_by_label("seed", exact=True).fill("9007199254740993")
    expect(field(page, "seed").locator(".error")).to_contain_text("more digits")
    submit(page)
    expect(page.get_by_label("seed", exact=True)).to_be_focused()

    assert [] == emulator.ledger()


def test_item_left_empty_is_told_at_its_place(open_page):
    """An item of a list that is not filled in is told to be missing, at the item."""
    page = open_page("#/models/google/nano-banana/edit")
    images = field(page, "images")
    expect(page.get_by_role("status").filter(has_text="left")).to_be_visible()
    for address in ("https://example.com/a.png", "", "https://example.com/c.png"):
        images.get_by_role("button", name="Add an item").click()
        images.locator("input[inputmode=url]").last.fill(address)
    submit(page)

    expect(images.locator(".item").nth(1).locator(".error")).to_have_text("is required")
    expect(images.locator(".item").nth(0).locator(".error")).to_be_hidden()


def test_json_fills_the_form(open_page, emulator):
    """JSON that is written in the panel becomes the form, whatever the form has no field for."""
    page = open_page(FLUX)
    page.get_by_role("tab", name="JSON").click()
    area = page.get_by_label("The input as JSON")
    area.fill('{"prompt": "x", "width": 5')
    page.get_by_role("button", name="Use in the form").click()
    expect(page.locator(".editor .error")).to_contain_text("Not usable")
    area.fill('{"prompt": "from JSON", "wdith": 5}')
    page.get_by_role("button", name="Use in the form").click()

    expect(page.get_by_label("prompt", exact=True)).to_have_value("from JSON")
    expect(page.locator(".form > .problem")).to_contain_text("'wdith' was unexpected")
    area.fill('{"prompt": "from JSON", "width": 5}')
    page.get_by_role("button", name="Use in the form").click()
    expect(page.get_by_label("width", exact=True)).to_have_value("5")
    submit(page)
    completed(page)
    assert {"prompt": "from JSON", "width": 5} == emulator.ledger()[0].input


def test_unions_objects_and_recursion(open_page, tmp_path):
    """A schema of the odder kinds has a form, and its values come out as the schema says."""
    schema = {
        "type": "object",
        "required": ["size"],
        "properties": {
            "size": {
                "anyOf": [
                    {"type": "string", "title": "preset", "enum": ["small", "large"]},
                    {"type": "object", "title": "exact", "$ref": "#/$defs/exact"},
                ]
            },
            "note": {"type": ["string", "null"]},
            "tree": {"$ref": "#/$defs/tree"},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "class": {"type": "array", "items": {"type": "number"}, "maxItems": 2},
        },
        "$defs": {
            "exact": {
                "type": "object",
                "properties": {"width": {"type": "integer", "minimum": 1}},
                "required": ["width"],
            },
            "tree": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "children": {"type": "array", "items": {"$ref": "#/$defs/tree"}},
                },
            },
        },
    }
    (tmp_path / "odd.json").write_text(json.dumps(schema), encoding="utf-8")
    with running(schemas=tmp_path, image_seconds=0) as other:
        page = open_page("#/models/odd", origin=other.url)
        page.get_by_label("Form of size").select_option("exact")
        page.get_by_label("width", exact=True).fill("0")
        expect(field(page, "width").locator(".error")).to_contain_text("less than the minimum")
        page.get_by_label("width", exact=True).fill("7")
        page.get_by_label("Form of note").select_option("null")
        page.get_by_role("button", name="Add tree").click()
        tree = field(page, "tree")
        tree.get_by_label("name", exact=True).fill("root")
        tree.get_by_role("button", name="Add an item").click()
        tree.get_by_label("name", exact=True).nth(1).fill("leaf")
        page.get_by_label("labels", exact=True).fill('{"a": ')
        expect(field(page, "labels").locator(".error")).to_contain_text("is not JSON")
        page.get_by_label("labels", exact=True).fill('{"a": "b"}')
        numbers = field(page, "class")
        for value in ("1.5", "-2"):
            numbers.get_by_role("button", name="Add an item").click()
            numbers.locator("input").last.fill(value)
        expect(numbers.get_by_role("button", name="Add an item")).to_be_disabled()
        expect(page.get_by_text("not in names.lock.json")).to_be_visible()
        expect(page.locator(".callcode pre")).to_contain_text('"class": [1.5, -2],')
        submit(page)
        completed(page)
        [sent] = other.ledger()

    assert {
        "size": {"width": 7},
        "note": None,
        "tree": {"name": "root", "children": [{"name": "leaf"}]},
        "labels": {"a": "b"},
        "class": [1.5, -2],
    } == sent.input


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
    page.get_by_role("link", name="History").click()
    page.locator("a.line").wait_for()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Reset the emulator").click()

    expect(page.locator(".empty")).to_be_visible()
    assert [] == emulator.ledger()


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
            page.get_by_label("Address that is told").fill(f"http://127.0.0.1:{server.server_port}")
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


def test_video_plays(open_page):
    """What a video model makes is a video that the browser can play."""
    page = open_page("#/models/openai/sora-2/text-to-video")
    page.get_by_role("button", name="Example").click()
    submit(page)
    video = completed(page).get_by_label("Output 1")

    expect(video).to_have_js_property("duration", 4)
    expect(video).to_have_js_property("videoWidth", 720)


def test_faults_strike_until_taken_back(open_page, emulator):
    """A rule made on the page strikes its submits, is told as such, and can be removed."""
    page = open_page("#/faults")
    page.get_by_role("button", name="Add the rule").click()
    expect(field(page, "fault").locator(".error")).to_have_text("is required")
    page.get_by_label("fault", exact=True).select_option("drop_after_accept")
    page.get_by_label("path", exact=True).fill("/api/v3/get3w/*")
    page.get_by_role("button", name="Add the rule").click()
    expect(page.locator(".line code")).to_have_text("* /api/v3/get3w/*")
    page.watched.expected.append("ERR_EMPTY_RESPONSE")
    page.goto(f"{emulator.url}/{FLUX}")
    page.get_by_label("prompt", exact=True).fill("x")
    submit(page)
    expect(page.locator(".result .problem")).to_contain_text("may have been accepted all the same")
    page.goto(f"{emulator.url}/#/faults")
    page.get_by_role("button", name="Remove all").click()
    expect(page.locator(".empty")).to_be_visible()
    page.goto(f"{emulator.url}/{FLUX}")
    submit(page)
    completed(page)

    assert 2 <= len(emulator.ledger())


def test_refused_submit_is_told(open_page):
    """An answer that is an error is shown with its text, and the rule has one less to go."""
    page = open_page("#/faults")
    page.get_by_label("fault", exact=True).select_option("status")
    page.get_by_label("status", exact=True).fill("429")
    page.get_by_label("method", exact=True).select_option("POST")
    page.get_by_label("times", exact=True).fill("2")
    page.get_by_role("button", name="Add the rule").click()
    expect(page.locator(".line .words")).to_have_text("status 429, times 2")
    page.watched.expected.append("429 (Too Many Requests)")
    page.get_by_role("link", name="Models").click()
    page.get_by_role("link", name=re.compile("flux-dev")).click()
    page.get_by_label("prompt", exact=True).fill("x")
    submit(page)
    expect(page.locator(".result .problem")).to_contain_text("Rate limit exceeded (HTTP 429)")
    page.get_by_role("link", name="Faults").click()
    expect(page.locator(".line .words")).to_have_text("status 429, times 1")


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


def test_draft_survives_a_reload(open_page):
    """What was typed is still there after a reload, and gone after clearing."""
    page = open_page(FLUX)
    page.get_by_label("prompt", exact=True).fill("half a thought")
    expect(page.locator(".callcode pre")).to_contain_text("half a thought")
    page.reload()
    expect(page.get_by_label("prompt", exact=True)).to_have_value("half a thought")
    page.get_by_role("button", name="Clear all").click()
    expect(page.get_by_label("prompt", exact=True)).to_have_value("")


def test_every_model_has_a_form_and_an_example(page, http):
    """Each model has a field for every parameter that is not hidden, and an example that fits."""
    wanted = {}
    for each in http.get("/api/v3/models").json()["data"]:
        schema = each["api_schema"]["api_schemas"][0]["request_schema"]
        listed = schema["properties"].items()
        wanted[each["model_id"]] = sorted(name for name, part in listed if not part.get("x-hidden"))
    shown = {}
    for model_id in wanted:
        page.evaluate("id => { location.hash = `#/models/${id}` }", model_id)
        page.get_by_role("heading", level=1, name=model_id, exact=True).wait_for()
        fields = page.locator(".form > .field")
        shown[model_id] = sorted(fields.evaluate_all("all => all.map(each => each.dataset.field)"))
        page.get_by_role("button", name="Example").click()
        expect(page.locator(".actions .ok"), model_id).to_have_text("Ready")

    assert wanted == shown


def test_nothing_is_fetched_from_elsewhere(open_page):
    """Addresses of other servers are sent and never opened; the fixture watches."""
    page = open_page(KLING)
    page.get_by_label("image", exact=True).fill("http://example.com/a.png")
    page.get_by_label("end_image", exact=True).fill("https://example.com/a.mp4")
    submit(page)
    completed(page)
