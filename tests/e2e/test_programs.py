"""Every program of the documentation runs as somebody runs it who copied that one alone."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Written by hand. A page or a changelog that is made of schemas is never run: what stands there may
# be a stranger's. docs/own-package.md needs a package: see tests/typing/test_own_package.py.
NAMES = """
architecture async batches client-options conditions costs emulator errors events files many
notebooks outputs recipes requests start testing typed-apps unknown-outcomes waiting webhooks
"""
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(ROOT / f"docs/{name}.md" for name in NAMES.split()),
]
MADE_OF_SCHEMAS = [ROOT / "docs/models.md", ROOT / "docs/editors.md", ROOT / "CHANGELOG.md"]
# A program, and what it prints where the page shows that in a block right below it.
BLOCK = re.compile(
    r"^```python\n(.*?)^```\n(?:\n```(?:text)?\n(.*?)^```)?", re.MULTILINE | re.DOTALL
)
# The picture that the first program of README makes.
PICTURE = re.compile(r"(?:Path|upload)\(\"lighthouse\.png\"\)")
# What a project's own folder holds; its tests use the plugin.
SAMPLE = "def test_sample(get3w_emulator):\n    assert not get3w_emulator.ledger()\n"


def programs():
    for page in PAGES:
        text = page.read_text("utf-8")
        for block in BLOCK.finditer(text):
            line = text.count("\n", 0, block.start()) + 1
            yield pytest.param(block[1], block[2], id=f"{page.relative_to(ROOT).as_posix()}:{line}")


PROGRAMS = list(programs())


def command(program, folder):
    """Put a program where it belongs in a project, and return how it is run."""
    if "def test_" not in program and "@pytest.fixture" not in program:
        (folder / "program.py").write_text(program, "utf-8")
        return ["program.py"]
    if "def test_" in program:
        (folder / "test_program.py").write_text(program, "utf-8")
    else:
        (folder / "conftest.py").write_text(program, "utf-8")
        (folder / "test_program.py").write_text(SAMPLE, "utf-8")
    return ["-m", "pytest", "-q", "-p", "no:cacheprovider"]


@pytest.fixture
def run(get3w_emulator, tmp_path):
    """Run a program in a folder of its own, which is empty unless it reads the picture."""

    def run(program):
        # What a page tells to install, and an environment of the oldest versions does not have.
        if "from fastapi" in program:
            pytest.importorskip("fastapi")
        if "opentelemetry" in program:
            pytest.importorskip("opentelemetry.instrumentation.httpx")
        if PICTURE.search(program):
            (tmp_path / "lighthouse.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        return subprocess.run(
            [sys.executable, "-W", "error", *command(program, tmp_path)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            cwd=tmp_path,
            env={
                **os.environ,
                "GET3W_API_KEY": get3w_emulator.api_key,
                "GET3W_BASE_URL": get3w_emulator.url,
                "CALLBACK_SECRET": "a secret of the receiver alone",
                "WEBHOOK_SECRET": "whsec_testsecret",
            },
        )

    return run


def test_programs_are_found():
    """The search for programs finds those of the README and of each guide."""
    pages = {each.id.partition(":")[0] for each in PROGRAMS}

    assert 60 < len(PROGRAMS)
    assert {"README.md", "docs/start.md", "docs/errors.md", "docs/webhooks.md"} <= pages
    assert 15 < len([each for each in PROGRAMS if each.values[1]])


def test_pages_are_written_by_hand():
    """No page that is made of schemas is among those whose programs run; all others are."""
    mark = "<!-- Written by get3w-codegen"
    others = {
        path for path in (ROOT / "docs").glob("*.md") if "```python" in path.read_text("utf-8")
    }

    assert set() == {*PAGES} & {*MADE_OF_SCHEMAS}
    assert [] == [page.name for page in PAGES if page.read_text("utf-8").startswith(mark)]
    assert others - {*PAGES} <= {ROOT / "docs/own-package.md", *MADE_OF_SCHEMAS}


@pytest.mark.parametrize(("program", "printed"), PROGRAMS)
def test_program_runs_alone(run, shows, program, printed):
    """A program needs no other one of its page, prints what is shown, and nobody is warned."""
    done = run(program)
    shown = "progress=True" in program  # then there is a line on stderr

    assert (0, shown) == (done.returncode, done.stderr != ""), done.stdout + done.stderr
    assert printed is None or shows(printed, done.stdout), done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_says_what_its_programs_need(page):
    """A package, a variable or a picture that a program needs is named in the text of its page."""
    text = page.read_text("utf-8")
    programs = [block[1] for block in BLOCK.finditer(text)]
    words = BLOCK.sub("", text)
    needs = {"get3w_emulator": "emulator", "get3w_testing": "emulator", "get3w_batch": "batch"}
    missing = set()
    for program in programs:
        tops = set(re.findall(r"^\s*(?:from|import) (\w+)", program, re.MULTILINE))
        for top in tops - {*sys.stdlib_module_names, "get3w_core", "get3w_models", "pydantic"}:
            name = needs.get(top, top)
            if not re.search(rf"pip install [^\n]*\b{name}\b", words):
                missing.add(top)
        for variable in re.findall(r"os\.environ\[\"(\w+)\"\]", program):
            if f"export {variable}" not in words:
                missing.add(variable)
        if PICTURE.search(program) and "`lighthouse.png`" not in words:
            missing.add("lighthouse.png")

    assert set() == missing


def test_programs_satisfy_a_strict_type_checker(tmp_path):
    """Whoever copies a program into a strictly checked project has nothing to mend."""
    pytest.importorskip("pyright")
    for number, program in enumerate(PROGRAMS):
        (tmp_path / f"program_{number}.py").write_text(program.values[0], "utf-8")
    paths = [str(ROOT / folder) for folder in ("batch", "core", "generated", "emulator", "testing")]
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "extraPaths": paths}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "-p", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "0 errors, 0 warnings, 0 informations" in done.stdout, done.stdout
    assert 0 == done.returncode


def test_first_program_makes_a_picture(run, tmp_path):
    """The program that newcomers copy submits, waits and stores."""
    done = run(PROGRAMS[0].values[0])

    assert re.search(r"^submitted as pred_\w+$", done.stdout, re.MULTILINE)
    assert (tmp_path / "lighthouse.png").read_bytes().startswith(b"\x89PNG")


def test_events_keep_the_tasks_of_a_group_that_was_cancelled(run, get3w_emulator):
    """docs/async.md: each task of the ledger has a handle, or an event that says it may exist."""
    [program] = [each.values[0] for each in PROGRAMS if "except* BadRequestError" in each.values[0]]
    claim = """
