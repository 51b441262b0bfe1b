"""HTTP/1.1 for one connection, without its socket; raises httpcore's errors, as httpx expects.

Requests are written here. Answers are read by h11, except for the usual kind, which is recognised
at a glance: its whole head comes at once, holds nothing odd, and tells the length of the body. For
such an answer h11 takes about as long as all the rest of a call.
"""

from __future__ import annotations

import re
import time
from typing import Final, cast

import h11
import httpcore

# Small pieces are joined: a small request is one system call and one packet.
JOINED_BYTES: Final = 64 * 1024
READ_BYTES: Final = 64 * 1024
_LONGEST_HEAD: Final = 100 * 1024

_TOKEN: Final = rb"[-!#$%&'*+.^_`|~0-9A-Za-z]+"
_START: Final = re.compile(_TOKEN + rb" [!-~]+")
_FIELD: Final = re.compile(_TOKEN + rb": [^\0\r\n]*")
_USUAL_HEAD: Final = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9][0-9]) ([\t -~]*)\r\n((?:" + _TOKEN + rb":[\t -~]*\r\n)+)\r\n"
)
_LENGTH: Final = re.compile(rb"[0-9]{1,15}")
# What changes where a body or a connection ends.
_ODD_FIELDS: Final = frozenset({b"transfer-encoding", b"connection", b"upgrade"})
_ODD_METHODS: Final = frozenset({b"HEAD", b"CONNECT"})
_REFUSAL: Final = 400
_BODILESS: Final = frozenset({204, 304})


