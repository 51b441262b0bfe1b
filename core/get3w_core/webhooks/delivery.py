"""Deliveries from Get3W to an address of yours.

A delivery is a POST with the bare prediction, sent once it is completed or failed [G]. Get3W
documents no signature, so by itself it is a claim: `WebhookReceiver` checks what can be checked,
and `confirm` asks the API for the truth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from get3w_core._common.arguments import check_kind
from get3w_core._common.json import as_object, parse_json
from get3w_core._common.prediction_data import PredictionData
from get3w_core.client.internals import options_of
from get3w_core.errors.api import NotFoundError
from get3w_core.errors.webhook import WebhookError, WebhookVerificationError

if TYPE_CHECKING:
    from get3w_core.client.aio import AsyncClient
    from get3w_core.client.base import BaseClient
    from get3w_core.client.prediction import AsyncPrediction, Prediction
    from get3w_core.client.sync import Client
    from get3w_core.flow.options import SurfaceName

# The id goes into a path and into logs, and anyone may have written it.
_SAFE_ID: Final = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9._~:-]{1,200}")


@dataclass(frozen=True, slots=True, repr=False)
class WebhookDelivery:
    """What a delivery says, which is not yet what is true: see `confirm`.

    Attributes:
        data: The prediction as delivered.
        surface: The surface to ask on; None leaves it to the client.
        reference: What was bound into the callback address, if that was checked.
        delivery_id: The sender's id of the delivery, if its signature was checked.
        callback_nonce: What only this callback address holds, if that was checked; it ties the
            delivery to a submit, see `Client.reconcile`.
    """

    data: PredictionData
    surface: SurfaceName | None = None
    reference: str | None = None
    delivery_id: str | None = None
    callback_nonce: str | None = None

    @property
    def prediction_id(self) -> str:
        """The prediction's id, safe in paths and logs."""
        return self.data.id

    @property
    def key(self) -> str:
        """What all copies of this delivery share, and others do not."""
        if self.delivery_id is not None:
            return f"delivery {self.delivery_id}"
        # [G] One delivery a prediction. Nothing else in a body that nobody signed may count, or
        # a copy with another status would pass as new.
        return f"prediction {self.prediction_id}"

    def prediction(self, client: Client | None = None) -> Prediction:
        """Return a handle on the prediction as delivered.

        Without *client* it belongs to GET3W_BASE_URL, else to https://api.get3w.com. Do not fetch
        outputs from it unless the delivery was signed: use `confirm`.
        """
        from get3w_core.client.prediction import Prediction

        surface, origin = self._home(client)
        return Prediction(self.data, surface=surface, origin=origin, client=client)

    def async_prediction(self, client: AsyncClient | None = None) -> AsyncPrediction:
        """Return a handle for asyncio on the prediction as delivered; see `prediction`."""
        from get3w_core.client.prediction import AsyncPrediction

        surface, origin = self._home(client)
        return AsyncPrediction(self.data, surface=surface, origin=origin, client=client)

    def _home(self, client: BaseClient | None) -> tuple[SurfaceName, str]:
        from get3w_core.api import surface
        from get3w_core.flow.options import ClientOptions

        options = ClientOptions.resolve() if client is None else options_of(client)
        return surface.choose(self.surface, options.surface).name, options.origin

    def __repr__(self) -> str:
        # Outputs may be megabytes of base64.
        return f"WebhookDelivery(prediction_id={self.prediction_id!r}, status={self.data.status!r})"


def parse_webhook(body: bytes, *, surface: SurfaceName | None = None) -> WebhookDelivery:
    """Read the raw body of a delivery, and believe nothing.

    Args:
        body: The bytes as they came, never parsed and written again.
        surface: The surface that the prediction was submitted on; None leaves it to the client.

    Raises:
        WebhookError: The body is no prediction.
    """
    try:
        fields = as_object(parse_json(body))
    except (ValueError, TypeError):
        raise WebhookError("The body of the delivery is not the bytes of JSON") from None
    # [G] Deliveries are bare. An envelope is read too, as every other answer on v3 has one.
    data = PredictionData.read(fields) or PredictionData.read(fields.get("data"))
    if data is None or _SAFE_ID.fullmatch(data.id) is None:
        raise WebhookError("The body of the delivery shows no prediction with an id and a status")
    return WebhookDelivery(data, surface)


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