refused = [event for event in failed if event.verdict == "rejected"]
assert len(refused) == 1, failed
assert len(kept) + len(failed) == 8, (kept, failed)
print("kept", *[each.id for each in kept])
print("unclear", len(unclear))
"""
    done = run(program + claim)
    assert 0 == done.returncode, done.stderr
    [kept] = re.findall(r"^kept ?(.*)$", done.stdout, re.MULTILINE)
    [unclear] = re.findall(r"^unclear (\d+)$", done.stdout, re.MULTILINE)
    tasks = {task.id for task in get3w_emulator.ledger()}

    assert set(kept.split()) <= tasks
    assert len(tasks) <= len(kept.split()) + int(unclear)


# The worker is killed between the answer to a submit and its note; the job is delivered again.
KILLED_WORKER = """
assert first == again
job, request = Path("job-18.json"), FluxDevRequest(prompt="a harbour")
job.write_text(request.model_dump_json())
with Client() as client:
    job.with_suffix(".sending").write_text(client.describe_submit(request).to_json())
    lost = client.submit(request)
with Client() as client:
    [path] = work(job, client)
assert lost.id in path.name
assert not job.with_suffix(".sending").exists()
"""
SERVICE = """
from starlette.testclient import TestClient

with TestClient(app) as http:
    made = http.post("/pictures", json={"prompt": "a lighthouse"})
    assert 202 == made.status_code, made.text
    assert http.get(f"/pictures/{made.json()['id']}").json()["status"]
    assert 422 == http.post("/pictures", json={"promt": "a lighthouse"}).status_code
    assert 404 == http.get("/pictures/pred_0").status_code
"""
PICTURES = "from pathlib import Path; pictures = list(Path('pictures').iterdir())"


@pytest.mark.parametrize(
    ("words", "claim", "tasks"),
    [
        ("lambda handle: print(", "assert prediction.status == 'completed'", 1),
        ("def work(job: Path", KILLED_WORKER, 2),
        ("async def lifespan", SERVICE, 1),
        ("sync_mode=True", "assert prediction.status == 'completed'", 2),
        ("for prediction in as_completed(", f"{PICTURES}; assert len(pictures) == 5", 5),
        ("return [prediction.output.url", "assert len(urls) == 2", 2),
        ("print(prediction.cost())", "assert prediction.cost() > 0", 1),
        ("SeedreamV4Request(prompt=", "assert [each.done for each in tasks] == [True] * 4", 4),
        ("kept.__setitem__", "assert [kept[n] for n in range(20)] == results", 20),
        ("concurrency=4)", "assert len(pictures) == 2", 2),
        ("except WaitTimeoutError as error", "assert len(finished) == 3", 3),
        ("errors.append(error)", "assert (3, 1) == (len(accepted), len(errors))", 3),
        ("reuse=False", "assert url == same != anew", 0),
        ("picture.open()", "assert picture.read()[1:4] == b'PNG'", 1),
        ("image.thumbnail", "assert image.size == (64, 64)", 1),
        ("case DataOutput():", "assert saved", 1),
        ('"{row}-{index}", row', f"{PICTURES}; assert len(pictures) == 2", 2),
        ("on_progress=show", f"{PICTURES}; assert paths == again == pictures", 1),
    ],
)
def test_program_does_what_its_page_says(run, get3w_emulator, words, claim, tasks):
    """What the page says of a program holds at its end."""
    [program] = [each.values[0] for each in PROGRAMS if words in each.values[0]]
    done = run(f"{program}\n{claim}\n")

    assert 0 == done.returncode, done.stderr
    assert tasks == len(get3w_emulator.ledger())


def test_spans_are_those_of_the_guide(run):
    """docs/events.md: spans come out for each HTTP attempt and for the task, and records too."""
    pytest.importorskip("opentelemetry.instrumentation.httpx")
    page = [each.values[0] for each in PROGRAMS if each.id.startswith("docs/events.md")]
    done = run("\n".join(page))
    decoder, spans, text = json.JSONDecoder(), [], done.stdout.strip()
    while text:
        span, end = decoder.raw_decode(text)
        spans.append(span)
        text = text[end:].lstrip()
    [task] = [span for span in spans if span["name"] == "get3w get3w/flux-dev"]

    assert 0 == done.returncode, done.stderr
    assert "INFO:get3w_core:get3w/flux-dev: submitted as pred_" in done.stderr
    assert {"POST", "GET", "get3w get3w/flux-dev"} == {span["name"] for span in spans}
    assert "completed" == task["attributes"]["get3w.status"]
    assert "polled" in {event["name"] for event in task["events"]}
