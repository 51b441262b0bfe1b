"""What an editor has to show of each model, read from its schema alone."""

import json
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "schemas"

COMMON = ("client", "webhook_url", "extra_body", "timeout")

# One with every kind of field, one with choices too long for a signature, one that Get3W itself
# documents, one that takes several pictures.
SAMPLE = ("flux_dev", "kling_v2_6_pro_image_to_video", "nano_banana_edit", "subtitles")


@dataclass(frozen=True)
class Parameter:
    """A parameter of a submit function, as the schema has it."""

    name: str
    schema: dict
    required: bool

    @property
    def values(self):
        """The values that are allowed, where they are listed."""
        return self.schema.get("enum", [])

    @property
    def meaning(self):
        """What a person has to be told of it: one text each."""
        yield self.schema.get("description", "")
        low, high = self.schema.get("minimum"), self.schema.get("maximum")
        if None not in (low, high):
            yield f"From {low} to {high}."
        elif low is not None:
            yield f"At least {low}."
        elif high is not None:
            yield f"At most {high}."
        for key, unit in (("maxLength", "character"), ("maxItems", "item")):
            if key in self.schema:
                count = self.schema[key]
                yield f"{count} {unit}" + ("s" if count > 1 else "")
        if self.schema.get("default") is not None:
            yield f"Server default: {self.schema['default']!r}"
        if 0 < len(self.values) <= 16:
            yield f"One of {', '.join(map(repr, self.values))}."


@dataclass(frozen=True)
class Model:
    """A shipped model: its name in Python and its schema."""

    id: str
    name: str
    schema: dict

    @property
    def function(self):
        """The name of the submit function."""
        return f"submit_{self.name}"

    @property
    def parameters(self):
        """The parameters of its own, in the order in which they are shown."""
        properties, required = self.schema["properties"], self.schema.get("required", [])
        order = [*self.schema.get("x-order-properties", []), *properties]
        names = sorted(dict.fromkeys(order), key=lambda name: name not in required)
        return [Parameter(name, properties[name], name in required) for name in names]


def models():
    """Return every shipped model."""
    names = json.loads((SCHEMAS / "names.lock.json").read_text(encoding="utf-8"))
    return [
        Model(model_id, name, json.loads(path.read_text(encoding="utf-8")))
        for model_id, name in sorted(names.items(), key=lambda item: item[1])
        if (path := SCHEMAS / f"{model_id}.json").exists()
    ]
