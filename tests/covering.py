"""Which cases of a crossing are enough for every run of the tests; `make soak` runs all of them."""

from itertools import combinations


def covering(rows):
    """Return the indexes of rows in which every two values that occur together do so again.

    A fault in the handling of one value, or of two that meet, fails in one of these rows as it
    does in all. Always the same rows are chosen, those with the most new pairs first.

    Args:
        rows: The cases, each a dict of its values by axis.
    """
    pairs = [set(combinations(sorted(row.items(), key=str), 2)) for row in rows]
    chosen, seen = set(), set()
    for fewest in range(max(map(len, pairs), default=0), 0, -1):
        for index, found in enumerate(pairs):
            if len(found - seen) >= fewest:
                chosen.add(index)
                seen |= found
    return chosen
