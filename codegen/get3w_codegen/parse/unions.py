"""Second stage, unions: turn `anyOf`, `oneOf` and several types into a union."""

from collections.abc import Iterable
from typing import cast

from get3w_codegen.analysis.referring import only_reference
from get3w_codegen.analysis.separating import all_of
from get3w_codegen.jsonschema.keywords import JsonObject, kinds, places
from get3w_codegen.jsonschema.merge import ASSERTIONS, is_impossible, is_silent, resolved, says_more
from get3w_codegen.model.names import camel
from get3w_codegen.parse.scalars import SAID
from get3w_codegen.parse.values import ANYTHING, Reading, Value

# A longer title is a sentence, not a name.
_LONGEST_TITLE = 40


class Unions(Reading):
    """Converts `anyOf`, `oneOf` and lists of types to unions."""

    def _union(self, schema: JsonObject, stem: str, pointer: str) -> Value:
        keyword = "anyOf" if schema.get("anyOf") else "oneOf"
        shared = {key: value for key, value in schema.items() if key in ASSERTIONS - {keyword}}
        if "x-get3w-media" in schema:
            shared["x-get3w-media"] = schema["x-get3w-media"]
        whole = {
            number: _with_shared({} if branch is True else branch, shared)
            for number, branch in enumerate(schema[keyword])
            if branch is not False
        }
        whole = {
            number: branch
            for number, branch in whole.items()
            if not is_impossible(resolved(self._root, branch))
        }
        if not whole:
            return Value(ANYTHING, True, {"not": {}})
        opened = self._open or says_more(self._root, schema)
        silent = [branch for branch in whole.values() if is_silent(self._root, branch)]
        # Where several hold at once, what each of them lists is known.
        mixed = [] if opened or keyword == "oneOf" else list(self._separator.overlapping(silent))
        # Of an object that no branch closes by itself, only what some branch lists is known.
        bare = not opened and bool(silent) and any(map(self._is_bare, whole.values()))
        # And where one allows further names, the object as a whole does.
        loose = silent if opened else [silent[number] for number in mixed]
        branches: dict[int, Value] = {}
        stems = self._stems(cast("list[object]", schema[keyword]), stem)
        for number, branch in whole.items():
            node = branch
            if not self._open and any(branch is each for each in loose):
                node = {**resolved(self._root, branch), "additionalProperties": True}
            branches[number] = self._value(node, stems[number], f"{pointer}/{keyword}/{number}")
        distinct = _distinct_shapes(
            branch.shape for branch in branches.values() if branch.shape != {"type": "null"}
        )
        rest: JsonObject | None = None
        counted = keyword == "oneOf" and not self._separator.exclusive(
            list(whole.values()), opened=opened
        )
        if mixed or bare or counted or ANYTHING in distinct:
            rest = self._whole_rest(schema, {keyword, *shared})
        elif any(branch.rest for branch in branches.values()):
            rest = self._rest_by_branch(whole, branches)
            if rest is None:
                rest = self._whole_rest(schema, {keyword, *shared})
        null = any(branch.nullable for branch in branches.values())
        if not distinct:
            return Value({"type": "null"} if null else ANYTHING, null, rest)
        if ANYTHING in distinct:
            return Value(ANYTHING, True, rest)
        shape = distinct[0] if len(distinct) == 1 else {"anyOf": distinct}
        return Value(shape, null, rest)

    def _is_bare(self, branch: JsonObject) -> bool:
        """Return whether *branch* takes objects and says nothing of their names."""
        found, _ = kinds(resolved(self._root, branch))
        return "object" in found and not set(self._named(branch))

    def _stems(self, branches: list[object], stem: str) -> list[str]:
        """Return what each branch is named after: its reference, its title, or *stem*."""
        nodes = [cast("JsonObject", each) if isinstance(each, dict) else {} for each in branches]
        titles = [camel(str(node.get("title", ""))) for node in nodes]
        stems: list[str] = []
        for number, (node, title) in enumerate(zip(nodes, titles, strict=True), start=1):
            reference = only_reference(node)
            if reference is not None:
                stems.append(reference.rpartition("/")[2])
            elif 0 < len(title) <= _LONGEST_TITLE and titles.count(title) == 1:
                stems.append(title)
            else:
                stems.append(f"{stem}_{number}")
        return stems

    def _whole_rest(self, schema: JsonObject, keys: set[str]) -> JsonObject | None:
        rest = self._rest(schema, keys)
        if rest and self._is_closed(schema):
            rest.setdefault("unevaluatedProperties", False)
        return rest

    def _rest_by_branch(
        self, whole: dict[int, JsonObject], branches: dict[int, Value]
    ) -> JsonObject | None:
        """Return the rest of each branch under what tells it apart, or None where nothing does."""
        rules: list[JsonObject] = []
        for number, value in branches.items():
            if value.rest is None:
                continue
            guards = [
                self._separator.guard(whole[number], other)
                for place, other in whole.items()
                if place != number
            ]
            if None in guards:
                return None
            guard = all_of(cast("list[JsonObject]", guards)) if guards else {}
            if not all(_has_literals(node) for _, node in places(guard)):
                return None
            rules.append({"if": guard, "then": value.rest} if guard else value.rest)
        return all_of(rules)

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
        # The branches leave null out, so what they share is taken from the schema as it stands.
        rest = value.rest if not shared or value.rest is None else self._rest(schema, ASSERTIONS)
        return Value(value.shape, value.nullable or nullable, rest)


def _with_shared(node: JsonObject, shared: JsonObject) -> JsonObject:
    return {"allOf": [node, shared]} if shared.keys() & node.keys() else {**node, **shared}


def _has_literals(guard: JsonObject) -> bool:
    """Return whether Python has a type for the values that *guard* lists.

    Where it has none, the class takes more than meets the guard, which then says too little.
    """
    values = cast("list[object]", guard.get("enum", []))
    return all(value is None or isinstance(value, str | int) for value in values)


def _distinct_shapes(shapes: Iterable[JsonObject]) -> list[JsonObject]:
    distinct: list[JsonObject] = []
    for shape in shapes:
        if shape not in distinct:
            distinct.append(shape)
    return distinct
