"""The files that predictions end in, and the files that are uploaded."""

import base64
import io
import json
from hashlib import sha256

import av
import pygltflib
import pytest
from get3w_emulator import ManualClock
from get3w_emulator._common.responses import ApiError
from get3w_emulator.media.outputs import OutputSpec, output_spec
from get3w_emulator.media.pictures import picture
from get3w_emulator.schemas.catalogue import Model
from get3w_emulator.state.files import file_bytes
from get3w_emulator.state.uploads import Uploads
from PIL import Image

JSON = {"Content-Type": "application/json"}
MODEL = "/api/v3/get3w/flux-dev"
UPLOAD = "/api/v3/files/upload"
MIB = 1024 * 1024
WEEK = 7 * 86_400
DIGEST = sha256(b"x").digest()


def submit(http, body, model="get3w/flux-dev"):
    answer = http.post(f"/api/v3/{model}", content=json.dumps(body), headers=JSON)
    return answer.json()["data"]["id"]


def outputs(http, clock, body, model):
    prediction = submit(http, body, model)
    clock.advance(10)
    return http.get(f"/api/v3/predictions/{prediction}").json()["data"]["outputs"]


def opened(content):
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def drawn(prompt, size=(1024, 1024), digest=DIGEST, model="a/b"):
    return picture(OutputSpec("image", "png", "image/png", *size), digest, prompt, model)


def spec(body, kind="text-to-image", model_id="a/b", **properties):
    schema = {"x-model-type": kind, "properties": properties}
    return output_spec(Model(model_id, schema), body)


def decoded(content):
    """Decode with FFmpeg: the size or rate of the stream, how much came of it, and its length."""
    with av.open(io.BytesIO(content)) as container:
        stream = container.streams[0]
        frames = list(container.decode(stream))
        if stream.type == "video":
            return (frames[0].width, frames[0].height), len(frames), container.duration
        return stream.rate, sum(frame.samples for frame in frames), container.duration


def test_output_can_be_fetched_without_a_key(http, stranger, clock):
    """It is there from the end of the prediction on, under its own name only."""
    output = f"/_outputs/{submit(http, {'prompt': 'x'})}/0.png"

    assert 404 == stranger.get(output).status_code

    clock.advance(1)
    answer = stranger.get(output)

    assert "image/png" == answer.headers["content-type"]
    assert ("PNG", (1024, 1024)) == (opened(answer.content).format, opened(answer.content).size)
    assert 404 == stranger.get(output.replace("/0.", "/1.")).status_code
    assert 404 == stranger.get(output.replace(".png", ".jpg")).status_code


@pytest.mark.parametrize(("extension", "kind"), [("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP")])
def test_picture_opens_in_another_decoder(extension, kind):
    """What Pillow wrote, FFmpeg reads, at the size asked for."""
    content = file_bytes(OutputSpec("image", extension, "", 640, 360), DIGEST, "a prompt", "a/b")

    assert kind == opened(content).format
    assert (640, 360) == decoded(content)[0]


def test_output_format_decides(http, stranger, clock):
    """A model with `output_format` makes that format, and says so."""
    body = {"prompt": "x", "images": ["https://x.test/a.png"], "output_format": "jpeg"}
    (url,) = outputs(http, clock, body, "google/nano-banana/edit")

    answer = stranger.get(url)

    assert url.endswith("/0.jpg")
    assert "image/jpeg" == answer.headers["content-type"]
    assert "JPEG" == opened(answer.content).format


def test_base64_is_the_picture_itself(http, clock):
    """With `enable_base64_output`, the outputs hold the file and no address."""
    body = {"prompt": "x", "images": ["https://x.test/a.png"], "enable_base64_output": True}
    (text,) = outputs(http, clock, body, "google/nano-banana/edit")

    assert (1024, 1024) == opened(base64.b64decode(text, validate=True)).size


def test_video_plays_as_long_and_as_large_as_asked(http, stranger, clock):
    """A video model makes an MP4 of the duration, the resolution and the shape asked for."""
    body = {"prompt": "x", "duration": 4, "resolution": "720p", "aspect_ratio": "9:16"}
    (url,) = outputs(http, clock, body, "google/veo3")

    answer = stranger.get(url)
    size, frames, microseconds = decoded(answer.content)

    assert "video/mp4" == answer.headers["content-type"]
    assert b"ftyp" == answer.content[4:8]
    assert (720, 1280) == size
    assert 4 < frames
    assert 4_000_000 == microseconds


def test_sound_is_heard(http, stranger, clock):
    """A speech model makes a WAV that FFmpeg reads, longer for a longer text, and not silent."""
    body = {"text": "x" * 45, "voice_id": "Wise_Woman"}
    (url,) = outputs(http, clock, body, "minimax/speech-02-hd")

    answer = stranger.get(url)
    rate, samples, microseconds = decoded(answer.content)

    assert "audio/wav" == answer.headers["content-type"]
    assert (3 * rate, 3_000_000) == (samples, microseconds)
    assert 5_000 < max(abs(each) for each in memoryview(answer.content[44:]).cast("h"))


