"""Which conditions of a schema are left to a compiled rule."""

# What only leads to the place of a condition.
_WAY = {"$defs", "$ref", "additionalProperties", "items", "properties", "required", "type"}


def rule_of(request_class):
    """Return the rule of a request class, as a JSON Schema, or None."""
    rule = request_class.__model__.rule
    return None if rule is None else rule.schema


def keywords_of(rule):
    """Return the keywords that the rule is there for."""
    return _keywords(rule) - _WAY or _keywords(rule) - {"properties"}


def _keywords(schema):
    if isinstance(schema, list):
        return set().union(*map(_keywords, schema))
    if not isinstance(schema, dict):
        return set()
    found = set(schema)
    for key, value in schema.items():
        if key in ("properties", "patternProperties", "dependentSchemas", "$defs"):
            found |= _keywords(list(value.values()))
        elif key not in ("const", "enum"):
            found |= _keywords(value)
    return found
