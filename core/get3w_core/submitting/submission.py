"""All that one submit needs before its files are uploaded, callables and caches included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from get3w_core._common.json import JsonValue
    from get3w_core.api.surface import Surface
    from get3w_core.files.upload_cache import UploadCache
    from get3w_core.reconciling.memory import SubmissionMemory
    from get3w_core.request.values.types import TimeoutTypes


@dataclass(frozen=True, slots=True)
class Submission:
    """One submit, before files are uploaded.

    Attributes:
        model_id: The model.
        documented: Whether Get3W's own documentation names it.
        surface: Where to submit.
        fields: The model's input by wire names; local files are still files.
        check: Raises `RequestValidationError` for an input that does not fit the schema.
        uploads: What this client has uploaded already.
        memory: What this client remembers of its submits.
        defaults: Returns the schema's defaults by wire names.
        webhook_url: The callback.
        extra_body: What the schema does not know, merged last.
        timeout: For each HTTP attempt.
    """

    model_id: str
    documented: bool
    surface: Surface
    fields: Mapping[str, object]
    check: Callable[[Mapping[str, object]], None]
    uploads: UploadCache
    memory: SubmissionMemory
    defaults: Callable[[], Mapping[str, JsonValue]]
    webhook_url: str | None = None
    extra_body: Mapping[str, object] | None = None
    timeout: TimeoutTypes | None = None
