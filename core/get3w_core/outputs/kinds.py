"""The kinds of outputs: a file, a text, or any other value that JSON has."""

# The modules of this room use each other's members that users never need:
# pyright: reportPrivateUsage=false

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol, TypeAlias, cast

from typing_extensions import TypeVar

from get3w_core.errors.base import ConfigurationError
from get3w_core.errors.printable import quoted
from get3w_core.outputs.output import LONGEST_SHOWN, Output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image

    from get3w_core._common.json import JsonValue
    from get3w_core.outputs.contents import OutputValue
    from get3w_core.outputs.output import OutputReader

FileKind: TypeAlias = Literal["image", "video", "audio", "file"]
"""What a file is, by its media type; `file` is anything else, or not known before it is read."""


class FileOutput(Output):
    """A file, of which the server sent the URL or the data; `str()` gives the URL."""

    @property
    def url(self) -> str:
        """The URL; a `data:` URL where the server sent the data itself. They live 7 days."""
        return self._value.url or self._value.data_url or ""

    @property
    def kind(self) -> FileKind:
        """`image`, `video`, `audio`, or `file` for anything else and as long as it is not known."""
        name = (self._media_type or "").partition("/")[0]
        return cast("FileKind", name) if name in {"image", "video", "audio"} else "file"

    def image(self) -> Image:
        """Return the picture as an image of Pillow, which has to be installed.

        Raises:
            ConfigurationError: Pillow is not installed.
            Get3WError: It could not be fetched; `read` takes options.
        """
        pillow = _pillow()
        return pillow.open(BytesIO(self.read()))

    async def aimage(self) -> Image:
        """Return the picture as an image of Pillow; see `image`."""
        pillow = _pillow()
        return pillow.open(BytesIO(await self.aread()))

    def _repr_html_(self) -> str:
        """Return what a notebook shows: a picture, a player or a link. Nothing is fetched."""
        from get3w_core.outputs.display import html_of_file

        return html_of_file(self.url, self.kind, self.media_type, self.index)

    def __str__(self) -> str:
        return self.url

    def _shown(self) -> Iterator[tuple[str, str]]:
        # What stands behind the `?` of a URL may be a storage's secret.
        if self._value.url is None:
            yield "url", quoted(self.url, LONGEST_SHOWN)
        else:
            url, mark, _ = self._value.url.partition("?")
            yield "url", quoted(url + ("?..." if mark else ""))
        yield "kind", repr(self.kind)


class TextOutput(Output):
    """A text, as language models write it; `str()` gives it."""

    @property
    def text(self) -> str:
        """The text."""
        return self._value.text or ""

    @property
    def kind(self) -> Literal["text"]:
        """`text`."""
        return "text"

    def __str__(self) -> str:
        return self.text

    def _shown(self) -> Iterator[tuple[str, str]]:
        yield "text", quoted(self.text, LONGEST_SHOWN)


class DataOutput(Output):
    """Any other value that JSON has; `str()` gives its JSON, and so does `read`."""

    @property
    def value(self) -> JsonValue:
        """The value."""
        return self.raw

    @property
    def kind(self) -> Literal["data"]:
        """`data`."""
        return "data"

    def __str__(self) -> str:
        return json.dumps(self.raw)

    def _shown(self) -> Iterator[tuple[str, str]]:
        yield "value", quoted(str(self), LONGEST_SHOWN)


AnyOutput: TypeAlias = FileOutput | TextOutput | DataOutput
"""An output of a model whose schema does not say what it makes."""

OutputT = TypeVar("OutputT", bound=AnyOutput)
OutputT_co = TypeVar("OutputT_co", bound=AnyOutput, default=AnyOutput, covariant=True)


def make_output(value: OutputValue, reader: OutputReader) -> AnyOutput:
    """Return the object of the class that fits what the server sent."""
    if value.url is not None or value.data_url is not None:
        return FileOutput._make(value, reader)
    return (DataOutput if value.text is None else TextOutput)._make(value, reader)


class _ImageModule(Protocol):
    def open(self, file: BinaryIO, /) -> Image: ...


def _pillow() -> _ImageModule:
    try:
        from PIL import Image
    except ImportError:
        raise ConfigurationError(
            "image() needs Pillow: pip install pillow. read() gives the bytes without it."
        ) from None
    return cast("_ImageModule", Image)
