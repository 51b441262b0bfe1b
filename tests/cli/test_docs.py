"""Every console block of docs/cli.md runs, and prints what stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/cli.md"
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
# Takes a shell that keeps its variables from one command to the next.
MARK = "--- end of a command ---"


def commands():
    """Return each command of the page with the lines that stand below it."""
    found = []
    for block in BLOCK.findall(PAGE.read_text("utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            found.append((command, printed))
    return found


def pattern_of(printed):
    """Return what matches the lines of a block; dots there are anything."""
    return re.compile(re.escape(printed).replace(re.escape("..."), r".*?"), re.DOTALL)


def test_the_page(environment, folder, tmp_path):
    """One shell runs the page from top to bottom, as a reader does."""
    path = tmp_path / "bin"
    path.mkdir()
    command = path / "get3w"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m get3w_cli "$@"\n')
    command.chmod(0o755)
    pairs = [pair for pair in commands() if not pair[0].startswith("pip ")]
    script = "\n".join(f"{each}\necho '{MARK}'" for each, _ in pairs)

    done = subprocess.run(
        ["sh", "-c", f"exec 2>&1\n{script}"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        cwd=folder,
        env={**environment, "PATH": f"{path}{os.pathsep}{environment['PATH']}"},
    )
    printed = done.stdout.split(f"{MARK}\n")

    assert 25 < len(pairs)
    for (each, expected), found in zip(pairs, printed, strict=False):
        assert pattern_of(expected).fullmatch(found), f"$ {each}\n{found}"
