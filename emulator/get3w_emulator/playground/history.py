"""What the page shows of the ledger: each accepted task with its state, cost, time and outputs."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from get3w_emulator._common.clock import now_ms, timestamp
from get3w_emulator._common.json import JSON, JSONObject
from get3w_emulator.state.predictions import KEPT_MS, Prediction
from get3w_emulator.state.world import World

LATEST = 200
"""How many tasks one answer lists."""

_LONGEST_WORDS = 300


@dataclass(frozen=True)
class Filter:
    """Which tasks are wanted.

    Attributes:
        words: Words that must be in the id, the model, the prompt or the error; in lower case.
        status: The status; None for any.
        model: The model id; None for any.
        fault: The kind of fault that struck the accepted call, or `any`; None for all tasks.
    """

    words: Sequence[str] = ()
    status: str | None = None
    model: str | None = None
    fault: str | None = None


def latest(world: World, wanted: Filter, base_url: str) -> JSONObject:
    """Return the latest tasks that are wanted, newest first, and how many were accepted in all."""
    accepted = world.predictions.accepted
    found = (each for each in reversed(accepted) if _fits(world, each, wanted))
    tasks: list[JSON] = [entry(world, each, base_url) for each in islice(found, LATEST)]
    return {"total": len(accepted), "tasks": tasks, "most": LATEST}


def entry(world: World, prediction: Prediction, base_url: str) -> JSONObject:
    """Return what a list shows of one task; its input is left out, since it may be long."""
    now = now_ms(world.settings.clock)
    status = status_of(world, prediction, now)
    ended = now >= prediction.ends_ms
    failed = ended and prediction.outcome.code != 0
    model = prediction.model
    return {
        "id": prediction.id,
        "model": model.id,
        "medium": prediction.spec.medium,
        "surface": prediction.origin.surface,
        "fault": prediction.origin.fault,
        "status": status,
        "words": prediction.prompt[:_LONGEST_WORDS],
        "accepted_at": timestamp(prediction.accepted_ms),
        "ended_at": timestamp(prediction.ends_ms) if ended else None,
        "seconds": (min(now, prediction.ends_ms) - prediction.accepted_ms) / 1000,
        "charged": model.price,
        "charge_is_made_up": model.listed_price is None,
        "refunded": failed and prediction.outcome.refunded,
        "error": prediction.outcome.error if failed else None,
        "code": prediction.outcome.code if failed else None,
        "output": _first_file(prediction, now, base_url) if status == "completed" else None,
    }


def status_of(world: World, prediction: Prediction, at_ms: int) -> str:
    """Return the status of a task, which is `deleted` if its prediction was deleted."""
    return prediction.status(at_ms) if prediction.id in world.predictions else "deleted"


def _first_file(prediction: Prediction, at_ms: int, base_url: str) -> str | None:
    """Return the address of the first output if it is a file that is still there."""
    spec = prediction.spec
    if spec.medium == "text" or spec.count < 1 or at_ms >= prediction.accepted_ms + KEPT_MS:
        return None
    return f"{base_url}/_outputs/{prediction.id}/0.{spec.extension}"


def _fits(world: World, prediction: Prediction, wanted: Filter) -> bool:
    if wanted.model is not None and prediction.model.id != wanted.model:
        return False
    fault = prediction.origin.fault
    if wanted.fault is not None and (fault is None or wanted.fault not in ("any", fault)):
        return False
    now = now_ms(world.settings.clock)
    if wanted.status is not None and status_of(world, prediction, now) != wanted.status:
        return False
    if not wanted.words:
        return True
    ended = now >= prediction.ends_ms
    error = prediction.outcome.error if ended else ""
    text = f"{prediction.id} {prediction.model.id} {prediction.prompt} {error}".lower()
    return all(word in text for word in wanted.words)
