"""Find keywords and enum values that have no effect because of the type beside them."""

from collections.abc import Iterator
from typing import cast

from get3w_codegen.jsonschema.keywords import APPLIES, JsonObject, Path
from get3w_codegen.jsonschema.references import schemas
from get3w_codegen.problems import shown

_KIND = {keyword: kind for kind, keywords in APPLIES.items() for keyword in keywords}

# The same for values of other kinds.
_LEAST = {"string": "minLength", "number": "minimum", "array": "minItems"}
_MOST = {"string": "maxLength", "number": "maximum", "array": "maxItems"}

# In this order: to Python a boolean is a number.
_PYTHON: dict[type[object], str] = {
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def without_effect(root: JsonObject) -> Iterator[tuple[Path, str, str]]:
    """Yield place, message and remedy of each keyword that applies to another type."""
    for path, node in schemas(root):
        stated = node.get("type")
        kinds = [stated] if isinstance(stated, str) else cast("list[str]", stated or [])
        spoken_of = {"number" if kind == "integer" else kind for kind in kinds}
        if not spoken_of:
            continue
        for keyword in node.keys() & _KIND.keys():
            if _KIND[keyword] not in spoken_of:
                yield (
                    (*path, keyword),
                    f"{keyword!r} has no effect on {_named(kinds)}",
                    _remedy(keyword, spoken_of),
                )
        refused = _refused(node, spoken_of)
        if refused:
            message = f"{shown(refused)} in the enum can never be given as {_named(kinds)}"
            yield (*path, "enum"), message, "Correct the values, or the type."


def _refused(node: JsonObject, spoken_of: set[str]) -> list[object]:
    """Return the listed values that the type refuses, where it takes others."""
    values = cast("list[object]", node.get("enum", []))
    known = spoken_of | ({"null"} if node.get("nullable") is True else set[str]())
    refused = [value for value in values if _kind(value) not in known]
    if node.get("type") == "integer":
        refused += [value for value in values if isinstance(value, float) and value % 1]
    return refused if len(refused) < len(values) else []


def _kind(value: object) -> str:
    return next((name for kind, name in _PYTHON.items() if isinstance(value, kind)), "null")


def _named(kinds: list[str]) -> str:
    return " or ".join(f"an {kind}" if kind[0] in "aio" else f"a {kind}" for kind in kinds)


def _remedy(keyword: str, spoken_of: set[str]) -> str:
    for family in (_LEAST, _MOST):
        meant = [word for kind, word in family.items() if kind in spoken_of]
        if keyword in family.values() and meant:
            return f"Write {meant[0]}, or remove it."
    return "Correct the type, or remove the keyword."
