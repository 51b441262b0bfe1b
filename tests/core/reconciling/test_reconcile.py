"""Which task a submit of unknown outcome is given, on a virtual clock."""

import json
import random

import httpx
import pytest
from get3w_core import (
    Accepted,
    Ambiguous,
    AuthenticationError,
    ConfigurationError,
    NoEvidence,
    PredictionData,
    SavedSubmission,
    SubmitFailed,
    SubmitOutcomeUnknownError,
    WebhookDelivery,
    WebhookReceiver,
    reconcile,
    reconcile_async,
    set_default_client,
)
from get3w_core.reconciling.pages import MOST_PAGES
from get3w_core.reconciling.reader import MOST_READS

from tests.core.task_server import TaskServer

FATES = ("after", "before")
NOON = 1_704_110_400.0  # 2024-01-01T12:00:00Z
DAY = 86_400.0


@pytest.fixture
def server(side):
    side.clock.now = NOON
    return TaskServer(side.clock)


@pytest.fixture
def client(side, script, server):
    return side.client(script(server))


@pytest.fixture
def lost(side, server, client):
    """Submit a request whose answer is lost, and return the error."""

    def lost(request, fate="after", client=client, **options):
        server.lose.append(fate)
        with pytest.raises(SubmitOutcomeUnknownError) as caught:
            side.run(client.submit(request, **options))
        return caught.value

    return lost


@pytest.fixture
def look(side, client):
    """Reconcile an error at once."""

    def look(error, client=client, within=0, **options):
        return side.run(client.reconcile(error, within=within, **options))

    return look


@pytest.fixture
def restarted(side, script, server):
    """A client that knows nothing of earlier submits."""
    return side.client(script(server))


def test_lost_answer_is_found(paint, server, lost, look):
    """A task whose input is what was sent is the submit's, and its handle works on."""
    error = lost(paint)

    found = look(error)

    assert isinstance(found, Accepted)
    assert ("accepted", "records", "pred_0") == (found.outcome, found.evidence, found.prediction.id)
    assert ("GET /api/v3/billings",) == found.report.asked
    assert ("POST /api/v3/predictions",) == found.report.missing
    assert () == found.report.limits
    assert 1 == sum(request.startswith("POST /api/v3/get3w") for request in server.requests)


def test_lost_request_leaves_no_evidence(paint, lost, look):
    """What the server never had is on no record, and no word says that resending is safe."""
    found = look(lost(paint, "before"))

    assert isinstance(found, NoEvidence)
    assert "no evidence" == found.outcome
    assert 1 == found.report.looks
    assert "safe" not in str(found)


def test_equal_inputs_are_ambiguous(paint, lost, look):
    """Two submits with one input and two tasks are not assigned by chance."""
    errors = [lost(paint), lost(paint)]

    found = [look(error) for error in errors]

    assert [Ambiguous, Ambiguous] == [type(each) for each in found]
    assert ["pred_0", "pred_1"] == [each.id for each in found[0].candidates]


def test_one_task_of_two_equal_submits_is_ambiguous(paint, lost, look):
    """One task that either of two submits may have made is given to neither."""
    errors = [lost(paint), lost(paint, "before")]

    found = [look(error) for error in errors]

    assert [("pred_0",), ("pred_0",)] == [tuple(c.id for c in each.candidates) for each in found]


def test_submits_of_another_process_can_be_named(restarted, paint, lost, look):
    """A client that did not make the submits hears of rivals from its caller."""
    saved = [SavedSubmission.from_json(lost(paint, fate).to_json()) for fate in FATES]

    assert isinstance(look(saved[0], restarted, others=saved), Ambiguous)


def test_task_is_given_once(restarted, paint, lost, look):
    """A task that was given to one submit is no candidate for another, nor for derived clients."""
    first, second = (SavedSubmission.from_json(lost(paint, f).to_json()) for f in FATES)
    derived = restarted.with_options(max_retries=1)

    assert isinstance(look(first, restarted), Accepted)
    assert isinstance(look(second, derived), NoEvidence)
    assert isinstance(look(first, derived), Accepted)


def test_another_account_shares_nothing(restarted, paint, lost, look):
    """What one account was given says nothing of another one."""
    first, second = (SavedSubmission.from_json(lost(paint, f).to_json()) for f in FATES)
    other = restarted.with_options(api_key="sk-other-0123456789")

    assert isinstance(look(first, restarted), Accepted)
    assert isinstance(look(second, other), Accepted)


