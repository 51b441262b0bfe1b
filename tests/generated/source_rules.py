"""What the source of every generated module has to hold, judged by its schema; no import of it."""

import ast
import re
from itertools import pairwise

import get3w_core
import pydantic

from tests.editors.schemas import outputs_of

OPTIONS = {
    "webhook_url": "str | None",
    "extra_body": "Mapping[str, object] | None",
    "timeout": "TimeoutTypes | None",
}
SECTIONS = ["Args", "Returns", "Raises"]
_STANDARD = {
    "collections.abc": {"Mapping"},
    "typing": {"Annotated", "ClassVar", "Literal"},
    "typing_extensions": {"deprecated"},
}


def faults(source, schema):
    """Yield what is amiss in the source of a model's module.

    Args:
        source: The text of the module.
        schema: The schema that it was made of.
    """
    tree = ast.parse(source)
    yield from _imports(tree)
    yield from _module(tree, schema)
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    functions = [
        node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    for node in classes:
        yield from _class(node)
    if [ast.FunctionDef, ast.AsyncFunctionDef] != [type(node) for node in functions]:
        yield "one function and one async function: missing"
        return
    for node, client, made in zip(functions, ("Client", "AsyncClient"), _HANDLES, strict=True):
        yield from _signature(node, client, f"{made}{outputs_of(schema)}")
        yield from _passed_on(node)
        yield from _decorated(node, schema)
        yield from _docstring(node, schema)
    yield from _public(tree, [*classes, *functions])


_HANDLES = ("Prediction", "AsyncPrediction")


def _imports(tree):
    known = {**_STANDARD, "get3w_core": set(get3w_core.__all__), "pydantic": set(pydantic.__all__)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield f"import {node.names[0].name}"
        if isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names} - known.get(node.module, set())
            yield from (f"imports {name} of {node.module}" for name in sorted(names))


def _module(tree, schema):
    text = ast.get_docstring(tree) or ""
    # An address stands whole on a line, however long it is.
    if f"Source: {schema.get('x-source', '')}".split() != _source(text, schema):
        yield "the source is missing"
    if _is_confirmed(schema) is ("not confirmed on Get3W" in text):
        yield "whether the module is confirmed is missing"


def _is_confirmed(schema):
    documented = schema.get("x-provenance", "get3w-docs") == "get3w-docs"
    return documented or schema.get("x-get3w-listed") is True


def _class(node):
    if not ast.get_docstring(node):
        yield f"{node.name} has no docstring"
    if not any(each.arg == "frozen" for each in node.keywords):
        yield f"{node.name} is not frozen"
    for field, after in pairwise([*node.body, None]):
        if isinstance(field, ast.AnnAssign) and not field.target.id.startswith(("__", "model_")):
            told = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            if not (told and str(after.value.value).strip()):
                yield f"{node.name}.{field.target.id} has no docstring"
            optional = ast.unparse(field.annotation)
            omittable = "Omittable" in optional or "None" in optional or "JsonValue" in optional
            if field.value is not None and not omittable:
                yield f"{node.name}.{field.target.id} cannot be left out"


def _signature(node, client, made):
    if ast.unparse(node.returns) != made:
        yield f"{node.name} returns {ast.unparse(node.returns)}"
    arguments = [*node.args.args, *node.args.kwonlyargs]
    shown = {each.arg: ast.unparse(each.annotation or ast.Constant(None)) for each in arguments}
    expected = {"client": f"{client} | None", **OPTIONS}
    yield from (
        f"{name}: {shown.get(name)}" for name in expected if shown.get(name) != expected[name]
    )
    if len(node.args.args) > 1:
        yield f"{node.name} takes {len(node.args.args)} positional arguments"
    of_schema = " ".join(shown[name] for name in shown.keys() - expected.keys())
    if {"Any", "object"} & set(re.findall(r"\w+", of_schema)):
        yield f"{node.name} has a vague type"


def _passed_on(node):
    """Each argument goes into the request, or to the core, under its own name."""
    calls = [each for each in ast.walk(node) if isinstance(each, ast.Call) and each.keywords]
    calls = [each for each in calls if each not in node.decorator_list]
    passed = {
        key.arg: ast.unparse(key.value)
        for each in calls
        for key in each.keywords
        if ast.unparse(each.func) != "server_default"
    }
    names = {each.arg for each in [*node.args.args, *node.args.kwonlyargs]}
    yield from (
        f"{node.name} passes on {name} as {passed.get(name)}"
        for name in sorted(names)
        if passed.get(name) != name
    )


def _decorated(node, schema):
    marked = any("deprecated(" in ast.unparse(each) for each in node.decorator_list)
    if marked is not bool(schema.get("deprecated")):
        yield f"{node.name} is {'' if marked else 'not '}deprecated"


def _docstring(node, schema):
    text = ast.get_docstring(node) or ""
    # As written: what tools clean away, such as a first line that is left empty, counts.
    first, *rest = (ast.get_docstring(node, clean=False) or "").splitlines() or [""]
    rest = text.splitlines()[1:] if first else rest
    if not re.search(r"^[A-Z].*\.$", first) or schema.get("x-model-id", "") not in text[:400]:
        yield f"{node.name}: the first line is {first!r}"
    if rest and rest[0]:
        yield f"{node.name}: no blank line after the first"
    heads = [line[:-1] for line in rest if re.fullmatch(r"[A-Z][a-z]+:", line)]
    # Once a module: the async twin is called the same way.
    has_example = (
        isinstance(node, ast.AsyncFunctionDef) or "\nExample::\n\n    prediction = " in text
    )
    if heads != SECTIONS:
        yield f"{node.name}: the sections are {heads}"
    if ">>>" in text:
        yield f"{node.name}: a prompt, which a test runner would run"
    if not has_example and all(
        schema["properties"].get(name, {}).get("type") in ("string", "integer", "number")
        for name in schema.get("required", [])
    ):
        yield f"{node.name}: no example"
    price = schema.get("x-base-price-usd")
    if price is not None and f"Base price: {price:g} USD per run" not in text:
        yield f"{node.name}: the price is missing"
    if _is_confirmed(schema) is ("not confirmed on Get3W" in text):
        yield f"{node.name}: whether it is confirmed is missing"
    for name in [each.arg for each in [*node.args.args, *node.args.kwonlyargs]]:
        if not re.search(rf"^    {name}: \S", text, re.MULTILINE):
            yield f"{node.name}: {name} is not told"
    yield from (f"{node.name}: a line of {len(each)}" for each in rest if _is_long(each))
    for wire, part in schema["properties"].items():
        yield from _range(node.name, text, wire, part)


def _source(text, schema):
    found = re.search(r"^Source:\s+(.+(?:\n.+)*)", text, re.MULTILINE)
    words = ["Source:", *found[1].split()] if found else ["Source:"]
    return words if schema.get("x-source") else ["Source:"]


def _is_long(line):
    # A long word cannot be broken, nor can a call.
    return len(line) > 96 and len(line.split()) > 2


def _range(function, text, wire, part):
    low, high = part.get("minimum"), part.get("maximum")
    if None in (low, high):
        return
    _, _, entry = " ".join(text.split()).partition(f" {wire}: ")
    if f"From {low} to {high}." not in entry.partition(" client: ")[0]:
        yield f"{function}: the range of {wire} is missing"


def _public(tree, defined):
    (listed,) = (
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    missing = {node.name for node in defined} - set(listed)
    yield from (f"{name} is not in __all__" for name in sorted(missing))
