"""What the two clients share: their options, and the flow behind every method.

The flows are imported by the calls that need them: a program that imports a model for its types
pays for none of them.
"""

from __future__ import annotations

import time
from random import random
from typing import TYPE_CHECKING, Literal, TypeVar

from get3w_core.errors import ClientClosedError
from get3w_core.lazily import CLOSED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from get3w_core.accounts import Billings, ModelListing, Usage
    from get3w_core.effects import Context, Flow
    from get3w_core.files import UploadInput
    from get3w_core.jsonvalue import JsonValue
    from get3w_core.options import ClientOptions, SurfaceName
    from get3w_core.prediction_data import PredictionData
    from get3w_core.request import ModelRequest
    from get3w_core.surface import Surface
    from get3w_core.types import TimeoutTypes

T = TypeVar("T")


class BaseClient:
    """Options, and a flow for each call; the subclasses run the flows."""

    def __init__(self, options: ClientOptions) -> None:
        self._options = options
        self._closed = False

    @property
    def options(self) -> ClientOptions:
        """The settings; the key in them does not show itself."""
        return self._options

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

    def context(self, *, keyed: bool = True) -> Context:
        """Return what a flow runs with.

        Raises:
            ClientClosedError: The client was closed.
            ConfigurationError: There is no API key, and the flow needs one.
        """
        from get3w_core.effects import Context

        if keyed:
            self._options.require_key()
        self.check_open()
        return Context(self._options, time.monotonic, random, time.time)

    def check_open(self) -> None:
        """Refuse to work for a client that was closed.

        Raises:
            ClientClosedError: It was.
        """
        if self.is_closed:
            raise ClientClosedError(CLOSED)

    def surface_of_id(self, name: SurfaceName | None) -> Surface:
        """Return the surface to look a prediction up on: the one named, else the client's."""
        from get3w_core import surface

        return surface.choose(name, self._options.surface)

    def surface_of(self, name: SurfaceName | None) -> Surface:
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
        from get3w_core.request import check_wire_body, wire_body
        from get3w_core.submitting import Submission, submit

        model = request.__model__
        submission = Submission(
            model_id=model.model_id,
            documented=model.documented,
            surface=self.surface_of(model.surface),
            fields=wire_body(request),
            check=lambda body: check_wire_body(request, body),
            webhook_url=webhook_url,
            extra_body=extra_body,
            timeout=timeout,
        )
        return submit(self.context(), submission)

    def _result_flow(
        self, prediction_id: str, name: SurfaceName | None, *, alias: bool
    ) -> Flow[PredictionData]:
        from get3w_core.effects import HttpRequest
        from get3w_core.reading import about, read_prediction

        where = self.surface_of_id(name)
        url = where.result_url(self.base_url, prediction_id)
        request = HttpRequest("GET", url + (where.result_suffix if alias else ""))
        return about(prediction_id, _first(read_prediction(self.context(), request)))

    def _delete_flow(self, prediction_id: str) -> Flow[None]:
        from get3w_core import surface
        from get3w_core.effects import HttpRequest
        from get3w_core.reading import about, read

        # [G] v3 only; a repeat after a lost answer may find it gone already.
        url = surface.SURFACES["v3"].result_url(self.base_url, prediction_id)
        flow = read(self.context(), HttpRequest("DELETE", url), deleting=True)
        return about(prediction_id, _nothing(flow))

    def _upload_flow(self, file: UploadInput, content_type: str | None) -> Flow[str]:
        from get3w_core.uploading import upload

        return upload(self.context(), file, content_type)

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

        ctx = self.context()
        request = HttpRequest("GET", surface.v3_url(self.base_url, path, **query))
        answer, _ = yield from read(ctx, request)
        result = reader(answer.data)
        if result is None:
            raise error_of(answer, request)
        return result


def _first(flow: Flow[tuple[T, object]]) -> Flow[T]:
    result, _ = yield from flow
    return result


def _nothing(flow: Flow[object]) -> Flow[None]:
    yield from flow
