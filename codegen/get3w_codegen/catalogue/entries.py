"""Read the answer of the models endpoint, in any of its known shapes, as a list of entries.

Get3W documents the endpoint but not the shape of its answer. The shape that WaveSpeed uses is tried
first; plain lists and plain schemas are accepted as well, and anything else is refused as a whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from get3w_codegen.jsonschema.documents import canonical
from get3w_codegen.jsonschema.keywords import JsonObject, is_object
from get3w_codegen.model.lock import LOCK_NAME
from get3w_codegen.problems import GenerateError, Problem, shown
from get3w_codegen.text.names import is_device, is_model_id

_LISTS = ("data", "models", "items", "results", "records")
_IDS = ("model_id", "id", "model", "name")
_SCHEMAS = ("request_schema", "input_schema", "schema", "input")
_MOST = 20_000
# The deepest of 483 real schemas has 20 levels; all steps can follow so many.
_DEEPEST = 100
_REMEDY = (
    "Wanted is a schema at api_schema.api_schemas[].request_schema, request_schema, input_schema,"
    " schema or input, and the id at model_id or id."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One model of a list.

    Attributes:
        model_id: Its id.
        facts: What the list says beside the schema.
        run: What it says of the call that runs the model; empty where it says nothing.
        schema: The schema of the input, as it was listed.
    """

    model_id: str
    facts: JsonObject
    run: JsonObject
    schema: JsonObject


class UnusableError(Exception):
    """An entry that is in no known shape."""


def entries_of(answer: object, where: str) -> tuple[list[Entry], list[Problem]]:
    """Return the entries of an answer by id, and what is wrong with the others.

    Raises:
        GenerateError: The answer is no whole list of models.
    """
    found: dict[str, Entry] = {}
    problems: list[Problem] = []
    for place, item in _items(answer, where):
        try:
            entry = entry_of(item)
            known = found.setdefault(entry.model_id, entry)
            if canonical(known.schema) != canonical(entry.schema):
                raise UnusableError(f"{entry.model_id} is listed twice, with different schemas")
        except UnusableError as error:
            problems.append(Problem(where, place, str(error), _REMEDY))
    return [found[model_id] for model_id in sorted(found)], problems


def entry_of(item: object) -> Entry:
    """Return one entry of a list.

    Raises:
        UnusableError: It is in no known shape.
    """
    if not is_object(item):
        raise UnusableError(f"A model is a JSON object, this is {_kind(item)}")
    run, schema = _schema(item)
    named = [value for key in _IDS if isinstance(value := item.get(key), str) and value]
    model_id = str(schema.get("x-model-id") or (named[0] if named else ""))
    if not model_id:
        raise UnusableError("A model without an id")
    if not is_model_id(model_id):
        raise UnusableError(f"{shown(model_id)} cannot be a model id, nor a path")
    if any(map(is_device, model_id.split("/"))):
        raise UnusableError(f"{model_id!r} names a device on Windows, which can hold no such file")
    # In any folder, since the file is passed over there; in any case, since some systems see none.
    if f"{model_id}.json".lower().rpartition("/")[2] == LOCK_NAME:
        raise UnusableError(f"{model_id!r} would take the place of the file of names")
    if _is_deeper(schema, _DEEPEST):
        raise UnusableError(f"The schema of {model_id} is nested deeper than {_DEEPEST} levels")
    return Entry(model_id, item, run, schema)


def _items(answer: object, where: str) -> Iterator[tuple[str, object]]:
    """Yield each item of the list that an answer holds, and its place."""
    place = ""
    value = answer
    while isinstance(value, dict):
        holder = cast("JsonObject", value)
        code = holder.get("code", 200)
        if code != 200:
            said = holder.get("message") or holder.get("error") or "no reason given"
            raise GenerateError(f"{where} answers {code}: {said}; nothing was changed.")
        key = next((key for key in _LISTS if isinstance(holder.get(key), list | dict)), None)
        if key is None:
            raise GenerateError(
                f"{where} holds no list of models: none of {', '.join(_LISTS)} is there, only"
                f" {', '.join(sorted(holder)[:8]) or 'an empty object'}; nothing was changed."
            )
        value, place = holder[key], f"{place}/{key}"
        total = holder.get("total")
        listed = len(cast("list[object]", value)) if isinstance(value, list) else None
        if isinstance(total, int) and listed is not None and listed < total:
            raise GenerateError(
                f"{where} holds {listed} of {total} models, so it is one page of a list;"
                " nothing was changed. Ask for all of them."
            )
    if not isinstance(value, list):
        raise GenerateError(
            f"{where} holds {_kind(value)} where a list of models should be; nothing was changed."
        )
    items = cast("list[object]", value)
    if not items:
        raise GenerateError(f"{where} lists no model at all; nothing was changed.")
    if len(items) > _MOST:
        raise GenerateError(
            f"{where} lists {len(items)} models, and more than {_MOST} are not read;"
            " nothing was changed."
        )
    for number, item in enumerate(items):
        yield f"{place}/{number}", item


def _schema(facts: JsonObject) -> tuple[JsonObject, JsonObject]:
    runs = facts.get("api_schema")
    runs = cast("JsonObject", runs).get("api_schemas") if isinstance(runs, dict) else None
    listed = [cast("JsonObject", run) for run in _list(runs) if isinstance(run, dict)]
    wanted = [run for run in listed if run.get("type") == "model_run"] or listed
    places = [(run, run) for run in wanted] + [({}, facts)]
    for run, place in places:
        for key in _SCHEMAS:
            schema = place.get(key)
            if isinstance(schema, dict) and _is_schema(cast("JsonObject", schema)):
                return run, cast("JsonObject", schema)
    name = next((facts[key] for key in _IDS if isinstance(facts.get(key), str)), "?")
    raise UnusableError(f"The schema of {name} is in no known place")


def _is_schema(schema: JsonObject) -> bool:
    return schema.get("type") == "object" or isinstance(schema.get("properties"), dict)


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _kind(value: object) -> str:
    return "null" if value is None else f"a {type(value).__name__}"


def _is_deeper(value: object, most: int) -> bool:
    """Return whether objects and lists are nested deeper than *most* levels, without recursion."""
    level = [value]
    for _ in range(most):
        level = [part for each in level for part in _parts(each)]
    return any(_parts(each) for each in level)


def _parts(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(cast("JsonObject", value).values())
    return cast("list[object]", value) if isinstance(value, list) else []
