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
        self._busy: dict[Identity, object] = {}

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

    def claim(self, identity: Identity, owner: object) -> bool:
        """Tell whether *owner* is to upload a content; nobody else is until `release`."""
        with self._lock:
            return self._busy.setdefault(identity, owner) is owner

    def keep(self, identity: Identity, url: str, now: float) -> None:
        """Keep the URL of a content that was uploaded just now."""
        with self._lock:
            self._urls[identity] = (url, now + KEPT_SECONDS)
            self._urls.move_to_end(identity)
            while len(self._urls) > self._most:
                self._urls.popitem(last=False)

    def release(self, identity: Identity, owner: object) -> None:
        """End the claim of *owner*, if there is one, whatever came of it.

        An exception can strike just as a claim is made, so whoever asks for one releases it.
        """
        with self._lock:
            if self._busy.get(identity) is owner:
                del self._busy[identity]
