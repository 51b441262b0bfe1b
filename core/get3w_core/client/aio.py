"""The async client: the same methods as in `sync.py`, as coroutines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self, cast

from get3w_core._common.secret import hidden, hide_in
from get3w_core.client.base import BaseClient
from get3w_core.client.prediction import AsyncPrediction
from get3w_core.client.session import AsyncSession
from get3w_core.flow.options import DEFAULT_MAX_RETRIES, ClientOptions

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
    from typing import Unpack

    from get3w_core._common.prediction_data import PredictionData
    from get3w_core.api.account import BillingRecord, Billings, ModelListing, Usage
    from get3w_core.api.surface import Surface
    from get3w_core.files.local import UploadInput
    from get3w_core.flow.events import Event
    from get3w_core.flow.options import OptionChanges, SurfaceName
    from get3w_core.outputs.kinds import OutputT
    from get3w_core.reconciling.results import Reconciliation
    from get3w_core.reconciling.saved import SavedSubmission
    from get3w_core.reconciling.unknown import SubmitOutcomeUnknownError
    from get3w_core.request.base import ModelRequest
    from get3w_core.request.values.types import AsyncHttpClient, TimeoutTypes
    from get3w_core.webhooks.delivery import WebhookDelivery


class AsyncClient(BaseClient[AsyncSession]):
    """A connection to Get3W's API for asyncio; see `Client`, whose arguments are the same.

    It works in several event loops. Use it as a context manager or call `aclose()`.

    Args:
        api_key: As for `Client`.
        base_url: As for `Client`.
        surface: As for `Client`.
        timeout: As for `Client`.
        submit_deadline: As for `Client`.
        max_retries: As for `Client`.
        retry_unavailable: As for `Client`.
        sync_mode: As for `Client`.
        on_event: As for `Client`; a plain function.
        http_client: As for `Client`, an `httpx.AsyncClient` or `httpx2.AsyncClient`; it works in
            one event loop only.

    Raises:
        ConfigurationError: An argument or a variable cannot be used.
    """

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        surface: SurfaceName | None = None,
        timeout: TimeoutTypes | None = None,
        submit_deadline: float = 60.0,
        max_retries: int = DEFAULT_MAX_RETRIES,
        retry_unavailable: bool = True,
        sync_mode: bool = False,
        on_event: Callable[[Event], object] | None = None,
        http_client: AsyncHttpClient | None = None,
    ) -> None:
        api_key, base_url = hidden(api_key), hidden(base_url)
        options = ClientOptions.resolve(
            api_key=api_key,
            base_url=base_url,
            surface=surface,
            timeout=timeout,
            submit_deadline=submit_deadline,
            max_retries=max_retries,
            retry_unavailable=retry_unavailable,
            sync_mode=sync_mode,
            on_event=on_event,
        )
        if http_client is not None:
            from get3w_core.http.library import check_http_client

            check_http_client(http_client, "AsyncClient")
        self._session = AsyncSession(options, http_client)

    def with_options(self, **changes: Unpack[OptionChanges]) -> AsyncClient:
        """Return a client with other options that shares the connections.

        Closing it leaves this one open; closing this one closes it.
        """
        hide_in(cast("dict[str, object]", changes))
        return AsyncClient._over(self._session.derived(changes))

    async def submit(
        self,
        request: ModelRequest[OutputT],
        *,
        webhook_url: str | None = None,
        extra_body: Mapping[str, object] | None = None,
        timeout: TimeoutTypes | None = None,  # noqa: ASYNC109 - for each attempt, not for the call
    ) -> AsyncPrediction[OutputT]:
        """Start a prediction, and return without waiting for its end.

        Local files in *request* are uploaded first. What is sent is checked against the model's
        schema just before; *extra_body* is merged after that, unchecked.

        Args:
            request: The model's input.
            webhook_url: An address that is called once the task is completed or failed.
            extra_body: Inputs that the schema does not know, by wire names.
            timeout: For each HTTP attempt of this call.

        Raises:
            RequestValidationError: The input does not fit the schema; nothing was submitted.
            APIError: The server refused; nothing was accepted.
            ConnectionFailedError: It could not be sent within the deadline.
            SubmitOutcomeUnknownError: It may have been accepted; it was not sent again. `reconcile`
                looks for its task.
        """
        from get3w_core.request.base import output_type_of

        data = await self._session.run(self._submit_flow(request, webhook_url, extra_body, timeout))
        surface = self._surface_of(request.__model__.surface)
        return self._handle(data, surface, output_type_of(type(request)))

    async def reconcile(
        self,
        error: SubmitOutcomeUnknownError | SavedSubmission,
        *,
        within: float = 30.0,
        delivery: WebhookDelivery | None = None,
        others: Iterable[SubmitOutcomeUnknownError | SavedSubmission] = (),
        taken: Iterable[str] = (),
    ) -> Reconciliation[AsyncPrediction]:
        """Look for the task of a submit whose outcome is unknown; see `Client.reconcile`.

        Args:
            error: As for `Client.reconcile`.
            within: As for `Client.reconcile`.
            delivery: As for `Client.reconcile`.
            others: As for `Client.reconcile`.
            taken: As for `Client.reconcile`.

        Raises:
            ConfigurationError: The submit went to another server, or is none.
            Get3WError: The records could not be read, after the retries of a read.
        """
        from get3w_core.reconciling.results import handles_of

        surface, flow = self._reconcile_flow(error, within, delivery, others, taken)
        found = await self._session.run(flow)
        return handles_of(found, lambda data: self._handle(data, surface))

    async def prediction(
        self, prediction_id: str, *, surface: SurfaceName | None = None
    ) -> AsyncPrediction:
        """Fetch a prediction by its id.

        Raises:
            NotFoundError: The server does not know it (any more).
        """
        data = await self._session.run(self._result_flow(prediction_id, surface, alias=False))
        return self._handle(data, self._surface_of_id(surface))

    async def get_result(
        self, prediction_id: str, *, surface: SurfaceName | None = None
    ) -> AsyncPrediction:
        """Fetch a prediction at its other documented path, which ends in `/result`."""
        data = await self._session.run(self._result_flow(prediction_id, surface, alias=True))
        return self._handle(data, self._surface_of_id(surface))

    async def delete(self, prediction_id: str) -> None:
        """Delete a prediction.

        Raises:
            NotFoundError: The server does not know it.
        """
        await self._session.run(self._delete_flow(prediction_id))

    async def upload(
        self, file: UploadInput, *, content_type: str | None = None, reuse: bool = True
    ) -> str:
        """Upload a path or an open file, and return its URL (kept 7 days).

        See `Client.upload`.

        Raises:
            LocalFileError: It cannot be read, or is of a type or size that Get3W does not take;
                nothing was sent.
        """
        return await self._session.run(self._upload_flow(file, content_type, reuse=reuse))

    async def models(self) -> list[ModelListing]:
        """Return the live list of models."""
        return await self._session.run(self._models_flow())

    async def balance(self) -> float:
        """Return the account's balance in USD."""
        return await self._session.run(self._balance_flow())

    async def usage(
        self,
        period: str | None = None,
        start_date: str | None = None,
        end_date: str | None = None,
    ) -> Usage:
        """Return tasks and costs of a month (`YYYY-MM`) or between two days (`YYYY-MM-DD`)."""
        return await self._session.run(self._usage_flow(period, start_date, end_date))

    async def billings(
        self,
        page: int | None = None,
        per_page: int | None = None,
        type: Literal["top-up", "usage"] | None = None,  # noqa: A002 - the API's own name
    ) -> Billings:
        """Return one page of billing records."""
        return await self._session.run(self._billings_flow(page, per_page, type))

    async def iter_billings(
        self,
        type: Literal["top-up", "usage"] | None = None,  # noqa: A002 - the API's own name
        per_page: int = 100,
    ) -> AsyncGenerator[BillingRecord, None]:
        """Yield every billing record, page by page; see `billings`."""
        from get3w_core.api.account import Pager

        pager = Pager(per_page)
        while not pager.ended:
            for record in pager.take(await self.billings(pager.page, per_page, type)):
                yield record

    async def aclose(self) -> None:
        """Close the connections; further calls raise `ClientClosedError`."""
        await self._session.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.aclose()

    def _handle(
        self, data: PredictionData, surface: Surface, output_type: type[OutputT] | None = None
    ) -> AsyncPrediction[OutputT]:
        return AsyncPrediction(
            data, surface=surface.name, origin=self.base_url, client=self, output_type=output_type
        )
