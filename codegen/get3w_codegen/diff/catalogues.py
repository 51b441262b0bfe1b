"""Compare two folders of schemas, model by model."""

from collections.abc import Iterator, Mapping
from typing import cast

from get3w_codegen.diff.changes import Change, ModelChanges, Weight
from get3w_codegen.diff.python_names import names_given_away
from get3w_codegen.diff.renames import renamed
from get3w_codegen.diff.schemas import Comparison
from get3w_codegen.diff.sides import Side
from get3w_codegen.jsonschema.dialect import modern, with_nulls
from get3w_codegen.jsonschema.documents import canonical, written
from get3w_codegen.jsonschema.keywords import JsonObject
from get3w_codegen.jsonschema.references import localised
from get3w_codegen.lint.salvage import repaired


def compare_catalogues(
    old: Mapping[str, JsonObject], new: Mapping[str, JsonObject]
) -> list[ModelChanges]:
    """Return the changes of every model that changed, by id."""
    gone, come = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    names = renamed(gone, come, lambda one, other: _alike(old[one], new[other]))
    found = [
        ModelChanges(
            model_id,
            "removed",
            (Change("removed", "", Weight.BREAKING, "the model is gone"),),
        )
        for model_id in gone
        if model_id not in names.values()
    ]
    for model_id in new:
        source = names.get(model_id, model_id)
        if source not in old:
            added = Change("added", "", Weight.COMPATIBLE, "a new model")
            found.append(ModelChanges(model_id, "added", (added,)))
            continue
        changes = compare_models(old[source], new[model_id])
        if source != model_id:
            text = f"renamed from {source}"
            change = Change("renamed", "", Weight.BREAKING, text, renamed_from=source)
            found.append(ModelChanges(model_id, "renamed", (change, *changes)))
        elif changes:
            found.append(ModelChanges(model_id, "changed", tuple(changes)))
    return sorted(found, key=lambda each: each.model_id)


def compare_models(old: JsonObject, new: JsonObject) -> list[Change]:
    """Return what changed between two schemas of a model."""
    if written(old) == written(new):
        return []
    before, after = _read(old), _read(new)
    formula = f"{before.get('x-price-formula', '')} {after.get('x-price-formula', '')}"
    comparison = Comparison(Side(before), Side(after), formula)
    found = [*_facts(before, after), *comparison.value(before, after, "")]
    found += _position(before, after, found)
    return found + list(names_given_away(before, after))


def _read(schema: JsonObject) -> JsonObject:
    """Return a schema as the generator reads it."""
    usable, _ = repaired(localised(cast("JsonObject", modern(schema))), "")
    return cast("JsonObject", with_nulls(usable))


def _facts(old: JsonObject, new: JsonObject) -> Iterator[Change]:
    for key, kind, word, weight in (
        ("x-base-price-usd", "price", "base price in USD", Weight.BILLING),
        ("x-price-formula", "price", "price formula", Weight.BILLING),
        ("x-surface", "surface", "surface", Weight.COMPATIBLE),
        ("x-get3w-listed", "confirmed", "on Get3W's list", Weight.COMPATIBLE),
    ):
        before, after = old.get(key), new.get(key)
        if canonical(before) != canonical(after):
            text = f"{word} {_said(before)} → {_said(after)}"
            yield Change(kind, "", weight, text)


def _position(old: JsonObject, new: JsonObject, found: list[Change]) -> Iterator[Change]:
    """Yield a change if another parameter is now the positional one."""
    before, after = _first(old), _first(new)
    known = cast("JsonObject", new.get("properties", {}))
    moved = {change.renamed_from for change in found} - {None}
    if before and after and before != after and before in known and after not in moved:
        text = f"the first parameter was {before}, which can be given without its name"
        yield Change("position", after, Weight.BREAKING, text)


def _first(schema: JsonObject) -> str | None:
    """Return the name of a function's first parameter."""
    properties = cast("JsonObject", schema.get("properties", {}))
    order = [
        name for name in [*schema.get("x-order-properties", []), *properties] if name in properties
    ]
    required = [name for name in order if name in schema.get("required", [])]
    return next(iter([*required, *order]), None)


def _alike(old: JsonObject, new: JsonObject) -> float:
    """Return how alike two models are: the share of parameters that they have in common."""
    before = {f"{name} {canonical(part)}" for name, part in old.get("properties", {}).items()}
    after = {f"{name} {canonical(part)}" for name, part in new.get("properties", {}).items()}
    every = before | after
    return len(before & after) / len(every) if every else 0.0


def _said(value: object) -> str:
    return "none" if value is None else str(value)
