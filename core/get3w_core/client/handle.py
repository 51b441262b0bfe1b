"""What the sync and the async handle share: everything but the waiting for I/O."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn, Self

from get3w_core._common.arguments import check_hook, check_path, check_text
from get3w_core._common.json import JsonValue, as_object, parse_json
from get3w_core._common.prediction_data import PredictionData, parse_time
from get3w_core.api.surface import choose
from get3w_core.errors.base import ConfigurationError, ResponseFormatError
from get3w_core.errors.printable import printable
from get3w_core.errors.task import way_back
from get3w_core.flow.options import ClientOptions, SurfaceName, origin_of

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from get3w_core.api.download import Progress
    from get3w_core.api.download_rules import DownloadRules
    from get3w_core.client.session import BaseSession
    from get3w_core.flow.effects import Flow, HttpRequest
    from get3w_core.webhooks.delivery import WebhookDelivery


class PredictionHandle:
    """What both handles share: everything but the waiting for I/O."""

    def __init__(self, data: PredictionData, *, surface: SurfaceName, origin: str) -> None:
        self._data = data
        self._surface: SurfaceName = surface
        self._origin = origin

    @property
    def data(self) -> PredictionData:
        """Everything that is known, as plain data."""
        return self._data

    @property
    def id(self) -> str:
        """The prediction's id."""
        return self._data.id

    @property
    def status(self) -> str:
        """`created`, `processing`, `completed`, `failed`, or a word that is new [G]."""
        return self._data.status

    @property
    def done(self) -> bool:
        """Whether the status is final, for better or worse."""
        return self._data.done

    @property
    def model(self) -> str | None:
        """The model id."""
        return self._data.model

    @property
    def outputs(self) -> list[JsonValue]:
        """URLs of what was made, texts, data or objects; empty until completed.

        See `output_urls` and `output_text`; `download` stores any kind. URLs live 7 days [G].
        """
        return list(self._data.outputs)

    @property
    def output_urls(self) -> list[str]:
        """The address of each output that has one, by itself or inside an object."""
        from get3w_core.files.outputs import urls_in

        return urls_in(self._data.outputs)

    @property
    def output_text(self) -> str:
        """The words of all outputs that are text, one below the other; empty if there are none."""
        from get3w_core.files.outputs import text_in

        return text_in(self._data.outputs)

    @property
    def error(self) -> str | None:
        """The server's text, if the task failed."""
        return self._data.error

    @property
    def code(self) -> int | None:
        """The task's error code, if the server gave one."""
        return self._data.code

    @property
    def timings(self) -> dict[str, float]:
        """Durations; `inference` is in milliseconds [G]."""
        return dict(self._data.timings)

    @property
    def urls(self) -> dict[str, str]:
        """Addresses that the server gave; `get` is the one to poll [G]."""
        return dict(self._data.urls)

    @property
    def created_at(self) -> datetime | None:
        """When the task was accepted."""
        return parse_time(self._data.created_at)

    @property
    def completed_at(self) -> datetime | None:
        """When the task ended."""
        return parse_time(self._data.completed_at)

    @property
    def estimated_duration(self) -> float | None:
        """The server's estimate (surface v1 only), seconds by its magnitude [G]."""
        return self._data.estimated_duration

    def to_json(self) -> str:
        """Return the handle as JSON, without the key; `from_json` makes it a handle again."""
        return json.dumps(
            {"origin": self._origin, "surface": self._surface, "prediction": self._data.to_wire()}
        )

    def __copy__(self) -> Self:
        """Return another handle on the same prediction, with the same client."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        return other

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self.__copy__()

    def __repr__(self) -> str:
        model = f", model={self.model!r}" if self.model else ""
        return f"{type(self).__name__}(id={self.id!r}, status={self.status!r}{model})"

    if not TYPE_CHECKING:  # type checkers report an await of a handle by themselves

        def __await__(self) -> NoReturn:
            """Refuse to be awaited, in words that keep the id: the task may be paid for."""
            raise TypeError(
                f"Prediction {printable(self.id)} was submitted and goes on, and may be billed, but"
                f" its handle cannot be awaited. {self._instead_of_await()} This one is"
                f" {way_back(self.id, self._surface)}."
            )

    def _instead_of_await(self) -> str:
        """Return what to write instead of awaiting the handle."""
        raise NotImplementedError

    def _check_origin(self, session: BaseSession) -> None:
        if session.origin != self._origin:
            raise ConfigurationError(
                f"Prediction {self.id} belongs to {self._origin}, and the client's key to "
                f"{session.origin}; use a client with that base_url",
                prediction_id=self.id,
            )

    def _learn(self, newer: PredictionData) -> bool:
        """Take in a newer state of the same prediction, and tell whether its status is another."""
        before, self._data = self._data.status, self._data.followed_by(newer)
        return self._data.status != before

    def _poll_request(self, *, built: bool = False) -> HttpRequest:
        """Return the request that asks for the present state, for the flows of this package."""
        from get3w_core.api.surface import SURFACES
        from get3w_core.flow.effects import HttpRequest

        surface = SURFACES[self._surface]
        given = None if built else self._data.urls.get("get")
        return HttpRequest("GET", surface.poll_url(self._origin, self.id, given))

    def _note_running(self, stop: BaseException) -> None:
        """Say in the traceback of Ctrl-C or a cancellation what it does not stop."""
        stop.add_note(
            f"Prediction {printable(self.id)} goes on, and may be billed; later: "
            f"{way_back(self.id, self._surface)}.wait()"
        )

    def _refresh_flow(self, session: BaseSession) -> Flow[None]:
        from get3w_core.api.read import Subject, about, read_prediction
        from get3w_core.flow.telling import tell_polled

        def refresh() -> Flow[None]:
            ctx, was_done = session.context(), self.done
            started = ctx.clock()
            subject = Subject(self.id, self.model, known=True)
            newer = yield from read_prediction(
                ctx,
                self._poll_request(),
                self.id,
                subject=subject,
                instead=self._poll_request(built=True),
            )
            self._learn(newer)
            tell_polled(ctx, self._data, 1, ctx.clock() - started, was_done=was_done)

        return about(self.id, refresh())

    def _wait_flow(
        self, session: BaseSession, timeout: float | None, changed: Callable[[], object]
    ) -> Flow[None]:
        from get3w_core.api.read import about
        from get3w_core.api.wait import wait

        def request_for(built: bool) -> HttpRequest:
            return self._poll_request(built=built)

        def seen(newer: PredictionData) -> None:
            if self._learn(newer):
                changed()

        def waiting() -> Flow[None]:
            ctx = session.context()
            yield from wait(ctx, self._data, request_for, seen, timeout, self._surface)

        return about(self.id, waiting())

    def _download_flow(
        self,
        session: BaseSession,
        folder: str | os.PathLike[str],
        on_progress: Progress | None,
        rules: DownloadRules,
    ) -> Flow[list[Path]]:
        from get3w_core._common.arguments import check_count, check_flag, check_patience
        from get3w_core.api.download import download
        from get3w_core.api.read import about

        def downloading() -> Flow[list[Path]]:
            check_hook("on_progress", on_progress)
            check_path("folder", folder)
            check_patience(rules.timeout)
            check_count("max_bytes", rules.max_bytes)
            check_flag("allow_private", rules.allow_private)
            check_flag("allow_http", rules.allow_http)
            ctx = session.context(keyed=False)
            return (yield from download(ctx, self._data, folder, on_progress, rules))

        return about(self.id, downloading())


def read_handle(text: str) -> tuple[PredictionData, SurfaceName, str]:
    """Read what `to_json` wrote: the data, the surface and the origin.

    Raises:
        ConfigurationError: *text* is no text.
        ResponseFormatError: It is something else.
    """
    check_text("A saved handle", text)
    try:
        fields = as_object(parse_json(text))
    except (ValueError, TypeError):
        fields = dict[str, JsonValue]()
    data = PredictionData.read(fields.get("prediction"))
    surface, origin = fields.get("surface"), fields.get("origin")
    named: SurfaceName | None = "v3" if surface == "v3" else "v1" if surface == "v1" else None
    if data is None or named is None or not isinstance(origin, str) or origin_of(origin) != origin:
        raise ResponseFormatError("This is not the JSON of a prediction handle", body=text[:200])
    return data, named, origin


def home_of(delivery: WebhookDelivery, session: BaseSession | None) -> tuple[SurfaceName, str]:
    """Return the surface and the origin that the prediction of a webhook delivery belongs to."""
    options = ClientOptions.resolve() if session is None else session.options
    return choose(delivery.surface, options.surface).name, options.origin
