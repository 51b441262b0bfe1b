r"""Match text against ECMA-262 regular expressions, with an engine whose time is bounded.

JSON Schema writes its patterns so. The engine is jsonschema_rs's, and nothing else of it is used:
its time grows with the text alone, and where a pattern needs it to try several ways (look-around,
references to groups) it gives up after a fixed number of steps. Python's `re` would try
`^(a+)+$` on thirty letters for hours, and no other client would be answered meanwhile.
"""

import re
import sys
from functools import cache
from typing import Final

import jsonschema_rs

from get3w_emulator._common.json import JSON
from get3w_emulator.schemas.keywords import BY_NAME, BY_NUMBER, SINGLE

_DIGIT: Final = "0-9"
_WORD: Final = "0-9A-Za-z_"
_SPACE: Final = "\t-\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_NOT: dict[str, str] = {
    "D": "\0-/:-\U0010ffff",
    "W": "\0-/:-@\\[-\\^`\\{-\U0010ffff",
    "S": "\0-\x08\x0e-\x1f!-\x9f\xa1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e"
    "\u2030-\u205e\u2060-\u2fff\u3001-\ufefe\uff00-\U0010ffff",
}
_SETS: dict[str, str] = {"d": _DIGIT, "w": _WORD, "s": _SPACE, **_NOT}
_EDGE: Final = f"(?<=[{_WORD}])(?![{_WORD}])|(?<![{_WORD}])(?=[{_WORD}])"
_NO_EDGE: Final = f"(?<=[{_WORD}])(?=[{_WORD}])|(?<![{_WORD}])(?![{_WORD}])"
_CONTROLS = {"t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "0": "\0"}

_ESCAPE = (
    r"\\(?:u[dD][89abAB]\w{2}\\u[dD][c-fC-F]\w{2}|u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}"
    r"|x[0-9a-fA-F]{2}|c[A-Za-z]|[pP]\{[\w=]+\}|k<\w+>|[1-9][0-9]*|.)"
)
_PIECE = re.compile(
    rf"(?P<set>\[\^?(?:\\.|[^\]\\])*\])|(?P<escape>{_ESCAPE})"
    r"|(?P<named>\((?:\?P?<(?![=!])(?P<name>\w+)>))|(?P<plain>\((?!\?))"
    r"|(?P<other>\((?:\?(?:[:=!]|<[=!]|[ims]+[:)])))|(?P<count>\{[0-9]+(?:,[0-9]*)?\})|(?P<one>.)",
    re.DOTALL,
)
_MEMBER = re.compile(rf"(?P<low>{_ESCAPE}|.)(?:-(?P<high>{_ESCAPE}|[^\]]))?", re.DOTALL)


class _BadPatternError(Exception):
    """A text is no regular expression."""


def is_pattern(text: str) -> bool:
    """Tell whether a text is a regular expression."""
    return _engine(text) is not None


def matches(pattern: str, text: str) -> bool:
    """Tell whether a usable pattern is found in a text."""
    return mismatch(pattern, text) is None


def mismatch(pattern: str, text: str) -> str | None:
    """Return why a usable pattern is not found in a text, or None where it is."""
    engine = _engine(pattern)
    if engine is None:
        return None
    # Half a surrogate pair cannot be encoded for the engine; it is some character.
    known = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    found = next(engine.iter_errors(known), None)
    if found is None:
        return None
    if isinstance(found.kind, jsonschema_rs.ValidationErrorKind.BacktrackLimitExceeded):
        return f"takes too many steps to compare with {pattern!r}; send a shorter text"
    return f"does not match {pattern!r}"


def with_names(schema: JSON, names: list[str]) -> JSON:
    """Return a schema for a value whose objects have no names but *names*.

    Each pattern of its `patternProperties` lists the names that it is found in, so that whatever
    reads the schema runs no pattern.
    """
    if not isinstance(schema, dict):
        return schema
    node = dict(schema)
    for key, value in schema.items():
        if key in BY_NAME and isinstance(value, dict):
            node[key] = {name: with_names(part, names) for name, part in value.items()}
        elif key in BY_NUMBER and isinstance(value, list):
            node[key] = [with_names(part, names) for part in value]
        elif key in SINGLE:
            node[key] = with_names(value, names)
    listed = node.get("patternProperties")
    if isinstance(listed, dict):
        node["patternProperties"] = {
            # The number, a comment, keeps two patterns apart that are found in the same names.
            f"(?#{number})\\A(?:{_alternatives(pattern, names)})\\Z": part
            for number, (pattern, part) in enumerate(listed.items())
        }
    return node


def _alternatives(pattern: str, names: list[str]) -> str:
    found = [re.escape(name) for name in names if matches(pattern, name)]
    return "|".join(found) if found else "(?!)"


@cache
def _engine(pattern: str) -> jsonschema_rs.Draft202012Validator | None:
    try:
        return jsonschema_rs.Draft202012Validator({"pattern": _translated(pattern)})
    except (_BadPatternError, ValueError):
        return None


def _translated(pattern: str) -> str:
    pieces = list(_PIECE.finditer(pattern))
    opened = [piece for piece in pieces if piece["named"] or piece["plain"]]
    numbers = {piece["name"]: n for n, piece in enumerate(opened, 1) if piece["name"]}
    _check_counts(pieces)

    def translate(piece: re.Match[str]) -> str:
        text = piece[0]
        if piece["set"]:
            return _set(text)
        if piece["named"]:
            return "("
        if not piece["escape"]:
            return {".": "[^\n\r\u2028\u2029]"}.get(
                text, f"\\{text}" if text in ("{", "}", "]") else text
            )
        if text[1] == "k" and len(text) > 2:
            if text[3:-1] not in numbers:
                raise _BadPatternError
            return f"\\{numbers[text[3:-1]]}"
        if text[1] in "bB":
            return f"(?:{_EDGE if text[1] == 'b' else _NO_EDGE})"
        if text[1] in "pP" and len(text) > 2:
            return text
        if text[1].isdecimal() and text[1] != "0":
            return text
        known = _SETS.get(text[1])
        return f"[{known}]" if known else _escaped(_character(text))

    return "".join(map(translate, pieces))


def _set(text: str) -> str:
    """Translate a class, its brackets included."""
    negated = text.startswith("[^")
    members = text[2 if negated else 1 : -1]
    if not members:
        return "[\0-\U0010ffff]" if negated else "[^\0-\U0010ffff]"
    return f"[{'^' if negated else ''}{_MEMBER.sub(_member, members)}]"


def _member(found: re.Match[str]) -> str:
    low, high = found["low"], found["high"]
    if low[0] == "\\" and low[1:2] in ("p", "P"):
        return low + ("" if high is None else f"\\-{_single(high)}")
    if low[0] == "\\" and low[1:] in _SETS:
        return _SETS[low[1:]] if high is None else f"{_SETS[low[1:]]}\\-{_single(high)}"
    if high is None:
        return _single(low)
    if _value(low) > _value(high):
        raise _BadPatternError
    return f"{_single(low)}-{_single(high)}"


def _single(text: str) -> str:
    return _escaped(_value(text))


def _value(text: str) -> str:
    if text == "\\b":
        return "\b"
    if text[1:] in _SETS:
        raise _BadPatternError
    return _character(text) if text[0] == "\\" and len(text) > 1 else text


def _character(escape: str) -> str:
    """Return the character that an escape stands for."""
    name, rest = escape[1:2], escape[2:]
    if name == "u" and "\\u" in rest:
        return (
            (escape.encode("ascii").decode("unicode_escape"))
            .encode("utf-16", "surrogatepass")
            .decode("utf-16")
        )
    if name in ("u", "x") and rest:
        code = int(rest.strip("{}"), 16)
        if code > sys.maxunicode or 0xD800 <= code <= 0xDFFF:
            raise _BadPatternError
        return chr(code)
    if name == "c" and rest:
        return chr(ord(rest) % 32)
    if name in _CONTROLS:
        return _CONTROLS[name]
    if not name or name.isalnum():
        raise _BadPatternError
    return name


def _escaped(character: str) -> str:
    return f"\\{character}" if character in "\\.+*?()|[]{}^$#&-~/" else character


def _check_counts(pieces: list[re.Match[str]]) -> None:
    """Make sure that each quantifier follows something that can be repeated.

    Raises:
        _BadPatternError: One does not, or flags stand elsewhere than at the start.
    """
    may_repeat, repeated = False, False
    groups: list[bool] = []
    for piece in pieces:
        text = piece[0]
        if text in ("*", "+", "?") or piece["count"]:
            if not may_repeat and not (repeated and text == "?"):
                raise _BadPatternError
            may_repeat, repeated = False, may_repeat
            continue
        if re.fullmatch(r"\(\?[ims]+\)", text) and piece.start():
            raise _BadPatternError
        may_repeat = text not in ("^", "$", "|", "\\b", "\\B") and text[0] != "("
        if text[0] == "(":
            groups.append(text[1:] not in ("?=", "?!", "?<=", "?<!"))
        elif text == ")" and groups:
            may_repeat = groups.pop()
        repeated = False
