"""Bodies for a schema: some that should fit, and changes of them made keyword by keyword."""

import copy
import itertools
import json
import math
import random
import re

MISSING = object()
STRANGERS = (None, True, False, 0, 1, -1, 3, 1.0, 0.5, 1e30, 10**400, "", "3", "x", [], {}, [None])
STRANGE_NAMES = ("webhook_url", "model_config", "__proto__", "", "x y")
_TEXTS = (
    "a", "1024*1024", "1:1", "#ffffff", "00:00:00", "10s", "v1", "123", "en", "A", "a_b", "0",
    "https://example.com/a.png", "a" * 32, "0.5", "1024x1024",
)  # fmt: skip  # a table reads better in rows
_PROMPT = "a lighthouse at dusk "
_DEEPEST = 6
# Beyond these a bound is not tried: one real schema takes 16,777,216 characters.
_LONGEST = 20_000
_MOST_ITEMS = 2_000


class Bodies:
    """What can be drawn for one schema; the seed decides everything."""

    def __init__(self, schema, seed):
        self._root = schema
        self._random = random.Random(seed)

    def examples(self, fits, wanted=4, tries=40):
        """Return bodies that *fits* accepts, the least one and fuller ones."""
        found = []
        for turn in range(tries):
            body = self._value(self._root, turn % 2 == 1, 0)
            if body not in found and fits(body):
                found.append(body)
            if len(found) == wanted:
                break
        return found

    def mutants(self, bodies, limit, pairs):
        """Yield keyword and body: single changes of *bodies*, then pairs of changes."""
        singles = [(body, *change) for body in bodies for change in self._changes(body)]
        if len(singles) > limit:
            singles = self._random.sample(singles, limit)
        for body, keyword, path, value in singles:
            yield keyword, replaced(body, path, value)
        of_last = [change[1:] for change in singles if change[0] is bodies[-1]]
        for _ in range(min(pairs, len(of_last) // 2)):
            (_, path, value), (_, other, another) = self._random.sample(of_last, 2)
            if not _overlap(path, other):
                yield "two at once", replaced(replaced(bodies[-1], path, value), other, another)

    def _changes(self, body):
        for path, schema, value in self._places(self._root, body):
            for keyword, other in _other_values(schema, value):
                yield keyword, path, other
            if path:
                yield "required", path, MISSING
            if isinstance(value, dict):
                known = schema.get("properties", {})
                for name in itertools.chain(STRANGE_NAMES, _misspelt([*value, *known])):
                    if name not in known:
                        yield "additionalProperties", (*path, name), "x"
                        yield "additionalProperties", (*path, name), None

    def _places(self, schema, body, path=()):
        """Yield path, schema and value of every place, for each branch that may describe it."""
        whole = self._flat(schema)
        branches = [
            self._flat(branch) for key in ("anyOf", "oneOf") for branch in whole.get(key) or []
        ]
        views = [whole, *branches]
        for view in branches or views:
            yield path, view or whole, body
        if isinstance(body, dict):
            for (name, value), view in itertools.product(body.items(), views):
                part = view.get("properties", {}).get(name, view.get("additionalProperties"))
                if isinstance(part, dict):
                    yield from self._places(part, value, (*path, name))
        elif isinstance(body, list):
            for (index, value), view in itertools.product(enumerate(body[:2]), views):
                if isinstance(view.get("items"), dict):
                    yield from self._places(view["items"], value, (*path, index))

    def _flat(self, schema, seen=()):
        """Return *schema* with what it refers to and its `allOf` as one object, roughly."""
        if not isinstance(schema, dict) or len(seen) > 25:
            return {}
        result = {key: value for key, value in schema.items() if key not in ("$ref", "allOf")}
        inner = [self._flat(branch, seen) for branch in schema.get("allOf") or []]
        reference = schema.get("$ref")
        if reference is not None and reference not in seen:
            inner.append(self._flat(_look_up(self._root, reference), (*seen, reference)))
        for branch in inner:
            for key, value in branch.items():
                if key == "properties":
                    result[key] = {**value, **result.get(key, {})}
                elif key == "required":
                    result[key] = list(dict.fromkeys([*result.get(key, []), *value]))
                else:
                    result.setdefault(key, value)
        return result

    def _value(self, schema, everything, depth):
        flat, chance = self._flat(schema), self._random
        everything = everything and depth <= _DEEPEST
        if "const" in flat:
            return flat["const"]
        if flat.get("enum"):
            return chance.choice(flat["enum"])
        if flat.get("default") is not None and chance.random() < 0.3:
            return copy.deepcopy(flat["default"])
        branches = flat.get("anyOf") or flat.get("oneOf")
        if branches and not flat.get("properties"):
            branch = chance.choice([each for each in branches if each != {"type": "null"}])
            beside = {key: value for key, value in flat.items() if key not in ("anyOf", "oneOf")}
            return self._value({**beside, **self._flat(branch)}, everything, depth + 1)
        kind = flat.get("type")
        if isinstance(kind, list):
            kind = chance.choice([each for each in kind if each != "null"] or ["null"])
        if kind is None:
            kind = "object" if "properties" in flat else "array" if "items" in flat else "string"
        return getattr(self, f"_{kind}")(flat, everything, depth)

    def _object(self, flat, everything, depth):
        body = {
            name: self._value(part, everything, depth + 1)
            for name, part in flat.get("properties", {}).items()
            if everything or name in flat.get("required", [])
        }
        more = flat.get("additionalProperties")
        if not flat.get("properties") and isinstance(more, dict):
            body["k"] = self._value(more, everything, depth + 1)
        return body

    def _array(self, flat, everything, depth):
        number = min(max(int(flat.get("minItems", 0)), 1), _MOST_ITEMS)
        number = min(number, int(flat.get("maxItems", number)))
        return [self._value(flat.get("items", {}), everything, depth + 1) for _ in range(number)]

    def _integer(self, flat, *_):
        low = flat.get("minimum", flat.get("exclusiveMinimum", flat.get("maximum", 7) - 1) + 1)
        step = flat.get("multipleOf") or 1
        return int(math.ceil(math.ceil(low) / step) * step)

    def _number(self, flat, *_):
        if "minimum" in flat or "maximum" in flat:
            return flat.get("minimum", flat.get("maximum"))
        return flat.get("exclusiveMinimum", flat.get("exclusiveMaximum", 1) - 1) + 0.5

    def _boolean(self, *_):
        return True

    def _null(self, *_):
        return None

    def _string(self, flat, *_):
        if "pattern" in flat:
            fitting = (text for text in _TEXTS if _fits(flat["pattern"], text))
            return next(fitting, "a")
        least = min(int(flat.get("minLength", 0)), _LONGEST)
        return (_PROMPT * (least // 10 + 1))[: int(flat.get("maxLength", max(least, 20)))]


def replaced(body, path, value):
    """Return a copy of *body* with another value, or none, at *path*."""
    if not path:
        return value
    body = copy.deepcopy(body)
    *way, last = path
    holder = body
    for step in way:
        holder = holder[step]
    if value is MISSING:
        del holder[last]
    else:
        holder[last] = value
    return body


def _other_values(schema, value):
    """Yield keyword and value: what may stand there instead, on both sides of what is allowed."""
    yield from (("type", other) for other in (*STRANGERS, [value], json.dumps(value)))
    yield from (("type", other) for other in _neighbours(value))
    for key in ("enum", "const"):
        for allowed in schema.get(key, []) if key == "enum" else [schema.get(key)]:
            yield key, allowed
            yield from ((key, other) for other in _neighbours(allowed))
    for bound in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
        if isinstance(limit := schema.get(bound), int | float) and not isinstance(limit, bool):
            yield from ((bound, limit + step) for step in (0, -1, 1, -0.001, 0.001))
            yield from ((bound, limit * factor) for factor in (1.0, 2, 3, 1.5))
    if isinstance(value, str):
        for bound in ("minLength", "maxLength"):
            if schema.get(bound, _LONGEST) < _LONGEST:
                # An emoji is one character, though two units in UTF-16 and four bytes.
                for character, step in itertools.product("a\u00e9\U0001f600", (-1, 0, 1)):
                    yield bound, character * max(int(schema[bound]) + step, 0)
        if "pattern" in schema:
            changed = (value * 2, f" {value}", f"{value} ", f"{value}\n", f"{value}x", value[1:])
            odd = (value[:-1], value.upper(), value.replace("1", "\u0661"), value.replace("0", "9"))
            yield from (("pattern", other) for other in (*changed, *odd, *_TEXTS))
    if isinstance(value, list):
        for bound in ("minItems", "maxItems"):
            if value and schema.get(bound, _MOST_ITEMS) < _MOST_ITEMS:
                for step in (-1, 0, 1):
                    yield bound, [value[0]] * max(int(schema[bound]) + step, 0)
        yield "uniqueItems", value * 2
        yield "items", [*value, None]
        yield "type", {"0": value[:1]}


def _neighbours(value):
    if isinstance(value, bool):
        yield from (not value, int(value), float(value), str(value), str(value).lower())
    elif isinstance(value, int | float):
        yield from (value + 1, value - 1, value + 0.5, -value, str(value))
        if abs(value) < 1e300:
            yield from (float(value), value * 1.0000001)
            if float(value).is_integer():
                yield int(value)
    elif isinstance(value, str):
        yield from (f"{value}x", value[:-1], f" {value}", f"{value}\n", f"{value}\u0000")
        yield from (value.upper(), value.lower(), value.swapcase(), value.title())
        if re.fullmatch(r"-?\d+", value):
            yield int(value)


def _misspelt(names):
    for name in names:
        yield from (name[:-1], f"{name}s", f"{name}_", name.upper(), name.replace("_", "-"))


def _overlap(one, other):
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter] or (one[:-1] == other[:-1] and len(one) > 1)


def _fits(pattern, text):
    """Tell whether a text has a match; a pattern that only ECMAScript knows is not tried."""
    try:
        return bool(re.search(pattern, text))
    except re.error:
        return False


def _look_up(root, reference):
    place = root
    for step in reference.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        place = place[int(name)] if isinstance(place, list) else place[name]
    return place
