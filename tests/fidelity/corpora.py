"""Schemas from elsewhere: a folder of files, or a whole answer of `GET /api/v3/models`."""

import copy
import json
from pathlib import Path
from urllib.parse import urljoin

REMOTE = "http://localhost:1234/"
DRAFTS = ("draft4", "draft6", "draft7", "draft2019-09", "draft2020-12")


def read(source):
    """Return the schemas of *source* by model id."""
    source = Path(source)
    files = [source] if source.is_file() else sorted(source.rglob("*.json"))
    found = {}
    for path in files:
        if path.name in ("index.json", "names.lock.json"):
            continue
        document = json.loads(path.read_text(encoding="utf-8"))
        entries = document.get("data") if isinstance(document, dict) else document
        if isinstance(entries, list):
            found |= {entry.get("model_id") or entry["name"]: _of(entry) for entry in entries}
        else:
            name = path.relative_to(source).as_posix() if source.is_dir() else path.name
            found[name.removesuffix(".json").replace("__", "/")] = document
    return found


def _of(entry):
    schemas = entry["api_schema"]["api_schemas"]
    return next(each["request_schema"] for each in schemas if each["type"] == "model_run")


def suite(folder, draft):
    """Yield name, schema and cases of each mandatory group of a draft in the official test suite.

    Each group is the one property `x` of an object, as the generator needs it. What it refers to
    elsewhere lies in the schema's `$defs` under its own `$id`, which is how schemas are bundled.
    """
    folder = Path(folder)
    remotes = {
        urljoin(REMOTE, path.relative_to(folder / "remotes").as_posix()): json.loads(
            path.read_text(encoding="utf-8")
        )
        for path in sorted((folder / "remotes").rglob("*.json"))
    }
    for path in sorted((folder / "tests" / draft).glob("*.json")):
        for number, group in enumerate(json.loads(path.read_text(encoding="utf-8"))):
            name = f"suite/{path.stem.lower()}-{number}"
            yield name, _wrapped(group["schema"], remotes), group


def _wrapped(schema, remotes):
    own = isinstance(schema, dict) and "$id" in schema
    schema = schema if own else _rebased(schema)
    bundle, todo, base = {}, [schema], "https://suite.test/root.json"
    while todo:
        for reference in _references(todo.pop(), base):
            address = reference.partition("#")[0]
            if address in remotes and address not in bundle:
                remote = remotes[address]
                bundle[address] = {**remote, "$id": address}
                if "$id" in remote and (own := urljoin(address, remote["$id"])) != address:
                    bundle[own] = {**remote, "$id": own}
                todo.append(remote)
    wrapped = {"type": "object", "properties": {"x": schema}}
    return {**wrapped, "$defs": bundle} if bundle else wrapped


def _references(schema, base):
    if isinstance(schema, dict):
        base = urljoin(base, schema.get("$id", "")) if isinstance(schema.get("$id"), str) else base
        for key in ("$ref", "$dynamicRef", "$recursiveRef"):
            if isinstance(schema.get(key), str):
                yield urljoin(base, schema[key])
        for part in schema.values():
            yield from _references(part, base)
    elif isinstance(schema, list):
        for part in schema:
            yield from _references(part, base)


def _rebased(schema):
    """Return *schema* with its pointers counted from the object that it becomes a property of."""
    if isinstance(schema, list):
        return [_rebased(part) for part in schema]
    if not isinstance(schema, dict) or "$id" in schema:
        return copy.deepcopy(schema)  # what has an address of its own counts from there
    result = {}
    for key, value in schema.items():
        if (
            key in ("$ref", "$dynamicRef", "$recursiveRef")
            and isinstance(value, str)
            and value[:2] in ("#", "#/")
        ):
            result[key] = f"#/properties/x{value[1:]}"
        elif key in ("const", "enum", "default", "examples"):
            result[key] = copy.deepcopy(value)
        else:
            result[key] = _rebased(value)
    return result
