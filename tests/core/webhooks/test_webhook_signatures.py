"""Signatures are checked on raw bytes; what differs in one byte is refused."""

import contextlib
import hashlib
import hmac
import inspect
import pickle
import threading

import pytest
from get3w_core import (
    ConfigurationError,
    MemoryReplayStore,
    SignatureScheme,
    WaveSpeedSignature,
    WebhookVerificationError,
)
from get3w_core.webhooks import signatures as signatures_module
from get3w_core.webhooks import tokens as tokens_module
from hypothesis import assume, given, settings
from hypothesis import strategies as st

few = settings(max_examples=100, deadline=None, database=None)

# The test vector of WaveSpeed's scheme [W].
SECRET = "whsec_testsecret"
BODY = b'{"id":"pred_abc123","status":"completed"}'
TIME = 1700000000
SIGNATURE = "815ff5bcebcef528a5fbfbfa35030467ba93d4a3f1b06ea4f8350a028da8def3"
HEADERS = {
    "webhook-id": "evt_1",
    "webhook-timestamp": str(TIME),
    "webhook-signature": f"v3,{SIGNATURE}",
}
SCHEME: SignatureScheme = WaveSpeedSignature(SECRET)


class Headers(dict):
    """Headers as servers have them: a name may come more than once."""

    def __init__(self, *pairs):
        super().__init__(pairs)
        self.pairs = pairs

    def items(self):
        return self.pairs


def refused(headers, body=BODY, now=TIME, match=None):
    with pytest.raises(WebhookVerificationError, match=match) as caught:
        SCHEME.verify(headers, body, now)
    assert "testsecret" not in str(caught.value)


def test_the_test_vector():
    """The published example verifies, and is what `sign` makes."""
    verified = SCHEME.verify(HEADERS, BODY, TIME)
    signed = WaveSpeedSignature(SECRET).sign(BODY, delivery_id="evt_1", timestamp=TIME)

    assert "evt_1" == verified.id
    assert TIME + 300 == verified.valid_until
    assert {"Content-Type": "application/json", **HEADERS} == signed


def test_a_secret_without_its_prefix():
    """The prefix is no part of the key."""
    assert WaveSpeedSignature("testsecret").verify(HEADERS, BODY, TIME)


@pytest.mark.parametrize("change", [str.upper, str.title, str.swapcase])
def test_header_names_in_any_case(change):
    """Header names have no case."""
    assert SCHEME.verify({change(name): value for name, value in HEADERS.items()}, BODY, TIME)


@pytest.mark.parametrize("off", [-300, -299.5, 0, 299.5, 300])
def test_within_the_window(off):
    """300 s are allowed both ways, the last one included."""
    assert SCHEME.verify(HEADERS, BODY, TIME + off)


@pytest.mark.parametrize("off", [-1e9, -301, -300.001, 300.001, 301, 1e9, float("nan")])
def test_outside_the_window(off):
    """A delivery from too long ago, or from the future, is refused."""
    refused(HEADERS, now=TIME + off, match="webhook-timestamp is .* away")


def test_a_narrower_window():
    """The tolerance can be chosen."""
    scheme = WaveSpeedSignature(SECRET, tolerance=10)

    assert TIME + 10 == scheme.verify(HEADERS, BODY, TIME + 10).valid_until
    with pytest.raises(WebhookVerificationError, match="at most 10 s"):
        scheme.verify(HEADERS, BODY, TIME + 11)


@pytest.mark.parametrize(
    "value",
    [
        f"v3,{'0' * 64} v3,{SIGNATURE}",
        f"v3,{SIGNATURE} v3,{'0' * 64}",
        f"v3,{'0' * 64},v3,{SIGNATURE}",
        f"v3,{'0' * 64}, v3,{SIGNATURE}",
        f"v1,c2lnbmF0dXJl v3,{SIGNATURE}",
    ],
)
def test_one_of_several_signatures(value):
    """A sender that changes its secret signs with both for a while."""
    assert SCHEME.verify({**HEADERS, "webhook-signature": value}, BODY, TIME)


def test_signatures_in_several_headers():
    """The header may be repeated, which is the same as joining its values."""
    headers = Headers(
        ("webhook-id", "evt_1"),
        ("webhook-timestamp", str(TIME)),
        ("Webhook-Signature", "v3," + "0" * 64),
        ("webhook-signature", f"v3,{SIGNATURE}"),
    )

    assert SCHEME.verify(headers, BODY, TIME)


