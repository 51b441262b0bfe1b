"""Third stage: render the module of a model through the Jinja template."""

import ast
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from jinja2 import Environment, PackageLoader, StrictUndefined

from get3w_codegen.jsonschema.validation import self_contained
from get3w_codegen.model.model import UNSET, Field, Model
from get3w_codegen.model.purpose import output_class
from get3w_codegen.render import docstrings as docs
from get3w_codegen.render.classes import ClassShape, layout
from get3w_codegen.text.docstrings import code_lines, doc_text, joined, wrapped
from get3w_codegen.text.forms import DocText, Source, require_made
from get3w_codegen.text.literals import (
    comment,
    expression,
    identifier,
    listed,
    literal,
    ours,
    readable,
)

_WIDTH = 100

_CORE_FOR_ALL = frozenset(
    "AsyncClient AsyncPrediction Client ModelInfo ModelRequest Prediction TimeoutTypes submit"
    " submit_async validation_errors".split()
)
_CORE = frozenset(
    "Choice FileOutput Integer Media MediaInput MediaList MediaListInput Number Omittable"
    " RequestObject Rule TextOutput WireName server_default".split()
)
_PYDANTIC = frozenset({"Field", "JsonValue"})
_TYPING = frozenset({"Annotated", "Literal"})


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field of a class, or a parameter of a function, as source."""

    name: Source
    annotation: Source
    default: Source | None
    doc: DocText


@dataclass(frozen=True, slots=True)
class ClassView:
    """A class, as source."""

    name: Source
    base: Source
    summary: DocText
    config: Source | None
    further: Source | None
    fields: tuple[FieldView, ...]
    incomplete: bool


@cache
def templates() -> Environment:
    """Return the environment of the templates, which refuses text that `text` has not made."""
    return Environment(
        loader=PackageLoader("get3w_codegen.render"),
        undefined=StrictUndefined,
        # Not for HTML: together they refuse whatever `text` has not made.
        autoescape=True,
        finalize=require_made,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def module(model: Model) -> str:
    """Return the source of one model's module, before formatting."""
    shapes, unions = layout(model)
    request = shapes[-1]
    classes = [_class_view(shape, model, unions) for shape in shapes]
    heads = {*(field.name for field in request.object.fields), *docs.OPTIONS}
    parameters = [
        _parameter_view(field, annotation, heads, quoted=_mentions(annotation, unions))
        for field, annotation in zip(request.object.fields, request.parameters, strict=True)
    ]
    info = _model_info(model)
    aliases = {identifier(name): expression(of) for name, of in model.aliases.items()}
    choices = {name: found for name, of in aliases.items() if (found := _choices(name, of))}
    used = _names_in(
        [
            info,
            *aliases.values(),
            *unions.values(),
            # As they are before some of them are quoted.
            *(source for shape in shapes for source in shape.annotations),
            *request.parameters,
            *(source for view in classes for source in _sources(view)),
            *(source for view in parameters for source in (view.annotation, view.default)),
        ]
    )
    configured = {"ConfigDict" for view in classes if view.config}
    function, async_function = model.name.function, model.name.async_function
    classes_named = (view.name for view in classes)
    exports = [*aliases, *unions, *classes_named, function, async_function]
    extensions = {"TypeAliasType"} if unions else set[str]()
    if model.deprecated:
        extensions.add("deprecated")
    for_unions = {"TYPE_CHECKING", "TypeAlias"} if unions else set[str]()
    core = _named(_CORE_FOR_ALL | (_CORE & used))
    template = templates().get_template("module.py.jinja")
    return template.render(
        about=[wrapped(text, width=_WIDTH - 4, rest="    ") for text in docs.about(model)],
        aliases=aliases,
        unions={identifier(name): literal(source) for name, source in unions.items()},
        async_function=identifier(async_function),
        async_returns=doc_text(docs.ASYNC_RETURNS),
        choices=choices,
        classes=classes,
        core=list(_filled(core, width=_WIDTH - len("from get3w_core import "))),
        deprecation=literal(docs.deprecation(model)) if model.deprecated else None,
        example=code_lines(docs.example(model, function, _WIDTH - 8)),
        exports=listed(literal(name) for name in _named(exports)),
        file=comment(model.file),
        function=identifier(function),
        handle=_of_outputs("Prediction", model),
        async_handle=_of_outputs("AsyncPrediction", model),
        info=info,
        origin=[wrapped(text, width=_WIDTH) for text in docs.origin(model)],
        options=[doc_text(f"{name}: {doc}") for name, doc in docs.OPTIONS.items()],
        parameters=parameters,
        pydantic=listed(_named(_PYDANTIC & used | configured)),
        raises=doc_text(docs.RAISES),
        request=identifier(request.object.class_name),
        returns=doc_text(docs.RETURNS),
        rule=None if model.rule is None else literal(self_contained(model.rule)),
        summary=doc_text(docs.work(model)),
        extensions=listed(_named(extensions)),
        typing=listed(_named(_TYPING & used | {"ClassVar"} | for_unions)),
    )


