"""The documentation as a whole: nothing public is missing, every link leads somewhere."""

import inspect
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import get3w_batch
import get3w_core
import get3w_models
import pytest
from get3w_core import AsyncClient, Client, SubmitOutcomeUnknownError
from get3w_core.api.verdicts import Verdict
from get3w_models import submit_flux_dev

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "emulator/get3w_emulator/README.md"]
)
LINK = re.compile(r"(!?)\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")
CODE = re.compile(r"^(?:```.*?^```|    .*?$)|`[^`\n]*`", re.MULTILINE | re.DOTALL)
LARGEST = 150_000  # of a picture, in bytes


def public(module):
    """The names of the public errors of a module."""
    values = {name: getattr(module, name) for name in module.__all__}
    return {
        name
        for name, value in values.items()
        if isinstance(value, type) and issubclass(value, Exception)
    }


def rows(page):
    """The names that begin the rows of the tables of a page."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    return set(re.findall(r"^\| `(\w+)`", text, re.MULTILINE))


def anchors(text):
    """The anchors of the headings of a page, as GitHub makes them."""
    found = set()
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    for heading in re.findall(r"^#+ (.*)$", prose, re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", heading.lower())
        found.add(plain.strip().replace(" ", "-"))
    return found


def links():
    for page in PAGES:
        for is_picture, target in LINK.findall(CODE.sub("", page.read_text("utf-8"))):
            yield page, bool(is_picture), target


def test_every_public_error_is_explained():
    """docs/errors.md has a row for each error of the core, and names those of batches."""
    text = (ROOT / "docs/errors.md").read_text("utf-8")

    assert set() == public(get3w_core) - rows("errors.md") - {"Get3WError"}
    assert set() == {name for name in public(get3w_batch) if f"`{name}`" not in text}


@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_every_option_of_a_client_is_explained(client):
    """docs/client-options.md has a row for each parameter of a client, and no other."""
    page = (ROOT / "docs/client-options.md").read_text("utf-8")
    named = set(re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE))

    assert set(inspect.signature(client).parameters) == named


def test_defaults_of_options_are_right():
    """The default that the page names is that of the parameter, where it is a plain value."""
    page = (ROOT / "docs/client-options.md").read_text("utf-8")
    shown = dict(re.findall(r"^\| `(\w+)` \|.*\| (.*?) \|$", page, re.MULTILINE))
    defaults = {
        name: f"{each.default:g}" if type(each.default) is float else f"{each.default}"
        for name, each in inspect.signature(Client).parameters.items()
        if each.default is not None
    }

    assert defaults == {name: shown[name].strip("`") for name in defaults}


def test_every_link_leads_somewhere():
    """A relative link of a page leads to a file that is there, and to a heading that it has."""
    wrong = []
    for page, _, target in links():
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists():
            wrong.append(f"{page.name}: {target} is not there")
        elif anchor and anchor not in anchors(file.read_text("utf-8")):
            wrong.append(f"{page.name}: {target} has no such heading")

    assert [] == wrong


def test_every_page_is_reached_from_readme():
    """Nobody has to know the name of a page: README, or a page that it links, leads there."""
    seen, left = set(), [ROOT / "README.md"]
    targets = {}
    for page, _, target in links():
        if not target.startswith("http"):
            file = (page.parent / target.partition("#")[0]).resolve()
            targets.setdefault(page, set()).add(file)
    while left:
        page = left.pop()
        seen.add(page)
        left += targets.get(page, set()) - seen - {*left}

    assert [] == [
        page.name
        for page in PAGES
        if page.parent == ROOT / "docs" and page not in seen and page.name != "index.md"
    ]


def test_pictures_are_small_and_described():
    """Each picture of a page is there, used, small, and has a text for those who see none."""
    used = set()
    for page, is_picture, target in links():
        if is_picture:
            file = (page.parent / target).resolve()
            used.add(file)
            assert file.stat().st_size <= LARGEST, file.name
            assert f"![]({target}" not in page.read_text("utf-8")
    made = {path for path in (ROOT / "docs/pictures").iterdir() if path.suffix in {".png", ".svg"}}

    assert 4 <= len(made)
    assert made <= used


def test_every_verdict_is_explained():
    """The table and the picture of docs/errors.md have each verdict that the code can give."""
    table = (ROOT / "docs/errors.md").read_text("utf-8")
    picture = (ROOT / "docs/pictures/submit.svg").read_text("utf-8")

    for verdict in Verdict:
        assert re.search(rf"^\| {verdict.value} \|", table, re.MULTILINE)
        assert f">{verdict.value}</text>" in picture


def test_each_model_that_is_documented_stands_in_readme():
    """README names those models, and no other number of them."""
    text = (ROOT / "README.md").read_text("utf-8")
    documented = get3w_models.model_ids(documented=True)

    assert 3 == len(documented), "README and docs/limits.md say three"
    assert [] == [name for name in documented if f"`{name}`" not in text]
    assert f"{len(get3w_models.model_ids())} models" in text


def test_every_make_target_exists():
    """A page names no target of make that the Makefile does not have."""
    targets = set(re.findall(r"^\.PHONY: ([\w-]+)", (ROOT / "Makefile").read_text(), re.MULTILINE))
    wrong = []
    for page in PAGES:
        code = "\n".join(each[0] for each in CODE.finditer(page.read_text("utf-8")))
        named = set(re.findall(r"(?:^|[`$;&]) ?make ([a-z][\w-]+)", code, re.MULTILINE))
        wrong += [f"{page.name}: make {name}" for name in named - targets]

    assert "test" in targets
    assert [] == wrong


def test_every_file_that_is_named_exists():
    """A page names no program or page of the checkout that is not there."""
    named = re.compile(
        r"(?<![\w/.])((?:tests|bench|docs|examples|core|codegen)/[\w/.-]+\.(?:py|md))"
    )
    wrong = [
        f"{page.name}: {name}"
        for page in PAGES
        for name in named.findall(page.read_text("utf-8"))
        if page.name != "CHANGELOG.md" and not (ROOT / name).exists()
    ]

    assert [] == wrong


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_fault_is_set_by_the_command_of_the_page(emulator):
    """docs/emulator.md: the command that sets a fault does so."""
    page = (ROOT / "docs/emulator.md").read_text("utf-8")
    [command] = re.findall(r"^\$ (curl .*)$", page, re.MULTILINE)
    words = [word.replace("http://127.0.0.1:8333", emulator.url) for word in shlex.split(command)]
    subprocess.run(["curl", "--silent", "--fail", *words[1:]], check=True, capture_output=True)
    client = Client(emulator.api_key, emulator.url)
    with client, pytest.raises(SubmitOutcomeUnknownError):
        submit_flux_dev("a lighthouse", client=client)

    assert 1 == len(emulator.ledger())
