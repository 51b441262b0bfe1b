"""Third stage: the typed intermediate becomes source text, through thin templates."""

import ast
from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Any, cast

from jinja2 import Environment, PackageLoader, StrictUndefined

from get3w_codegen import docs
from get3w_codegen.classes import ClassShape, layout
from get3w_codegen.literals import docstring_text, literal, wrapped
from get3w_codegen.model import UNSET, Field, Model

_WIDTH = 100

_CORE_FOR_ALL = frozenset(
    "AsyncClient AsyncPrediction Client ModelInfo ModelRequest Prediction TimeoutTypes submit"
    " submit_async validation_errors".split()
)
_CORE = frozenset(
    "Choice Integer Media MediaInput MediaList MediaListInput Number Omittable RequestObject Rule"
    " WireName server_default".split()
)
_PYDANTIC = frozenset({"Field", "JsonValue"})
_TYPING = frozenset({"Annotated", "Literal"})


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field of a class, as source."""

    name: str
    annotation: str
    default: str
    doc: str


@dataclass(frozen=True, slots=True)
class ParameterView:
    """A parameter of a function, as source."""

    name: str
    annotation: str
    default: str
    doc: str


@dataclass(frozen=True, slots=True)
class ClassView:
    """A class, as source."""

    name: str
    base: str
    summary: str
    config: str
    further: str
    fields: tuple[FieldView, ...]
    incomplete: bool


class Renderer:
    """Holds the templates; one is enough for any number of models."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("get3w_codegen"),
            undefined=StrictUndefined,
            autoescape=False,  # noqa: S701 - Python, not HTML; literals.py escapes every text
            keep_trailing_newline=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def module(self, model: Model) -> str:
        """Return the source of one model's module, before formatting."""
        types = layout(model)
        shapes = types.classes
        request = shapes[-1]
        classes = [_class_view(shape, model, types.unions) for shape in shapes]
        heads = {*(field.name for field in request.object.fields), *docs.OPTIONS}
        parameters = [
            _parameter_view(field, annotation, heads, quoted=_mentions(annotation, types.unions))
            for field, annotation in zip(request.object.fields, request.parameters, strict=True)
        ]
        info = _model_info(model)
        rule = "" if model.rule is None else literal(model.rule)
        used = _names_in(
            [
                info,
                *model.aliases.values(),
                *types.unions.values(),
                # As they are before some of them are quoted.
                *(source for shape in shapes for source in shape.annotations),
                *request.parameters,
                *(source for view in classes for source in _sources(view)),
                *(source for view in parameters for source in (view.annotation, view.default)),
            ]
        )
        configured = {"ConfigDict" for view in classes if view.config}
        about = [wrapped(text, width=_WIDTH - 4, rest="    ") for text in docs.about(model)]
        return self._render(
            "module.py.jinja",
            about=about,
            aliases=model.aliases,
            unions={name: literal(source) for name, source in types.unions.items()},
            async_function=model.name.async_function,
            async_returns=docs.ASYNC_RETURNS,
            async_example=docs.example(model, f"await {model.name.async_function}", _WIDTH - 8),
            classes=classes,
            core=sorted(_CORE_FOR_ALL | (_CORE & used), key=_import_order),
            exports=sorted(
                [
                    *model.aliases,
                    *model.unions,
                    *(view.name for view in classes),
                    model.name.function,
                    model.name.async_function,
                ],
                key=_import_order,
            ),
            deprecation=literal(docs.deprecation(model)) if model.deprecated else "",
            example=docs.example(model, model.name.function, _WIDTH - 8),
            file=model.file,
            function=model.name.function,
            info=info,
            options=docs.OPTIONS,
            parameters=parameters,
            pydantic=sorted(_PYDANTIC & used | configured),
            raises=docs.RAISES,
            request=request.object.class_name,
            returns=docs.RETURNS,
            rule=rule,
            summary=docstring_text(docs.work(model)),
            extensions=[
                *(["TypeAliasType"] if model.unions else []),
                *(["deprecated"] if model.deprecated else []),
            ],
            typing=sorted(
                _TYPING & used
                | {"ClassVar"}
                | ({"TYPE_CHECKING", "TypeAlias"} if model.unions else set[str]())
            ),
        )

    def _render(self, template: str, **values: Any) -> str:
        return self._templates.get_template(template).render(values)


