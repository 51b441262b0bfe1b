"""The command line: what it writes, what it refuses, and how it says so."""

import contextlib
import json
import os
import re
import subprocess
import sys

import pytest
from get3w_codegen.problems import GenerateError
from get3w_codegen.render.ruff import formatted
from get3w_core import __version__

PROMPT = {"type": "object", "properties": {"prompt": {"type": "string"}}, "required": ["prompt"]}


def nested(levels):
    items = '{"type": "array", "items": ' * levels + "{}" + "}" * levels
    return '{"properties": {"a": ' + items + "}}"


def snapshot(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def generate(run, tmp_path):
    """Generate from the test's schemas into `out/models`."""

    def generate(*extra, output="out/models", package="models", source="schemas", **options):
        return run(
            "generate",
            "--schemas",
            tmp_path / source,
            "--output",
            tmp_path / output,
            "--package",
            package,
            *extra,
            **options,
        )

    return generate


def test_parents_of_the_output_are_made(generate, schemas, tmp_path):
    """A folder that is not there yet is made with all its parents."""
    schemas({"acme/flux": PROMPT})

    done = generate(output="a/b/c/models")

    assert 0 == done.returncode, done.stderr
    assert {"__init__.py", "_index.py", "_manifest.txt", "flux.py", "py.typed"} == set(
        snapshot(tmp_path / "a/b/c/models")
    )


def test_check_writes_nothing_and_shows_a_diff(generate, schemas, tmp_path):
    """`--check` fails with a diff when the tree is stale, and leaves every file alone."""
    folder = schemas({"acme/flux": PROMPT})
    assert 0 == generate().returncode
    assert 0 == generate("--check").returncode
    (folder / "acme/flux.json").write_text(json.dumps({**PROMPT, "required": []}))
    before = snapshot(tmp_path)

    stale = generate("--check")

    assert 1 == stale.returncode
    assert "-    prompt: str\n" in stale.stdout
    assert "out of date" in stale.stderr
    assert before == snapshot(tmp_path)


def test_check_fails_when_the_lock_lacks_a_name(generate, schemas, tmp_path):
    """A name that is in use but not written down could still change."""
    folder = schemas({"acme/flux": PROMPT})
    generate()
    (folder / "names.lock.json").write_text("{}")

    missing = generate("--check")

    assert 1 == missing.returncode
    assert "names.lock.json" in missing.stdout
    assert "{}" == (folder / "names.lock.json").read_text()


def test_new_model_adds_its_module_and_a_line_in_each_index(generate, schemas, tmp_path):
    """Adding a model touches nothing of the others; removing it restores the tree."""
    schemas({"acme/a": PROMPT, "acme/c": PROMPT})
    generate()
    before = snapshot(tmp_path / "out/models")
    schemas({"acme/b": PROMPT})

    generate()

    after = snapshot(tmp_path / "out/models")
    assert {"b.py"} == after.keys() - before.keys()
    indexes = {"__init__.py", "_index.py", "_manifest.txt"}
    assert indexes == {name for name in before if before[name] != after[name]}
    for name in indexes:
        lines = before[name].splitlines()
        assert 1 == len([line for line in after[name].splitlines() if line not in lines])
    (tmp_path / "schemas/acme/b.json").unlink()
    generate()
    assert before == snapshot(tmp_path / "out/models")
    assert "b" == json.loads((tmp_path / "schemas/names.lock.json").read_text())["acme/b"]


def test_bytes_do_not_depend_on_who_runs_it_or_where(run, schemas, tmp_path):
    """Hash seed, home, path, order of the files and surrounding configuration change nothing."""
    one = schemas(
        {f"acme/{name}": {**PROMPT, "not": {"required": ["x", "y"]}} for name in "acbd"}
        | {f"zeta/{name}": PROMPT for name in "ab"}
    )
    other = tmp_path / "some where/else"
    for path in sorted(one.rglob("*.json"), reverse=True):
        copy = other / "schemas" / path.relative_to(one)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    for name in ("ruff.toml", "out/ruff.toml"):
        (other / name).parent.mkdir(exist_ok=True)
        (other / name).write_text("line-length = 40\n")

    for root, environment in (
        (tmp_path, {"PYTHONHASHSEED": "0"}),
        (other, {"PYTHONHASHSEED": "7", "HOME": str(other), "LC_ALL": "C"}),
    ):
        done = run(
            "generate",
            "--schemas",
            root / "schemas",
            "--output",
            root / "out/models",
            "--package",
            "models",
            cwd=root,
            env={**os.environ, **environment},
        )
        assert 0 == done.returncode, done.stderr

    assert snapshot(tmp_path / "out/models") == snapshot(other / "out/models")
    assert snapshot(one) == snapshot(other / "schemas")


REQUIRED = '"required": ["a"], "type": "object", "properties"'


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ('{"type": "object",\n "properties": }', r"line 2, column 16: Not JSON"),
        ("", r"line 1, column 1: Not JSON"),
        ('{"default": NaN}', r"NaN is no JSON value"),
        ("[1]", r"A schema is a JSON object, this is a list"),
        ('{"type": "object", "properties": {"a": {"type": "strin"}}}', r"at /properties/a/type"),
        (
            '{"type": "object", "properties": {"a": {"$ref": "#/$defs/b"}}}',
            r"at /properties/a/\$ref: .*names nothing in the file\n +Write the part out",
        ),
        ('{"type": "object", "$ref": "other.json"}', r"at /\$ref: .*names nothing in the file"),
        ('{"$ref": "#"}', r"leads back to itself"),
        ('{"type": "string"}', r"at /type: A request body is an object"),
        ('{"x-model-id": "acme/other", "type": "object"}', r"at /x-model-id"),
        ('{"x-surface": "v2", "type": "object"}', r"at /x-surface"),
        ("[" * 100_000, r"broken\.json"),
        ('{"default": 1e400}', r"the number 1e400 is too large"),
        (nested(300), r"Nested too deeply"),
        (nested(3000), r"Nested too deeply"),
        ('{"type": "object", "properties": {"\\ud800": {}}}', r"at '/properties/\\ud800'"),
        (
            f'{{{REQUIRED}: {{"a": {{"type": "integer", "minimum": 3, "maximum": 2}}}}}}',
            r"at /properties/a/minimum: minimum 3 leaves nothing up to maximum 2",
        ),
        (f'{{{REQUIRED}: {{"a": {{"enum": []}}}}}}', r"at /properties/a/enum: .*no value"),
        (
            '{"allOf": [{"minProperties": 3}, {"maxProperties": 1}], "type": "object"}',
            r"minProperties 3 is more than maxProperties 1",
        ),
    ],
)
def test_schema_that_cannot_be_used_is_left_out(generate, schemas, tmp_path, broken, said):
    """File, place, reason and remedy are told, every problem at once; the rest is generated."""
    schemas({"acme/broken": broken, "acme/worse": "{", "acme/good": PROMPT})

    done = generate()

    assert 1 == done.returncode
    assert re.search(said, done.stderr), done.stderr
    assert "error: acme/broken.json" in done.stderr
    assert "error: acme/worse.json" in done.stderr
    assert "left out: acme/broken\nleft out: acme/worse\n" in done.stderr
    assert "Traceback" not in done.stderr
    assert {"acme/good": "good"} == json.loads((tmp_path / "schemas/names.lock.json").read_text())
    assert ["__init__.py", "_index.py", "good.py"] == sorted(
        path.name for path in (tmp_path / "out/models").glob("*.py")
    )
    assert 0 == generate("--keep-going").returncode


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        ('{"minimum": null}', r"at /properties/a/minimum: The keyword 'minimum' is null"),
        ('{"type": "string", "description": null}', r"at /properties/a/description"),
        ('{"type": "string", "minLength": "3"}', r"at /properties/a/minLength: Not JSON Schema"),
        ('{"type": "string", "required": true}', r"at /properties/a/required: Not JSON Schema"),
        ('{"enum": "a"}', r"at /properties/a/enum: Not JSON Schema"),
        ('"text"', r"at /properties/a: Not JSON Schema"),
        ('{"anyOf": []}', r"at /properties/a/anyOf: Not JSON Schema"),
        ('{"anyOf": [{"type": "string", "maxLength": []}]}', r"/a/anyOf/0/maxLength: Not JSON"),
        ('{"patternProperties": {"(": {}}}', r"at /properties/a/patternProperties/\(: \"\(\""),
        ('{"not": {"pattern": "["}}', r"at /properties/a/not/pattern: \"\[\""),
        ('{"minimum": 3, "maximum": 2}', r"at /properties/a/minimum: minimum 3 leaves nothing"),
        ('{"type": "array", "items": {"enum": []}}', r"at /properties/a/items/enum: .*no value"),
    ],
)
def test_keyword_that_says_nothing_is_passed_over(generate, schemas, tmp_path, odd, said):
    """It is a warning with its place; the parameter is there, and the exit status is 0."""
    schemas({"acme/odd": f'{{"type": "object", "properties": {{"a": {odd}}}}}'})

    done = generate()

    assert 0 == done.returncode, done.stderr
    assert re.search(said, done.stderr), done.stderr
    assert "warning: acme/odd.json" in done.stderr
    assert "error" not in done.stderr
    assert " a: " in (tmp_path / "out/models/odd.py").read_text()


