"""Get the annotations of classes from datamodel-code-generator; nothing else here uses it.

It only sees structure: classes, fields and leaf types are replaced by numbers (`C0`, `f0`, `L0`)
and read back as syntax trees. So no text of a schema passes through its templates, and it changes
no name. Constraints and literals are written by this package (`literals.py`).
"""

import ast
import json
import re
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import cast

from datamodel_code_generator import SchemaParseError, generate
from datamodel_code_generator.enums import DataModelType, InputFileType
from datamodel_code_generator.format import PythonVersion
from datamodel_code_generator.parser import LiteralType

from get3w_codegen.budget import TooDeepError
from get3w_codegen.jsonschema.keywords import JsonObject
from get3w_codegen.model.model import Model, Object

_LEAF = re.compile(r'"leaf\.(L_\d+)"')


@dataclass(frozen=True, slots=True)
class ClassShape:
    """A class as datamodel-code-generator lays it out.

    Attributes:
        object: The object that the class stands for.
        annotations: The annotation of each field, in the fields' order, as source.
        forward: Whether the annotation names a class that comes later, or the class itself.
        parameters: The same without anything but the type, as a function's parameter has it.
        further: The type of values under further names; "" where they may be any, or are refused.
    """

    object: Object
    annotations: tuple[str, ...]
    forward: tuple[bool, ...]
    parameters: tuple[str, ...]
    further: str = ""


def layout(model: Model) -> tuple[list[ClassShape], dict[str, str]]:
    """Return the types of *model*.

    Returns:
        Its classes, each after those it refers to where that can be, and the source of every union
        that contains itself, by its name.

    Raises:
        TooDeepError: A value is nested deeper than about 250 levels.
    """
    objects = [*model.objects, model.request]
    # A union stands for itself as a class of one field, whose annotation is the union.
    fields = {
        made.class_name: [*(field.shape for field in made.fields), *_further(made)]
        for made in objects
    }
    fields |= {name: [shape] for name, shape in model.unions.items()}
    numbers = {name: f"C{number}" for number, name in enumerate(fields)}
    distinct = {name: _distinct(shapes, numbers) for name, shapes in fields.items()}
    text = json.dumps({"$defs": {numbers[name]: schema for name, (schema, _) in distinct.items()}})
    names = {number: name for name, number in numbers.items()}
    try:
        tree = _generate(text)
    except SchemaParseError as error:
        raise TooDeepError from error
    aliases = dict(_alias(node) for node in tree.body if isinstance(node, ast.Assign))
    bodies = {node.name: _fields(node) for node in tree.body if isinstance(node, ast.ClassDef)}
    # What a RootModel wraps says the same and needs no class.
    roots = {name: body["root"] for name, body in bodies.items() if "root" in body} | aliases
    classes: dict[str, ast.expr] = {name: ast.Name(said) for name, said in names.items()}
    leaves = {token: _expression(source) for token, source in model.leaves.items()}

    def spelled(name: str) -> list[ast.expr]:
        found = bodies[numbers[name]]
        annotations: list[ast.expr] = []
        for number, tokens in distinct[name][1]:
            meanings = classes | {f"L_{place}": leaves[each] for place, each in enumerate(tokens)}
            spell = _Spelling(roots=roots, meanings=meanings)
            annotations.append(cast("ast.expr", spell.visit(_copy(found[f"f{number}"]))))
        return annotations

    by_name = {made.class_name: made for made in objects}
    # The request comes last whatever the order: everything else is a part of it.
    ordered = sorted(
        (by_name[names[name]] for name in bodies if names.get(name) in by_name),
        key=lambda made: made is model.request,
    )
    unions = {name: spelled(name)[0] for name in model.unions}
    inside = _reached(unions)
    later = {made.class_name for made in ordered}
    shapes: list[ClassShape] = []
    for made in ordered:
        annotations = spelled(made.class_name)
        further = "" if made.further is None else ast.unparse(annotations.pop())
        shapes.append(
            ClassShape(
                made,
                tuple(ast.unparse(found) for found in annotations),
                tuple(
                    not later.isdisjoint(
                        part for name in _names_in(found) for part in inside.get(name, {name})
                    )
                    for found in annotations
                ),
                tuple(ast.unparse(_Bare().visit(_copy(found))) for found in annotations),
                further,
            )
        )
        later.remove(made.class_name)
    return shapes, {name: ast.unparse(found) for name, found in unions.items()}


def _further(made: Object) -> list[JsonObject]:
    return [] if made.further is None else [made.further]


