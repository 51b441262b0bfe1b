"""Outputs land in the folder, whole or not at all, and nowhere else."""

import asyncio
import base64
import json
import threading
import time

import httpx
import pytest
from get3w_core import (
    AsyncClient,
    AsyncPrediction,
    Get3WError,
    NotFoundError,
    PredictionFailedError,
    ResponseFormatError,
)
from get3w_core._common.media_types import suffix_of_type
from get3w_core._common.prediction_data import PredictionData
from get3w_core.errors.base import LocalFileError
from get3w_core.flow.effects import HttpRequest
from get3w_core.http.sender_aio import AsyncSender
from get3w_core.outputs.names import file_name


def finished(side, script, ok, outputs, *answers, prediction_id="pred_1", **options):
    server = script(ok("completed", id=prediction_id, outputs=outputs), *answers)
    return server, side.run(side.client(server, **options).prediction(prediction_id))


def image(content=b"picture", content_type="image/png"):
    return httpx.Response(200, content=content, headers={"Content-Type": content_type})


def test_every_output_is_stored(side, script, ok, tmp_path):
    """Files come back in order, with the id and the place in their names."""
    outputs = ["https://cdn.test/x/a.png?sig=1", "https://cdn.test/y/a.png", "https://cdn.test/b"]
    _, prediction = finished(side, script, ok, outputs, image(b"1"), image(b"2"), image(b"3"))
    paths = side.run(prediction.download(tmp_path / "new" / "folder"))

    names = ["pred_1-0-a.png", "pred_1-1-a.png", "pred_1-2-b.png"]
    assert names == [path.name for path in paths]
    assert [b"1", b"2", b"3"] == [path.read_bytes() for path in paths]
    assert sorted(names) == sorted(path.name for path in (tmp_path / "new" / "folder").iterdir())


def test_the_key_stays_home(side, script, ok, tmp_path):
    """No Authorization goes to where outputs are, not even on the API's own origin."""
    outputs = ["https://cdn.test/a.png", "https://api.get3w.com/b.png"]
    server, prediction = finished(side, script, ok, outputs, image())
    side.run(prediction.download(tmp_path))

    assert "Authorization" in server.requests[0].headers
    assert not any("Authorization" in request.headers for request in server.requests[1:])
    assert {"identity"} == {r.headers["Accept-Encoding"] for r in server.requests[1:]}


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.test/..%2f..%2fescape.png",
        "https://cdn.test/%2e%2e%5c%2e%2e%5cescape.png",
        "https://cdn.test/a/..",
        "https://cdn.test/a/%2e%2e",
        "https://cdn.test//etc/passwd",
        "https://cdn.test/C:%5cescape.png",
        "https://cdn.test/%00.png",
        "https://cdn.test/",
        "https://cdn.test",
        "https://cdn.test/" + "x" * 5000,
        "https://cdn.test/" + "%F0%9F%98%80" * 50,
        "https://cdn.test/.htaccess",
    ],
)
@pytest.mark.parametrize(
    "prediction_id", ["pred_1", "../../escape", "/etc/passwd", "..", "\\\\host\\x"]
)
def test_no_name_leaves_the_folder(tmp_path, url, prediction_id):
    """Neither a URL nor an id leads out of the folder, and every name is short."""
    name = file_name(prediction_id, 0, url, ".png")
    folder = tmp_path / "folder"

    assert folder == (folder / name).resolve().parent
    assert len(name) < 200
    assert not name.startswith(".")
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def test_escape_through_the_client(side, script, ok, tmp_path):
    """The same through a whole download: nothing appears beside the folder."""
    folder = tmp_path / "folder"
    _, prediction = finished(
        side,
        script,
        ok,
        ["https://cdn.test/..%2f..%2fescape.png"],
        image(),
        prediction_id="../../pred",
    )
    paths = side.run(prediction.download(folder))

    assert [folder / "pred-0-escape.png"] == paths
    assert [folder] == list(tmp_path.iterdir())


def test_a_link_in_the_way_is_replaced_not_followed(side, script, ok, tmp_path):
    """A symbolic link of the same name does not lead the content elsewhere."""
    folder, elsewhere = tmp_path / "folder", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.write_bytes(b"before")
    (folder / "pred_1-0-a.png").symlink_to(elsewhere)
    _, prediction = finished(side, script, ok, ["https://cdn.test/a.png"], image(b"new"))
    [path] = side.run(prediction.download(folder))

    assert b"before" == elsewhere.read_bytes()
    assert b"new" == path.read_bytes()
    assert not path.is_symlink()


