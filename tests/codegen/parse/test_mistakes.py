"""Mistakes in a schema that is valid JSON Schema all the same: each is reported, with its place."""

import json

import pytest


@pytest.fixture
def problems_of_parameter(problems_of):
    """Return the problems of a parameter `a`."""
    return lambda schema: problems_of({"type": "object", "properties": {"a": schema}})


@pytest.mark.parametrize(
    ("word", "kind", "meant"),
    [
        ("minimun", "integer", "minimum"),
        ("defualt", "integer", "default"),
        ("tpye", None, "type"),
        ("typ", None, "type"),
        ("enums", "integer", "enum"),
        ("discription", "integer", "description"),
        ("itmes", "array", "items"),
        ("item", "array", "items"),
        ("maxlength", "string", "maxLength"),
        ("max_length", "string", "maxLength"),
        ("additional-properties", "object", "additionalProperties"),
        ("oneof", None, "oneOf"),
        ("min", "integer", "minimum"),
        ("min", "string", "minLength"),
        ("max", "array", "maxItems"),
        ("ge", "number", "minimum"),
        ("lt", "number", "exclusiveMaximum"),
        ("choices", "string", "enum"),
    ],
)
def test_misspelt_keyword_is_reported(problems_of_parameter, word, kind, meant):
    """A word like a keyword is reported with the one that was meant."""
    schema = {word: 7} if kind is None else {"type": kind, word: 7}

    assert [
        (
            "warning",
            f"/properties/a/{word}",
            f"{word!r} is not a keyword of JSON Schema; did you mean {meant!r}?",
            f"Write {meant}; until then it is ignored.",
        )
    ] == problems_of_parameter(schema)


def test_misspelt_keyword_is_reported_at_any_depth(problems_of):
    """The whole file is read, its definitions too."""
    said = problems_of(
        {
            "type": "object",
            "requird": ["a"],
            "properties": {"a": {"type": "array", "items": {"anyOf": [{"titel": "A"}]}}},
            "$defs": {"b": {"patern": "x"}},
        }
    )

    assert ["/$defs/b/patern", "/properties/a/items/anyOf/0/titel", "/requird"] == [
        place for _, place, _, _ in said
    ]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "nullable": True, "example": "x", "xml": {}, "externalDocs": {}},
        {"type": "string", "readOnly": True, "writeOnly": False, "discriminator": {}},
        {"type": "string", "x-order": 3, "x-hidden": True, "x-ui-component": "select"},
        {"type": "string", "x-fal-order-properties": ["z"], "x-placeholder": "..."},
        {"type": "string", "ui": {"field": "image"}, "_fal_ui_field": "image", "step": 0.1},
        {"type": "string", "limit_description": "big", "max_file_size": 3, "max_width": 8},
        {"type": "string", "note": "", "order": 1, "label": "A", "unit": "px", "disabled": True},
        {"type": "string", "maxlength": 30, "maxLength": 30},
        {"properties": {"minimun": {"type": "string"}, "tpye": {}}},
        {"enum": [{"minimun": 3}], "examples": [{"tpye": 1}]},
    ],
)
def test_words_of_other_platforms_are_no_mistakes(problems_of_parameter, schema):
    """What real schemas hold beside JSON Schema's words, and names, stay uncommented."""
    assert [] == problems_of_parameter(schema)


SEED = {"type": "integer"}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"properties": {"a": {}}, "seed": SEED}, "'seed' stands outside 'properties', so it"),
        ({"type": "object", "seed": SEED}, "'seed' stands outside 'properties', so it is no"),
        ({"type": "object", "fields": {"seed": SEED}}, "and holds what 'properties' should"),
        ({"type": "object", "property": {"a": {"enum": [1]}, "b": SEED}}, "and holds what"),
        ({"properties": {"seed": SEED}, "seed": SEED}, None),
        ({"properties": {"a": {}}, "ui": {"field": "image"}}, None),
        ({"$ref": "#/models/a", "models": {"a": {"type": "object"}}}, None),
        (
            {
                "type": "object",
                "allOf": [{"$ref": "#/models/a"}],
                "models": {"a": {"type": "object"}},
            },
            None,
        ),
        ({"type": "object", "labels": {"a": "A"}}, None),
    ],
)
def test_parameter_outside_properties_is_reported(problems_of, schema, expected):
    """Parameters in the wrong place are reported; words of other platforms are not."""
    said = problems_of(schema)

    assert (0 if expected is None else 1) == len(said)
    for level, _, message, _ in said:
        assert "warning" == level
        assert expected in message


