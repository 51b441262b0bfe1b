"""Whatever a public signature names can be imported from the package root, to annotate with it."""

import ast
from pathlib import Path

import get3w_core
import pytest

ROOT = Path(get3w_core.__file__).parent
TREES = {
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts): ast.parse(
        path.read_text(encoding="utf-8")
    )
    for path in sorted(ROOT.rglob("*.py"))
}
CALLED = {"__init__", "__call__", "__enter__", "__aenter__", "__iter__", "__getitem__"}


def is_alias(node):
    return isinstance(node, ast.AnnAssign) and getattr(node.annotation, "id", "") == "TypeAlias"


def defined(tree):
    """Return every class, function and alias of a module by its name."""
    found = {}
    for node in tree.body:
        # What only checkers see stands behind `if TYPE_CHECKING`.
        for each in node.body if isinstance(node, ast.If) else [node]:
            if isinstance(each, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                found[each.name] = each
            elif is_alias(each):
                found[each.target.id] = each
    return found


def exported():
    """Return what the root exports, each from the module that it comes from."""
    found = {}
    for node in ast.walk(TREES["get3w_core.__init__"]):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("get3w_core."):
            module = defined(TREES[node.module])
            found |= {each.name: module[each.name] for each in node.names if each.name in module}
    return found


DEFINED = {name: node for tree in TREES.values() for name, node in defined(tree).items()}
EXPORTED = exported()
TYPES = {
    name
    for name, node in DEFINED.items()
    if not name.startswith("_") and isinstance(node, ast.ClassDef | ast.AnnAssign)
}


def annotations(node, without=frozenset()):
    """Yield each annotation that the users of a class or function meet."""
    if isinstance(node, ast.ClassDef):
        own = {getattr(member, "name", "") for member in node.body}
        for base in node.bases:
            if getattr(base, "id", "") in DEFINED:
                yield from annotations(DEFINED[base.id], without=own)
        for member in node.body:
            if isinstance(member, ast.AnnAssign) and not member.target.id.startswith("_"):
                yield member.annotation
            elif (
                isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef)
                and member.name not in without
                and (member.name in CALLED or not member.name.startswith("_"))
            ):
                yield from annotations(member)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        given = node.args
        for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.kwarg):
            if argument is not None and argument.annotation is not None:
                yield argument.annotation
        if node.returns is not None:
            yield node.returns


def named(annotation):
    """Return the names in an annotation, also in one that stands in quotes."""
    names = set()
    for node in ast.walk(annotation):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names |= (
                named(ast.parse(node.value, mode="eval")) if node.value.isidentifier() else set()
            )
    return names


@pytest.mark.parametrize("name", sorted(EXPORTED))
def test_types_of_a_signature_are_public(name):
    """A user can write down what every public class and function takes and returns."""
    used = {each for annotation in annotations(EXPORTED[name]) for each in named(annotation)}

    assert set() == (used & TYPES) - set(get3w_core.__all__)


def test_the_walk_sees_methods_properties_and_bases():
    """It finds what is known to be there."""
    seen = {each for part in annotations(EXPORTED["Client"]) for each in named(part)}

    assert {"Usage", "UploadInput", "SurfaceName", "OptionChanges"} <= seen & TYPES
    assert {"JsonValue", "PredictionData", "ClientLike"} <= {
        each for part in annotations(EXPORTED["Prediction"]) for each in named(part)
    }