def test_task_that_a_submit_was_answered_with_is_no_candidate(side, client, paint, lost, look):
    """An equal submit that went well keeps its task."""
    side.run(client.submit(paint))

    assert isinstance(look(lost(paint, "before")), NoEvidence)


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": "a harbour"},
        {"prompt": "a lighthouse", "width": 2},
        {"prompt": "a lighthouse", "width": True},
        {"prompt": "a lighthouse"},
        {"width": 1},
        {},
    ],
)
def test_other_inputs_are_not_ours(server, Paint, lost, look, body):
    """A task that lacks or changes something of what was sent is somebody else's."""
    error = lost(Paint(prompt="a lighthouse", width=1), "before")
    server.accept(body)

    assert isinstance(look(error), NoEvidence)


def test_numbers_are_compared_by_value(server, Paint, lost, look):
    """A server may write 1 as 1.0."""
    error = lost(Paint(prompt="a lighthouse", width=1), "before")
    server.accept({"prompt": "a lighthouse", "width": 1.0})

    assert isinstance(look(error), Accepted)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"width": 1024}, Accepted),
        ({"width": 1024.0, "image": None}, Accepted),
        ({"width": 512}, Ambiguous),
        ({"seed": 42}, Ambiguous),
    ],
)
def test_inputs_that_a_server_fills_in(server, Paint, lost, look, more, expected):
    """Defaults of the schema and null are no difference; other values may be somebody else's."""

    class Sized(Paint):
        __model__ = Paint.__model__
        width: int | None = 1024

    error = lost(Sized(prompt="a lighthouse"), "before")
    server.accept({"prompt": "a lighthouse", **more})

    assert expected is type(look(error))


def test_exact_input_is_preferred(server, paint, lost, look):
    """Beside a task with exactly what was sent, one with more to it does not count."""
    error = lost(paint)
    server.accept({"prompt": "a lighthouse", "width": 7})

    assert "pred_0" == look(error).prediction.id


def test_other_models_are_not_read(server, paint, lost, look):
    """A record of another model costs no request."""
    for _ in range(5):
        server.accept({"prompt": "a lighthouse"}, model="get3w/other")
    look(lost(paint, "before"))

    assert [] == [each for each in server.requests if "predictions/" in each]


@pytest.mark.parametrize(
    ("seconds", "ahead", "expected"),
    [
        (0, None, Accepted),
        (100, None, Accepted),
        (-100, None, Ambiguous),
        (130, None, NoEvidence),
        (-130, None, NoEvidence),
        (0, 0, Accepted),
        (50, 0, Accepted),
        (-4, 0, Ambiguous),
        (70, 0, NoEvidence),
        (-10, 0, NoEvidence),
        (0, 7200, Accepted),
        (0, -7200, Accepted),
        (-10, 7200, NoEvidence),
        (70, -7200, NoEvidence),
    ],
)
def test_task_is_as_old_as_the_submit(server, paint, lost, look, seconds, ahead, expected):
    """The time counts by the server's clock where it shows one, else with more tolerance."""
    server.ahead = ahead
    error = lost(paint, "before")
    server.accept({"prompt": "a lighthouse"}, at=server.now() + seconds)
    server.lag = -1000

    assert expected is type(look(error))


@pytest.mark.parametrize("hidden", ["input", "created_at"])
def test_what_the_server_does_not_show_is_no_proof(server, paint, lost, look, hidden):
    """A task whose input or time is not shown is a candidate and nothing more."""
    error = lost(paint)
    server.show = lambda task: {name: task[name] for name in task if name != hidden}

    found = look(error)

    assert isinstance(found, Ambiguous)
    assert ["pred_0"] == [each.id for each in found.candidates]
    assert "does not show" in str(found)


def test_model_of_the_record_is_enough(server, paint, lost, look):
    """A prediction that does not name its model is of the model that was billed."""
    error = lost(paint)
    server.show = lambda task: {name: task[name] for name in task if name != "model"}

    assert isinstance(look(error), Accepted)


def test_answer_about_another_task_does_not_count(server, paint, lost, look):
    """A read that is answered with another id says nothing."""
    error = lost(paint)
    server.show = lambda task: {**task, "id": "pred_other"}

    assert isinstance(look(error), NoEvidence)


def test_late_billing_is_waited_for(side, server, paint, lost, look):
    """The records are looked at again, after growing pauses, until the time is up."""
    server.lag = 20
    error = lost(paint)

    assert isinstance(look(error, within=5), NoEvidence)
    found = look(error, within=60)

    assert isinstance(found, Accepted)
    assert 2 < found.report.looks < 10
    assert 0.5 < side.clock.pauses[0] < max(side.clock.pauses) <= 10


def test_time_for_late_billing_is_bounded(side, server, paint, lost, look):
    """Looking ends when the time is up, after a number of requests that hardly grows."""
    error = lost(paint, "before")
    before = side.clock.now

    found = look(error, within=120)

    assert 120 == pytest.approx(side.clock.now - before)
    assert found.report.looks == found.report.requests - 1  # and one for the history
    assert found.report.looks < 25


@pytest.mark.parametrize("midnight", [-1, 1])
def test_days_of_records_may_be_off_by_one(side, server, paint, lost, look, midnight):
    """A submit just before or after midnight is found whatever time zone the dates are in."""
    side.clock.now = NOON + DAY / 2 + midnight
    error = lost(paint)
    for shift in (-14 * 3600, 0, 12 * 3600):
        server.lag = shift  # the day that is shown
        assert isinstance(look(error), Accepted)


