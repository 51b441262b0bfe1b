"""Addresses that may be fetched: what a person named, never what a schema or a list says."""

from typing import NoReturn
from urllib.parse import urlsplit


class NoFetchError(ValueError):
    """A schema asked for something that is not in it."""


def never_fetched(address: str) -> NoReturn:
    """Refuse an address that a schema names; what stands outside of a schema is not read.

    Raises:
        NoFetchError: Always.
    """
    raise NoFetchError(f"{address} is outside of the schema, and nothing is fetched")


def web_host(address: object) -> str:
    """Return the host of an http or https address, or "" for anything else."""
    try:
        parts = urlsplit(address) if isinstance(address, str) else None
    except ValueError:
        return ""
    if parts is None or parts.scheme not in ("http", "https") or parts.username is not None:
        return ""
    return (parts.hostname or "").rstrip(".")