@pytest.mark.parametrize(
    ("schema", "keyword", "kind", "remedy"),
    [
        ({"type": "string", "minimum": 3}, "minimum", "a string", "Write minLength, or remove it."),
        ({"type": "integer", "maxLength": 3}, "maxLength", "an integer", "Write maximum, or"),
        ({"type": "array", "maximum": 3}, "maximum", "an array", "Write maxItems, or remove it."),
        ({"type": "object", "items": {}}, "items", "an object", "Correct the type, or remove"),
        ({"type": "boolean", "minimum": 0}, "minimum", "a boolean", "Correct the type, or remove"),
        ({"type": "array", "properties": {}}, "properties", "an array", "Correct the type"),
        ({"type": ["string", "null"], "minItems": 1}, "minItems", "a string or a null", "Write"),
    ],
)
def test_keyword_without_effect_is_reported(problems_of_parameter, schema, keyword, kind, remedy):
    """A keyword for values of another type is reported."""
    ((level, place, message, said),) = problems_of_parameter(schema)

    assert ("warning", f"/properties/a/{keyword}") == (level, place)
    assert f"{keyword!r} has no effect on {kind}" == message
    assert said.startswith(remedy)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "minimum": 3, "multipleOf": 2, "format": "int32"},
        {"type": ["integer", "string"], "minimum": 3, "maxLength": 2},
        {"minimum": 3, "maxLength": 2},
        {"type": "array", "items": {}, "maxItems": 3, "uniqueItems": True},
        {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "integer", "minimum": 3}]},
    ],
)
def test_keyword_with_an_effect_is_not_reported(problems_of_parameter, schema):
    """A keyword that limits one of the types, or any, is right."""
    assert [] == problems_of_parameter(schema)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("x-provenance", 3, "3 is not a text"),
        ("x-model-type", ["a"], '["a"] is not a text'),
        ("x-source", None, "null is not a text"),
        ("x-base-price-usd", "0.5", '"0.5" is not a number of US dollars from 0 to a million'),
        ("x-base-price-usd", -1, "-1 is not a number of US dollars from 0 to a million"),
        (
            "x-base-price-usd",
            10**400,
            f"1{'0' * 79}... is not a number of US dollars from 0 to a million",
        ),
        ("x-base-price-usd", True, "true is not a number of US dollars from 0 to a million"),
        ("x-get3w-listed", "yes", '"yes" is not true or false'),
        ("x-order-properties", "a", '"a" is not a list of names'),
        ("x-order-properties", ["a", 3], '["a", 3] is not a list of names'),
        ("x-order-properties", ["b", "a", "c"], 'No property is called "b", "c"'),
        ("x-get3w-media", "image", "Only a string, or a list of strings, can be a file"),
        ("x-order-propertys", ["a"], "Unknown key; did you mean 'x-order-properties'?"),
        ("x-get3w-listd", True, "Unknown key; did you mean 'x-get3w-listed'?"),
    ],
)
def test_misused_key_of_ours_is_reported(problems_of, key, value, message):
    """A key of this project with an unusable value is reported and ignored."""
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, key: value}

    ((level, place, said, _),) = problems_of(schema)

    assert ("warning", f"/{key}", message) == (level, place, said)


@pytest.mark.parametrize("word", ["picture", "Image", ["image"], None, True])
def test_unknown_kind_of_media_is_reported(problems_of_parameter, word):
    """The allowed words are named; until then the parameter is a text."""
    ((level, place, message, remedy),) = problems_of_parameter(
        {"type": "string", "x-get3w-media": word}
    )

    assert ("warning", "/properties/a/x-get3w-media") == (level, place)
    assert f"{json.dumps(word)} is not image, video or audio" == message
    assert "Write image, video or audio; until then it is ignored." == remedy


