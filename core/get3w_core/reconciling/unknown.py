"""The error of a submit whose outcome is unknown."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from get3w_core.errors.base import ConfigurationError, Get3WError
from get3w_core.errors.task import lookup_call

if TYPE_CHECKING:
    from get3w_core.flow.options import SurfaceName
    from get3w_core.reconciling.saved import SavedSubmission


class SubmitOutcomeUnknownError(Get3WError):
    """A submit went out and no clear answer came back: the task may exist and be billed.

    It was not sent again, because no request id protects against a second charge. The next step is
    `client.reconcile(error)`, which looks for the task; after a restart, `to_json()` and
    `SavedSubmission.from_json` carry what it needs.

    Attributes:
        model_id: The model that was submitted to.
        method: The HTTP method.
        url: The address, without its query.
        reason: What was seen instead of a clear answer.
        surface: The surface that was submitted on.
        status_code: The status of the answer; None where there was none.
        body: The beginning of the answer.
        submission: What was sent, as far as it is needed to find its task; None in an error that
            no submit of this package has made.
    """

    def __init__(
        self,
        *,
        model_id: str,
        method: str,
        url: str,
        reason: str,
        prediction_id: str | None = None,
        surface: SurfaceName = "v3",
        status_code: int | None = None,
        body: str = "",
        sent_at: float | None = None,
    ) -> None:
        way_on = (
            "Call get3w_core.reconcile(error) before you submit again: it looks for the task in "
            "the account's records."
            if prediction_id is None
            else f"The answer names prediction {prediction_id}: call get3w_core.reconcile(error), "
            f"or fetch it with {lookup_call(prediction_id, surface)}, before you submit again."
        )
        at, keep = "", ""
        if sent_at is not None:  # it is a submit of this package, which knows what was sent
            at = f" at {time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(sent_at))} UTC"
            keep = (
                " To look later, or from another process, keep error.to_json(); "
                "SavedSubmission.from_json reads it."
            )
        super().__init__(
            f"Whether the submit of {model_id} was accepted is unknown: {reason} "
            f"({method} {url}{at}). It was not sent again, because the task may exist and be "
            f"billed. {way_on}{keep}",
            prediction_id=prediction_id,
        )
        self.model_id = model_id
        self.method = method
        self.url = url
        self.reason = reason
        self.surface: SurfaceName = surface
        self.status_code = status_code
        self.body = body
        self.submission: SavedSubmission | None = None

    def to_json(self) -> str:
        """Return what `client.reconcile` needs, as JSON without the key.

        `SavedSubmission.from_json` reads it, in any process.

        Raises:
            ConfigurationError: No submit of this package has made this error.
        """
        if self.submission is None:
            raise ConfigurationError(
                "This SubmitOutcomeUnknownError does not know what was sent: it was not raised by a"
                " submit of get3w_core"
            )
        return self.submission.to_json()
