"""File objects of many libraries go up whole, or are refused with the type and the way out."""

import asyncio
import bz2
import codecs
import ctypes
import gzip
import io
import lzma
import os
import select
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import zipfile

import aiofiles
import anyio
import httpx
import pytest
from get3w_core import AsyncClient, LocalFileError
from starlette.datastructures import UploadFile

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20


@pytest.fixture
def server(script, data):
    """A server that takes every upload."""
    return script(data({"url": "https://cdn.test/1"}))


class Reader:
    """An object that has `read` and nothing else, and gives *pieces*."""

    def __init__(self, *pieces):
        self.pieces = list(pieces)

    def read(self, size=-1):
        piece = self.pieces.pop(0) if self.pieces else b""
        if isinstance(piece, Exception):
            raise piece
        return piece


class WholeReader:
    """An object whose `read` takes no size."""

    def read(self):
        return PNG


class Remote(io.RawIOBase):
    """A file of another machine, as fsspec has them: its descriptor means nothing."""

    path = "bucket/picture.png"

    def __init__(self):
        self.place = 0

    def readable(self):
        return True

    def seekable(self):
        return True

    def seek(self, place, whence=0):
        self.place = place + (len(PNG) if whence == os.SEEK_END else 0)
        return self.place

    def readinto(self, buffer):
        piece = PNG[self.place : self.place + min(len(buffer), 100)]
        buffer[: len(piece)] = piece
        self.place += len(piece)
        return len(piece)


def pipe(blocking, *, pieces):
    """A pipe that is written to in *pieces*, with a pause that ends once the first was read."""
    ours, theirs = os.pipe()
    os.set_blocking(ours, blocking)

    def write():
        with os.fdopen(theirs, "wb", buffering=0) as end:
            for piece in pieces:
                end.write(piece)

    threading.Thread(target=write).start()
    return os.fdopen(ours, "rb", buffering=0)


def short_pipe():
    """A pipe whose first read gives three bytes."""
    ours, theirs = os.pipe()
    os.write(theirs, PNG[:3])

    class Short(io.FileIO):
        def read(self, size=-1):
            piece = super().read(size)
            if piece == PNG[:3]:
                os.write(theirs, PNG[3:])
                os.close(theirs)
            return piece

    return Short(ours, "rb")


def compressed(module, folder):
    with module.open(folder / "a.png.z", "wb") as file:
        file.write(PNG)
    return module.open(folder / "a.png.z")


def zipped(folder):
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.png", PNG)
    return zipfile.ZipFile(folder / "a.zip").open("a.png")


def on_disk(folder):
    (folder / "a.png").write_bytes(PNG)
    return folder / "a.png"


def spooled(mode="w+b"):
    file = tempfile.SpooledTemporaryFile(mode=mode)  # noqa: SIM115 - the test closes it
    file.write(PNG)
    return file


def later():
    file = io.BytesIO(PNG)
    file.seek(100)
    return file


async def opened(manager):
    return await manager


KINDS = {
    "starlette": lambda folder: UploadFile(io.BytesIO(PNG), filename="a.png"),
    "starlette-spooled": lambda folder: UploadFile(spooled(), filename="a.png"),
    "aiofiles": lambda folder: asyncio.run(opened(aiofiles.open(on_disk(folder), "rb"))),
    "anyio": lambda folder: anyio.AsyncFile(on_disk(folder).open("rb")),
    "pipe": lambda folder: pipe(True, pieces=[PNG]),
    "non-blocking pipe": lambda folder: pipe(False, pieces=[PNG[:3], PNG[3:50], PNG[50:]]),
    "buffered non-blocking pipe": lambda folder: io.BufferedReader(pipe(False, pieces=[PNG])),
    "short pipe": lambda folder: short_pipe(),
    "bytearray": lambda folder: Reader(bytearray(PNG[:3]), bytearray(PNG[3:])),
    "memoryview": lambda folder: Reader(memoryview(PNG)),
    "no size": lambda folder: WholeReader(),
    "httpx": lambda folder: httpx.Response(200, content=PNG),
    "gzip": lambda folder: compressed(gzip, folder),
    "bz2": lambda folder: compressed(bz2, folder),
    "lzma": lambda folder: compressed(lzma, folder),
    "zip": zipped,
    "later": lambda folder: later(),
    "spooled": lambda folder: spooled(),
    "temporary": lambda folder: on_disk(folder).open("r+b"),
    "unbuffered": lambda folder: on_disk(folder).open("rb", buffering=0),
    "text": lambda folder: on_disk(folder).open(encoding="latin-1"),
    "remote": lambda folder: Remote(),
    "buffered remote": lambda folder: io.BufferedReader(Remote()),
}