@pytest.mark.parametrize(
    ("schema", "right"),
    [
        ({"type": "string"}, True),
        ({"type": ["string", "null"]}, True),
        ({"type": "array", "items": {"type": "string"}}, True),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, True),
        ({"allOf": [{"$ref": "#/$defs/url"}]}, True),
        ({"type": "array", "items": {"$ref": "#/$defs/url"}}, True),
        ({"type": "integer"}, False),
        ({"type": "array", "items": {"type": "integer"}}, False),
        ({"type": "object", "properties": {"url": {"type": "string"}}}, False),
        ({"$ref": "#/$defs/size"}, False),
        ({}, False),
    ],
)
def test_media_are_texts(problems_of, schema, right):
    """The mark is reported where no text and no list of texts can stand."""
    marked = {**schema, "x-get3w-media": "video"}
    defs = {"url": {"type": "string"}, "size": {"type": "integer"}}

    said = problems_of({"type": "object", "properties": {"a": marked}, "$defs": defs})

    wrong = ("/properties/a/x-get3w-media", "Only a string, or a list of strings, can be a file")
    assert ([] if right else [wrong]) == [(place, message) for _, place, message, _ in said]


def test_misused_keys_change_nothing_else(request_type):
    """The class is that of the schema without them."""
    made = request_type(
        {"a": {"type": "integer", "x-get3w-media": "image"}, "b": {"type": "string"}},
        **{"x-order-properties": ["z", "b"], "x-base-price-usd": "much", "x-source": 7},
    )

    assert 3 == made(a=3).a
    assert ["b", "a"] == list(made.model_fields)


@pytest.mark.parametrize(
    ("schema", "refused"),
    [
        ({"type": "integer", "enum": [1, "2", 3.5, 4.0, None]}, '["2", null, 3.5]'),
        ({"type": "string", "enum": ["a", True, 5]}, "[true, 5]"),
        ({"type": ["string", "null"], "enum": ["a", None, {}]}, "[{}]"),
        ({"type": "string", "nullable": True, "enum": ["a", None]}, None),
        ({"type": "number", "enum": [1, 2.5]}, None),
        ({"type": "boolean", "enum": [True]}, None),
        ({"enum": ["a", 1, None]}, None),
    ],
)
def test_listed_value_of_another_type_is_reported(problems_of_parameter, schema, refused):
    """A value of an enum that its type refuses is reported; all others can be given."""
    said = [
        (level, place, message.partition(" in ")[0])
        for level, place, message, _ in problems_of_parameter(schema)
    ]

    assert ([] if refused is None else [("warning", "/properties/a/enum", refused)]) == said


@pytest.mark.parametrize(
    ("stated", "remedy"),
    [
        ("int", 'Write "integer".'),
        ("str", 'Write "string".'),
        ("String", 'Write "string".'),
        ("bool", 'Write "boolean".'),
        ("float", 'Write "number".'),
        ("list", 'Write "array".'),
        ("dict", 'Write "object".'),
        ("strng", 'Write "string".'),
        ("enum", "Take the type away, or write that of the values."),
        ("image", 'Write "string", and "x-get3w-media": "image" beside it.'),
        ("blob", "Write one of array, boolean, integer, null, number, object, string."),
        (["string", None], 'Write null as a text: "null".'),
        ({}, "Write one of array, boolean, integer, null, number, object, string, or a list"),
    ],
)
def test_unknown_type_is_reported_with_the_known_one(problems_of_parameter, stated, remedy):
    """Type names of other languages, and misspelt ones, are reported with the right one."""
    ((level, place, message, said),) = problems_of_parameter({"type": stated})

    assert ("error", "/properties/a/type") == (level, place)
    assert f"Unknown type {json.dumps(stated)}" == message
    assert said.startswith(remedy)


@pytest.mark.parametrize(
    ("schema", "place", "remedy"),
    [
        ({"type": "string", "required": True}, "/required", "Name it in the 'required' of the"),
        ({"required": "b"}, "/required", "Write a list of names; until then it is ignored."),
        ({"enum": "b,c"}, "/enum", "Write a list of values; until then it is ignored."),
        ({"dependencies": {"b": ["c"]}, "dependentRequired": 3}, "/dependentRequired", "Correct"),
        ({"properties": [{}]}, "/properties", "Write an object that has a schema for each name"),
        ({"anyOf": {"type": "string"}}, "/anyOf", "Write a list of schemas, one at least"),
        ({"type": "integer", "minimum": "1.5"}, "/minimum", "Write 1.5 without quotes"),
        ({"additionalProperties": "false"}, "/additionalProperties", "Write false without quotes"),
        ({"items": "integer"}, "/items", 'Write an object, such as {"type": "integer"}'),
        ({"multipleOf": 0}, "/multipleOf", "Correct the keyword there"),
        ("a text", "", 'Write an object, such as {"type": "string"}; until then any value fits.'),
    ],
)
def test_keyword_of_the_wrong_form_has_its_own_remedy(problems_of_parameter, schema, place, remedy):
    """What to write instead is reported, where that is plain."""
    ((level, found, message, said),) = problems_of_parameter(schema)

    assert ("warning", f"/properties/a{place}") == (level, found)
    assert message.startswith("Not JSON Schema (2020-12): ")
    assert said.startswith(remedy)