@pytest.mark.parametrize("name", ["fox.JSON", "fox.yaml", "Fox.YML", "fox.jsonc", "fox.json5"])
def test_file_of_another_ending_is_told(generate, schemas, name):
    """What looks like a schema and is not read is told; notes beside the schemas are not."""
    folder = schemas({"acme/flux": PROMPT})
    for other in (name, "README.md", "json", "names.txt"):
        (folder / "acme" / other).write_text("{}")

    done = generate()

    assert 0 == done.returncode
    remedy = 'Write it as JSON, in a file that ends in ".json".'
    assert f"warning: acme/{name}: Not read\n    {remedy}\n" == done.stderr
    (folder / "acme/flux.json").unlink()
    assert f"warning: acme/{name}: Not read" in generate().stderr


def test_warnings_are_told_until_they_are_mended(generate, schemas, tmp_path):
    """Each run tells what is wrong, also where nothing has changed, and so does `--check`."""
    odd = {"type": "object", "properties": {"a": {"type": "string", "minimun": "\u2028\n"}}}
    folder = schemas({"acme/a": odd, "acme/b": odd, "acme/c": PROMPT})
    first = generate().stderr
    manifest = (tmp_path / "out/models/_manifest.txt").read_bytes()

    assert 2 == first.count("warning: ")
    assert [first] * 2 == [generate().stderr, generate("--check").stderr]
    damaged = manifest.replace(b'"]]', b'"')
    assert damaged != manifest
    (tmp_path / "out/models/_manifest.txt").write_bytes(damaged)
    assert first == generate().stderr
    assert manifest == (tmp_path / "out/models/_manifest.txt").read_bytes()
    (folder / "acme/a.json").write_text(json.dumps(PROMPT))
    mended = generate().stderr
    assert mended == first[first.index("warning: acme/b.json") :]
    assert mended == generate("--check").stderr


