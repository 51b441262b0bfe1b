"""Outputs as objects: their class, their content, and what is sent to get it."""

import asyncio
import base64
import copy
import io
import pickle
import subprocess
import sys

import httpx
import pytest
from get3w_core import (
    AsyncClient,
    AsyncPrediction,
    Client,
    ClientClosedError,
    ConfigurationError,
    ConnectionFailedError,
    DataOutput,
    FileOutput,
    Get3WError,
    LocalFileError,
    ModelInfo,
    ModelRequest,
    NotFoundError,
    Prediction,
    PredictionData,
    PredictionFailedError,
    TextOutput,
    set_default_client,
)
from get3w_core.request.base import output_type_of
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

A, B = "https://cdn.test/a.png", "https://cdn.test/b"


def picture():
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(file, "PNG")
    return file.getvalue()


PNG = picture()
RAW = base64.b64encode(PNG).decode()
DATA = f"data:image/png;base64,{RAW}"


class WriteRequest(ModelRequest[TextOutput], frozen=True):
    """The input of a language model."""

    __model__ = ModelInfo("acme/write")

    prompt: str


class DrawRequest(ModelRequest[FileOutput], frozen=True):
    """The input of a model that draws."""

    __model__ = ModelInfo("acme/draw")

    prompt: str


class SharperRequest(DrawRequest, frozen=True):
    """A class of a user's own, made of a generated one."""


def finished(side, script, ok, outputs, *answers):
    server = script(ok("completed", outputs=outputs), *answers)
    return server, side.run(side.client(server).prediction("pred_1"))


def call(side, output, name, *arguments, **options):
    """Call the method of an output that belongs to the side."""
    method = name if side.name == "sync" else f"a{name}"
    return side.run(getattr(output, method)(*arguments, **options))


def opened(side, output, **options):
    """Open an output, and return what is in it and whether it is closed afterwards."""
    if side.name == "sync":
        with output.open(**options) as file:
            content = file.read()
        return content, file.closed

    async def read():
        async with output.aopen(**options) as file:
            content = file.read()
        return content, file.closed

    return side.run(read())


@pytest.mark.parametrize(
    ("raw", "kind", "shown"),
    [
        (A, FileOutput, A),
        ({"url": A, "seed": 3}, FileOutput, A),
        (DATA, FileOutput, DATA),
        (RAW, FileOutput, DATA),
        ("once upon a time", TextOutput, "once upon a time"),
        ("", TextOutput, ""),
        ({"text": "hi", "tokens": 3}, TextOutput, "hi"),
        ({"seed": 3}, DataOutput, '{"seed": 3}'),
        ([A], DataOutput, f'["{A}"]'),
        (None, DataOutput, "null"),
        (3.5, DataOutput, "3.5"),
    ],
)
def test_class_fits_what_came(side, script, ok, raw, kind, shown):
    """What the server sent decides the class, is kept as it is, and is never an error."""
    _, prediction = finished(side, script, ok, [raw])
    [output] = prediction.outputs

    assert kind is type(output)
    assert output is prediction.output is prediction.outputs[0]
    assert raw == output.raw
    assert shown == str(output)
    assert 0 == output.index


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
STRINGS = st.sampled_from(
    [A, B, DATA, RAW, "data:,", "data:", "data:;base64,!", "https://", "words"]
)
OBJECTS = st.dictionaries(st.sampled_from(["url", "text", "a_url", "b_url"]), STRINGS | JSON)


@given(raw=JSON | STRINGS | OBJECTS, is_text=st.booleans())
def test_any_output_can_be_looked_at(raw, is_text):
    """Whatever JSON came, also for a model that promised something else, nothing raises."""
    saved = Prediction.from_json(
        '{"origin": "https://api.test", "surface": "v3", "prediction": '
        '{"id": "pred_1", "status": "completed"}}'
    )
    data = saved.data.read({"id": "pred_1", "status": "completed", "outputs": [raw]})
    kind = TextOutput if is_text else None
    made = Prediction(data, surface="v3", origin="https://api.test", output_type=kind)
    output = made.output

    assert output.raw is raw
    assert isinstance(str(output), str)
    assert len(repr(output)) < 400
    assert output.kind in {"image", "video", "audio", "file", "text", "data"}
    assert output._repr_mimebundle_().keys() == {"text/plain", "text/html"}
    assert isinstance(raw, str) <= isinstance(output, TextOutput) or not is_text


