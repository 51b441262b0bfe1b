"""`Output`, the base class of outputs (read, open, save), and the `OutputReader` protocol."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol, Self, cast

from get3w_core.errors.printable import quoted
from get3w_core.outputs.rules import (
    DOWNLOAD_BYTES,
    DOWNLOAD_SECONDS,
    READ_BYTES,
    DownloadRules,
)

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncGenerator, Generator, Iterator
    from pathlib import Path

    from get3w_core._common.json import JsonValue
    from get3w_core.outputs.contents import OutputValue

_SPOOLED: Final = 8 * 1024**2
LONGEST_SHOWN: Final = 100


class OutputReader(Protocol):
    """Reads outputs with the client of their prediction; the API key is not sent along."""

    def copy(self, value: OutputValue, file: BinaryIO, rules: DownloadRules) -> str | None:
        """Write the content to *file*, and return its media type where that is known."""
        ...

    async def copy_async(
        self, value: OutputValue, file: BinaryIO, rules: DownloadRules
    ) -> str | None:
        """Write the content to *file*; see `copy`."""
        ...

    def save(self, value: OutputValue, path: str | os.PathLike[str], rules: DownloadRules) -> Path:
        """Store the content, and return its file."""
        ...

    async def save_async(
        self, value: OutputValue, path: str | os.PathLike[str], rules: DownloadRules
    ) -> Path:
        """Store the content; see `save`."""
        ...


class Output:
    """One output of a prediction: a `FileOutput`, a `TextOutput` or a `DataOutput`.

    Nothing is fetched before a method asks for it. `read`, `open` and `save` have a form for
    asyncio that does the same; either works on outputs of both kinds of predictions.
    """

    _value: OutputValue
    _reader: OutputReader
    _media_type: str | None

    @classmethod
    def _make(cls, value: OutputValue, reader: OutputReader) -> Self:
        """Return an output; only a prediction has any, so the constructor is not for users."""
        output = cls()
        output._value, output._reader = value, reader
        output._media_type = value.media_type()
        return output

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

    def read(
        self,
        *,
        timeout: float | None = DOWNLOAD_SECONDS,
        max_bytes: int = READ_BYTES,
        allow_private: bool = False,
        allow_http: bool = False,
    ) -> bytes:
        """Return the whole content.

        Args:
            timeout: Seconds, all retries included; None waits for ever.
            max_bytes: The largest size.
            allow_private: Also fetch from this machine and its network, wherever the API is.
            allow_http: Also fetch in clear, though the API is spoken to by https.

        Raises:
            Get3WError: It could not be fetched.
        """
        buffer = BytesIO()
        self._copy(buffer, DownloadRules(timeout, max_bytes, allow_private, allow_http))
        return buffer.getvalue()

    async def aread(
        self,
        *,
        timeout: float | None = DOWNLOAD_SECONDS,  # noqa: ASYNC109 - the same name as in the sync one
        max_bytes: int = READ_BYTES,
        allow_private: bool = False,
        allow_http: bool = False,
    ) -> bytes:
        """Return the whole content; see `read`."""
        buffer = BytesIO()
        await self._copy_async(buffer, DownloadRules(timeout, max_bytes, allow_private, allow_http))
        return buffer.getvalue()

    @contextmanager
    def open(
        self,
        *,
        timeout: float | None = DOWNLOAD_SECONDS,
        max_bytes: int = DOWNLOAD_BYTES,
        allow_private: bool = False,
        allow_http: bool = False,
    ) -> Generator[BinaryIO]:
        """Open the content as a binary file that can be rewound.

        It was received whole, in a temporary file above 8 MiB, and is gone at the end of the
        `with` block.

        Args:
            timeout: Seconds, all retries included; None waits for ever.
            max_bytes: The largest size.
            allow_private: Also fetch from this machine and its network, wherever the API is.
            allow_http: Also fetch in clear, though the API is spoken to by https.

        Raises:
            Get3WError: It could not be fetched.
        """
        with _temporary_file() as file:
            self._copy(file, DownloadRules(timeout, max_bytes, allow_private, allow_http))
            file.seek(0)
            yield file

    @asynccontextmanager
    async def aopen(
        self,
        *,
        timeout: float | None = DOWNLOAD_SECONDS,  # noqa: ASYNC109 - the same name as in the sync one
        max_bytes: int = DOWNLOAD_BYTES,
        allow_private: bool = False,
        allow_http: bool = False,
    ) -> AsyncGenerator[BinaryIO]:
        """Open the content as a binary file; see `open`. The file itself is a plain one."""
        with _temporary_file() as file:
            await self._copy_async(
                file, DownloadRules(timeout, max_bytes, allow_private, allow_http)
            )
            file.seek(0)
            yield file

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        timeout: float | None = DOWNLOAD_SECONDS,
        max_bytes: int = DOWNLOAD_BYTES,
        allow_private: bool = False,
        allow_http: bool = False,
    ) -> Path:
        """Store the content, and return its file, which is there whole or not at all.

        Args:
            path: The file, which is replaced if it is there, or a folder that is there, in which
                the file is called as by `download`.
            timeout: Seconds, all retries included; None waits for ever.
            max_bytes: The largest size.
            allow_private: Also fetch from this machine and its network, wherever the API is.
            allow_http: Also fetch in clear, though the API is spoken to by https.

        Raises:
            LocalFileError: It cannot be written.
            Get3WError: It could not be fetched.
        """
        rules = DownloadRules(timeout, max_bytes, allow_private, allow_http)
        return self._reader.save(self._value, path, rules)

    async def asave(
        self,
        path: str | os.PathLike[str],
        *,
        timeout: float | None = DOWNLOAD_SECONDS,  # noqa: ASYNC109 - the same name as in the sync one
        max_bytes: int = DOWNLOAD_BYTES,
        allow_private: bool = False,
        allow_http: bool = False,
    ) -> Path:
        """Store the content; see `save`."""
        rules = DownloadRules(timeout, max_bytes, allow_private, allow_http)
        return await self._reader.save_async(self._value, path, rules)

    def _copy(self, file: BinaryIO, rules: DownloadRules) -> None:
        seen = self._reader.copy(self._value, file, rules)
        self._media_type = seen or self._media_type

    async def _copy_async(self, file: BinaryIO, rules: DownloadRules) -> None:
        seen = await self._reader.copy_async(self._value, file, rules)
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
        yield "raw", quoted(str(self.raw), LONGEST_SHOWN)


class _AsIs:
    """Shows itself as a text that is a repr already."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _temporary_file() -> BinaryIO:
    from tempfile import SpooledTemporaryFile

    return cast("BinaryIO", SpooledTemporaryFile(_SPOOLED))
