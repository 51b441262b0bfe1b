"""Read, compare and write JSON, strictly as the standard has it."""

import json
import math
from collections import Counter
from functools import partial
from typing import Any, NoReturn

from get3w_codegen.jsonschema.keywords import JsonObject
from get3w_codegen.problems import GenerateError

# The quotes of word processors.
CURLY = tuple("\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u00ab\u00bb")
STRAIGHT = 'Write straight quotes (") for the typographic ones'

Twice = list[tuple[dict[str, Any], str]]

CUT_SHORT = "It may have been cut short"


def loads(text: str, twice: Twice | None = None) -> object:
    """Parse *text* as strict JSON.

    Args:
        text: What is to be read.
        twice: Where to note objects that have a name twice, each with the name; of such a name the
            last value counts.

    Raises:
        ValueError: It is not JSON; NaN, Infinity and numbers beyond a float's range are none.
        RecursionError: It is nested too deeply.
    """
    hook = None if twice is None else partial(_object, twice)
    return json.loads(text, parse_constant=_refuse, parse_float=_finite, object_pairs_hook=hook)


def _object(twice: Twice, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = Counter(name for name, _ in pairs)
        twice += [(made, name) for name, number in names.items() if number > 1]
    return made


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text} is too large")
    return number


def parsed(data: bytes, where: str) -> object:
    """Parse *data* as strict JSON.

    Raises:
        GenerateError: It is not JSON; *where* is named.
    """
    try:
        return loads(data.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        curly = error.doc[error.pos : error.pos + 1] in CURLY
        raise GenerateError(
            f"{where} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
            f" {STRAIGHT if curly else CUT_SHORT}; nothing was changed."
        ) from error
    except RecursionError:
        raise GenerateError(f"{where} is nested too deeply; nothing was changed.") from None
    except ValueError as error:
        raise GenerateError(f"{where} is not JSON: {error}; nothing was changed.") from error


def canonical(value: object) -> str:
    """Return a canonical text of a JSON value: equal texts mean equal values."""
    return json.dumps(value, sort_keys=True)


def written(document: JsonObject) -> str:
    """Return the content of a file that holds *document*."""
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which only an escape can carry
        text = json.dumps(document, indent=2) + "\n"
    return text
