"""The workflows and the hook: what they call is there, and actionlint finds nothing in them."""

import os
import re
import runpy
import shutil
import subprocess
import sys
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
    """They judge a change, bring the models in step, and publish a release."""
    assert ["ci.yml", "regenerate.yml", "release.yml"] == [path.name for path in WORKFLOWS]


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
    modules = ROOT / "codegen/get3w_codegen/cli"
    assert [] == [name for name in commands if not (modules / f"{name}.py").is_file()]
    assert [] == [name for name in folders if not (ROOT / name).is_dir()]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_job_ends(path):
    """A schema that keeps the generator busy, or a test that waits, does not run for hours."""
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]

    assert [] == [name for name, job in jobs.items() if not 0 < job.get("timeout-minutes", 0) <= 90]


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
    workflow = yaml.safe_load(text)
    jobs = workflow["jobs"].values()
    secret = re.compile(r"secrets\.|github\.token")
    given = [step for step in steps(path) if secret.search(str(step))]

    assert {} == workflow["permissions"]
    assert [] == [job["name"] for job in jobs if "permissions" not in job]
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


def test_job_that_may_write_executes_nothing_that_was_pulled():
    """One job reads the list and may write nothing; the other runs a script of the checkout."""
    jobs = yaml.safe_load((ROOT / ".github/workflows/regenerate.yml").read_text(encoding="utf-8"))
    generate, propose = jobs["jobs"]["generate"], jobs["jobs"]["propose"]
    pulled = next(n for n, step in enumerate(generate["steps"]) if "Pull" in step.get("name", ""))
    runs = "\n".join(step.get("run", "") for step in propose["steps"])

    assert {"contents": "read"} == generate["permissions"]
    assert [] == [step for step in generate["steps"][pulled + 1 :] if "secrets." in str(step)]
    assert [] == re.findall(r"\b(?:make|pip|pytest|get3w-\w+)\b", runs)
    assert ["python3 .github/scripts/take_proposal.py"] == re.findall(r"python3 \S+", runs)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned(path):
    """Each action is named by a commit, and what is installed by a version."""
    used = [step["uses"] for step in steps(path) if "uses" in step]
    scripts = "\n".join(step.get("run", "") for step in steps(path))
    tools = re.findall(r"pipx (?:run|install) (\S+)", scripts)

    assert used
    assert [] == [each for each in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", each)]
    assert [] == [each for each in tools if "==" not in each]


SCRIPT = runpy.run_path(str(ROOT / ".github/scripts/take_proposal.py"))
GOOD = {
    "label": "breaking\n",
    "body.md": "What changed",
    "CHANGELOG.md": "# Changelog\n",
    "docs/models.md": "# Models\n",
    "schemas/names.lock.json": "{}",
    "schemas/acme/v1.5/text-to-image.json": "{}",
    "generated/get3w_models/__init__.py": "",
    "generated/get3w_models/_manifest.txt": "",
    "generated/get3w_models/py.typed": "",
    "generated/get3w_models/fox.py": "",
}


def laid_out(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_proposal_is_taken_whole(tmp_path):
    """What the other job made replaces what is there; a model that is gone goes."""
    checkout = laid_out(
        tmp_path / "checkout",
        {"schemas/old/gone.json": "{}", "generated/get3w_models/gone.py": "", "Makefile": "all:\n"},
    )
    proposal = laid_out(tmp_path / "proposal", GOOD)

    assert 0 == SCRIPT["main"](proposal, checkout)
    there = {
        path.relative_to(checkout).as_posix() for path in checkout.rglob("*") if path.is_file()
    }
    assert {*GOOD, "Makefile"} - {"label", "body.md"} == there


@pytest.mark.parametrize(
    "name",
    [
        ".github/workflows/ci.yml",
        ".git/config",
        ".gitattributes",
        "Makefile",
        "conftest.py",
        "generated/get3w_models/sub/module.py",
        "generated/get3w_models/conftest.pth",
        "generated/other/module.py",
        "schemas/run.py",
        "schemas/acme/.gitattributes",
        "schemas/..json",
        "docs/other.md",
        "tests/test_x.py",
    ],
)
def test_proposal_may_hold_nothing_else(tmp_path, capsys, name):
    """A file of another name is refused, and nothing is written."""
    checkout = laid_out(tmp_path / "checkout", {"schemas/old/fox.json": "{}"})
    proposal = laid_out(tmp_path / "proposal", {**GOOD, name: "x"})

    assert 1 == SCRIPT["main"](proposal, checkout)
    assert repr(name) in capsys.readouterr().err
    assert ["fox.json"] == [path.name for path in checkout.rglob("*") if path.is_file()]


@pytest.mark.parametrize("kind", ["link to a file", "link to a folder", "pipe"])
def test_proposal_holds_files_only(tmp_path, kind):
    """A link could read or replace files elsewhere, and a pipe would never end."""
    proposal = laid_out(tmp_path / "proposal", GOOD)
    path = proposal / "schemas/acme/other.json"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/etc/passwd" if kind == "link to a file" else "/etc")

    assert 1 == len(SCRIPT["problems"](proposal))


@pytest.mark.parametrize("label", [None, "", "nice", "breaking --repo other/other"])
def test_label_is_one_of_two(tmp_path, label):
    """The label reaches a command line, so it is one of two words."""
    files = {name: text for name, text in GOOD.items() if name != "label"}
    proposal = laid_out(tmp_path, files if label is None else {**files, "label": label})

    assert 1 == len(SCRIPT["problems"](proposal))


def test_hook_checks_a_package():
    """The hook of pre-commit runs the check of `generate`, with the extra that it needs."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

    assert "get3w-codegen generate --check" == hook["entry"]
    assert [".[codegen]"] == hook["additional_dependencies"]
    assert hook["pass_filenames"] is False


def hooks():
    """Return the hooks for contributors."""
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    return [
        (repo["repo"], hook) for repo in yaml.safe_load(text)["repos"] for hook in repo["hooks"]
    ]


def test_hooks_of_contributors_fetch_nothing():
    """Each hook runs a pinned tool, or a command of this checkout, from make's environment."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    pinned = [
        *project["dependency-groups"]["dev"],
        *project["project"]["optional-dependencies"]["codegen"],
    ]
    names = {each.partition("==")[0] for each in pinned if isinstance(each, str)}
    known = names | {"get3w_codegen"}

    names = [hook["id"] for _, hook in hooks()]
    assert ["ruff", "ruff-format", "typos", "generated", "mypy"] == names
    for repo, hook in hooks():
        tool = hook["entry"].removeprefix(".venv/bin/").removeprefix("python -m ").split()[0]
        assert ("local", "system") == (repo, hook["language"])
        assert hook["entry"].startswith(".venv/bin/")
        assert tool in known


def test_hook_checks_what_make_generates():
    """The hook's command is that of `make check`."""
    [made] = re.findall(r"^GENERATE := \$\(BIN\)/python (.+)$", MAKEFILE, re.MULTILINE)
    entries = {hook["id"]: hook["entry"] for _, hook in hooks()}

    assert f".venv/bin/python {made} --check" == entries["generated"]


def test_pre_commit_reads_the_hooks():
    """What is here for contributors and for other repositories has pre-commit's own form."""
    pytest.importorskip("pre_commit", reason="pre-commit is not installed")
    for command, name in (
        ("validate-config", ".pre-commit-config.yaml"),
        ("validate-manifest", ".pre-commit-hooks.yaml"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "pre_commit", command, ROOT / name],
            capture_output=True,
            text=True,
            check=False,
        )
        assert 0 == done.returncode, done.stdout + done.stderr


def test_coverage_measures_every_package_but_the_generated_one():
    """Each package that is written by hand is measured, in other processes too."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    run = project["tool"]["coverage"]["run"]
    packages = {
        path.partition("/")[2]
        for path in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    }

    assert packages - {"get3w_models"} == set(run["source_pkgs"])
    assert run["parallel"]
    assert "subprocess" in run["patch"]


def test_make_test_says_why_a_test_was_skipped():
    """The reasons stand at the end of the run."""
    [line] = re.findall(r"\ntest: .*\n\t@(.+)", MAKEFILE)

    assert "-rs" in line.split()
