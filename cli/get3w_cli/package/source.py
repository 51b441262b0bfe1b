"""Read from a generated module what its model takes.

The module is parsed, not imported. Its request class states each parameter: name, type, default,
and the words below it. A type that is not known here counts as any JSON value.
"""

from __future__ import annotations

import _ast

from get3w_cli._common.exits import UsageError
from get3w_cli.package.index import Model
from get3w_cli.package.shapes import (
    ANY,
    BOOLEAN,
    CHOICE,
    INTEGER,
    LIST,
    MEDIA,
    NULL,
    NUMBER,
    OBJECT,
    TEXT,
    UNION,
    Shape,
)

TYPE_CHECKING = False  # typing and collections are slow to load
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

REQUIRED = object()
"""Stands for the default of a parameter that has to be given."""

_PLAIN = {
    "str": TEXT,
    "int": INTEGER,
    "Integer": INTEGER,
    "float": NUMBER,
    "Number": NUMBER,
    "bool": BOOLEAN,
    "Media": MEDIA,
    "MediaInput": MEDIA,
    "None": NULL,
}
# What the words of a parameter say of Python alone, and what it is on a command line.
_IN_PYTHON = " URL, a `Path` or an open binary file; local files are"
_ON_COMMAND_LINE = " URL or a file; files are"
_WRAPPERS = {"Omittable", "Choice", "Annotated"}


class Parameter:
    """One parameter of a model.

    Attributes:
        name: Its name in Python.
        wire_name: Its name on the wire.
        shape: What it takes.
        default: The default in the schema; None for none that is known, or `REQUIRED`.
        words: What it means.
    """

    __slots__ = ("default", "name", "shape", "wire_name", "words")

    def __init__(
        self, name: str, wire_name: str, shape: Shape, default: object, words: str
    ) -> None:
        self.name = name
        self.wire_name = wire_name
        self.shape = shape
        self.default = default
        self.words = words

    @property
    def required(self) -> bool:
        """Whether it has to be given."""
        return self.default is REQUIRED


class ModelSource:
    """A generated module, parsed.

    Attributes:
        parameters: The parameters of the model, in their order.
        summary: What the model does, in a line.
        words: All that is said of the model: of the module, the class and the function.
    """

    def __init__(self, text: str, model: Model) -> None:
        tree = _parsed(text)
        self._classes = {node.name: node for node in tree.body if isinstance(node, _ast.ClassDef)}
        self._aliases = dict(_aliases(tree))
        self._open: set[str] = set()
        request = self._classes[f"{model.stem}Request"]
        self.parameters = list(self._fields(request))
        self.summary = _docstring(tree).partition("\n")[0]
        name = f"submit_{model.name}"
        functions = [
            node for node in tree.body if isinstance(node, _ast.FunctionDef) and node.name == name
        ]
        said = [_docstring(tree), _docstring(request), *map(_docstring, functions)]
        self.words = "\n".join(said)

    def _fields(self, node: _ast.ClassDef) -> list[Parameter]:
        found: dict[str, Parameter] = {}
        for base in node.bases:
            inherited = self._classes.get(_name_of(base))
            if inherited is not None:
                found.update((each.name, each) for each in self._fields(inherited))
        for position, line in enumerate(node.body):
            if not isinstance(line, _ast.AnnAssign) or not isinstance(line.target, _ast.Name):
                continue
            name = line.target.id
            if "ClassVar" in _names_in(line.annotation) or name.startswith("__"):
                continue
            below = node.body[position + 1] if position + 1 < len(node.body) else None
            found[name] = Parameter(
                name,
                _wire_name(line.annotation) or name,
                self._shape(line.annotation),
                REQUIRED if line.value is None else _literal(line.value),
                _text_of(below),
            )
        return list(found.values())

    def _shape(self, node: _ast.expr) -> Shape:
        if isinstance(node, _ast.Constant):
            if node.value is None:
                return Shape(NULL)
            return self._quoted(str(node.value))
        if isinstance(node, _ast.BinOp):
            return _union([self._shape(node.left), self._shape(node.right)])
        if isinstance(node, _ast.Subscript):
            return self._subscript(_name_of(node.value), node.slice)
        return self._named(_name_of(node))

    def _quoted(self, text: str) -> Shape:
        line = _parsed(text).body[0]
        return self._shape(line.value) if isinstance(line, _ast.Expr) else Shape(ANY)

    def _subscript(self, name: str, inside: _ast.expr) -> Shape:
        arguments = inside.elts if isinstance(inside, _ast.Tuple) else [inside]
        if name in _WRAPPERS:
            return self._shape(arguments[0])
        if name == "Literal":
            return Shape(CHOICE, choices=tuple(_literal(each) for each in arguments))
        if name in {"list", "Sequence"}:
            return Shape(LIST, item=self._shape(arguments[0]))
        if name in {"dict", "Mapping"}:
            return Shape(OBJECT, item=self._shape(arguments[-1]))
        if name in {"Optional", "Union"}:
            return _union([self._shape(each) for each in arguments])
        return Shape(ANY)

    def _named(self, name: str) -> Shape:
        if name in _PLAIN:
            return Shape(_PLAIN[name])
        if name == "MediaList":
            return Shape(LIST, item=Shape(MEDIA))
        if name in self._open:  # it holds itself
            return Shape(OBJECT)
        self._open.add(name)
        try:
            if name in self._classes:
                fields = self._fields(self._classes[name])
                return Shape(OBJECT, fields={each.wire_name: each.shape for each in fields})
            if name in self._aliases:
                return self._shape(self._aliases[name])
        finally:
            self._open.discard(name)
        return Shape(ANY)


