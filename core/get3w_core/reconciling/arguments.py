"""Check the arguments of `reconcile`."""

from __future__ import annotations

from get3w_core._common.arguments import check_kind
from get3w_core.errors.base import ConfigurationError
from get3w_core.reconciling.saved import SavedSubmission
from get3w_core.reconciling.unknown import SubmitOutcomeUnknownError
from get3w_core.webhooks.delivery import WebhookDelivery


def submission_of(error: object, origin: str) -> SavedSubmission:
    """Return what *error* knows of its submit, which went to *origin*.

    Raises:
        ConfigurationError: It is no such error and no `SavedSubmission`, or of another server.
    """
    if isinstance(error, str):
        raise ConfigurationError(
            "reconcile takes the text of error.to_json() as SavedSubmission.from_json(text)"
        )
    if isinstance(error, SubmitOutcomeUnknownError):
        error.to_json()  # says what is wrong with an error made by hand
        error = error.submission
    if not isinstance(error, SavedSubmission):
        raise ConfigurationError(
            "reconcile takes a SubmitOutcomeUnknownError or a SavedSubmission, not"
            f" {type(error).__name__}; every other error of a submit says what became of it"
        )
    if error.origin != origin:
        raise ConfigurationError(
            f"The submit went to {error.origin}, and the client's key to {origin}; use a client"
            " with that base_url"
        )
    return error


def check_delivery(delivery: WebhookDelivery | None, submission: SavedSubmission) -> None:
    """Refuse a delivery that was addressed to another submit.

    Raises:
        ConfigurationError: It was, or it is no `WebhookDelivery`.
    """
    if delivery is None:
        return
    check_kind("delivery", delivery, WebhookDelivery)
    nonce = delivery.callback_nonce
    if nonce is not None and nonce != submission.callback_nonce:
        raise ConfigurationError(
            "The delivery came to another callback address than the one of this submit, so it is"
            " about another task",
            prediction_id=delivery.prediction_id,
        )
