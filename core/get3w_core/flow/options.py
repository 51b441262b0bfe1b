"""What a client is configured with: arguments first, then the environment."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypedDict, cast
from urllib.parse import urlsplit

from get3w_core._common.arguments import (
    check_amount,
    check_count,
    check_flag,
    check_hook,
    check_surface,
    check_timeout,
)
from get3w_core._common.secret import Secret, hidden, hide_in
from get3w_core.errors.base import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    from get3w_core.flow.events import Event
    from get3w_core.request.values.types import TimeoutTypes

DEFAULT_ORIGIN = "https://api.get3w.com"
DEFAULT_MAX_RETRIES = 5

SurfaceName: TypeAlias = Literal["v3", "v1"]
"""The two surfaces of the API: v3 answers in envelopes, v1 flat."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
# Pasting the address of a surface from the documentation is no mistake worth an error.
_ACCEPTED_PATHS = {"", "/api/v3", "/v1"}
# As long as a key, and longer than the parts of an address that help to see what is wrong.
_LONG_WORD = re.compile(r"[\w-]{16,}")
_NEAR = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test", ".svc")
_CALLER = 5  # the stack between a warning and who made the client
# Where people read about the API; a page of it is no answer, and a submit to it would be unclear.
_SITES = {"get3w.com", "www.get3w.com"}


class OptionChanges(TypedDict, total=False):
    """What `with_options` can change."""

    api_key: str | None
    base_url: str | None
    surface: SurfaceName | None
    timeout: TimeoutTypes | None
    submit_deadline: float
    max_retries: int
    retry_unavailable: bool
    sync_mode: bool
    on_event: Callable[[Event], object] | None


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """A client's settings.

    Attributes:
        api_key: The key, or None until a call needs one.
        origin: Scheme, host and port that the key may be sent to.
        surface: The surface for every model, or None for each model's own.
        timeout: Seconds for one HTTP attempt, or an `httpx.Timeout`; None is the default.
        submit_deadline: Seconds that all attempts of one submit may span; 0 is one attempt.
        max_retries: How often a read is repeated. Submits go by the deadline instead, and waits by
            their own timeout.
        retry_unavailable: Whether a submit is repeated after a 503 that says Retry-After.
        sync_mode: Whether a submit on v1 asks the server to answer only with the result.
        on_event: Is told what happens; see `events`.
    """

    api_key: Secret | None
    origin: str
    surface: SurfaceName | None = None
    timeout: TimeoutTypes | None = None
    submit_deadline: float = 60.0
    max_retries: int = DEFAULT_MAX_RETRIES
    retry_unavailable: bool = True
    sync_mode: bool = False
    on_event: Callable[[Event], object] | None = None

    @classmethod
    def resolve(
        cls,
        api_key: str | Secret | None = None,
        base_url: str | Secret | None = None,
        surface: SurfaceName | None = None,
        timeout: TimeoutTypes | None = None,
        submit_deadline: float = 60.0,
        max_retries: int = DEFAULT_MAX_RETRIES,
        *,
        retry_unavailable: bool = True,
        sync_mode: bool = False,
        on_event: Callable[[Event], object] | None = None,
    ) -> ClientOptions:
        """Make options from arguments, else GET3W_API_KEY and GET3W_BASE_URL.

        Raises:
            ConfigurationError: One of them cannot be used. A missing key is no error yet.
        """
        api_key, base_url = hidden(api_key), hidden(base_url)
        check_surface(surface)
        check_amount("submit_deadline", submit_deadline)
        check_count("max_retries", max_retries)
        check_flag("retry_unavailable", retry_unavailable)
        check_flag("sync_mode", sync_mode)
        check_hook("on_event", on_event)
        check_timeout(timeout)
        key = _usable_key(hidden(api_key))
        return cls(
            api_key=key,
            origin=_usable_origin(
                hidden(base_url or os.environ.get("GET3W_BASE_URL") or DEFAULT_ORIGIN), key
            ),
            surface=surface,
            timeout=timeout,
            submit_deadline=submit_deadline,
            max_retries=max_retries,
            retry_unavailable=retry_unavailable,
            sync_mode=sync_mode,
            on_event=on_event,
        )

    def changed(self, **changes: Unpack[OptionChanges]) -> ClientOptions:
        """Return a copy with *changes*, checked as new options are."""
        hide_in(cast("dict[str, object]", changes))
        merged: OptionChanges = {
            "base_url": self.origin,
            "surface": self.surface,
            "timeout": self.timeout,
            "submit_deadline": self.submit_deadline,
            "max_retries": self.max_retries,
            "retry_unavailable": self.retry_unavailable,
            "sync_mode": self.sync_mode,
            "on_event": self.on_event,
            **changes,
        }
        options = ClientOptions.resolve(**merged)
        return options if "api_key" in changes else replace(options, api_key=self.api_key)

    def require_key(self) -> Secret:
        """Return the key.

        Raises:
            ConfigurationError: There is none.
        """
        if self.api_key is None:
            raise ConfigurationError(
                "No API key: set GET3W_API_KEY, or pass api_key= to the client. Keys come from "
                "https://get3w.com/accesskey. To try this out without one, run `get3w-emulator`, "
                "a local server, and set GET3W_BASE_URL and GET3W_API_KEY as it prints. "
                "Nothing was sent."
            )
        return self.api_key


