r"""Translate regular expressions so that every engine in use reads them as JSON Schema does.

A schema's patterns are ECMA-262 regular expressions in Unicode mode. The engines of pydantic and of
the validator differ in `\d`, `\w`, `\s`, `\b`, `.` and character classes, so these are written
out here as sets of characters. Both engines run in linear time; only look-around and references to
groups need the validator's backtracking engine, which gives up after a number of steps.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

import jsonschema_rs
from pydantic_core import SchemaError, SchemaValidator

Ranges = tuple[tuple[int, int], ...]

_LAST: Final = 0x10FFFF
_ALL: Ranges = ((0, _LAST),)
_DIGITS: Ranges = ((0x30, 0x39),)
_WORDS: Ranges = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
_SPACES: Ranges = (
    *((0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A)),
    *((0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
)
_LINE_ENDS: Ranges = ((0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029))
_SETS = {"d": _DIGITS, "w": _WORDS, "s": _SPACES}
_CONTROLS = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "0": 0}
_LOOKS = frozenset({"(?=", "(?!", "(?<=", "(?<!"})
_SYNTAX = frozenset("\\.+*?()|[]{}^$#&-~/")

_W = "[0-9A-Z_a-z]"
_BOUNDARIES = {
    "b": f"(?:(?<={_W})(?!{_W})|(?<!{_W})(?={_W}))",
    "B": f"(?:(?<={_W})(?={_W})|(?<!{_W})(?!{_W}))",
}

_TOKEN = re.compile(
    r"""\\k<(?P<named>\w+)>
    | \\u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})
    | \\(?:u\{(?P<code>[0-9a-fA-F]{1,6})\}|u(?P<four>[0-9a-fA-F]{4})|x(?P<two>[0-9a-fA-F]{2}))
    | \\c(?P<control>[A-Za-z])
    | (?P<property>\\[pP]\{[\w=]+\})
    | \\(?P<number>[1-9][0-9]*)
    | \\(?P<escaped>.)
    | \((?P<group>\?(?:P?<(?P<name>[A-Za-z_]\w*)>|:|=|!|<=|<!|[ims]+[:)]))?
    | (?P<count>\{[0-9]+(?:,[0-9]*)?\})
    | (?P<other>.)""",
    re.DOTALL | re.VERBOSE,
)


class _UnusableError(Exception):
    """The text is not a regular expression."""


@cache
def portable(pattern: str) -> str | None:
    """Return *pattern* as both engines read it like ECMA-262; None if it is invalid."""
    try:
        text = _Translation(pattern).text()
        jsonschema_rs.Draft202012Validator({"pattern": text})
    except (_UnusableError, ValueError):
        return None
    return text


@cache
def is_linear(text: str) -> bool:
    """Return whether pydantic's engine, which never backtracks, takes what `portable` returned."""
    try:
        SchemaValidator({"type": "str", "pattern": text, "regex_engine": "rust-regex"})
    except SchemaError:
        return False
    return True


class _Translation:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._tokens = list(_TOKEN.finditer(pattern))
        self._at = 0
        groups = [token for token in self._tokens if token[0][0] == "("]
        captured = [token for token in groups if token["group"] is None or token["name"]]
        _check_quantifiers(self._tokens)
        self._numbers = {token["name"]: n for n, token in enumerate(captured, 1) if token["name"]}

    def text(self) -> str:
        return "".join(self._pieces())

    def _pieces(self) -> Iterator[str]:
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token["other"] == "[":
                yield self._class()
            elif token["other"] == ".":
                yield f"[^{_members(_LINE_ENDS)}]"
            elif token["other"] is not None:
                yield f"\\{token[0]}" if token[0] in "{}]" else token[0]
            elif token["named"]:
                yield f"\\{self._number(token['named'])}"
            elif token["escaped"] in ("b", "B"):
                yield _BOUNDARIES[token["escaped"]]
            elif token["name"]:
                yield "("
            elif token["number"] or token["count"] or token[0][0] == "(":
                yield token[0]
            else:
                ranges = _ranges(token)
                yield token[0] if ranges is None else _written(ranges)

    def _number(self, name: str) -> int:
        if name not in self._numbers:
            raise _UnusableError(name)
        return self._numbers[name]

    def _class(self) -> str:
        """Return the class whose bracket was just read."""
        start = self._tokens[self._at - 1].end()
        negated = self._pattern[start : start + 1] == "^"
        self._at += negated
        ranges: list[tuple[int, int]] = []
        properties = ""
        for low, high in self._members():
            if isinstance(low, str):
                properties += low
                continue
            if high is None:
                ranges += low
            else:
                ranges.append((low[0][0], high[0][1]))
                if low[0][0] > high[0][1]:
                    raise _UnusableError("a range that ends before it begins")
        if not ranges and not properties:
            return _written(_ALL if negated else ())
        return f"[{'^' if negated else ''}{_members(tuple(ranges))}{properties}]"

    def _members(self) -> Iterator[tuple[Ranges | str, Ranges | None]]:
        """Yield what stands in a class: sets, properties, and the two ends of each range."""
        while self._at < len(self._tokens):
            token = self._next()
            if token[0] == "]":
                return
            if token["property"]:
                yield token[0], None
                continue
            low = _member(token)
            end = token.start() + 1 if token[0][0] in "({" else token.end()
            dash, after = self._pattern[end : end + 1], self._pattern[end + 1 : end + 2]
            if dash == "-" and after not in ("", "]") and _is_one(low):
                self._at += 1
                upper = self._next()
                high = None if upper["property"] else _member(upper)
                if high is None or not _is_one(high):
                    raise _UnusableError("a range that ends in a set")
                yield low, high
            else:
                yield low, None
        raise _UnusableError("a class that does not end")

    def _next(self) -> re.Match[str]:
        """Return the next token of a class, where a bracket and a brace stand for themselves."""
        token = self._tokens[self._at]
        if len(token[0]) > 1 and token[0][0] in "({":
            inner = _TOKEN.finditer(self._pattern, token.start() + 1)
            self._tokens[self._at :] = [token, *inner]
        self._at += 1
        return token


