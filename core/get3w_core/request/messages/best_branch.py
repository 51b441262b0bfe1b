"""Choose, of the mistakes that a value makes in each branch of a union, those worth reading."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, cast, get_args

from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_core.core_schema import ErrorType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic_core import ErrorDetails

_PYDANTICS: Final = frozenset(get_args(ErrorType))
_CHOICES: Final = frozenset({"choice", "literal_error"})
# Only what stands at the value itself, not inside it, tells that it is of another kind.
_OTHER_KIND: Final = frozenset(
    {
        *("bool_type", "dict_type", "float_type", "int_type", "list_type", "model_type"),
        *("none_required", "number_type", "string_type", "type"),
    }
)
_ASKED: Final = "Input should be "


def rebuilt(detail: ErrorDetails) -> InitErrorDetails:
    """Return *detail* as the constructor of a `ValidationError` takes it."""
    if detail["type"] not in _PYDANTICS or detail["type"] == "extra_forbidden":
        return reworded(detail, detail["msg"])
    return InitErrorDetails(
        type=detail["type"], loc=detail["loc"], input=detail["input"], ctx=detail.get("ctx", {})
    )


def reworded(detail: ErrorDetails, text: str) -> InitErrorDetails:
    """Return *detail* with another message."""
    context = {**detail.get("ctx", {}), "message": text}
    kind: Any = detail["type"]  # where only a literal is expected
    error = PydanticCustomError(kind, "{message}", context)
    return InitErrorDetails(type=error, loc=detail["loc"], input=detail["input"])


def best_branch(branches: Iterable[list[ErrorDetails]]) -> list[ErrorDetails]:
    """Return the mistakes of the branch that a value was most likely meant for.

    Its kind decides (a text, an object), then what tells branches apart (a constant, a list of
    values), then how little is wrong.
    """
    all_branches = [without_echoes(branch) for branch in branches]
    fitting = [branch for branch in all_branches if not any(map(_is_other_kind, branch))]
    if not fitting:
        return [_joined([branch[0] for branch in all_branches])]
    tags = [{each["loc"]: each for each in branch if _is_choice(each)} for branch in fitting]
    wrong = [{each["loc"] for each in branch} for branch in fitting]

    def mismatches(number: int) -> int:
        """Count the constants of a branch that are wrong here and right elsewhere."""
        return sum(any(place not in other for other in wrong) for place in tags[number])

    # One property that is wrong in every branch, each of which asks for another value of it.
    for place in tags[0]:
        asked = {tag[place]["msg"]: tag[place] for tag in tags if place in tag}
        if len(asked) > 1 and all(place in tag for tag in tags):
            return [_joined([*asked.values()])]
    ranks = [(mismatches(number), len(branch)) for number, branch in enumerate(fitting)]
    best = [branch for branch, rank in zip(fitting, ranks, strict=True) if rank == min(ranks)]
    if all(not each["loc"] for branch in best for each in branch):
        return [_joined([each for branch in best for each in branch])]
    return best[0]


def without_echoes(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out what is only the consequence of another mistake in *details*.

    That is what is missing because its name is misspelt, and the name of something that no branch
    took because of a mistake inside it.
    """
    echoes: set[tuple[int | str, ...]] = set()
    missing = {detail["loc"] for detail in details if detail["type"] == "missing"}
    for detail in details:
        *place, name = detail["loc"] or ("",)
        if detail["type"] == "extra_forbidden":
            here = [str(loc[-1]) for loc in missing if [*loc[:-1]] == place]
            near = get_close_matches(str(name), here, n=1)
            echoes |= {(*place, each) for each in near}
            missing -= echoes
        else:
            echoes |= {detail["loc"][:length] for length in range(1, len(detail["loc"]))}
    kinds = {"missing", "extra_forbidden"}
    # What two branches say in the same words is said once.
    unique = {(each["loc"], each["type"], each["msg"]): each for each in details}
    return [
        each for each in unique.values() if each["type"] not in kinds or each["loc"] not in echoes
    ]


def _is_choice(detail: ErrorDetails) -> bool:
    return detail["type"] in _CHOICES


def _is_other_kind(detail: ErrorDetails) -> bool:
    given = detail["input"]
    if detail["loc"]:
        return False
    if detail["type"] == "media_type":
        return not isinstance(given, str)
    if not _is_choice(detail):
        return detail["type"] in _OTHER_KIND
    asked = detail["msg"]
    if isinstance(given, str):
        return "'" not in asked
    if isinstance(given, bool):
        return not re.search(r"\b(True|False)\b", asked)
    return not isinstance(given, int | float) or not re.search(r"(^|[ ,])-?\d", asked)


def _joined(details: list[ErrorDetails]) -> ErrorDetails:
    """Return one line that asks for what any of *details* asks for."""
    first = details[0]
    texts: list[str] = []
    for detail in details:
        text = detail["msg"].removeprefix(_ASKED)
        if text not in texts:
            texts.append(text)
    if len(texts) == 1:
        return first
    rest = [text[0].lower() + text[1:] if " " in text else text for text in texts[1:]]
    lead = "" if texts[0] == first["msg"] else _ASKED
    joined: dict[str, Any] = {**first, "msg": " or ".join([lead + texts[0], *rest])}
    joined["type"] = "choice" if _is_choice(first) else "union"
    joined["ctx"] = {}
    return cast("ErrorDetails", joined)
