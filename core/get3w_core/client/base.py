"""What the two clients share: their options, and the flow behind every method.

The flows are imported by the calls that need them: a program that imports a model for its types
pays for none of them.
"""

from __future__ import annotations

import time
from random import random
from typing import TYPE_CHECKING, Literal, TypeVar

from get3w_core._common.once import CLOSED, Lazily
from get3w_core.errors.base import ClientClosedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from get3w_core._common.json import JsonValue
    from get3w_core._common.prediction_data import PredictionData
    from get3w_core.api.account import Billings, ModelListing, Usage
    from get3w_core.api.surface import Surface
    from get3w_core.errors.task import SubmitOutcomeUnknownError
    from get3w_core.files.local import UploadInput
    from get3w_core.files.upload_cache import UploadCache
    from get3w_core.flow.effects import Context, Flow
    from get3w_core.flow.options import ClientOptions, OptionChanges, SurfaceName
    from get3w_core.reconciling.memory import SubmissionMemory
    from get3w_core.reconciling.results import Reconciliation
    from get3w_core.reconciling.saved import SavedSubmission
    from get3w_core.request.base import ModelRequest
    from get3w_core.request.values.types import TimeoutTypes
    from get3w_core.webhooks.delivery import WebhookDelivery

T = TypeVar("T")


