"""What takes the place of a submit in each library, in threads and in asyncio.

Ours and the SDKs are whole calls: ours checks the request, sends it, reads the answer, makes the
handle and reports the events. The bare clients only post and parse the JSON.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import httpx
from get3w_core import AsyncClient, Client
from get3w_models import FluxDevRequest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AsyncExitStack, ExitStack

KEY = "sk-0123456789abcdef"
MODEL = "get3w/flux-dev"
FIELDS: dict[str, Any] = {
    "prompt": "a lighthouse at dusk, oil on canvas, wide",
    "width": 1024,
    "height": 1024,
}
OPENAI_FIELDS: dict[str, Any] = {
    "prompt": FIELDS["prompt"],
    "model": "gpt-image-1",
    "size": "1024x1024",
}
HEADERS = {"Authorization": f"Bearer {KEY}"}


def sync_calls(stack: ExitStack, origin: str) -> dict[str, Callable[[], object]]:
    """Return the calls for threads; their clients are closed with *stack*."""
    request, url = FluxDevRequest(**FIELDS), f"{origin}/api/v3/{MODEL}"
    calls: dict[str, Callable[[], object]] = {
        "ours": partial(stack.enter_context(Client(KEY, origin)).submit, request)
    }
    for name, make in _clients("Client").items():
        inner = stack.enter_context(make())
        ours = stack.enter_context(Client(KEY, origin, http_client=inner))
        calls[f"ours over {name}"] = partial(ours.submit, request)
        calls[f"{name}, bare"] = partial(_post, stack.enter_context(make()), url)
    with suppress(ImportError):
        from openai import OpenAI

        sdk = stack.enter_context(OpenAI(**_openai_options(origin)))
        calls["openai"] = partial(sdk.images.generate, **OPENAI_FIELDS)
    with suppress(ImportError):
        from wavespeed.api.client import Client as WaveSpeed

        # The public `run` would wait for the picture as well.
        calls["wavespeed"] = partial(WaveSpeed(api_key=KEY, base_url=origin)._submit, MODEL, FIELDS)
    return calls


async def async_calls(
    stack: AsyncExitStack, origin: str
) -> dict[str, Callable[[], Awaitable[object]]]:
    """Return the calls for asyncio; their clients are closed with *stack*."""
    request, url = FluxDevRequest(**FIELDS), f"{origin}/api/v3/{MODEL}"
    client = await stack.enter_async_context(AsyncClient(KEY, origin))
    calls: dict[str, Callable[[], Awaitable[object]]] = {"ours": partial(client.submit, request)}
    for name, make in _clients("AsyncClient").items():
        inner = await stack.enter_async_context(make())
        ours = await stack.enter_async_context(AsyncClient(KEY, origin, http_client=inner))
        calls[f"ours over {name}"] = partial(ours.submit, request)
        bare = await stack.enter_async_context(make())
        calls[f"{name}, bare"] = partial(_post_async, bare, url)
    for name, sdk in _openai_async(origin).items():
        stack.push_async_callback(sdk.close)
        calls[name] = partial(sdk.images.generate, **OPENAI_FIELDS)
    return calls


def _post(client: httpx.Client, url: str) -> object:
    return client.post(url, json=FIELDS).json()


async def _post_async(client: httpx.AsyncClient, url: str) -> object:
    return (await client.post(url, json=FIELDS)).json()


def _clients(kind: str) -> dict[str, Callable[[], Any]]:
    """Return what makes clients of httpx's kind, of the libraries that are installed.

    By itself httpx keeps 20 connections and throws away what a crowd opens beyond them. Ours keeps
    100, and so do these. The five seconds that httpx waits for a free one do not last at 256.
    """
    made: dict[str, Callable[[], Any]] = {}
    for name in ("httpx", "httpx2"):
        with suppress(ImportError):
            library = import_module(name)
            limits = library.Limits(max_connections=100, max_keepalive_connections=100)
            make = partial(getattr(library, kind), headers=HEADERS, limits=limits, timeout=120)
            made[name] = make
    if kind == "AsyncClient":
        with suppress(ImportError):
            aiohttp = import_module("httpx_aiohttp")
            made["httpx-aiohttp"] = partial(aiohttp.HttpxAiohttpClient, headers=HEADERS)
    return made


def _openai_options(origin: str) -> dict[str, Any]:
    """Return options with which a crowd does not run into a time limit, nor is anything retried."""
    return {"api_key": KEY, "base_url": f"{origin}/v1", "max_retries": 0, "timeout": 120}


def _openai_async(origin: str) -> dict[str, Any]:
    try:
        from openai import AsyncOpenAI, DefaultAioHttpClient
    except ImportError:
        return {}
    options = _openai_options(origin)
    made: dict[str, Any] = {"openai": AsyncOpenAI(**options)}
    with suppress(ImportError, RuntimeError):
        made["openai over aiohttp"] = AsyncOpenAI(**options, http_client=DefaultAioHttpClient())
    return made
