"""What kind of value a parameter takes, as far as it helps to read a text."""

from __future__ import annotations

TYPE_CHECKING = False  # typing and collections are slow to load
if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = "text"
INTEGER = "integer"
NUMBER = "number"
BOOLEAN = "boolean"
NULL = "null"
CHOICE = "choice"
MEDIA = "file or URL"
LIST = "list"
OBJECT = "object"
ANY = "JSON"
UNION = "union"


class Shape:
    """What kind of value may stand in a place.

    Attributes:
        kind: One of the names above.
        choices: The values of a choice.
        item: What a list holds, or an object under names that are not listed.
        fields: What an object holds under its names on the wire.
        options: The alternatives of a union.
    """

    __slots__ = ("choices", "fields", "item", "kind", "options")

    def __init__(
        self,
        kind: str,
        *,
        choices: tuple[object, ...] = (),
        item: Shape | None = None,
        fields: dict[str, Shape] | None = None,
        options: tuple[Shape, ...] = (),
    ) -> None:
        self.kind = kind
        self.choices = choices
        self.item = item
        self.fields = fields or {}
        self.options = options

    def alternatives(self) -> Iterator[Shape]:
        """Yield the shapes that a value may have, without unions."""
        if self.kind != UNION:
            yield self
        for option in self.options:
            yield from option.alternatives()

    def of_kind(self, kind: str) -> Shape | None:
        """Return the alternative of a kind, if there is one."""
        return next((each for each in self.alternatives() if each.kind == kind), None)

    @property
    def is_flag(self) -> bool:
        """Whether it is true or false and nothing else."""
        return self.kind == BOOLEAN

    @property
    def all_choices(self) -> tuple[object, ...]:
        """The values that can be listed; a list counts with those of its items."""
        found: list[object] = []
        for each in self.alternatives():
            found += each.choices
            if each.kind == LIST and each.item is not None:
                found += each.item.all_choices
            if each.kind == BOOLEAN:
                found += [True, False]
        return tuple(found)

    def __str__(self) -> str:
        if self.kind == UNION:
            return " or ".join(map(str, self.alternatives()))
        if self.kind == CHOICE:
            return " | ".join(map(written, self.choices))
        if self.kind == LIST and self.item is not None:
            return f"list of {self.item}" if self.item.kind != CHOICE else "list of choices"
        return self.kind


def written(value: object) -> str:
    """Return a value as it is written on the command line."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return str(value)
