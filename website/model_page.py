"""Write the page of one model: parameters, conditions, price, source, calls, an output."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final, LiteralString, cast

from get3w_codegen.budget import counted_work
from get3w_codegen.lint.extension_keys import is_confirmed
from get3w_codegen.model.model import Model as Described
from get3w_codegen.model.model import Object
from get3w_codegen.model.names import ModelName
from get3w_codegen.parse.examples import smallest_input
from get3w_codegen.render.docstrings import about, work
from get3w_codegen.text.forms import Markdown
from get3w_codegen.text.markdown import code, join, number, ours, row, words
from get3w_codegen.text.visible import one_line
from get3w_emulator._common.json import JSONObject
from get3w_emulator.media.outputs import OutputSpec
from get3w_emulator.playground import names
from get3w_emulator.playground.calls import Call
from get3w_emulator.schemas.catalogue import Model

from website.parameters import Parameter, parameters

ORIGIN: Final = "https://api.get3w.com"

_HEAD: Final = ours("| Parameter | Type | Default | Meaning |\n|---|---|---|---|")
_ADDRESS = re.compile(r"https://[A-Za-z0-9][A-Za-z0-9._~/-]*")
_MOST_CHOICES: Final = 400
_LONGEST_CONDITION: Final = 6000

# What a schema says of the whole input beside its properties.
_CONDITIONS: Final = frozenset(
    "allOf anyOf oneOf not if then else dependentRequired dependentSchemas minProperties"
    " maxProperties propertyNames patternProperties".split()
)


def example_input(model: Model) -> JSONObject | None:
    """Return the smallest input that a model accepts; None where none was found."""
    with counted_work():
        found = smallest_input(cast("dict[str, Any]", model.schema))
    return None if found is None or model.problems(found) else cast("JSONObject", found)


def model_page(
    model: Model,
    name: str,
    package: str,
    given: JSONObject | None,
    spec: OutputSpec | None,
    picture: str | None,
) -> str:
    """Return the page of a model.

    Args:
        model: The model.
        name: What it is called in Python.
        package: The import name of the package that its function is in.
        given: The input of the calls; None for a page without calls.
        spec: What the emulator makes of the input.
        picture: The file name of a picture of that, if there is one.
    """
    described = _described(model, ModelName(name))
    parts = [
        join(" ", [ours("#"), words(model.id)]),
        words(_first_line(described)),
        *(words(each) for each in about(described)),
        _facts(model, described.name, package),
        *_parameters(model),
        *_conditions(model),
    ]
    if given is not None:
        parts += [*_calls(Call(model, names.ModelName(name, locked=True), given))]
        if spec is not None:
            parts += [*_output(spec, picture)]
    # On GitHub an invisible space keeps an address in foreign text from being a link; a site makes
    # none of it.
    return join("\n\n", parts).replace("&#8203;", "") + "\n"


def _described(model: Model, name: ModelName) -> Described:
    """Return what the generator's docstrings are made of, less the facts that are listed here."""
    return Described(
        model_id=model.id,
        name=name,
        file="",
        kind=model.kind if model.kind != "unknown" else "",
        documented=True,
        surface=None,
        source="",
        price=None,
        description=one_line(model.description),
        request=Object(name.request_class, (), extra=False, description="", pointer=""),
        objects=(),
        deprecated=model.schema.get("deprecated") is True,
    )


def _first_line(described: Described) -> str:
    # The heading names the model already.
    return work(described).replace(f" with {described.model_id}.", ".")


