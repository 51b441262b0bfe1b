"""Find Python names that mean another parameter than before.

`a.b` alone becomes `a_b`; beside `a-b` it becomes `a_b_2`. An unchanged program would then send its
value as the other parameter, so this is breaking even though the schema accepts all it accepted.
"""

from collections.abc import Iterator

from get3w_codegen.diff.changes import Change, Weight
from get3w_codegen.jsonschema.keywords import JsonObject
from get3w_codegen.model.model import Object
from get3w_codegen.model.names import ModelName
from get3w_codegen.parse.load import SchemaFile
from get3w_codegen.parse.normalise import Normaliser

_MODEL = ModelName("model")


def names_given_away(old: JsonObject, new: JsonObject) -> Iterator[Change]:
    """Yield parameters whose Python name changed, and classes whose name means another class."""
    before, after = _objects(old), _objects(new)
    owners = {each.class_name: pointer for pointer, each in after.items()}
    for pointer, one in before.items():
        other = after.get(pointer)
        if other is None:
            continue
        where = _where(pointer)
        if one.class_name != other.class_name and one.class_name in owners:
            text = f"its class {one.class_name} is {other.class_name} now; another has its name"
            yield Change("name", where, Weight.BREAKING, text)
        names = {field.wire: field.name for field in other.fields}
        for field in one.fields:
            if (name := names.get(field.wire, field.name)) != field.name:
                text = f"{field.name} is called {name} in Python now"
                place = f"{where}.{field.wire}".lstrip(".")
                yield Change("name", place, Weight.BREAKING, text)


def _objects(schema: JsonObject) -> dict[str, Object]:
    """Return the objects that become classes, by their place; none where no class can be made."""
    model = Normaliser(SchemaFile("model", "model.json", schema), _MODEL).model()
    return {} if model is None else {each.pointer: each for each in (*model.objects, model.request)}


def _where(pointer: str) -> str:
    """Return a place as a parameter, as in "loras[].scale"."""
    steps = iter(pointer.split("/")[1:])
    said = ""
    for step in steps:
        said += f".{next(steps, '')}" if step == "properties" else "[]" if step == "items" else ""
    return said.lstrip(".")
