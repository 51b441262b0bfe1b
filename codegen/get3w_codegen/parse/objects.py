"""Second stage, objects: make their classes and mapping types; keep the conditions left over."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import cast

from get3w_codegen.analysis.branches import listed, without_known
from get3w_codegen.analysis.simplifying import simplified
from get3w_codegen.budget import TooMuchWorkError, bounded_part
from get3w_codegen.jsonschema.keywords import JsonObject, is_object, places
from get3w_codegen.jsonschema.keywords import pointer as pointer_to
from get3w_codegen.jsonschema.merge import parts_in_place, resolved, says_more
from get3w_codegen.jsonschema.validation import Judge
from get3w_codegen.lint.impossible import surely_unfit
from get3w_codegen.model.model import UNSET, Field, Object
from get3w_codegen.model.names import class_name, field_names
from get3w_codegen.parse.remarks import Names, remarks
from get3w_codegen.parse.scalars import SIZES_OF_MAPS, constrained
from get3w_codegen.parse.values import ANYTHING, Reading, Value, or_null
from get3w_codegen.problems import Level, shown
from get3w_codegen.text.plaintext import plain
from get3w_codegen.text.visible import SURROGATE

# Many times what the largest real value takes; a document that asks for more goes on without it.
_MOST_STEPS_OF_A_VALUE = 20_000


class Objects(Reading):
    """Converts objects to classes."""

    def _object_value(
        self, schema: JsonObject, nullable: bool, stem: str, pointer: str, reference: str
    ) -> Value:
        if set(self._named(schema)):
            name = class_name(stem, self._classes)
            return self._class_value(schema, nullable, name, pointer, reference)
        extra = schema.get("additionalProperties")
        unsaid = self._unsaid(schema, "object") | ({"required"} & schema.keys())
        if extra is False or (extra is None and "properties" in schema and not self._open):
            if "patternProperties" not in schema:
                # A map that takes no name at all.
                return Value(self._map({"maxProperties": 0}), nullable, self._rest(schema, unsaid))
            closed = {**(self._rest(schema, unsaid) or {}), "additionalProperties": False}
            return Value({"type": "object", "additionalProperties": ANYTHING}, nullable, closed)
        if not isinstance(extra, dict) or not extra:
            return Value(
                self._map(schema), nullable, self._rest(schema, unsaid - SIZES_OF_MAPS.keys())
            )
        rest = self._rest(schema, unsaid)
        values = self._value(
            cast("JsonObject", extra), f"{stem}_value", f"{pointer}/additionalProperties"
        )
        if values.rest is not None:
            rest = {**(rest or {}), "additionalProperties": values.rest}
        return Value({"type": "object", "additionalProperties": or_null(values)}, nullable, rest)

    def _map(self, schema: JsonObject) -> JsonObject:
        """Return the shape of a map of any values."""
        source = "dict[str, JsonValue]"
        bounded = constrained(source, schema, SIZES_OF_MAPS)
        if bounded == source:
            return {"type": "object", "additionalProperties": ANYTHING}
        return self._leaf(bounded)

    def _class_value(
        self, schema: JsonObject, nullable: bool, name: str, pointer: str, reference: str
    ) -> Value:
        value = Value({"$ref": f"#/$defs/{name}"}, nullable)
        if reference:
            # Known before it is made, since it may refer to itself.
            self._references.values[reference] = value
        rest = self._object(schema, name, pointer)
        if rest is not None and reference in self._references.leans.get(reference, ()):
            rest = self._assertions.of_value(self._references.nodes[reference])
        if reference:
            self._references.values[reference] = replace(value, rest=rest)
        return replace(value, rest=rest)

    def _object(self, schema: JsonObject, name: str, pointer: str) -> JsonObject | None:
        """Add the class of an object; return what the class does not say."""
        listing = listed(self._root, schema)
        patterned = any("patternProperties" in part for part in parts_in_place(self._root, schema))
        properties = listing.properties(
            self._root, closed=self._is_closed(schema) and not patterned
        )
        for wire in self._named(schema):
            properties.setdefault(wire, {})
        required = list(listing.required)
        own = cast("JsonObject", schema.get("properties", {}))
        extra, extra_rest = self._extra(schema)
        unknown = [wire for wire in required if wire not in properties]
        names = field_names(properties, {self._name.request_class})
        rests: JsonObject = {}
        fields: list[Field] = []
        known: JsonObject = {}
        for wire in _ordered(schema, properties, required):
            place = pointer + pointer_to(("properties", wire))
            if SURROGATE.search(wire):
                self._report(
                    ascii(place),
                    "A property name holds half a surrogate pair, which cannot be sent",
                    "Correct the name.",
                    Level.ERROR,
                )
            made, inner = self._field(properties[wire], wire, names[wire], wire in required, place)
            fields.append(made)
            # Of other names the branch says it, and only where it holds are they known.
            sure = wire in (own if "additionalProperties" in schema else listing.always)
            if inner is None or sure:
                known[wire] = self._assertions.of_value(properties[wire])
            if inner is not None and sure:
                rests[wire] = inner
        rest = self._object_rest(schema, properties, known)
        further = None
        if extra_rest is not None and properties.keys() == own.keys():
            further = self._further(schema, f"{name}_value", pointer)
            extra_rest = extra_rest if further is None else None
        if unknown:
            rest["required"] = unknown
        conditional = properties.keys() - listing.always.keys()
        if "additionalProperties" in schema and properties.keys() - own.keys():
            # What only a branch lists is, to this very keyword, a further name.
            rest["additionalProperties"] = self._assertions.of_value(schema["additionalProperties"])
            rests = {**dict.fromkeys(own, True), **rests}
        elif (conditional and not extra) or "unevaluatedProperties" in rest:
            # A name is known only where the branch that lists it holds.
            rests = {**dict.fromkeys(own, True), **rests}
            rest.setdefault("unevaluatedProperties", False)
        if extra_rest is not None and "additionalProperties" not in rest:
            rests = {**dict.fromkeys(properties, True), **rests}
            rest["additionalProperties"] = extra_rest
        if rests:
            rest["properties"] = rests
        said = plain(str(schema.get("description", "")))
        self._objects.append(Object(name, tuple(fields), extra, said, pointer, further))
        left = simplified(rest)
        return None if left is True else left

    def _object_rest(
        self, schema: JsonObject, properties: JsonObject, known: JsonObject
    ) -> JsonObject:
        """Return what the conditions of an object say beyond the types of its properties."""
        unsaid = self._unsaid(schema, "object")
        if "additionalProperties" in schema:
            unsaid -= {"unevaluatedProperties"}  # no name is left for it
        extra, _ = self._extra(schema)
        if not extra and surely_unfit(schema.get("not"), properties):
            unsaid -= {"not"}
        said: JsonObject = {}
        for key in schema:
            if key in unsaid:
                said[key] = schema[key]
            if key in unsaid & {"allOf", "anyOf", "oneOf"}:
                said[key] = [self._inlined(each) for each in cast("list[object]", schema[key])]
        rule = self._assertions.of(said, self._beside(schema, said))
        return cast("JsonObject", without_known(rule, known))

    def _inlined(self, branch: object) -> object:
        return resolved(self._root, branch) if is_object(branch) else branch

    def _further(self, schema: JsonObject, stem: str, pointer: str) -> JsonObject | None:
        """Return the shape of further values, or None where a rule has to say what they are."""
        if "patternProperties" in schema:
            return None
        node = cast("JsonObject", schema["additionalProperties"])
        # A class would have to come before the one that names it, whatever refers to what.
        if any({"$ref", "properties"} & part.keys() for _, part in places(node)):
            return None
        value = self._value(node, stem, f"{pointer}/additionalProperties")
        # To a checker a union that stands as a value is an operation on types.
        plain_type = value.shape != ANYTHING and "anyOf" not in repr(or_null(value))
        return value.shape if value.rest is None and plain_type else None

    def _extra(self, schema: JsonObject) -> tuple[bool, object]:
        stated = schema.get("additionalProperties")
        if "patternProperties" in schema:
            if stated is None:
                return True, None if self._open else False
            return True, None if stated is True else self._assertions.of_value(stated)
        if isinstance(stated, dict) and stated:
            return True, self._assertions.of_value(cast("JsonObject", stated))
        if stated is None:
            said = schema.get("unevaluatedProperties") not in (None, False)
            silent = "properties" not in schema and not set(self._named(schema))
            branches = {key: part for key, part in schema.items() if key != "unevaluatedProperties"}
            more = says_more(self._root, branches)
            return self._open or said or silent or more, None
        return stated is not False, None

    def _field(
        self, schema: object, wire: str, name: str, required: bool, pointer: str
    ) -> tuple[Field, JsonObject | None]:
        if isinstance(schema, bool):
            node: JsonObject = {} if schema else {"not": {}}
        else:
            node = cast("JsonObject", schema)
        value = self._value(node, wire, pointer)
        flat = self._with_fitting_examples(resolved(self._root, node), pointer)
        default = self._default(flat, pointer)
        if default is UNSET:
            flat = {key: said for key, said in flat.items() if key != "default"}
        made = Field(
            wire=wire,
            name=name,
            shape=value.shape,
            required=required,
            nullable=value.nullable,
            default=default,
            description=plain(str(flat.get("description") or flat.get("title") or "")),
            remarks=tuple(remarks(self._root, flat, self._names_in(value.shape))),
            deprecated=flat.get("deprecated") is True,
        )
        return made, value.rest

    def _names_in(self, shape: JsonObject) -> Names:
        """Return the classes and the named choices that *shape* refers to."""
        text = repr(shape)
        sources = [source for token, source in self._leaves.items() if f"'leaf.{token}'" in text]
        known = {form: name for name in self._aliases for form in (name, f"Choice[{name}]")}
        return Names(
            allowed=self._allowed,
            choices=tuple(known[source] for source in sources if source in known),
            classes=tuple(
                made.class_name for made in self._objects if f"'#/$defs/{made.class_name}'" in text
            ),
        )

    def _judge(self, schema: JsonObject, pointer: str) -> Judge | None:
        """Return a validator for the values; None, with a warning, if it would take too long."""
        try:
            with bounded_part(_MOST_STEPS_OF_A_VALUE):
                return Judge(self._assertions.complete(self._assertions.of_value(schema)))
        except (TooMuchWorkError, ValueError):
            self._report(
                pointer,
                "It takes too long to tell whether the schema allows this",
                "It is not shown; let fewer definitions refer to each other.",
                Level.WARNING,
            )
            return None

    def _with_fitting_examples(self, schema: JsonObject, pointer: str) -> JsonObject:
        if not schema.get("examples"):
            return schema
        examples = cast("list[object]", schema["examples"])
        judge = self._judge(schema, f"{pointer}/examples")
        if judge is None:
            return {key: value for key, value in schema.items() if key != "examples"}
        for number, example in enumerate(examples):
            if not judge.accepts(example):
                self._report(
                    f"{pointer}/examples/{number}",
                    f"The example {shown(example)} is not a value that the schema allows",
                    "Correct it; until then it is not shown.",
                    Level.WARNING,
                )
        return {**schema, "examples": [each for each in examples if judge.accepts(each)]}

    def _default(self, schema: JsonObject, pointer: str) -> object:
        if "default" not in schema:
            return UNSET
        default = schema["default"]
        judge = self._judge(schema, f"{pointer}/default")
        if judge is None:
            return UNSET
        if judge.accepts(default):
            whole = isinstance(default, float) and schema.get("type") == "integer"
            return int(default) if whole else default
        self._report(
            f"{pointer}/default",
            f"The default {shown(default)} is not a value that the schema allows",
            "Correct it; until then the parameter is shown without a default.",
            Level.WARNING,
        )
        return UNSET


def _ordered(schema: JsonObject, properties: Iterable[str], required: list[str]) -> Iterator[str]:
    """Yield required properties first, each part in the schema's own display order."""
    listed = [str(wire) for wire in schema.get("x-order-properties", [])]
    own = list(properties)
    order = [*(wire for wire in dict.fromkeys(listed) if wire in own), *own]
    yield from dict.fromkeys(sorted(order, key=lambda wire: wire not in required))
