"""Wrapped schemas are read alike by `add`, `generate`, `diff` and the emulator."""

import importlib
import json
import sys

import pytest
from get3w_codegen.__main__ import main
from get3w_emulator.schemas.catalogue import load

SCHEMA = {
    "type": "object",
    "title": "Fox",
    "x-base-price-usd": 0.25,
    "properties": {
        "prompt": {"type": "string", "description": "What to paint."},
        "size": {"$ref": "#/$defs/Size"},
    },
    "required": ["prompt"],
    "$defs": {"Size": {"type": "object", "properties": {"w": {"type": "integer"}}}},
}
PLAIN = {"type": "object", "properties": {"prompt": {"type": "string"}}}
BAD = {"type": "object", "properties": {"prompt": {"type": "strnig"}}}
DANGLING = {"$ref": "#/nowhere"}
GOOD_BODIES = ({"prompt": "a"}, {"prompt": "a", "size": {"w": 1}})
BAD_BODIES = ({}, {"prompt": 1}, {"prompt": "a", "size": {"v": 1}}, {"prompt": "a", "sise": {}})


def tool(key, **more):
    """Return a maker of a tool that says what it takes under *key*."""
    return lambda number, schema: {
        "name": f"t{number}",
        "description": "Paint.",
        key: schema,
        **more,
    }


def several(make, around=lambda tools: tools):
    """Return a maker of a document with a tool for each schema."""
    return lambda schemas: around([make(*each) for each in enumerate(schemas)])


def in_api(schema, where):
    """Return a schema as it stands in an API's document, and its definitions."""
    text = json.dumps({key: part for key, part in schema.items() if key != "$defs"})
    return json.loads(text.replace("#/$defs/", where)), schema.get("$defs", {})


def openapi(body, kind="application/json"):
    """Return a maker of an OpenAPI document with a call for each schema."""

    def make(schemas):
        document = {"openapi": "3.1.0", "info": {}, "paths": {}}
        known = document["components"] = {"schemas": {}, "requestBodies": {}}
        for number, each in enumerate(schemas):
            schema, definitions = in_api(each, "#/components/schemas/")
            known["schemas"] |= definitions
            content = {"content": {kind: {"schema": schema}}}
            if body != "inline":
                known["schemas"][f"In{number}"] = schema
                content["content"][kind]["schema"] = {"$ref": f"#/components/schemas/In{number}"}
            if body == "shared":
                known["requestBodies"][f"B~/{number}"] = content
                content = {"$ref": f"#/components/requestBodies/B~0~1{number}"}
            document["paths"][f"/models/{number}"] = {"post": {"requestBody": content}, "get": {}}
        return document

    return make


def swagger(schemas):
    """Return a document of Swagger 2 with a call for each schema."""
    document = {"swagger": "2.0", "info": {}, "paths": {}, "definitions": {}}
    for number, each in enumerate(schemas):
        schema, definitions = in_api(each, "#/definitions/")
        document["definitions"] |= definitions
        parameters = [{"in": "query", "name": "q"}, {"in": "body", "name": "b", "schema": schema}]
        document["paths"][f"/models/{number}"] = {"post": {"parameters": parameters}}
    return document


def replicate(schemas):
    """Return what Replicate says of a model; it has one input."""
    document = openapi("inline")([])
    document["paths"] = {"/predictions": {"post": {"requestBody": {"content": {}}}}}
    for each in schemas:
        schema, definitions = in_api(each, "#/components/schemas/")
        document["components"]["schemas"] |= {"Input": schema, **definitions}
    return {"owner": "a", "name": "b", "latest_version": {"id": "v", "openapi_schema": document}}


WRAPPERS = {
    "mcp": several(tool("inputSchema"), lambda tools: {"tools": tools}),
    "mcp list": several(tool("inputSchema")),
    "mcp answer": several(
        tool("inputSchema"), lambda tools: {"jsonrpc": "2.0", "id": 1, "result": {"tools": tools}}
    ),
    "anthropic": several(tool("input_schema")),
    "anthropic custom": several(tool("input_schema", type="custom")),
    "anthropic request": several(
        tool("input_schema"), lambda tools: {"model": "m", "messages": [], "tools": tools}
    ),
    "openai": several(
        lambda number, schema: {"type": "function", "function": tool("parameters")(number, schema)}
    ),
    "openai responses": several(tool("parameters", type="function", strict=True)),
    "gemini": several(tool("parameters"), lambda tools: [{"functionDeclarations": tools}]),
    "openapi inline": openapi("inline"),
    "openapi by name": openapi("by name"),
    "openapi shared": openapi("shared", "application/json; charset=utf-8"),
    "openapi of any kind": openapi("by name", "*/*"),
    "swagger": swagger,
    "replicate": replicate,
}
BARE = {"anthropic custom", "openai", "openai responses", "anthropic", "mcp list"}
CASES = [(name, wrap, bare) for name, wrap in WRAPPERS.items() for bare in {False, name in BARE}]
SEVERAL = [(name, wrap) for name, wrap in WRAPPERS.items() if name != "replicate"]


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run the generator's command in a folder of the test."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        status = main([*arguments])
        said = capsys.readouterr()
        return status, said.out + said.err

    return run


def written(folder, document):
    """Write a document where the schema of acme/fox stands, beside a plain one."""
    for name, content in {"fox": document, "owl": {"type": "object", "properties": {}}}.items():
        (folder / "acme").mkdir(parents=True, exist_ok=True)
        (folder / "acme" / f"{name}.json").write_text(json.dumps(content))
    return folder


