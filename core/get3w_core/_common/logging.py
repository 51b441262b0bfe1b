"""The package's logger, and `log`, which keeps a failing handler from ending a call.

Only calls import it, so that importing the package does not load `logging`.
"""

from __future__ import annotations

import logging
import sys

from get3w_core.errors.printable import printable

# No handler of its own: where a program has set up no logging, Python prints warnings, and that is
# how somebody at a terminal learns why a call takes so long.
LOGGER = logging.getLogger("get3w_core")


def log(level: int, text: str, *arguments: object, exc_info: bool = False) -> None:
    """Log, whatever handlers and filters somebody added.

    One that raises must not end a call: the id of a task that was just paid for would be lost.
    Texts may be a server's, and become printable lines.
    """
    shown = [printable(each) if isinstance(each, str) else each for each in arguments]
    outer = sys.exception()
    try:
        LOGGER.log(level, text, *shown, exc_info=exc_info, stacklevel=2)
    except Exception as error:
        from get3w_core._common.interruptions import is_interruption  # rarely needed

        if is_interruption(error, outer):
            raise
