"""The gates themselves: each reports a fault that was put into a copy of the package."""

import pytest

from tests.editors.schemas import models

from .checkers import CHECKERS, Project, by_line, marks, unreported
from .every_use import uses
from .test_surface import completeness, not_allowed, stubtest

ANY = ("from typing import ClassVar", "from typing import Any, ClassVar")
LOADED = (
    "import get3w_models, sys; print(sorted({'httpx', 'pydantic', 'typing'} & set(sys.modules)))"
)


@pytest.fixture(scope="module")
def spoilt(installed, tmp_path_factory):
    """A copy of the environment with one fault a model."""
    return installed.doctored(
        tmp_path_factory.mktemp("spoilt"),
        flux_dev=[ANY, ("width: int | None", "width: Any | None")],
        nano_banana_edit=[('Literal["png", "jpeg"] | None', "str | None")],
        veo3=[("    prompt: str,\n", "    prompt,\n")],
        __init__=[("# fmt: off\n", "# fmt: off\nfrom . import flux_dev as eager\n")],
    )


@pytest.fixture(scope="module", params=CHECKERS, ids=lambda checker: checker.__name__)
def passed_over(request, spoilt, command, tmp_path_factory):
    """The wrong lines that a checker no longer reports on the spoilt copy."""
    project = Project(spoilt, command, tmp_path_factory.mktemp("checked") / request.param.__name__)
    _, wrong = uses(models())
    project.write("every_wrong_use.py", wrong)
    missing = unreported(marks(wrong), by_line(request.param, project)["every_wrong_use.py"])
    lines = wrong.splitlines()
    return "\n".join(lines[number - 1] for number in missing)


@pytest.mark.parametrize(
    "line",
    [
        'get3w_models.submit_flux_dev(prompt="x", width="3")',
        'output_format="no such value")',
        "get3w_models.submit_veo3(prompt=3)",
    ],
    ids=["any", "str", "untyped"],
)
def test_vaguer_type_is_reported(passed_over, line):
    """A wrong use that is accepted all at once is found by every type checker's gate."""
    assert line in passed_over


def test_other_lines_are_still_reported(passed_over):
    """The faults hide no more than what they are about."""
    assert 'submit_flux_dev(prompt="x", height="3")' not in passed_over


def test_untyped_parameter_is_reported(spoilt, command):
    """A parameter without a type makes the package incomplete."""
    assert completeness(spoilt, command, "get3w_models")["completenessScore"] < 1


def test_name_that_is_not_shown_is_reported(installed, command, tmp_path):
    """A name that the package gives and the facade hides from type checkers is found."""
    renamed = [("submit_veo3 as submit_veo3,", "submit_veo3 as submit_veo_3,")]
    copy = installed.doctored(tmp_path, __init__=renamed)

    left = not_allowed(stubtest(copy, command))

    assert "get3w_models.submit_veo3 is not present in stub" in left


def test_eager_import_is_reported(spoilt, installed, command):
    """Importing the package loads nothing; one eager import is seen."""
    lazy, eager = (
        command(each.python, "-c", LOADED, cwd=each.folder).stdout.strip()
        for each in (installed, spoilt)
    )

    assert "[]" == lazy
    assert "pydantic" in eager