def read_source(model: Model) -> ModelSource:
    """Return what the module of *model* says.

    Raises:
        UsageError: Its source cannot be read.
    """
    try:
        with open(model.path, encoding="utf-8") as file:  # noqa: PTH123 - pathlib is slow to load
            return ModelSource(file.read(), model)
    except (OSError, SyntaxError, KeyError) as error:
        raise UsageError(
            f"The module of {model.id} cannot be read ({error}): {model.path}; is the package"
            " installed whole, with its sources?"
        ) from None


def _aliases(tree: _ast.Module) -> list[tuple[str, _ast.expr]]:
    found: list[tuple[str, _ast.expr]] = []
    for node in tree.body:
        if isinstance(node, _ast.Assign) and isinstance(node.targets[0], _ast.Name):
            found.append((node.targets[0].id, node.value))
        elif isinstance(node, _ast.AnnAssign) and isinstance(node.target, _ast.Name) and node.value:
            found.append((node.target.id, node.value))
    return found


def _union(shapes: list[Shape]) -> Shape:
    options = tuple(each for shape in shapes for each in shape.alternatives())
    return options[0] if len(options) == 1 else Shape(UNION, options=options)


def _name_of(node: _ast.expr) -> str:
    if isinstance(node, _ast.Name):
        return node.id
    return node.attr if isinstance(node, _ast.Attribute) else ""


def _parsed(text: str) -> _ast.Module:
    """Return the syntax tree of a module, without the slow module `ast`."""
    tree: object = compile(text, "<a generated module>", "exec", _ast.PyCF_ONLY_AST)
    assert isinstance(tree, _ast.Module)
    return tree


def _docstring(node: _ast.Module | _ast.ClassDef | _ast.FunctionDef) -> str:
    """Return a docstring without its indentation; empty where there is none."""
    first = node.body[0] if node.body else None
    if not isinstance(first, _ast.Expr) or not isinstance(first.value, _ast.Constant):
        return ""
    return "\n".join(line.strip() for line in str(first.value.value).strip().split("\n"))


def _inside(node: _ast.AST) -> Iterator[_ast.AST]:
    """Yield a node and all that is inside it."""
    yield node
    for name in node._fields:
        yield from _nodes_of(getattr(node, name, None))


def _nodes_of(value: Any) -> Iterator[_ast.AST]:
    """Yield the nodes in a field of a node: a node, a list of nodes, or none."""
    if isinstance(value, _ast.AST):
        yield from _inside(value)
    elif issubclass(type(value), list):
        for each in value:
            yield from _nodes_of(each)


def _names_in(node: _ast.expr) -> set[str]:
    return {each.id for each in _inside(node) if isinstance(each, _ast.Name)}


def _wire_name(node: _ast.expr) -> str | None:
    for each in _inside(node):
        if isinstance(each, _ast.Call) and _name_of(each.func) == "WireName":
            return str(_literal(each.args[0]))
    return None


def _literal(node: _ast.expr) -> object:
    """Return the value of a literal; None for what is none."""
    match node:
        case _ast.Constant():
            return node.value
        case _ast.UnaryOp(op=_ast.USub()):
            value = _literal(node.operand)
            return -value if isinstance(value, int | float) else None
        case _ast.List() | _ast.Tuple():
            return [_literal(each) for each in node.elts]
        case _ast.Dict():
            pairs = zip(node.keys, node.values, strict=True)
            return {_literal(key): _literal(value) for key, value in pairs if key is not None}
        case _:
            return None


def _text_of(node: _ast.stmt | None) -> str:
    if isinstance(node, _ast.Expr) and isinstance(node.value, _ast.Constant):
        value = node.value.value
        if isinstance(value, str):
            return " ".join(value.split()).replace(_IN_PYTHON, _ON_COMMAND_LINE)
    return ""
