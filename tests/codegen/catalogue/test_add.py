"""`get3w-codegen add` and `remove`: one model more, or one less."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCHEMA = {"type": "object", "properties": {"prompt": {"type": "string"}}, "required": ["prompt"]}
FOX = Path("schemas/acme/fox.json")
BODY = {
    "prompt": "a fox",
    "image": "https://example.com/a.png",
    "size": [1024, 768],
    "scale": 0.5,
    "steps": 20,
    "safe": True,
    "loras": [{"path": "x", "weight": 1}],
    "style": None,
    "webhook_url": "https://example.com/hook",
}
CURL = (
    "curl -X POST 'https://api.get3w.com/api/v3/acme/fox' -H 'Authorization: Bearer k' \\\n"
    ' -d \'{"prompt": "a fox", "seed": 7}\'\n'
)


@pytest.fixture
def add(run, tmp_path):
    """Save a text or a document, and add it."""

    def add(content, *options):
        text = content if isinstance(content, str) else json.dumps(content)
        (tmp_path / "given.txt").write_text(text)
        return run("add", "given.txt", *options)

    return add


@pytest.fixture
def stored(tmp_path):
    return lambda model_id="acme/fox": json.loads(
        (tmp_path / f"schemas/{model_id}.json").read_text()
    )


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (SCHEMA, ["--model-id", "acme/fox"]),
        ({**SCHEMA, "title": "acme/fox"}, []),
        ({**SCHEMA, "x-model-id": "acme/fox"}, []),
        ({"id": "acme/fox", "input_schema": SCHEMA}, []),
        ({"model_id": "acme/fox", "name": "Fox", "input": SCHEMA}, []),
        ({"data": [{"model_id": "acme/fox", "request_schema": SCHEMA}]}, []),
    ],
)
def test_schema_or_entry_is_added(add, stored, content, options):
    """A schema, or an entry of the list, becomes a schema of this form."""
    done = add(content, *options)

    assert (0, f"added      acme/fox  {FOX}\n") == (done.returncode, done.stdout)
    assert "acme/fox" == stored()["x-model-id"]
    assert SCHEMA["properties"] == stored()["properties"]
    assert f"unchanged  acme/fox  {FOX}\n" == add(content, *options).stdout


def test_example_becomes_a_draft(add, stored, run, tmp_path):
    """Types come from the values; the draft says that nothing is confirmed, and it generates."""
    assert 0 == add(BODY, "--model-id", "acme/fox").returncode

    draft = stored()
    kinds = {name: part.get("type") for name, part in draft["properties"].items()}
    assert {
        "prompt": "string",
        "image": "string",
        "size": "array",
        "scale": "number",
        "steps": "integer",
        "safe": "boolean",
        "loras": "array",
        "style": None,
    } == kinds
    assert "image" == draft["properties"]["image"]["x-get3w-media"]
    assert {"path", "weight"} == set(draft["properties"]["loras"]["items"]["properties"])
    assert "required" not in draft
    assert "not confirmed" in draft["x-note"]
    assert (
        0 == run("generate", "--schemas", "schemas", "--output", "m", "--package", "m").returncode
    )
    assert "not confirmed" in (tmp_path / "m/fox.py").read_text()


def test_curl_command_says_its_model(add, stored):
    """A pasted command gives both the model id and the body."""
    assert 0 == add(CURL).returncode

    assert ["prompt", "seed"] == list(stored()["properties"])
    assert "Bearer" not in json.dumps(stored())


HEAD = "curl https://api.get3w.com/api/v3/acme/fox -H 'Authorization: Bearer k' "
PASTED = {
    "placeholder before the body": (
        "curl --request POST --url https://api.get3w.com/api/v3/acme/fox \\\n"
        "  --header 'Authorization: Bearer ${KEY}' \\ \n  --data '{\"prompt\": \"six\"}'"
    ),
    "placeholder in the address": 'curl ${BASE}/api/v3/acme/fox -d \'{"prompt": "six"}\'',
    "placeholder in words": (
        'curl "https://{host}/api/v3/acme/fox" -H "Authorization: Bearer {your key}"'
        ' -d "{\\"prompt\\": \\"six\\"}"'
    ),
    "address after the body": (
        'curl -sSd \'{"prompt": "six", "image": "https://a.example/v1/b/c.png"}\''
        " https://api.get3w.com/api/v3/acme/fox"
    ),
    "json": HEAD + '--json \'{"prompt": "six"}\'',
    "equals sign": HEAD + '--data-raw=\'{"prompt": "six"}\' | jq .',
    "joined": HEAD + '-d\'{"prompt": "six"}\'',
    "second of two": HEAD + '-d sync=true --data-binary \'{"prompt": "six"}\'',
    "Windows": (
        'curl -X POST "https://api.get3w.com/api/v3/acme/fox" ^\r\n'
        ' -H "Authorization: Bearer %KEY%" ^\r\n -d "{\\"prompt\\": \\"six\\"}"\r\n'
    ),
    "here document": HEAD + '-d @- <<EOF\n{"prompt": "six"}\nEOF',
    "apostrophe that no shell takes": HEAD + "-H 'X: ${A}' -d '{\"prompt\": \"it's six\"}'",
}


@pytest.mark.parametrize("text", PASTED.values(), ids=PASTED.keys())
def test_command_is_taken_as_it_is_published(add, stored, text):
    """Quotes, placeholders and continued lines are read as shells and people mean them."""
    assert (0, "") == ((done := add(text)).returncode, done.stderr.partition("made the")[0])

    assert "six" == stored()["properties"]["prompt"]["examples"][0].removeprefix("it's ")


@pytest.mark.parametrize(
    "argument",
    [
        """'{"prompt": "it'"'"'s"}'""",
        """'{"prompt": "it'\\''s"}'""",
        """$'{"prompt": "it\\'s"}'""",
        """$'{"prompt": "it\\u0027s"}'""",
        """$'{"prompt":\\n "it\\x27s"}'""",
    ],
)
def test_quoted_apostrophe_is_one(add, stored, argument):
    """The ways to write an apostrophe in a shell all come to it."""
    assert 0 == add(f"{HEAD}-d {argument}").returncode

    assert ["it's"] == stored()["properties"]["prompt"]["examples"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD, "there is neither -d, --data nor --json with one, nor an object in braces"),
        (HEAD + "--data @body.json", "--data reads it from body.json, which --model-id goes with"),
        (HEAD + "-d '[1]'", "the argument of -d is no object"),
        (HEAD + "-d '{\"a\": }'", "the argument of -d is not JSON: Expecting value at line 1"),
        (HEAD + "-d '{“a”: 1}'", 'Write straight quotes (") for the typographic ones'),
        (HEAD + '-d \'{"a": {"b": 1},,}\'', "the argument of -d is not JSON"),
        ("{“a”: 1}", 'Write straight quotes (") for the typographic ones'),
    ],
)
def test_place_of_a_missing_body_is_reported(add, tmp_path, text, said):
    """Where no body is found, the words say where it was looked for, and nothing is made."""
    refused = add(text, "--model-id", "acme/fox")

    assert 0 < refused.returncode
    assert said in refused.stderr
    assert not (tmp_path / "schemas").exists()