class Exchange:
    """One request and its answer."""

    def __init__(self, request: httpcore.Request) -> None:
        self._request = request
        self._unsent: int | None = 0  # bytes of the request's body; None is "in chunks"
        self._sent = False
        self._response: httpcore.Response | None = None
        self._received = bytearray()
        self._length = 0
        self._left = 0  # bytes of the answer's body
        self._odd: h11.Connection | None = None

    def head(self) -> bytes:
        """Return what comes before the request's body.

        Raises:
            httpcore.LocalProtocolError: A field could be read as two.
        """
        request = self._request
        start = b"%b %b" % (request.method, request.url.target)
        if _START.fullmatch(start) is None:
            raise httpcore.LocalProtocolError("illegal method or address")
        lines = [start + b" HTTP/1.1"]
        for name, value in request.headers:
            line = b"%b: %b" % (name, value)
            if _FIELD.fullmatch(line) is None:
                raise httpcore.LocalProtocolError(f"illegal header {name!r}")
            lines.append(line)
            lower = name.lower()
            if lower == b"content-length":
                self._unsent = int(value)
            elif lower == b"transfer-encoding":
                self._unsent = None
        lines.append(b"\r\n")
        return b"\r\n".join(lines)

    def body(self, piece: bytes) -> bytes:
        """Return what sends *piece* of the request's body.

        Raises:
            httpcore.LocalProtocolError: It is longer than was said.
        """
        if self._unsent is None:
            return b"%x\r\n%b\r\n" % (len(piece), piece) if piece else b""
        self._unsent -= len(piece)
        if self._unsent < 0:
            raise httpcore.LocalProtocolError("the body is longer than its Content-Length")
        return piece

    def end(self) -> bytes:
        """Return what ends the request.

        Raises:
            httpcore.LocalProtocolError: The body is shorter than was said.
        """
        if self._unsent:
            raise httpcore.LocalProtocolError("the body is shorter than its Content-Length")
        self._sent = True
        return b"0\r\n\r\n" if self._unsent is None else b""

    def receive(self, data: bytes) -> None:
        """Take what came from the server; nothing at all is its end.

        Raises:
            httpcore.RemoteProtocolError: The answer may not end here.
        """
        if self._odd is not None:
            self._receive_odd(self._odd, data)
        elif self._response is not None:
            if not data:
                done = self._length - self._left
                raise httpcore.RemoteProtocolError(
                    f"Server disconnected after {done} of {self._length} bytes"
                )
            self._received += data
        elif not self._take_usual(data):
            self._odd = self._reader()
            self._receive_odd(self._odd, data)

    def response(self) -> httpcore.Response | None:
        """Return the head of the answer, once it is there."""
        if self._odd is not None:
            self._response = self._odd_response(self._odd)
        return self._response

    def piece(self) -> bytes | None:
        """Return a piece of the answer's body, an empty one at its end, or None for "not yet"."""
        if self._odd is not None:
            event = _next(self._odd)
            if event is None:
                return None
            return bytes(event.data) if isinstance(event, h11.Data) else b""
        if not self._left:
            return b""
        if not self._received:
            return None
        data = bytes(self._received[: self._left])
        del self._received[: self._left]
        self._left -= len(data)
        return data

    def is_clean(self) -> bool:
        """Tell whether another exchange may follow on the same connection.

        Both sides must have come to their end, and nothing may be left over: it would be taken
        for the beginning of the next answer. A server that refuses often hangs up, and the retry
        must not meet that.
        """
        if not self._sent or self._response is None or self._response.status >= _REFUSAL:
            return False
        if self._odd is not None:
            return self._odd.their_state is h11.DONE and not self._odd.trailing_data[0]
        return not self._left and not self._received

    def _take_usual(self, data: bytes) -> bool:
        match = _USUAL_HEAD.match(data)
        if match is None or self._request.method in _ODD_METHODS:
            return False
        status, length = int(match[1]), None
        headers: list[tuple[bytes, bytes]] = []
        for line in match[3].split(b"\r\n")[:-1]:
            name, _, value = line.partition(b":")
            value = value.strip(b" \t")
            lower = name.lower()
            if lower == b"content-length":
                if length is not None or _LENGTH.fullmatch(value) is None:
                    return False
                length = int(value)
            elif lower in _ODD_FIELDS:
                return False
            headers.append((name, value))
        if length is None or status in _BODILESS:
            return False
        self._length = self._left = length
        self._received += data[match.end() :]
        self._response = _response(status, headers, b"HTTP/1.1", match[2])
        return True

    def _reader(self) -> h11.Connection:
        reader = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
        # The method is all that matters of the request for how its answer is read.
        stand_in = h11.Request(
            method=self._request.method, target=b"/", headers=[(b"Host", b"server")]
        )
        reader.send(stand_in)
        reader.send(h11.EndOfMessage())
        return reader

    def _receive_odd(self, reader: h11.Connection, data: bytes) -> None:
        if not data and reader.their_state is h11.SEND_RESPONSE:
            raise httpcore.RemoteProtocolError("Server disconnected without sending a response.")
        reader.receive_data(data)

    def _odd_response(self, reader: h11.Connection) -> httpcore.Response | None:
        while (event := _next(reader)) is not None:
            if isinstance(event, h11.Response):
                version = b"HTTP/" + event.http_version
                headers = event.headers.raw_items()
                return _response(event.status_code, headers, version, event.reason)
        return None  # more has to come, be it after an informational answer


def _next(reader: h11.Connection) -> h11.Event | None:
    try:
        event = reader.next_event()
    except h11.RemoteProtocolError as error:
        raise httpcore.RemoteProtocolError(str(error)) from error
    if event is h11.PAUSED:  # it would never go on
        raise httpcore.RemoteProtocolError("The server went over to another protocol.")
    return None if event is h11.NEED_DATA else cast("h11.Event", event)


def _response(
    status: int, headers: list[tuple[bytes, bytes]], version: bytes, reason: bytes
) -> httpcore.Response:
    extensions = {"http_version": version, "reason_phrase": reason}
    return httpcore.Response(status=status, headers=headers, extensions=extensions)


def left_of(timeout: float | None, started: float) -> float | None:
    """Return what is left of *timeout*: a server that sends on and on has no more time than others.

    Raises:
        httpcore.ReadTimeout: Nothing is left.
    """
    if timeout is None:
        return None
    left = timeout - (time.monotonic() - started)
    if left <= 0:
        raise httpcore.ReadTimeout(f"the headers did not end within {timeout} s")
    return left
