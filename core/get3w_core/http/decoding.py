"""Undo the `Content-Encoding` of an answer, piece by piece and within a bound.

Gzip and deflate can be undone with the standard library, also several of them; nothing else can.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping

_PIECE: Final = 1 << 16
_MOST_LAYERS: Final = 4
# One layer of deflate unfolds to 1,032 times its size at most; several may not do more.
_EXPANSION: Final = 1100
_SLACK: Final = 1 << 20
_PLAIN: Final = frozenset({"", "identity"})
_KNOWN: Final = {"gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate"}


def codings_of(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return what was applied to a body, in this order, by lower-case names."""
    names = headers.get("content-encoding", "").lower().split(",")
    return tuple(name.strip() for name in names if name.strip() not in _PLAIN)


def cannot_decode(headers: Mapping[str, str]) -> str:
    """Return why a body with *headers* cannot be decoded; empty if it can."""
    codings = codings_of(headers)
    if len(codings) <= _MOST_LAYERS and all(name in _KNOWN for name in codings):
        return ""
    return f"its Content-Encoding is {', '.join(codings)[:100]!r}, which cannot be decoded here"


def decoded(pieces: Iterable[bytes], codings: tuple[str, ...]) -> Iterator[bytes]:
    """Yield *pieces* without their codings.

    Raises:
        httpx.DecodingError: They are something else, break off, or unfold to too much.
    """
    decoder = _Decoder(codings)
    for piece in pieces:
        yield from decoder.decode(piece)
    decoder.finish()


async def decoded_async(
    pieces: AsyncIterable[bytes], codings: tuple[str, ...]
) -> AsyncIterator[bytes]:
    """Yield *pieces* without their codings; see `decoded`."""
    decoder = _Decoder(codings)
    async for piece in pieces:
        for plain in decoder.decode(piece):
            yield plain
    decoder.finish()


class _Decoder:
    def __init__(self, codings: tuple[str, ...]) -> None:
        self._layers = [_Layer(_KNOWN[name]) for name in reversed(codings)]
        self._received = 0

    def decode(self, piece: bytes) -> Iterator[bytes]:
        self._received += len(piece)
        return self._undo(piece, 0)

    def finish(self) -> None:
        if any(layer.is_cut_off for layer in self._layers):
            raise httpx.DecodingError("the compressed body is cut off")

    def _undo(self, piece: bytes, level: int) -> Iterator[bytes]:
        if level == len(self._layers):
            yield piece
            return
        layer = self._layers[level]
        for plain in layer.inflate(piece):
            # Every layer counts: what one unfolds, the next has to read.
            if layer.given > self._received * _EXPANSION + _SLACK:
                raise httpx.DecodingError(
                    f"{self._received} compressed bytes unfold to more than {layer.given}"
                )
            yield from self._undo(plain, level + 1)


class _Layer:
    """One coding.

    Attributes:
        given: How many bytes it unfolded to.
    """

    def __init__(self, coding: str) -> None:
        self._is_gzip = coding == "gzip"
        self._engine = zlib.decompressobj(zlib.MAX_WBITS | 16) if self._is_gzip else None
        self._head = b""
        self.given = 0

    @property
    def is_cut_off(self) -> bool:
        if self._engine is None:
            return bool(self._head)
        return not self._engine.eof and (self.given > 0 or bool(self._head))

    def inflate(self, data: bytes) -> Iterator[bytes]:
        if self._engine is None or len(self._head) < 2:
            self._head = data = self._head + data
            if len(data) < 2:
                return
            self._engine = self._engine or zlib.decompressobj(_wbits(data))
        plain = b""
        while data or len(plain) == _PIECE:
            if self._engine.eof:
                data = data.lstrip(b"\0")  # gzip may be padded
                if not data:
                    return
                if not self._is_gzip:
                    raise httpx.DecodingError("something follows the compressed body")
                self._engine = zlib.decompressobj(zlib.MAX_WBITS | 16)
            try:
                plain = self._engine.decompress(data, _PIECE)
            except zlib.error as error:
                raise httpx.DecodingError(f"the body cannot be decompressed: {error}") from None
            data = self._engine.unused_data if self._engine.eof else self._engine.unconsumed_tail
            if plain:
                self.given += len(plain)
                yield plain


def _wbits(head: bytes) -> int:
    """Return how deflate is wrapped: RFC 9110 says in zlib's format, and some leave that out."""
    is_zlib = head[0] & 0x0F == zlib.DEFLATED and (head[0] << 8 | head[1]) % 31 == 0
    return zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS
