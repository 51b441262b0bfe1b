"""What a newcomer does: the first pages to the letter, with the installed wheel alone.

GET3W_WALK=/path/to/python names another environment into which the wheel was installed.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(console|json|py|python|text)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"\bas\s+`([\w./-]+\.\w+)`")
PAGE_ADDRESS = "http://127.0.0.1:8333"
PATIENCE = 900  # mypy reads pydantic for the first time, perhaps on a busy machine
# Done by the environment of the test, or in need of a checkout.
NOT_RUN = ("pip install", "python3 -m venv", ". .venv/bin/activate", "make ")


def blocks(page):
    """Yield the kind, the content and, if the text before names one, the file of each block."""
    end = 0
    for block in BLOCK.finditer(page):
        names = NAME.findall(page, end, block.start())
        yield block[1], block[2], names[-1] if names else None
        end = block.end()


def commands(block):
    """Yield each command of a console with what the page shows of its output."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, _, printed = part.partition("\n")
        yield line, printed


class Newcomer:
    """Somebody with a terminal in an empty folder, and an environment that holds the wheel."""

    def __init__(self, folder, python, shows):
        self.folder = folder
        self.mypy = f"{sys.executable} -m mypy --python-executable {python} "
        self.shows = shows
        self.address = PAGE_ADDRESS
        self.emulator = None
        self.ran = []
        hidden = {"PYTHONPATH", "GET3W_API_KEY", "GET3W_BASE_URL"}
        self.environment = {key: os.environ[key] for key in os.environ if key not in hidden}
        path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
        self.environment |= {"PATH": path, "VIRTUAL_ENV": str(python.parents[1])}
        self.environment |= {"XDG_STATE_HOME": str(folder / "state")}

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")

    def start_emulator(self, printed="..."):
        self.emulator = subprocess.Popen(
            ["get3w-emulator", "--port", "0"],
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self.emulator.stdout.readline()
        self.address = re.search(r"http://[\d.:]+", line)[0]
        assert self.shows(printed, line)

    def connect(self):
        """Start an emulator, and set the variables that lead to it."""
        self.start_emulator()
        self.environment |= {"GET3W_BASE_URL": self.address, "GET3W_API_KEY": "test-key"}

    def type(self, line, printed=""):
        """Run one command, and compare what it prints with what the page shows, if it does."""
        if line == "get3w-emulator":
            self.start_emulator(printed)
        elif line.startswith("export "):
            pairs = [word.split("=", 1) for word in shlex.split(line)[1:]]
            self.environment |= {
                key: value.replace(PAGE_ADDRESS, self.address) for key, value in pairs
            }
        elif not line.startswith(NOT_RUN):
            done = subprocess.run(
                ["sh", "-c", re.sub(r"^mypy ", self.mypy, line)],
                cwd=self.folder,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
            assert ("rror" in printed) == (done.returncode != 0), f"$ {line}\n{done.stdout}"
            assert not printed or self.shows(printed, done.stdout), f"$ {line}\n{done.stdout}"
            self.ran.append(line)


@pytest.fixture
def newcomer(request, tmp_path, shows):
    """A newcomer, whose emulator ends with the test."""
    named = os.environ.get("GET3W_WALK")
    python = Path(named).absolute() if named else request.getfixturevalue("installed").python
    newcomer = Newcomer(tmp_path, python, shows)
    yield newcomer
    if newcomer.emulator is not None:
        newcomer.emulator.terminate()
        newcomer.emulator.communicate()


@pytest.mark.skipif(os.name == "nt", reason="the pages show a POSIX shell")
@pytest.mark.parametrize("page", ["README.md", "docs/start.md", "docs/typed-apps.md"])
def test_page_leads_from_an_empty_folder_on(newcomer, page):
    """Every file, program and command of the page, in its order, prints what is shown."""
    text = (ROOT / page).read_text(encoding="utf-8")
    if "$ get3w-emulator" not in text:
        newcomer.connect()
    output = None
    for kind, content, name in blocks(text):
        if kind == "console":
            if "your-key" not in content:  # that would be Get3W itself
                for line, printed in commands(content):
                    newcomer.type(line, printed)
        elif kind == "text":
            assert output is not None
            assert newcomer.shows(content, output), output
        else:
            newcomer.write(name or "program.py", content)
        output = None
        if kind == "python" and name is None:
            done = subprocess.run(
                ["python", "-W", "error", "program.py"],
                cwd=newcomer.folder,
                env=newcomer.environment,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
            assert 0 == done.returncode, done.stderr
            output = done.stdout

    assert newcomer.ran
