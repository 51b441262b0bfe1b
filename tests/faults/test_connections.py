"""What one submit cannot show: kept connections, other hosts, hostile servers, and reads."""

import asyncio
import tracemalloc
from itertools import pairwise

import httpx
import pytest
from get3w_core import (
    APIError,
    AsyncClient,
    AuthenticationError,
    Client,
    Get3WError,
    SubmitOutcomeUnknownError,
)

from . import faults as f

SIDES = ("sync", "async")
STALE = b"HTTP/1.1 429 Slow\r\ncontent-length: 0\r\nretry-after: 0\r\n\r\n"


class Side:
    """One of the two clients, used from a test that is not async."""

    def __init__(self, client, loop):
        self._client = client
        self._loop = loop

    def client(self, line, **options):
        """Return a client for *line* that shares its connections with all others."""
        return self._client.with_options(
            base_url=line.url, **{"timeout": 8.0, "submit_deadline": 8.0, **options}
        )

    def run(self, result):
        if not asyncio.iscoroutine(result):
            return result
        return asyncio.run_coroutine_threadsafe(result, self._loop).result(30)


@pytest.fixture(params=SIDES)
def side(request, sync_client, async_client, loop):
    return Side(sync_client if request.param == "sync" else async_client, loop)


@pytest.fixture
def line(proxy):
    """Make lines that are closed after the test, when nothing unexpected may have happened."""
    lines = []

    def make(*faults):
        lines.append(proxy.line(*faults))
        return lines[-1]

    yield make
    for each in lines:
        each.close()
        assert [] == each.errors


@pytest.fixture
def asked(draw, request):
    """A request whose prompt is the test's own."""
    return draw(prompt=request.node.nodeid)


def test_kept_connection_carries_the_next_submit(side, line, asked):
    """Two submits in a row share one connection."""
    here = line()
    client = side.client(here)
    for _ in range(2):
        side.run(client.submit(asked))

    assert (1, 2) == (here.connections, here.posts)


def test_connection_that_the_server_closed_is_not_used(side, line, asked, in_ledger):
    """A submit after the server closed the idle connection takes another, and is sent once."""
    here = line()
    client = side.client(here)
    side.run(client.submit(asked))
    here.shut(0)
    side.run(client.submit(asked))

    assert (2, 2) == (here.connections, here.posts)
    assert 2 == in_ledger(asked.prompt)


def test_leftovers_are_not_the_next_answer(side, line, asked, in_ledger):
    """What a server sends after the end of its answer is not taken for the next one."""
    here = line(f.changed(after=STALE))
    client = side.client(here)
    for _ in range(2):
        side.run(client.submit(asked))

    assert (2, 2) == (here.connections, here.posts)
    assert 2 == in_ledger(asked.prompt)


def test_leftovers_are_not_the_next_answer_over_httpx(line, asked, in_ledger, key):
    """The same with an httpx client that is passed in."""
    here = line(f.changed(after=STALE))
    with httpx.Client() as http_client:
        client = Client(key, here.url, http_client=http_client)
        for _ in range(2):
            client.submit(asked)

    assert 2 == here.posts
    assert 2 == in_ledger(asked.prompt)


async def _submit_twice(http_client, url, asked, key):
    async with http_client:
        client = AsyncClient(key, url, http_client=http_client)
        for _ in range(2):
            await client.submit(asked)


def test_leftovers_are_not_the_next_answer_over_async_httpx(line, asked, in_ledger, key):
    """The same with an async one."""
    here = line(f.changed(after=STALE))
    asyncio.run(_submit_twice(httpx.AsyncClient(), here.url, asked, key))

    assert 2 == here.posts
    assert 2 == in_ledger(asked.prompt)


@pytest.mark.parametrize("variable", ["http_proxy", "all_proxy"])
def test_leftovers_are_not_the_next_answer_through_a_proxy(
    line, asked, in_ledger, key, monkeypatch, variable
):
    """The same where the environment names a proxy."""
    here = line(f.changed(after=STALE))
    monkeypatch.setenv(variable, here.url)
    with Client(key, "http://get3w.localhost") as client:
        for _ in range(2):
            client.submit(asked)

    assert 2 == here.posts
    assert 2 == in_ledger(asked.prompt)


@pytest.mark.parametrize("ending", [f.RESET_AT_FIRST_BYTE, f.CLOSE_AT_FIRST_BYTE])
def test_connection_that_ends_under_the_submit_is_unknown(side, line, asked, in_ledger, ending):
    """A kept connection that ends just when it is used again leaves the outcome unknown."""
    here = line(f.PASS, ending)
    client = side.client(here)
    side.run(client.submit(asked))
    with pytest.raises(SubmitOutcomeUnknownError):
        side.run(client.submit(asked))

    assert (1, 1) == (here.connections, here.posts)
    assert 1 == in_ledger(asked.prompt)


