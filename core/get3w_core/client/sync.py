"""The sync client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self, cast

from get3w_core._common.secret import hidden, hide_in
from get3w_core.client.base import BaseClient
from get3w_core.client.prediction import Prediction
from get3w_core.client.session import Session
from get3w_core.flow.options import DEFAULT_MAX_RETRIES, ClientOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
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
    from get3w_core.request.values.types import SyncHttpClient, TimeoutTypes
    from get3w_core.webhooks.delivery import WebhookDelivery


class Client(BaseClient[Session]):
    """A connection to Get3W's API; see `AsyncClient` for asyncio.

    It may be shared by threads. Use it as a context manager or call `close()`.

    Args:
        api_key: The key; by default GET3W_API_KEY. Only a call needs it.
        base_url: The origin; by default GET3W_BASE_URL, else https://api.get3w.com.
        surface: `v3` or `v1` for every model; by default each model's own, else v3.
        timeout: Seconds for one HTTP attempt, or a `Timeout` of httpx or httpx2; by default 60 s,
            of which 10 for the connection.
        submit_deadline: Seconds that all attempts of one submit may span; 0 means one attempt.
        max_retries: How often a read (anything but a submit) is repeated. Waits go by their own
            timeout instead.
        retry_unavailable: Whether a submit is repeated after a 503 that says Retry-After.
        sync_mode: Whether a submit on v1 is answered only with the result (`?sync=true`). On v3
            that is a model's own parameter, `enable_sync_mode`, where it has one.
        on_event: Is told what happens, see `events`; it must not block.
        http_client: An `httpx.Client` or `httpx2.Client` to send with; it is not closed with this
            client. Each request has a connection of its own there, since they do not say how long
            one was idle. A transport that is not theirs cannot show that a submit was not sent:
            after an error of it, the outcome is unknown.

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
        http_client: SyncHttpClient | None = None,
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

            check_http_client(http_client, "Client")
        self._session = Session(options, http_client)

    def with_options(self, **changes: Unpack[OptionChanges]) -> Client:
        """Return a client with other options that shares the connections.

        Closing it leaves this one open; closing this one closes it.
        """
        hide_in(cast("dict[str, object]", changes))
        return Client._over(self._session.derived(changes))

    def submit(
        self,
        request: ModelRequest[OutputT],
        *,
        webhook_url: str | None = None,
        extra_body: Mapping[str, object] | None = None,
        timeout: TimeoutTypes | None = None,
    ) -> Prediction[OutputT]:
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

        data = self._session.run(self._submit_flow(request, webhook_url, extra_body, timeout))
        surface = self._surface_of(request.__model__.surface)
        return self._handle(data, surface, output_type_of(type(request)))

    def reconcile(
        self,
        error: SubmitOutcomeUnknownError | SavedSubmission,
        *,
        within: float = 30.0,
        delivery: WebhookDelivery | None = None,
        others: Iterable[SubmitOutcomeUnknownError | SavedSubmission] = (),
        taken: Iterable[str] = (),
    ) -> Reconciliation[Prediction]:
        """Look for the task of a submit whose outcome is unknown, and submit nothing.

        The account's billing records (and, where the server has one, its history) name tasks; one
        whose input is what was sent, accepted when it was sent, is the submit's. What each result
        means is in docs/unknown-outcomes.md.

        Args:
            error: The error of the submit, or what `SavedSubmission.from_json` made of its
                `to_json()`.
            within: Seconds in which to go on looking, because records may be late; 0 looks once.
            delivery: A webhook that may be about it, as `WebhookReceiver.receive` returned it. At
                an address that only this submit was given, it is proof.
            others: Further submits of unknown outcome that this client does not know, because
                another process made them.
            taken: Ids of tasks that belong to other submits, which another process made.

        Returns:
            `Accepted` with the prediction, `Ambiguous` with the candidates, or `NoEvidence`, which
            does not mean that there is no task.

        Raises:
            ConfigurationError: The submit went to another server, or is none.
            Get3WError: The records could not be read, after the retries of a read.
        """
        from get3w_core.reconciling.results import handles_of

        surface, flow = self._reconcile_flow(error, within, delivery, others, taken)
        found = self._session.run(flow)
        return handles_of(found, lambda data: self._handle(data, surface))

    def prediction(self, prediction_id: str, *, surface: SurfaceName | None = None) -> Prediction:
        """Fetch a prediction by its id.

        Raises:
            NotFoundError: The server does not know it (any more).
        """
        data = self._session.run(self._result_flow(prediction_id, surface, alias=False))
        return self._handle(data, self._surface_of_id(surface))

    def get_result(self, prediction_id: str, *, surface: SurfaceName | None = None) -> Prediction:
        """Fetch a prediction at its other documented path, which ends in `/result`."""
        data = self._session.run(self._result_flow(prediction_id, surface, alias=True))
        return self._handle(data, self._surface_of_id(surface))

    def delete(self, prediction_id: str) -> None:
        """Delete a prediction.

        Raises:
            NotFoundError: The server does not know it.
        """
        self._session.run(self._delete_flow(prediction_id))

    def upload(
        self, file: UploadInput, *, content_type: str | None = None, reuse: bool = True
    ) -> str:
        """Upload a path or an open file, and return its URL (kept 7 days).

        Args:
            file: A path, or an object of any library whose `read` gives bytes.
            content_type: What it is; by default its name and its first bytes tell. Given, it is
                sent as it is, also if Get3W documents no such format.
            reuse: Whether the URL of the same content will do, if this client uploaded it before.

        Raises:
            LocalFileError: It cannot be read, or is of a type or size that Get3W does not take;
                nothing was sent.
        """
        return self._session.run(self._upload_flow(file, content_type, reuse=reuse))

    def models(self) -> list[ModelListing]:
        """Return the live list of models."""
        return self._session.run(self._models_flow())

    def balance(self) -> float:
        """Return the account's balance in USD."""
        return self._session.run(self._balance_flow())

    def usage(
        self,
        period: str | None = None,
        start_date: str | None = None,
        end_date: str | None = None,
    ) -> Usage:
        """Return tasks and costs of a month (`YYYY-MM`) or between two days (`YYYY-MM-DD`)."""
        return self._session.run(self._usage_flow(period, start_date, end_date))

    def billings(
        self,
        page: int | None = None,
        per_page: int | None = None,
        type: Literal["top-up", "usage"] | None = None,  # noqa: A002 - the API's own name
    ) -> Billings:
        """Return one page of billing records."""
        return self._session.run(self._billings_flow(page, per_page, type))

    def iter_billings(
        self,
        type: Literal["top-up", "usage"] | None = None,  # noqa: A002 - the API's own name
        per_page: int = 100,
    ) -> Iterator[BillingRecord]:
        """Yield every billing record, page by page; see `billings`."""
        from get3w_core.api.account import Pager

        pager = Pager(per_page)
        while not pager.ended:
            yield from pager.take(self.billings(pager.page, per_page, type))

    def close(self) -> None:
        """Close the connections; further calls raise `ClientClosedError`."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _handle(
        self, data: PredictionData, surface: Surface, output_type: type[OutputT] | None = None
    ) -> Prediction[OutputT]:
        return Prediction(
            data, surface=surface.name, origin=self.base_url, client=self, output_type=output_type
        )
