"""Second stage: a schema file becomes the typed intermediate.

Each place of a schema is split in two: the *shape*, which has a Python form and goes through
datamodel-code-generator, and the *rest*, which has none and becomes a rule that the class checks.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

from get3w_codegen.judging import Judge
from get3w_codegen.keywords import JsonObject
from get3w_codegen.literals import literal, one_line
from get3w_codegen.load import SchemaFile
from get3w_codegen.merge import (
    ASSERTIONS,
    Assertions,
    named_in_place,
    only_reference,
    resolved,
    says_more,
)
from get3w_codegen.model import UNSET, Field, Model, Object
from get3w_codegen.names import MODULE_NAMES, ModelName, class_name, field_names
from get3w_codegen.problems import Level, Problem
from get3w_codegen.references import DanglingReferenceError
from get3w_codegen.remarks import remarks
from get3w_codegen.scalars import SAID, SIZES, choice, constrained, has_surrogate, kinds, scalar

# More values than this get a name of their own, so that a signature stays readable.
_LONGEST_INLINE = 16

_ANYTHING: JsonObject = {"customTypePath": "pydantic.JsonValue"}
_PLAIN: dict[str, JsonObject] = {"str": {"type": "string"}, "bool": {"type": "boolean"}}


@dataclass(frozen=True, slots=True)
class _Value:
    """What one place of a schema comes to."""

    shape: JsonObject
    nullable: bool = False
    rest: JsonObject | None = None


@dataclass(slots=True)
class Normaliser:
    """Turns one schema file into a `Model`.

    Attributes:
        problems: What was found on the way; a problem of level error means there is no model.
    """

    schema: SchemaFile
    name: ModelName
    open: bool = False
    problems: list[Problem] = field(default_factory=list[Problem])
    _objects: list[Object] = field(default_factory=list[Object])
    _leaves: dict[str, str] = field(default_factory=dict[str, str])
    _aliases: dict[str, str] = field(default_factory=dict[str, str])
    _assertions: Assertions = field(init=False)
    _unfinished: set[str] = field(default_factory=set[str])
    _recursive: set[str] = field(default_factory=set[str])
    _references: dict[str, _Value] = field(default_factory=dict[str, "_Value"])
    _classes: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        self._assertions = Assertions(self.schema.document, closed=not self.open)

    def model(self) -> Model | None:
        """Return the model, or None where the schema cannot be used."""
        root = self.schema.document
        self._classes = {f"{self.name.class_name}Request", *MODULE_NAMES, *_property_names(root)}
        try:
            self._unfinished.add("#")
            name = f"{self.name.class_name}Request"
            rest = self._class_value(resolved(root, root), False, name, "", "#").rest
        except (DanglingReferenceError, RecursionError) as problem:
            message = str(problem) or "Nested too deeply, or a $ref that never ends"
            self._report("", message, "Write the part out where it is used.", Level.ERROR)
            return None
        if any(problem.level is Level.ERROR for problem in self.problems):
            return None
        provenance = str(root.get("x-provenance", "get3w-docs"))
        return Model(
            model_id=self.schema.model_id,
            name=self.name,
            file=self.schema.file,
            kind=str(root.get("x-model-type", "")),
            documented=provenance == "get3w-docs" or root.get("x-get3w-listed") is True,
            surface=root.get("x-surface"),
            source=one_line(str(root.get("x-source", ""))),
            note=one_line(str(root.get("x-note", ""))),
            price=_price(root.get("x-base-price-usd")),
            description=one_line(str(root.get("description", ""))),
            request=self._objects[-1],
            objects=tuple(self._objects[:-1]),
            leaves=self._leaves,
            aliases=self._aliases,
            rule=self.schema.rule or (rest and {**self._definitions(), **rest}),
        )

    def _definitions(self) -> JsonObject:
        definitions = self._assertions.definitions
        return {"$defs": definitions} if definitions else {}

    def _report(self, pointer: str, message: str, remedy: str, level: Level) -> None:
        self.problems.append(Problem(self.schema.file, pointer, message, remedy, level))

    # Objects

    def _object(self, schema: JsonObject, name: str, pointer: str) -> JsonObject | None:
        """Add the class of an object; return what the class does not say."""
        properties = {
            wire: cast("JsonObject", {} if value is True else value)
            for wire, value in cast("JsonObject", schema.get("properties", {})).items()
        }
        for wire in self._named(schema):
            properties.setdefault(wire, {})
        required = [str(wire) for wire in schema.get("required", [])]
        unsaid = self._unsaid(schema, "object")
        if "additionalProperties" in schema:
            unsaid -= {"unevaluatedProperties"}  # no name is left for it
        rest = self._rest(schema, unsaid) or {}
        unknown = [wire for wire in required if wire not in properties]
        if unknown:
            rest["required"] = unknown
        names = field_names(properties, {f"{self.name.class_name}Request"})
        rests: JsonObject = {}
        fields: list[Field] = []
        for wire in _ordered(schema, properties, required):
            place = f"{pointer}/properties/{_pointer(wire)}"
            if has_surrogate(wire):
                self._report(
                    ascii(place),
                    "A property name holds half a surrogate pair, which cannot be sent",
                    "Correct the name.",
                    Level.ERROR,
                )
            made, inner = self._field(properties[wire], wire, names[wire], wire in required, place)
            fields.append(made)
            if inner is not None:
                rests[wire] = inner
        extra, extra_rest = self._extra(schema)
        own = cast("JsonObject", schema.get("properties", {}))
        conditional = properties.keys() - own.keys()
        if "additionalProperties" in schema and conditional:
            # What only a branch lists is, to this very keyword, a further name.
            rest["additionalProperties"] = self._assertions.of_value(schema["additionalProperties"])
            rests = {**dict.fromkeys(own, True), **rests}
        elif (conditional and not extra) or "unevaluatedProperties" in rest:
            # A name is known only where the branch that lists it holds.
            rests = {**dict.fromkeys(own, True), **rests}
            rest.setdefault("unevaluatedProperties", False)
        if extra_rest is not None and not conditional:
            rests = {**dict.fromkeys(properties, True), **rests}
            rest["additionalProperties"] = extra_rest
        if rests:
            rest["properties"] = rests
        said = one_line(str(schema.get("description", "")))
        self._objects.append(Object(name, tuple(fields), extra, said, pointer))
        return rest or None

    def _extra(self, schema: JsonObject) -> tuple[bool, object]:
        stated = schema.get("additionalProperties")
        if "patternProperties" in schema:
            if stated is None:
                return True, None if self.open else False
            return True, None if stated is True else self._assertions.of_value(stated)
        if isinstance(stated, dict) and stated:
            return True, self._assertions.of_value(cast("JsonObject", stated))
        if stated is None:
            said = schema.get("unevaluatedProperties") not in (None, False)
            silent = "properties" not in schema and not set(self._named(schema))
            branches = {key: part for key, part in schema.items() if key != "unevaluatedProperties"}
            more = says_more(self.schema.document, branches)
            return self.open or said or silent or more, None
        return stated is not False, None

    def _field(
        self, schema: object, wire: str, name: str, required: bool, pointer: str
    ) -> tuple[Field, JsonObject | None]:
        if schema is False:
            node: JsonObject = {"not": {}}
        else:
            node = cast("JsonObject", schema)
        value = self._value(node, wire, pointer)
        flat = resolved(self.schema.document, node)
        made = Field(
            wire=wire,
            name=name,
            shape=value.shape,
            required=required,
            nullable=value.nullable,
            default=self._default(flat, pointer),
            description=one_line(str(flat.get("description") or flat.get("title") or "")),
            remarks=tuple(remarks(flat)),
            deprecated=flat.get("deprecated") is True,
        )
        return made, value.rest

    def _default(self, schema: JsonObject, pointer: str) -> object:
        if "default" not in schema:
            return UNSET
        default = schema["default"]
        if Judge(self._assertions.of_value(schema)).accepts(default):
            whole = isinstance(default, float) and schema.get("type") == "integer"
            return int(default) if whole else default
        self._report(
            f"{pointer}/default",
            f"The default {literal(default)[:80]} is no value that the schema allows",
            "Correct it; until then the parameter is shown without a default.",
            Level.WARNING,
        )
        return UNSET

    def _named(self, schema: JsonObject) -> Iterable[str]:
        return named_in_place(self.schema.document, schema)

    def _is_silent(self, schema: JsonObject | bool) -> bool:
        """Tell whether *schema* lists properties and says nothing of further ones."""
        return (
            not isinstance(schema, bool)
            and bool(set(self._named(schema)))
            and not says_more(self.schema.document, schema)
        )

    def _is_closed(self, schema: JsonObject) -> bool:
        return not self.open and self._is_silent(schema)

    # Values

    def _value(self, node: JsonObject, stem: str, pointer: str) -> _Value:
        reference = only_reference(node)
        if reference is None:
            return self._own_value(node, stem, pointer)
        if reference in self._references:
            self._recursive |= self._unfinished & {reference}
            value = self._references[reference]
            return replace(value, rest=self._assertions.shared(reference, value.rest))
        if reference in self._unfinished:
            # A list of itself and the like: only a rule can say how it goes on.
            rest = self._assertions.of_value({"$ref": reference})
            return _Value(_ANYTHING, nullable=True, rest=rest)
        self._unfinished.add(reference)
        value = self._own_value(node, reference.rpartition("/")[2], pointer, reference)
        self._unfinished.discard(reference)
        self._references[reference] = value
        return value

    def _own_value(self, node: JsonObject, stem: str, pointer: str, reference: str = "") -> _Value:
        schema = resolved(self.schema.document, node)
        found, nullable = kinds(schema)
        if "enum" in schema or "const" in schema:
            return self._choice(schema, stem)
        if found == ["null"]:
            return _Value({"type": "null"}, True, self._rest(schema, self._unsaid(schema, "null")))
        branches = schema.get("anyOf") or schema.get("oneOf")
        if branches and not {"properties", "items"} & set(schema):
            return self._union(schema, stem, pointer)
        if not found:
            said = {key for key in schema if key in ASSERTIONS}
            rest = self._rest(schema, said)
            if rest and self._is_closed(schema):
                rest.setdefault("unevaluatedProperties", False)
            return _Value(_ANYTHING, nullable=True, rest=rest)
        if len(found) > 1:
            return self._any_kind(schema, found, nullable, stem, pointer)
        kind = found[0]
        if kind == "object":
            return self._object_value(schema, nullable, stem, pointer, reference)
        if kind == "array":
            return self._array(schema, nullable, stem, pointer)
        return self._scalar(schema, kind, nullable)

    def _rest(self, schema: JsonObject, keys: Container[str]) -> JsonObject | None:
        said = {key: value for key, value in schema.items() if key in keys}
        return self._assertions.of(said) or None

    def _unsaid(self, schema: JsonObject, kind: str) -> set[str]:
        return {key for key in schema if key in ASSERTIONS - SAID[kind]}

    def _scalar(self, schema: JsonObject, kind: str, nullable: bool) -> _Value:
        source, unsaid = scalar(schema, kind)
        shape = _PLAIN[source] if source in _PLAIN else self._leaf(source)
        return _Value(shape, nullable, self._rest(schema, unsaid | self._unsaid(schema, kind)))

    def _choice(self, schema: JsonObject, stem: str) -> _Value:
        values = cast("list[object]", schema["enum"] if "enum" in schema else [schema["const"]])
        known = self._assertions.of(schema)
        judge = Judge(known)
        allowed = [value for value in values if judge.accepts(value)]
        null = None in allowed
        allowed = [value for value in allowed if value is not None]
        if null and not allowed:
            return _Value({"type": "null"}, nullable=True)
        found = choice(allowed)
        if found is None:
            numbers = allowed and all(type(value) in (float, int) for value in allowed)
            shape = self._leaf("Number") if numbers else _ANYTHING
            return _Value(shape, null, known)
        source, loose = found
        if len(allowed) > _LONGEST_INLINE:
            name = class_name(stem, self._classes)
            self._aliases[name] = source
            source = name
        return _Value(self._leaf(f"Choice[{source}]" if loose else source), null)

    def _array(self, schema: JsonObject, nullable: bool, stem: str, pointer: str) -> _Value:
        unsaid = self._unsaid(schema, "array")
        if "unevaluatedItems" in schema:
            unsaid |= {"items"} & schema.keys()
        rest = self._rest(schema, unsaid) or {}
        items = schema.get("items", {})
        shape: JsonObject = {"type": "array"}
        if "prefixItems" in schema:
            if "items" in schema:
                rest["items"] = self._assertions.of_value(items)
            shape["items"] = _ANYTHING
        elif items is False:
            rest["maxItems"] = 0
            shape["items"] = _ANYTHING
        else:
            node = cast("JsonObject", {} if items is True else items)
            if "x-get3w-media" in schema and node.get("type") == "string":
                node = {**node, "x-get3w-media": schema["x-get3w-media"]}
            inner = self._value(node, f"{stem}_item", f"{pointer}/items")
            if inner == _Value(self._leaf("Media")):
                sizes = constrained("MediaList", schema, SIZES)
                return _Value(self._leaf(sizes), nullable, rest or None)
            shape["items"] = _or_null(inner)
            if inner.rest is not None:
                rest["items"] = inner.rest
        for key in ("minItems", "maxItems"):
            if key in schema:
                shape[key] = int(schema[key])
        return _Value(shape, nullable, rest or None)

    def _object_value(
        self, schema: JsonObject, nullable: bool, stem: str, pointer: str, reference: str
    ) -> _Value:
        if set(self._named(schema)):
            name = class_name(stem, self._classes)
            return self._class_value(schema, nullable, name, pointer, reference)
        extra = schema.get("additionalProperties")
        rest = self._rest(schema, self._unsaid(schema, "object") | ({"required"} & schema.keys()))
        values = _Value(_ANYTHING)
        if extra is False or (extra is None and "properties" in schema and not self.open):
            rest = {**(rest or {}), "additionalProperties": False}
        elif isinstance(extra, dict):
            values = self._value(
                cast("JsonObject", extra), f"{stem}_value", f"{pointer}/additionalProperties"
            )
            if values.rest is not None:
                rest = {**(rest or {}), "additionalProperties": values.rest}
        shape = {"type": "object", "additionalProperties": _or_null(values)}
        return _Value(shape, nullable, rest)

    def _class_value(
        self, schema: JsonObject, nullable: bool, name: str, pointer: str, reference: str
    ) -> _Value:
        value = _Value({"$ref": f"#/$defs/{name}"}, nullable)
        if reference:
            # Known before it is made, since it may refer to itself.
            self._references[reference] = value
        rest = self._object(schema, name, pointer)
        if rest is not None and reference in self._recursive:
            rest = self._assertions.of_value({"$ref": reference})
        return replace(value, rest=rest)

    def _union(self, schema: JsonObject, stem: str, pointer: str) -> _Value:
        keyword = "anyOf" if schema.get("anyOf") else "oneOf"
        shared = {key: value for key, value in schema.items() if key in ASSERTIONS - {keyword}}
        if "x-get3w-media" in schema:
            shared["x-get3w-media"] = schema["x-get3w-media"]
        root = self.schema.document
        silent: list[JsonObject] = [
            branch
            for branch in cast("list[JsonObject]", schema[keyword])
            if self._is_silent(branch)
        ]
        # Where one branch speaks of further names, the object as a whole is not silent. And where
        # several hold at once, what each of them lists is known.
        together = not self.open and keyword == "anyOf" and len(silent) > 1
        loose = together or (not self.open and says_more(root, schema))
        branches: list[_Value] = []
        for number, branch in enumerate(schema[keyword]):
            node: JsonObject = {} if branch is True else branch
            if branch is False:
                continue
            if loose and branch in silent:
                node = {**resolved(root, node), "additionalProperties": True}
            whole = (
                {**node, **shared} if not shared.keys() & node.keys() else {"allOf": [node, shared]}
            )
            branches.append(
                self._value(whole, f"{stem}_{number + 1}", f"{pointer}/{keyword}/{number}")
            )
        if not branches:
            return _Value(_ANYTHING, True, {"not": {}})
        rest: JsonObject = {}
        distinct = _distinct_shapes(
            branch.shape for branch in branches if branch.shape != {"type": "null"}
        )
        exclusive = keyword == "oneOf" and not self._disjoint(schema[keyword])
        ruled = together or exclusive or _ANYTHING in distinct
        if ruled or any(branch.rest for branch in branches):
            rest = self._rest(schema, {keyword, *shared}) or {}
            if rest and self._is_closed(schema):
                rest.setdefault("unevaluatedProperties", False)
        null = any(branch.nullable for branch in branches)
        if not distinct:
            return _Value({"type": "null"} if null else _ANYTHING, null, rest or None)
        if _ANYTHING in distinct:
            return _Value(_ANYTHING, True, rest or None)
        shape = distinct[0] if len(distinct) == 1 else {"anyOf": distinct}
        return _Value(shape, null, rest or None)

    def _disjoint(self, branches: list[object]) -> bool:
        seen: set[str] = set()
        for branch in branches:
            if not isinstance(branch, dict):
                return False
            found, nullable = kinds(resolved(self.schema.document, cast("JsonObject", branch)))
            named = {"number" if kind == "integer" else kind for kind in found}
            named |= {"null"} if nullable else set()
            if not named or named & seen:
                return False
            seen |= named
        return True

    def _any_kind(
        self, schema: JsonObject, found: list[str], nullable: bool, stem: str, pointer: str
    ) -> _Value:
        branches: list[JsonObject] = []
        for kind in found:
            own = {
                key: value
                for key, value in schema.items()
                if key in SAID[kind]
                or key == "x-get3w-media"
                or (key == "multipleOf" and kind == "number")
            }
            branches.append({**own, "type": kind})
        shared = {
            key: value
            for key, value in schema.items()
            if key in ASSERTIONS and not any(key in said for said in SAID.values())
        }
        value = self._union({"anyOf": branches, **shared}, stem, pointer)
        # The branches leave null out, so the rule is taken from the schema as it stands.
        rest = None if value.rest is None else self._rest(schema, ASSERTIONS)
        return _Value(value.shape, value.nullable or nullable, rest)

    def _leaf(self, source: str) -> JsonObject:
        token = f"L_{len(self._leaves)}"
        for known, other in self._leaves.items():
            if other == source:
                token = known
        self._leaves[token] = source
        return {"customTypePath": f"leaf.{token}"}


def _property_names(schema: object) -> Iterator[str]:
    """Yield every property name in *schema*: a field hides a class of the same name."""
    if isinstance(schema, dict):
        node = cast("JsonObject", schema)
        if isinstance(node.get("properties"), dict):
            yield from field_names(node["properties"]).values()
        for part in node.values():
            yield from _property_names(part)
    elif isinstance(schema, list):
        for part in cast("list[object]", schema):
            yield from _property_names(part)


def _or_null(value: _Value) -> JsonObject:
    if not value.nullable or value.shape == _ANYTHING or value.shape == {"type": "null"}:
        return value.shape
    return {"anyOf": [value.shape, {"type": "null"}]}


def _ordered(schema: JsonObject, properties: Iterable[str], required: list[str]) -> Iterator[str]:
    """Yield required properties first, each part in the schema's own display order."""
    listed = [str(wire) for wire in schema.get("x-order-properties", [])]
    own = list(properties)
    order = [*(wire for wire in dict.fromkeys(listed) if wire in own), *own]
    yield from dict.fromkeys(sorted(order, key=lambda wire: wire not in required))


def _distinct_shapes(shapes: Iterable[JsonObject]) -> list[JsonObject]:
    distinct: list[JsonObject] = []
    for shape in shapes:
        if shape not in distinct:
            distinct.append(shape)
    return distinct


def _price(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _pointer(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
