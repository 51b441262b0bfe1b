"""The programs in docs/waiting.md, docs/files.md and docs/events.md run as they stand."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from get3w_core import default_client

DOCS = Path(__file__).parents[2] / "docs"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)


def programs(page):
    return re.findall(r"^```python\n(.*?)^```", (DOCS / page).read_text("utf-8"), re.M | re.S)


@pytest.fixture
def run(get3w_emulator, tmp_path, monkeypatch):
    """Run every program of a page in one namespace, and return that."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GET3W_API_KEY", get3w_emulator.api_key)
    monkeypatch.setenv("GET3W_BASE_URL", get3w_emulator.url)

    def run(page):
        found = programs(page)
        assert found
        namespace = {}
        for number, program in enumerate(found):
            exec(compile(program, f"{page}:{number}", "exec"), namespace)
        return namespace

    yield run
    default_client().close()


def test_waiting(run, tmp_path, get3w_emulator):
    """docs/waiting.md: five pictures are stored, and every prediction has ended."""
    found = run("waiting.md")

    assert 5 == len(list((tmp_path / "pictures").glob("*.png")))
    assert 2 == len(found["urls"])
    assert 3 == len(found["finished"])
    assert "completed" == found["prediction"].status
    assert 13 == len(get3w_emulator.ledger())


def test_files(run, tmp_path):
    """docs/files.md: the same content is uploaded once, and nothing is fetched twice."""
    (tmp_path / "lighthouse.png").write_bytes(PNG)
    found = run("files.md")

    assert found["url"] == found["same"] != found["anew"]
    assert found["paths"] == found["again"]
    assert [Path("pictures", path.name) for path in (tmp_path / "pictures").iterdir()] == (
        found["paths"]
    )


def test_events(get3w_emulator, tmp_path):
    """docs/events.md: spans come out for each HTTP attempt and for the task, and records too."""
    pytest.importorskip("opentelemetry.instrumentation.httpx")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(programs("events.md"))],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "GET3W_API_KEY": get3w_emulator.api_key,
            "GET3W_BASE_URL": get3w_emulator.url,
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    decoder, spans, text = json.JSONDecoder(), [], done.stdout.strip()
    while text:
        span, end = decoder.raw_decode(text)
        spans.append(span)
        text = text[end:].lstrip()
    [task] = [span for span in spans if span["name"] == "get3w get3w/flux-dev"]

    assert 0 == done.returncode, done.stderr
    assert "INFO:get3w_core:get3w/flux-dev: submitted as pred_" in done.stderr
    assert {"POST", "GET", "get3w get3w/flux-dev"} == {span["name"] for span in spans}
    assert "completed" == task["attributes"]["get3w.status"]
    assert "polled" in {event["name"] for event in task["events"]}
