"""One submit of each SDK, pointed at a server of ours; as a program, it reports what came of it.

    python -m bench.parts.sdks SDK ORIGIN SECONDS_TO_WAIT_FOR_AN_ANSWER

Imports stand inside the functions, since the time that they take is measured as well.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING

from bench.common.processes import megabytes

if TYPE_CHECKING:
    from collections.abc import Callable

PROMPT = "a lighthouse at dusk"


def ours(origin: str, seconds: float) -> object:
    """Submit through ours."""
    from get3w_core import Client
    from get3w_models import submit_flux_dev

    with Client("test-key", origin, timeout=seconds) as client:
        return submit_flux_dev(PROMPT, client=client).id


def fal(origin: str, seconds: float) -> object:
    """Submit through fal-client, whose host is a variable of the environment."""
    os.environ["FAL_QUEUE_RUN_HOST"] = origin.removeprefix("https://")
    import fal_client

    client = fal_client.SyncClient(key="test-key", default_timeout=seconds)
    return client.submit("fal-ai/flux/dev", {"prompt": PROMPT}).request_id


def replicate(origin: str, seconds: float) -> object:
    """Create a prediction through replicate."""
    from replicate.client import Client

    client = Client("test-key", base_url=origin)
    # It waits half a second longer than it asks the server to wait; no other setting is read here.
    inputs = {"prompt": PROMPT}
    return client.predictions.create(version="0" * 64, input=inputs, wait=int(seconds)).id


def openai(origin: str, seconds: float) -> object:
    """Make a picture through openai."""
    from openai import OpenAI

    client = OpenAI(api_key="test-key", base_url=f"{origin}/v1", timeout=seconds)
    return client.images.generate(prompt=PROMPT, model="gpt-image-1").created


def wavespeed(origin: str, seconds: float) -> object:
    """Submit through wavespeed, whose public `run` would wait for the picture as well."""
    from wavespeed.api.client import Client
    from wavespeed.config import api

    api.read_timeout = seconds
    return Client("test-key", origin)._submit("get3w/flux-dev", {"prompt": PROMPT})


def huggingface(origin: str, seconds: float) -> object:
    """Make a picture through huggingface_hub."""
    from huggingface_hub import InferenceClient

    client = InferenceClient(base_url=f"{origin}/picture", token="test-key", timeout=seconds)
    return client.text_to_image(PROMPT).size


def httpx(origin: str, seconds: float) -> object:
    """Post through a bare httpx, which tries nothing again."""
    import httpx

    headers = {"Authorization": "Bearer test-key"}
    with httpx.Client(headers=headers, timeout=seconds) as client:
        url = f"{origin}/api/v3/get3w/flux-dev"
        return client.post(url, json={"prompt": PROMPT}).raise_for_status().json()["data"]["id"]


SDKS: dict[str, tuple[str, Callable[[str, float], object]]] = {
    "ours": ("get3w-models", ours),
    "fal-client": ("fal-client", fal),
    "replicate": ("replicate", replicate),
    "openai": ("openai", openai),
    "wavespeed": ("wavespeed", wavespeed),
    "huggingface_hub": ("huggingface-hub", huggingface),
    "httpx, bare": ("httpx", httpx),
}
"""The distribution and the call of each."""


def main() -> None:
    """Make one call, and print what came of it and what it took."""
    name, origin, seconds = sys.argv[1:]
    began = time.process_time()
    try:
        SDKS[name][1](origin, float(seconds))
        outcome = "a result"
    except Exception as error:  # noqa: BLE001 - whatever the SDK makes of the fault is the answer
        outcome = type(error).__name__
    took = {"cpu": time.process_time() - began, "memory": megabytes(kind="VmHWM")}
    print("\n" + json.dumps({"outcome": outcome, **took}))


if __name__ == "__main__":
    main()
