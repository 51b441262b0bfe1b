"""Build the documentation: `python -m website`, or `make docs`."""

import argparse
import sys
import time
from pathlib import Path

from get3w_emulator import SetupError

from website.builder import INSTALL, BuildError, build, is_installed
from website.staging import stage

_ROOT = Path(__file__).parents[1]


def main() -> int:
    """Build the site, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m website", description=__doc__)
    parser.add_argument("--schemas", type=Path, default=_ROOT / "schemas", metavar="DIR")
    parser.add_argument("--package", default="get3w_models", metavar="NAME")
    parser.add_argument("--output", type=Path, default=_ROOT / "build/docs", metavar="DIR")
    parser.add_argument("--pages-only", action="store_true", help="write the Markdown, no HTML")
    options = parser.parse_args()
    started = time.perf_counter()
    pages, site = options.output / "pages", options.output / "site"
    if not options.pages_only and not is_installed():
        print(f"Zensical, which builds the site, is not installed: {INSTALL}", file=sys.stderr)
        return 2
    try:
        for line in stage(_ROOT, options.schemas, options.package, pages):
            print(f"no page: {line}", file=sys.stderr)
        written = time.perf_counter()
        number = sum(1 for _ in pages.rglob("*.md"))
        print(f"{number} pages in {pages} ({written - started:.1f} s)")
        if options.pages_only:
            return 0
        build(pages, site)
    except (BuildError, SetupError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1
    index = (site / "search.js").stat().st_size / 1e6
    print(
        f"{site / 'index.html'} ({time.perf_counter() - written:.1f} s,"
        f" search index {index:.1f} MB)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
