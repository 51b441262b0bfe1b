"""A host with several addresses is reached over whichever answers first."""

import asyncio
import gc
import socket
import warnings
from contextlib import ExitStack, suppress

import pytest
from get3w_core.http.pool.dialing import dial

from tests.core.loopback import Server


class Resolving(asyncio.SelectorEventLoop):
    """An event loop with a resolver of the test's own."""

    def __init__(self, *ports):
        super().__init__()
        self.ports = ports

    async def getaddrinfo(self, host, port, **options):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", each)) for each in self.ports
        ]


@pytest.fixture
def ports():
    """Ports where a server is, where nothing is, and where nobody answers."""
    with ExitStack() as stack:
        server = Server()
        stack.callback(server.close)
        with socket.create_server(("127.0.0.1", 0)) as gone:
            shut = gone.getsockname()[1]
        deaf = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        stack.enter_context(socket.create_connection(deaf.getsockname()))
        yield {"open": server.port, "shut": shut, "deaf": deaf.getsockname()[1]}


async def reached(steps=None):
    """Dial, and tell the port; after *steps* of the loop, give up."""
    call = asyncio.create_task(dial(asyncio.get_running_loop(), "several.test", 1))
    for _ in range(steps or 0):
        await asyncio.sleep(0)
    if steps is not None:
        call.cancel()
    try:
        async with asyncio.timeout(5):
            with await call as connected:
                return connected.getpeername()[1]
    finally:
        assert 1 == len(asyncio.all_tasks())


def run(ports, steps=None):
    with asyncio.Runner(loop_factory=lambda: Resolving(*ports)) as runner:
        return runner.run(reached(steps))


@pytest.mark.parametrize(
    "kinds",
    [["open"], ["open", "shut"], ["shut", "open"], ["deaf", "open"], ["shut", "deaf", "open"]],
    ids="-".join,
)
def test_the_first_that_answers(ports, kinds):
    """An address that refuses, or is silent, does not keep from the next."""
    assert ports["open"] == run([ports[kind] for kind in kinds])


def test_none_that_answers(ports):
    """Where every address refuses, the refusal is raised."""
    with pytest.raises(ConnectionRefusedError):
        run([ports["shut"], ports["shut"]])


@pytest.mark.parametrize("kinds", [["open"], ["open", "open"], ["shut", "open"]], ids="-".join)
def test_given_up_anywhere(ports, kinds):
    """Cancelled after any number of steps, it leaves neither socket nor task behind."""
    ended = 0
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for steps in range(20):
            with suppress(asyncio.CancelledError):
                ended += run([ports[kind] for kind in kinds], steps) == ports["open"]
        gc.collect()

    assert 0 < ended < 20
    assert [] == [str(each.message) for each in caught]
