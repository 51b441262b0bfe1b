"""What make installs: no more than a target needs, and nothing twice."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STAMPS = (".codegen", ".demo", ".ready")

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


@pytest.fixture
def installs(tmp_path):
    """A function that returns what make would install for a target, where *there* is made."""

    def installs(target, *there, fits=True):
        for name in there:
            (tmp_path / name).touch()
        settings = [f"VENV={tmp_path}", f"FITS={str(fits).lower()}"]
        done = subprocess.run(
            ["make", "--dry-run", target, *settings],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "MAKEFLAGS": ""},
        )
        return re.findall(r"--editable (.+?) \|\|", done.stdout)

    return installs


@pytest.mark.parametrize(
    ("target", "installed"),
    [
        ("generate", ['".[codegen]"']),
        ("demo", ['".[codegen,emulator]"', '".[codegen]"']),
        ("test", ['".[codegen,emulator,cli,batch]" --group dev']),
        ("check", ['".[codegen,emulator,cli,batch]" --group dev']),
        ("help", []),
    ],
)
def test_target_installs_what_it_needs(installs, target, installed):
    """The generator needs its extra, the demo the emulator too, and tests every tool.

    A dry run touches no stamp, so the demo's inner `make generate` shows its own needs as well.
    """
    assert installed == installs(target)


@pytest.mark.parametrize("target", ["generate", "demo", "test"])
def test_nothing_is_installed_twice(installs, target):
    """What is there is not installed again."""
    assert [] == installs(target, *STAMPS)


@pytest.mark.parametrize("target", ["generate", "demo", "test"])
def test_environment_that_does_not_fit_is_made_anew(installs, tmp_path, target):
    """That of another Python or another folder is not used, whatever is in it."""
    assert installs(target, *STAMPS, fits=False)
    assert [] == [name for name in STAMPS if (tmp_path / name).exists()]


def test_larger_environment_serves_for_the_smaller(tmp_path):
    """Installing the tools leaves the stamps of what needs less."""
    done = subprocess.run(
        ["make", "--dry-run", "test", f"VENV={tmp_path}", "FITS=false"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "MAKEFLAGS": ""},
    )
    [touched] = re.findall(r"^touch (.+)$", done.stdout, re.MULTILINE)

    assert {f"{tmp_path}/{name}" for name in STAMPS} == set(touched.split())


def test_build_backend_is_that_of_the_tests():
    """What make installs the checkout with is what the tests build the wheel with."""
    pinned = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]["dev"]
    [tools] = re.findall(r"^TOOLS := (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)

    assert ["pip==26.3"] == [tool for tool in tools.split() if tool not in pinned]
