"""What an output is: an address, words, data, or anything else."""

import base64
import io
import tracemalloc

import httpx
import pytest
from get3w_core import APIError, LocalFileError, NotFoundError
from get3w_core.files.outputs import content_of, text_of, url_of
from PIL import Image


def picture(kind="PNG"):
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(file, kind)
    return file.getvalue()


PNG = picture()
RAW = base64.b64encode(PNG).decode()
WRAPPED = base64.encodebytes(PNG).decode()
A, B = "https://cdn.test/a.png", "https://cdn.test/b.glb"
MP4 = b"\x00\x00\x00\x20ftypisom" + bytes(60)


@pytest.mark.parametrize(
    ("output", "url"),
    [
        (A, A),
        ("HTTPS://cdn.test/a", "HTTPS://cdn.test/a"),
        ({"url": A}, A),
        ({"url": A, "model_url": B}, A),
        ({"download_url": B, "thumb_url": A}, B),
        ({"model_url": B, "seed": 3}, B),
        ({"model_url": B, "texture_url": A}, None),
        ({"url": "no address"}, None),
        ({"url": 3}, None),
        ({}, None),
        ({"image": A}, None),
        ("once upon a time", None),
        ("file:///etc/passwd", None),
        (RAW, None),
        (None, None),
        ([A], None),
    ],
)
def test_address_of_an_output(output, url):
    """An address is an output's own, or the one in an object that can be meant."""
    assert url == url_of(output)


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("once upon a time", "once upon a time"),
        ("", ""),
        ("word" * 100, "word" * 100),
        ({"text": "hi", "tokens": 3}, "hi"),
        ({"text": 3}, None),
        (A, None),
        ("data:image/png;base64,AAAA", None),
        (RAW, None),
        (RAW + " is what I found", RAW + " is what I found"),
        (WRAPPED, None),
        (3, None),
    ],
)
def test_words_of_an_output(output, text):
    """Words are what is neither an address nor data."""
    assert text == text_of(output)


def test_handle_tells_urls_and_text(side, script, ok):
    """A handle lists the addresses, and joins the words."""
    outputs = [A, "one", {"url": B}, {"text": "two"}, RAW, 3]
    handle = side.run(side.client(script(ok("completed", outputs=outputs))).prediction("pred_1"))

    assert [A, B] == handle.output_urls
    assert "one\ntwo" == handle.output_text
    assert outputs == handle.outputs


def test_no_outputs(side, script, ok, tmp_path):
    """Without outputs there are no addresses, no words and no files."""
    handle = side.run(side.client(script(ok("completed"))).prediction("pred_1"))

    assert ([], "", []) == (handle.output_urls, handle.output_text, handle.outputs)
    assert [] == side.run(handle.download(tmp_path))
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
@pytest.mark.parametrize(
    "encode",
    [
        lambda data: base64.b64encode(data).decode(),
        lambda data: base64.b64encode(data).decode().rstrip("="),
        lambda data: base64.encodebytes(data).decode(),
        lambda data: "data:;base64," + base64.b64encode(data).decode(),
        lambda data: "data:application/octet-stream;base64," + base64.b64encode(data).decode(),
        lambda data: "data:image/x;base64," + base64.b64encode(data).decode().replace("+", "%2B"),
    ],
    ids=["raw", "no padding", "lines", "no type", "no sensible type", "percent"],
)
def test_data_is_decoded(side, script, ok, tmp_path, kind, encode):
    """Base64 becomes the file it stands for, with a suffix that its first bytes tell."""
    content = picture(kind)
    server = script(ok("completed", outputs=[encode(content)]))
    handle = side.run(side.client(server).prediction("pred_1"))
    [path] = side.run(handle.download(tmp_path))

    assert {"JPEG": ".jpg"}.get(kind, f".{kind.lower()}") == path.suffix
    assert content == path.read_bytes()
    assert 1 == len(server.requests)


def test_large_data_is_decoded_in_pieces():
    """No piece is larger than a fraction of a large output."""
    content = PNG + bytes(5_000_000)
    pieces = list(content_of(base64.b64encode(content).decode()).pieces())

    assert content == b"".join(pieces)
    assert max(map(len, pieces)) < 1_000_000


@pytest.mark.parametrize(
    ("output", "name", "content"),
    [
        ({"url": A}, "pred_1-0-a.png", b"fetched"),
        ({"model_url": B}, "pred_1-0-b.glb", b"fetched"),
        ({"a_url": A, "b_url": B}, "pred_1-0.json", None),
        ({"seed": 3}, "pred_1-0.json", b'{\n  "seed": 3\n}'),
        ("a story", "pred_1-0.txt", b"a story"),
    ],
)
def test_each_kind_has_its_file(side, script, ok, tmp_path, output, name, content):
    """Objects with an address are fetched, other objects and words are written down."""
    answers = [ok("completed", outputs=[output]), httpx.Response(200, content=b"fetched")]
    handle = side.run(side.client(script(*answers)).prediction("pred_1"))
    [path] = side.run(handle.download(tmp_path))

    assert name == path.name
    assert content is None or content == path.read_bytes()


