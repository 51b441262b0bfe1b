"""Receive deliveries from Get3W: check, answer at once, then confirm and download.

    GET3W_API_KEY=... CALLBACK_SECRET=... python examples/webhook_receiver.py https://app.example/hooks

It prints an address to submit with as `webhook_url`, and listens on port 8000, where a proxy with a
certificate has to lead. With WEBHOOK_SECRET, deliveries must be signed as WaveSpeed signs them.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

import uvicorn
from get3w_core import (
    AsyncClient,
    Get3WError,
    PredictionFailedError,
    WaveSpeedSignature,
    WebhookDelivery,
    WebhookError,
    WebhookReceiver,
    WebhookVerificationError,
    confirm_async,
)
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

LOGGER = logging.getLogger("webhook_receiver")


def create_app(
    receiver: WebhookReceiver,
    client: AsyncClient,
    folder: Path,
    done: Callable[[WebhookDelivery, list[Path]], object],
    largest_body: int = 32 * 2**20,  # outputs may be in it, as base64
) -> Starlette:
    """Make the app; *done* is called with the files of each prediction, once."""

    async def hook(request: Request) -> Response:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > largest_body:
                return Response(status_code=413)
        try:
            delivery = receiver.receive(
                url=str(request.url), headers=request.headers, body=bytes(body)
            )
        except WebhookError as error:
            if isinstance(error, WebhookVerificationError):
                LOGGER.warning("refused: %s", error)
            return Response(status_code=error.status_code)
        # The answer is due within 30 s [G], and a download may take longer.
        return Response(status_code=202, background=BackgroundTask(work, delivery))

    async def work(delivery: WebhookDelivery) -> None:
        try:
            prediction = await confirm_async(delivery, client)
            await prediction.wait(timeout=600)  # the server's word counts, also if it still runs
            paths = await prediction.download(folder)
        except PredictionFailedError as error:
            LOGGER.warning("%s", error)
        except Get3WError as error:
            receiver.release(delivery)  # nothing was done, so let a repeat in
            LOGGER.error("%s: %s", type(error).__name__, error)
        else:
            done(delivery, paths)

    return Starlette(routes=[Route("/hooks", hook, methods=["POST"])])


async def main() -> None:
    """Serve until interrupted, without an access log, which would hold the token."""
    signing = os.environ.get("WEBHOOK_SECRET")
    receiver = WebhookReceiver(
        secret=os.environ["CALLBACK_SECRET"],
        signature=WaveSpeedSignature(signing) if signing else None,
    )
    print("submit with webhook_url=", receiver.callback_url(sys.argv[1], reference="demo"), sep="")
    async with AsyncClient() as client:
        app = create_app(receiver, client, Path("outputs"), lambda _, paths: print(*paths))
        await uvicorn.Server(uvicorn.Config(app, port=8000, access_log=False)).serve()


if __name__ == "__main__":
    if len(sys.argv) != 2 or "CALLBACK_SECRET" not in os.environ:
        sys.exit(f"usage: CALLBACK_SECRET=... python {sys.argv[0]} https://app.example/hooks")
    asyncio.run(main())