@pytest.mark.parametrize(
    "value",
    [
        "",
        SIGNATURE,
        f"v1,{SIGNATURE}",
        f"v3,{SIGNATURE.upper()}",
        f"v3,{SIGNATURE}0",
        f"v3,{SIGNATURE[:-1]}",
        f"v3, {SIGNATURE}",
        f"v3,{SIGNATURE}\n",
        f"xv3,{SIGNATURE}",
        f"sha256={SIGNATURE}",
        "v3,",
        "é",
        "\ud800",
    ],
)
def test_other_signatures_are_refused(value):
    """Only whole, lowercase signatures of this version count."""
    refused({**HEADERS, "webhook-signature": value}, match="does not fit")


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp"])
def test_each_header_comes_once(name):
    """A header that is missing or repeated is refused, and named."""
    missing = {key: value for key, value in HEADERS.items() if key != name}
    repeated = Headers(*HEADERS.items(), (name.title(), HEADERS[name]))

    refused(missing, match=f"{name} is missing")
    refused(repeated, match=f"{name} is repeated")
    refused({**HEADERS, name: ""}, match=f"{name} is malformed")


def test_no_headers():
    refused({}, match="missing")
    refused({name: HEADERS[name] for name in list(HEADERS)[:2]}, match="does not fit")


@pytest.mark.parametrize("value", ["-1", "1.7e9", "१", "1700000000.0", " 1700000000", "9" * 5000])
def test_malformed_timestamps(value):
    """A timestamp is a plain number of seconds."""
    refused({**HEADERS, "webhook-timestamp": value}, match="webhook-timestamp is malformed")


def test_a_zero_in_front_is_another_timestamp():
    """What is signed is the text, not the number."""
    refused({**HEADERS, "webhook-timestamp": f"0{TIME}"}, match="does not fit")


def test_another_secret():
    """The signature of another secret is refused; the key is not its base64 either."""
    other = WaveSpeedSignature("whsec_othersecret")

    refused(other.sign(BODY, delivery_id="evt_1", timestamp=TIME), match="does not fit")


def test_parts_cannot_be_shifted():
    """Moving a piece of the id into the timestamp leaves no body that could be read."""
    signed = WaveSpeedSignature(SECRET).sign(BODY, delivery_id=f"evt.{TIME}", timestamp=TIME)
    shifted = {**signed, "webhook-id": "evt"}

    assert SCHEME.verify(shifted, f"{TIME}.".encode() + BODY, TIME)  # the text signed is the same
    refused(shifted)


characters = st.characters(codec="latin-1")


@few
@given(st.data(), st.binary(max_size=40), st.integers(0, 10**10))
def test_any_change_is_refused(data, body, timestamp):
    """One changed, added or removed byte in body, id, timestamp or signature is refused."""
    identity = data.draw(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1))
    scheme = WaveSpeedSignature(SECRET)
    headers = scheme.sign(body, delivery_id=identity, timestamp=timestamp)
    assert identity == scheme.verify(headers, body, timestamp).id

    part = data.draw(st.sampled_from(["body", *HEADERS]))
    before = body.decode("latin-1") if part == "body" else headers[part]
    start = data.draw(st.integers(0, len(before)))
    end = data.draw(st.integers(start, min(start + 1, len(before))))
    changed = before[:start] + data.draw(st.text(characters, max_size=1)) + before[end:]
    assume(changed != before)
    if part == "webhook-signature":
        # White space and commas stand between signatures, so around one they are no change.
        assume(changed.strip(" ,") != before)
    if part == "body":
        body = changed.encode("latin-1")
    else:
        headers[part] = changed

    with pytest.raises(WebhookVerificationError):
        scheme.verify(headers, body, timestamp)


@few
@given(
    st.dictionaries(
        st.sampled_from([*HEADERS, "Webhook-Id", "x"]) | st.text(max_size=5),
        st.sampled_from([*HEADERS.values(), "", "v3,"]) | st.text(max_size=80),
    ),
    st.binary(max_size=20) | st.just(BODY),
    st.floats(),
)
def test_any_headers_are_verified_or_refused(headers, body, now):
    """Whatever comes, nothing but our own error comes out."""
    try:
        verified = SCHEME.verify(headers, body, now)
    except WebhookVerificationError:
        return
    assert ("evt_1", BODY) == (verified.id, body)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_a b", "whsec_abc\n", "whsec_é", "\ud800"])
def test_unusable_secrets(secret):
    """A secret that was copied badly is refused at once, and not shown."""
    with pytest.raises(ConfigurationError, match="webhook secret") as caught:
        WaveSpeedSignature(secret)

    assert "whsec" not in str(caught.value)