def test_model_whose_schema_breaks_later_stays_as_it_was(generate, schemas, tmp_path):
    """What a package had of it is kept until the schema can be used again."""
    schemas({"acme/a": PROMPT, "acme/good": PROMPT})
    assert 0 == generate().returncode
    before = snapshot(tmp_path / "out/models")
    (tmp_path / "schemas/acme/a.json").write_text('{"type": "objct"}')

    done = generate()

    assert 1 == done.returncode
    assert "left out: acme/a; the package keeps what it had of it" in done.stderr
    after = snapshot(tmp_path / "out/models")
    assert before.keys() == after.keys()
    assert {"_manifest.txt"} == {name for name in before if before[name] != after[name]}
    (tmp_path / "schemas/acme/a.json").write_text(json.dumps(PROMPT))
    assert 0 == generate().returncode
    assert before == snapshot(tmp_path / "out/models")


def test_model_that_is_left_out_takes_no_name(generate, schemas, tmp_path):
    """A name goes to the model that is there, not to a broken one that would come first."""
    schemas({"acme/flux": "{", "zeta/flux": PROMPT})

    assert 1 == generate().returncode
    assert {"zeta/flux": "flux"} == json.loads((tmp_path / "schemas/names.lock.json").read_text())


def test_nothing_usable_writes_nothing(generate, schemas, tmp_path):
    """Where no schema at all can be used, the output stays as it was."""
    schemas({"acme/a": "{"})
    before = snapshot(tmp_path)

    refused = generate("--keep-going")

    assert 1 == refused.returncode
    assert "nothing was written" in refused.stderr
    assert before == snapshot(tmp_path)


