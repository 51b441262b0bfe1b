"""The workflows and the hook: what they call is there, and actionlint finds nothing in them."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def steps(path):
    """Yield every step of a workflow."""
    for job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values():
        yield from job["steps"]


def test_there_are_workflows():
    """Two of them: one judges a change, the other brings the models in step."""
    assert ["ci.yml", "regenerate.yml"] == [path.name for path in WORKFLOWS]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actionlint_finds_nothing(path):
    """The checker of workflows has nothing to say."""
    actionlint = shutil.which("actionlint")
    if actionlint is None:
        pytest.skip("actionlint is not installed; the job `workflows` runs it")
    done = subprocess.run([actionlint, path], capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stdout)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_calls_what_there_is(path):
    """Each make target, subcommand and folder of tests that a workflow names exists."""
    scripts = "\n".join(step.get("run", "") for step in steps(path))
    targets = set(re.findall(r"\bmake ([a-z-]+)", scripts))
    commands = set(re.findall(r"get3w-codegen ([a-z]+)", scripts))
    folders = set(re.findall(r"\btests/\w+", scripts))

    assert targets
    assert [] == [name for name in targets if f"\n.PHONY: {name} " not in MAKEFILE]
    modules = ROOT / "codegen/get3w_codegen"
    assert [] == [name for name in commands if not (modules / f"command_{name}.py").is_file()]
    assert [] == [name for name in folders if not (ROOT / name).is_dir()]


def test_every_promised_python_is_tested():
    """The matrix holds each Python that the package says it runs on."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    promised = {
        match[1]
        for line in project["classifiers"]
        if (match := re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", line))
    }
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))["jobs"]

    assert promised
    assert promised <= set(jobs["test"]["strategy"]["matrix"]["python"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_says_what_it_may(path):
    """Each workflow states its permissions; a secret or a token is given to one step, not a job."""
    text = path.read_text(encoding="utf-8")
    jobs = yaml.safe_load(text)["jobs"].values()
    secret = re.compile(r"secrets\.|github\.token")
    given = [step for step in steps(path) if secret.search(str(step))]

    assert "permissions" in yaml.safe_load(text)
    assert text.count("secrets.") <= 1
    assert len(given) == len(secret.findall(text))
    assert [] == [job["name"] for job in jobs if secret.search(str(job.get("env", "")))]
    assert [] == [step["run"] for step in given if "make " in step["run"]]


def test_what_is_proposed_is_checked_before():
    """A pull request of a workflow starts no other, so the job itself runs the checks first."""
    names = [step.get("run", "") for step in steps(ROOT / ".github/workflows/regenerate.yml")]
    (checked,) = (place for place, run in enumerate(names) if "make check test" == run)
    (opened,) = (place for place, run in enumerate(names) if "gh pr create" in run)

    assert checked < opened


def test_hook_checks_a_package():
    """The hook of pre-commit runs the check of `generate`, with the extra that it needs."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

    assert "get3w-codegen generate --check" == hook["entry"]
    assert [".[codegen]"] == hook["additional_dependencies"]
    assert hook["pass_filenames"] is False
