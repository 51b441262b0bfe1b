"""Docstrings go through the two common documentation tools without a warning."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import MODELS
from .unseen import PACKAGE

SPHINX = """
project = "get3w-models"
extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon"]
"""
MKDOCS = """
site_name: get3w-models
plugins:
  - mkdocstrings:
      handlers:
        python:
          options: {docstring_style: google}
"""


def run(*command, cwd):
    """Run a tool that finds the unseen models; return its messages, which are to be none."""
    folder = next(each for each in sys.path if (Path(each) / PACKAGE).is_dir())
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", *map(str, command)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": folder},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr + (done.stdout if done.returncode else "")


def modules():
    """Return the modules of all models, and the core."""
    return [
        "get3w_core.client.sync",
        "get3w_core.client.prediction",
        *(f"{model.package}.{model.name}" for model in MODELS.values()),
    ]


@pytest.mark.editors
@pytest.mark.usefixtures("with_unseen")
def test_sphinx_renders(tmp_path):
    """Sphinx with napoleon renders every module without a warning."""
    (tmp_path / "conf.py").write_text(SPHINX, encoding="utf-8")
    title = "Models\n======\n\n"
    text = "".join(f".. automodule:: {each}\n   :members:\n\n" for each in modules())
    (tmp_path / "index.rst").write_text(title + text, encoding="utf-8")

    said = run("sphinx", "-W", "--keep-going", "-q", "-b", "html", ".", "out", cwd=tmp_path)

    assert "" == said
    html = (tmp_path / "out/index.html").read_text(encoding="utf-8")
    assert all(model.function in html for model in MODELS.values())
    assert 'class="field-odd">Parameters' in html


@pytest.mark.editors
@pytest.mark.usefixtures("with_unseen")
def test_mkdocstrings_renders(tmp_path):
    """mkdocstrings renders every module without a warning."""
    (tmp_path / "mkdocs.yml").write_text(MKDOCS, encoding="utf-8")
    (tmp_path / "docs").mkdir()
    text = "# Models\n\n" + "".join(f"::: {each}\n\n" for each in modules())
    (tmp_path / "docs/index.md").write_text(text, encoding="utf-8")

    said = run("mkdocs", "build", "--strict", "--quiet", cwd=tmp_path)

    assert "" == said
    html = (tmp_path / "site/index.html").read_text(encoding="utf-8")
    assert all(model.function in html for model in MODELS.values())
