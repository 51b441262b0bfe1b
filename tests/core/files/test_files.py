"""Files are judged before they are sent, and the same content is sent once."""

import asyncio
import io
import os
import threading
import tracemalloc

import httpx
import pytest
from get3w_core import AsyncClient, Client, LocalFileError
from get3w_core.files.upload_cache import KEPT_SECONDS, UploadCache

MIB = 1 << 20
PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)
HEADS = {
    ".png": PNG[:8],
    ".jpg": b"\xff\xd8\xff\xe0",
    ".webp": b"RIFF\0\0\0\0WEBPVP8 ",
    ".gif": b"GIF89a",
    ".mp4": b"\0\0\0\x20ftypisom",
    ".webm": b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm",
    ".mov": b"\0\0\0\x14ftypqt  ",
    ".mp3": b"ID3\x04",
    ".wav": b"RIFF\0\0\0\0WAVEfmt ",
    ".flac": b"fLaC",
    ".m4a": b"\0\0\0\x20ftypM4A ",
}
LIMITS = {
    **dict.fromkeys([".png", ".jpg", ".webp", ".gif"], ("image", 20)),
    **dict.fromkeys([".mp4", ".webm", ".mov"], ("video", 100)),
    **dict.fromkeys([".mp3", ".wav", ".flac", ".m4a"], ("audio", 50)),
}


def sparse(path, head, size):
    """Make a file of a size that takes no space on disk."""
    with path.open("wb") as file:
        file.write(head)
        file.truncate(size)
    return path


@pytest.fixture
def server(script, data):
    """A server that takes every upload without looking at it."""
    numbers = iter(range(1, 1000))
    return script(lambda request: data({"url": f"https://cdn.test/{next(numbers)}"}))


# Type and size


@pytest.mark.parametrize("suffix", HEADS)
@pytest.mark.parametrize("named", [True, False])
def test_a_file_beyond_the_limit_is_not_sent(side, server, tmp_path, suffix, named):
    """One byte too many is refused by the kind that name or content tell; the text says it all."""
    kind, limit = LIMITS[suffix]
    path = tmp_path / (f"big{suffix}" if named else "big")
    sparse(path, b"?" if named else HEADS[suffix], limit * MIB + 1)
    with pytest.raises(LocalFileError) as caught:
        side.run(side.client(server).upload(path))

    assert [] == server.requests
    assert path == caught.value.path
    for part in (str(path), kind, f"{limit}.0 MiB", f"{limit * MIB + 1} bytes", f"{limit} MiB"):
        assert part in str(caught.value)


def test_a_file_at_the_limit_is_sent(side, server, tmp_path):
    """Exactly the limit is allowed: 20 MiB, as the server may read 20 MB."""
    path = sparse(tmp_path / "just.png", PNG, 20 * MIB)

    assert "https://cdn.test/1" == side.run(side.client(server).upload(path))


@pytest.mark.parametrize(
    ("name", "head", "told"),
    [
        ("notes.txt", b"dear diary", "type is not known"),
        ("notes", b"dear diary", "type is not known"),
        ("photo.heic", b"\0\0\0\x18ftypheic", "it is HEIC"),
        ("photo.jpg", b"\0\0\0\x18ftypheic", "it is HEIC"),
        ("photo.avif", b"\0\0\0\x18ftypavif", "it is AVIF"),
        ("film.mkv", b"\x1aE\xdf\xa3\xa3B\x86\x81\x01B\x82\x88matroska", "it is MKV"),
        ("model.glb", b"glTF\x02\0\0\0", "it is GLB"),
    ],
)
def test_other_types_are_not_sent(side, server, tmp_path, name, head, told):
    """What Get3W does not take is refused, with what it takes, and a way to send it anyway."""
    path = tmp_path / name
    path.write_bytes(head)
    with pytest.raises(LocalFileError, match=told) as caught:
        side.run(side.client(server).upload(path))

    assert [] == server.requests
    for part in (name, "PNG, JPEG", "Nothing was sent", "content_type="):
        assert part in str(caught.value)


def test_a_type_that_is_given_is_believed(side, server, tmp_path):
    """`content_type=` sends what would not be sent otherwise."""
    path = tmp_path / "model.glb"
    path.write_bytes(b"glTF\x02\0\0\0")
    side.run(side.client(server).upload(path, content_type="model/gltf-binary"))

    assert b"Content-Type: model/gltf-binary" in server.requests[0].content


def test_a_given_type_has_its_limit(side, server, tmp_path):
    """A type that is given decides the limit."""
    path = sparse(tmp_path / "film.mp4", HEADS[".mp4"], 21 * MIB)
    with pytest.raises(LocalFileError, match="image files of at most 20 MiB"):
        side.run(side.client(server).upload(path, content_type="image/png"))

    assert [] == server.requests


