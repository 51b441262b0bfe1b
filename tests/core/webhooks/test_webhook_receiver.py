"""One way in: address, signature, body, copies, in this order."""

import json

import pytest
from get3w_core import (
    ConfigurationError,
    MemoryReplayStore,
    Prediction,
    VerifiedDelivery,
    WaveSpeedSignature,
    WebhookDuplicateError,
    WebhookError,
    WebhookReceiver,
    WebhookVerificationError,
)
from hypothesis import given, settings
from hypothesis import strategies as st

few = settings(max_examples=100, deadline=None, database=None)

SECRET = "a secret of the receiver alone"
SCHEME = WaveSpeedSignature("whsec_testsecret")
BASE = "https://app.example/hooks"
BODY = b'{"id":"pred_abc123","status":"completed"}'
OTHER = b'{"id":"pred_other","status":"completed"}'
NOW = 1_700_000_000
DAY = 86_400


def signed(body=BODY, delivery_id="evt_1", timestamp=NOW):
    return SCHEME.sign(body, delivery_id=delivery_id, timestamp=timestamp)


@pytest.fixture
def tokened():
    return WebhookReceiver(secret=SECRET)


@pytest.fixture
def signing():
    return WebhookReceiver(signature=SCHEME)


def test_nothing_to_check_is_refused():
    """A receiver that anyone could deliver to cannot be made."""
    with pytest.raises(ConfigurationError, match="needs a secret or a signature"):
        WebhookReceiver()
    with pytest.raises(ConfigurationError, match="at least 16"):
        WebhookReceiver(secret="short")
    with pytest.raises(ConfigurationError, match="at least 16"):
        WebhookReceiver(secret="")


def test_a_token_lets_in(tokened):
    """The address that the receiver made is enough, and tells its reference."""
    url = tokened.callback_url(BASE, reference="order-7")
    delivery = tokened.receive(url=url, headers={}, body=BODY)

    assert "pred_abc123" == delivery.prediction_id
    assert "order-7" == delivery.reference
    assert delivery.delivery_id is None


def test_without_the_token(tokened):
    """A body that came to another address is not read."""
    with pytest.raises(WebhookVerificationError):
        tokened.receive(url=BASE, headers=signed(), body=b"no JSON")


def test_a_signature_lets_in(signing):
    """A signature is enough, where it is what the receiver checks."""
    delivery = signing.receive(url=BASE, headers=signed(), body=BODY, now=NOW)

    assert "evt_1" == delivery.delivery_id
    assert delivery.reference is None
    with pytest.raises(ConfigurationError, match="no secret"):
        signing.callback_url(BASE)


def test_without_a_signature(signing):
    """The signature is checked before the body is read."""
    with pytest.raises(WebhookVerificationError):
        signing.receive(url=BASE, headers=signed(), body=b"no JSON", now=NOW)


@pytest.mark.parametrize("lacking", ["token", "signature"])
def test_both_are_needed_where_both_are_checked(lacking):
    """Neither stands for the other."""
    receiver = WebhookReceiver(secret=SECRET, signature=SCHEME)
    url = BASE if lacking == "token" else receiver.callback_url(BASE)
    headers = {} if lacking == "signature" else signed()

    with pytest.raises(
        WebhookVerificationError, match=lacking[:5] if lacking == "token" else "-id"
    ):
        receiver.receive(url=url, headers=headers, body=BODY, now=NOW)


def test_a_genuine_delivery_of_nonsense(signing):
    """A body that is signed and no prediction is an error of its own, and claims nothing."""
    with pytest.raises(WebhookError) as caught:
        signing.receive(url=BASE, headers=signed(b"[]"), body=b"[]", now=NOW)

    assert not isinstance(caught.value, WebhookVerificationError)
    assert signing.receive(url=BASE, headers=signed(), body=BODY, now=NOW)


def test_a_replay_is_a_duplicate(signing):
    """The same delivery again is reported as such, also when it was signed anew."""
    signing.receive(url=BASE, headers=signed(), body=BODY, now=NOW)

    for timestamp in (NOW, NOW + 5, NOW + 3600):
        with pytest.raises(WebhookDuplicateError, match="2xx") as caught:
            signing.receive(url=BASE, headers=signed(timestamp=timestamp), body=BODY, now=timestamp)
        assert "pred_abc123" == caught.value.prediction_id


def test_another_delivery_is_none(signing):
    """Another id of a delivery is another delivery, whatever it says."""
    signing.receive(url=BASE, headers=signed(), body=BODY, now=NOW)
    again = signed(delivery_id="evt_2")

    assert "evt_2" == signing.receive(url=BASE, headers=again, body=BODY, now=NOW).delivery_id


