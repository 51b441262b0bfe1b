"""One odd schema: whatever is wrong with it is reported with file and place, and others go on."""

import json

import pytest
from get3w_codegen.build.workers import read_model
from get3w_codegen.jsonschema.keywords import LISTS, MAPS, SINGLES
from get3w_codegen.jsonschema.located import place_in
from get3w_codegen.jsonschema.merge import ASSERTIONS
from get3w_codegen.parse.load import Found

KEYWORDS = sorted(
    ASSERTIONS
    | MAPS
    | LISTS
    | SINGLES
    | set(
        "$anchor $comment $dynamicAnchor $dynamicRef $id $schema default dependencies deprecated"
        " description examples format nullable title x-get3w-media x-order-properties".split()
    )
)
WRONG = (None, True, -1, 1.5, "3", "(", [], [3], ["a", "a"], {}, {"a": 1}, {"a": {"type": "file"}})

# Each puts a schema somewhere in a document: the document, and the place where it then is.
WAYS = {
    "inline": lambda part: ({"properties": {"p": part}}, "/properties/p"),
    "$defs": lambda part: (
        {"properties": {"p": {"$ref": "#/$defs/Part"}}, "$defs": {"Part": part}},
        "/$defs/Part",
    ),
    "definitions": lambda part: (
        {"properties": {"p": {"$ref": "#/definitions/Part"}}, "definitions": {"Part": part}},
        "/definitions/Part",
    ),
    "components": lambda part: (
        {
            "properties": {"p": {"$ref": "#/components/schemas/Part"}},
            "components": {"schemas": {"Part": part}},
        },
        "/components/schemas/Part",
    ),
    "models": lambda part: (
        {"properties": {"p": {"$ref": "#/models/0"}}, "models": [part]},
        "/models/0",
    ),
    "chain": lambda part: (
        {
            "properties": {"p": {"$ref": "#/models/One"}},
            "models": {"One": {"$ref": "#/more/Two"}},
            "more": {"Two": part},
        },
        "/more/Two",
    ),
    "branch": lambda part: (
        {"properties": {"p": {"anyOf": [{"type": "null"}, part]}}},
        "/properties/p/anyOf/1",
    ),
    "unused": lambda part: ({"properties": {"p": {}}, "$defs": {"Part": part}}, "/$defs/Part"),
}


@pytest.fixture
def problems_of(tmp_path):
    """Return the warnings about a document that becomes a model."""

    def problems_of(document):
        path = tmp_path / "acme/thing.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(document))
        found = Found("acme/thing", "acme/thing.json", path)
        _, problems = read_model(found, "thing", opened=False)
        return problems

    return problems_of


def messages(problems, place):
    """Return the problems at *place* and below, with places relative to it."""
    return sorted(
        (problem.level.value, problem.place.removeprefix(place), problem.message)
        for problem in problems
        if problem.place.startswith(place)
    )


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_odd_keyword_is_reported_wherever_it_stands(problems_of, keyword):
    """A keyword behind a reference is reported as it is inline."""
    for wrong in WRONG:
        said = {}
        for way, put in WAYS.items():
            document, place = put({"title": "Part", keyword: wrong})
            problems = problems_of({"type": "object", **document})
            said[way] = [each[1:] for each in messages(problems, place)]

            assert [] == [each for each in problems if "failed here" in each.message]
            assert [] == [
                each for each in problems if each.place != place_in(document, each.place) != ""
            ]
        # Whether an unused definition can be met is nobody's question.
        assert set(said["inline"]) >= set(said.pop("unused"))
        if not keyword.startswith("$"):
            assert dict.fromkeys(said, said["inline"]) == said


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("type", "file"),
        ("minLength", "3"),
        ("minimum", None),
        ("required", True),
        ("enum", "a"),
        ("items", "string"),
        ("pattern", "("),
        ("minimun", 3),
    ],
)
@pytest.mark.parametrize("way", WAYS)
def test_reported_mistakes(problems_of, name, wrong, way):
    """Each mistake that somebody reported has its place, however it is reached."""
    document, place = WAYS[way]({name: wrong})

    problems = problems_of({"type": "object", **document})

    assert [f"{place}/{name}"] == [problem.place for problem in problems]


def test_other_models_are_made(run, schemas, tmp_path):
    """A schema that cannot be read at all costs its own model, and the exit status says so."""
    folder = schemas(
        {
            "acme/bad": {
                "$ref": "#/components/schemas/In",
                "components": {
                    "schemas": {"In": {"type": "object", "properties": {"a": {"type": "file"}}}}
                },
            },
            "acme/good": {"type": "object", "properties": {"a": {"type": "string"}}},
        }
    )
    arguments = ("generate", "--schemas", folder, "--output", tmp_path / "some", "--package")

    done = run(*arguments, "some")
    going = run(*arguments, "some", "--keep-going")

    assert (1, 0) == (done.returncode, going.returncode)
    assert "/components/schemas/In/properties/a/type" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "some/good.py").is_file()
    assert not (tmp_path / "some/bad.py").exists()