def generated(run, folder, output, *options):
    """Generate a package; return the status and what was said."""
    return run(
        *("generate", "--schemas", str(folder), "--output", str(output), "--package", output.name),
        *options,
    )


@pytest.mark.parametrize(("name", "wrap", "bare"), CASES)
def test_wrapped_schema_is_read_like_a_plain_one(run, tmp_path, monkeypatch, name, wrap, bare):
    """`add`, `generate`, `check`, `diff` and the emulator find the same model in every wrapper."""
    document = wrap([SCHEMA])
    document = document[0] if bare else document
    folder = written(tmp_path / "wrapped", document)
    (tmp_path / "file.json").write_text(json.dumps(document))
    package = f"{name.replace(' ', '_')}_{bare}_models"

    status, said = generated(run, folder, tmp_path / package)
    assert (0, 0) == (status, said.count("warning")), said
    assert 0 == generated(run, folder, tmp_path / package, "--check")[0]
    assert 0 == run("add", "file.json", "--model-id", "acme/fox", "--schemas", "added")[0]
    assert "acme/fox" not in run("diff", "added", "wrapped")[1]

    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    request = importlib.import_module(package).request_class("acme/fox")
    emulated = load(folder)
    added = load(tmp_path / "added")["acme/fox"]
    fox = emulated["acme/fox"]
    assert {"acme/fox", "acme/owl"} == set(emulated)
    assert (0.25, 0.25) == (fox.price, added.price)
    assert fox.description == added.description
    for body in GOOD_BODIES:
        assert body == request.model_validate(body).model_dump(exclude_unset=True, mode="json")
        assert [] == fox.problems(body) == added.problems(body)
    for body in BAD_BODIES:
        with pytest.raises(ValueError, match="for FoxRequest"):
            request.model_validate(body)
        assert fox.problems(body)
        assert added.problems(body)
    sys.modules.pop(package)


@pytest.mark.parametrize(("name", "wrap"), SEVERAL)
def test_several_are_refused_with_the_command_for_each(run, tmp_path, name, wrap):
    """A file is one model: the folder's other models are made, and each place is named."""
    document = wrap([SCHEMA, SCHEMA])
    folder = written(tmp_path / "wrapped", document)
    (tmp_path / "file.json").write_text(json.dumps(document))

    status, said = generated(run, folder, tmp_path / "made_models", "--keep-going")
    _, shown = run("add", "file.json", "--model-id", "acme/fox")

    assert (0, True) == (status, "2 schemas are in it" in said), name
    assert (tmp_path / "made_models/owl.py").exists()
    emulated = load(folder)
    assert ["acme/owl"] == list(emulated)
    assert "2 schemas are in it" in emulated.left_out[0]
    places = [
        line.partition("--pointer ")[2].strip("'")
        for line in shown.splitlines()
        if "--pointer " in line
    ]
    assert 2 == len(places)
    for place in places:
        assert place in said
        assert 0 == run("add", "file.json", "--model-id", "acme/fox", "--pointer", place)[0]


@pytest.mark.parametrize("name", ["openapi inline", "swagger", "replicate", "mcp", "gemini"])
def test_wrapper_without_a_schema_is_refused_by_all(run, tmp_path, name):
    """What holds none leaves that model out, in the generator as in the emulator."""
    folder = written(tmp_path / "wrapped", WRAPPERS[name]([]))

    status, said = generated(run, folder, tmp_path / "made_models", "--keep-going")

    assert (0, True) == (status, "left out: acme/fox" in said)
    assert ["acme/owl"] == list(load(folder))


@pytest.mark.parametrize("broken", [BAD, DANGLING])
@pytest.mark.parametrize(("name", "wrap"), WRAPPERS.items())
def test_mistake_inside_a_wrapper_has_its_place_in_the_file(run, tmp_path, name, wrap, broken):
    """A problem is at the place of the file, wrapper and all; the emulator leaves the model out."""
    document = wrap([broken])
    folder = written(tmp_path / "wrapped", document)

    status, said = generated(run, folder, tmp_path / "made_models", "--keep-going")

    assert (0, True) == (status, "left out: acme/fox" in said)
    assert "Traceback" not in said
    assert "failed here" not in said
    assert ["acme/owl"] == list(load(folder)), name
    if broken is BAD:
        (line,) = [each for each in said.splitlines() if "strnig" in each]
        pointer = line.partition("fox.json at ")[2].partition(": ")[0]
        node = document
        for step in pointer.split("/")[1:]:
            step = step.replace("~1", "/").replace("~0", "~")
            node = node[int(step) if isinstance(node, list) else step]
        assert "strnig" == node


@pytest.mark.parametrize(
    "schema",
    [
        {**SCHEMA, "parameters": SCHEMA},
        {
            "type": "object",
            "properties": {"tools": {"type": "array"}},
            "tools": [{"inputSchema": {}}],
        },
        {"$ref": "#/components/schemas/In", "components": {"schemas": {"In": PLAIN}}},
    ],
)
def test_schema_is_never_taken_for_a_wrapper(run, tmp_path, schema):
    """What asserts something is a schema itself, whatever else is in it."""
    folder = written(tmp_path / "plain", schema)
    own = load(folder)["acme/fox"]

    assert schema == own.schema
    assert 0 == generated(run, folder, tmp_path / "made_models")[0]
