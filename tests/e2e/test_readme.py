"""The README's programs run as they stand."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "README.md"
PROGRAMS = [
    block
    for block in re.findall(r"^```python\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)
    if "def test_" not in block
]


def test_readme_holds_programs():
    """The search for programs finds them; the first is the one that newcomers copy."""
    assert "submit_flux_dev" in PROGRAMS[0]
    assert 5 == len(PROGRAMS)


@pytest.mark.parametrize("last", range(5))
def test_program_runs(get3w_emulator, tmp_path, last):
    """Each program runs in a folder of its own, after those that it builds on."""
    (tmp_path / "lighthouse.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    before = {2: [1]}.get(last, [])
    text = "\n".join(PROGRAMS[number] for number in [*before, last])

    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", text],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={
            **os.environ,
            "GET3W_API_KEY": get3w_emulator.api_key,
            "GET3W_BASE_URL": get3w_emulator.url,
        },
    )

    assert "" == run.stderr
    assert 0 == run.returncode
    if last == 0:
        assert re.search(r"^pred_\w+ created$", run.stdout, re.MULTILINE)
        assert 1 == len(list((tmp_path / "pictures").glob("*.png")))
