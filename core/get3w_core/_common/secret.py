"""A string that does not show in a repr, a log or a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Self, cast

if TYPE_CHECKING:
    from collections.abc import MutableMapping

# A key shorter than this may stand in honest text by chance, so it is not searched for.
_SHORTEST_SCRUBBED = 8


def hidden(value: object) -> Any:
    """Return *value* as a `Secret`; None and a `Secret` stay as they are.

    Whoever is given a key puts this in the place of it at once: error trackers show the arguments
    of every function that an error passed through.
    """
    return value if value is None or isinstance(value, Secret) else Secret(cast("str", value))


def hide_in(changes: MutableMapping[str, Any]) -> None:
    """Hide what may be a key in *changes* of options: an address is easily mixed up with it."""
    changes.update(
        {name: hidden(changes[name]) for name in changes.keys() & {"api_key", "base_url"}}
    )


class Secret:
    """Holds a key: absent from repr, str and tracebacks, and refused by pickle."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the key, for the one place that puts it on the wire."""
        return self._value

    def scrub(self, text: str) -> str:
        """Blank the key in *text*, which may have come from a server that echoes it."""
        if len(self._value) < _SHORTEST_SCRUBBED or self._value not in text:
            return text
        return text.replace(self._value, "***")

    def scrub_bytes(self, data: bytes) -> bytes:
        """Blank the key in *data*."""
        if len(self._value) < _SHORTEST_SCRUBBED:
            return data
        return data.replace(self._value.encode(), b"***")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret('***')"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("the API key is never pickled; make the client anew where it is needed")
