"""WaveSpeed's history of predictions, which Get3W does not document."""

import re
from datetime import UTC, datetime

from get3w_emulator._common.clock import now_ms
from get3w_emulator._common.json import JSON, JSONObject
from get3w_emulator._common.problems import Problem
from get3w_emulator._common.responses import ApiError
from get3w_emulator.state.predictions import KEPT_MS, Prediction
from get3w_emulator.state.world import World

_MOST = 100
_STATUSES = ("completed", "failed", "processing")
_MORE_DIGITS = re.compile(r"(\.[0-9]{6})[0-9]+")  # WaveSpeed writes nanoseconds


async def history(world: World, base_url: str, body: JSON) -> JSONObject:
    """Return one page of the predictions of the last seven days, newest first.

    Args:
        world: What they are in.
        base_url: The origin of this server, for the addresses in them.
        body: The call's: `page`, `page_size`, and what they must be like.

    Raises:
        ApiError: 400 if the body is not what it must be.
    """
    if not isinstance(body, dict):
        raise ApiError(400, problems=[Problem("", "is not an object")])
    page, size = _count(body, "page", None), _count(body, "page_size", _MOST)
    model, status = body.get("model"), body.get("status")
    if status is not None and status not in _STATUSES:
        raise ApiError(400, problems=[Problem("/status", f"is none of {', '.join(_STATUSES)}")])
    now = now_ms(world.settings.clock)
    after = max(_moment(body, "created_after", 0), now - KEPT_MS)
    before = _moment(body, "created_before", now)

    def is_wanted(each: Prediction) -> bool:
        here = each.id in world.predictions and after <= each.accepted_ms <= before
        return here and model in (None, each.model.id) and status in (None, each.status(now))

    found = [each for each in reversed(world.predictions.accepted) if is_wanted(each)]
    items: list[JSON] = []
    for each in found[(page - 1) * size : page * size]:
        item = await world.shown(each, base_url, "v3")
        shown = item.pop("input")
        if body.get("include_inputs") is True:
            item["inputs"] = shown
        items.append(item)
    return {"page": page, "items": items}


def _count(body: JSONObject, name: str, most: int | None) -> int:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ApiError(400, problems=[Problem(f"/{name}", "is not a number from 1")])
    if most is not None and value > most:
        raise ApiError(400, problems=[Problem(f"/{name}", f"is greater than {most}")])
    return value


def _moment(body: JSONObject, name: str, default: int) -> int:
    value = body.get(name)
    if value is None:
        return default
    try:
        if not isinstance(value, str):
            raise ValueError
        moment = datetime.fromisoformat(_MORE_DIGITS.sub(r"\1", value))
    except ValueError:
        raise ApiError(400, problems=[Problem(f"/{name}", "is not a time")]) from None
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
