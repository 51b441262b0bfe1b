r"""Patterns mean what ECMA-262 says, in the class, in the rule and in the emulator alike."""

import random
import time

import jsonschema_rs
import pytest
from get3w_codegen.jsonschema.patterns import is_linear, portable
from get3w_codegen.lint.salvage import repaired
from get3w_emulator.schemas import patterns
from pydantic_core import SchemaValidator, ValidationError

PIECES = (
    r"\d \D \w \W \s \S \b \B . $ ^ a b é [a-z] [^a] [] [^] [[a] [a&&b] [\d-] [\w.-] [\D] [^\W] \n"
    r" \u0041 \u{1F600} \ud83d\ude00 \x41 \cA \0 ( (?: (?= (?! (?<= (?<! (?<n> \k<n> \1 ) * + ? {2}"
    r" {1,} { } ] | - / \/ \- \_ \e \Z \p{L} \P{Lu} (?i) (?P<n> [\b] [a-\d] [z-a] [--a] [~~] [||]"
).split()
TEXTS = [
    *(
        "",
        "a",
        "A",
        "b",
        "ab",
        "aa",
        "é",
        "5",
        "\u0665",
        " ",
        "\n",
        "a\n",
        "\r",
        "\u2028",
        "\u00a0",
    ),
    *(
        "a\n",
        "\ufeff",
        "[",
        "&",
        "-",
        "_",
        "😀",
        "\x01",
        "\0",
        "Z",
        "a-b",
        "{",
        "]",
        "/",
        "\b",
        "b-",
    ),
]


def accepts(validator, text):
    try:
        validator.validate_python(text)
    except ValidationError:
        return False
    return True


def test_all_three_read_patterns_alike():
    """Drawn patterns: usable for all or for none, and found in the same texts."""
    drawn = random.Random(1)
    usable = linear = 0
    for _ in range(4_000):
        pattern = "".join(drawn.choices(PIECES, k=drawn.randint(1, 4)))
        text = portable(pattern)

        assert (text is not None) is patterns.is_pattern(pattern), pattern

        if text is None:
            continue
        usable += 1
        rule = jsonschema_rs.Draft202012Validator({"pattern": text})
        expected = [patterns.matches(pattern, each) for each in TEXTS]

        assert expected == [rule.is_valid(each) for each in TEXTS], pattern

        if is_linear(text):
            linear += 1
            schema = {"type": "str", "pattern": text, "regex_engine": "rust-regex"}
            made = SchemaValidator(schema)

            assert expected == [accepts(made, each) for each in TEXTS], pattern

    assert usable > 1_500
    assert linear > 1_200


@pytest.mark.parametrize(
    ("pattern", "found", "missed"),
    [
        (r"^\d$", ["5"], ["\u0665"]),
        (r"^\w$", ["a", "_"], ["é"]),
        (r"^\s$", ["\u00a0", "\ufeff"], ["\u0085"]),
        ("^a$", ["a"], ["a\n"]),
        ("^.$", ["a", "😀"], ["\n", "\r", "\u2028"]),
        (r"\bé", ["aé"], ["é", " é"]),
        ("^[^]$", ["\n", "a"], [""]),
        ("[]", [], ["", "a"]),
        (r"^(?<q>['\"])x\k<q>$", ["'x'", '"x"'], ["'x\""]),
        ("^(?<y>[0-9]{4})$", ["2026"], ["26"]),
        ("^[[a-z]$", ["[", "b"], ["]"]),
        (r"^\p{Lu}$", ["É"], ["é"]),
        (r"^[\p{L}\d]+$", ["é1"], ["-"]),
        ("x{,3}", ["x{,3}"], ["xx"]),
    ],
)
def test_pattern_of_a_parameter(request_type, pattern, found, missed):
    """A request class takes the texts that the pattern means, and the emulator the same."""
    made = request_type({"p": {"type": "string", "pattern": pattern}})
    for text in [*found, *missed]:
        try:
            taken = made(p=text).p == text
        except ValueError:
            taken = False

        assert (text in found) is taken
        assert (text in found) is patterns.matches(pattern, text)


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", r"^(\w+\s?)+$", "^(a*)*b$"])
def test_time_grows_with_the_text(request_type, pattern):
    """A pattern that another engine would try for ever is judged at once in a class."""
    made = request_type({"p": {"type": "string", "pattern": pattern}})
    started = time.process_time()

    with pytest.raises(ValueError, match="pattern"):
        made(p="a" * 5_000 + "!")

    assert time.process_time() - started < 2


def test_integers_beyond_64_bits_are_checked_and_no_literal(request_type):
    """An enum of such numbers takes them alone, and mypy reads the module."""
    made = request_type({"p": {"enum": [2**63, -(2**64)]}})

    assert 2**63 == made(p=2**63).p
    with pytest.raises(ValueError, match="p"):
        made(p=2**63 + 1)
    assert "Literal" not in str(made.model_fields["p"])


@pytest.mark.parametrize(
    ("pattern", "warned"),
    [
        (r"^(?=a)(a+)+$", True),
        (r"^(?:(\w+)\1)*$", True),
        (r"^(?!x)(?:a|b)+$", True),
        (r"^(?!x)(?:[a-z]+-?){2,}$", True),
        ("^(a+)+$", False),
        (r"^(?=a)a+$", False),
        (r"^(?!x)(?:ab)+$", False),
        (r"^(?!x)(?:[*+]){1,3}$", False),
        (r"^(?!x)\(a+\)+$", False),
    ],
)
def test_pattern_that_may_take_long_is_warned_of(pattern, warned):
    """Where it repeats what is repeated and only the engine that tries all ways takes it."""
    document = {"type": "object", "properties": {"p": {"type": "string", "pattern": pattern}}}

    _, problems = repaired(document, "acme/thing.json")

    assert warned is any("very many steps" in problem.message for problem in problems)
