"""What the sync and the async handle share: everything but the waiting for I/O."""

# The modules of this room use each other's members that users never need:
# pyright: reportPrivateUsage=false

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Generic, NamedTuple, NoReturn, Self, TypeVar, cast

from get3w_core._common.arguments import check_hook, check_path, check_text
from get3w_core._common.json import JsonValue, as_object, parse_json
from get3w_core._common.prediction_data import PredictionData, parse_time
from get3w_core.api.surface import choose
from get3w_core.errors.base import ConfigurationError, Get3WError, ResponseFormatError
from get3w_core.errors.printable import printable, quoted
from get3w_core.errors.task import PredictionFailedError, lookup_call
from get3w_core.flow.options import ClientOptions, SurfaceName, origin_of
from get3w_core.outputs.kinds import OutputT_co, TextOutput

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from get3w_core._common.prediction_data import PredictionStatus
    from get3w_core.api.download import Progress
    from get3w_core.client.session import BaseSession
    from get3w_core.flow.context import Context
    from get3w_core.flow.effects import Flow, HttpRequest
    from get3w_core.outputs.contents import OutputValue
    from get3w_core.outputs.output import Output
    from get3w_core.outputs.rules import DownloadRules
    from get3w_core.webhooks.delivery import WebhookDelivery


T = TypeVar("T")


