"""A client that knows nothing of the emulator: WaveSpeed's own, by its own settings."""

import os
import subprocess
import sys

import httpx
import pytest
from get3w_emulator import running

PROGRAM = """
import wavespeed
client = wavespeed.Client(base_url={url!r})
sync = {{"enable_sync_mode": True}} if {sync} else {{}}
body = {{"prompt": "x", "images": ["https://example.com/a.png"]}}
answer = client.run("google/nano-banana/edit", body, **sync)
print(answer["outputs"][0])
"""


@pytest.mark.parametrize("sync", [False, True])
def test_wavespeed_runs_a_model(tmp_path, sync):
    """It runs a model, waits as it does, and gets an output that is there."""
    with running(image_seconds=0.05) as emulator:
        result = subprocess.run(
            [sys.executable, "-c", PROGRAM.format(url=emulator.url, sync=sync)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=tmp_path,
            env={**os.environ, "WAVESPEED_API_KEY": emulator.api_key},
        )
        assert 0 == result.returncode, result.stderr
        (submission,) = emulator.ledger()

        assert "google/nano-banana/edit" == submission.model
        assert httpx.get(result.stdout.strip()).content.startswith(b"\x89PNG")
