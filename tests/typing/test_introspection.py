"""What people see without an editor: help(), inspect, and the Tab key of IPython."""

import ast
import functools
import inspect
import json
import pydoc
import subprocess
import sys
import typing
from itertools import pairwise

import get3w_models
import pytest

MODELS = [get3w_models.request_class(model_id) for model_id in get3w_models.model_ids()]

COMPLETE = """
import json
from IPython.core.completer import IPCompleter, provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
shell.run_cell("import get3w_models; from get3w_models import submit_veed_subtitles")
with provisionalcompleter():
    for text in ("get3w_models.submit_", "submit_veed_subtitles(", "submit_veed_subtitles(pre"):
        found = shell.Completer.completions(text, len(text))
        print(json.dumps(sorted({each.text for each in found})))
"""


def functions_of(request_class):
    """Return the submit functions of a model."""
    module = inspect.getmodule(request_class)
    name = f"submit_{module.__name__.rpartition('.')[2]}"
    return getattr(module, name), getattr(module, f"{name}_async")


@pytest.mark.parametrize("request_class", MODELS, ids=lambda each: each.__model__.model_id)
def test_help_tells_everything(request_class):
    """help() shows each parameter with its type and its default as a plain value, and its words."""
    for function in functions_of(request_class):
        text = pydoc.plain(pydoc.render_doc(function))
        flat = " ".join(text.split())
        for name, field in request_class.model_fields.items():
            assert f"{name}: " in flat
            default = field.get_default()
            if not field.is_required() and default is not None:
                assert f"= {default!r}" in flat

        assert request_class.__model__.model_id in text
        assert "ServerDefault" not in text
        assert "Annotated" not in flat.partition(") ->")[0]


@pytest.mark.parametrize("request_class", MODELS, ids=lambda each: each.__model__.model_id)
def test_help_leaves_out_no_word(request_class):
    """help() prints the docstring as it stands, and the words of every field are in it."""
    for function in functions_of(request_class):
        shown = pydoc.plain(pydoc.render_doc(function))
        flat = " ".join(shown.split())

        lines = [line.strip() for line in shown.splitlines()]
        written = inspect.getdoc(function).splitlines()

        assert [line.strip() for line in written] == lines[-len(written) :]
        assert [] == [words for words in field_docs(request_class) if words not in flat]


def field_docs(request_class):
    """Return the docstring of each field, on one line."""
    (body,) = (
        node.body
        for node in ast.parse(inspect.getsource(inspect.getmodule(request_class))).body
        if isinstance(node, ast.ClassDef) and node.name == request_class.__name__
    )
    found = [
        after.value.value
        for field, after in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(after, ast.Expr)
    ]
    assert len(request_class.model_fields) == len(found)
    return [" ".join(text.split()) for text in found]


@pytest.mark.parametrize("request_class", MODELS, ids=lambda each: each.__model__.model_id)
def test_signature_is_that_of_the_class(request_class):
    """inspect.signature has the fields in their order, required ones without a default."""
    for function in functions_of(request_class):
        shown = inspect.signature(function).parameters
        fields = request_class.model_fields

        assert [*fields, "client", "webhook_url", "extra_body", "timeout"] == list(shown)
        assert [name for name in fields if fields[name].is_required()] == [
            name for name in fields if shown[name].default is inspect.Parameter.empty
        ]


@pytest.fixture(scope="module")
def completed(tmp_path_factory):
    """What the Tab key offers, asked of IPython in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", COMPLETE],
        cwd=tmp_path_factory.mktemp("ipython"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]


def test_tab_offers_every_function(completed):
    """Tab after `get3w_models.submit_` offers every function."""
    expected = {name for name in get3w_models.__all__ if name.startswith("submit_")}
    offered = {name.rpartition(".")[2] for name in completed[0]}

    assert expected <= offered


def test_tab_offers_every_parameter(completed):
    """Tab inside a call offers every parameter, and fewer once a name is begun."""
    names = inspect.signature(get3w_models.submit_veed_subtitles).parameters

    assert {f"{name}=" for name in names} <= set(completed[1])
    assert "preset=" in completed[2]


@pytest.mark.parametrize("mode", ["validation", "serialization"])
@pytest.mark.parametrize("request_class", MODELS, ids=lambda each: each.__model__.model_id)
def test_json_schema_of_a_class(root, request_class, mode):
    """Frameworks that take a request class as a body, in or out, get its types and ranges."""
    path = root / f"schemas/{request_class.__model__.model_id}.json"
    written = json.loads(path.read_text(encoding="utf-8"))["properties"]

    shown = request_class.model_json_schema(mode=mode)["properties"]

    assert set(written) == set(shown)
    for key in ("type", "minimum", "maximum", "maxLength", "maxItems"):
        expected = {
            name: part[key]
            for name, part in written.items()
            # A length speaks of the URL, and a file has none yet.
            if key in part and not ("x-get3w-media" in part and key == "maxLength")
        }

        assert expected == {name: shown[name].get(key) for name in expected}


@pytest.mark.parametrize("request_class", MODELS, ids=lambda each: each.__model__.model_id)
def test_signature_of_a_class_is_readable(request_class):
    """inspect.signature and help() of a class name its fields, and no address in memory."""
    shown = str(inspect.signature(request_class))

    assert list(inspect.signature(request_class).parameters) == list(request_class.model_fields)
    assert " at 0x" not in shown
    assert " at 0x" not in pydoc.plain(pydoc.render_doc(request_class)).partition("Method")[0]


def test_partial_keeps_the_signature():
    """functools.partial of a function still shows every parameter and its default."""
    call = functools.partial(get3w_models.submit_veo3, prompt="x")
    whole = inspect.signature(get3w_models.submit_veo3).parameters

    assert list(whole) == list(inspect.signature(call).parameters)
    assert "duration: Optional[Literal[8, 4, 6]] = 8" in str(inspect.signature(call)).replace(
        "Literal[8, 4, 6] | None", "Optional[Literal[8, 4, 6]]"
    )


def test_annotations_are_types():
    """inspect.get_annotations and typing.get_type_hints agree: no annotation is a text."""
    function = get3w_models.submit_kling_v2_6_pro_image_to_video

    assert inspect.get_annotations(function) == typing.get_type_hints(function)
