"""A submit is sent again only where it certainly did nothing."""

import math
from random import Random

import httpx
import pytest
from get3w_core import (
    APIError,
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    Get3WError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ResponseFormatError,
    ServerError,
    SubmitOutcomeUnknownError,
)
from get3w_core.flow.backoff import not_before


def envelope(code, **fields):
    return {"code": code, "message": "no", "data": None, **fields}


RETRY_2 = {"Retry-After": "2"}

UNSENT = [
    pytest.param(httpx.ConnectError, id="connect"),
    pytest.param(httpx.ConnectTimeout, id="connect-timeout"),
    pytest.param(httpx.PoolTimeout, id="pool-timeout"),
    pytest.param(httpx.ProxyError, id="proxy"),
]

REFUSED = [
    pytest.param(httpx.Response(429, json=envelope(429)), id="429"),
    pytest.param(httpx.Response(429, text="slow down"), id="429-not-json"),
    pytest.param(httpx.Response(429, json=envelope(429), headers=RETRY_2), id="429-header"),
    pytest.param(httpx.Response(429, json=envelope(429, retry_after=2)), id="429-body"),
    pytest.param(httpx.Response(200, json=envelope(429)), id="200-with-429"),
    pytest.param(httpx.Response(503, json=envelope(503), headers=RETRY_2), id="503-header"),
    pytest.param(httpx.Response(503, json=envelope(503, retry_after=2)), id="503-body"),
    pytest.param(httpx.Response(503, text="", headers=RETRY_2), id="503-header-no-body"),
    pytest.param(httpx.Response(200, json=envelope(503, retry_after=2)), id="200-with-503"),
]

REJECTED = [
    (httpx.Response(400, json=envelope(400)), BadRequestError),
    (httpx.Response(401, json={"code": 401, "error": "no"}), AuthenticationError),
    (httpx.Response(403, json=envelope(403)), PermissionDeniedError),
    (httpx.Response(404, text="<html>"), NotFoundError),
    (httpx.Response(404, json=envelope(404), headers=RETRY_2), NotFoundError),
    (httpx.Response(409, json=envelope(409)), APIError),
    (httpx.Response(413, text=""), APIError),
    (httpx.Response(422, json=envelope(422)), APIError),
    (httpx.Response(200, json=envelope(400)), BadRequestError),
    (httpx.Response(200, json={"code": 401, "error": "no"}), AuthenticationError),
]

UNKNOWN = [
    pytest.param(httpx.ReadTimeout, id="read-timeout"),
    pytest.param(httpx.WriteTimeout, id="write-timeout"),
    pytest.param(httpx.ReadError, id="read-error"),
    pytest.param(httpx.WriteError, id="write-error"),
    pytest.param(httpx.CloseError, id="close-error"),
    pytest.param(httpx.RemoteProtocolError, id="dropped"),
    pytest.param(httpx.LocalProtocolError, id="local-protocol"),
    pytest.param(httpx.DecodingError, id="decoding"),
    pytest.param(OSError, id="os-error"),
    pytest.param(RuntimeError, id="anything"),
    pytest.param(httpx.Response(500, json=envelope(500)), id="500"),
    pytest.param(httpx.Response(500, json=envelope(500), headers=RETRY_2), id="500-hint"),
    pytest.param(httpx.Response(502, text="bad gateway"), id="502"),
    pytest.param(httpx.Response(503, json=envelope(503)), id="503-no-hint"),
    pytest.param(httpx.Response(503, text="", headers={"Retry-After": "soon"}), id="503-no-sense"),
    pytest.param(httpx.Response(504, headers=RETRY_2), id="504-hint"),
    pytest.param(httpx.Response(302, headers={"Location": "https://evil.test/"}), id="302"),
    pytest.param(httpx.Response(307, headers={"Location": "/api/v3/elsewhere"}), id="307"),
    pytest.param(httpx.Response(200, text='{"code":200,"data":{"id":"p'), id="truncated"),
    pytest.param(httpx.Response(200, text="<html>"), id="not-json"),
    pytest.param(httpx.Response(200, text=""), id="empty"),
    pytest.param(httpx.Response(200, json=envelope(200)), id="no-data"),
    pytest.param(httpx.Response(200, json={"data": {"status": "created"}}), id="no-id"),
    pytest.param(httpx.Response(200, json={"data": {"id": "p1"}}), id="no-status"),
    pytest.param(httpx.Response(200, json={"data": {"id": [], "status": "x"}}), id="list-id"),
    pytest.param(httpx.Response(200, json=[1]), id="list"),
    pytest.param(httpx.Response(200, json=envelope(500)), id="200-with-500"),
    pytest.param(httpx.Response(200, json=envelope(5004)), id="200-with-task-code"),
    pytest.param(
        httpx.Response(200, json=envelope(5004) | {"data": {"id": "p", "status": "created"}}),
        id="prediction-with-odd-code",
    ),
    pytest.param(
        httpx.Response(200, json=envelope(500) | {"data": {"id": "p", "status": "created"}}),
        id="prediction-with-500",
    ),
    pytest.param(httpx.Response(200, text="[" * 100_000), id="deep"),
    pytest.param(
        httpx.Response(200, stream=httpx.ByteStream(b"xx"), headers={"Content-Encoding": "gzip"}),
        id="not-gzip",
    ),
    pytest.param(httpx.Response(204), id="204"),
    pytest.param(httpx.Response(999), id="999"),
]