def _facts(model: Model, name: ModelName, package: str) -> Markdown:
    known = model.schema
    confirmed = is_confirmed(cast("dict[str, Any]", known))
    price = model.listed_price
    facts = [
        (ours("Functions"), _listed([name.function, name.async_function])),
        (ours("Request class"), code(name.request_class)),
        (ours("Package"), code(package)),
        (ours("Kind"), words(model.kind)),
        (
            ours("Base price of a run"),
            ours("not known") if price is None else join(" ", [number(price), ours("USD")]),
        ),
        (ours("Named by Get3W itself"), ours("yes") if confirmed else ours("no, not confirmed")),
        (ours("Source"), _link(known.get("x-source"))),
    ]
    if known.get("x-surface") == "v1":
        facts.append((ours("API"), ours("v1, where Get3W documents it")))
    if isinstance(note := known.get("x-note"), str):
        facts.append((ours("Note"), words(note)))
    return join("\n", [join("", [ours("- **"), key, ours("**: "), said]) for key, said in facts])


def _link(address: object) -> Markdown:
    if not isinstance(address, str) or not address:
        return ours("not known")
    if not _ADDRESS.fullmatch(address):
        return code(address)
    # Only letters, digits and -._~/ are in it, none of which ends a link.
    return Markdown(f"<{address}>")


def _parameters(model: Model) -> Iterator[Markdown]:
    yield ours("## Parameters")
    with counted_work():
        found = [*parameters(cast("dict[str, Any]", model.schema))]
    if not found:
        yield ours("The schema names none.")
        return
    yield join("\n", [_HEAD, *map(_row, found)])
    yield ours(
        "Required ones are **bold**. What you leave out is not sent; a file is a URL, a `Path` or"
        " an open binary file. Functions take `client`, `webhook_url`, `extra_body` and `timeout`."
    )
    for each in found:
        if each.choices:
            yield join(" ", [ours("All values of"), join("", [code(each.name), ours(":")])])
            yield _listed(each.choices[:_MOST_CHOICES])


def _row(each: Parameter) -> Markdown:
    name = code(each.name)
    meaning = words(each.meaning)
    if each.wire:
        sent = join(" ", [ours("Sent as"), join("", [code(each.wire), ours(".")])])
        meaning = join(" ", [meaning, sent])
    return row(
        [
            join("", [ours("**"), name, ours("**")]) if each.required else name,
            words(each.type),
            code(each.default) if each.default else ours(""),
            meaning,
        ]
    )


def _conditions(model: Model) -> Iterator[Markdown]:
    stated = {key: each for key, each in model.schema.items() if key in _CONDITIONS}
    if not stated:
        return
    yield ours("## Conditions")
    yield ours("The input as a whole has to meet this part of the schema too:")
    text = json.dumps(stated, indent=2)
    if len(text) > _LONGEST_CONDITION:
        yield ours("(it is long: read it in the schema)")
    else:
        yield fenced("json", text)


def _calls(call: Call) -> Iterator[Markdown]:
    shown = cast("dict[str, str]", call.programs(ORIGIN, None, command=True))
    yield ours("## Python")
    yield fenced("python", shown["python"])
    yield ours("## Python with asyncio")
    yield fenced("python", shown["async"])
    yield ours("## Command line")
    yield fenced("sh", shown["command"])
    yield ours("## curl")
    yield fenced("sh", shown["curl"])
    yield ours("The answer has an address, `urls.get`, that says what became of the task.")


def _output(spec: OutputSpec, picture: str | None) -> Iterator[Markdown]:
    yield ours("## Output")
    size = f", {spec.width} x {spec.height} pixels" if spec.width else ""
    length = f", {spec.seconds:.3g} s" if spec.seconds else ""
    number = f"{spec.count} files" if spec.count > 1 else "one file"
    made = f"{number}, {spec.media_type}{size}{length}"
    yield words(f"The emulator makes a placeholder of this input: {made}.")
    if picture is not None:
        # File names are made of a model id, which holds nothing that ends a link.
        yield Markdown(f"![The placeholder]({picture})")


def _listed(values: list[str] | tuple[str, ...]) -> Markdown:
    return join(", ", map(code, values))


def fenced(language: LiteralString, text: str) -> Markdown:
    """Return *text* as a block of code that nothing in it can end."""
    fence = "`" * max(3, 1 + max(map(len, re.findall(r"`+", text)), default=0))
    return Markdown(f"{fence}{language}\n{text.rstrip()}\n{fence}")
