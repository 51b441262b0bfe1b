"""Describe a parameter's range, choices and default in sentences."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

from get3w_codegen.jsonschema.keywords import JsonObject, is_object
from get3w_codegen.jsonschema.merge import resolved

# More values than this, or longer text, would hide the rest of what is said.
_MOST_VALUES = 16
_LONGEST = 60
_DEEPEST = 3

_NOUNS = {
    "array": "a list",
    "boolean": "a boolean",
    "integer": "an integer",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}
_MEDIA = "a URL, a `Path` or an open binary file; local files are uploaded first"


@dataclass(frozen=True, slots=True)
class Names:
    """The Python names of the types inside a value, and which of its values are allowed.

    Attributes:
        allowed: Returns the values that a schema lists and does not refuse.
        choices: The choices that are too long for a signature.
        classes: The objects that list their properties.
    """

    allowed: Callable[[JsonObject], list[object]]
    choices: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


def remarks(root: JsonObject, schema: JsonObject, names: Names) -> Iterator[str]:
    """Yield a sentence each on type, range, length, values, default and examples.

    Args:
        root: The document, for references.
        schema: What is said of the value, resolved.
        names: What the types inside it are called in Python.
    """
    for fact in _takes(root, schema, names, _DEEPEST):
        yield f"{fact[0].upper()}{fact[1:]}."
    if schema.get("default") is not None:
        yield f"Server default: {_shown(schema['default'])}."
    told = [schema.get("default"), *cast("list[object]", schema.get("enum", []))]
    examples = [
        repr(each)
        for each in cast("list[object]", schema.get("examples") or [])
        if each not in told and len(repr(each)) <= _LONGEST
    ]
    if examples:
        yield f"For example {', '.join(examples[:3])}."


def _takes(root: JsonObject, schema: JsonObject, names: Names, depth: int) -> Iterator[str]:
    found = [each for each in _alternatives(root, schema, depth) if not _is_null(each)]
    if len(found) == 1:
        yield from _facts(root, found[0], names, depth)
        return
    if found and all("const" in each for each in found):
        yield f"one of {', '.join(map(_meaning, found))}"
        return
    phrases = [_phrase(root, each, names, depth) for each in found]
    if any(phrase not in _NOUNS.values() for phrase in phrases):
        yield f"either {', or '.join(dict.fromkeys(phrases))}"


def _alternatives(root: JsonObject, schema: JsonObject, depth: int) -> Iterator[JsonObject]:
    """Yield a schema for each kind of value that may stand here."""
    flat = resolved(root, schema)
    branches = cast("list[object]", flat.get("anyOf") or flat.get("oneOf") or [])
    if not branches or depth <= 0:
        yield flat
        return
    shared = {key: value for key, value in flat.items() if key not in ("anyOf", "oneOf")}
    for branch in branches:
        if is_object(branch):
            yield from _alternatives(root, {**shared, **branch}, depth - 1)


def _meaning(choice: JsonObject) -> str:
    """Return a value with what its title, or else its description, says that it means."""
    value = _shown(choice["const"])
    said = " ".join(str(choice.get("title") or choice.get("description") or "").split())
    is_plain = len(said) <= _LONGEST and "`" not in said and said != choice["const"]
    return f"{value} ({said.rstrip('.')})" if said and is_plain else value


def _is_null(schema: JsonObject) -> bool:
    return schema.get("type") == "null" or schema.get("enum") == [None]


def _phrase(root: JsonObject, schema: JsonObject, names: Names, depth: int) -> str:
    facts = list(_facts(root, schema, names, depth))
    if "enum" in schema or "const" in schema:
        return facts[0] if facts else "a value"
    noun = _NOUNS.get(str(schema.get("type")), "any value")
    if "properties" in schema and len(names.classes) == 1:
        name = names.classes[0]
        noun = f"{'an' if name[0] in 'AEIOU' else 'a'} `{name}`"
    return f"{noun} ({', '.join(facts)})" if facts else noun


def _facts(root: JsonObject, schema: JsonObject, names: Names, depth: int) -> Iterator[str]:
    items = schema.get("items")
    if "x-get3w-media" in schema:
        yield f"each {_MEDIA}" if schema.get("type") == "array" else _MEDIA
        items = None
    yield from _range(schema)
    yield from _sizes(schema)
    yield from _choices(schema, names)
    if is_object(items) and depth > 0:
        yield from (f"each {fact}" for fact in _takes(root, items, names, depth - 1))


def _range(schema: JsonObject) -> Iterator[str]:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if low is not None and high is not None:
        yield f"from {low} to {high}"
        low = high = None
    said = [
        f"{words} {bound}"
        for words, bound in (
            ("at least", low),
            ("more than", above),
            ("at most", high),
            ("less than", below),
        )
        if bound is not None
    ]
    if said:
        yield " and ".join(said)
    if "multipleOf" in schema:
        yield f"a multiple of {schema['multipleOf']}"


def _sizes(schema: JsonObject) -> Iterator[str]:
    for unit, least, most in (
        ("character", "minLength", "maxLength"),
        ("item", "minItems", "maxItems"),
    ):
        low, high = schema.get(least), schema.get(most)
        if low and high and low == high:
            yield f"exactly {_counted(low, unit)}"
        elif low and high is not None:
            yield f"{low} to {_counted(high, unit)}"
        elif low:
            yield f"at least {_counted(low, unit)}"
        elif high is not None:
            yield f"at most {_counted(high, unit)}"
    if schema.get("uniqueItems") is True:
        yield "no item twice"
    if "pattern" in schema:
        yield f"matches `{schema['pattern']}`"


def _choices(schema: JsonObject, names: Names) -> Iterator[str]:
    listed = names.allowed(schema) if {"enum", "const"} & schema.keys() else []
    values = [value for value in listed if value is not None]
    if listed and ("const" in schema or len(values) == 1):
        yield f"always {_shown(values[0] if values else None)}"
    elif 0 < len(values) <= _MOST_VALUES:
        yield f"one of {', '.join(_shown(value) for value in values)}"
    elif values:
        which = f" of `{names.choices[0]}`" if len(names.choices) == 1 else ""
        some = ", ".join(_shown(value) for value in values[:3])
        yield f"one of the {len(values)} values{which}, such as {some}"


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _shown(value: object) -> str:
    text = repr(value)
    if "``" in text:  # would begin or end code in a hover
        return f"a text of {_counted(len(text) - 2, 'character')}"
    if len(text) <= _LONGEST:
        return text
    if isinstance(value, str):
        return repr(f"{value[: _LONGEST - 5].rstrip()}...")
    return f"{text[: _LONGEST - 3]}..."
