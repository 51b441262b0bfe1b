"""Hash a model id and its input, so that a repeated submission can be recognized."""

from __future__ import annotations

import hashlib
import json
from typing import Any, cast


def digest_of(model_id: str, body: dict[str, Any], extra: dict[str, Any]) -> str:
    """Return the digest of an input, in which files stand by their own digests.

    Names are in any order, and 1.0 is 1, as in JSON Schema.
    """
    text = json.dumps([model_id, _plain(body), _plain(extra)], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(each) for each in cast("list[object]", value)]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in cast("dict[str, object]", value).items()}
    return value
