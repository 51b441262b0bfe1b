"""Make the request that a client of httpx's kind sends: imported by the first call."""

from __future__ import annotations

import functools
import logging
import sys
from typing import TYPE_CHECKING, Any, Final

import httpx

from get3w_core._version import __version__
from get3w_core.errors.base import ConfigurationError
from get3w_core.http.environment import DEFAULT_TIMEOUT
from get3w_core.http.pool.bookkeeping import RECORD

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from get3w_core.flow.effects import HttpRequest
    from get3w_core.flow.options import ClientOptions
    from get3w_core.http.pool.bookkeeping import PoolRecord
    from get3w_core.request.values.types import TimeoutTypes

# Some systems let no socket wait for much longer; a timeout of so many seconds is none.
_FOREVER: Final = 1e6
_TIMES: Final = ("connect", "read", "write", "pool")


def authorize(request: httpx.Request, options: ClientOptions) -> httpx.Request:
    """Set the key's header if the address is the key's own origin.

    It is called at the last moment, so that no other object of ours ever holds the header.
    """
    home, url = _parsed(options.origin), request.url
    if (url.scheme, url.host, url.port) == (home.scheme, home.host, home.port):
        request.headers["Authorization"] = f"Bearer {options.require_key().reveal()}"
    return request


def _unauthorize(request: httpx.Request) -> httpx.Request:
    """Take away what an injected client would add for its own API."""
    request.headers.pop("Authorization", None)
    return request


def auth_for(
    request: HttpRequest, options: ClientOptions
) -> Callable[[httpx.Request], httpx.Request]:
    """Return what authenticates *request*; both libraries take a function."""
    return functools.partial(authorize, options=options) if request.authenticated else _unauthorize


def _headers(*, library: str, json: bool, sink: bool) -> httpx.Headers:
    python = ".".join(map(str, sys.version_info[:3]))
    agent = f"get3w-models/{__version__} python/{python} {library}"
    fields = {"User-Agent": agent, "Accept": "*/*" if sink else "application/json"}
    # No other coding: an answer of 64 KiB must not unfold to gigabytes at once.
    fields["Accept-Encoding"] = "identity" if sink else "gzip, deflate"
    if json:
        fields["Content-Type"] = "application/json"
    return httpx.Headers(fields)


# httpx takes its time to read them, and copies what it is given.
_made_headers: Final = functools.cache(_headers)

# A client of httpx may send a request over a connection that was idle for long, or on which the
# server has said more than it was asked for, and httpcore takes that for the next answer: a stale
# 429 would send a submit twice. A connection that is never used again has no such past.
_ALONE: Final = {"Connection": "close"}


def build(
    client: httpx.Client | httpx.AsyncClient | None,
    library: ModuleType,
    request: HttpRequest,
    options: ClientOptions,
    record: PoolRecord | None,
) -> httpx.Request:
    """Make the request, with what *client* adds if there is one.

    Without one it is for our own pool, which adds nothing and finds *record* in it.

    Raises:
        ConfigurationError: The timeout is none.
    """
    headers = _made_headers(
        library=f"{library.__name__}/{library.__version__}",
        json=request.body is not None,
        sink=request.sink is not None,
    )
    part = request.part
    files = None if part is None else {part.name: (part.filename, part.file, part.content_type)}
    times = times_for(request, options)
    if client is not None and not request.authenticated:
        # What the client adds for the API (cookies, parameters, headers) is for nobody else.
        plain: httpx.Request = library.Request(
            request.method,
            request.url,
            headers={**headers, **_ALONE},
            extensions={"timeout": times},
        )
        return plain
    if client is not None:
        return client.build_request(
            request.method,
            request.url,
            headers={**headers, **_ALONE},
            content=request.body,
            files=files,
            timeout=library.Timeout(**times),
        )
    url, extensions = _parsed(request.url), {"timeout": times, RECORD: record}
    if request.body is None or files is not None:
        made = httpx.Request(
            request.method, url, headers=headers, files=files, extensions=extensions
        )
    else:
        # What httpx would add itself, by reading all headers once more.
        length = b"%d" % len(request.body)
        fields = [(b"Host", url.netloc), *headers.raw, (b"Content-Length", length)]
        stream = httpx.ByteStream(request.body)
        made = httpx.Request(
            request.method, url, headers=fields, stream=stream, extensions=extensions
        )
    if isinstance(url, _URLWithQuery):
        made.url = url  # httpx made a plain copy
    return made


class _URLWithQuery(httpx.URL):
    """An address whose query may hold a callback's or a storage's secret."""


def _parsed(url: str) -> httpx.URL:
    # No cache needs to keep a secret.
    return _URLWithQuery(url) if "?" in url else _parsed_before(url)


# Every submit of a model goes to the same address, and httpx takes its time to read one.
_parsed_before: Final = functools.lru_cache(maxsize=128)(httpx.URL)


def _hide_query(record: logging.LogRecord) -> bool:
    """Keep secrets of ours out of httpx's own log, which shows every address at INFO."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            each.copy_with(query=None) if isinstance(each, _URLWithQuery) else each
            for each in record.args
        )
    return True


logging.getLogger("httpx").addFilter(_hide_query)


def times_for(request: HttpRequest, options: ClientOptions) -> dict[str, float | None]:
    """Return the timeouts for one attempt, within the caps of *request*."""
    chosen = _times(request.timeout if request.timeout is not None else options.timeout)
    until_sent = _least(request.connect_within, request.finish_within)
    return {
        "connect": _least(chosen["connect"], until_sent),
        "read": _least(chosen["read"], request.finish_within),
        "write": _least(chosen["write"], request.finish_within),
        "pool": _least(chosen["pool"], until_sent),
    }


def _times(given: TimeoutTypes | None) -> dict[str, float | None]:
    if given is None:
        return DEFAULT_TIMEOUT.as_dict()
    if hasattr(given, "connect"):  # an httpx.Timeout, or httpx2's
        return {name: getattr(given, name) for name in _TIMES}
    number: Any = given
    try:
        seconds = float(number)
    except (TypeError, ValueError):
        seconds = 0.0
    if not seconds > 0:
        raise ConfigurationError(
            "timeout must be a number of seconds above 0 or a Timeout of httpx or httpx2, "
            f"not {given!r}"
        )
    return dict.fromkeys(_TIMES, seconds)


def _least(one: float | None, other: float | None) -> float | None:
    seconds = min(_FOREVER if one is None else one, _FOREVER if other is None else other)
    return seconds if seconds < _FOREVER else None
