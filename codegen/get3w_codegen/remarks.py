"""What a schema says of a value beside its meaning, as sentences for people."""

from collections.abc import Iterator
from typing import Any, cast

JsonObject = dict[str, Any]

_MOST_VALUES = 16


def remarks(schema: JsonObject) -> Iterator[str]:
    """Yield what it takes, range, length, values, default and examples, one sentence each."""
    if "x-get3w-media" in schema:
        yield "A URL, a `Path` or an open binary file; local files are uploaded first."
    yield from _range(schema)
    yield from _sizes(schema)
    yield from _choices(schema)
    if schema.get("default") is not None:
        yield f"Server default: {_shown(schema['default'])}."
    examples = cast("list[object]", schema.get("examples") or [])
    if examples and "enum" not in schema:
        yield f"For example {', '.join(_shown(example) for example in examples[:3])}."


def _range(schema: JsonObject) -> Iterator[str]:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if low is not None and high is not None:
        yield f"From {low} to {high}."
    elif low is not None:
        yield f"At least {low}."
    elif high is not None:
        yield f"At most {high}."
    if above is not None:
        yield f"More than {above}."
    if below is not None:
        yield f"Less than {below}."
    if "multipleOf" in schema:
        yield f"A multiple of {schema['multipleOf']}."


def _sizes(schema: JsonObject) -> Iterator[str]:
    for unit, least, most in (
        ("character", "minLength", "maxLength"),
        ("item", "minItems", "maxItems"),
    ):
        low, high = schema.get(least), schema.get(most)
        if low and high and low == high:
            yield f"Exactly {_counted(low, unit)}."
        elif low and high is not None:
            yield f"{low} to {_counted(high, unit)}."
        elif low:
            yield f"At least {_counted(low, unit)}."
        elif high is not None:
            yield f"At most {_counted(high, unit)}."
    if "pattern" in schema:
        yield f"Matches {_shown(schema['pattern'])}."


def _choices(schema: JsonObject) -> Iterator[str]:
    if "const" in schema:
        yield f"Always {_shown(schema['const'])}."
    values = cast("list[object]", schema.get("enum", []))
    if 0 < len(values) <= _MOST_VALUES:
        yield f"One of {', '.join(_shown(value) for value in values)}."
    elif values:
        yield f"One of {len(values)} values."


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
