"""Handles on running and finished predictions: plain data that knows how to ask again."""

# The modules of this room use each other's members that users never need:
# pyright: reportPrivateUsage=false

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Self, TypeVar

from get3w_core._common.arguments import check_flag, check_hook, check_patience
from get3w_core.client.handle import PredictionHandle, home_of, read_handle
from get3w_core.client.session import AsyncSession, Session, session_of
from get3w_core.client.shared import ASYNC, SYNC
from get3w_core.errors.task import PredictionFailedError, WaitTimeoutError
from get3w_core.outputs.kinds import OutputT_co
from get3w_core.outputs.rules import DOWNLOAD_BYTES, DOWNLOAD_SECONDS, DownloadRules

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from pathlib import Path

    from get3w_core._common.prediction_data import PredictionData
    from get3w_core.api.download import Progress
    from get3w_core.client.session import AsyncClientLike, ClientLike
    from get3w_core.flow.context import Context
    from get3w_core.flow.effects import Flow
    from get3w_core.flow.options import SurfaceName
    from get3w_core.outputs.output import Output
    from get3w_core.webhooks.delivery import WebhookDelivery

DEFAULT_WAIT = 3600.0

T = TypeVar("T")


class Prediction(PredictionHandle[OutputT_co]):
    """A handle on a prediction; `AsyncPrediction` is the one for asyncio.

    It is plain data: keep `to_json()`, and another process can carry on with `from_json`. A handle
    without a client uses the default client. `Prediction[FileOutput]` is one whose outputs the
    model's schema promises to be files.
    """

    def __init__(
        self,
        data: PredictionData,
        *,
        surface: SurfaceName,
        origin: str,
        client: ClientLike | None = None,
        output_type: type[Output] | None = None,
    ) -> None:
        super().__init__(data, surface=surface, origin=origin, output_type=output_type)
        self._own_session = None if client is None else session_of(client, Session, "Client")
        if self._own_session is not None:
            self._check_origin(self._own_session)

    @classmethod
    def from_json(cls, text: str, client: ClientLike | None = None) -> Self:
        """Make a handle of what `to_json` returned.

        Raises:
            ResponseFormatError: *text* is something else.
            ConfigurationError: *client* belongs to another origin, or is none.
        """
        return cls(**read_handle(text)._asdict(), client=client)

    @classmethod
    def from_delivery(cls, delivery: WebhookDelivery, client: ClientLike | None = None) -> Self:
        """Make a handle of what a webhook delivery says, which nobody has confirmed.

        Without *client* it belongs to GET3W_BASE_URL, else to https://api.get3w.com. Do not fetch
        outputs from it unless the delivery was signed: use `confirm`.

        Raises:
            ConfigurationError: *client* is none.
        """
        session = None if client is None else session_of(client, Session, "Client")
        surface, origin = home_of(delivery, session)
        return cls(delivery.data, surface=surface, origin=origin, client=client)

    def refresh(self) -> Self:
        """Ask once for the present state.

        Raises:
            Get3WError: There was no clear answer, after the retries of a read.
        """
        session = self._session
        session.run(self._refresh_flow(session))
        return self

    def wait(
        self,
        timeout: float | None = DEFAULT_WAIT,
        on_update: Callable[[Self], object] | None = None,
        *,
        progress: bool = False,
    ) -> Self:
        """Wait until the prediction is completed.

        Args:
            timeout: Seconds; None waits for ever. Running out of time submits nothing again, and
                0 asks once.
            on_update: Called with the handle at first and whenever the status changed.
            progress: Whether to show a line with the status and the seconds, on stderr.

        Raises:
            PredictionFailedError: It ended in another way.
            WaitTimeoutError: It still runs, or could not be asked for; wait again.
            AuthenticationError: The key is refused; a `PermissionDeniedError` too.
            NotFoundError: The server does not know it, read after read.
        """
        check_patience(timeout, prediction_id=self.id)
        check_hook("on_update", on_update, prediction_id=self.id)
        check_flag("progress", progress)
        if on_update is not None:
            on_update(self)
        if not self.done:
            from get3w_core.client.progress import shown

            session = self._session
            flow = self._wait_flow(session, timeout, lambda: on_update and on_update(self))
            try:
                with shown((self,), progress):
                    session.run(flow)
            except WaitTimeoutError as error:
                error.unfinished = (self,)
                raise
            except KeyboardInterrupt as stop:
                self._note_running(stop)
                raise
        if self._data.failed:
            raise PredictionFailedError(self)
        return self

    def cost(self) -> float | None:
        """Return what the task was charged in USD, less refunds; None if the records do not tell.

        It reads the account's billing records, page by page, which may be late by a while.

        Raises:
            Get3WError: They could not be read, after the retries of a read.
        """
        from get3w_core.api.read import about
        from get3w_core.client.cost import cost

        session = self._session
        return session.run(about(self.id, cost(session, self._data)))

    def delete(self) -> None:
        """Delete the prediction on the server."""
        from get3w_core.api.predictions import delete

        session = self._session
        session.run(delete(session.context(), self.id))

    def download(
        self,
        folder: str | os.PathLike[str],
        *,
        name: str | None = None,
        on_progress: Progress | None = None,
        timeout: float | None = DOWNLOAD_SECONDS,
        max_bytes: int = DOWNLOAD_BYTES,
        allow_private: bool = False,
        allow_http: bool = False,
        **fields: object,
    ) -> list[Path]:
        """Store every output in *folder* and return the files in the order of `outputs`.

        URLs are fetched, data is decoded, text goes to `.txt` and other values to `.json`. A file
        is there whole or not at all; the API key is not sent along.

        Args:
            folder: Where to; it is made if need be.
            name: The files' name, such as `"{row}-{index}"`. Its fields are `{id}`, `{index}` (also
                as `{index:03}`), `{stem}` of the URL, `{ext}` (else the suffix is added), and those
                in *fields*. Several outputs without `{index}` get their number at the end. By
                default it is made of the id, the index and the URL. With the id in its name, a
                file that is there is not fetched again; any other is replaced.
            on_progress: Called with the file, the bytes so far and their total, if it is known.
            timeout: Seconds for each output; None waits for ever.
            max_bytes: The largest size of an output.
            allow_private: Also fetch from this machine and its network, wherever the API is.
            allow_http: Also fetch in clear, though the API is spoken to by https.
            fields: Further fields of *name*, such as `row=7`. One that *name* does not have is
                refused.

        Raises:
            PredictionFailedError: It failed and has no outputs.
            ConfigurationError: An argument cannot be used.
            LocalFileError: The folder cannot be written to.
            Get3WError: It still runs, or an output could not be fetched.
        """
        session = self._session
        rules = partial(DownloadRules, timeout, max_bytes, allow_private, allow_http)
        flow = self._download_flow(session, folder, name, fields, on_progress, rules)
        return session.run(flow)

    def _run_flow(self, make: Callable[[Context], Flow[T]], /) -> T:
        session = self._session
        return session.run(self._about(session, make))

    async def _run_flow_async(self, make: Callable[[Context], Flow[T]], /) -> T:
        session = self._session
        return await session.run_async(self._about(session, make))

    def __reduce__(self) -> tuple[object, ...]:
        return Prediction.from_json, (self.to_json(),)

    def _instead_of_await(self) -> str:
        return (
            f"Await {_async_submit(self.model)} instead, or `AsyncClient.submit`, or use what is"
            " returned without `await`."
        )

    @property
    def _session(self) -> Session:
        """The connections that it asks with: its client's, else those of the default client.

        Raises:
            ConfigurationError: The default client belongs to another origin, or cannot be made.
        """
        session = self._own_session or SYNC.get()
        self._check_origin(session)
        return session


