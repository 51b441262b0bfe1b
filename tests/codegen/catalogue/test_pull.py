"""`get3w-codegen pull`: what becomes of an answer, and of what was written by hand."""

import json

import pytest
from get3w_codegen.catalogue.convert import in_form
from get3w_codegen.catalogue.entries import entry_of
from get3w_emulator import running

RUN = {"type": "object", "properties": {"prompt": {"type": "string"}}, "required": ["prompt"]}


def entry(model_id="acme/flux", schema=RUN, **facts):
    run = {"type": "model_run", "server": "https://api.example.com", "request_schema": schema}
    return {"model_id": model_id, "api_schema": {"api_schemas": [run]}, **facts}


def snapshot(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def pull(run, tmp_path):
    """Pull from an answer that is saved to a file first."""

    def pull(answer, *options):
        text = answer if isinstance(answer, str) else json.dumps(answer)
        (tmp_path / "answer.json").write_text(text)
        return run("pull", "--from", "answer.json", *options)

    return pull


@pytest.fixture
def stored(tmp_path):
    return lambda model_id="acme/flux": json.loads(
        (tmp_path / f"schemas/{model_id}.json").read_text()
    )


@pytest.mark.parametrize(
    "answer",
    [
        {"code": 200, "message": "success", "data": [entry()]},
        {"data": {"models": [{"id": "acme/flux", "input_schema": RUN}]}},
        {"models": [{"id": "acme/flux", "schema": RUN}]},
        [{"name": "acme/flux", "request_schema": RUN}],
        {"items": [{"x": 1, "schema": {**RUN, "x-model-id": "acme/flux"}}], "total": 1},
    ],
)
def test_every_known_shape_is_read(pull, stored, answer):
    """The sibling's entries and plain ones end in the same form."""
    assert 0 == pull(answer).returncode

    assert "acme/flux" == stored()["x-model-id"]
    assert RUN["properties"] == stored()["properties"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("", "is not JSON"),
        ('{"data": [', "is not JSON"),
        ('{"data": NaN}', "is not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("null", "holds null where a list"),
        ("{}", "none of data, models"),
        ('{"data": []}', "lists no model at all"),
        ({"code": 401, "message": "Invalid key", "data": None}, "answers 401: Invalid key"),
        ({"data": [entry()], "total": 3}, "one page of a list"),
        ([{"id": "acme/flux"}], "The schema of acme/flux is in no known place"),
        ([{"id": "acme/flux", "schema": "prompt"}], "in no known place"),
        ([{"schema": RUN}], "A model without an id"),
        ([3], "this is a int"),
        ([entry("../escape")], "cannot be a model id"),
        ([entry("/etc/passwd")], "cannot be a model id"),
        ([entry("names.lock")], "take the place of the file of names"),
        ([entry(schema={"type": "object", "properties": {"a": {"type": 3}}})], "Not a JSON Schema"),
        ([entry(), entry(schema={"type": "object"})], "listed twice"),
    ],
)
def test_unknown_answer_changes_nothing(pull, tmp_path, answer, said):
    """What is not wholly understood is refused with its reason, and no file is touched."""
    pull([entry("acme/old")])
    before = snapshot(tmp_path / "schemas")

    refused = pull(answer, "--prune")

    assert 1 == refused.returncode
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
    assert before == snapshot(tmp_path / "schemas")


def test_keep_going_takes_the_rest(pull, stored):
    """An entry that cannot be used is named and passed over when that is asked for."""
    done = pull([entry(), {"id": "acme/odd"}], "--keep-going")

    assert 0 == done.returncode
    assert "acme/odd" in done.stderr
    assert "1 added" in done.stdout
    assert RUN["properties"] == stored()["properties"]


def test_fate_of_each_model_is_told(pull, tmp_path):
    """Added, changed, removed and unchanged models are each named, and counted."""
    pull([entry("a/same"), entry("a/gone"), entry("a/other")])

    done = pull([entry("a/same"), entry("a/new"), entry("a/other", base_price=2)])

    assert [
        "removed    a/gone (its schema stays; --prune removes it)",
        "added      a/new",
        "changed    a/other",
        "unchanged  a/same",
    ] == done.stdout.splitlines()[:-1]
    assert "schemas: 1 added, 1 changed, 1 removed, 1 unchanged" == done.stdout.splitlines()[-1]
    assert (tmp_path / "schemas/a/gone.json").is_file()


def test_prune_removes_what_is_not_listed(pull, tmp_path):
    """With --prune, and only then, a model that is gone loses its schema."""
    pull([entry("a/same"), entry("b/gone")])
    (tmp_path / "schemas/names.lock.json").write_text('{"a/same": "same"}\n')

    assert 0 == pull([entry("a/same")], "--prune").returncode

    assert ["a/same.json", "names.lock.json"] == list(snapshot(tmp_path / "schemas"))
    assert not (tmp_path / "schemas/b").exists()


def test_only_leaves_the_others_alone(pull, tmp_path):
    """--only limits what is written, and what is removed."""
    pull([entry("a/one"), entry("b/two")])

    done = pull([entry("a/new"), entry("b/new")], "--only", "a/*", "--prune")

    assert ["a/new.json", "b/two.json"] == list(snapshot(tmp_path / "schemas"))
    assert "b/" not in done.stdout


def test_second_pull_touches_no_file(pull, tmp_path):
    """What has not changed is not written again."""
    pull([entry(base_price=0.35, type="text-to-image", description="Draws.")])
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "schemas").rglob("*.json")}

    done = pull([entry(base_price=0.35, type="text-to-image", description="Draws.")])

    assert "0 added, 0 changed, 0 removed, 1 unchanged" in done.stdout
    assert before == {
        path: path.stat().st_mtime_ns for path in (tmp_path / "schemas").rglob("*.json")
    }


