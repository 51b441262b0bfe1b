"""Second stage: turn a schema into the intermediate representation.

Each place of a schema is split in two: the *shape*, which has a Python form and goes through
datamodel-code-generator, and the *rest*, which has none and becomes a rule that the class checks.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, cast

from get3w_codegen.analysis.referring import reference_key
from get3w_codegen.analysis.unlisted_names import adds_names
from get3w_codegen.budget import step
from get3w_codegen.jsonschema.documents import canonical
from get3w_codegen.jsonschema.keywords import JsonObject, is_object, kinds
from get3w_codegen.jsonschema.merge import ASSERTIONS, both, parts_in_place, resolved
from get3w_codegen.jsonschema.references import DanglingReferenceError
from get3w_codegen.jsonschema.validation import Judge
from get3w_codegen.lint.extension_keys import is_confirmed
from get3w_codegen.model.model import Model
from get3w_codegen.model.names import MODULE_NAMES, camel, class_name, field_names
from get3w_codegen.parse.examples import smallest_input
from get3w_codegen.parse.objects import Objects
from get3w_codegen.parse.scalars import SIZES, bound, choice, constrained, scalar
from get3w_codegen.parse.unions import Unions
from get3w_codegen.parse.values import ANYTHING, Value, or_null
from get3w_codegen.problems import Level
from get3w_codegen.text.plaintext import plain
from get3w_codegen.text.visible import one_line

# More values than this get a name of their own, so that a signature stays readable.
_LONGEST_INLINE: Final = 16

_PLAIN: Final[dict[str, JsonObject]] = {"str": {"type": "string"}, "bool": {"type": "boolean"}}


class Normaliser(Objects, Unions):
    """Converts one schema file to a `Model`."""

    def model(self) -> Model | None:
        """Return the model, or None where the schema cannot be used."""
        root = self._root
        self._classes = {self._name.request_class, *MODULE_NAMES, *_property_names(root)}
        try:
            name = self._name.request_class
            self._references.nodes["#"] = {"$ref": "#"}
            self._references.unfinished.append("#")
            rest = self._class_value(resolved(root, root), False, name, "", "#").rest
        except (DanglingReferenceError, RecursionError) as problem:
            message = str(problem) or "Nested too deeply, or a $ref that never ends"
            self._report("", message, "Write the part out where it is used.", Level.ERROR)
            return None
        if any(problem.level is Level.ERROR for problem in self.problems):
            return None
        return Model(
            model_id=self._schema.model_id,
            name=self._name,
            file=self._schema.file,
            kind=str(root.get("x-model-type", "")),
            documented=is_confirmed(root),
            surface=root.get("x-surface"),
            source=one_line(str(root.get("x-source", ""))),
            price=_price(root.get("x-base-price-usd")),
            description=plain(str(root.get("description", ""))),
            request=self._objects[-1],
            objects=tuple(self._objects[:-1]),
            leaves=self._leaves,
            aliases=self._aliases,
            unions=self._unions,
            example=smallest_input(root),
            deprecated=root.get("deprecated") is True,
            rule=self._schema.rule or (rest and self._assertions.complete(rest)),
        )

    def _value(self, node: JsonObject, stem: str, pointer: str) -> Value:
        step(pointer)
        key = reference_key(self._root, node)
        if key is None and node.get("properties"):
            # Equal objects of one name are one class.
            key = canonical([camel(stem), node])
        if key is None:
            return self._own_value(node, stem, pointer)
        known = self._references
        if key in known.values:
            known.used(key)
            value = known.values[key]
            if known.is_open_ended(key):
                return replace(value, rest=self._assertions.of_value(known.nodes[key]))
            return replace(value, rest=self._assertions.shared(key, value.rest))
        own_name = key.rpartition("/")[2] if key.startswith("#") else stem
        if key in known.unfinished:
            # A union that contains itself gets a name, by which it can refer to itself.
            known.used(key)
            if key not in known.aliases:
                known.aliases[key] = class_name(own_name, self._classes)
            return Value({"$ref": f"#/$defs/{known.aliases[key]}"}, self._takes_null(node))
        known.nodes[key] = node
        known.unfinished.append(key)
        value = self._own_value(node, own_name, pointer, key)
        known.unfinished.remove(key)
        if value.rest is not None and key in known.leans.get(key, ()):
            value = replace(value, rest=self._assertions.of_value(node))
        if key in known.aliases:
            self._unions[known.aliases[key]] = value.shape
            value = replace(value, shape={"$ref": f"#/$defs/{known.aliases[key]}"})
        known.values[key] = value
        return value

    def _takes_null(self, node: JsonObject) -> bool:
        said = self._assertions.complete(self._assertions.of_value(node))
        return Judge(said).accepts(None)

    def _own_value(self, node: JsonObject, stem: str, pointer: str, reference: str = "") -> Value:
        schema = resolved(self._root, node)
        found, nullable = kinds(schema)
        if "enum" in schema or "const" in schema:
            return self._choice(schema, stem)
        if found == ["null"]:
            return Value({"type": "null"}, True, self._rest(schema, self._unsaid(schema, "null")))
        branches = schema.get("anyOf") or schema.get("oneOf")
        if branches and not {"properties", "items"} & set(schema):
            return self._union(schema, stem, pointer)
        if not found:
            said = {key for key in schema if key in ASSERTIONS}
            rest = self._rest(schema, said)
            if rest and self._is_closed(schema):
                rest.setdefault("unevaluatedProperties", False)
            return Value(ANYTHING, nullable=True, rest=rest)
        if len(found) > 1:
            return self._any_kind(schema, found, nullable, stem, pointer)
        kind = found[0]
        if kind == "object":
            return self._object_value(schema, nullable, stem, pointer, reference)
        if kind == "array":
            return self._array(schema, nullable, stem, pointer)
        return self._scalar(schema, kind, nullable)

    def _scalar(self, schema: JsonObject, kind: str, nullable: bool) -> Value:
        source, unsaid = scalar(schema, kind)
        shape = _PLAIN[source] if source in _PLAIN else self._leaf(source)
        return Value(shape, nullable, self._rest(schema, unsaid | self._unsaid(schema, kind)))

    def _choice(self, schema: JsonObject, stem: str) -> Value:
        allowed = self._allowed(schema)
        null = None in allowed
        allowed = [value for value in allowed if value is not None]
        if null and not allowed:
            return Value({"type": "null"}, nullable=True)
        found = choice(allowed)
        if found is None:
            numbers = allowed and all(type(value) in (float, int) for value in allowed)
            shape = self._leaf("Number") if numbers else ANYTHING
            return Value(shape, null, self._assertions.of(schema))
        source, loose = found
        if len(allowed) > _LONGEST_INLINE:
            name = class_name(stem, self._classes)
            self._aliases[name] = source
            source = name
        return Value(self._leaf(f"Choice[{source}]" if loose else source), null)

    def _array(self, schema: JsonObject, nullable: bool, stem: str, pointer: str) -> Value:
        unsaid = self._unsaid(schema, "array")
        if "unevaluatedItems" in schema:
            unsaid |= {"items"} & schema.keys()
        rest = self._rest(schema, unsaid) or {}
        items = schema.get("items", {})
        shape: JsonObject = {"type": "array"}
        if "prefixItems" in schema:
            if "items" in schema:
                rest["items"] = self._assertions.of_value(items)
            shape["items"] = ANYTHING
        # A false branch of items makes them false as well.
        elif (said := items is not False and both(*self._of_items(schema, items))) is False:
            rest["maxItems"] = 0
            shape["items"] = ANYTHING
        else:
            node = cast("JsonObject", {} if said is True else said)
            if "x-get3w-media" in schema and node.get("type") == "string":
                node = {**node, "x-get3w-media": schema["x-get3w-media"]}
            inner = self._value(node, f"{stem}_item", f"{pointer}/items")
            if inner == Value(self._leaf("Media")):
                sizes = constrained("MediaList", schema, SIZES)
                return Value(self._leaf(sizes), nullable, rest or None)
            shape["items"] = or_null(inner)
            if inner.rest is not None:
                rest["items"] = inner.rest
        for key in ("minItems", "maxItems"):
            if key in schema:
                shape[key] = bound(key, schema[key])
        return Value(shape, nullable, rest or None)

    def _of_items(self, schema: JsonObject, items: object) -> Iterator[object]:
        """Yield what is said of the items, and what makes names of theirs known where it holds."""
        yield items
        if not self._open and items is not True:
            for part in parts_in_place(self._root, schema):
                other = part.get("items", items)
                if other is not items and adds_names(self._root, items, other):
                    yield {"anyOf": [other, True]}


def _property_names(schema: object) -> Iterator[str]:
    """Yield every property name in *schema*: a field hides a class of the same name."""
    if is_object(schema):
        if isinstance(schema.get("properties"), dict):
            yield from field_names(schema["properties"]).values()
        for part in schema.values():
            yield from _property_names(part)
    elif isinstance(schema, list):
        for part in cast("list[object]", schema):
            yield from _property_names(part)


def _price(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
