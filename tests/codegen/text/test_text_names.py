"""File names that every system can hold."""

import string

import pytest
from get3w_codegen.text.names import file_name, twins
from hypothesis import given
from hypothesis import strategies as st

from tests.codegen.hostile_text import PIECES, TEXT

SAFE = set(string.ascii_letters + string.digits + "._-")


@pytest.mark.parametrize(
    "text",
    [
        "con", "CON", "nul.txt", "Aux.json", "com1", "LPT9.a.b", "COM0", "conin$", "a.", "a ", " a",
        ".", "..", "../a", "a/b", "a\\b", "a:b", "order:1", "", "a\0", "a\n", "~", "-rf", ".hidden",
        "a" * 201,
    ],
)  # fmt: skip
def test_what_some_system_cannot_hold_is_refused(text):
    """Devices, paths, streams, trailing dots and blanks, options and endless names are no names."""
    with pytest.raises(ValueError, match="name"):
        file_name(text)


@given(TEXT | st.sampled_from(PIECES) | st.text(max_size=20))
def test_any_name_is_safe_or_refused(text):
    """A name that comes back is the text itself, of letters that mean nothing to any system."""
    try:
        made = file_name(text)
    except ValueError:
        return
    assert text == made
    assert set(made) <= SAFE
    assert made[-1] != "."
    assert made[0] not in ".-"


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (["a/b.json", "a/c.json"], []),
        (["a/b.json", "A/c.json"], [("A", "a/b.json")]),
        (["a/Fox.json", "a/fox.json"], [("a/Fox.json", "a/fox.json")]),
        (["a/b.json", "a/b.json/c.json"], [("a/b.json", "a/b.json/c.json")]),
        (["a/B.JSON/c.json", "a/b.json"], [("a/B.JSON", "a/b.json")]),
        (["a.json", "a/b.json"], []),
        ([], []),
    ],
)
def test_twins(paths, found):
    """Two paths that are one on some system are told: by case, and a file that is a folder too."""
    assert found == [tuple(sorted(pair)) for pair in twins(paths)]
