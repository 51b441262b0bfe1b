"""An answer counts only if it is about what was asked; nothing of any other is taken over."""

import json
import logging

import httpx
import pytest
from get3w_core import (
    AsyncPrediction,
    Prediction,
    ResponseFormatError,
    SubmitFailed,
    SubmitOutcomeUnknownError,
    WaitTimeoutError,
    confirm,
    confirm_async,
    parse_webhook,
)
from get3w_core.api.matching import is_same_model

ORIGIN = "https://api.get3w.com"
OTHERS = {
    "another id": {"id": "pred_OTHER"},
    "a longer id": {"id": "pred_a1"},
    "other capitals": {"id": "PRED_A"},
    "a number": {"id": 7},
    "a hostile id": {"id": "pred_\x1b[2J"},
}


def envelope(fields):
    return {"code": 200, "message": "success", "data": fields}


def shown(surface, **fields):
    """Make an answer about a prediction, in the form of a surface."""
    fields = {"status": "completed", "model": "x/y", "outputs": ["of another"], **fields}
    return httpx.Response(200, json=fields if surface == "v1" else envelope(fields))


def handle(side, server, surface="v3", url=None, **options):
    kind = Prediction if side.name == "sync" else AsyncPrediction
    data = {"id": "pred_a", "status": "created", "model": "get3w/paint", "urls": {"get": url}}
    text = json.dumps({"origin": ORIGIN, "surface": surface, "prediction": data})
    return kind.from_json(text, client=side.client(server, **options))


def confirmed(side, client, surface):
    delivery = parse_webhook(b'{"id": "pred_a", "status": "completed"}', surface=surface)
    return (confirm if side.name == "sync" else confirm_async)(delivery, client)


READS = {
    "prediction": lambda side, client, surface: client.prediction("pred_a", surface=surface),
    "get_result": lambda side, client, surface: client.get_result("pred_a", surface=surface),
    "confirm": confirmed,
}


@pytest.mark.parametrize("surface", ["v3", "v1"])
@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_read_about_another_is_repeated_and_then_an_error(side, script, surface, other, read):
    """The error names both ids, and a right answer that comes later is taken."""
    wrong, right = shown(surface, **other), shown(surface, id="pred_a", outputs=["mine"])
    lasting, passing = script(wrong), script(wrong, wrong, right)
    with pytest.raises(ResponseFormatError, match="'pred_a' was asked for") as caught:
        side.run(read(side, side.client(lasting, max_retries=2), surface))
    found = side.run(read(side, side.client(passing), surface))

    assert 3 == len(lasting.requests)
    assert "pred_a" == caught.value.prediction_id
    assert ascii(str(other["id"]))[1:-1] in str(caught.value)
    assert ("pred_a", ["mine"]) == (found.id, found.outputs)


@pytest.mark.parametrize("surface", ["v3", "v1"])
@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("call", ["refresh", "wait", "wait_all", "as_completed"])
def test_a_handle_takes_nothing_of_another(side, script, surface, other, call):
    """Status, outputs and model stay, and the right answer is waited for."""

    def ask(prediction, **options):
        if call == "refresh":
            return side.run(prediction.refresh())
        if call == "as_completed":
            return side.collect(side.many("as_completed", [prediction], **options))
        if call == "wait_all":
            return side.run(side.many("wait_all", [prediction], **options))
        return side.run(prediction.wait(**options))

    wrong, right = shown(surface, **other), shown(surface, id="pred_a", outputs=["mine"])
    kept, late = handle(side, script(wrong), surface), handle(side, script(wrong, right), surface)
    kind = ResponseFormatError if call == "refresh" else WaitTimeoutError
    with pytest.raises(kind, match="'pred_a' was asked for"):
        ask(kept, **({} if call == "refresh" else {"timeout": 20}))
    ask(late)

    assert ("created", "get3w/paint", []) == (kept.status, kept.model, kept.outputs)
    assert ("completed", ["mine"]) == (late.status, late.outputs)


def test_answers_swapped_within_a_batch_reach_nobody(side):
    """Two predictions of one batch that are answered with each other's state stay as they are."""
    kind = Prediction if side.name == "sync" else AsyncPrediction
    text = '{"origin": "%s", "surface": "v3", "prediction": {"id": "p%d", "status": "created"}}'

    class Swapping:
        asked = 0

        def __call__(self, request):
            self.asked += 1
            number = int(request.url.path[-1])
            number = 1 - number if self.asked <= 6 else number
            return shown("v3", id=f"p{number}", outputs=[str(number)])

        async def answer(self, request):
            return self(request)

    client = side.client(Swapping())
    given = [kind.from_json(text % (ORIGIN, number), client=client) for number in range(2)]
    side.run(side.many("wait_all", given))

    assert [["0"], ["1"]] == [prediction.outputs for prediction in given]


