"""Take in an answer: read its body within bounds, into memory or into the request's sink."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Final

import httpx

from get3w_core.flow.effects import HttpResponse
from get3w_core.http.decoding import cannot_decode, codings_of, decoded, decoded_async
from get3w_core.http.failure import described

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Iterable

    from get3w_core.flow.effects import Answers, HttpRequest
    from get3w_core.flow.options import ClientOptions
    from get3w_core.flow.threads import SlowDisk

LONGEST_BODY: Final = 64 * 1024 * 1024


def pieces(response: httpx.Response, *, plain: bool) -> Iterable[bytes]:
    """Return the body of *response*, decoded, to be read once; closing it is up to the caller.

    The layers that httpx puts around an answer cost more than the answer; *plain* goes past them.
    """
    stream = response.stream
    if plain and _is_plain(response) and isinstance(stream, httpx.SyncByteStream):
        return stream
    if response.is_stream_consumed:  # a hook has read it, and httpx decoded it
        return response.iter_bytes()
    if cannot_decode(response.headers):
        return response.iter_raw()
    return decoded(response.iter_raw(), codings_of(response.headers))


def pieces_async(response: httpx.Response, *, plain: bool) -> AsyncIterable[bytes]:
    """Return the body of *response*; see `pieces`."""
    stream = response.stream
    if plain and _is_plain(response) and isinstance(stream, httpx.AsyncByteStream):
        return stream
    if response.is_stream_consumed:
        return response.aiter_bytes()
    if cannot_decode(response.headers):
        return response.aiter_raw()
    return decoded_async(response.aiter_raw(), codings_of(response.headers))


def _is_plain(response: httpx.Response) -> bool:
    return "content-encoding" not in response.headers and not response.is_stream_consumed


class Reception:
    """Takes in one answer: into memory within bounds, or into the request's sink."""

    def __init__(
        self, request: HttpRequest, response: httpx.Response, read: float | None, answers: Answers
    ) -> None:
        self._status = response.status_code
        self._headers = {name.lower(): value for name, value in response.headers.items()}
        self._sink = request.sink if response.is_success else None
        # A sink has a limit of its own.
        self._limit = LONGEST_BODY if self._sink is None else math.inf
        self._answers: Answers = answers
        self._end = None if read is None or self._sink else time.monotonic() + read
        self._size = 0
        self._chunks: list[bytes] = []
        self.problem: str | None = None
        if self._sink is not None:
            self._sink.restart(self._headers)

    def take(self, chunk: bytes) -> bool:
        """Take one piece and tell whether to go on."""
        if not self._fits(chunk):
            return False
        if self._sink is None:
            self._chunks.append(chunk)
        else:
            self._sink.write(chunk)
            self._sink.written()
        # A server that sends a byte a minute never trips the read timeout by itself.
        if self._end is not None and time.monotonic() > self._end:
            self.problem = "the body did not end in time"
            return False
        return True

    async def take_async(self, chunk: bytes, disk: SlowDisk) -> bool:
        """Take one piece without keeping the event loop from its work for long; see `take`."""
        sink = self._sink
        if sink is None:
            return self.take(chunk)
        if not self._fits(chunk):
            return False
        await disk.call(lambda: sink.write(chunk))
        sink.written()
        return True

    def _fits(self, chunk: bytes) -> bool:
        self._size += len(chunk)
        if self._size > self._limit:
            self.problem = f"the body is longer than {self._limit} bytes"
        return self._size <= self._limit

    def break_off(self, error: BaseException) -> None:
        """Note that the body ended early; the status still counts."""
        self.problem = f"the body broke off: {described(error)}"

    def response(self, options: ClientOptions) -> HttpResponse:
        """Return what was received, without the key, should the server have echoed it."""
        key = options.api_key
        body = b"".join(self._chunks)
        if not body.lstrip().startswith((b"{", b"[")):  # some servers name codings that are none
            self.problem = self.problem or cannot_decode(self._headers) or None
        if key is None:
            return HttpResponse(self._status, self._headers, body, self.problem, self._answers)
        headers = {name: key.scrub(value) for name, value in self._headers.items()}
        return HttpResponse(
            self._status, headers, key.scrub_bytes(body), self.problem, self._answers
        )
