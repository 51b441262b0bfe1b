"""The intermediate representation: what the renderer needs, free of JSON Schema."""

from dataclasses import dataclass, field

from get3w_codegen.jsonschema.keywords import JsonObject
from get3w_codegen.model.names import ModelName


class Unset:
    """Marks that a schema has no default; None would not do, since the default may be null."""


UNSET = Unset()


@dataclass(frozen=True, slots=True)
class Field:
    """A property of an object.

    Attributes:
        wire: Its name on the wire.
        name: Its name in Python.
        shape: The part of its schema that has a Python form, for datamodel-code-generator.
        required: Whether it has to be given.
        nullable: Whether null is a value of it.
        default: The schema's default, or `UNSET`.
        description: What it means, in plain text.
        remarks: Range, allowed values and the like, one sentence each.
        deprecated: Whether the schema advises against it.
    """

    wire: str
    name: str
    shape: JsonObject
    required: bool
    nullable: bool
    default: object
    description: str
    remarks: tuple[str, ...]
    deprecated: bool = False


@dataclass(frozen=True, slots=True)
class Object:
    """An object with named properties: one class.

    Attributes:
        class_name: The class's name.
        fields: The properties, required ones first.
        extra: Whether names beside those are allowed.
        further: The shape of the values under such names, or None where they may be any.
        description: What it is, in plain text, or "".
        pointer: Where in the schema it stands, as a JSON pointer.
    """

    class_name: str
    fields: tuple[Field, ...]
    extra: bool
    description: str
    pointer: str
    further: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a package's index says of a model; the fields stand in the order of its columns.

    Attributes:
        documented: Whether Get3W's own documentation names it.
        title: What it does, as a verb and its object, or "".
        kind: What it does, as in "text-to-image", or "".
        price: The base price of a run in US dollars, if known.
        source: Where its facts come from, or "".
        deprecated: Whether the schema advises against the model.
        surface: The surface it is documented on, where that is only one.
    """

    documented: bool = False
    title: str = ""
    kind: str = ""
    price: float | None = None
    source: str = ""
    deprecated: bool = False
    surface: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """One model of the catalogue.

    Attributes:
        model_id: Its id.
        name: Its name in Python.
        file: The schema's file, relative to the schema folder.
        kind: What it does, as in "text-to-image", or "".
        documented: Whether Get3W's own documentation names it.
        surface: The surface it is documented on, where that is only one.
        source: Where its facts come from, or "".
        price: The base price of a run in US dollars, if known.
        description: What it does, in plain text, or "".
        request: The body of a submit.
        objects: The objects inside it, each after those it refers to.
        leaves: The source of every leaf type that a field's shape refers to.
        aliases: The source of every type that is given a name, by that name.
        unions: The shape of every union that contains itself, by its name.
        example: The smallest input, by wire name, or None where none is known.
        deprecated: Whether the schema advises against the model.
        rule: Conditions that have no Python form, as a JSON Schema, or None.
    """

    model_id: str
    name: ModelName
    file: str
    kind: str
    documented: bool
    surface: str | None
    source: str
    price: float | None
    description: str
    request: Object
    objects: tuple[Object, ...]
    leaves: dict[str, str] = field(default_factory=dict[str, str])
    aliases: dict[str, str] = field(default_factory=dict[str, str])
    unions: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    rule: JsonObject | None = None
    example: JsonObject | None = None
    deprecated: bool = False
