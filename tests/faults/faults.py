"""What can go wrong with one request: the vocabulary of the matrix and of the soak."""

import gzip
import json
import zlib

from .proxy import ACCEPT, FIRST_BYTE, HEAD, PASS, Fault, render

__all__ = ["PASS"]

JSON_TYPE = ("content-type", "application/json")


def error_body(surface, status, **fields):
    """Return the error body of a surface."""
    if surface == "v1":
        return json.dumps({"code": status, "error": "no", **fields}).encode()
    return json.dumps({"code": status, "message": "no", "data": None, **fields}).encode()


def _fault(stage=None):
    def made(act):
        return Fault(act) if stage is None else Fault(act, stage)

    return made


# No request arrives, or it arrives and is not handed on: the server never hears of it.


@_fault(ACCEPT)
async def RESET_AT_ACCEPT(exchange):
    exchange.reset()


@_fault(FIRST_BYTE)
async def RESET_AT_FIRST_BYTE(exchange):
    exchange.reset()


@_fault(FIRST_BYTE)
async def CLOSE_AT_FIRST_BYTE(exchange):
    exchange.close()


@_fault()
async def RESET_BEFORE_SERVER(exchange):
    exchange.reset()


@_fault()
async def CLOSE_BEFORE_SERVER(exchange):
    exchange.close()


@_fault()
async def STALL_BEFORE_SERVER(exchange):
    await exchange.stall()


def answers(status, body=None, headers=(), *, closing=False, **fields):
    """Answer in the server's stead; without a body it is the surface's error body."""

    async def act(exchange):
        content = error_body(exchange.request.surface, status, **fields) if body is None else body
        sized = [JSON_TYPE, ("content-length", str(len(content)))]
        await exchange.send(render(status, [*sized, *headers], content))
        exchange.over = closing

    return Fault(act)


def envelope(code, **fields):
    """Answer HTTP 200 with another code in the body."""

    async def act(exchange):
        content = error_body(exchange.request.surface, code, **fields)
        head = [JSON_TYPE, ("content-length", str(len(content)))]
        await exchange.send(render(200, head, content))

    return Fault(act)


def answers_early(status, headers=()):
    """Answer after the headers of the request, and read its body only then."""

    async def act(exchange):
        content = error_body(exchange.request.surface, status)
        sized = [JSON_TYPE, ("content-length", str(len(content)))]
        await exchange.send(render(status, [*sized, *headers], content))
        await exchange.rest()

    return Fault(act, HEAD)


def says(data, *, closing=True):
    """Answer with bytes that need not be HTTP, in the server's stead."""

    async def act(exchange):
        await exchange.send(data)
        exchange.over = closing

    return Fault(act)


# The server accepts the task, and its answer is lost or changed.


@_fault()
async def RESET_AFTER_SERVER(exchange):
    await exchange.forward()
    exchange.reset()


@_fault()
async def CLOSE_AFTER_SERVER(exchange):
    await exchange.forward()
    exchange.close()


@_fault()
async def STALL_AFTER_SERVER(exchange):
    await exchange.forward()
    await exchange.stall()


def cut(where, ending):
    """Send the answer up to somewhere in its *where* (`head` or `body`), and then *ending*."""

    async def act(exchange):
        response = await exchange.forward()
        data = response.render()
        head = len(data) - len(response.body)
        some = head // 2 if where == "head" else len(data) - 10
        await exchange.send(data[:some])
        await _end(exchange, ending)

    return Fault(act)


async def _end(exchange, ending):
    if ending == "stall":
        await exchange.stall()
    elif ending == "reset":
        exchange.reset()
    else:
        exchange.close()


def changed(
    body=None, headers=(), *, status=None, closing=False, ahead=b"", after=b"", raw=b"", sized=False
):
    """Change the answer of the server.

    Args:
        body: Bytes, or what makes them of those that were sent.
        headers: More headers, instead of those of the same name.
        status: Another status.
        closing: Whether the connection is closed then.
        ahead: What is sent before the answer.
        after: What is sent right after it.
        raw: Lines to put in front of its headers.
        sized: Whether the right content-length is sent beside another one.
    """

    async def act(exchange):
        response = await exchange.forward()
        content = body(response.body) if callable(body) else body
        more = [("content-length", str(len(response.body)))] if sized else []
        data = response.render(body=content, headers=[*headers, *more], status=status)
        first, _, rest = data.partition(b"\r\n")
        await exchange.send(ahead + first + b"\r\n" + raw + rest + after)
        exchange.over = closing

    return Fault(act)


