"""Make the pictures of the documentation anew, from the real things: `make pictures`.

The playground is a photograph by the Chromium of the system; the terminal shows what the commands
of docs/start.md print; the editor shows what pyright's language server answers. The flow of a
submit, `submit.svg`, is drawn by hand.
"""

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import textwrap
from html import escape
from pathlib import Path
from typing import Any

from get3w_emulator import running
from PIL import Image
from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
ADDRESS = "http://127.0.0.1:8333"  # that of the pages; the emulator here takes a free port
sys.path.insert(0, str(ROOT))

PROGRAM = """\
from get3w_models import submit_kling_v2_6_pro_image_to_video

submit_kling_v2_6_pro_image_to_video(
    "the waves rise",
    image="https://example.com/lighthouse.png",
    )
"""
COMMANDS = (
    "python first.py",
    'get3w run flux-dev --prompt "a harbour" --heigt 512',
    'get3w run flux-dev --prompt "a harbour" --download pictures',
)
CURSOR = (5, 4)
CHOSEN = "duration"


def playground(url: str) -> None:
    """Photograph the form of a model with the call that it makes and a finished run."""
    names = ("chromium", "chromium-browser", "google-chrome")
    executable = next(filter(None, map(shutil.which, names)), None)
    if executable is None:
        raise SystemExit("There is no Chromium; bring it with: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 1000}, color_scheme="light")
        page.goto(f"{url}/#/models/get3w/flux-dev?example")
        page.get_by_role("button", name="Submit").click()
        page.locator('.prediction[data-status="completed"] img').first.wait_for()
        page.wait_for_load_state("networkidle")
        page.locator("h1").first.scroll_into_view_if_needed()
        shot = page.screenshot()
        browser.close()
    with Image.open(io.BytesIO(shot)) as image:
        few = image.convert("RGB").quantize(64, dither=Image.Dither.NONE)
        few.save(HERE / "playground.png", optimize=True)


def terminal(url: str) -> None:
    """Show the first program of docs/start.md, and a run of the command line."""
    page = (ROOT / "docs/start.md").read_text("utf-8")
    program = re.search(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert program is not None
    console = Console(record=True, width=84, file=io.StringIO(), force_terminal=True)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "first.py").write_text(program[1], "utf-8")
        for line in COMMANDS:
            name, *rest = shlex.split(line)
            module = [] if name == "python" else ["-m", "get3w_cli"]
            done = subprocess.run(  # noqa: S603 - commands of this file
                [sys.executable, *module, *rest],
                cwd=folder,
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(
                        str(ROOT / name) for name in ("core", "generated", "cli", "emulator")
                    ),
                    "GET3W_BASE_URL": url,
                    "GET3W_API_KEY": "test-key",
                    "XDG_STATE_HOME": folder,
                },
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            console.print(Text.assemble(("$ ", "bold green"), (line, "bold")))
            console.print(Text(done.stdout.replace(url, ADDRESS)), end="")
    drawn = console.export_svg(title="five minutes")
    # Fonts come from the reader's system: a picture loads nothing from other servers.
    drawn = re.sub(r"@font-face \{.*?\}\n", "", drawn, flags=re.DOTALL)
    (HERE / "terminal.svg").write_text(drawn, "utf-8")


def completion() -> None:
    """Draw what pyright answers inside of a call."""
    from tests.editors.lsp import LanguageServer  # needs the checkout on the path

    server = Path(sys.executable).parent / "pyright-langserver"
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(ROOT / name) for name in ("core", "generated")]
        (Path(folder) / "pyproject.toml").write_text(
            f"[tool.pyright]\nextraPaths = {paths!r}\nvenvPath = {str(ROOT)!r}\nvenv = '.venv'\n",
            "utf-8",
        )
        with LanguageServer([server, "--stdio"], folder) as lsp:
            uri = lsp.show("program.py", PROGRAM)
            answer: Any = lsp.ask("completion", uri, *CURSOR)
            uri = lsp.show("program.py", PROGRAM.replace("    )", f"    {CHOSEN}=5)"))
            hover: Any = lsp.ask("hover", uri, *CURSOR)
    offered = [item["label"] for item in answer["items"] if item["label"].endswith("=")]
    shown = re.fullmatch(r"```python\n(.*?)\n```\n(.*)", hover["contents"]["value"], re.DOTALL)
    assert shown is not None
    (HERE / "completion.svg").write_text(_drawn(offered, shown[1], shown[2]), "utf-8")


def _drawn(offered: list[str], label: str, words: str) -> str:
    code = [*PROGRAM.splitlines()[:5], "    "]
    row, column, top = 21, 8.43, 30
    left, below = 24 + 4 * column, top + 6 * row
    listed = offered[:9]
    at = listed.index(f"{CHOSEN}=")
    about = [label, "", *textwrap.wrap(" ".join(words.split()), 56)]
    height = below + max(len(listed), len(about)) * row + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 {height}" role="img">',
        "<title>Completion inside a call, as pyright answers</title>",
        "<style>text{font:14px ui-monospace,Menlo,Consolas,monospace;white-space:pre}</style>",
        f'<rect width="800" height="{height}" rx="8" fill="#ffffff" stroke="#d0d7de"/>',
    ]
    parts += [
        f'<text x="24" y="{top + number * row}" fill="#1f2328">{escape(line)}</text>'
        for number, line in enumerate(code)
    ]
    parts += [
        f'<rect x="{left}" y="{top + 4 * row + 7}" width="2" height="17" fill="#0969da"/>',
        f'<rect x="{left}" y="{below - 14}" width="190" height="{len(listed) * row + 10}" '
        'rx="4" fill="#f6f8fa" stroke="#d0d7de"/>',
        f'<rect x="{left}" y="{below - 9 + at * row}" width="190" height="{row}" fill="#cfe3fb"/>',
        f'<rect x="{left + 200}" y="{below - 14}" width="520" height="{len(about) * row + 10}" '
        'rx="4" fill="#f6f8fa" stroke="#d0d7de"/>',
    ]
    for number, line in enumerate(listed):
        parts.append(f'<text x="{left + 10}" y="{below + 6 + number * row}">{escape(line)}</text>')
    for number, line in enumerate(about):
        y = below + 6 + number * row
        parts.append(f'<text x="{left + 210}" y="{y}" fill="#1f2328">{escape(line)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    """Make them all."""
    with running(image_seconds=0.2) as emulator:
        playground(emulator.url)
        terminal(emulator.url)
    completion()


if __name__ == "__main__":
    main()
