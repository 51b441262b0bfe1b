"""Follow a `$ref` that stays inside its document."""

import contextlib
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote, urldefrag, urljoin

from get3w_emulator._common.json import JSON, JSONObject, pointer, steps
from get3w_emulator.schemas.keywords import DEFINITIONS, children

METASCHEMA: Final = "https://json-schema.org/draft/2020-12/schema"
"""The one schema outside a document that may be referred to: the library brings it along."""

_REFERENCES = ("$ref", "$dynamicRef")


class DeadReferenceError(ValueError):
    """A `$ref` leads nowhere, or out of the document."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"the reference {reference!r} leads to nothing in this document")


def resolve(root: JSONObject, reference: str) -> JSON:
    """Return what a reference points at.

    Args:
        root: The whole document.
        reference: `#`, a JSON pointer such as `#/$defs/size`, or an anchor such as `#size`.

    Returns:
        The very object in the document, so that its identity can be compared.

    Raises:
        DeadReferenceError: If there is no schema there.
    """
    if not reference.startswith("#"):
        raise DeadReferenceError(reference)
    fragment = unquote(reference[1:])
    if fragment and not fragment.startswith("/"):
        for candidate in _objects(root):
            if fragment in (candidate.get("$anchor"), candidate.get("$dynamicAnchor")):
                return candidate
        raise DeadReferenceError(reference)
    return _followed(root, fragment, reference)[1]


def reached(root: JSONObject, dead: dict[str, None] | None = None) -> Iterator[JSONObject]:
    """Yield every schema that the document itself depends on: unused definitions do not count.

    Args:
        root: The document.
        dead: Where to note, in order, what is wrong with references that lead nowhere.
    """
    todo: list[JSON] = [root]
    done: set[int] = set()
    while todo:
        node = todo.pop()
        if not isinstance(node, dict) or id(node) in done:
            continue
        done.add(id(node))
        yield node
        todo += [child for way, child in children(node) if way[0] not in DEFINITIONS]
        for reference in (node.get("$ref"), node.get("$dynamicRef")):
            if isinstance(reference, str) and reference != METASCHEMA:
                try:
                    todo.append(resolve(root, reference))
                except DeadReferenceError as error:
                    if dead is not None:
                        dead[str(error)] = None


def local(root: JSONObject) -> JSONObject:
    """Return a document with its references as JSON pointers, as far as they lead anywhere.

    Addresses that the document gives its parts (`$id`) are followed, and left out since nothing
    needs them any more. What leads nowhere stays as it is.
    """
    parts = list(_addressed(root, "", ""))
    resources: dict[str, str] = {}
    anchors: dict[tuple[str, str], str] = {}
    for base, place, node in parts:
        if not place or isinstance(node.get("$id"), str):
            resources.setdefault(base, place)
        for key in ("$anchor", "$dynamicAnchor"):
            name = node.get(key)
            if isinstance(name, str):
                anchors.setdefault((base, name), place)
    rewritten: dict[int, JSONObject] = {}
    for base, _, node in parts:
        changed = {key: value for key, value in node.items() if key != "$id"}
        for key in _REFERENCES:
            reference = node.get(key)
            if isinstance(reference, str):
                found = _pointer(root, base, reference, resources, anchors)
                changed[key] = reference if found is None else f"#{found}"
        rewritten[id(node)] = changed
    copied = _copied(root, rewritten)
    assert isinstance(copied, dict)
    return copied


def _pointer(
    root: JSONObject,
    base: str,
    reference: str,
    resources: dict[str, str],
    anchors: dict[tuple[str, str], str],
) -> str | None:
    address, fragment = urldefrag(_joined(base, reference))
    fragment = unquote(fragment)
    if fragment and not fragment.startswith("/"):
        return anchors.get((address, fragment))
    if address not in resources:
        return None
    # Whoever wrapped a schema into another may have counted from the top of the file.
    for start in (resources[address], ""):
        with contextlib.suppress(DeadReferenceError):
            return _followed(root, start + fragment, reference)[0]
    return None


def _followed(root: JSONObject, place: str, reference: str) -> tuple[str, JSON]:
    """Return the pointer by which a schema is found since `dialect` has rewritten it, and it."""
    found: JSON = root
    names = steps(place)
    way: list[str] = []
    for number, name in enumerate(names):
        if isinstance(found, dict):
            found = _beneath_null(found, name)
            name = _moved(found, names[number:])
        if isinstance(found, dict) and name in found:
            found = found[name]
        elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        else:
            raise DeadReferenceError(reference)
        way.append(name)
    if not isinstance(found, dict | bool):
        raise DeadReferenceError(reference)
    return pointer(way), found


def _beneath_null(node: JSONObject, name: str) -> JSONObject:
    """Return what `dialect` has put beside null, where *name* is in there."""
    branches = node.get("anyOf")
    if name not in node and isinstance(branches, list) and branches[:1] == [{"type": "null"}]:
        inner = branches[-1]
        return inner if isinstance(inner, dict) and name in inner else node
    return node


def _moved(node: JSONObject, names: list[str]) -> str:
    """Return the keyword that stands for the first of *names* since `dialect` has rewritten it."""
    numbered = len(names) > 1 and names[1].isdecimal()
    if names[0] == "items" and numbered and isinstance(node.get("prefixItems"), list):
        return "prefixItems"
    if names[0] == "additionalItems" and "prefixItems" in node and names[0] not in node:
        return "items"
    if names[0] == "dependencies" and names[0] not in node:
        return "dependentSchemas"
    return names[0]


def _addressed(schema: JSON, base: str, place: str) -> Iterator[tuple[str, str, JSONObject]]:
    """Yield each schema object with the address of its resource and its JSON pointer."""
    if not isinstance(schema, dict):
        return
    own = schema.get("$id")
    if isinstance(own, str):
        base = urldefrag(_joined(base, own)).url
    yield base, place, schema
    for way, child in children(schema):
        yield from _addressed(child, base, place + pointer(way))


def _joined(base: str, reference: str) -> str:
    # The library knows how to join paths, and a URN has none.
    return f"{base}{reference}" if reference.startswith("#") else urljoin(base, reference)


def _copied(value: JSON, rewritten: dict[int, JSONObject]) -> JSON:
    if isinstance(value, dict):
        node = rewritten.get(id(value), value)
        return {key: _copied(child, rewritten) for key, child in node.items()}
    return [_copied(each, rewritten) for each in value] if isinstance(value, list) else value


def _objects(value: JSON) -> Iterator[JSONObject]:
    if isinstance(value, dict):
        yield value
        for child in value.values():
            yield from _objects(child)
    elif isinstance(value, list):
        for child in value:
            yield from _objects(child)
