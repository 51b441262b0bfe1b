"""Inputs made from a schema, and the command lines that say them."""

import json
from pathlib import Path

ROOT = Path(__file__).parents[2]


def schema_of(model_id):
    """Return the schema of a model, as its file states it."""
    return json.loads((ROOT / f"schemas/{model_id}.json").read_text(encoding="utf-8"))


def sample(schema):
    """Return some value that a schema accepts; a local file where it is one."""
    if "enum" in schema:
        return schema["enum"][-1]
    if "x-get3w-media" in schema and schema.get("type") == "string":
        return "lighthouse.png"
    match schema.get("type"):
        case "string":
            return "a lighthouse"[: schema.get("maxLength")]
        case "integer" | "number":
            return schema.get("maximum", schema.get("minimum", 1))
        case "boolean":
            return True
        case "array":
            items = {**schema["items"]}
            if "x-get3w-media" in schema:
                items["x-get3w-media"] = schema["x-get3w-media"]
            return [sample(items)] * max(1, schema.get("minItems", 1))
        case "object":
            return {name: sample(each) for name, each in schema["properties"].items()}
    raise AssertionError(schema)


def words_of(name, value):
    """Return the words of the command line that give a parameter a value."""
    option = f"--{name.replace('_', '-')}"
    if isinstance(value, list):
        return [word for each in value for word in words_of(name, each)]
    return [option, value if isinstance(value, str) else json.dumps(value)]
