"""Our requests and answers in terms of httpx: imported by the first call, never before.

What httpx raises becomes a `TransportFailure` here, as a value: our errors are raised outside of
any `except` of it, so no traceback of theirs leads to a frame that holds the key.
"""

from __future__ import annotations

import functools
import sys
import time
from typing import TYPE_CHECKING, Final

import httpx

from get3w_core._version import __version__
from get3w_core.effects import HttpResponse, TransportFailure
from get3w_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Generator

    from get3w_core.effects import HttpRequest
    from get3w_core.http.slow_disk import SlowDisk
    from get3w_core.options import ClientOptions
    from get3w_core.types import TimeoutTypes

DEFAULT_TIMEOUT: Final = httpx.Timeout(60.0, connect=10.0)
LONGEST_BODY: Final = 64 * 1024 * 1024
LONGEST_DOWNLOAD: Final = 16 * 1024 * 1024 * 1024

_USER_AGENT: Final = (
    f"get3w-models/{__version__} python/{'.'.join(map(str, sys.version_info[:3]))} "
    f"httpx/{httpx.__version__}"
)
# What certainly happened before the first byte of the request.
_UNSENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
# Some systems let no socket wait for much longer; a timeout of so many seconds is none.
_FOREVER: Final = 1e6
# What OpenSSL says of a server that speaks plain HTTP, or whose certificate is not trusted.
_PLAIN_HTTP: Final = "WRONG_VERSION_NUMBER"
_NO_TLS: Final = (_PLAIN_HTTP, "CERTIFICATE_VERIFY_FAILED")


def authorize(request: httpx.Request, options: ClientOptions) -> None:
    """Set the key's header if the address is the key's own origin.

    It is called at the last moment, so that no other object of ours ever holds the header.
    """
    home, url = _parsed(options.origin), request.url
    if (url.scheme, url.host, url.port) == (home.scheme, home.host, home.port):
        request.headers["Authorization"] = f"Bearer {options.require_key().reveal()}"


class KeyAuth(httpx.Auth):
    """Adds the key to what an httpx client sends."""

    def __init__(self, options: ClientOptions) -> None:
        self._options = options

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Set the header if the address is the key's own origin."""
        authorize(request, self._options)
        yield request


class NoAuth(httpx.Auth):
    """Takes away what an injected client would add for its own API."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Remove the header."""
        request.headers.pop("Authorization", None)
        yield request


def auth_for(request: HttpRequest, options: ClientOptions) -> httpx.Auth:
    """Return what authenticates *request*."""
    return KeyAuth(options) if request.authenticated else NoAuth()


def _headers(*, json: bool, sink: bool) -> httpx.Headers:
    fields = {"User-Agent": _USER_AGENT, "Accept": "*/*" if sink else "application/json"}
    # No other coding: an answer of 64 KiB must not unfold to gigabytes at once.
    fields["Accept-Encoding"] = "identity" if sink else "gzip, deflate"
    if json:
        fields["Content-Type"] = "application/json"
    return httpx.Headers(fields)


# Made once, since httpx takes its time to read them; it copies what it is given.
_HEADERS: Final = {
    (json, sink): _headers(json=json, sink=sink) for json in (True, False) for sink in (True, False)
}

# A client of httpx may send a request over a connection that was idle for long, or on which the
# server has said more than it was asked for, and httpcore takes that for the next answer: a stale
# 429 would send a submit twice. A connection that is never used again has no such past.
_ALONE: Final = {"Connection": "close"}


