"""`Rule`: the part of a schema that types cannot say, checked with jsonschema-rs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jsonschema_rs import Validator
    from pydantic_core import ErrorDetails

# Every integer up to here is a float too, and of those beyond a float is only the nearest.
_FLOATS_HOLD: Final = 2.0**53


@dataclass(frozen=True, slots=True)
class Rule:
    """A part of the model's JSON Schema (2020-12) that its request class checks as a whole.

    Attributes:
        schema: The part, with nothing in it but assertions.
    """

    schema: Mapping[str, object]
    _compiled: list[Validator] = field(
        default_factory=list["Validator"], init=False, repr=False, compare=False
    )

    def allows(self, body: Mapping[str, Any]) -> bool:
        """Tell whether *body*, as it goes on the wire, breaks none of the conditions."""
        return self._validator().is_valid(_exact(body))

    def violations(
        self, body: Mapping[str, Any], pending: Callable[[object], bool] | None = None
    ) -> Iterator[ErrorDetails]:
        """Yield a line for each condition that *body*, as it goes on the wire, breaks.

        Args:
            body: The body.
            pending: Tells which values stand for a URL that is not known yet. What another
                string in their place could make valid is no violation.
        """
        # Only a mistake needs these.
        from get3w_core.request.messages.rule_errors import describe
        from get3w_core.request.pending import may_be_mended

        for error in self._validator().iter_errors(_exact(body)):
            if pending is None or not may_be_mended(error, self.schema, body, pending):
                yield from describe(error, self.schema)

    def _validator(self) -> Validator:
        # The only import of the validator: models without conditions never pay for it. Threads
        # that race here compile twice and agree on the result.
        if not self._compiled:
            import jsonschema_rs

            schema = _exact(dict(self.schema))
            made = jsonschema_rs.Draft202012Validator(schema, retriever=_never_fetched)
            self._compiled.append(made)
        return self._compiled[0]


def _never_fetched(address: str) -> NoReturn:
    """Refuse to fetch what a schema names: without this, the validator would read any address."""
    raise ValueError(f"{address} is outside of the schema, and nothing is fetched")


def _exact(value: Any) -> Any:
    """Return JSON with the integers that large floats hold: the validator reads their decimals."""
    try:
        return _with_integers(value)
    except RecursionError:  # the validator goes deeper than Python does
        return value


def _with_integers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_integers(part) for name, part in cast("dict[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_with_integers(part) for part in cast("list[Any]", value)]
    large = isinstance(value, float) and abs(value) > _FLOATS_HOLD and value.is_integer()
    return int(value) if large else value
