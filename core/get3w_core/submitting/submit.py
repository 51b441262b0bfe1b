"""The submit: upload the local files, check the body, and send it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from get3w_core.api.upload import upload_files
from get3w_core.errors.base import FieldError, RequestValidationError
from get3w_core.submitting.attempts import send_until_accepted
from get3w_core.submitting.sync_mode import is_asked_for, patient_timeout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from get3w_core._common.json import JsonValue
    from get3w_core._common.prediction_data import PredictionData
    from get3w_core.flow.context import Context
    from get3w_core.flow.effects import Flow
    from get3w_core.submitting.submission import Submission


def submit(ctx: Context, submission: Submission) -> Flow[PredictionData]:
    """Upload the local files, check the body, and send it.

    Raises:
        RequestValidationError: The body does not fit the model; no task was created.
        Get3WError: As `send_until_accepted`, or as an upload.
    """
    started = ctx.clock()
    fields, extra = yield from upload_files(
        ctx,
        submission.fields,
        submission.extra_body or {},
        submission.timeout,
        submission.uploads,
    )
    submission.check(fields)
    body = {**fields, **submission.surface.submit_fields(submission.webhook_url), **extra}
    held = submission.surface.sync_in_query and ctx.options.sync_mode
    if held or is_asked_for(body):
        patient = patient_timeout(submission.timeout, ctx.options)
        submission = replace(submission, timeout=patient)
    encoded = _encode(body, submission.model_id)
    return (yield from send_until_accepted(ctx, submission, encoded, held=held, started=started))


def _encode(body: Mapping[str, JsonValue | object], model_id: str) -> bytes:
    try:
        return json.dumps(body, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise RequestValidationError(
            f"Invalid input for {model_id}; nothing was sent.\n  {error}",
            model_id=model_id,
            errors=[FieldError(location="", message=str(error))],
        ) from None
