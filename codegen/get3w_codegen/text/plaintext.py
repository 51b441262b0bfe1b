"""Strip Markdown and HTML from the descriptions in a schema.

An editor's hover would show the markup as it is. Code stays in single backticks, which all tools
understand; text that only looks like markup is kept.
"""

import re

_TAGS = (
    "a abbr b big blockquote br center code del div em font h1 h2 h3 h4 h5 h6 hr i kbd li mark ol p"
    " pre s small span strong sub sup table tbody td th thead tr tt u ul"
)
_TAG = re.compile(rf"</?(?:{'|'.join(_TAGS.split())})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|hr|/?p|/?li|/?div|/?h[1-6])(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ADDRESS = re.compile(
    r"""<a\s[^<>]*href=["']?([^"'\s<>]+)["']?[^<>]*>(.{0,500}?)</a>""", re.IGNORECASE | re.DOTALL
)
_LINK = re.compile(r"!?\[([^\[\]]*)\]\(\s*([^()\s]+)(?:\s+\"[^\"]*\")?\s*\)")
_FENCE = re.compile(r"^[ \t]*```[^\n`]*$", re.MULTILINE)
_CODE = re.compile(r"(`{1,3})(?!`)(.{1,500}?)(?<!`)\1(?!`)", re.DOTALL)
_ROLE = re.compile(r":[a-z]+(?::[a-z]+)?:(?=`)")
_STRONG = re.compile(r"(\*\*)(?=\S)(.{1,500}?)(?<=\S)\1", re.DOTALL)
_EMPHASIS = re.compile(r"(?<![\w*'\"])\*(?=[^\s*])([^*\n]{0,200}[^\s*])\*(?![\w*'\"])")
_HEADING = re.compile(r"^[ \t]*#{2,6}[ \t]+([^\n#]+?)[ \t#]*$", re.MULTILINE)
# Renderers would take these for tags and for links to elsewhere.
_EDGE = r"\s<>`'\"(),;"
_PLACEHOLDER = re.compile(
    rf"(?:[^{_EDGE}]{{0,80}}<{{1,3}}[/|]?[A-Za-z][^<>\n]{{0,40}}>{{1,3}})+"
    rf"(?:[^{_EDGE}]{{0,80}}[^{_EDGE}.:!?])?"
)
_REFERENCE = re.compile(
    r"https?://[^\s()<>`]{1,200}_(?=[\s).,;]|$)|(?<![\w/.:`])\w+_\*?(?![\w`/*])"
)
# A line that holds one of these, wherever in it, begins a section to some readers of docstrings.
_SECTION = re.compile(r"\b(Args|Attributes|Examples?|Note|Raises|Returns|Todo|Yields):(?!\S)")
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d{1,2}[.)])\s+")


def plain(text: str) -> str:
    """Return *text* as plain words on one line.

    Args:
        text: A description, as it stands in a schema.
    """
    text = _FENCE.sub("", text)
    text = _ADDRESS.sub(lambda found: _linked(found[2], found[1]), text)
    text = _LINK.sub(lambda found: _linked(found[1], found[2]), text)
    text = _HEADING.sub(r"\1:", text)
    pieces: list[str] = []
    place = 0
    for code in _CODE.finditer(text):
        pieces += [_words(text[place : code.start()]), f"`{code[2].strip()}`"]
        place = code.end()
    return _SECTION.sub(r"\1 -", _joined("".join([*pieces, _words(text[place:])])))


def _linked(shown: str, address: str) -> str:
    return address if not shown.strip() or shown == address else f"{shown} ({address})"


def _words(text: str) -> str:
    text = _TAG.sub("", _BREAK.sub("\n", _ROLE.sub("", text)))
    text = _EMPHASIS.sub(r"\1", _STRONG.sub(r"\2", text))
    text = _PLACEHOLDER.sub(r"`\g<0>`", text)
    return _REFERENCE.sub(r"`\g<0>`", text)


def _joined(text: str) -> str:
    """Return *text* on one line; a list becomes a sentence, a paragraph ends in a stop."""
    result, blank, listed = "", False, False
    lines = text.splitlines()
    is_list = sum(_ITEM.match(line) is not None for line in lines) > 1
    for line in lines:
        item = is_list and _ITEM.match(line) is not None
        words = " ".join((_ITEM.sub("", line) if item else line).split())
        if not words:
            blank = bool(result)
            continue
        if result:
            ended = result[-1] in ".!?:;,"
            if item and listed and not ended:
                result += ";"
            elif (blank or (listed and not item)) and not ended:
                result += "."
            result += " "
        result += words
        # A line below an item goes on with it, unless a blank line lies between.
        listed = item or (listed and not blank and line[:1].isspace())
        blank = False
    return result
