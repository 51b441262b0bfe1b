"""Schemas of few names and few values, changed at random, and bodies that may fit them."""

from hypothesis import strategies as st

NAMES = ["a", "b", "c"]
NUMBERS = [-1, 0, 1, 2, 3, 4, 0.5, 1.5, 2.0]
TEXTS = ["", "a", "ab", "abc", "b"]
SCALARS = [None, True, False, *NUMBERS, *TEXTS]

bounds = st.integers(0, 3)
numbers = st.fixed_dictionaries(
    {"type": st.sampled_from(["integer", "number"])},
    optional={
        "minimum": bounds,
        "maximum": bounds,
        "exclusiveMinimum": bounds,
        "exclusiveMaximum": bounds,
        "multipleOf": st.sampled_from([0.5, 1, 2, 3]),
        "default": st.sampled_from([0, 1, 2]),
    },
)
texts = st.fixed_dictionaries(
    {"type": st.sampled_from(["string", ["string", "null"]])},
    optional={
        "minLength": bounds,
        "maxLength": bounds,
        "pattern": st.sampled_from(["^a", "b$", "a"]),
        "deprecated": st.booleans(),
    },
)
choices = st.one_of(
    st.fixed_dictionaries({"enum": st.lists(st.sampled_from(SCALARS), min_size=1, max_size=4)}),
    st.fixed_dictionaries({"const": st.sampled_from(SCALARS)}),
    st.fixed_dictionaries({"type": st.sampled_from(["boolean", "null", "string", "integer"])}),
    st.fixed_dictionaries(
        {"type": st.just(["integer", "string", "null"])},
        optional={"maximum": bounds, "minLength": bounds},
    ),
)


def lists(parts):
    return st.fixed_dictionaries(
        {"type": st.just("array")},
        optional={
            "items": parts,
            "minItems": bounds,
            "maxItems": bounds,
            "uniqueItems": st.booleans(),
            "prefixItems": st.lists(parts, min_size=1, max_size=2),
            "contains": parts,
            "minContains": st.integers(0, 1),
        },
    )


def unions(parts):
    return st.one_of(
        *(
            st.fixed_dictionaries({key: st.lists(parts, min_size=1, max_size=3)})
            for key in ("anyOf", "oneOf", "allOf")
        )
    )


def tests_of(parts):
    """Conditions on the parameters of one object."""
    named = st.dictionaries(st.sampled_from(NAMES), parts, min_size=1, max_size=2)
    must = st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True)
    return st.one_of(
        st.fixed_dictionaries({}, optional={"properties": named, "required": must}),
        st.fixed_dictionaries({"required": must}),
    )


def objects(parts):
    tests = tests_of(parts)
    implications = st.fixed_dictionaries({"if": tests}, optional={"then": tests, "else": tests})
    return st.builds(
        lambda body, condition: {**body, **condition},
        st.fixed_dictionaries(
            {
                "type": st.just("object"),
                "properties": st.dictionaries(st.sampled_from(NAMES), parts, max_size=3),
            },
            optional={
                "required": st.lists(st.sampled_from(NAMES), max_size=2, unique=True),
                "additionalProperties": st.one_of(st.booleans(), parts),
                "dependentRequired": st.dictionaries(
                    st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=1), max_size=1
                ),
                "minProperties": st.integers(0, 2),
                "patternProperties": st.fixed_dictionaries({"^a": parts}),
            },
        ),
        st.one_of(
            st.just({}),
            st.just({}),
            implications,
            st.fixed_dictionaries({"not": tests}),
            st.fixed_dictionaries(
                {"allOf": st.lists(st.one_of(implications, tests), min_size=1, max_size=2)}
            ),
            st.fixed_dictionaries({"anyOf": st.lists(tests, min_size=1, max_size=2)}),
            st.fixed_dictionaries({"oneOf": st.lists(tests, min_size=1, max_size=2)}),
            st.fixed_dictionaries({"dependentSchemas": st.fixed_dictionaries({"a": tests})}),
        ),
    )


