"""Remove the parts of a rule that never refuse anything."""

from typing import Any, cast

from get3w_codegen.jsonschema.keywords import DEFINITIONS, LISTS, MAPS, SINGLES, JsonObject

_UNEVALUATED = frozenset({"unevaluatedItems", "unevaluatedProperties"})
# What is said of the same value, so that `unevaluated...` outside sees the names listed there.
_IN_PLACE = frozenset({"allOf", "anyOf", "dependentSchemas", "else", "if", "oneOf", "then"})


def simplified(rule: Any, *, watched: bool = False) -> Any:
    """Return a schema that accepts the same values, without the parts that refuse nothing.

    Args:
        rule: A schema.
        watched: Whether `unevaluatedProperties` or `unevaluatedItems` around it counts the names
            and items that it describes, so that `true` for a name is not without effect.

    Returns:
        The schema, or True where it accepts everything.
    """
    if not isinstance(rule, dict):
        return rule
    node = cast("JsonObject", rule)
    watched = watched or bool(_UNEVALUATED & node.keys())
    kept = {key: _parts(key, value, watched) for key, value in node.items()}
    for key in ("then", "else", "additionalProperties", "items"):
        # `items` and `additionalProperties` describe all further items and names.
        if kept.get(key) is True and (key in ("then", "else") or not watched):
            del kept[key]
    if "if" not in kept or not {"then", "else"} & kept.keys():
        unused = ("then", "else") if watched and "if" in kept else ("if", "then", "else")
        kept = {key: value for key, value in kept.items() if key not in unused}
    if not watched and "additionalProperties" not in kept:
        _drop_true(kept, "properties")
        _drop_true(kept, "patternProperties")
    _drop_true(kept, "dependentSchemas")
    if "allOf" in kept:
        kept["allOf"] = [part for part in kept["allOf"] if part is not True]
    if not watched and any(part is True for part in kept.get("anyOf", [])):
        del kept["anyOf"]
    if kept.get("not") is False:
        del kept["not"]
    for key in ("allOf", "dependentRequired", "dependentSchemas", "properties", "required"):
        if key in kept and not kept[key]:
            del kept[key]
    return kept or True


def _parts(key: str, value: Any, watched: bool) -> Any:
    # Whoever refers to a definition may watch it.
    inside = key in DEFINITIONS or (watched and key in _IN_PLACE)
    if key in MAPS and isinstance(value, dict):
        entries = cast("JsonObject", value).items()
        return {name: simplified(part, watched=inside) for name, part in entries}
    if key in LISTS and isinstance(value, list):
        return [simplified(part, watched=inside) for part in cast("list[object]", value)]
    return simplified(value, watched=inside) if key in SINGLES else value


def _drop_true(kept: JsonObject, key: str) -> None:
    if key in kept:
        kept[key] = {name: part for name, part in kept[key].items() if part is not True}
        if not kept[key]:
            del kept[key]
