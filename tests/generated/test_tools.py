"""What a tool of a language model, or a form maker, sees of a model: its JSON Schema."""

import get3w_models
import pytest
from jsonschema import Draft202012Validator


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_json_schema_has_the_words_of_the_schema(model, mode):
    """Every parameter that the model's schema describes is described, by its name on the wire."""
    schema = model.request_class.model_json_schema(mode=mode)
    Draft202012Validator.check_schema(schema)
    described = {name for name, each in model.properties.items() if each.get("description")}

    assert schema["properties"].keys() == model.properties.keys()
    assert set() == described - {
        name for name, each in schema["properties"].items() if each.get("description")
    }
    assert {"client", "webhook_url", "timeout"}.isdisjoint(schema["properties"].keys() - described)


def test_words_and_defaults_are_those_of_the_editor():
    """The texts below the fields, and the server's defaults."""
    schema = get3w_models.NanoBananaEditRequest.model_json_schema()
    properties = schema["properties"]

    assert properties["prompt"]["description"].startswith("What to generate or change")
    assert "png" == properties["output_format"]["default"]
    assert ["prompt", "images"] == schema["required"]


def test_arguments_of_a_tool_are_read_as_a_body(model):
    """What a language model writes by that schema makes a request."""
    body = model.body(everything=True)
    request = model.request_class.model_validate(body)

    assert body == request.model_dump(by_alias=True, mode="json")
