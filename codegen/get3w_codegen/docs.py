"""The words of a generated docstring."""

from collections.abc import Iterator
from typing import cast

from get3w_codegen.literals import docstring_text, literal
from get3w_codegen.model import Field, Model, Object

_WORK = {
    "audio-to-video": "Make a video from audio",
    "digital-human": "Make a talking or lip-synced video",
    "image-to-3d": "Make a 3D model from an image",
    "image-to-image": "Edit an image",
    "image-to-video": "Make a video from an image",
    "image-upscale": "Enlarge an image",
    "llm": "Answer a prompt",
    "lora-support": "Make an image or video in the style of a LoRA",
    "motion-control": "Move a character as a video shows",
    "portrait-transfer": "Carry a portrait over into another picture",
    "text-to-audio": "Make audio from text",
    "text-to-image": "Make an image from text",
    "text-to-speech": "Make speech from text",
    "text-to-video": "Make a video from text",
    "video-effects": "Apply an effect to a video",
    "video-extend": "Make a video longer",
    "video-to-audio": "Make audio for a video",
    "video-to-video": "Edit a video",
}

_STEPS = {"items", "properties", "additionalProperties", "anyOf", "oneOf"} | set("0123456789")

OPTIONS = {
    "client": "The client to send with; left out, the shared default client.",
    "webhook_url": "Address to which Get3W POSTs the finished prediction.",
    "extra_body": "Input that the schema does not know yet; sent as it is, beside the rest.",
    "timeout": "Seconds, or an `httpx.Timeout`, for one HTTP attempt.",
}

RETURNS = "A handle on the running prediction; `wait()` waits for its outputs."

ASYNC_RETURNS = "A handle on the running prediction; `await` its `wait()` for the outputs."

RAISES = {
    "RequestValidationError": "The input does not fit the model's schema; nothing was sent.",
    "APIError": "Get3W refused the request; nothing was started.",
    "ConnectionFailedError": "Get3W could not be reached; nothing was started.",
    "SubmitOutcomeUnknownError": "No clear answer came back; it was not sent again.",
}


def work(model: Model) -> str:
    """Return the first line of a function's docstring."""
    return f"{_WORK.get(model.kind, 'Submit a task')} with {model.model_id}."


def about(model: Model) -> Iterator[str]:
    """Yield the paragraphs that say how far the facts of *model* can be trusted."""
    if model.deprecated:
        yield f"Deprecated: {deprecation(model)}"
    if not model.documented:
        yield "This model is not confirmed on Get3W: its schema names no source of Get3W's own."
    if model.description:
        yield model.description
    if model.surface is not None:
        yield f"Sent to the {model.surface} API, where Get3W documents it."
    if model.price is not None:
        yield f"Base price: {model.price:g} USD per run, says the source."
    if model.source:
        yield f"Source: {model.source}"


def example(model: Model, call: str, width: int) -> list[str]:
    """Return the lines of an example of *call*, as docstring source; none where none is known."""
    if model.example is None:
        return []
    names = {field.wire: field.name for field in model.request.fields}
    given = [f"{names[wire]}={_shown(value)}" for wire, value in model.example.items()]
    line = f">>> prediction = {call}({', '.join(given)})"
    lines = [line]
    if len(line) > width:
        lines = [f">>> prediction = {call}(", *(f"...     {each}," for each in given), "... )"]
    return [docstring_text(line) for line in lines]


def _shown(value: object) -> str:
    """Return the source of *value* with double quotes, as code is written here."""
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, cast('list[object]', value)))}]"
    source = literal(value)
    plain = isinstance(value, str) and not set(value) & {"'", '"'}
    return f'"{source[1:-1]}"' if plain else source


def deprecation(model: Model) -> str:
    """Return what is said of a model whose schema is marked as deprecated, or ""."""
    return f"{model.model_id} is deprecated, says its schema." if model.deprecated else ""


def part(made: Object) -> str:
    """Return what an object inside the input is."""
    owner = next(
        (step for step in reversed(made.pointer.split("/")) if step not in _STEPS), "the input"
    )
    return made.description or (
        f"An item of `{owner}`." if made.pointer.endswith("/items") else f"The value of `{owner}`."
    )


def meaning(field: Field) -> str:
    """Return what *field* means, its range and its default."""
    said = field.description or f"The input {field.wire}."
    if said[-1] not in ".!?:":
        said += "."
    deprecated = ("Deprecated.",) if field.deprecated else ()
    return " ".join([*deprecated, said, *field.remarks])
