"""A proxy on loopback that breaks what passes through it, and counts what it saw.

A `Proxy` is one thread with an event loop. A `Line` is one port of it, with a script: the faults
that strike there, one after the other. Once the script is used up, requests pass untouched. What a
fault does is in `faults`.
"""

import asyncio
import json
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

ACCEPT = "accept"  # as soon as the connection is there
FIRST_BYTE = "first byte"  # once a request begins
HEAD = "head"  # after its headers, before its body
REQUEST = "request"  # after the whole of it

_HOST = "127.0.0.1"
_LONGEST_HEAD = 1024 * 1024
_PATIENCE = 10.0  # a proxy that hangs is a broken test


@dataclass(frozen=True)
class Request:
    """A request as it came in; the body is empty until it was read."""

    method: str
    path: str
    head: bytes
    body: bytes = b""

    @property
    def surface(self):
        return "v1" if self.path.startswith("/v1/") else "v3"


@dataclass(frozen=True)
class Response:
    """A whole answer of the server behind the proxy."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def render(self, *, body=None, headers=(), status=None, length=True):
        """Return the answer as bytes, with changes."""
        body = self.body if body is None else body
        others = {name.lower() for name, _ in headers}
        dropped = {"connection", "content-length", *others}
        kept = [pair for pair in self.headers if pair[0].lower() not in dropped]
        sized = [("content-length", str(len(body)))] * (length and "content-length" not in others)
        return render(status or self.status, [*kept, *sized, *headers], body)


def render(status, headers, body=b""):
    """Return an answer as bytes; nothing is added."""
    lines = [f"HTTP/1.1 {status} Fault" if isinstance(status, int) else f"HTTP/1.1 {status}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@dataclass(frozen=True)
class Fault:
    """What happens to one request, and at which moment of it."""

    act: Callable[["Exchange"], Awaitable[None]]
    stage: str = REQUEST


async def _untouched(exchange):
    await exchange.send((await exchange.forward()).render())


PASS = Fault(_untouched)


@dataclass
class Exchange:
    """One request on one connection, in the hands of a fault."""

    line: "Line"
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    request: Request | None = None
    over: bool = False

    async def forward(self):
        """Hand the request to the server, and return its answer."""
        return await self.line.forward(self.request)

    async def send(self, data):
        """Send bytes to the client."""
        self.writer.write(data)
        await self.writer.drain()

    async def rest(self):
        """Read the body of a request that was answered before its end."""
        await self.line.read_body(self)

    def reset(self):
        """End the connection with a RST."""
        self.over = True
        # Lingering for no time at all is what makes it a RST.
        self.writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.writer.transport.abort()

    def close(self):
        """End the connection in good order."""
        self.over = True

    async def stall(self):
        """Do nothing more until the client gives up or the line is closed."""
        self.over = True
        gone = asyncio.ensure_future(self.reader.read())
        await self.line.until_closing(gone)


@dataclass
class Line:
    """One port of a proxy: what strikes there, and what was seen."""

    proxy: "Proxy"
    script: deque[Fault]
    port: int = 0
    posts: int = 0
    connections: int = 0
    times: list[float] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)

    def __post_init__(self):
        self._closing = asyncio.Event()
        self._server = None
        self._bound = None
        self._filler = None
        self._opening = None
        self._tasks = set()

    @property
    def is_closing(self):
        return self._closing.is_set()

    async def pause(self, seconds):
        """Wait, but no longer than until the line is closed."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)

    @property
    def url(self):
        return f"http://{_HOST}:{self.port}"

    def play(self, *faults):
        """Begin another script."""
        self.script.clear()
        self.script.extend(faults)

    def shut(self, seconds=None):
        """Refuse connections, for *seconds* or for ever; those that are open end."""
        self.proxy.run(self._shut(seconds))

    async def shut_async(self, seconds=None):
        """Do as `shut`, from an event loop."""
        await asyncio.wrap_future(self.proxy.start(self._shut(seconds)))

    def deafen(self):
        """Take no further connection, and refuse none: the client waits in vain."""
        self.proxy.run(self._deafen())

    def close(self):
        """Let what is under way come to its end, and close the port."""
        self.proxy.run(self._close())

    async def open(self):
        self._bound = self._socket()
        self.port = self._bound.getsockname()[1]
        await self._listen()
        return self

    def _socket(self):
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((_HOST, self.port))
        return made

    async def _listen(self):
        self._server = await asyncio.start_server(
            self._serve, sock=self._bound, backlog=512, limit=_LONGEST_HEAD
        )

    async def _shut(self, seconds):
        self._server.close()
        # Bound, so that nobody else gets the port, but not listening.
        self._bound = self._socket()
        await self._settle()
        if seconds is not None:
            loop = asyncio.get_running_loop()
            self._opening = loop.call_later(seconds, self._reopen)

    def _reopen(self):
        self._keep(asyncio.get_running_loop().create_task(self._listen()))

    async def _deafen(self):
        self._server.close()
        self._bound = self._socket()
        self._bound.listen(0)
        self._filler = socket.create_connection((_HOST, self.port))

    async def _settle(self):
        """End every connection after what is under way on it."""
        self._closing.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_PATIENCE)
            assert not late, f"still busy: {late}"
        self._closing.clear()

    async def _close(self):
        if self._opening is not None:
            self._opening.cancel()
        await self._settle()
        self._server.close()
        self._bound.close()
        if self._filler is not None:
            self._filler.close()

    def _keep(self, task):
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def until_closing(self, task):
        """Wait for *task*, but no longer than until the line is closed."""
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            await asyncio.wait({closing, task}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            closing.cancel()
            if not task.done():
                task.cancel()
        with suppress(asyncio.CancelledError, ConnectionError, asyncio.IncompleteReadError):
            return await task

    async def _serve(self, reader, writer):
        self._keep(asyncio.current_task())
        self.connections += 1
        exchange = Exchange(self, reader, writer)
        try:
            if self._due(ACCEPT):
                await self.script.popleft().act(exchange)
            while not exchange.over:
                await self._exchange(exchange)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client went away, which is its right
        except Exception as error:  # noqa: BLE001 - shown by the test
            self.errors.append(error)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    def _due(self, stage):
        return bool(self.script) and self.script[0].stage == stage

    async def _exchange(self, exchange):
        first = await self.until_closing(asyncio.ensure_future(exchange.reader.read(1)))
        if not first:
            exchange.over = True
            return
        if self._due(FIRST_BYTE):
            await self.script.popleft().act(exchange)
            return
        head = first + await exchange.reader.readuntil(b"\r\n\r\n")
        method, path, _ = head.decode("latin-1").split(" ", 2)
        # Who takes this for the proxy of an environment names the whole address.
        path = "/" + path.split("/", 3)[3] if path.startswith("http://") else path
        exchange.request = Request(method, path, head)
        if self._due(HEAD):
            await self.script.popleft().act(exchange)
            return
        await self.read_body(exchange)
        fault = self.script.popleft() if self.script else PASS
        await fault.act(exchange)

    async def read_body(self, exchange):
        request = exchange.request
        length = _header(request.head, "content-length") or "0"
        body = await exchange.reader.readexactly(int(length))
        exchange.request = Request(request.method, request.path, request.head, body)
        self.requests.append(exchange.request)
        self.times.append(time.monotonic())
        self.posts += request.method == "POST"

    async def forward(self, request):
        reader, writer = await asyncio.open_connection(_HOST, self.proxy.upstream)
        try:
            first = f"{request.method} {request.path} HTTP/1.1".encode("latin-1")
            rest = request.head.partition(b"\r\n")[2]
            lines = [line for line in rest.split(b"\r\n") if line]
            kept = [line for line in lines if not line.lower().startswith(b"connection:")]
            head = b"\r\n".join([first, *kept, b"Connection: close", b"", b""])
            writer.write(head + request.body)
            await writer.drain()
            answer = await reader.read()
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
        response = _parse(answer)
        with suppress(ValueError, KeyError, TypeError):
            body = json.loads(response.body)
            self.ids.append((body.get("data") or body)["id"])
        return response


class Proxy:
    """A thread whose lines lead to one server.

    Args:
        upstream: The URL of the server.
    """

    def __init__(self, upstream):
        self.upstream = int(upstream.rpartition(":")[2])
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy")
        self._thread.start()

    def start(self, work):
        """Begin *work* in the proxy's thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def run(self, work):
        """Do *work* in the proxy's thread."""
        return self.start(work).result(_PATIENCE)

    def line(self, *faults):
        """Open a port where *faults* strike one after the other."""

        async def opened():
            return await Line(self, deque(faults)).open()

        return self.run(opened())

    def close(self):
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def _header(head, name):
    for line in head.decode("latin-1").split("\r\n")[1:]:
        found, _, value = line.partition(":")
        if found.strip().lower() == name:
            return value.strip()
    return None


def _parse(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = tuple((name.strip(), value.strip()) for name, _, value in pairs)
    return Response(int(first.split(" ")[1]), headers, body)
