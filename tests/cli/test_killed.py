"""`kill -9` at any moment of `run --once`: each submission is in the ledger once, or status 3."""

import json
import os
import signal
import subprocess
import sys
from itertools import count

import pytest

MOMENTS = int(os.environ.get("GET3W_KILLS", "6"))
RUN = ("run", "flux-dev", "--once", "--prompt")
# Every other answer to a submit is lost.
LOST = [
    {
        "method": "POST",
        "path": "/api/v3/get3w/*",
        "fault": "drop_after_accept",
        "probability": 0.5,
    }
]
# The process kills itself as the n-th call begins in files of ours or of the HTTP library.
KILL = """
import os, signal, sys

left = int(sys.argv.pop(1))

def trace(frame, event, argument):
    global left
    name = frame.f_code.co_filename
    if event == "call" and ("/get3w_" in name or "httpcore" in name):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.setprofile(trace)
from get3w_cli.__main__ import main
status = main()
sys.setprofile(None)
print(left, file=sys.stderr)
sys.exit(status)
"""


@pytest.fixture
def killed(environment, folder):
    """Run a command that is killed as its n-th call begins; None where it was killed."""
    program = folder / "killed.py"
    program.write_text(KILL)

    def run(moment, *words):
        done = subprocess.run(
            [sys.executable, str(program), str(moment), *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            cwd=folder,
            env=environment,
        )
        if done.returncode == -signal.SIGKILL:
            return None
        return done

    return run


def test_each_submission_is_made_once(killed, inside, get3w_emulator):
    """Whenever the process dies, and whatever answer is lost, nothing is paid for twice."""
    whole = killed(10**9, *RUN, "all")
    calls = 10**9 - int(whole.stderr.split()[-1])
    first = int(0.35 * calls)  # before that, nothing of the history is open yet
    step = max(1, (calls - first) // MOMENTS)
    get3w_emulator.faults(LOST)
    unknown = 0
    for number, moment in enumerate(range(first, calls, step)):
        prompt = f"lighthouse {number}"
        killed(moment, *RUN, prompt)
        for attempt in count():
            done = inside(*RUN, prompt)
            if done.status == 0:
                break
            assert 3 == done.status, done.err
            if "Nothing was sent again" in done.err and attempt:
                unknown += 1
                break
        made = [task for task in get3w_emulator.ledger() if task.input["prompt"] == prompt]
        assert len(made) <= 1
        assert 1 == len(made) or 3 == done.status
    states = {row["state"] for row in inside("history", "--json").rows}

    assert unknown <= MOMENTS // 2
    assert states <= {"accepted", "sending", "unknown"}


def test_a_key_is_in_no_history(killed, environment, tmp_path):
    """A process that dies leaves no key behind."""
    killed(10**9, *RUN, "x")
    for path in (tmp_path / "state").rglob("*"):
        if path.is_file():
            assert environment["GET3W_API_KEY"].encode() not in path.read_bytes()


def test_interrupted(environment, folder, get3w_emulator):
    """Ctrl-C while a task is waited for is status 130, and says how to take it up again."""
    get3w_emulator.outcomes([{"seconds": 3600, "completes": True}])
    process = subprocess.Popen(
        [sys.executable, "-m", "get3w_cli", "run", "flux-dev", "--prompt", "x", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=environment,
        # Whoever runs the tests in the background ignores Ctrl-C, and its children would too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    submitted = json.loads(process.stderr.readline())
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    error = json.loads(err.splitlines()[-1])

    assert (130, "") == (process.returncode, out)
    assert ("interrupted", submitted["prediction_id"]) == (error["code"], error["prediction_id"])
    assert f"get3w wait {submitted['prediction_id']}" in error["message"]