@pytest.mark.parametrize("name", ["type", "$ref", "required", "enum"])
def test_parameter_may_be_called_like_a_keyword(problems_of, name):
    """Whatever is under `properties` is a name, even if its schema is invalid."""
    ((level, place, _, remedy),) = problems_of({"type": "object", "properties": {name: "integer"}})

    assert ("warning", f"/properties/{name}") == (level, place)
    assert remedy.startswith('Write an object, such as {"type": "integer"}')


def test_misfit_below_half_a_surrogate_pair_is_reported(problems_of):
    """Problems at a name that the library cannot encode are reported all the same."""
    odd = {"type": 3, "minimum": "a"}
    said = problems_of({"type": "object", "$defs": {"plain": {}, "\ud800": odd}})

    assert [("error", "/$defs/\ud800/type"), ("warning", "/$defs/\ud800/minimum")] == sorted(
        each[:2] for each in said
    )


def test_name_that_is_required_twice_stays_required(request_type, problems_of):
    """Only the second is skipped."""
    schema = {"type": "object", "properties": {"a": {}}, "required": ["a", "a"]}

    assert [("/required", "Name each once.")] == [
        (each[1], each[3]) for each in problems_of(schema)
    ]
    assert request_type(**schema).model_fields["a"].is_required()


SIZE = {"type": "object", "properties": {"width": {}}, "required": ["widht"]}
MISSING = '"widht" is required, and no property is called that; did you mean "width"?'


@pytest.mark.parametrize(
    ("schema", "level", "place"),
    [
        (SIZE, "error", "/required"),
        ({**SIZE, "additionalProperties": False}, "error", "/required"),
        ({**SIZE, "type": ["object", "null"]}, "error", "/required"),
        ({"allOf": [SIZE, {"properties": {"b": {}}}]}, "error", "/allOf/0/required"),
        ({"$ref": "#/$defs/size", "$defs": {"size": SIZE}}, "error", "/$defs/size/required"),
        ({"properties": {"a": SIZE}, "required": ["a"]}, "error", "/properties/a/required"),
        ({"properties": {"a": SIZE}}, "warning", "/properties/a/required"),
        (
            {"properties": {"a": {"$ref": "#/$defs/size"}}, "$defs": {"size": SIZE}},
            "warning",
            "/$defs/size/required",
        ),
        (
            {"properties": {"a": {"anyOf": [{"type": "null"}, SIZE]}}},
            "warning",
            "/properties/a/anyOf/1/required",
        ),
        (
            {"properties": {"width": {}}, "anyOf": [{"required": ["widht"]}, {}]},
            "warning",
            "/anyOf/0/required",
        ),
        (
            {"properties": {"width": {}}, "if": {}, "then": {"required": ["widht"]}},
            "warning",
            "/then/required",
        ),
    ],
)
def test_required_name_that_nobody_can_give_is_reported(problems_of, schema, level, place):
    """The model is left out where it has to be given, and else usable without that part."""
    assert [(level, place, MISSING)] == [each[:3] for each in problems_of(schema)]


@pytest.mark.parametrize(
    "schema",
    [
        {**SIZE, "additionalProperties": True},
        {**SIZE, "additionalProperties": {"type": "string"}},
        {**SIZE, "unevaluatedProperties": {}},
        {**SIZE, "patternProperties": {"^wid": {}}},
        {"type": "object", "required": ["widht"]},
        {"allOf": [SIZE, {"properties": {"widht": {}}}]},
        {
            "allOf": [{"$ref": "#/$defs/size"}, {"properties": {"widht": {}}}],
            "$defs": {"size": SIZE},
        },
        {**SIZE, "anyOf": [{"properties": {"widht": {}}}, {}]},
        {"properties": {"a": {}}, "not": {"required": ["b"]}},
        {"properties": {"a": {}}, "if": {"required": ["b"]}, "then": {"required": ["a"]}},
    ],
)
def test_required_name_that_can_be_given_is_not_reported(problems_of, schema):
    """Where the object takes further names, or another branch lists it, or it is only asked for."""
    assert [] == problems_of(schema)


