"""What is looked at in each server: one function a row, which returns what is amiss."""

import ast
import importlib
import re
from typing import get_args

from .schemas import COMMON

_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
_OMITTED = re.compile(r"\.\.\. omitted (\d+) literals")


def parameters(view, model, server):
    """Completion inside the call offers every parameter."""
    return sorted({*(each.name for each in model.parameters), *COMMON} - view.offered)


def types(view, model, server):
    """Signature help names every parameter with its type."""
    names = [each.name for each in model.parameters]
    if [*names, *COMMON] != [shown.name for shown in view.signature]:
        return [f"shown: {[shown.name for shown in view.signature]}"]
    shown = {each.name: each.type for each in view.signature}
    wrong = [
        f"{each.name}: {shown[each.name]}"
        for each in model.parameters
        if not _is_type(shown[each.name], each, model)
    ]
    wrong += [f"{name}: {shown[name]}" for name in COMMON if "None" not in shown[name]]
    return wrong if view.returned == "Prediction" else [*wrong, f"-> {view.returned}"]


def defaults(view, model, server):
    """Signature help shows every default."""
    shown = {each.name: each.default for each in view.signature}
    return [
        f"{each.name} = {shown.get(each.name)}"
        for each in model.parameters
        if shown.get(each.name) not in _default(each, server)
    ]


def meaning(view, model, server):
    """Hover tells the meaning, the range, the values and the default of every parameter."""
    return [
        f"{each.name}: {text!r} is not in {view.told(each.name)!r}"
        for each in model.parameters
        for text in each.meaning
        if " ".join(text.split()) not in view.told(each.name)
    ]


def active(view, model, server):
    """Signature help tells the meaning of the parameter that is being typed."""
    found = []
    for each in model.parameters:
        said, whole = view.active(each.name), view.told(each.name)
        if server.words == "all" and said != whole:
            found.append(f"{each.name}: {said!r} for {whole!r}")
        if server.words == "first line" and not (said and whole.startswith(said)):
            found.append(f"{each.name}: {said!r} does not begin {whole!r}")
        if server.words == "nothing" and said:
            found.append(f"{each.name}: {said!r} for nothing")
    return found


def work(view, model, server):
    """Hover tells what the model makes, and names it."""
    said = re.search(rf"\w+ [\w -]+ with {re.escape(model.id)}\.", view.hover)
    return [] if said else [view.hover]


def markup(view, model, server):
    """Nothing in the hover is markup that the editor shows as it is."""
    return re.findall(r"</?[a-zA-Z][^>]*>|:\w+:`|``|\]\(http[^)]*$", view.hover)


def values(view, model, server):
    """Completion inside the quotes of a choice offers its values."""
    found = []
    for each in model.parameters:
        strings = {value for value in each.values if isinstance(value, str)}
        expected = strings if server.strings else set()
        offered = view.values(each.name) if strings else set()
        if offered != expected:
            found.append(f"{each.name}: {sorted(offered)} for {sorted(expected)}")
    return found


def definition(view, model, server):
    """Going to the definition lands in the model's module."""
    path = view.defined_in
    right = path.name == f"{model.name}.py" and path.parent.name == "get3w_models"
    return [] if right else [str(path)]


ROWS = (parameters, types, defaults, meaning, active, work, markup, values, definition)


def _default(parameter, server):
    if parameter.required:
        return [None]
    value = parameter.schema.get("default")
    if value is None:
        return ["None"]
    kind = "choice" if parameter.values else type(value).__name__
    if parameter.schema["type"] == "number" and "int" in server.hidden:
        kind = "float"
    shown = [repr(value), repr(value).replace("'", '"')]
    return [server.hidden[kind]] if kind in server.hidden else map(server.default.format, shown)


def _is_type(text, parameter, model):
    *others, last = text.split(" | ")
    optional = last == "None"
    plain = " | ".join(others) if optional else text
    return optional is not parameter.required and _fits(plain, parameter.schema, model)


def _fits(text, schema, model):
    """Tell whether a type that a server shows is what a schema says."""
    if "enum" in schema:
        return _is_choice(text, schema["enum"], model)
    kind = schema["type"]
    if "x-get3w-media" in schema and kind == "string":
        return text == "MediaInput" or set(text.split(" | ")) == {"str", "Path", "BinaryIO"}
    if kind == "array":
        inner = re.fullmatch(r"(?:list|ListOf)\[(.*)\]", text)
        if "x-get3w-media" in {**schema, **schema["items"]}:
            media = {"x-get3w-media": "", "type": "string"}
            return text == "MediaListInput" or bool(inner and _fits(inner[1], media, model))
        return bool(inner and _fits(inner[1], schema["items"], model))
    if kind == "object":
        return hasattr(_module(model), text)
    return text == _PLAIN[kind]


def _is_choice(text, values, model):
    alias = get_args(getattr(_module(model), text, None))
    if alias:
        return set(values) == set(alias)
    inner = re.fullmatch(r"Literal\[(.*)\]", text)
    if not inner:
        return False
    omitted = _OMITTED.search(inner[1])
    listed = ast.literal_eval(f"[{_OMITTED.sub('', inner[1])}]")
    whole = len(listed) + (int(omitted[1]) if omitted else 0) == len(values)
    return whole and set(listed) <= set(values)


def _module(model):
    return importlib.import_module(f"get3w_models.{model.name}")
