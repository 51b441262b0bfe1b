"""The type checkers, run on a project, and their reports in one form."""

import json
import re
import sys
from collections import defaultdict
from pathlib import Path

from .every_use import ANY_WORDS

_TOML = """[tool.ty.environment]
python = {venv}
[tool.pyrefly]
python-interpreter-path = {python}
"""

_MARK = re.compile(r"  # error: (?P<text>.+)$")
_KEYWORD = re.compile(r"(\w+)=")


class Project:
    """A user's project for the environment in which the wheel is.

    Args:
        installed: The environment.
        command: The function that runs a command.
        folder: The project's folder.
    """

    def __init__(self, installed, command, folder):
        self.installed, self.command, self.folder = installed, command, folder
        folder.mkdir()
        settings = {
            "typeCheckingMode": "strict",
            "pythonVersion": f"{sys.version_info.major}.{sys.version_info.minor}",
            "venvPath": str(installed.folder),
            "venv": "venv",
            "reportDeprecated": "error",
        }
        self.write("pyrightconfig.json", json.dumps(settings))
        venv, python = installed.folder / "venv", installed.python
        toml = _TOML.format(venv=json.dumps(str(venv)), python=json.dumps(str(python)))
        self.write("pyproject.toml", toml)

    def write(self, name, text):
        """Put a file into the project."""
        (self.folder / name).write_text(text, encoding="utf-8")

    @property
    def files(self):
        """The names of the modules to be checked."""
        return sorted(path.name for path in self.folder.glob("*.py"))

    def run(self, *command):
        """Run a checker; return its output."""
        done = self.command(sys.executable, "-m", *command, cwd=self.folder, check=False)
        assert done.returncode in (0, 1), done.stdout + done.stderr
        return done.stdout

    def spot(self, file, line, column):
        """Return the keyword that a report points at, in quotes, or ""."""
        text = (self.folder / file).read_text(encoding="utf-8").splitlines()[line - 1]
        keyword = _KEYWORD.match(text[column - 1 :])
        return f' "{keyword[1]}"' if keyword else ""


def marks(text):
    """Return what each marked line of a module states that must be reported."""
    lines = enumerate(text.splitlines(), start=1)
    return {number: mark["text"] for number, line in lines if (mark := _MARK.search(line))}


def by_line(reported):
    """Return the texts that a checker reports, by file and line."""
    found = defaultdict(lambda: defaultdict(list))
    for file, line, text in reported:
        found[file][line].append(text)
    return found


def unreported(marked, found):
    """Return the marked lines that are not reported in the words that the mark states."""
    return {
        line: (words, found.get(line))
        for line, words in marked.items()
        if not any(words == ANY_WORDS or words in text for text in found.get(line, []))
    }


def mypy(project):
    """Yield (file, line, text) of everything that mypy reports."""
    output = project.run(
        *("mypy", "--strict", "--output=json", "--config-file="),
        *("--python-executable", project.installed.python, *project.files),
    )
    for line in output.splitlines():
        report = json.loads(line)
        yield report["file"], report["line"], f"{report['message']} {report['hint'] or ''}"


def pyright(project):
    """Yield (file, line, text) of everything that pyright reports."""
    output = project.run("pyright", "--outputjson", "-p", project.folder / "pyrightconfig.json")
    answer = json.loads(output)
    assert len(project.files) == answer["summary"]["filesAnalyzed"]
    for report in answer["generalDiagnostics"]:
        line = report["range"]["start"]["line"] + 1
        yield Path(report["file"]).name, line, report["message"]


def ty(project):
    """Yield (file, line, text) of everything that ty reports."""
    output = project.run("ty", "check", "--output-format=gitlab", *project.files)
    for report in json.loads(output):
        place = report["location"]
        start = place["positions"]["begin"]
        file, line = Path(place["path"]).name, start["line"]
        yield file, line, _quoted(report) + project.spot(file, line, start["column"])


def pyrefly(project):
    """Yield (file, line, text) of everything that pyrefly reports."""
    output = project.run("pyrefly", "check", "--output-format=json", *project.files)
    for report in json.loads(output)["errors"]:
        file, line = Path(report["path"]).name, report["line"]
        yield file, line, _quoted(report) + project.spot(file, line, report["column"])


def _quoted(report):
    return report["description"].replace("`", '"')


CHECKERS = (mypy, pyright, ty, pyrefly)
