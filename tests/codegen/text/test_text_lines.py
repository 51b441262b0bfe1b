"""Lines for a terminal and for the log of a workflow."""

import io

import pytest
from get3w_codegen.text.lines import line, say
from hypothesis import given

from tests.codegen.hostile_text import PIECES, TEXT


def judge(text):
    out = io.StringIO()
    say(text, to=out)
    for each in out.getvalue().split("\n"):
        assert all(letter.isprintable() for letter in each)
        assert not each.lstrip().startswith("::")
        assert "##[" not in each
    assert 1 == len(line(text).splitlines() or [""])


@pytest.mark.parametrize("text", PIECES)
def test_each_piece_is_a_line(text):
    """No piece moves the cursor, colours, reorders or commands, wherever it stands."""
    for each in (text, f"  {text}", f"word {text}", f"\r\n{text}", f"\u2028{text}", f":{text}"):
        judge(each)


@given(TEXT)
def test_any_text_is_lines(text):
    """Pieces that stand side by side come to nothing more."""
    judge(text)


def test_ordinary_text_is_unchanged():
    """What can be read is printed as it is."""
    assert "größe: a::b → 中文 # [x]" == line("größe: a::b → 中文 # [x]")
