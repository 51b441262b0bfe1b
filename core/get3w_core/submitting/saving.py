"""Keep what is known of a submit whose outcome is unknown, so that its task can be found later."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from get3w_core._common.json import as_object, parse_json
from get3w_core.reconciling.inputs import CALLBACK_FIELD, sketch_input
from get3w_core.reconciling.saved import SavedSubmission
from get3w_core.webhooks.tokens import nonce_in

if TYPE_CHECKING:
    from get3w_core.flow.effects import HttpRequest
    from get3w_core.submitting.submission import Submission


def saved_submission(
    submission: Submission,
    request: HttpRequest,
    prediction_id: str | None,
    *,
    origin: str,
    times: tuple[float, float],
) -> SavedSubmission:
    """Return what is known of a submit.

    Args:
        submission: The submit.
        request: What was sent.
        prediction_id: The task that its own answer named.
        origin: The server.
        times: When the last attempt began and ended, in Unix time.
    """
    sent = as_object(parse_json(request.body or b"{}"))
    # On v1 the callback is in the address, on v3 in the body.
    callback = parse_qs(urlsplit(request.url).query).get("webhook", [sent.get(CALLBACK_FIELD)])[0]
    filled_in = () if submission.defaults is None else submission.defaults().items()
    return SavedSubmission(
        submission_id=secrets.token_hex(16),
        model_id=submission.model_id,
        origin=origin,
        surface=submission.surface.name,
        sent_at=times[0],
        ended_at=max(times),
        input=sketch_input(sent),
        defaults=sketch_input({name: value for name, value in filled_in if name not in sent}),
        callback_nonce=nonce_in(callback) if isinstance(callback, str) else None,
        prediction_id=prediction_id,
    )
