"""A web service that runs batches: Get3W's webhooks settle the rows, and a restart loses none.

CALLBACK_SECRET=... PUBLIC_URL=https://app.example \
    uvicorn --app-dir examples --no-access-log batch_fastapi:app
"""

import asyncio
import os
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from fastapi import Body, FastAPI, HTTPException, Request, Response
from get3w_batch import Batch, BatchWebhooks
from get3w_models import FluxDevRequest

FOLDER = Path(os.environ.get("BATCHES", "batches"))
webhooks = BatchWebhooks(f"{os.environ['PUBLIC_URL']}/hooks", os.environ["CALLBACK_SECRET"])
batches: dict[str, tuple[Batch, asyncio.Task[object]]] = {}


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
    """Go on with the batches of an earlier process, and stop them all at the end."""
    for name in await asyncio.to_thread(lambda: [p.parent.name for p in FOLDER.glob("*/*.txt")]):
        start(name)
    yield
    tasks = [task for _, task in batches.values()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


app = FastAPI(lifespan=lifespan)


@app.put("/batches/{name}", status_code=202)
async def make(name: str, prompts: Annotated[list[str], Body()]) -> dict[str, object]:
    """Write the rows down, and begin."""
    if re.fullmatch(r"[a-z0-9-]{1,40}", name) is None:
        raise HTTPException(422, "a name is made of a-z, 0-9 and -")
    if name not in batches:
        path = FOLDER / name / "prompts.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".new").write_text("\n".join(" ".join(p.split()) for p in prompts))
        path.with_suffix(".new").replace(path)
        start(name)
    return look(name)


@app.get("/batches/{name}")
def look(name: str) -> dict[str, object]:
    """Return how far a batch is."""
    if name not in batches:
        raise HTTPException(404)
    batch, task = batches[name]
    error = task.exception() if task.done() and not task.cancelled() else None
    return {"done": task.done(), "progress": str(batch.progress()), "error": error and str(error)}


@app.post("/hooks")
async def receive(request: Request) -> Response:
    """Hand a delivery to the batches: it is checked, and its row is settled."""
    body = await request.body()
    url, headers = str(request.url), request.headers
    return Response(status_code=webhooks.deliver(url=url, headers=headers, body=body))


def start(name: str) -> None:
    """Run a batch beside the calls of this service."""
    lines = (FOLDER / name / "prompts.txt").read_text().splitlines()
    requests = [FluxDevRequest(prompt=line) for line in lines if line]
    batch = Batch(requests, out=FOLDER / name, webhooks=webhooks)
    batches[name] = (batch, asyncio.get_running_loop().create_task(batch.run_async()))
