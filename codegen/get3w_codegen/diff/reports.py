"""Format schema changes as text, Markdown, JSON or changelog lines; suggest the version bump."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from get3w_codegen.diff.changes import Change, ModelChanges, Weight, heaviest
from get3w_codegen.text.forms import Markdown
from get3w_codegen.text.markdown import code, join, number, ours, words

_LABELS = {Weight.BREAKING: "BREAKING", Weight.BILLING: "billing", Weight.COMPATIBLE: "ok"}
_TITLES = {
    Weight.BREAKING: "Breaking",
    Weight.BILLING: "May change the price of the same call",
    Weight.COMPATIBLE: "Compatible",
}
# GitHub takes 65,536 characters, and refuses a longer pull request as a whole.
_LONGEST_BODY = 60_000


def weight_of(found: Sequence[ModelChanges]) -> Weight:
    """Return the weight of everything together."""
    return heaviest(change for model in found for change in model.changes)


def bump(found: Sequence[ModelChanges]) -> str:
    """Return which part of the version to raise: "major", "minor", "patch" or "none"."""
    changes = [change for model in found for change in model.changes]
    if not changes:
        return "none"
    if heaviest(changes) is Weight.BREAKING:
        return "major"
    return "patch" if all(change.kind == "description" for change in changes) else "minor"


def as_text(found: Sequence[ModelChanges]) -> str:
    """Return the findings for a terminal."""
    lines: list[str] = []
    for model in found:
        lines.append(f"{model.model_id} ({model.fate})")
        lines += [
            f"  {_LABELS[change.weight]:<8}  {_sentence(change)}" for change in _told(model.changes)
        ]
    return "\n".join([*lines, *_summary(found)]) + "\n"


def as_markdown(found: Sequence[ModelChanges]) -> Markdown:
    """Return the findings for the body of a pull request, the heaviest first, as far as they fit.

    Only whole lines are left out: half of one could be markup.
    """
    lines: list[Markdown] = []
    room = _LONGEST_BODY
    for weight, title in _TITLES.items():
        rows = [
            join("", [ours("- "), code(model.model_id), ours(": "), _marked(change)])
            for model in found
            for change in _told(model.changes)
            if change.weight is weight
        ]
        shown: list[Markdown] = []
        for row in rows:
            room -= len(row) + 1
            if room < 0:
                more = number(len(rows) - len(shown))
                shown.append(join("", [ours("- and "), more, ours(" more")]))
                break
            shown.append(row)
        if shown:
            lines += [ours("## "), words(title), ours("\n\n"), join("\n", shown), ours("\n\n")]
    return join("", [*lines, join("\n", map(words, _summary(found))), ours("\n")])


def as_json(found: Sequence[ModelChanges]) -> str:
    """Return the findings for programs."""
    document = {
        "weight": weight_of(found).value,
        "bump": bump(found),
        "models": [
            {
                "model_id": model.model_id,
                "fate": model.fate,
                "weight": heaviest(model.changes).value,
                "changes": [_plain(change) for change in model.changes],
            }
            for model in found
        ],
    }
    # A log of a workflow takes "##[" for the start of a command.
    return json.dumps(document, indent=2).replace("##[", "\\u0023#[") + "\n"


def changelog_lines(found: Sequence[ModelChanges]) -> Iterator[Markdown]:
    """Yield one line for each model, the heaviest first."""
    for weight, mark in (
        (Weight.BREAKING, ours("- **Breaking.** ")),
        (Weight.BILLING, ours("- **Price.** ")),
        (Weight.COMPATIBLE, ours("- ")),
    ):
        for model in found:
            if heaviest(model.changes) is weight:
                told = join("; ", map(_marked, _told(model.changes)))
                yield join("", [mark, code(model.model_id), ours(": "), told, ours(".")])


def _plain(change: Change) -> dict[str, object]:
    plain = asdict(change) | {"weight": change.weight.value}
    return {key: value for key, value in plain.items() if value is not None}


def _told(changes: Sequence[Change]) -> list[Change]:
    """Return the changes to list, with changed descriptions summed up in one."""
    order = list(Weight)
    words = [change for change in changes if change.kind == "description"]
    rest = [change for change in changes if change.kind != "description"]
    rest.sort(key=lambda change: order.index(change.weight))
    if len(words) > 1:
        text = f"{len(words)} parameters are described in other words"
        words = [Change("description", "", Weight.COMPATIBLE, text)]
    return rest + words


def _sentence(change: Change) -> str:
    return f"{change.parameter}: {change.text}" if change.parameter else change.text


def _marked(change: Change) -> Markdown:
    """Return a change as Markdown; its text quotes schemas."""
    said = words(change.text)
    return join(" ", [code(change.parameter), said]) if change.parameter else said


def _summary(found: Sequence[ModelChanges]) -> Iterator[str]:
    if not found:
        yield "Nothing changed."
        return
    changes = [change for model in found for change in model.changes]
    counts = ", ".join(
        f"{sum(change.weight is weight for change in changes)} {weight.value}" for weight in Weight
    )
    open_ = sum(not change.decided for change in changes)
    models = "1 model" if len(found) == 1 else f"{len(found)} models"
    left = f" ({open_} of them undecided)" if open_ else ""
    yield f"{models}: {counts}{left}."
    step = bump(found)
    young = " (minor while the version is 0.x)" if step == "major" else ""
    yield f"Suggested version bump: {step}{young}."
