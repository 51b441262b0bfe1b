"""Rows that other programs write, and broken ones: each is read, or refused in words."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from get3w_batch import BatchError
from get3w_batch.rows.bodies import BodyMaker, Columns
from get3w_batch.rows.checking import check_file
from get3w_batch.rows.readers import read_rows

FLUX, KLING = "get3w/flux-dev", "kwaivgi/kling-v2.6-pro/image-to-video"


def bodies(rows):
    return [json.loads(row.body) for row in rows]


def read(path, text, model=FLUX, **columns):
    path.write_text(text, "utf-8", newline="")
    return check_file(str(path), Columns(model, folder=path.parent, **columns))


ODD_LINES = {
    "a name twice": ('{"prompt": "x", "prompt": "y"}', "names 'prompt' twice"),
    "a name twice inside": ('{"prompt": "x", "loras": [{"a": 1, "a": 2}]}', "names 'a' twice"),
    "NaN": ('{"prompt": "x", "guidance_scale": NaN}', "Out of range"),
    "beyond any float": ('{"prompt": "x", "guidance_scale": 1e999}', "Out of range"),
    "nested too deeply": ('{"prompt": ' + "[" * 100_000 + "]" * 100_000 + "}", "too deeply"),
    "half a character": ('{"prompt": "\\ud800"}', "surrogates not allowed"),
    "half a character as a name": ('{"prompt": "x", "\\ud800": 1}', ""),
    "more digits than are read": ('{"prompt": "x", "seed": ' + "1" * 5000 + "}", "not JSON"),
}


@pytest.mark.parametrize("name", ODD_LINES)
def test_odd_lines_are_mistakes_of_their_rows(tmp_path, name):
    """None ends the check, and each can be kept in a journal as UTF-8."""
    line, words = ODD_LINES[name]
    with read(tmp_path / "a.jsonl", f'{line}\n{{"prompt": "fine"}}\n') as rows:
        kept = list(rows)

        assert (2, 1) == (rows.count, rows.invalid)
        assert words in (kept[0].error or "")
        assert None is kept[1].error
    for text in (kept[0].key, kept[0].body, kept[0].error):
        assert "\0" not in text.encode().decode()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prompt,width\nx\n", "1 cells, and the heading 2"),
        ("prompt,width\nx,1,2\n", "3 cells, and the heading 2"),
    ],
)
def test_csv_row_with_another_number_of_cells(tmp_path, text, words):
    """Too few are a mistake too: the line may be cut off."""
    with read(tmp_path / "a.csv", text) as rows:
        assert words in rows.problems[0].message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prompt,prompt\nx,y\n", "Two columns of the rows are called 'prompt'"),
        ('prompt\nfine\n"x"y\n', "line 3"),
        ('prompt\n"x\n', "unexpected end"),
    ],
)
def test_csv_that_cannot_be_read(tmp_path, text, words):
    """It is refused as a whole, and says where."""
    with pytest.raises(BatchError, match=words):
        read(tmp_path / "a.csv", text)


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_of_other_programs(tmp_path, start, end):
    """A byte order mark, CRLF, an empty line and a column without a name are read."""
    lines = [",prompt,width", '0,"a ""b"", c",64', "", "1,d,"]
    with read(tmp_path / "a.csv", start + end.join(lines) + end) as rows:
        assert [{"prompt": 'a "b", c', "width": 64}, {"prompt": "d"}] == bodies(rows)


def test_csv_with_a_long_cell(tmp_path):
    """A picture in a data: address is longer than Python's csv takes by default."""
    image = f"data:image/png;base64,{'A' * 300_000}"
    with read(tmp_path / "a.csv", f'prompt,image\nx,"{image}"\n', KLING) as rows:
        assert [image] == [body["image"] for body in bodies(rows)]


