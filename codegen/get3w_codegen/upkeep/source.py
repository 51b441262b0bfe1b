"""Where a list of models is read from: Get3W, an emulator, or a saved answer."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from get3w_codegen.problems import GenerateError, MisuseError
from get3w_codegen.upkeep.documents import parsed

DEFAULT_ORIGIN = "https://api.get3w.com"
_PATH = "/api/v3/models"
_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the models endpoint.

    Attributes:
        value: What it says.
        where: Where it was read from, for people.
        address: The address, or None where it was a file.
    """

    value: object
    where: str
    address: str | None


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
            return Answer(parsed(path.read_bytes(), source), source, None)
        except OSError as error:
            text = f"Cannot read {source}: {error.strerror}. --from takes a file or a URL."
            missing = isinstance(error, FileNotFoundError)
            raise (MisuseError if missing else GenerateError)(text) from error
    address = _address(source or configured_origin())
    return Answer(parsed(_fetched(address), address), address, address)


def configured_origin() -> str:
    """Return the origin that the environment names, or Get3W's."""
    return os.environ.get("GET3W_BASE_URL", "").strip() or DEFAULT_ORIGIN


def _address(source: str) -> str:
    try:
        url = httpx.URL(source)
    except httpx.InvalidURL as error:
        raise MisuseError(f"{source} is no URL: {error}.") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise MisuseError(f"{source} is no http or https address.")
    if url.userinfo:
        raise MisuseError("--from takes no user or password; the key comes from GET3W_API_KEY.")
    return str(url.copy_with(path=_PATH) if url.path in ("", "/") else url)


def _fetched(address: str) -> bytes:
    key = os.environ.get("GET3W_API_KEY", "").strip() if _may_have_key(address) else ""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        with httpx.Client(
            timeout=_SECONDS, transport=httpx.HTTPTransport(retries=2), follow_redirects=False
        ) as client:
            response = client.get(address, headers=headers)
    except (httpx.HTTPError, ValueError) as error:
        # Not `from error`: its request holds the key.
        reason = str(error).replace(key, "...") if key else str(error)
        raise GenerateError(f"Cannot read {address}: {reason}; nothing was changed.") from None
    if response.status_code != 200:
        raise GenerateError(_refusal(address, response, had_key=bool(key)))
    return response.content


def _may_have_key(address: str) -> bool:
    """Tell whether the key is for this address: its origin is the configured one, or local."""
    url = httpx.URL(address)
    configured = httpx.URL(configured_origin())
    same = (url.scheme, url.host, url.port) == (configured.scheme, configured.host, configured.port)
    return same or urlsplit(address).hostname in ("127.0.0.1", "localhost", "::1")


def _refusal(address: str, response: httpx.Response, *, had_key: bool) -> str:
    text = f"{address} answers {response.status_code} {response.reason_phrase}".rstrip()
    if response.is_redirect:
        return f"{text}: it leads elsewhere. Name that address with --from; nothing was changed."
    if response.status_code == 401 and not had_key:
        origin = f"{response.url.scheme}://{response.url.netloc.decode()}"
        return (
            f"{text}: no key was sent. Set GET3W_API_KEY; it goes to the origin in GET3W_BASE_URL,"
            f" by default {DEFAULT_ORIGIN} (here: {origin}). Nothing was changed."
        )
    if response.status_code == 401:
        return f"{text}: check the key in GET3W_API_KEY. Nothing was changed."
    return f"{text}; nothing was changed."