def test_solid_is_whole():
    """A 3D model makes a GLB whose mesh another library reads."""
    content = file_bytes(spec({}, "image-to-3d"), DIGEST, "", "a/b")

    solid = pygltflib.GLTF2.load_from_bytes(content)
    points, faces = solid.accessors
    blob = solid.binary_blob()

    assert (8, 36) == (points.count, faces.count)
    assert solid.buffers[0].byteLength == len(blob) == 8 * 12 + 36 * 2
    assert {*range(8)} == {*memoryview(blob[96:]).cast("H")}


def test_words_are_the_output_itself():
    """A language model answers with text."""
    assert ("text", 1) == (spec({"prompt": "x"}, "llm").medium, spec({"prompt": "x"}, "llm").count)


@pytest.mark.parametrize(
    ("body", "size"),
    [
        ({}, (1024, 1024)),
        ({"width": 640, "height": 360}, (640, 360)),
        ({"width": 640.0}, (640, 640)),
        ({"height": 360}, (360, 360)),
        ({"size": "1280*720"}, (1280, 720)),
        ({"size": "1280x720"}, (1280, 720)),
        ({"size": "720p"}, (720, 720)),
        ({"size": "0*0"}, (1024, 1024)),
        ({"width": 99999, "height": 1}, (4096, 1)),
        ({"width": -5, "height": 0}, (1024, 1024)),
        ({"aspect_ratio": "16:9"}, (1365, 768)),
        ({"aspect_ratio": "1:1", "resolution": "2k"}, (2048, 2048)),
        ({"aspect_ratio": "16:9", "resolution": "4k"}, (4096, 2304)),
        ({"aspect_ratio": "x:y"}, (1024, 1024)),
    ],
)
def test_picture_is_of_the_size_asked_for(body, size):
    """Width and height, the size, or shape and resolution decide; what makes no sense does not."""
    made = spec(body)

    assert size == (made.width, made.height)


@pytest.mark.parametrize(
    ("body", "size"),
    [
        ({}, (1280, 720)),
        ({"resolution": "480p"}, (852, 480)),
        ({"resolution": "1080p", "aspect_ratio": "9:16"}, (1080, 1920)),
        ({"resolution": "4k"}, (3840, 2160)),
        ({"size": "832*480"}, (832, 480)),
        ({"size": "9:16", "resolution": "540p"}, (540, 960)),
    ],
)
def test_video_is_of_the_size_asked_for(body, size):
    """Its sides are even, as the encoder needs them."""
    made = spec(body, "text-to-video")

    assert size == (made.width, made.height)


def test_defaults_of_the_schema_count():
    """What was not given is as the schema says, or as the model's name says."""
    duration = {"duration": {"default": 8}, "resolution": {"default": "1080p"}}

    assert (8, 1080) == (lambda made: (made.seconds, made.height))(
        spec({}, "text-to-video", **duration)
    )
    assert 480 == spec({}, "text-to-video", "a/seed-480p").height
    assert 5 == spec({}, "text-to-video").seconds
    assert 60 == spec({"duration": 9999}, "text-to-video").seconds
    assert 3 == spec({"num_images": 3}).count


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        " \n\t ",
        "\x00\x1b",
        "\ud800 lone",
        "日本語 العربية",
        "😀" * 50,
        "w" * 5000,
        "word " * 2000,
    ],
)
@pytest.mark.parametrize("side", [1, 40, 512])
def test_any_prompt_can_be_drawn(prompt, side):
    """No text breaks the drawing, at no size."""
    assert (side, side) == opened(drawn(prompt, (side, side))).size


def test_prompt_of_broken_unicode_comes_back_as_it_was(http, clock):
    """Half a surrogate pair passes through the server and ends in a picture."""
    prediction = submit(http, {"prompt": "\ud800"})
    clock.advance(1)

    answer = http.get(f"/api/v3/predictions/{prediction}")

    assert {"prompt": "\ud800"} == json.loads(answer.content)["data"]["input"]
    assert 200 == http.get(f"/_outputs/{prediction}/0.png").status_code


def test_picture_follows_from_the_request(http, clock):
    """The same request gives the same bytes; another text does not."""
    urls = [
        outputs(http, clock, {"prompt": prompt, "width": 64}, "get3w/flux-dev")[0]
        for prompt in ("x", "x", "y")
    ]
    one, same, other = (http.get(url).content for url in urls)

    assert one == same
    assert one != other
    assert drawn("x") != drawn("x", model="a/c")


def test_prompt_is_drawn():
    """A long text leaves more white in the picture than a short one."""
    blank, full = opened(drawn(".")), opened(drawn("a long prompt " * 20))

    def bright(image):
        return sum(1 for pixel in image.convert("L").tobytes() if pixel > 230)

    assert bright(blank) + 5000 < bright(full)


