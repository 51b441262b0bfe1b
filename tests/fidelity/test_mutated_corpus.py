"""Real schemas with one random slip each, together in one folder, and unharmed ones beside them."""

import copy
import os
import random
import shutil
from pathlib import Path

import pytest
from get3w_emulator import running
from get3w_emulator.schemas.catalogue import load

from . import corpora
from .__main__ import PACKAGE, generate

CORPUS = Path(__file__).parents[2].parent / "shared/corpus"
# GET3W_MUTATED_SCHEMAS=2000 asks for more.
MUTATED = int(os.environ.get("GET3W_MUTATED_SCHEMAS", "40"))
ODD = (
    *(None, True, False, 0, -1, 1.5, 10**20, "", "a", "(", "#/$defs/nowhere", "#", "object"),
    *([], {}, [{}], [None], {"type": "file"}, {"$ref": "#"}, {"$ref": "#/$defs/x"}, {"not": {}}),
)
# What no body can meet is refused by the generator alone: the emulator runs it and takes no body.
CANNOT_BE_MET = (
    *("is required, and no property", "A value is required here", "leaves nothing up to"),
    *("is more than max", "allow none of", "lists no value", "can be given"),
    *("allows no such name", "The branches are alike"),
)

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpora are not beside the checkout"
)


def places(value, way=()):
    """Yield the way to every part of a JSON value."""
    yield way
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(part, (*way, key))


def mutated(schema, drawn):
    """Return a copy of a schema with one place replaced, left out or called otherwise."""
    way = drawn.choice(list(places(schema))[1:])
    made = holder = copy.deepcopy(schema)
    for step in way[:-1]:
        holder = holder[step]
    change = drawn.choice(("replace", "replace", "leave out", "rename"))
    if change == "replace" or isinstance(holder, list):
        holder[way[-1]] = copy.deepcopy(drawn.choice(ODD))
    else:
        value = holder.pop(way[-1])
        if change == "rename":
            holder[f"{way[-1]}s"] = value
    return made


def sources(folder):
    """Return the source of every module of a package, by name."""
    return {path.name: path.read_bytes() for path in (folder / PACKAGE).glob("*.py")}


def test_one_slip_in_each_schema_harms_no_other(tmp_path):
    """No traceback; what was not touched is made as before; the emulator runs what was made."""
    drawn = random.Random(7)
    every = {
        f"{corpus}/{name}": {key: part for key, part in schema.items() if key != "x-model-id"}
        for corpus in ("vendors", "fal", "replicate", "catalogue")
        for name, schema in corpora.read(
            CORPUS / corpus / ("models.json" if corpus == "catalogue" else "")
        ).items()
    }
    chosen = drawn.sample(sorted(every), min(MUTATED * 3 // 2, len(every)))
    before, after = tmp_path / "before", tmp_path / "after"
    whole = {name: every[name] for name in chosen}
    left_out = generate(before, whole, [])
    (after / "schemas").mkdir(parents=True)
    shutil.copy(before / "schemas/names.lock.json", after / "schemas/names.lock.json")
    changed = {name: mutated(whole[name], drawn) for name in chosen[:MUTATED]}

    refused = generate(after, {**whole, **changed}, [])

    assert {} == {name: why for name, why in refused.items() if "failed here" in str(why)}
    assert set(refused) - set(changed) == set(left_out) - set(changed)
    first, second = sources(before), sources(after)
    differing = [name for name in first if first[name] != second.get(name)]
    headers = [f"from {name}.json. Do not edit." for name in changed]
    assert [] == [
        name
        for name in differing
        if name not in ("__init__.py", "_index.py")
        and not first[name].decode().partition("\n")[0].endswith(tuple(headers))
    ]
    made = set(whole) - set(refused)
    loaded = load(after / "schemas")
    meant = {
        name for name, why in refused.items() if any(each in str(why) for each in CANNOT_BE_MET)
    }
    assert set() == made - set(loaded)
    assert set() == set(loaded) - made - meant
    with running(schemas=after / "schemas") as emulator:
        assert emulator.url
