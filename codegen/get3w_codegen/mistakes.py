"""What is well-formed and yet not what anybody can have meant."""

from collections.abc import Iterator
from itertools import chain

from get3w_codegen.effects import without_effect
from get3w_codegen.extensions import drop_misused
from get3w_codegen.keywords import DEFINITIONS, JsonObject, pointer
from get3w_codegen.merge import ASSERTIONS
from get3w_codegen.problems import Level, Problem
from get3w_codegen.spelling import misspelt
from get3w_codegen.unmet import never_met


def mistakes(
    root: JsonObject, file: str, model_id: str, *, opened: bool = False
) -> Iterator[Problem]:
    """Yield the mistakes of a schema, and drop from it those of our own keys that do not fit.

    Args:
        root: The schema, without what is no JSON Schema.
        file: The file, relative to the schema folder.
        model_id: The id that its path says.
        opened: Whether objects that say nothing of further names will be read as open.
    """
    if not ASSERTIONS & root.keys() and DEFINITIONS & root.keys():
        names = next(iter(DEFINITIONS & root.keys()))
        message = "Only definitions are in the file, so the model has no parameters"
        remedy = f'Refer to the one that is the input: {{"$ref": "#/{names}/NAME"}}.'
        yield Problem(file, f"/{names}", message, remedy, Level.WARNING)
    for path, message, remedy, level in drop_misused(root, model_id):
        yield Problem(file, pointer(path), message, remedy, level)
    found = chain(misspelt(root), without_effect(root), never_met(root, opened=opened))
    for path, message, remedy in found:
        yield Problem(file, pointer(path), message, remedy, Level.WARNING)
