"""The public surface: every name of it typed, no type vaguer than it could be, no name lost."""

import ast
import importlib
import inspect
import json
import os
import re
import sys
import typing
from pathlib import Path

import get3w_core
import get3w_models
import pytest
from get3w_core.request.values.server_defaults import ServerDefault

HERE = Path(__file__).parent
PACKAGES = ("get3w_core", "get3w_models")
OWN = {"model_ids", "model_info", "models", "request_class"}
MODULES = sorted({get3w_models.request_class(each).__module__ for each in get3w_models.model_ids()})


def completeness(installed, command, package):
    """Return pyright's report on how completely an installed package is typed."""
    environment = ["env", f"VIRTUAL_ENV={installed.folder / 'venv'}"]
    path = f"PATH={installed.python.parent}{os.pathsep}{os.environ['PATH']}"
    verify = ["-m", "pyright", "--verifytypes", package, "--ignoreexternal", "--outputjson"]
    done = command(*environment, path, sys.executable, *verify, cwd=installed.folder, check=False)
    return json.loads(done.stdout)["typeCompleteness"]


@pytest.mark.parametrize("package", PACKAGES)
def test_types_are_complete(installed, command, package):
    """Pyright finds no exported symbol whose type is unknown or open to interpretation."""
    report = completeness(installed, command, package)
    vague = [
        each["name"]
        for each in report["symbols"]
        if each["isExported"] and (each["isTypeAmbiguous"] or not each["isTypeKnown"])
    ]

    assert str(installed.packages) in report["packageRootDirectory"]
    assert [] == vague
    assert 1.0 == report["completenessScore"]
    assert report["exportedSymbolCounts"]["withKnownType"] > 500


def stubtest(installed, command):
    """Compare the installed packages at run time with their source; return what is reported."""
    done = command(
        *("env", f"MYPYPATH={installed.packages}", f"PYTHONPATH={installed.packages}"),
        *(sys.executable, "-m", "mypy.stubtest", "--concise", *PACKAGES),
        cwd=installed.folder,
        check=False,
    )
    assert "" == done.stderr
    return done.stdout.splitlines()


def allowed_lines():
    """Return the patterns of what stubtest reports for good reasons, each for whole lines."""
    lines = (HERE / "stubtest_allowed.txt").read_text(encoding="utf-8").splitlines()
    return [re.compile(line) for line in lines if line and not line.startswith("#")]


def not_allowed(reported):
    """Return the reported lines that no pattern allows."""
    patterns = allowed_lines()
    return [line for line in reported if not any(each.fullmatch(line) for each in patterns)]


@pytest.fixture(scope="module")
def reported(installed, command):
    """What stubtest reports of the installed packages."""
    return stubtest(installed, command)


def test_stubtest_passes(reported):
    """What is there at run time is what the source says, facades included."""
    assert [] == not_allowed(reported)


def test_allowance_is_needed(reported):
    """Nothing is allowed that is not reported."""
    unused = [each.pattern for each in allowed_lines() if not any(map(each.fullmatch, reported))]

    assert [] == unused


def functions(module):
    """Return the functions that a generated module defines: the sync and the async one."""
    found = vars(module).values()
    return [
        each for each in found if inspect.isfunction(each) and each.__module__ == module.__name__
    ]


@pytest.mark.parametrize("name", MODULES)
def test_generated_code_holds_no_any(name):
    """No annotation of a generated module is Any, or holds one; what no schema knows is object."""
    tree = ast.parse(Path(importlib.import_module(name).__file__).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and "extra_body" == node.arg:
            node.annotation = None
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}

    assert set() == names & {"Any", "object"} - {"object" if "_CONDITIONS" in names else ""}


@pytest.mark.parametrize("name", MODULES)
def test_both_functions_take_the_same(name):
    """The sync and the async function differ in the client and the handle, and defaults are shown.

    What stubtest is told to pass over: a default is a marker that prints as the server's value.
    """
    sync, asynchronous = map(inspect.signature, functions(importlib.import_module(name)))
    hidden = [
        parameter
        for parameter in sync.parameters.values()
        if parameter.default not in (None, inspect.Parameter.empty)
        and not isinstance(parameter.default, ServerDefault)
    ]

    assert [] == hidden
    assert list(sync.parameters) == list(asynchronous.parameters)
    assert {"client"} == {
        key
        for key, parameter in sync.parameters.items()
        if str(parameter) != str(asynchronous.parameters[key])
    }


def names_for_checkers(package):
    """Return the names that a facade imports for type checkers."""
    tree = ast.parse(Path(package.__file__).read_text(encoding="utf-8"))
    (branch,) = (
        node
        for node in tree.body
        if isinstance(node, ast.If) and "TYPE_CHECKING" == getattr(node.test, "id", "")
    )
    imports = (
        node
        for statement in branch.body
        for node in ast.walk(statement)
        if isinstance(node, ast.ImportFrom)
    )
    names = {alias.asname for node in imports for alias in node.names if alias.asname}
    return {name for name in names if not name.startswith("_") or name == "__version__"}


@pytest.mark.parametrize("package", [get3w_core, get3w_models])
def test_checkers_and_programs_see_the_same_names(package):
    """A facade gives at run time the names that it shows to type checkers, and no others."""
    own = OWN & set(package.__all__)

    assert names_for_checkers(package) == set(package.__all__) - own
    assert [] == [name for name in package.__all__ if not hasattr(package, name)]


def test_public_names_are_pinned():
    """The names of the core are those of the list; whoever changes one changes the list too."""
    listed = (HERE / "public_names.txt").read_text(encoding="utf-8").split()

    assert listed == sorted(get3w_core.__all__)


def test_names_of_models_are_pinned():
    """The names of the models are those that the lock gives them."""
    lock = Path(HERE.parents[1] / "schemas/names.lock.json").read_text(encoding="utf-8")
    named = json.loads(lock)
    expected = {
        f"submit_{named[model_id]}{suffix}"
        for model_id in get3w_models.model_ids()
        for suffix in ("", "_async")
    }
    classes = {get3w_models.request_class(each).__name__ for each in get3w_models.model_ids()}

    core = {name for name in get3w_models.__all__ if hasattr(get3w_core, name)}

    assert sorted(expected | classes | OWN | core) == sorted(get3w_models.__all__)


@pytest.mark.parametrize("name", MODULES)
def test_hints_can_be_read_at_run_time(name):
    """typing.get_type_hints works on every function, as frameworks use it."""
    for function in functions(importlib.import_module(name)):
        hints = typing.get_type_hints(function)

        assert set(inspect.signature(function).parameters) | {"return"} == set(hints)
