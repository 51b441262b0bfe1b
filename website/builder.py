"""Build the site with Zensical: its settings, the run, and what is beside the HTML."""

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from website.markdown_pages import summary, title
from website.navigation import MODELS, sections

INSTALL: Final = "make docs"
"""The command that installs the builder."""

_ASSETS: Final = Path(__file__).with_name("assets")
_STYLE: Final = "site.css"
_SHIM: Final = "iframe-worker.js"  # by this name the builder leaves out one from another host
_NAME: Final = "get3w-models"
_ABOUT: Final = "A typed Python client for Get3W's AI model API."


class BuildError(Exception):
    """The site could not be built."""


def is_installed() -> bool:
    """Tell whether the builder is there."""
    return find_spec("zensical") is not None


def build(pages: Path, site: Path) -> None:
    """Build a folder of pages into a site, with the Markdown of each page and `llms.txt`.

    Args:
        pages: The pages; their settings are written beside the folder.
        site: Where the site goes; what it holds is removed.

    Raises:
        BuildError: A link leads nowhere, or the builder found another fault.
    """
    for name in (_STYLE, _SHIM):
        shutil.copy(_ASSETS / name, pages)
    settings = pages.with_name("mkdocs.yml")
    settings.write_text(json.dumps(_settings(pages, site), indent=2), encoding="utf-8")
    shutil.rmtree(site, ignore_errors=True)
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    done = subprocess.run(  # noqa: S603 - the command above, with nothing from outside
        [*command, "--config-file", str(settings)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BuildError(f"Zensical refused the pages:\n{done.stdout}")
    for page in pages.rglob("*.md"):
        shutil.copy(page, site / page.relative_to(pages))
    (site / "llms.txt").write_text(llms_txt(pages), encoding="utf-8", newline="\n")


def _settings(pages: Path, site: Path) -> dict[str, object]:
    """Return the settings, in the form of MkDocs, which both builders read; JSON is YAML."""
    nav = [
        {part: [each.relative_to(pages).as_posix() for each in found]}
        for part, found in sections(pages)
    ]
    palette = [
        {
            "media": f"(prefers-color-scheme: {scheme})",
            "scheme": name,
            "toggle": {"icon": f"lucide/{icon}", "name": f"Show it in {other} colours"},
        }
        for scheme, name, icon, other in (
            ("light", "default", "sun", "dark"),
            ("dark", "slate", "moon", "light"),
        )
    ]
    return {
        "site_name": _NAME,
        "site_description": _ABOUT,
        "docs_dir": pages.name,
        "site_dir": str(site.resolve()),
        "use_directory_urls": False,  # so that links work without a server
        "strict": True,
        "nav": nav,
        "theme": {
            "name": "material",
            "language": "en",
            "font": False,  # nothing is loaded from another host
            "palette": palette,
            "features": [
                "content.code.copy",
                "navigation.prune",
                "navigation.sections",
                "navigation.tabs",
                "navigation.top",
                "search.highlight",
                "toc.follow",
            ],
        },
        "extra": {"generator": False, "polyfills": [_SHIM]},
        "extra_css": [_STYLE],
        "plugins": ["search", "offline"],
        "markdown_extensions": [
            "tables",
            {"toc": {"permalink": True}},
            {"pymdownx.highlight": {"pygments_lang_class": True}},
            "pymdownx.superfences",
            "pymdownx.escapeall",
        ],
        "validation": {"invalid_links": True, "invalid_link_anchors": True},
    }


def llms_txt(pages: Path) -> str:
    """Return the list of all pages for language models, in the form of llmstxt.org."""
    lines = [f"# {_NAME}", "", f"> {_ABOUT}"]
    listed: set[Path] = set()
    for part, found in sections(pages):
        lines += ["", f"## {part}", "", *(_entry(pages, each) for each in found)]
        listed |= {*found}
    others = [each for each in sorted(pages.rglob("*.md")) if each not in listed]
    of_models = [each for each in others if each.is_relative_to(pages / MODELS)]
    rest = [each for each in others if not each.is_relative_to(pages / MODELS)]
    for part, found in (("Each model", of_models), ("Optional", rest)):
        if found:
            lines += ["", f"## {part}", "", *(_entry(pages, each) for each in found)]
    return "\n".join([*lines, ""])


def _entry(pages: Path, page: Path) -> str:
    place = page.relative_to(pages).as_posix()
    said = summary(page)
    return f"- [{title(page) or place}]({place})" + (f": {said}" if said else "")