@pytest.mark.parametrize("failure", [*UNSENT, *REFUSED])
def test_sends_again_what_was_not_accepted(side, script, ok, paint, failure):
    """A submit that was never sent, or was refused, is sent again until it is accepted."""
    server = script(failure, failure, ok())
    prediction = side.run(side.client(server).submit(paint))

    assert "pred_1" == prediction.id
    assert 3 == server.posts


@pytest.mark.parametrize(("answer", "kind"), REJECTED)
def test_raises_a_definite_refusal_at_once(side, script, paint, answer, kind):
    """A definite 4xx is raised in the class of its status after one POST."""
    server = script(answer)
    with pytest.raises(APIError) as caught:
        side.run(side.client(server).submit(paint))

    assert kind is type(caught.value)
    assert 1 == server.posts
    assert "POST" == caught.value.method
    assert "https://api.get3w.com/api/v3/get3w/paint" == caught.value.url


@pytest.mark.parametrize("failure", UNKNOWN)
def test_never_sends_again_what_may_have_been_accepted(side, script, paint, failure):
    """Whatever is not clear is an unknown outcome after exactly one POST, and no pause."""
    server = script(failure)
    with pytest.raises(SubmitOutcomeUnknownError) as caught:
        side.run(side.client(server).submit(paint))

    assert 1 == server.posts
    assert [] == side.clock.pauses
    assert "get3w/paint" == caught.value.model_id
    assert "not sent again" in str(caught.value)
    assert "before you submit again" in str(caught.value)


def test_unknown_outcome_keeps_an_id_that_was_seen(side, script, paint, data):
    """An answer that is unclear but names a prediction gives its id to the error."""
    server = script(data({"id": "pred_9"}))
    with pytest.raises(SubmitOutcomeUnknownError, match="pred_9") as caught:
        side.run(side.client(server).submit(paint))

    assert "pred_9" == caught.value.prediction_id


def test_503_with_a_hint_is_unknown_when_the_policy_says_so(side, script, paint, error):
    """`retry_unavailable=False` takes a 503 with Retry-After as an unknown outcome."""
    server = script(error(503, headers=RETRY_2))
    with pytest.raises(SubmitOutcomeUnknownError):
        side.run(side.client(server, retry_unavailable=False).submit(paint))

    assert 1 == server.posts


def test_gives_up_at_once_on_what_will_never_work(side, script, paint):
    """An address that cannot be used is not tried again."""
    server = script(httpx.UnsupportedProtocol)
    with pytest.raises(ConnectionFailedError):
        side.run(side.client(server).submit(paint))

    assert 1 == server.posts


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (httpx.ConnectError, ConnectionFailedError),
        (httpx.Response(429), RateLimitError),
        (httpx.Response(503, headers={"Retry-After": "9"}), ServerError),
    ],
)
def test_deadline_spans_all_attempts(side, script, paint, failure, kind):
    """Retries end with the deadline, and the last failure is raised."""
    server = script(failure)
    with pytest.raises(kind):
        side.run(side.client(server, submit_deadline=20).submit(paint))

    assert sum(side.clock.pauses) <= 20
    assert server.posts == len(side.clock.pauses) + 1 > 2


@pytest.mark.parametrize("failure", [httpx.ConnectError, httpx.Response(429)])
@pytest.mark.parametrize("deadline", [0.7, 1, 5, 20, 60, 61.3])
def test_all_of_the_deadline_is_used(side, script, paint, failure, deadline):
    """The last pause is cut to what is left, and the error says how often and how long."""
    server = script(failure)
    with pytest.raises(Get3WError) as caught:
        side.run(side.client(server, submit_deadline=deadline).submit(paint))

    assert deadline == pytest.approx(sum(side.clock.pauses))
    assert f"tried {server.posts} times in {deadline:.1f} s" in str(caught.value)
    assert server.posts < 12


def test_the_last_attempt_does_not_outlast_the_deadline_by_much(side, script, paint):
    """An attempt at the very end has a second to get a connection."""
    server = script(httpx.ConnectError)
    with pytest.raises(ConnectionFailedError):
        side.run(side.client(server, submit_deadline=5).submit(paint))

    assert 1 == server.requests[-1].extensions["timeout"]["connect"]


