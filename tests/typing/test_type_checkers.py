"""What users of the installed wheel are told by strict type checkers."""

import json
import re
import shutil
import sys
from collections import defaultdict
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MARK = re.compile(r"  # error: (?P<text>.+)$")

# Modules that only the installed copy has: who can import them looks there and nowhere else.
WITNESS = """from get3w_core.witness_of_the_wheel import HERE as CORE
from get3w_models.witness_of_the_wheel import HERE as MODELS

print(CORE + MODELS)
"""


@pytest.fixture(scope="session")
def project(installed):
    """A user's project: the two files, the witness, and strict settings."""
    folder = installed.folder / "project"
    folder.mkdir()
    for name in ("right_uses.py", "wrong_uses.py"):
        shutil.copy(HERE / name, folder)
    (folder / "witness.py").write_text(WITNESS, encoding="utf-8")
    for package in ("get3w_core", "get3w_models"):
        witness = installed.packages / package / "witness_of_the_wheel.py"
        witness.write_text("HERE: int = 1\n", encoding="utf-8")
    settings = {
        "typeCheckingMode": "strict",
        "pythonVersion": f"{sys.version_info.major}.{sys.version_info.minor}",
        "venvPath": str(installed.folder),
        "venv": "venv",
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder


def mypy(project, installed, command):
    """Return (file, line, text) of everything that mypy reports."""
    done = command(
        *(sys.executable, "-m", "mypy", "--strict", "--output=json", "--config-file="),
        *("--cache-dir", installed.folder / "cache", "--python-executable", installed.python),
        *("right_uses.py", "wrong_uses.py", "witness.py"),
        cwd=project,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    for line in done.stdout.splitlines():
        report = json.loads(line)
        yield report["file"], report["line"], f"{report['message']} {report['hint'] or ''}"


def pyright(project, installed, command):
    """Return (file, line, text) of everything that pyright reports."""
    done = command(
        *(sys.executable, "-m", "pyright", "--outputjson", "-p", project / "pyrightconfig.json"),
        cwd=project,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert 3 == answer["summary"]["filesAnalyzed"]
    for report in answer["generalDiagnostics"]:
        line = report["range"]["start"]["line"] + 1
        yield Path(report["file"]).name, line, report["message"]


@pytest.fixture(scope="session", params=[mypy, pyright], ids=["mypy", "pyright"])
def reports(request, project, installed, command):
    """What a checker says, by file and line."""
    found = defaultdict(lambda: defaultdict(list))
    for file, line, text in request.param(project, installed, command):
        found[file][line].append(text)
    return found


def test_the_wheel_is_what_is_checked(reports):
    """The checkers see the installed packages, not the checkout."""
    assert {} == dict(reports["witness.py"])


def test_right_uses_pass(reports):
    """Nothing is reported for right uses."""
    assert {} == dict(reports["right_uses.py"])


def test_wrong_uses_are_reported(reports):
    """Each wrong line is reported in words that name the mistake, and no other line is."""
    found = reports["wrong_uses.py"]
    lines = (HERE / "wrong_uses.py").read_text(encoding="utf-8").splitlines()
    marked = {
        number: match["text"]
        for number, line in enumerate(lines, start=1)
        if (match := MARK.search(line))
    }

    assert len(marked) >= 40
    assert {} == {line: texts for line, texts in found.items() if line not in marked}
    assert {} == {
        line: (text, found.get(line))
        for line, text in marked.items()
        if not any(text in report for report in found.get(line, []))
    }
