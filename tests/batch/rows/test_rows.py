"""Rows: what is read from files, what is refused before anything is sent, what names a row."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import pytest
from get3w_batch import BatchError, RowsError
from get3w_batch.rows.bodies import Columns
from get3w_batch.rows.checking import check_file, check_requests
from get3w_batch.rows.media import map_media, mark_local_file, upload_marked
from get3w_batch.rows.text import value_of_text
from get3w_core import (
    Media,
    MediaList,
    ModelInfo,
    ModelRequest,
    Omittable,
    RequestObject,
    UnknownModelError,
)
from get3w_models import FluxDevRequest, KlingV2_6ProImageToVideoRequest
from pydantic import Field

FLUX, KLING = "get3w/flux-dev", "kwaivgi/kling-v2.6-pro/image-to-video"
PNG = b"\x89PNG\r\n\x1a\n"


def bodies(rows):
    return [json.loads(row.body) for row in rows]


def read(path, text, model=FLUX, **columns):
    path.write_text(text, "utf-8")
    return check_file(str(path), Columns(model, folder=path.parent, **columns))


@pytest.fixture
def parquet(tmp_path):
    """Write a Parquet file of rows."""
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    def write(rows):
        parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "rows.parquet")
        return str(tmp_path / "rows.parquet")

    return write


def test_formats_give_the_same_rows(tmp_path, parquet):
    """JSONL, CSV and Parquet with the same cells are the same batch."""
    expected = [{"prompt": "5", "width": 64}, {"prompt": 'a, "b"\nc'}]
    lines = "".join(f"{json.dumps(row)}\n" for row in expected)
    with (
        read(tmp_path / "a.jsonl", lines) as one,
        read(tmp_path / "a.csv", 'prompt,width\n5,64\n"a, ""b""\nc",\n') as two,
        check_file(parquet(expected), Columns(FLUX)) as three,
    ):
        assert expected == bodies(one) == bodies(two) == bodies(three)
        assert one.digest == two.digest == three.digest


@pytest.mark.parametrize(
    ("text", "schema", "value"),
    [
        ("5", {"type": "integer"}, 5),
        ("5.0", {"type": "integer"}, 5.0),
        ("5", {"type": "string"}, "5"),
        ("5", {"type": "number"}, 5),
        ("0.5", {"type": "number"}, 0.5),
        ("TRUE", {"type": "boolean"}, True),
        ("true", {"type": "string"}, "true"),
        ("yes", {"type": "boolean"}, "yes"),
        ('["a"]', {"type": "array"}, ["a"]),
        ('[{"a": 1}]', {"type": "array", "items": {"$ref": "#/$defs/A"}}, [{"a": 1}]),
        ('{"a": 1}', {"$ref": "#/$defs/A"}, {"a": 1}),
        ("5", {"enum": [5, 10]}, 5),
        ("5", {"enum": ["5", "10"]}, "5"),
        ("auto", {"anyOf": [{"type": "integer"}, {"const": "auto"}]}, "auto"),
        ("7", {"anyOf": [{"type": "integer"}, {"const": "auto"}]}, 7),
        ("NaN", {"type": "string"}, "NaN"),
        ("x", None, "x"),
    ],
)
def test_text_is_read_as_the_parameter_is_typed(text, schema, value):
    """The same text is a number for one parameter and a word for another."""
    found = value_of_text(text, schema)

    assert (value, type(value)) == (found, type(found))


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"promt": "x"}, "promt", "did you mean 'prompt'?"),
        ({}, "prompt", "Field required"),
        ({"prompt": 3}, "prompt", "valid string"),
        ({"prompt": "x", "width": "wide"}, "width", "integer"),
        ({"prompt": "x", "w": 1.5}, "w", "integer"),
        ({"prompt": None}, "prompt", "Field required"),
    ],
)
def test_mistakes_are_named_with_row_and_column(tmp_path, cells, column, words):
    """Each is found before anything is sent, and says where it is."""
    text = json.dumps({"prompt": "fine"}) + "\n" + json.dumps(cells) + "\n"
    with read(tmp_path / "a.jsonl", text, mapped={"w": "width"}) as rows:
        with pytest.raises(RowsError, match=words) as caught:
            rows.raise_problems()

        assert (2, 1) == (rows.count, rows.invalid)
        assert [(1, column)] == [(each.row, each.column) for each in caught.value.problems][:1]


@pytest.mark.parametrize("text", ["not JSON\n", "[1]\n", '{"prompt": "x"\n'])
def test_line_that_is_no_row_is_a_row_with_a_mistake(tmp_path, text):
    """The rows behind it keep their numbers."""
    with read(tmp_path / "a.jsonl", text + '{"prompt": "x"}\n') as rows:
        assert (2, 1) == (rows.count, rows.invalid)
        assert [True, False] == [row.error is not None for row in rows]


def test_columns_are_mapped_dropped_and_set(tmp_path):
    """--map and --set: a row's own value counts before the constant."""
    text = "text,note,height\nx,why,\ny,how,32\n"
    mapped, constants = {"text": "prompt", "note": ""}, {"width": "64", "height": "16"}
    with read(tmp_path / "a.csv", text, mapped=mapped, constants=constants) as rows:
        assert [
            {"prompt": "x", "width": 64, "height": 16},
            {"prompt": "y", "width": 64, "height": 32},
        ] == bodies(rows)


