"""Write the text of generated docstrings."""

from collections.abc import Iterator

from get3w_codegen.model.model import Facts, Field, Model, Object
from get3w_codegen.model.purpose import first_sentence, purpose
from get3w_codegen.parse.values import ANYTHING
from get3w_codegen.text.literals import readable
from get3w_codegen.text.visible import one_line

# A first line of more characters than this says too much.
_LONGEST_WORK = 88

_STEPS = {"items", "properties", "additionalProperties", "anyOf", "oneOf"} | set("0123456789")

OPTIONS = {
    "client": "The client to send with; left out, the shared default client.",
    "webhook_url": "Address to which Get3W POSTs the finished prediction.",
    "extra_body": "Input unknown to the schema, sent beside the rest; local files are uploaded.",
    "timeout": "Seconds, or an `httpx.Timeout`, for one HTTP attempt.",
}

RETURNS = "A handle on the running prediction; `wait()` waits for its outputs."

ASYNC_RETURNS = "A handle on the running prediction; `await` its `wait()` for the outputs."

# The documentation lists the errors; every module would repeat the list.
RAISES = "Get3WError: Nothing was started; after SubmitOutcomeUnknownError, it may have been."


def work(model: Model) -> str:
    """Return the first line of a function's docstring."""
    made = purpose(model)
    if made:
        return f"{made} with {model.model_id}."
    said = _described(model)
    if said:
        return f"{model.model_id}: {said}"
    return (
        f"Run the {model.kind} model {model.model_id}." if model.kind else f"Run {model.model_id}."
    )


def facts(model: Model) -> Facts:
    """Return what the package's index says of *model*."""
    return Facts(
        documented=model.documented,
        title=one_line(purpose(model) or first_sentence(model.description)),
        kind=one_line(model.kind),
        price=model.price,
        source=model.source,
        deprecated=model.deprecated,
        surface=model.surface,
    )


def _described(model: Model) -> str:
    """Return the start of the description if it is the first line of the docstring, or ""."""
    said = "" if purpose(model) else first_sentence(model.description)
    return said if len(f"{model.model_id}: {said}") <= _LONGEST_WORK else ""


def about(model: Model) -> Iterator[str]:
    """Yield the paragraphs between a function's first line and its parameters."""
    if model.deprecated:
        yield f"Deprecated: {deprecation(model)}"
    facts: list[str] = []
    if not model.documented:
        facts.append("This model is not confirmed on Get3W.")
    if model.surface is not None:
        facts.append(f"Sent to the {model.surface} API, where Get3W documents it.")
    if model.price is not None:
        facts.append(f"Base price: {model.price:g} USD per run, according to the source.")
    if facts:
        yield " ".join(facts)
    if rest := model.description.removeprefix(_described(model)).strip():
        yield rest


def origin(model: Model) -> Iterator[str]:
    """Yield the paragraphs of a module's docstring that say where its facts come from."""
    if not model.documented:
        yield "This model is not confirmed on Get3W: its schema does not come from there."
    if model.source:
        yield f"Source: {model.source}"


def example(model: Model, call: str, width: int) -> list[str]:
    """Return the lines of a program that calls *call*; none where no input is known.

    They hold no prompt: a test runner would run them, and each run costs money.
    """
    if model.example is None:
        return []
    names = {field.wire: field.name for field in model.request.fields}
    given = [f"{names[wire]}={readable(value)}" for wire, value in model.example.items()]
    line = f"prediction = {call}({', '.join(given)})"
    if len(line) <= width:
        return [line]
    if len(inside := f"    {', '.join(given)}") <= width:
        return [f"prediction = {call}(", inside, ")"]
    return [f"prediction = {call}(", *(f"    {each}," for each in given), ")"]


def deprecation(model: Model) -> str:
    """Return what is said of a model whose schema is marked as deprecated, or ""."""
    return f"{model.model_id} is deprecated according to its schema." if model.deprecated else ""


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
    # Elsewhere None means "not given": whoever may write it has to know which it is here.
    null = ("None is sent as null.",) if field.nullable and field.shape != ANYTHING else ()
    said = field.description or f"The input {field.wire}."
    if said[-1] not in ".!?:":
        said += "."
    deprecated = ("Deprecated.",) if field.deprecated else ()
    return " ".join([*deprecated, said, *field.remarks, *null])
