"""The calls that send an input: in Python through the typed client, by curl, and by the page."""

import json
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from get3w_emulator.jsontypes import JSON, JSONObject
from get3w_emulator.playground_names import (
    ModelName,
    item_classes,
    parameter_names,
    properties_of,
)
from get3w_emulator.schemas import Model

_WIDTH = 76  # as far as the page shows without scrolling
_INDENT = "    "


@dataclass(frozen=True)
class Call:
    """One submit, wherever it is made from.

    Attributes:
        model: The model to run.
        name: What it is called in Python.
        input: The input, by its names on the wire.
        webhook_url: Where the end is told; None for nowhere.
    """

    model: Model
    name: ModelName
    input: JSONObject
    webhook_url: str | None = None

    @property
    def surface(self) -> str:
        """The surface that the client uses for this model."""
        return "v1" if self.model.schema.get("x-surface") == "v1" else "v3"

    def request(self) -> JSONObject:
        """Return the HTTP request: path, body, and the path under which the result is found."""
        body = {**self.input}
        query = ""
        if self.surface == "v1":
            if self.webhook_url is not None:
                query = "?webhook=" + quote(self.webhook_url, safe="")
            path, result = f"/v1/{quote(self.model.id)}{query}", "/v1/requests/"
        else:
            if self.webhook_url is not None:
                body["webhook_url"] = self.webhook_url
            path, result = f"/api/v3/{quote(self.model.id)}", "/api/v3/predictions/"
        return {"path": path, "body": body, "result": result}

    def curl(self, origin: str, api_key: str) -> str:
        """Return the command that sends it."""
        request = self.request()
        return " \\\n  ".join(
            [
                f"curl {shlex.quote(origin + str(request['path']))}",
                f"-H {shlex.quote(f'Authorization: Bearer {api_key}')}",
                "-H 'Content-Type: application/json'",
                f"--data-raw {shlex.quote(_json(request['body']))}",
            ]
        )

    def python(self) -> str:
        """Return the program that sends it with the typed client and prints the outputs."""
        writer = _Writer(self.model.schema)
        lists = properties_of(self.model.schema)
        known = {wire: value for wire, value in self.input.items() if wire in lists}
        extra: JSONObject = {wire: value for wire, value in self.input.items() if wire not in lists}
        arguments = writer.arguments(self.model.schema, known, _INDENT)
        if self.webhook_url is not None:
            arguments.append(f"webhook_url={_text(self.webhook_url)}")
        if extra:
            arguments.append(f"extra_body={writer.value(extra, None, _INDENT)}")
        function = f"submit_{self.name.text}"
        lines = [f"from get3w_models import {function}"]
        if writer.used:
            classes = ", ".join(sorted(writer.used))
            lines.append(f"from get3w_models.{self.name.text} import {classes}")
        call = _bracketed(f"{function}(", arguments, ")", "", len("prediction = "))
        return "\n".join(
            [*lines, "", f"prediction = {call}", "print(prediction.wait().outputs)", ""]
        )


class _Writer:
    """Writes values as Python, objects by their class.

    Attributes:
        used: The classes that were needed.
    """

    def __init__(self, schema: JSONObject) -> None:
        self._classes = item_classes(schema)
        self.used: set[str] = set()

    def arguments(self, schema: JSON, value: JSONObject, indent: str) -> list[str]:
        """Return `name=value` for what was given, in the order of the signature."""
        described = properties_of(schema)
        names = parameter_names(described)
        return [
            f"{names[wire]}={self.value(value[wire], described[wire], indent)}"
            for wire in in_order(schema)
            if wire in value
        ]

    def value(self, value: JSON, schema: JSON, indent: str) -> str:
        """Return a value as an expression."""
        inner = indent + _INDENT
        if isinstance(value, str):
            return _text(value)
        if isinstance(value, list):
            items = schema.get("items") if isinstance(schema, dict) else None
            parts = [self.value(each, items, inner) for each in value]
            return _bracketed("[", parts, "]", indent)
        if isinstance(value, dict):
            name = self._classes.get(id(schema))
            if name is not None and value.keys() <= properties_of(schema).keys():
                self.used.add(name)
                return _bracketed(f"{name}(", self.arguments(schema, value, inner), ")", indent)
            parts = [
                f"{_text(key)}: {self.value(each, None, inner)}" for key, each in value.items()
            ]
            return _bracketed("{", parts, "}", indent)
        return repr(value)


def in_order(schema: JSON) -> list[str]:
    """Return the properties of an object in the order of its signature: required ones first."""
    lists = properties_of(schema)
    known = schema if isinstance(schema, dict) else {}
    stated = [name for name in _strings(known.get("x-order-properties")) if name in lists]
    ordered = list(dict.fromkeys([*stated, *lists]))
    required = set(_strings(known.get("required")))
    return sorted(ordered, key=lambda name: name not in required)


def _strings(value: JSON) -> Iterable[str]:
    return (each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _bracketed(start: str, parts: list[str], end: str, indent: str, before: int = 16) -> str:
    flat = start + ", ".join(parts) + end
    if "\n" not in flat and before + len(indent) + len(flat) <= _WIDTH:
        return flat
    inner = indent + _INDENT
    return f"{start}\n" + "".join(f"{inner}{part},\n" for part in parts) + f"{indent}{end}"


def _text(value: str) -> str:
    """Return a string literal, in double quotes if it holds none."""
    literal = repr(value)
    return literal if '"' in literal else f'"{literal[1:-1]}"'


def _json(value: JSON) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    # Half a surrogate pair can be written as an escape only.
    return text if _is_unicode(text) else json.dumps(value, indent=2)


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
