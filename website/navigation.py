"""The order of the pages: what the site's navigation and `llms.txt` list.

A page stands here by its file; what it is called there is its own heading. A folder stands for all
pages in it. Every page of `docs/` has to be listed, which a test checks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from website.reference import PARTS


@dataclass(frozen=True)
class Section:
    """A part of the navigation.

    Attributes:
        title: Its title.
        pages: The pages, as paths in the checkout; one that ends in "/" is a folder of them.
    """

    title: str
    pages: tuple[str, ...]


MODELS: Final = "docs/models"
"""The folder of the pages of all models; the list of them is the page of the same name."""

REFERENCE: Final = "docs/reference"
"""The folder of the API reference."""

HOME: Final = "README.md"

LISTS: Final = ("index.md", HOME)
"""The names of a page that lists its folder."""

SECTIONS: Final = (
    Section(
        "Start",
        (
            HOME,
            "docs/start.md",
            "docs/limits.md",
            "docs/costs.md",
            "docs/troubleshooting.md",
            "docs/glossary.md",
        ),
    ),
    Section(
        "Guides",
        (
            "docs/typed-apps.md",
            "docs/requests.md",
            "docs/async.md",
            "docs/waiting.md",
            "docs/many.md",
            "docs/batches.md",
            "docs/files.md",
            "docs/outputs.md",
            "docs/notebooks.md",
            "docs/errors.md",
            "docs/unknown-outcomes.md",
            "docs/conditions.md",
            "docs/webhooks.md",
            "docs/events.md",
            "docs/client-options.md",
            "docs/cli.md",
            "docs/testing.md",
            "docs/emulator.md",
            "docs/playground.md",
            "docs/recipes.md",
        ),
    ),
    Section(
        "Models",
        (f"{MODELS}.md", "docs/own-package.md", "docs/schemas.md", "docs/regenerate.md"),
    ),
    Section("Reference", tuple(f"{REFERENCE}/{part.name}.md" for part in PARTS)),
    Section(
        "Background",
        (
            "docs/architecture.md",
            "docs/security.md",
            "docs/faults.md",
            "docs/fidelity.md",
            "docs/editors.md",
            "docs/benchmarks/",
            "docs/decisions/",
        ),
    ),
    Section(
        "Project",
        (
            "CHANGELOG.md",
            "CONTRIBUTING.md",
            "SECURITY.md",
            "docs/dependencies.md",
            "docs/releasing.md",
        ),
    ),
)


def sections(folder: Path) -> list[tuple[str, list[Path]]]:
    """Return the titles and the pages, of those that are in a folder laid out as the checkout.

    Raises:
        FileNotFoundError: A page is not there.
    """
    return [(each.title, list(_pages(folder, each))) for each in SECTIONS]


def _pages(folder: Path, section: Section) -> Iterator[Path]:
    for name in section.pages:
        path = folder / name
        if not path.exists():
            raise FileNotFoundError(f"{name} is in the navigation, and there is no such page")
        if name.endswith("/"):
            # The list of a folder, where it has one, comes first.
            yield from sorted(
                path.glob("*.md"), key=lambda each: (each.name not in LISTS, each.name)
            )
        else:
            yield path