def _reached(unions: dict[str, ast.expr]) -> dict[str, set[str]]:
    """Return the names that each union comes to when the unions inside it are followed."""
    reached = {name: _names_in(found) for name, found in unions.items()}
    for _ in unions:
        for names in reached.values():
            names.update(*(reached[name] for name in names & reached.keys()))
    return reached


def _names_in(node: ast.expr) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _distinct(
    shapes: list[JsonObject], numbers: dict[str, str]
) -> tuple[JsonObject, list[tuple[int, list[str]]]]:
    """Return the schema of a class with one field for each distinct shape, its leaves numbered.

    Most classes come to the same few: that is what makes it worth while to keep layouts.

    Args:
        shapes: The shapes, of the fields of a class.
        numbers: The numbers of all classes, by name.

    Returns:
        The schema, and for each given shape the number of its field, and its leaf types in order.
    """
    texts: dict[str, int] = {}
    fields: list[tuple[int, list[str]]] = []
    for shape in shapes:
        text, tokens = _without_leaves(_renamed(shape, numbers))
        fields.append((texts.setdefault(text, len(texts)), tokens))
    properties = {f"f{number}": json.loads(text) for text, number in texts.items()}
    # Whether a field may be left out is said around its type, not in it.
    return {"type": "object", "properties": properties, "required": list(properties)}, fields


def _without_leaves(text: str) -> tuple[str, list[str]]:
    tokens: list[str] = []

    def numbered(found: re.Match[str]) -> str:
        if found[1] not in tokens:
            tokens.append(found[1])
        return f'"leaf.L_{tokens.index(found[1])}"'

    return _LEAF.sub(numbered, text), tokens


def _renamed(shape: JsonObject, numbers: dict[str, str]) -> str:
    """Return *shape* as JSON, with classes under their numbers."""
    text = json.dumps(shape)
    for name, number in numbers.items():
        text = text.replace(f'"#/$defs/{name}"', f'"#/$defs/{number}"')
    return text


@lru_cache(maxsize=2048)
def _generate(text: str) -> ast.Module:
    """Return what datamodel-code-generator makes of a document; not to be changed."""
    result = generate(
        text,
        input_file_type=InputFileType.JsonSchema,
        output_model_type=DataModelType.PydanticV2BaseModel,
        target_python_version=PythonVersion.PY_311,
        enum_field_as_literal=LiteralType.All,
        field_constraints=True,
        formatters=[],
        strict_nullable=True,
        use_annotated=True,
        use_standard_collections=True,
        use_union_operator=True,
        custom_file_header="#",
    )
    assert isinstance(result, str)
    return ast.parse(result)


def _fields(node: ast.ClassDef) -> dict[str, ast.expr]:
    """Return the annotation of each field of a class; a RootModel has one field, `root`."""
    return {
        item.target.id: item.annotation
        for item in node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    }


def _alias(node: ast.Assign) -> tuple[str, ast.expr]:
    """Return the name and the type of `X = TypeAliasType("X", ...)`."""
    assert isinstance(node.targets[0], ast.Name)
    assert isinstance(node.value, ast.Call)
    return node.targets[0].id, node.value.args[1]


def _expression(source: str) -> ast.expr:
    return ast.parse(source, mode="eval").body


def _copy(node: ast.expr) -> ast.expr:
    return _expression(ast.unparse(node))


def _alternatives(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp):
        return [*_alternatives(node.left), *_alternatives(node.right)]
    return [node]


class _Spelling(ast.NodeTransformer):
    """Replaces numbers by names and leaf types."""

    def __init__(self, *, roots: dict[str, ast.expr], meanings: dict[str, ast.expr]) -> None:
        self._roots = roots
        self._meanings = meanings

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._roots:
            return cast("ast.expr", self.visit(_copy(self._roots[node.id])))
        return _copy(self._meanings.get(node.id, node))


_PLAIN = {
    "Integer": "int",
    "Media": "MediaInput",
    "MediaList": "MediaListInput",
    "Number": "float",
}


class _Bare(ast.NodeTransformer):
    """Reduces a type to what an editor should show for a parameter."""

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(_PLAIN.get(node.id, node.id))

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        bare = [cast("ast.expr", self.visit(part)) for part in _alternatives(node)]
        # What differs in its constraints alone is one and the same to an editor.
        parts = {ast.unparse(part): part for part in bare}
        return reduce(lambda one, other: ast.BinOp(one, ast.BitOr(), other), parts.values())

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if isinstance(node.value, ast.Name):
            if node.value.id == "Annotated" and isinstance(node.slice, ast.Tuple):
                return cast("ast.AST", self.visit(node.slice.elts[0]))
            if node.value.id == "Choice":
                return cast("ast.AST", self.visit(node.slice))
        return self.generic_visit(node)