def test_dry_run_writes_nothing(pull, tmp_path):
    """--dry-run tells what a pull would do."""
    done = pull([entry()], "--dry-run")

    assert "added      acme/flux" in done.stdout
    assert not (tmp_path / "schemas").exists()


def test_hand_kept_facts_survive(pull, stored, tmp_path):
    """Provenance, notes and x- facts stay; types, ranges, defaults and prices follow the list."""
    path = tmp_path / "schemas/acme/flux.json"
    path.parent.mkdir(parents=True)
    image = {"type": "string", "x-get3w-media": "image", "x-note": "cropped"}
    path.write_text(
        json.dumps(
            {
                "title": "Flux",
                "x-model-id": "acme/flux",
                "x-provenance": "get3w-docs",
                "x-source": "https://get3w.com/docs",
                "x-note": "read by hand",
                "x-surface": "v1",
                "x-base-price-usd": 1,
                "type": "object",
                "properties": {
                    "prompt": {"type": "string", "x-seen": True},
                    "picture": image,
                    "count": {"type": "integer", "maximum": 4, "x-placeholder": "4"},
                },
                "required": ["prompt", "picture"],
            }
        )
    )
    listed = {
        "type": "object",
        "properties": {
            "count": {"type": "integer", "maximum": 8},
            "picture": {"type": "string", "description": "A picture."},
            "prompt": {"type": "string"},
        },
        "required": ["picture", "prompt"],
    }

    assert 0 == pull([entry(schema=listed, base_price=2)]).returncode

    new = stored()
    assert ("Flux", "get3w-docs", "read by hand", "v1", "https://get3w.com/docs") == (
        new["title"],
        new["x-provenance"],
        new["x-note"],
        new["x-surface"],
        new["x-source"],
    )
    assert {**image, "description": "A picture."} == new["properties"]["picture"]
    assert {"type": "string", "x-seen": True} == new["properties"]["prompt"]
    assert {"type": "integer", "maximum": 8} == new["properties"]["count"]
    assert ["prompt", "picture", "count"] == list(new["properties"])
    assert ["prompt", "picture"] == new["required"]
    assert 2 == new["x-base-price-usd"]


def test_dirt_of_the_list_is_cleaned(pull, stored):
    """Stray keys, a keyword in the wrong case and OpenAPI's nullable do not reach the folder."""
    dirty = {
        "type": "object",
        "seed": {"type": "integer"},
        "properties": {"prompt": {"type": "string", "maxlength": 9, "nullable": True}},
    }

    pull([entry(schema=dirty)])

    assert "seed" not in stored()
    assert {"type": ["string", "null"], "maxLength": 9} == stored()["properties"]["prompt"]