def test_bad_default_is_dropped_with_a_warning(generate, schemas, tmp_path):
    """A default that the schema itself refuses is told and not shown."""
    schemas(
        {"acme/a": {"type": "object", "properties": {"n": {"type": "integer", "default": "x"}}}}
    )

    done = generate()

    assert 0 == done.returncode
    assert "warning: acme/a.json at /properties/n/default" in done.stderr
    assert "server_default(" not in (tmp_path / "out/models/a.py").read_text()


def test_bad_example_is_dropped_with_a_warning(generate, schemas, tmp_path):
    """An example that the schema itself refuses is told and not shown; the others are."""
    number = {"type": "integer", "examples": [3, "4", 5], "nullable": True}
    schemas({"acme/a": {"type": "object", "properties": {"n": number}}})

    done = generate()

    assert 0 == done.returncode
    assert 'warning: acme/a.json at /properties/n/examples/1: The example "4" is no' in done.stderr
    assert 1 == done.stderr.count("warning")
    assert "For example 3, 5." in (tmp_path / "out/models/a.py").read_text()


def test_bad_pattern_is_dropped_with_a_warning(generate, schemas, tmp_path):
    """A pattern that is no regular expression is told, and the rest of the model is usable."""
    schemas(
        {"acme/a": {"type": "object", "properties": {"n": {"type": "string", "pattern": "(["}}}}
    )

    done = generate()

    assert 0 == done.returncode
    assert "warning: acme/a.json at /properties/n/pattern" in done.stderr
    assert "n: Omittable[str] = None" in (tmp_path / "out/models/a.py").read_text()


@pytest.mark.parametrize("name", ["notes.txt", "mine.py", "folder/x.py"])
def test_files_of_others_are_never_touched(generate, schemas, tmp_path, name):
    """A folder that holds somebody else's files is refused, not cleaned."""
    schemas({"acme/flux": PROMPT})
    foreign = tmp_path / "out/models" / name
    foreign.parent.mkdir(parents=True)
    foreign.write_text("precious")
    before = snapshot(tmp_path)

    refused = generate()

    assert 1 == refused.returncode
    assert "was not written by get3w-codegen" in refused.stderr
    assert before == snapshot(tmp_path)


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        ({"package": "other"}, 2, "would be imported as 'models'"),
        ({"package": "not-a-name"}, 2, "no name for a package. Write not_a_name."),
        ({"package": "3d"}, 2, "no name for a package.\n"),
        ({"source": "schemas/acme/flux.json"}, 2, "is a file; name the folder that it is in"),
        ({"output": "schemas/acme/models"}, 2, "is a file. Name a folder with --output"),
        ({"output": "schemas/acme/flux.json/models"}, 1, "Cannot write"),
    ],
)
def test_misuse_is_told_in_one_line(generate, schemas, options, status, said):
    """A wrong name or folder gets a sentence, not a traceback."""
    folder = schemas({"acme/flux": PROMPT})
    (folder / "acme/models").touch()

    refused = generate(**options)

    assert status == refused.returncode
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    "lock",
    [
        "{",
        "[]",
        '{"a/b": 3}',
        '{"a/b": "x", "a/c": "x"}',
        '{"a/b": "class"}',
        '{"a/b": "model_ids"}',
        '{"a/b": "model"}',
        '{"a/b": "x", "a/c": "submit_x"}',
    ],
)
def test_damaged_lock_stops_everything(generate, schemas, lock):
    """Without its lock a model could change its name, so nothing is generated."""
    folder = schemas({"acme/flux": PROMPT})
    (folder / "names.lock.json").write_text(lock)

    refused = generate()

    assert 1 == refused.returncode
    assert "names.lock.json is damaged" in refused.stderr
    assert lock == (folder / "names.lock.json").read_text()


