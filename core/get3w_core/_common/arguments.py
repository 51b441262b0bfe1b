"""Check the arguments of public calls.

Each function raises `ConfigurationError` for a value that it refuses.
"""

from __future__ import annotations

import os
from typing import TypeGuard
from urllib.parse import urlsplit

from get3w_core.errors.base import ConfigurationError

_SURFACES = ("v3", "v1")

_CO_COROUTINE = 0x80  # what `inspect` looks at, which is slow to load


def is_async(function: object) -> bool:
    """Tell whether what a function returns has to be awaited."""
    code = getattr(function, "__code__", None)
    return bool(getattr(code, "co_flags", 0) & _CO_COROUTINE)


def check_hook(name: str, hook: object, *, prediction_id: str | None = None) -> None:
    """Refuse what cannot be called, or would have to be awaited."""
    if hook is None:
        return
    if not callable(hook) or is_async(hook):
        raise ConfigurationError(
            f"{name} must be a plain function, not {hook!r}; it is called in the middle of a call"
            " and cannot be awaited",
            prediction_id=prediction_id,
        )


def check_surface(surface: object) -> None:
    """Refuse what is neither None nor one of the two surfaces."""
    if surface is not None and not (isinstance(surface, str) and surface in _SURFACES):
        raise ConfigurationError(f"surface must be 'v3' or 'v1', not {surface!r}")


def check_amount(name: str, value: object) -> None:
    """Refuse what is no number from 0."""
    if not (_is_number(value) and value >= 0):
        raise ConfigurationError(f"{name} must be a number of 0 or more, not {value!r}")


def check_count(name: str, value: object) -> None:
    """Refuse what is no whole number from 0."""
    if not (isinstance(value, int) and _is_number(value) and value >= 0):
        raise ConfigurationError(f"{name} must be a whole number of 0 or more, not {value!r}")


def check_patience(timeout: object, *, prediction_id: str | None = None) -> None:
    """Refuse what is neither None nor a number of 0 or more."""
    if timeout is not None and not (_is_number(timeout) and timeout >= 0):
        raise ConfigurationError(
            f"timeout must be a number of seconds, or None to wait for ever, not {timeout!r}; 0"
            " asks once",
            prediction_id=prediction_id,
        )


def check_timeout(timeout: object) -> None:
    """Refuse what is neither None, nor seconds above 0, nor a `Timeout` of httpx."""
    if timeout is None or hasattr(timeout, "connect"):
        return
    if not (_is_number(timeout) and timeout > 0):
        raise ConfigurationError(
            "timeout must be a number of seconds above 0 or a Timeout of httpx or httpx2, "
            f"not {timeout!r}"
        )


def check_mapping(name: str, value: object) -> None:
    """Refuse what is neither None nor a mapping."""
    if value is not None and not hasattr(value, "keys"):
        raise ConfigurationError(
            f"{name} must be a mapping of names to values, not {type(value).__name__}."
            " Nothing was sent."
        )


def check_text(name: str, value: object) -> None:
    """Refuse what is no text."""
    if not isinstance(value, str):
        raise ConfigurationError(f"{name} must be a string, not {type(value).__name__}")


def check_kind(name: str, value: object, kind: type) -> None:
    """Refuse what is no *kind*."""
    if not isinstance(value, kind):
        raise ConfigurationError(
            f"{name} must be of {kind.__name__}, not {type(value).__name__}. Nothing was sent."
        )


def check_path(name: str, value: object) -> None:
    """Refuse what names no place on this machine."""
    if not isinstance(value, str | os.PathLike):
        raise ConfigurationError(f"{name} must be a path, not {type(value).__name__}")


def check_flag(name: str, value: object) -> None:
    """Refuse what is neither true nor false: "false" would count as true."""
    if not isinstance(value, bool):
        raise ConfigurationError(f"{name} must be True or False, not {value!r}")


def check_webhook(address: object) -> None:
    """Refuse what is neither None nor an http or https address.

    It is not shown: it may hold a secret.
    """
    if address is None or (isinstance(address, str) and _can_be_called(address)):
        return
    raise ConfigurationError(
        "webhook_url must be an address with a host that begins with https:// (or http://), such as"
        " https://app.example/hooks; None is no callback. Nothing was sent."
    )


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _can_be_called(address: str) -> bool:
    try:
        parts = urlsplit(address)
        plain = address.isprintable() and " " not in address
        return plain and parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:  # a bracket that is not closed
        return False
