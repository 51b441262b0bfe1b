"""What the tests of the page do again and again."""

import os
import struct
import subprocess
import sys
import zlib

FLUX = "#/models/get3w/flux-dev"
KLING = "#/models/kwaivgi/kling-v3.0-pro/image-to-video"


def png(width=2, height=2):
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + b"\x40\x80\xc0" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def field(page, *names):
    """Return a field of the form, by its name and the names of those it is inside of."""
    found = page.locator("form")
    for name in names:
        found = found.locator(f'[data-field="{name}"]').first
    return found


def clear(page):
    """Empty the form, which opens filled with an example or with what was being written."""
    page.get_by_role("button", name="Clear all").click()


def submit(page):
    page.get_by_role("button", name="Submit").click()


def completed(page):
    """Wait until the prediction is completed, and return it."""
    done = page.locator('.prediction[data-status="completed"]')
    done.wait_for()
    return done


def code(page, tab):
    page.get_by_role("tab", name=tab).click()
    return page.locator(".callcode pre.call").inner_text()


def run(command, emulator):
    """Run a command that knows the emulator as a program of a user would."""
    env = {**os.environ, "GET3W_BASE_URL": emulator.url, "GET3W_API_KEY": emulator.api_key}
    env["PYTHONPATH"] = os.pathsep.join(sys.path)
    result = subprocess.run(
        command, env=env, capture_output=True, text=True, encoding="utf-8", timeout=30, check=False
    )
    assert 0 == result.returncode, result.stderr
    return result.stdout