def test_two_columns_for_one_parameter(tmp_path):
    """Neither is chosen by chance."""
    with read(tmp_path / "a.csv", "prompt,text\nx,y\n", mapped={"text": "prompt"}) as rows:
        assert "'prompt' gives 'prompt' too" in rows.problems[0].message


@pytest.mark.parametrize("where", ["mapped", "constants"])
def test_option_that_names_no_parameter(tmp_path, where):
    """It is wrong use, with the name that may have been meant."""
    named = {"a": "widht"} if where == "mapped" else {"widht": "1"}
    with pytest.raises(BatchError, match="did you mean 'width'"):
        read(tmp_path / "a.jsonl", "{}\n", **{where: named})


def test_unknown_model(tmp_path):
    """It says which one may have been meant."""
    with pytest.raises(UnknownModelError, match="Did you mean 'get3w/flux-dev'"):
        read(tmp_path / "a.jsonl", "{}\n", model="get3w/flux-de")


@pytest.mark.parametrize("name", ["missing.jsonl", "rows.txt", "rows.parquet"])
def test_file_that_cannot_be_read(tmp_path, name):
    """It is wrong use, not a traceback."""
    if name != "missing.jsonl":
        (tmp_path / name).write_bytes(b"no Parquet")

    with pytest.raises(BatchError):
        check_file(str(tmp_path / name), Columns(FLUX))


def test_equal_rows_are_rows_of_their_own(tmp_path):
    """Keys follow the content, not the place; the second equal row is the second picture."""
    same = '{"prompt": "x"}\n'
    other = '{"prompt": "y"}\n'
    with read(tmp_path / "a.jsonl", same + same + other) as one:
        first = [row.key for row in one]
    with read(tmp_path / "b.jsonl", other + same + same) as two:
        second = [row.key for row in two]

    assert 3 == len({*first})
    assert first == [*second[1:], second[0]]


def test_key_column(tmp_path):
    """It names the rows, need not be a parameter, and is there once in each."""
    text = "id,prompt\na,x\nb,y\na,z\n,w\n"
    with read(tmp_path / "a.csv", text, key="id") as rows:
        assert ["a", "b"] == [row.key for row in rows][:2]
        assert {"prompt": "x"} == bodies(rows)[0]
        assert ["another row has the key 'a' too", "the key is missing"] == [
            problem.message for problem in rows.problems
        ]


def test_media_columns(tmp_path, parquet):
    """They hold addresses, paths beside the file of rows, or bytes; a missing file is a mistake."""
    (tmp_path / "a.png").write_bytes(PNG)
    path = parquet(
        [
            {"prompt": "x", "image": PNG},
        ]
    )
    columns = Columns(KLING, folder=tmp_path, blobs=tmp_path / "media")
    with check_file(path, columns) as rows:
        [body] = bodies(rows)
    lines = "".join(
        json.dumps({"prompt": "x", "image": image}) + "\n"
        for image in ("https://cdn.test/a.png", "a.png", "missing.png")
    )
    with read(tmp_path / "a.jsonl", lines, KLING) as rows:
        images = [each["image"] for each in bodies(rows)]

        assert "missing.png" in str(rows.problems[0])
        assert 1 == rows.invalid
    assert PNG == Path(body["image"].removeprefix("file://")).read_bytes()
    assert ["https://cdn.test/a.png", f"file://{tmp_path / 'a.png'}"] == images[:2]


