"""The demo: one program for every model, run as `make demo` runs it."""

import json
import re

import av
import pytest
from get3w_models import model_ids

FOR_ALL = {"demo", "example_input", "team_ci", "webhook_receiver"}


@pytest.fixture
def demo(python, root):
    """Run the demo in an empty folder."""
    return lambda *arguments, **environment: python(
        str(root / "examples/demo.py"), *arguments, **environment
    )


@pytest.mark.parametrize(
    ("model", "shown"),
    [
        ([], "submit_"),
        (["kwaivgi/kling-v2.6-pro/image-to-video"], "voice_list=[VoiceListItem(voice_id="),
        (["google/nano-banana-pro/text-to-image"], "submit_nano_banana_pro_text_to_image("),
    ],
    ids=["default", "nested", "v1"],
)
def test_demo_tells_what_happened(demo, tmp_path, model, shown):
    """It prints the call, the id, each status and the path of a picture or video that opens."""
    done = demo(*model)

    assert "" == done.stderr
    assert 0 == done.returncode
    assert "no GET3W_API_KEY: talking to an emulator at http://127.0.0.1:" in done.stdout
    assert shown in done.stdout
    assert re.search(r"^submit_\w+\($", done.stdout, re.MULTILINE)
    assert re.search(r"^prediction \S+$", done.stdout, re.MULTILINE)
    assert ["created", "completed"] == [
        line.strip()
        for line in done.stdout.splitlines()
        if line.strip() in {"created", "completed", "failed"}
    ]
    (path,) = re.findall(r"^saved (.+)$", done.stdout, re.MULTILINE)
    assert path.startswith(str(tmp_path.resolve()))
    with av.open(path) as media:
        assert next(media.decode(video=0)).width


def test_demo_with_a_key_talks_to_the_server(demo, emulator):
    """With a key in the environment the same code talks to the configured server."""
    done = demo(GET3W_API_KEY=emulator.api_key, GET3W_BASE_URL=emulator.url)

    assert "" == done.stderr
    assert f"talking to {emulator.url}" in done.stdout
    assert model_ids(documented=True)[0] in [entry.model for entry in emulator.ledger()]


def test_demo_with_a_wrong_key(demo, emulator):
    """A wrong key is one clear line and an exit status, without a traceback."""
    done = demo(GET3W_API_KEY="wrong-key", GET3W_BASE_URL=emulator.url)

    assert 1 == done.returncode
    assert "Invalid or revoked API key" in done.stderr
    assert "Traceback" not in done.stderr


def test_demo_that_cannot_save_submits_nothing(demo, emulator, tmp_path):
    """Where the picture could not be saved, that is said before a task costs anything."""
    (tmp_path / "build").write_text("in the way")
    before = len(emulator.ledger())
    done = demo(GET3W_API_KEY=emulator.api_key, GET3W_BASE_URL=emulator.url)

    assert 1 == done.returncode
    assert "build" in done.stderr
    assert "Traceback" not in done.stderr
    assert before == len(emulator.ledger())


def test_demo_of_an_unknown_model(demo):
    """An unknown model is one clear line with the nearest id, without a traceback."""
    done = demo("get3w/flux-dv")

    assert 1 == done.returncode
    assert "get3w/flux-dev" in done.stderr
    assert "Traceback" not in done.stderr


def test_examples_name_no_model(root):
    """What runs with every model knows none by name."""
    locked = json.loads((root / "schemas/names.lock.json").read_text(encoding="utf-8"))
    texts = [
        path.read_text(encoding="utf-8")
        for path in (root / "examples").glob("*.py")
        if path.stem in FOR_ALL
    ]
    spellings = {*locked, *(f"submit_{name}" for name in locked.values())}

    assert texts
    assert [] == [name for name in sorted(spellings) for text in texts if name in text]
