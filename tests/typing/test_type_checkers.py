"""What users of the installed wheel are told by strict type checkers."""

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.editors.unseen import VARIABLE, chosen_models, install

from .checkers import CHECKERS, Project, by_line, marks, unreported
from .every_use import uses

HERE = Path(__file__).parent

# Modules that only the installed copy has: who can import them looks there and nowhere else.
WITNESS = """from get3w_core.witness_of_the_wheel import HERE as CORE
from get3w_models.witness_of_the_wheel import HERE as MODELS

print(CORE + MODELS)
"""


@pytest.fixture(scope="session")
def project(installed, command, tmp_path_factory):
    """A user's project: the files of uses, the witness, and strict settings."""
    install(installed.packages, tmp_path_factory.mktemp("unseen"))
    project = Project(installed, command, installed.folder / "project")
    for name in ("right_uses.py", "wrong_uses.py"):
        project.write(name, (HERE / name).read_text(encoding="utf-8"))
    right, wrong = uses(chosen_models())
    project.write("every_right_use.py", right)
    project.write("every_wrong_use.py", wrong)
    project.write("witness.py", WITNESS)
    for package in ("get3w_core", "get3w_models"):
        witness = installed.packages / package / "witness_of_the_wheel.py"
        witness.write_text("HERE: int = 1\n", encoding="utf-8")
    return project


@pytest.fixture(scope="session", params=CHECKERS, ids=lambda checker: checker.__name__)
def checked(request, made_once):
    """A folder of the checked modules and what a checker says of them, asked once a run."""
    checker = request.param

    def check(folder):
        project = request.getfixturevalue("project")
        for name in project.files:
            shutil.copy(project.folder / name, folder)
        (folder / "reported.json").write_text(json.dumps(list(checker(project))), encoding="utf-8")

    return made_once(f"checked-by-{checker.__name__}", check)


@pytest.fixture(scope="session")
def reports(checked):
    """What a checker says, by file and line."""
    return by_line(json.loads((checked / "reported.json").read_text(encoding="utf-8")))


def test_the_wheel_is_what_is_checked(reports):
    """The checkers see the installed packages, not the checkout."""
    assert {} == dict(reports["witness.py"])


@pytest.mark.parametrize("file", ["right_uses.py", "every_right_use.py"])
def test_right_uses_pass(reports, file):
    """Nothing is reported for right uses."""
    assert {} == dict(reports[file])


@pytest.mark.parametrize(("file", "least"), [("wrong_uses.py", 40), ("every_wrong_use.py", 3000)])
def test_wrong_uses_are_reported(checked, reports, file, least):
    """Each wrong line is reported in words that name the mistake, and no other line is."""
    found = reports[file]
    marked = marks((checked / file).read_text(encoding="utf-8"))

    assert len(marked) >= (least if VARIABLE not in os.environ else 1)
    assert {} == {line: texts for line, texts in found.items() if line not in marked}
    assert {} == unreported(marked, found)
