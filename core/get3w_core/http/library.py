"""Tell httpx clients from httpx2 clients, and refuse anything else as `http_client=`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from get3w_core.errors.base import ConfigurationError

if TYPE_CHECKING:
    from types import ModuleType

Kind: TypeAlias = Literal["Client", "AsyncClient"]

_LIBRARIES: Final = (("httpx", "httpcore"), ("httpx2", "httpcore2"))
_OTHER: Final[dict[Kind, Kind]] = {"Client": "AsyncClient", "AsyncClient": "Client"}


def library_of(client: object) -> ModuleType:
    """Return the library that *client* is of, which is loaded, since *client* is there."""
    return _loaded(client, "Client") or _loaded(client, "AsyncClient") or sys.modules["httpx"]


def core_of(library: ModuleType) -> ModuleType | None:
    """Return the httpcore beneath *library*, if it is loaded."""
    return sys.modules.get(dict(_LIBRARIES)[library.__name__])


def check_http_client(client: object, kind: Kind) -> None:
    """Refuse what `http_client=` cannot be.

    Raises:
        ConfigurationError: It is neither None nor a client of *kind*.
    """
    if client is None or _loaded(client, kind) is not None:
        return
    wanted = f"an httpx.{kind} or httpx2.{kind}"
    other = _OTHER[kind]
    if isinstance(client, type):
        meant = f"the class {client.__name__}: call it, http_client={client.__name__}()"
    elif _loaded(client, other) is not None:
        library = type(client).__module__.partition(".")[0]
        meant = (
            f"{library}'s {type(client).__name__}: pass it to get3w_core.{other}, or make {wanted}"
        )
    else:
        meant = f"a {type(client).__module__}.{type(client).__qualname__}"
    raise ConfigurationError(f"http_client must be {wanted}, not {meant}. Nothing was sent.")


def _loaded(client: object, kind: Kind) -> ModuleType | None:
    for name, _ in _LIBRARIES:
        library = sys.modules.get(name)
        found: Any = getattr(library, kind, None)
        if isinstance(found, type) and isinstance(client, found):
            return library
    return None
