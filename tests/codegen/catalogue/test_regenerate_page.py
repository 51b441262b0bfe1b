"""docs/regenerate.md shows what the command really prints."""

import re
import shlex
import tomllib


def test_walk_through_is_real(run, checkout):
    """The diff that the page shows is what the command prints, and so is its changelog line."""
    page = (checkout / "docs/regenerate.md").read_text(encoding="utf-8")
    shown = re.search(r"\$ get3w-codegen (diff schemas/\S+ \S+)\n(.*?)```", page, re.DOTALL)
    command, output = shown.groups()

    done = run(*shlex.split(command), cwd=checkout)

    assert output == done.stdout


def test_walk_through_writes_that_line(run, checkout, tmp_path):
    """The changelog line of the page is the one that --changelog writes."""
    page = (checkout / "docs/regenerate.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^- \*\*Breaking\.\*\*.*$", page, re.MULTILINE)
    folder = checkout / "schemas/kwaivgi"

    run(
        "diff",
        folder / "kling-v2.5-turbo-pro/image-to-video.json",
        folder / "kling-v2.6-pro/image-to-video.json",
        "--changelog",
    )

    assert line in (tmp_path / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()


def test_project_file_is_one(checkout):
    """The project file for a package of one's own is TOML, and needs no extra at run time."""
    page = (checkout / "docs/own-package.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)

    assert ["get3w-models"] == tomllib.loads(text)["project"]["dependencies"]


def test_options_of_the_page_exist(run, checkout):
    """Each option that the page names for pull is one of its options."""
    page = (checkout / "docs/regenerate.md").read_text(encoding="utf-8")
    usage = re.search(r"`get3w-codegen pull (.*?)` reads", page, re.DOTALL)[1]
    said = run("pull", "--help").stdout

    options = re.findall(r"--[a-z-]+", usage)
    assert 5 == len(options)
    assert [] == [option for option in options if option not in said]
