"""The form of a model in a real browser: what one enters, and what is sent of it."""

import json
import re

from get3w_emulator import running
from get3w_models import model_ids
from playwright.sync_api import expect

from tests.browser.steps import FLUX, KLING, clear, completed, field, png, submit


def test_find_fill_submit_and_see(page, emulator):
    """One finds a model, is told what is wrong, submits what is right, and sees the picture."""
    page.get_by_label("Search models").fill("flux get3w")
    expect(page.locator(".count")).to_have_text(f"1 of {len(model_ids())} models")
    page.get_by_role("link", name=re.compile("flux-dev")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("get3w/flux-dev")

    clear(page)
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
    clear(page)
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
    expect(page.locator(".callcode pre.call")).to_contain_text("sound=False")
    field(page, "sound").get_by_role("button", name="Clear sound").click()
    expect(page.get_by_text("not given", exact=True)).to_be_visible()
    submit(page)
    expect(page.locator(".strip a")).to_have_count(2)
    completed(page)

    wanted = {"image": "https://example.com/a.png", "cfg_scale": 0.51}
    assert [{**wanted, "sound": True}, wanted] == [each.input for each in emulator.ledger()]


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
    clear(page)
    images = field(page, "images")
    expect(page.locator(".actions .state")).to_contain_text("Still needs")
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
        expect(page.locator(".callcode pre.call")).to_contain_text('"class": [1.5, -2],')
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


def test_draft_survives_a_reload(open_page):
    """What was typed is there after a reload, gone after clearing, and back when undone."""
    page = open_page(FLUX)
    page.get_by_label("prompt", exact=True).fill("half a thought")
    expect(page.locator(".callcode pre.call")).to_contain_text("half a thought")
    page.reload()
    expect(page.get_by_label("prompt", exact=True)).to_have_value("half a thought")
    clear(page)
    expect(page.get_by_label("prompt", exact=True)).to_have_value("")
    page.get_by_role("button", name="Undo clear").click()
    expect(page.get_by_label("prompt", exact=True)).to_have_value("half a thought")


def test_every_model_has_a_form_and_an_example(page, http):
    """Each model greets with a field for every parameter, and with an example that can run."""
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
        expect(page.locator(".actions .ok"), model_id).to_have_text("Ready")
        expect(page.locator(".callcode pre.call"), model_id).to_contain_text("prediction = ")

    assert wanted == shown


def test_invalid_form_shows_no_call(open_page):
    """While the form has problems no call is shown, and none can be copied."""
    page = open_page(FLUX)
    call = page.locator(".callcode pre.call")
    expect(call).to_contain_text("submit_flux_dev(")
    page.get_by_label("width", exact=True).fill("1.5")
    expect(page.locator(".actions .state")).to_have_text("1 problem")
    expect(call).to_be_hidden()
    expect(page.get_by_role("button", name="Copy the call")).to_be_hidden()
    page.get_by_label("width", exact=True).fill("64")
    expect(call).to_contain_text("width=64")


def test_link_holds_the_form(open_page, emulator):
    """A copied link opens the form as it was, in another browser too, and sends nothing."""
    page = open_page(FLUX, permissions=["clipboard-read", "clipboard-write"])
    words = 'a "quoted" 100% é\n#?&= line'
    page.get_by_label("prompt", exact=True).fill(words)
    page.get_by_label("width", exact=True).fill("640")
    page.get_by_role("button", name="Copy link to this form").click()
    page.get_by_role("button", name="Copied").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    other = open_page(link.removeprefix(f"{emulator.url}/"))

    assert link.startswith(f"{emulator.url}/#/models/get3w/flux-dev?input=")
    expect(other.get_by_label("prompt", exact=True)).to_have_value(words)
    expect(other.get_by_label("width", exact=True)).to_have_value("640")
    expect(other.locator(".actions .state")).to_have_text("Ready")
    assert other.url == f"{emulator.url}/{FLUX}"
    assert [] == emulator.ledger()


def test_link_opens_the_example(open_page):
    """A link that asks for the example fills the form with it, and the draft can be had back."""
    page = open_page(FLUX)
    page.get_by_label("prompt", exact=True).fill("a draft")
    expect(page.locator(".callcode pre.call")).to_contain_text("a draft")
    page.evaluate("location.hash += '?example'")

    expect(page.get_by_label("prompt", exact=True)).to_have_value(re.compile("lighthouse"))
    expect(page.locator(".actions .state")).to_have_text("Ready")
    page.get_by_role("button", name="Back to my draft").click()
    expect(page.get_by_label("prompt", exact=True)).to_have_value("a draft")


def test_broken_link_opens_the_form(open_page):
    """What a link holds and is no input is passed over."""
    for broken in ("?input={", "?input=[1]", "?input=%E0%A4%A", "?url=x&medium=image", "?"):
        page = open_page(f"{FLUX}{broken}")
        expect(page.locator(".actions .state")).to_have_text("Ready")


def test_nothing_is_fetched_from_elsewhere(open_page):
    """Addresses of other servers are sent and never opened; the fixture watches."""
    page = open_page(KLING)
    page.get_by_label("image", exact=True).fill("http://example.com/a.png")
    page.get_by_label("end_image", exact=True).fill("https://example.com/a.mp4")
    submit(page)
    completed(page)


def test_default_is_listed_once(open_page):
    """A list of values shows its default once, as what holds if nothing is chosen."""
    page = open_page("#/models/openai/sora-2/text-to-video")
    options = field(page, "duration").locator("option")
    texts = [text.removesuffix(" (default)") for text in options.all_inner_texts()]

    assert len(texts) == len(set(texts))
    assert 1 == sum(text.endswith(" (default)") for text in options.all_inner_texts())


def test_page_of_a_model_says_what_its_price_is(open_page):
    """The price is the base price, the money is no real money, and a fault has to be chosen."""
    page = open_page("#/models/google/veo3")
    expect(page.locator("p.facts")).to_contain_text("$3.20 a run: the base price")
    expect(page.locator(".actions .money")).to_contain_text("Play money")
    expect(page.get_by_label("Fault").locator("option").first).to_have_text("no fault")
    page.get_by_label("prompt", exact=True).fill("x")
    expect(page.locator(".callcode .note")).to_contain_text("pip install get3w-models")
