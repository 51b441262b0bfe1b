"""Compare the annotations of a parameter: default, media, deprecation, description."""

from collections.abc import Iterator

from get3w_codegen.diff.bounds import said
from get3w_codegen.diff.changes import Change, Weight
from get3w_codegen.jsonschema.documents import canonical
from get3w_codegen.jsonschema.keywords import JsonObject

# A default of these decides how much is made, so what it costs.
_COSTLY = frozenset(
    "audio batch channel count definition draft duration fps frames generations hd height images"
    " iterations length minutes mode n num number outputs quality resolution samples scale seconds"
    " size sound steps tier turbo upscale variant videos width".split()
)


def notes(old: JsonObject, new: JsonObject, where: str, formula: str = "") -> Iterator[Change]:
    """Yield the changes in the annotations of a parameter.

    Args:
        old: The parameter's schema before.
        new: Its schema now.
        where: The parameter.
        formula: How the price is reckoned, where that is known.
    """
    before, after = (
        said(canonical(side["default"]) if "default" in side else None) for side in (old, new)
    )
    if before != after:
        costs = _is_costly(where, formula)
        weight = Weight.BILLING if costs else Weight.COMPATIBLE
        yield Change("default", where, weight, f"default {before} → {after}")
    if old.get("deprecated", False) != new.get("deprecated", False):
        text = "deprecated" if new.get("deprecated") else "no longer deprecated"
        yield Change("deprecated", where, Weight.COMPATIBLE, text)
    media = old.get("x-get3w-media"), new.get("x-get3w-media")
    if media[0] != media[1]:
        # Without the mark the parameter takes no local file any more.
        weight = Weight.COMPATIBLE if media[1] else Weight.BREAKING
        yield Change("media", where, weight, f"takes {media[0] or 'no'} → {media[1] or 'no'} files")
    if old.get("description", "") != new.get("description", ""):
        yield Change("description", where, Weight.COMPATIBLE, "described in other words")


def _is_costly(where: str, formula: str) -> bool:
    name = where.rpartition(".")[2].removesuffix("[]")
    return bool(_COSTLY & set(name.lower().split("_"))) or (len(name) > 1 and name in formula)
