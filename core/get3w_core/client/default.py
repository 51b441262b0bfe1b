"""The shared default clients, and the two functions that generated code calls."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from get3w_core._common.secret import Secret, hidden
from get3w_core.client.aio import AsyncClient
from get3w_core.client.internals import options_of
from get3w_core.client.sync import Client
from get3w_core.errors.base import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from get3w_core.client.prediction import AsyncPrediction, Prediction
    from get3w_core.errors.task import SubmitOutcomeUnknownError
    from get3w_core.reconciling.results import Reconciliation
    from get3w_core.reconciling.saved import SavedSubmission
    from get3w_core.request.base import ModelRequest
    from get3w_core.request.values.types import TimeoutTypes
    from get3w_core.webhooks.delivery import WebhookDelivery

C = TypeVar("C", bound=Client | AsyncClient)


class _Shared(Generic[C]):
    """The client that is shared by all who bring none of their own."""

    def __init__(self, make: Callable[[], C]) -> None:
        self._make = make
        self._client: C | None = None
        self._made_with: tuple[Secret | None, Secret | None] | None = None

    def get(self) -> C:
        """Return the client, made anew where the environment has changed since."""
        client = self._usable()
        if client is None:
            with _lock.content:
                client = self._usable()
                if client is None:
                    variables = _variables()
                    client = self._make()
                    # Without a key it is of no use, and the key may still be put into the
                    # environment.
                    if options_of(client).api_key is not None:
                        self._client, self._made_with = client, variables
        return client

    def set(self, client: C | None) -> None:
        """Share *client* from now on, whatever the environment says; None makes one at need."""
        self._client, self._made_with = client, None

    def _usable(self) -> C | None:
        client, made_with = self._client, self._made_with
        if client is None or client.is_closed:
            return None
        if made_with is None:
            return client
        base_url, api_key = _variables()
        # A key that was taken out of the environment goes on being used.
        return client if (base_url, api_key or made_with[1]) == made_with else None


class _Lock:
    """A lock that a forked child replaces."""

    def __init__(self) -> None:
        self.content = threading.Lock()


def _variables() -> tuple[Secret | None, Secret | None]:
    return hidden(os.environ.get("GET3W_BASE_URL")), hidden(os.environ.get("GET3W_API_KEY"))


_lock = _Lock()
_sync: _Shared[Client] = _Shared(Client)
_asynchronous: _Shared[AsyncClient] = _Shared(AsyncClient)


def default_client() -> Client:
    """Return the shared client, made from the environment at first use.

    It is made anew once GET3W_BASE_URL or GET3W_API_KEY has another value.

    Raises:
        ConfigurationError: A variable cannot be used.
    """
    return _sync.get()


def default_async_client() -> AsyncClient:
    """Return the shared async client; see `default_client`.

    It works in several event loops, one after the other or at once.

    Raises:
        ConfigurationError: A variable cannot be used.
    """
    return _asynchronous.get()


def set_default_client(client: Client | AsyncClient | None) -> None:
    """Replace the shared client of the same kind; None makes both anew at their next use.

    A client that is set stays, whatever becomes of the environment.
    What was shared before stays open: whoever made it closes it.

    Raises:
        ConfigurationError: It is no client.
    """
    if client is not None:
        _check_client("set_default_client", client)
    with _lock.content:
        if client is None or isinstance(client, Client):
            _sync.set(client)
        if client is None or isinstance(client, AsyncClient):
            _asynchronous.set(client)


def submit(
    request: ModelRequest,
    *,
    client: Client | None = None,
    webhook_url: str | None = None,
    extra_body: Mapping[str, object] | None = None,
    timeout: TimeoutTypes | None = None,
) -> Prediction:
    """Start a prediction with *client*, else the shared one; see `Client.submit`."""
    chosen = default_client() if client is None else client
    _refuse(chosen, AsyncClient, "the model's submit_..._async")
    return chosen.submit(request, webhook_url=webhook_url, extra_body=extra_body, timeout=timeout)


async def submit_async(
    request: ModelRequest,
    *,
    client: AsyncClient | None = None,
    webhook_url: str | None = None,
    extra_body: Mapping[str, object] | None = None,
    timeout: TimeoutTypes | None = None,  # noqa: ASYNC109 - the same name as in the sync one
) -> AsyncPrediction:
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


def _check_client(taker: str, client: object) -> None:
    if isinstance(client, Client | AsyncClient):
        return
    if isinstance(client, type):
        kind = f"the class {client.__name__}"
    else:
        kind = f"{type(client).__module__}.{type(client).__name__}".removeprefix("builtins.")
    raise ConfigurationError(
        f"{taker} takes a Client or AsyncClient of get3w_core, not {kind}. Nothing was sent."
    )


def _after_fork() -> None:
    # A thread that held the lock is not here to free it; the clients start anew by themselves.
    _lock.content = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
