"""A web service that makes pictures: it submits, is called back, and keeps tasks in SQLite.

CALLBACK_SECRET=... PUBLIC_URL=https://app.example uvicorn --app-dir examples fastapi_app:app
"""

import os
import sqlite3
from contextlib import closing
from typing import Annotated

from fastapi import BackgroundTasks, Body, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from get3w_core import Get3WError, Prediction, WebhookDelivery, WebhookError, WebhookReceiver
from get3w_core import confirm as confirmed
from get3w_models import submit_flux_dev

DATABASE = os.environ.get("DATABASE", "pictures.db")
HOOK = f"{os.environ['PUBLIC_URL']}/hooks"
webhooks = WebhookReceiver(secret=os.environ["CALLBACK_SECRET"])


app = FastAPI()


@app.post("/pictures", status_code=202)
def make(prompt: Annotated[str, Body(embed=True)]) -> dict[str, object]:
    """Submit a task, and keep its handle before anybody hears of it."""
    return keep(submit_flux_dev(prompt, webhook_url=webhooks.callback_url(HOOK)))


@app.get("/pictures/{identity}")
def look(identity: str) -> dict[str, object]:
    """Tell how a task is getting on; deliveries can get lost, so Get3W is asked where need be."""
    rows = run("SELECT handle FROM tasks WHERE id = ?", identity)
    if not rows:
        raise HTTPException(404)
    prediction = Prediction.from_json(rows[0][0])
    return keep(prediction if prediction.done else prediction.refresh())


@app.post("/hooks")
async def receive(request: Request, tasks: BackgroundTasks) -> Response:
    """Check a delivery and answer at once; what takes time comes afterwards."""
    body = await request.body()
    try:
        delivery = webhooks.receive(url=str(request.url), headers=request.headers, body=body)
    except WebhookError as error:
        return Response(status_code=error.status_code)
    tasks.add_task(confirm, delivery)
    return Response(status_code=202)


def confirm(delivery: WebhookDelivery) -> None:
    """Keep what Get3W says of the task; if it cannot be asked now, let a repeat in."""
    try:
        keep(confirmed(delivery))
    except Get3WError:
        webhooks.release(delivery)


@app.exception_handler(Get3WError)
def failed(_: Request, error: Exception) -> JSONResponse:
    """Pass on what went wrong."""
    return JSONResponse({"error": str(error)}, status_code=502)


def keep(prediction: Prediction) -> dict[str, object]:
    """Write a handle into the database, and return what is shown of it."""
    run("INSERT OR REPLACE INTO tasks VALUES (?, ?)", prediction.id, prediction.to_json())
    urls = [str(each) for each in prediction.outputs]
    return {"id": prediction.id, "status": prediction.status, "urls": urls}


def run(statement: str, *values: str) -> list[tuple[str, ...]]:
    """Run one statement of SQL."""
    with closing(sqlite3.connect(DATABASE)) as database, database:
        return database.execute(statement, values).fetchall()


run("CREATE TABLE IF NOT EXISTS tasks (id TEXT PRIMARY KEY, handle TEXT)")
