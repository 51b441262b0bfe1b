"""Rules for downloads: which addresses are fetched, for how long, and how many bytes.

An address is the word of a server, or of a language model that was talked into it. So nothing is
fetched from this machine or its network, unless the API itself is there or the caller says so.
"""

from __future__ import annotations

import functools
import ipaddress
import time
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import urlsplit

from get3w_core.errors.base import Get3WError
from get3w_core.flow.effects import work
from get3w_core.flow.options import origin_of

if TYPE_CHECKING:
    from get3w_core.flow.effects import Flow
    from get3w_core.outputs.rules import DownloadRules

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")  # NAT64: IPv4 in the last 32 bits


def check_url(rules: DownloadRules, url: str, home: str) -> Flow[None]:
    """Refuse *url* if *rules* do not let it be fetched for a client whose origin is *home*.

    A name is looked up here, and once more to connect: a name server that gives a public
    address first and a private one then is not noticed.

    Raises:
        Get3WError: It may not be fetched.
    """
    origin = origin_of(url)
    parts, home_parts = urlsplit(origin or ""), urlsplit(home)
    host = parts.hostname
    if host is None:
        raise Get3WError("An output's address is not plain (a user in it?) and is not fetched")
    shown = f"The output at {origin}"
    if parts.scheme == "http" and home_parts.scheme == "https" and not rules.allow_http:
        raise Get3WError(
            f"{shown} would be fetched in clear, where anybody on the way can change it; "
            "allow_http=True does it all the same"
        )
    if rules.allow_private or host == home_parts.hostname:
        return
    minute = int(time.monotonic() // 60)
    addresses = yield from work(lambda: _addresses_known(host, minute))
    private = next((each for each in addresses if not is_public(each)), None)
    if private is not None:
        raise Get3WError(
            f"{shown} is not fetched: {private} is of this machine or its network, and who "
            "wrote the address is not known; allow_private=True does it all the same"
        )


def is_public(address: Address) -> bool:
    """Tell whether *address* is one of the public internet, also by what is inside of it."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address.teredo is not None:
            inner = address.teredo[1]
        if address in _TRANSLATED or (int(address) >> 32 == 0 and int(address) > 1):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _addresses_of(host: str, _minute: int) -> list[Address]:
    """Return the addresses that *host* stands for; none if it cannot be looked up here.

    A name is looked up once a minute. The resolver reads numbers as the connection will: 0x7f.1 and
    2130706433 are this machine.
    """
    import socket

    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []  # the attempt will say so, unless a proxy knows the name
    return [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]


_addresses_known: Final = functools.lru_cache(maxsize=64)(_addresses_of)
