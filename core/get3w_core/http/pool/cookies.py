"""Cookies over our pool: none is sent, so none is kept."""

from __future__ import annotations

from typing import Final

import httpx


class _NoCookies(httpx.Cookies):
    def extract_cookies(self, response: httpx.Response) -> None:
        """Pass over what *response* sets: to look for it takes httpx a tenth of a whole call."""


NO_COOKIES: Final = _NoCookies()
