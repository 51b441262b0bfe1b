"""Add one model to a folder of schemas, or remove one."""

import difflib
import shlex
import sys
from collections.abc import Iterable
from glob import escape
from pathlib import Path
from typing import cast

from get3w_codegen.catalogue.convert import in_form
from get3w_codegen.catalogue.drafts import draft
from get3w_codegen.catalogue.entries import UnusableError, entries_of, entry_of
from get3w_codegen.catalogue.fetch import read_answer
from get3w_codegen.catalogue.folder import replace_files, tidy
from get3w_codegen.catalogue.pasted import example_of
from get3w_codegen.catalogue.pull import Pull, Pulled, merged, pull, stored, stored_ids
from get3w_codegen.jsonschema.documents import canonical, parsed, written
from get3w_codegen.jsonschema.keywords import JsonObject
from get3w_codegen.jsonschema.references import DanglingReferenceError
from get3w_codegen.jsonschema.wrapped import Wrapped, is_openapi, taken_from, wrapped
from get3w_codegen.problems import GenerateError, MisuseError
from get3w_codegen.text.names import is_model_id

_MOST_SHOWN = 10


def add_listed(folder: Path, model_id: str, source: str | None) -> Pulled:
    """Add one model of a list.

    Raises:
        GenerateError: The list cannot be read, or does not name the model.
    """
    if not is_model_id(model_id) or model_id.endswith((".json", ".txt")):
        raise MisuseError(f"{model_id!r} is neither a file that is there nor a model id.")
    answer = read_answer(source)
    entries, _ = entries_of(answer.value, answer.where)
    ids = [entry.model_id for entry in entries]
    if model_id not in ids:
        raise GenerateError(f"{answer.where} lists no {model_id}.{_nearest(model_id, ids)}")
    # The others may be odd; they are not asked for.
    return pull(Pull(folder, escape(model_id), keep_going=True), answer)


def add_file(folder: Path, source: str, model_id: str | None, pointer: str | None = None) -> Pulled:
    """Add the model that a file describes: a schema, an entry of a list, or an example.

    Args:
        folder: The folder of schemas.
        source: The file, or "-" for standard input.
        model_id: The model's id, where the file does not say it.
        pointer: Where in the file the schema stands, where it is not the whole.

    Raises:
        GenerateError: The file cannot be used.
    """
    if model_id is not None and not is_model_id(model_id):
        raise MisuseError(f"--model-id: {model_id!r} is not a model id; write owner/model.")
    tidy(folder)
    text = _read(source)
    new, is_draft = _schema(text, source, model_id, pointer)
    name = str(new["x-model-id"])
    old = stored(folder, name)
    if is_draft and old is not None:
        raise GenerateError(
            f"{name} has a schema already, and an example says less; nothing was changed."
        )
    if not is_draft:
        new = merged(old, new)
    same = old is not None and canonical(old) == canonical(new)
    result = Pulled({name: "unchanged" if same else "changed" if old else "added"})
    if not same:
        result.files[f"{name}.json"] = written(new)
        replace_files(folder, result.files)
    return result


def remove(folder: Path, model_ids: Iterable[str]) -> Pulled:
    """Remove models; their Python names stay reserved.

    Raises:
        MisuseError: There is no schema of one of them; all stay.
    """
    tidy(folder)
    known = list(stored_ids(folder))
    if not known:
        raise MisuseError(f"There is no schema in {folder}. Name the folder with --schemas DIR.")
    result = Pulled()
    for model_id in model_ids:
        if model_id not in known:
            raise MisuseError(f"{folder} has no {model_id}.{_nearest(model_id, known)}")
        result.fates[model_id] = "removed"
        result.files[f"{model_id}.json"] = None
    replace_files(folder, result.files)
    return result


