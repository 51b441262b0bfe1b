"""The gates themselves: each reports a fault that was put into a copy of the package."""

import pytest

from tests.editors.schemas import models

from .checkers import CHECKERS, Project, by_line, marks, unreported
from .every_use import uses
from .test_surface import completeness, not_allowed, stubtest

SPOILT = """
flux_dev nano_banana_edit veo3 kling_v2_6_pro_image_to_video seedream_v4 veed_subtitles
""".split()
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
        kling_v2_6_pro_image_to_video=[
            ("    cfg_scale: float |", "    cfg_scale: int |"),
            ("    voice_id: str\n", "    voice_id: object\n"),
            ("    voice_list: list[VoiceListItem] |", "    voice_list: list[object] |"),
        ],
        seedream_v4=[("async def ", "def "), ("await ", "")],
        veed_subtitles=[("Preset | None", "Language | None")],
        __init__=[("# fmt: off\n", "# fmt: off\nfrom . import flux_dev as eager\n")],
    )


# These take a second each; the others take half a minute.
QUICK = ("ty", "pyrefly")
RUNS = [
    pytest.param(each, id=each.__name__, marks=() if each.__name__ in QUICK else pytest.mark.soak)
    for each in CHECKERS
]


@pytest.fixture(scope="module", params=RUNS)
def checked(request, spoilt, command, tmp_path_factory):
    """The wrong lines that a checker passes over on the spoilt copy, and the right it reports."""
    project = Project(spoilt, command, tmp_path_factory.mktemp("checked") / request.param.__name__)
    right, wrong = uses([model for model in models() if model.name in SPOILT])
    project.write("every_right_use.py", right)
    project.write("every_wrong_use.py", wrong)
    found = by_line(request.param(project))
    missing = unreported(marks(wrong), found["every_wrong_use.py"])
    return _lines(wrong, missing), _lines(right, found["every_right_use.py"])


def _lines(text, numbers):
    lines = text.splitlines()
    return "\n".join(lines[number - 1] for number in numbers)


@pytest.mark.parametrize(
    "line",
    [
        'get3w_models.submit_flux_dev(prompt="x", width="x")',
        'output_format="no such value")',
        "get3w_models.submit_veo3(prompt=3)",
        "VoiceListItem(voice_id=3)",
        "voice_list=[3])",
    ],
    ids=["any", "str", "untyped", "field", "item"],
)
def test_vaguer_type_is_reported(checked, line):
    """A wrong use that is accepted all at once is found by every type checker's gate."""
    passed_over, _ = checked

    assert line in passed_over


@pytest.mark.parametrize(
    "line",
    ["submit_kling_v2_6_pro_image_to_video(", "await get3w_models.submit_seedream_v4", "preset="],
    ids=["narrower", "sync", "choice"],
)
def test_other_type_is_reported(checked, line):
    """A right use that is refused all at once is found by every type checker's gate."""
    _, reported = checked

    assert line in reported


def test_other_lines_are_still_judged(checked):
    """The faults change no more than what they are about."""
    passed_over, reported = checked

    assert "height=" not in passed_over
    assert "submit_flux_dev(" not in reported


@pytest.mark.soak
def test_untyped_parameter_is_reported(spoilt, command):
    """A parameter without a type makes the package incomplete."""
    assert completeness(spoilt, command, "get3w_models")["completenessScore"] < 1


@pytest.mark.soak
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
