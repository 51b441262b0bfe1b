"""The built site: it needs no network and no server, and has the Markdown of each page."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.website.conftest import ROOT, SAMPLE
from website.builder import BuildError, build, is_installed
from website.navigation import SECTIONS
from website.staging import stage

pytestmark = pytest.mark.skipif(
    not is_installed(), reason="the builder of the site is not installed; bring it with: make docs"
)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)


@pytest.fixture(scope="module")
def site(tmp_path_factory, schemas):
    """The site with the models of the sample."""
    folder = tmp_path_factory.mktemp("site")
    assert [] == stage(ROOT, schemas, "get3w_models", folder / "pages")
    build(folder / "pages", folder / "site")
    return folder / "site"


class Loaded(HTMLParser):
    """Collects what a page loads by itself, which a link to follow is not."""

    def __init__(self):
        super().__init__()
        self.addresses = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        relation = given.get("rel", "")
        if tag in ("script", "img", "iframe", "source", "video") and given.get("src"):
            self.addresses.append(given["src"])
        if tag == "link" and not {"canonical", "prev", "next"} & set(relation.split()):
            self.addresses.append(given["href"])


def test_nothing_is_loaded_from_another_host(site):
    """Scripts, styles, fonts and pictures are the site's own."""
    pages = [*site.rglob("*.html")]
    for page in pages:
        reader = Loaded()
        reader.feed(page.read_text(encoding="utf-8"))

        assert reader.addresses
        assert [] == [each for each in reader.addresses if re.match(r"[a-z]+:|//", each)], page
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))

    assert 60 < len(pages)
    assert not re.search(r"(?:url\(|@import )[\"']?(?:https?:)?//", styles)


def test_every_page_has_its_markdown(site):
    """Beside each page of HTML is the Markdown it was made of, and `llms.txt` lists it."""
    listed = re.findall(r"^- \[.+\]\((\S+)\)", (site / "llms.txt").read_text("utf-8"), re.MULTILINE)
    twins = {path.relative_to(site).as_posix() for path in site.rglob("*.md")}
    pages = {path.relative_to(site) for path in site.rglob("*.html")} - {Path("404.html")}
    # The page of a folder may be made of either.
    names = [
        {page.with_suffix(".md").as_posix(), page.with_name("README.md").as_posix()}
        if page.name == "index.html"
        else {page.with_suffix(".md").as_posix()}
        for page in pages
    ]

    assert [] == [each for each in names if not each & twins]
    assert len(pages) == len(twins) == len(listed)
    assert twins == {*listed}
    assert {f"docs/models/{each}.md" for each in SAMPLE} <= twins


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("there is no Chromium; bring it with: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def test_search_needs_no_server(site, browser):
    """Opened as a file, the site finds a parameter of a model, and asks nobody else."""
    page = browser.new_page()
    others = []
    page.on("request", lambda sent: others.append(sent.url))
    page.goto((site / "docs/async.html").as_uri())
    page.keyboard.press("Control+k")
    page.keyboard.type("voice_list")
    page.get_by_text(SAMPLE[1]).first.wait_for()
    page.close()

    assert [] == [each for each in others if not each.startswith(("file:", "data:"))]


def test_pages_fit_a_phone(site, browser):
    """On a small screen a wide table scrolls by itself, and the page does not."""
    page = browser.new_page(viewport={"width": 390, "height": 800})
    names = ("index", "docs/models", f"docs/models/{SAMPLE[1]}", "docs/faults", "docs/editors")
    too_wide = []
    for name in names:
        page.goto((site / f"{name}.html").as_uri())
        if 390 < page.evaluate("document.documentElement.scrollWidth"):
            too_wide.append(name)
    page.close()

    assert [] == too_wide


def test_link_that_leads_nowhere_ends_the_build(tmp_path):
    """Strict: a wrong link is an error with its place, and no warning among others."""
    pages = tmp_path / "pages"
    for name in (name for section in SECTIONS for name in section.pages):
        page = pages / (f"{name}page.md" if name.endswith("/") else name)
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text("# Page\n\n[gone](gone.md)\n", encoding="utf-8")

    with pytest.raises(BuildError, match="page does not exist"):
        build(pages, tmp_path / "site")
