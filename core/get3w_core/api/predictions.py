"""Fetch a prediction by its id, and delete one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from get3w_core.api.matching import names_no_other, why_missing
from get3w_core.api.read import Subject, about, read, read_prediction
from get3w_core.api.surface import SURFACES
from get3w_core.flow.effects import HttpRequest
from get3w_core.flow.telling import tell_polled

if TYPE_CHECKING:
    from get3w_core._common.prediction_data import PredictionData
    from get3w_core.api.surface import Surface
    from get3w_core.flow.context import Context
    from get3w_core.flow.effects import Flow


def fetch(
    ctx: Context, surface: Surface, prediction_id: str, *, alias: bool = False
) -> Flow[PredictionData]:
    """Fetch a prediction.

    Args:
        ctx: What the flow runs with.
        surface: Where to look.
        prediction_id: Its id.
        alias: Whether to use the other documented path, which ends in `/result`.
    """
    url = surface.result_url(ctx.options.origin, prediction_id)
    request = HttpRequest("GET", url + (surface.result_suffix if alias else ""))

    def look_up() -> Flow[PredictionData]:
        started = ctx.clock()
        subject = Subject(prediction_id)
        data = yield from read_prediction(ctx, request, prediction_id, subject=subject)
        # Whether its end is news is not known here.
        tell_polled(ctx, data, 1, ctx.clock() - started, was_done=True)
        return data

    return about(prediction_id, look_up())


def delete(ctx: Context, prediction_id: str) -> Flow[None]:
    """Delete a prediction.

    Raises:
        NotFoundError: The server does not know it.
    """
    # [G] v3 only; a repeat after a lost answer may find it gone already.
    url = SURFACES["v3"].result_url(ctx.options.origin, prediction_id)
    flow = read(
        ctx,
        HttpRequest("DELETE", url),
        hint=why_missing,
        deleting=True,
        check=names_no_other(prediction_id),
    )
    yield from about(prediction_id, flow)
