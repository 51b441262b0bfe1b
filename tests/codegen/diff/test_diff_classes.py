"""The generated classes agree with diff: what the old class took, a compatible new one takes."""

import itertools

from pydantic import ValidationError

from .test_diff import BILLING, BREAKING, COMPATIBLE

VALUES = [
    *(None, True, 0, 1, 2, 4, 5, 6, 10, 0.5, "", "a", "b", "sd", "hd", "abcde", "abcdef", "1"),
    *([], ["a"], [1], ["a", "a"], {}, {"x": "a"}, {"x": -1}, [{"x": -1}]),
]
ABSENT = object()


def accepts(request_class, body):
    try:
        request_class.model_validate(body)
    except ValidationError:
        return False
    return True


def bodies(*schemas):
    """Yield bodies of every name that the schemas know and one that they do not."""
    names = sorted({name for schema in schemas for name in schema["properties"]})[:2] or ["p"]
    for values in itertools.product([ABSENT, *VALUES], repeat=len(names)):
        body = dict(zip(names, values, strict=True))
        yield {name: value for name, value in body.items() if value is not ABSENT}
    yield {"stranger": "a"}


def test_classes_agree(build):
    """Every body of many is taken by the new class where the old took it; breaking ones show."""
    safe, unsafe = [*COMPATIBLE, *BILLING], [case for case in BREAKING if case[0] != "media"]
    inline = {
        f"acme/case{number}-{side}": schema
        for number, (_, _, *schemas) in enumerate([*safe, *unsafe])
        for side, schema in zip(("old", "new"), schemas, strict=True)
    }
    package = build(inline)
    lost = {}
    for number, (_kind, _parameter, old, new) in enumerate([*safe, *unsafe]):
        before, after = (
            package.request_class(f"acme/case{number}-{side}") for side in ("old", "new")
        )
        lost[number] = [
            body for body in bodies(old, new) if accepts(before, body) and not accepts(after, body)
        ]

    assert {} == {number: lost[number] for number in range(len(safe)) if lost[number]}
    # A first parameter that moves, and a name that is another's, break calls, not bodies.
    assert [] == [
        case[:2]
        for number, case in enumerate(unsafe, len(safe))
        if not lost[number] and case[0] not in ("position", "name")
    ]
