"""Local files go up first, and nothing is sent for one that cannot."""

import asyncio
import contextlib
import io
import os
import threading
import time

import httpx
import pytest
from get3w_core import (
    BadRequestError,
    ConnectionFailedError,
    Get3WError,
    RequestValidationError,
    ResponseFormatError,
)
from get3w_core._common.media_types import safe_name
from get3w_core.errors.base import LocalFileError
from get3w_core.http.threaded_stream import in_thread

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def uploads(data, ok):
    """Answer uploads with numbered URLs and everything else with a prediction."""
    numbers = iter(range(1, 100))

    def answer(request):
        if request.url.path == "/api/v3/files/upload":
            return data({"url": f"https://cdn.test/{next(numbers)}"})
        return ok()

    return answer


@pytest.mark.parametrize("field", ["url", "download_url"])
def test_upload_returns_the_url(side, script, data, tmp_path, field):
    """A path goes up as the multipart part `file`, and its URL comes back."""
    path = tmp_path / "My Photo.png"
    path.write_bytes(PNG)
    server = script(data({field: "https://cdn.test/a.png"}))

    assert "https://cdn.test/a.png" == side.run(side.client(server).upload(path))
    request = server.requests[0]
    assert "/api/v3/files/upload" == request.url.path
    assert request.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'name="file"; filename="My_Photo.png"' in request.content
    assert b"Content-Type: image/png" in request.content
    assert PNG in request.content
    assert "Authorization" in request.headers


@pytest.mark.parametrize(
    ("head", "content_type", "suffix"),
    [
        (PNG, "image/png", ".png"),
        (b"\xff\xd8\xff\xe0rest", "image/jpeg", ".jpg"),
        (b"GIF89a", "image/gif", ".gif"),
        (b"RIFF\x01\n\x01\x01WEBPVP8 ", "image/webp", ".webp"),
        (b"RIFF\x01\x01\x01\x01WAVEfmt ", "audio/wav", ".wav"),
        (b"\x00\x00\x00\x20ftypisom", "video/mp4", ".mp4"),
        (b"\x00\x00\x00\x20ftypM4A ", "audio/mp4", ".m4a"),
        (b"\x00\x00\x00\x20ftypqt  ", "video/quicktime", ".mov"),
        (b"\x1aE\xdf\xa3....", "video/webm", ".webm"),
        (b"ID3\x04", "audio/mpeg", ".mp3"),
        (b"\xff\xfb\x90", "audio/mpeg", ".mp3"),
        (b"fLaC", "audio/flac", ".flac"),
    ],
)
def test_content_type_is_sniffed(side, script, data, head, content_type, suffix):
    """Without a name the first bytes tell the type and the suffix."""
    server = script(data({"url": "https://cdn.test/a"}))
    side.run(side.client(server).upload(io.BytesIO(head)))

    assert f"Content-Type: {content_type}\r\n".encode() in server.requests[0].content
    assert f'filename="upload{suffix}"'.encode() in server.requests[0].content


def test_name_and_argument_tell_the_type_first(side, script, data, tmp_path):
    """The suffix wins over the bytes, and `content_type=` over both."""
    path = tmp_path / "a.JPEG"
    path.write_bytes(PNG)
    server = script(data({"url": "https://cdn.test/a"}))
    client = side.client(server)
    side.run(client.upload(str(path)))
    side.run(client.upload(path, content_type="image/x-own"))

    assert b"Content-Type: image/jpeg" in server.requests[0].content
    assert b"Content-Type: image/x-own" in server.requests[1].content


def test_upload_is_repeated_from_the_beginning(side, script, data):
    """An upload costs nothing, so it is repeated, whole each time, wherever the file stands."""
    server = script(httpx.ReadError, httpx.Response(503), data({"url": "https://cdn.test/a"}))
    file = io.BytesIO(PNG)
    file.seek(0, os.SEEK_END)
    side.run(side.client(server).upload(file))

    assert [True] * 3 == [PNG in request.content for request in server.requests]
    assert not file.closed