leaves = st.one_of(numbers, texts, choices)
parts = st.recursive(
    leaves, lambda inner: st.one_of(lists(inner), unions(inner), objects(inner)), max_leaves=4
)
schemas = objects(parts)


def _places(node, path=()):
    """Yield the path of every schema inside a schema, itself included."""
    yield path
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key in ("properties", "patternProperties", "dependentSchemas"):
            for name, part in value.items():
                yield from _places(part, (*path, key, name))
        elif key in ("allOf", "anyOf", "oneOf", "prefixItems"):
            for number, part in enumerate(value):
                yield from _places(part, (*path, key, number))
        elif key in ("items", "additionalProperties", "not", "if", "then", "else", "contains"):
            yield from _places(value, (*path, key))


def _put(node, path, value):
    if not path:
        return value
    copy = list(node) if isinstance(node, list) else dict(node)
    copy[path[0]] = _put(copy[path[0]], path[1:], value)
    return copy


def _get(node, path):
    for step in path:
        node = node[step]
    return node


@st.composite
def changed(draw, schema):
    """A schema like the one given, with up to three things in it done otherwise."""
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(_places(schema))))
        node = _get(schema, path)
        other = draw(
            objects(parts)
            if not path or (isinstance(node, dict) and node.get("type") == "object")
            else parts
        )
        if isinstance(node, dict) and isinstance(other, dict):
            keys = sorted(set(node) | set(other))
            key = draw(st.sampled_from(keys))
            node = {name: value for name, value in node.items() if name != key}
            if key in other and (key not in _get(schema, path) or draw(st.booleans())):
                node[key] = other[key]
            elif key == "properties" and not path:
                node[key] = {}
            if key in ("properties",) and draw(st.booleans()):
                node[key] = {**_get(schema, path).get(key, {}), **other.get(key, {})}
        else:
            node = other
        schema = _put(schema, path, node)
    return {"type": "object", "properties": {}, **schema}


values = st.recursive(
    st.sampled_from(SCALARS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from([*NAMES, "aa"]), inner, max_size=2),
    ),
    max_leaves=3,
)


def values_for(schema, depth=3):
    """Values that often fit a schema: by its words where they are plain, else any."""
    if not isinstance(schema, dict) or depth == 0:
        return values
    options = []
    if "enum" in schema:
        options.append(st.sampled_from(schema["enum"]))
    if "const" in schema:
        options.append(st.just(schema["const"]))
    for key in ("anyOf", "oneOf", "allOf"):
        options += [values_for(part, depth - 1) for part in schema.get(key, [])]
    kinds = schema.get("type", [])
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        if kind in ("integer", "number"):
            options.append(st.sampled_from(NUMBERS))
        elif kind == "string":
            options.append(st.sampled_from(TEXTS))
        elif kind == "boolean":
            options.append(st.booleans())
        elif kind == "null":
            options.append(st.none())
        elif kind == "array":
            options.append(st.lists(values_for(schema.get("items"), depth - 1), max_size=3))
    if "properties" in schema:
        named = dict(schema["properties"])
        for key in ("then", "else", "if"):
            if isinstance(schema.get(key), dict):
                for name, part in schema[key].get("properties", {}).items():
                    named.setdefault(name, part)
        for name in schema.get("required", []):
            named.setdefault(name, None)
        fields = {name: values_for(part, depth - 1) for name, part in named.items()}
        must = {name: fields[name] for name in schema.get("required", [])}
        may = {name: field for name, field in fields.items() if name not in must}
        for name in [*NAMES, "aa"]:
            if name not in fields and schema.get("additionalProperties") not in (None, False):
                may[name] = values_for(schema["additionalProperties"], depth - 1)
        options.append(st.fixed_dictionaries(must, optional=may))
    return st.one_of(*options, *options, values) if options else values
