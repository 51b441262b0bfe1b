"""The OpenAPI document, and what a fuzzer finds along it."""

import os

import httpx
import pytest
import schemathesis
from get3w_emulator import Settings, create_app, in_process
from get3w_emulator.api.openapi import body_schema
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

EXAMPLES = int(os.environ.get("GET3W_FUZZ_EXAMPLES", "1"))  # `make fuzz-emulator` tries more


@pytest.fixture(scope="module")
def document():
    with in_process() as emulator, httpx.Client(transport=emulator.transport()) as http:
        return http.get(f"{emulator.url}/openapi.json").json()


def test_document_is_valid(document):
    """A validator of OpenAPI 3.1 has nothing to say."""
    assert "3.1.0" == document["openapi"]
    assert [] == [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()]


def test_every_model_is_in_it_twice(document, catalogue):
    """Each has its operation on both surfaces, beside the eight other paths."""
    for model_id in catalogue:
        assert "post" in document["paths"][f"/api/v3/{model_id}"]
        assert "post" in document["paths"][f"/v1/{model_id}"]
    assert 2 * len(catalogue) + 8 == len(document["paths"])


def test_body_is_as_strict_as_the_emulator(catalogue):
    """What is no parameter is refused by the schema too."""
    for model in catalogue.values():
        validator = Draft202012Validator(body_schema(model))
        errors = [error.message for error in validator.iter_errors({"no_such_thing": 1})]

        assert any("no_such_thing" in message for message in errors), model.id


def fuzzed(app, examples):
    """Try every operation; return how many calls were made, and every answer of 5xx."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    headers = {"Authorization": "Bearer test-key"}
    calls, broken = 0, []
    few = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    for found in schema.get_all_operations():
        operation = found.ok()

        def call(case):
            nonlocal calls
            answer = case.call(headers=headers)
            calls += 1
            if answer.status_code >= 500:
                broken.append((answer.status_code, case.as_curl_command()))

        few(given(case=operation.as_strategy())(call))()
    return calls, broken


def test_fuzzer_finds_no_server_error():
    """Whatever is sent along the document, no answer is a 5xx."""
    calls, broken = fuzzed(create_app(Settings(image_seconds=0, hosts=("testserver",))), EXAMPLES)

    assert [] == broken
    assert 110 < calls