ORDERS = {
    "oldest first": list,
    "newest first": lambda tasks: tasks[::-1],
    "no order": lambda tasks: random.Random(7).sample(tasks, len(tasks)),
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("per_page", [1, 3, 100])
def test_order_of_the_records_does_not_matter(server, paint, lost, look, order, per_page):
    """A task is found on whatever page it is, as long as all pages may be read."""
    for each in range(6):
        server.accept({"prompt": f"before {each}"}, at=NOON - 3 * DAY + each)
    error = lost(paint)
    for each in range(6):
        server.accept({"prompt": f"after {each}"})
    server.order, server.most_per_page = order, per_page

    found = look(error)

    assert "pred_6" == found.prediction.id
    assert () == found.report.limits


@pytest.mark.parametrize("order", [ORDERS["oldest first"], ORDERS["newest first"]])
def test_large_account_is_not_read_through(server, paint, lost, look, order):
    """Records of earlier days are left alone, whichever end they are at."""
    for each in range(5000):
        server.accept({"prompt": f"before {each}"}, at=NOON - 9 * DAY + each)
    error = lost(paint)
    server.order = order
    server.requests.clear()

    found = look(error)

    assert "pred_5000" == found.prediction.id
    assert ((), 5) == (found.report.limits, found.report.requests)


@pytest.mark.parametrize("order", [ORDERS["oldest first"], ORDERS["newest first"]])
def test_busy_day_is_not_read_through(server, paint, lost, look, order):
    """Of a day's tasks those are read that are about as old as the submit."""
    for each in range(1500):
        server.accept({"prompt": f"before {each}"}, at=NOON - 6000 + 3 * each)
    error = lost(paint)
    server.order = order

    found = look(error)

    assert "pred_1500" == found.prediction.id
    assert () == found.report.limits
    assert found.report.requests < 150


def test_bounds_are_reported(server, paint, lost, look):
    """A search that could not see everything says so."""
    server.most_per_page = 10
    for each in range(10 * MOST_PAGES + 50):
        server.accept({"prompt": f"other {each}"})
    pages = look(lost(paint, "before")).report
    server.most_per_page = 100
    for each in range(MOST_READS):
        server.accept({"prompt": f"other {each}"})
    reads = look(lost(paint, "before")).report

    assert (f"{MOST_PAGES} pages of billings",) == pages.limits
    assert (f"{MOST_READS} predictions",) == reads.limits
    assert pages.requests <= MOST_PAGES + 10 * MOST_PAGES + 1
    assert "cut short" in str(reads)


def test_tasks_are_read_once_by_a_client(server, paint, Paint, lost, look):
    """Many submits are reconciled without reading every task for each of them."""
    errors = [lost(Paint(prompt=f"number {each}")) for each in range(20)]
    server.requests.clear()

    found = [look(error) for error in errors]

    assert [f"pred_{each}" for each in range(20)] == [each.prediction.id for each in found]
    assert sum("predictions/" in request for request in server.requests) <= 2 * 20


def test_history_serves_where_billings_do_not(server, paint, lost, look):
    """On a server with the sibling's endpoints the history shows inputs by itself."""
    server.missing, server.history = {"/api/v3/billings"}, True
    error = lost(paint)

    found = look(error)

    assert isinstance(found, Accepted)
    assert ("POST /api/v3/predictions",) == found.report.asked
    assert ("GET /api/v3/billings",) == found.report.missing


def test_history_is_read_page_by_page(server, paint, lost, look):
    """A task that others have pushed from the first page is found."""
    server.missing, server.history = {"/api/v3/billings"}, True
    error = lost(paint)
    for each in range(250):
        server.accept({"prompt": f"other {each}"})

    assert "pred_0" == look(error).prediction.id


def test_server_without_records_is_told_at_once(side, server, paint, lost, look):
    """Where there is nothing to look at, nobody waits."""
    server.missing = {"/api/v3/billings"}
    error = lost(paint)
    side.clock.pauses.clear()

    found = look(error, within=60)

    assert isinstance(found, NoEvidence)
    assert ("GET /api/v3/billings", "POST /api/v3/predictions") == found.report.missing
    assert [] == side.clock.pauses
    assert "this server has no GET /api/v3/billings" in str(found)


@pytest.mark.parametrize("status", [400, 403, 405, 500])
def test_undocumented_history_may_answer_anything(side, script, server, paint, status):
    """An error of the endpoint that Get3W does not document ends no search."""

    def strict(request):
        if (request.method, request.url.path) == ("POST", "/api/v3/predictions"):
            return server.answer(None, status)
        return server(request)

    client = side.client(script(strict))
    server.lose.append("after")
    with pytest.raises(SubmitOutcomeUnknownError) as caught:
        side.run(client.submit(paint))

    server.lag = 9
    asked = len(server.requests)
    found = side.run(client.reconcile(caught.value, within=60))

    assert isinstance(found, Accepted)
    assert 1 == found.report.requests - len(server.requests[asked:])  # the history, once


def test_wrong_key_is_an_error(side, script, server, paint, lost):
    """A key that the server does not take looks at nothing, and that is no missing evidence."""
    error = lost(paint)
    client = side.client(script(server.answer(None, 401)))

    with pytest.raises(AuthenticationError):
        side.run(client.reconcile(error, within=0))


def test_reads_are_retried(side, script, server, paint):
    """A record that fails once is read again."""
    failing = []

    def shaky(request):
        if request.method == "GET" and len(failing) < 3:
            failing.append(request)
            raise httpx.ReadError("shaky")
        return server(request)

    client = side.client(script(shaky))
    server.lose.append("after")
    with pytest.raises(SubmitOutcomeUnknownError) as caught:
        side.run(client.submit(paint))

    assert isinstance(side.run(client.reconcile(caught.value, within=0)), Accepted)


def test_answer_that_named_the_task_is_evidence(side, script, server, paint, error):
    """A task that the broken answer named is the submit's, though an equal one exists."""
    server.accept({"prompt": "a lighthouse"})

    def broken(request):
        if request.method == "POST" and "get3w/paint" in request.url.path:
            server.accept({"prompt": "a lighthouse"})
            return error(500, id="pred_1")
        return server(request)

    client = side.client(script(broken))
    with pytest.raises(SubmitOutcomeUnknownError) as caught:
        side.run(client.submit(paint))
    found = side.run(client.reconcile(caught.value, within=0))

    assert (caught.value.prediction_id, "answer") == (found.prediction.id, found.evidence)


def test_id_that_is_no_task_of_ours_is_no_evidence(side, script, server, paint, error):
    """An id in an error may be that of a request, or of somebody's task."""
    server.accept({"prompt": "a harbour"})

    def broken(request):
        if request.method == "POST" and "get3w/paint" in request.url.path:
            return error(500, id="pred_0")
        return server(request)

    client = side.client(script(broken))
    with pytest.raises(SubmitOutcomeUnknownError) as caught:
        side.run(client.submit(paint))

    assert isinstance(side.run(client.reconcile(caught.value, within=0)), NoEvidence)


def receiver():
    return WebhookReceiver(secret="a secret of the receiver alone")


def delivered(address, task):
    """Return the delivery of a task at a callback address."""
    return receiver().receive(url=address, headers={}, body=json.dumps(task).encode())


@pytest.mark.parametrize("surface", ["v3", "v1"])
def test_callback_is_proof(side, script, server, paint, lost, look, surface):
    """A delivery at the address of this submit outranks equal inputs."""
    address = receiver().callback_url("https://app.example/hooks", reference=surface)
    client = side.client(script(server), surface=surface)
    errors = [lost(paint, client=client, webhook_url=address), lost(paint, client=client)]
    delivery = delivered(address, {**server.tasks[0], "status": "completed", "id": "pred_0"})
    server.missing = {"/api/v3/billings"}

    found = look(errors[0], client, delivery=delivery)

    assert ("callback", "pred_0") == (found.evidence, found.prediction.id)
    assert "app.example" not in errors[0].to_json()


def test_callback_about_something_else_is_no_proof(side, server, paint, lost, look):
    """An address that was given to several submits delivers what contradicts this one."""
    address = receiver().callback_url("https://app.example/hooks", reference="shared")
    error = lost(paint, "before", webhook_url=address)
    task = server.accept({"prompt": "a harbour"})

    found = look(error, delivery=delivered(address, task))

    assert isinstance(found, NoEvidence)


def test_delivery_at_an_unchecked_address_is_a_candidate(server, paint, lost, look):
    """Without a token in the address, the task that is named still has to fit."""
    error = lost(paint)
    server.missing = {"/api/v3/billings"}
    delivery = WebhookDelivery(look_up(server, "pred_0"))

    found = look(error, delivery=delivery)

    assert ("records", "pred_0") == (found.evidence, found.prediction.id)


def look_up(server, prediction_id):
    (task,) = [task for task in server.tasks if task["id"] == prediction_id]
    return PredictionData.read(task)


def test_delivery_of_another_submit_is_refused(server, paint, lost, look):
    """A delivery at another submit's address is a mistake of the caller."""
    address = receiver().callback_url("https://app.example/hooks", reference="another")
    task = server.accept({"prompt": "a lighthouse"})

    with pytest.raises(ConfigurationError, match="another callback address"):
        look(lost(paint), delivery=delivered(address, task))


def test_event_of_an_interrupted_submit_can_be_reconciled(side, script, server, paint, look):
    """Ctrl-C raises no error of ours, but the event carries one."""
    events = []

    def interrupted(request):
        if request.method == "POST" and "get3w/paint" in request.url.path:
            server.accept({"prompt": "a lighthouse"})
            raise KeyboardInterrupt
        return server(request)

    client = side.client(script(interrupted), on_event=events.append)
    with pytest.raises(KeyboardInterrupt):
        side.run(client.submit(paint))
    (failed,) = [each for each in events if isinstance(each, SubmitFailed)]

    assert "pred_0" == look(failed.error, client).prediction.id


def test_local_files_are_matched_by_the_url_that_was_sent(server, Paint, lost, look, tmp_path):
    """Two uploads of one file have two URLs, so the tasks differ."""
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    error = lost(Paint(prompt="a lighthouse", image=picture))
    server.accept({"prompt": "a lighthouse", "image": "https://cdn.get3w.com/uploads/other.png"})

    assert "pred_0" == look(error).prediction.id


def test_default_client_reconciles(side, client, paint, lost):
    """The functions of the module use the client that is given, or the shared one."""
    first, second = lost(paint), lost(paint, "before")
    function = reconcile if side.name == "sync" else reconcile_async
    set_default_client(client)

    assert isinstance(side.run(function(first, within=0)), Ambiguous)
    assert isinstance(side.run(function(second, within=0, client=client)), Ambiguous)


def test_wrong_arguments_are_refused(side, script, server, paint, lost, look):
    """What cannot be reconciled is named before anything is asked."""
    error = lost(paint)
    elsewhere = side.client(script(server), base_url="https://other.example")
    by_hand = SubmitOutcomeUnknownError(model_id="m", method="POST", url="u", reason="r")
    for wrong, words in [
        (ValueError("no"), "not ValueError"),
        (error.to_json(), "from_json"),
        (by_hand, "does not know what was sent"),
    ]:
        with pytest.raises(ConfigurationError, match=words):
            look(wrong)
    with pytest.raises(ConfigurationError, match=r"went to https://api.get3w.com"):
        look(error, elsewhere)
    with pytest.raises(ConfigurationError, match="within"):
        look(error, within=-1)
    with pytest.raises(ConfigurationError, match="delivery must be"):
        look(error, delivery="pred_0")
