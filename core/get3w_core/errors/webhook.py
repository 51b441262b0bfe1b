"""Errors of webhook deliveries, each with the HTTP status to answer with.

Get3WError
└── WebhookError                    the body is no prediction: answer 400
    ├── WebhookVerificationError    nothing shows that it is genuine: answer 401
    └── WebhookDuplicateError       it was acted on before: answer 200, and do nothing

None of them holds a secret, a token, or the sender's text.
"""

from __future__ import annotations

from typing import ClassVar

from get3w_core.errors.base import Get3WError


class WebhookError(Get3WError):
    """A delivery cannot be used.

    Attributes:
        status_code: The HTTP status to answer the sender with.
    """

    status_code: ClassVar[int] = 400


class WebhookVerificationError(WebhookError):
    """Nothing shows that a delivery comes from Get3W; do not act on it.

    The message says what is missing: it is for the receiver's log, not for the sender.
    """

    status_code: ClassVar[int] = 401


class WebhookDuplicateError(WebhookError):
    """A delivery was received before; answer 2xx, so that it is not sent again, and do nothing."""

    status_code: ClassVar[int] = 200