@pytest.mark.parametrize("key", ["", "a\0b", "\ud800", "x" * 501])
def test_keys_that_no_journal_can_have(tmp_path, key):
    """They are mistakes of their rows, and not of the database."""
    with read(tmp_path / "a.jsonl", json.dumps({"prompt": "x", "id": key}), key="id") as rows:
        [row] = rows

        assert 1 == rows.invalid
        assert row.key.isprintable()


def test_made_up_keys_are_no_rows_keys(tmp_path):
    """The name that a second row of a key gets may be a third row's own."""
    keys = ["a", "a", "a (row 1)", "a (row 1)", "without a key, row 5", None, "a"]
    text = "".join(json.dumps({"prompt": "x", "id": key}) + "\n" for key in keys)
    with read(tmp_path / "a.jsonl", text, key="id") as rows:
        assert 7 == len({row.key for row in rows})


def test_parquet_with_every_kind_of_column(tmp_path):
    """Moments are text, whole decimals numbers; a field of a struct that is null is not given."""
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    cells = {
        "at": dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC),
        "struct": {"a": 1, "b": None},
        "structs": [{"a": None, "b": "x"}],
        "decimal": Decimal("5.00"),
        "null": None,
        "nan": float("nan"),
        "bytes": b"x",
        "lasting": dt.timedelta(1),
    }
    parquet.write_table(pyarrow.Table.from_pylist([cells]), tmp_path / "rows.parquet")
    [row] = read_rows(str(tmp_path / "rows.parquet"), "parquet")
    _, problems = BodyMaker(Columns(FLUX)).make(0, {"prompt": "x", **row}, text=False)

    assert {"a": 1} == row["struct"]
    assert [{"b": "x"}] == row["structs"]
    assert {"nan", "bytes", "lasting"} <= {problem.column for problem in problems}


def test_parquet_with_two_columns_of_one_name(tmp_path):
    """Neither is chosen by chance."""
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = pyarrow.Table.from_arrays([["x"], ["y"]], names=["prompt", "prompt"])
    parquet.write_table(table, tmp_path / "rows.parquet")

    with pytest.raises(BatchError, match="Two columns of the rows are called 'prompt'"):
        check_file(str(tmp_path / "rows.parquet"), Columns(FLUX))


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_standard_input_is_read_as_a_file_is(tmp_path, start, ending):
    """The same bytes give the same rows, whatever ends their lines."""
    lines = {
        "jsonl": '\ufeff{"prompt": "a"}\r\n',
        "csv": '\ufeffprompt\r\n"a\r\nb"\r\n',
    }[ending]
    program = "import sys; from get3w_batch.rows.checking import check_file; "
    program += "from get3w_batch.rows.bodies import Columns; "
    program += "print(check_file(sys.argv[1], Columns('get3w/flux-dev'), sys.argv[2]).digest)"
    (tmp_path / "rows").write_text(lines, "utf-8", newline="")
    digests = set()
    for source in ("rows", "-"):
        with (tmp_path / "rows").open("rb") as file:
            process = start("-c", program, source, ending, program=(), stdin=file)
            digests.add(process.communicate(timeout=60))

    assert 1 == len(digests), digests


def test_standard_input_that_is_closed(tmp_path, start):
    """It is wrong use, in words."""
    shell = 'exec "$0" -m get3w_batch get3w/flux-dev - --out out <&-'
    process = start(
        "-c",
        f"import os, sys; os.execv('/bin/sh', ['sh', '-c', {shell!r}, sys.executable])",
        program=(),
    )
    _, err = process.communicate(timeout=60)

    assert (2, False) == (process.returncode, "Traceback" in err), err
    assert "closed" in err


def test_no_room_for_the_rows(tmp_path, start, write_rows):
    """The rows are kept in a temporary file; a disk that is full is no traceback."""
    program = "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20000,) * 2)"
    program += "; runpy.run_module('get3w_batch', run_name='__main__')"
    rows = write_rows(500)
    process = start("-c", program, "get3w/flux-dev", rows, "--out", "out", program=())
    _, err = process.communicate(timeout=60)

    assert (2, False) == (process.returncode, "Traceback" in err), err
    assert "temporary file" in err
