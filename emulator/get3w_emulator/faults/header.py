"""Faults that a call asks for itself, in the header `X-Emulator-Fault`.

The header names the fault, and what goes with it: `status; status=503; times=2`, or the same as a
JSON object. A client that sends the header with all its calls can so be made to fail `times` times
and no more.
"""

import json
from typing import cast

from get3w_emulator._common.json import JSON, JSONObject
from get3w_emulator.faults.rules import Fault, FaultRule, Faults

HEADER = "x-emulator-fault"
_MOST = 10_000


class AskedFaults:
    """The faults that headers asked for; equal headers share their count."""

    def __init__(self) -> None:
        self._faults: dict[str, Faults] = {}

    def next(self, header: str, method: str, path: str) -> Fault | None:
        """Return the fault that a header asks for, if it strikes, and count it.

        Raises:
            RulesError: If the header cannot be followed.
        """
        if header not in self._faults:
            if len(self._faults) >= _MOST:
                self._faults.clear()
            faults = Faults()
            faults.replace([cast("JSON", rule_of(header))])
            self._faults[header] = faults
        return self._faults[header].next(method, path)

    def clear(self) -> None:
        """Forget what was counted."""
        self._faults.clear()


def rule_of(header: str) -> FaultRule:
    """Return the rule that a header is; whether it makes sense is not looked at."""
    if header.lstrip().startswith("{"):
        return cast("FaultRule", _json(header))
    kind, *parts = (part.strip() for part in header.split(";"))
    rule: JSONObject = {"fault": kind}
    for part in filter(None, parts):
        name, _, value = part.partition("=")
        rule[name.strip()] = _json(value.strip())
    return cast("FaultRule", rule)


def _json(text: str) -> JSON:
    try:
        return cast("JSON", json.loads(text))
    except (ValueError, RecursionError):
        return text