@pytest.mark.parametrize(
    ("request_class", "raw", "kind"),
    [
        (WriteRequest, A, TextOutput),
        (WriteRequest, RAW, TextOutput),
        (WriteRequest, DATA, TextOutput),
        (WriteRequest, {"url": A}, FileOutput),
        (DrawRequest, A, FileOutput),
        (DrawRequest, "no picture", TextOutput),
        (SharperRequest, {"seed": 3}, DataOutput),
    ],
)
def test_text_of_a_language_model_is_text(side, script, ok, tmp_path, request_class, raw, kind):
    """A URL that a language model wrote is its text, also after a restart, and is not fetched."""
    server = script(ok("completed", outputs=[raw]), httpx.Response(200, content=b"fetched"))
    made = side.run(side.client(server).submit(request_class(prompt="x")))
    again = type(made).from_json(made.to_json())

    assert [kind, kind] == [type(made.output), type(again.output)]
    assert kind is type(pickle.loads(pickle.dumps(made)).output)
    assert kind is type(copy.copy(made).output)
    [path] = side.run(made.download(tmp_path))
    assert (kind is FileOutput) == (path.read_bytes() == b"fetched")
    assert (2 if kind is FileOutput else 1) == len(server.requests)


def test_request_class_names_its_outputs():
    """The class of outputs is read from the bases; a class without one promises nothing."""

    class PlainRequest(ModelRequest, frozen=True):
        __model__ = ModelInfo("acme/plain")

    found = [output_type_of(each) for each in (WriteRequest, SharperRequest, PlainRequest)]

    assert [TextOutput, FileOutput, None] == found
    assert (ModelRequest,) == WriteRequest.__bases__
    with pytest.raises(TypeError):
        WriteRequest[TextOutput]


@pytest.mark.parametrize("raw", [A, B, {"url": A}, DATA, RAW])
def test_content_of_a_file(side, script, ok, tmp_path, raw):
    """Its bytes come by reading, opening, saving, and as a picture."""
    answer = httpx.Response(200, content=PNG, headers={"Content-Type": "image/png"})
    _, prediction = finished(side, script, ok, [raw], answer)
    output = prediction.output

    assert call(side, output, "read") == PNG
    assert (PNG, True) == opened(side, output)
    assert (40, 30) == call(side, output, "image").size
    assert tmp_path / "new" / "a" == call(side, output, "save", tmp_path / "new" / "a")
    assert (tmp_path / "new" / "a").read_bytes() == PNG
    assert ("image", "image/png") == (output.kind, output.media_type)


@pytest.mark.parametrize(
    ("raw", "content", "suffix"),
    [
        ("a story", b"a story", ".txt"),
        ({"seed": 3}, b'{\n  "seed": 3\n}', ".json"),
    ],
)
def test_content_of_other_outputs(side, script, ok, tmp_path, raw, content, suffix):
    """Texts and values can be read and saved as files can, without a request."""
    server, prediction = finished(side, script, ok, [raw])
    output = prediction.output

    assert content == call(side, output, "read")
    assert (content, True) == opened(side, output)
    assert tmp_path / f"pred_1-0{suffix}" == call(side, output, "save", tmp_path)
    assert 1 == len(server.requests)