def test_a_doubtful_kind_has_the_larger_limit(side, server, tmp_path):
    """Where name and content disagree, nothing is refused that the server may take."""
    path = sparse(tmp_path / "voice.m4a", HEADS[".mp4"], 60 * MIB)

    assert "https://cdn.test/1" == side.run(side.client(server).upload(path))


@pytest.mark.parametrize(
    ("name", "head", "sent"),
    [
        ("photo.jfif", b"\xff\xd8\xff\xe0", "photo.jfif.jpg"),
        ("photo", PNG, "photo.png"),
        ("photo.PNG", PNG, "photo.PNG"),
        ("clip.mov", b"\0\0\0\x08wide\0\0", "clip.mov"),
    ],
)
def test_a_file_is_sent_under_a_name_that_tells_its_type(side, server, tmp_path, name, head, sent):
    """A suffix that the server may not know is followed by one that it does."""
    path = tmp_path / name
    path.write_bytes(head)
    side.run(side.client(server).upload(path))

    assert f'filename="{sent}"'.encode() in server.requests[0].content


class Stream:
    """Something that can only be read, and that has no end."""

    def __init__(self, head):
        self.head = head
        self.given = 0

    def read(self, size=-1):
        self.given += size
        head, self.head = self.head, b""
        return (head + bytes(size))[:size]


def test_a_stream_without_end_is_given_up(side, server):
    """A stream is read up to the limit and not much further."""
    stream = Stream(PNG)
    with pytest.raises(LocalFileError, match=r"the file: it is more than 20\.\d MiB"):
        side.run(side.client(server).upload(stream))

    assert stream.given < 21 * MIB
    assert [] == server.requests


def test_a_pipe_without_seek_is_sent(side, server):
    """A pipe is sent whole, though it can be read only once."""
    ours, theirs = os.pipe()
    os.write(theirs, PNG + b"the rest")
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        side.run(side.client(server).upload(pipe))

    assert PNG + b"the rest" in server.requests[0].content


