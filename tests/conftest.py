"""The distribution, built and installed once where nothing else of ours is to be seen.

Shared by the tests of what type checkers and of what editors see.
"""

import gc
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from .covering import covering

# Of each property that does not say how many; `make soak` asks for more.
EXAMPLES = int(os.environ.get("GET3W_EXAMPLES", "100"))
# How long an example takes says more of the machine's load than of the code.
settings.register_profile("get3w", deadline=None, max_examples=EXAMPLES)
settings.load_profile("get3w")

HERE = Path(__file__).parent
ROOT = HERE.parent
# The folders of tests that take seconds: no worker is left with one of them at the end.
LONGEST = {"batch", "browser", "cli", "e2e", "fidelity", "typing"}


# Tests that take minutes: each mark is left out unless `-m` names it.
LONG = {"soak": "`make soak` runs it", "editors": "`make editors` runs it"}


def pytest_configure(config):
    """Register the marks, and let Ctrl-C interrupt: a shell's background job ignores it.

    The runs of mypy of one worker share a cache, whose lock no other process waits for: nine of the
    ten seconds that a run takes are spent on pydantic.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    os.environ.setdefault("MYPY_CACHE_DIR", str(ROOT / f".mypy_cache/tests-{worker}"))
    for mark, how in LONG.items():
        config.addinivalue_line("markers", f"{mark}: takes minutes; {how}")
    config.addinivalue_line(
        "markers",
        "pairwise: a crossing of many axes, of which `make soak` runs what is in no pairwise cover",
    )
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)  # before `-m` selects
def pytest_collection_modifyitems(config, items):
    """Begin with the longest tests; leave out what takes minutes, unless it was asked for.

    That is what is marked so, and what the cover of a large crossing does not need.
    """
    crossings = defaultdict(list)
    for item in items:
        if item.get_closest_marker("pairwise"):
            crossings[item.parent, item.originalname].append(item)
    for cases in crossings.values():
        chosen = covering([axes(case.callspec.params) for case in cases])
        for number, case in enumerate(cases):
            if number not in chosen:
                case.add_marker("soak")
    items.sort(key=lambda item: item.path.relative_to(HERE).parts[0] not in LONGEST)
    left_out = [mark for mark in LONG if mark not in config.option.markexpr]
    long = {item for item in items if any(map(item.get_closest_marker, left_out))}
    if long:
        config.hook.pytest_deselected(items=list(long))
        items[:] = [item for item in items if item not in long]


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Let garbage collections pass over the modules and the tests, which stay to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """One more than there are cores: many a test waits for a fault to pass, or for a process."""
    usable = getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count() or 1))
    return len(usable(0)) + 1


def axes(parameters):
    """Return the axes of a case with something for each value that tells it from the others."""
    return {
        name: value if isinstance(value, str | int) else id(value)
        for name, value in parameters.items()
    }


@pytest.fixture(scope="module")
def struck_sockets():
    """Collect the sockets of struck calls within their module, where they are expected.

    An exception of a signal handler leaves the socket of an HTTP library to the garbage collector,
    and that would blame whichever test runs next.
    """
    yield
    gc.collect()


def run(*command, cwd, check=True):
    """Run a command that sees nothing of the checkout through the environment."""
    hidden = {"PYTHONPATH", "MYPYPATH", "PYTHONHOME", "VIRTUAL_ENV"}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={key: value for key, value in os.environ.items() if key not in hidden},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not check or 0 == done.returncode, done.stdout + done.stderr
    return done


def build(folder, *kinds):
    """Build the distribution into *folder*, with what is installed where that is enough."""
    installed = ["--no-isolation"] if importlib.util.find_spec("hatchling") else []
    run(sys.executable, "-m", "build", *installed, *kinds, "--outdir", folder, ROOT, cwd=ROOT)


@dataclass(frozen=True)
class Built:
    """What was built."""

    wheel: Path
    sdist: Path
    wheel_from_sdist: Path


@dataclass(frozen=True)
class Installed:
    """An environment that holds the wheel, and what it needs, but not the checkout."""

    folder: Path
    python: Path
    packages: Path

    def doctored(self, folder, **edits):
        """Return a copy of this environment in which modules of get3w_models are spoilt.

        Args:
            folder: Where the copy is put.
            edits: For each module the texts to replace, as pairs of old and new.
        """
        shutil.copytree(self.folder / "venv", folder / "venv", symlinks=True)
        move = [folder / path.relative_to(self.folder) for path in (self.python, self.packages)]
        for module, pairs in edits.items():
            path = move[1] / "get3w_models" / f"{module}.py"
            text = path.read_text(encoding="utf-8")
            for old, new in pairs:
                assert old in text, f"{module} has no {old!r}"
                text = text.replace(old, new)
            path.write_text(text, encoding="utf-8")
        return Installed(folder, *move)


@pytest.fixture(scope="session")
def root():
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """Return a function that makes a folder once for all workers of this run, and gives its path.

    No test may change what is in it.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made_once(name, make):
        from filelock import FileLock  # not there where only some of the tests run

        folder = shared / name
        with FileLock(shared / f"{name}.lock"):
            if not folder.exists():
                unfinished = Path(tempfile.mkdtemp(dir=shared))
                make(unfinished)
                unfinished.rename(folder)
        return folder

    return made_once


def build_all(folder):
    """Put the wheel from the checkout, the sdist, and the wheel from the sdist into *folder*."""
    with ThreadPoolExecutor(2) as pool:
        jobs = [
            pool.submit(build, folder / "straight", "--wheel"),
            pool.submit(build, folder / "roundabout"),
        ]
        for job in jobs:
            job.result()


@pytest.fixture(scope="session")
def built(made_once):
    """The wheel from the checkout, the sdist, and the wheel from the sdist."""
    folder = made_once("built", build_all)
    straight, roundabout = folder / "straight", folder / "roundabout"
    (wheel,) = straight.glob("*.whl")
    (sdist,) = roundabout.glob("*.tar.gz")
    (wheel_from_sdist,) = roundabout.glob("*.whl")
    return Built(wheel, sdist, wheel_from_sdist)


@pytest.fixture(scope="session")
def installed(built, tmp_path_factory):
    """The wheel in a new environment, with the dependencies of this one beside it."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", with_pip=False, symlinks=os.name != "nt")
    python = folder / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = ("install", "--quiet", "--no-deps", "--no-index", built.wheel)
    run(sys.executable, "-m", "pip", "--python", python, *install, cwd=folder)
    show = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(run(python, "-c", show, cwd=folder).stdout.strip())
    # A plain path: what `.pth` files there add, such as this checkout, does not come along.
    dependencies = packages / "zz_dependencies.pth"
    dependencies.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return Installed(folder, python, packages)


@pytest.fixture(scope="session")
def command():
    """The function that runs a command without the checkout in its environment."""
    return run


@pytest.fixture(scope="session")
def shows():
    """The function that compares what a page shows with what was printed.

    Ids of predictions and ports differ from run to run; three dots stand for anything.
    """

    def plain(text):
        return re.sub(r"127\.0\.0\.1:\d+", "ADDRESS", re.sub(r"pred_[0-9a-f]+", "ID", text)).strip()

    def shows(shown, printed):
        pattern = re.escape(plain(shown)).replace(re.escape("..."), r".*?")
        return re.fullmatch(pattern, plain(printed), re.DOTALL) is not None

    return shows
