"""Put a secret token into the callback address, since deliveries are not signed.

Get3W calls the address that it was given [G] and documents no signature, so what it can prove is
that it was told that address. The token is `<mac>.<issued>.<nonce>[.<reference>]`: it carries what
is needed to check it, and nothing has to be stored.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import time
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from get3w_core.errors.base import ConfigurationError
from get3w_core.errors.webhook import WebhookVerificationError
from get3w_core.flow.options import origin_of

PARAMETER: Final = "get3w_token"
# [G] Outputs are kept for 7 days; a delivery that comes later has nothing to deliver.
MAX_AGE: Final = 7 * 86400.0

_SHORTEST_SECRET: Final = 16
_LONGEST_REFERENCE: Final = 500
_MOST_PARAMETERS: Final = 100
_TOKEN: Final = re.compile(r"[0-9a-f]{64}\.[0-9a-f]{1,16}\.[\w-]{1,32}(?:\.[\w-]*)?", re.ASCII)
# What one secret is used for here can never pass for what it is used for elsewhere.
_PURPOSE: Final = b"get3w callback address 1\n"


def callback_url(
    base_url: str, *, secret: str, reference: str | None = None, now: float | None = None
) -> str:
    """Return *base_url* with a fresh token in its query, to be given as `webhook_url`.

    Args:
        base_url: Where the receiver listens: https, or http on this machine. It may have a query.
        secret: Known to the receiver alone, such as `secrets.token_urlsafe(32)`.
        reference: What `check_callback` is to return, such as an order's number. It is protected
            from changes, but anyone who sees the address can read it.
        now: The Unix time; by default the clock's.

    Raises:
        ConfigurationError: One of them cannot be used.
    """
    _check_address(base_url)
    issued = int(time.time() if now is None else now)
    claims = f"{issued:x}.{secrets.token_urlsafe(16)}"
    if reference is not None:
        claims += "." + _encoded(reference)
    joint = "" if base_url.endswith(("?", "&")) else "&" if "?" in base_url else "?"
    return f"{base_url}{joint}{PARAMETER}={_mac(secret, claims)}.{claims}"


def check_callback(
    url_or_query: str, *, secret: str, max_age: float = MAX_AGE, now: float | None = None
) -> str | None:
    """Check the token in an address that was called, and return the reference bound into it.

    Args:
        url_or_query: The address, or its query alone, as the server saw it. Only the token counts,
            so it does not matter what a proxy made of the host or the path.
        secret: What `callback_url` was given.
        max_age: For how many seconds a token is good.
        now: The Unix time; by default the clock's.

    Raises:
        WebhookVerificationError: There is no token, or several, or it is not ours or too old.
        ConfigurationError: The secret is too short.
    """
    mac, _, claims = _token_in(url_or_query).partition(".")
    if not hmac.compare_digest(mac, _mac(secret, claims)):
        raise WebhookVerificationError(f"The {PARAMETER} of the address is not one of ours")
    issued, _, *reference = claims.split(".")
    age = (time.time() if now is None else now) - int(issued, 16)
    if not age <= max_age:
        raise WebhookVerificationError(
            f"The {PARAMETER} of the address is {age:.0f} s old, and at most {max_age:g} s are "
            "allowed"
        )
    return _decoded(reference[0]) if reference else None


def nonce_in(url_or_query: str) -> str | None:
    """Return the nonce of the token in an address, unchecked; None if there is no such token.

    It is different in each address that `callback_url` makes, and no secret: without the rest of
    the token nobody can deliver with it.
    """
    try:
        return _token_in(url_or_query).split(".")[2]
    except WebhookVerificationError:
        return None


def check_secret(secret: str) -> None:
    """Refuse a secret that could be found by trying.

    Raises:
        ConfigurationError: It is too short.
    """
    if len(secret) < _SHORTEST_SECRET:
        raise ConfigurationError(
            f"The secret of callback addresses must have at least {_SHORTEST_SECRET} characters, "
            "or it could be guessed from one address; secrets.token_urlsafe(32) makes one."
        )


def _mac(secret: str, claims: str) -> str:
    check_secret(secret)
    key = secret.encode("utf-8", "surrogatepass")
    return hmac.new(key, _PURPOSE + claims.encode(), hashlib.sha256).hexdigest()


def _token_in(url_or_query: str) -> str:
    head, _, tail = url_or_query.partition("?")
    # A query may itself hold question marks, so only what comes after an address is cut off.
    is_address = head == "" or head.startswith("/") or "://" in head.partition("=")[0]
    tokens = _parameters(tail if is_address else url_or_query)
    if len(tokens) == 1 and _TOKEN.fullmatch(tokens[0]):
        return tokens[0]
    problem = "repeated" if len(tokens) > 1 else "malformed" if tokens else "missing"
    raise WebhookVerificationError(f"The {PARAMETER} of the address is {problem}")


def _parameters(query: str) -> list[str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        return []
    return [value for name, value in pairs if name == PARAMETER]


def _check_address(base_url: str) -> None:
    origin = origin_of(base_url)
    problem = "is not a plain address; spaces and other characters have to be percent-encoded"
    if origin is not None and base_url.isascii():
        if "#" in base_url:
            problem = "has a fragment, which is never sent"
        elif _parameters(base_url.partition("?")[2]):
            problem = f"has a {PARAMETER} already"
        elif origin.startswith("https:") or _is_loopback(urlsplit(origin).hostname or ""):
            return
        else:
            problem = "must be https, because the token in it is a secret"
    # A user or a query in the address may be a credential.
    shown = "" if set("@?#") & set(base_url) else f" {base_url!r}"
    raise ConfigurationError(f"The callback address{shown} {problem}.")


def _is_loopback(host: str) -> bool:
    import ipaddress  # only needed here

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _encoded(reference: str) -> str:
    try:
        data = reference.encode()
    except UnicodeEncodeError:
        raise ConfigurationError("The reference holds a lone surrogate") from None
    if len(data) > _LONGEST_REFERENCE:
        raise ConfigurationError(
            f"The reference has {len(data)} bytes, and an address has room for "
            f"{_LONGEST_REFERENCE}; use a key to what is stored elsewhere"
        )
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(reference: str) -> str:
    return base64.urlsafe_b64decode(reference + "=" * (-len(reference) % 4)).decode()
