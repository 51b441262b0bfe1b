"""How a turn of submits is counted."""

import asyncio
from itertools import count

import pytest

from bench.parts.submit import in_flight, threaded


class Flaky:
    """A call that fails every third time."""

    def __init__(self):
        self.numbers = count(1)  # of which each thread takes its own

    def __call__(self):
        if next(self.numbers) % 3 == 0:
            raise ConnectionError("reset")

    async def call(self):
        self()
        await asyncio.sleep(0)


@pytest.mark.parametrize("crowd", [1, 5])
def test_threads_count_calls_and_failures(crowd):
    """Each thread calls at least once, and a failure ends nothing."""
    flaky = Flaky()
    outcome = threaded(flaky, crowd, 0.01)

    assert next(flaky.numbers) == outcome.total + 1 > crowd
    assert outcome.failures.keys() <= {"ConnectionError"}


@pytest.mark.parametrize("crowd", [1, 5])
def test_tasks_count_calls_and_failures(crowd):
    """Tasks do as threads do."""
    flaky = Flaky()
    outcome = asyncio.run(in_flight(flaky.call, crowd, 0.01))

    assert next(flaky.numbers) == outcome.total + 1 > crowd
    assert outcome.total // 3 == outcome.failures.get("ConnectionError", 0)
