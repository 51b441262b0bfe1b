"""A real Chromium, and the page in it; what it logs or asks others for fails its test."""

import shutil
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from get3w_emulator import running
from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
).split()
SECONDS = 10


@pytest.fixture(scope="module")
def emulator():
    with running(image_seconds=0.1) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def http(emulator):
    """A program beside the page."""
    key = {"Authorization": f"Bearer {emulator.api_key}"}
    with httpx.Client(base_url=emulator.url, headers=key) as client:
        yield client


@pytest.fixture(scope="module")
def browser():
    """A browser with no profile; it goes with the module, since it holds the event loop."""
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        pytest.skip("there is no Chromium; bring it with: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


class Watched:
    """What a page did beside what a test asked of it.

    Attributes:
        problems: What it logged as an error, threw, or asked another server for.
        expected: Parts of problems that the test brings about itself.
    """

    def __init__(self, context, origin):
        self.problems = []
        self.expected = []
        context.on("console", self._logged)
        context.on("weberror", lambda error: self.problems.append(f"thrown: {error.error}"))
        context.on("request", lambda request: self._requested(request.url, origin))

    def _logged(self, message):
        if message.type in ("error", "warning"):
            self.problems.append(f"logged: {message.text}")

    def _requested(self, url, origin):
        if not url.startswith((f"{origin}/", "data:", "blob:")):
            self.problems.append(f"asked elsewhere: {urlsplit(url).netloc}")

    def left(self):
        return [
            problem
            for problem in self.problems
            if not any(expected in problem for expected in self.expected)
        ]


@pytest.fixture
def open_page(browser, emulator):
    """Return a function that opens the page: a new browser profile for each call."""
    emulator.reset()
    opened = []

    def open_(path="", *, origin=emulator.url, **options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 860}, **options})
        context.set_default_timeout(SECONDS * 1000)
        watched = Watched(context, origin)
        opened.append((context, watched))
        page = context.new_page()
        page.watched = watched
        page.goto(f"{origin}/{path}")
        page.locator("main > .view").wait_for()
        return page

    yield open_
    for context, _ in opened:
        context.close()
    assert [] == [problem for _, watched in opened for problem in watched.left()]


@pytest.fixture
def page(open_page):
    """The page as it opens."""
    return open_page()


@pytest.fixture(scope="session")
def screenshots():
    folder = Path(__file__).parents[2] / "build/screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
