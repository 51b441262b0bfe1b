"""The small programs of examples/, each run as somebody runs it."""

import csv
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
PATIENCE = 120  # on a busy machine
ROWS = 16  # the emulator draws a picture of each
LONGEST = {
    "fastapi_app.py": 81,
    "pictures_from_csv.py": 59,
    "team_ci.py": 42,
}


@pytest.mark.parametrize("name", LONGEST)
def test_programs_are_short(name):
    """A program fits a screen or two."""
    assert len((EXAMPLES / name).read_text("utf-8").splitlines()) <= LONGEST[name]


@pytest.fixture
def settings(emulator):
    """The environment of a program that talks to the emulator."""
    return {"GET3W_API_KEY": emulator.api_key, "GET3W_BASE_URL": emulator.url}


# --- pictures_from_csv.py


@pytest.fixture
def table(tmp_path):
    """A table of some rows."""
    path = tmp_path / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [("name", "prompt"), *((f"row.{n}", str(n)) for n in range(ROWS))]
        )
    return path


@pytest.fixture
def pictures(table, tmp_path, settings):
    """Start the program."""

    programs = []

    def start():
        program = subprocess.Popen(
            [sys.executable, EXAMPLES / "pictures_from_csv.py", table, tmp_path / "pictures"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **settings},
        )
        programs.append(program)
        return program

    yield start
    for program in programs:
        program.kill()
        program.communicate()


def test_pictures_of_a_table(pictures, emulator, tmp_path):
    """Interrupted at some moments and run again, it has each picture, and pays for each once."""
    chance = random.Random(4)
    for _ in range(3):
        program, before = pictures(), len(emulator.ledger())
        target = before + chance.randrange(1, 6)
        deadline = time.monotonic() + PATIENCE
        while len(emulator.ledger()) < target and time.monotonic() < deadline:
            if program.poll() is not None or len(emulator.ledger()) == ROWS:
                break
            threading.Event().wait(0.01)
        program.send_signal(signal.SIGINT)
        program.communicate(timeout=PATIENCE)
    out, err = pictures().communicate(timeout=PATIENCE)
    names = {path.name for path in (tmp_path / "pictures").glob("*.png")}

    assert ("", "") == (out, err)
    assert {f"row.{n}.png" for n in range(ROWS)} == names
    assert [str(n) for n in range(ROWS)] == sorted(
        (entry.input["prompt"] for entry in emulator.ledger()), key=int
    )


def test_lost_answer_is_found_again(pictures, emulator, tmp_path):
    """A submit whose answer was lost is looked for at the next run, and not paid twice."""
    rule = {"method": "POST", "path": "*flux-dev", "fault": "drop_after_accept", "times": 3}
    emulator.faults([rule])
    pictures().communicate(timeout=PATIENCE)
    unknown = len(list((tmp_path / "pictures").glob("*.unknown")))
    pictures().communicate(timeout=PATIENCE)

    assert 3 == unknown
    assert ROWS == len(list((tmp_path / "pictures").glob("*.png"))) == len(emulator.ledger())


# --- fastapi_app.py


