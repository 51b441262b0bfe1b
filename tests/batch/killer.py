"""Run the command, and kill this process as a function is entered or left for the n-th time.

    python killer.py MODULE:FUNCTION[>MODULE:FUNCTION] call|return N ARGUMENTS...

Of two functions, the second one counts once the first was seen.

A profile function sees every call in every thread, so the code under test is as it is.
"""

import os
import signal
import sys
import threading

target, moment, left = sys.argv[1], sys.argv[2], int(sys.argv[3])
stages = [stage.split(":") for stage in target.split(">")]


def watch(frame, event, argument):
    global left
    module, name = stages[0]
    named = event == moment and frame.f_code.co_qualname == name
    if named and frame.f_globals.get("__name__") == module:
        if len(stages) > 1:
            stages.pop(0)
            return
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    from get3w_batch.command import main

    threading.setprofile(watch)
    sys.setprofile(watch)
    sys.exit(main(sys.argv[4:]))
