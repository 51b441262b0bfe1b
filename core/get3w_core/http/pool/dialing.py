"""A connected socket for an event loop, whichever of a host's addresses answers first (RFC 8305).

`loop.create_connection` does that too, but leaves a socket open if it is cancelled meanwhile.
"""

from __future__ import annotations

import asyncio
import socket
from itertools import chain, zip_longest
from typing import Any, Final, TypeAlias

_DELAY: Final = 0.25  # before the next address is tried as well

Address: TypeAlias = tuple[socket.AddressFamily, tuple[Any, ...]]


async def dial(loop: asyncio.AbstractEventLoop, host: str, port: int) -> socket.socket:
    """Connect to *host*.

    Raises:
        OSError: It cannot be found or reached.
        UnicodeError: It is a name that no resolver takes.
    """
    addresses = await _addresses(loop, host, port)
    if len(addresses) == 1:
        return await _connect(loop, addresses[0])
    attempts: list[asyncio.Task[socket.socket]] = []
    winner: asyncio.Task[socket.socket] | None = None
    try:
        for address in addresses:
            attempts.append(asyncio.create_task(_connect(loop, address)))
            winner = await _first(attempts, _DELAY)
            if winner is not None:
                break
        winner = winner or await _first(attempts, None) or attempts[0]
        await _give_up([each for each in attempts if each is not winner])
        return winner.result()
    except BaseException:  # a cancellation too
        await _give_up(attempts)
        raise


async def _addresses(loop: asyncio.AbstractEventLoop, host: str, port: int) -> list[Address]:
    """Return the addresses of *host*, the kinds in turn."""
    kind = socket.SOCK_STREAM
    try:  # a number needs no thread
        found = socket.getaddrinfo(host, port, type=kind, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        found = await loop.getaddrinfo(host, port, type=kind)
    families: dict[socket.AddressFamily, list[Address]] = {}
    for family, _, _, _, address in found:
        families.setdefault(family, []).append((family, address))
    return [each for each in chain(*zip_longest(*families.values())) if each is not None]


async def _connect(loop: asyncio.AbstractEventLoop, address: Address) -> socket.socket:
    made = socket.socket(address[0], socket.SOCK_STREAM)
    try:
        made.setblocking(False)
        await loop.sock_connect(made, address[1])
    except BaseException:  # a cancellation too
        made.close()
        raise
    return made


async def _first(
    attempts: list[asyncio.Task[socket.socket]],
    timeout: float | None,  # noqa: ASYNC109 - it is no error
) -> asyncio.Task[socket.socket] | None:
    """Wait for an attempt to succeed, until *timeout* is over or all have failed."""
    end = None if timeout is None else asyncio.get_running_loop().time() + timeout
    while pending := [each for each in attempts if not each.done()]:
        left = None if end is None else end - asyncio.get_running_loop().time()
        done, _ = await asyncio.wait(pending, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        if not done or not all(isinstance(each.exception(), OSError) for each in done):
            break
    # What is not the network's ends the call as well.
    over = (each for each in attempts if each.done())
    return next((each for each in over if not isinstance(each.exception(), OSError)), None)


async def _give_up(attempts: list[asyncio.Task[socket.socket]]) -> None:
    for each in attempts:
        each.cancel()
    for outcome in await asyncio.gather(*attempts, return_exceptions=True):
        if isinstance(outcome, socket.socket):
            outcome.close()