def test_required_name_is_not_reported_of_an_open_object(problems_of):
    """With --open a silent object takes any name."""
    assert [] == problems_of(SIZE, opened=True)
    assert [MISSING] == [
        each[2] for each in problems_of({**SIZE, "additionalProperties": False}, opened=True)
    ]


PROMPT = {"type": "object", "properties": {"prompt": {"type": "string"}}}
ENTRY = {"model_id": "acme/fox", "name": "Fox", "input": PROMPT}
RUN = {"type": "model_run", "request_schema": PROMPT}


@pytest.mark.parametrize(
    ("document", "said", "way"),
    [
        ([ENTRY], "A list of models", "get3w-codegen pull --from FILE"),
        ([1, 2], "this is a list", "Write an object"),
        ("text", "this is a text", "Write an object"),
        (3, "this is a number", "Write an object"),
        (True, "this is true", "Write an object"),
        (None, "this is null", "Write an object"),
        ({"code": 200, "data": [ENTRY]}, "An answer with a list", "get3w-codegen pull --from FILE"),
        (ENTRY, "a part of it, /input", "get3w-codegen add FILE"),
        (
            {"model_id": "a/b", "api_schema": {"api_schemas": [{}, RUN]}},
            "a part of it, /api_schema/api_schemas/1/request_schema",
            "get3w-codegen add FILE",
        ),
        ({"schema": PROMPT}, "a part of it, /schema", "that part alone"),
        (
            {"tools": [{"name": name, "inputSchema": PROMPT} for name in "fg"]},
            "2 schemas are in it",
            "--pointer /tools/0/inputSchema (the others: /tools/1/inputSchema).",
        ),
        ({"openapi": "3.1.0", "info": {}, "paths": {}}, "OpenAPI document", "components/schemas"),
        ({"swagger": "2.0", "definitions": {"Input": PROMPT}}, "OpenAPI document", "components"),
        ({"size": PROMPT, "steps": {"type": "integer"}}, "Parameters without", '"properties"'),
        (PROMPT["properties"], "Parameters without a schema", '"properties"'),
        ({"prompt": "a fox", "size": 3}, "only 'prompt', 'size'", "add FILE --model-id ID"),
    ],
)
def test_document_that_is_not_a_schema_is_reported_as_what_it_is(problems_of, document, said, way):
    """An entry, a list, an OpenAPI document or an example is refused, with the way to take it."""
    ((level, place, message, remedy),) = problems_of(json.dumps(document))

    assert ("error", "") == (level, place)
    assert said in message
    assert way in remedy


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"title": "Nothing to give", "x-model-type": "text-to-image"},
        {"properties": {"input": PROMPT, "data": {"type": "array"}}, "openapi": 3},
        {"type": "object", "note": "takes nothing"},
        {"$ref": "#/components/schemas/Input", "components": {"schemas": {"Input": PROMPT}}},
    ],
)
def test_odd_schema_is_taken_as_one(problems_of, document):
    """A schema may have no parameters, and words of its own."""
    assert [] == problems_of(document)


MODE = {"mode": {"enum": ["fast", "best"]}, "steps": {"type": "integer"}}
MODE_IS_SLOW = {"properties": {"mode": {"const": "slow"}}, "required": ["mode"]}


@pytest.mark.parametrize(
    ("schema", "place", "message"),
    [
        ({"if": MODE_IS_SLOW}, "/if/properties/mode", '"mode" can never be "slow", so'),
        ({"allOf": [{"if": MODE_IS_SLOW}]}, "/allOf/0/if/properties/mode", 'never be "slow"'),
        ({"if": {"properties": {"steps": {"enum": ["a", "b"]}}}}, None, 'never be "a" or "b"'),
        (
            {"if": {"properties": {"mod": {"const": "fast"}}}},
            "/if/properties/mod",
            '"mod" is tested here, and no property is called that; did you mean "mode"?',
        ),
    ],
)
def test_condition_that_never_applies_is_reported(problems_of, schema, place, message):
    """A test for an impossible value or name is reported at its place."""
    then = {"then": {"required": ["steps"]}}
    schema = {"allOf": [{**schema["allOf"][0], **then}]} if "allOf" in schema else schema | then
    ((level, found, said, _),) = problems_of({"type": "object", "properties": MODE, **schema})

    assert ("warning", place or found) == (level, found)
    assert message in said


