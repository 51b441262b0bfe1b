"""Extract the request body from pasted text: JSON, or a command such as curl."""

import json
import re
import shlex
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import cast

from get3w_codegen.jsonschema.documents import CUT_SHORT, parsed
from get3w_codegen.jsonschema.keywords import JsonObject
from get3w_codegen.problems import GenerateError, MisuseError

_API = r"/(?:api/v3|v1)/([A-Za-z0-9][A-Za-z0-9._/-]*)"
_ADDRESS = re.compile(r"https?://[^\s'\"?]+?" + _API)
_ADDRESS_WORD = re.compile(r"[^\s?]*?" + _API)
_DATA = re.compile(r"(--data(?:-raw|-binary|-ascii|-urlencode)?|--json|-[sSkLgfiv]*d)(?:=(.*))?")
# `\` in a shell, `^` in that of Windows, a backtick in PowerShell; a blank after it is a slip.
_CONTINUED = re.compile(r"[\\^`][ \t]*\r?\n")
_ESCAPING = re.compile(r"(?<=\s)\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{1,4})|x([0-9A-Fa-f]{1,2})|(.))", re.DOTALL)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}
# `${KEY}`, `{your key}`, `{{key}}`: to be filled in by whoever runs the command.
_PLACEHOLDER = re.compile(r"\{+[^{}\"':,\n]+\}+")


def example_of(text: str, where: str) -> tuple[str | None, JsonObject]:
    """Return the model id, if it is there, and the body of a pasted example.

    Args:
        text: A JSON body, or a command such as `curl` with an address and a body.
        where: Where the text is from, for people.

    Raises:
        MisuseError: No body can be found in it.
        GenerateError: It is a JSON body, and broken.
    """
    words = [] if text.startswith("{") else _words(text)
    given = list(_data(words))
    for _, value in given:
        found = _object(value.lstrip())
        if found is not None:
            others = (word for word in words if word != value)
            return _model(map(_ADDRESS_WORD.match, others)), found[0]
    start = _first_brace(text)
    found = _object(text, start) if start >= 0 else None
    if found is not None:
        body, end = found
        return _model(map(_ADDRESS.search, (text[:start], text[end:]))), body
    if start == 0:
        parsed(text.encode(), where)  # says what is wrong with it
    raise MisuseError(f"{where} holds no JSON body{_looked(given)}; paste one, or a schema.")


def _words(text: str) -> list[str]:
    """Return the words of a command as a shell reads them; none where it is no command."""
    plain = _ESCAPING.sub(lambda found: shlex.quote(_unescaped(found[1])), text)
    try:
        return shlex.split(_CONTINUED.sub(" ", plain))
    except ValueError:  # a quotation that does not end
        return []


def _unescaped(text: str) -> str:
    """Return the text that a shell reads `$'text'` as."""
    return _ESCAPED.sub(
        lambda found: (
            _CONTROLS.get(found[3], found[3]) if found[3] else chr(int(found[1] or found[2], 16))
        ),
        text,
    )


def _data(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each option that gives a body, and its argument."""
    for word, following in pairwise([*words, ""]):
        option = _DATA.fullmatch(word)
        if option is not None:
            yield option[1], following if option[2] is None else option[2]
        elif word.startswith("-d{"):
            yield "-d", word[2:]


def _object(text: str, start: int = 0) -> tuple[JsonObject, int] | None:
    """Return the JSON object that begins at *start*, and where it ends."""
    try:
        value, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return (cast("JsonObject", value), end) if isinstance(value, dict) else None


def _model(addresses: Iterable[re.Match[str] | None]) -> str | None:
    """Return the model id in the first address of the API."""
    return next((found[1].rstrip("/") for found in addresses if found), None)


def _first_brace(text: str) -> int:
    """Return where the first object may begin, or -1."""
    start = text.find("{")
    while start >= 0 and (filled_in := _PLACEHOLDER.match(text, start)):
        start = text.find("{", filled_in.end())
    return start


def _looked(given: list[tuple[str, str]]) -> str:
    """Return what was found in the place of a body."""
    if not given:
        return ": there is neither -d, --data nor --json with one, nor an object in braces"
    option, value = given[0]
    if value.startswith("@"):
        return f": {option} reads it from {value[1:] or 'elsewhere'}, which --model-id goes with"
    try:
        parsed(value.encode(), f"the argument of {option}")
    except GenerateError as error:
        said = str(error).removesuffix("; nothing was changed.")
        return f": {said.removesuffix(f'. {CUT_SHORT}')}"
    return f": the argument of {option} is no object"
