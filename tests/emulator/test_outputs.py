"""The files that predictions end in, and the files that are uploaded."""

import io
import json

import pytest
from get3w_emulator.answers import ApiError
from get3w_emulator.pictures import picture, picture_size
from get3w_emulator.uploads import Uploads
from PIL import Image

MODEL = "/api/v3/get3w/flux-dev"
UPLOAD = "/api/v3/files/upload"
MIB = 1024 * 1024


def submit(http, body, model="get3w/flux-dev"):
    return http.post(f"/api/v3/{model}", content=json.dumps(body)).json()["data"]["id"]


def opened(content):
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize("model", ["get3w/flux-dev", "google/veo3", "minimax/speech-02-hd"])
def test_output_is_a_picture_without_a_key(http, stranger, clock, model):
    """Every model ends in a PNG that a decoder opens and anybody may fetch."""
    body = {"prompt": "x"} if "speech" not in model else {"text": "x", "voice_id": "Wise_Woman"}
    output = f"/_outputs/{submit(http, body, model)}/0.png"

    assert 404 == stranger.get(output).status_code

    clock.advance(1)
    answer = stranger.get(output)

    assert "image/png" == answer.headers["content-type"]
    assert ("PNG", (1024, 1024)) == (opened(answer.content).format, opened(answer.content).size)
    assert 404 == stranger.get(output.replace("/0.", "/1.")).status_code


@pytest.mark.parametrize(
    ("body", "size"),
    [
        ({}, (1024, 1024)),
        ({"width": 640, "height": 360}, (640, 360)),
        ({"width": 640.0}, (640, 640)),
        ({"height": 360}, (360, 360)),
        ({"size": "1280*720"}, (1280, 720)),
        ({"size": "1280x720"}, (1280, 720)),
        ({"size": "720p"}, (1024, 1024)),
        ({"size": "0*0"}, (1024, 1024)),
        ({"width": 99999, "height": 1}, (2048, 1)),
        ({"width": -5, "height": 0}, (1024, 1024)),
        ({"width": True, "height": "x"}, (1024, 1024)),
    ],
)
def test_size_follows_the_input(body, size):
    """Width and height, or the size, decide; what makes no sense does not."""
    assert size == picture_size(body)
    assert size == opened(picture("a/b", body, "a prompt")).size


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        " \n\t ",
        "\x00\x1b",
        "\ud800 lone",
        "日本語 العربية",
        "😀" * 50,
        "w" * 5000,
        "word " * 2000,
    ],
)
@pytest.mark.parametrize("side", [1, 40, 512])
def test_any_prompt_can_be_drawn(prompt, side):
    """No text breaks the drawing, at no size."""
    content = picture("a/b", {"width": side, "prompt": prompt}, prompt)

    assert (side, side) == opened(content).size


def test_prompt_of_broken_unicode_comes_back_as_it_was(http, clock):
    """Half a surrogate pair passes through the server and ends in a picture."""
    prediction = submit(http, {"prompt": "\ud800"})
    clock.advance(1)

    answer = http.get(f"/api/v3/predictions/{prediction}")

    assert {"prompt": "\ud800"} == json.loads(answer.content)["data"]["input"]
    assert 200 == http.get(f"/_outputs/{prediction}/0.png").status_code


def test_picture_follows_from_the_request():
    """The same request gives the same bytes; another text or model does not."""
    body = {"prompt": "x"}

    assert picture("a/b", body, "x") == picture("a/b", {**body}, "x")
    assert picture("a/b", body, "x") != picture("a/c", body, "x")
    assert picture("a/b", body, "x") != picture("a/b", {"prompt": "y"}, "y")


