"""Docstrings: whatever a schema says is words to Python, doctest, Sphinx and Markdown."""

import ast
import doctest
import time
from html.parser import HTMLParser

import docutils.core
import docutils.nodes
import markdown
import pytest
from get3w_codegen.text.docstrings import code_lines, doc_text, wrapped
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from sphinx.ext.napoleon import Config, GoogleDocstring

from tests.codegen.hostile_text import PIECES, TEXT

HARMLESS = set(
    "p code ul ol li em strong h1 h2 h3 h4 pre blockquote hr br dl dt dd a table".split()
)
HARMLESS |= {"thead", "tbody", "tr", "td", "th", "html", "body", "head"}


def docstring(text, width=60):
    """Return the docstring of a function as a module would have it, with *text* in each place."""
    source = '\n'.join(
        [
            '"""' + doc_text(f"Run {text}"),
            "",
            "    " + wrapped(text, width=width, rest="    "),
            "",
            "    Args:",
            "        " + wrapped(text, width=width, first="x: ", indented=8, rest=" " * 12),
            "        " + wrapped(f"One of '{text}'.", width=width, first="y: ", rest=" " * 12),
            '    """',
        ]
    )  # fmt: skip
    return ast.literal_eval(source)


PYTHON_MARKDOWN = markdown.Markdown(extensions=["extra", "admonition", "toc"])
COMMONMARK = MarkdownIt("commonmark").enable("table")


class Tags(HTMLParser):
    """The tags of a page and where its links lead."""

    def __init__(self, page):
        super().__init__()
        self.found, self.links = set(), []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.add(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]
        assert not [name for name, _ in attrs if name.startswith("on")]


@pytest.mark.parametrize("text", PIECES)
def test_each_piece_is_words(text):
    """No piece on its own is a prompt, a tag, a link elsewhere or a directive in any reader."""
    for each in (text, f"word {text} word", f"`{text}", f"{text}`", f"\\{text}"):
        judge(docstring(each, 10))


@settings(max_examples=150)
@given(TEXT, st.integers(8, 90))
@example("`a\\` <script>", 20)
def test_any_text_is_words(text, width):
    """Pieces that stand side by side, in lines of any width, come to nothing more."""
    judge(docstring(text, width))


def judge(text):
    assert [] == doctest.DocTestParser().get_examples(text)
    assert all(letter.isprintable() or letter == "\n" for letter in text if letter.isascii())
    shown = ast.literal_eval(f'"""{text}"""') if "\\" not in text and '"' not in text else text
    assert shown == text
    for page in (
        PYTHON_MARKDOWN.reset().convert(dedented(text)),
        COMMONMARK.render(dedented(text)),
    ):
        tags = Tags(page)
        assert set() == tags.found - HARMLESS, page
        assert all(link.startswith(("http://", "https://", "mailto:")) for link in tags.links), page
    for source in (dedented(text), str(GoogleDocstring(dedented(text), Config()))):
        tree = docutils.core.publish_doctree(
            source,
            settings_overrides={"report_level": 5, "raw_enabled": True, "_disable_config": True},
        )
        assert not list(tree.findall(docutils.nodes.raw))
        assert not list(tree.findall(docutils.nodes.image))
        assert not list(tree.findall(docutils.nodes.comment))
        links = [node.get("refuri", "https:") for node in tree.findall(docutils.nodes.reference)]
        assert all(link.startswith(("http://", "https:", "mailto:")) for link in links), links
        said = " ".join(node.astext() for node in tree.findall(docutils.nodes.system_message))
        for word in ("directive", "role", "nclude"):
            assert word not in said, (source, said)


def dedented(text):
    first, *rest = text.split("\n")
    return "\n".join([first, *(line[4:] for line in rest)])


@pytest.mark.parametrize("piece", ["`a", "`a` ", "`a`", "a: ", '"', "(", "`", "\\", "<a ", "-`;` "])
def test_long_text_takes_no_time(piece):
    """The time for a text grows with its length, not with the square of it."""
    start = time.process_time()
    doc_text(piece * 200_000)

    assert time.process_time() - start < 5


def test_program_stays_as_it_is():
    """A program of ours is shown letter by letter."""
    (line,) = code_lines(['f(a="<b> >>> `x`", b="\\\\n")'])

    assert 'f(a="<b> >>> `x`", b="\\\\n")' == ast.literal_eval(f'"""{line} """').rstrip()


@pytest.mark.parametrize("argument", ['a="b"', 'a="b", c=["d"', "a='\"\"'", "a=1"])
def test_quote_at_the_end_of_a_line_stays_as_it_is(argument):
    """Only a quote that would end the docstring is written with a backslash."""
    program = ["f(", f"    {argument}", ")"]

    assert program == code_lines(program)
    assert [] == code_lines([])
    (last,) = code_lines(["a = 'x\""])
    assert "a = 'x\\\"" == last


@given(st.text("abc .,:;'()[]{}*-<>=/%$@!?äß", max_size=80))
def test_ordinary_words_stay_as_they_are(text):
    """What no reader takes for markup is shown unchanged."""
    kept = [word for word in text.split() if word.isalnum()]

    assert kept == [word for word in doc_text(text).split() if word.isalnum()]
