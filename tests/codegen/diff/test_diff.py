"""What diff finds: one case for every class of change, and what it does to callers."""

import itertools
import json
import re
from collections import defaultdict

import pytest
from get3w_codegen.diff.catalogues import compare_catalogues, compare_models

TEXT = {"type": "string"}
INT = {"type": "integer"}
LONG_HD = {
    "if": {"properties": {"size": {"const": "hd"}}, "required": ["size"]},
    "then": {"properties": {"duration": {"enum": [5]}}},
}


def model(properties, **rest):
    return {"type": "object", "properties": properties, **rest}


def one(part, **rest):
    return model({"p": part}, **rest)


def clip(condition):
    properties = {"size": {"enum": ["sd", "hd"]}, "duration": {"enum": [5, 10]}}
    return model(properties, **condition)


def then(*values, **rest):
    return {**LONG_HD, "then": {"properties": {"duration": {"enum": list(values)}}, **rest}}


BREAKING = [
    ("removed", "p", one(TEXT), model({})),
    ("name", "a.b", model({"a.b": INT}), model({"a.b": INT, "a-b": INT})),
    ("name", "p[].a.b", one({"type": "array", "items": model({"a.b": INT})}),
     one({"type": "array", "items": model({"a.b": INT, "a-b": INT})})),
    ("name", "z.frame", model({"z": model({"frame": model({"a": INT})})}),
     model({"frame": model({"b": INT}), "z": model({"frame": model({"a": INT})})})),
    ("renamed", "end_image", model({"last_image": TEXT}), model({"end_image": TEXT})),
    ("added", "q", one(TEXT), model({"p": TEXT, "q": TEXT}, required=["q"])),
    ("required", "p", one(TEXT), one(TEXT, required=["p"])),
    ("required", "", model({}, additionalProperties=True),
     model({}, additionalProperties=True, required=["p"])),
    ("type", "p", one(TEXT), one(INT)),
    ("type", "p", one({"type": "number"}), one(INT)),
    ("type", "p", one({"type": ["string", "null"]}), one(TEXT)),
    ("type", "p", one(TEXT), one(False)),
    ("enum", "p", one({"enum": ["a", "b"]}), one({"enum": ["a"]})),
    ("enum", "p", one(TEXT), one({"enum": ["a"]})),
    ("enum", "p", one({"enum": [1]}), one({"enum": ["1"]})),
    ("range", "p", one(INT), one({**INT, "minimum": 1})),
    ("range", "p", one({**INT, "maximum": 5}), one({**INT, "maximum": 4})),
    ("range", "p", one({"type": "number", "minimum": 0}),
     one({"type": "number", "exclusiveMinimum": 0})),
    ("range", "p", one({**INT, "multipleOf": 2}), one({**INT, "multipleOf": 4})),
    ("length", "p", one({**TEXT, "maxLength": 5}), one({**TEXT, "maxLength": 4})),
    ("length", "p", one({"type": "array"}), one({"type": "array", "minItems": 1})),
    ("length", "p", one({"type": "array"}), one({"type": "array", "uniqueItems": True})),
    ("pattern", "p", one(TEXT), one({**TEXT, "pattern": "^a"})),
    ("type", "p[]", one({"type": "array", "items": TEXT}), one({"type": "array", "items": INT})),
    ("removed", "p.x", one(model({"x": TEXT})), one(model({}))),
    ("range", "p[].x", one({"type": "array", "items": model({"x": INT})}),
     one({"type": "array", "items": model({"x": {**INT, "minimum": 0}})})),
    ("extra", "", one(TEXT, additionalProperties=True), one(TEXT)),
    ("added", "q", one(TEXT, additionalProperties=True),
     model({"p": TEXT, "q": TEXT}, additionalProperties=True)),
    ("media", "p", one({**TEXT, "x-get3w-media": "image"}), one(TEXT)),
    ("condition", "", clip({}), clip(LONG_HD)),
    ("condition", "", one(TEXT), one(TEXT, dependentRequired={"p": ["q"]})),
    ("condition", "", model({"a": TEXT, "b": TEXT}),
     model({"a": TEXT, "b": TEXT}, **{"not": {"required": ["a", "b"]}})),
    ("condition", "p", one({**TEXT, "pattern": "^a"}),
     one({**TEXT, "pattern": "^a", "allOf": [{"pattern": "b$"}]})),
    ("position", "b", model({"a": TEXT, "b": TEXT}), model({"b": TEXT, "a": TEXT})),
]  # fmt: skip  # a table reads better in rows