def test_a_large_file_is_not_held(server, tmp_path, key):
    """A file of 99 MiB goes up with a fraction of that in memory."""
    path = sparse(tmp_path / "film.mp4", HEADS[".mp4"], 99 * MIB)
    sizes = []

    class Counting(httpx.BaseTransport):
        def handle_request(self, request):
            sizes.append(sum(map(len, request.stream)))
            return httpx.Response(200, json={"data": {"url": "https://cdn.test/1"}})

    client = Client(key, http_client=httpx.Client(transport=Counting()))
    tracemalloc.start()
    client.upload(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert sizes[0] > 99 * MIB
    assert peak < 8 * MIB


# The same content once


def test_the_same_content_goes_up_once(side, server, tmp_path):
    """A path, a copy and a buffer of the same bytes share one upload of their client."""
    first, second = tmp_path / "a.png", tmp_path / "b.png"
    first.write_bytes(PNG)
    second.write_bytes(PNG)
    client = side.client(server)
    urls = [side.run(client.upload(file)) for file in (first, second, io.BytesIO(PNG))]

    assert ["https://cdn.test/1"] * 3 == urls
    assert 1 == len(server.requests)


def test_other_content_goes_up_for_itself(side, server, tmp_path):
    """A file that was changed is another content, and so is one that is sent as another type."""
    path = tmp_path / "a.png"
    client = side.client(server)
    urls = []
    for content in (PNG, PNG + b"2"):
        path.write_bytes(content)
        urls.append(side.run(client.upload(path)))
    urls.append(side.run(client.upload(path, content_type="image/x-own")))

    assert 3 == len(set(urls))


def test_reuse_can_be_declined(side, server):
    """`reuse=False` uploads again, and later calls get the newer URL."""
    client = side.client(server)
    files = [io.BytesIO(PNG) for _ in range(3)]
    urls = [
        side.run(client.upload(file, reuse=reuse))
        for file, reuse in zip(files, (True, False, True), strict=True)
    ]

    assert ["https://cdn.test/1", "https://cdn.test/2", "https://cdn.test/2"] == urls


def test_urls_are_forgotten_in_time(side, server):
    """After six days, one before the server's seven are over, the content goes up again."""
    client = side.client(server)
    urls = []
    for hours in (0, 6 * 24 - 1, 2):
        side.clock.now += hours * 3600
        urls.append(side.run(client.upload(io.BytesIO(PNG))))

    assert ["https://cdn.test/1", "https://cdn.test/1", "https://cdn.test/2"] == urls


def test_only_a_client_of_the_same_account_shares(script, data, key):
    """Derived clients share what was uploaded, unless key or server are others."""
    server = script(data({"url": "https://cdn.test/1"}))
    client = Client(key, http_client=httpx.Client(transport=httpx.MockTransport(server)))
    others = [{}, {"surface": "v1"}, {"api_key": "sk-other-0"}, {"base_url": "https://b.test"}]
    for changes in others:
        client.with_options(**changes).upload(io.BytesIO(PNG))

    assert 3 == len(server.requests)


def test_a_failed_upload_is_tried_again(side, script, data):
    """What did not go up is not taken for uploaded."""
    server = script(httpx.Response(400), data({"url": "https://cdn.test/1"}))
    client = side.client(server)
    with pytest.raises(Exception, match="400"):
        side.run(client.upload(io.BytesIO(PNG)))

    assert "https://cdn.test/1" == side.run(client.upload(io.BytesIO(PNG)))


def test_the_memory_is_bounded():
    """Only so many URLs are kept; the one that was not used for the longest goes first."""
    cache = UploadCache(most=2)
    for number in (1, 2):
        cache.keep((bytes([number]), "x"), f"url{number}", 0.0)
    cache.find((b"\1", "x"), 1.0)
    cache.keep((b"\3", "x"), "url3", 1.0)
    found = [cache.find((bytes([number]), "x"), 2.0) for number in (1, 2, 3)]

    assert ["url1", None, "url3"] == found


@pytest.mark.parametrize("now", [-1.0, KEPT_SECONDS, KEPT_SECONDS * 2])
def test_a_url_has_its_time(now):
    """Neither after its time nor before it, as when the clock was set back, is a URL given."""
    cache = UploadCache()
    cache.keep((b"", "x"), "url", 0.0)

    assert cache.find((b"", "x"), now) is None


def test_threads_at_once_send_one(data, key):
    """Many threads that bring the same content at the same moment send it once."""
    arrived, go = threading.Event(), threading.Event()
    requests = []

    def answer(request):
        requests.append(request)
        arrived.set()
        go.wait(10)
        return data({"url": f"https://cdn.test/{len(requests)}"})

    client = Client(key, http_client=httpx.Client(transport=httpx.MockTransport(answer)))
    urls = []
    threads = [
        threading.Thread(target=lambda: urls.append(client.upload(io.BytesIO(PNG))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    arrived.wait(10)
    go.set()
    for thread in threads:
        thread.join()

    assert ["https://cdn.test/1"] * 8 == urls
    assert 1 == len(requests)


def test_tasks_at_once_send_one(data, ok, key, Paint, tmp_path):
    """Submits that are gathered share the upload of their file."""
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    requests = []

    async def answer(request):
        await request.aread()
        requests.append(request.url.path)
        await asyncio.sleep(0)
        upload = request.url.path.endswith("/upload")
        return data({"url": "https://cdn.test/1"}) if upload else ok()

    async def main():
        http_client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        client = AsyncClient(key, http_client=http_client)
        await asyncio.gather(
            *(client.submit(Paint(prompt=f"{number}", image=path)) for number in range(10))
        )

    asyncio.run(main())

    assert 1 == requests.count("/api/v3/files/upload")
    assert 10 == requests.count("/api/v3/get3w/paint")


def test_a_cancelled_upload_leaves_it_to_others(data, key):
    """Whoever waits for an upload that is cancelled makes it."""
    requests = []

    async def main():
        started = asyncio.Event()

        async def answer(request):
            requests.append(request)
            started.set()
            if len(requests) == 1:
                await asyncio.Event().wait()
            return data({"url": "https://cdn.test/2"})

        http_client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        client = AsyncClient(key, http_client=http_client)
        first = asyncio.create_task(client.upload(io.BytesIO(PNG)))
        await started.wait()
        second = asyncio.create_task(client.upload(io.BytesIO(PNG)))
        await asyncio.sleep(0)
        first.cancel()
        return await second

    assert "https://cdn.test/2" == asyncio.run(main())


def test_the_loop_goes_on_while_a_file_is_read(server, key):
    """An async client reads files in a thread: the event loop is free meanwhile."""
    readers = set()

    class Watched(io.BytesIO):
        def read(self, *arguments):
            readers.add(threading.current_thread() is threading.main_thread())
            return super().read(*arguments)

    seen = {}

    class Late(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            seen["before"] = set(readers)
            await request.aread()
            return server(request)

    async def main():
        client = AsyncClient(key, http_client=httpx.AsyncClient(transport=Late()))
        await client.upload(Watched(PNG + bytes(MIB)))

    asyncio.run(main())

    assert {False} == seen["before"]
