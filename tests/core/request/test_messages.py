"""What errors say: of the call that they are about, with a way on, and safe on a terminal."""

import asyncio
import inspect
import io
import json
import logging
import re

import get3w_core
import httpx
import pytest
from get3w_core import (
    APIError,
    AsyncClient,
    AsyncPrediction,
    Client,
    ConfigurationError,
    Get3WError,
    Prediction,
    ResponseFormatError,
    WaitAllError,
)
from get3w_core.errors.printable import escaped, printable, quoted
from get3w_models import submit_flux_dev, submit_flux_dev_async
from hypothesis import given, settings
from hypothesis import strategies as st

ORIGIN = "https://api.get3w.com"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
# What may be said of a submit alone.
OF_A_SUBMIT = re.compile("accepted|billed|submit|resend|sent again", re.IGNORECASE)
STATUSES = [301, 400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 422, 425, 429]
STATUSES += [451, 500, 501, 502, 503, 504, 507, 520, 524, 529, 530]


def handle(side, client, status="created", **fields):
    kind = Prediction if side.name == "sync" else AsyncPrediction
    data = {"id": "pred_1", "status": status, **fields}
    return kind.from_json(
        json.dumps({"origin": ORIGIN, "surface": "v3", "prediction": data}), client=client
    )


def download(side, client, folder):
    outputs = ["https://cdn.test/a.png"]
    return handle(side, client, "completed", outputs=outputs).download(folder)


CALLS = {
    "prediction": lambda side, client, folder: client.prediction("pred_1"),
    "get_result": lambda side, client, folder: client.get_result("pred_1"),
    "refresh": lambda side, client, folder: handle(side, client).refresh(),
    "wait": lambda side, client, folder: handle(side, client).wait(timeout=9),
    "wait_all": lambda side, client, folder: side.many(
        "wait_all", [handle(side, client)], timeout=9
    ),
    "delete": lambda side, client, folder: client.delete("pred_1"),
    "upload": lambda side, client, folder: client.upload(io.BytesIO(PNG)),
    "download": download,
    "models": lambda side, client, folder: client.models(),
    "balance": lambda side, client, folder: client.balance(),
    "usage": lambda side, client, folder: client.usage(),
    "billings": lambda side, client, folder: client.billings(),
}


@pytest.mark.pairwise
@pytest.mark.parametrize("hinted", [False, True], ids=["", "Retry-After"])
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_words_of_a_submit_are_said_of_no_other_call(
    side, script, error, tmp_path, call, status, hinted
):
    """Whatever a call is answered with says nothing of the task that may be paid for already."""
    server = script(error(status, headers={"Retry-After": "1"} if hinted else {}))
    with pytest.raises(Get3WError) as caught:
        side.run(call(side, side.client(server, max_retries=1), tmp_path))

    assert [] == OF_A_SUBMIT.findall(str(caught.value))


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("failure", [httpx.ConnectError, httpx.ReadTimeout, httpx.ReadError])
def test_words_of_a_submit_are_not_said_of_a_lost_connection(side, script, tmp_path, call, failure):
    """Nor does a connection that fails."""
    with pytest.raises(Get3WError) as caught:
        side.run(call(side, side.client(script(failure), max_retries=1), tmp_path))

    assert [] == OF_A_SUBMIT.findall(str(caught.value))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(429), "Too many tasks at once .*; nothing was accepted or billed"),
        (httpx.Response(503, headers={"Retry-After": "9"}), "nothing was accepted or billed"),
    ],
)
def test_a_refused_submit_says_so(side, script, paint, answer, words):
    """There it is true, and said, with how often and how long it was tried."""
    server = script(answer)
    with pytest.raises(APIError, match=words) as caught:
        side.run(side.client(server, submit_deadline=20).submit(paint))

    assert f"tried {server.posts} times in " in str(caught.value)
    assert server.posts > 1


# A way on


@pytest.mark.parametrize("name", ["prediction", "get_result", "refresh", "delete"])
def test_an_unknown_id_says_what_it_may_be(side, script, error, tmp_path, name):
    """A 404 for a prediction names the reasons that there are."""
    with pytest.raises(get3w_core.NotFoundError) as caught:
        side.run(CALLS[name](side, side.client(script(error(404, "Not found"))), tmp_path))

    for words in ("Not found", "another account", "deleted", "7 days", "surface='v3' or 'v1'"):
        assert words in str(caught.value)


