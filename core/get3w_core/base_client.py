"""What the two clients share: their options, and the flow behind every method.

The flows are imported by the calls that need them: a program that imports a model for its types
pays for none of them.
"""

from __future__ import annotations

import time
from random import random
from typing import TYPE_CHECKING, Literal, TypeVar

from get3w_core.errors import ClientClosedError
from get3w_core.lazily import CLOSED, Lazily

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from get3w_core.accounts import Billings, ModelListing, Usage
    from get3w_core.effects import Context, Flow
    from get3w_core.files import UploadInput
    from get3w_core.jsonvalue import JsonValue
    from get3w_core.options import ClientOptions, OptionChanges, SurfaceName
    from get3w_core.prediction_data import PredictionData
    from get3w_core.request import ModelRequest
    from get3w_core.surface import Surface
    from get3w_core.types import TimeoutTypes
    from get3w_core.upload_cache import UploadCache

T = TypeVar("T")


class BaseClient:
    """Options, and a flow for each call; the subclasses run the flows."""

    def __init__(self, options: ClientOptions, uploads: Lazily[UploadCache] | None = None) -> None:
        self._options = options
        self._closed = False
        # A child process starts with none: an upload that its parent is at is not its own.
        self._uploads = uploads or Lazily(_make_cache)

    @property
    def base_url(self) -> str:
        """The origin that the key is sent to."""
        return self._options.origin

    @property
    def is_closed(self) -> bool:
        """Whether the client was closed."""
        return self._closed

    def __repr__(self) -> str:
        options = self._options
        chosen = f", surface={options.surface!r}" if options.surface else ""
        return f"{type(self).__name__}(base_url={options.origin!r}{chosen})"

    def _flow_context(self, *, keyed: bool = True) -> Context:
        """Return what a flow runs with.

        Raises:
            ClientClosedError: The client was closed.
            ConfigurationError: There is no API key, and the flow needs one.
        """
        from get3w_core.effects import Context

        if keyed:
            self._options.require_key()
        self._check_open()
        return Context(self._options, time.monotonic, random, time.time)

    def _uploads_for(self, changes: OptionChanges) -> Lazily[UploadCache] | None:
        """Return what a client with *changes* shares: uploads belong to an account of a server."""
        return None if {"api_key", "base_url"} & changes.keys() else self._uploads

    def _check_open(self) -> None:
        """Refuse to work for a client that was closed.

        Raises:
            ClientClosedError: It was.
        """
        if self.is_closed:
            raise ClientClosedError(CLOSED)

    def _surface_of_id(self, name: SurfaceName | None) -> Surface:
        """Return the surface to look a prediction up on: the one named, else the client's."""
        from get3w_core import surface

        return surface.choose(name, self._options.surface)

    def _surface_of(self, name: SurfaceName | None) -> Surface:
        """Return the surface that the client insists on, else the one named, else v3."""
        from get3w_core import surface

        return surface.choose(self._options.surface, name)

    def _submit_flow(
        self,
        request: ModelRequest,
        webhook_url: str | None,
        extra_body: Mapping[str, object] | None,
        timeout: TimeoutTypes | None,
    ) -> Flow[PredictionData]:
        from get3w_core.checks import check_mapping, check_timeout, check_webhook
        from get3w_core.request import check_pending_body, check_wire_body, checked_request
        from get3w_core.submitting import Submission, submit
        from get3w_core.wire import pending_body, wire_body

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
        )
        return submit(self._flow_context(), submission)

    def _result_flow(
        self, prediction_id: str, name: SurfaceName | None, *, alias: bool
    ) -> Flow[PredictionData]:
        from get3w_core.effects import HttpRequest
        from get3w_core.events import tell_polled
        from get3w_core.reading import Subject, about, read_prediction

        where = self._surface_of_id(name)
        url = where.result_url(self.base_url, prediction_id)
        request = HttpRequest("GET", url + (where.result_suffix if alias else ""))
        ctx = self._flow_context()

        def look_up() -> Flow[PredictionData]:
            started = ctx.clock()
            data, _ = yield from read_prediction(ctx, request, subject=Subject(prediction_id))
            # Whether its end is news is not known here.
            tell_polled(ctx, data, 1, ctx.clock() - started, was_done=True)
            return data

        return about(prediction_id, look_up())

    def _delete_flow(self, prediction_id: str) -> Flow[None]:
        from get3w_core import surface
        from get3w_core.effects import HttpRequest
        from get3w_core.reading import about, read

        # [G] v3 only; a repeat after a lost answer may find it gone already.
        url = surface.SURFACES["v3"].result_url(self.base_url, prediction_id)
        flow = read(self._flow_context(), HttpRequest("DELETE", url), deleting=True)
        return about(prediction_id, _nothing(flow))

    def _upload_flow(
        self, file: UploadInput, content_type: str | None, *, reuse: bool
    ) -> Flow[str]:
        from get3w_core.checks import check_text
        from get3w_core.uploading import upload

        if content_type is not None:
            check_text("content_type", content_type)
        return upload(self._flow_context(), file, content_type, self._uploads.get(), reuse=reuse)

    def _models_flow(self) -> Flow[list[ModelListing]]:
        from get3w_core import accounts

        return self._account_flow("models", accounts.read_models)

    def _balance_flow(self) -> Flow[float]:
        from get3w_core import accounts

        return self._account_flow("balance", accounts.read_balance)

    def _usage_flow(
        self, period: str | None, start_date: str | None, end_date: str | None
    ) -> Flow[Usage]:
        from get3w_core import accounts

        return self._account_flow(
            "usage", accounts.read_usage, period=period, start_date=start_date, end_date=end_date
        )

    def _billings_flow(
        self, page: int | None, per_page: int | None, type_: Literal["top-up", "usage"] | None
    ) -> Flow[Billings]:
        from get3w_core import accounts

        return self._account_flow(
            "billings", accounts.read_billings, page=page, per_page=per_page, type=type_
        )

    def _account_flow(
        self, path: str, reader: Callable[[JsonValue], T | None], **query: str | int | None
    ) -> Flow[T]:
        from get3w_core import surface
        from get3w_core.answers import error_of
        from get3w_core.effects import HttpRequest
        from get3w_core.reading import read

        ctx = self._flow_context()
        request = HttpRequest("GET", surface.v3_url(self.base_url, path, **query))
        answer, _ = yield from read(ctx, request)
        result = reader(answer.data)
        if result is None:
            raise error_of(answer, request)
        return result


def _nothing(flow: Flow[object]) -> Flow[None]:
    yield from flow


def _make_cache() -> UploadCache:
    from get3w_core.upload_cache import UploadCache

    return UploadCache()
