"""Rules that need nothing outside of themselves, since nobody fetches what they name."""

import copy

from get3w_codegen.jsonschema.keywords import JsonObject, places
from get3w_codegen.jsonschema.references import META_SCHEMA, localised


def self_contained(rule: JsonObject) -> JsonObject:
    """Return *rule* without references that lead out of it.

    One that is in use is an error of the schema and was reported; what is left stands in unused
    definitions, and would keep a validator from being made.
    """
    outside = {
        path
        for path, node in places(localised(rule, static=False))
        if isinstance(node.get("$ref"), str) and not _is_inside(node["$ref"])
    }
    if not outside:
        return rule
    usable = copy.deepcopy(rule)
    for path, node in places(usable):
        if path in outside:
            for key in ("$ref", "$dynamicRef"):
                node.pop(key, None)
    return usable


def _is_inside(reference: str) -> bool:
    return reference.startswith("#") or reference == META_SCHEMA