@pytest.mark.parametrize("tolerance", [-1, float("inf"), float("nan")])
def test_unusable_tolerances(tolerance):
    """A window without end is none."""
    with pytest.raises(ConfigurationError, match="tolerance"):
        WaveSpeedSignature(SECRET, tolerance)


def test_the_secret_does_not_show_itself():
    """Neither a repr nor a pickle holds the secret."""
    assert "WaveSpeedSignature('***', tolerance=300)" == repr(WaveSpeedSignature(SECRET))
    with pytest.raises(TypeError):
        pickle.dumps(WaveSpeedSignature(SECRET))


@pytest.mark.parametrize("module", [signatures_module, tokens_module])
def test_comparing_takes_the_same_time(module):
    """What an attacker could learn byte by byte is compared in constant time."""
    source = inspect.getsource(module)

    assert 1 == source.count("hmac.compare_digest(")
    assert 1 == source.count(".hexdigest()")


def test_the_scheme_is_plain_hmac():
    """An independent calculation agrees."""
    signed = hmac.new(b"testsecret", b"evt_1.1700000000." + BODY, hashlib.sha256)

    assert SIGNATURE == signed.hexdigest()


def test_a_key_is_claimed_once():
    """The first claim of a key is the only one, until its time is over."""
    store = MemoryReplayStore()

    assert store.claim("a", until=300, now=0)
    assert not store.claim("a", until=300, now=1)
    assert not store.claim("a", until=300, now=300)
    assert store.claim("b", until=300, now=300)
    assert store.claim("a", until=600, now=300.1)


def test_a_later_copy_keeps_the_key_longer():
    """A repeat that was signed later stays valid longer, and so does the memory of it."""
    store = MemoryReplayStore()
    store.claim("a", until=300, now=0)
    store.claim("a", until=500, now=200)
    store.claim("a", until=400, now=201)

    assert not store.claim("a", until=500, now=500)


def test_a_released_key_is_free():
    """A key that was given back can be claimed again; one that is not held can be given back."""
    store = MemoryReplayStore()
    store.claim("a", until=300, now=0)
    store.release("a")
    store.release("never")

    assert store.claim("a", until=300, now=0)


def test_memory_is_bounded():
    """A full store forgets what was claimed first, and only as much as it must."""
    store = MemoryReplayStore(max_keys=3)
    for key in "abcd":
        assert store.claim(key, until=300, now=0)

    assert 3 == len(store)
    assert [False, False, False] == [store.claim(key, until=300, now=0) for key in "bcd"]
    assert store.claim("a", until=300, now=0)


def test_a_key_claimed_anew_is_young():
    """Which key makes room goes by its last claim, not by its first."""
    store = MemoryReplayStore(max_keys=4)
    for key, until in (("a", 300), ("b", 10), ("c", 300)):
        store.claim(key, until, now=0)
    for key in "bdef":
        assert store.claim(key, until=300, now=20)

    assert not store.claim("b", until=300, now=20)


def test_old_keys_are_forgotten():
    """Keys whose time is over take no memory."""
    store = MemoryReplayStore()
    for second in range(1000):
        store.claim(f"key {second}", until=second + 300, now=second)

    assert 301 == len(store)


@pytest.mark.parametrize("max_keys", [0, -5])
def test_the_smallest_store(max_keys):
    """A store holds at least one key."""
    store = MemoryReplayStore(max_keys)

    assert store.claim("a", until=300, now=0)
    assert not store.claim("a", until=300, now=0)


def test_one_thread_gets_the_key():
    """Of two threads that look for one key at the same moment, one gets it."""
    both = threading.Barrier(2)

    class Meeting(str):
        """Is looked for by two threads at once, if nothing keeps one of them out."""

        __slots__ = ()

        def __hash__(self):
            with contextlib.suppress(threading.BrokenBarrierError):
                both.wait(timeout=0.1)
            return str.__hash__(self)

    store = MemoryReplayStore()
    won = []

    def race():
        won.append(store.claim(Meeting("a"), until=300, now=0))

    threads = [threading.Thread(target=race) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [False, True] == sorted(won)


@pytest.mark.parametrize("secret", ["a", "whsec_a", "whsec_1234567", "1234567"])
def test_a_secret_that_can_be_guessed_is_refused(secret):
    """A secret of a few letters is refused without being shown, with what to do."""
    with pytest.raises(ConfigurationError, match="at least 8 are needed") as caught:
        WaveSpeedSignature(secret)

    assert repr(secret) not in str(caught.value)


def test_a_secret_of_eight_characters_will_do():
    """How long secrets are is not documented, so no more is demanded."""
    assert WaveSpeedSignature("whsec_12345678").sign(b"", delivery_id="a", timestamp=0)
