"""`Batch` in Python."""

import asyncio

import pytest
from get3w_batch import Batch, BatchError, JournalError, RowsError, Summary
from get3w_core import AsyncClient, ModelInfo, ModelRequest
from get3w_models import FluxDevRequest, KlingV2_6ProImageToVideoRequest

PNG = b"\x89PNG\r\n\x1a\n"


def requests(count):
    return [FluxDevRequest(prompt=f"number {n}", width=16, height=16) for n in range(count)]


@pytest.fixture
def batch(emulator, tmp_path):
    """Make a batch on the emulator, with its journal in the test's folder."""

    def batch(given, **options):
        client = AsyncClient(api_key="test-key", base_url=emulator.url)
        place = {"journal": tmp_path / "journal.sqlite"} if "out" not in options else {}
        return Batch(given, client=client, **{"reconcile_timeout": 0, **place, **options})

    return batch


async def collect(batch):
    return [result async for result in batch]


def test_run_returns_a_summary(batch):
    """It blocks, and the summary is kept."""
    made = batch(requests(3))
    summary = made.run()

    assert {"completed": 3} == summary.counts
    assert (summary, 0) == (made.summary, summary.exit_status)
    assert 3 == made.progress().settled == made.progress().rows


def test_iteration_yields_each_row_once(batch, emulator):
    """Those of an earlier run first; nothing is sent for these."""
    first = asyncio.run(collect(batch(requests(2))))
    second = asyncio.run(collect(batch(requests(4))))

    assert {0, 1} == {result.row for result in first}
    assert {0, 1} == {result.row for result in second[:2]}
    assert {2, 3} == {result.row for result in second[2:]}
    assert {"completed"} == {result.status for result in second}
    assert 4 == len(emulator.ledger())


@pytest.mark.parametrize("count", range(1, 13))
def test_iteration_yields_the_last_results(batch, count):
    """Also those that are written at the very end of the run."""
    found = asyncio.run(collect(batch(requests(count))))

    assert [*range(count)] == sorted(result.row for result in found)


def test_leaving_the_loop_can_be_resumed(batch, emulator):
    """What was sent by then is not sent again."""

    async def first_of(made):
        async for _ in made:
            break

    asyncio.run(first_of(batch(requests(20))))
    found = asyncio.run(collect(batch(requests(20), reconcile_timeout=10)))

    assert [*range(20)] == sorted(result.row for result in found)
    assert {1} == {*emulator.prompts().values()}


def test_several_models_and_a_local_file(batch, emulator, tmp_path):
    """A path is uploaded when its row is sent; what is sent holds the upload's address."""
    (tmp_path / "a.png").write_bytes(PNG)
    image = KlingV2_6ProImageToVideoRequest(prompt="x", image=tmp_path / "a.png")
    summary = batch([*requests(1), image]).run()
    sent = {each["model"]: each["input"] for each in emulator.ledger()}

    assert {"completed": 2} == summary.counts
    assert sent["kwaivgi/kling-v2.6-pro/image-to-video"]["image"].startswith("http")


def test_class_of_ones_own(batch, emulator):
    """A request class need not be one of get3w_models."""

    class OwnRequest(ModelRequest, frozen=True):
        __model__ = ModelInfo("get3w/flux-dev")
        prompt: str

    summary = batch([OwnRequest(prompt="x")]).run()

    assert {"completed": 1} == summary.counts


def test_equal_requests_are_paid_for_each(batch, emulator):
    """Two equal rows are two tasks, in this run and after it."""
    for _ in range(2):
        assert {"completed": 2} == batch([FluxDevRequest(prompt="same")] * 2).run().counts
    assert {"same": 2} == emulator.prompts()


def test_stop_before_the_end(batch, emulator):
    """Nothing more is sent, and the summary says why."""
    made = batch(requests(5))
    made.stop("enough")
    summary = made.run()

    assert ({"pending": 5}, "enough", 4) == (summary.counts, summary.stopped, summary.exit_status)


def test_errors_before_anything_is_sent(batch, emulator, tmp_path):
    """They are raised, and the ledger is empty."""
    with pytest.raises(RowsError, match="row 0"):
        batch([FluxDevRequest.model_construct(prompt=3)]).run()
    with pytest.raises(BatchError, match="journal= or out="):
        Batch([])
    with pytest.raises(JournalError, match="cannot be opened"):
        batch(requests(1), journal=tmp_path).run()
    with pytest.raises(BatchError, match="No price is known"):
        batch([NoPriceRequest(prompt="x")], max_cost=1).run()
    assert [] == emulator.ledger()


class NoPriceRequest(ModelRequest, frozen=True):
    __model__ = ModelInfo("nobody/nothing")
    prompt: str


@pytest.mark.parametrize(
    ("counts", "incomplete", "status"),
    [
        ({"completed": 2}, 0, 0),
        ({}, 0, 0),
        ({"completed": 2}, 1, 1),
        ({"completed": 1, "failed": 1}, 0, 1),
        ({"refused": 1}, 0, 1),
        ({"unknown": 1, "failed": 1}, 0, 3),
        ({"pending": 1, "unknown": 1}, 0, 4),
        ({"accepted": 1}, 0, 4),
        ({"sending": 1}, 0, 4),
    ],
)
def test_exit_status(counts, incomplete, status):
    """What is still open outweighs what is unknown, and that what failed."""
    assert status == Summary(sum(counts.values()), counts, incomplete).exit_status
