"""Gather all pages in one folder, laid out as the checkout is, so that their links stay right."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from website.markdown_pages import links, title
from website.models import write_model_pages
from website.navigation import HOME, LISTS, MODELS, REFERENCE
from website.reference import write_reference

_SHOWN = {".py": "python"}  # files that are linked, and shown as a page of their own


def stage(root: Path, schemas: Path, package: str, pages: Path) -> list[str]:
    """Write all pages below a new folder.

    Args:
        root: The checkout.
        schemas: The schemas of the models that have pages.
        package: The import name of the package that was made of them.
        pages: The folder; what it holds is removed.

    Returns:
        A line for each model that has no page, with the reason.
    """
    shutil.rmtree(pages, ignore_errors=True)
    shutil.copytree(root / "docs", pages / "docs")
    for page in root.glob("*.md"):
        shutil.copy(page, pages)
    write_reference(root, pages / REFERENCE)
    for page in sorted(pages.rglob("*.md")):
        _bring_along(root, pages, page)
    # Last: there are many, and they lead to each other alone.
    return write_model_pages(schemas, pages / MODELS, package)


def _bring_along(root: Path, pages: Path, page: Path) -> None:
    """Copy what a page leads to outside of the documentation, and lead there."""
    targets: dict[str, str] = {}
    for link in links(page):
        place = link.path.relative_to(pages.resolve())
        source, copy = root / place, pages / place
        if not source.exists():
            continue
        if source.is_dir():
            lists = [each for each in LISTS if (copy / each).exists()]
            targets[link.target] = f"{link.target.rstrip('/')}/{lists[0] if lists else HOME}"
            if not lists:
                _list_folder(root, pages, place)
        elif source.suffix in _SHOWN:
            targets[link.target] = f"{link.target}.md"
            _show(source, copy.with_name(f"{copy.name}.md"))
        elif not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy)
            if copy.suffix == ".md":
                _bring_along(root, pages, copy)
    text = page.read_text(encoding="utf-8")
    for target, instead in targets.items():
        text = text.replace(f"]({target})", f"]({instead})")
    page.write_text(text, encoding="utf-8", newline="\n")


def _show(source: Path, page: Path) -> None:
    page.parent.mkdir(parents=True, exist_ok=True)
    code = source.read_text(encoding="utf-8")
    fence = "`" * max(3, 1 + max(map(len, re.findall(r"`+", code)), default=0))
    language = _SHOWN[source.suffix]
    text = f"# {source.name}\n\n{fence}{language}\n{code.rstrip()}\n{fence}\n"
    page.write_text(text, encoding="utf-8", newline="\n")


def _list_folder(root: Path, pages: Path, place: Path) -> None:
    """Write a page that lists what is in a folder, with a page for each program."""
    page = pages / place / HOME
    page.parent.mkdir(parents=True, exist_ok=True)
    names = [*_contents(root / place)]
    rows = [f"- [{_label(root / place / name)}]({_page_name(name)})" for name in names]
    text = "\n".join([f"# {place.name.capitalize()}", "", *rows, ""])
    page.write_text(text, encoding="utf-8", newline="\n")
    for name in names:
        source = root / place / name
        if source.suffix in _SHOWN:
            _show(source, page.with_name(f"{name}.md"))
        elif not page.with_name(name).exists():
            shutil.copy(source, page.parent)


def _label(path: Path) -> str:
    return title(path) if path.suffix == ".md" else path.name


def _page_name(name: str) -> str:
    return f"{name}.md" if Path(name).suffix in _SHOWN else name


def _contents(folder: Path) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith("."):
            yield path.name
