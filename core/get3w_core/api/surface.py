"""The two surfaces of the API, v3 and v1: their paths, and what each wants in a submit.

[G] v3 (`/api/v3`) answers in envelopes and takes the callback in the body; v1 (`/v1`) answers flat
and takes it in the query. Only submit and result exist on v1; everything else is v3's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from get3w_core._common.arguments import check_surface, check_text
from get3w_core.errors.base import ResponseFormatError
from get3w_core.flow.options import SurfaceName, origin_of

if TYPE_CHECKING:
    from get3w_core._common.json import JsonValue


@dataclass(frozen=True, slots=True)
class Surface:
    """How one surface differs from the other.

    Attributes:
        name: Its name.
        base: The path in front of model ids.
        results: The path in front of prediction ids.
        result_suffix: The documented second path of a result, where there is one.
        webhook_in_query: Whether the callback goes into the query.
        sync_in_query: Whether a submit can ask by its query to be answered with the result.
    """

    name: SurfaceName
    base: str
    results: str
    result_suffix: str
    webhook_in_query: bool
    sync_in_query: bool

    def submit_url(
        self, origin: str, model_id: str, webhook_url: str | None, *, sync: bool = False
    ) -> str:
        """Return where to submit; the slashes of a model id stay slashes."""
        url = f"{origin}{self.base}/{_model_path(model_id)}"
        query: dict[str, str] = {}
        if sync and self.sync_in_query:
            query["sync"] = "true"
        if webhook_url is not None and self.webhook_in_query:
            query["webhook"] = webhook_url
        return f"{url}?{urlencode(query, errors='replace')}" if query else url

    def submit_fields(self, webhook_url: str | None) -> dict[str, JsonValue]:
        """Return what a submit's body holds beside the model's input."""
        if webhook_url is None or self.webhook_in_query:
            return {}
        return {"webhook_url": webhook_url}

    def result_url(self, origin: str, prediction_id: str) -> str:
        """Return the address of a prediction."""
        return f"{origin}{self.results}/{safe_segment(prediction_id, 'prediction id')}"

    def poll_url(self, origin: str, prediction_id: str, told: str | None) -> str:
        """Return what the server told to poll, if it is on *origin*, else the built address.

        The key goes with a poll, so an address elsewhere is not followed.
        """
        if told is not None and origin_of(told) == origin:
            return told
        return self.result_url(origin, prediction_id)


_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")

_V3: Final = Surface(
    *("v3", "/api/v3", "/api/v3/predictions", "/result"),
    webhook_in_query=False,
    sync_in_query=False,
)
_V1: Final = Surface(*("v1", "/v1", "/v1/requests", ""), webhook_in_query=True, sync_in_query=True)
SURFACES: Final[dict[SurfaceName, Surface]] = {"v3": _V3, "v1": _V1}


def choose(*preferences: SurfaceName | None) -> Surface:
    """Return the first surface that is named, else v3.

    Raises:
        ConfigurationError: A name is none of a surface.
    """
    for name in preferences:
        check_surface(name)
        if name is not None:
            return SURFACES[name]
    return _V3


def v3_url(origin: str, path: str, **query: str | int | None) -> str:
    """Return the address of an endpoint that only v3 has."""
    given = {name: value for name, value in query.items() if value is not None}
    return f"{origin}{_V3.base}/{path}" + (
        f"?{urlencode(given, errors='replace')}" if given else ""
    )


# Programs submit to few models, and quoting takes its time.
@lru_cache(maxsize=128)
def _model_path(model_id: str) -> str:
    return "/".join(safe_segment(segment, "model id") for segment in model_id.split("/"))


def safe_segment(text: str, what: str) -> str:
    """Quote *text* as one segment of a path.

    Raises:
        ConfigurationError: It is no text.
        ResponseFormatError: It would climb out of its place, reads as an option of a command, or
            is empty.
    """
    check_text(f"A {what}", text)
    if text in {"", ".", ".."} or text.startswith("-") or _CONTROL.search(text):
        raise ResponseFormatError(f"{text!r} cannot be (part of) a {what}")
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        raise ResponseFormatError(f"{text!r} cannot be (part of) a {what}") from None