@pytest.mark.parametrize("asked", [0.2, 5, 30])
def test_clients_refused_together_do_not_come_back_together(asked):
    """None comes back before it was told to, and they are spread over a quarter of the time."""
    random = Random(7).random
    delays = [not_before(asked, random) for _ in range(60)]

    assert asked <= min(delays)
    assert max(delays) <= asked * 1.25
    assert max(delays) - min(delays) > asked * 0.2


def test_a_hint_that_just_fits_the_deadline_is_kept(side, script, ok, paint, error):
    """Chance does not push an attempt that was asked for in time beyond the deadline."""
    server = script(error(429, headers={"Retry-After": "9"}), ok())
    side.run(side.client(server, submit_deadline=9.5).submit(paint))

    assert [9.5] == side.clock.pauses


def test_deadline_of_zero_means_one_attempt(side, script, paint):
    """`submit_deadline=0` turns retries of submits off."""
    server = script(httpx.ConnectError)
    with pytest.raises(ConnectionFailedError, match="nothing was billed"):
        side.run(side.client(server, submit_deadline=0).submit(paint))

    assert 1 == server.posts


@pytest.mark.parametrize("hint", ["61", "1e9", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_hint_beyond_the_deadline_is_raised_at_once(side, script, paint, error, hint):
    """Who is told to wait longer than is left hears so at once, with the hint."""
    server = script(error(429, headers={"Retry-After": hint}))
    with pytest.raises(RateLimitError) as caught:
        side.run(side.client(server).submit(paint))

    assert [] == side.clock.pauses
    assert caught.value.retry_after > 60


def test_a_503_beyond_the_deadline_is_raised_as_server_error(side, script, paint, error):
    """A 503 whose hint is too long is a definite refusal, not an unknown outcome."""
    with pytest.raises(ServerError):
        side.run(side.client(script(error(503, headers={"Retry-After": "99"}))).submit(paint))


@pytest.mark.parametrize(
    ("headers", "fields", "pause"),
    [
        ({"Retry-After": "3"}, {}, 3),
        ({"Retry-After": "1.5"}, {}, 1.5),
        ({"Retry-After": "0"}, {}, 0.1),
        ({"Retry-After": "-5"}, {}, 0.1),
        ({"Retry-After": "Thu, 01 Jan 1970 00:16:47 GMT"}, {}, 7),
        ({"Retry-After": "Thu, 01 Jan 1970 00:16:00 GMT"}, {}, 0.1),
        (
            {
                "Retry-After": "Fri, 02 Jan 2026 10:00:04 GMT",
                "Date": "Fri, 02 Jan 2026 10:00:00 GMT",
            },
            {},
            4,
        ),
        ({}, {"retry_after": 4}, 4),
        ({}, {"retry_after": "2.5"}, 2.5),
        ({}, {"data": {"retry_after": 6}}, 6),
        ({"Retry-After": "1"}, {"retry_after": 9}, 1),
        ({"Retry-After": "soon"}, {"retry_after": 9}, 9),
        ({}, {}, 0.5),
        ({"Retry-After": "soon"}, {}, 0.5),
        ({"Retry-After": "nan"}, {}, 0.5),
        ({"Retry-After": "inf"}, {}, 0.5),
        ({}, {"retry_after": True}, 0.5),
        ({}, {"retry_after": None}, 0.5),
    ],
)
def test_waits_as_long_as_told(side, script, ok, paint, error, headers, fields, pause):
    """Retry-After counts in every form, with up to a quarter added by chance."""
    server = script(error(429, headers=headers, **fields), ok())
    side.run(side.client(server).submit(paint))

    assert [pause * 1.125] == side.clock.pauses


def test_pauses_after_429_without_a_hint_double(side, script, ok, paint, error):
    """Without a hint the pauses start at half a second and double."""
    server = script(error(429), error(429), error(429), ok())
    side.run(side.client(server).submit(paint))

    assert [0.5625, 1.125, 2.25] == side.clock.pauses


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, ["GET3W_API_KEY", "topped up"]),
        (403, ["balance"]),
        (429, ["at once"]),
        (404, ["Get3W documents get3w/paint"]),
    ],
)
def test_error_texts_help(side, script, paint, error, status, told):
    """The text of a refusal says what to do about it."""
    with pytest.raises(APIError) as caught:
        side.run(side.client(script(error(status)), submit_deadline=0).submit(paint))

    for words in told:
        assert words in str(caught.value)


