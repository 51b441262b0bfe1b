import ast

import pytest
from get3w_codegen.literals import SURROGATE, docstring_text, literal
from hypothesis import given
from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
).filter(lambda value: "inf" not in repr(value))

TEXT = st.text(alphabet=st.characters() | st.sampled_from("\"'\\{}\n\r\t\0\u202e\u2028"))
QUOTED = st.text(alphabet='\\"a')


@given(JSON)
def test_literal_reads_back_as_its_value(value):
    """Python reads a literal as the value it was made from."""
    assert value == ast.literal_eval(literal(value))


@given(TEXT | QUOTED)
def test_docstring_reads_back_as_its_text(text):
    """No text can end a docstring early, and every character survives."""
    source = f'"""{docstring_text(text)}"""'

    assert SURROGATE.sub("\ufffd", text) == ast.literal_eval(source)


@given(TEXT)
def test_source_shows_every_character(text):
    """Bidi marks, controls and surrogates stand in the source as escapes that a reviewer sees."""
    for source in (literal(text), docstring_text(text)):
        assert all(character.isprintable() or character == "\n" for character in source)


def test_lone_surrogate_survives():
    """Half a surrogate pair, which JSON can hold and UTF-8 cannot, survives where it counts."""
    assert "\ud800" == ast.literal_eval(literal("\ud800"))
    assert "\ufffd" == ast.literal_eval(f'"""{docstring_text(chr(0xD800))}"""')


def test_other_values_are_refused():
    """What JSON has not is a defect of the caller, not a literal."""
    with pytest.raises(TypeError, match="set"):
        literal({1, 2})
