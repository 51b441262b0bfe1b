"""The way through README in an environment that holds the wheel and nothing of the checkout.

It takes half a minute, so `make release-check` runs it: GET3W_WALK names the Python of an
environment into which the wheel was installed with its extras.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
TYPED = """\
from pathlib import Path

from get3w_models import Client, submit_flux_dev


def picture(prompt: str, folder: Path) -> list[Path]:
    with Client(timeout=30) as client:
        prediction = submit_flux_dev(prompt=prompt, width=64, height=64, client=client)
        return prediction.wait().download(folder)


print(len(picture("a lighthouse at dusk", Path("typed"))))
"""
FOX = {
    "type": "object",
    "properties": {"prompt": {"type": "string"}, "width": {"type": "integer", "maximum": 2048}},
    "required": ["prompt"],
}

WALK = os.environ.get("GET3W_WALK")
pytestmark = pytest.mark.skipif(WALK is None, reason="make release-check runs this")


def shown(start):
    """Return each command of README that begins like this, as words."""
    lines = re.findall(r"^\$ (.+)$", README, re.MULTILINE)
    return [shlex.split(line, comments=True) for line in lines if line.startswith(start)]


@pytest.fixture
def python():
    """The interpreter of the environment."""
    return Path(WALK).absolute()


@pytest.fixture
def run(python, tmp_path):
    """A function that runs a command in an empty folder, and returns what it prints."""
    hidden = {"PYTHONPATH", "MYPYPATH", "PYTHONHOME", "VIRTUAL_ENV", "GET3W_API_KEY"}
    kept = {key: value for key, value in os.environ.items() if key not in hidden}
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"

    def run(*words, status=0, **settings):
        done = subprocess.run(
            words,
            cwd=tmp_path,
            env={**kept, "PATH": path, **settings},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert status == done.returncode, f"{words}\n{done.stdout}{done.stderr}"
        return done.stdout

    return run


@pytest.fixture
def settings(python, tmp_path):
    """Start the emulator as README does, on a free port; the settings that README shows."""
    command, *_ = shown("get3w-emulator")
    command[0] = str(python.parent / command[0])
    server = subprocess.Popen(
        [*command, "--port", "0", "--image-seconds", "0"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        found = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
        assert found
        [words] = shown("export GET3W_BASE_URL=")
        given = dict(word.split("=", 1) for word in words[1:])
        yield {**given, "GET3W_BASE_URL": found[0]}
    finally:
        server.terminate()
        server.communicate(timeout=30)


def mypy(python, file, run, status=0):
    """Run the strict type checker on a program of the environment."""
    command = (sys.executable, "-m", "mypy", "--strict", "--cache-dir=.mypy")
    return run(*command, f"--python-executable={python}", file, status=status)


def test_readme_leads_from_the_wheel_to_a_model_of_ones_own(python, run, settings, tmp_path):
    """The quick start, a typed program, mypy, a batch of ten, a model from a file, regenerated."""
    quick = re.search(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)[1]
    (tmp_path / "first.py").write_text(quick)
    (tmp_path / "typed.py").write_text(TYPED)
    (tmp_path / "wrong.py").write_text(TYPED.replace("width=64", 'width="wide"'))
    rows = "".join(f"a lighthouse at {hour} o'clock\n" for hour in range(10))
    (tmp_path / "prompts.csv").write_text(f"prompt\n{rows}")

    # The quick start.
    program, *_ = shown("python ")
    first, *_, last = run(*program, **settings).splitlines()
    assert first.startswith("submitted as pred_")
    assert "saved as lighthouse.png" == last
    assert (tmp_path / "lighthouse.png").is_file()

    # A typed program, and what the type checker says of it and of a mistake.
    assert "1\n" == run(python, "typed.py", **settings)
    assert "Success" in mypy(python, "typed.py", run)
    assert '"width"' in mypy(python, "wrong.py", run, status=1)

    # A batch of ten; the same command again pays for nothing.
    [batch] = shown("get3w batch")
    run(*batch, **settings)
    out = tmp_path / batch[batch.index("--out") + 1]
    results = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    assert 10 == len(results)
    assert 10 == len(list((out / "files").rglob("*.png")))
    run(*batch, **settings)
    assert results == [
        json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()
    ]

    # A package of one's own, another model from a file, and the package again.
    generate, _, check = shown("get3w-codegen generate --schemas my_schemas")
    (tmp_path / "my_schemas/acme").mkdir(parents=True)
    (tmp_path / "my_schemas/acme/fox.json").write_text(json.dumps(FOX))
    run(*generate)
    (tmp_path / "bear.json").write_text(json.dumps(FOX))
    run(*shlex.split("get3w-codegen add bear.json --model-id acme/bear --schemas my_schemas"))
    assert "bear.py" in run(*check, status=1)
    run(*generate)
    run(*check)
    program = "from my_models import submit_bear, submit_fox\nprint(submit_bear, submit_fox)\n"
    (tmp_path / "mine.py").write_text(program)
    assert "submit_bear" in run(python, "mine.py")