def _class_view(shape: ClassShape, model: Model, unions: Container[str]) -> ClassView:
    is_request = shape.object is model.request
    summary = f"The input of {model.model_id}." if is_request else docs.part(shape.object)
    return ClassView(
        name=identifier(shape.object.class_name),
        base=_of_outputs("ModelRequest", model) if is_request else ours("RequestObject"),
        summary=wrapped(summary, width=_WIDTH - 8, rest="    "),
        config=ours('{"extra": "allow"}') if shape.object.extra else None,
        further=expression(shape.further) if shape.further else None,
        fields=tuple(
            _field_view(field, annotation, quoted=forward or _mentions(annotation, unions))
            for field, annotation, forward in zip(
                shape.object.fields, shape.annotations, shape.forward, strict=True
            )
        ),
        incomplete=any(shape.forward),
    )


def _of_outputs(
    generic: Literal["ModelRequest", "Prediction", "AsyncPrediction"], model: Model
) -> Source:
    """Return a generic class of core with the class of the model's outputs, where it is known."""
    output = output_class(model.kind)
    return expression(generic if output is None else f"{generic}[{output}]")


def _mentions(annotation: str, names: Container[str]) -> bool:
    # To a checker such a name is a text, which cannot be joined with None.
    return any(name in names for name in _names_in([annotation]))


def _field_view(field: Field, annotation: str, *, quoted: bool) -> FieldView:
    if field.nullable:
        annotation = _or_none(annotation)
    if quoted:
        annotation = literal(annotation)
    if not field.nullable and not field.required:
        annotation = f"Omittable[{annotation}]"
    if field.name != field.wire:
        annotation = f"Annotated[{annotation}, WireName({literal(field.wire)})]"
    return FieldView(
        name=identifier(field.name),
        annotation=expression(annotation),
        default=None if field.required else literal(_shown_default(field)),
        doc=_attribute_doc(docs.meaning(field)),
    )


def _attribute_doc(text: str) -> DocText:
    """Return the docstring of an attribute, whose first line holds no colon where that can be.

    Sphinx with napoleon takes what stands before a colon there for the attribute's type.
    """
    first, stop, _ = text.partition(":")[0].rpartition(". ")
    if not (":" in text and stop):
        return wrapped(text, width=_WIDTH - 8, rest="    ")
    rest = text[len(first) + len(stop) :]
    return joined(
        [
            wrapped(f"{first}.", width=_WIDTH - 8, rest="    "),
            wrapped(rest, width=_WIDTH - 8, first="    ", rest="    "),
        ]
    )


def _parameter_view(field: Field, annotation: str, heads: set[str], *, quoted: bool) -> FieldView:
    default = None
    if not field.required:
        shown = _shown_default(field)
        # None means "not given" by itself, unless null is a value of the parameter.
        is_plain = shown is None and not field.nullable
        default = ours("None") if is_plain else expression(f"server_default({literal(shown)})")
    if not field.required or field.nullable:
        annotation = _or_none(annotation)
    name = identifier(field.name)
    return FieldView(
        name=name,
        annotation=literal(annotation) if quoted else expression(annotation),
        default=default,
        doc=wrapped(
            docs.meaning(field),
            width=_WIDTH - 4,
            first=f"{name}: ",
            # The template indents the first line itself.
            indented=8,
            rest=" " * 12,
            heads=heads,
        ),
    )


def _or_none(annotation: str) -> str:
    return annotation if annotation in ("JsonValue", "None") else f"{annotation} | None"


def _shown_default(field: Field) -> object:
    # The default of an object would have to be an instance of its class: the docs tell it.
    if field.default is UNSET or ("$ref" in repr(field.shape) and _holds_object(field.default)):
        return None
    return field.default


def _holds_object(value: object) -> bool:
    if isinstance(value, list):
        return any(_holds_object(item) for item in cast("list[object]", value))
    return isinstance(value, dict)


def _model_info(model: Model) -> Source:
    arguments: list[str] = [literal(model.model_id)]
    if not model.documented:
        arguments.append("documented=False")
    if model.surface is not None:
        arguments.append(f"surface={literal(model.surface)}")
    if model.rule is not None:
        arguments.append("rule=Rule(_CONDITIONS)")
    return expression(f"ModelInfo({', '.join(arguments)})")


def _named(names: Iterable[str]) -> list[Source]:
    """Return names in the order in which a module imports or exports them."""
    ordered = sorted(names, key=lambda name: (not name[0].isupper(), name))
    return [identifier(name) for name in ordered]


def _filled(parts: Iterable[Source], *, width: int) -> Iterator[Source]:
    """Yield lines of at most *width* with *parts* and commas between them.

    The formatter would give each part a line of its own.
    """
    line: list[Source] = []
    for part in parts:
        if line and len(", ".join([*line, part])) > width:
            yield listed(line)
            line = []
        line.append(part)
    yield listed(line)


def _choices(name: str, alias: Source) -> list[Source]:
    """Return the values of an alias in lines, where it is a `Literal` that is too long for one."""
    tree = ast.parse(alias, mode="eval").body
    if (
        len(f"{name} = {alias}") <= _WIDTH
        or not isinstance(tree, ast.Subscript)
        or ast.unparse(tree.value) != "Literal"
    ):
        return []
    values = cast("tuple[object, ...]", ast.literal_eval(tree.slice))
    return list(_filled(map(readable, values), width=_WIDTH - len("    ,")))


def _sources(view: ClassView) -> Iterable[str | None]:
    yield view.base
    yield view.further
    for field in view.fields:
        yield field.annotation


def _names_in(sources: Iterable[str | None]) -> set[str]:
    return {
        node.id
        for source in sources
        if source
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Name)
    }
