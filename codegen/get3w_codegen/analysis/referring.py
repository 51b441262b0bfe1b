"""Resolve what a place in a schema refers to, and cache what all references to it share."""

from typing import cast

from get3w_codegen.analysis.branches import assertions
from get3w_codegen.jsonschema.documents import canonical
from get3w_codegen.jsonschema.keywords import JsonObject
from get3w_codegen.jsonschema.merge import in_any_case, says
from get3w_codegen.jsonschema.references import META_SCHEMA, look_up


def only_reference(schema: JsonObject) -> str | None:
    """Return the reference that *schema* is, where it says nothing else of the value."""
    said = says(schema)
    if said == {"$ref"}:
        return str(schema["$ref"])
    for key in ("allOf", "anyOf", "oneOf"):
        if said == {key} and len(schema[key]) == 1 and isinstance(schema[key][0], dict):
            return only_reference(cast("JsonObject", schema[key][0]))
    return None


def reference_key(root: JsonObject, schema: JsonObject) -> str | None:
    """Return what all places that refer to the same, and narrow it alike, have in common.

    Returns:
        The reference, where what stands beside it is said by what it names as well; else all that
        is said of the value, or None where no reference is in it.
    """
    alone = only_reference(schema)
    if alone is not None:
        return alone
    stated = in_any_case(schema)
    references = [
        str(cast("JsonObject", part)["$ref"])
        for found in stated.values()
        for part in found
        if isinstance(part, dict) and "$ref" in part
    ]
    if not references:
        return None
    if list(stated) == ["$ref"]:
        target = look_up(root, references[0]) if references[0] != META_SCHEMA else None
        if isinstance(target, dict) and all(
            key == "$ref" or cast("JsonObject", target).get(key) == schema[key]
            for key in says(schema)
        ):
            return references[0]
    return canonical(assertions(schema))
