"""Outputs as objects: a file, a text, or another value, each with its content at hand."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager, contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, Final, Literal, Protocol, TypeAlias, TypedDict, cast

from typing_extensions import TypeVar

from get3w_core.errors.base import ConfigurationError
from get3w_core.errors.printable import quoted

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncGenerator, Generator, Iterator
    from pathlib import Path
    from typing import Unpack

    from PIL.Image import Image

    from get3w_core._common.json import JsonValue
    from get3w_core.outputs.contents import OutputValue

FileKind: TypeAlias = Literal["image", "video", "audio", "file"]
"""What a file is, by its media type; `file` is anything else, or not known before it is read."""

_IN_MEMORY: Final = 1024**3
_SPOOLED: Final = 8 * 1024**2
_LONGEST_SHOWN: Final = 100


class DownloadOptions(TypedDict, total=False):
    """Options of everything that fetches an output.

    Attributes:
        timeout: Seconds for each output, all retries included; None waits for ever. By default
            an hour.
        max_bytes: The largest size of an output; by default 16 GiB, and 1 GiB in memory.
        allow_private: Also fetch from this machine and its network, wherever the API is.
        allow_http: Also fetch without encryption, though the API is spoken to by https.
    """

    timeout: float | None
    max_bytes: int
    allow_private: bool
    allow_http: bool


class OutputReader(Protocol):
    """Reads outputs with the client of their prediction; the API key is not sent along."""

    def copy(self, value: OutputValue, file: BinaryIO, options: DownloadOptions) -> str | None:
        """Write the content to *file*, and return its media type where that is known."""
        ...

    async def copy_async(
        self, value: OutputValue, file: BinaryIO, options: DownloadOptions
    ) -> str | None:
        """Write the content to *file*; see `copy`."""
        ...

    def save(
        self, value: OutputValue, path: str | os.PathLike[str], options: DownloadOptions
    ) -> Path:
        """Store the content, and return its file."""
        ...

    async def save_async(
        self, value: OutputValue, path: str | os.PathLike[str], options: DownloadOptions
    ) -> Path:
        """Store the content; see `save`."""
        ...


class Output:
    """One output of a prediction: a `FileOutput`, a `TextOutput` or a `DataOutput`.

    Nothing is fetched before a method asks for it. `read`, `open` and `save` have a form for
    asyncio that does the same; either works on outputs of both kinds of predictions. Their options
    are those of `DownloadOptions`.
    """

    def __init__(self, value: OutputValue, reader: OutputReader) -> None:
        self._value = value
        self._reader = reader
        self._media_type = value.media_type()

    @property
    def raw(self) -> JsonValue:
        """What the server sent, unchanged."""
        return self._value.raw

    @property
    def index(self) -> int:
        """The place among the prediction's outputs."""
        return self._value.index

    @property
    def media_type(self) -> str | None:
        """The media type, such as `image/png`.

        It is what a URL's suffix says, then what the server says once the output was read; None is
        "not known yet".
        """
        return self._media_type

    def read(self, **options: Unpack[DownloadOptions]) -> bytes:
        """Return the whole content.

        Args:
            options: See `DownloadOptions`.

        Raises:
            Get3WError: It could not be fetched.
        """
        buffer = BytesIO()
        self._copy(buffer, {"max_bytes": _IN_MEMORY, **options})
        return buffer.getvalue()

    async def aread(self, **options: Unpack[DownloadOptions]) -> bytes:
        """Return the whole content; see `read`."""
        buffer = BytesIO()
        await self._copy_async(buffer, {"max_bytes": _IN_MEMORY, **options})
        return buffer.getvalue()

    @contextmanager
    def open(self, **options: Unpack[DownloadOptions]) -> Generator[BinaryIO]:
        """Open the content as a binary file that can be rewound.

        It was received whole, in a temporary file above 8 MiB, and is gone at the end of the
        `with` block.

        Args:
            options: See `DownloadOptions`.

        Raises:
            Get3WError: It could not be fetched.
        """
        with _temporary_file() as file:
            self._copy(file, options)
            file.seek(0)
            yield file

    @asynccontextmanager
    async def aopen(self, **options: Unpack[DownloadOptions]) -> AsyncGenerator[BinaryIO]:
        """Open the content as a binary file; see `open`. The file itself is a plain one."""
        with _temporary_file() as file:
            await self._copy_async(file, options)
            file.seek(0)
            yield file

    def save(self, path: str | os.PathLike[str], **options: Unpack[DownloadOptions]) -> Path:
        """Store the content, and return its file, which is there whole or not at all.

        Args:
            path: The file, which is replaced if it is there, or a folder that is there, in which
                the file is called as by `download`.
            options: See `DownloadOptions`.

        Raises:
            LocalFileError: It cannot be written.
            Get3WError: It could not be fetched.
        """
        return self._reader.save(self._value, path, _checked(options))

    async def asave(self, path: str | os.PathLike[str], **options: Unpack[DownloadOptions]) -> Path:
        """Store the content; see `save`."""
        return await self._reader.save_async(self._value, path, _checked(options))

    def _copy(self, file: BinaryIO, options: DownloadOptions) -> None:
        seen = self._reader.copy(self._value, file, _checked(options))
        self._media_type = seen or self._media_type

    async def _copy_async(self, file: BinaryIO, options: DownloadOptions) -> None:
        seen = await self._reader.copy_async(self._value, file, _checked(options))
        self._media_type = seen or self._media_type

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value}" for name, value in self._shown())
        return f"{type(self).__name__}({fields})"

    def __rich_repr__(self) -> Iterator[tuple[str, object]]:
        yield from ((name, _AsIs(value)) for name, value in self._shown())

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    def _repr_html_(self) -> str:
        """Return what a notebook shows; nothing is fetched."""
        from get3w_core.outputs.display import html_of_text

        return html_of_text(str(self))

    def _shown(self) -> Iterator[tuple[str, str]]:
        """Yield the names and values that its repr shows."""
        yield "raw", quoted(str(self.raw), _LONGEST_SHOWN)