def _usable_key(given: Secret | None) -> Secret | None:
    key: Secret | None = given or hidden(os.environ.get("GET3W_API_KEY") or None)
    if key is None:
        return None
    wrong = _wrong_in_key(key)
    if wrong.startswith("must"):
        raise ConfigurationError(f"api_key {wrong}. Nothing was sent.")
    if wrong:
        named = "The API key in GET3W_API_KEY" if given is None else "The API key in api_key="
        raise ConfigurationError(f"{named} {wrong}. Nothing was sent.")
    return key


def _wrong_in_key(secret: Secret) -> str:
    """Return what is wrong with a key, without showing it; empty if nothing is."""
    key = cast("object", secret.reveal())
    if not isinstance(key, str) or not key:
        return "must be a string that is not empty"
    if "://" in key:
        return "is an address, which belongs into base_url="
    if key.lower().startswith("bearer "):
        return "begins with 'Bearer', which is added by itself"
    if key.strip() != key:
        return "begins or ends with white space, perhaps a line break; it was copied along"
    if key[0] in "'\"" or key[-1] in "'\"":
        return "stands in quotes, which are no part of it"
    # Anything else would be refused by the HTTP library, with the key in the message.
    if not all("!" <= character <= "~" for character in key):
        return (
            "holds white space or characters that are not ASCII; it was probably copied with"
            " something beside it"
        )
    return ""


def _usable_origin(base_url: Secret, key: Secret | None) -> str:
    origin, problem = _judged_address(base_url)
    if origin is None:
        raise ConfigurationError(
            f"The base URL must be an http or https origin such as {DEFAULT_ORIGIN}, without path, "
            "query or user; the surface (v3, v1) adds its own path. Got "
            f"{key.scrub(problem) if key else problem}. Nothing was sent."
        )
    _warn_of_clear_text(origin)
    return origin


def _judged_address(given: Secret) -> tuple[str | None, str]:
    """Return the origin that *given* names, or None and what was given, if that may be shown."""
    base_url = cast("object", given.reveal())
    if not isinstance(base_url, str):
        return None, repr(base_url) if isinstance(base_url, int | float) else type(
            base_url
        ).__name__
    origin = origin_of(base_url)
    if origin is not None:
        parts = urlsplit(base_url)
        plain = parts.path.rstrip("/") in _ACCEPTED_PATHS and not parts.query and not parts.fragment
        if plain and not _is_site(origin):
            return origin, ""
    # A user or a query in the address may be a credential, and what is no address may be the key.
    if set("@?") & set(base_url):
        return None, f"an address with a user or a query{_meant(base_url)}"
    if base_url.strip() and not set("./:") & set(base_url) and base_url != "localhost":
        return None, "a text that is no address (an API key belongs into api_key=)"
    return None, _LONG_WORD.sub("***", f"{base_url!r}{_meant(base_url)}")


def _meant(base_url: str) -> str:
    """Return what *base_url* should have been, where that can be told."""
    text = base_url.strip()
    if "://" not in text:
        local = text.startswith(("localhost", "127.", "[::1]"))
        text = f"{'http' if local else 'https'}://{text}"
    origin = origin_of(text)
    if origin is None:
        return ""
    if _is_site(origin):
        return f": that is the site; the API is at {DEFAULT_ORIGIN}"
    return f"; write {origin}"


_WARNED: Final[set[str]] = set()


def _warn_of_clear_text(origin: str) -> None:
    """Warn, once an origin, that the key goes in clear to a host beyond this network."""
    host = urlsplit(origin).hostname or ""
    if not origin.startswith("http:") or origin in _WARNED or _is_near(host):
        return
    _WARNED.add(origin)
    from warnings import warn

    warn(
        f"The API key is sent in clear to {origin}, where anybody on the way can read it: use "
        "https://",
        stacklevel=_CALLER,
    )


def _is_near(host: str) -> bool:
    """Tell whether *host* is of this machine or its network, as far as its name tells."""
    from ipaddress import ip_address

    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host.rstrip(".") or host.rstrip(".").endswith(_NEAR)


def _is_site(origin: str) -> bool:
    return (urlsplit(origin).hostname or "").rstrip(".") in _SITES


def origin_of(url: str) -> str | None:
    """Return scheme, host and port of *url*, or None where they are not plain.

    Addresses that two parsers could read differently (a user, a backslash, a control character)
    have no origin, so the key never follows them.
    """
    if not url.isprintable() or "\\" in url or " " in url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    shown_port = "" if port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{port}"
    return f"{parts.scheme}://{host}{shown_port}"
