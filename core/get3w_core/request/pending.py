"""Tell which errors of a rule may vanish once a file in the body has its URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jsonschema_rs import ValidationError

# What looks at the text of a string, and where its verdict only leads to another one.
_TEXTUAL: Final = frozenset({"const", "enum", "maxLength", "minLength", "pattern"})
_CONDITIONAL: Final = frozenset({"anyOf", "contains", "if", "not", "oneOf"})

# What speaks of the value itself, not of what is inside, and what holds more than one schema.
_IN_PLACE: Final = frozenset(
    {"allOf", "anyOf", "dependentSchemas", "else", "if", "not", "oneOf", "then"}
)
_SEVERAL: Final = frozenset(
    {"allOf", "anyOf", "dependentSchemas", "oneOf", "patternProperties", "prefixItems"}
)


def may_be_mended(
    error: ValidationError,
    schema: Mapping[str, object],
    body: object,
    pending: Callable[[object], bool],
) -> bool:
    """Tell whether another text in the place of a pending one might end *error*.

    Args:
        error: What *body* breaks.
        schema: The schema that says so.
        body: The body as a whole.
        pending: Tells which values stand for a URL that is not known yet.
    """
    if not _holds(error.instance, pending):
        return False
    own = error.schema_path[-1] if error.schema_path else ""
    return own in _TEXTUAL or _hangs_on(schema, body, pending)


def _holds(value: object, pending: Callable[[object], bool]) -> bool:
    return pending(value) or any(_holds(each, pending) for each in _inside(value))


def _hangs_on(
    schema: object, value: object, pending: Callable[[object], bool], *, conditional: bool = False
) -> bool:
    """Tell whether a branch of *schema* is chosen by the text of something that is pending.

    It says yes too often rather than too seldom: what is let pass here is judged once more.
    """
    if not _holds(value, pending):
        return False
    keywords = _entries(schema)
    if "$ref" in keywords or (conditional and _TEXTUAL & keywords.keys()):
        return True
    for keyword, part in keywords.items():
        here = conditional or keyword in _CONDITIONAL
        values = [value] if keyword in _IN_PLACE else _inside(value)
        if keyword == "properties":
            named, entries = _entries(part), _entries(value)
            pairs = [(named[name], entries[name]) for name in named.keys() & entries.keys()]
        else:
            parts = _inside(part) if keyword in _SEVERAL else [part]
            pairs = [(inner, each) for inner in parts for each in values]
        if any(_hangs_on(inner, each, pending, conditional=here) for inner, each in pairs):
            return True
    return False


def _inside(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else [*_entries(value).values()]


def _entries(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}
