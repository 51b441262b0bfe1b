"""Python source: values, names and expressions made of foreign text."""

import ast

import pytest
from get3w_codegen.text.literals import comment, expression, identifier, literal, readable
from hypothesis import given
from hypothesis import strategies as st

from tests.codegen.hostile_text import PIECES
from tests.codegen.hostile_text import TEXT as HOSTILE

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


@given(JSON)
def test_readable_reads_back_as_its_value(value):
    """The spelling with double quotes says the same."""
    assert value == ast.literal_eval(readable(value))


@given(TEXT | QUOTED | HOSTILE)
def test_source_shows_every_character(text):
    """Bidi marks, controls and surrogates stand in the source as escapes that a reviewer sees."""
    for source in (literal(text), readable(text), comment(text)):
        assert all(character.isprintable() for character in source)


@given(HOSTILE)
def test_comment_stays_on_its_line(text):
    """Nothing in a comment becomes code."""
    assert [] == ast.parse(f"# {comment(text)}").body


@pytest.mark.parametrize("text", [*PIECES, "a b", "1a", "class", "", "a.b", "a\n", "a;b", "a-b"])
def test_what_is_no_name_is_refused(text):
    """Only a name that Python takes becomes one."""
    if not (text.isidentifier() and text != "class"):
        with pytest.raises(ValueError, match="no name"):
            identifier(text)


@pytest.mark.parametrize(
    "text", ["a; b", "a\nb", "a)(", "a) + (b", "", "a = 1", "*a", "a # b\n)", "a # b"]
)
def test_what_is_more_than_an_expression_is_refused(text):
    """Source that ends early, or says more than one thing, is refused."""
    with pytest.raises(SyntaxError):
        expression(text)


def test_lone_surrogate_survives():
    """Half a surrogate pair, which JSON can hold and UTF-8 cannot, survives where it counts."""
    assert "\ud800" == ast.literal_eval(literal("\ud800"))


def test_other_values_are_refused():
    """What JSON has not is a defect of the caller, not a literal."""
    with pytest.raises(TypeError, match="set"):
        literal({1, 2})
