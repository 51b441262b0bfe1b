"""What an editor has to show of each model, read from its schema alone."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from get3w_codegen.model.names import ModelName, assign_names, field_names

from .reading import alternatives, read

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "schemas"

COMMON = ("client", "webhook_url", "extra_body", "timeout")

# One with every kind of field, one with choices too long for a signature, one that Get3W itself
# documents, one that takes several pictures.
SAMPLE = ("flux_dev", "kling_v2_6_pro_image_to_video", "nano_banana_edit", "veed_subtitles")

# Choices beyond these are shown by their number and the first of them.
_LISTED = 16


_FILES = """
digital-human image-upscale lora-support motion-control portrait-transfer video-effects video-extend
""".split()


def outputs_of(document):
    """Return the type parameter of a handle on a model; "" where its type tells nothing."""
    kind = document.get("x-model-type", "")
    if kind == "llm" or kind.endswith("-to-text"):
        return "[TextOutput]"
    ends = ("-to-image", "-to-video", "-to-audio", "-to-3d")
    return "[FileOutput]" if kind in _FILES or kind.endswith(ends) else ""


@dataclass(frozen=True, eq=False)
class Parameter:
    """A parameter of a submit function, as the schema has it."""

    name: str
    wire: str
    root: dict
    node: dict
    required: bool

    @cached_property
    def schema(self):
        """What is said of it, references followed."""
        return read(self.root, self.node)

    @cached_property
    def kinds(self):
        """A schema for each kind of value that it takes, null apart."""
        return alternatives(self.root, self.node)[0]

    @property
    def nullable(self):
        """Whether null is a value of it."""
        return alternatives(self.root, self.node)[1]

    @property
    def values(self):
        """The values that are allowed, where they are listed."""
        return [value for kind in self.kinds for value in kind.get("enum", [])]

    @property
    def strings(self):
        """The strings that may be completed inside quotes."""
        return {value for value in self.values if isinstance(value, str)}

    @property
    def meaning(self):
        """What a person has to be told of it: one text each."""
        said = self.schema.get("description") or self.schema.get("title") or ""
        yield from _words(str(said))
        for kind in self.kinds:
            yield from _limits(kind)
        default = self.schema.get("default")
        if default is not None:
            plain = len(repr(default)) <= 60 and "``" not in repr(default)
            yield f"Server default: {default!r}" if plain else "Server default: "


def _words(text):
    """Yield *text* as it is or, where it may hold markup, the words of it."""
    if not re.search(r"[<>*`#\[\]\n]|_\b|\b(?:Examples?|Note|Returns):", text):
        yield text
    else:
        yield from re.findall(r"\w{3,}", re.sub(r"<[^<>]*>|\]\([^()]*\)|[*`#]", " ", text))


def _limits(kind):
    low, high = kind.get("minimum"), kind.get("maximum")
    if None not in (low, high):
        yield f"rom {low} to {high}"
    elif low is not None:
        yield f"t least {low}"
    elif high is not None:
        yield f"t most {high}"
    if "exclusiveMinimum" in kind:
        yield f"ore than {kind['exclusiveMinimum']}"
    if "exclusiveMaximum" in kind:
        yield f"ess than {kind['exclusiveMaximum']}"
    if "multipleOf" in kind:
        yield f"multiple of {kind['multipleOf']}"
    for key, unit in (("Length", "character"), ("Items", "item")):
        for bound in ("min", "max"):
            if count := kind.get(f"{bound}{key}"):
                yield str(count)
                yield unit
    values = kind.get("enum", [])
    if len(values) == 1:
        yield f"lways {values[0]!r}"
    elif 0 < len(values) <= _LISTED:
        yield f"ne of {', '.join(map(repr, values))}"
    elif values:
        yield f"ne of the {len(values)} values"
        yield ", ".join(map(repr, values[:3]))


@dataclass(frozen=True, eq=False)
class Model:
    """A model: its id, its name in Python, its schema and the package that it is in."""

    id: str
    name: str
    document: dict
    package: str = "get3w_models"

    @property
    def key(self):
        """What tells it from a model of another package."""
        return self.name if self.package == "get3w_models" else f"{self.package}.{self.name}"

    @cached_property
    def schema(self):
        """The schema of the body, references followed."""
        return read(self.document, self.document)

    @property
    def function(self):
        """The name of the submit function."""
        return f"submit_{self.name}"

    @property
    def request_class(self):
        """The name of the request class."""
        return ModelName(self.name).request_class

    @cached_property
    def parameters(self):
        """The parameters of its own, in the order in which they are shown."""
        properties, required = self.schema.get("properties", {}), self.schema.get("required", [])
        order = [*self.schema.get("x-order-properties", []), *properties]
        known = [name for name in dict.fromkeys(order) if name in properties]
        wires = sorted(known, key=lambda name: name not in required)
        names = field_names(properties, {self.request_class})
        return [
            Parameter(names[wire], wire, self.document, properties[wire], wire in required)
            for wire in wires
        ]


def models(folder=SCHEMAS, package="get3w_models"):
    """Return the models of a folder of schemas, by their names."""
    lock = folder / "names.lock.json"
    found = {
        path.relative_to(folder).as_posix().removesuffix(".json"): path
        for path in folder.rglob("*.json")
        if path != lock
    }
    given = json.loads(lock.read_text(encoding="utf-8")) if lock.exists() else {}
    names = assign_names(found, given)
    return [
        Model(model_id, str(names[model_id]), json.loads(path.read_text("utf-8")), package)
        for model_id, path in sorted(found.items(), key=lambda item: names[item[0]])
    ]