@pytest.fixture
def service(settings, tmp_path):
    """The address of the running app."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        **settings,
        "CALLBACK_SECRET": "a secret of the receiver alone",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DATABASE": str(tmp_path / "pictures.db"),
    }
    serve = ["-m", "uvicorn", "--app-dir", EXAMPLES, "fastapi_app:app", "--port", str(port)]
    with subprocess.Popen(
        [sys.executable, *serve], env=environment, stderr=subprocess.PIPE, text=True
    ) as server:
        for line in server.stderr:
            if "Uvicorn running" in line:
                break
        threading.Thread(target=server.stderr.read, daemon=True).start()
        yield f"http://127.0.0.1:{port}"
        server.terminate()


def test_service(service, emulator, http):
    """A task is submitted, delivered, confirmed and shown with its picture."""
    made = http.post(f"{service}/pictures", json={"prompt": "a lighthouse"}).json()
    deadline = time.monotonic() + PATIENCE
    while not emulator.deliveries() and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    [delivery] = emulator.deliveries()
    shown = http.get(f"{service}/pictures/{made['id']}").json()

    assert 202 == delivery.status
    assert [made["id"]] == [entry.id for entry in emulator.ledger()]
    assert (made["id"], "completed") == (shown["id"], shown["status"])
    assert 200 == http.get(shown["urls"][0]).status_code


def test_service_refuses(service, emulator, http):
    """What is no order, no task and no delivery has an answer of its own; errors are passed on."""
    emulator.faults([{"method": "POST", "path": "*flux-dev", "fault": "status", "status": 403}])
    refused = http.post(f"{service}/pictures", json={"prompt": "a lighthouse"})

    assert 422 == http.post(f"{service}/pictures", json={}).status_code
    assert 404 == http.get(f"{service}/pictures/pred_0").status_code
    assert 401 == http.post(f"{service}/hooks", content=b"{}").status_code
    assert 502 == refused.status_code
    assert "403" in refused.json()["error"]


# --- team_ci.py

POSTER = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Poster",
    "x-model-type": "text-to-image",
    "type": "object",
    "required": ["headline"],
    "properties": {"headline": {"type": "string"}, "copies": {"type": "integer", "default": 1}},
}


@pytest.fixture
def team(tmp_path, python):
    """A team's schemas, and the package that was made of them."""
    (tmp_path / "schemas/acme").mkdir(parents=True)
    (tmp_path / "schemas/acme/poster.json").write_text(json.dumps(POSTER))
    folders = {"--schemas": "schemas", "--output": "acme_models", "--package": "acme_models"}
    words = [word for pair in folders.items() for word in pair]
    sources = str(EXAMPLES.parent / "codegen")
    made = python("-m", "get3w_codegen", "generate", *words, PYTHONPATH=sources)
    assert 0 == made.returncode, made.stderr
    return tmp_path


def check_of(team):
    path = [EXAMPLES.parent / each for each in ("core", "emulator", "codegen")]
    return subprocess.run(
        [sys.executable, EXAMPLES / "team_ci.py", "schemas", "acme_models"],
        cwd=team,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def test_check_of_a_team(team):
    """A package that fits its schemas passes, and each of its calls went through."""
    done = check_of(team)

    assert (0, "") == (done.returncode, done.stderr), done.stdout
    assert "1 models, 0 errors" in done.stdout


def test_check_of_a_team_that_forgot_to_generate(team):
    """A package that is behind its schemas fails."""
    schema = {**POSTER, "properties": {"headline": {"type": "string"}}}
    (team / "schemas/acme/poster.json").write_text(json.dumps(schema))

    assert 1 == check_of(team).returncode


# --- notebook.ipynb

CELLS = json.loads((EXAMPLES / "notebook.ipynb").read_text("utf-8"))["cells"]
CODE = ["".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"]
RUN = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for cell in json.load(open(sys.argv[1]))["cells"]:
    if cell["cell_type"] == "code":
        shell.run_cell("".join(cell["source"])).raise_error()
print("tasks", len(shell.user_ns["tasks"]), "errors", len(shell.user_ns["errors"]))
"""


@pytest.mark.parametrize("own", [True, False], ids=["its own emulator", "another server"])
def test_notebook(python, settings, emulator, own, tmp_path):
    """Each cell runs, with and without a server at hand; no output is kept in the file."""
    environment = {"IPYTHONDIR": str(tmp_path / "ipython"), **({} if own else settings)}
    done = python("-c", RUN, str(EXAMPLES / "notebook.ipynb"), **environment)

    assert 0 == done.returncode, done.stdout + done.stderr
    assert "tasks 12 errors 0" in done.stdout
    assert "12 of 12 done" in done.stderr
    assert (0 if own else 13) == len(emulator.ledger())
    assert len(CELLS) <= 11
    assert [] == [cell for cell in CELLS if cell.get("outputs")]


def test_notebook_satisfies_strict_checkers(tmp_path):
    """The cells, one below the other, have nothing for a strict type checker to mend."""
    lines = [line for cell in CODE for line in [*cell.splitlines()]]
    (tmp_path / "cells.py").write_text("\n".join(lines) + "\n", "utf-8")
    paths = [str(EXAMPLES.parent / folder) for folder in ("core", "generated", "emulator")]
    settings = {
        "typeCheckingMode": "strict",
        "extraPaths": paths,
        "reportUnusedExpression": False,  # what a cell ends in is shown
    }
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "-p", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert 0 == done.returncode, done.stdout
