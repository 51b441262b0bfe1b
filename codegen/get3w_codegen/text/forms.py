"""The types of text that may be written, as opposed to foreign text, which is a plain `str`.

Only the modules of this package make values of these types; a test watches that. An f-string or a
concatenation of them is a plain `str` again, so that it has to be made anew.
"""


class Made(str):
    """Text that is safe where its type says; the base of all forms."""

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
    """Markdown in which foreign text is nothing but text."""

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
