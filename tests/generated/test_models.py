"""Each generated module against its schema."""

import ast
import asyncio
import inspect
from io import BytesIO
from pathlib import Path
from typing import Literal, get_args, get_origin

import get3w_core
import pydantic
import pytest
from get3w_core import RequestValidationError
from get3w_core.request.wire import wire_body

URL = "https://example.com/a.png"
EMPTY = inspect.Parameter.empty


def in_order(model):
    """Wire names as a function should take them: required first, then as the schema orders."""
    named = [
        name for name in model.schema.get("x-order-properties", []) if name in model.properties
    ]
    order = [*named, *(name for name in model.properties if name not in named)]
    return [name for name in order if name in model.required] + [
        name for name in order if name not in model.required
    ]


def parameters(function):
    return list(inspect.signature(function).parameters.values())


def media_fields(model):
    """Wire name to whether it takes several, for each media property."""
    return {
        name: part["type"] == "array"
        for name, part in model.properties.items()
        if "x-get3w-media" in part
    }


def with_media(model, name, value):
    """Return a valid body whose media property *name* is *value*."""
    return {**model.body(), name: [value] if media_fields(model)[name] else value}


def test_every_property_is_a_field(model):
    """The fields are the schema's properties, under their names on the wire."""
    assert sorted(model.properties) == sorted(model.python_names)


def test_nested_properties_are_fields(model):
    """The objects in lists have the properties of the schema."""
    for name, part in model.properties.items():
        if part.get("items", {}).get("type") == "object":
            made = model.request_class.model_validate(model.body(everything=True))
            item = getattr(made, model.python_names[name])[0]

            fields = type(item).model_fields
            wire = {field.serialization_alias or key: field for key, field in fields.items()}
            assert sorted(part["items"]["properties"]) == sorted(wire)
            for key, field in wire.items():
                assert (key in part["items"].get("required", [])) == field.is_required()


def test_required_fields_are_required(model):
    """A field is required exactly where the schema says so."""
    fields = model.request_class.model_fields
    required = {wire for wire, name in model.python_names.items() if fields[name].is_required()}

    assert set(model.required) == required


def test_each_required_field_is_missed(model):
    """A body without a required property is refused, and the error names it."""
    for name in model.required:
        body = model.body()
        del body[name]

        with pytest.raises(pydantic.ValidationError, match=name):
            model.request_class.model_validate(body)


def test_defaults_can_be_read(model):
    """A field that was not given reads as the schema's default, else None."""
    request = model.request_class(**model.arguments(model.body()))

    for name, part in model.properties.items():
        if name not in model.required:
            value = getattr(request, model.python_names[name])
            assert part.get("default") == value
            assert type(part.get("default")) is type(value)


def test_only_what_was_given_is_on_the_wire(model):
    """The body holds what was given and no defaults, whichever way the request was made."""
    for everything in (False, True):
        body = model.body(everything)

        assert body == wire_body(model.request_class(**model.arguments(body)))
        assert body == wire_body(model.request_class.model_validate(body))


def test_none_is_not_given(model):
    """Passing None for an optional field is as leaving it out."""
    body = model.body()
    nothing = {name: None for name in model.properties if name not in model.required}

    assert body == wire_body(model.request_class(**model.arguments({**body, **nothing})))


def test_order_of_parameters(model, common):
    """Required parameters come first, then the schema's order, then the four common ones."""
    expected = [*(model.python_names[name] for name in in_order(model)), *common]

    for function in (model.submit, model.submit_async):
        assert expected == [parameter.name for parameter in parameters(function)]


def test_only_the_first_is_positional(model):
    """Everything after the first parameter is given by name."""
    for function in (model.submit, model.submit_async):
        first, *others = parameters(function)

        assert inspect.Parameter.POSITIONAL_OR_KEYWORD == first.kind
        assert {inspect.Parameter.KEYWORD_ONLY} == {other.kind for other in others}


def test_sync_and_async_take_the_same(model):
    """The two functions differ in the client and in what they return."""
    sync, asynchronous = (
        inspect.signature(function) for function in (model.submit, model.submit_async)
    )

    assert inspect.iscoroutinefunction(model.submit_async)
    assert not inspect.iscoroutinefunction(model.submit)
    for one, other in zip(sync.parameters.values(), asynchronous.parameters.values(), strict=True):
        assert (one.name, one.kind, str(one.default)) == (
            other.name,
            other.kind,
            str(other.default),
        )
        if one.name == "client":
            assert "Client | None" == _shown(one)
            assert "AsyncClient | None" == _shown(other)
        else:
            assert one.annotation == other.annotation
    given = [
        getattr(each.return_annotation, "__args__", ()) for each in (sync, asynchronous)
    ]
    made = (get3w_core.FileOutput,) if model.schema.get("x-model-type") else ()
    assert [made, made] == given