@pytest.mark.parametrize(
    ("output", "suffix", "content"),
    [
        ("Once upon a time", ".txt", b"Once upon a time"),
        ("file:///etc/passwd", ".txt", b"file:///etc/passwd"),
        ("data:image/png;base64,iVBORw==", ".png", b"\x89PNG"),
        ("DATA:text/plain;charset=utf-8,a%20b", ".txt", b"a b"),
        ("data:,plain", ".txt", b"plain"),
        ({"text": "hi"}, ".json", b'{\n  "text": "hi"\n}'),
        (None, ".json", b"null"),
        ("\ud800", ".txt", b"?"),
    ],
)
def test_outputs_that_are_no_urls(side, script, ok, tmp_path, output, suffix, content):
    """Text, data and objects are stored without a request."""
    server, prediction = finished(side, script, ok, [output])
    [path] = side.run(prediction.download(tmp_path))

    assert (f"pred_1-0{suffix}", content) == (path.name, path.read_bytes())
    assert 1 == len(server.requests)


@pytest.mark.parametrize("output", ["data:image/png;base64,???", "data:image/png"])
def test_data_that_cannot_be_decoded_is_a_format_error(side, script, ok, tmp_path, output):
    """A broken `data:` URL is an error of our own that names the prediction."""
    _, prediction = finished(side, script, ok, [output])
    with pytest.raises(ResponseFormatError) as caught:
        side.run(prediction.download(tmp_path))

    assert "pred_1" == caught.value.prediction_id
    assert [] == list(tmp_path.iterdir())


def test_download_is_repeated_from_the_beginning(side, script, ok, tmp_path):
    """What broke off is fetched again, and the file holds one copy."""

    def broken(request):
        class Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
            def __iter__(self):
                yield b"half of a longer pic"
                raise httpx.RemoteProtocolError("peer closed connection")

            async def __aiter__(self):
                for chunk in self:
                    yield chunk

        return httpx.Response(200, stream=Broken())

    outputs = ["https://cdn.test/a.png"]
    answers = [broken, httpx.ReadError, httpx.Response(503), image(b"picture")]
    _, prediction = finished(side, script, ok, outputs, *answers)
    [path] = side.run(prediction.download(tmp_path))

    assert b"picture" == path.read_bytes()


def test_a_failed_download_leaves_nothing(side, script, ok, tmp_path):
    """An output that is gone raises, says how long they are kept, and leaves no file."""
    _, prediction = finished(side, script, ok, ["https://cdn.test/a.png"], httpx.Response(404))
    with pytest.raises(NotFoundError, match="7 days") as caught:
        side.run(prediction.download(tmp_path))

    assert "pred_1" == caught.value.prediction_id
    assert [] == list(tmp_path.iterdir())


def test_a_redirect_is_not_followed(side, script, ok, tmp_path):
    """A redirect of a download is an error, not a visit elsewhere."""
    moved = httpx.Response(302, headers={"Location": "https://evil.test/"})
    server, prediction = finished(side, script, ok, ["https://cdn.test/a.png"], moved)
    with pytest.raises(Get3WError, match="redirect"):
        side.run(prediction.download(tmp_path))

    assert {"api.get3w.com", "cdn.test"} == {request.url.host for request in server.requests}


def test_a_folder_that_is_a_file_is_a_local_error(side, script, ok, tmp_path):
    """A folder that cannot be written to is an error of our own."""
    (tmp_path / "file").write_bytes(b"")
    _, prediction = finished(side, script, ok, ["text"])
    for folder in (tmp_path / "file", tmp_path / "file" / "below", "nul\0"):
        with pytest.raises(LocalFileError) as caught:
            side.run(prediction.download(folder))
        assert "pred_1" == caught.value.prediction_id


def test_a_running_prediction_has_nothing_to_download(side, script, ok, tmp_path):
    """A download before the end says to wait."""
    prediction = side.run(side.client(script(ok("processing"))).prediction("pred_1"))
    with pytest.raises(Get3WError, match=r"wait\(\) first"):
        side.run(prediction.download(tmp_path))


