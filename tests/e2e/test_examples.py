"""The examples in docstrings, run as a reader would run them."""

import ast
import asyncio
import doctest
import inspect

import get3w_models
import pytest
from get3w_core import AsyncPrediction, Prediction, set_default_client

FUNCTIONS = [name for name in get3w_models.__all__ if name.startswith("submit_")]


def code_of(function):
    """Return the code of the example in a function's docstring; it may await."""
    (example,) = doctest.DocTestParser().get_examples(inspect.getdoc(function))
    assert "" == example.want
    return compile(example.source, "<example>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if not name.endswith("_async")])
def test_example_runs(client, name):
    """The example submits a prediction that the server accepts."""
    set_default_client(client)
    names = {name: getattr(get3w_models, name)}

    exec(code_of(names[name]), names)

    assert isinstance(names["prediction"], Prediction)
    assert "created" == names["prediction"].status


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name.endswith("_async")])
def test_async_example_runs(connect, name):
    """The example awaits a prediction that the server accepts."""
    names = {name: getattr(get3w_models, name)}

    async def run():
        async with connect() as client:
            set_default_client(client)
            await eval(code_of(names[name]), names)
            set_default_client(None)

    asyncio.run(run())

    assert isinstance(names["prediction"], AsyncPrediction)
