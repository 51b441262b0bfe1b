"""Remember deliveries, so that none is acted on twice."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Protocol


class ReplayStore(Protocol):
    """Remembers keys of deliveries. Several processes need one that they share.

    `claim` must be atomic: of two callers with one key, one gets True.
    """

    def claim(self, key: str, until: float, now: float) -> bool:
        """Take *key* and keep it until the Unix time *until*, that moment included.

        Returns:
            Whether it was free. If it was not, it is kept at least until *until* from now on: a
            second copy may stay valid longer than the first.
        """
        ...

    def release(self, key: str) -> None:
        """Give *key* back, because it was not acted on after all."""
        ...


class MemoryReplayStore:
    """Keeps keys in this process, and may be shared by its threads.

    When it is full, the key that was claimed first makes room, even if its time is not over.

    Args:
        max_keys: How many keys it holds, at roughly 200 bytes each.
    """

    def __init__(self, max_keys: int = 100_000) -> None:
        self._max_keys = max_keys
        self._lock = threading.Lock()
        # In the order of claiming. A plain dict is searched past all that was taken from its front.
        self._until: OrderedDict[str, float] = OrderedDict()

    def claim(self, key: str, until: float, now: float) -> bool:
        """Take *key* until *until*; see `ReplayStore.claim`."""
        with self._lock:
            held = self._until.get(key)
            if held is not None and held >= now:
                self._until[key] = max(held, until)
                return False
            self._until.pop(key, None)
            self._make_room(now)
            self._until[key] = until
            return True

    def release(self, key: str) -> None:
        """Give *key* back."""
        with self._lock:
            self._until.pop(key, None)

    def __len__(self) -> int:
        return len(self._until)

    def _make_room(self, now: float) -> None:
        while self._until:
            oldest = next(iter(self._until))
            if len(self._until) < self._max_keys and self._until[oldest] >= now:
                break
            del self._until[oldest]
