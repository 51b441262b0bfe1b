"""Parse the raw body of a webhook into a `WebhookDelivery`; its signature is not checked here.

A delivery is a POST with the bare prediction, sent once it is completed or failed [G]. Get3W
documents no signature, so by itself it is a claim: `WebhookReceiver` checks what can be checked,
and `confirm` asks the API for the truth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from get3w_core._common.json import as_object, parse_json
from get3w_core._common.prediction_data import PredictionData
from get3w_core.errors.webhook import WebhookError

if TYPE_CHECKING:
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