@pytest.mark.parametrize(
    ("name", "schema", "media"),
    [
        ("image", {"type": "string"}, "image"),
        ("end_image", {"type": "string"}, "image"),
        ("videos", {"type": "array", "items": {"type": "string"}}, "video"),
        ("source", {"type": "string", "x-accept": "audio/mp3,audio/wav"}, "audio"),
        ("image", {"type": "string", "x-ui-component-props": {"accept": "video/*"}}, "video"),
        ("reference", {"type": "string", "x-accept": "image/*,video/*"}, None),
        ("subtitle_video", {"type": "string", "x-accept": ".srt"}, None),
        ("image", {"type": "integer"}, None),
        ("image", {"type": "string", "enum": ["a"]}, None),
        ("image_size", {"type": "string"}, None),
    ],
)
def test_parameters_that_take_files_are_marked(pull, stored, name, schema, media):
    """The kind of file is gathered from what the list accepts, or from the name."""
    pull([entry(schema={"type": "object", "properties": {name: schema}})])

    assert media == stored()["properties"][name].get("x-get3w-media")


def test_a_mark_taken_away_by_hand_stays_away(pull, stored, tmp_path):
    """What was gathered once and corrected by hand is not gathered again."""
    listed = [entry(schema={"type": "object", "properties": {"image": {"type": "string"}}})]
    pull(listed)
    path = tmp_path / "schemas/acme/flux.json"
    path.write_text(json.dumps({**stored(), "properties": {"image": {"type": "string"}}}))

    assert "1 unchanged" in pull(listed).stdout


def test_saved_list_confirms_no_model(pull, stored, run, tmp_path):
    """Only a list that is read from Get3W itself confirms a model; a file can say anything."""
    listed = entry("acme/flux")
    listed["api_schema"]["api_schemas"][0]["server"] = "https://api.get3w.com"
    pull([listed, entry("acme/veo")])

    run("generate", "--schemas", "schemas", "--output", "m", "--package", "m")

    assert "models-list" == stored()["x-provenance"]
    assert "x-get3w-listed" not in stored()
    assert "not confirmed" in (tmp_path / "m/flux.py").read_text()


def test_list_of_get3w_confirms_a_model():
    """What is read from Get3W itself, over https, is confirmed; any other address is not."""
    listed = entry_of(entry("acme/flux"))
    known = {"x-provenance": "get3w-live-list", "x-get3w-listed": True}

    made = in_form(listed, "https://api.get3w.com/api/v3/models", trusted=True)
    assert known == {key: made[key] for key in known}
    for address in (
        "http://api.get3w.com/api/v3/models",
        "https://api.get3w.com.example/api/v3/models",
        "https://get3w.com@example.com/",
        "https://example.com/#.get3w.com",
        None,
    ):
        made = in_form(listed, address)
        assert "models-list" == made["x-provenance"]
        assert "x-get3w-listed" not in made


@pytest.fixture(scope="module")
def catalogue(checkout):
    path = checkout / "../shared/corpus/catalogue/models.json"
    if not path.is_file():
        pytest.skip("the catalogue of real models is not beside this checkout")
    return path.resolve()


def test_catalogue_goes_round(run, catalogue, tmp_path):
    """483 real models are pulled once, then from an emulator that serves them: the same bytes."""
    first = run("pull", "--from", catalogue, "--schemas", "one")
    again = run("pull", "--from", catalogue, "--schemas", "one")
    with running(schemas=tmp_path / "one") as emulator:
        environ = {"GET3W_API_KEY": emulator.api_key, "PATH": ""}
        third = run("pull", "--from", emulator.url, "--schemas", "two", env=environ)

    assert "483 added, 0 changed, 0 removed, 0 unchanged" in first.stdout
    assert "0 added, 0 changed, 0 removed, 483 unchanged" in again.stdout
    assert "483 added" in third.stdout
    assert snapshot(tmp_path / "one") == snapshot(tmp_path / "two")


def test_own_schemas_go_round(run, checkout, tmp_path):
    """The schemas of this project come back from the emulator as they are, names aside."""
    schemas = checkout / "schemas"
    with running(schemas=schemas) as emulator:
        environ = {"GET3W_API_KEY": emulator.api_key, "GET3W_BASE_URL": emulator.url, "PATH": ""}
        done = run("pull", "--schemas", "two", env=environ)

    assert 0 == done.returncode
    expected = snapshot(schemas)
    del expected["names.lock.json"]
    assert expected == snapshot(tmp_path / "two")
