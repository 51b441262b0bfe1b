"""What a batch on Ray refuses before it begins, and that a local batch needs no Ray."""

import asyncio
import subprocess
import sys
from dataclasses import replace

import pytest
from get3w_batch import Batch, BatchError, RayCluster
from get3w_batch.engine.shared import Settings
from get3w_batch.journal.report import folder_id
from get3w_batch.on_ray.options import Orders
from get3w_batch.on_ray.worker import Worker
from get3w_core import AsyncClient

POSTGRES = "postgresql://nobody@127.0.0.1:9/nothing"


def python(script, cwd):
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=cwd
    )


@pytest.mark.parametrize("journal", [None, "journal.sqlite", "sqlite:///journal.sqlite"])
def test_sqlite_is_refused(journal, tmp_path):
    """It is for one machine; nothing was made."""
    with pytest.raises(BatchError, match="needs a PostgreSQL journal"):
        Batch([], out=tmp_path / "out", journal=journal, engine=RayCluster())
    assert [] == [*tmp_path.iterdir()]


def test_client_is_refused(tmp_path):
    """A client holds a key, which is never sent to a worker."""
    pytest.importorskip("ray", reason='pip install "get3w-models[batch-ray]"')
    client = AsyncClient(api_key="test-key")
    with pytest.raises(BatchError, match="give no client="):
        Batch([], out=tmp_path, journal=POSTGRES, engine=RayCluster(), client=client)


def test_no_workers_are_refused(tmp_path):
    """There is nobody to do anything."""
    with pytest.raises(BatchError, match="at least one worker"):
        Batch([], out=tmp_path, journal=POSTGRES, engine=RayCluster(workers=0))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--engine", "ray"), "--journal postgresql://"),
        (("--engine", "ray", "--journal", POSTGRES, "--workers", "0"), "at least one worker"),
        (("--workers", "3"), "are for --engine ray"),
        (("--address", "auto"), "are for --engine ray"),
    ],
)
def test_wrong_use_of_the_command(options, words, emulator, run, write_rows, tmp_path):
    """Status 2, and nothing was made."""
    done = run(write_rows(1), *options)

    assert 2 == done.status
    assert words in done.err
    assert not (tmp_path / "out").exists()


def test_ray_that_is_missing(tmp_path):
    """The command says the one line that installs it."""
    arguments = ["get3w/flux-dev", "rows.jsonl", "--out", "out", "--engine", "ray"]
    script = "import sys; sys.modules['ray'] = None\nfrom get3w_batch.command import main\n"
    script += f"sys.exit(main({[*arguments, '--journal', POSTGRES]!r}))"
    done = python(script, tmp_path)

    assert 2 == done.returncode
    assert 'pip install "get3w-models[batch-ray]"' in done.stderr


def test_local_batch_loads_nothing_of_ray(emulator, tmp_path):
    """Neither Ray nor our own modules for it, from the first import to the summary."""
    script = f"""
import sys
from get3w_batch import Batch
from get3w_core import AsyncClient
from get3w_models import FluxDevRequest
client = AsyncClient(api_key="test-key", base_url={emulator.url!r})
summary = Batch([FluxDevRequest(prompt="x")], journal="journal.sqlite", client=client).run()
print(summary.counts, [name for name in sys.modules if "ray" in name.split(".")])
print([name for name in sys.modules if name.startswith("get3w_batch.on_ray")])
"""
    done = python(script, tmp_path)

    assert ["{'completed': 1} []", "[]"] == done.stdout.splitlines(), done.stderr


@pytest.fixture
def orders(tmp_path):
    """What a worker is told that has the driver's key and sees its folder."""
    out = tmp_path / "out"
    made = Orders(
        journal=POSTGRES,
        base_url="https://api.get3w.com",
        settings=Settings(out=out, outage_timeout=0),
        folder=folder_id(out),
        types={},
        needs_folder=True,
    )
    return replace(made, key_digest=made.digest_of_own_key())


def prepare(orders):
    return asyncio.run(Worker().prepare(orders, ".probe")).problem


def test_worker_shows_that_it_writes_to_the_folder(orders, tmp_path):
    """The driver looks for the file; the journal, which comes next, is not there."""
    problem = prepare(orders)

    assert (tmp_path / "out/.probe").exists()
    assert "cannot be opened" in problem


@pytest.mark.parametrize("there", [False, True])
def test_worker_that_sees_another_folder(there, orders, tmp_path):
    """On its machine the path leads elsewhere, or nowhere."""
    folder = tmp_path / "elsewhere"
    if there:
        folder_id(folder)
    problem = prepare(replace(orders, settings=replace(orders.settings, out=folder)))

    assert "does not see the driver's folder" in problem
    assert "--no-download" in problem


def test_worker_that_needs_no_folder(orders, tmp_path):
    """Where nothing is saved, only the driver needs its folder."""
    away = replace(orders.settings, out=tmp_path / "elsewhere")
    problem = prepare(replace(orders, settings=away, needs_folder=False))

    assert "cannot be opened" in problem


def test_worker_with_another_key(orders):
    """Two accounts in one journal could not be told apart."""
    problem = prepare(replace(orders, key_digest=replace(orders, salt="x").digest_of_own_key()))

    assert "GET3W_API_KEY" in problem


def test_worker_of_another_version(orders):
    """It may know other states of a row."""
    problem = prepare(replace(orders, version="0.0.1"))

    assert "and the driver 0.0.1" in problem


def test_orders_hold_no_key_and_show_no_password(orders):
    """What is sent to workers may be logged by whatever is between."""
    secret = replace(orders, journal="postgresql://user:password@host/name")

    assert "password" not in repr(secret)