COMPATIBLE = [
    ("added", "q", one(TEXT), model({"p": TEXT, "q": TEXT})),
    ("required", "p", one(TEXT, required=["p"]), one(TEXT)),
    ("type", "p", one(INT), one({"type": "number"})),
    ("type", "p", one(TEXT), one({"type": ["string", "null"]})),
    ("enum", "p", one({"enum": ["a"]}), one({"enum": ["a", "b"]})),
    ("enum", "p", one({"enum": ["a"]}), one(TEXT)),
    ("range", "p", one({**INT, "maximum": 4}), one({**INT, "maximum": 5})),
    ("range", "p", one({**INT, "multipleOf": 4}), one({**INT, "multipleOf": 2})),
    ("length", "p", one({**TEXT, "maxLength": 4}), one(TEXT)),
    ("pattern", "p", one({**TEXT, "pattern": "^a"}), one(TEXT)),
    ("added", "p.x", one(model({})), one(model({"x": TEXT}))),
    ("extra", "", one(TEXT), one(TEXT, additionalProperties=True)),
    ("media", "p", one(TEXT), one({**TEXT, "x-get3w-media": "image"})),
    ("default", "p", one({**TEXT, "default": "a"}), one({**TEXT, "default": "b"})),
    ("deprecated", "p", one(TEXT), one({**TEXT, "deprecated": True})),
    ("description", "p", one(TEXT), one({**TEXT, "description": "Words."})),
    ("condition", "", clip(LONG_HD), clip({})),
    ("condition", "", clip(then(5)), clip(then(5, 10))),
    ("condition", "", clip(then(5)), clip({"allOf": [then(5, 10)]})),
    ("condition", "", clip({}), clip(then(5, 10, 15))),
    ("condition", "p", one(TEXT), one({"anyOf": [TEXT, INT]})),
    ("condition", "p", one({"anyOf": [TEXT, INT]}), one({"type": ["string", "integer", "null"]})),
    ("condition", "p", one({"oneOf": [TEXT, INT]}), one({"oneOf": [INT, TEXT, {"type": "null"}]})),
    ("condition", "", one(TEXT, **{"not": {"required": ["p"]}}), one(TEXT)),
    ("surface", "", one(TEXT), one(TEXT, **{"x-surface": "v1"})),
]  # fmt: skip  # a table reads better in rows

BILLING = [
    ("price", "", one(TEXT, **{"x-base-price-usd": 1}), one(TEXT, **{"x-base-price-usd": 2})),
    ("price", "", one(TEXT), one(TEXT, **{"x-price-formula": "2 * duration"})),
    ("default", "duration", model({"duration": {**INT, "default": 5}}),
     model({"duration": {**INT, "default": 10}})),
    ("default", "num_images", model({"num_images": INT}),
     model({"num_images": {**INT, "default": 4}})),
    ("default", "o.steps", model({"o": model({"steps": {**INT, "default": 5}})}),
     model({"o": model({"steps": INT})})),
    ("default", "mood", model({"mood": TEXT}, **{"x-price-formula": "mood == 'x'"}),
     model({"mood": {**TEXT, "default": "x"}}, **{"x-price-formula": "mood == 'x'"})),
]  # fmt: skip  # a table reads better in rows

UNDECIDED = [
    ("pattern", "p", one({**TEXT, "pattern": "^a"}), one({**TEXT, "pattern": "^[a]"})),
    ("condition", "", clip(LONG_HD), clip(then(10))),
    ("condition", "", clip(LONG_HD), clip({**LONG_HD, "then": {"properties": {"new": TEXT}}})),
    ("reference", "", one({"$ref": "#/$defs/none"}), one({"$ref": "#/$defs/nothing"})),
    ("pattern", "", one(TEXT, patternProperties={"^a": TEXT}),
     model({"p": TEXT, "a": INT}, patternProperties={"^a": TEXT})),
    # Found at random: patterns of names are a map of schemas, not a schema.
    ("pattern", "", one(TEXT, patternProperties={"^p": {}}),
     one(TEXT, patternProperties={"^p": INT})),
    # Found at random: a part of `allOf` holds two conditions, of which one is new.
    ("condition", "", model({}, allOf=[{"if": {}}]),
     model({}, allOf=[{"if": {}, "anyOf": [{"type": "integer"}]}])),
]  # fmt: skip  # a table reads better in rows


