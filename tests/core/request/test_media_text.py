"""Which texts pass for a picture, a video or a sound."""

import base64
import string

import pytest
from get3w_core import (
    Media,
    MediaList,
    ModelInfo,
    ModelRequest,
    Omittable,
    RequestValidationError,
    validation_errors,
)
from hypothesis import given
from hypothesis import strategies as st

URL = "https://example.com/a.png"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


class PaintRequest(ModelRequest, frozen=True):
    __model__ = ModelInfo("test/paint")

    image: Omittable[Media] = None
    images: Omittable[MediaList] = None
    any: Omittable[Media | bool] = None


def said(**given):
    """Return what a submit function says of a text, where it refuses it."""
    with pytest.raises(RequestValidationError) as caught, validation_errors(PaintRequest):
        PaintRequest(**given)
    [error] = caught.value.errors
    return error.message


PATHS = [
    *("photo.png", "photo.heic", ".avif", "clip.mkv", "./photo", "../a/b", "photo", "~/photo"),
    *("/home/me/photo", "home/me/holiday/photo", "C:\\photo", "C:\\my photos\\b.png", "C:/a/b"),
    *("//server/share/photo", "a photo of a cat", "aGVsbG8=", "x" * 50, "photo.png ", "ünïcode"),
]


@pytest.mark.parametrize("text", PATHS)
def test_path_is_refused_with_what_to_write(text):
    """What is neither a URL nor the content of a file is most likely a path."""
    message = f"This is no URL; for a file of this machine pass Path({text!r})"

    assert message == said(image=text).partition(" (got")[0]
    assert message == said(images=[URL, text]).partition(" (got")[0]


@pytest.mark.parametrize("text", ["", " ", "\n", "." * 200])
def test_no_name_of_a_file_is_made_up(text):
    """Of nothing, and of what is long, no path is quoted."""
    assert said(image=text).startswith("This is no URL; for a file of this machine pass Path(")


@pytest.mark.parametrize(
    "text",
    [
        "ttps://x/y.png",
        "http:/typo.png",
        "https:x.png",
        "s3://b/c.png",
        "ftp://x/y.png",
        "blob:x/y",
    ],
)
def test_other_schemes_are_refused(text):
    """Get3W fetches over http and https alone."""
    message = "This is no URL; one begins with https:// or http://; for a file of this machine pass"

    assert said(image=text).startswith(message)


@pytest.mark.parametrize(
    "text",
    [f" {URL}", f"{URL} ", f"{URL}\n", "\thttps://x/y.png", "https://x/my photo.png", "https:// x"],
)
def test_white_space_in_a_url_is_named(text):
    """A URL that was pasted with a space is not taken for a path."""
    assert said(image=text).startswith("A URL holds no white space: take it away, or write %20")


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("https://", "host"),
        ("http:///photo.png", "host"),
        ("https://:80/photo.png", "host"),
        ("https://?a=b", "host"),
        ("data:", "data"),
        ("data:image/png;base64,", "data"),
    ],
)
def test_missing_part_of_a_url_is_named(text, missing):
    """A URL without a host, or without data, leads nowhere."""
    assert said(image=text).startswith(f"This is no URL; the {missing} is missing")


@pytest.mark.parametrize(
    "text",
    [
        *(URL, "HTTP://EXAMPLE.COM", "https://me:pw@host/x", "http://[::1]:80/x", "https://ü.de/ö"),
        *("data:image/png;base64,aGk=", "data:,a b", "DATA:image/svg+xml,%3Csvg/%3E"),
    ],
)
def test_url_passes(text):
    """A URL of the web, or one that holds its data, passes unchanged."""
    assert text == PaintRequest(image=text).image
    assert [text] == PaintRequest(images=[text]).images
    assert text == PaintRequest(any=text).any


@pytest.mark.parametrize(
    "content",
    [
        *(
            PNG,
            b"\xff\xd8\xff\xe0" + bytes(9),
            b"GIF89a",
            b"RIFF\0\0\0\0WEBP",
            b"fLaC",
            b"ID3" * 99,
        ),
        *(b"\0\0\0\x18ftypmp42", b"\x1aE\xdf\xa3", bytes(range(256)) * 9, b"BM" + bytes(300)),
    ],
)
@pytest.mark.parametrize(
    "written",
    [
        lambda content: base64.b64encode(content).decode(),
        lambda content: base64.b64encode(content).decode().rstrip("="),
        lambda content: base64.urlsafe_b64encode(content).decode(),
        lambda content: base64.encodebytes(content).decode(),
    ],
)
def test_content_as_base64_passes(content, written):
    """The content of a file passes in each of the ways in which BASE64 is written."""
    text = written(content)

    assert text == PaintRequest(image=text).image


@given(
    st.text(f"{string.ascii_letters}{string.digits}./\\ -_~:=+", max_size=60).filter(
        lambda text: not text.lower().startswith(("http", "data:"))
    )
)
def test_short_text_without_a_scheme_is_refused(text):
    """No path of any shape is taken for media, unless it begins like a file in BASE64."""
    if text.startswith(("iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR", "ZkxhQ", "GkXfo", "Z2xUR")):
        return
    assert "Path(" in said(image=text) or "white space" in said(image=text)


@given(st.binary(min_size=192, max_size=4000))
def test_any_long_content_passes(content):
    """Content of a kind that is not known here passes once it is too long for a path."""
    text = base64.b64encode(content).decode()

    assert text == PaintRequest(image=text).image


@pytest.mark.parametrize("text", ["photo.heic", "", "ttps://x/y.png", f" {URL}"])
@pytest.mark.parametrize("name", ["image", "images"])
def test_nothing_is_sent_for_what_is_no_media(side, script, ok, text, name):
    """A body that was read, or a copy, is judged as a constructor would, before it is sent."""
    value = [text] if name == "images" else text
    server = script(ok())
    for request in (
        PaintRequest.model_validate({name: value}),
        PaintRequest().model_copy(update={name: value}),
    ):
        with pytest.raises(RequestValidationError, match="URL"):
            side.run(side.client(server).submit(request))

    assert [] == server.requests
