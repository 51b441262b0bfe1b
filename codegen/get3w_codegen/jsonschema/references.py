"""Resolve references: turn every spelling into a JSON pointer into the document.

`$id`, `$anchor` and percent-encoding are resolved here, once; all later code only has to understand
`{"$ref": "#/$defs/size"}`.
"""

import copy
import difflib
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import unquote, urldefrag, urljoin

from get3w_codegen.budget import step
from get3w_codegen.jsonschema.keywords import (
    DEFINITIONS,
    JsonObject,
    Path,
    is_object,
    parts,
    places,
    pointer,
    steps,
)

META_SCHEMA = "https://json-schema.org/draft/2020-12/schema"


class DanglingReferenceError(Exception):
    """A `$ref` whose target does not exist, or that refers to itself."""


def look_up(root: object, reference: str) -> object:
    """Return the target of a reference inside the document.

    Raises:
        DanglingReferenceError: There is nothing of that name in the document.
    """
    if reference != "#" and not reference.startswith("#/"):
        raise DanglingReferenceError(f"$ref {reference!r} refers to another file")
    found = _followed(root, steps(reference))
    if found is None:
        raise DanglingReferenceError(f"$ref {reference!r} is not defined in the file")
    return found[1]


def target_path(root: object, reference: str) -> tuple[Path, object] | None:
    """Return path and value of the target of a reference as the file spells it."""
    if reference[:1] != "#":
        return None
    fragment = unquote(reference[1:])
    if not fragment or fragment.startswith("/"):
        return _followed(root, steps(f"#{fragment}"))
    for _, path, node in _placed(root):
        names = (node.get("$anchor"), node.get("$dynamicAnchor"), node.get("$id"), node.get("id"))
        if fragment in names[:2] or f"#{fragment}" in names[2:]:
            return path, node
    return None


def _followed(root: object, way: Path) -> tuple[Path, object] | None:
    """Follow *way* through a document; what older drafts call otherwise is found as well."""
    place: Any = root
    path: Path = ()
    for key in map(str, way):
        found: str | int = key
        if isinstance(place, list):
            found = int(key) if key.isdecimal() else -1
            if not 0 <= found < len(cast("list[object]", place)):
                return None
        elif is_object(place):
            found = _older(place, way[len(path) :]) or key
            if found not in place:
                return None
        else:
            return None
        place = cast("Any", place)[found]
        path = (*path, found)
    return path, cast("object", place)


def _older(holder: JsonObject, way: Path) -> str | None:
    """Return where `dialect` has put what the next step of *way* named before."""
    key, following = str(way[0]), str(way[1]) if len(way) > 1 else ""
    if key == "items" and following.isdecimal() and isinstance(holder.get("prefixItems"), list):
        return "prefixItems"
    if key in holder:
        return None
    if key == "additionalItems" and "prefixItems" in holder:
        return "items"
    return "dependentSchemas" if key == "dependencies" else None


def leads(root: JsonObject, reference: str) -> bool:
    """Return whether a reference names a schema in the document, or JSON Schema's own schema."""
    if reference == META_SCHEMA:
        return True
    try:
        return isinstance(look_up(root, reference), dict | bool)
    except DanglingReferenceError:
        return False


def nearest(root: JsonObject, reference: str) -> str | None:
    """Return the definition that a dangling reference probably means."""
    known = [
        f"#{pointer((*path, *way))}"
        for path, node in schemas(root)
        for way, _ in parts(node)
        if way[0] in DEFINITIONS
    ]
    known += [f"#{pointer(path)}" for path in _siblings(root)]
    near = difflib.get_close_matches(reference, known, n=1, cutoff=0.8)
    if near:
        return near[0]
    name = reference.rpartition("/")[2].rpartition("#")[2]
    return next((each for each in known if each.rpartition("/")[2] == name), None)


def _siblings(root: JsonObject) -> Iterator[Path]:
    """Yield the members of `components` and similar places of OpenAPI."""
    for way in (("components", "schemas"), ("models",), ("schemas",)):
        found = _followed(root, way)
        if found is not None and isinstance(found[1], dict):
            yield from ((*way, name) for name in cast("JsonObject", found[1]))


def schemas(root: JsonObject) -> Iterator[tuple[Path, JsonObject]]:
    """Yield every schema object with its place, those too that only a reference reaches."""
    seen: set[int] = set()
    todo: list[tuple[Path, Any]] = [((), root)]
    later: list[tuple[Path, Any]] = []
    while todo or later:
        path, schema = todo.pop() if todo else later.pop(0)
        if not is_object(schema) or id(schema) in seen:
            continue
        seen.add(id(schema))
        step(path)
        yield path, schema
        todo += [((*path, *way), part) for way, part in reversed(list(parts(schema)))]
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/"):
            target = _followed(root, steps(reference))
            if target is not None:
                later.append(target)