def _schema(
    text: str, where: str, model_id: str | None, pointer: str | None
) -> tuple[JsonObject, bool]:
    """Return the schema in a text, or one drafted from an example, and whether it is a draft."""
    try:
        document: object = parsed(text.encode(), where)
    except GenerateError:
        document = None  # A command with a body in it, or nothing of use.
    if document is not None:
        document = _unwrapped(document, where, pointer)
    elif pointer is not None:
        raise GenerateError(f"{where} is not JSON, so --pointer has nothing to point into.")
    is_list = isinstance(document, list)
    if is_list or isinstance(document, dict):
        try:
            return _stated(cast("list[object] | JsonObject", document), model_id), False
        except UnusableError as error:
            if is_list or _is_schema(cast("JsonObject", document)):
                raise GenerateError(f"{where}: {error}") from error
    said, body = example_of(text.strip(), where)
    name = _named(model_id or said, where)
    return draft(name, body), True


def _unwrapped(document: object, where: str, pointer: str | None) -> object:
    """Return the input schema inside a tool definition or API document; else the document itself.

    Raises:
        GenerateError: There is none at *pointer*, or several are there.
    """
    inside = wrapped(document)
    if pointer is None:
        if not (inside or is_openapi(document)):
            return document
        if len(inside) != 1:
            raise GenerateError(_which(inside, where))
        pointer = inside[0].place
    place = pointer.removeprefix("#")
    around = [each.around for each in inside if place.startswith(f"{each.around}/")]
    known = Wrapped(place, max(around, key=len, default=""))
    part = next((each for each in inside if each.place == place), known)
    try:
        return taken_from(document, part).schema
    except DanglingReferenceError as error:
        raise GenerateError(f"{where}: --pointer {pointer}: {error}.") from error


def _which(inside: list[Wrapped], where: str) -> str:
    if not inside:
        return (
            f"{where} is an OpenAPI document without a request body in JSON. Name the schema, such"
            f" as: get3w-codegen add {shlex.quote(where)} --model-id ID --pointer"
            " /components/schemas/NAME"
        )
    commands = [
        f"  get3w-codegen add {shlex.quote(where)} --model-id ID --pointer"
        f" {shlex.quote(each.place)}"
        for each in inside[:_MOST_SHOWN]
    ]
    more = [f"  and {len(inside) - _MOST_SHOWN} more"] if len(inside) > _MOST_SHOWN else []
    return "\n".join([f"{where} holds {len(inside)} schemas; take one:", *commands, *more])


def _stated(document: object, model_id: str | None) -> JsonObject:
    """Return the schema in a list entry, or the schema itself.

    Raises:
        UnusableError: It is neither.
    """
    while isinstance(document, list):
        items = cast("list[object]", document)
        if len(items) != 1:
            raise UnusableError(f"{len(items)} models; take them with pull --from FILE --only GLOB")
        document = items[0]
    facts = cast("JsonObject", document)
    for key in ("data", "models"):
        if isinstance(facts.get(key), list):
            return _stated(facts[key], model_id)
    if _is_schema(facts):
        titled = str(facts.get("x-model-id") or facts.get("title") or "")
        name = model_id or (titled if "/" in titled else "")
        if not is_model_id(name):
            raise UnusableError("The schema does not say its model; name it with --model-id")
        facts = {"model_id": name, "schema": facts}
    elif model_id is not None:
        facts = {**facts, "model_id": model_id}
    entry = entry_of(facts)
    if model_id is not None and entry.model_id != model_id:
        raise UnusableError(f"The schema is of {entry.model_id}, not of {model_id}")
    return in_form(entry, None)


def _is_schema(document: JsonObject) -> bool:
    return isinstance(document.get("properties"), dict) or "$schema" in document


def _named(model_id: str | None, where: str) -> str:
    if not model_id or not is_model_id(model_id):
        raise MisuseError(f"{where} does not say which model it is for; name it with --model-id.")
    return model_id


def _read(source: str) -> str:
    try:
        return sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise GenerateError(f"Cannot read {source}: {error}.") from error


def _nearest(model_id: str, known: list[str]) -> str:
    near = difflib.get_close_matches(model_id, known, n=3, cutoff=0.5)
    return f" Did you mean {', '.join(near)}?" if near else ""
