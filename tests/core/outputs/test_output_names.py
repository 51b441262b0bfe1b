"""The names of downloaded files: by the caller's template, safe, and never one for two outputs."""

import httpx
import pytest
from get3w_core import ConfigurationError
from get3w_core.outputs.contents import OutputValue
from get3w_core.outputs.names import FileNames
from hypothesis import given
from hypothesis import strategies as st

A, B = "https://cdn.test/x/a.png?sig=1", "https://cdn.test/b"


def names_of(template, outputs=(A,), suffix=".webp", **fields):
    names = FileNames(template, fields, len(outputs))
    values = [OutputValue("pred_1", index, raw) for index, raw in enumerate(outputs)]
    return [names.name(value, suffix) for value in values]


@pytest.mark.parametrize(
    ("template", "fields", "name"),
    [
        ("{id}", {}, "pred_1.png"),
        ("{index}", {}, "0.png"),
        ("{index:03}", {}, "000.png"),
        ("{stem}", {}, "a.png"),
        ("{stem}.{ext}", {}, "a.png"),
        ("{row}-{index}", {"row": 7}, "7-0.png"),
        ("{row}-{index}.{ext}", {"row": 7}, "7-0.png"),
        ("cover", {}, "cover.png"),
        ("cover.jpg", {}, "cover.jpg"),
        ("v1.5-{row}", {"row": 1}, "v1.5-1.png"),
        ("{row}", {"row": 1.5}, "1.5.png"),
        ("{row}", {"row": "photo.jpg"}, "photo.jpg.png"),
        ("{row}", {"row": "../../etc/passwd"}, "_.._etc_passwd.png"),
        ("{row}", {"row": "C:\\x"}, "C_x.png"),
        ("{row}", {"row": "Größe 灯台"}, "Größe 灯台.png"),
        ("{row}", {"row": ""}, "output.png"),
        ("{row}", {"row": "con"}, "_con.png"),
        ("{row}", {"row": "-rf"}, "rf.png"),
        ("{row}", {"row": "{id}"}, "_id_.png"),
        ("{{{row}}}", {"row": 1}, None),
        ("{row}", {"row": "x" * 999}, "x" * 200 + ".png"),
    ],
)
def test_name_by_a_template(template, fields, name):
    """Fields are filled in, made safe, and a suffix is added where the template has none."""
    if name is None:
        with pytest.raises(ConfigurationError):
            names_of(template, **fields)
    else:
        assert [name] == names_of(template, **fields)


@pytest.mark.parametrize(
    ("template", "fields", "words"),
    [
        ("{row}", {}, r"\{row\} that was not given"),
        ("{indx}", {}, "did you mean index"),
        ("{}", {}, "was not given"),
        ("{0}", {}, "was not given"),
        ("{id.x}", {}, "was not given"),
        ("{index[0]}", {}, "was not given"),
        ("{row:>{row}}", {"row": 1}, "takes a format"),
        ("{row!r:x}", {"row": 1}, "takes a format"),
        ("{index:q}", {}, "cannot be filled in"),
        ("{", {}, "cannot be filled in"),
        ("a/{id}", {}, "without separators"),
        ("a\\{id}", {}, "without separators"),
        ("..", {"row": 1}, "takes no row="),
        ("{id}", {"row": 1}, "takes no row="),
        (None, {"timout": 3}, "did you mean timeout"),
        ("{id}", {"id": 3}, "is filled in by download"),
    ],
)
def test_template_that_cannot_be_filled_in(template, fields, words):
    """A template with a mistake, and a keyword that is no field, are refused and explained."""
    with pytest.raises(ConfigurationError, match=words):
        names_of(template, **fields)


@pytest.mark.parametrize(
    "template", ["{id}", "{stem}", "cover", "cover.{ext}", "cover.png", "{row}"]
)
def test_several_outputs_have_names_of_their_own(template):
    """Without the index in the template, several outputs get their number."""
    fields = {"row": 1} if "row" in template else {}
    names = names_of(template, [A, A, A], **fields)

    assert 3 == len(set(names))
    assert ["-0.png", "-1.png", "-2.png"] == [name[-6:] for name in names]


LITERAL = st.text(st.sampled_from("ab .-_{}"), max_size=8)


@given(
    row=st.text(max_size=300) | st.integers(),
    before=LITERAL,
    after=LITERAL,
    total=st.integers(1, 3),
)
def test_no_name_leaves_the_folder(tmp_path_factory, row, before, after, total):
    """Whatever a field holds, the file is in the folder, not hidden, and alone of its name."""
    template = before.replace("{", "{{").replace("}", "}}") + "{row}" + after
    try:
        names = names_of(template, [A] * total, row=row)
    except ConfigurationError:
        return
    folder = tmp_path_factory.getbasetemp() / "folder"

    assert total == len(set(names))
    for name in names:
        assert folder == (folder / name).resolve().parent
        assert len(name.encode()) < 255
        assert not name.startswith((".", "-"))
        assert name.isprintable()


def finished(side, script, ok, outputs, *answers):
    server = script(ok("completed", outputs=outputs), *answers)
    return server, side.run(side.client(server).prediction("pred_1"))


def test_download_by_a_template(side, script, ok, tmp_path):
    """Files have the names of the template, and progress is told of these."""
    jpeg = httpx.Response(200, content=b"2", headers={"Content-Type": "image/jpeg"})
    _, prediction = finished(side, script, ok, [A, B, "words"], httpx.Response(200), jpeg)
    seen = []
    paths = side.run(
        prediction.download(
            tmp_path, name="{row}-{index:02}", row=7, on_progress=lambda path, *_: seen.append(path)
        )
    )

    assert ["7-00.png", "7-01.jpg", "7-02.txt"] == [path.name for path in paths]
    assert {*paths[1:]} == {*seen}
    assert sorted(paths) == sorted(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("template", "again"),
    [(None, False), ("{id}-{index}", False), ("{id}", False), ("{index}", True), ("x.png", True)],
)
@pytest.mark.parametrize("url", [A, B])
def test_only_a_file_that_names_its_prediction_is_kept(
    side, script, ok, tmp_path, template, again, url
):
    """A file whose name another prediction could have is fetched anew, and replaced."""
    answers = [httpx.Response(200, content=each) for each in (b"GIF89a 1", b"GIF89a 2")]
    _, prediction = finished(side, script, ok, [url], *answers)
    first = side.run(prediction.download(tmp_path, name=template))
    second = side.run(prediction.download(tmp_path, name=template))

    assert first == second == list(tmp_path.iterdir())
    assert (b"GIF89a 2" if again else b"GIF89a 1") == first[0].read_bytes()


@pytest.mark.parametrize("name", [3, b"x"])
def test_name_is_a_text(side, script, ok, tmp_path, name):
    """What is no text is refused before anything is fetched."""
    server, prediction = finished(side, script, ok, [A])
    with pytest.raises(ConfigurationError, match="name must be a string"):
        side.run(prediction.download(tmp_path, name=name))
    with pytest.raises(ConfigurationError, match="did you mean timeout"):
        side.run(prediction.download(tmp_path, timout=3))

    assert 1 == len(server.requests)
    assert [] == list(tmp_path.iterdir())