def close(file):
    """Close what the test made, also where that has to be awaited."""
    for each in (getattr(file, "file", None), getattr(file, "wrapped", None), file):
        done = getattr(each, "close", bool)()
        if hasattr(done, "close"):
            done.close()
    getattr(getattr(file, "_file", None), "close", bool)()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_goes_up_whole(side, server, tmp_path, kind):
    """The bytes go up, with their true length, and a repeat sends them again if it can."""
    file = KINDS[kind](tmp_path)
    try:
        side.run(side.client(server).upload(file))
    finally:
        close(file)
    [request] = server.requests

    assert PNG in request.content
    assert len(request.content) == int(request.headers["Content-Length"])
    assert b"Content-Type: image/png" in request.content


async def give_later():
    return PNG


@pytest.mark.parametrize(
    ("file", "named"),
    [
        (lambda: io.StringIO("text"), "_io.StringIO"),
        (lambda: codecs.getreader("latin-1")(io.BytesIO(PNG)), "StreamReader"),
        (lambda: Reader("text"), "Reader"),
        (lambda: Reader(7), "int"),
        (lambda: Reader([PNG]), "list"),
        (lambda: type("Lazy", (), {"read": lambda self, size: give_later()})(), "Lazy"),
        (lambda: type("Later", (), {"read": lambda self, size=-1: None})(), "Later"),
    ],
    ids=["text", "codecs", "str", "int", "list", "awaitable", "none"],
)
def test_what_gives_no_bytes_is_refused_by_its_type(side, server, file, named):
    """The error names the type and what to pass instead; nothing is sent."""
    with pytest.raises(LocalFileError, match=named) as caught:
        side.run(side.client(server).upload(file()))

    assert "io.BytesIO(" in str(caught.value)
    assert "Nothing was sent" in str(caught.value)
    assert [] == server.requests


class OwnError(Exception):
    pass


@pytest.mark.parametrize("error", [OSError("x"), ValueError("x"), OwnError("x"), TypeError("x")])
@pytest.mark.parametrize("before", [(), (PNG,)])
def test_what_a_reader_raises_is_a_file_error(side, server, error, before):
    """Whatever a reader raises, at once or later, becomes an error of ours with its cause."""
    with pytest.raises(LocalFileError, match=r"Cannot read the file.*x") as caught:
        side.run(side.client(server).upload(Reader(*before, error)))

    assert error is caught.value.__cause__
    assert [] == server.requests


@pytest.mark.parametrize("first", [3, 64, 2 << 20])
def test_a_refused_stream_keeps_its_bytes(side, server, first):
    """A stream that was refused, or broke off, goes up whole when it is passed again."""
    content = b"?" * (3 << 20)
    file = Reader(content[:first], OSError("broken"), content[first:])
    client = side.client(server)
    for content_type, match in (("model/own", "broken"), (None, "type is not known")):
        with pytest.raises(LocalFileError, match=match):
            side.run(client.upload(file, content_type=content_type))
    side.run(client.upload(file, content_type="model/own"))

    assert content in server.requests[0].content
    assert len(server.requests[0].content) < len(content) + 500


def test_a_stream_that_went_up_is_over(side, server):
    """What a stream gives after its end was sent is another content."""
    file = Reader(PNG, b"", PNG + b"2")
    client = side.client(server)
    side.run(client.upload(file))
    side.run(client.upload(file))

    assert [1, 1] == [request.content.count(PNG[:8]) for request in server.requests]


