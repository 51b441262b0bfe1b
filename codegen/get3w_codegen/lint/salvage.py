"""Report what the meta-schema refuses, and return the schema without the parts that are unusable.

An invalid keyword is dropped with a warning, since the parameter can still be used. A model is
refused only where its meaning is unclear: an unknown type, a reference to nothing, or conditions
that no value can meet.
"""

import copy
from typing import Any, cast

from get3w_codegen.jsonschema.backtracking import may_take_long
from get3w_codegen.jsonschema.keywords import (
    LISTS,
    MAPS,
    SINGLES,
    VALUES,
    JsonObject,
    Path,
    pointer,
)
from get3w_codegen.jsonschema.patterns import portable
from get3w_codegen.jsonschema.references import leads, nearest, reached, schemas, strays
from get3w_codegen.jsonschema.validation import SCHEMA_OF_SCHEMAS
from get3w_codegen.lint import remedies
from get3w_codegen.lint.contradictions import contradictions
from get3w_codegen.problems import Level, Problem, shown

# Each round drops at least one keyword; a document with more mistakes than this is none.
_ROUNDS = 20


def repaired(
    document: JsonObject, file: str, *, opened: bool = False
) -> tuple[JsonObject, list[Problem]]:
    """Return *document* without unusable parts, and the problems found.

    Args:
        document: A parsed schema; it is not changed.
        file: The file, relative to the schema folder, for the problems.
        opened: Whether an object that says nothing of further names may have any.
    """
    return _Repair(copy.deepcopy(document), file, opened=opened).result()


class _Repair:
    def __init__(self, root: JsonObject, file: str, *, opened: bool) -> None:
        self._root = root
        self._file = file
        self._opened = opened
        self._problems: list[Problem] = []

    def result(self) -> tuple[JsonObject, list[Problem]]:
        self._drop_nulls()
        for _ in range(_ROUNDS):
            if not self._drop_misfits():
                break
        self._drop_patterns()
        self._follow_references()
        if not any(problem.level is Level.ERROR for problem in self._problems):
            for path, message, fatal in contradictions(self._root, opened=self._opened):
                level = Level.ERROR if fatal else Level.WARNING
                self._report(path, message, "Correct the schema there.", level)
        return self._root, self._problems

    def _report(self, path: Path, message: str, remedy: str, level: Level = Level.WARNING) -> None:
        self._problems.append(Problem(self._file, pointer(path), message, remedy, level))

    def _drop_nulls(self) -> None:
        for path, node in list(schemas(self._root)):
            for key in [key for key, value in node.items() if value is None]:
                if key not in VALUES and not key.startswith("x-"):
                    del node[key]
                    self._report(
                        (*path, key),
                        f"The keyword {key!r} is null, which has no meaning",
                        "Give it a value or remove it; until then it is ignored.",
                    )

    def _drop_misfits(self) -> bool:
        """Drop what the meta-schema refuses; return whether there was anything."""
        found = {
            (*top, *_offender(tuple(path))): (len(top), message)
            for top, schema in [((), self._root), *strays(self._root)]
            for path, message in SCHEMA_OF_SCHEMAS.problems(schema)
            if path  # an object is a schema, whatever is in it
        }
        dropped = False
        for path, (depth, message) in found.items():
            said = message if len(message) <= 200 else f"{message[:197]}..."
            dropped = True
            holder = _at(self._root, path[:-1])
            if holder is None:
                continue  # what was around it is dropped already
            value = holder[path[-1]]
            if not _is_keyword(path[depth:]):
                holder[path[-1]] = True
                remedy = remedies.of_schema(value)
            elif path[-1] == "type":
                remedy = remedies.of_type(holder.pop("type"))
                self._report(path, f"Unknown type {shown(value)}", remedy, Level.ERROR)
                continue
            elif path[-1] == "$ref":
                del holder["$ref"]
                self._report(path, f"Not a reference: {said}", "Correct it.", Level.ERROR)
                continue
            elif path[-1] == "required" and _are_texts(value):
                holder["required"] = list(dict.fromkeys(cast("list[str]", value)))
                remedy = "Name each once."
            else:
                del holder[path[-1]]
                remedy = remedies.of_keyword(path[-1], value)
            self._report(path, f"Not JSON Schema (2020-12): {said}", remedy)
        return dropped

    def _drop_patterns(self) -> None:
        for path, node in list(schemas(self._root)):
            pattern = node.get("pattern", "")
            if portable(pattern) is None:
                del node["pattern"]
                self._report_pattern((*path, "pattern"), pattern, "any text is taken there")
            elif may_take_long(pattern):
                self._report(
                    (*path, "pattern"),
                    f"{shown(pattern)} nests quantifiers, beside look-around or a reference"
                    " to a group; comparing a long text with it takes very many steps",
                    "Write it without one of these; until then a text that takes a million steps"
                    " is refused.",
                )
            patterns = cast("JsonObject", node.get("patternProperties", {}))
            for each in [each for each in patterns if portable(each) is None]:
                del patterns[each]
                way = (*path, "patternProperties", each)
                self._report_pattern(way, each, "names that it matches count as unknown")

    def _report_pattern(self, path: Path, pattern: str, meanwhile: str) -> None:
        self._report(
            path,
            f"{shown(pattern)} is not a valid regular expression",
            f"Correct it; until then {meanwhile}.",
        )

    def _follow_references(self) -> None:
        """Report dangling references among those that the body depends on."""
        for path, node in reached(self._root):
            reference = node.get("$ref")
            if isinstance(reference, str) and not leads(self._root, reference):
                meant = nearest(self._root, reference)
                hint = f"; did you mean {meant!r}?" if meant else ""
                self._report(
                    (*path, "$ref"),
                    f"$ref {reference!r} is not defined in the file{hint}",
                    f"Write {meant}."
                    if meant
                    else "Write the part out where it is used, or add it under $defs.",
                    Level.ERROR,
                )


def drop_dangling(root: JsonObject) -> None:
    """Drop references that lead nowhere, from a schema that is refused for them anyway."""
    for _, node in list(reached(root)):
        if isinstance(reference := node.get("$ref"), str) and not leads(root, reference):
            del node["$ref"]


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, str) for item in cast("list[object]", value)
    )


def _offender(path: Path) -> Path:
    """Return the way to the keyword, or the schema, that *path* is a part of."""
    place = 0
    while place < len(path):
        key = path[place]
        if key in SINGLES:
            place += 1
        elif key in MAPS | LISTS and place + 2 <= len(path):
            place += 2
        else:
            return path[: place + 1]
    return path


def _is_keyword(path: Path) -> bool:
    """Return whether the last step of *path* is a keyword, not a name or a number below one."""
    place = 0
    while place < len(path) - 1:
        place += 2 if path[place] in MAPS | LISTS else 1
    return place == len(path) - 1


def _at(root: JsonObject, path: Path) -> Any:
    """Return what stands at *path*; None where there is nothing any more."""
    place: Any = root
    for step in path:
        if not isinstance(place, dict | list):
            return None
        if isinstance(place, dict) and step not in place:
            return None
        place = cast("Any", place)[step]
    return cast("Any", place) if isinstance(place, dict | list) else None