def _check_quantifiers(tokens: list[re.Match[str]]) -> None:
    """Refuse what only some engines accept: a quantifier after nothing, and inline flags."""
    before = ""
    inside = False
    opened: list[str] = []
    for token in tokens:
        text = token[0]
        if inside:
            inside = text != "]"
            before = "]"
        elif text == "[":
            inside = True
        elif text in ("*", "+", "?") or token["count"]:
            if before in ("", "(", "^", "$", "|", "quantifier") or (
                before == "many" and text != "?"
            ):
                raise _UnusableError("a quantifier after nothing that can be repeated")
            before = "quantifier" if before == "many" else "many"
        elif text[0] == "(":
            if re.fullmatch(r"\(\?[ims]+\)", text) and token.start():
                raise _UnusableError("flags that are not at the start")
            opened.append(text)
            before = "("
        elif text == ")" and opened:
            before = "^" if opened.pop() in _LOOKS else ")"
        else:
            before = "^" if text in ("\\b", "\\B") else text


def _member(token: re.Match[str]) -> Ranges:
    if token["escaped"] == "b":
        return ((8, 8),)
    if token["other"] is not None or token[0][0] in "({":
        return ((ord(token[0][0]), ord(token[0][0])),)
    found = _ranges(token)
    if found is None:
        raise _UnusableError(token[0])
    return found


def _ranges(token: re.Match[str]) -> Ranges | None:
    """Return the characters that an escape stands for; None for a Unicode property."""
    if token["property"]:
        return None
    if token["high"]:
        high, low = int(token["high"], 16), int(token["low"], 16)
        code = 0x10000 + ((high - 0xD800) << 10) + low - 0xDC00
    elif token["control"]:
        code = ord(token["control"]) % 32
    elif digits := token["code"] or token["four"] or token["two"]:
        code = int(digits, 16)
    else:
        name = token["escaped"] or ""
        if name.lower() in _SETS:
            known = _SETS[name.lower()]
            return known if name.islower() else _complement(known)
        if name.isalnum() and name not in _CONTROLS:
            raise _UnusableError(token[0])
        code = _CONTROLS.get(name, ord(name or "\\"))
    if 0xD800 <= code <= 0xDFFF or code > _LAST:
        raise _UnusableError(token[0])
    return ((code, code),)


def _is_one(ranges: Ranges) -> bool:
    return len(ranges) == 1 and ranges[0][0] == ranges[0][1]


def _complement(ranges: Ranges) -> Ranges:
    starts = [0, *(high + 1 for _, high in ranges)]
    ends = [*(low - 1 for low, _ in ranges), _LAST]
    return tuple((low, high) for low, high in zip(starts, ends, strict=True) if low <= high)


def _written(ranges: Ranges) -> str:
    """Return a pattern of one character out of *ranges*."""
    if _is_one(ranges):
        return _character(ranges[0][0])
    if not ranges:
        return f"[^{_members(_ALL)}]"
    return f"[{_members(ranges)}]"


def _members(ranges: Ranges) -> str:
    # Surrogates are no characters to either engine, and a range must not begin or end with one.
    return "".join(
        _character(low) if low == high else f"{_character(low)}-{_character(high)}"
        for low, high in ranges
    )


def _character(code: int) -> str:
    character = chr(code)
    return f"\\{character}" if character in _SYNTAX else character
