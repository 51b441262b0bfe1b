"""Answers that are not the API's: the pages and redirects that a web site gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from get3w_core.flow.options import DEFAULT_ORIGIN, origin_of

if TYPE_CHECKING:
    from get3w_core.flow.effects import HttpRequest, HttpResponse

THE_API: Final = (
    f"the API is at {DEFAULT_ORIGIN} by default; base_url= or GET3W_BASE_URL says where to send"
)
NOT_THE_API: Final = "a web page and not the API's"

_TYPES: Final = ("text/html", "application/xhtml+xml")
_BEGINNINGS: Final = (b"<!doctype", b"<html")


def is_web_page(response: HttpResponse) -> bool:
    """Tell whether *response*, which is no JSON, is a web page.

    JSON that breaks off is none, whatever its header says: some servers call all they send HTML.
    """
    start = response.body[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.lower().startswith(_BEGINNINGS):
        return True
    called = response.headers.get("content-type", "").lower().startswith(_TYPES)
    return called and bool(start) and not start.startswith((b"{", b"["))


def is_elsewhere(request: HttpRequest) -> bool:
    """Tell whether *request* is meant for the API, and went to another base URL than Get3W's."""
    return request.authenticated and origin_of(request.url) != DEFAULT_ORIGIN


def redirect_words(location: str | None, request: HttpRequest) -> str:
    """Return where a redirect leads, without the query, which may hold a secret."""
    target = _target(location, request) if location else ""
    return f"a redirect{f' to {target}' if target else ''}, and redirects are never followed"


def _target(location: str, request: HttpRequest) -> str:
    try:
        address = urljoin(request.shown_url, location)
        origin, path = origin_of(address), urlsplit(address).path
    except ValueError:
        return ""
    return "" if origin is None else f"{origin}{path[:200]}"
