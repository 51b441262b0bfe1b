"""How many tasks run at once: more with each that is accepted, half after a refusal."""

import asyncio
import time

import pytest
from get3w_batch.engine.limiter import Limiter


def test_room_grows_with_accepted_tasks_up_to_the_maximum():
    """It begins small, and each accepted task lets one more run."""
    limiter = Limiter(10)

    assert 4 == limiter.limit
    for _ in range(20):
        limiter.accepted()
    assert 10 == limiter.limit


@pytest.mark.parametrize("maximum", [1, 2, 7])
def test_maximum_is_kept_from_the_start(maximum):
    """A small maximum is not overrun by the first sends."""
    limiter = Limiter(maximum)
    taken = 0
    while limiter.has_room:
        limiter.adopt()
        taken += 1

    assert min(maximum, 4) == taken


def test_refusal_halves_once_for_all_that_were_sent_before():
    """Ten answers to one burst are one piece of news; what is sent later is another."""
    limiter = Limiter(64)
    for _ in range(12):
        limiter.accepted()
        limiter.adopt()
    sent_at = time.monotonic()
    for _ in range(10):
        limiter.refused(sent_at, 0)
    once = limiter.limit
    limiter.refused(time.monotonic(), 0)

    assert (6, 3) == (once, limiter.limit)
    assert 11 == limiter.refusals


def test_after_a_refusal_it_grows_by_one_a_round():
    """Additive increase: as many accepted tasks as there is room for let one more run."""
    limiter = Limiter(64)
    limiter.refused(time.monotonic(), 0)
    limiter.limit = 8.0
    for _ in range(8):
        limiter.accepted()

    assert 8.9 < limiter.limit < 9.1


def test_nothing_is_sent_while_the_server_asked_to_wait():
    """Retry-After holds for everybody, and is over by itself."""

    async def measure():
        limiter = Limiter(4)
        limiter.refused(time.monotonic(), 0.2)
        began = time.monotonic()
        await limiter.acquire()
        return time.monotonic() - began

    assert 0.2 <= asyncio.run(measure())


def test_room_that_is_given_back_is_taken_by_who_waits():
    """Nobody sleeps through it."""

    async def wait():
        limiter = Limiter(1)
        await limiter.acquire()
        waiting = asyncio.ensure_future(limiter.acquire())
        await asyncio.sleep(0)
        before = waiting.done()
        limiter.release()
        await asyncio.wait_for(waiting, 10)
        return before, limiter.busy

    assert (False, 1) == asyncio.run(wait())
