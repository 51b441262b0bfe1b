"""The cover of a crossing: what every run of the tests takes of it."""

from itertools import combinations, product

from .covering import covering

ROWS = [
    {"side": side, "call": call, "status": status}
    for side, call, status in product(["sync", "async"], range(5), range(400, 420))
]


def pairs(rows):
    return {pair for row in rows for pair in combinations(sorted(row.items()), 2)}


def test_every_pair_of_values_is_met():
    """No two values that occur together are left to `make soak`."""
    assert pairs(ROWS) == pairs(ROWS[index] for index in covering(ROWS))


def test_cover_is_small():
    """It is as large as the two longest axes make it, and hardly larger."""
    assert 100 <= len(covering(ROWS)) <= 110


def test_cover_is_always_the_same():
    """The workers of a run have to agree on the tests."""
    assert covering(ROWS) == covering([dict(row) for row in ROWS])


def test_nothing_is_lost_where_nothing_is_crossed():
    """A case that is named by its id is run, and so is every case of one axis, or of none."""
    assert {0} == covering(ROWS[-1:])
    assert {0, 1} == covering([{"call": 1}, {"call": 2}])
    assert {0} == covering([{}])
    assert set() == covering([])
