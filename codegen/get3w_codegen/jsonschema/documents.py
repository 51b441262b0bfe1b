"""JSON as it is read, compared and written here."""

import json

from get3w_codegen.jsonschema.keywords import JsonObject
from get3w_codegen.jsonschema.strict_json import CURLY, STRAIGHT, loads
from get3w_codegen.problems import GenerateError

CUT_SHORT = "It may have been cut short"


def parsed(data: bytes, where: str) -> object:
    """Return the value that *data* says.

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
    """Return a text that two values share only where they are the same JSON."""
    return json.dumps(value, sort_keys=True)


def written(document: JsonObject) -> str:
    """Return the content of a schema file."""
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which only an escape can carry
        text = json.dumps(document, indent=2) + "\n"
    return text
