"""A submit that is still under way is a rival of one whose outcome is unknown."""

import asyncio
import time

import httpx
import pytest
from get3w_core import Accepted, Ambiguous, AsyncClient, NoEvidence, SubmitOutcomeUnknownError

from tests.core.conftest import Script, SyncSide
from tests.core.task_server import TaskServer

NOON = 1_704_110_400.0


class SlowToAnswer(TaskServer):
    """Accepts a task, and does what it is given before the answer goes out."""

    meanwhile = None

    def submitted(self, body, path):
        answer = super().submitted(body, path)
        if self.meanwhile is not None:
            work, self.meanwhile = self.meanwhile, None
            work()
        return answer


@pytest.fixture
def side():
    side = SyncSide()
    side.clock.now = NOON
    return side


@pytest.fixture
def server(side):
    return SlowToAnswer(side.clock)


@pytest.fixture
def client(side, server):
    return side.client(Script(server))


def lose(server, client, request, fate):
    """Submit, lose the answer or the request, and look for the task."""
    server.lose.append(fate)
    with pytest.raises(SubmitOutcomeUnknownError) as caught:
        client.submit(request)
    return client.reconcile(caught.value, within=0)


def test_task_of_a_submit_under_way_is_not_given_away(server, client, paint):
    """A task that another equal submit may have made, which waits for its answer, is no proof."""
    found = []
    server.meanwhile = lambda: found.append(lose(server, client, paint, "before"))
    prediction = client.submit(paint)

    assert "pred_0" == prediction.id
    assert [Ambiguous] == [type(each) for each in found]
    assert ["pred_0"] == [each.id for each in found[0].candidates]


def test_submit_under_way_with_another_input_is_no_rival(server, client, paint, Paint):
    """One with another input does not stand in the way."""
    found = []
    server.meanwhile = lambda: found.append(lose(server, client, paint, "after"))
    client.submit(Paint(prompt="something else"))

    assert [Accepted] == [type(each) for each in found]
    assert ["pred_1"] == [each.prediction.id for each in found]


@pytest.mark.parametrize("fate", ["after", "before"])
def test_submit_that_was_answered_is_no_rival_any_more(fate, server, client, paint):
    """Once it is answered, its own task is known and every other is free."""
    client.submit(paint)
    found = lose(server, client, paint, fate)

    assert (Accepted if fate == "after" else NoEvidence) is type(found)


def test_submit_that_was_refused_is_no_rival(side, server, client, paint):
    """One that waits for the next attempt after a refusal has made no task."""
    found = []
    answers = [server.answer(None, 429), server]

    def answer(request):
        submit = request.method == "POST" and request.url.path.endswith("get3w/paint")
        first = answers.pop(0) if submit and answers else server
        return first(request) if callable(first) else first

    def told(event):
        if type(event).__name__ == "Retried" and not found:
            found.append(lose(server, other, paint, "after"))

    other = side.client(Script(answer), on_event=told)
    other.submit(paint)

    assert [Accepted] == [type(each) for each in found]


def test_interrupted_submit_stays_a_rival(server, client, paint):
    """One that was given up from outside may have made the task as well."""

    def stop():
        raise KeyboardInterrupt

    server.meanwhile = stop
    with pytest.raises(KeyboardInterrupt):
        client.submit(paint)
    found = lose(server, client, paint, "before")

    assert Ambiguous is type(found)


def test_tasks_of_many_submits_under_way(side, paint):
    """Of equal submits in one event loop, none is given the task of another."""
    server = TaskServer(side.clock)

    async def main():
        accepted, go_on = asyncio.Event(), asyncio.Event()

        async def handle(request):
            await request.aread()
            answer = server(request)
            if request.url.path.endswith("get3w/paint"):
                accepted.set()
                await go_on.wait()
            return answer

        transport = httpx.MockTransport(handle)
        async with httpx.AsyncClient(transport=transport) as inner:
            client = AsyncClient("k", "https://get3w.test", http_client=inner)
            answered = asyncio.create_task(client.submit(paint))
            await accepted.wait()
            server.lose.append("before")
            with pytest.raises(SubmitOutcomeUnknownError) as caught:
                await client.submit(paint)
            found = await client.reconcile(caught.value, within=0)
            go_on.set()
            return (await answered).id, found

    # The records' times are this machine's.
    side.clock.now = float(int(time.time()))
    identity, found = asyncio.run(main())

    assert "pred_0" == identity
    assert Ambiguous is type(found)


def test_task_in_an_answer_about_another_model_is_no_evidence(side, server, paint):
    """An answer that names another model may be another submit's, and so may the task in it."""
    hidden = server.accept({"prompt": "somebody else's"}, model="get3w/other")
    server.show = lambda task: {"id": task["id"], "status": "processing"}

    def answer(request):
        if request.url.path.endswith("get3w/paint"):
            return server.answer({"id": hidden["id"], "status": "created", "model": "get3w/other"})
        return server(request)

    client = side.client(Script(answer))
    with pytest.raises(SubmitOutcomeUnknownError) as caught:
        client.submit(paint)
    found = client.reconcile(caught.value, within=0)

    assert hidden["id"] == caught.value.prediction_id
    assert Accepted is not type(found)


@pytest.mark.parametrize("shown", ["paint", "GET3W/Paint", "get3w/paint/text-to-image"])
def test_other_spelling_of_the_model_names_a_candidate(shown, server, client, paint):
    """A server may write a model's id in another way: a task of such a model is not passed over."""
    server.lose.append("after")
    with pytest.raises(SubmitOutcomeUnknownError) as caught:
        client.submit(paint)
    server.tasks[0]["model"] = shown
    found = client.reconcile(caught.value, within=0)

    assert Ambiguous is type(found)
    assert ["pred_0"] == [each.id for each in found.candidates]
