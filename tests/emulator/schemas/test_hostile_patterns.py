"""Patterns on which an engine that tries every way would never end."""

import concurrent.futures
import json
import time

import httpx
import pytest
from get3w_emulator import running
from get3w_emulator.schemas.validation import compiled, problems

LONG = "a" * 50_000 + "!"
HOSTILE = [
    "^(a+)+$",
    "^(a|a)*$",
    r"^(\w+\s?)+$",
    "^(a*)*b$",
    "^(?=a)(a+)+$",
    r"^(a+)+\1$",
    r"^(?:(\w+)\1)*$",
    r"^(?:\b\w+\b)*$",
]


def _placed(pattern):
    """Yield schemas that try a pattern on a text, and the body that holds it."""
    text = {"type": "string", "pattern": pattern}
    yield {"properties": {"p": text}}, {"p": LONG}
    yield {"properties": {"p": {"type": "array", "items": text}}}, {"p": [LONG]}
    yield {"additionalProperties": True, "propertyNames": {"pattern": pattern}}, {LONG: 1}
    named = {"patternProperties": {pattern: {"type": "null"}}}
    yield {**named, "additionalProperties": False}, {LONG: 1}
    yield {"properties": {"q": {}}, **named}, {LONG: 1}
    yield {"properties": {"q": {}}, "allOf": [named, {"properties": {"r": {}}}]}, {LONG: 1}


@pytest.mark.parametrize("pattern", HOSTILE)
def test_long_text_is_refused_at_once(pattern):
    """In a value and in a name, wherever the pattern stands; processor time is counted."""
    for schema, body in _placed(pattern):
        judge = compiled({"type": "object", **schema})
        started = time.process_time()

        assert [] != problems(judge, body)
        assert time.process_time() - started < 2


def test_text_that_takes_too_long_is_refused_with_words():
    """Where the engine gives up, that is said."""
    schema = {"type": "object", "properties": {"p": {"pattern": r"^(?:(\w+)\1)*$"}}}

    (problem,) = problems(compiled(schema), {"p": LONG})

    assert "/p" == problem.pointer
    assert "takes too many steps to compare with" in problem.message
    assert problem.message.endswith("send a shorter text")


def test_names_are_matched_as_ecma_means():
    """`patternProperties` in all that reads it: its own part, further names, unevaluated ones."""
    digits = {"type": "object", "patternProperties": {r"^\d$": {"type": "integer"}, "^x": {}}}
    closed = {**digits, "additionalProperties": False}
    unevaluated = {"allOf": [digits], "unevaluatedProperties": False}
    for schema in (closed, unevaluated):
        judge = compiled(schema)

        assert [True, False, False, True, False] == [
            judge.is_valid(body)
            for body in ({"5": 1}, {"5": "a"}, {"\u0665": 1}, {"x": 1}, {"y": 1})
        ]


def test_property_that_is_called_like_a_keyword_is_a_property():
    """A parameter may be called `patternProperties`."""
    schema = {"type": "object", "properties": {"patternProperties": {"type": "object"}}}

    assert compiled(schema).is_valid({"patternProperties": {"a": 1}})


def test_others_are_served_meanwhile(tmp_path):
    """Twenty hostile texts at once keep no other client waiting."""
    text = {"type": "string", "pattern": r"^(?:(\w+)\1)*$"}
    for name, schema in {"bad": text, "good": {"type": "string"}}.items():
        document = {"type": "object", "properties": {"p": schema}}
        path = tmp_path / f"acme/{name}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(document), encoding="utf-8")
    with running(schemas=tmp_path) as emulator:
        headers = {"Authorization": f"Bearer {emulator.api_key}"}
        with (
            httpx.Client(base_url=emulator.url, headers=headers, timeout=60) as client,
            concurrent.futures.ThreadPoolExecutor(20) as pool,
        ):
            hostile = [
                pool.submit(client.post, "/api/v3/acme/bad", json={"p": LONG}) for _ in range(20)
            ]
            answer = client.post("/api/v3/acme/good", json={"p": LONG})

            assert 200 == answer.status_code
            assert {400} == {each.result().status_code for each in hostile}
