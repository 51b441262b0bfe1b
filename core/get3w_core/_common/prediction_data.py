"""A prediction as plain data, read from whatever a server sends."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

from get3w_core._common.json import JsonValue, as_integer, as_number, as_object, as_text

PredictionStatus: TypeAlias = Literal[
    "created", "processing", "completed", "failed", "cancelled", "timeout"
]
"""The statuses that are known. A newer server may send others, which count as still running."""

COMPLETED: Final = "completed"
# [G] names completed and failed; [Wc] the sibling's server also ends tasks in the others.
FAILURES: Final = frozenset({"failed", "cancelled", "canceled", "timeout"})


@dataclass(frozen=True, slots=True)
class PredictionData:
    """What is known of a prediction; everything but id and status may be missing.

    Attributes:
        id: The id to ask with.
        status: The server's word, also one that this version does not know.
        model: The model id.
        outputs: URLs, texts or objects, once completed.
        error: The server's text, if the task failed.
        code: The task's error code; see `errors.TASK_CODE_HINTS`.
        timings: Durations by name; `inference` is in milliseconds.
        urls: Addresses by name; `get` is the one to poll.
        created_at: When the task was accepted, as the server wrote it.
        completed_at: When it ended, as the server wrote it.
        estimated_duration: The server's estimate (v1), seconds by magnitude.
    """

    id: str
    status: str
    model: str | None = None
    outputs: tuple[JsonValue, ...] = ()
    error: str | None = None
    code: int | None = None
    timings: dict[str, float] = field(default_factory=dict[str, float])
    urls: dict[str, str] = field(default_factory=dict[str, str])
    created_at: str | None = None
    completed_at: str | None = None
    estimated_duration: float | None = None

    @classmethod
    def read(cls, data: JsonValue) -> PredictionData | None:
        """Read a prediction leniently; None if *data* does not show an id and a status."""
        fields = as_object(data)
        identity, status = prediction_id_in(data), as_text(fields.get("status"))
        if identity is None or status is None:
            return None
        outputs = fields.get("outputs")
        timings = {k: as_number(v) for k, v in as_object(fields.get("timings")).items()}
        urls = {k: as_text(v) for k, v in as_object(fields.get("urls")).items()}
        return cls(
            id=identity,
            status=status,
            model=as_text(fields.get("model")),
            outputs=tuple(outputs) if isinstance(outputs, list) else (),
            error=as_text(fields.get("error")),
            code=as_integer(fields.get("code")),
            timings={name: value for name, value in timings.items() if value is not None},
            urls={name: value for name, value in urls.items() if value is not None},
            created_at=as_text(fields.get("created_at")),
            completed_at=as_text(fields.get("completed_at")),
            estimated_duration=as_number(fields.get("estimated_duration")),
        )

    @property
    def done(self) -> bool:
        """Whether the status is final; a status not known here is taken as still running."""
        return self.status.lower() == COMPLETED or self.failed

    @property
    def failed(self) -> bool:
        """Whether the status is one of failure."""
        return self.status.lower() in FAILURES

    def followed_by(self, newer: PredictionData) -> PredictionData:
        """Return *newer*, with what only this one knows: answers may leave out what was said."""
        return replace(
            newer,
            id=self.id,
            model=newer.model or self.model,
            urls=newer.urls or self.urls,
            created_at=newer.created_at or self.created_at,
            estimated_duration=(
                self.estimated_duration
                if newer.estimated_duration is None
                else newer.estimated_duration
            ),
        )

    def to_wire(self) -> dict[str, JsonValue]:
        """Return JSON data that `read` reads back as the same."""
        data = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            **data,
            "outputs": list(self.outputs),
            "timings": dict(self.timings),
            "urls": dict(self.urls),
        }


def prediction_id_in(data: JsonValue) -> str | None:
    """Return the id that *data* shows; a number is taken as its digits."""
    identity = as_object(data).get("id")
    number = as_integer(identity)
    return as_text(identity) if number is None else str(number)


def parse_time(text: str | None) -> datetime | None:
    """Read a timestamp of any precision (WaveSpeed sends nanoseconds); None if it is none."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