@pytest.mark.parametrize(
    ("raw", "headers", "before", "after"),
    [
        (A, {"Content-Type": "image/webp"}, ("image", "image/png"), ("image", "image/webp")),
        (B, {"Content-Type": "video/mp4"}, ("file", None), ("video", "video/mp4")),
        (B, {"Content-Type": "audio/mpeg; q=1"}, ("file", None), ("audio", "audio/mpeg")),
        (B, {"Content-Type": "application/octet-stream"}, ("file", None), ("image", "image/png")),
        (B, {}, ("file", None), ("image", "image/png")),
        ("https://cdn.test/a.MP4?x=.png", {}, ("video", "video/mp4"), ("image", "image/png")),
        ("https://cdn.test/a.glb", {}, ("file", "model/gltf-binary"), ("image", "image/png")),
        (RAW, None, ("image", "image/png"), ("image", "image/png")),
        ("data:video/mp4;base64,AAAA", None, ("video", "video/mp4"), ("video", "video/mp4")),
        (f"data:;base64,{RAW}", None, ("image", "image/png"), ("image", "image/png")),
        ("data:,words", None, ("file", "text/plain"), ("file", "text/plain")),
    ],
)
def test_kind_is_known_before_and_after(side, script, ok, raw, headers, before, after):
    """The kind is what the URL or the data shows, then what the server or the content says."""
    answers = [] if headers is None else [httpx.Response(200, content=PNG, headers=headers)]
    server, prediction = finished(side, script, ok, [raw], *answers)
    output = prediction.output

    assert before == (output.kind, output.media_type)
    assert 1 == len(server.requests)
    call(side, output, "read")
    assert after == (output.kind, output.media_type)


def test_key_is_not_sent_for_an_output(side, script, ok, tmp_path):
    """No way to the content takes the key along, not even to the API's own origin."""
    outputs = [A, "https://api.get3w.com/b.png"]
    server, prediction = finished(side, script, ok, outputs, httpx.Response(200, content=PNG))
    for output in prediction.outputs:
        call(side, output, "read")
        opened(side, output)
        call(side, output, "image")
        call(side, output, "save", tmp_path)

    assert 9 == len(server.requests)
    assert not any("Authorization" in each.headers for each in server.requests[1:])


WAYS = ("read", "open", "save")


def take(side, output, way, path, **options):
    if way == "open":
        return opened(side, output, **options)
    return call(side, output, way, *([path] if way == "save" else []), **options)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("url", "options", "words"),
    [
        ("http://cdn.test/a.png", {}, "allow_http=True"),
        ("https://10.0.0.1/a.png", {}, "allow_private=True"),
        ("https://[::1]/a.png", {}, "allow_private=True"),
        (A, {"max_bytes": 3}, "larger than 3 bytes"),
        (RAW, {"max_bytes": 3}, "larger than 3 bytes"),
        (A, {"timeout": -1}, "timeout must be"),
        (A, {"max_bytes": -1}, "max_bytes must be"),
        (A, {"allow_http": "no"}, "allow_http must be"),
    ],
)
def test_rules_of_downloads_hold(side, script, ok, tmp_path, way, url, options, words):
    """Each way to the content keeps the rules for addresses and sizes, and leaves no file."""
    _, prediction = finished(side, script, ok, [url], httpx.Response(200, content=PNG))
    with pytest.raises(Get3WError, match=words):
        take(side, prediction.output, way, tmp_path, **options)

    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("way", WAYS)
def test_time_of_an_output_is_bounded(side, script, ok, tmp_path, way):
    """A body that never ends is given up, in words that name the option."""

    class Endless(httpx.SyncByteStream, httpx.AsyncByteStream):
        def __iter__(self):
            while True:
                side.clock.sleep(60)
                yield b"x"

        async def __aiter__(self):
            for piece in self:
                yield piece

    _, prediction = finished(side, script, ok, [A], httpx.Response(200, stream=Endless()))
    with pytest.raises(ConnectionFailedError, match=r"timeout=\.\.\.") as caught:
        take(side, prediction.output, way, tmp_path, timeout=600.0)

    assert "pred_1" == caught.value.prediction_id
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("way", WAYS)
def test_what_is_gone_says_why(side, script, ok, tmp_path, way):
    """A URL that is gone names the days, and the prediction."""
    _, prediction = finished(side, script, ok, [A], httpx.Response(404))
    with pytest.raises(NotFoundError, match="7 days") as caught:
        take(side, prediction.output, way, tmp_path)

    assert "pred_1" == caught.value.prediction_id


class Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that breaks off."""

    def __iter__(self):
        yield b"lost"
        raise httpx.ReadError("cut")

    async def __aiter__(self):
        for piece in self:
            yield piece


@pytest.mark.parametrize("way", ["read", "open", "image"])
def test_an_attempt_that_breaks_off_is_repeated(side, script, ok, tmp_path, way):
    """What an attempt left behind is no part of the content."""
    answers = [httpx.Response(200, stream=Broken()), httpx.Response(200, content=PNG)]
    _, prediction = finished(side, script, ok, [A], *answers)
    content = take(side, prediction.output, way, tmp_path)

    assert {"read": PNG, "open": (PNG, True)}.get(way, content) == content


def test_unknown_option_is_refused(side, script, ok, tmp_path):
    """A misspelt option is an error as that of any function."""
    _, prediction = finished(side, script, ok, [A])
    for way in WAYS:
        with pytest.raises(TypeError, match="timout"):
            take(side, prediction.output, way, tmp_path, timout=3)


def test_save_into_a_folder_or_a_file(side, script, ok, tmp_path):
    """A folder that is there gets the usual name; anything else is the file, which is replaced."""
    _, prediction = finished(side, script, ok, [A, A], httpx.Response(200, content=PNG))
    first, second = prediction.outputs
    (tmp_path / "old.png").write_bytes(b"old")
    (tmp_path / "v1.5").mkdir()

    assert tmp_path / "pred_1-0-a.png" == call(side, first, "save", str(tmp_path))
    assert tmp_path / "v1.5" / "pred_1-1-a.png" == call(side, second, "save", tmp_path / "v1.5")
    assert tmp_path / "old.png" == call(side, first, "save", tmp_path / "old.png")
    assert (tmp_path / "old.png").read_bytes() == PNG


@pytest.mark.parametrize("path", ["file/inside.png", "nul\0.png"])
def test_save_that_cannot_write_says_so(side, script, ok, tmp_path, path):
    """What the file system refuses is one of our errors, with the path."""
    (tmp_path / "file").write_text("a file")
    _, prediction = finished(side, script, ok, [A], httpx.Response(200, content=PNG))
    with pytest.raises(LocalFileError, match="Cannot write") as caught:
        call(side, prediction.output, "save", tmp_path / path)

    assert "pred_1" == caught.value.prediction_id


@pytest.mark.parametrize("path", [None, 3, b"x"])
def test_save_takes_a_path(side, script, ok, path):
    """What is no path is refused in our words."""
    _, prediction = finished(side, script, ok, [A])
    with pytest.raises(ConfigurationError, match="path must be a path"):
        call(side, prediction.output, "save", path)


def test_output_that_is_not_there(side, script, ok):
    """Without an output, the error says why and what to do."""
    client = side.client(
        script(ok("processing"), ok("failed", error="no luck"), ok("completed"), ok("paused"))
    )
    running, failed, empty, odd = [side.run(client.prediction("pred_1")) for _ in range(4)]
    with pytest.raises(Get3WError, match=r"'processing'.*wait\(\)"):
        _ = running.output
    with pytest.raises(PredictionFailedError, match="no luck"):
        _ = failed.output
    with pytest.raises(Get3WError, match="completed and has no outputs"):
        _ = empty.output
    with pytest.raises(Get3WError, match="'paused'"):
        _ = odd.output

    assert [[]] * 4 == [each.outputs for each in (running, failed, empty, odd)]


def test_outputs_follow_the_handle(side, script, ok):
    """Once a refresh brings other outputs there are other objects; the list is the caller's own."""
    client = side.client(script(ok("processing"), ok("completed", outputs=[A])))
    prediction = side.run(client.prediction("pred_1"))
    before = prediction.outputs
    before.append("mine")
    side.run(prediction.refresh())

    assert [A] == [each.url for each in prediction.outputs]