@pytest.mark.parametrize("name", ["models", "balance", "upload"])
def test_another_404_says_nothing_of_predictions(side, script, error, tmp_path, name):
    """Where no prediction was asked for, none is spoken of."""
    with pytest.raises(get3w_core.NotFoundError) as caught:
        side.run(CALLS[name](side, side.client(script(error(404, "Not found"))), tmp_path))

    assert "prediction" not in str(caught.value)


def test_the_call_that_errors_name_can_be_made(side, script, ok):
    """What a time-out and an interrupted wait name works for whoever has no client."""
    server = script(ok("processing"))
    client = side.client(server)
    with pytest.raises(get3w_core.WaitTimeoutError) as caught:
        side.run(handle(side, client).wait(timeout=1))
    [call] = re.findall(r"get3w_core\.\S+\('pred_1'\)", str(caught.value))
    get3w_core.set_default_client(Client("k", http_client=httpx.Client(
        transport=httpx.MockTransport(server))))  # fmt: skip

    assert "pred_1" == eval(call, {"get3w_core": get3w_core}).id


@pytest.mark.parametrize("call", ["wait", "wait_all"])
def test_the_call_that_errors_name_is_of_the_surface(side, script, call):
    """A task of v1 is to be fetched on v1."""
    kind = Prediction if side.name == "sync" else AsyncPrediction
    data = {"id": "pred_1", "status": "created"}
    text = json.dumps({"origin": ORIGIN, "surface": "v1", "prediction": data})
    prediction = kind.from_json(text, client=side.client(script(httpx.Response(200, json=data))))
    with pytest.raises(get3w_core.WaitTimeoutError, match=r"prediction\('pred_1', surface='v1'\)"):
        side.run(
            prediction.wait(timeout=1)
            if call == "wait"
            else side.many("wait_all", [prediction], timeout=1)
        )


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_client_without_a_key(kind):
    """It can be made, and its first call fails, naming the variable and the emulator."""
    client = kind()

    async def call():
        result = client.balance()
        return (await result) if inspect.iscoroutine(result) else result

    with pytest.raises(ConfigurationError) as caught:
        asyncio.run(call())

    for words in ("GET3W_API_KEY", "api_key=", "`get3w-emulator`", "Nothing was sent"):
        assert words in str(caught.value)


# A handle that is awaited


def test_awaiting_a_handle_keeps_its_id(side, script, ok):
    """The error of `await submit_...(...)` names the task, and the function that was meant."""
    client = side.client(script(ok(model="get3w/flux-dev")))

    async def main():
        if side.name == "sync":
            await submit_flux_dev("a lighthouse", client=client)
        else:
            await (await submit_flux_dev_async("a lighthouse", client=client))

    with pytest.raises(TypeError, match=r"Prediction pred_1 was submitted") as caught:
        asyncio.run(main())
    meant = "`submit_flux_dev_async`" if side.name == "sync" else "`wait()`"

    assert meant in str(caught.value)
    assert "default_client().prediction('pred_1')" in str(caught.value)


@pytest.mark.parametrize("model", [None, "nobody/knows"])
def test_awaiting_a_handle_of_no_generated_model(side, script, model):
    """Where there is no such function, the error says how they are named."""
    prediction = handle(side, side.client(script(httpx.Response(200))), model=model)

    async def main():
        await prediction

    with pytest.raises(TypeError, match="pred_1") as caught:
        asyncio.run(main())

    assert side.name == "async" or "`submit_..._async`" in str(caught.value)


# Text of others on a terminal

HOSTILE = st.text(
    st.one_of(
        st.sampled_from("\x1b\x07\x00\x08\r\n\t\x7f\x9b\x85\u202e\u2066\u200f\u061c\u2028\ufeff"),
        st.characters(),
    ),
    min_size=1,
    max_size=80,
)
few = settings(max_examples=150, deadline=None, database=None)


def is_safe(text):
    return all(line.isprintable() for line in text.split("\n"))


@few
@given(st.text(max_size=2000), st.integers(10, 400))
def test_printable_is_one_printable_line_of_bounded_length(text, longest):
    """Whatever it was; and what is a printable line already stays as it is."""
    line = printable(text, longest)

    assert line.isprintable()
    assert len(line) <= longest
    assert line == printable(line, longest)
    assert is_safe(escaped(text))
    assert quoted(text, longest).isprintable()