def test_address_in_a_body_names_no_model(add):
    """A picture somewhere below /v1/ is not the model."""
    refused = add({"image": "https://a.example/v1/b/c.png"})

    assert 2 == refused.returncode
    assert "does not say which model" in refused.stderr


def test_example_comes_from_standard_input(run, stored):
    """A dash reads what is pasted into the terminal."""
    assert 0 == run("add", "-", input=CURL).returncode

    assert "example" == stored()["x-provenance"]


def test_model_of_the_list_is_added(add, run, stored, tmp_path):
    """A model id is looked up in the list, and no other model is touched, odd or not."""
    listed = [
        {"id": "acme/fox", "schema": SCHEMA},
        {"id": "acme/owl", "schema": SCHEMA},
        {"id": "acme/odd"},
    ]
    (tmp_path / "list.json").write_text(json.dumps(listed))

    done = run("add", "acme/fox", "--from", "list.json")

    assert (0, f"added      acme/fox  {FOX}\n") == (done.returncode, done.stdout)
    assert ["fox.json"] == [path.name for path in (tmp_path / "schemas/acme").iterdir()]
    refused = run("add", "acme/fax", "--from", "list.json")
    assert 1 == refused.returncode
    assert "Did you mean acme/fox" in refused.stderr


@pytest.mark.parametrize(
    ("content", "options", "status", "said"),
    [
        (SCHEMA, [], 1, "--model-id"),
        (SCHEMA, ["--model-id", "../up"], 2, "--model-id: '../up' is not a model id"),
        (BODY, [], 2, "--model-id"),
        ("hello", [], 2, "no JSON body"),
        ({"openapi": "3.1.0", "paths": {}}, ["--model-id", "a/b"], 1, "an OpenAPI document"),
        ("", [], 2, "no JSON body"),
        ("[]", [], 1, "0 models"),
        (
            {**SCHEMA, "properties": {"a": {"type": 3}}},
            ["--model-id", "a/b"],
            1,
            "Not a JSON Schema",
        ),
        ({**SCHEMA, "x-model-id": "a/c"}, ["--model-id", "a/b"], 1, "is of a/c"),
    ],
)
def test_what_cannot_be_added_is_reported(add, tmp_path, content, options, status, said):
    """A file that says too little is refused with the way out, and nothing is made."""
    refused = add(content, *options)

    assert status == refused.returncode
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "schemas").exists()


