"""Read Markdown pages: their titles, first sentences, headings and links."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_NOT_IN_SLUGS = re.compile(r"[^\w\- ]")
_SECOND_HEADING = re.compile(r"^## ", re.MULTILINE)
_PARSER = MarkdownIt("commonmark").enable("table")
_SENTENCE = re.compile(r".+?(?<!\.\.)[.:](?=\s|$)")


@dataclass(frozen=True)
class Link:
    """A relative link, or a picture, of a page.

    Attributes:
        page: The page.
        line: The line that its paragraph begins on.
        target: Where it leads, as it is written.
    """

    page: Path
    line: int
    target: str

    @property
    def path(self) -> Path:
        """The file or folder it leads to."""
        name = unquote(self.target.partition("#")[0])
        return (self.page.parent / name).resolve() if name else self.page.resolve()

    @property
    def anchor(self) -> str:
        """The heading it leads to, or ""."""
        return unquote(self.target.partition("#")[2])


def title(page: Path) -> str:
    """Return the text of a page's first heading, or ""."""
    return next(_texts(_beginning(page), "heading_open"), "")


def summary(page: Path) -> str:
    """Return the first sentence of a page's first paragraph that is about its subject, or ""."""
    # Some pages begin with what the tags of their facts mean.
    texts = _texts(_beginning(page), "paragraph_open")
    paragraphs = (each for each in texts if "[G]" not in each)
    said = next(paragraphs, "")
    return (found[0] if (found := _SENTENCE.match(said)) else said).rstrip(":")


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and the site name them."""
    return _anchors(page.resolve())


@cache
def _anchors(page: Path) -> set[str]:
    found: set[str] = set()
    for text in _texts(_parsed(page), "heading_open"):
        name = slug = _NOT_IN_SLUGS.sub("", text.lower()).strip().replace(" ", "-")
        number = 0
        while name in found:
            number += 1
            name = f"{slug}-{number}"
        found.add(name)
    return found


def links(page: Path) -> Iterator[Link]:
    """Yield the links of a page that stay in the checkout; code is not looked into."""
    for block in _parsed(page):
        line = block.map[0] + 1 if block.map else 0
        for token in block.children or ():
            target = token.attrGet("href") or token.attrGet("src")
            if isinstance(target, str) and not _ELSEWHERE.match(target):
                yield Link(page, line, target)


def broken(pages: Iterable[Path]) -> list[str]:
    """Return a line for each link of some pages that leads to no file or to no heading."""
    return [
        f"{link.page}:{link.line}: {link.target} leads nowhere"
        for page in pages
        for link in links(page)
        if not _leads_somewhere(link)
    ]


def _leads_somewhere(link: Link) -> bool:
    path = link.path
    if not path.exists():
        return False
    return not link.anchor or (path.suffix == ".md" and link.anchor in anchors(path))


def _texts(tokens: list[Token], kind: str) -> Iterator[str]:
    """Yield the text of each heading or paragraph on one line, without marks."""
    for opening, inline in pairwise(tokens):
        if opening.type == kind:
            parts = (
                each.content or " " * each.type.endswith("break") for each in inline.children or ()
            )
            yield " ".join("".join(parts).split())


def _beginning(page: Path) -> list[Token]:
    """Return what stands before the second heading, which is all that there is to say of a page."""
    head, *_ = _SECOND_HEADING.split(page.read_text(encoding="utf-8"), maxsplit=1)
    return _PARSER.parse(head)


def _parsed(page: Path) -> list[Token]:
    return _PARSER.parse(page.read_text(encoding="utf-8"))
