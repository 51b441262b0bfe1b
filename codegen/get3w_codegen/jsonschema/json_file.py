"""Read a schema file, and report why it is not JSON and how to correct it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from get3w_codegen.jsonschema.documents import CURLY, STRAIGHT, Twice, loads
from get3w_codegen.jsonschema.keywords import Path as JsonPath
from get3w_codegen.jsonschema.keywords import is_object, pointer
from get3w_codegen.problems import Level, Problem

_CORRECT = "Correct the file at that place."
_ONE_EACH = "A file holds one schema; end it there, and put what follows into a file of its own."
# What stands where JSON wants something else, in the order of looking; the first that fits counts.
_HINTS = (
    (re.compile(r"//|/\*|#"), "JSON has no comments; remove it, or make it a $comment."),
    (re.compile(f"[{''.join(CURLY)}]"), f"{STRAIGHT}."),
    (re.compile(r"'"), "JSON has double quotes only."),
    (re.compile(r"True\b|False\b|yes\b|no\b|on\b|off\b"), "JSON writes true and false."),
    (re.compile(r"None\b|nil\b|undefined\b|~"), "JSON writes null."),
    (re.compile(r"[A-Za-z_$]"), 'Names and texts are in double quotes; a quote inside one is \\".'),
)
_YAML = re.compile(r"\s*(?:---|[\w$-]+:(?:\s|\Z))")


def read_json(path: Path, file: str) -> tuple[object, list[Problem]]:
    """Return what a file holds, and what is wrong with it; with an error it holds nothing.

    Args:
        path: The file.
        file: Its name for people, relative to the schema folder.
    """
    text = ""
    twice: Twice = []
    try:
        text = path.read_bytes().decode("utf-8-sig")
        value = loads(text, twice)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        remedy = _ONE_EACH if error.msg == "Extra data" else _remedy(text, error.pos)
        return None, [Problem(file, place, f"Not JSON: {error.msg}", remedy)]
    except RecursionError:
        return None, [Problem(file, "", "Nested too deeply", "Reduce the nesting.")]
    except UnicodeDecodeError as error:
        message = f"Not UTF-8: byte 0x{error.object[error.start]:02x} at position {error.start}"
        return None, [Problem(file, "", message, "Save the file as UTF-8.")]
    except ValueError as error:
        return None, [Problem(file, "", f"Not JSON: {error}", "Correct the value.")]
    except OSError as error:
        message = f"Cannot be read: {error.strerror}"
        return None, [Problem(file, "", message, "Make the file readable.")]
    return value, [
        Problem(
            file,
            pointer(way),
            "Duplicate key: only the last one counts",
            "Remove one of them.",
            Level.WARNING,
        )
        for way in (_doubled(value, twice) if twice else ())
    ]


def _remedy(text: str, position: int) -> str:
    if not text.strip():
        return "The file is empty; write a schema, or remove it."
    if "\0" in text:
        return "Save the file as UTF-8."
    if position == 0 and _YAML.match(text):
        return "This looks like YAML; write it as JSON."
    before, after = text[:position].rstrip(), text[position:].lstrip()
    if not after:
        return "The file ends too early; close what is open."
    # Python 3.13 points at the comma, earlier versions behind it.
    closing = after[1:].lstrip() if after.startswith(",") else after if before.endswith(",") else ""
    if closing.startswith(("}", "]")):
        return "Remove the comma before the closing bracket."
    return next((hint for start, hint in _HINTS if start.match(after)), _CORRECT)


def _doubled(value: object, twice: Twice, way: JsonPath = ()) -> Iterator[JsonPath]:
    """Yield the places of the names that an object has twice."""
    if is_object(value):
        yield from ((*way, name) for holder, name in twice if holder is value)
        for name, part in value.items():
            yield from _doubled(part, twice, (*way, name))
    elif isinstance(value, list):
        for number, part in enumerate(cast("list[object]", value)):
            yield from _doubled(part, twice, (*way, number))
