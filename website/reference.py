"""Write the API reference from docstrings: a page for each part of the public interface.

griffe reads the sources and their docstrings; nothing of ours is imported for it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import griffe

_Object = griffe.Object | griffe.Alias
_Section = griffe.DocstringSection

_WIDTH: Final = 88


@dataclass(frozen=True)
class Part:
    """A page of the reference.

    Attributes:
        name: The page's file name, without ending.
        title: Its heading.
        package: The package whose public names it describes.
        rooms: The top folders or modules of the package that they are defined in; empty for all.
    """

    name: str
    title: str
    package: str
    rooms: frozenset[str] = frozenset()


_CORE: Final = {
    "client": "Clients and predictions",
    "bulk": "Many submits",
    "outputs": "Outputs",
    "request": "Requests",
    "errors": "Errors",
    "reconciling": "Unknown outcomes",
    "flow": "Events and options",
    "webhooks": "Webhooks",
    "api": "Account and downloads",
}

PARTS: Final = (
    Part("models", "Models at run time", "get3w_models"),
    *(Part(room, title, "get3w_core", frozenset({room})) for room, title in _CORE.items()),
    Part(
        "types",
        "Types",
        "get3w_core",
        frozenset({"_common", "_version", "facade", "files"}),
    ),
    Part("batch", "Batches", "get3w_batch"),
    Part("emulator", "The emulator", "get3w_emulator"),
    Part("testing", "The pytest plugin", "get3w_testing"),
)
"""Every page, in the order of the navigation."""

_FOLDERS: Final = ("core", "generated", "batch", "emulator", "testing")


def write_reference(root: Path, folder: Path) -> None:
    """Write the pages of the reference.

    Args:
        root: The checkout.
        folder: Where they go.
    """
    loader = griffe.GriffeLoader(
        docstring_parser=griffe.Parser.google,
        search_paths=[str(root / each) for each in _FOLDERS],
    )
    folder.mkdir(parents=True, exist_ok=True)
    for name in dict.fromkeys(part.package for part in PARTS):
        loader.load(name)
    loader.resolve_aliases(external=False)
    for part in PARTS:
        package = cast("griffe.Module", loader.modules_collection[part.package])
        found = [*public_objects(package, part)]
        text = "\n\n".join(
            [f"# {part.title}", *_introduction(package, part, found), *_bodies(found)]
        )
        (folder / f"{part.name}.md").write_text(f"{text}\n", encoding="utf-8")


def public_objects(package: griffe.Module, part: Part) -> Iterator[_Object]:
    """Yield what a page describes, in the order of the names."""
    inside = f"{part.package}."
    for name, stated in sorted(package.members.items(), key=lambda each: each[0].lower()):
        # To griffe a module hides a function of its name.
        member = stated.functions.get(name) if isinstance(stated, griffe.Module) else stated
        if member is None or name.startswith("_") or name == "TYPE_CHECKING":
            continue
        place = member.target_path if isinstance(member, griffe.Alias) else member.path
        room, _, rest = place.removeprefix(inside).partition(".")
        # What another package defines has a page there, and so has each model.
        elsewhere = not place.startswith(inside) or (rest and part.package == "get3w_models")
        if not elsewhere and (not part.rooms or room in part.rooms):
            yield member.final_target if isinstance(member, griffe.Alias) else member


def _introduction(package: griffe.Module, part: Part, found: Iterable[_Object]) -> Iterator[str]:
    if not part.rooms and package.docstring:
        yield package.docstring.value
    else:
        names = ", ".join(f"`{each.name}`" for each in found)
        yield f"Describes {names} of `{part.package}`."
    if part.package == "get3w_testing":
        plugin = cast("griffe.Module", package.members["plugin"])
        for each in plugin.functions.values():
            if any("fixture" in str(found.value) for found in each.decorators):
                yield "\n\n".join(_body(each, each.name, 2))


def _bodies(found: Iterable[_Object]) -> Iterator[str]:
    for each in found:
        yield from _body(each, each.name, 2)


def _body(found: _Object, name: str, level: int) -> Iterator[str]:
    """Yield the paragraphs on a class, function or value, and on what is public inside it."""
    yield f"{'#' * level} {name}"
    yield f"```python\n{_signature(found, name)}\n```"
    if found.docstring:
        for section in found.docstring.parsed:
            yield from _section(section)
    if not found.is_class:
        return
    fields = {each.name for section in _sections(found) for each in _named(section)}
    for inner, member in _members(found):
        if member.docstring is not None and inner not in fields:
            yield from _body(member, f"{name}.{inner}", level + 1)


def _members(found: _Object) -> Iterator[tuple[str, griffe.Object]]:
    """Yield what is public in a class, with what it inherits from classes that are not."""
    top = found.package
    public = {each.target_path for each in top.members.values() if isinstance(each, griffe.Alias)}
    for inner, member in {**found.inherited_members, **found.members}.items():
        if inner.startswith("_") or member.is_module:
            continue
        target = member.final_target if isinstance(member, griffe.Alias) else member
        owner = target.parent.path if target.parent else ""
        if owner == found.path or owner not in public:
            yield inner, target


def _sections(found: _Object) -> list[_Section]:
    return found.docstring.parsed if found.docstring else []


def _named(section: _Section) -> list[griffe.DocstringNamedElement]:
    is_list = section.kind is griffe.DocstringSectionKind.attributes
    return cast("list[griffe.DocstringNamedElement]", section.value) if is_list else []


def _signature(found: _Object, name: str) -> str:
    """Return a signature on one line, or with a line for each parameter."""
    if found.is_attribute:
        attribute = cast("griffe.Attribute", found)
        kind = f": {attribute.annotation}" if attribute.annotation else ""
        has_value = attribute.value is not None and "property" not in attribute.labels
        return f"{name}{kind}" + (f" = {attribute.value}" if has_value else "")
    if found.is_class:
        made = cast("griffe.Class", found)
        bases = ", ".join(map(str, made.bases))
        text = _with_values(made.module, made.signature())
        head = f"class {name}({bases})" if bases else f"class {name}"
        call = text.replace(made.name, name, 1)
        return head if call in ("", f"{name}()") else f"{head}\n\n{_broken(call)}"
    function = cast("griffe.Function", found)
    prefix = "async def " if "async" in function.labels else "def "
    return prefix + _broken(_with_values(found.module, function.signature(name=name)))


def _with_values(module: griffe.Module, signature: str) -> str:
    """Return a signature with the values of constants that stand in it by their names."""

    def value(found: re.Match[str]) -> str:
        member = module.members.get(found[1])
        target = member.final_target if isinstance(member, griffe.Alias) else member
        return f" = {target.value}" if isinstance(target, griffe.Attribute) else found[0]

    return re.sub(r" = ([A-Z][A-Z_]+)\b", value, signature)


def _broken(text: str) -> str:
    if len(text) <= _WIDTH or "(" not in text:
        return text
    start, _, rest = text.partition("(")
    inner, close, end = rest.rpartition(") -> ")
    if not close:
        inner, close, end = rest[:-1], ")", ""
    # Every parameter has an annotation, so that a comma before a name and a colon ends one.
    parts = re.split(r", (?=\*|/|\w+: )", inner)
    return f"{start}(\n" + "".join(f"    {part},\n" for part in parts) + f"{close}{end}"


def _section(section: _Section) -> Iterator[str]:
    kinds = griffe.DocstringSectionKind
    match section.kind:
        case kinds.text:
            yield str(section.value)
        case kinds.admonition:
            note = cast("griffe.DocstringSectionAdmonition", section)
            yield f"**{note.title or 'Note'}**: {note.value.description}"
        case kinds.examples:
            yield "\n\n".join(
                text if kind is kinds.text else f"```python\n{text}\n```"
                for kind, text in cast(
                    "list[tuple[griffe.DocstringSectionKind, str]]", section.value
                )
            )
        case kinds.parameters | kinds.attributes:
            items = cast("list[griffe.DocstringNamedElement]", section.value)
            yield f"**{section.kind.value.capitalize()}**"
            yield "\n".join(f"- `{each.name}`: {_one_line(each)}" for each in items)
        case kinds.raises | kinds.returns | kinds.yields:
            elements = cast("list[griffe.DocstringElement]", section.value)
            yield f"**{section.kind.value.capitalize()}**"
            yield "\n".join(_element(each) for each in elements)
        case _:
            raise ValueError(f"no form for the section {section.kind.value!r} of a docstring")


def _element(each: griffe.DocstringElement) -> str:
    kind = f"`{each.annotation}`: " if each.annotation else ""
    return f"- {kind}{_one_line(each)}"


def _one_line(each: griffe.DocstringElement) -> str:
    return " ".join(each.description.split())
