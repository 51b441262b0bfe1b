"""Second stage, unions: values that may be of several kinds."""

from collections.abc import Iterable
from typing import cast

from get3w_codegen.keywords import JsonObject
from get3w_codegen.merge import ASSERTIONS, resolved, says_more
from get3w_codegen.scalars import SAID, kinds
from get3w_codegen.values import ANYTHING, Reading, Value


class Unions(Reading):
    """Reads `anyOf`, `oneOf` and lists of types."""

    def _union(self, schema: JsonObject, stem: str, pointer: str) -> Value:
        keyword = "anyOf" if schema.get("anyOf") else "oneOf"
        shared = {key: value for key, value in schema.items() if key in ASSERTIONS - {keyword}}
        if "x-get3w-media" in schema:
            shared["x-get3w-media"] = schema["x-get3w-media"]
        root = self._root
        silent: list[JsonObject] = [
            branch
            for branch in cast("list[JsonObject]", schema[keyword])
            if self._is_silent(branch)
        ]
        # Where one branch speaks of further names, the object as a whole is not silent. And where
        # several hold at once, what each of them lists is known.
        together = not self._open and keyword == "anyOf" and len(silent) > 1
        loose = together or (not self._open and says_more(root, schema))
        branches: list[Value] = []
        for number, branch in enumerate(schema[keyword]):
            node: JsonObject = {} if branch is True else branch
            if branch is False:
                continue
            if loose and branch in silent:
                node = {**resolved(root, node), "additionalProperties": True}
            whole = (
                {**node, **shared} if not shared.keys() & node.keys() else {"allOf": [node, shared]}
            )
            branches.append(
                self._value(whole, f"{stem}_{number + 1}", f"{pointer}/{keyword}/{number}")
            )
        if not branches:
            return Value(ANYTHING, True, {"not": {}})
        rest: JsonObject = {}
        distinct = _distinct_shapes(
            branch.shape for branch in branches if branch.shape != {"type": "null"}
        )
        exclusive = keyword == "oneOf" and not self._disjoint(schema[keyword])
        ruled = together or exclusive or ANYTHING in distinct
        if ruled or any(branch.rest for branch in branches):
            rest = self._rest(schema, {keyword, *shared}) or {}
            if rest and self._is_closed(schema):
                rest.setdefault("unevaluatedProperties", False)
        null = any(branch.nullable for branch in branches)
        if not distinct:
            return Value({"type": "null"} if null else ANYTHING, null, rest or None)
        if ANYTHING in distinct:
            return Value(ANYTHING, True, rest or None)
        shape = distinct[0] if len(distinct) == 1 else {"anyOf": distinct}
        return Value(shape, null, rest or None)

    def _disjoint(self, branches: list[object]) -> bool:
        seen: set[str] = set()
        for branch in branches:
            if not isinstance(branch, dict):
                return False
            found, nullable = kinds(resolved(self._root, cast("JsonObject", branch)))
            named = {"number" if kind == "integer" else kind for kind in found}
            named |= {"null"} if nullable else set()
            if not named or named & seen:
                return False
            seen |= named
        return True

    def _any_kind(
        self, schema: JsonObject, found: list[str], nullable: bool, stem: str, pointer: str
    ) -> Value:
        branches: list[JsonObject] = []
        for kind in found:
            own = {
                key: value
                for key, value in schema.items()
                if key in SAID[kind]
                or key == "x-get3w-media"
                or (key == "multipleOf" and kind == "number")
            }
            branches.append({**own, "type": kind})
        shared = {
            key: value
            for key, value in schema.items()
            if key in ASSERTIONS and not any(key in said for said in SAID.values())
        }
        value = self._union({"anyOf": branches, **shared}, stem, pointer)
        # The branches leave null out, so the rule is taken from the schema as it stands.
        rest = None if value.rest is None else self._rest(schema, ASSERTIONS)
        return Value(value.shape, value.nullable or nullable, rest)


def _distinct_shapes(shapes: Iterable[JsonObject]) -> list[JsonObject]:
    distinct: list[JsonObject] = []
    for shape in shapes:
        if shape not in distinct:
            distinct.append(shape)
    return distinct
