"""The whole tree of the generator is held to it: foreign text is written in no other way."""

import ast
from pathlib import Path

import jinja2
import pytest
from get3w_codegen import text
from get3w_codegen.render.renderer import templates
from get3w_codegen.text import forms
from get3w_codegen.text.docstrings import doc_text
from get3w_codegen.text.literals import literal

PACKAGE = Path(text.__file__).parents[1]
MODULES = sorted(PACKAGE.rglob("*.py"))
FORMS = {name for name, kind in vars(forms).items() if isinstance(kind, type)}
# Writes nothing but numbers, and the codes that clear its own line.
ON_A_TERMINAL = {"progress.py"}
# Each writes files whose content `text` or a person has made.
WRITERS = {"build/writing.py", "catalogue/folder.py", "render/ruff.py"}


def name_of(path):
    return path.relative_to(PACKAGE).as_posix()


def called(tree):
    """Yield the source of each function that a module calls."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def faults(source, name):
    """Yield what a module does that only a module of `text` may do."""
    if name.startswith("text/"):
        return
    for each in called(ast.parse(source)):
        last = each.rpartition(".")[2]
        if last in FORMS:
            yield f"{name} makes a {last} by itself"
        streams = ("sys.stdout.write", "sys.stderr.write", "sys.stdout.writelines", "os.write")
        if (each == "print" or each in streams) and name not in ON_A_TERMINAL:
            yield f"{name} calls {each}"
        if last in ("write_text", "write_bytes", "fdopen") and name not in WRITERS:
            yield f"{name} calls {each}"
        if (
            last in ("Environment", "from_string", "Template", "Markup")
            and name != "render/renderer.py"
        ):
            yield f"{name} calls {each}"
        if last in ("eval", "exec", "compile") and each != "re.compile":
            yield f"{name} calls {each}"
        if last in ("urlopen", "urlretrieve", "create_connection", "Client", "HTTPTransport") and (
            name != "catalogue/fetch.py"
        ):
            yield f"{name} calls {each}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_text_makes_what_is_written(path):
    """No other module makes a form, prints, renders a template, writes a file or fetches."""
    assert [] == list(faults(path.read_text("utf-8"), name_of(path)))


@pytest.mark.parametrize(
    "source",
    [
        "Markdown(f'{x}')", "forms.Source(x)", "print(x)", "sys.stdout.write(x)", "Made(x)",
        "sys.stderr.write(x)", "path.write_text(x)", "jinja2.Template(x)", "exec(x)", "eval(x)",
        "urllib.request.urlopen(x)", "httpx.Client()",
    ],
)  # fmt: skip  # a table reads better in rows
def test_rule_notices(source):
    """Each way round is noticed."""
    assert 1 == len(list(faults(source, "other.py")))


@pytest.mark.parametrize(
    "value",
    ["plain", f"{literal('a')}", literal("a") + "b", str(doc_text("a")), b"a", ["a"], 3],
    ids=repr,
)
def test_template_takes_nothing_else(value):
    """A template refuses text that no function of `text` has made, or that was put together."""
    environment = templates()

    with pytest.raises(TypeError, match="was not made into a form of text"):
        environment.from_string("{{ value }}").render(value=value)


def test_template_takes_what_was_made():
    """What was made is written as it is; nothing is escaped a second time."""
    environment = templates()
    made = literal("<b>&'\"")

    assert made == environment.from_string("{{ value }}").render(value=made)


def test_missing_value_is_an_error():
    """A template does not pass over what it was not given."""
    with pytest.raises((jinja2.UndefinedError, TypeError)):
        templates().from_string("{{ value }}").render()


@pytest.mark.parametrize("path", sorted((PACKAGE / "render/templates").iterdir()), ids=name_of)
def test_templates_make_no_text(path):
    """No template joins, filters or marks as safe what it is given."""
    source = path.read_text("utf-8")

    for way_round in ("|safe", "| safe", "~", "|join", "| join", "autoescape", "format("):
        assert way_round not in source