def test_example_never_replaces_a_schema(add, stored):
    """A draft says less than any schema, so it does not go over one."""
    add(SCHEMA, "--model-id", "acme/fox")

    refused = add(CURL)

    assert 1 == refused.returncode
    assert ["prompt"] == list(stored()["properties"])


def test_removed_model_keeps_its_name(add, run, tmp_path):
    """The schema goes; the name stays in the lock, and an unknown id removes nothing."""
    add(SCHEMA, "--model-id", "acme/fox")
    add(SCHEMA, "--model-id", "acme/owl")
    generate = ("generate", "--schemas", "schemas", "--output", "m", "--package", "m")
    run(*generate)

    refused = run("remove", "acme/owl", "acme/fux")
    done = run("remove", "acme/owl")

    assert 2 == refused.returncode
    assert "Did you mean acme/fox" in refused.stderr
    assert (0, "removed    acme/owl\n") == (done.returncode, done.stdout)
    assert 0 == run(*generate).returncode
    assert not (tmp_path / "m/owl.py").exists()
    assert "owl" == json.loads((tmp_path / "schemas/names.lock.json").read_text())["acme/owl"]


@pytest.mark.parametrize("command", ["add", "pull"])
def test_new_folder_of_schemas_is_reported(run, tmp_path, command):
    """A folder that is made is named with the way to name another; one that was there is not."""
    (tmp_path / "list.json").write_text(json.dumps([{"id": "acme/fox", "schema": SCHEMA}]))
    what = ["acme/fox"] if command == "add" else []

    made = run(command, *what, "--from", "list.json")
    there = run(command, *what, "--from", "list.json")

    named = run(command, *what, "--from", "list.json", "--schemas", "mine")

    assert f"made the folder {tmp_path / 'schemas'}; --schemas names another" in made.stderr
    assert "" == there.stderr
    assert f"made the folder {tmp_path / 'mine'}\n" == named.stderr.splitlines(keepends=True)[0]


def test_what_follows_a_change_is_reported(add, run):
    """After a change the words say how the package comes in step; without one, nothing."""
    follows = "the package follows with get3w-codegen generate --schemas schemas ...\n"

    assert add(SCHEMA, "--model-id", "acme/fox").stderr.endswith(follows)
    assert "" == add(SCHEMA, "--model-id", "acme/fox").stderr
    assert follows == run("remove", "acme/fox").stderr


def test_file_that_is_not_there_is_reported(run):
    """The name of a file is not taken for the id of a model, which would be looked for far away."""
    refused = run("add", "acme/fox.json")

    assert 2 == refused.returncode
    assert "'acme/fox.json' is neither a file that is there nor a model id" in refused.stderr