def said_by(body, status, call):
    """Return all that a program prints of a call that is answered so."""
    records = []

    class Keep(logging.Handler):
        def emit(self, record):
            records.append(record.getMessage())

    logger, keep = logging.getLogger("get3w_core"), Keep()
    level = logger.level
    logger.addHandler(keep)
    logger.setLevel(logging.DEBUG)
    content = json.dumps(body).encode()
    transport = httpx.MockTransport(lambda request: httpx.Response(status, content=content))
    try:
        with httpx.Client(transport=transport) as http_client:
            client = Client("k" * 12, max_retries=0, submit_deadline=0, http_client=http_client)
            try:
                shown = repr(call(client))
            except Get3WError as error:
                inner = error.errors if isinstance(error, WaitAllError) else ()
                shown = "\n".join([str(error), *map(str, inner), *getattr(error, "__notes__", ())])
    finally:
        logger.removeHandler(keep)
        logger.setLevel(level)
    return shown, records


def submitted(client):
    return submit_flux_dev("a lighthouse", client=client)


def waited(client):
    text = '{"origin": "%s", "surface": "v3", "prediction": {"id": "pred_1", "status": "created"}}'
    return Prediction.from_json(text % ORIGIN, client=client).wait(timeout=0)


@few
@given(
    hostile=HOSTILE,
    status=st.sampled_from([200, 302, 400, 401, 404, 429, 500]),
    place=st.sampled_from(["message", "error", "id", "status", "model", "task", "details", "all"]),
    call=st.sampled_from(
        [submitted, waited, lambda client: client.prediction("pred_1"), Client.balance]
    ),
)
def test_no_text_of_a_server_reaches_a_terminal_raw(hostile, status, place, call):
    """Errors, reprs and log records hold printable lines, and only lines of this package."""
    data = {"id": "pred_1", "status": "failed", "model": "get3w/flux-dev"}
    fields = {"code": status, "message": "no", "data": data}
    if place == "all":
        fields = {"code": status, "message": hostile, "data": dict.fromkeys(data, hostile)}
    elif place in {"message", "error"}:
        fields = {"code": status, place: hostile}
    elif place == "details":
        fields["details"] = [{"pointer": hostile, "message": hostile}]
    else:
        data["error" if place == "task" else place] = hostile
    shown, records = said_by(fields, status, call)

    assert is_safe(shown)
    assert all(map(str.isprintable, records))
    assert shown.count("\n") <= 1
    assert len(shown) < 3000


def test_hostile_text_is_still_told():
    """What the server said can be read, with escapes for what cannot be printed."""
    body = {"code": 400, "message": "bad \x1b[31mprompt\n\u202egnp"}
    shown, _ = said_by(body, 400, submitted)

    assert r"bad \x1b[31mprompt \u202egnp" in shown


# Amounts

AMOUNTS = [float("nan"), float("inf"), float("-inf"), "12", "", True, [], {"usd": 1}]


@pytest.mark.parametrize("amount", AMOUNTS, ids=repr)
@pytest.mark.parametrize(
    ("call", "fields"),
    [
        ("balance", lambda amount: {"balance": amount}),
        ("usage", lambda amount: {"total_cost": amount}),
        ("usage", lambda amount: {"total_tasks": amount}),
        ("usage", lambda amount: {"breakdown": {"text-to-image": {"cost": amount}}}),
        ("usage", lambda amount: {"breakdown": {"text-to-image": {"tasks": amount}}}),
        ("billings", lambda amount: {"records": [{"amount": amount}]}),
        ("billings", lambda amount: {"records": [{"balance_after": amount}]}),
        ("billings", lambda amount: {"records": [], "total": amount}),
    ],
)
def test_an_amount_that_is_no_number_is_an_error(side, script, call, fields, amount):
    """What somebody adds up is a number, or not there."""
    body = json.dumps({"code": 200, "data": fields(amount)}).encode()
    server = script(httpx.Response(200, content=body))
    with pytest.raises(ResponseFormatError, match="is no number, but"):
        side.run(getattr(side.client(server, max_retries=0), call)())


def test_an_amount_that_is_not_there_is_none(side, script, data):
    """Null and a missing amount are None, where there may be none."""
    usage = side.run(side.client(script(data({"total_cost": None}))).usage())
    page = side.run(side.client(script(data({"records": [{"amount": None}]}))).billings())

    assert (None, None) == (usage.total_cost, usage.total_tasks)
    assert None is page.records[0].amount
