"""Tell errors of the network from exceptions that a signal handler or another thread raised.

Celery's soft time limit, RQ's death penalty or a stop request strike in the middle of HTTP I/O.
HTTP libraries take what they can for a network error: a `TimeoutError` of a signal handler leaves
httpx as `ReadTimeout`. So classes are not enough; tracebacks show who raised.
"""

from __future__ import annotations

import contextlib
import dis
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from types import FrameType, TracebackType

CLIENTS: Final = frozenset({"httpx", "httpx2"})
CORES: Final = frozenset({"httpcore", "httpcore2"})

# They watch requests and send none of their own.
_INSTRUMENTATION: Final = frozenset({"opentelemetry", "wrapt", "sentry_sdk", "ddtrace", "logfire"})
# Frames of these lead from our call into httpcore, and send nothing by themselves.
_TRUSTED: Final = CLIENTS | {"get3w_core", "contextlib"} | _INSTRUMENTATION
_OUR_POOL: Final = "get3w_core.http.pool"
_NETWORK: Final = CLIENTS | CORES | {"h11", "h2", "hpack", "hyperframe", "ssl", "anyio"}
# "can't start new thread", "cannot schedule new futures after shutdown"
_THREADS: Final = ("threading", "concurrent.futures", "asyncio")
_RAISES: Final = frozenset({"RAISE_VARARGS", "RERAISE"})
_VARARGS: Final = 0x04  # the flag of a function that takes *args
_LONGEST_CHAIN: Final = 20


def chain(error: BaseException, outer: BaseException | None) -> Iterator[BaseException]:
    """Yield *error* and what it came from, up to *outer*, which was handled before the call."""
    current: BaseException | None = error
    for _ in range(_LONGEST_CHAIN):
        if current is None or current is outer:
            return
        yield current
        explicit = current.__suppress_context__ or current.__cause__ is not None
        current = current.__cause__ if explicit else current.__context__


def struck_by(error: BaseException, outer: BaseException | None) -> BaseException | None:
    """Return the exception behind *error* that a signal handler or another thread raised."""
    return next((each for each in chain(error, outer) if _is_struck(each)), None)


def is_interruption(error: BaseException, outer: BaseException | None) -> bool:
    """Tell whether a signal handler or another thread raised *error* in the middle of a call.

    For code that is not the network's: hooks, log handlers, whatever makes a request.
    """
    if struck_by(error, outer) is not None:
        return True
    # Raised by C code, or by another thread: then its class has nothing to do with the code.
    home = type(error).__module__.partition(".")[0]
    packages = {_module(each).partition(".")[0] for each in _frames(error)}
    return not _is_raised(error) and home not in packages | sys.stdlib_module_names


def is_network_error(error: Exception) -> bool:
    """Tell whether *error* is of the network stack, or says that there can be no more threads.

    Whoever asks has asked `struck_by` before.
    """
    kinds = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
    if isinstance(error, OSError | EOFError | UnicodeError) or kinds & _NETWORK:
        return True
    return isinstance(error, RuntimeError) and any(
        _module(each).startswith(_THREADS) for each in _frames(error)[-2:]
    )


def is_of_transport(error: Exception, outer: BaseException | None) -> bool:
    """Tell whether somebody's transport, hook or client raised *error*, above httpcore."""
    strange = [name for name in _way_down(error, outer) if not _is_trusted(name)]
    if not strange or _is_raised(error):
        return bool(strange)
    # Raised by C code, or by another thread: then its class has nothing to do with the transport.
    home = type(error).__module__.partition(".")[0]
    packages = {name.partition(".")[0] for name in strange}
    return home in packages or home in sys.stdlib_module_names


def took_usual_way(error: BaseException, outer: BaseException | None) -> bool:
    """Tell whether *error* came through nothing but httpx and this package down to httpcore.

    No transport, hook or patch of somebody else lies between our call and where bytes are sent.
    """
    return all(_is_trusted(name) for name in _way_down(error, outer))


def is_raised_by_core(error: BaseException) -> bool:
    """Tell whether code of httpcore's own raised *error*."""
    # Its backends map what they raise in a `contextmanager`, whose frames lie between.
    modules = [_module(each) for each in _frames(error) if _module(each) != "contextlib"]
    return bool(modules) and modules[-1].partition(".")[0] in CORES


@contextlib.contextmanager
def ignored(*kinds: type[Exception]) -> Generator[None]:
    """Ignore errors of *kinds*, but not what a signal handler or another thread raised."""
    outer = sys.exception()
    try:
        yield
    except kinds as error:
        struck = struck_by(error, outer)
        if struck is not None:
            raise struck from None
        if not (is_network_error(error) or is_of_transport(error, outer)):
            raise


def _is_struck(error: BaseException) -> bool:
    frames = _frames(error)
    if any(_is_handler(each.tb_frame, above.tb_frame) for above, each in pairwise(frames)):
        return True
    # Another thread can raise a class only, so the error says nothing. The system's always do.
    return isinstance(error, OSError) and not error.args and not _is_raised(error)


def _is_handler(frame: FrameType, interrupted: FrameType) -> bool:
    """Tell whether *frame* is of a signal handler: it is given the frame that it interrupted."""
    code = frame.f_code
    count = code.co_argcount + bool(code.co_flags & _VARARGS)
    for name in code.co_varnames[: count + code.co_kwonlyargcount]:
        value = frame.f_locals.get(name)
        if value is interrupted or (isinstance(value, tuple) and interrupted in value):
            return True
    return False


def _is_raised(error: BaseException) -> bool:
    """Tell whether a `raise` statement raised *error*."""
    frames = _frames(error)
    if not frames:
        return False
    code, at = frames[-1].tb_frame.f_code.co_code, frames[-1].tb_lasti
    # Compiled modules, as Cython makes them, have frames without code.
    return not 0 <= at < len(code) or dis.opname[code[at]] in _RAISES


def _way_down(error: BaseException, outer: BaseException | None) -> Iterator[str]:
    """Yield the modules between our call and httpcore, or our pool, if it came from there."""
    for each in chain(error, outer):
        for frame in _frames(each):
            name = _module(frame)
            if name.partition(".")[0] in CORES or name.startswith(_OUR_POOL):
                break
            yield name
        if type(each).__module__.partition(".")[0] in CORES:
            return


def _is_trusted(module: str) -> bool:
    return module.partition(".")[0] in _TRUSTED


def _frames(error: BaseException) -> list[TracebackType]:
    frames: list[TracebackType] = []
    traceback = error.__traceback__
    while traceback is not None:
        frames.append(traceback)
        traceback = traceback.tb_next
    return frames


def _module(traceback: TracebackType) -> str:
    return str(traceback.tb_frame.f_globals.get("__name__", ""))
