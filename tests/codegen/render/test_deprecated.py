"""What a schema that is marked as deprecated comes to."""

import asyncio
import inspect

import pytest
from get3w_core import AsyncClient, Client
from get3w_emulator import running

SCHEMAS = {
    "acme/old": {
        "type": "object",
        "deprecated": True,
        "properties": {"prompt": {"type": "string"}},
    },
    "acme/new": {
        "type": "object",
        "properties": {
            "prompt": {"type": "string"},
            "safe": {"type": "boolean", "deprecated": True},
        },
    },
}


@pytest.fixture
def emulator(schemas):
    with running(schemas=schemas(SCHEMAS), image_seconds=0) as emulator:
        yield emulator


@pytest.fixture
def package(build):
    return build(SCHEMAS)


def test_deprecated_function_warns_and_works(package, emulator):
    """A call of a deprecated model's function warns at the caller's line and is submitted."""
    warning = pytest.warns(DeprecationWarning, match=r"^acme/old is deprecated")
    with Client(emulator.api_key, emulator.url) as client, warning as warned:
        prediction = package.submit_old("x", client=client)

    assert [__file__] == [each.filename for each in warned]
    assert "created" == prediction.status


def test_deprecated_async_function_warns_and_works(package, emulator):
    """The async function does so too, and is still taken for a coroutine function."""

    async def call():
        async with AsyncClient(emulator.api_key, emulator.url) as client:
            return await package.submit_old_async("x", client=client)

    with pytest.warns(DeprecationWarning, match=r"^acme/old is deprecated"):
        prediction = asyncio.run(call())

    assert "created" == prediction.status
    assert asyncio.iscoroutinefunction(package.submit_old_async)


def test_deprecated_function_says_so(package):
    """Signature and docstring stay, and the docstring says it first."""
    doc = inspect.getdoc(package.submit_old)

    assert "prompt" == next(iter(inspect.signature(package.submit_old).parameters))
    assert "Deprecated: acme/old is deprecated, says its schema." == doc.splitlines()[2]


def test_deprecated_parameter_says_so(package, emulator):
    """A deprecated parameter is marked in its words; neither it nor its model warns."""
    with Client(emulator.api_key, emulator.url) as client:
        package.submit_new("x", safe=True, client=client)

    assert "    safe: Deprecated. The input safe." in inspect.getdoc(package.submit_new)
