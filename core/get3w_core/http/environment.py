"""Proxies and certificates that the environment names, and the clients of ours made with them."""

from __future__ import annotations

import functools
import os
import ssl
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.request import getproxies

import httpx

from get3w_core.errors.base import ConfigurationError
from get3w_core.http.pool.bookkeeping import MAX_CONNECTIONS
from get3w_core.http.pool.cookies import NO_COOKIES

if TYPE_CHECKING:
    from collections.abc import Callable

C = TypeVar("C", httpx.Client, httpx.AsyncClient)

DEFAULT_TIMEOUT: Final = httpx.Timeout(60.0, connect=10.0)

_LIMITS: Final = httpx.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=0)
_PROXY_SCHEMES: Final = ("http", "https", "all")
# What names certificates, in the order in which it counts; httpx reads the first two alone.
_FOLDER: Final = "SSL_CERT_DIR"
_BUNDLES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_CERTIFICATES: Final = ("SSL_CERT_FILE", _FOLDER, *_BUNDLES)
_KEY_LOG: Final = "SSLKEYLOGFILE"


def make_client(kind: type[C], transport: Callable[[ssl.SSLContext], Any]) -> tuple[C, bool]:
    """Return a client of ours, and whether it is over our pool: a proxy needs httpx's own.

    *kind* is looked up by the caller just now, so that a mock in the place of httpx's class counts.

    Raises:
        ConfigurationError: The environment names what cannot be used.
    """
    if has_proxies():
        return _with_proxies(kind), False
    client = kind(transport=transport(tls_context()), timeout=DEFAULT_TIMEOUT)
    client._cookies = NO_COOKIES  # pyright: ignore[reportPrivateUsage] - no public way keeps none
    return client, True


def has_proxies() -> bool:
    """Tell whether the environment names a proxy; httpx's own client knows what to do then."""
    proxies = getproxies()
    return any(proxies.get(scheme) for scheme in _PROXY_SCHEMES)


def proxy_hint() -> str:
    """Return which proxies the environment names, for an error of a connection; "" for none."""
    named = _named_proxies()
    return f"the environment names a proxy: {', '.join(named)}" if named else ""


def certificate_hint() -> str:
    """Return what to do about a certificate that is not trusted."""
    used = next((name for name in _CERTIFICATES if os.environ.get(name)), None)
    if used is not None:
        return f"certificates are read from {used}={os.environ[used]}; is the issuer's among them?"
    return "SSL_CERT_FILE=/path/to/certificates.pem names the certificates to trust"


def tls_context() -> ssl.SSLContext:
    """Return the context for https, as the environment wants it.

    Raises:
        ConfigurationError: It names certificates that cannot be read.
    """
    return _made_context(*map(os.environ.get, (*_CERTIFICATES, _KEY_LOG)))


# Loading the certificates takes 20 ms and 1 MB; all clients and event loops can share them.
@functools.lru_cache(maxsize=4)
def _made_context(*values: str | None) -> ssl.SSLContext:
    given: dict[str, str | None] = dict(zip((*_CERTIFICATES, _KEY_LOG), values, strict=True))
    used = next((name for name in _CERTIFICATES if given[name]), None)
    try:
        # httpx reads SSL_CERT_FILE, SSL_CERT_DIR and SSLKEYLOGFILE by itself.
        if used == _FOLDER:
            os.scandir(given[used]).close()  # OpenSSL passes over one that is missing
        if used in _BUNDLES:
            context = ssl.create_default_context(cafile=given[used])
        else:
            context = httpx.create_ssl_context()
    except OSError as error:
        logging = given[_KEY_LOG] is not None and error.filename == given[_KEY_LOG]
        name = _KEY_LOG if logging or used is None else used
        raise ConfigurationError(
            f"{name}={given[name]} in the environment cannot be read ({error}). Correct or unset "
            "it. Nothing was sent."
        ) from None
    context.set_alpn_protocols(["http/1.1"])
    return context


def _with_proxies(kind: type[C]) -> C:
    context = tls_context()
    try:
        return kind(verify=context, limits=_LIMITS, timeout=DEFAULT_TIMEOUT)
    except Exception as error:  # noqa: BLE001 - each library has errors of its own
        raise ConfigurationError(
            f"{_wrong_proxy(error)} in the environment cannot be used. Correct or unset it. "
            "Nothing was sent."
        ) from None


def _wrong_proxy(error: Exception) -> str:
    proxies = getproxies()
    for scheme in _PROXY_SCHEMES:
        try:
            httpx.HTTPTransport(proxy=proxies[scheme], verify=False).close()
        except KeyError:
            continue
        except Exception as why:  # noqa: BLE001 - as below
            return f"{_shown(f'{scheme}_proxy', proxies[scheme])} ({_reason(why)})"
    if proxies.get("no"):
        return f"{_shown('no_proxy', proxies['no'])} ({_reason(error)})"
    return f"{', '.join(_named_proxies())} ({_reason(error)})"


def _reason(error: Exception) -> str:
    # httpx quotes the whole address, which may hold a password.
    text = str(error).rstrip(".")
    return type(error).__name__ if "@" in text or "://" in text else text


def _named_proxies() -> list[str]:
    proxies = getproxies()
    return [
        _shown(f"{scheme}_proxy", proxies[scheme])
        for scheme in _PROXY_SCHEMES
        if proxies.get(scheme)
    ]


def _shown(variable: str, value: str) -> str:
    """Return a variable as it is written there, with its value but for user and password."""
    name = variable if variable in os.environ else variable.upper()
    scheme, separator, rest = value.rpartition("://")
    return f"{name}={scheme}{separator}{rest.rpartition('@')[2]}"