@pytest.mark.parametrize("call", ["refresh", "wait", "wait_all"])
@pytest.mark.parametrize("answer", [shown("v3", id="pred_OTHER"), httpx.Response(404)])
def test_an_address_that_leads_to_another_is_left(side, script, call, answer):
    """Where `urls.get` does not lead to the prediction, the address built from the id is asked."""
    server = script(answer, shown("v3", id="pred_a"))
    prediction = handle(side, server, url=f"{ORIGIN}/api/v3/predictions/pred_OTHER")
    if answer.status_code == 404 and call == "refresh":
        pytest.skip("one read that is answered with 404 is answered")
    side.run(side.many(call, [prediction]) if call == "wait_all" else getattr(prediction, call)())

    assert [f"/api/v3/predictions/{name}" for name in ("pred_OTHER", "pred_a")] == server.paths
    assert "completed" == prediction.status


@pytest.mark.parametrize(
    "body",
    [
        {"id": "pred_OTHER", "deleted": True},
        envelope({"id": "pred_OTHER"}),
        b'{"code":200,"data":{"id":"pred_OTHER","st',
    ],
)
def test_a_delete_of_another_is_no_success(side, script, body):
    """A delete that is answered for another id is repeated, and then an error."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    server = script(httpx.Response(200, content=content))
    with pytest.raises(ResponseFormatError, match="'pred_OTHER', and 'pred_a'"):
        side.run(side.client(server, max_retries=1).delete("pred_a"))

    assert ["DELETE", "DELETE"] == [request.method for request in server.requests]


@pytest.mark.parametrize("body", [envelope(None), envelope({"id": "pred_a"}), {"deleted": 1}])
def test_a_delete_that_names_no_other_is_a_success(side, script, body):
    """A delete may be answered with anything else."""
    server = script(httpx.Response(200, json=body))

    assert None is side.run(side.client(server).delete("pred_a"))


def test_another_page_or_period_is_an_error(side, script, data):
    """A page of billings and a usage report are those that were asked for."""
    page = data({"records": [], "total": 9, "page": 1, "per_page": 20})
    usage = data({"total_tasks": 1, "period": "2024-02", "breakdown": {}})
    with pytest.raises(ResponseFormatError, match="page 1, and page 2 was asked for"):
        side.run(side.client(script(page), max_retries=1).billings(page=2))
    with pytest.raises(ResponseFormatError, match="'2024-02', and '2024-01' was asked for"):
        side.run(side.client(script(usage), max_retries=1).usage("2024-01"))

    assert 1 == side.run(side.client(script(page)).billings()).page
    assert 1 == side.run(side.client(script(page)).billings(page=1)).page
    assert "2024-02" == side.run(side.client(script(usage)).usage()).period


@pytest.mark.parametrize("surface", ["v3", "v1"])
@pytest.mark.parametrize("status", ["created", "completed"])
@pytest.mark.parametrize("model", ["google/veo3.1", "other/paint", "get3w/paint-2", "get3w/pain"])
def test_a_submit_answered_for_another_model_is_unknown(
    side, script, paint, caplog, surface, status, model
):
    """It is not sent again, no handle is made of it, and error, event and log say so."""
    events = []
    server = script(shown(surface, id="pred_a", status=status, model=model))
    client = side.client(server, surface=surface, on_event=events.append)
    with (
        caplog.at_level(logging.WARNING, "get3w_core"),
        pytest.raises(SubmitOutcomeUnknownError, match="'get3w/paint' was submitted to") as caught,
    ):
        side.run(client.submit(paint))

    assert repr(model) in str(caught.value)
    assert ("pred_a", 1) == (caught.value.prediction_id, server.posts)
    assert [("unknown", "pred_a")] == [
        (event.verdict, event.prediction_id) for event in events if isinstance(event, SubmitFailed)
    ]
    assert "outcome unknown" in caplog.text


@pytest.mark.parametrize("model", ["get3w/paint", "paint", "GET3W/Paint", "/get3w/paint/", None, 3])
def test_a_submit_answered_for_its_model_is_accepted(side, script, paint, model):
    """A name without its owner, in capitals or left out is no other model."""
    server = script(shown("v3", id="pred_a", status="created", model=model))

    assert "pred_a" == side.run(side.client(server).submit(paint)).id


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("google/nano-banana-pro", "google/nano-banana-pro/text-to-image", True),
        ("nano-banana-pro", "google/nano-banana-pro/text-to-image", True),
        ("google/nano-banana", "google/nano-banana-pro/text-to-image", False),
        ("a/image-to-video", "b/image-to-video", False),
    ],
)
def test_what_counts_as_the_same_model(one, other, same):
    """Whole parts of an id may be missing, at either side; half a part is another model."""
    assert (same, same) == (is_same_model(one, other), is_same_model(other, one))


def test_answers_about_others_over_http(get3w_emulator, get3w_client):
    """Over real connections a wait outlasts answers about another prediction."""
    from get3w_models import submit_flux_dev

    mine, other = (submit_flux_dev(f"number {n}", client=get3w_client) for n in range(2))
    other.wait()
    body = {"code": 200, "message": "success", "data": other.data.to_wire()}
    get3w_emulator.faults(
        [{"method": "GET", "path": f"*{mine.id}*", "fault": "status", "status": 200,
          "body": json.dumps(body), "times": 2}]
    )  # fmt: skip
    mine.wait(timeout=60)

    assert "completed" == mine.status
    assert mine.outputs != other.outputs
