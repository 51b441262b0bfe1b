"""`get3w-codegen diff`: what it reads, what it prints, how it exits, what it writes."""

import json
import subprocess

import pytest

from tests.codegen.conftest import write_schemas

OLD = {
    "acme/flux": {
        "type": "object",
        "x-base-price-usd": 0.1,
        "properties": {"prompt": {"type": "string"}, "width": {"type": "integer", "default": 512}},
        "required": ["prompt"],
    },
    "acme/gone": {"type": "object", "properties": {"x": {"type": "string"}}},
}
WIDER = {"type": "integer", "default": 1024}
NEW = {
    "acme/flux": {
        "type": "object",
        "x-base-price-usd": 0.2,
        "properties": {"prompt": {"type": "string", "maxLength": 9}, "width": WIDER},
        "required": ["prompt"],
    },
    "zeta/veo": {"type": "object", "properties": {"image": {"type": "string"}}},
}


@pytest.fixture
def diff(run, tmp_path):
    write_schemas(tmp_path / "old", OLD)
    write_schemas(tmp_path / "new", NEW)
    return lambda *options: run("diff", *options)


def test_text(diff):
    """The heaviest changes come first, and the version bump last."""
    done = diff("old", "new")

    assert 1 == done.returncode
    assert [
        "acme/flux (changed)",
        "  BREAKING  prompt: maxLength none → 9",
        "  billing   base price in USD 0.1 → 0.2",
        "  billing   width: default 512 → 1024",
        "acme/gone (removed)",
        "  BREAKING  the model is gone",
        "zeta/veo (added)",
        "  ok        a new model",
        "3 models: 2 breaking, 2 billing, 1 compatible.",
        "Suggested version bump: major (minor while the version is 0.x).",
    ] == done.stdout.splitlines()


def test_markdown(diff):
    """Markdown groups by weight, for the body of a pull request."""
    lines = diff("old", "new", "--format", "markdown").stdout.splitlines()

    assert "## Breaking" == lines[0]
    assert "- `acme/flux`: `prompt` maxLength none → 9" in lines
    assert lines.index("## Breaking") < lines.index("- `acme/gone`: the model is gone")


def test_json(diff):
    """JSON says the same to programs."""
    said = json.loads(diff("old", "new", "--format", "json").stdout)

    assert ("breaking", "major") == (said["weight"], said["bump"])
    assert {
        "kind": "default",
        "parameter": "width",
        "weight": "billing",
        "text": "default 512 → 1024",
        "decided": True,
    } in said["models"][0]["changes"]


@pytest.mark.parametrize(
    ("new", "status", "bump"),
    [
        (OLD, 0, "none"),
        ({**OLD, "zeta/veo": NEW["zeta/veo"]}, 0, "minor"),
        ({**OLD, "acme/flux": {**OLD["acme/flux"], "description": "Draws."}}, 0, "patch"),
        (NEW, 1, "major"),
    ],
)
def test_exit_status_and_bump(diff, tmp_path, new, status, bump):
    """0 when nothing is breaking, 1 when something is; and the bump that goes with it."""
    write_schemas(tmp_path / "third", new)

    done = diff("old", "third", "--format", "json")

    assert (status, bump) == (done.returncode, json.loads(done.stdout)["bump"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["old", "nowhere"], "There is no nowhere"),
        (["nowhere", "new"], "neither a folder nor a git revision"),
        (["--", "-x", "new"], "neither a folder nor a git revision"),
        (["old", "new/acme/flux.json"], "one of"),
        (["broken", "new"], "is not JSON"),
        (["old", "new", "--format", "html"], "invalid choice"),
        ([], "required: OLD"),
    ],
)
def test_misuse_is_status_2(diff, tmp_path, arguments, said):
    """What cannot be read is told in one line, apart from a breaking change."""
    write_schemas(tmp_path / "broken", {"a": "{"})

    refused = diff(*arguments)

    assert 2 == refused.returncode
    assert said.lower() in refused.stderr.lower()
    assert "Traceback" not in refused.stderr


def test_two_files_are_two_states_of_one_model(diff):
    """Two schemas are compared whatever they are called."""
    done = diff("old/acme/flux.json", "new/acme/flux.json")

    assert "prompt: maxLength none → 9" in done.stdout
    assert "1 model:" in done.stdout


def test_git_revision_is_compared_with_the_folder(run, tmp_path):
    """The old side may be a revision; by default the new one is schemas/ as it is."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-C", str(tmp_path)]
    write_schemas(tmp_path / "schemas", OLD)
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *command], check=True)
    write_schemas(tmp_path / "schemas", NEW)
    (tmp_path / "schemas/acme/gone.json").unlink()

    done = run("diff", "HEAD")

    assert 1 == done.returncode
    assert "width: default 512 → 1024" in done.stdout
    assert "acme/gone (removed)" in done.stdout
    assert 2 == run("diff", "v9").returncode


LINES = [
    "- **Breaking.** `acme/flux`: `prompt` maxLength none → 9; base price in USD 0.1 → 0.2;"
    " `width` default 512 → 1024.",
    "- **Breaking.** `acme/gone`: the model is gone.",
    "- `zeta/veo`: a new model.",
]


UNRELEASED = ["", "## Unreleased", "", "### Models", ""]
LAST = ["", "## 0.1.0"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "# Changelog\n\nWords.\n\n## Unreleased\n\n### Added\n\n- x\n\n## 0.1.0\n",
            [
                "# Changelog",
                "",
                "Words.",
                "",
                "## Unreleased",
                "",
                "### Models",
                "",
                *LINES,
                "",
                "### Added",
                "",
                "- x",
                "",
                "## 0.1.0",
            ],
        ),
        (
            "# Changelog\n\n## 0.1.0\n\n- x\n",
            [
                "# Changelog",
                "",
                "## Unreleased",
                "",
                "### Models",
                "",
                *LINES,
                "",
                "## 0.1.0",
                "",
                "- x",
            ],
        ),
        (
            "# Changelog\n\n## Unreleased\n\n### Models\n\n- old\n\n### Fixed\n\n- y\n",
            [
                "# Changelog",
                "",
                "## Unreleased",
                "",
                "### Models",
                "",
                "- old",
                *LINES,
                "",
                "### Fixed",
                "",
                "- y",
            ],
        ),
        (None, ["# Changelog", *UNRELEASED, *LINES]),
    ],
)
def test_changelog_entry_is_written_once(diff, tmp_path, before, after):
    """--changelog adds the entry to what is not released yet; a second run adds nothing."""
    path = tmp_path / "CHANGELOG.md"
    if before is not None:
        path.write_text(before)

    for _ in range(2):
        diff("old", "new", "--changelog")

        assert after == path.read_text().splitlines()