@pytest.mark.parametrize(
    ("condition", "more"),
    [
        ({"properties": {"mode": {"enum": ["slow", "fast"]}}}, {}),
        ({"properties": {"mode": {"not": {"const": "slow"}}}}, {}),
        ({"properties": {"mod": {"const": "fast"}}}, {"additionalProperties": True}),
        ({"required": ["steps"]}, {}),
        ({"properties": {"size": {"const": 1}}}, {"else": {"properties": {"size": {}}}}),
    ],
)
def test_condition_that_may_apply_is_not_reported(problems_of, condition, more):
    """What can be met stays uncommented, also where an open object may have the name."""
    schema = {"type": "object", "properties": MODE, "if": condition, **more}

    assert [] == problems_of({"then": {"required": ["steps"]}, **schema})


def test_name_of_a_condition_is_not_reported_where_read_as_open(problems_of):
    """With `--open`, an object that says nothing takes any name."""
    condition = {"properties": {"mod": {"const": "fast"}}}
    schema = {"type": "object", "properties": MODE, "if": condition, "then": {"minProperties": 2}}

    assert [] == problems_of(schema, opened=True)


NAMED = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
CLOSED = {"additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "level", "place", "message"),
    [
        ({**NAMED, "minProperties": 3}, "error", "/minProperties", "only 2 can be given"),
        ({**NAMED, "minProperties": 2}, None, "", ""),
        ({**NAMED, "minProperties": 3, "additionalProperties": True}, None, "", ""),
        (
            {
                "allOf": [
                    {"properties": {"a": {}}, "required": ["a"], **CLOSED},
                    {"properties": {"b": {}}, "required": ["b"], **CLOSED},
                ]
            },
            "error",
            "/allOf/0/required",
            "/allOf/1 allows no such name",
        ),
        (
            {
                "properties": {"p": {"oneOf": [{"type": "string"}, {"type": "string"}]}},
                "required": ["p"],
            },
            "error",
            "/properties/p/oneOf",
            "The branches are alike",
        ),
        (
            {"properties": {"p": {"oneOf": [{"type": "string"}, {"type": "string"}]}}},
            "warning",
            "/properties/p/oneOf",
            "The branches are alike",
        ),
        (
            {**NAMED, "dependentRequired": {"a": ["bb"]}},
            "warning",
            "/dependentRequired/a",
            'did you mean "b"?',
        ),
        ({**NAMED, "dependencies": {"a": ["bb"]}}, "warning", "/dependencies/a", 'mean "b"?'),
        ({**NAMED, "dependentRequired": {"a": ["b"]}}, None, "", ""),
        ({**NAMED, "example": {"a": 3}}, "warning", "/example", "is refused by the schema"),
        ({**NAMED, "example": {"a": "x"}}, None, "", ""),
        (
            {"properties": {"a": {"type": "string", "nullable": True, "example": None}}},
            None,
            "",
            "",
        ),
        ({"$defs": {"Input": NAMED}}, "warning", "/$defs", "Only definitions are in the file"),
        (
            {"properties": {"a": {"$ref": "#/$defs/Inptu"}}, "$defs": {"Input": NAMED}},
            "error",
            "/properties/a/$ref",
            "did you mean '#/$defs/Input'?",
        ),
    ],
)
def test_what_cannot_be_met_or_meant_is_reported(problems_of, schema, level, place, message):
    """Conditions that exclude each other, and names that miss, have their place."""
    said = problems_of(schema)

    assert (level is None) is (said == [])
    if level is not None:
        assert level in {each[0] for each in said}
        assert place in {each[1] for each in said}
        assert any(message in each[2] for each in said)


def test_choices_with_titles_are_reported_with_their_meanings(build):
    """A `oneOf` of constants is an enum whose values are explained."""
    schema = {
        "type": "object",
        "properties": {
            "tool": {
                "oneOf": [{"const": "npm", "title": "Comes with Node"}, {"const": "yarn"}],
                "default": "npm",
            },
            "size": {"type": "integer", "example": 7},
            "seed": {"allOf": [{"type": "integer", "default": 3}], "default": None},
        },
    }

    doc = build({"acme/thing": schema}).request_class("acme/thing").__module__

    text = __import__("sys").modules[doc].submit_thing.__doc__
    assert "One of 'npm' (Comes with Node), 'yarn'" in text
    assert "For example 7" in text
    assert "Server default: 3" in text
