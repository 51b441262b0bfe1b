"""Return whether each new condition, such as an `if` or a `not`, follows from the old ones."""

from collections.abc import Callable, Iterator
from typing import cast

from get3w_codegen.diff.changes import Change, Pairs, Weight, undecided
from get3w_codegen.diff.sides import CONDITIONS, Side, required
from get3w_codegen.jsonschema.keywords import JsonObject, is_object
from get3w_codegen.jsonschema.merge import says

# Returns whether the new part provably accepts all that the old one does, inside some pairs.
Holds = Callable[[object, object, Pairs], bool]


class Conditions:
    """Compares the conditions of two parts.

    Args:
        old: The side of the old part.
        new: The side of the new one.
        holds: Compares what the conditions say of a value.
        refuses: The same the other way round, in the open reading: what the *new* part
            accepts, the old one does.
    """

    def __init__(self, old: Side, new: Side, holds: Holds, refuses: Holds) -> None:
        self._old = old
        self._new = new
        self._holds = holds
        self._refuses = refuses

    def changes(
        self, old: JsonObject, new: JsonObject, where: str, seen: Pairs
    ) -> Iterator[Change]:
        """Yield what changed in the conditions of two resolved parts."""
        before = {self._old.text(part): part for part in _conjuncts(old)}
        after = {self._new.text(part): part for part in _conjuncts(new)}
        for text, part in after.items():
            if text not in before:
                rivals = [other for key, other in before.items() if key not in after]
                yield self._condition(old, part, rivals, where, seen)
        lifted = len(before) - len(after)
        if lifted > 0 and not set(after) - set(before):
            counted = "a condition" if lifted == 1 else f"{lifted} conditions"
            yield Change("condition", where, Weight.COMPATIBLE, f"{counted} lifted")

    def _condition(
        self,
        old: JsonObject,
        part: JsonObject,
        rivals: list[JsonObject],
        where: str,
        seen: Pairs,
    ) -> Change:
        """Judge one condition that the old part does not have."""
        if any(self._follows(old, rival, part, seen) for rival in [{}, *rivals]):
            return Change("condition", where, Weight.COMPATIBLE, "a condition asks for no more")
        if any(set(rival) & set(part) for rival in rivals):
            return undecided("condition", where, "a condition reads differently")
        return Change("condition", where, Weight.BREAKING, "a condition was added")

    def _follows(self, old: JsonObject, rival: JsonObject, part: JsonObject, seen: Pairs) -> bool:
        """Return whether a condition follows from the old part with one condition of its own."""
        base = _plain(old)
        if "if" in part:
            same = "if" in rival and self._old.text(rival["if"]) == self._new.text(part["if"])
            return all(
                self._implies(base, rival.get(key, True) if same else True, part[key], seen)
                for key in ("then", "else")
                if key in part
            )
        if "not" in part:
            # What is refused now has to have been refused before: the other way round.
            return "not" in rival and self._refuses(part["not"], rival["not"], frozenset())
        if "anyOf" in part or ("oneOf" in part and self._new.apart(part["oneOf"])):
            branches = cast("list[object]", part.get("anyOf") or part["oneOf"])
            return any(self._implies(base, True, branch, seen) for branch in branches)
        if set(part) & set(CONDITIONS):
            return False
        return self._implies(base, rival if not set(rival) & set(CONDITIONS) else True, part, seen)

    def _implies(self, base: JsonObject, also: object, part: object, seen: Pairs) -> bool:
        """Return whether *base*, and *also* with it, accepts nothing that *part* refuses.

        Only what *part* names is looked at: it is one of several parts of the same object.
        """
        if part is True:
            return True
        wanted = self._new.resolved(part)
        if wanted is None:
            return False
        given = self._old.resolved({**base, "allOf": [also] if also is not True else []})
        if given is None:
            return True
        if "properties" in wanted or "required" in wanted:
            properties = cast("JsonObject", wanted.get("properties", {}))
            others = {
                key: value
                for key, value in wanted.items()
                if key not in ("properties", "required", "type")
            }
            known = cast("JsonObject", given.get("properties", {}))
            return (
                not says(others)
                and self._old.kinds(given) <= self._new.kinds(wanted)
                and required(wanted) <= required(given)
                and all(
                    self._holds(known.get(name, True), value, seen)
                    for name, value in properties.items()
                )
            )
        return self._holds(given, wanted, seen)


def _conjuncts(node: JsonObject) -> Iterator[JsonObject]:
    """Yield every condition of a part, each as a part of its own."""
    for part in cast("list[object]", node.get("allOf", [])):
        if is_object(part):
            plain = _plain(part)
            if says(plain):
                yield plain
            yield from _conjuncts(part)
        elif part is False:
            yield {"not": {}}
    if "if" in node:
        yield {key: node[key] for key in ("if", "then", "else") if key in node}
    for key in ("anyOf", "oneOf", "not", "dependentSchemas"):
        if key in node:
            yield {key: node[key]}


def _plain(node: JsonObject) -> JsonObject:
    """Return a part without its conditions."""
    return {key: value for key, value in node.items() if key not in (*CONDITIONS, "then", "else")}