def edited(**fields):
    """Change fields of the prediction in the answer; None as a value is null, `...` removes."""

    def body(sent):
        try:
            content = json.loads(sent)
        except ValueError:
            return sent  # a picture
        data = content.get("data", content)
        if not isinstance(data, dict):
            return sent
        data.update({name: value for name, value in fields.items() if value is not ...})
        for name in [name for name, value in fields.items() if value is ...]:
            data.pop(name, None)
        return json.dumps(content).encode()

    return changed(body)


def recoded(code):
    """Change the code in an envelope; v1 has none, so there the HTTP status says it."""

    async def act(exchange):
        response = await exchange.forward()
        content = json.loads(response.body)
        if "data" in content:
            await exchange.send(response.render(body=json.dumps(content | {"code": code}).encode()))
        else:
            await exchange.send(response.render(status=code))

    return Fault(act)


def length_off_by(difference):
    """Send a content-length that is wrong, and close."""

    async def act(exchange):
        response = await exchange.forward()
        length = ("content-length", str(len(response.body) + difference))
        await exchange.send(response.render(length=False, headers=[length]))
        exchange.close()

    return Fault(act)


def trickled(piece, times=15):
    """Send *piece* every 0.1 s before the answer, or within its headers."""

    async def act(exchange):
        data = (await exchange.forward()).render()
        first = data.index(b"\r\n") + 2 if not piece.startswith(b"HTTP") else 0
        await exchange.send(data[:first])
        for _ in range(times):
            await exchange.send(piece)
            await exchange.line.pause(0.1)
        await exchange.send(data[first:])

    return Fault(act)


def length_of(value):
    """Send a content-length that is no number of bytes."""

    async def act(exchange):
        response = await exchange.forward()
        length = ("content-length", value)
        await exchange.send(response.render(length=False, headers=[length]))
        exchange.close()

    return Fault(act)


def chunked(body, coding="chunked"):
    """Send these bytes as a body in chunks."""

    async def act(exchange):
        response = await exchange.forward()
        coded = [("transfer-encoding", coding)]
        await exchange.send(response.render(body=body, length=False, headers=coded))
        exchange.close()

    return Fault(act)


@_fault()
async def CHUNKS_WITHOUT_END(exchange):
    response = await exchange.forward()
    body = response.body
    chunk = f"{len(body):x}\r\n".encode() + body + b"\r\n"
    chunked = [("transfer-encoding", "chunked")]
    await exchange.send(response.render(body=chunk, length=False, headers=chunked))
    exchange.close()


@_fault()
async def CHUNKED(exchange):
    response = await exchange.forward()
    pieces = [response.body[at : at + 7] for at in range(0, len(response.body), 7)]
    body = b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces)
    chunked = [("transfer-encoding", "chunked")]
    await exchange.send(response.render(body=body + b"0\r\n\r\n", length=False, headers=chunked))


@_fault()
async def WITHOUT_LENGTH(exchange):
    response = await exchange.forward()
    await exchange.send(response.render(length=False))
    exchange.close()


@_fault()
async def ENDLESS_BODY(exchange):
    response = await exchange.forward()
    exchange.over = True
    await exchange.send(response.render(body=b"", length=False))
    while not exchange.line.is_closing:
        await exchange.send(b" " * 65536)


@_fault()
async def DRIBBLED_HEAD(exchange):
    await exchange.forward()
    exchange.over = True
    await exchange.send(b"HTTP/1.1 200 OK\r\nx-slow: ")
    while not exchange.line.is_closing:
        await exchange.send(b"a")
        await exchange.line.pause(0.05)


@_fault()
async def DRIBBLED_BODY(exchange):
    response = await exchange.forward()
    exchange.over = True
    await exchange.send(response.render(body=b"", length=False))
    while not exchange.line.is_closing:
        await exchange.send(b" ")
        await exchange.line.pause(0.05)


def zipped(sent):
    """Return *sent* as gzip."""
    return gzip.compress(sent)


def bomb(megabytes):
    """Return gzip that unfolds to this many MB of spaces."""
    packer = zlib.compressobj(9, wbits=31)
    piece = b" " * 1_000_000
    return b"".join(packer.compress(piece) for _ in range(megabytes)) + packer.flush()


def then_closes():
    """Pass the answer on, and close the connection while it is idle."""

    async def act(exchange):
        await exchange.send((await exchange.forward()).render())
        exchange.close()

    return Fault(act)
