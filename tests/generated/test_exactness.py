"""A request class accepts what its schema accepts, by the judgement of another implementation.

Bodies are made from each schema by rule and judged twice: by the request class, and by the
`jsonschema` library on the original schema, read as closed by a helper of this file.
"""

import copy
import itertools
import json
import random
import re
from collections import Counter

from get3w_core.request.wire import wire_body
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from tests.fidelity.bodies import MISSING, STRANGERS, replaced

SEED = 20251125
SECOND_ORDER = 400  # random pairs of mutations for each model, beside all the single ones

IN_PLACE_LISTS = ("allOf", "anyOf", "oneOf")


def closed(schema):
    """Return *schema* with every object closed that lists properties and says no more of it."""
    schema = copy.deepcopy(schema)
    _close(schema)
    return schema


def _close(schema):
    """Close an instance location: the whole, the value of a property, or an item."""
    if not isinstance(schema, dict):
        return
    if _lists_properties(schema) and not _says_more(schema):
        schema["unevaluatedProperties"] = False
    _close_children(schema)


def _close_children(schema):
    if "pattern" in schema:
        # The library has Python's engine, in which these mean more than they do in ECMA-262.
        pattern = re.sub(r"\\d", "[0-9]", schema["pattern"])
        schema["pattern"] = re.sub(r"(?<!\\)\$", r"\\Z", pattern)
    for part in schema.get("properties", {}).values():
        _close(part)
    for key in ("items", "additionalProperties"):
        _close(schema.get(key))
    for part in schema.get("prefixItems", []):
        _close(part)
    # What applies in place is part of the same location: its children are locations, it is none.
    for key in IN_PLACE_LISTS:
        for part in schema.get(key, []):
            _close_children(part)
    for key in ("then", "else"):
        if isinstance(schema.get(key), dict):
            _close_children(schema[key])


def _in_place(schema):
    yield schema
    for key in IN_PLACE_LISTS:
        for part in schema.get(key, []):
            yield from _in_place(part)
    for key in ("then", "else"):
        if isinstance(schema.get(key), dict):
            yield from _in_place(schema[key])


def _lists_properties(schema):
    return any("properties" in part for part in _in_place(schema))


def _says_more(schema):
    says = ("additionalProperties", "unevaluatedProperties")
    return any(key in part for part in _in_place(schema) for key in says)


def places(schema, body, path=()):
    """Yield the path, the schema and the value of every place in a body."""
    yield path, schema, body
    if isinstance(body, dict):
        for name, value in body.items():
            part = schema.get("properties", {}).get(name)
            if part is not None:
                yield from places(part, value, (*path, name))
    if isinstance(body, list):
        for index, value in enumerate(body):
            yield from places(schema["items"], value, (*path, index))


def other_values(schema, value):
    """Yield what may stand in a place instead: near what is allowed, on both sides of it."""
    yield from STRANGERS
    yield [value]
    yield json.dumps(value)
    for allowed in schema.get("enum", []):
        yield allowed
        yield from _neighbours(allowed)
        if type(allowed) is int and abs(allowed) < 100:
            yield from range(allowed - 5, allowed + 16)
    yield from _neighbours(value)
    for bound in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
        if bound in schema:
            limit = schema[bound]
            yield from (limit, float(limit), limit - 1, limit + 1, limit - 0.001, limit + 0.001)
            yield from (limit * 2, limit * 3, limit * 1.5)
    if isinstance(value, str):
        for bound in ("minLength", "maxLength"):
            limit = schema.get(bound)
            if limit is not None:
                # An emoji is one character, though two units in UTF-16 and four bytes.
                for character in ("a", "\u00e9", "\U0001f600"):
                    yield from (character * max(limit + step, 0) for step in (-1, 0, 1))
        if "pattern" in schema:
            yield from (f"{value}{value}", f" {value}", f"{value} ", f"{value}\n", f"{value}x")
            yield from (value.replace("1", "\u0661"), value[1:], value[:-1], value.upper())
            yield from ("512*512", "1*1", "512x512", "512*", "*512", "-1*2", "1.5*2")
    if isinstance(value, list) and value:
        for bound in ("minItems", "maxItems"):
            limit = schema.get(bound)
            if limit is not None:
                yield from ([value[0]] * max(limit + step, 0) for step in (-1, 0, 1))
        yield value * 2
        yield [*value, None]
        yield {"0": value[0]}