def test_a_failed_prediction_has_nothing_to_download(side, script, ok, tmp_path):
    """A download after a failure raises the failure."""
    prediction = side.run(side.client(script(ok("failed", error="no"))).prediction("pred_1"))
    with pytest.raises(PredictionFailedError):
        side.run(prediction.download(tmp_path))


def test_a_second_download_overwrites(side, script, ok, tmp_path):
    """The same prediction downloaded twice leaves one set of files."""
    _, prediction = finished(side, script, ok, ["one"])

    assert side.run(prediction.download(tmp_path)) == side.run(prediction.download(tmp_path))
    assert 1 == len(list(tmp_path.iterdir()))


@pytest.mark.parametrize(
    ("content_type", "suffix"),
    [
        ("image/jpeg", ".jpg"),
        ("IMAGE/PNG; charset=x", ".png"),
        ("video/mp4", ".mp4"),
        ("audio/mpeg", ".mp3"),
        ("application/x-unheard-of", ".bin"),
        ("", ".bin"),
    ],
)
def test_suffix_of_a_content_type(content_type, suffix):
    """A content type has one suffix on every machine; an unknown one is `.bin`."""
    assert suffix == suffix_of_type(content_type)


def test_files_are_readable_like_any_other(side, script, ok, tmp_path):
    """A stored file has the permissions of a file made by hand."""
    _, prediction = finished(side, script, ok, ["one"])
    [path] = side.run(prediction.download(tmp_path / "a"))
    by_hand = tmp_path / "by_hand"
    by_hand.write_text(json.dumps({}))

    assert by_hand.stat().st_mode == path.stat().st_mode


def test_the_loop_goes_on_while_data_is_decoded(key, tmp_path):
    """An async client decodes megabytes in a thread: the event loop is free meanwhile."""
    output = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(8 << 20)).decode()
    data = PredictionData("pred_1", "completed", outputs=(f"data:image/png;base64,{output}",))
    rounds = 0

    async def main():
        nonlocal rounds
        client = AsyncClient(key, "https://api.get3w.com")
        prediction = AsyncPrediction(
            data, surface="v3", origin="https://api.get3w.com", client=client
        )
        download = asyncio.create_task(prediction.download(tmp_path))
        while not download.done():
            rounds += 1
            await asyncio.sleep(0)
        return await download

    [path] = asyncio.run(main())

    assert 8 + (8 << 20) == path.stat().st_size
    assert 8 < rounds


class SlowSink:
    """A file on a slow disk, which notes the threads that write it, and that are told."""

    def __init__(self):
        self.writers, self.told, self.content = [], [], b""

    def restart(self, headers):
        pass

    def write(self, chunk):
        self.writers.append(threading.get_ident())
        time.sleep(0.02)
        self.content += chunk

    def written(self):
        self.told.append(threading.get_ident())


def test_slow_disk_does_not_hold_the_event_loop(options):
    """Once a disk is found to be slow, the rest is written in a thread; who is told stays here."""
    pieces = [bytes([number]) * 100 for number in range(6)]

    async def body():
        for piece in pieces:
            yield piece

    def answer(request):
        return httpx.Response(200, content=body())

    async def main(sink):
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            request = HttpRequest("GET", "https://cdn.test/a", sink=sink, authenticated=False)
            return await AsyncSender(http).send(request, options)

    sink = SlowSink()
    outcome = asyncio.run(main(sink))
    first, *others = sink.writers

    assert (200, None) == (outcome.status, outcome.problem)
    assert b"".join(pieces) == sink.content
    assert threading.get_ident() == first
    assert len(pieces) - 1 == len(others)
    assert threading.get_ident() not in others
    assert [threading.get_ident()] * len(pieces) == sink.told


def test_a_full_disk_in_a_thread_is_told_as_one(options):
    """What a write raises in a thread ends the download as it would here."""

    class FullSink(SlowSink):
        def write(self, chunk):
            if self.writers:
                raise LocalFileError("full")
            super().write(chunk)

    async def body():
        yield b"1"
        yield b"2"

    async def main():
        transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body()))
        async with httpx.AsyncClient(transport=transport) as http:
            request = HttpRequest("GET", "https://cdn.test/a", sink=FullSink(), authenticated=False)
            await AsyncSender(http).send(request, options)

    with pytest.raises(LocalFileError, match="full"):
        asyncio.run(main())
