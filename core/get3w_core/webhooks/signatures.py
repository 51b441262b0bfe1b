"""Signatures of deliveries, checked on the raw bytes before anything reads them.

Get3W documents no signature. A scheme is pluggable; the one here is that of its sibling WaveSpeed.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from get3w_core._common.secret import Secret, hidden
from get3w_core.errors.base import ConfigurationError
from get3w_core.errors.webhook import WebhookVerificationError

if TYPE_CHECKING:
    from collections.abc import Mapping

TOLERANCE: Final = 300.0

# How long those of the sender are is not documented; fewer characters are found by trying.
_SHORTEST_SECRET: Final = 8

_ID: Final = re.compile(r"[!-~]{1,256}")
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}")
_SIGNATURES: Final = re.compile(r"(?:^|(?<=[ ,]))v3,([0-9a-f]{64})(?=[ ,]|\Z)")


@dataclass(frozen=True, slots=True)
class VerifiedDelivery:
    """What a checked signature vouches for, beside the body.

    Attributes:
        id: The sender's id of the delivery; a repeat of the delivery has the same.
        valid_until: The Unix time from which on a replay would be refused as too old.
    """

    id: str
    valid_until: float


class SignatureScheme(Protocol):
    """How a sender signs."""

    def verify(self, headers: Mapping[str, str], body: bytes, now: float) -> VerifiedDelivery:
        """Check that *headers* sign *body*, at the Unix time *now*.

        Raises:
            WebhookVerificationError: They do not.
        """
        ...


class WaveSpeedSignature:
    """WaveSpeed's scheme; that Get3W signs, in this way or any other, is not documented.

    The header `webhook-signature` holds `v3,` and the hex HMAC-SHA256 of `webhook-id`,
    `webhook-timestamp` and the body, joined by dots. Of several signatures one has to fit.

    Args:
        secret: The secret, with or without its prefix `whsec_`.
        tolerance: How many seconds the timestamp may be off, either way.

    Raises:
        ConfigurationError: One of them cannot be used.
    """

    def __init__(self, secret: str, tolerance: float = TOLERANCE) -> None:
        secret = hidden(secret)
        problem = _wrong_in_secret(hidden(secret))
        if problem:
            raise ConfigurationError(f"The webhook secret {problem}.")
        if not (math.isfinite(tolerance) and tolerance >= 0):
            raise ConfigurationError(f"tolerance must be a number of seconds, not {tolerance!r}")
        self._key = _without_prefix(hidden(secret))
        self._tolerance = tolerance

    def verify(self, headers: Mapping[str, str], body: bytes, now: float) -> VerifiedDelivery:
        """Check the signature, then the age.

        Raises:
            WebhookVerificationError: A header is missing or malformed, no signature fits, or the
                timestamp is too far from *now*.
        """
        delivery_id = _only(headers, "webhook-id", _ID)
        timestamp = _only(headers, "webhook-timestamp", _TIMESTAMP)
        given = ",".join(_values(headers, "webhook-signature"))
        expected = self._signature(delivery_id, timestamp, body)
        fits = False
        for signature in _SIGNATURES.findall(given):
            fits |= hmac.compare_digest(signature, expected)
        if not fits:
            raise WebhookVerificationError("The webhook-signature does not fit the delivery")
        if not abs(now - int(timestamp)) <= self._tolerance:
            raise WebhookVerificationError(
                f"The webhook-timestamp is {now - int(timestamp):+.0f} s away from this machine's "
                f"time, and at most {self._tolerance:g} s are allowed"
            )
        return VerifiedDelivery(delivery_id, int(timestamp) + self._tolerance)

    def sign(self, body: bytes, *, delivery_id: str, timestamp: int) -> dict[str, str]:
        """Return the headers of a delivery, as the sender would make them; for tests."""
        signature = self._signature(delivery_id, str(timestamp), body)
        return {
            "Content-Type": "application/json",
            "webhook-id": delivery_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": f"v3,{signature}",
        }

    def __repr__(self) -> str:
        return f"WaveSpeedSignature('***', tolerance={self._tolerance:g})"

    def _signature(self, delivery_id: str, timestamp: str, body: bytes) -> str:
        # [W] The key is the text of the secret itself, not what it may be the base64 of.
        signed = hmac.new(self._key.reveal().encode(), digestmod=hashlib.sha256)
        signed.update(f"{delivery_id}.{timestamp}.".encode())
        signed.update(body)
        return signed.hexdigest()


def _without_prefix(secret: Secret) -> Secret:
    return Secret(secret.reveal().removeprefix("whsec_"))


def _wrong_in_secret(secret: Secret) -> str:
    """Return what is wrong with a secret, without showing it; empty if nothing is."""
    key = _without_prefix(secret).reveal()
    if not key or not all("!" <= character <= "~" for character in key):
        return (
            "is empty, or holds white space or characters that are not ASCII; it was probably "
            "copied with something beside it"
        )
    if len(key) < _SHORTEST_SECRET:
        return (
            f"has {len(key)} characters, and at least {_SHORTEST_SECRET} are needed, or it could "
            "be guessed from one delivery; copy it whole from where the webhook was set up"
        )
    return ""


def _values(headers: Mapping[str, str], name: str) -> list[str]:
    return [value for key, value in headers.items() if key.lower() == name]


def _only(headers: Mapping[str, str], name: str, pattern: re.Pattern[str]) -> str:
    """Return the one value of a header: of two, a proxy and the receiver may each see another."""
    values = _values(headers, name)
    if len(values) != 1 or pattern.fullmatch(values[0]) is None:
        problem = "malformed" if len(values) == 1 else "repeated" if values else "missing"
        raise WebhookVerificationError(f"The header {name} is {problem}")
    return values[0]
