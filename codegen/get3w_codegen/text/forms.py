"""The types of text that may be written; foreign text is a plain `str` and is not one of them.

Only the modules of this package may create values of these types, which a test enforces. An
f-string or a concatenation of them is a plain `str` again and has to be converted again.
"""


class Made(str):
    """Base of all types of safe text."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return the text as it is, which tells Jinja not to escape it."""
        return str(self)


class Source(Made):
    """Python source: an expression, a name, or a list of them."""

    __slots__ = ()


class DocText(Made):
    """Source of one paragraph or entry between the quotes of a docstring."""

    __slots__ = ()


class Comment(Made):
    """What may stand behind a `#` in Python source: one printable line."""

    __slots__ = ()


class Markdown(Made):
    """Markdown in which foreign text has been escaped."""

    __slots__ = ()


class Line(Made):
    """One line for a terminal or the log of a workflow, without control characters."""

    __slots__ = ()


class FileName(Made):
    """A file name, without a folder, that every system can hold."""

    __slots__ = ()


def require_made(value: object) -> object:
    """Return *value* for a template.

    Raises:
        TypeError: It is a text that no function of this package has made.
    """
    if value is None or isinstance(value, Made) or hasattr(value, "__html__"):
        return value
    raise TypeError(f"{type(value).__name__} {value!r:.60} was not made into a form of text")
