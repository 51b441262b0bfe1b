"""Sync mode: a submit that the server answers with the result, or once its patience ends.

[G] v1 takes `?sync=true`; [W] some models of v3 have a property `enable_sync_mode`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from get3w_core._common.json import as_object
from get3w_core._common.prediction_data import COMPLETED, PredictionData

if TYPE_CHECKING:
    from collections.abc import Mapping

    from get3w_core._common.json import JsonValue
    from get3w_core.flow.options import ClientOptions
    from get3w_core.request.values.types import TimeoutTypes

HOLDING_SECONDS: Final = 600.0
_WAIT_OVER_CODE: Final = 5004  # [W] the server stopped holding the call; the task itself goes on
_WAIT_OVER_TEXT: Final = "sync mode timed out"  # [Wc] or it says so


def is_asked_for(body: Mapping[str, object]) -> bool:
    """Tell whether *body* asks the server to hold the call."""
    return body.get("enable_sync_mode") is True


def patient_timeout(given: TimeoutTypes | None, options: ClientOptions) -> TimeoutTypes | None:
    """Return the timeouts of a held submit: the call's own, else long enough for a task.

    A client's `timeout` counts for all but the answer: it was chosen for answers that come at
    once, and an answer that is not awaited is an unknown outcome, which may be billed.
    """
    usual = options.timeout
    if given is not None or not (usual is None or _is_usable(usual)):
        return given
    import httpx  # the submit that follows needs it in any case

    from get3w_core.http.environment import DEFAULT_TIMEOUT

    if usual is None:
        usual = DEFAULT_TIMEOUT
    elif isinstance(usual, int | float):
        usual = httpx.Timeout(usual)
    read = None if usual.read is None else max(usual.read, HOLDING_SECONDS)
    return httpx.Timeout(connect=usual.connect, read=read, write=usual.write, pool=usual.pool)


def _is_usable(timeout: object) -> bool:
    # Anything else is refused, with a clear error, where it is used.
    return timeout > 0 if isinstance(timeout, int | float) else hasattr(timeout, "read")


def still_running(data: PredictionData) -> PredictionData:
    """Return *data* as what it means: a wait that is over is not a task that is over."""
    told = (data.error or "").lower().startswith(_WAIT_OVER_TEXT)
    if data.code != _WAIT_OVER_CODE and not told:
        return data
    if data.status.lower() == COMPLETED:
        return data
    status = "processing" if data.failed else data.status
    return replace(data, status=status, error=None, code=None)


def without_id(data: JsonValue) -> PredictionData | None:
    """Read a result that shows no id: all that v1 promises of a held answer is outcome and outputs.

    What was paid for is not lost: the handle gets an id that no server knows.
    """
    fields = as_object(data)
    made_up = "no-id-" + hashlib.sha256(json.dumps(fields).encode()).hexdigest()[:32]
    found = PredictionData.read({**fields, "id": made_up})
    return found if found is not None and found.done else None