class BaseClient:
    """Options, and a flow for each call; the subclasses run the flows."""

    def __init__(
        self,
        options: ClientOptions,
        uploads: Lazily[UploadCache] | None = None,
        memory: Lazily[SubmissionMemory] | None = None,
    ) -> None:
        self._options = options
        self._closed = False
        # A child process starts with none: an upload that its parent is at is not its own.
        self._uploads = uploads or Lazily(_make_cache)
        self._memory = memory or Lazily(_make_memory)

    @property
    def base_url(self) -> str:
        """The origin that the key is sent to."""
        return self._options.origin

    @property
    def is_closed(self) -> bool:
        """Whether the client was closed."""
        return self._closed

    def __repr__(self) -> str:
        options: ClientOptions | None = getattr(self, "_options", None)
        if options is None:  # a debugger looks at what was refused
            return f"{type(self).__name__}(not made)"
        chosen = f", surface={options.surface!r}" if options.surface else ""
        return f"{type(self).__name__}(base_url={options.origin!r}{chosen})"

    def saved_submission(
        self, request: ModelRequest, *, sent_at: float, ended_at: float
    ) -> SavedSubmission:
        """Return what `reconcile` needs to find the task of a submit that nobody saw the end of.

        A process that is killed in the middle of a submit leaves no error. Who saved the request
        and the time before submitting makes this from them afterwards.

        Args:
            request: What was submitted, with URLs in place of local files.
            sent_at: A Unix time of this machine before the submit.
            ended_at: A Unix time after which nothing can have been sent.

        Raises:
            ConfigurationError: A local file is in the request; upload it before.
        """
        from get3w_core.reconciling.saved import planned_submission
        from get3w_core.request.base import checked_request

        surface = self._surface_of(checked_request(request).__model__.surface)
        return planned_submission(
            request, origin=self.base_url, surface=surface.name, times=(sent_at, ended_at)
        )

    def _flow_context(self, *, keyed: bool = True) -> Context:
        """Return what a flow runs with.

        Raises:
            ClientClosedError: The client was closed.
            ConfigurationError: There is no API key, and the flow needs one.
        """
        from get3w_core.flow.effects import Context

        if keyed:
            self._options.require_key()
        self._check_open()
        return Context(self._options, time.monotonic, random, time.time)

    def _shared_with(
        self, changes: OptionChanges
    ) -> tuple[Lazily[UploadCache] | None, Lazily[SubmissionMemory] | None]:
        """Return what a client with *changes* shares: it belongs to an account of a server."""
        if {"api_key", "base_url"} & changes.keys():
            return None, None
        return self._uploads, self._memory

    def _check_open(self) -> None:
        """Refuse to work for a client that was closed.

        Raises:
            ClientClosedError: It was.
        """
        if self.is_closed:
            raise ClientClosedError(CLOSED)

    def _surface_of_id(self, name: SurfaceName | None) -> Surface:
        """Return the surface to look a prediction up on: the one named, else the client's."""
        from get3w_core.api import surface

        return surface.choose(name, self._options.surface)

    def _surface_of(self, name: SurfaceName | None) -> Surface:
        """Return the surface that the client insists on, else the one named, else v3."""
        from get3w_core.api import surface

        return surface.choose(self._options.surface, name)

    def _submit_flow(
        self,
        request: ModelRequest,
        webhook_url: str | None,
        extra_body: Mapping[str, object] | None,
        timeout: TimeoutTypes | None,
    ) -> Flow[PredictionData]:
        from get3w_core._common.arguments import check_mapping, check_timeout, check_webhook
        from get3w_core.api.submission import Submission
        from get3w_core.reconciling.inputs import schema_defaults
        from get3w_core.request.base import check_pending_body, check_wire_body, checked_request
        from get3w_core.request.wire import pending_body, wire_body
        from get3w_core.submitting.submit import submit

        model = checked_request(request).__model__
        check_webhook(webhook_url)
        check_mapping("extra_body", extra_body)
        check_timeout(timeout)
        fields = wire_body(request)
        pending = pending_body(request)
        if pending != fields:
            # What does not fit is told before a file is uploaded for nothing.
            check_pending_body(request, pending)
        submission = Submission(
            model_id=model.model_id,
            documented=model.documented,
            surface=self._surface_of(model.surface),
            fields=fields,
            check=lambda body: check_wire_body(request, body),
            webhook_url=webhook_url,
            extra_body=extra_body,
            timeout=timeout,
            uploads=self._uploads.get(),
            memory=self._memory.get(),
            defaults=lambda: schema_defaults(request),
        )
        return submit(self._flow_context(), submission)

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
        memory = self._memory.get()
        for other in others:
            memory.opened(submission_of(other, self.base_url))
        for prediction_id in taken:
            memory.accepted(prediction_id)
        flow = reconcile(self._flow_context(), submission, memory, within=within, delivery=delivery)
        return surface.SURFACES[submission.surface], flow

    def _result_flow(
        self, prediction_id: str, name: SurfaceName | None, *, alias: bool
    ) -> Flow[PredictionData]:
        from get3w_core.api.read import Subject, about, read_prediction
        from get3w_core.flow.effects import HttpRequest
        from get3w_core.flow.events import tell_polled

        where = self._surface_of_id(name)
        url = where.result_url(self.base_url, prediction_id)
        request = HttpRequest("GET", url + (where.result_suffix if alias else ""))
        ctx = self._flow_context()

        def look_up() -> Flow[PredictionData]:
            started = ctx.clock()
            subject = Subject(prediction_id)
            data = yield from read_prediction(ctx, request, prediction_id, subject=subject)
            # Whether its end is news is not known here.
            tell_polled(ctx, data, 1, ctx.clock() - started, was_done=True)
            return data

        return about(prediction_id, look_up())

    def _delete_flow(self, prediction_id: str) -> Flow[None]:
        from get3w_core.api import surface
        from get3w_core.api.matching import names_no_other, why_missing
        from get3w_core.api.read import about, read
        from get3w_core.flow.effects import HttpRequest

        # [G] v3 only; a repeat after a lost answer may find it gone already.
        url = surface.SURFACES["v3"].result_url(self.base_url, prediction_id)
        flow = read(
            self._flow_context(),
            HttpRequest("DELETE", url),
            hint=why_missing,
            deleting=True,
            check=names_no_other(prediction_id),
        )
        return about(prediction_id, _nothing(flow))

    def _upload_flow(
        self, file: UploadInput, content_type: str | None, *, reuse: bool
    ) -> Flow[str]:
        from get3w_core._common.arguments import check_text
        from get3w_core.api.upload import upload

        if content_type is not None:
            check_text("content_type", content_type)
        return upload(self._flow_context(), file, content_type, self._uploads.get(), reuse=reuse)

    def _models_flow(self) -> Flow[list[ModelListing]]:
        from get3w_core.api import account as accounts

        return self._account_flow("models", accounts.read_models)

    def _balance_flow(self) -> Flow[float]:
        from get3w_core.api import account as accounts

        return self._account_flow("balance", accounts.read_balance)

    def _usage_flow(
        self, period: str | None, start_date: str | None, end_date: str | None
    ) -> Flow[Usage]:
        from get3w_core.api import account as accounts

        def read_usage(data: JsonValue) -> Usage | None:
            usage = accounts.read_usage(data)
            shown = None if usage is None else usage.period
            dated = start_date is not None or end_date is not None
            if period is not None and not dated and shown not in {None, period}:
                raise ValueError(f"it is about the period {shown!r}, and {period!r} was asked for")
            return usage

        return self._account_flow(
            "usage", read_usage, period=period, start_date=start_date, end_date=end_date
        )

    def _billings_flow(
        self, page: int | None, per_page: int | None, type_: Literal["top-up", "usage"] | None
    ) -> Flow[Billings]:
        from get3w_core.api import account as accounts

        def read_billings(data: JsonValue) -> Billings | None:
            return accounts.read_billings(data, page)

        return self._account_flow(
            "billings", read_billings, page=page, per_page=per_page, type=type_
        )

    def _account_flow(
        self, path: str, reader: Callable[[JsonValue], T | None], **query: str | int | None
    ) -> Flow[T]:
        from get3w_core.api import surface
        from get3w_core.api.answers import Answer
        from get3w_core.api.read import read
        from get3w_core.flow.effects import HttpRequest

        ctx = self._flow_context()
        request = HttpRequest("GET", surface.v3_url(self.base_url, path, **query))

        def check(answer: Answer) -> str | None:
            if answer.problem is not None:
                return None
            try:
                missing = reader(answer.data) is None
            except ValueError as error:
                return str(error)
            return "it does not hold what was asked for" if missing else None

        answer, _ = yield from read(ctx, request, check=check)
        result = reader(answer.data)
        assert result is not None, "an answer without it does not pass the check"
        return result


def _nothing(flow: Flow[object]) -> Flow[None]:
    yield from flow


def _make_cache() -> UploadCache:
    from get3w_core.files.upload_cache import UploadCache

    return UploadCache()


def _make_memory() -> SubmissionMemory:
    from get3w_core.reconciling.memory import SubmissionMemory

    return SubmissionMemory()
