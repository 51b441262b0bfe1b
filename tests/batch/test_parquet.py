"""Results as Parquet: the lines of results.jsonl, in typed columns."""

import json
from datetime import UTC, datetime

import pytest
from get3w_batch import Batch, BatchError
from get3w_batch.parquet import write_parquet
from get3w_core import AsyncClient
from get3w_models import FluxDevRequest

pyarrow = pytest.importorskip("pyarrow")
from pyarrow import parquet  # noqa: E402 - it is skipped where it is missing

LINE = {
    "row": 0,
    "key": "k",
    "status": "completed",
    "model": "get3w/flux-dev",
    "id": "pred_1",
    "outputs": ["https://cdn.test/a.png", {"b": "ü"}],
    "files": ["files/000000/a.png"],
    "error": None,
    "code": None,
    "cost": 0.01,
    "sent_at": 1764500000.123456,
    "finished_at": None,
}


def write(folder, *lines, tail=""):
    folder.mkdir(exist_ok=True)
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    (folder / "results.jsonl").write_text(text + tail, "utf-8")
    write_parquet(folder)
    return parquet.read_table(folder / "results.parquet")


def test_columns_are_typed(tmp_path):
    """Numbers, texts, lists and moments, also where a column has no value at all."""
    table = write(tmp_path / "out", LINE, {**LINE, "row": None, "cost": None, "error": "no\n"})
    types = {field.name: str(field.type) for field in table.schema}

    assert {
        "row": "int64",
        "cost": "double",
        "outputs": "list<element: string>",
        "files": "list<element: string>",
        "sent_at": "timestamp[us, tz=UTC]",
        "finished_at": "timestamp[us, tz=UTC]",
    }.items() <= types.items()
    assert {"string"} == {types[name] for name in ("key", "status", "model", "id", "error", "code")}
    first, second = table.to_pylist()
    assert datetime(2025, 11, 30, 10, 53, 20, 123456, UTC) == first["sent_at"]
    assert ["https://cdn.test/a.png", '{"b": "ü"}'] == first["outputs"]
    assert (None, None, "no\n") == (second["row"], second["cost"], second["error"])


@pytest.mark.parametrize("count", [0, 1, 9_999, 10_000, 10_001])
def test_every_line_is_a_row(tmp_path, count):
    """None is lost between two groups of rows, and a line that is not whole is none."""
    lines = ({**LINE, "row": number} for number in range(count))
    table = write(tmp_path / "out", *lines, tail='{"row": 7')

    assert [*range(count)] == table.column("row").to_pylist()


def test_file_that_cannot_be_written(tmp_path):
    """The older one stays as it was, and nothing is left beside it."""
    before = write(tmp_path / "out", LINE)
    (tmp_path / "out/results.jsonl").unlink()
    with pytest.raises(OSError, match="No such file"):
        write_parquet(tmp_path / "out")

    assert before == parquet.read_table(tmp_path / "out/results.parquet")
    assert not list((tmp_path / "out").glob("*.partial"))


def test_batch_writes_both(emulator, tmp_path):
    """At the end of each run the file has what the lines have."""

    def run(count, **options):
        client = AsyncClient(api_key="test-key", base_url=emulator.url)
        requests = [FluxDevRequest(prompt=f"number {n}", width=16) for n in range(count)]
        options = {"out": tmp_path / "out", "results": "parquet", "download": False} | options
        return Batch(requests, client=client, reconcile_timeout=0, **options).run()

    run(2)
    summary = run(4)
    lines = (tmp_path / "out/results.jsonl").read_text("utf-8").splitlines()
    table = parquet.read_table(tmp_path / "out/results.parquet")

    assert (0, True) == (summary.exit_status, summary.written)
    assert [json.loads(line)["id"] for line in lines] == table.column("id").to_pylist()
    assert {0.01} == {*table.column("cost").to_pylist()}
    assert 4 == len(table)

    (tmp_path / "out/results.parquet").unlink()
    (tmp_path / "out/results.parquet").mkdir()
    again = run(4)

    assert (4, False) == (again.exit_status, again.written)
    assert "cannot be written" in again.stopped


def test_results_need_a_folder():
    """It is said before anything is read."""
    with pytest.raises(BatchError, match="give out="):
        Batch([], journal="journal.sqlite", results="parquet")


def test_command_writes_parquet(emulator, run, write_rows, tmp_path):
    """--results parquet."""
    done = run(write_rows(2), "--results", "parquet", "--no-download")

    assert (0, {"completed": 2}) == (done.status, done.counts), done.err
    assert 2 == parquet.read_metadata(tmp_path / "out/results.parquet").num_rows
