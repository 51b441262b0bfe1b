"""Judge bodies twice: by the generated class, and by the `jsonschema` library."""

import importlib
import sys
from collections import Counter
from dataclasses import dataclass, field

from get3w_core.request.wire import wire_body
from get3w_emulator.schemas.references import local
from get3w_emulator.schemas.validation import compiled
from pydantic import ValidationError

from .bodies import Bodies


@dataclass
class Verdict:
    """What one schema came to.

    Attributes:
        judged: How many bodies were judged, by keyword.
        agreed: How many of them alike.
        fitting: How many of them fit.
        different: The first bodies that were judged differently, with the library's verdict.
        example: Whether a body was found that fits.
    """

    model_id: str
    judged: Counter = field(default_factory=Counter)
    agreed: Counter = field(default_factory=Counter)
    fitting: int = 0
    different: list = field(default_factory=list)
    example: bool = True

    def add(self, keyword, body, expected, actual):
        """Count one body."""
        self.judged[keyword] += 1
        self.agreed[keyword] += expected is actual
        self.fitting += expected
        if expected is not actual and len(self.different) < 5:
            self.different.append((keyword, expected, actual, body))


def accepts(request_class, body):
    """Tell whether a request class takes a body, and sends it as it came."""
    try:
        request = request_class.model_validate(body)
    except ValidationError:
        return False
    return True if wire_body(request) == body else "changed on the wire"


def compare(task):
    """Judge mutants of one schema.

    Args:
        task: The folder and the name of the package, the model id, its schema, whether it is read
            as open, and how many mutants and pairs of them to draw.
    """
    folder, package, model_id, schema, opened, limit, pairs = task
    if folder not in sys.path:
        sys.path.insert(0, folder)
    request_class = importlib.import_module(package).request_class(model_id)
    # A request body is an object, whether or not the schema says so.
    judge = compiled({"type": "object", **schema}, opened=opened)
    verdict = Verdict(model_id)
    # Bodies are drawn along plain pointers.
    drawn = Bodies(local(schema), model_id)
    examples = drawn.examples(judge.is_valid)
    if not examples:
        verdict.example = False
        examples = drawn.examples(lambda _: True)
    for body in examples:
        verdict.add("example", body, judge.is_valid(body), accepts(request_class, body))
    for name, part in schema.get("properties", {}).items():
        for value in _stated(part):
            body = {**examples[0], name: value}
            verdict.add("default", body, judge.is_valid(body), accepts(request_class, body))
    for keyword, body in drawn.mutants(examples, limit, pairs):
        verdict.add(keyword, body, judge.is_valid(body), accepts(request_class, body))
    return verdict


def _stated(part):
    if isinstance(part, dict):
        yield from [part["default"]] if "default" in part else []
        yield from part.get("examples") or []
