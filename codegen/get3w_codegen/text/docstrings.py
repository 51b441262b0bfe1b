"""Write docstring text in which no doctest runner, Sphinx or Markdown renderer finds markup.

Tools disagree about what is markup in a docstring, but all of them accept code in single backticks.
So each word that one of them could take for a prompt, a tag, a link or a directive is written as
code, and everything else stays as it is.
"""

import re
from collections.abc import Container, Iterable, Iterator

from get3w_codegen.text.forms import DocText
from get3w_codegen.text.visible import escaped, one_line

# What would end a docstring: three quotes, or one before its own.
_CLOSING_QUOTES = re.compile(r'"{3,}|"+\Z')

_CODE = re.compile(r"`([^`]+)`")
# What may touch code on either side.
_OPENING = " '\"([{-/"
_CLOSING = "'\")]}>"
_MAY_FOLLOW = re.compile(r"""['")\]}.,;!?/ -]|:(?!\S)""")
_PUNCTUATION = re.compile(r"([\"-.:-@\[-_{-~])\1{2,}\Z")
_STARTS = re.compile(
    r"""
    >>>                 # a prompt of doctest's
    | \.\.\Z            # a directive, a comment or a target of reStructuredText
    | __\Z              # an anonymous target
    | :[^:\s]*:         # a field, a directive of mkdocstrings or MyST
    | ~~~               # a fence
    | \#{1,6}\Z         # a heading
    | ;?-+8<-+          # a snippet, which includes a file
    """,
    re.VERBOSE,
)
_ANYWHERE = re.compile(
    r"""
    <[A-Za-z/!?]        # a tag, a comment, an automatic link
    | \]\( | \]: | \]\[ # a link, or where it leads
    | (?:java|vb|live)script: | \bfile:  # a link that nobody should follow
    | &\#?\w+;          # a character by its name, which may be any of these
    """,
    re.VERBOSE | re.IGNORECASE,
)


def doc_text(text: str) -> DocText:
    """Return the source of *text* on one line."""
    return DocText(_quoted(" ".join(_tokens(text))))


def wrapped(
    text: str,
    *,
    width: int,
    first: str = "",
    indented: int = 0,
    rest: str = "",
    heads: Container[str] = (),
) -> DocText:
    """Return the source of *text* in lines of at most *width*.

    Args:
        text: Plain text; white space in it does not count.
        width: The longest line; a word that is longer stands alone.
        first: What the first line begins with.
        indented: By how much the first line will be indented by whoever writes it.
        rest: What every other line begins with.
        heads: Words that must not begin a line but the first: some editors would take one for the
            head of an entry, as they would any word with a colon.
    """
    lines: list[str] = []
    line: list[str] = []
    indent = first
    for word in _tokens(text):
        before = len(indent) + (0 if lines else indented)
        if line and before + len(" ".join([*line, word])) > width:
            carried = [word]
            while (carried[0] in heads or carried[0].endswith(":")) and len(line) > 1:
                carried.insert(0, line.pop())
            lines.append(indent + " ".join(line))
            line, indent = carried, rest
        else:
            line.append(word)
    if line:
        lines.append(indent + " ".join(line))
    return DocText(_quoted("\n".join(lines)))


def code_lines(lines: Iterable[str]) -> list[DocText]:
    """Return the lines of a program of ours, to stand as they are in an indented block."""
    # Quoted together: a quote at the end of a line ends a docstring only where it is the last.
    return [DocText(line) for line in _quoted("\n".join(lines)).splitlines()]


def joined(parts: Iterable[DocText]) -> DocText:
    """Return several pieces, each on lines of its own."""
    return DocText("\n".join(parts))


def _tokens(text: str) -> Iterator[str]:
    """Yield the words of *text*; code that must not be broken over two lines is one of them."""
    line = re.sub(r"`{2,}", "'", one_line(text))
    pieces: list[str] = []
    place = 0
    for code in _CODE.finditer(line):
        _add(pieces, _words(line[place : code.start()]))
        _add(pieces, _as_code(code[1].strip() or " "))
        place = code.end()
    _add(pieces, _words(line[place:]))
    return (word.replace("\0", " ") for word in "".join(pieces).split(" ") if word)


def _add(pieces: list[str], piece: str) -> None:
    """Add a piece, which is code or beside code, with a blank before it where code needs one.

    Without one, some renderers would not take it for code, or would take it for a link or a role.
    """
    if not piece:
        return
    if pieces:
        before = pieces[-1][-1]
        if piece[0] == "`":
            touches = before not in _OPENING or piece[1] in _CLOSING
        else:
            touches = before == "`" and not _MAY_FOLLOW.match(piece)
        if touches:
            pieces.append(" ")
    pieces.append(piece)


def _words(text: str) -> str:
    """Return text outside code with each word that could be markup as code."""
    return " ".join(
        _as_code(word) if _is_hazard(word) else word for word in text.replace("`", "'").split(" ")
    )


def _as_code(text: str) -> str:
    """Return code, whose words stay on one line if one of them must not begin a line."""
    words = text.split(" ")
    # A single backslash at the end would keep the backtick from ending it.
    end = "\\" if (len(text) - len(text.rstrip("\\"))) % 2 else ""
    return f"`{(chr(0) if any(map(_is_hazard, words[1:])) else ' ').join(words)}{end}`"


def _is_hazard(word: str) -> bool:
    """Return whether some renderer takes *word* for markup, at least at the start of a line."""
    ruled = _PUNCTUATION.match(word) and not word.startswith("...")
    return bool(ruled or _STARTS.match(word) or _ANYWHERE.search(word))


def _quoted(text: str) -> str:
    """Return the source of *text* between triple double quotes."""
    shown = "\n".join(map(escaped, text.replace("\\", r"\\").split("\n")))
    return _CLOSING_QUOTES.sub(lambda quotes: r"\"" * len(quotes[0]), shown)
