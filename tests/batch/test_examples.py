"""The programs of examples/ that run batches."""

import json
import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
PROMPTS = ["a lighthouse at dusk", "a lighthouse in fog", "a harbour"]


@pytest.fixture
def settings(emulator):
    """The environment of a program that talks to the emulator."""
    return {**os.environ, "GET3W_API_KEY": "test-key", "GET3W_BASE_URL": emulator.url}


def test_script_of_twenty_lines(emulator, settings, tmp_path):
    """It makes a picture of each line, and the same command again pays for nothing."""
    (tmp_path / "prompts.txt").write_text("\n".join(PROMPTS) + "\n")
    command = [sys.executable, EXAMPLES / "batch.py", "prompts.txt", "pictures"]
    ended = [
        subprocess.run(command, cwd=tmp_path, env=settings, check=False).returncode
        for _ in range(2)
    ]

    assert [0, 0] == ended
    assert dict.fromkeys(PROMPTS, 1) == emulator.prompts()
    assert 3 == len([*(tmp_path / "pictures/files").glob("*/*.png")])
    assert 20 >= len((EXAMPLES / "batch.py").read_text("utf-8").splitlines())


@pytest.fixture
def service(settings, wait_until, tmp_path):
    """Start the service on a free port, and return a function that calls it and one that kills."""
    pytest.importorskip("fastapi")
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    url, running = f"http://127.0.0.1:{port}", []
    own = {"PUBLIC_URL": url, "CALLBACK_SECRET": "s" * 32, "BATCHES": str(tmp_path / "batches")}
    http = httpx.Client(base_url=url, trust_env=False, timeout=60)

    def answers():
        try:
            return 404 == http.get("/batches/none").status_code
        except httpx.HTTPError:
            return False

    def start():
        app = ["--app-dir", EXAMPLES, "--port", str(port), "--no-access-log", "batch_fastapi:app"]
        command = [sys.executable, "-m", "uvicorn", *app]
        running.append(subprocess.Popen(command, env=settings | own, cwd=tmp_path))
        wait_until(answers, 300)
        return http

    def kill():
        running[-1].kill()
        running[-1].wait()

    yield start, kill
    kill()
    http.close()


def test_service_with_webhooks(emulator, service, wait_until, states, tmp_path):
    """It runs a batch; killed and started again, it goes on, and nothing is paid for twice."""
    start, kill = service
    http = start()
    emulator.outcomes({"completes": True, "seconds": 3600})
    made = http.put("/batches/first", json=PROMPTS)
    wait_until(lambda: 3 == len(emulator.ledger()), 300)
    wait_until(lambda: {"accepted": 3} == states("batches/first"), 300)
    kill()
    emulator.advance(3600)
    start()
    wait_until(lambda: http.get("/batches/first").json()["done"], 300)
    text = (tmp_path / "batches/first/results.jsonl").read_text("utf-8")
    found = [json.loads(line) for line in text.splitlines()]

    assert 202 == made.status_code
    assert [("completed", row) for row in range(3)] == sorted(
        (r["status"], r["row"]) for r in found
    )
    assert dict.fromkeys(PROMPTS, 1) == emulator.prompts()
    assert [404, 422] == [
        http.get("/batches/second").status_code,
        http.put("/batches/NO", json=[]).status_code,
    ]
    assert 401 == http.post("/hooks", json={"id": "x", "status": "completed"}).status_code
