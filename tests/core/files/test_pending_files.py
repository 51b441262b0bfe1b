"""What is judged of a request before its files are uploaded, and what only after."""

import io
import os
from pathlib import Path

import pytest
from get3w_core import (
    Media,
    MediaList,
    ModelInfo,
    ModelRequest,
    Omittable,
    RequestValidationError,
    Rule,
)
from pydantic import ValidationError

PNG = b"\x89PNG\r\n\x1a\n"


class GalleryRequest(ModelRequest, frozen=True):
    """Its pictures have to differ."""

    __model__ = ModelInfo(
        "acme/gallery", rule=Rule({"properties": {"images": {"uniqueItems": True}}})
    )

    images: MediaList


def judging(rule):
    """Make the request class of a model with *rule* for its picture and its mask."""

    class JudgedRequest(ModelRequest, frozen=True):
        __model__ = ModelInfo("acme/judged", rule=Rule(rule))

        image: Media
        mask: Omittable[Media] = None
        pair: Omittable[MediaList] = None

    return JudgedRequest


def only(**keywords):
    return {"properties": {"image": keywords}}


@pytest.fixture
def files(tmp_path):
    """Two files that differ."""
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    for number, path in enumerate(paths):
        path.write_bytes(PNG + bytes([number]))
    return paths


@pytest.fixture
def server(script, data, ok):
    """Answers uploads with numbered URLs and everything else with a prediction."""
    numbers = iter(range(1, 100))

    def answer(request):
        if request.url.path == "/api/v3/files/upload":
            return data({"url": f"https://cdn.test/{next(numbers)}"})
        return ok()

    return script(answer)


def test_different_files_are_different(side, server, files):
    """Two files do not count as the same value while neither has a URL."""
    side.run(side.client(server).submit(GalleryRequest(images=files)))

    assert {"images": ["https://cdn.test/1", "https://cdn.test/2"]} == server.body(-1)


def test_the_same_file_twice_is_refused_at_once(files):
    """One file named twice is the same value, whoever names it."""
    with pytest.raises(ValidationError, match="non-unique"):
        GalleryRequest(images=[files[0], Path(str(files[0]))])


def test_the_same_content_is_refused_after_its_upload(side, server):
    """Two files that turn out to have one URL are told once that is known; nothing is submitted."""
    request = GalleryRequest(images=[io.BytesIO(PNG), io.BytesIO(PNG)])
    with pytest.raises(RequestValidationError, match="non-unique"):
        side.run(side.client(server).submit(request))

    assert ["/api/v3/files/upload"] == server.paths


@pytest.mark.parametrize(
    "rule",
    [
        only(pattern="^https://cdn.test/"),
        only(maxLength=20),
        only(minLength=5, maxLength=20),
        only(enum=["https://cdn.test/1"]),
        only(const="https://cdn.test/1"),
        {"const": {"image": "https://cdn.test/1"}},
        {"anyOf": [only(maxLength=20), {"required": ["mask"]}]},
        {"not": only(pattern="uploads")},
        {"oneOf": [only(minLength=1), only(pattern="uploads")]},
        {"if": only(pattern="^https://cdn.test/"), "else": {"required": ["mask"]}},
        {"allOf": [{"if": only(maxLength=20), "then": {}, "else": {"not": {}}}]},
        {"not": {"additionalProperties": {"pattern": "uploads"}}},
        {"not": {"$ref": "#/$defs/pending"}, "$defs": {"pending": only(pattern="uploads")}},
    ],
)
def test_text_of_a_url_to_come_is_not_judged(side, server, files, rule):
    """What a schema says of the URL is judged once there is one."""
    side.run(side.client(server).submit(judging(rule)(image=files[0])))

    assert {"image": "https://cdn.test/1"} == server.body(-1)


def test_a_url_that_does_not_fit_is_refused_after_the_upload(side, server, files):
    """The check before the submit sees the true URL."""
    request = judging(only(pattern="^ftp:"))(image=files[0])
    with pytest.raises(RequestValidationError, match="does not match"):
        side.run(side.client(server).submit(request))

    assert ["/api/v3/files/upload"] == server.paths


@pytest.mark.parametrize(
    "rule",
    [
        {"required": ["mask"]},
        {"if": {"required": ["image"]}, "then": {"required": ["mask"]}},
        {"not": {"required": ["image"]}},
        {"anyOf": [{"required": ["mask"]}, {"required": ["pair"]}]},
        {"properties": {"image": {"type": "object"}}},
        {"allOf": [only(pattern="^ftp:"), {"required": ["mask"]}]},
        {"if": {"properties": {"mask": {"const": "x"}}}, "then": {"required": ["pair"]}},
    ],
)
def test_what_no_url_can_mend_is_refused_at_once(files, rule):
    """A condition that does not hang on the text of the URL needs no upload."""
    with pytest.raises(ValidationError):
        judging(rule)(image=files[0])


def test_a_url_that_was_written_is_judged_at_once(files):
    """Only files are left for later, not what stands beside them."""
    rule = {"properties": {"mask": {"pattern": "^https:"}, "image": {"pattern": "^https:"}}}
    with pytest.raises(ValidationError, match="mask"):
        judging(rule)(image=files[0], mask="http://example.com/a.png")


def test_a_list_that_was_changed_is_judged_before_the_upload(side, server, files):
    """What does not fit any more costs no upload, though a file is in it."""
    request = GalleryRequest(images=list(files))
    request.images.append("https://example.com/a.png")
    request.images.append("https://example.com/a.png")
    with pytest.raises(RequestValidationError, match="non-unique"):
        side.run(side.client(server).submit(request))

    assert [] == server.paths


def test_any_path_like_is_a_file(side, server, files):
    """What names a file is taken like a `Path`, as in `upload` and `extra_body`."""

    class Named(os.PathLike):
        def __fspath__(self):
            return str(files[0])

    side.run(side.client(server).submit(judging({})(image=Named())))

    assert {"image": "https://cdn.test/1"} == server.body(-1)
