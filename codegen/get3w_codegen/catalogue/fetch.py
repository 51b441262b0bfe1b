"""Fetch a list of models from Get3W, from an emulator or from a saved answer."""

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from get3w_codegen.jsonschema.documents import parsed
from get3w_codegen.problems import GenerateError, MisuseError

DEFAULT_ORIGIN = "https://api.get3w.com"
_PATH = "/api/v3/models"
# What is pasted from the documentation of a surface.
_SURFACES = ("", "/api/v3", "/v1")
_LOCAL = ("127.0.0.1", "localhost", "::1")
_NO_SCHEME = re.compile(
    r"(?P<host>localhost|api\.get3w\.com|[\w.-]+(?=:\d)|\[[\da-f:]+\])(:\d+)?(/\S*)?", re.IGNORECASE
)
_SECONDS = 60.0
_SECONDS_IN_ALL = 300.0
# Bytes, unpacked: a hundred times what a list of 483 models takes.
_MOST = 256 * 2**20
_PIECE = 2**16
# Where people read about the API.
_SITES = ("get3w.com", "www.get3w.com")
_PAGE_TYPES = ("text/html", "application/xhtml+xml")
_PAGE = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype|html)", re.IGNORECASE)
_REMEDY = (
    f"The API is at {DEFAULT_ORIGIN}: write that, or another origin such as an emulator's, in"
    " --from or GET3W_BASE_URL"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the models endpoint.

    Attributes:
        value: What it says.
        where: Where it was read from, for people.
        address: The address, or None where it was a file.
        trusted: Whether the address is of the configured origin.
    """

    value: object
    where: str
    address: str | None
    trusted: bool = False


def read_answer(source: str | None) -> Answer:
    """Read a list of models.

    Args:
        source: A file, an origin or an address; None is the configured origin.

    Raises:
        GenerateError: It cannot be read, or is not JSON.
        MisuseError: There is no such file, or the address is none.
    """
    if source is not None and "://" not in source:
        path = Path(source)
        try:
            with path.open("rb") as file:
                saved = file.read(_MOST + 1)
        except OSError as error:
            remedy = _as_address(source) or "--from takes a file or a URL."
            text = f"Cannot read {source}: {error.strerror}. {remedy}"
            missing = isinstance(error, FileNotFoundError)
            raise (MisuseError if missing else GenerateError)(text) from error
        if len(saved) > _MOST:
            raise GenerateError(f"{source} {_too_long()}")
        if _PAGE.match(saved):
            raise GenerateError(
                f"{source} is a web page and not an answer of the API; nothing was changed."
            )
        return Answer(parsed(saved, source), source, None)
    address = _address(source or configured_origin(), "--from" if source else "GET3W_BASE_URL")
    value = parsed(_fetched(address), address)
    return Answer(value, address, address, trusted=_is_configured(httpx.URL(address)))


def configured_origin() -> str:
    """Return the origin that the environment names, or Get3W's."""
    return os.environ.get("GET3W_BASE_URL", "").strip() or DEFAULT_ORIGIN


def _as_address(text: str) -> str:
    """Return *text* with the scheme that it lacks, or "" if it is not an address."""
    found = _NO_SCHEME.fullmatch(text)
    if found is None:
        return ""
    local = found["host"] in _LOCAL or found["host"].replace(".", "").isdigit()
    return f"For an address, write {'http' if local else 'https'}://{text}"


def _address(source: str, said_by: str) -> str:
    try:
        url = httpx.URL(source)
    except httpx.InvalidURL as error:
        text = f"{said_by}: {source} is not a URL: {error}. {_as_address(source)}"
        raise MisuseError(text.rstrip()) from error
    if url.scheme not in ("http", "https") or not url.host:
        remedy = _as_address(source) or f"Write an origin such as {DEFAULT_ORIGIN}."
        raise MisuseError(f"{said_by}: {source} is not an http or https address. {remedy}")
    if url.userinfo:
        raise MisuseError(f"{said_by} takes no user or password; the key is in GET3W_API_KEY.")
    if url.path.rstrip("/") not in _SURFACES:
        return str(url)
    if url.host.rstrip(".") in _SITES:
        raise MisuseError(
            f"{said_by}: {source} is the site; the API is at {DEFAULT_ORIGIN}. Nothing was changed."
        )
    return str(url.copy_with(path=_PATH))


def _fetched(address: str) -> bytes:
    key = os.environ.get("GET3W_API_KEY", "").strip() if _may_have_key(address) else ""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        with httpx.Client(
            timeout=_SECONDS, transport=httpx.HTTPTransport(retries=2), follow_redirects=False
        ) as client:
            response = _received(client, address, headers)
    except (httpx.HTTPError, ValueError) as error:
        # Not `from error`: its request holds the key.
        reason = str(error).replace(key, "...") if key else str(error)
        raise GenerateError(f"Cannot read {address}: {reason}; nothing was changed.") from None
    if response.status_code != 200:
        raise GenerateError(_refusal(address, response, had_key=bool(key)))
    if _is_web_page(response):
        raise GenerateError(
            f"{address} answers with a web page and not with the API's list. {_REMEDY}; nothing was"
            " changed."
        )
    return response.content


def _received(client: httpx.Client, address: str, headers: dict[str, str]) -> httpx.Response:
    """Return the whole answer, within bounds of size and time.

    Raises:
        GenerateError: It is too long, once unpacked, or takes too long.
    """
    end = time.monotonic() + _SECONDS_IN_ALL
    with client.stream("GET", address, headers=headers) as response:
        content = bytearray()
        for piece in response.iter_bytes(_PIECE):
            content += piece
            if len(content) > _MOST:
                raise GenerateError(f"{address} {_too_long()}")
            if time.monotonic() > end:
                raise GenerateError(
                    f"{address} takes longer than {_SECONDS_IN_ALL:g} seconds to answer;"
                    " nothing was changed."
                )
    # What says how the bytes were packed does not go with them.
    kept = {"content-type": response.headers.get("content-type", "")}
    return httpx.Response(
        response.status_code,
        headers=kept,
        content=bytes(content),
        extensions=response.extensions,
        request=response.request,
    )


def _too_long() -> str:
    return f"says more than {_MOST // 2**20} MiB, which is not read; nothing was changed."


def _is_web_page(response: httpx.Response) -> bool:
    if _PAGE.match(response.content):
        return True
    called = response.headers.get("content-type", "").lower().startswith(_PAGE_TYPES)
    start = response.content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    # A list that is cut short is none, whatever its header says.
    return called and start not in (b"", b"[", b"{")


def _may_have_key(address: str) -> bool:
    """Return whether the key is for this address: its origin is the configured one, or local."""
    url = httpx.URL(address)
    return _is_configured(url) or url.host in _LOCAL


def _is_configured(url: httpx.URL) -> bool:
    configured = httpx.URL(configured_origin())
    return (url.scheme, url.host, url.port) == (
        configured.scheme,
        configured.host,
        configured.port,
    )


def _refusal(address: str, response: httpx.Response, *, had_key: bool) -> str:
    text = f"{address} answers {response.status_code} {response.reason_phrase}".rstrip()
    if response.is_redirect:
        return f"{text}: it leads elsewhere. Name that address with --from; nothing was changed."
    if response.status_code in (404, 405) and _is_web_page(response):
        return f"{text}, with a web page and not as the API does. {_REMEDY}; nothing was changed."
    if response.status_code == 401 and not had_key:
        return f"{text}: no key was sent. {_key_remedy(response.url)} Nothing was changed."
    if response.status_code == 401:
        return f"{text}: check the key in GET3W_API_KEY. Nothing was changed."
    return f"{text}; nothing was changed."


def _key_remedy(url: httpx.URL) -> str:
    """Return how to send a key to an address that got none."""
    origin = f"{url.scheme}://{url.netloc.decode()}"
    if os.environ.get("GET3W_API_KEY", "").strip():
        return (
            f"The one in GET3W_API_KEY is for {configured_origin()}: set GET3W_BASE_URL={origin} if"
            " it is for this address."
        )
    if url.host in _LOCAL:
        return "Set GET3W_API_KEY; an emulator takes test-key, unless it was told another."
    elsewhere = "" if origin == configured_origin() else f" and GET3W_BASE_URL={origin}"
    return f"Set GET3W_API_KEY{elsewhere}. Keys come from https://get3w.com/accesskey."
