"""The official JSON Schema test suite: what class, emulator and suite say of each case."""

import importlib
import sys
from dataclasses import dataclass

from get3w_emulator.schemas.catalogue import Model
from get3w_emulator.schemas.validation import compiled

from . import corpora
from .agreement import accepts

# Groups of which the suite's verdict cannot be met, by their description. Schemas are read as
# 2020-12 whatever their draft, and a model is one document.
_SIBLINGS = "keywords beside `$ref` count since 2019-09, and count here in each draft"
_META = "refers to the schema of a draft, which is not in the document"
_FETCHED = "a reference counts from where a file was fetched, which one document does not keep"
_ID = "`id` gives a schema an address in draft 4 alone, and is not read"
_DYNAMIC = "`$recursiveRef` is read as `$ref`, wherever `$recursiveAnchor` is true"
CANNOT_BE_MET = {
    "ref overrides any sibling keywords": _SIBLINGS,
    "$ref prevents a sibling $id from changing the base uri": _SIBLINGS,
    "$ref prevents a sibling id from changing the base uri": _SIBLINGS,
    "validate definition against metaschema": _META,
    "remote ref, containing refs itself": _META,
    "retrieved nested refs resolve relative to their URI not $id": _FETCHED,
    "Recursive references between schemas": _ID,
    "Location-independent identifier with base URI change in subschema": _ID,
    "id must be resolved against nearest parent, not just immediate parent": _ID,
    "base URI change": _ID,
    "base URI change - change folder": _ID,
    "base URI change - change folder in subschema": _ID,
    "root ref in remote ref": _ID,
    "$recursiveRef with nesting": _DYNAMIC,
    "multiple dynamic paths to the $recursiveRef keyword": _DYNAMIC,
    "dynamic $recursiveRef destination (not predictable at schema compile time)": _DYNAMIC,
    "unevaluatedItems with $recursiveRef": _DYNAMIC,
    "unevaluatedProperties with $recursiveRef": _DYNAMIC,
    "schema that uses custom metaschema with with no validation vocabulary": (
        "a `$schema` of one's own that switches validation off is validated all the same"
    ),
}


@dataclass(frozen=True)
class Case:
    """One case of the suite.

    Attributes:
        group: The description of the group that it belongs to.
        title: The name of its file, its group and its own description.
        valid: What the suite says.
        class_says: What the generated class says; a text where it says neither yes nor no.
        emulator_says: What the emulator says.
    """

    group: str
    title: str
    valid: bool
    class_says: object
    emulator_says: object

    def is_met(self):
        """Tell whether class and emulator say what the suite does."""
        return self.class_says is self.valid and self.emulator_says is self.valid


def cases(source, draft, package, generated):
    """Yield every mandatory case of *draft*.

    Args:
        source: The folder of the suite.
        draft: The name of the draft's folder, such as "draft7".
        package: The name of the package that is generated.
        generated: Generates schemas by name, and returns why some were left out.
    """
    groups = list(corpora.suite(source, draft))
    left_out = generated({name: schema for name, schema, _ in groups}, ["--open"])
    models = importlib.import_module(package)
    for name, schema, group in groups:
        topic = name.removeprefix("suite/").rpartition("-")[0]
        refused = left_out.get(name)
        judge = None if refused or Model(name, schema).faults() else compiled(schema, opened=True)
        for case in group["tests"]:
            body = {"x": case["data"]}
            yield Case(
                group["description"],
                f"{topic}: {group['description']}: {case['description']}",
                case["valid"],
                f"left out: {refused[0]}" if refused else accepts(models.request_class(name), body),
                judge.is_valid(body) if judge else "left out",
            )


def forget(package):
    """Let the next package of the same name be imported anew."""
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]