def test_a_pipe_is_kept_for_repeats(side, script, data):
    """What can be read only once is sent whole in a repeat all the same."""
    ours, theirs = os.pipe()
    os.write(theirs, PNG)
    os.close(theirs)
    server = script(httpx.ReadError, data({"url": "https://cdn.test/a"}))
    with os.fdopen(ours, "rb") as pipe:
        side.run(side.client(server).upload(pipe))

    assert PNG in server.requests[1].content
    assert b'filename="upload.png"' in server.requests[1].content


def closed():
    file = io.BytesIO(PNG)
    file.close()
    return file


@pytest.mark.parametrize(
    "bad",
    [
        lambda folder: folder / "missing.png",
        lambda folder: folder,
        lambda folder: "nul\0byte",
        lambda folder: "\ud800",
        lambda folder: io.StringIO("text"),
        lambda folder: io.BytesIO(b""),
        lambda folder: closed(),
        lambda folder: PNG,
        lambda folder: None,
    ],
    ids=["missing", "folder", "nul", "surrogate", "text", "empty", "closed", "bytes", "none"],
)
def test_a_file_that_cannot_be_read_sends_nothing(side, script, data, tmp_path, bad):
    """The error is ours, says so, and comes before any request."""
    server = script(data({"url": "https://cdn.test/a"}))
    with pytest.raises(LocalFileError, match="Nothing was sent"):
        side.run(side.client(server).upload(bad(tmp_path)))

    assert [] == server.requests


@pytest.mark.parametrize("status", [200, 400])
def test_a_file_that_is_written_to_meanwhile(side, script, data, tmp_path, status):
    """A file that changes while it goes up is an error, and its URL serves no other upload."""
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    urls = iter(["https://cdn.test/half", "https://cdn.test/whole"])

    def written(request):
        path.write_bytes(PNG + b"more")
        return data({"url": next(urls)}, status)

    server = script(written, lambda request: data({"url": next(urls)}))
    client = side.client(server)
    with pytest.raises(LocalFileError, match=r"a\.png was changed") as caught:
        side.run(client.upload(path))
    path.write_bytes(PNG)

    assert path == caught.value.path
    assert side.run(client.upload(path)).endswith("whole")


@pytest.mark.parametrize("value", [None, {}, {"url": ""}, {"url": 3}, []])
def test_answer_without_a_url_is_a_format_error(side, script, data, value):
    """An upload that is answered without a URL is an error of our own."""
    with pytest.raises(ResponseFormatError):
        side.run(side.client(script(data(value))).upload(io.BytesIO(PNG)))


def test_files_in_a_request_go_up_first(side, script, data, ok, Paint, tmp_path):
    """Paths and open files anywhere in a request become URLs, the same one once."""
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    file = io.BytesIO(PNG + b"another")
    server = script(uploads(data, ok))
    request = Paint(prompt="x", image=path, images=[path, "https://e.test/b", file, file])
    side.run(
        side.client(server).submit(request, extra_body={"mask": {"image": file}, "prompt": "y"})
    )

    assert 3 == len(server.requests)
    assert {
        "prompt": "y",
        "image": "https://cdn.test/1",
        "images": [
            "https://cdn.test/1",
            "https://e.test/b",
            "https://cdn.test/2",
            "https://cdn.test/2",
        ],
        "mask": {"image": "https://cdn.test/2"},
    } == server.body(2)