class FileOutput(Output):
    """A file, of which the server sent the URL or the data; `str()` gives the URL."""

    @property
    def url(self) -> str:
        """The URL; a `data:` URL where the server sent the data itself. URLs live 7 days [G]."""
        return self._value.url or self._value.data_url or ""

    @property
    def kind(self) -> FileKind:
        """`image`, `video`, `audio`, or `file` for anything else and as long as it is not known."""
        name = (self._media_type or "").partition("/")[0]
        return cast("FileKind", name) if name in {"image", "video", "audio"} else "file"

    def image(self, **options: Unpack[DownloadOptions]) -> Image:
        """Return the picture as an image of Pillow, which has to be installed.

        Args:
            options: See `DownloadOptions`.

        Raises:
            ConfigurationError: Pillow is not installed.
            Get3WError: It could not be fetched.
        """
        image_module = _pillow()
        return image_module.open(BytesIO(self.read(**options)))

    async def aimage(self, **options: Unpack[DownloadOptions]) -> Image:
        """Return the picture as an image of Pillow; see `image`."""
        image_module = _pillow()
        return image_module.open(BytesIO(await self.aread(**options)))

    def _repr_html_(self) -> str:
        """Return what a notebook shows: a picture, a player or a link. Nothing is fetched."""
        from get3w_core.outputs.display import html_of_file

        return html_of_file(self.url, self.kind, self.media_type, self.index)

    def __str__(self) -> str:
        return self.url

    def _shown(self) -> Iterator[tuple[str, str]]:
        # What stands behind the `?` of a URL may be a storage's secret.
        url, mark, _ = self.url.partition("?" if self._value.url else "\0")
        yield "url", quoted(url + ("?..." if mark else ""), _LONGEST_SHOWN)
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
        yield "text", quoted(self.text, _LONGEST_SHOWN)


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
        yield "value", quoted(str(self), _LONGEST_SHOWN)


AnyOutput: TypeAlias = FileOutput | TextOutput | DataOutput
"""An output of a model whose schema does not say what it makes."""

OutputT = TypeVar("OutputT", bound=AnyOutput)
OutputT_co = TypeVar("OutputT_co", bound=AnyOutput, default=AnyOutput, covariant=True)


def make_output(value: OutputValue, reader: OutputReader) -> AnyOutput:
    """Return the object of the class that fits what the server sent."""
    if value.url is not None or value.data_url is not None:
        return FileOutput(value, reader)
    return DataOutput(value, reader) if value.text is None else TextOutput(value, reader)


class _AsIs:
    """Shows itself as a text that is a repr already."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _temporary_file() -> BinaryIO:
    from tempfile import SpooledTemporaryFile

    return cast("BinaryIO", SpooledTemporaryFile(_SPOOLED))


def _checked(options: DownloadOptions) -> DownloadOptions:
    if unknown := options.keys() - DownloadOptions.__annotations__.keys():
        taken = ", ".join(DownloadOptions.__annotations__)
        raise TypeError(f"unexpected keyword argument {min(unknown)!r}; there are {taken}")
    return options


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