@pytest.mark.parametrize("make", [False, True])
def test_no_schemas_is_told(generate, tmp_path, make):
    """A missing or empty folder gets the sentence that helps a newcomer."""
    if make:
        (tmp_path / "schemas").mkdir()

    refused = generate()

    assert 2 == refused.returncode
    assert "schema" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_path_that_is_no_model_id_is_told(generate, schemas):
    """Every file whose path cannot be a model id is named."""
    odd = ["acme/a b", "acme/.hidden", "acme/x;y", "acme/-x", "acme/..", "acme/..x", 'acme/a"b']
    odd += ["a\\b", "acme/a\nb", "acme/\u00e9", "acme/\u202ex", "acme/\udcff", "a/{{ x }}", ".../x"]
    schemas(dict.fromkeys(odd, PROMPT))

    refused = generate()

    assert 1 == refused.returncode
    for model_id in odd:
        assert f"The path is no model id: {model_id!r}" in refused.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_long_run_counts_on_a_terminal_only(generate, schemas, tmp_path):
    """Who watches sees how far it is; the line is cleared at the end, and no log has it."""
    import pty

    schemas({f"acme/m{number}": {} for number in range(300)})
    ours, theirs = pty.openpty()
    command = [
        *(sys.executable, "-m", "get3w_codegen", "generate", "--schemas", "schemas"),
        *("--output", "on_terminal", "--package", "on_terminal"),
    ]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=theirs) as running:
        os.close(theirs)
        shown = b""
        # A terminal whose last user is gone ends in an error on Linux, elsewhere in nothing.
        with contextlib.suppress(OSError):
            while piece := os.read(ours, 4096):
                shown += piece
        said = running.stdout.read()
    os.close(ours)

    assert 0 == running.returncode
    assert b"300 models, 305 files changed" in said
    assert re.search(rb"\r\x1b\[K\d+ of 300 models", shown)
    assert shown.endswith(b"\r\x1b[K")
    assert "" == generate().stderr


def test_version_is_that_of_the_distribution(run):
    """`--version` names the command and the version of the client that it generates for."""
    done = run("--version")

    assert (0, f"get3w-codegen {__version__}\n") == (done.returncode, done.stdout)


@pytest.mark.parametrize("arguments", [[], ["--nonsense"], ["generte"], ["generate"]])
def test_wrong_use_is_told_with_status_2(run, arguments):
    """What the command does not know ends with a line on how to use it."""
    refused = run(*arguments)

    assert 2 == refused.returncode
    assert "usage: get3w-codegen" in refused.stderr


def test_missing_extra_is_told_in_one_line(schemas, tmp_path):
    """Without its extra the command prints the line that installs it."""
    schemas({"acme/flux": PROMPT})
    blocker = "import sys; sys.modules['datamodel_code_generator'] = None; "
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            blocker + "from get3w_codegen.__main__ import main; sys.exit("
            "main(['generate', '--schemas', 'schemas', '--output', 'm', '--package', 'm']))",
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert 2 == run.returncode
    assert 'pip install "get3w-models[codegen]"' in run.stderr
    assert 1 == len(run.stderr.splitlines())


def test_run_with_nothing_to_do_loads_no_generator(schemas, tmp_path):
    """What has not changed is not made again, and the tools to make it are not even imported."""
    schemas({"acme/flux": PROMPT})
    program = (
        "import sys; from get3w_codegen.__main__ import main; code = main(['generate', '--schemas',"
        " 'schemas', '--output', 'm', '--package', 'm']);"
        "print(code, sorted({'datamodel_code_generator', 'jinja2', 'pydantic', 'jsonschema_rs'}"
        " & sys.modules.keys()))"
    )
    first, second = (
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
        ).stdout.splitlines()[-1]
        for _ in range(2)
    )

    assert "datamodel_code_generator" in first
    assert "0 []" == second


@pytest.mark.parametrize("name", ["flux.py", "__init__.py", "_index.py", "_manifest.txt"])
def test_edited_or_lost_file_is_made_again(generate, schemas, tmp_path, name):
    """The memory of earlier work is never trusted for a file that does not match it."""
    schemas({"acme/flux": PROMPT, "acme/other": PROMPT})
    generate()
    before = snapshot(tmp_path / "out/models")
    path = tmp_path / "out/models" / name
    for damage in (
        path.read_text().replace("flux", "flex"),
        path.read_text() + "\n",
        "# Generated by get3w-codegen",
        None,
    ):
        if damage is None:
            path.unlink()
        else:
            path.write_text(damage)

        assert 1 == generate("--check").returncode
        assert 0 == generate().returncode
        assert before == snapshot(tmp_path / "out/models")


def test_formatter_names_what_it_cannot_read():
    """A defect of the generator is told with the module, and so the schema, that shows it."""
    with pytest.raises(GenerateError, match=r"flux\.py"):
        formatted({"flux.py": "x =\n", "veo.py": "x = 1\n"})