def test_404_of_another_server_names_its_address(side, script, paint, rumour, error):
    """Another server than Get3W's is named, and no advice about Get3W's list is given."""
    for request in (paint, rumour):
        client = side.client(script(error(404)), base_url="http://127.0.0.1:8333")
        with pytest.raises(NotFoundError, match=r"http://127\.0\.0\.1:8333 does not") as caught:
            side.run(client.submit(request))

        assert "get3w-codegen pull" not in str(caught.value)


def test_404_of_an_undocumented_model_names_the_remedy(side, script, rumour, error):
    """A model that Get3W does not document is called not confirmed, and `pull` is named."""
    with pytest.raises(NotFoundError, match=r"not confirmed on Get3W.*get3w-codegen pull"):
        side.run(side.client(script(error(404))).submit(rumour))


def test_error_carries_what_the_server_said(side, script, paint):
    """Status, message, code, hint and the beginning of the body are on the error."""
    body = {"code": 429, "error": "Rate limit exceeded", "retry_after": 70}
    with pytest.raises(RateLimitError, match="Rate limit exceeded") as caught:
        side.run(side.client(script(httpx.Response(429, json=body))).submit(paint))

    assert (429, 429, 70) == (
        caught.value.status_code,
        caught.value.code,
        caught.value.retry_after,
    )
    assert "Rate limit exceeded" in caught.value.body


class Endless(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body without end, in pieces of one size."""

    def __init__(self, piece):
        self.piece = piece

    def __iter__(self):
        while True:
            yield self.piece

    async def __aiter__(self):
        for piece in self:
            yield piece


@pytest.mark.parametrize(
    ("piece", "told"), [(b" " * 1_000_000, "longer than"), (b" ", "did not end in time")]
)
def test_endless_body_is_cut(side, script, paint, piece, told):
    """A body without end is given up by its size or its time, and the outcome is unknown."""
    server = script(lambda request: httpx.Response(200, stream=Endless(piece)))
    timeout = httpx.Timeout(60, read=60 if len(piece) > 1 else 0.02)
    with pytest.raises(SubmitOutcomeUnknownError, match=told):
        side.run(side.client(server).submit(paint, timeout=timeout))

    assert 1 == server.posts


def test_a_deadline_without_end(side, script, ok, paint, error):
    """A hint that no system can sleep for makes a long pause, and no foreign error."""
    server = script(error(429, headers={"Retry-After": "1e18"}), ok())
    side.run(side.client(server, submit_deadline=math.inf).submit(paint))

    assert [1e6] == side.clock.pauses


@pytest.mark.parametrize(
    "body",
    [
        b'{"code": 429, "data": {"id": "pred_1"}}',
        b'{"code": 429, "data": {"id": "pred_1", "stat',
        b'{"id": "pred_1", "error": "slow down"}',
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_refusal_that_shows_an_id_is_unknown(side, script, paint, status, body):
    """A refusal beside the id of a task is not sent again, and the error names it."""
    server = script(httpx.Response(status, content=body, headers={"Retry-After": "0"}))
    with pytest.raises(SubmitOutcomeUnknownError) as caught:
        side.run(side.client(server).submit(paint))

    assert (1, "pred_1") == (server.posts, caught.value.prediction_id)


def test_every_error_of_a_call_tells_where_and_what(side, script, ok, paint):
    """Method and address, and the status and beginning of an answer, can be read from the error."""
    broken = httpx.Response(202, text="<html>")
    post = ("POST", "https://api.get3w.com/api/v3/get3w/paint")
    read = ("GET", "https://api.get3w.com/api/v3/balance")

    def error_from(answer, call):
        with pytest.raises(Get3WError) as caught:
            side.run(call(side.client(script(answer), submit_deadline=0, max_retries=0)))
        error = caught.value
        answered = (getattr(error, "status_code", None), getattr(error, "body", ""))
        return type(error), (error.method, error.url), answered

    def submit(client):
        return client.submit(paint)

    def balance(client):
        return client.balance()

    nothing = (None, "")
    assert (SubmitOutcomeUnknownError, post, (202, "<html>")) == error_from(broken, submit)
    assert (SubmitOutcomeUnknownError, post, nothing) == error_from(httpx.ReadError, submit)
    assert (ConnectionFailedError, post, nothing) == error_from(httpx.ConnectError, submit)
    assert (ResponseFormatError, read, (202, "<html>")) == error_from(broken, balance)
    assert (ConnectionFailedError, read, nothing) == error_from(httpx.ReadError, balance)


def test_the_way_on_names_the_surface(side, script, flat):
    """A task of v1 is to be looked for on v1."""
    server = script(httpx.Response(429, content=b'{"id": "pred_1", "stat'))
    with pytest.raises(SubmitOutcomeUnknownError, match=r"'pred_1', surface='v1'\)"):
        side.run(side.client(server).submit(flat))
