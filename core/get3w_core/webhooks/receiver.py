"""Receive deliveries: every check, in the right order."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from get3w_core._common.secret import Secret
from get3w_core.errors.base import ConfigurationError
from get3w_core.errors.webhook import WebhookDuplicateError
from get3w_core.webhooks import tokens as webhook_tokens
from get3w_core.webhooks.delivery import WebhookDelivery, parse_webhook
from get3w_core.webhooks.replays import MemoryReplayStore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from get3w_core.flow.options import SurfaceName
    from get3w_core.webhooks.replays import ReplayStore
    from get3w_core.webhooks.signatures import SignatureScheme

# [G] Outputs are kept for 7 days. A prediction is delivered once, so its id can be kept as long.
KEPT: Final = 7 * 86400.0


class WebhookReceiver:
    """Takes deliveries: checks the address, then the signature, then reads, then drops copies.

    Args:
        secret: Makes and checks the token in the callback address; see `callback_url`.
        signature: Checks signatures, such as `WaveSpeedSignature`. Get3W documents none.
        replays: Remembers deliveries; by default this process does. Several processes need one
            that they share.
        surface: The surface that predictions are submitted on; None leaves it to the client.

    Raises:
        ConfigurationError: There is neither a secret nor a signature, so anyone could deliver; or
            the secret is too short.
    """

    def __init__(
        self,
        *,
        secret: str | None = None,
        signature: SignatureScheme | None = None,
        replays: ReplayStore | None = None,
        surface: SurfaceName | None = None,
    ) -> None:
        if secret is None and signature is None:
            raise ConfigurationError(
                "A WebhookReceiver needs a secret or a signature, or anyone could deliver to it"
            )
        if secret is not None:
            webhook_tokens.check_secret(secret)
        self._secret = None if secret is None else Secret(secret)
        self._signature = signature
        self._replays = MemoryReplayStore() if replays is None else replays
        self._surface: SurfaceName | None = surface

    def callback_url(self, base_url: str, reference: str | None = None) -> str:
        """Return *base_url* with a fresh token, to be given as `webhook_url`; see `callback_url`.

        Raises:
            ConfigurationError: The address cannot be used, or there is no secret.
        """
        if self._secret is None:
            raise ConfigurationError("This WebhookReceiver has no secret to make a token with")
        return webhook_tokens.callback_url(
            base_url, secret=self._secret.reveal(), reference=reference
        )

    def receive(
        self, *, url: str, headers: Mapping[str, str], body: bytes, now: float | None = None
    ) -> WebhookDelivery:
        """Check a delivery and read it.

        It counts as acted on from here: if that fails before it was answered, `release` it, so
        that a repeat is not dropped.

        Args:
            url: The address that was called, or its query alone.
            headers: The headers, in any case.
            body: The bytes as they came.
            now: The Unix time; by default the clock's.

        Raises:
            WebhookVerificationError: Nothing shows that it is genuine; the body was not read.
            WebhookDuplicateError: It was received before.
            WebhookError: The body is no prediction.
        """
        moment = time.time() if now is None else now
        reference, nonce, delivery_id, until = None, None, None, moment + KEPT
        if self._secret is not None:
            reference = webhook_tokens.check_callback(url, secret=self._secret.reveal(), now=moment)
            nonce = webhook_tokens.nonce_in(url)
        if self._signature is not None:
            verified = self._signature.verify(headers, body, moment)
            delivery_id, until = verified.id, max(until, verified.valid_until)
        parsed = parse_webhook(body, surface=self._surface)
        delivery = WebhookDelivery(parsed.data, self._surface, reference, delivery_id, nonce)
        if not self._replays.claim(delivery.key, until, moment):
            raise WebhookDuplicateError(
                "The delivery was received before; answer 2xx and do nothing",
                prediction_id=delivery.prediction_id,
            )
        return delivery

    def release(self, delivery: WebhookDelivery) -> None:
        """Let a repeat of *delivery* in, because it was not acted on after all."""
        self._replays.release(delivery.key)
