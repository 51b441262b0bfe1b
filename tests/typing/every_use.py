"""Right and wrong calls of every shipped model, written from the schemas alone."""

import json
from pathlib import Path

SCHEMAS = Path(__file__).parents[2] / "schemas"

# For each type two values that it does not take.
_WRONG = {
    "string": ["3", 'b"x"'],
    "integer": ['"3"', "1.5"],
    "number": ['"0.5"', "[1.0]"],
    "boolean": ['"yes"', "1"],
    "array": ['"https://example.com/a.png"', "3"],
    "object": ['"x"', "3"],
}
_ITEM = '["x"]'
_MEDIA = ['b"x"', "3"]


def uses():
    """Return the texts of two modules: calls that are right, and calls that are not."""
    names = json.loads((SCHEMAS / "names.lock.json").read_text(encoding="utf-8"))
    head = ["import get3w_models as m", "", ""]
    right, wrong = ["async def right() -> None:"], ["def wrong() -> None:"]
    for model_id, name in names.items():
        path = SCHEMAS / f"{model_id}.json"
        if path.exists():
            schema = json.loads(path.read_text(encoding="utf-8"))
            right += [f"    {line}" for line in _right(name, schema)]
            wrong += [f"    {line}" for line in _wrong(name, schema)]
    return "\n".join([*head, *right, ""]), "\n".join([*head, *wrong, ""])


def _right(name, schema):
    everything = _arguments(schema, schema["properties"])
    needed = _arguments(schema, schema["required"])
    yield f"m.submit_{name}({_call(needed)}).wait().outputs"
    yield f"m.submit_{name}({_call(everything)}, timeout=5.0)"
    yield f"(await m.submit_{name}_async({_call(everything)})).outputs"
    yield f"m.{_class(name)}Request({_call(everything)}).{next(iter(everything))}"


def _wrong(name, schema):
    needed = _arguments(schema, schema["required"])
    yield f'm.submit_{name}({_call(needed)}, nonesuch=1)  # error: "nonesuch"'
    yield f'm.{_class(name)}Request({_call(needed)}, nonesuch=1)  # error: "nonesuch"'
    for wire, part in schema["properties"].items():
        values = [*_values(part), *(["None"] if wire in needed else [])]
        for value in values:
            call = _call({**needed, wire: value})
            # An item of a list is reported by its own type, not by the parameter's name.
            words = "Item" if value == _ITEM else f'"{wire}"'
            yield f"m.submit_{name}({call})  # error: {words}"
        yield f'm.{_class(name)}Request({_call({**needed, wire: values[0]})})  # error: "{wire}"'
        if wire in needed:
            rest = {key: value for key, value in needed.items() if key != wire}
            yield f"m.submit_{name}({_call(rest)})  # error: {wire}"


def _values(part):
    if "enum" in part:
        return ['"no such value"', "987654321"]
    if part["type"] == "array" and "x-get3w-media" not in {**part, **part["items"]}:
        return [*_WRONG["array"], _ITEM]
    return _MEDIA if "x-get3w-media" in part and part["type"] == "string" else _WRONG[part["type"]]


def _arguments(schema, names):
    found = {name: _example(schema["properties"][name]) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _example(part):
    """Return the source of a value that *part* takes; None for lists of objects."""
    if "enum" in part:
        return repr(part["enum"][0])
    if part["type"] == "array":
        inner = _example(part["items"])
        return None if inner is None else f"[{inner}]"
    return {"string": '"x"', "integer": "1", "number": "1", "boolean": "True"}.get(part["type"])


def _call(arguments):
    return ", ".join(f"{name}={value}" for name, value in arguments.items())


def _class(name):
    from get3w_codegen.names import ModelName

    return ModelName(name).class_name
