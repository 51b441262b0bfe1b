"""While a journal is open, threads have short turns."""

import sys

from get3w_batch.journal.turns import ShortTurns


def test_usual_turns_are_back_after_the_last_one():
    """Two that overlap in any order leave what was before; in between turns are short."""
    usual, turns = sys.getswitchinterval(), ShortTurns()
    turns.begin()
    turns.begin()
    turns.end()
    between = sys.getswitchinterval()
    turns.end()

    assert usual == sys.getswitchinterval()
    assert between < usual