def strays(root: JsonObject) -> list[tuple[Path, JsonObject]]:
    """Return the outermost schemas that only a reference reaches, such as `components/schemas`."""
    inside = {id(node) for _, node in places(root)}
    found: list[tuple[Path, JsonObject]] = []
    for path, node in schemas(root):
        if id(node) not in inside:
            found.append((path, node))
            inside |= {id(part) for _, part in places(node)}
    return found


def reached(root: JsonObject) -> Iterator[tuple[Path, JsonObject]]:
    """Yield every schema that the document itself depends on: unused definitions do not count."""
    todo: list[tuple[Path, Any]] = [((), root)]
    done: set[int] = set()
    while todo:
        path, schema = todo.pop()
        if not is_object(schema) or id(schema) in done:
            continue
        done.add(id(schema))
        yield path, schema
        inner = [(way, part) for way, part in parts(schema) if way[0] not in DEFINITIONS]
        todo += [((*path, *way), part) for way, part in reversed(inner)]
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference[:1] == "#" and leads(root, reference):
            todo.append((steps(reference), look_up(root, reference)))


def localised(document: JsonObject, *, static: bool = True) -> JsonObject:
    """Return *document* with every reference that can be followed as a pointer into it.

    Args:
        document: A schema; it is not changed.
        static: Whether a dynamic reference leads to where it would if nobody had overridden it;
            else, where that depends on how one got there, it is left out and allows anything.
    """
    if not any("$ref" in node or "$dynamicRef" in node for _, _, node in _placed(document)):
        return document
    return _Localising(copy.deepcopy(document), static=static).result()


def is_dynamic(document: JsonObject) -> bool:
    """Return whether a reference of *document* depends on how one got there."""
    anchors = [node.get("$dynamicAnchor") for _, _, node in _placed(document)]
    return any(
        "$dynamicRef" in node and anchors.count(urldefrag(str(node["$dynamicRef"])).fragment) != 1
        for _, _, node in _placed(document)
    )


class _Localising:
    def __init__(self, root: JsonObject, *, static: bool) -> None:
        self._root = root
        self._static = static
        self._resources: dict[str, str] = {"": "#"}
        self._anchors: dict[str, str] = {}
        self._dynamic: dict[str, list[str]] = {}
        for base, path, node in _placed(root):
            here = f"#{pointer(path)}"
            if isinstance(node.get("$id"), str) or not path:
                self._resources.setdefault(base, here)
            for key in ("$anchor", "$dynamicAnchor"):
                if isinstance(node.get(key), str):
                    self._anchors.setdefault(f"{base}#{node[key]}", here)
            if isinstance(node.get("$dynamicAnchor"), str):
                self._dynamic.setdefault(node["$dynamicAnchor"], []).append(here)

    def result(self) -> JsonObject:
        for base, _, node in _placed(self._root):
            reference = node.get("$ref")
            if isinstance(reference, str):
                node["$ref"] = self._target(base, reference) or reference
            self._make_static(base, node)
        return self._root

    def _make_static(self, base: str, node: JsonObject) -> None:
        """Write a dynamic reference as a plain one, as far as that can be said."""
        reference = node.get("$dynamicRef")
        if not isinstance(reference, str):
            return
        target = self._target(base, reference)
        name = urldefrag(_joined(base, reference)).fragment
        candidates = self._dynamic.get(name, [])
        del node["$dynamicRef"]
        if not self._static and target in candidates and len(candidates) > 1:
            return
        target = target or reference
        if "$ref" in node:
            stated = node.get("allOf", [])
            # What is not a list is kept, so that it is reported later.
            branches = cast(
                "list[object]", stated if isinstance(stated, list) else [{"allOf": stated}]
            )
            node["allOf"] = [*branches, {"$ref": target}]
        else:
            node["$ref"] = target

    def _target(self, base: str, reference: str) -> str | None:
        address, fragment = urldefrag(_joined(base, reference))
        resource = self._resources.get(address)
        if fragment and not fragment.startswith("/"):
            return self._anchors.get(f"{address}#{fragment}")
        if resource is None:
            return None
        way = unquote(fragment)
        # Whoever wrapped a schema into another may have counted from the top of the file.
        for start in (resource, "#"):
            if _followed(self._root, steps(f"{start}{way}")) is not None:
                return f"{start}{way}"
        return None


def _joined(base: str, reference: str) -> str:
    # The library knows how to join paths, and a URN has none.
    return f"{base}{reference}" if reference[:1] == "#" else urljoin(base, reference)


def _placed(schema: Any, base: str = "", path: Path = ()) -> Iterator[tuple[str, Path, JsonObject]]:
    """Yield every schema object with the address of the resource it belongs to, and its place."""
    if is_object(schema):
        if isinstance(schema.get("$id"), str):
            base = urldefrag(_joined(base, schema["$id"])).url
        yield base, path, schema
        for way, part in parts(schema):
            yield from _placed(part, base, (*path, *way))
