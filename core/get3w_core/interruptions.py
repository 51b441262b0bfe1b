"""Exceptions that a program throws into our code: a signal handler's, or another thread's."""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import CodeType


def is_from_handler(error: BaseException) -> bool:
    """Tell whether *error* was raised by a Python signal handler that interrupted this thread.

    A handler runs on top of whatever was interrupted, so its frame is in the traceback.
    """
    if threading.current_thread() is not threading.main_thread():
        return False  # Python runs handlers in the main thread only
    import signal

    codes = {_code_of(signal.getsignal(number)) for number in signal.valid_signals()} - {None}
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code in codes:
            return True
        traceback = traceback.tb_next
    return False


def _code_of(handler: object) -> CodeType | None:
    while isinstance(handler, functools.partial):
        handler = handler.func
    call = handler if hasattr(handler, "__code__") else getattr(type(handler), "__call__")  # noqa: B004, B009 - its code is looked for
    return getattr(call, "__code__", None)
