"""Check that an answer is about what was asked: the prediction, or the model of a submit.

An answer about something else, from a proxy or a server that mixes them up, is as good as none:
nothing of it is taken over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from get3w_core._common.json import as_object, as_text
from get3w_core._common.prediction_data import PredictionData, prediction_id_in
from get3w_core.errors.printable import quoted

if TYPE_CHECKING:
    from get3w_core.api.answers import Answer

Check: TypeAlias = Callable[["Answer"], str | None]
"""Says why a success is not the answer to what was asked; None if it is."""

MISSING: Final = frozenset({404, 410})
# [G] Outputs are kept for 7 days; how long the prediction itself is kept is not documented.
WHY_MISSING: Final = (
    "The id may be of another account (api_key=), server (base_url=) or surface (surface='v3' or"
    " 'v1'), or the prediction was deleted, or is too old: outputs are kept for 7 days."
)


def shows_prediction(prediction_id: str) -> Check:
    """Return the check that an answer shows the prediction that was asked for."""
    names = names_no_other(prediction_id)

    def check(answer: Answer) -> str | None:
        other = names(answer)
        if other is None and answer.problem is None and PredictionData.read(answer.data) is None:
            return "it shows no prediction with an id and a status"
        return other

    return check


def names_no_other(prediction_id: str) -> Check:
    """Return the check that an answer which names a prediction names the one asked for."""

    def check(answer: Answer) -> str | None:
        shown = prediction_id_in(answer.data)
        if shown is None or shown == prediction_id:
            return None
        return f"it is about prediction {quoted(shown)}, and {quoted(prediction_id)} was asked for"

    return check


def checked(answer: Answer, check: Check | None) -> Answer:
    """Return *answer*, with what *check* has against it if it is a success."""
    problem = check(answer) if check is not None and answer.ok else None
    return answer if problem is None else replace(answer, problem=problem, unrelated=True)


def why_missing(status: int) -> str | None:
    """Return what a 404 for a prediction may mean; None leaves other statuses to their class."""
    return WHY_MISSING if status in MISSING else None


def names_model(model_id: str) -> Check:
    """Return the check that the answer to a submit names no other model than *model_id*."""

    def check(answer: Answer) -> str | None:
        shown = as_text(as_object(answer.data).get("model"))
        if shown is None or is_same_model(shown, model_id):
            return None
        return f"it names the model {quoted(shown)}, and {model_id!r} was submitted to"

    return check


def is_same_model(shown: str, model_id: str) -> bool:
    """Tell whether a server that shows *shown* speaks of the model *model_id*.

    A server may leave out the owner, or the task at the end, or write it in capitals; which of the
    ids of one model it shows is not documented.
    """
    one, other = (f"/{name.strip('/').casefold()}/" for name in (shown, model_id))
    return one in other or other in one
