"""Add line and column numbers to problems that name a place in a file.

The generator works on a rewritten document: references resolved, `allOf` merged, old drafts
updated. A place in that document is mapped back to the text that people edit.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, cast

from get3w_codegen.jsonschema.keywords import JsonObject, Path, is_object, pointer, steps
from get3w_codegen.jsonschema.references import target_path
from get3w_codegen.jsonschema.taken import Taken
from get3w_codegen.problems import Problem

# Each modern keyword with the older ones that it may stand for.
_OLDER = {
    "$anchor": ("$id", "id"),
    "dependentRequired": ("dependencies",),
    "dependentSchemas": ("dependencies",),
    "examples": ("example",),
    "exclusiveMaximum": ("maximum",),
    "exclusiveMinimum": ("minimum",),
    "items": ("additionalItems",),
    "prefixItems": ("items",),
}
_MOST_FOLLOWED = 100


def located(problems: Iterable[Problem], document: object) -> list[Problem]:
    """Return *problems* with each at a place that is in *document*, the file or a part of it."""
    if isinstance(document, Taken):
        inner = located(problems, document.schema)
        return [replace(problem, place=document.place(problem.place)) for problem in inner]
    return [
        replace(problem, place=place_in(document, problem.place))
        if problem.place.startswith("/")
        else problem
        for problem in problems
    ]


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return *problems* in the order of their places, each once."""
    ordered = sorted(problems, key=lambda problem: (problem.place, problem.message))
    return list(dict.fromkeys(ordered))


def place_in(document: object, place: str) -> str:
    """Return the nearest existing place in *document* for *place*."""
    path: Path = ()
    node: Any = document
    todo = list(steps(place))
    for _ in range(len(todo) + _MOST_FOLLOWED):
        if not todo:
            break
        found = _inside(document, path, node, [str(step) for step in todo[:2]])
        if found is None:
            break
        path, node, used = found
        if used:
            todo.pop(0)
    return pointer(path)


def _inside(
    document: object, path: Path, node: Any, ahead: list[str]
) -> tuple[Path, Any, bool] | None:
    """Return the way to, and the value of, what *node* has by the first name of *ahead*.

    Returns:
        With it, whether the name has been used; otherwise it is to be looked for there. None where
        there is no such thing.
    """
    key = ahead[0]
    if isinstance(node, list):
        items = cast("list[object]", node)
        number = int(key) if key.isdecimal() else len(items)
        return ((*path, number), items[number], True) if number < len(items) else None
    if not is_object(node):
        return None
    for name in (key, *_OLDER.get(key, ())):
        if name in node and not (name == "items" == key and _is_rest(node, ahead)):
            return (*path, name), node[name], True
    reference = node.get("$ref")
    if isinstance(reference, str):
        target = target_path(document, reference)
        if target is not None and target[0] != path:
            return *target, False
    for number, branch in enumerate(_branches(node)):
        way = (*path, "allOf", number)
        if is_object(branch) and _inside(document, way, branch, ahead) is not None:
            return way, branch, False
    return None


def _is_rest(holder: JsonObject, ahead: list[str]) -> bool:
    """Return whether `items` is what follows a list of items, which draft 7 calls otherwise."""
    numbered = len(ahead) > 1 and ahead[1].isdecimal()
    return isinstance(holder.get("items"), list) and "additionalItems" in holder and not numbered


def _branches(holder: JsonObject) -> list[object]:
    stated = holder.get("allOf")
    return cast("list[object]", stated) if isinstance(stated, list) else []
