"""Whether the type that a server shows is what a schema says."""

import ast
import importlib
import re
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from .reading import alternatives

_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
_OMITTED = re.compile(r",? ?\.\.\. omitted (\d+) literals")
# What ty shows of `JsonValue`.
_JSON = "list[JsonValue] | dict[str, JsonValue] | str | float | None"
_MEDIA = {"str", "Path", "BinaryIO"}


def is_type(text, parameter, model, server):
    """Tell whether *text* is the type of a parameter: None is offered just where it is taken."""
    parts = set(_parts(text.replace(_JSON, "JsonValue")))
    optional = parameter.nullable or not parameter.required
    if "JsonValue" not in parts and optional is not ("None" in parts):
        return False
    return _Judge(model, server).fits(parts - {"None"}, parameter.kinds)


@dataclass(frozen=True)
class _Judge:
    model: Any
    server: Any

    def fits(self, parts, kinds):
        """Tell whether each of *parts* stands for some kind, and each kind is in one of them."""
        kinds = [{"type": "string"} if self._is_too_long(kind) else kind for kind in kinds]
        free = any(kind.get("type") == "string" and "enum" not in kind for kind in kinds)
        # Beside any string, a server may leave out those that are listed.
        absorbed = [kind for kind in kinds if not (free and _are_strings(kind))]
        return self._fits(parts, kinds) or self._fits(parts, absorbed)

    def _fits(self, parts, kinds):
        literals = {part: values for part in parts if (values := self._values(part)) is not None}
        shown = [value for values in literals.values() for value in values]
        if not self._same(shown, [value for kind in kinds for value in _listed(kind)]):
            return False
        rest = parts - literals.keys()
        found = {
            part: [kind for kind in kinds if not _listed(kind) and self._is_one(part, kind, rest)]
            for part in rest
        }
        told = [kind for kinds in found.values() for kind in kinds]
        return all(found.values()) and all(_listed(kind) or kind in told for kind in kinds)

    def _is_one(self, part, kind, parts):
        if "enum" in kind:
            numbers = all(type(value) in (int, float) for value in kind["enum"])
            return part == ("float" if numbers else "JsonValue")
        stated = kind.get("type")
        if stated == "array":
            return self._is_list(part, kind)
        if stated == "object":
            return self._is_object(part, kind)
        if stated == "string" and "x-get3w-media" in kind:
            return part == "MediaInput" or (part in _MEDIA and parts >= _MEDIA)
        return part == _PLAIN.get(stated, "JsonValue")

    def _is_list(self, part, kind):
        items = kind.get("items", {})
        if "x-get3w-media" in kind:
            items = {**items, "x-get3w-media": kind["x-get3w-media"]}
            if part == "MediaListInput":
                return items.get("type") == "string"
        inner = re.fullmatch(r"(?:list|List|ListOf)\[(.*)\]", part)
        return bool(inner and self._holds(inner[1], items))

    def _is_object(self, part, kind):
        if kind.get("properties"):
            fields = getattr(getattr(self._module, part, None), "model_fields", None) or {}
            wires = {field.serialization_alias or name for name, field in fields.items()}
            return wires == set(kind["properties"])
        inner = re.fullmatch(r"(?:dict|Dict)\[str, (.*)\]", part)
        values = kind.get("additionalProperties")
        return bool(inner and self._holds(inner[1], values if isinstance(values, dict) else {}))

    def _holds(self, text, schema):
        kinds, null = alternatives(self.model.document, schema)
        parts = set(_parts(text))
        return ("JsonValue" in parts or null is ("None" in parts)) and self.fits(
            parts - {"None"}, kinds
        )

    def _values(self, part):
        """Return the values of a `Literal` or of an alias of one; an Ellipsis for each left out."""
        alias = getattr(self._module, part, None) if part.isidentifier() else None
        if get_origin(alias) is Literal:
            return list(get_args(alias))
        inner = re.fullmatch(r"Literal\[(.*)\]", part)
        if not inner:
            return None
        omitted = sum(int(count) for count in _OMITTED.findall(inner[1]))
        return [*ast.literal_eval(f"[{_OMITTED.sub('', inner[1])}]"), *[...] * omitted]

    def _same(self, shown, listed):
        shown = [self._cut(value) for value in shown]
        listed = [self._cut(value) for value in listed]
        if ... in shown:
            return len(shown) == len(listed) and set(shown) <= {..., *listed}
        return {(type(each), each) for each in shown} == {(type(each), each) for each in listed}

    def _cut(self, value):
        return value.removesuffix("…")[: self.server.longest] if isinstance(value, str) else value

    def _is_too_long(self, kind):
        return _are_strings(kind) and len(kind["enum"]) > self.server.most

    @property
    def _module(self):
        return importlib.import_module(f"{self.model.package}.{self.model.name}")


def _listed(kind):
    """Return the values of a choice that a `Literal` can hold."""
    values = kind.get("enum", [])
    return [] if any(isinstance(value, float | dict | list) for value in values) else values


def _are_strings(kind):
    return "enum" in kind and all(isinstance(value, str) for value in kind["enum"])


def _parts(text):
    """Split a union where no bracket and no quote is open."""
    parts, depth, quote, start = [], 0, "", 0
    for place, character in enumerate(text):
        if quote:
            quote = "" if character == quote and text[place - 1] != "\\" else quote
        elif character in "'\"":
            quote = character
        elif character in "[(":
            depth += 1
        elif character in "])":
            depth -= 1
        elif character == "|" and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    return [part.strip() for part in [*parts, text[start:]]]
