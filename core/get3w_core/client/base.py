"""The base class of both clients: builds a flow for each call, which the subclasses run.

The flows are imported by the calls that need them: a program that imports a model for its types
pays for none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Literal, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from get3w_core._common.prediction_data import PredictionData
    from get3w_core.api.account import Billings, ModelListing, Usage
    from get3w_core.api.surface import Surface
    from get3w_core.client.session import BaseSession
    from get3w_core.files.local import UploadInput
    from get3w_core.flow.effects import Flow
    from get3w_core.flow.options import SurfaceName
    from get3w_core.reconciling.results import Reconciliation
    from get3w_core.reconciling.saved import SavedSubmission
    from get3w_core.reconciling.unknown import SubmitOutcomeUnknownError
    from get3w_core.request.base import ModelRequest
    from get3w_core.request.values.types import TimeoutTypes
    from get3w_core.submitting.submission import Submission
    from get3w_core.webhooks.delivery import WebhookDelivery

T = TypeVar("T")
S = TypeVar("S", bound="BaseSession")


class BaseClient(Generic[S]):
    """A flow for each call; the subclasses run the flows.

    Attributes:
        _session: The options and connections; predictions of this client hold it too.
    """

    _session: S

    @classmethod
    def _over(cls, session: S) -> Self:
        """Return a client over *session*."""
        client = cls.__new__(cls)
        client._session = session
        return client

    @property
    def base_url(self) -> str:
        """The origin that the key is sent to."""
        return self._session.origin

    @property
    def is_closed(self) -> bool:
        """Whether this client, or the one it was derived from, was closed."""
        return self._session.is_closed

    def __repr__(self) -> str:
        session: S | None = getattr(self, "_session", None)
        if session is None:  # a debugger looks at what was refused
            return f"{type(self).__name__}(not made)"
        chosen = f", surface={session.options.surface!r}" if session.options.surface else ""
        return f"{type(self).__name__}(base_url={session.origin!r}{chosen})"

    def _surface_of_id(self, name: SurfaceName | None) -> Surface:
        """Return the surface to look a prediction up on: the one named, else the client's."""
        from get3w_core.api import surface

        return surface.choose(name, self._session.options.surface)

    def _surface_of(self, name: SurfaceName | None) -> Surface:
        """Return the surface that the client insists on, else the one named, else v3."""
        from get3w_core.api import surface

        return surface.choose(self._session.options.surface, name)

    def describe_submit(
        self,
        request: ModelRequest,
        *,
        webhook_url: str | None = None,
        extra_body: Mapping[str, object] | None = None,
        sent_at: float | None = None,
        ended_at: float | None = None,
    ) -> SavedSubmission:
        """Return what `reconcile` needs to find the task of a submit, without making it.

        A program that has to survive being killed stores its `to_json()`, and then submits the same
        request. Found after a restart with no answer beside it, it goes to `reconcile`; the submit
        is not repeated. Nothing is sent.

        Args:
            request: The model's input, with URLs in place of local files.
            webhook_url: As for `submit`.
            extra_body: As for `submit`.
            sent_at: The Unix time before which it was not sent; by default now.
            ended_at: The Unix time after which it cannot have been sent; by default the end of the
                submit's deadline and of one more attempt.

        Raises:
            ConfigurationError: A local file is in the request; upload it before.
            RequestValidationError: The input does not fit the schema.
        """
        from get3w_core.submitting.saving import saved_before_submit

        submission = self._submission(request, webhook_url, extra_body, None)
        return saved_before_submit(submission, self._session.options, sent_at, ended_at)

    def _submit_flow(
        self,
        request: ModelRequest,
        webhook_url: str | None,
        extra_body: Mapping[str, object] | None,
        timeout: TimeoutTypes | None,
    ) -> Flow[PredictionData]:
        from get3w_core.submitting.submit import submit

        submission = self._submission(request, webhook_url, extra_body, timeout)
        return submit(self._session.context(), submission)

    def _submission(
        self,
        request: ModelRequest,
        webhook_url: str | None,
        extra_body: Mapping[str, object] | None,
        timeout: TimeoutTypes | None,
    ) -> Submission:
        """Check the arguments of a submit, and return all that it needs."""
        from get3w_core._common.arguments import check_mapping, check_timeout, check_webhook
        from get3w_core.reconciling.inputs import schema_defaults
        from get3w_core.request.check import check_wire_body, checked_request
        from get3w_core.request.values.types import PENDING
        from get3w_core.request.wire import pending_body, wire_body
        from get3w_core.submitting.submission import Submission

        model = checked_request(request).__model__
        check_webhook(webhook_url)
        check_mapping("extra_body", extra_body)
        check_timeout(timeout)
        fields = wire_body(request)
        pending = pending_body(request)
        if pending != fields:
            # What does not fit is told before a file is uploaded for nothing.
            check_wire_body(request, pending, PENDING)
        return Submission(
            model_id=model.model_id,
            documented=model.documented,
            surface=self._surface_of(model.surface),
            fields=fields,
            check=lambda body: check_wire_body(request, body),
            webhook_url=webhook_url,
            extra_body=extra_body,
            timeout=timeout,
            uploads=self._session.uploads.get(),
            memory=self._session.memory.get(),
            defaults=lambda: schema_defaults(request),
        )

    def _reconcile_flow(
        self,
        error: SubmitOutcomeUnknownError | SavedSubmission,
        within: float,
        delivery: WebhookDelivery | None,
        others: Iterable[SubmitOutcomeUnknownError | SavedSubmission],
        taken: Iterable[str],
    ) -> tuple[Surface, Flow[Reconciliation[PredictionData]]]:
        from get3w_core._common.arguments import check_amount
        from get3w_core.api import surface
        from get3w_core.reconciling.arguments import check_delivery, submission_of
        from get3w_core.reconciling.search import reconcile

        check_amount("within", within)
        submission = submission_of(error, self.base_url)
        check_delivery(delivery, submission)
        memory = self._session.memory.get()
        for other in others:
            memory.opened(submission_of(other, self.base_url))
        for prediction_id in taken:
            memory.accepted(prediction_id)
        flow = reconcile(
            self._session.context(), submission, memory, within=within, delivery=delivery
        )
        return surface.SURFACES[submission.surface], flow

    def _result_flow(
        self, prediction_id: str, name: SurfaceName | None, *, alias: bool
    ) -> Flow[PredictionData]:
        from get3w_core.api.predictions import fetch

        return fetch(self._session.context(), self._surface_of_id(name), prediction_id, alias=alias)

    def _delete_flow(self, prediction_id: str) -> Flow[None]:
        from get3w_core.api.predictions import delete

        return delete(self._session.context(), prediction_id)

    def _upload_flow(
        self, file: UploadInput, content_type: str | None, *, reuse: bool
    ) -> Flow[str]:
        from get3w_core._common.arguments import check_text
        from get3w_core.api.upload import upload

        if content_type is not None:
            check_text("content_type", content_type)
        return upload(
            self._session.context(), file, content_type, self._session.uploads.get(), reuse=reuse
        )

    def _models_flow(self) -> Flow[list[ModelListing]]:
        from get3w_core.api import account_calls

        return account_calls.models(self._session.context())

    def _balance_flow(self) -> Flow[float]:
        from get3w_core.api import account_calls

        return account_calls.balance(self._session.context())

    def _usage_flow(
        self, period: str | None, start_date: str | None, end_date: str | None
    ) -> Flow[Usage]:
        from get3w_core.api import account_calls

        return account_calls.usage(self._session.context(), period, start_date, end_date)

    def _billings_flow(
        self, page: int | None, per_page: int | None, type_: Literal["top-up", "usage"] | None
    ) -> Flow[Billings]:
        from get3w_core.api import account_calls

        return account_calls.billings(self._session.context(), page, per_page, type_)
