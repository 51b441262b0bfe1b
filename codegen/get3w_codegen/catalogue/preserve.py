"""Keep what was edited by hand in a schema when a pull replaces it."""

from typing import cast

from get3w_codegen.jsonschema.documents import canonical
from get3w_codegen.jsonschema.keywords import JsonObject

# What the list of models sets; every other x- key that it does not state is kept.
_LISTED = frozenset(
    "x-accept x-api-path x-base-price-usd x-enum x-get3w-listed x-hidden x-hint x-model-id"
    " x-model-type x-order-properties x-placeholder x-price-formula x-rows x-suggestions"
    " x-ui-component x-ui-component-props".split()
)
# Kept by hand here, even where the list states it too.
_OURS = frozenset("$schema title x-get3w-media x-note x-provenance x-source x-surface".split())
_MAPS = ("properties", "$defs", "definitions", "patternProperties")
_PARTS = ("items", "additionalProperties", "not", "if", "then", "else")


def kept(old: JsonObject, new: JsonObject) -> JsonObject:
    """Return *new* with the hand-edited facts of *old*, in the order of *old*."""
    merged = dict(new)
    for key, value in old.items():
        ours = key in _OURS or (key == "description" and not new.get(key))
        if ours or (key.startswith("x-") and key not in _LISTED and key not in new):
            merged[key] = value
    # The kind of model, where the list has nothing to say of it.
    for key in ("x-model-type", "x-api-path", "x-base-price-usd", "x-get3w-listed"):
        if key in old and key not in new:
            merged[key] = old[key]
    for key in _MAPS:
        if isinstance(old.get(key), dict) and isinstance(new.get(key), dict):
            merged[key] = _map(old[key], new[key])
    for key in _PARTS:
        if isinstance(old.get(key), dict) and isinstance(new.get(key), dict):
            merged[key] = kept(old[key], new[key])
    if _same_names(old.get("required"), new.get("required")):
        merged["required"] = old["required"]
    return _in_order(old, merged)


def _map(old: JsonObject, new: JsonObject) -> JsonObject:
    merged: JsonObject = {
        name: kept(cast("JsonObject", old[name]), cast("JsonObject", value))
        if isinstance(value, dict) and isinstance(old.get(name), dict)
        else value
        for name, value in new.items()
    }
    return _in_order(old, merged)


def _in_order(old: JsonObject, merged: JsonObject) -> JsonObject:
    return {key: merged[key] for key in old if key in merged} | merged


def _same_names(old: object, new: object) -> bool:
    if not isinstance(old, list) or not isinstance(new, list):
        return False
    return sorted(map(canonical, cast("list[object]", old))) == sorted(
        map(canonical, cast("list[object]", new))
    )
