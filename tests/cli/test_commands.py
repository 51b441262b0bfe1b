"""Every command on a pipe: what it prints where, as words and as JSON, and its exit status."""

import json
import re
import subprocess
import sys

import pytest
from get3w_models import model_ids

KLING = "kwaivgi/kling-v2.6-pro/image-to-video"


def submitted(run, *words):
    return run("submit", "flux-dev", "--prompt", "a lighthouse", *words).out.strip()


def test_run_prints_outputs_and_nothing_else_on_stdout(get3w, get3w_emulator):
    """A run in a process of its own: the outputs on stdout, the id on stderr, status 0."""
    done = get3w("run", "flux-dev", "--prompt", "a lighthouse", "--width", "512")
    [task] = get3w_emulator.ledger()

    assert 0 == done.status, done.err
    assert f"{get3w_emulator.url}/_outputs/{task.id}/0.png\n" == done.out
    assert f"Submitted: {task.id}\n" == done.err
    assert {"prompt": "a lighthouse", "width": 512} == task.input


def test_run_as_json(inside, get3w_emulator):
    """With --json, a run prints one object, and its notes are objects too."""
    done = inside("run", "get3w/flux-dev", "--prompt", "x", "--json")
    [task] = get3w_emulator.ledger()

    assert (task.id, "completed", 1) == (
        done.data["id"],
        done.data["status"],
        len(done.data["outputs"]),
    )
    assert task.id == done.error["prediction_id"]


def test_json_by_the_environment(get3w):
    """GET3W_OUTPUT=json is --json."""
    done = get3w("balance", env={"GET3W_OUTPUT": "json"})

    assert {"balance_usd"} == {*done.data}


def test_run_downloads(inside, folder):
    """--download stores the outputs and prints the paths."""
    done = inside("run", "flux-dev", "--prompt", "x", "--download", "pictures")

    assert [folder / done.out.strip()] == list((folder / "pictures").iterdir())


@pytest.mark.parametrize("name", ["flux-dev", "get3w/flux-dev", "flux_dev", "FLUX-DEV"])
def test_a_model_has_several_names(inside, name):
    """A model is named by its id, its Python name, or the ending of its id."""
    assert "get3w/flux-dev" == inside("show", name, "--json").data["id"]


def test_models(inside):
    """models lists all; words, type and documentation narrow the list."""
    everything = inside("models", "--json").rows
    found = inside("models", "--search", "KLING image", "--json").rows

    assert list(model_ids()) == [row["id"] for row in everything]
    assert list(model_ids(documented=True)) == [
        row["id"] for row in inside("models", "--documented", "--json").rows
    ]
    assert {KLING} <= {row["id"] for row in found} < {row["id"] for row in everything}
    assert {"text-to-image"} == {
        row["type"] for row in inside("models", "--type", "text-to-image", "--json").rows
    }
    assert "Did you mean text-to-image?" in inside("models", "--type", "text-to-imag").err


def test_show(inside):
    """show says what a model takes, costs, and the same call in Python."""
    data = inside("show", KLING, "--json").data
    duration = next(row for row in data["parameters"] if row["option"] == "--duration")

    assert (0.35, False) == (data["base_price_usd"], data["documented"])
    assert ("5", [5, 10], False) == (
        duration["default"],
        duration["choices"],
        duration["required"],
    )
    assert "submit_kling_v2_6_pro_image_to_video(prompt=" in data["python"]
    assert "not confirmed on Get3W" in inside("show", KLING).out


def test_submit_result_wait_download_delete(inside, folder):
    """A task is followed by its id alone."""
    task = submitted(inside)
    waited = inside("wait", task, "--json")
    stored = inside("download", task, "--to", "here")
    shown = inside("result", task)
    deleted = inside("delete", task)

    assert "completed" == waited.data["status"]
    assert [folder / stored.out.strip()] == list((folder / "here").iterdir())
    assert f"{task} completed" == shown.out.splitlines()[0]
    assert (0, 1) == (deleted.status, inside("result", task).status)


def test_wait_for_several(inside):
    """wait prints each of several tasks as it ends, with its id."""
    tasks = {submitted(inside), submitted(inside)}
    done = inside("wait", *tasks)

    assert 0 == done.status
    assert tasks == {line.partition("\t")[0] for line in done.out.splitlines()}


def test_tasks_of_another_machine(inside, environment, tmp_path, monkeypatch):
    """An id is enough where there is no history of it."""
    task = submitted(inside)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))

    assert 0 == inside("wait", task).status


def test_time_is_up(inside, get3w_emulator):
    """A task that still runs is status 4, and the error says how to go on."""
    get3w_emulator.outcomes([{"seconds": 3600, "completes": True}])
    done = inside("run", "flux-dev", "--prompt", "x", "--timeout", "0", "--json")
    [task] = get3w_emulator.ledger()

    assert 4 == done.status
    assert ("wait_timeout", True, task.id) == (
        done.error["code"],
        done.error["retryable"],
        done.error["prediction_id"],
    )
    assert f"get3w wait {task.id}" in done.error["message"]
    assert 4 == inside("wait", task.id, "--timeout", "0").status