class AsyncPrediction(PredictionHandle[OutputT_co]):
    """A handle on a prediction for asyncio; see `Prediction`."""

    def __init__(
        self,
        data: PredictionData,
        *,
        surface: SurfaceName,
        origin: str,
        client: AsyncClientLike | None = None,
        output_type: type[Output] | None = None,
    ) -> None:
        super().__init__(data, surface=surface, origin=origin, output_type=output_type)
        self._own_session = (
            None if client is None else session_of(client, AsyncSession, "AsyncClient")
        )
        if self._own_session is not None:
            self._check_origin(self._own_session)

    @classmethod
    def from_json(cls, text: str, client: AsyncClientLike | None = None) -> Self:
        """Make a handle of what `to_json` returned; see `Prediction.from_json`."""
        return cls(**read_handle(text)._asdict(), client=client)

    @classmethod
    def from_delivery(
        cls, delivery: WebhookDelivery, client: AsyncClientLike | None = None
    ) -> Self:
        """Make a handle of what a webhook delivery says; see `Prediction.from_delivery`."""
        session = None if client is None else session_of(client, AsyncSession, "AsyncClient")
        surface, origin = home_of(delivery, session)
        return cls(delivery.data, surface=surface, origin=origin, client=client)

    async def refresh(self) -> Self:
        """Ask once for the present state; see `Prediction.refresh`."""
        session = self._session
        await session.run(self._refresh_flow(session))
        return self

    async def wait(
        self,
        timeout: float | None = DEFAULT_WAIT,  # noqa: ASYNC109 - the same name as in the sync one
        on_update: Callable[[Self], object] | None = None,
        *,
        progress: bool = False,
    ) -> Self:
        """Wait until the prediction is completed; see `Prediction.wait`."""
        from asyncio import CancelledError  # slow to load, and loaded by whoever gets here

        check_patience(timeout, prediction_id=self.id)
        check_hook("on_update", on_update, prediction_id=self.id)
        check_flag("progress", progress)
        if on_update is not None:
            on_update(self)
        if not self.done:
            from get3w_core.client.progress import shown

            session = self._session
            flow = self._wait_flow(session, timeout, lambda: on_update and on_update(self))
            try:
                with shown((self,), progress):
                    await session.run(flow)
            except WaitTimeoutError as error:
                error.unfinished = (self,)
                raise
            except (KeyboardInterrupt, CancelledError) as stop:
                self._note_running(stop)
                raise
        if self._data.failed:
            raise PredictionFailedError(self)
        return self

    async def cost(self) -> float | None:
        """Return what the task was charged in USD; see `Prediction.cost`."""
        from get3w_core.api.read import about
        from get3w_core.client.cost import cost

        session = self._session
        return await session.run(about(self.id, cost(session, self._data)))

    async def delete(self) -> None:
        """Delete the prediction on the server."""
        from get3w_core.api.predictions import delete

        session = self._session
        await session.run(delete(session.context(), self.id))

    async def download(
        self,
        folder: str | os.PathLike[str],
        *,
        name: str | None = None,
        on_progress: Progress | None = None,
        timeout: float | None = DOWNLOAD_SECONDS,  # noqa: ASYNC109 - the same name as in the sync one
        max_bytes: int = DOWNLOAD_BYTES,
        allow_private: bool = False,
        allow_http: bool = False,
        **fields: object,
    ) -> list[Path]:
        """Store every output in *folder*; see `Prediction.download`."""
        session = self._session
        rules = partial(DownloadRules, timeout, max_bytes, allow_private, allow_http)
        flow = self._download_flow(session, folder, name, fields, on_progress, rules)
        return await session.run(flow)

    def _run_flow(self, make: Callable[[Context], Flow[T]], /) -> T:
        session = self._session
        return session.run_sync(self._about(session, make))

    async def _run_flow_async(self, make: Callable[[Context], Flow[T]], /) -> T:
        session = self._session
        return await session.run(self._about(session, make))

    def __reduce__(self) -> tuple[object, ...]:
        return AsyncPrediction.from_json, (self.to_json(),)

    def _instead_of_await(self) -> str:
        return "Await its `wait()` instead."

    @property
    def _session(self) -> AsyncSession:
        """The connections that it asks with; see `Prediction._session`."""
        session = self._own_session or ASYNC.get()
        self._check_origin(session)
        return session


def _async_submit(model: str | None) -> str:
    """Return the name of the function of generated code that submits to *model* with asyncio."""
    from get3w_core.request.base import ModelRequest

    for kind in ModelRequest.__subclasses__():
        if "__model__" in vars(kind) and kind.__model__.model_id == model:
            for name, value in vars(sys.modules[kind.__module__]).items():
                own = getattr(value, "__module__", None) == kind.__module__
                if own and name.startswith("submit_") and name.endswith("_async"):
                    return f"`{name}`"
    return "the model's `submit_..._async`"