def test_files_are_kept_for_a_week(http, stranger, clock):
    """Outputs and uploads are gone after seven days; the prediction still tells of them."""
    answer = http.post(UPLOAD, files={"file": ("a.png", b"x")})
    uploaded = answer.json()["data"]["url"]
    (output,) = outputs(http, clock, {"prompt": "x", "width": 8}, "get3w/flux-dev")

    clock.advance(WEEK - 11)
    assert [200, 200] == [stranger.get(url).status_code for url in (uploaded, output)]

    clock.advance(1)
    assert [404, 404] == [stranger.get(url).status_code for url in (uploaded, output)]
    prediction = output.split("/")[-2]
    shown = http.get(f"/api/v3/predictions/{prediction}").json()["data"]
    assert ("completed", [output]) == (shown["status"], shown["outputs"])


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.png", "image/png"),
        ("a.JPG", "image/jpeg"),
        ("a.jpeg", "image/jpeg"),
        ("a.webp", "image/webp"),
        ("a.gif", "image/gif"),
        ("a.mp4", "video/mp4"),
        ("a.webm", "video/webm"),
        ("a.mov", "video/quicktime"),
        ("a.mp3", "audio/mpeg"),
        ("a.wav", "audio/wav"),
        ("a.flac", "audio/flac"),
        ("a.m4a", "audio/mp4"),
    ],
)
def test_upload_is_served_as_it_came(http, stranger, emulator, name, media_type):
    """Each documented format is taken, and its address answers with the bytes."""
    answer = http.post(UPLOAD, files={"file": (name, b"\x00\xff bytes")})

    url = answer.json()["data"]["url"]
    assert {"code": 200, "message": "success", "data": {"url": url}} == answer.json()
    assert url.startswith(f"{emulator.url}/_uploads/")
    assert url.endswith(name[1:].lower())
    served = stranger.get(url)
    assert (b"\x00\xff bytes", media_type) == (served.content, served.headers["content-type"])


@pytest.mark.parametrize(
    ("file", "extension"),
    [
        (("upload", b"x", "image/webp"), ".webp"),
        (("upload", b"x", "audio/x-wav"), ".wav"),
        (("upload", b"\x89PNG\r\n", "application/octet-stream"), ".png"),
        (("upload", b"RIFF....WAVE", "application/octet-stream"), ".wav"),
        (("upload", b"....ftypisom", "application/octet-stream"), ".mp4"),
        (("upload", b"....ftypM4A ", "application/octet-stream"), ".m4a"),
    ],
)
def test_upload_without_an_extension_is_recognised(http, file, extension):
    """The media type tells the format, else the first bytes do."""
    assert http.post(UPLOAD, files={"file": file}).json()["data"]["url"].endswith(extension)


@pytest.mark.parametrize(
    "call",
    [
        {"files": {"file": ("a.txt", b"x")}},
        {"files": {"file": ("a.pdf", b"\x89PNG", "image/png")}},
        {"files": {"file": ("upload", b"x", "application/octet-stream")}},
        {"files": {"file": ("a.png", b"")}},
        {"files": {"picture": ("a.png", b"x")}},
        {"data": {"file": "a.png"}},
        {"json": {"file": "a.png"}},
        {"content": b"junk", "headers": {"content-type": "multipart/form-data; boundary=x"}},
        {"content": b"junk", "headers": {"content-type": "multipart/form-data"}},
        {},
    ],
)
def test_upload_of_something_else_is_refused(http, call):
    """What is no file of a documented format is answered 400."""
    answer = http.post(UPLOAD, **call)

    assert (400, "Invalid parameters") == (answer.status_code, answer.json()["message"])
    assert answer.json()["details"]


@pytest.mark.parametrize(
    ("name", "most"), [("a.png", 20 * MIB), ("a.mp3", 50 * MIB), ("a.mp4", 100 * MIB)]
)
def test_each_kind_has_its_limit(name, most):
    """A file at the limit passes, one byte more does not."""
    assert Uploads(ManualClock()).add(name, "", bytes(most)).endswith(name[1:])
    with pytest.raises(ApiError, match="File too large"):
        Uploads(ManualClock()).add(name, "", bytes(most + 1))


def test_upload_that_is_too_large_is_refused(http):
    """A file over the limit of its kind is answered 413."""
    over = http.post(UPLOAD, files={"file": ("a.png", bytes(20 * MIB + 1))})

    assert 413 == over.status_code
    assert {
        "code": 413,
        "message": "File too large",
        "data": None,
        "details": [{"pointer": "/file", "message": "is larger than 20 MB"}],
    } == over.json()


def test_upload_larger_than_any_kind_is_refused_unread(http):
    """A call that declares more than any file may have is answered without being kept."""
    answer = http.post(UPLOAD, files={"file": ("a.mp4", bytes(101 * MIB))})

    assert 413 == answer.status_code
