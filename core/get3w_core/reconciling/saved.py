"""A submit whose outcome is unknown, as plain data that outlives the process."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import parse_qs, urlsplit

from get3w_core._common.arguments import check_text
from get3w_core._common.json import JsonValue, as_integer, as_number, as_object, as_text, parse_json
from get3w_core.errors.base import ConfigurationError, ResponseFormatError
from get3w_core.flow.options import SurfaceName, origin_of
from get3w_core.reconciling.inputs import CALLBACK_FIELD, schema_defaults, sketch_input
from get3w_core.webhooks.tokens import nonce_in

if TYPE_CHECKING:
    from get3w_core.api.submission import Submission
    from get3w_core.flow.effects import HttpRequest
    from get3w_core.request.base import ModelRequest

_FORMAT: Final = 1
_LATEST: Final = 2.0**36  # in the year 4147: a time that a calendar has


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSubmission:
    """What is known of a submit whose outcome is unknown; see `Client.reconcile`.

    It holds no API key, no callback address, and digests in place of files, of addresses with a
    query and of values whose names sound secret. The rest of the input, such as a prompt, is in it.

    Attributes:
        submission_id: Made up here, to tell this submit from others with the same input.
        model_id: The model.
        origin: The server.
        surface: The surface that was submitted on.
        sent_at: The Unix time of this machine when the last attempt began.
        ended_at: The Unix time when it was given up.
        input: What was sent, as far as it is shown.
        defaults: What the schema says of the parameters that were not sent.
        callback_nonce: The nonce in the callback address, if `callback_url` made that.
        prediction_id: The task that the answer named, if it named one.
    """

    submission_id: str
    model_id: str
    origin: str
    surface: SurfaceName
    sent_at: float
    ended_at: float
    input: dict[str, JsonValue] = field(repr=False, hash=False)
    defaults: dict[str, JsonValue] = field(
        default_factory=dict[str, JsonValue], repr=False, hash=False
    )
    callback_nonce: str | None = None
    prediction_id: str | None = None

    def to_json(self) -> str:
        """Return it as JSON, without the key; `from_json` reads it back."""
        return json.dumps({"saved_submission": _FORMAT, **asdict(self)}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` returned.

        Raises:
            ResponseFormatError: *text* is something else.
            ConfigurationError: *text* is no text.
        """
        check_text("A saved submission", text)
        try:
            saved = as_object(parse_json(text))
        except ValueError:
            saved = dict[str, JsonValue]()
        surface, origin = saved.get("surface"), as_text(saved.get("origin"))
        named: SurfaceName | None = "v3" if surface == "v3" else "v1" if surface == "v1" else None
        submission_id, model_id = (
            as_text(saved.get("submission_id")),
            as_text(saved.get("model_id")),
        )
        sent_at, ended_at = as_number(saved.get("sent_at")), as_number(saved.get("ended_at"))
        sent, defaults = saved.get("input"), saved.get("defaults")
        nonce, prediction_id = saved.get("callback_nonce"), saved.get("prediction_id")
        if (
            as_integer(saved.get("saved_submission")) != _FORMAT
            or saved.keys() != {"saved_submission", *(each.name for each in fields(cls))}
            or submission_id is None
            or model_id is None
            or named is None
            or origin is None
            or origin_of(origin) != origin
            or sent_at is None
            or ended_at is None
            or not 0 <= sent_at <= ended_at <= _LATEST
            or not isinstance(sent, dict)
            or not isinstance(defaults, dict)
            or not (nonce is None or (isinstance(nonce, str) and nonce))
            or not (prediction_id is None or (isinstance(prediction_id, str) and prediction_id))
        ):
            raise ResponseFormatError(
                "This is not the JSON of a saved submission; error.to_json() of a"
                " SubmitOutcomeUnknownError makes one"
            )
        return cls(
            submission_id=submission_id,
            model_id=model_id,
            origin=origin,
            surface=named,
            sent_at=sent_at,
            ended_at=ended_at,
            input=sent,
            defaults=defaults,
            callback_nonce=nonce,
            prediction_id=prediction_id,
        )


def saved_submission(
    submission: Submission,
    request: HttpRequest,
    prediction_id: str | None,
    *,
    origin: str,
    times: tuple[float, float],
) -> SavedSubmission:
    """Return what is known of a submit.

    Args:
        submission: The submit.
        request: What was sent.
        prediction_id: The task that its own answer named.
        origin: The server.
        times: When the last attempt began and ended, in Unix time.
    """
    sent = as_object(parse_json(request.body or b"{}"))
    # On v1 the callback is in the address, on v3 in the body.
    callback = parse_qs(urlsplit(request.url).query).get("webhook", [sent.get(CALLBACK_FIELD)])[0]
    filled_in = () if submission.defaults is None else submission.defaults().items()
    return SavedSubmission(
        submission_id=secrets.token_hex(16),
        model_id=submission.model_id,
        origin=origin,
        surface=submission.surface.name,
        sent_at=times[0],
        ended_at=max(times),
        input=sketch_input(sent),
        defaults=sketch_input({name: value for name, value in filled_in if name not in sent}),
        callback_nonce=nonce_in(callback) if isinstance(callback, str) else None,
        prediction_id=prediction_id,
    )


def planned_submission(
    request: ModelRequest, *, origin: str, surface: SurfaceName, times: tuple[float, float]
) -> SavedSubmission:
    """Return what is known of a submit of *request* that left neither an answer nor an error.

    Args:
        request: What was to be sent, with addresses in place of local files.
        origin: The server.
        surface: The surface that was submitted on.
        times: When it may have been sent first, and last, in Unix time.

    Raises:
        ConfigurationError: A local file is in it, so what was sent is not known.
    """
    from get3w_core.request.wire import pending_body, wire_body  # loads pydantic

    sent = wire_body(request)
    if pending_body(request) != sent:
        raise ConfigurationError(
            "The request holds a local file: upload it first, and make the request with the URL"
            " that client.upload(...) returns"
        )
    return SavedSubmission(
        submission_id=secrets.token_hex(16),
        model_id=request.__model__.model_id,
        origin=origin,
        surface=surface,
        sent_at=times[0],
        ended_at=max(times),
        input=sketch_input(sent),
        defaults=sketch_input(
            {name: value for name, value in schema_defaults(request).items() if name not in sent}
        ),
    )
