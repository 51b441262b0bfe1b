"""Whatever a server sends is read leniently, and a handle survives as JSON."""

import copy
import json
import pickle
from datetime import UTC, datetime

import pytest
from get3w_core import (
    AsyncPrediction,
    Client,
    ConfigurationError,
    Prediction,
    PredictionFailedError,
    ResponseFormatError,
    set_default_client,
)
from get3w_core._common.prediction_data import PredictionData, parse_time

FULL = {
    "id": "pred_1",
    "status": "failed",
    "model": "get3w/paint",
    "outputs": ["https://cdn.test/a.png", {"text": "hi"}, 3, None],
    "error": "no",
    "code": 1402,
    "timings": {"inference": 2500},
    "urls": {"get": "https://api.get3w.com/x"},
    "created_at": "2024-01-01T12:00:00.000Z",
    "completed_at": "2025-05-19T06:09:15.948268264Z",
    "estimated_duration": 52,
}


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        ("status", "dreaming", "dreaming"),
        ("model", 3, None),
        ("outputs", "x", ()),
        ("outputs", None, ()),
        ("error", "", None),
        ("error", {"message": "x"}, None),
        ("code", "1402", None),
        ("code", True, None),
        ("code", 1402.0, 1402),
        ("timings", [], {}),
        ("timings", {"inference": "fast", "queue": 1}, {"queue": 1}),
        ("urls", {"get": 1, "web": "w"}, {"web": "w"}),
        ("created_at", 1700000000, None),
        ("estimated_duration", None, None),
        ("id", 123, "123"),
    ],
)
def test_odd_fields_are_dropped(field, value, read):
    """A field of another type is left out; nothing raises."""
    assert read == getattr(PredictionData.read({**FULL, field: value}), field)


@pytest.mark.parametrize("field", ["id", "status"])
@pytest.mark.parametrize("value", ["", None, [], {}, True])
def test_id_and_status_are_needed(field, value):
    """Without them there is no prediction."""
    assert PredictionData.read({**FULL, field: value}) is None


def test_wire_form_reads_back():
    """`to_wire` is what `read` reads."""
    data = PredictionData.read(FULL)

    assert data == PredictionData.read(json.loads(json.dumps(data.to_wire())))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-01-01T12:00:00.000Z", datetime(2024, 1, 1, 12, tzinfo=UTC)),
        ("2025-05-19T06:09:15.948268264Z", datetime(2025, 5, 19, 6, 9, 15, 948268, tzinfo=UTC)),
        ("2024-01-01T12:00:00", datetime(2024, 1, 1, 12, tzinfo=UTC)),
        ("yesterday", None),
        (None, None),
    ],
)
def test_times_are_read_leniently(text, moment):
    """Milliseconds and nanoseconds are read, anything else is None."""
    assert moment == parse_time(text)


def handle(kind=Prediction, **changes):
    data = PredictionData.read({**FULL, **changes})
    return kind(data, surface="v1", origin="https://api.get3w.com")


@pytest.mark.parametrize("kind", [Prediction, AsyncPrediction])
def test_handle_survives_as_json(kind, key):
    """Data, surface and origin come back, and the key is not in it."""
    client = Client(api_key=key) if kind is Prediction else None
    before = kind(
        PredictionData.read(FULL), surface="v1", origin="https://api.get3w.com", client=client
    )
    text = before.to_json()
    after = kind.from_json(text)

    assert key not in text
    assert before.data == after.data
    assert text == after.to_json()
    assert "v1" == json.loads(text)["surface"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "nonsense",
        '{"origin": "https://x.test", "surface": "v3"}',
        '{"origin": "https://x.test/path", "surface": "v3", "prediction": {"id":"a","status":"b"}}',
        '{"origin": "https://x.test", "surface": "v9", "prediction": {"id":"a","status":"b"}}',
        '{"origin": "ftp://x.test", "surface": "v3", "prediction": {"id":"a","status":"b"}}',
    ],
)
def test_other_json_is_refused(text):
    """What is no handle is an error of our own."""
    with pytest.raises(ResponseFormatError):
        Prediction.from_json(text)


def test_client_of_another_origin_is_refused(key):
    """The key of one origin is not offered to another, given or by default."""
    other = Client(api_key=key, base_url="https://other.test")
    with pytest.raises(ConfigurationError, match="belongs to") as caught:
        Prediction.from_json(handle().to_json(), client=other)
    set_default_client(other)
    with pytest.raises(ConfigurationError, match="belongs to"):
        Prediction.from_json(handle(status="created").to_json()).wait()

    assert "pred_1" == caught.value.prediction_id


def test_another_process_carries_on(side, script, ok, paint):
    """A handle from JSON waits with its own client, without a submit."""
    server = script(ok(), ok("completed"))
    client = side.client(server)
    before = side.run(client.submit(paint))
    after = type(before).from_json(before.to_json(), client=client)

    assert "completed" == side.run(after.wait()).status
    assert 1 == server.posts


def test_missing_key_names_the_prediction():
    """An error of a handle carries the id, also when nothing could be sent."""
    with pytest.raises(ConfigurationError, match="GET3W_API_KEY") as caught:
        handle(status="created").wait()

    assert "pred_1" == caught.value.prediction_id


def test_repr_is_short():
    """The repr shows id, status and model."""
    assert "Prediction(id='pred_1', status='failed', model='get3w/paint')" == repr(handle())


def test_failed_handle_raises_offline():
    """A failed prediction raises without asking, and the error survives pickle."""
    with pytest.raises(PredictionFailedError) as caught:
        handle().wait()
    copy = pickle.loads(pickle.dumps(caught.value))

    assert str(caught.value) == str(copy)
    assert caught.value.prediction.data == copy.prediction.data


@pytest.mark.parametrize("made", [copy.copy, copy.deepcopy])
def test_copies_keep_the_client(side, script, ok, paint, made):
    """A copy asks with the same client, and learns by itself."""
    prediction = side.run(side.client(script(ok(), ok("completed"))).submit(paint))
    other = made(prediction)
    side.run(other.refresh())

    assert (type(prediction), "completed", "created") == (
        type(other),
        other.status,
        prediction.status,
    )