@pytest.mark.parametrize(
    ("headers", "content", "name"),
    [
        ({"Content-Type": "image/png"}, PNG, "pred_1-0-x.png"),
        ({"Content-Type": "application/octet-stream"}, PNG, "pred_1-0-x.png"),
        ({}, MP4, "pred_1-0-x.mp4"),
        ({}, b"glTF" + bytes(20), "pred_1-0-x.glb"),
        ({}, b"no idea", "pred_1-0-x.bin"),
        ({"Content-Type": "video/mp4"}, b"", "pred_1-0-x.mp4"),
    ],
)
def test_name_without_a_suffix_gets_one(side, script, ok, tmp_path, headers, content, name):
    """Type, then first bytes, tell the suffix that the address leaves out."""
    answers = [
        ok("completed", outputs=["https://cdn.test/x"]),
        httpx.Response(200, content=content, headers=headers),
    ]
    handle = side.run(side.client(script(*answers)).prediction("pred_1"))
    [path] = side.run(handle.download(tmp_path))

    assert name == path.name
    assert content == path.read_bytes()


def fetched(side, script, ok, outputs, *answers):
    server = script(ok("completed", outputs=outputs), *answers)
    return server, side.run(side.client(server).prediction("pred_1"))


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, *pieces):
        self.pieces = pieces

    def __iter__(self):
        yield from self.pieces

    async def __aiter__(self):
        for piece in self.pieces:
            yield piece


def test_progress_is_told(side, script, ok, tmp_path):
    """The hook is told the file, what has come and what will."""
    sized = httpx.Response(200, stream=Pieces(b"12", b"345"), headers={"Content-Length": "5"})
    endless = httpx.Response(200, stream=Pieces(b"1"))
    _, handle = fetched(side, script, ok, [A, "https://cdn.test/c", "text"], sized, endless)
    told = []
    side.run(handle.download(tmp_path, on_progress=lambda *values: told.append(values)))

    assert [
        (tmp_path / "pred_1-0-a.png", 2, 5),
        (tmp_path / "pred_1-0-a.png", 5, 5),
        (tmp_path / "pred_1-1-c.bin", 1, None),
        (tmp_path / "pred_1-2.txt", 4, None),
    ] == told


@pytest.mark.parametrize("output", [A, "text"])
@pytest.mark.parametrize("kind", [ZeroDivisionError, ValueError, OSError])
def test_progress_that_raises_stops(side, script, ok, tmp_path, output, kind):
    """What the caller's function raises comes through as it is, and nothing is left or repeated."""
    server, handle = fetched(side, script, ok, [output], httpx.Response(200, content=b"x"))

    def stop(*_):
        raise kind("mine")

    with pytest.raises(kind, match="mine") as caught:
        side.run(handle.download(tmp_path, on_progress=stop))

    assert not isinstance(caught.value, LocalFileError)
    assert [] == list(tmp_path.iterdir())
    assert len(server.requests) <= 2


@pytest.mark.parametrize("url", [A, "https://cdn.test/x", {"url": A}])
def test_what_is_there_is_not_fetched_again(side, script, ok, tmp_path, url):
    """A second download into the folder asks for nothing, and returns the same files."""
    answer = httpx.Response(200, content=PNG, headers={"Content-Type": "image/png"})
    server, handle = fetched(side, script, ok, [url], answer)
    first = side.run(handle.download(tmp_path))
    told = []
    second = side.run(handle.download(tmp_path, on_progress=lambda *values: told.append(values)))

    assert first == second
    assert 2 == len(server.requests)
    assert [(first[0], len(PNG), len(PNG))] == told


def test_an_empty_file_is_fetched_again(side, script, ok, tmp_path):
    """A file without content, as a crash may leave it, is not taken for whole."""
    (tmp_path / "pred_1-0-a.png").touch()
    _, handle = fetched(side, script, ok, [A], httpx.Response(200, content=b"x"))
    [path] = side.run(handle.download(tmp_path))

    assert b"x" == path.read_bytes()


def test_other_files_stay_as_they_are(side, script, ok, tmp_path):
    """Files of other names, and of other predictions, are neither read nor written."""
    names = ["a.png", "pred_1-1-a.png", "pred_2-0-a.png", "pred_1-0-a.png.txt", "pred_1-0.png"]
    for name in names:
        (tmp_path / name).write_text("mine")
    _, handle = fetched(side, script, ok, [A], httpx.Response(200, content=b"x"))
    [path] = side.run(handle.download(tmp_path))

    assert b"x" == path.read_bytes()
    assert {"mine"} == {(tmp_path / name).read_text() for name in names}


@pytest.mark.parametrize("status", [404, 410, 403])
def test_what_is_gone_says_why(side, script, ok, tmp_path, status):
    """An address that is gone tells how long outputs are kept."""
    _, handle = fetched(side, script, ok, [A], httpx.Response(status))
    with pytest.raises(APIError, match="7 days") as caught:
        side.run(handle.download(tmp_path))

    assert status == caught.value.status_code
    assert (status == 404) == isinstance(caught.value, NotFoundError)


@pytest.mark.parametrize("status", [401, 500])
def test_other_errors_say_nothing_of_it(side, script, ok, tmp_path, status):
    """Errors that are no sign of age give no such advice, and none about the key."""
    _, handle = fetched(side, script, ok, [A], httpx.Response(status))
    with pytest.raises(APIError, match=str(status)) as caught:
        side.run(handle.download(tmp_path))

    assert "7 days" not in str(caught.value)
    assert "GET3W_API_KEY" not in str(caught.value)


def test_a_large_file_is_never_held(side, script, ok, tmp_path):
    """A download of 64 MB in pieces needs a fraction of that in memory."""
    piece = bytes(1 << 20)
    _, handle = fetched(side, script, ok, [A], httpx.Response(200, stream=Pieces(*[piece] * 64)))
    tracemalloc.start()
    [path] = side.run(handle.download(tmp_path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert 64 << 20 == path.stat().st_size
    assert peak < 8 << 20
