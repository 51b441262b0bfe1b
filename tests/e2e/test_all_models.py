"""Every model from the typed call to its outputs, through a real server."""

import asyncio
import inspect
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import get3w_models
import httpx
import pytest
from get3w_core import AsyncClient, Client
from get3w_core.request.wire import wire_body
from get3w_emulator import running

MODELS = get3w_models.model_ids()


@dataclass
class Run:
    """One model's way through the server."""

    model_id: str
    arguments: dict
    statuses: list = field(default_factory=list)
    prediction: object = None

    @property
    def request_class(self):
        return get3w_models.request_class(self.model_id)

    def function(self, suffix=""):
        module = inspect.getmodule(self.request_class)
        return getattr(module, f"submit_{module.__name__.rpartition('.')[2]}{suffix}")

    def saw(self, prediction):
        self.statuses.append(prediction.status)


@dataclass
class Finished:
    """All runs of one client, and what the server says of them."""

    runs: dict
    errors: dict
    ledger: list
    files: dict
    origin: str

    def run(self, model_id):
        if model_id in self.errors:
            raise self.errors[model_id]
        return self.runs[model_id]

    def submissions(self, model_id):
        return [entry for entry in self.ledger if entry["model"] == model_id]


def submit_all(runs, emulator):
    """Run all with one client and several threads; return what went wrong."""

    def follow(run, client):
        run.prediction = run.function()(**run.arguments, client=client)
        run.prediction.wait(on_update=run.saw)

    with Client(emulator.api_key, emulator.url) as client, ThreadPoolExecutor(16) as pool:
        futures = {run.model_id: pool.submit(follow, run, client) for run in runs}
        return {key: future.exception() for key, future in futures.items() if future.exception()}


def submit_all_async(runs, emulator):
    """Run all in one event loop; return what went wrong."""

    async def follow(run, client):
        run.prediction = await run.function("_async")(**run.arguments, client=client)
        await run.prediction.wait(on_update=run.saw)

    async def everything():
        async with AsyncClient(emulator.api_key, emulator.url) as client:
            return await asyncio.gather(
                *(follow(run, client) for run in runs), return_exceptions=True
            )

    results = zip(runs, asyncio.run(everything()), strict=True)
    return {run.model_id: result for run, result in results if result is not None}


@pytest.fixture(scope="module", params=[submit_all, submit_all_async], ids=["sync", "async"])
def finished(request, example_arguments, tmp_path_factory):
    """Submit every model once, wait for it, and look at what the server holds."""
    folder = tmp_path_factory.mktemp("input")
    runs = [
        Run(model_id, example_arguments(get3w_models.request_class(model_id), folder))
        for model_id in MODELS
    ]
    with running(image_seconds=0.02) as emulator, httpx.Client(base_url=emulator.url) as http:
        errors = request.param(runs, emulator)
        ledger = http.get("/_emulator/ledger").json()["submissions"]
        files = {
            value: http.get(value).content
            for entry in ledger
            for value in leaves(entry["input"])
            if str(value).startswith(emulator.url)
        }
        return Finished({run.model_id: run for run in runs}, errors, ledger, files, emulator.url)


def leaves(value):
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from leaves(part)
    else:
        yield value


def same(given, sent, files):
    """Tell whether *sent* is *given*, with uploaded URLs in place of local files."""
    if isinstance(given, Path):
        return given.read_bytes() == files.get(sent)
    if isinstance(given, dict) and isinstance(sent, dict):
        return given.keys() == sent.keys() and all(
            same(given[key], sent[key], files) for key in given
        )
    if isinstance(given, list) and isinstance(sent, list):
        return len(given) == len(sent) and all(
            same(one, other, files) for one, other in zip(given, sent, strict=True)
        )
    return type(given) is type(sent) and given == sent


def test_there_are_at_least_54_models():
    """The catalogue is the whole one."""
    assert 54 <= len(MODELS)


@pytest.mark.parametrize("model_id", MODELS)
def test_model_completes(finished, model_id):
    """A typed call ends as completed and has outputs."""
    run = finished.run(model_id)

    assert "completed" == run.prediction.status
    assert run.prediction.outputs
    assert all(each.url.startswith(finished.origin) for each in run.prediction.outputs)
    assert model_id == run.prediction.model
    assert None is run.prediction.error


@pytest.mark.parametrize("model_id", MODELS)
def test_statuses_are_told(finished, model_id):
    """`on_update` is told the first status and the last, and none twice."""
    statuses = finished.run(model_id).statuses

    assert "completed" == statuses[-1]
    assert len(statuses) == len(set(statuses))
    assert set(statuses) <= {"created", "processing", "completed"}


@pytest.mark.parametrize("model_id", MODELS)
def test_model_is_submitted_once_with_what_was_given(finished, model_id):
    """The server accepted one task, whose input is what the caller gave and no more."""
    run = finished.run(model_id)
    given = wire_body(run.request_class(**run.arguments))

    (submission,) = finished.submissions(model_id)

    assert run.prediction.id == submission["id"]
    assert same(given, submission["input"], finished.files), submission["input"]


def test_local_files_were_uploaded(finished):
    """At least one model got its picture as a local file, and the server has its bytes."""
    assert finished.files
    assert all(content.startswith(b"\x89PNG") for content in finished.files.values())


def test_surfaces(finished):
    """A model that is documented on v1 is submitted there, the others on v3."""
    for model_id in MODELS:
        prediction = finished.run(model_id).prediction
        surface = get3w_models.request_class(model_id).__model__.surface or "v3"

        expected = "/v1/requests/" if surface == "v1" else "/api/v3/predictions/"
        assert expected in prediction.urls["get"]