@pytest.mark.parametrize("spelt", ["{}", "file://{}", "./{}", "@{}"])
def test_text_is_never_read_as_a_file(side, script, ok, Paint, tmp_path, spelt):
    """The path of a file as a text is words of somebody: no file is opened, none is sent."""
    path = tmp_path / "key.png"
    path.write_bytes(PNG + b"secret")
    text = spelt.format(path)
    server, given = script(ok(), ok()), {"prompt": text, "image": text, "images": [text]}
    with pytest.raises(ValueError, match="pass Path"):
        Paint(**given)
    for request, more in ((Paint.model_validate(given), {}), (Paint(prompt=text), {"note": text})):
        with contextlib.suppress(RequestValidationError):
            side.run(side.client(server).submit(request, extra_body=more))

    assert 0 < len(server.paths)
    assert "/api/v3/files/upload" not in server.paths
    assert b"secret" not in b"".join(request.content for request in server.requests)


def test_one_missing_file_sends_none(side, script, data, ok, Paint, tmp_path):
    """All files are opened before the first is sent."""
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    server = script(uploads(data, ok))
    with pytest.raises(LocalFileError, match=r"gone\.png"):
        side.run(
            side.client(server).submit(
                Paint(prompt="x", image=path, images=[tmp_path / "gone.png"])
            )
        )

    assert [] == server.requests


@pytest.mark.parametrize(
    ("failure", "kind"),
    [(httpx.Response(400), BadRequestError), (httpx.ConnectError, ConnectionFailedError)],
)
def test_a_failed_upload_submits_nothing(side, script, Paint, failure, kind):
    """Without its file a request is not submitted."""
    server = script(failure)
    with pytest.raises(kind):
        side.run(side.client(server).submit(Paint(prompt="x", image=io.BytesIO(PNG))))

    assert {"/api/v3/files/upload"} == set(server.paths)


def test_body_is_checked_just_before_it_is_sent(side, script, ok, Paint):
    """A list that was changed after construction is caught, and nothing is sent."""
    request = Paint(prompt="x", images=["https://e.test/a"])
    request.images.append(3)
    server = script(ok())
    with pytest.raises(RequestValidationError):
        side.run(side.client(server).submit(request))

    assert [] == server.requests


def test_extra_body_is_merged_last(side, script, ok, paint):
    """`extra_body` passes what the schema does not know, and wins."""
    server = script(ok())
    side.run(side.client(server).submit(paint, extra_body={"new": [1], "prompt": "other"}))

    assert {"prompt": "other", "new": [1]} == server.body()


def endless():
    value = []
    value.append(value)
    return value


@pytest.mark.parametrize("value", [float("nan"), object(), b"bytes", {(1, 2): 3}, endless()])
def test_extra_body_that_is_no_json_is_refused(side, script, ok, paint, value):
    """What JSON cannot say is an error of our own, and nothing is sent."""
    server = script(ok())
    with pytest.raises(Get3WError):
        side.run(side.client(server).submit(paint, extra_body={"x": value}))

    assert [] == server.requests


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("photo.png", "photo.png"),
        ("../../etc/passwd", "etc_passwd"),
        (".bashrc", "bashrc"),
        ("-rf", "rf"),
        ("a b\r\nc.png", "a_b_c.png"),
        ('x";y=".png', "x_y_.png"),
        ("日本.png", "png"),
        ("...", ""),
        ("x" * 300 + ".png", "x" * 96 + ".png"),
    ],
)
def test_names_are_made_plain(text, name):
    """Only plain characters stay, nothing leads that hides, and the suffix survives."""
    assert name == safe_name(text)


class SlowPieces(httpx.SyncByteStream):
    """The body of a slow disk, which notes the threads that read it."""

    def __init__(self):
        self.threads = []

    def __iter__(self):
        for number in range(6):
            self.threads.append(threading.get_ident())
            time.sleep(0.02)
            yield bytes([number])


def test_slow_disk_does_not_hold_the_event_loop():
    """Once a body is found to be slow, what is left of it is read in a thread."""
    stream = SlowPieces()

    async def main():
        return [piece async for piece in in_thread(httpx, stream)]

    pieces = asyncio.run(main())
    first, *others = stream.threads

    assert bytes(range(6)) == b"".join(pieces)
    assert threading.get_ident() == first
    assert 5 == len(others)
    assert threading.get_ident() not in others