def test_prompt_is_drawn():
    """A long text leaves more white in the picture than a short one."""
    blank = opened(picture("a/b", {}, "."))
    full = opened(picture("a/b", {}, "a long prompt " * 20))

    def bright(image):
        return sum(1 for pixel in image.convert("L").tobytes() if pixel > 230)

    assert bright(blank) + 5000 < bright(full)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.png", "image/png"),
        ("a.JPG", "image/jpeg"),
        ("a.jpeg", "image/jpeg"),
        ("a.webp", "image/webp"),
        ("a.gif", "image/gif"),
        ("a.mp4", "video/mp4"),
        ("a.webm", "video/webm"),
        ("a.mov", "video/quicktime"),
        ("a.mp3", "audio/mpeg"),
        ("a.wav", "audio/wav"),
        ("a.flac", "audio/flac"),
        ("a.m4a", "audio/mp4"),
    ],
)
def test_upload_is_served_as_it_came(http, stranger, emulator, name, media_type):
    """Each documented format is taken, and its address answers with the bytes."""
    answer = http.post(UPLOAD, files={"file": (name, b"\x00\xff bytes")})

    url = answer.json()["data"]["url"]
    assert {"code": 200, "message": "success", "data": {"url": url}} == answer.json()
    assert url.startswith(f"{emulator.url}/_uploads/")
    assert url.endswith(name[1:].lower())
    served = stranger.get(url)
    assert (b"\x00\xff bytes", media_type) == (served.content, served.headers["content-type"])


@pytest.mark.parametrize(
    ("file", "extension"),
    [
        (("upload", b"x", "image/webp"), ".webp"),
        (("upload", b"x", "audio/x-wav"), ".wav"),
        (("upload", b"\x89PNG\r\n", "application/octet-stream"), ".png"),
        (("upload", b"RIFF....WAVE", "application/octet-stream"), ".wav"),
        (("upload", b"....ftypisom", "application/octet-stream"), ".mp4"),
        (("upload", b"....ftypM4A ", "application/octet-stream"), ".m4a"),
    ],
)
def test_upload_without_an_extension_is_recognised(http, file, extension):
    """The media type tells the format, else the first bytes do."""
    assert http.post(UPLOAD, files={"file": file}).json()["data"]["url"].endswith(extension)


@pytest.mark.parametrize(
    "call",
    [
        {"files": {"file": ("a.txt", b"x")}},
        {"files": {"file": ("a.pdf", b"\x89PNG", "image/png")}},
        {"files": {"file": ("upload", b"x", "application/octet-stream")}},
        {"files": {"file": ("a.png", b"")}},
        {"files": {"picture": ("a.png", b"x")}},
        {"data": {"file": "a.png"}},
        {"json": {"file": "a.png"}},
        {"content": b"junk", "headers": {"content-type": "multipart/form-data; boundary=x"}},
        {"content": b"junk", "headers": {"content-type": "multipart/form-data"}},
        {},
    ],
)
def test_upload_of_something_else_is_refused(http, call):
    """What is no file of a documented format is answered 400."""
    answer = http.post(UPLOAD, **call)

    assert (400, "Invalid parameters") == (answer.status_code, answer.json()["message"])
    assert answer.json()["details"]


@pytest.mark.parametrize(
    ("name", "most"), [("a.png", 20 * MIB), ("a.mp3", 50 * MIB), ("a.mp4", 100 * MIB)]
)
def test_each_kind_has_its_limit(name, most):
    """A file at the limit passes, one byte more does not."""
    assert Uploads().add(name, "", bytes(most)).endswith(name[1:])
    with pytest.raises(ApiError, match="File too large"):
        Uploads().add(name, "", bytes(most + 1))


def test_upload_that_is_too_large_is_refused(http):
    """A file over the limit of its kind is answered 413."""
    over = http.post(UPLOAD, files={"file": ("a.png", bytes(20 * MIB + 1))})

    assert 413 == over.status_code
    assert {
        "code": 413,
        "message": "File too large",
        "data": None,
        "details": [{"pointer": "/file", "message": "is larger than 20 MB"}],
    } == over.json()


def test_upload_larger_than_any_kind_is_refused_unread(http):
    """A call that declares more than any file may have is answered without being kept."""
    answer = http.post(UPLOAD, files={"file": ("a.mp4", bytes(101 * MIB))})

    assert 413 == answer.status_code
