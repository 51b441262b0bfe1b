"""Run all checks on one schema, in a fixed order, and remove the `x-` keys that are invalid."""

from collections.abc import Iterator
from itertools import chain
from typing import cast

from get3w_codegen.analysis.assertions import Assertions
from get3w_codegen.budget import TooMuchWorkError, bounded_part
from get3w_codegen.jsonschema.keywords import DEFINITIONS, JsonObject, Path, is_object, pointer
from get3w_codegen.jsonschema.merge import ASSERTIONS
from get3w_codegen.jsonschema.references import DanglingReferenceError
from get3w_codegen.jsonschema.validation import Judge
from get3w_codegen.lint.extension_keys import drop_misused
from get3w_codegen.lint.impossible import never_met
from get3w_codegen.lint.ineffective import without_effect
from get3w_codegen.lint.misspelt import misspelt
from get3w_codegen.problems import Level, Problem, shown

_MOST_STEPS = 20_000


def mistakes(
    root: JsonObject, file: str, model_id: str, *, opened: bool = False
) -> Iterator[Problem]:
    """Yield the mistakes in a schema, and drop its unusable `x-` keys.

    Args:
        root: The schema, without what is no JSON Schema.
        file: The file, relative to the schema folder.
        model_id: The id that its path says.
        opened: Whether objects that state no `additionalProperties` will be read as open.
    """
    if not ASSERTIONS & root.keys() and DEFINITIONS & root.keys():
        names = next(iter(DEFINITIONS & root.keys()))
        message = "Only definitions are in the file, so the model has no parameters"
        remedy = f'Refer to the one that is the input: {{"$ref": "#/{names}/NAME"}}.'
        yield Problem(file, f"/{names}", message, remedy, Level.WARNING)
    for path, message, remedy, level in drop_misused(root, model_id):
        yield Problem(file, pointer(path), message, remedy, level)
    found = chain(
        misspelt(root),
        without_effect(root),
        never_met(root, opened=opened),
        () if opened else _refused_examples(root),
    )
    for path, message, remedy in found:
        yield Problem(file, pointer(path), message, remedy, Level.WARNING)


def _refused_examples(root: JsonObject) -> Iterator[tuple[Path, str, str]]:
    """Yield the examples of a whole request that the schema itself refuses."""
    stated = root.get("examples")
    if not isinstance(stated, list) or not stated:
        return
    assertions = Assertions(root, closed=True)
    try:
        with bounded_part(_MOST_STEPS):
            judge = Judge(assertions.complete(assertions.of_value(root)))
    except (TooMuchWorkError, DanglingReferenceError, ValueError):
        return  # nobody shows these, so what takes too long is not told either
    for number, example in enumerate(cast("list[object]", stated)):
        if is_object(example) and not judge.accepts(example):
            message = f"The example {shown(example)} is refused by the schema itself"
            yield ("examples", number), message, "Correct the example, or the schema."
