"""Tables of keywords (holding schemas, assertions, notes), and a walk over subschemas."""

from collections.abc import Iterator

from get3w_emulator._common.json import JSON, JSONObject

DEFINITIONS = frozenset({"$defs", "definitions"})
BY_NAME = DEFINITIONS | {"dependentSchemas", "patternProperties", "properties"}
BY_NUMBER = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
SINGLE = frozenset(
    "additionalProperties contains contentSchema else if items not propertyNames then"
    " unevaluatedItems unevaluatedProperties".split()
)
# Values there are values of the instance.
VALUES = frozenset({"const", "default", "enum", "examples"})
# What says which values fit.
ASSERTIONS = (
    (BY_NAME - DEFINITIONS)
    | BY_NUMBER
    | (SINGLE - {"contentSchema"})
    | frozenset(
        "$ref const dependentRequired enum exclusiveMaximum exclusiveMinimum maxContains maxItems"
        " maxLength maxProperties maximum minContains minItems minLength minProperties minimum"
        " multipleOf pattern required type uniqueItems".split()
    )
)
# What says nothing of a value, or is said in older drafts and in OpenAPI.
NOTES = DEFINITIONS | frozenset(
    "$anchor $comment $dynamicAnchor $dynamicRef $id $recursiveAnchor $recursiveRef $schema"
    " $vocabulary additionalItems contentEncoding contentMediaType contentSchema default"
    " dependencies deprecated description discriminator example examples externalDocs format id"
    " nullable readOnly title writeOnly xml".split()
)


def children(schema: JSONObject) -> Iterator[tuple[tuple[str, ...], JSON]]:
    """Yield the way to, and the value of, each schema right inside another."""
    for key, value in schema.items():
        if key in BY_NAME and isinstance(value, dict):
            for name, child in value.items():
                yield (key, name), child
        elif key in BY_NUMBER and isinstance(value, list):
            for number, child in enumerate(value):
                yield (key, str(number)), child
        elif key in SINGLE:
            yield (key,), value