def found(old, new):
    """Return what changed by kind and parameter, the first of each."""
    changes = reversed(compare_models(old, new))
    return {(change.kind, change.parameter): change for change in changes}


@pytest.mark.parametrize(("kind", "parameter", "old", "new"), BREAKING)
def test_breaking(kind, parameter, old, new):
    """A call that was right before may be wrong now."""
    change = found(old, new)[kind, parameter]

    assert ("breaking", True) == (change.weight.value, change.decided)


@pytest.mark.parametrize(("kind", "parameter", "old", "new"), COMPATIBLE)
def test_compatible(kind, parameter, old, new):
    """All calls stay right, and cost the same."""
    changes = found(old, new)

    assert (kind, parameter) in changes
    assert {"compatible"} == {change.weight.value for change in changes.values()}


@pytest.mark.parametrize(("kind", "parameter", "old", "new"), BILLING)
def test_billing(kind, parameter, old, new):
    """All calls stay right, and the same call may cost something else."""
    changes = found(old, new)

    assert "billing" == changes[kind, parameter].weight.value
    assert "breaking" not in {change.weight.value for change in changes.values()}


@pytest.mark.parametrize(("kind", "parameter", "old", "new"), UNDECIDED[:-1])
def test_undecided_counts_as_breaking(kind, parameter, old, new):
    """What cannot be told is called breaking, and says that it is a guess."""
    change = found(old, new)[kind, parameter]

    assert ("breaking", False) == (change.weight.value, change.decided)
    assert "undecided" in change.text


def test_condition_beside_another_is_seen():
    """Two conditions in one part of `allOf` are two: found at random, now kept."""
    kind, parameter, old, new = UNDECIDED[-1]

    assert "breaking" == found(old, new)[kind, parameter].weight.value


@pytest.mark.parametrize(("kind", "parameter", "old", "new"), [*BREAKING, *COMPATIBLE, *UNDECIDED])
def test_nothing_changed_is_nothing_found(kind, parameter, old, new):
    """A schema does not differ from itself."""
    for schema in (old, new):
        assert [] == compare_models(schema, schema)


def test_recursive_schemas_are_compared():
    """A definition that refers to itself is gone through once."""

    def tree(leaf):
        node = model({"leaf": leaf, "left": {"$ref": "#/$defs/node"}})
        return model({"root": {"$ref": "#/$defs/node"}}, **{"$defs": {"node": node}})

    changes = found(tree(TEXT), tree(INT))

    assert [] == compare_models(tree(TEXT), tree(TEXT))
    assert "breaking" == changes["type", "root.leaf"].weight.value


def test_renamed_model_is_told_from_a_new_one():
    """A model that comes as one like it goes was renamed; one unlike it is new."""
    schema = model({"prompt": TEXT, "seed": INT})

    found = compare_catalogues(
        {"acme/flux-v1": schema, "acme/other": model({"x": TEXT})},
        {"acme/flux-v1.0": schema, "zeta/thing": model({"y": INT})},
    )

    assert [
        ("acme/flux-v1.0", "renamed"),
        ("acme/other", "removed"),
        ("zeta/thing", "added"),
    ] == [(each.model_id, each.fate) for each in found]
    assert "acme/flux-v1" == found[0].changes[0].renamed_from


def test_neighbouring_versions_are_decided(checkout):
    """Between real versions of one model, at most one change in twenty is undecided."""
    path = checkout / "../shared/corpus/catalogue/models.json"
    if not path.is_file():
        pytest.skip("the catalogue of real models is not beside this checkout")
    version = re.compile(r"(?<![a-z0-9])v?(\d+(?:\.\d+)*)(?![a-z0-9])")
    families = defaultdict(list)
    for entry in json.loads(path.read_text())["data"]:
        model_id = entry["model_id"]
        schema = entry["api_schema"]["api_schemas"][0]["request_schema"]
        if match := version.search(model_id):
            number = tuple(map(int, match[1].split(".")))
            family = model_id[: match.start()] + model_id[match.end() :]
            families[family].append((number, model_id, schema))
    pairs = [
        (old[2], new[2])
        for members in families.values()
        for old, new in itertools.pairwise(sorted(members, key=lambda member: member[:2]))
    ]

    changes = [change for old, new in pairs for change in compare_models(old, new)]

    assert 50 < len(pairs)
    assert 300 < len(changes)
    assert 0.05 >= sum(not change.decided for change in changes) / len(changes)
