"""`doctor`: check what a call needs, and say what to do about what is missing."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from time import time
from typing import NamedTuple
from urllib.request import getproxies

from get3w_cli._common import exits
from get3w_cli._common.exits import CommandError
from get3w_cli.commands.context import Context

_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_LIBRARIES = ("get3w-models", "httpx", "pydantic", "rich")
_MOST_OFFSET = 60.0  # seconds


class Finding(NamedTuple):
    """What one check came to."""

    check: str
    result: str
    """`ok`, `note` or `problem`."""
    finding: str
    advice: str = ""


def doctor(context: Context) -> int:
    """Print what was found; 1 if a call would not work."""
    options = context.parse()
    found = [
        *_versions(),
        _models(options.package),
        _history(context),
        *_surroundings(),
        *_server(context),
    ]
    rows = [each._asdict() for each in found]
    context.printer.table(rows, ["check", "result", "finding", "advice"])
    return exits.FAILED if any(each.result == "problem" for each in found) else exits.DONE


def _versions() -> Iterator[Finding]:
    yield Finding("python", "ok", platform.python_version())
    for name in _LIBRARIES:
        try:
            yield Finding(name, "ok", version(name))
        except PackageNotFoundError:
            advice = 'pip install "get3w-models[cli]"' if name == "rich" else ""
            yield Finding(name, "note", "not installed", advice)


def _models(name: str | None) -> Finding:
    from get3w_cli.package.index import open_package

    try:
        package = open_package(name)
    except CommandError as error:
        return Finding("package", "problem", error.message)
    return Finding("package", "ok", f"{package.name}, {len(package.ids)} models")


def _history(context: Context) -> Finding:
    try:
        unknown = context.history().unknown()
    except CommandError as error:
        return Finding("history", "problem", error.message)
    if unknown:
        text = f"{len(unknown)} submission(s) of unknown outcome"
        return Finding("history", "note", text, "get3w reconcile")
    return Finding("history", "ok", str(context.history().path))


def _surroundings() -> Iterator[Finding]:
    proxies = {
        kind: address for kind, address in getproxies().items() if kind in {"http", "https", "all"}
    }
    # The address of a proxy may hold a password.
    shown = ", ".join(f"{kind} {address.rpartition('@')[2]}" for kind, address in proxies.items())
    yield Finding("proxy", "note" if proxies else "ok", shown or "none")
    named = {name: os.environ[name] for name in _CERTIFICATES if os.environ.get(name)}
    for name, path in named.items():
        if os.path.exists(path):  # noqa: PTH110 - as the libraries look for it
            yield Finding("certificates", "note", f"{name} is {path}")
        else:
            advice = f"Correct {name}, or take it out of the environment"
            yield Finding(
                "certificates", "problem", f"{name} names {path}, which is not there", advice
            )
    if not named:
        yield Finding("certificates", "ok", "those that come with httpx")


def _server(context: Context) -> Iterator[Finding]:
    from get3w_core import AuthenticationError, ConfigurationError, Get3WError

    try:
        client = context.client().with_options(max_retries=1, timeout=10)
    except ConfigurationError as error:
        yield Finding("settings", "problem", str(error))
        return
    yield Finding("origin", "ok", client.base_url)
    try:
        yield from _reach(client.base_url)
        amount = client.balance()
    except (ConfigurationError, AuthenticationError) as error:
        yield Finding("key", "problem", str(error))
    except Get3WError as error:
        yield Finding("server", "problem", str(error))
    else:
        yield Finding("key", "ok", "accepted")
        advice = "" if amount > 0 else "top the account up at get3w.com"
        yield Finding("balance", "ok" if amount > 0 else "note", f"{amount:.2f} USD", advice)


def _reach(origin: str) -> Iterator[Finding]:
    """Ask the origin for anything at all, without the key."""
    import httpx

    try:
        answer = httpx.get(origin, timeout=10)
    except (httpx.HTTPError, OSError) as error:
        advice = "Check the network, the proxy, and GET3W_BASE_URL"
        yield Finding("reach", "problem", f"{type(error).__name__}: {error}", advice)
        return
    seconds = answer.elapsed.total_seconds()
    yield Finding("reach", "ok", f"answered with {answer.status_code} after {seconds:.2f} s")
    try:
        offset = time() - parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
    except (TypeError, ValueError):
        yield Finding("clock", "note", "the server does not tell the time")
        return
    if abs(offset) > _MOST_OFFSET:
        text = f"{abs(offset):.0f} s {'ahead of' if offset > 0 else 'behind'} the server's"
        yield Finding("clock", "problem", text, "Set the clock of this machine")
    else:
        yield Finding("clock", "ok", f"within {abs(offset):.0f} s of the server's")
