"""Judge the outcome of an attempt: the table that decides whether a submit is sent again.

A submit costs money and carries no request id, so it is sent again only where it certainly did
nothing:

    seen                                             verdict   then
    no name, no connection, no free pool place       UNSENT    retry with back-off
    2xx with a prediction                            ACCEPTED  the prediction
    429                                              REFUSED   wait as told, or back off; retry
    503 that says Retry-After (header or body)       REFUSED   wait as told, retry
    any other 4xx                                    REJECTED  the error of its class
    one of these three that shows a prediction       UNKNOWN   SubmitOutcomeUnknownError
    a refusal that shows no more of it than an id    UNKNOWN   SubmitOutcomeUnknownError
    3xx, any other 5xx, any other status             UNKNOWN   SubmitOutcomeUnknownError
    2xx without a readable prediction                UNKNOWN   SubmitOutcomeUnknownError
    sent, and then no answer or half of one          UNKNOWN   SubmitOutcomeUnknownError

HTTP 200 with another `code` in its envelope is judged by that code.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from get3w_core._common.prediction_data import PredictionData, prediction_id_in
from get3w_core.api.answers import Answer
from get3w_core.flow.effects import TransportFailure

if TYPE_CHECKING:
    from get3w_core.flow.effects import Answers


class Verdict(Enum):
    """What an attempt at a submit came to."""

    ACCEPTED = "accepted"
    UNSENT = "unsent"
    REFUSED = "refused"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


# The first row that fits decides: statuses, whether the server must have said when to return, and
# the verdict.
_SUBMIT_ROWS: Final = (
    (range(200, 300), False, Verdict.ACCEPTED),
    (range(429, 430), False, Verdict.REFUSED),
    (range(503, 504), True, Verdict.REFUSED),
    (range(400, 500), False, Verdict.REJECTED),
)

# 408, 425: the server did not take the request up; 507: it has no room now; 520-530: what a content
# delivery network says of the server behind it.
_READ_RETRIED: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 507, *range(520, 531)})


def judge_submit(
    outcome: Answer | TransportFailure, *, retry_unavailable: bool, answers: Answers = "this"
) -> Verdict:
    """Judge one attempt at a submit; *ACCEPTED* still has to show a prediction.

    *answers* says what the answer is about. The "no" of one that is not known to be about this
    request, sent once, proves nothing.
    """
    if isinstance(outcome, TransportFailure):
        return Verdict.UNSENT if outcome.kind == "unsent" else Verdict.UNKNOWN
    hinted = outcome.retry_after is not None and retry_unavailable
    for statuses, needs_hint, verdict in _SUBMIT_ROWS:
        if outcome.status in statuses and (hinted or not needs_hint):
            if verdict is Verdict.ACCEPTED:
                doubtful = outcome.problem is not None or answers == "another"
            elif answers != "this":
                doubtful = True
            else:
                # Whatever the status says, a task that is shown exists; its id alone will do
                # where the submit would be sent again.
                shown = prediction_id_in if verdict is Verdict.REFUSED else PredictionData.read
                doubtful = shown(outcome.data) is not None
            return Verdict.UNKNOWN if doubtful else verdict
    return Verdict.UNKNOWN


def may_repeat_read(outcome: Answer | TransportFailure, *, known: bool = False) -> bool:
    """Tell whether a read that ended so is worth repeating.

    A web page as a success comes from a site that is no API, and will come again. Where the API is
    *known* to answer it passes, and what was paid for is not given up for it.
    """
    if isinstance(outcome, TransportFailure):
        return not outcome.permanent
    if outcome.ok and outcome.web_page:
        return known
    return outcome.status in _READ_RETRIED or (outcome.ok and outcome.problem is not None)