class PredictionHandle(Generic[OutputT_co]):
    """What both handles share: everything but the waiting for I/O.

    The type parameter is the class of the outputs, as the model's schema promises it.
    """

    def __init__(
        self,
        data: PredictionData,
        *,
        surface: SurfaceName,
        origin: str,
        output_type: type[Output] | None = None,
    ) -> None:
        self._data = data
        self._surface: SurfaceName = surface
        self._origin = origin
        self._is_text = output_type is TextOutput
        self._outputs: tuple[tuple[JsonValue, ...], list[OutputT_co]] = ((), [])

    @property
    def data(self) -> PredictionData:
        """Everything that is known, as plain data."""
        return self._data

    @property
    def id(self) -> str:
        """The prediction's id."""
        return self._data.id

    @property
    def status(self) -> PredictionStatus:
        """`created`, `processing`, `completed`, `failed`, `cancelled` or `timeout`.

        At run time it is what the server said, also a word that is new; see `done`.
        """
        return cast("PredictionStatus", self._data.status)

    @property
    def done(self) -> bool:
        """Whether the status is final, for better or worse."""
        return self._data.done

    @property
    def model(self) -> str | None:
        """The model id."""
        return self._data.model

    @property
    # A new list each time, so that covariance is sound:
    def outputs(self) -> list[OutputT_co]:  # ty: ignore[invalid-generic-class] - as said above
        """What was made: files, texts or other values; empty until completed.

        Each is of the class that fits what the server sent, also where the model's schema promises
        another.
        """
        from get3w_core.api.download import ClientReader
        from get3w_core.outputs.kinds import make_output

        made_of, outputs = self._outputs
        if made_of is not self._data.outputs:
            reader = ClientReader(self._run_flow, self._run_flow_async)
            outputs = [cast("OutputT_co", make_output(each, reader)) for each in self._values()]
            self._outputs = (self._data.outputs, outputs)
        return list(outputs)

    @property
    def output(self) -> OutputT_co:
        """The first output, which most models have no other than.

        Raises:
            PredictionFailedError: The task failed.
            Get3WError: There is none, or none yet.
        """
        if self._data.outputs:
            return self.outputs[0]
        self._check_finished()
        raise Get3WError(
            f"Prediction {printable(self.id)} is completed and has no outputs",
            prediction_id=self.id,
        )

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
        """Durations; `inference` is in milliseconds."""
        return dict(self._data.timings)

    @property
    def urls(self) -> dict[str, str]:
        """Addresses that the server gave; `get` is the one to poll."""
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
        """The server's estimate (surface v1 only), seconds by its magnitude."""
        return self._data.estimated_duration

    def to_json(self) -> str:
        """Return the handle as JSON, without the key; `from_json` makes it a handle again."""
        return json.dumps(
            {
                "origin": self._origin,
                "surface": self._surface,
                **({"outputs": "text"} if self._is_text else {}),
                "prediction": self._data.to_wire(),
            }
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

    def __rich_repr__(self) -> Iterator[tuple[str, object]]:
        yield from self._facts()
        if self._data.outputs:
            yield "outputs", self.outputs

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the outputs by their URLs. Nothing is fetched."""
        from get3w_core.outputs.display import html_of_facts

        parts = (output._repr_html_() for output in self.outputs)
        return "".join([html_of_facts(self._facts()), *parts])

    def _facts(self) -> Iterator[tuple[str, str]]:
        """Yield what a display shows beside the outputs."""
        facts = {"id": self.id, "status": self.status, "model": self.model, "error": self.error}
        yield from ((name, value) for name, value in facts.items() if value)

    if not TYPE_CHECKING:  # type checkers report an await of a handle by themselves

        def __await__(self) -> NoReturn:
            """Refuse to be awaited, in words that keep the id: the task may be paid for."""
            raise TypeError(
                f"Prediction {printable(self.id)} was submitted and goes on, and may be billed, but"
                f" its handle cannot be awaited. {self._instead_of_await()} This one is"
                f" {lookup_call(self.id, self._surface)}."
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
            f"{lookup_call(self.id, self._surface)}.wait()"
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

    def _run_flow(self, make: Callable[[Context], Flow[T]], /) -> T:
        """Run what an output asks for, with the client of this prediction."""
        raise NotImplementedError

    async def _run_flow_async(self, make: Callable[[Context], Flow[T]], /) -> T:
        """Run what an output asks for in the running event loop; see `_run_flow`."""
        raise NotImplementedError

    def _about(self, session: BaseSession, make: Callable[[Context], Flow[T]]) -> Flow[T]:
        """Return the flow that *make* returns; its errors name this prediction."""
        from get3w_core.api.read import about

        return about(self.id, make(session.context(keyed=False)))

    def _values(self) -> list[OutputValue]:
        from get3w_core.outputs.contents import OutputValue

        return [
            OutputValue(self.id, index, raw, self.model, self._is_text)
            for index, raw in enumerate(self._data.outputs)
        ]

    def _check_finished(self) -> None:
        if self._data.failed:
            raise PredictionFailedError(self)
        if not self.done:
            raise Get3WError(
                f"Prediction {printable(self.id)} is {quoted(self.status)} and has no outputs yet:"
                " call wait() first",
                prediction_id=self.id,
            )

    def _download_flow(
        self,
        session: BaseSession,
        folder: str | os.PathLike[str],
        name: str | None,
        fields: Mapping[str, object],
        on_progress: Progress | None,
        rules: Callable[[], DownloadRules],
    ) -> Flow[list[Path]]:
        from get3w_core.api.download import download
        from get3w_core.api.read import about
        from get3w_core.outputs.names import FileNames

        def downloading() -> Flow[list[Path]]:
            check_hook("on_progress", on_progress)
            check_path("folder", folder)
            if name is not None:
                check_text("name", name)
            checked = rules()
            self._check_finished()
            values = self._values()
            names = FileNames(name, fields, len(values))
            ctx = session.context(keyed=False)
            return (yield from download(ctx, values, folder, names, on_progress, checked))

        return about(self.id, downloading())


class SavedHandle(NamedTuple):
    """What `to_json` wrote."""

    data: PredictionData
    surface: SurfaceName
    origin: str
    output_type: type[Output] | None


def read_handle(text: str) -> SavedHandle:
    """Read what `to_json` wrote.

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
    output_type = TextOutput if fields.get("outputs") == "text" else None
    return SavedHandle(data, named, origin, output_type)


def home_of(delivery: WebhookDelivery, session: BaseSession | None) -> tuple[SurfaceName, str]:
    """Return the surface and the origin that the prediction of a webhook delivery belongs to."""
    options = ClientOptions.resolve() if session is None else session.options
    return choose(delivery.surface, options.surface).name, options.origin