def test_calls_that_share_a_file_send_it_whole(data, key):
    """Uploads of one file object at once, each in its thread, do not move each other's place."""
    contents = []

    async def answer(request):
        contents.append(await request.aread())
        return data({"url": "https://cdn.test/1"})

    async def main():
        http_client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        client = AsyncClient(key, http_client=http_client)
        file = io.BytesIO(PNG[:8] + os.urandom(3 << 20))
        await asyncio.gather(*(client.upload(file, reuse=False) for _ in range(8)))
        return file.getvalue()

    content = asyncio.run(main())

    assert [True] * 8 == [content in each for each in contents]


class Stop(Exception):
    """What a signal handler of the program raises."""


class Blocking:
    """A reader in Python code that a signal interrupts."""

    def read(self, size=-1):
        signal.raise_signal(signal.SIGUSR1)
        return b""


def interrupted_pipe():
    ours, theirs = os.pipe()
    timer = threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGUSR1))
    timer.start()
    return os.fdopen(ours, "rb", buffering=0), theirs


@pytest.fixture
def on_signal():
    """Install a handler for SIGUSR1."""
    before = signal.getsignal(signal.SIGUSR1)
    yield lambda handler: signal.signal(signal.SIGUSR1, handler)
    signal.signal(signal.SIGUSR1, before)


@pytest.mark.parametrize("kind", [Stop, TimeoutError, OSError, ValueError])
@pytest.mark.parametrize("native", [True, False])
def test_what_a_signal_handler_raises_leaves_the_call(script, key, on_signal, kind, native):
    """A limit that interrupts the reading of a file is no error of the file."""
    from get3w_core import Client

    def stop(number, frame):
        raise kind("limit")

    on_signal(stop)
    file, end = interrupted_pipe() if native else (Blocking(), None)
    server = script()
    client = Client(key, http_client=httpx.Client(transport=httpx.MockTransport(server)))
    with pytest.raises(kind, match=r"^limit$"):
        client.upload(file)
    if native:
        os.close(end)
        file.close()

    assert [] == server.requests


def test_what_another_thread_throws_in_leaves_the_call(script, key):
    """An exception that is set from another thread while a pipe is read is none of the pipe's."""
    from get3w_core import Client

    ours, theirs = os.pipe()
    os.write(theirs, b"1")
    outcome = []

    def run():
        with os.fdopen(ours, "rb", buffering=0) as file, Client(key) as client:
            try:
                client.upload(file)
            except BaseException as error:  # noqa: BLE001 - that is the question
                outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while select.select([ours], [], [], 0)[0]:
        assert thread.is_alive()
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(Stop))
    os.write(theirs, b"1")
    os.close(theirs)
    thread.join(10)

    assert [Stop] == [type(error) for error in outcome]


PROGRAM = """
    import asyncio, atexit, io, threading, httpx
    from get3w_core import AsyncClient

    def answer(request):
        return httpx.Response(200, json={"data": {"url": "https://cdn.test/1"}})

    async def main():
        http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        async with AsyncClient("sk-1", http_client=http) as client:
            print(await client.upload(io.BytesIO(b"GIF89a" + bytes(2_000_000))))
"""
ENDS = {
    "at exit": "atexit.register(lambda: asyncio.run(main()))",
    "after the threads": "threading._register_atexit(lambda: asyncio.run(main()))",
    "without threads": """
def refuse(*arguments, **options):
    raise RuntimeError("can't start new thread")
threading.Thread.start = refuse
asyncio.new_event_loop().run_until_complete(main())
""",
}


@pytest.mark.parametrize("end", ENDS)
def test_uploads_do_without_threads(end):
    """An async upload works while the interpreter shuts down, and where no thread can be had."""
    program = textwrap.dedent(PROGRAM) + ENDS[end]
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )

    assert ("https://cdn.test/1\n", "") == (done.stdout, done.stderr)
