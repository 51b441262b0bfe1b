"""Turn an exception of an HTTP library into a value, `TransportFailure`.

So no traceback of theirs leads from our errors to a frame that holds the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from get3w_core._common.interruptions import is_interruption
from get3w_core.flow.effects import TransportFailure
from get3w_core.http.environment import certificate_hint, proxy_hint

if TYPE_CHECKING:
    import httpx

    from get3w_core.flow.effects import HttpRequest
    from get3w_core.flow.options import ClientOptions
    from get3w_core.http.evidence import Evidence

# What OpenSSL says of a server that speaks plain HTTP, or whose certificate is not trusted.
_PLAIN_HTTP: Final = "WRONG_VERSION_NUMBER"
_UNTRUSTED: Final = "CERTIFICATE_VERIFY_FAILED"
# The last is what an interpreter says that comes to its end, and starts no thread any more.
_POINTLESS: Final = (_PLAIN_HTTP, _UNTRUSTED, "shutdown")


class Closed:
    """Stands for the error that is raised once no `except` is active."""


def failure_of(
    client: httpx.Client | httpx.AsyncClient,
    error: BaseException,
    evidence: Evidence,
    request: HttpRequest,
    options: ClientOptions,
) -> TransportFailure | Closed:
    """Classify what *client* raised in place of an answer.

    Raises:
        BaseException: What is behind *error*, if that is not the network's; `request.evidence`
            says then whether the request was sent.
    """
    if evidence.is_closed(client, error):
        request.evidence.unsent = True
        return Closed()
    raise_foreign(evidence, error, request)
    text = _text(error, options)
    if not evidence.is_unsent(error):
        return TransportFailure("unknown", text)
    pointless = type(error).__name__ == "UnsupportedProtocol" or any(
        sign in text for sign in _POINTLESS
    )
    hint = proxy_hint()
    return TransportFailure("unsent", f"{text}; {hint}" if hint else text, permanent=pointless)


def raise_foreign(
    evidence: Evidence, error: BaseException | None = None, request: HttpRequest | None = None
) -> None:
    """Raise the exception that is not the network's, if *error* or a traced one comes from it."""
    foreign = evidence.foreign(error)
    if foreign is None:
        return
    if request is not None:
        request.evidence.unsent = evidence.is_unsent_after(foreign)
    if foreign is error:
        raise foreign
    raise foreign from foreign.__cause__


def failure_to_build(error: Exception, options: ClientOptions) -> TransportFailure:
    """Return the failure of a request that could not be made: nothing was sent.

    Raises:
        Exception: *error*, if it has nothing to do with that.
    """
    if is_interruption(error, None):
        raise error
    return TransportFailure("unsent", _text(error, options), permanent=True)


def described(error: BaseException) -> str:
    """Return the class and the words of *error*."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _text(error: BaseException, options: ClientOptions) -> str:
    text = described(error)
    if options.api_key is not None:
        text = options.api_key.scrub(text)
    if _PLAIN_HTTP in text:
        text += "; the server speaks plain HTTP, whose address begins with http://"
    if _UNTRUSTED in text:
        text += f"; {certificate_hint()}"
    return text
