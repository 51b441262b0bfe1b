"""What a notebook and rich show of predictions and outputs. Foreign text stays text."""

import base64
import io
from html.parser import HTMLParser

import pytest
from get3w_core import AsyncPrediction, Prediction, PredictionData
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.formatters import DisplayFormatter
from rich.console import Console

A = "https://cdn.test/a.png"
GIF = base64.b64encode(b"GIF89a" + bytes(20)).decode()


def handle(*outputs, kind=Prediction, **fields):
    facts = {"id": "pred_1", "status": "completed", "model": "get3w/flux-dev", **fields}
    data = PredictionData(**facts, outputs=outputs)
    return kind(data, surface="v3", origin="https://api.get3w.com")


class Tags(HTMLParser):
    """The tags with their attributes, and the text, as a browser sees them."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def shown(thing):
    """Return what IPython hands to a notebook."""
    bundle, _ = DisplayFormatter().format(thing)
    return bundle["text/plain"], Tags(bundle["text/html"])


@pytest.mark.parametrize(
    ("raw", "tag", "address"),
    [
        (A, "img", A),
        ({"url": A}, "img", A),
        (GIF, "img", f"data:image/gif;base64,{GIF}"),
        ("https://cdn.test/a.mp4", "video", "https://cdn.test/a.mp4"),
        ("https://cdn.test/a.mp3?a=1&b=2", "audio", "https://cdn.test/a.mp3?a=1&b=2"),
        ("data:audio/wav;base64,AAAA", "audio", "data:audio/wav;base64,AAAA"),
        ("https://cdn.test/a.glb", "a", "https://cdn.test/a.glb"),
        ("https://cdn.test/a", "a", "https://cdn.test/a"),
    ],
)
def test_file_is_shown_by_its_address(raw, tag, address):
    """A picture, a player or a link has the address of the output, or its data."""
    for thing in (handle(raw), handle(raw, kind=AsyncPrediction), handle(raw).output):
        _, html = shown(thing)
        [found] = [each for each in html.tags if each[0] == tag]

        assert address == found[1].get("src", found[1].get("href"))


def test_prediction_shows_its_facts():
    """Status, id and model stand before the outputs; the error too, where there is one."""
    text, html = shown(handle(A, "a story", {"seed": 3}))

    assert text.startswith("Prediction(id='pred_1', status='completed'")
    for words in ("pred_1", "completed", "get3w/flux-dev", "a story", '{"seed": 3}'):
        assert words in html.text
    assert "no luck" in shown(handle(status="failed", error="no luck"))[1].text


HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "</pre><iframe src=//evil.test>",
    "\x1b[31m\u202e\u0000",
    "https://cdn.test/a'onerror='alert(1).png",
    "https://cdn.test/a&quot;onerror=alert(1).png",
    "data:text/html,<script>alert(1)</script>",
    'data:image/png;base64,"><script>alert(1)</script>',
    "javascript:alert(1)",
]
ALLOWED = {
    "img": {"src", "referrerpolicy", "loading", "alt", "style"},
    "video": {"src", "controls", "preload", "style"},
    "audio": {"src", "controls", "preload"},
    "a": {"href", "rel", "target"},
    "pre": {"style"},
    "p": set(),
    "div": set(),
    "code": set(),
}
MEDIA = ("http://", "https://", "data:image/", "data:video/", "data:audio/")


def check_harmless(thing):
    _, html = shown(thing)
    for tag, attributes in html.tags:
        assert tag in ALLOWED
        assert attributes.keys() <= ALLOWED[tag]
        for name in {"src", "href"} & attributes.keys():
            assert attributes[name].lower().startswith(MEDIA[:2] if name == "href" else MEDIA)
    assert not any(character in html.text for character in "\x1b\u202e\x00"), ascii(html.text)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "place", ["output", "url", "text", "value", "id", "status", "model", "error"]
)
def test_foreign_text_stays_text(place, text):
    """No text of a server becomes a tag, an attribute, or an address that runs something."""
    outputs = {"output": text, "url": {"url": text}, "text": {"text": text}, "value": [text]}
    fields = {place: text} if place not in outputs else {}
    prediction = handle(outputs.get(place, A), **fields)

    check_harmless(prediction)
    check_harmless(handle(outputs.get(place, A)).output)


@given(st.text(), st.sampled_from(["{}", "https://cdn.test/{}", "data:{}", "data:image/png,{}"]))
def test_any_text_stays_text(text, form):
    """The same for texts that nobody thought of."""
    check_harmless(handle(form.replace("{}", text)))


def test_long_text_is_cut():
    """A display stays small, whatever a model wrote."""
    bundle = handle("word " * 100_000)._repr_mimebundle_()

    assert len(bundle["text/html"]) < 20_000
    assert len(repr(handle("word " * 100_000).output)) < 200


def test_repr_hides_the_query_of_a_url():
    """What stands behind the `?` may be a storage's secret; `str` and `url` have it."""
    output = handle(f"{A}?signature=secret").output

    assert "secret" not in repr(output)
    assert f"{A}?signature=secret" == str(output) == output.url


def test_rich_shows_the_same():
    """Rich prints a handle with its outputs, and neither data nor secrets in full."""
    console = Console(width=300, record=True, file=io.StringIO())
    console.print(handle(f"{A}?signature=secret", GIF * 1000), handle("a story").output)
    text = console.export_text()

    assert "FileOutput(url='https://cdn.test/a.png?...', kind='image')" in text
    assert "TextOutput(text='a story')" in text
    assert "secret" not in text
    assert len(text) < 2000
