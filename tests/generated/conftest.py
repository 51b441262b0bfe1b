"""Every model of the catalogue, as its schema says and as it was generated."""

import inspect
import json
import re
from dataclasses import dataclass
from pathlib import Path

import get3w_models
import pytest

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "schemas"
COMMON = ("client", "webhook_url", "extra_body", "timeout")
URL = "https://example.com/a.png"


@dataclass(frozen=True)
class Model:
    """One model: its schema, and what was made of it."""

    id: str
    name: str
    schema: dict

    @property
    def properties(self):
        return self.schema["properties"]

    @property
    def required(self):
        return self.schema.get("required", [])

    @property
    def request_class(self):
        return get3w_models.request_class(self.id)

    @property
    def module(self):
        return inspect.getmodule(self.request_class)

    @property
    def source(self):
        return Path(self.module.__file__).read_text(encoding="utf-8")

    @property
    def submit(self):
        return getattr(self.module, f"submit_{self.name}")

    @property
    def submit_async(self):
        return getattr(self.module, f"submit_{self.name}_async")

    @property
    def documented(self):
        """Whether Get3W's own documentation or its list of models names it."""
        listed = self.schema.get("x-get3w-listed") is True
        return listed or self.schema.get("x-provenance") == "get3w-docs"

    @property
    def python_names(self):
        """Wire name to Python name."""
        fields = self.request_class.model_fields
        return {field.serialization_alias or name: name for name, field in fields.items()}

    def body(self, everything=False):
        """Return a valid body: with the required properties, or with all of them."""
        return example(self.schema, everything)

    def arguments(self, body):
        """Return a body as keyword arguments, under Python names."""
        return {self.python_names[name]: value for name, value in body.items()}


def example(schema, everything=False):
    """Return a value that a schema accepts, conditions across fields aside."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema.get("default", schema["enum"][0])
    kind = schema["type"]
    if kind == "object":
        required = schema.get("required", [])
        return {
            name: example(part, everything)
            for name, part in schema.get("properties", {}).items()
            if everything or name in required
        }
    if kind == "array":
        count = max(schema.get("minItems", 0), 1)
        media = {key: schema[key] for key in ("x-get3w-media",) if key in schema}
        return [example({**schema["items"], **media}, everything) for _ in range(count)]
    if kind == "integer":
        return schema.get("default", schema.get("minimum", schema.get("maximum", 7)))
    if kind == "number":
        return schema.get("default", schema.get("minimum", schema.get("maximum", 0.5)))
    if kind == "boolean":
        return True
    assert kind == "string", kind
    if "pattern" in schema:
        text = next(t for t in ("1024*1024", "1:1", "a") if re.search(schema["pattern"], t))
    else:
        text = URL if "x-get3w-media" in schema else "a lighthouse at dusk"
    return text[: schema.get("maxLength")]


def _catalogue():
    names = json.loads((SCHEMAS / "names.lock.json").read_text(encoding="utf-8"))
    paths = sorted(path for path in SCHEMAS.rglob("*.json") if path.name != "names.lock.json")
    for path in paths:
        model_id = path.relative_to(SCHEMAS).with_suffix("").as_posix()
        yield Model(model_id, names[model_id], json.loads(path.read_text(encoding="utf-8")))


CATALOGUE = tuple(_catalogue())


@pytest.fixture(scope="session")
def catalogue():
    """All models, sorted by id."""
    return CATALOGUE


@pytest.fixture(scope="session")
def common():
    """The parameters that every function has, in order."""
    return COMMON


@pytest.fixture(scope="session")
def root():
    """The checkout."""
    return ROOT


def pytest_generate_tests(metafunc):
    """Run a test that takes `model` once for each of them."""
    if "model" in metafunc.fixturenames:
        metafunc.parametrize("model", CATALOGUE, ids=[model.id for model in CATALOGUE])
