"""What is in the wheel and the sdist, and that the installed wheel works."""

import email
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import PurePosixPath

import pytest

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "thing"
version = "1"

[tool.hatch.build.targets.sdist.hooks.custom]
"""
PACKAGES = {
    *("get3w_batch", "get3w_cli", "get3w_codegen", "get3w_core", "get3w_emulator", "get3w_models"),
    "get3w_testing",
}


def tracked(root):
    """The names of the files that git knows; without git there is nothing to compare with."""
    if not (root / ".git").exists():
        pytest.skip("this is no checkout of git")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True)
    return set(listed.stdout.decode().split("\0")) - {""}


@pytest.fixture(scope="module")
def wheel(built):
    """The names in the wheel."""
    with zipfile.ZipFile(built.wheel) as archive:
        return archive.namelist()


def checksums(path):
    """Name and checksum of each file in a wheel."""
    with zipfile.ZipFile(path) as archive:
        return {entry.filename: entry.CRC for entry in archive.infolist()}


def test_wheel_holds_the_packages_and_nothing_else(wheel):
    """The five packages are at the top, beside the metadata."""
    tops = {name.split("/")[0] for name in wheel}

    assert PACKAGES == {top for top in tops if not top.endswith(".dist-info")}
    assert 1 == len(tops - PACKAGES)


def test_wheel_is_typed(wheel):
    """Each package says that it is typed."""
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(wheel)


def test_wheel_holds_the_page_of_the_emulator(wheel, root):
    """Every file of the playground is in the wheel, where the emulator looks for it."""
    folder = root / "emulator/get3w_emulator/playground/static"
    names = {
        f"get3w_emulator/playground/static/{path.relative_to(folder).as_posix()}"
        for path in folder.rglob("*.*")
    }

    assert 20 < len(names)
    assert names <= set(wheel)


def test_wheel_holds_every_module(wheel, root):
    """Every source file of the packages is there, templates included."""
    sources = {
        path.relative_to(root / folder).as_posix()
        for folder in ("cli", "codegen", "core", "emulator", "generated", "testing")
        for path in (root / folder).rglob("*")
        if path.suffix in {".py", ".jinja", ".typed"} and "__pycache__" not in path.parts
    }

    assert sources <= set(wheel)
    assert [] == [name for name in wheel if name.endswith((".pyc", ".pyi"))]


def test_wheel_holds_the_schemas(wheel, root):
    """The emulator finds its schemas in the wheel: all of them, and the names."""
    prefix = "get3w_emulator/_schemas/"
    schemas = {
        path.relative_to(root / "schemas").as_posix() for path in (root / "schemas").rglob("*.json")
    }

    assert 55 <= len(schemas)
    assert schemas == {name.removeprefix(prefix) for name in wheel if name.startswith(prefix)}


def test_description_has_no_link_that_leads_nowhere(built):
    """On a package index a relative link is dead: the description names the files instead."""
    with zipfile.ZipFile(built.wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        text = email.message_from_bytes(archive.read(name)).get_payload()
    targets = re.findall(r"\]\(([^)\s]+)\)", text)

    assert targets
    assert [] == [target for target in targets if not target.startswith(("https://", "#"))]
    assert "(`docs/errors.md`)" in text
    assert "are in the source distribution" in text


def test_wheel_holds_no_tests(wheel):
    """Tests stay at home."""
    parts = {part for name in wheel for part in PurePosixPath(name).parts}

    assert set() == parts & {"tests", "bench", "examples", "docs", "conftest.py"}


def test_sdist_builds_the_same_wheel(built):
    """The wheel built from the sdist holds the same files with the same content."""
    assert checksums(built.wheel) == checksums(built.wheel_from_sdist)


def test_sdist_holds_what_tests_need(built, root):
    """The sdist holds the schemas, the tests and the examples, and no build products."""
    with tarfile.open(built.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {"pyproject.toml", "Makefile", "README.md", "LICENSE", "CHANGELOG.md"} <= names
    for name in tracked(root):
        if name.startswith(("schemas/", "tests/", "examples/")):
            assert name in names
    assert [] == [name for name in names if "__pycache__" in name or name.startswith(".venv")]


def test_sdist_holds_nothing_that_is_not_tracked(built, root):
    """Notes, keys and downloads that lie about in a checkout do not get into the sdist."""
    with tarfile.open(built.sdist) as archive:
        names = {entry.name.partition("/")[2] for entry in archive if entry.isfile()}

    assert {"PKG-INFO"} == names - tracked(root)


def test_untracked_file_is_left_out(root, command, tmp_path):
    """A file that git does not know stays at home, whatever it is called; others are taken."""
    hook = (root / "hatch_build.py").read_text("utf-8")
    (tmp_path / "hatch_build.py").write_text(hook)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "thing").mkdir()
    (tmp_path / "thing/__init__.py").touch()
    for git in ("init -q .", "add ."):
        command("git", *git.split(), cwd=tmp_path)
    odd = [
        "thing/.env",
        "thing/my key [1].txt",
        "thing/!x",
        "thing/#y",
        "thing/z*",
        "thing/draft.py",
    ]
    for name in odd:
        (tmp_path / name).write_text("secret")
    # What git passes over by rules that are not in the .gitignore at the top.
    for name in ("thing/local.env", "thing/mine/key.txt", "thing/mine/deep/key.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("secret")
    (tmp_path / ".git/info/exclude").write_text("local.env\n")
    (tmp_path / "thing/mine/.gitignore").write_text("*\n")

    command(sys.executable, "-m", "build", "--no-isolation", "--sdist", ".", cwd=tmp_path)

    (path,) = (tmp_path / "dist").glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {entry.name.partition("/")[2] for entry in archive if entry.isfile()}
    assert {"PKG-INFO", "hatch_build.py", "pyproject.toml", "thing/__init__.py"} == names


def test_base_install_needs_little(built):
    """Without extras, httpx, pydantic and one small validator are all that is installed."""
    with zipfile.ZipFile(built.wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(archive.read(name))
    needed = [each for each in metadata.get_all("Requires-Dist") if "extra ==" not in each]

    # h11 and httpcore come with httpx in any case, typing-extensions with pydantic.
    assert ["h11", "httpcore", "httpx", "jsonschema-rs", "pydantic", "typing-extensions"] == sorted(
        re.match(r"[\w-]+", each)[0] for each in needed
    )
    assert {"cli", "codegen", "emulator"} <= set(metadata.get_all("Provides-Extra"))
    assert "get3w-models" == metadata["Name"]


def test_installed_wheel_works(installed, command, tmp_path):
    """From the wheel alone a typed call goes through the emulator to a picture."""
    code = """
import get3w_core, get3w_emulator, get3w_models
from get3w_core import Client
from get3w_models import submit_flux_dev

with get3w_emulator.running(image_seconds=0) as emulator:
    with Client(emulator.api_key, emulator.url) as client:
        prediction = submit_flux_dev("a lighthouse at dusk", width=64, client=client)
        (path,) = prediction.wait().download("out")
print(prediction.status, path.suffix, path.stat().st_size > 0)
for module in (get3w_core, get3w_emulator, get3w_models):
    print(module.__file__)
"""
    done = command(installed.python, "-c", code, cwd=tmp_path)

    first, *files = done.stdout.splitlines()
    assert "completed .png True" == first
    assert 3 == len(files)
    assert [] == [file for file in files if not file.startswith(str(installed.packages))]


@pytest.mark.parametrize("name", ["get3w", "get3w-codegen", "get3w-emulator"])
def test_commands_are_installed(installed, command, tmp_path, name):
    """The commands are there and say what they do."""
    [script] = [each for each in installed.python.parent.iterdir() if each.stem == name]

    done = command(script, "--help", cwd=tmp_path)

    assert f"usage: {name}" in done.stdout
