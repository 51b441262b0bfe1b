"""Compare the input that was sent with the input that a prediction shows.

Both are first made into a *sketch*: the same JSON, in which a string that may hold a secret, or is
long, is replaced by its digest. A sketch can be saved and compared, and shows no presigned address
and no file.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeGuard, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from get3w_core._common.json import JsonValue

Match: TypeAlias = Literal["equal", "extra", "different"]
"""How a shown input compares with one that was sent; *extra* holds all of it and more."""

_DIGEST: Final = "sha256:"
_LONGEST_SHOWN: Final = 2000
_DEEPEST: Final = 50
# Embedded files, and addresses with a user or a query.
_CONCEALED: Final = re.compile(r"^\s*data:|;base64,|://\S*[?#@]", re.IGNORECASE)
_SECRET_NAME: Final = re.compile(
    r"api_?key|token|secret|password|authorization|credential", re.IGNORECASE
)
# The callback is no input of the model, and the address may hold a token.
CALLBACK_FIELD: Final = "webhook_url"


def sketch_input(body: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the sketch of an input, without the callback address."""
    return {
        name: _sketch(value, secret=_is_secret(name))
        for name, value in body.items()
        if name != CALLBACK_FIELD
    }


def schema_defaults(request: object) -> dict[str, JsonValue]:
    """Return the defaults in a request's schema, by wire names, as far as they are plain JSON."""
    fields: Mapping[str, Any] = getattr(type(request), "__pydantic_fields__", {})
    named = ((field.serialization_alias or name, field.default) for name, field in fields.items())
    return {name: value for name, value in named if _is_json(value)}


def compare_inputs(
    sent: Mapping[str, JsonValue],
    shown: Mapping[str, JsonValue],
    defaults: Mapping[str, JsonValue],
) -> Match:
    """Compare two sketches: what was sent, and what a prediction shows.

    A server may fill in what was left out. A name that only *shown* has is no difference if its
    value is null or the schema's default; with any other value the result is *extra*, because it
    may as well be an input that somebody else sent.
    """
    filled_in = {name: value for name, value in defaults.items() if name not in sent}
    # A default that is shown counts like one that was sent.
    expected = {
        **sent,
        **{
            name: value
            for name, value in filled_in.items()
            if name in shown and _compare(value, shown[name]) == "equal"
        },
    }
    return _compare(expected, {**shown})


def _is_json(value: object) -> TypeGuard[JsonValue]:
    if isinstance(value, list):
        return all(map(_is_json, cast("list[object]", value)))
    if isinstance(value, dict):
        return all(map(_is_json, cast("dict[str, object]", value).values()))
    return isinstance(value, str | int | float)


def _sketch(value: JsonValue, *, secret: bool, depth: int = 0) -> JsonValue:
    if depth > _DEEPEST:
        return _digest(json.dumps(value, sort_keys=True))
    if isinstance(value, str):
        return _digest(value) if secret or _is_concealed(value) else value
    if isinstance(value, list):
        return [_sketch(item, secret=secret, depth=depth + 1) for item in value]
    if isinstance(value, dict):
        return {
            name: _sketch(item, secret=secret or _is_secret(name), depth=depth + 1)
            for name, item in value.items()
        }
    return value


def _is_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


def _is_concealed(text: str) -> bool:
    # A text that looks like a digest is digested too, so that it cannot pass for one.
    return (
        len(text) > _LONGEST_SHOWN
        or text.startswith(_DIGEST)
        or _CONCEALED.search(text) is not None
    )


def _digest(text: str) -> str:
    return _DIGEST + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _compare(sent: JsonValue, shown: JsonValue) -> Match:
    if isinstance(sent, dict) and isinstance(shown, dict):
        if not sent.keys() <= shown.keys():
            return "different"
        more = any(value is not None for name, value in shown.items() if name not in sent)
        results: list[Match] = [_compare(value, shown[name]) for name, value in sent.items()]
        results.append("extra" if more else "equal")
        return _worst(results)
    if isinstance(sent, list) and isinstance(shown, list):
        if len(sent) != len(shown):
            return "different"
        return _worst([_compare(*pair) for pair in zip(sent, shown, strict=True)])
    # True is no 1; and 1 is 1.0, as two numbers are compared by value.
    same_kind = isinstance(sent, bool) == isinstance(shown, bool)
    return "equal" if same_kind and sent == shown else "different"


def _worst(results: list[Match]) -> Match:
    return "different" if "different" in results else "extra" if "extra" in results else "equal"
