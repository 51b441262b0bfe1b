"""The wording of the API's answers: envelopes and error texts of its two surfaces."""

import http.client
import json
from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from starlette.responses import Response

from get3w_emulator._common.json import JSON, JSONObject
from get3w_emulator._common.problems import Problem

Surface: TypeAlias = Literal["v3", "v1"]
"""Which of the two shapes an answer has."""

MISSING_AUTHORIZATION = "Missing Authorization header"
MALFORMED_AUTHORIZATION = "Invalid Authorization format, expected: Bearer <api_key>"
UNKNOWN_KEY = "Invalid or revoked API key"

_TEXTS = {
    400: "Invalid parameters",
    401: UNKNOWN_KEY,
    403: "Insufficient balance",
    404: "Not found",
    405: "Method not allowed",
    413: "File too large",
    429: "Rate limit exceeded",
    500: "Server error",
}


class ApiError(Exception):
    """A call that is answered with an error.

    Args:
        status: The HTTP status.
        message: The text; None is the documented text of the status.
        problems: What exactly is wrong with the call.
        headers: Headers of the answer.
    """

    def __init__(
        self,
        status: int,
        message: str | None = None,
        *,
        problems: Iterable[Problem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.message = message or error_text(status)
        self.problems = list(problems)
        self.headers = headers
        super().__init__(self.message)


def error_text(status: int) -> str:
    """Return the text that goes with an HTTP status."""
    return _TEXTS.get(status) or http.client.responses.get(status, "Error")


def surface_of(path: str) -> Surface:
    """Tell from its path which surface a call is made on; v3 unless it is plainly v1."""
    return "v1" if path == "/v1" or path.startswith("/v1/") else "v3"


def error_body(surface: Surface, status: int, message: str) -> JSONObject:
    """Return the body of an error answer."""
    if surface == "v1":
        return {"code": status, "error": message}
    return {"code": status, "message": message, "data": None}


def json_response(
    content: JSON, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with JSON.

    It is written in ASCII, so that text that is no valid Unicode goes back as it came.
    """
    body = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
    return Response(body, status, headers, "application/json")


def success(surface: Surface, data: JSON) -> Response:
    """Answer a call that worked: in an envelope on v3, flat on v1."""
    if surface == "v1":
        return json_response(data)
    return json_response({"code": 200, "message": "success", "data": data})


def failure(surface: Surface, error: ApiError) -> Response:
    """Answer a call that did not work.

    The text stays the documented one; what exactly is wrong stands beside it, in `details`.
    """
    body = error_body(surface, error.status, error.message)
    if error.problems:
        body["details"] = [{**vars(problem)} for problem in error.problems]
    return json_response(body, error.status, error.headers)
