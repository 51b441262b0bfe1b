"""Every part of the benchmarks runs, in tiny sizes, and its page has the figures."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from bench.__main__ import PARTS

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(sys.platform != "linux", reason="memory and times are read from /proc")
@pytest.mark.parametrize("name", PARTS)
def test_part_runs_and_writes_its_page(name, tmp_path):
    """A tiny run leaves raw figures of ours, and a page and an index that show them."""
    command = [sys.executable, "-m", "bench", name, "--quick"]
    command += ["--raw", str(tmp_path / "raw"), "--docs", str(tmp_path / "docs")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert 0 == done.returncode, done.stderr

    page = import_module(f"bench.parts.{name}").PAGE
    raw = json.loads((tmp_path / f"raw/{name}.json").read_text(encoding="utf-8"))
    assert {each["measure"] for each in raw["figures"]} <= {each.key for each in page.measures}
    assert raw["figures"]
    assert [] == [each for each in raw["figures"] if not each["values"]]
    text = (tmp_path / f"docs/{name}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {page.title}\n")
    assert "load " in text
    assert f"[{page.title}]({name}.md)" in (tmp_path / "docs/index.md").read_text(encoding="utf-8")


def test_unknown_part_is_refused():
    """A part that there is not is named, with those that there are."""
    command = [sys.executable, "-m", "bench", "nonesuch"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert 2 == done.returncode
    assert "no part is called nonesuch; there are imports" in done.stderr
