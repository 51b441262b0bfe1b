"""The documentation as a whole: its links, its navigation, and the API reference."""

import re

import get3w_batch
import get3w_core
import get3w_emulator
import get3w_testing
import pytest

from tests.website.conftest import ROOT
from website.markdown_pages import anchors, broken, summary, title
from website.navigation import SECTIONS, sections
from website.reference import PARTS, write_reference

WRITTEN = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
README_OF_EMULATOR = ROOT / "emulator/get3w_emulator/README.md"


@pytest.mark.parametrize(
    "page", [*WRITTEN, README_OF_EMULATOR], ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_links_lead_somewhere(page):
    """Each relative link and picture of a page leads to a file, and its anchor to a heading."""
    assert [] == broken([page])


def test_broken_links_are_found(tmp_path):
    """A missing file, a missing heading and a missing picture are named with their line."""
    page = tmp_path / "page.md"
    page.write_text(
        "# Page\n\n[a](page.md#page) [b](#page) [c](https://a.example/)\n\n"
        "[d](missing.md)\n\n[e](#missing)\n\n![f](missing.png)\n\n`[g](code.md)`\n",
        encoding="utf-8",
    )

    assert [
        f"{page}:5: missing.md leads nowhere",
        f"{page}:7: #missing leads nowhere",
        f"{page}:9: missing.png leads nowhere",
    ] == broken([page])


def test_anchors_are_those_of_github(tmp_path):
    """Small letters, no punctuation, a number for what comes again."""
    page = tmp_path / "page.md"
    page.write_text("# It's `a.b`: one\n\n## Two\n\n## Two\n", encoding="utf-8")

    assert {"its-ab-one", "two", "two-1"} == anchors(page)


def test_title_and_summary(tmp_path):
    """A page is listed with its heading and its first sentence, without marks."""
    page = tmp_path / "page.md"
    page.write_text(
        "# The `get3w` [command](a.md)\n\nFacts are tagged: **[G]** is theirs.\n\n"
        "It runs\n*every* model... of v1.1. And more.\n\n## Next\n",
        encoding="utf-8",
    )

    assert ("The get3w command", "It runs every model... of v1.1.") == (title(page), summary(page))


def test_every_page_is_in_the_navigation():
    """A page of docs/ that nobody lists is found by nobody; what is listed is there."""
    listed = {page for _, found in sections_of_checkout() for page in found}

    assert [] == [page.name for page in WRITTEN if page not in listed]


def sections_of_checkout():
    """Return the navigation less what is made at build time."""
    made = {name for section in SECTIONS for name in section.pages if "/reference/" in name}
    missing = {name for section in SECTIONS for name in section.pages if not (ROOT / name).exists()}
    assert set() == missing - made
    return [
        (section.title, [page for name in section.pages for page in pages_at(name)])
        for section in SECTIONS
    ]


def pages_at(name):
    path = ROOT / name
    return [*path.glob("*.md")] if name.endswith("/") else [path]


def test_missing_page_is_an_error(tmp_path):
    """A name in the navigation without a page ends the build."""
    with pytest.raises(FileNotFoundError, match=r"README\.md is in the navigation"):
        sections(tmp_path)


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    write_reference(ROOT, folder)
    return {part: (folder / f"{part.name}.md").read_text(encoding="utf-8") for part in PARTS}


@pytest.mark.parametrize("package", [get3w_batch, get3w_core, get3w_emulator, get3w_testing])
def test_reference_has_every_public_name_once(reference, package):
    """Each public name of a package has one heading on one page."""
    found = [
        name
        for part, text in reference.items()
        if part.package == package.__name__
        for name in re.findall(r"^## (\w+)$", text, re.MULTILINE)
        if not name.startswith("get3w_")  # fixtures
    ]
    exported = getattr(package, "__all__", None) or package._MODULES

    assert sorted(set(exported) - {"__version__"}) == sorted(found)


def test_reference_says_what_docstrings_say(reference):
    """Signatures with types, parameters, errors, and what a class inherits from one not public."""
    [clients] = [text for part, text in reference.items() if part.name == "client"]
    submit = clients.partition("### Client.submit\n")[2].partition("### ")[0]

    assert "    webhook_url: str | None = None,\n" in submit
    assert "- `request`: The model's input." in submit
    assert "- `SubmitOutcomeUnknownError`: " in submit
    assert "### Prediction.status" in clients
    assert "on_update: Callable" in clients
    assert "DEFAULT_" not in clients


def test_reference_has_the_fixtures_of_the_plugin(reference):
    """A fixture is no name that is imported, and needs its page all the more."""
    [text] = [text for part, text in reference.items() if part.name == "testing"]

    assert "## get3w_client" in text
    assert "## get3w_emulator" in text
