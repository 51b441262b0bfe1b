"""What modules of this package ask of clients and handles, and their users never do.

One underscore keeps these members out of completion; that they are used elsewhere is seen here.
"""

# That is what this module is for:
# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from get3w_core._common.prediction_data import PredictionData
    from get3w_core.client.aio import AsyncClient
    from get3w_core.client.base import BaseClient
    from get3w_core.client.handle import PredictionHandle
    from get3w_core.client.sync import Client
    from get3w_core.flow.effects import Context, Flow, HttpRequest
    from get3w_core.flow.options import ClientOptions, SurfaceName

T = TypeVar("T")


def options_of(client: BaseClient) -> ClientOptions:
    """Return the settings of *client*; the key in them does not show itself."""
    return client._options


def context_of(client: BaseClient, *, keyed: bool = True) -> Context:
    """Return what a flow of *client* runs with.

    Raises:
        ClientClosedError: The client was closed.
        ConfigurationError: There is no API key, and the flow needs one.
    """
    return client._flow_context(keyed=keyed)


def run(client: Client, flow: Flow[T]) -> T:
    """Run *flow* with the connections of *client*."""
    return client._run_flow(flow)


async def run_async(client: AsyncClient, flow: Flow[T]) -> T:
    """Run *flow* with the connections of *client*."""
    return await client._run_flow(flow)


def surface_of(handle: PredictionHandle) -> SurfaceName:
    """Return the surface that *handle* is asked for on."""
    return handle._surface


def poll_request(handle: PredictionHandle, *, built: bool = False) -> HttpRequest:
    """Return the request that asks for the present state of *handle*.

    *built* leaves the address that the server gave aside, and builds one from the id.
    """
    return handle._poll_request(built=built)


def learn(handle: PredictionHandle, newer: PredictionData) -> bool:
    """Take in a newer state of the same prediction, and tell whether its status is another."""
    return handle._learn(newer)
