"""Middleware that checks Host, Origin and content type, and sets security headers.

A browser lets any page send requests to this machine. A page of another site is refused by the
`Origin` and `Sec-Fetch-Site` headers that browsers add, and a name that an attacker's DNS server
points to this machine by the `Host` header. Programs send neither `Origin` nor `Sec-Fetch-Site`.
"""

import ipaddress
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from get3w_emulator._common.responses import ApiError, failure, surface_of
from get3w_emulator.api.limits import drain
from get3w_emulator.state.uploads import UPLOAD_PATH

SANDBOX: Final = (
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; sandbox allow-same-origin"
)
"""The content security policy of all but the page: a browser shows it and runs nothing of it."""

# Outputs and uploads can be shown by any page, as those of Get3W's file server can.
_FILES: Final = ("/_outputs/", "/_uploads/")
# Listening on one of these means every address of the machine.
_EVERYWHERE: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  # compared only
_IN_PROCESS: Final = "emulator.test"
_JSON: Final = re.compile(r"application/json\s*(;|$)", re.IGNORECASE)


class AllowedHosts:
    """The host names that an emulator answers to.

    Args:
        listen: The address that it listens on.
        names: Further names, such as the one of a container.
    """

    def __init__(self, listen: str, names: Iterable[str] = ()) -> None:
        self._names = {name.lower() for name in (listen, _IN_PROCESS, *names)}
        self._everywhere = listen in _EVERYWHERE

    def __contains__(self, host: str) -> bool:
        """Tell whether *host*, without its port, is a name of this emulator."""
        name = host.lower().removesuffix(".")
        if name == "localhost" or name.endswith(".localhost") or name in self._names:
            return True
        address = _address(name)
        # An address cannot be pointed elsewhere by a DNS server, as a name can.
        return address is not None and (self._everywhere or address.is_loopback)


def is_loopback(host: str) -> bool:
    """Tell whether *host* names this machine and nothing beyond it."""
    name = host.lower().removesuffix(".")
    address = _address(name)
    if address is not None:
        return address.is_loopback
    return name in {"localhost", _IN_PROCESS} or name.endswith(".localhost")


class AccessMiddleware:
    """Answers only calls of programs and of the emulator's own page.

    Args:
        app: What serves the calls.
        hosts: The names that the emulator answers to.
    """

    def __init__(self, app: ASGIApp, hosts: AllowedHosts) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a call, or refuse it before anything has read it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", SANDBOX)
                headers["X-Content-Type-Options"] = "nosniff"
            await send(message)

        error = self._refusal(scope)
        if error is None:
            await self._app(scope, receive, send_safely)
        else:
            await drain(receive)
            await failure(surface_of(scope["path"]), error)(scope, receive, send_safely)

    def _refusal(self, scope: Scope) -> ApiError | None:
        headers, path = Headers(scope=scope), str(scope["path"])
        hosts = headers.getlist("host")
        if len(hosts) != 1 or _host_of(hosts[0]) not in self._hosts:
            return ApiError(
                421,
                f"This emulator does not answer to the host name {', '.join(hosts)!r}. Call it by "
                "the address it listens on, or start it with --allow-host NAME.",
            )
        reads = scope["method"] in ("GET", "HEAD")
        if not (reads and path.startswith(_FILES)) and _is_foreign(headers, hosts[0], reads=reads):
            return ApiError(
                403,
                "This call comes from a page of another site; the emulator answers programs and "
                "its own page only.",
            )
        return None if reads else _wrong_content_type(headers, path)


def _is_foreign(headers: Headers, host: str, *, reads: bool) -> bool:
    origin = headers.get("origin")
    if origin is not None and origin.lower() not in (
        f"http://{host}".lower(),
        f"https://{host}".lower(),
    ):
        return True
    if headers.get("sec-fetch-site", "none").lower() not in ("cross-site", "same-site"):
        return False
    # A link of another page may lead here: the browser shows what it finds to nobody else.
    opened = (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest"))
    return not (reads and opened == ("navigate", "document"))


def _wrong_content_type(headers: Headers, path: str) -> ApiError | None:
    """Return the error for a body that a form of any web page could send; uploads are forms."""
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    given = headers.get("content-type", "")
    if not has_body or path == UPLOAD_PATH or _JSON.match(given):
        return None
    shown = f"not {given}" if given else "and this call names none"
    return ApiError(415, f"The content type must be application/json, {shown}.")


def _host_of(header: str) -> str:
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:  # a bracket that is not closed
        return ""


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None
