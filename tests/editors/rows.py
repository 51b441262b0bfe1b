"""What is looked at in each server: one function a row, which returns what is amiss."""

import importlib
import inspect
import json
import re

from .schemas import COMMON, outputs_of
from .shown_types import is_type
from .views import plain_text

# HTML by its names, and Markdown, wherever they are not code; links show as they are in some.
_MARKUP = re.compile(
    r"</?(?:a|b|br|code|div|em|i|li|p|strong|ul)(?: [^>]*)?>|:\w+:`|(?<!`)``(?!`)|\]\(http|\*\*\w",
    re.IGNORECASE,
)


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
        if not is_type(shown[each.name], each, model, server)
    ]
    wrong += [f"{name}: {shown[name]}" for name in COMMON if "None" not in shown[name]]
    made = outputs_of(model.document)
    # A server shows the type that stands for one that is left out, or its parts.
    shown_as = [made] if made else ["", "[AnyOutput]", "[FileOutput | TextOutput | DataOutput]"]
    right = view.returned in {f"Prediction{each}" for each in shown_as}
    return wrong if right else [*wrong, f"-> {view.returned}"]


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
        if plain_text(text) not in view.told(each.name)
    ]


def active(view, model, server):
    """Signature help tells the meaning of the parameter that is being typed."""
    found = []
    for each in model.parameters:
        if server.words == "first line" and _is_shadowed(each.name, model):
            continue
        said, whole = view.active(each.name), view.told(each.name)
        if server.words == "all" and said != whole:
            found.append(f"{each.name}: {said!r} for {whole!r}")
        if server.words == "first line" and not (said and whole.startswith(said)):
            found.append(f"{each.name}: {said!r} does not begin {whole!r}")
        if server.words == "nothing" and said:
            found.append(f"{each.name}: {said!r} for nothing")
    return found


def _is_shadowed(name, model):
    """Tell whether the name stands before its own entry, if only as the end of another name.

    pyright shows the first line of the docstring that has it in it.
    """
    module = importlib.import_module(f"{model.package}.{model.name}")
    lines = map(str.strip, inspect.getdoc(getattr(module, model.function)).splitlines())
    return not next(each for each in lines if f"{name}: " in each).startswith(f"{name}: ")


def work(view, model, server):
    """Hover tells what the model makes, and names it."""
    name = re.escape(model.id)
    told = re.fullmatch(r"\w+-to-\w+", model.document.get("x-model-type", ""))
    fallback = "" if told else rf"|Run (?:the [\w-]+ model )?{name}\.|{name}: \w+"
    said = re.search(rf"\w+ [\w -]+ with {name}\.{fallback}", view.hover)
    return [] if said else [view.hover]


def markup(view, model, server):
    """Nothing in the hover is markup that the editor shows as it is."""
    return _MARKUP.findall(view.hover)


def values(view, model, server):
    """Completion inside the quotes of a choice offers its values."""
    found = []
    for each in model.parameters:
        free = any(kind.get("type") == "string" and "enum" not in kind for kind in each.kinds)
        known = server.strings and (server.open_strings or not free)
        shown = {value for value in each.strings if len(value) <= server.longest}
        expected = shown if known and len(each.values) <= server.most else set()
        offered = view.values(each.name) if each.strings else set()
        offered -= {str(value) for value in each.values} - each.strings
        if offered != expected:
            found.append(f"{each.name}: {sorted(offered)} for {sorted(expected)}")
    return found


def definition(view, model, server):
    """Going to the definition lands in the model's module."""
    path = view.defined_in
    right = path.name == f"{model.name}.py" and path.parent.name == model.package
    return [] if right else [str(path)]


ROWS = (parameters, types, defaults, meaning, active, work, markup, values, definition)


def _default(parameter, server):
    if parameter.required:
        return [None]
    value = parameter.schema.get("default")
    null = [*_shown("None", server), "None"] if parameter.nullable else ["None"]
    # A default that the schema itself refuses is told in words alone.
    if value is None or (parameter.values and not _is_among(value, parameter)):
        return null
    literal = parameter.values and not any(type(each) is float for each in parameter.values)
    kind = "choice" if literal else type(value).__name__
    if {"number"} == {each.get("type") for each in parameter.kinds} and "int" in server.hidden:
        kind = "float"
    if kind in server.hidden and len(parameter.kinds) == 1:
        return [server.hidden[kind]]
    value = value[: server.longest_default] if isinstance(value, str) else value
    shown = [repr(value), repr(value).replace("'", '"'), json.dumps(value, ensure_ascii=False)]
    shown += [f"{value:g}"] if type(value) is float else []
    found = [text for each in shown for text in _shown(each, server)]
    # What a server has no rule for in `servers.py` may be left out as it leaves out others, and a
    # default that names an object, or that the schema itself refuses, is told in words alone.
    simple = len(parameter.kinds) == 1 and not isinstance(value, list | dict)
    return found if simple else [*found, *null, *server.hidden.values(), "..."]


def _is_among(value, parameter):
    free = any("enum" not in kind for kind in parameter.kinds)
    return free or any(type(each) is type(value) and each == value for each in parameter.values)


def _shown(text, server):
    return [server.default.format(text)]