def test_typed_requests(tmp_path):
    """They keep what was given, a path included; an open file is refused."""
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    with path.open("rb") as file:
        requests = [
            FluxDevRequest(prompt="x"),
            KlingV2_6ProImageToVideoRequest(prompt="x", image=path),
            KlingV2_6ProImageToVideoRequest(prompt="x", image=file),
        ]
        with check_requests(requests) as rows:
            assert [{"prompt": "x"}, {"image": f"file://{path}", "prompt": "x"}] == bodies(rows)[:2]
            assert [2] == [problem.row for problem in rows.problems]
            assert "nobody can read back" in str(rows.problems[0])


class Scene(RequestObject, frozen=True):
    """An object inside an input."""

    image: Media
    title: str = ""


class FilmRequest(ModelRequest, frozen=True):
    """An input with media at every depth."""

    __model__ = ModelInfo("nobody/film")

    prompt: str
    cover: Omittable[Media] = None
    pictures: Omittable[MediaList] = None
    scene: Omittable[Scene] = None
    scenes: Omittable[Annotated[list[Scene], Field(max_length=3)]] = None
    named: Omittable[dict[str, Scene]] = None
    either: Omittable[str | list[Scene]] = None


NESTED = {
    "cover": "PATH",
    "pictures": ["PATH", "https://cdn.test/a.png"],
    "scene": {"image": "PATH", "title": "a.png"},
    "scenes": [{"image": "PATH"}, {"image": "https://cdn.test/a.png"}],
    "named": {"first": {"image": "PATH"}},
    "either": [{"image": "PATH"}],
}


@pytest.mark.parametrize("name", NESTED)
def test_media_at_any_depth(tmp_path, name):
    """A path is marked where the type takes a file, and uploaded once; text stays text."""
    (tmp_path / "a.png").write_bytes(PNG)
    mark, sent = f"file://{tmp_path / 'a.png'}", []

    def filled(value):
        return json.loads(json.dumps(NESTED[name]).replace("PATH", value))

    async def upload(path):
        sent.append(path)
        return "https://cdn.test/up.png"

    given = {"prompt": "file:///etc/passwd", name: filled("a.png")}
    marked = map_media(given, FilmRequest, lambda value: mark_local_file(value, tmp_path, None))
    uploaded = asyncio.run(upload_marked(marked, FilmRequest, upload))

    assert {"prompt": "file:///etc/passwd", name: filled(mark)} == marked
    assert {"prompt": "file:///etc/passwd", name: filled("https://cdn.test/up.png")} == uploaded
    assert [tmp_path / "a.png"] == sent


@pytest.mark.parametrize("name", [name for name in NESTED if name != "either"])
def test_typed_requests_with_media_at_any_depth(tmp_path, name):
    """A request may hold a path wherever its type takes one."""
    (tmp_path / "a.png").write_bytes(PNG)
    path = tmp_path / "a.png"
    item = {"image": path}
    value = {
        "cover": path,
        "pictures": [path],
        "scene": item,
        "scenes": [item],
        "named": {"first": item},
    }[name]
    with check_requests([FilmRequest(prompt="x", **{name: value})]) as rows:
        [body] = bodies(rows)

    assert f'"file://{path}"' in json.dumps(body[name])


def test_text_that_looks_like_a_file_is_not_uploaded(tmp_path):
    """A prompt is a prompt: what it names is neither looked for nor sent."""
    with read(tmp_path / "a.jsonl", '{"prompt": "file:///etc/passwd"}\n') as rows:
        [body] = bodies(rows)
        uploaded = asyncio.run(upload_marked(body, FluxDevRequest, None))

    assert {"prompt": "file:///etc/passwd"} == body == uploaded
