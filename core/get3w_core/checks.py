"""Arguments that cannot be used are refused where they are given, in words of ours."""

from __future__ import annotations

from typing import TypeGuard

from get3w_core.errors import ConfigurationError

_CO_COROUTINE = 0x80  # what `inspect` looks at, which is slow to load


def check_hook(hook: object) -> None:
    """Refuse what is no plain function.

    Raises:
        ConfigurationError: It cannot be called, or would have to be awaited.
    """
    if hook is None:
        return
    code = getattr(hook, "__code__", None)
    if not callable(hook) or getattr(code, "co_flags", 0) & _CO_COROUTINE:
        raise ConfigurationError(
            f"on_event must be a plain function that takes an event, not {hook!r}; it is called "
            "in the middle of a call and cannot be awaited"
        )


def check_amount(name: str, value: object) -> None:
    """Refuse what is no number from 0.

    Raises:
        ConfigurationError: It is something else.
    """
    if not (_is_number(value) and value >= 0):
        raise ConfigurationError(f"{name} must be a number of 0 or more, not {value!r}")


def check_patience(timeout: object) -> None:
    """Refuse what nobody can wait for.

    Raises:
        ConfigurationError: It is neither None nor a number.
    """
    if timeout is not None and not (_is_number(timeout) and timeout == timeout):
        raise ConfigurationError(
            f"timeout must be a number of seconds, or None to wait for ever, not {timeout!r}"
        )


def check_timeout(timeout: object) -> None:
    """Refuse what is no timeout.

    Raises:
        ConfigurationError: It is neither None, nor seconds above 0, nor an `httpx.Timeout`.
    """
    if timeout is None or hasattr(timeout, "connect"):
        return
    if not (_is_number(timeout) and timeout > 0):
        raise ConfigurationError(
            f"timeout must be a number of seconds above 0 or an httpx.Timeout, not {timeout!r}"
        )


def check_mapping(name: str, value: object) -> None:
    """Refuse what is no mapping.

    Raises:
        ConfigurationError: It is neither None nor a mapping.
    """
    if value is not None and not hasattr(value, "keys"):
        raise ConfigurationError(
            f"{name} must be a mapping of names to values, not {type(value).__name__}."
            " Nothing was sent."
        )


def check_text(name: str, value: object) -> None:
    """Refuse what is no text.

    Raises:
        ConfigurationError: It is something else.
    """
    if not isinstance(value, str):
        raise ConfigurationError(f"A {name} must be a text, not {type(value).__name__}")


def check_flag(name: str, value: object) -> None:
    """Refuse what is neither true nor false: "false" would count as true.

    Raises:
        ConfigurationError: It is something else.
    """
    if not isinstance(value, bool):
        raise ConfigurationError(f"{name} must be True or False, not {value!r}")


def check_webhook(address: object) -> None:
    """Refuse what nobody can call, without showing it: it may hold a secret.

    Raises:
        ConfigurationError: It is neither None nor an http or https address.
    """
    if address is None or (
        isinstance(address, str) and address.lower().startswith(("https://", "http://"))
    ):
        return
    raise ConfigurationError(
        "webhook_url must be an address that begins with https:// (or http://). Nothing was sent."
    )


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
