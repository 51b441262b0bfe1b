"""The shared default clients, and module-level `submit` and `reconcile`, sync and async."""

# The modules of this package use each other's members that users never need:
# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar

from get3w_core.client.aio import AsyncClient
from get3w_core.client.session import AsyncSession, Session
from get3w_core.client.shared import ASYNC, SYNC, Shared
from get3w_core.client.sync import Client
from get3w_core.errors.base import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from get3w_core.client.prediction import AsyncPrediction, Prediction
    from get3w_core.outputs.kinds import OutputT
    from get3w_core.reconciling.results import Reconciliation
    from get3w_core.reconciling.saved import SavedSubmission
    from get3w_core.reconciling.unknown import SubmitOutcomeUnknownError
    from get3w_core.request.base import ModelRequest
    from get3w_core.request.values.types import TimeoutTypes
    from get3w_core.webhooks.delivery import WebhookDelivery

S = TypeVar("S", Session, AsyncSession)
C = TypeVar("C", Client, AsyncClient)


class _Clients(Generic[S, C]):
    """The clients over the shared sessions of one kind."""

    def __init__(self, shared: Shared[S], client_over: Callable[[S], C]) -> None:
        self._shared: Shared[S] = shared
        self._client_over: Callable[[S], C] = client_over
        self._given: tuple[S, C] | None = None
        self._made: tuple[S, C] | None = None

    def get(self) -> C:
        """Return the client that was set, else the one over the session that is shared."""
        session = self._shared.get()
        for known in (self._given, self._made):
            if known is not None and known[0] is session:
                return known[1]
        with self._shared.lock:
            if self._made is None or self._made[0] is not session:
                self._made = (session, self._client_over(session))
            return self._made[1]

    def set(self, session: S | None, client: C | None) -> None:
        """Share *client*, which is over *session*, or none."""
        self._given = None if session is None or client is None else (session, client)
        self._shared.set(session)


_SYNC: Final = _Clients(SYNC, Client._over)
_ASYNC: Final = _Clients(ASYNC, AsyncClient._over)


def default_client() -> Client:
    """Return the shared client, made from the environment at first use.

    It is made anew once GET3W_BASE_URL or GET3W_API_KEY has another value.

    Raises:
        ConfigurationError: A variable cannot be used.
    """
    return _SYNC.get()


def default_async_client() -> AsyncClient:
    """Return the shared async client; see `default_client`.

    It works in several event loops, one after the other or at once.

    Raises:
        ConfigurationError: A variable cannot be used.
    """
    return _ASYNC.get()


def set_default_client(client: Client | AsyncClient | None) -> None:
    """Replace the shared client of the same kind; None makes both anew at their next use.

    A client that is set stays, whatever becomes of the environment.
    What was shared before stays open: whoever made it closes it.

    Raises:
        ConfigurationError: It is no client.
    """
    if client is not None:
        _check_client("set_default_client", client)
    if client is None or isinstance(client, Client):
        _SYNC.set(None if client is None else client._session, client)
    if client is None or isinstance(client, AsyncClient):
        _ASYNC.set(None if client is None else client._session, client)


def submit(
    request: ModelRequest[OutputT],
    *,
    client: Client | None = None,
    webhook_url: str | None = None,
    extra_body: Mapping[str, object] | None = None,
    timeout: TimeoutTypes | None = None,
) -> Prediction[OutputT]:
    """Start a prediction with *client*, else the shared one; see `Client.submit`."""
    chosen = default_client() if client is None else client
    _refuse(chosen, AsyncClient, "the model's submit_..._async")
    return chosen.submit(request, webhook_url=webhook_url, extra_body=extra_body, timeout=timeout)


async def submit_async(
    request: ModelRequest[OutputT],
    *,
    client: AsyncClient | None = None,
    webhook_url: str | None = None,
    extra_body: Mapping[str, object] | None = None,
    timeout: TimeoutTypes | None = None,  # noqa: ASYNC109 - the same name as in the sync one
) -> AsyncPrediction[OutputT]:
    """Start a prediction with *client*, else the shared one; see `AsyncClient.submit`."""
    chosen = default_async_client() if client is None else client
    _refuse(chosen, Client, "the function without _async at its end")
    return await chosen.submit(
        request, webhook_url=webhook_url, extra_body=extra_body, timeout=timeout
    )


def reconcile(
    error: SubmitOutcomeUnknownError | SavedSubmission,
    *,
    client: Client | None = None,
    within: float = 30.0,
    delivery: WebhookDelivery | None = None,
    others: Iterable[SubmitOutcomeUnknownError | SavedSubmission] = (),
    taken: Iterable[str] = (),
) -> Reconciliation[Prediction]:
    """Look for the task of a submit of unknown outcome; see `Client.reconcile`."""
    chosen = default_client() if client is None else client
    return chosen.reconcile(error, within=within, delivery=delivery, others=others, taken=taken)


async def reconcile_async(
    error: SubmitOutcomeUnknownError | SavedSubmission,
    *,
    client: AsyncClient | None = None,
    within: float = 30.0,
    delivery: WebhookDelivery | None = None,
    others: Iterable[SubmitOutcomeUnknownError | SavedSubmission] = (),
    taken: Iterable[str] = (),
) -> Reconciliation[AsyncPrediction]:
    """Look for the task of a submit of unknown outcome; see `Client.reconcile`."""
    chosen = default_async_client() if client is None else client
    return await chosen.reconcile(
        error, within=within, delivery=delivery, others=others, taken=taken
    )


def _refuse(client: object, wrong: type[Client | AsyncClient], other: str) -> None:
    # What stands in for a client in somebody's test has a `submit` of its own.
    if isinstance(client, type) or not hasattr(client, "submit"):
        _check_client("client=", client)
    # Found out later, the task would exist and its handle would be lost.
    if isinstance(client, wrong):
        raise ConfigurationError(
            f"client= is {'an' if wrong is AsyncClient else 'a'} {wrong.__name__}: call {other}"
            " with it. Nothing was sent."
        )


def _check_client(caller: str, client: object) -> None:
    if isinstance(client, Client | AsyncClient):
        return
    if isinstance(client, type):
        kind = f"the class {client.__name__}"
    else:
        kind = f"{type(client).__module__}.{type(client).__name__}".removeprefix("builtins.")
    raise ConfigurationError(
        f"{caller} takes a Client or AsyncClient of get3w_core, not {kind}. Nothing was sent."
    )