def build(
    client: httpx.Client | httpx.AsyncClient | None, request: HttpRequest, options: ClientOptions
) -> httpx.Request:
    """Make the httpx request, with what *client* adds if there is one.

    Raises:
        ConfigurationError: The timeout is none.
    """
    headers = _HEADERS[request.body is not None, request.sink is not None]
    part = request.part
    files = None if part is None else {part.name: (part.filename, part.file, part.content_type)}
    timeout = timeout_for(request, options)
    if client is None:
        url, extensions = _parsed(request.url), {"timeout": timeout.as_dict()}
        if request.body is None or files is not None:
            return httpx.Request(
                request.method, url, headers=headers, files=files, extensions=extensions
            )
        # What httpx would add itself, by reading all headers once more.
        length = b"%d" % len(request.body)
        fields = [(b"Host", url.netloc), *headers.raw, (b"Content-Length", length)]
        stream = httpx.ByteStream(request.body)
        return httpx.Request(
            request.method, url, headers=fields, stream=stream, extensions=extensions
        )
    return client.build_request(
        request.method,
        request.url,
        headers={**headers, **_ALONE},
        content=request.body,
        files=files,
        timeout=timeout,
    )


def _parsed(url: str) -> httpx.URL:
    # A query may hold a callback's or a storage's secret, which no cache needs to keep.
    return httpx.URL(url) if "?" in url else _parsed_before(url)


# Every submit of a model goes to the same address, and httpx takes its time to read one.
_parsed_before: Final = functools.lru_cache(maxsize=128)(httpx.URL)


def timeout_for(request: HttpRequest, options: ClientOptions) -> httpx.Timeout:
    """Return the timeouts for one attempt, within the caps of *request*."""
    chosen = _timeout(request.timeout if request.timeout is not None else options.timeout)
    until_sent = _least(request.connect_within, request.finish_within)
    return httpx.Timeout(
        connect=_least(chosen.connect, until_sent),
        pool=_least(chosen.pool, until_sent),
        read=_least(chosen.read, request.finish_within),
        write=_least(chosen.write, request.finish_within),
    )


def _timeout(given: TimeoutTypes | None) -> httpx.Timeout:
    if given is None:
        return DEFAULT_TIMEOUT
    if isinstance(given, httpx.Timeout):
        return given
    try:
        seconds = float(given)
    except (TypeError, ValueError):
        seconds = 0.0
    if not seconds > 0:
        raise ConfigurationError(
            f"timeout must be a number of seconds above 0 or an httpx.Timeout, not {given!r}"
        )
    return httpx.Timeout(seconds)


def _least(one: float | None, other: float | None) -> float | None:
    seconds = min(_FOREVER if one is None else one, _FOREVER if other is None else other)
    return seconds if seconds < _FOREVER else None


class Reception:
    """Takes in one answer: into memory within bounds, or into the request's sink."""

    def __init__(self, request: HttpRequest, response: httpx.Response) -> None:
        self._status = response.status_code
        self._headers = {name.lower(): value for name, value in response.headers.items()}
        self._sink = request.sink if response.is_success else None
        self._limit = LONGEST_BODY if self._sink is None else LONGEST_DOWNLOAD
        timeouts: dict[str, float | None] = response.request.extensions.get("timeout", {})
        read = timeouts.get("read")
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

    def break_off(self, error: Exception) -> None:
        """Note that the body ended early; the status still counts."""
        self.problem = f"the body broke off: {_described(error)}"

    def response(self, options: ClientOptions) -> HttpResponse:
        """Return what was received, without the key, should the server have echoed it."""
        key = options.api_key
        body = b"".join(self._chunks)
        if key is None:
            return HttpResponse(self._status, self._headers, body, self.problem)
        headers = {name: key.scrub(value) for name, value in self._headers.items()}
        return HttpResponse(self._status, headers, key.scrub_bytes(body), self.problem)


def failure_of(error: Exception, options: ClientOptions) -> TransportFailure:
    """Classify what httpx, or anything below it, raised before there was an answer."""
    text = _described(error)
    if options.api_key is not None:
        text = options.api_key.scrub(text)
    if _PLAIN_HTTP in text:
        text += "; the server speaks plain HTTP, whose address begins with http://"
    if isinstance(error, _UNSENT):
        pointless = isinstance(error, httpx.UnsupportedProtocol) or any(
            sign in text for sign in _NO_TLS
        )
        return TransportFailure("unsent", text, permanent=pointless)
    return TransportFailure("unknown", text)


def _described(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