def test_removal_from_no_folder_is_reported(run):
    """A folder without any schema is probably the wrong one."""
    refused = run("remove", "acme/fox")

    assert 2 == refused.returncode
    assert "no schema in schemas. Name the folder with --schemas" in refused.stderr


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_make_says_how_it_calls_the_options(tmp_path, checkout):
    """`make new-model` says which arguments make takes."""
    (tmp_path / "fox.json").write_text(json.dumps(SCHEMA))
    (tmp_path / ".ready").touch()
    venv = [f"VENV={tmp_path}", f"BIN={Path(sys.executable).parent}", f"READY={tmp_path}/.ready"]

    refused = subprocess.run(
        ["make", "new-model", f"MODEL={tmp_path}/fox.json", *venv, "FITS=true"],
        capture_output=True,
        text=True,
        check=False,
        cwd=checkout,
        env={**os.environ, "MAKEFLAGS": ""},
    )

    assert 0 != refused.returncode
    assert "name it with --model-id" in refused.stderr
    assert "--model-id is ID=owner/model" in refused.stderr


SIZED = {
    "type": "object",
    "properties": {"size": {"$ref": "#/components/schemas/Size"}},
    "required": ["size"],
}
SIZE = {"type": "object", "properties": {"w": {"type": "integer"}}}


def api(*paths, **schemas):
    """Return an OpenAPI document with a request at each path, and with these schemas."""
    body = {"$ref": "#/components/schemas/Sized"}
    call = {"post": {"requestBody": {"content": {"application/json": {"schema": body}}}}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "API", "version": "1"},
        "paths": dict.fromkeys(paths, call),
        "components": {"schemas": {"Size": SIZE, "Sized": SIZED, **schemas}},
    }


MCP = {"name": "paint", "description": "Paint.", "inputSchema": SCHEMA}
FUNCTION = {"name": "paint", "description": "Paint.", "parameters": SCHEMA}


@pytest.mark.parametrize(
    "document",
    [
        MCP,
        [MCP],
        {"tools": [MCP]},
        {"jsonrpc": "2.0", "result": {"tools": [MCP]}},
        {"type": "function", "function": FUNCTION},
        [{"type": "function", "function": FUNCTION}],
        {"type": "function", **FUNCTION},
        {"name": "paint", "input_schema": SCHEMA},
        {"functionDeclarations": [FUNCTION]},
        api(Input=SCHEMA),
        {"latest_version": {"openapi_schema": api("/predictions", Input=SCHEMA)}},
    ],
)
def test_schema_is_found_in_a_wrapper(add, stored, document):
    """The schema of a tool, or of an API's one input, is taken from where it stands."""
    done = add(document, "--model-id", "acme/fox")

    assert 0 == done.returncode, done.stderr
    assert SCHEMA["properties"] == stored()["properties"]
    assert SCHEMA["required"] == stored()["required"]


def test_request_body_of_an_api_brings_its_definitions(add, stored):
    """What the body refers to comes along, under the document's own names."""
    done = add(api("/fox"), "--model-id", "acme/fox")

    assert 0 == done.returncode, done.stderr
    assert {"size": {"$ref": "#/$defs/Size"}} == stored()["properties"]
    assert SIZE == stored()["$defs"]["Size"]


@pytest.mark.parametrize("document", [api("/fox", "/owl"), [MCP, {**MCP, "name": "draw"}]])
def test_one_of_several_is_asked_for(add, run, stored, document):
    """Where there are several, each command that works is shown."""
    done = add(document, "--model-id", "acme/fox")

    commands = [line.split() for line in done.stderr.splitlines() if "--pointer" in line]
    assert 1 == done.returncode
    assert 2 == len(commands)
    shown = ["acme/fox" if word == "ID" else word.strip("'") for word in commands[1][1:]]

    again = run(*shown)

    assert 0 == again.returncode, again.stderr
    assert stored()["properties"]


@pytest.mark.parametrize("place", ["/nowhere", "/info/title"])
def test_pointer_that_leads_to_no_schema_is_reported(add, place):
    """The place is named, and nothing is written."""
    done = add(api("/fox"), "--model-id", "acme/fox", "--pointer", place)

    assert 1 == done.returncode
    assert place in done.stderr
    assert "Traceback" not in done.stderr
