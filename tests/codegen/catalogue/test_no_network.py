"""Nothing that reads a schema fetches what the schema names, in any command or at run time."""

import copy
import http.server
import json
import os
import subprocess
import sys
import threading

import pytest

BASE = {
    "type": "object",
    "properties": {"prompt": {"type": "string"}, "n": {"type": "integer"}},
    "required": ["prompt"],
}
# Makes a rule of the schema, which is judged at run time.
RULE = {"not": {"required": ["n", "prompt"], "properties": {"n": {"const": 3}}}}
DYNAMIC = {
    "$dynamicAnchor": "node",
    "$defs": {
        "a": {"$dynamicAnchor": "item", "type": "object"},
        "b": {"$id": "other", "$dynamicAnchor": "item", "type": "object"},
    },
}


def at_root(**keywords):
    return lambda address: {**BASE, **{key: said(address) for key, said in keywords.items()}}


def in_part(**keywords):
    def made(address):
        schema = copy.deepcopy(BASE)
        schema["properties"]["x"] = {key: said(address) for key, said in keywords.items()}
        return schema

    return made


def with_rule(**keywords):
    return lambda address: {
        **BASE, **RULE, **DYNAMIC, **{key: said(address) for key, said in keywords.items()},
        "properties": {**BASE["properties"], "d": {"$dynamicRef": "#item"}},
    }  # fmt: skip


def same(address):
    return address


def inside(key):
    return lambda address: {key: address}


def named(key):
    return lambda address: {"other": {key: address}}


PLACES = {
    "$schema": at_root(**{"$schema": same}),
    "nested $schema": in_part(**{"$schema": same, "$id": lambda _: "x"}),
    "$schema in $defs": at_root(**{"$defs": named("$schema")}),
    "$ref": at_root(**{"$ref": same}),
    "$ref in a part": in_part(**{"$ref": same}),
    "$ref in unused $defs": at_root(**{"$defs": named("$ref")}),
    "$ref in unused definitions": at_root(definitions=named("$ref")),
    "$ref in components": at_root(components=lambda it: {"schemas": {"A": {"$ref": it}}}),
    "$ref in contentSchema": in_part(type=lambda _: "string", contentSchema=inside("$ref")),
    "$ref in not": at_root(**{"not": inside("$ref")}),
    "$ref in if": at_root(**{"if": inside("$ref"), "then": lambda _: {}}),
    "$ref in items": in_part(type=lambda _: "array", items=inside("$ref")),
    "$ref in patternProperties": at_root(patternProperties=lambda it: {"^x": {"$ref": it}}),
    "$ref in dependentSchemas": at_root(dependentSchemas=lambda it: {"n": {"$ref": it}}),
    "$ref in allOf": at_root(allOf=lambda it: [{"$ref": it}]),
    "$ref in anyOf": in_part(anyOf=lambda it: [{"$ref": it}, {"type": "string"}]),
    "$ref in propertyNames": at_root(propertyNames=inside("$ref")),
    "$ref in unevaluatedProperties": at_root(unevaluatedProperties=inside("$ref")),
    "$ref in default": in_part(default=inside("$ref")),
    "$ref in examples": in_part(examples=lambda it: [{"$ref": it}]),
    "$id": at_root(**{"$id": same, "$defs": lambda _: {"other": {"$ref": "beside"}}}),
    "$id in a part": in_part(**{"$id": same, "$ref": lambda _: "beside"}),
    "$dynamicRef": in_part(**{"$dynamicRef": same}),
    "$dynamicRef in $defs": at_root(**{"$defs": named("$dynamicRef")}),
    "$recursiveRef": in_part(**{"$recursiveRef": same}),
    "$vocabulary": at_root(**{"$vocabulary": lambda it: {it: True}}),
    "$anchor": in_part(**{"$anchor": same}),
    "id of draft 4": at_root(id=same),
    "format": in_part(type=lambda _: "string", format=same),
    "x-source": at_root(**{"x-source": same}),
    "x-api-path": at_root(**{"x-api-path": same}),
    "rule with $schema": with_rule(**{"$schema": same}),
    "rule with $ref": with_rule(allOf=lambda it: [{"$ref": it}]),
    "rule with $id": with_rule(**{"$id": same}),
    "rule with unused $ref": with_rule(definitions=named("$ref")),
}


class Canary(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        body = b'{"type": "object", "$vocabulary": {}}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def canary():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Canary) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


ALL = """
import importlib, json, sys
from pathlib import Path
from get3w_codegen.build.pipeline import Job, generate
from get3w_codegen.__main__ import main

def run(*arguments):
    try:
        return main([str(each) for each in arguments])
    except SystemExit as error:
        return error.code

root = Path(sys.argv[1])
sys.path.insert(0, str(root))
made = 0
for name, options in (("shut", []), ("wide", ["--open"])):
    common = ["--schemas", root / "schemas", "--output", root / name, "--package", name, *options]
    run("generate", *common)
    run("generate", "--check", *common)
    if not (root / name / "__init__.py").exists():
        continue
    package = importlib.import_module(name)
    for model_id in package.model_ids():
        request = package.request_class(model_id)
        for body in ({"prompt": "a"}, {"prompt": "a", "n": 3}, {"prompt": "a", "x": {"y": 1}},
                     {"prompt": "a", "x": ["y"]}, {"prompt": "a", "d": {}}, {}):
            try:
                request.model_validate(body)
            except ValueError as error:
                if "outside of the schema" in str(error):
                    print("unusable:", name, model_id, body, file=sys.stderr)
            made += 1
run("diff", root / "before", root / "schemas")
run("diff", root / "schemas", root / "before", "--format", "markdown")
run("page", "--schemas", root / "schemas", "--output", root / "models.md")
run("pull", "--from", root / "list.json", "--schemas", root / "pulled", "--keep-going")
for path in sorted((root / "one").glob("*.json")):
    run("add", path, "--schemas", root / "added", "--model-id", f"acme/{path.stem}")
print("bodies:", made)
"""


@pytest.mark.parametrize("kind", ["http", "file"])
def test_no_command_fetches(canary, schemas, tmp_path, kind):
    """Generate, check, diff, page, pull, add and the generated classes ask nobody for anything.

    An address is that of a server that listens, or of a file that says something else each time.
    """
    (tmp_path / "canary").mkdir()
    canary.asked.clear()
    base = f"http://127.0.0.1:{canary.server_port}"
    if kind == "file":
        base = (tmp_path / "canary").as_uri()
    made = {}
    for number, place in enumerate(PLACES.values()):
        # A FIFO would keep whoever opens it waiting for ever.
        if kind == "file":
            os.mkfifo(tmp_path / f"canary/{number}.json")
        made[f"m{number}"] = place(f"{base}/{number}.json")
    schemas({f"acme/{name}": schema for name, schema in made.items()})
    for name, schema in made.items():
        for folder, content in (("before/acme", BASE), ("one", schema)):
            path = tmp_path / folder / f"{name}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(content))
    listed = [{"model_id": f"acme/{name}", "schema": schema} for name, schema in made.items()]
    (tmp_path / "list.json").write_text(json.dumps(listed))

    done = subprocess.run(
        [sys.executable, "-c", ALL, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=120,
    )

    assert [] == canary.asked
    assert 0 == done.returncode, done.stderr[-3000:]
    assert "Traceback" not in done.stderr
    assert "unusable:" not in done.stderr, done.stderr
    assert 100 < int(done.stdout.rpartition("bodies: ")[2])