def test_without_signature_the_prediction_counts(tokened):
    """Nothing that a stranger can choose makes a second delivery of one prediction new."""
    url = tokened.callback_url(BASE)
    tokened.receive(url=url, headers={"webhook-id": "1"}, body=BODY)
    copies = [
        ({"webhook-id": "1"}, BODY),
        ({"webhook-id": "2"}, BODY),
        ({}, b'{"id": "pred_abc123", "status": "failed"}'),
        ({}, b'{"data": {"id": "pred_abc123", "status": "new", "outputs": []}}'),
    ]
    for headers, body in copies:
        with pytest.raises(WebhookDuplicateError):
            tokened.receive(url=tokened.callback_url(BASE), headers=headers, body=body)

    assert tokened.receive(url=url, headers={"webhook-id": "1"}, body=OTHER)


def test_a_refused_delivery_claims_nothing(tokened):
    """A forged copy in front does not keep the genuine one out."""
    with pytest.raises(WebhookVerificationError):
        tokened.receive(url=f"{BASE}?get3w_token=x", headers={}, body=BODY)

    assert tokened.receive(url=tokened.callback_url(BASE), headers={}, body=BODY)


@pytest.mark.parametrize("name", ["tokened", "signing"])
def test_a_released_delivery_may_come_again(name, request):
    """What could not be acted on is let in when it is repeated."""
    receiver = request.getfixturevalue(name)
    url = receiver.callback_url(BASE) if name == "tokened" else BASE
    now = None if name == "tokened" else NOW
    receiver.release(receiver.receive(url=url, headers=signed(), body=BODY, now=now))

    assert receiver.receive(url=url, headers=signed(), body=BODY, now=now)


def test_how_long_a_delivery_is_remembered():
    """As long as outputs live, and never shorter than the signature is good."""

    class Recorder(MemoryReplayStore):
        def claim(self, key, until, now):
            seen.append((key, until, now))
            return super().claim(key, until, now)

    class Lasting:
        def verify(self, headers, body, now):
            return VerifiedDelivery("evt_1", now + 30 * DAY)

    seen = []
    receiver = WebhookReceiver(signature=SCHEME, replays=Recorder())
    receiver.receive(url=BASE, headers=signed(), body=BODY, now=NOW)
    receiver = WebhookReceiver(signature=Lasting(), replays=Recorder())
    receiver.receive(url=BASE, headers={}, body=BODY, now=NOW)

    assert [
        ("delivery evt_1", NOW + 7 * DAY, NOW),
        ("delivery evt_1", NOW + 30 * DAY, NOW),
    ] == seen


def test_receivers_share_a_store():
    """Two receivers with one store are one receiver."""
    store = MemoryReplayStore()
    first, second = (WebhookReceiver(secret=SECRET, replays=store) for _ in range(2))
    first.receive(url=first.callback_url(BASE), headers={}, body=BODY)

    with pytest.raises(WebhookDuplicateError):
        second.receive(url=first.callback_url(BASE), headers={}, body=BODY)


def test_the_surface_is_passed_on():
    """A receiver for v1 makes deliveries for v1."""
    receiver = WebhookReceiver(secret=SECRET, surface="v1")
    delivery = receiver.receive(url=receiver.callback_url(BASE), headers={}, body=BODY)

    assert "v1" == json.loads(Prediction.from_delivery(delivery).to_json())["surface"]


def test_the_clock_of_the_caller_counts():
    """An old token is refused by the time that is given."""
    receiver = WebhookReceiver(secret=SECRET)
    url = receiver.callback_url(BASE)

    with pytest.raises(WebhookVerificationError, match="old"):
        receiver.receive(url=url, headers={}, body=BODY, now=4_000_000_000)


def test_secrets_do_not_show_themselves(tokened):
    """No repr holds the secret."""
    shown = repr(tokened) + repr(vars(tokened)) + repr(vars(WebhookReceiver(signature=SCHEME)))

    assert SECRET not in shown
    assert "testsecret" not in shown


RECEIVER = WebhookReceiver(secret=SECRET, signature=SCHEME)
GENUINE = RECEIVER.callback_url(BASE)


@few
@given(
    st.just(GENUINE) | st.text(max_size=20),
    st.just(signed()) | st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=3),
    st.just(BODY) | st.binary(max_size=20),
    st.just(float(NOW)) | st.floats(),
)
def test_any_request_is_received_or_refused(url, headers, body, now):
    """Whatever comes, nothing but a `WebhookError` comes out."""
    try:
        delivery = RECEIVER.receive(url=url, headers=headers, body=body, now=now)
    except WebhookError:
        return
    RECEIVER.release(delivery)
    assert (GENUINE, BODY) == (url, body)


@pytest.mark.parametrize(
    ("kind", "status"),
    [(WebhookError, 400), (WebhookVerificationError, 401), (WebhookDuplicateError, 200)],
)
def test_error_has_the_status_to_answer_with(kind, status):
    """A receiver answers with what the error says."""
    assert status == kind("no").status_code
