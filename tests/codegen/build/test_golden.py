"""A handful of schemas and exactly what is generated from them; `make golden` writes it anew."""

import subprocess
import sys
from pathlib import Path

import pytest
from get3w_codegen.build.pipeline import Job, generate

GOLDEN = Path(__file__).parents[1] / "golden"


def test_output_is_the_golden_tree():
    """What is generated is what a reviewer has read and committed, to the byte."""
    job = Job(GOLDEN / "schemas", GOLDEN / "golden_models", "golden_models")

    outcome = generate(job, check=True)

    assert [] == [change.path.name for change in outcome.changes]
    assert [] == outcome.problems


CHECKERS = {
    "ty": ("ty", "check"),
    "pyrefly": ("pyrefly", "check"),
    "mypy": ("mypy", "--strict"),
    "pyright": ("pyright", "--pythonpath", sys.executable),
}


@pytest.mark.parametrize("checker", CHECKERS)
def test_golden_tree_type_checks_strictly(checker):
    """Strict type checkers find nothing in the golden tree."""
    run = subprocess.run(
        [sys.executable, "-m", *CHECKERS[checker], str(GOLDEN / "golden_models")],
        capture_output=True,
        text=True,
        check=False,
        cwd=GOLDEN.parents[2],
    )

    assert 0 == run.returncode, run.stdout
