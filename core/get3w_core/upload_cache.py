"""What a client has uploaded already: the same content goes up once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final, TypeAlias

Identity: TypeAlias = "tuple[bytes, str]"
"""The digest of a content, and the type that it was sent as."""

# [G] uploads are kept 7 days; a task that is given a URL today still has to fetch it.
KEPT_SECONDS: Final = 6 * 24 * 3600.0
MOST_KEPT: Final = 1000


class UploadCache:
    """The URLs of what was uploaded, for as long as they surely lead somewhere."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._urls: OrderedDict[Identity, tuple[str, float]] = OrderedDict()
        self._busy: set[Identity] = set()

    def find(self, identity: Identity, now: float) -> str | None:
        """Return the URL of a content that is up already."""
        with self._lock:
            url, until = self._urls.get(identity, ("", 0.0))
            if not url:
                return None
            if not until - KEPT_SECONDS <= now < until:  # a clock that was set back proves nothing
                del self._urls[identity]
                return None
            self._urls.move_to_end(identity)
            return url

    def claim(self, identity: Identity) -> bool:
        """Tell whether the caller is to upload a content; nobody else is until `release`."""
        with self._lock:
            if identity in self._busy:
                return False
            self._busy.add(identity)
            return True

    def keep(self, identity: Identity, url: str, now: float) -> None:
        """Keep the URL of a content that was uploaded just now."""
        with self._lock:
            self._urls[identity] = (url, now + KEPT_SECONDS)
            self._urls.move_to_end(identity)
            while len(self._urls) > self._most:
                self._urls.popitem(last=False)

    def release(self, identity: Identity) -> None:
        """End a claim, whatever came of it."""
        with self._lock:
            self._busy.discard(identity)