def test_a_failed_task(inside, get3w_emulator):
    """A task that failed is status 1, with its id."""
    get3w_emulator.outcomes([{"code": 1403}])
    done = inside("run", "flux-dev", "--prompt", "x", "--json")
    [task] = get3w_emulator.ledger()

    assert (1, "") == (done.status, done.out)
    assert ("prediction_failed", task.id) == (done.error["code"], done.error["prediction_id"])
    assert 1 == inside("wait", task.id).status


def test_a_refused_key(inside, monkeypatch):
    """What the server refuses is status 1."""
    monkeypatch.setenv("GET3W_API_KEY", "another-key")
    done = inside("run", "flux-dev", "--prompt", "x", "--json")

    assert (1, "authentication", False) == (
        done.status,
        done.error["code"],
        done.error["retryable"],
    )


def test_no_key(inside, monkeypatch):
    """Without a key nothing is sent, which is status 2."""
    monkeypatch.delenv("GET3W_API_KEY")
    done = inside("run", "flux-dev", "--prompt", "x")

    assert 2 == done.status
    assert "GET3W_API_KEY" in done.err


def test_no_server(inside, monkeypatch):
    """A server that is not there is status 1: it is certain that nothing was accepted."""
    monkeypatch.setenv("GET3W_BASE_URL", "http://127.0.0.1:9")
    done = inside("balance", "--json")

    assert (1, "connection_failed", True) == (
        done.status,
        done.error["code"],
        done.error["retryable"],
    )


def test_account(inside):
    """balance, usage and billings print what the server says."""
    submitted(inside)

    assert re.fullmatch(r"[\d.]+ USD\n", inside("balance").out)
    assert 1 == inside("usage", "--json").data["total_tasks"]
    assert {"usage"} == {
        row["type"] for row in inside("billings", "--type", "usage", "--json").rows
    }
    assert 1 == len(inside("billings", "--limit", "1", "--json").rows)


def test_upload(inside):
    """upload prints a URL for each file."""
    done = inside("upload", "lighthouse.png", "--json")

    assert done.data["url"].startswith("http")
    assert 2 == inside("upload", "nothing.png").status


def test_history(inside, tmp_path, get3w_emulator):
    """history lists what was submitted from here, without key, and --no-history leaves no row."""
    task = submitted(inside)
    submitted(inside, "--no-history")
    [row] = inside("history", "--here", "--json").rows
    file = tmp_path / "state/get3w/history.sqlite3"

    assert (task, "get3w/flux-dev", "accepted") == (
        row["prediction_id"],
        row["model"],
        row["state"],
    )
    assert get3w_emulator.api_key.encode() not in file.read_bytes()
    assert 0o600 == file.stat().st_mode & 0o777


def test_a_history_that_cannot_be_written(inside, tmp_path):
    """Without --once, a run goes on without a history, and says so; with it, nothing is sent."""
    (tmp_path / "state").write_text("no folder")
    done = inside("run", "flux-dev", "--prompt", "x")
    once = inside("run", "flux-dev", "--prompt", "x", "--once")

    assert 0 == done.status
    assert "history" in done.err
    assert (1, "") == (once.status, once.out)


def test_estimate_and_max_cost(inside, get3w_emulator):
    """estimate names the base price and what it leaves out; --max-cost refuses above it."""
    words = [KLING, "--prompt", "x", "--image", "lighthouse.png", "--duration", "10"]
    data = inside("estimate", *words, "--json").data
    refused = inside("run", *words, "--max-cost", "0.3")
    unknown = inside("run", "flux-dev", "--prompt", "x", "--max-cost", "1")

    assert (0.35, ["--duration"]) == (data["base_price_usd"], data["not_included"][:1])
    assert (2, 2) == (refused.status, unknown.status)
    assert [] == get3w_emulator.ledger()
    assert 0 == inside("submit", *words, "--max-cost", "0.35").status


def test_doctor(inside, monkeypatch):
    """doctor finds nothing wrong here, and names what is wrong elsewhere."""
    found = inside("doctor", "--json")
    monkeypatch.setenv("GET3W_API_KEY", "another-key")
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    wrong = {row["check"] for row in inside("doctor", "--json").rows if row["result"] == "problem"}

    assert 0 == found.status, found.out
    assert {"key", "clock", "reach", "proxy", "certificates", "httpx"} <= {
        row["check"] for row in found.rows
    }
    assert {"key", "certificates"} <= wrong


def test_help_and_version(inside):
    """Each command has a help page, and the overview names them all."""
    overview = inside("--help").out
    commands = re.findall(r"^  ([a-z]+)  ", overview, re.MULTILINE)

    assert 18 == len(commands)
    for command in commands:
        done = inside(command, "--help")
        assert (0, "") == (done.status, done.err)
        assert done.out.startswith(f"usage: get3w {command}")
    assert re.fullmatch(r"get3w [\d.]+\n", inside("--version").out)
    assert "--cfg-scale" in inside("run", KLING, "--help").out


def test_whoever_reads_no_further(environment, folder, get3w):
    """A reader that stops, such as head, makes no traceback."""
    command = f"{sys.executable} -m get3w_cli models --json | head -n 1"
    done = subprocess.run(
        ["sh", "-c", command],
        capture_output=True,
        text=True,
        env=environment,
        cwd=folder,
        check=False,
    )

    assert "" == done.stderr
    assert json.loads(done.stdout)


def test_options_before_the_command(inside):
    """--json and --package may stand before the command."""
    assert inside("--json", "--package", "get3w_models", "models").rows
