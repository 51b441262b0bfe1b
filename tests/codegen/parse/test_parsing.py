"""Files that are no JSON, as people write them: the place is reported, and what to do."""

import pytest
from get3w_codegen.parse.load import look_through, read_schema


@pytest.mark.parametrize(
    ("text", "place", "remedy"),
    [
        ("", "line 1, column 1", "The file is empty"),
        (" \n\n", "line 3, column 1", "The file is empty"),
        ('{"type": "object"', "line 1, column 18", "The file ends too early"),
        ('{"type": "object",}', None, "Remove the comma before the closing bracket."),
        ('{"required": ["a", ]}', None, "Remove the comma before the closing bracket."),
        ('// mine\n{"type": "object"}', "line 1, column 1", "JSON has no comments"),
        ('{"a": 1, # mine\n"b": 2}', "line 1, column 10", "JSON has no comments"),
        ("{'type': 'object'}", "line 1, column 2", "JSON has double quotes only."),
        ("{\u201ctype\u201d: 1}", "line 1, column 2", 'Write straight quotes (") for'),
        ('{type: "object"}', "line 1, column 2", "Names and texts are in double quotes"),
        ('{"description": "a "quoted" word"}', "line 1, column 21", 'a quote inside one is \\"'),
        ('{"default": False}', "line 1, column 13", "JSON writes true and false."),
        ('{"default": yes}', "line 1, column 13", "JSON writes true and false."),
        ('{"default": None}', "line 1, column 13", "JSON writes null."),
        ("type: object\nproperties: {}\n", "line 1, column 1", "This looks like YAML"),
        ("---\ntype: object\n", "line 1, column 1", "This looks like YAML"),
        ('{}\n{"type": "object"}', "line 2, column 1", "A file holds one schema"),
        ('{"a": 1 "b": 2}', "line 1, column 9", "Correct the file at that place."),
        ('{"type": "object"}'.encode("utf-16"), "", "Save the file as UTF-8."),
        ('{"type": "object"}'.encode("utf-16-le"), "line 1, column 2", "Save the file as UTF-8."),
        ('{"title": "\u00e9"}'.encode("latin-1"), "", "Save the file as UTF-8."),
        ('{"minimum": 1e999}', "", "Correct the value."),
    ],
)
def test_text_that_is_not_json_is_reported(problems_of, text, place, remedy):
    """Each common slip has its own advice."""
    ((level, found, message, said),) = problems_of(text)

    assert "error" == level
    assert place in (found, None)
    assert message.startswith(("Not JSON: ", "Not UTF-8: "))
    assert remedy in said


@pytest.mark.parametrize(
    "text",
    [
        b'\xef\xbb\xbf{"type": "object"}',
        '{\r\n\t"type":\t"object"\r\n}\r\n',
        '\n\n{"type": "object", "description": "// no comment, # none, True"}',
    ],
)
def test_odd_json_is_read(problems_of, text):
    """A byte order mark, tabs and other line ends are as good as any."""
    assert [] == problems_of(text)


def test_name_that_is_there_twice_is_reported(problems_of):
    """JSON silently takes the last one, so each is reported with its place."""
    said = problems_of(
        '{"type": "object", "properties": {"b": {}}, "properties": {"a":'
        ' {"enum": [{"x": 1, "x": 2}]}, "c": {"type": "string", "type": "integer"}}}'
    )

    assert ["/properties", "/properties/a/enum/0/x", "/properties/c/type"] == [
        place for _, place, _, _ in said
    ]
    assert {("warning", "Remove one of them.")} == {(each[0], each[3]) for each in said}


def test_unreadable_file_is_reported(tmp_path):
    """A link that leads nowhere is reported as a file that cannot be read."""
    (tmp_path / "thing.json").symlink_to("nowhere.json")

    schema, (problem,) = read_schema(look_through(tmp_path)[0][0])

    assert schema is None
    assert "Cannot be read: No such file or directory" == problem.message
