"""Markdown: foreign text in a page, a changelog or the body of a pull request stays text."""

import html
import re

import markdown
import pytest
from get3w_codegen.text.markdown import code, join, ours, row, token, words
from get3w_codegen.text.visible import one_line
from hypothesis import given
from markdown_it import MarkdownIt

from tests.codegen.hostile_text import PIECES, TEXT

COMMONMARK = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# What GitHub makes of the text of a rendered page.
LINKED = re.compile(r"@\w|#\d|\bGH-\d|\bwww\.\w|https?://", re.IGNORECASE)


def tags(page):
    return set(re.findall(r"<([a-z]\w*)", page))


def rendered(text):
    yield COMMONMARK.render(text)
    yield markdown.markdown(text, extensions=["extra"])


def judge(text):
    """Look at a page in which *text* stands in a list, in a table and in code."""
    for made in (words(text), code(text)):
        assert 1 == len(made.splitlines() or [""])
        assert all(letter.isprintable() for letter in made)
        for page in rendered(join("", [ours("- a: "), made, ours("\n- b\n")])):
            assert tags(page) <= {"ul", "li", "code"}, page
            assert 2 == page.count("<li>")
            outside = html.unescape(re.sub(r"<code>.*?</code>", "", page, flags=re.DOTALL))
            assert not LINKED.search(outside), page
        table = join("\n", [ours("| a | b |\n|---|---|"), row([made, ours("end")])])
        for page in rendered(table):
            assert tags(page) <= {"table", "thead", "tbody", "tr", "th", "td", "code"}, page
            assert page.count("<td>") == 2, page
            assert "<td>end</td>" in page


@pytest.mark.parametrize("text", PIECES)
def test_each_piece_is_text(text):
    """A piece at the start, in the middle or at the end is neither markup nor a mention."""
    for each in (text, f"word {text} word", f"`{text}", f"{text}`", f"\\{text}", f"{text}\\"):
        judge(each)


@given(TEXT)
def test_any_text_is_text(text):
    """Pieces that stand side by side come to nothing more."""
    judge(text)


@given(TEXT.filter(lambda text: len(text) < 1500))
def test_words_say_what_they_said(text):
    """A reader of the rendered page reads the text."""
    page = COMMONMARK.render(f"- a {words(text)}")
    (shown,) = re.findall(r"<li>a ?(.*)</li>", page)
    plain = html.unescape(shown).replace("\u200b", "")

    expected = one_line(text)
    if expected.isprintable():
        assert expected == plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("text-to-image", "text-to-image"),
        ("llm", "llm"),
        ("Text", ""),
        ("a|b", ""),
        ("a\n```python\nrun()\n```", ""),
        ("a" * 41, ""),
        (None, ""),
        (["a"], ""),
    ],
)
def test_token(text, shown):
    """Only small words are taken over as they are; whatever else stands there is left out."""
    assert shown == token(text)