def test_submit_rides_no_connection_that_was_idle_for_2_seconds(side, line, asked):
    """A submit that has to wait for 2.1 s is sent again over another connection."""
    here = line(f.answers(429, headers=[("retry-after", "2.1")]))
    side.run(side.client(here).submit(asked))

    assert (2, 2) == (here.connections, here.posts)
    assert [True] == [after - before >= 2.1 for before, after in pairwise(here.times)]


def test_reset_while_connecting_is_unsent_or_unknown(side, line, asked, in_ledger):
    """A reset that may come before or after the client began to send costs at most one task."""
    here = line(f.RESET_AT_ACCEPT)
    try:
        side.run(side.client(here).submit(asked))
        sent = 1
    except SubmitOutcomeUnknownError:
        sent = 0
    here.close()

    assert sent == here.posts == in_ledger(asked.prompt)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("surface", ["v3", "v1"])
def test_other_host_gets_nothing(side, line, asked, in_ledger, status, surface):
    """A redirect to another host is an unknown outcome, and that host is not even connected to."""
    there = line()
    path = f"/{'v1' if surface == 'v1' else 'api/v3'}/get3w/flux-dev"
    here = line(f.answers(status, b"", [("location", there.url + path)]))
    with pytest.raises(SubmitOutcomeUnknownError):
        side.run(side.client(here, surface=surface).submit(asked))

    assert (1, 0, 0) == (here.posts, there.connections, in_ledger(asked.prompt))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_other_host_gets_no_read_either(side, line, status):
    """A read that is redirected to another host is an error, and that host is not connected to."""
    there = line()
    here = line(f.answers(status, b"", [("location", there.url + "/api/v3/balance")]))
    with pytest.raises(APIError):
        side.run(side.client(here).balance())

    assert 0 == there.connections


def test_poll_address_of_another_host_is_not_followed(side, line, asked):
    """A `urls.get` that leads elsewhere is not asked; the prediction is found at home."""
    there = line()
    here = line(f.edited(urls={"get": there.url + "/api/v3/predictions/x"}))
    prediction = side.run(side.client(here).submit(asked))
    side.run(prediction.wait(timeout=10))

    assert "completed" == prediction.status
    assert 0 == there.connections


POLL_FAULTS = [
    f.RESET_AT_FIRST_BYTE,
    f.CLOSE_BEFORE_SERVER,
    f.answers(429, headers=[("retry-after", "0.1")]),
    f.answers(503, headers=[("retry-after", "0.1")]),
    f.answers(500, headers=[("retry-after", "0.1")]),
    f.changed(lambda body: body[:-1]),
]


def test_wait_reads_on_and_never_submits_again(side, line, asked, in_ledger):
    """A wait whose polls are reset, refused, and broken ends in the result of the one submit."""
    here = line(f.PASS, *POLL_FAULTS[:3], f.PASS, *POLL_FAULTS[3:])
    prediction = side.run(side.client(here).submit(asked))
    side.run(prediction.wait(timeout=20))

    assert "completed" == prediction.status
    assert (1, 1) == (here.posts, in_ledger(asked.prompt))


def test_errors_after_a_submit_name_the_task(side, line, asked):
    """A poll that ends a wait names the prediction, and submits nothing again."""
    here = line(f.PASS, f.answers(401))
    prediction = side.run(side.client(here).submit(asked))
    with pytest.raises(AuthenticationError) as caught:
        side.run(prediction.wait(timeout=10))

    assert prediction.id == caught.value.prediction_id
    assert 1 == here.posts


@pytest.mark.parametrize("piece", [b"x-more: 1\r\n", b"HTTP/1.1 103 Hints\r\n\r\n"])
def test_headers_that_go_on_are_given_up(side, line, asked, piece):
    """Headers that take longer than the timeout, piece by piece, are an unknown outcome."""
    here = line(f.trickled(piece))
    with pytest.raises(SubmitOutcomeUnknownError):
        side.run(side.client(here, timeout=0.3).submit(asked))

    assert 1 == here.posts


def test_bomb_within_a_bomb_does_not_fill_the_memory(line, asked, sync_client):
    """An answer that was compressed twice is refused without being unfolded."""
    twice = [("content-encoding", "gzip, gzip")]
    here = line(f.changed(f.zipped(f.bomb(300)), twice))
    tracemalloc.start()
    try:
        with pytest.raises(Get3WError):
            sync_client.with_options(base_url=here.url).submit(asked)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 150_000_000
