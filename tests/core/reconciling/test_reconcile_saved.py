"""A submit of unknown outcome as data: what is saved, what is hidden, and what is compared."""

import json
import pickle
import time

import httpx
import pytest
from get3w_core import (
    ConfigurationError,
    RequestValidationError,
    ResponseFormatError,
    SavedSubmission,
    SubmitOutcomeUnknownError,
)
from get3w_core.reconciling.inputs import compare_inputs, sketch_input
from get3w_models import request_class
from hypothesis import given
from hypothesis import strategies as st

SECRET = "hunter2-marker"
SECRET_INPUTS = [
    {"image": f"https://bucket.example/a.png?X-Amz-Signature={SECRET}"},
    {"image": f"https://user:{SECRET}@bucket.example/a.png"},
    {"image": f"https://bucket.example/a.png#{SECRET}"},
    {"image": f"data:image/png;base64,{SECRET}"},
    {"images": [{"url": f"s3://bucket/a?{SECRET}"}]},
    {"prompt": f"like https://bucket.example/a.png?sig={SECRET} but blue"},
    {"api_key": SECRET},
    {"vendor": {"Authorization": f"Bearer {SECRET}"}},
    {"auth": {"password": [SECRET]}},
    {"prompt": "x" * 3000 + SECRET},
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
INPUTS = st.dictionaries(st.text(max_size=8), JSON, max_size=4)


@pytest.fixture
def error(side, script, paint):
    """The error of a submit whose answer was lost."""
    client = side.client(script(httpx.ReadError))
    with pytest.raises(SubmitOutcomeUnknownError) as caught:
        side.run(client.submit(paint, webhook_url=f"https://app.example/hooks?secret={SECRET}"))
    return caught.value


def test_error_names_the_next_step(error):
    """Who reads the message knows what to call, what to keep, and when it was sent."""
    sent_at = time.gmtime(error.submission.sent_at)

    assert "get3w_core.reconcile(error)" in str(error)
    assert "keep error.to_json(); SavedSubmission.from_json reads it" in str(error)
    assert time.strftime("%Y-%m-%d %H:%M:%S UTC", sent_at) in str(error)


def test_saved_submission_survives(error):
    """What is read back is what was saved, also from a pickled error."""
    saved = SavedSubmission.from_json(error.to_json())

    assert error.submission == saved
    assert saved == pickle.loads(pickle.dumps(error)).submission
    assert {"prompt": "a lighthouse"} == saved.input
    assert ("get3w/paint", "v3") == (saved.model_id, saved.surface)
    assert saved.sent_at <= saved.ended_at
    assert hash(saved) == hash(SavedSubmission.from_json(saved.to_json()))


def test_saved_submission_holds_no_key_and_no_callback(error, key):
    """Neither the key nor the callback address is in the text, the repr or the pickle."""
    for text in (error.to_json(), repr(error.submission), repr(pickle.dumps(error))):
        assert key not in text
        assert SECRET not in text
        assert "app.example" not in text
    assert "a lighthouse" not in repr(error.submission)


@pytest.mark.parametrize("body", SECRET_INPUTS, ids=lambda body: next(iter(body)))
def test_secrets_of_the_input_are_digests(body):
    """Files, presigned addresses and credentials are compared, and never shown."""
    sketch = sketch_input(body)
    other = json.loads(json.dumps(body).replace(SECRET, "another"))

    assert SECRET not in json.dumps(sketch)
    assert "equal" == compare_inputs(sketch, sketch_input(body), {})
    assert "different" == compare_inputs(sketch, sketch_input(other), {})


def test_a_digest_cannot_be_passed_off():
    """A text that looks like a digest is not taken for what it is the digest of."""
    sketch = sketch_input({"image": "data:,a"})

    assert "different" == compare_inputs(sketch, sketch_input(sketch), {})


@given(INPUTS)
def test_input_equals_itself_through_json(body):
    """Whatever JSON was sent is equal to what a server shows of it."""
    sent = {name: body[name] for name in body if name != "webhook_url"}
    shown = json.loads(json.dumps(sent))

    assert "equal" == compare_inputs(sketch_input(body), sketch_input(shown), {})


@given(INPUTS, INPUTS)
def test_match_contains_what_was_sent(sent, shown):
    """An input that matches has every name and value that was sent."""
    sent.pop("webhook_url", None)
    match = compare_inputs(sketch_input(sent), sketch_input({**shown, **sent}), {})
    more = any(shown[name] is not None for name in shown.keys() - sent.keys() - {"webhook_url"})

    assert ("extra" if more else "equal") == match


def wrong_texts():
    """Yield a text for each way in which a saved submission can be spoilt."""
    good = {
        "saved_submission": 1,
        "submission_id": "abc",
        "model_id": "get3w/paint",
        "origin": "https://api.get3w.com",
        "surface": "v3",
        "sent_at": 1.0,
        "ended_at": 2.0,
        "input": {},
        "defaults": {},
        "callback_nonce": None,
        "prediction_id": None,
    }
    assert "abc" == SavedSubmission.from_json(json.dumps(good)).submission_id
    yield from ("", "null", "[]", "{", "1")
    for name in good:
        yield json.dumps({key: good[key] for key in good if key != name})
        for value in ([], True, "", -1):
            if not (name == "sent_at" and value == -1):
                yield json.dumps({**good, name: value})
    for changes in (
        {"more": 1},
        {"saved_submission": 2},
        {"surface": "v2"},
        {"origin": "https://api.get3w.com/"},
        {"origin": "https://user@api.get3w.com"},
        {"sent_at": 3.0},
        {"ended_at": float("inf")},
        {"sent_at": float("nan")},
        {"input": None},
    ):
        yield json.dumps({**good, **changes})


@pytest.mark.parametrize("text", list(wrong_texts()))
def test_other_text_is_refused(text):
    """A text that is not whole and exact is refused, and not shown."""
    with pytest.raises(ResponseFormatError, match="not the JSON of a saved submission"):
        SavedSubmission.from_json(text)


def test_described_before_it_is_submitted(side, script, paint, error):
    """What is described before a submit is what its error would have said, but for the times."""
    client = side.client(script())
    before = client.describe_submit(paint, webhook_url=f"https://app.example/hooks?secret={SECRET}")
    after = error.submission

    assert SECRET not in before.to_json()
    assert before == SavedSubmission.from_json(before.to_json())
    assert (after.model_id, after.surface, after.input, after.defaults) == (
        before.model_id,
        before.surface,
        before.input,
        before.defaults,
    )
    assert before.ended_at - before.sent_at >= 60


def test_extra_body_is_described(side, script, paint):
    """Input that the schema does not know is described too."""
    described = side.client(script()).describe_submit(paint, extra_body={"style": "oil"})

    assert "oil" == described.input["style"]


def test_a_local_file_cannot_be_described(side, script, tmp_path):
    """A file has no URL before it is uploaded, so the submit would not be found by it."""
    request = request_class("kwaivgi/kling-v2.6-pro/image-to-video")(
        prompt="x", image=tmp_path / "a.png"
    )
    with pytest.raises(ConfigurationError, match="upload it first"):
        side.client(script()).describe_submit(request)


def test_what_does_not_fit_cannot_be_described(side, script, paint):
    """An input that was changed to one that the schema refuses is refused here too."""
    with pytest.raises(RequestValidationError):
        side.client(script()).describe_submit(paint.model_copy(update={"prompt": 1}))
