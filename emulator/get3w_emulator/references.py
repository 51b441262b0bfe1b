"""Following a `$ref` that stays inside its document."""

from collections.abc import Iterator
from urllib.parse import unquote

from get3w_emulator.jsontypes import JSON, JSONObject


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
        DeadReferenceError: If there is nothing there.
    """
    if not reference.startswith("#"):
        raise DeadReferenceError(reference)
    fragment = unquote(reference[1:])
    if fragment and not fragment.startswith("/"):
        for candidate in _objects(root):
            if fragment in (candidate.get("$anchor"), candidate.get("$dynamicAnchor")):
                return candidate
        raise DeadReferenceError(reference)
    found: JSON = root
    for step in fragment.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and name in found:
            found = found[name]
        elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        else:
            raise DeadReferenceError(reference)
    return found


def _objects(value: JSON) -> Iterator[JSONObject]:
    if isinstance(value, dict):
        yield value
        for child in value.values():
            yield from _objects(child)
    elif isinstance(value, list):
        for child in value:
            yield from _objects(child)
