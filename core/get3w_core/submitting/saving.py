"""Keep what is known of a submit whose outcome is unknown, so that its task can be found later."""

from __future__ import annotations

import json
import secrets
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from get3w_core._common.json import as_object, parse_json
from get3w_core.errors.base import ConfigurationError
from get3w_core.flow.effects import HttpRequest
from get3w_core.reconciling.inputs import CALLBACK_FIELD, sketch_input
from get3w_core.reconciling.saved import SavedSubmission
from get3w_core.webhooks.tokens import nonce_in

if TYPE_CHECKING:
    from get3w_core.flow.options import ClientOptions
    from get3w_core.submitting.submission import Submission

_LONGEST_ATTEMPT: Final = 60.0  # seconds


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
    filled_in = submission.defaults().items()
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


def saved_before_submit(
    submission: Submission,
    options: ClientOptions,
    sent_at: float | None = None,
    ended_at: float | None = None,
) -> SavedSubmission:
    """Return what is known of a submit that is not made yet, or that nobody saw the end of.

    Args:
        submission: The submit.
        options: Those of the client; its deadline says until when the last attempt can begin.
        sent_at: The Unix time before which it was not sent; by default now.
        ended_at: The Unix time after which it cannot have been sent.

    Raises:
        ConfigurationError: A local file is in it.
        RequestValidationError: The input does not fit the schema.
    """
    body = {
        **submission.fields,
        **submission.surface.submit_fields(submission.webhook_url),
        **(submission.extra_body or {}),
    }
    try:
        encoded = json.dumps(body, allow_nan=False).encode()
    except TypeError:
        raise ConfigurationError(
            "A local file has no URL yet, so its submit cannot be described: upload it first, and"
            " pass the URL that client.upload(...) returns"
        ) from None
    submission.check(submission.fields)
    origin = options.origin
    url = submission.surface.submit_url(origin, submission.model_id, submission.webhook_url)
    begin = time.time() if sent_at is None else sent_at
    end = begin + options.submit_deadline + _LONGEST_ATTEMPT if ended_at is None else ended_at
    request = HttpRequest("POST", url, body=encoded)
    return saved_submission(submission, request, None, origin=origin, times=(begin, end))
