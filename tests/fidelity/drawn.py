"""Schemas that nobody would write, drawn at random: every keyword beside every other."""

import random

NAMES = ("a", "b", "c", "k")
PROBES = (
    None, True, False, 0, 1, 2, -1, 1.0, 0.5, 1.5, 3, "", "a", "b", "ab", "1", "aa", [], [1],
    ["a"], [1, 1], [1, "a"], [None], [[]], [0.5], [True, 1], {}, {"a": 1}, {"a": "a"}, {"b": 1},
    {"c": 1}, {"a": 1, "b": 1}, {"a": None}, {"a": 0.5, "b": 2}, {"k": 1}, {"a": {"b": 1}},
    {"a": ["a"]}, {"c": "a", "a": 1}, [{"a": 1}], [{"a": "a"}], [{"b": 1}], {"a": {"a": 1}},
    {"b": {"a": 1}}, {"z": 1}, {"a": 1, "z": 1}, [{"z": 1}], {"a": {"z": 1}},
)  # fmt: skip  # a table reads better in rows


def schemas(number, seed):
    """Return *number* schemas whose property `x` is drawn."""
    chance = random.Random(seed)
    return {f"drawn/s{turn}": _Drawing(chance).schema() for turn in range(number)}


class _Drawing:
    def __init__(self, chance):
        self._random = chance

    def schema(self):
        return {
            "type": "object",
            "properties": {"x": self._any(3)},
            "$defs": {
                "A": self._scalar(),
                "B": {
                    "type": "object",
                    "properties": {"a": self._scalar(), "b": {"type": "integer"}},
                    "required": ["a"],
                },
            },
        }

    def _pick(self, *options):
        return self._random.choice(options)

    def _chance(self, share):
        return self._random.random() < share

    def _scalar(self):
        kinds = ("string", "integer", "number", "null", "boolean", "array")
        values = ("a", "b", 1, 0, True, None, 0.5, "1", 2, 1.5)
        schema = self._pick(
            {"type": "string"},
            {"type": "integer"},
            {"type": "number"},
            {"type": "boolean"},
            {"type": self._random.sample(kinds, self._random.randint(1, 3))},
            {"enum": self._random.sample(values, self._random.randint(1, 4))},
            {"const": self._pick("a", 1, True, None, 0, [1])},
            {},
        )
        for _ in range(self._random.choice((0, 0, 1, 2))):
            keyword, value = self._pick(
                ("minimum", self._pick(0, 1, 0.5, 2)),
                ("maximum", self._pick(3, 2.5, 4)),
                ("exclusiveMinimum", self._pick(0, 1)),
                ("multipleOf", self._pick(2, 0.5, 3)),
                ("minLength", self._pick(1, 2)),
                ("maxLength", self._pick(1, 2)),
                ("pattern", "a"),
                ("not", {"const": 1}),
                ("enum", ["a", 1, 2, None]),
            )
            schema = {**schema, keyword: value}
        return schema

    def _object(self, depth):
        names = self._random.sample(NAMES, self._random.randint(1, 3))
        schema = {"type": "object", "properties": {name: self._any(depth - 1) for name in names}}
        if self._chance(0.4):
            schema["required"] = [names[0]]
        if self._chance(0.35):
            schema["additionalProperties"] = self._pick(True, False, {"type": "integer"})
        if self._chance(0.1):
            schema["minProperties"] = 1
        if self._chance(0.1):
            schema["not"] = {"required": ["a"]}
        if self._chance(0.1):
            schema["if"] = {"required": [names[0]]}
            schema["then"] = {"properties": {self._pick(*NAMES): self._any(0)}}
        return schema

    def _array(self, depth):
        schema = {"type": "array", "items": self._any(depth - 1)}
        if self._chance(0.3):
            schema[self._pick("minItems", "maxItems")] = 1
        if self._chance(0.15):
            schema["uniqueItems"] = True
        return schema

    def _any(self, depth):
        if depth <= 0 or self._chance(0.35):
            return self._scalar()
        kind = self._pick("object", "object", "array", "map", "union", "union", "all", "ref")
        if kind == "object":
            return self._object(depth)
        if kind == "array":
            return self._array(depth)
        if kind == "map":
            return {"type": "object", "additionalProperties": self._any(depth - 1)}
        branches = [self._any(depth - 1) for _ in range(self._random.randint(1, 3))]
        schema = {
            "union": {self._pick("anyOf", "anyOf", "oneOf"): branches},
            "all": {"allOf": branches},
            "ref": {"$ref": self._pick("#/$defs/A", "#/$defs/B")},
        }[kind]
        return {**schema, **self._scalar()} if self._chance(0.25) else schema
