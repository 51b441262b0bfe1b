"""All billing records, whatever happens to the pages meanwhile."""

import pytest
from get3w_core import ResponseFormatError
from get3w_core.api.account import Pager, read_billings


def records(*numbers):
    return [{"id": f"bill_{number}", "amount": -0.03} for number in numbers]


def page(*numbers, **fields):
    return {"records": records(*numbers), **fields}


def ids(found):
    return [record.id for record in found]


def bills(*numbers):
    return [f"bill_{number}" for number in numbers]


@pytest.mark.parametrize(
    ("pages", "expected", "asked"),
    [
        pytest.param([page(1, 2, total=4), page(3, 4, total=4)], (1, 2, 3, 4), 2, id="total"),
        pytest.param([page(1, 2), page(3)], (1, 2, 3), 2, id="no total, short page"),
        pytest.param([page(1, 2), page(3, 4), page()], (1, 2, 3, 4), 3, id="no total, full"),
        pytest.param([page(total=0)], (), 1, id="none"),
        pytest.param([page()], (), 1, id="none, no total"),
        pytest.param([page(1, total=3, per_page=1), page(2), page()], (1, 2), 2, id="cap"),
        pytest.param(
            [page(1, 2, total=9), page(3, total=9), page(total=9)], (1, 2, 3), 3, id="big"
        ),
        pytest.param([page(1, 2, total=3), page(2, 3, total=4)], (1, 2, 3), 2, id="moved"),
        pytest.param(
            [page(1, 2, total=4, page=1), page(1, 2, total=6, page=2), page(3, 4, total=6)],
            (1, 2, 3, 4),
            3,
            id="moved by a page",
        ),
        pytest.param([page(1, 2, total=9)] * 9, (1, 2), 2, id="the same for ever"),
        pytest.param([page(1, 2, total=4), page(3, 4, total=2)], (1, 2, 3, 4), 2, id="less"),
        pytest.param([{"records": None, "total": 5}], (), 1, id="odd"),
    ],
)
def test_every_record_once(side, script, data, pages, expected, asked):
    """Records come once each and in order, and no page is asked for beyond the last."""
    server = script(*map(data, pages))
    found = side.collect(side.client(server).iter_billings(per_page=2))

    assert bills(*expected) == ids(found)
    assert asked == len(server.requests)


def test_another_page_is_an_error(side, script, data):
    """A server that says that it gives another page does not make a list look complete."""
    server = script(data(page(1, 2, total=9, page=1)))
    with pytest.raises(ResponseFormatError, match="page 1, and page 2 was asked for"):
        side.collect(side.client(server).iter_billings(per_page=2))


def test_pages_are_asked_for_one_by_one(side, script, data):
    """Number, size and type are in the query, and nothing is asked for before it is wanted."""
    server = script(data(page(1, total=2)), data(page(2, total=2)))
    iterator = side.client(server).iter_billings(type="usage", per_page=1)
    before = len(server.requests)
    side.collect(iterator)

    assert 0 == before
    assert [
        "/api/v3/billings?page=1&per_page=1&type=usage",
        "/api/v3/billings?page=2&per_page=1&type=usage",
    ] == server.paths


def test_no_end_is_an_error():
    """A server that goes on for ever is given up."""
    pager = Pager(1)

    def take():
        pager.take(read_billings(page(pager.page, total=10**9)))
        return pager.ended

    assert not any(take() for _ in range(10_000))
    with pytest.raises(ResponseFormatError, match="more than 10000 pages"):
        take()


def test_emulator_has_every_record(get3w_emulator, get3w_client):
    """Over HTTP the pages add up to the account's books."""
    from get3w_models import submit_flux_dev

    made = {submit_flux_dev("a lighthouse", client=get3w_client).id for _ in range(7)}
    found = list(get3w_client.iter_billings(type="usage", per_page=3))

    assert made == {record.task_id for record in found}
    assert 7 == len(found)
