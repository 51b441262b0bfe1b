"""Which conditions of a schema are left to a compiled rule, and what types do not say."""

import ast

# What only leads to the place of a condition.
_WAY = {"$defs", "$ref", "additionalProperties", "items", "properties", "required", "type"}
_IN_PLACE = ("allOf", "anyOf", "oneOf", "then", "else", "$ref")
_TYPED = {"type", "enum", "const"}


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


def bytes_of(source):
    """Return how many bytes of a module's source are its rule, and how many there are."""
    text = source.encode()
    rules = [
        node
        for node in ast.parse(text).body
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "_CONDITIONS"
    ]
    lines = text.splitlines(keepends=True)
    ruled = sum(len(b"".join(lines[node.lineno - 1 : node.end_lineno])) for node in rules)
    return ruled, len(text)


def untyped(source, function, schema):
    """Return the parameters that are typed as any value, though the schema states a type.

    Args:
        source: The source of the module.
        function: The name of the function that submits.
        schema: The model's schema.
    """
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            for parameter in [*node.args.args, *node.args.kwonlyargs]:
                loose = ast.unparse(parameter.annotation) == "JsonValue"
                if loose and _states_type(schema, parameter.arg):
                    found.append(parameter.arg)
    return found


def _states_type(schema, name):
    listed = [part["properties"][name] for part in _parts(schema, schema) if _lists(part, name)]
    return any(_TYPED & part.keys() for node in listed for part in _parts(schema, node))


def _lists(part, name):
    return name in part.get("properties", {})


def _parts(root, schema, seen=()):
    """Yield a schema and what it refers to or branches into in place."""
    if not isinstance(schema, dict) or id(schema) in seen:
        return
    yield schema
    for key in _IN_PLACE:
        value = schema.get(key, [])
        if key == "$ref" and value:
            value = _look_up(root, value)
        for part in value if isinstance(value, list) else [value]:
            yield from _parts(root, part, (*seen, id(schema)))
    for part in schema.get("dependentSchemas", {}).values():
        yield from _parts(root, part, (*seen, id(schema)))


def _look_up(root, reference):
    place = root
    for step in reference.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        place = place[int(name)] if isinstance(place, list) else place.get(name, {})
    return place
