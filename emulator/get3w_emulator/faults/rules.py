"""Fault rules: which calls go wrong, and how."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Literal, TypeAlias, TypedDict, cast, get_args

from get3w_emulator._common.json import JSON, JSONObject
from get3w_emulator._common.problems import Problem, checked_rules

FaultKind: TypeAlias = Literal[
    "drop_before_accept", "drop_after_accept", "status", "delay", "truncate", "malformed"
]
"""What goes wrong.

- `drop_before_accept`: the connection is closed; the call never happened.
- `drop_after_accept`: the call is carried out, then the connection is closed without a word.
- `status`: the call is answered with `status`, `headers` and `body`; it never happened.
- `delay`: the call waits `seconds`, then is served.
- `truncate`: the call is carried out; half of the answer is sent, then the connection is closed.
- `malformed`: the call is carried out; it is answered 200 with broken JSON.
"""


class FaultRule(TypedDict, total=False):
    """One rule, as the admin call takes it. Only `fault` must be there.

    Attributes:
        method: The HTTP method; `*`, the default, is all.
        path: A glob for the path; `*`, the default, is all. It crosses slashes.
        fault: What goes wrong.
        status: The HTTP status of the fault `status`.
        headers: The headers of the fault `status`.
        body: The body of the fault `status`: a text as it is, anything else as JSON; without
            one, the error answer that belongs to the status.
        seconds: How long to wait before the fault happens.
        times: How often it happens; always, without it.
        probability: How likely it is to happen, 0 to 1.
    """

    method: str
    path: str
    fault: FaultKind
    status: int
    headers: dict[str, str]
    body: JSON
    seconds: float
    times: int
    probability: float


@dataclass
class Fault:
    """A rule at work: `times` counts down."""

    fault: FaultKind
    method: str = "*"
    path: str = "*"
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: JSON = None
    seconds: float = 0.0
    times: int | None = None
    probability: float = 1.0

    def matches(self, method: str, path: str) -> bool:
        """Tell whether the rule is about such a call and still has some left."""
        return self.times != 0 and self.method in ("*", method) and fnmatchcase(path, self.path)

    def to_json(self) -> JSONObject:
        """Return it as a rule that says no more than it must."""
        plain = Fault(self.fault)
        kept = (each.name for each in fields(self) if each.name != "fault")
        return {
            "fault": self.fault,
            **{
                name: value
                for name in kept
                if (value := getattr(self, name)) != getattr(plain, name)
            },
            **({"status": self.status} if self.fault == "status" else {}),
            **({"seconds": self.seconds} if self.fault == "delay" else {}),
        }


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._random = random.Random(0)  # noqa: S311  # the same rules fail the same calls

    def replace(self, rules: JSON) -> int:
        """Put a list of rules in force, instead of those before.

        Returns:
            How many there are.

        Raises:
            RulesError: If they cannot be followed; those before stay in force.
        """
        self._rules = [_fault(cast("JSONObject", rule)) for rule in checked_rules(rules, _wrong)]
        return len(self._rules)

    def clear(self) -> None:
        """Put no rule in force."""
        self._rules = []
        self._random.seed(0)

    def to_json(self) -> list[JSON]:
        """Return the rules in force, as `replace` takes them; `times` is what is left."""
        return [rule.to_json() for rule in self._rules if rule.times != 0]

    def next(self, method: str, path: str) -> Fault | None:
        """Return the first rule that strikes this call, and count it."""
        for rule in self._rules:
            if rule.matches(method, path) and self._random.random() < rule.probability:
                if rule.times is not None:
                    rule.times -= 1
                return rule
        return None


def _fault(rule: JSONObject) -> Fault:
    result = Fault(**cast("FaultRule", rule))
    result.method = result.method.upper()
    return result


def _wrong(index: int, rule: JSON) -> Iterable[Problem]:
    if not isinstance(rule, dict):
        yield Problem(f"/{index}", "is not an object")
        return
    required = {"status": "status", "delay": "seconds"}.get(str(rule.get("fault")))
    for name in ("fault", required):
        if name is not None and name not in rule:
            yield Problem(f"/{index}", f"needs {name!r}")
    for name, value in rule.items():
        message = _wrong_value(name, value)
        if message:
            yield Problem(f"/{index}/{name}", message)


def _wrong_value(name: str, value: JSON) -> str | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    whole = isinstance(value, int) and not isinstance(value, bool)
    match name:
        case "fault" if value not in get_args(FaultKind):
            return f"is none of {', '.join(get_args(FaultKind))}"
        case "method" | "path" if not isinstance(value, str):
            return "is not a string"
        case "status" if not (whole and 200 <= cast("int", value) <= 599):
            return "is not an integer from 200 to 599"
        case "headers" if not _is_headers(value):
            return "is not an object of strings that can stand in a header"
        case "seconds" if not (number and 0 <= cast("float", value) <= 3600):
            return "is not a number from 0 to 3600"
        case "times" if not (whole and cast("int", value) >= 1):
            return "is not an integer from 1"
        case "probability" if not (number and 0 <= cast("float", value) <= 1):
            return "is not a number from 0 to 1"
        case _ if name not in FaultRule.__annotations__:
            return "is not a field of a rule"
        case _:
            return None


def _is_headers(value: JSON) -> bool:
    return isinstance(value, dict) and all(
        name
        and name.isascii()
        and name.replace("-", "").replace("_", "").isalnum()
        and isinstance(text, str)
        and text.isascii()
        and text.isprintable()
        for name, text in value.items()
    )
