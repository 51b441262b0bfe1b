"""Ask the server about the prediction that a webhook delivery names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from get3w_core._common.arguments import check_kind
from get3w_core.errors.api import NotFoundError
from get3w_core.errors.webhook import WebhookVerificationError
from get3w_core.webhooks.delivery import WebhookDelivery

if TYPE_CHECKING:
    from get3w_core._common.prediction_data import PredictionData
    from get3w_core.client.aio import AsyncClient
    from get3w_core.client.prediction import AsyncPrediction, Prediction
    from get3w_core.client.sync import Client


def confirm(delivery: WebhookDelivery, client: Client | None = None) -> Prediction:
    """Fetch the prediction that *delivery* speaks of, and believe the server alone.

    Only the id is used. The handle says what the server says: it may still run, or have ended
    otherwise than was delivered.

    Args:
        delivery: The delivery.
        client: The client to ask with; by default the shared one.

    Raises:
        WebhookVerificationError: The server knows no such prediction.
        ResponseFormatError: The server answered about another one; the delivery may be genuine.
        Get3WError: The server could not be asked; the delivery may be genuine.
    """
    check_kind("delivery", delivery, WebhookDelivery)
    if client is None:
        from get3w_core.client.default import default_client

        client = default_client()
    try:
        prediction = client.prediction(delivery.prediction_id, surface=delivery.surface)
    except NotFoundError as error:
        raise _unknown(delivery) from error
    _compare(delivery, prediction.data)
    return prediction


async def confirm_async(
    delivery: WebhookDelivery, client: AsyncClient | None = None
) -> AsyncPrediction:
    """Fetch the prediction that *delivery* speaks of; see `confirm`."""
    check_kind("delivery", delivery, WebhookDelivery)
    if client is None:
        from get3w_core.client.default import default_async_client

        client = default_async_client()
    try:
        prediction = await client.prediction(delivery.prediction_id, surface=delivery.surface)
    except NotFoundError as error:
        raise _unknown(delivery) from error
    _compare(delivery, prediction.data)
    return prediction


def _unknown(delivery: WebhookDelivery) -> WebhookVerificationError:
    return WebhookVerificationError(
        f"A delivery speaks of prediction {delivery.prediction_id}, which the server does not know "
        "for this key: it is forged, or deleted, or of another account or surface",
        prediction_id=delivery.prediction_id,
    )


def _compare(delivery: WebhookDelivery, truth: PredictionData) -> None:
    if truth.status != delivery.data.status:
        from get3w_core._common.logging import log

        log(
            30,
            "a delivery says that prediction %s is %.40r, and the server that it is %.40r",
            truth.id,
            delivery.data.status,
            truth.status,
        )
