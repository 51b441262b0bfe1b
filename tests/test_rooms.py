"""The rooms inside each package: which may import which, how many modules each holds."""

import ast
import re
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Bottom to top: a module imports its own room and those before it. A room is a folder or a module.
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8").partition("## Rooms")[2]
TABLES = {
    package: dict(re.findall(r"^\| `([\w.]+)` \| (.+) \|$", rows, re.M))
    for package, rows in re.findall(r"^### `(\S+)`\n(.+?)(?=\n###|\Z)", PAGE, re.M | re.S)
}
MOST_MODULES = 15
# What is written by hand; the scripts of the page are in a package.
OURS = "batch bench cli codegen core emulator examples testing tests website".split()


def imports(package):
    """Return, for each module of a package, the modules of it that it imports, wherever it does."""
    folder = ROOT / package
    paths = {_dotted(path, folder): path for path in folder.rglob("*.py")}
    return {
        name: {each for each in _imported(path, folder.name, paths) if each != name}
        for name, path in paths.items()
    }


def _dotted(path, folder):
    parts = path.relative_to(folder).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(path, package, known):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            wanted = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in wanted:
            if name == package or name.startswith(f"{package}."):
                inner = name[len(package) + 1 :]
                yield inner if inner in known else inner.rpartition(".")[0]


def room_of(module, order):
    """Return the room that a module stands in: the longest name of the order that fits."""
    return max((room for room in order if f"{module}.".startswith(f"{room}.")), key=len, default="")


@pytest.mark.parametrize("package", sorted(TABLES))
def test_rooms_import_downwards(package):
    """A module imports nothing of a room above its own; the package's root may import all."""
    order = [*TABLES[package]]
    found = imports(package)

    assert set() == {module for module in found if module and not room_of(module, order)}
    assert [] == sorted(
        f"{module} imports {other}"
        for module, others in found.items()
        for other in others
        if module
        and other
        and order.index(room_of(module, order)) < order.index(room_of(other, order))
    )


@pytest.mark.parametrize("package", sorted(TABLES))
def test_no_module_imports_itself_by_way_of_others(package):
    """There is no cycle, imports for type checkers included."""
    found = imports(package)
    found.pop("")  # the root gives the public names to users, and no module asks it for them

    assert [] == [module for module, others in found.items() if "" in others]
    try:
        TopologicalSorter(found).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("package", sorted(TABLES))
def test_room_says_what_it_is_for(package):
    """Each room has words on what it holds and may import."""
    for folder in {path.parent for path in (ROOT / package).rglob("*.py")}:
        assert words_of(folder), folder


@pytest.mark.parametrize("package", sorted(TABLES))
def test_page_has_the_words_of_the_rooms(package):
    """docs/architecture.md says of each room what the first line of its docstring says."""
    for room, words in TABLES[package].items():
        path = ROOT / package / room.replace(".", "/")

        assert words == words_of(path).partition("\n")[0], room


def words_of(path):
    """Return the docstring of a room: of its folder, or of its one module."""
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.get_docstring(ast.parse(source.read_text(encoding="utf-8")))


@pytest.mark.parametrize("top", OURS)
def test_folder_can_be_taken_in_at_a_glance(top):
    """No folder of ours holds more than 15 modules, of Python or of a page's JavaScript."""
    modules = [path for path in (ROOT / top).rglob("*") if path.suffix in {".py", ".js"}]
    counted = Counter(path.parent.relative_to(ROOT).as_posix() for path in modules)

    assert {} == {folder: count for folder, count in counted.items() if count > MOST_MODULES}
