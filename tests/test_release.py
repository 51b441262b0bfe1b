"""What a release has to say of itself: one version, a page on its dependencies, whole metadata."""

import email
import json
import os
import re
import tomllib
import zipfile
from pathlib import Path

import get3w_core
import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NAME = re.compile(r"[\w.-]+")
DEPENDENCIES = {
    (extra, NAME.match(each)[0])
    for extra, needed in {"": PROJECT["dependencies"], **PROJECT["optional-dependencies"]}.items()
    for each in needed
}


@pytest.fixture(scope="module")
def metadata(built):
    """What the wheel says of itself."""
    with zipfile.ZipFile(built.wheel) as archive:
        [name] = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
        return email.message_from_bytes(archive.read(name))


def test_there_is_one_version(metadata, built):
    """The wheel, the sdist and the package say the same, which stands in one file."""
    version = get3w_core.__version__
    literal = re.compile(rf"""["']{re.escape(version)}["']""")
    folders = ("core", "codegen", "generated", "emulator", "testing", "cli", "batch")
    holders = [
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if literal.search(path.read_text("utf-8"))
    ]

    assert "version" in PROJECT["dynamic"]
    assert ["core/get3w_core/_version.py"] == holders
    assert version == metadata["Version"]
    assert f"get3w_models-{version}-py3-none-any.whl" == built.wheel.name
    assert f"get3w_models-{version}.tar.gz" == built.sdist.name


def test_metadata_is_whole(metadata):
    """Name, summary, licence, Python, words and kinds are there, and a description."""
    single = [
        "Name",
        "Summary",
        "License-Expression",
        "License-File",
        "Requires-Python",
        "Keywords",
    ]

    assert [] == [field for field in single if not metadata[field]]
    assert "text/markdown" == metadata["Description-Content-Type"]
    assert metadata["Keywords"]
    assert metadata.get_all("Project-URL")
    assert 10 < len(metadata.get_all("Classifier"))
    assert sorted(PROJECT["classifiers"]) == PROJECT["classifiers"]


@pytest.mark.parametrize(("extra", "name"), sorted(DEPENDENCIES))
def test_dependency_is_explained(extra, name):
    """The page says of each why it is there, who keeps it, and what leaving it takes."""
    page = (ROOT / "docs/dependencies.md").read_text("utf-8")
    rows = re.findall(rf"^\| `{re.escape(name)}` \|(.+)\|(.+)\|(.+)\|$", page, re.MULTILINE)

    assert 1 == len(rows)
    assert all(len(cell.strip()) > 5 for cell in rows[0])
    assert not extra or f"`{extra}`" in page


def test_dependency_has_a_lowest_version():
    """A range without a lower end would be untested below; `make test-minimum` tests that end."""
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]

    assert [] == [each for needed in groups for each in needed if not re.search(r"(>=|==)\d", each)]


@pytest.mark.skipif("GET3W_WALK" not in os.environ, reason="make release-check runs this")
def test_list_of_what_an_installation_holds():
    """It names this version, and each package that an extra asks for, with its version."""
    path = Path(os.environ["GET3W_WALK"]).parents[1] / "sbom.cdx.json"
    listed = json.loads(path.read_text("utf-8"))
    versions = {
        each["name"].lower().replace("_", "-"): each["version"] for each in listed["components"]
    }

    assert get3w_core.__version__ == listed["metadata"]["component"]["version"]
    assert {name.lower() for _, name in DEPENDENCIES} <= set(versions)
    assert all(versions.values())