def _shown(parameter):
    parts = str(parameter.annotation).split(" | ")
    return " | ".join(part.rpartition(".")[2] for part in parts)


def test_defaults_show_in_the_signature(model):
    """A parameter's default prints as the schema's, or None; a required one has none."""
    for function in (model.submit, model.submit_async):
        shown = inspect.signature(function).parameters
        for name, part in model.properties.items():
            default = shown[model.python_names[name]].default
            if name in model.required:
                assert EMPTY is default
            else:
                assert repr(part.get("default")) == repr(default)
        for parameter in parameters(function)[-4:]:
            assert None is parameter.default


class Recorder:
    """Stands where a client would, and keeps what it is given."""

    def submit(self, request, **options):
        return request, options


class AsyncRecorder(Recorder):
    """The same for the async functions."""

    async def submit(self, request, **options):
        return request, options


def called(model, **arguments):
    """Call both functions of a model, and return what each hands to its client."""
    return [
        model.submit(**arguments, client=Recorder()),
        asyncio.run(model.submit_async(**arguments, client=AsyncRecorder())),
    ]


@pytest.mark.parametrize("everything", [False, True], ids=["least", "all"])
def test_functions_pass_on_what_is_given(model, everything):
    """Both functions hand on every argument, and nothing that was not given."""
    body = model.body(everything)

    for request, options in called(model, **model.arguments(body)):
        assert type(request) is model.request_class
        assert body == wire_body(request)
        assert {"webhook_url": None, "extra_body": None, "timeout": None} == options


def test_functions_pass_on_the_options(model):
    """Both functions hand on the common options."""
    options = {"webhook_url": "https://example.com", "extra_body": {"x": 1}, "timeout": 3.0}

    for request, given in called(model, **model.arguments(model.body()), **options):
        assert model.body() == wire_body(request)
        assert options == given


def test_functions_refuse_in_our_own_words(model):
    """A wrong value is a RequestValidationError of both functions."""
    wrong = {name: object() for name in model.arguments(model.body())}
    for function in (model.submit, lambda **given: asyncio.run(model.submit_async(**given))):
        with pytest.raises(RequestValidationError, match=model.id) as caught:
            function(**wrong)

        assert {error.location for error in caught.value.errors} == set(wrong)


def choices(annotation):
    """Return the values of every Literal in an annotation."""
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    if hasattr(annotation, "__metadata__"):
        return choices(annotation.__origin__)
    return [value for part in get_args(annotation) for value in choices(part)]


def test_choices_are_those_of_the_schema(model):
    """Field and parameter offer exactly the values of the schema's enum."""
    # Not their order: Python keeps one object for Literals that differ in nothing else.
    shown = inspect.signature(model.submit).parameters
    for name, part in model.properties.items():
        python_name = model.python_names[name]
        field = model.request_class.model_fields[python_name]

        expected = sorted(map(repr, part.get("enum", [])))
        assert expected == sorted(map(repr, choices(field.annotation)))
        assert expected == sorted(map(repr, choices(shown[python_name].annotation)))


def test_docstrings_mention_every_parameter(model):
    """Each parameter has an entry under Args, in order."""
    for function in (model.submit, model.submit_async):
        lines = inspect.getdoc(function).splitlines()
        arguments = lines[lines.index("Args:") + 1 : lines.index("Returns:")]
        entries = [
            line.split(":")[0].strip()
            for line in arguments
            if line.startswith("    ") and not line.startswith("     ")
        ]

        assert [parameter.name for parameter in parameters(function)] == entries


def test_docstrings_tell_what_a_parameter_may_be(model):
    """An entry holds the description, the default and each value of a short choice."""
    text = " ".join(inspect.getdoc(model.submit).split())
    for name, part in model.properties.items():
        python_name = model.python_names[name]
        _, _, entry = text.partition(f" {python_name}: ")

        assert " ".join(part.get("description", "").split()) in entry
        if "default" in part:
            assert f"Server default: {part['default']!r}." in entry


