"""What a model and its parameters are called in the typed Python client.

A model's name is the one that `names.lock.json`, beside the schemas, gave it once and for all.
Where the lock does not know the model, its name follows from the id as long as no other model
wants the same one; the page says so.
"""

import json
import keyword
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from get3w_emulator._common.json import JSON, JSONObject

LOCK = "names.lock.json"

# A property of such a name gets a trailing underscore: the generated code uses the name itself.
RESERVED = frozenset(
    # parameters of every function, and what its body refers to
    "client extra_body request server_default submit submit_async timeout validation_errors"
    " webhook_url"
    # attributes of a pydantic model
    " construct copy dict from_orm json model_computed_fields model_config model_construct"
    " model_copy model_dump model_dump_json model_extra model_fields model_fields_set"
    " model_json_schema model_parametrized_name model_post_init model_rebuild model_validate"
    " model_validate_json model_validate_strings parse_file parse_obj parse_raw schema schema_json"
    " self update_forward_refs validate mro register"
    # types that annotations name
    " bool dict float int list str Annotated AsyncClient AsyncPrediction Choice ClassVar Client"
    " ConfigDict Field FileOutput Integer JsonValue Literal Mapping Media MediaInput MediaList"
    " MediaListInput ModelInfo ModelRequest Number Omittable Prediction RequestObject Rule"
    " TYPE_CHECKING TextOutput TimeoutTypes TypeAlias TypeAliasType WireName".split()
)

# The generator's names do not depend on the Unicode of the Python that runs it, so nor do these.
_OLD = unicodedata.ucd_3_2_0
_LETTERS = frozenset({"Ll", "Lm", "Lo", "Lt", "Lu", "Mc", "Mn", "Nd"})
_UNSEEN = "\u115f\u1160\u17b4\u17b5"

# With one of these, what an object lists, and its class, is for the generator to find out.
REFERS_OR_MERGES = frozenset(
    "$ref $dynamicRef allOf anyOf oneOf if then else dependentSchemas".split()
)


@dataclass(frozen=True)
class ModelName:
    """The snake-case name of a model.

    Attributes:
        text: The name, as in `flux_dev`.
        locked: Whether it is from the lock, and so certain.
    """

    text: str
    locked: bool


def locked_names(folder: Path) -> dict[str, str]:
    """Return the names that were given to model ids; none if there is no lock to read."""
    try:
        content = cast("JSON", json.loads((folder / LOCK).read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(content, dict):
        return {}
    return {model_id: name for model_id, name in content.items() if isinstance(name, str)}


def model_name(model_id: str, lock: Mapping[str, str]) -> ModelName:
    """Return the name of a model."""
    if model_id in lock:
        return ModelName(lock[model_id], locked=True)
    owner, _, rest = model_id.partition("/")
    name = re.sub(r"[^a-z0-9]+", "_", (rest or owner).lower()).strip("_")
    if not name or name[0].isdigit():
        name = f"m_{name}".rstrip("_")
    return ModelName(f"{name}_" if keyword.iskeyword(name) else name, locked=False)


def parameter_names(properties: Iterable[str]) -> dict[str, str]:
    """Return what each property of an object is called in Python, by its name on the wire."""
    names: dict[str, str] = {}
    for wire in sorted(properties, key=lambda wire: (_plain(wire) != wire, wire)):
        plain = name = _plain(wire)
        number = 2
        while name in names.values():
            name = f"{plain.rstrip('_')}_{number}"
            number += 1
        names[wire] = name
    return names


def _plain(wire: str) -> str:
    name = _OLD.normalize("NFKC", wire)  # as Python itself reads names
    if not (name.isidentifier() and all(map(_is_letter, name))):
        name = re.sub(r"[^A-Za-z0-9_]+", "_", wire)
    name = name.lstrip("_") or "field"
    if not name.isidentifier():  # it begins with a digit, or with a mark on nothing
        name = f"field_{name}"
    return f"{name}_" if keyword.iskeyword(name) or name in RESERVED else name


def _is_letter(letter: str) -> bool:
    if letter in _UNSEEN:
        return False
    return letter == "_" or _OLD.category(letter) in _LETTERS


def item_classes(schema: JSONObject) -> dict[int, str]:
    """Return the class of each object inside a model's input, by the identity of its schema.

    An object whose class cannot be told for certain is left out.
    """
    found = list(_objects(schema, ""))[1:]
    stems = [stem for stem, _ in found]
    taken = {name for _, each in found for name in properties_of(each)} | {*properties_of(schema)}
    return {
        id(each): name
        for stem, each in found
        if (name := camel(stem)) and stems.count(stem) == 1
        if name not in taken | RESERVED and not name[0].isdigit()
        if REFERS_OR_MERGES.isdisjoint(each)
    }


def properties_of(schema: JSON) -> dict[str, JSON]:
    """Return the schemas of an object's properties; empty if it lists none."""
    found = schema.get("properties") if isinstance(schema, dict) else None
    return found if isinstance(found, dict) else {}


def _objects(schema: JSON, stem: str) -> Iterator[tuple[str, JSONObject]]:
    """Yield every object that lists properties, with what its class is named after."""
    if not isinstance(schema, dict):
        return
    if "properties" in schema:
        yield stem, schema
        for name, each in properties_of(schema).items():
            yield from _objects(each, name)
    elif schema.get("type") == "array":
        yield from _objects(schema.get("items"), f"{stem}_item")


def camel(name: str) -> str:
    """Return a name in camel case; an underscore stays between digits: `Veo3_1`."""
    joined = ""
    for part in re.split(r"[^A-Za-z0-9]+", name):
        if part:
            joined += "_" if joined[-1:].isdigit() and part[0].isdigit() else ""
            joined += part[0].upper() + part[1:]
    return joined


def in_order(schema: JSON) -> list[str]:
    """Return the properties of an object in the order of its signature: required ones first."""
    lists = properties_of(schema)
    known = schema if isinstance(schema, dict) else {}
    stated = [name for name in _strings(known.get("x-order-properties")) if name in lists]
    ordered = list(dict.fromkeys([*stated, *lists]))
    required = set(_strings(known.get("required")))
    return sorted(ordered, key=lambda name: name not in required)


def _strings(value: JSON) -> Iterable[str]:
    return (each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