class Served:
    """The emulator's clients of both kinds, which open connections of their own."""

    def __init__(self, emulator):
        self.emulator = emulator

    def make(self, kind):
        return kind(api_key=self.emulator.api_key, base_url=self.emulator.url)


@pytest.fixture
def served(get3w_emulator):
    return Served(get3w_emulator)


def test_sync_prediction_is_read_in_async_code(served, tmp_path):
    """The outputs of a `Prediction` have their async methods, in any event loop."""
    with served.make(Client) as client:
        prediction = client.submit(get3w_models_request()).wait()
        content = prediction.output.read()

        async def read():
            path = await prediction.output.asave(tmp_path / "a.png")
            async with prediction.output.aopen() as file:
                return await prediction.output.aread(), file.read(), path.read_bytes()

        assert (content,) * 3 == asyncio.run(read()) == asyncio.run(read())


def test_async_prediction_is_read_in_sync_code(served, tmp_path):
    """The outputs of an `AsyncPrediction` have their sync methods, within a loop and after it."""

    async def make():
        async with served.make(AsyncClient) as client:
            prediction = await (await client.submit(get3w_models_request())).wait()
            return prediction, await prediction.output.aread(), prediction.output.read()

    prediction, one, other = asyncio.run(make())
    with pytest.raises(ClientClosedError):
        prediction.output.read()
    set_default_client(client := served.make(AsyncClient))
    kept = AsyncPrediction.from_json(prediction.to_json())

    assert one == other == kept.output.read()
    assert kept.output.save(tmp_path).read_bytes() == one
    with kept.output.open() as file:
        assert file.read() == one
    asyncio.run(client.aclose())


def get3w_models_request():
    from get3w_models import FluxDevRequest

    return FluxDevRequest(prompt="a lighthouse", width=64, height=64)


def test_an_injected_client_is_not_gone_round(side, script, ok, tmp_path):
    """Where `http_client=` is given, the methods of the other kind say which to call instead."""
    server, prediction = finished(side, script, ok, [A], httpx.Response(200, content=PNG))
    output = prediction.output
    if side.name == "sync":
        with pytest.raises(ConfigurationError, match=r"http_client=.*read\(\)"):
            asyncio.run(output.aread())
        with pytest.raises(ConfigurationError, match=r"http_client=.*save\(\)"):
            asyncio.run(output.asave(tmp_path))
    else:
        with pytest.raises(ConfigurationError, match=r"http_client=.*aread\(\)"):
            output.read()
        with pytest.raises(ConfigurationError, match=r"http_client=.*asave\(\)"):
            output.save(tmp_path)

    assert 1 == len(server.requests)


def test_picture_without_pillow_says_what_to_install():
    """`image` needs Pillow, and says so before anything is fetched."""
    code = """
import sys
sys.modules["PIL"] = None
from get3w_core import ConfigurationError, Prediction, PredictionData
data = PredictionData("pred_1", "completed", outputs=("https://cdn.test/a.png",))
try:
    Prediction(data, surface="v3", origin="https://api.get3w.com").output.image()
except ConfigurationError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "pip install pillow" in done.stdout


def test_output_is_taken_as_input():
    """A file goes into the next request by its URL, a text by its words; other data is refused."""
    from get3w_models import KlingV3_0ProImageToVideoRequest, NanoBananaEditRequest

    data = PredictionData("pred_1", "completed", outputs=(A, RAW, "words", {"seed": 3}))
    file, encoded, text, other = Prediction(
        data, surface="v3", origin="https://api.get3w.com"
    ).outputs
    request = NanoBananaEditRequest(prompt=text, images=[file, encoded, B])

    assert {"prompt": "words", "images": [A, DATA, B]} == request.model_dump()
    assert A == KlingV3_0ProImageToVideoRequest(image=file).model_dump()["image"]
    for wrong in (other, text):
        with pytest.raises(ValidationError):
            KlingV3_0ProImageToVideoRequest(image=wrong)