def test_undocumented_models_say_so(model):
    """The first lines say "not confirmed on Get3W" unless Get3W documents the model."""
    for function in (model.submit, model.submit_async):
        first_lines = "\n".join(inspect.getdoc(function).splitlines()[:4])

        assert model.documented is ("not confirmed on Get3W" not in first_lines)
        assert model.id in first_lines


def test_public_names(model):
    """`__all__` names the class and the two functions, and each of its names is there."""
    named = model.module.__all__

    assert {
        model.request_class.__name__,
        f"submit_{model.name}",
        f"submit_{model.name}_async",
    } <= set(named)
    assert sorted(named) == list(named)
    assert [] == [name for name in named if not hasattr(model.module, name)]


def test_public_names_are_all_that_is_defined(model):
    """What a module defines is in `__all__`, unless it has an underscore."""
    defined = {
        target.id if isinstance(target, ast.Name) else target.name
        for node in ast.parse(model.source).body
        for target in (node.targets if isinstance(node, ast.Assign) else [node])
        if isinstance(target, ast.Name | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name for name in defined if not name.startswith("_")} == set(model.module.__all__)


def test_header(model):
    """The first line names the generator and the schema."""
    first = model.source.splitlines()[0]

    assert f"# Generated by get3w-codegen from {model.id}.json. Do not edit." == first


def test_functions_have_no_logic(model):
    """A function builds the request and calls the core, and does nothing else."""
    tree = ast.parse(model.source)
    functions = [
        node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    assert 2 == len(functions)
    for function in functions:
        docstring, build, call = function.body
        assert [ast.Expr, ast.With, ast.Return] == [type(docstring), type(build), type(call)]
        assert [ast.Assign] == [type(statement) for statement in build.body]


def test_module_is_short(model):
    """A module is at most 116 lines and 14 more per parameter, long choices aside."""
    tree = ast.parse(model.source)
    choices = sum(
        node.end_lineno - node.lineno for node in tree.body if isinstance(node, ast.Assign)
    )
    fields = sum(
        isinstance(statement, ast.AnnAssign)
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for statement in node.body
    )

    assert len(model.source.splitlines()) - choices <= 60 + 14 * (fields + 4)


def test_lines_are_not_too_long(model):
    """No line is wider than 100 columns, but for one that is a single word."""
    wide = [line for line in model.source.splitlines() if len(line) > 100]

    assert [] == [line for line in wide if len(line.split()) > 1]


def test_constructor_takes_media_of_every_kind(model, tmp_path):
    """A media field takes a URL, a Path and an open binary file, and gives them back."""
    path = tmp_path / "picture.png"
    path.write_bytes(b"\x89PNG")
    with path.open("rb") as file:
        for name in media_fields(model):
            for value in (URL, path, file, BytesIO(b"x")):
                body = with_media(model, name, value)

                request = model.request_class(**model.arguments(body))

                assert body == wire_body(request)


def test_constructor_refuses_other_media(model):
    """A media field takes no bytes, no number and no None among several."""
    for name in media_fields(model):
        for value in (b"\x89PNG", 3, {"url": URL}):
            with pytest.raises(pydantic.ValidationError, match=model.python_names[name]):
                model.request_class(**model.arguments(with_media(model, name, value)))


def test_wire_body_has_urls_only(model, tmp_path):
    """model_validate takes a URL for a media field, and no local file."""
    for name in media_fields(model):
        model.request_class.model_validate(with_media(model, name, URL))
        for value in (tmp_path / "picture.png", BytesIO(b"x"), Path("a.png")):
            with pytest.raises(pydantic.ValidationError, match=name):
                model.request_class.model_validate(with_media(model, name, value))


def test_media_is_annotated_as_such(model):
    """Functions show the kinds of file that a media parameter takes, and for no other."""
    shown = inspect.signature(model.submit).parameters
    for name in model.properties:
        annotation = str(shown[model.python_names[name]].annotation)

        assert (name in media_fields(model)) is ("Path" in annotation)


def test_fields_are_frozen(model):
    """A request does not change once it is made."""
    body = model.body()
    request = model.request_class.model_validate(body)
    for name in model.python_names.values():
        with pytest.raises(pydantic.ValidationError, match="frozen"):
            setattr(request, name, getattr(request, name))

    assert body == wire_body(request)
