"""Make the error of a submit that ended without a prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from get3w_core._common.prediction_data import prediction_id_in
from get3w_core.api.answers import error_of
from get3w_core.api.read import WHERE_TO
from get3w_core.api.verdicts import Verdict
from get3w_core.api.web_pages import NOT_THE_API, THE_API, is_elsewhere, redirect_words
from get3w_core.errors.base import ConnectionFailedError
from get3w_core.errors.printable import printable
from get3w_core.flow.effects import TransportFailure
from get3w_core.flow.options import origin_of
from get3w_core.reconciling.unknown import SubmitOutcomeUnknownError

if TYPE_CHECKING:
    from get3w_core.api.answers import Answer
    from get3w_core.errors.base import Get3WError
    from get3w_core.flow.effects import HttpRequest
    from get3w_core.submitting.submission import Submission


_TOO_MANY: Final = "Too many tasks at once for the account's level"  # [G]


def submit_error(
    submission: Submission,
    request: HttpRequest,
    result: Answer | TransportFailure,
    verdict: Verdict,
    *,
    attempts: int = 1,
    seconds: float = 0.0,
    sent_at: float | None = None,
) -> Get3WError:
    """Make the error for a submit that ended without a prediction.

    *attempts* and *seconds* say how often and for how long it was tried, and *sent_at* is the Unix
    time at which the last attempt began.
    """
    tried = f"tried {attempts} times in {seconds:.1f} s" if attempts > 1 else "tried once"
    answer: Answer | None = None
    if isinstance(result, TransportFailure):
        text = printable(result.text)
        if verdict is Verdict.UNSENT:
            return ConnectionFailedError(
                f"The submit of {submission.model_id} could not be sent, so nothing was billed: "
                f"{text} ({request.method} {request.shown_url}, {tried}). {WHERE_TO}",
                method=request.method,
                url=request.shown_url,
            )
        reason = f"it was sent, and then {text}"
    elif verdict is Verdict.REFUSED:
        busy = result.status == 429
        why = _TOO_MANY if busy else "The server takes no task now"
        hint = f"{why}; nothing was accepted or billed ({tried})"
        return error_of(result, request, hint=hint)
    elif verdict is Verdict.REJECTED:
        return error_of(result, request, hint=_hint(submission, request, result.status))
    else:
        answer, reason = result, f"the answer was {result.status}, {_seen(request, result)}"
    return SubmitOutcomeUnknownError(
        model_id=submission.model_id,
        method=request.method,
        url=request.shown_url,
        reason=reason,
        prediction_id=None if answer is None else prediction_id_in(answer.data),
        surface=submission.surface.name,
        status_code=None if answer is None else answer.status,
        body="" if answer is None else answer.excerpt,
        sent_at=sent_at,
    )


def _seen(request: HttpRequest, answer: Answer) -> str:
    if 300 <= answer.status < 400 and prediction_id_in(answer.data) is None:
        said = f" (it says: {printable(answer.message)})" if answer.message else ""
        return f"{redirect_words(answer.location, request)}{said}; {THE_API}"
    if answer.web_page:
        if answer.ok or is_elsewhere(request):
            return f"{NOT_THE_API}; {THE_API}"
        return "a web page, kept in error.body"  # a gateway of the API fails with one of its own
    what = answer.problem or ("no prediction in it" if answer.ok else "no clear refusal")
    said = f": {printable(answer.message or answer.excerpt)}" if answer.excerpt else ""
    return f"{what}{said}"


def _hint(submission: Submission, request: HttpRequest, status: int) -> str | None:
    if status != 404:
        return None
    model_id = submission.model_id
    if is_elsewhere(request):
        return (
            f"{origin_of(request.url)} does not have {model_id} on surface "
            f"{submission.surface.name}. An emulator has the models of the schemas that it was "
            "started with: get3w-emulator --schemas DIR"
        )
    if submission.documented:
        return (
            f"Get3W documents {model_id}, but its API does not have it on surface "
            f"{submission.surface.name}"
        )
    return (
        f"{model_id} is not confirmed on Get3W: its schema names no source of Get3W's "
        "own. `get3w-codegen pull` reads the live list of models, with their ids"
    )