def _class_view(shape: ClassShape, model: Model, unions: Container[str]) -> ClassView:
    is_request = shape.object is model.request
    summary = f"The input of {model.model_id}." if is_request else docs.part(shape.object)
    return ClassView(
        name=shape.object.class_name,
        base="ModelRequest" if is_request else "RequestObject",
        summary=wrapped(summary, width=_WIDTH - 8, rest="    "),
        config='{"extra": "allow"}' if shape.object.extra else "",
        further=shape.further,
        fields=tuple(
            _field_view(field, annotation, quoted=forward or _mentions(annotation, unions))
            for field, annotation, forward in zip(
                shape.object.fields, shape.annotations, shape.forward, strict=True
            )
        ),
        incomplete=any(shape.forward),
    )


def _mentions(annotation: str, names: Container[str]) -> bool:
    # To a checker such a name is a text, which cannot be joined with None.
    return any(name in names for name in _names_in([annotation]))


def _field_view(field: Field, annotation: str, *, quoted: bool) -> FieldView:
    if field.nullable:
        annotation = _or_none(annotation)
    if quoted:
        annotation = f'"{annotation}"'
    if not field.nullable and not field.required:
        annotation = f"Omittable[{annotation}]"
    if field.name != field.wire:
        annotation = f"Annotated[{annotation}, WireName({literal(field.wire)})]"
    return FieldView(
        name=field.name,
        annotation=annotation,
        default="" if field.required else literal(_shown_default(field)),
        doc=_attribute_doc(docs.meaning(field)),
    )


def _attribute_doc(text: str) -> str:
    """Return the docstring of an attribute, whose first line holds no colon where that can be.

    Sphinx with napoleon takes what stands before a colon there for the attribute's type.
    """
    first, stop, _ = text.partition(":")[0].rpartition(". ")
    if not (":" in text and stop):
        return wrapped(text, width=_WIDTH - 8, rest="    ")
    rest = text[len(first) + len(stop) :]
    lines = wrapped(f"{first}.", width=_WIDTH - 8, rest="    ")
    return f"{lines}\n{wrapped(rest, width=_WIDTH - 8, first='    ', rest='    ')}"


def _parameter_view(
    field: Field, annotation: str, heads: set[str], *, quoted: bool
) -> ParameterView:
    if not field.required or field.nullable:
        annotation = _or_none(annotation)
    default = ""
    if not field.required:
        shown = _shown_default(field)
        # None means "not given" by itself, unless null is a value of the parameter.
        default = (
            "None" if shown is None and not field.nullable else f"server_default({literal(shown)})"
        )
    return ParameterView(
        name=field.name,
        annotation=f'"{annotation}"' if quoted else annotation,
        default=default,
        doc=wrapped(
            docs.meaning(field),
            width=_WIDTH - 4,
            first=f"        {field.name}: ",
            rest=" " * 12,
            heads=heads,
        ).lstrip(),
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


def _model_info(model: Model) -> str:
    arguments = [literal(model.model_id)]
    if not model.documented:
        arguments.append("documented=False")
    if model.surface is not None:
        arguments.append(f"surface={literal(model.surface)}")
    if model.rule is not None:
        arguments.append("rule=Rule(_CONDITIONS)")
    return f"ModelInfo({', '.join(arguments)})"


def _sources(view: ClassView) -> Iterable[str]:
    yield view.base
    yield view.further
    for field in view.fields:
        yield field.annotation


def _names_in(sources: Iterable[str]) -> set[str]:
    return {
        node.id
        for source in sources
        if source
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Name)
    }


def _import_order(name: str) -> tuple[bool, str]:
    return not name[0].isupper(), name
