"""A server that goes wrong in one way for every submit, and counts what it received and took."""

from __future__ import annotations

import json
import ssl
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from struct import pack
from typing import TYPE_CHECKING
from zlib import compress, crc32

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SLOW = 3.0
PATIENCE = 1.0
RETRY_AFTER = 2


@dataclass(frozen=True)
class Fault:
    """What becomes of a submit.

    Attributes:
        title: What it is, for people.
        status: The answer's status, where there is one.
        refused: Whether the first submit is refused, in words that ask to come again: the server
            did no work for it, and takes the next one.
        seconds: How long the answer takes.
        patience: How long the client is told to wait.
        whole: Whether the answer arrives in full; with no status none does.
        readable: Whether the answer of a success is JSON.
    """

    title: str
    status: int = 200
    refused: bool = False
    seconds: float = 0.0
    patience: float = 30.0
    whole: bool = True
    readable: bool = True


FAULTS = (
    Fault("none"),
    Fault("hangs up after the request", 0),
    Fault("answer too slow", seconds=SLOW, patience=PATIENCE),
    Fault("half an answer", whole=False),
    Fault("200, not JSON", readable=False),
    Fault("500", 500),
    Fault("502", 502),
    Fault("503", 503),
    Fault("504", 504),
    Fault(f"429, Retry-After: {RETRY_AFTER}", 429, refused=True),
    Fault(f"503, Retry-After: {RETRY_AFTER}", 503, refused=True),
)


@dataclass
class Seen:
    """What the server has seen of one call."""

    times: list[float] = field(default_factory=list)
    tasks: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def pause(self) -> float | None:
        """The seconds between the first submit and the second."""
        return self.times[1] - self.times[0] if len(self.times) > 1 else None


def answer(path: str, origin: str) -> tuple[str, bytes]:
    """Return the type and the body of a success, as the SDK that posts to *path* expects it."""
    if path.startswith("/picture"):
        return "image/png", _picture()
    ids = {"id": "pred_0123456789abcdef", "status": "created", "outputs": []}
    url = f"{origin}/requests/1"
    body = {
        "code": 200,
        "message": "success",
        "data": ids | {"urls": {"get": url}, "model": "get3w/flux-dev"},
    }
    if path.startswith("/v1/images"):
        body = {"created": 1, "data": [{"b64_json": "aGVsbG8="}]}
    elif path.startswith("/v1/predictions"):
        fields = {
            "model": "a/b",
            "version": "0" * 64,
            "input": {},
            "created_at": "2026-01-01T00:00:00Z",
        }
        body = ids | fields | {"status": "starting", "urls": {"get": url, "cancel": url}}
    elif path.startswith("/fal-ai"):
        body = {"request_id": "1", "status": "IN_QUEUE", "response_url": url}
        body |= {"status_url": url, "cancel_url": url}
    return "application/json", json.dumps(body).encode()


@contextmanager
def serving(fault: Fault, certificate: Path) -> Iterator[tuple[str, Seen]]:
    """Serve with one fault; yield the origin, and what is seen."""
    seen = Seen()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with seen.lock:
                seen.times.append(time.monotonic())
                refused = fault.refused and len(seen.times) == 1
                seen.tasks += not refused
            if fault.seconds:
                time.sleep(fault.seconds)
            status = fault.status if refused or not fault.refused else 200
            if not status:
                self.close_connection = True
                return
            kind, body = "application/json", b'{"detail": "it went wrong", "message": "no"}'
            if status == 200:
                kind, body = answer(self.path, origin)
            if not fault.readable:
                kind, body = "text/html", b"<html>It works!</html>"
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if refused:
                self.send_header("Retry-After", str(RETRY_AFTER))
            self.end_headers()
            self.wfile.write(body if fault.whole else body[:20])
            self.close_connection = not fault.whole

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def finish_request(self, request, address):
            with context.wrap_socket(request, server_side=True) as wrapped:
                super().finish_request(wrapped, address)

        def handle_error(self, request, address):
            """Say nothing of clients that have given up."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Server(("127.0.0.1", 0), Handler) as server:
        origin = f"https://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield origin, seen
        server.shutdown()


def _picture() -> bytes:
    """Return a PNG of one pixel."""
    parts = ((b"IHDR", pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)), (b"IDAT", compress(b"\0\0")))
    chunks = (
        pack(">I", len(data)) + name + data + pack(">I", crc32(name + data))
        for name, data in (*parts, (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
