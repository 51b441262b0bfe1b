"""Outcome rules: how predictions end. Without one they succeed.

An outcome is settled when the task is accepted, so that it follows from the rules, the seed and
the order of the submits, and from nothing that happens later.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypedDict, cast

from get3w_emulator._common.json import JSON
from get3w_emulator._common.problems import Problem, checked_rules

FAIL_MARK = "[[fail]]"
"""A prompt that holds this text ends as failed."""

TASK_FAILED = 1403
"""The task error code of such a prediction: task execution failed."""

MODERATED = 1200
"""The task error code of a prompt that content moderation refuses."""

INTERNAL_ERROR = 5000
"""The task error code of a failure that is the platform's own."""

_TEXTS = {
    1200: "Content moderation: the input was refused",
    1400: "Missing parameter",
    1401: "Invalid parameter",
    1402: "Media URL is not accessible",
    1403: "Task execution failed",
    1405: "Task failed",
    5000: "Internal error",
    5003: "Service unavailable",
    5004: "Timeout",
}


class OutcomeRule(TypedDict, total=False):
    """One rule about how predictions end.

    Attributes:
        model: A glob for the model id; `*`, the default, is all. It crosses slashes.
        prompt: A text that the prompt holds, whatever its case; all prompts, without it.
        code: The task error code; 5000, an internal error, without it. From 5000 on, the failure
            is the platform's own, and the charge is refunded.
        error: The text; that of the code, without it.
        seconds: How long the prediction takes; as its kind does, without it.
        times: How often the rule applies; always, without it.
        probability: How likely it is to apply, 0 to 1.
        completes: True for a rule that changes `seconds` only.
    """

    model: str
    prompt: str
    code: int
    error: str
    seconds: float
    times: int
    probability: float
    completes: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one prediction ends.

    Attributes:
        code: The task error code; 0 is success.
        error: The text that goes with it.
        seconds: How long it takes, if a rule says so.
    """

    code: int = 0
    error: str = ""
    seconds: float | None = None

    @property
    def refunded(self) -> bool:
        """Whether the failure is the platform's own, so that the caller gets the money back."""
        return self.code >= INTERNAL_ERROR


SUCCESS = Outcome()


class Outcomes:
    """The rules in force.

    Args:
        rules: Those that hold from the start and again after a `reset`.
        seed: Where the chances come from.
    """

    def __init__(self, rules: Sequence[OutcomeRule], seed: int) -> None:
        self._first = [rule.copy() for rule in rules]
        self._seed = seed
        self._random = random.Random(seed)  # noqa: S311  # the same submits end the same way
        self._rules: list[OutcomeRule] = []
        self.reset()

    def reset(self) -> None:
        """Return to the rules of the start."""
        self.replace(cast("JSON", [rule.copy() for rule in self._first]))

    def replace(self, rules: JSON) -> int:
        """Put a list of rules in force, instead of those before.

        Returns:
            How many there are.

        Raises:
            RulesError: If they cannot be followed; those before stay in force.
        """
        self._rules = [cast("OutcomeRule", rule).copy() for rule in checked_rules(rules, _wrong)]
        self._random.seed(self._seed)
        return len(self._rules)

    def to_json(self) -> list[JSON]:
        """Return the rules in force, as `replace` takes them; `times` is what is left."""
        return [cast("JSON", rule) for rule in self._rules if rule.get("times") != 0]

    def settle(self, model_id: str, prompt: str) -> Outcome:
        """Return how a new prediction ends, and count the rule that says so."""
        for rule in self._rules:
            if not _matches(rule, model_id, prompt):
                continue
            if self._random.random() >= rule.get("probability", 1.0):
                continue
            if "times" in rule:
                rule["times"] -= 1
            if rule.get("completes"):
                return Outcome(seconds=rule.get("seconds"))
            code = rule.get("code", INTERNAL_ERROR)
            return Outcome(code, rule.get("error") or error_text(code), rule.get("seconds"))
        if FAIL_MARK in prompt:
            return Outcome(TASK_FAILED, f"Task execution failed: the prompt holds {FAIL_MARK}")
        return SUCCESS


def error_text(code: int) -> str:
    """Return the text that goes with a task error code."""
    return _TEXTS.get(code, "Task failed")


def _matches(rule: OutcomeRule, model_id: str, prompt: str) -> bool:
    return (
        rule.get("times") != 0
        and fnmatchcase(model_id, rule.get("model", "*"))
        and rule.get("prompt", "").casefold() in prompt.casefold()
    )


def _wrong(index: int, rule: JSON) -> list[Problem]:
    if not isinstance(rule, dict):
        return [Problem(f"/{index}", "is not an object")]
    messages = ((name, _wrong_value(name, value)) for name, value in rule.items())
    return [Problem(f"/{index}/{name}", message) for name, message in messages if message]


def _wrong_value(name: str, value: JSON) -> str | None:
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    whole = isinstance(value, int) and not isinstance(value, bool)
    match name:
        case "model" | "prompt" | "error":
            return None if isinstance(value, str) else "is not a string"
        case "code":
            return None if whole and 1 <= number <= 9999 else "is not an integer from 1 to 9999"
        case "seconds":
            return None if 0 <= number <= 1e6 else "is not a number from 0 to 1000000"
        case "times":
            return None if whole and number >= 1 else "is not an integer from 1"
        case "probability":
            return None if 0 <= number <= 1 else "is not a number from 0 to 1"
        case "completes":
            return None if isinstance(value, bool) else "is not true or false"
        case _:
            return "is not a field of a rule"
