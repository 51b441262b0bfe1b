"""The class of a model's outputs, by its `x-model-type`."""

import inspect

import pytest
from get3w_codegen.model.purpose import output_class
from get3w_core import AnyOutput, AsyncPrediction, Client, FileOutput, Prediction, TextOutput
from get3w_core.request.base import output_type_of
from get3w_emulator import running

FILES = """
text-to-image image-to-image text-to-video image-to-video video-to-video audio-to-video
image-audio-to-video text-to-audio video-to-audio text-to-music text-to-speech image-to-3d
digital-human image-upscale lora-support motion-control portrait-transfer video-effects video-extend
""".split()


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *((kind, "FileOutput") for kind in FILES),
        *((kind, "TextOutput") for kind in ("llm", "image-to-text", "speech-to-text")),
        *((kind, None) for kind in ("", "realtime", "moderation", "to-image", "image-to-anything")),
    ],
)
def test_class_of_outputs(kind, name):
    """Media are files, what language models write is text, and an odd kind has none."""
    assert name == output_class(kind)


def schema(kind):
    fields = {} if kind is None else {"x-model-type": kind}
    return {"type": "object", "properties": {"prompt": {"type": "string"}}, **fields}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("text-to-image", FileOutput), ("llm", TextOutput), ("odd", None), (None, None)],
)
def test_generated_module_names_its_outputs(build, kind, expected):
    """The request class and what both functions return carry the class of the outputs."""
    package = build({"acme/made": schema(kind)})
    functions = (package.submit_made, package.submit_made_async)
    returned = [inspect.signature(function).return_annotation for function in functions]
    handles = [Prediction, AsyncPrediction]

    assert expected is output_type_of(package.MadeRequest)
    assert returned == ([each[expected] for each in handles] if expected else handles)


def test_language_model_gives_text(build, schemas):
    """What a language model writes is a text, from the function to the output."""
    models = {"acme/write": schema("llm"), "acme/draw": schema("text-to-image")}
    package = build(models)
    with (
        running(schemas=schemas(models), image_seconds=0) as emulator,
        Client(emulator.api_key, emulator.url) as client,
    ):
        text = package.submit_write("x", client=client).wait().output
        picture = package.submit_draw("x", client=client).wait().output
        assert text.read() == text.text.encode()

    assert (TextOutput, FileOutput) == (type(text), type(picture))


def test_any_output_is_each_of_the_three():
    """A handle without a parameter has outputs of any class."""
    [parameter] = Prediction.__parameters__

    assert parameter.__default__ == AnyOutput