def _neighbours(value):
    if isinstance(value, bool):
        yield from (not value, int(value), float(value), str(value), str(value).lower())
    elif isinstance(value, int | float):
        yield from (value + 1, value - 1, value + 0.5, -value, float(value), str(value))
        yield value * 1.0000001
        if float(value).is_integer():
            yield int(value)
    elif isinstance(value, str):
        yield from (f"{value}x", value[:-1], f" {value}", f"{value}\n", f"{value}\u0000")
        yield from (value.upper(), value.lower(), value.swapcase(), value.title())
        if re.fullmatch(r"-?\d+", value):
            yield int(value)


def mutations(schema, body):
    """Yield every single change of a body: a path and what stands there afterwards."""
    for path, part, value in places(schema, body):
        for other in other_values(part, value):
            yield path, other
        if path:
            yield path, MISSING
        if isinstance(value, dict):
            names = [*value, *part.get("properties", {})]
            for name in ("webhook_url", "model_config", "__proto__", "", "x y", *_misspelt(names)):
                if name not in part.get("properties", {}):
                    yield (*path, name), "x"
                    yield (*path, name), None


def _misspelt(names):
    for name in names:
        yield from (name[:-1], f"{name}s", f"{name}_", name.upper(), name.replace("_", "-"))


def bodies(model):
    """Return bodies that a model should take, and combinations that it may refuse."""
    least, most = model.body(), model.body(everything=True)
    found = [least, most]
    # Conditions across fields: each pair of properties together, with every choice of each.
    options = {
        name: part["enum"] if len(part.get("enum", [])) <= 15 and "enum" in part else [most[name]]
        for name, part in model.properties.items()
    }
    for one, other in itertools.combinations(options, 2):
        for first, second in itertools.product(options[one], options[other]):
            found.append({**least, one: first, other: second})
    return found


def mutants(model):
    """Return every body to judge, each once."""
    rng = random.Random(f"{SEED} {model.id}")
    base = bodies(model)
    made = list(base)
    for body in base[:2]:
        single = list(mutations(model.schema, body))
        made += [replaced(body, path, value) for path, value in single]
    body = base[1]
    for (path, value), (other_path, other) in (rng.sample(single, 2) for _ in range(SECOND_ORDER)):
        if not _overlap(path, other_path):
            made.append(replaced(replaced(body, path, value), other_path, other))
    unique = {json.dumps(body): body for body in made}
    return list(unique.values())


def _overlap(one, other):
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter] or (one[:-1] == other[:-1] and len(one) > 1)


def accepts(request_class, body):
    """Tell whether a request class takes a body, and see that it would go out as it came."""
    try:
        request = request_class.model_validate(body)
    except ValidationError:
        return False
    assert body == wire_body(request)
    return True


def test_closing_follows_design():
    """The helper closes what lists properties, at every depth, and nothing that says more."""
    judge = Draft202012Validator(
        closed(
            {
                "properties": {
                    "a": {"type": "array", "items": {"properties": {"b": {"type": "integer"}}}},
                    "open": {"properties": {"c": {}}, "additionalProperties": True},
                    "any": {"type": "object"},
                },
                "allOf": [{"properties": {"d": {}}}],
            }
        )
    )

    assert judge.is_valid({"a": [{"b": 1}], "open": {"z": 1}, "any": {"z": 1}, "d": 1})
    assert not judge.is_valid({"z": 1})
    assert not judge.is_valid({"a": [{"b": 1, "z": 1}]})


def test_class_agrees_with_schema(model):
    """On every mutant the request class and the schema come to the same verdict."""
    Draft202012Validator.check_schema(model.schema)
    judge = Draft202012Validator(closed(model.schema))
    request_class = model.request_class
    assert judge.is_valid(model.body()), "no valid body to start from"
    verdicts, disagreements = Counter(), []

    for body in mutants(model):
        expected, actual = judge.is_valid(body), accepts(request_class, body)
        verdicts[expected] += 1
        if expected is not actual:
            disagreements.append((expected, body))

    assert [] == disagreements[:5]
    assert verdicts[True] >= 5
    assert verdicts[False] >= 200


def test_there_are_thousands_of_mutants(catalogue):
    """The comparison is worth its name: many bodies, and many of both verdicts."""
    counted = [len(mutants(model)) for model in catalogue]

    assert 54 <= len(counted)
    assert min(counted) >= 250
    assert sum(counted) >= 35_000


def test_mutants_are_the_same_each_time(catalogue):
    """The seed decides everything."""
    model = catalogue[0]

    assert mutants(model) == mutants(model)
