"""Read an HTTP answer of either surface into one shape."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from get3w_core._common.json import JsonValue, as_integer, as_object, as_text, parse_json
from get3w_core.api.web_pages import NOT_THE_API, THE_API, is_elsewhere, is_web_page, redirect_words
from get3w_core.errors.api import APIError
from get3w_core.errors.base import ResponseFormatError
from get3w_core.errors.printable import printable
from get3w_core.flow.backoff import retry_after
from get3w_core.flow.options import origin_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from get3w_core.flow.effects import HttpRequest, HttpResponse

_EXCERPT = 500
# What a site says to a path or a method that it does not have.
_MISSING = frozenset({404, 405})
# The id at the beginning of a prediction whose JSON breaks off later. Nothing nested may come
# before it, because that would have an id of its own.
_ID = re.compile(rb'\s*\{[^{}\[\]]*(?:"data"\s*:\s*\{[^{}\[\]]*)?"id"\s*:\s*"([!#-\[\]-~]{1,200})"')


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, judged by its HTTP status, or by its envelope's code where HTTP said 200.

    Attributes:
        status: The status that counts.
        data: What the envelope holds, or the flat body; of one that breaks off at most the id.
        message: The server's text, from `message` or `error`.
        code: The body's own `code`.
        retry_after: The seconds to wait that the server asked for.
        excerpt: The beginning of the body.
        details: What the server says of single fields, ready to follow the message.
        problem: Why the body cannot be used, if so.
        unrelated: Whether that is because it is about something else than was asked.
        web_page: Whether the whole answer is a web page.
        location: Where a redirect says that it leads.
    """

    status: int
    data: JsonValue = None
    message: str = ""
    code: int | None = None
    retry_after: float | None = None
    excerpt: str = ""
    details: str = ""
    problem: str | None = None
    unrelated: bool = False
    web_page: bool = False
    location: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the status says success."""
        return 200 <= self.status < 300


def read_answer(response: HttpResponse, wall_clock: Callable[[], float]) -> Answer:
    """Read *response*; whatever is wrong with it is in the result, never raised."""
    location = response.headers.get("location") if 300 <= response.status < 400 else None
    excerpt = response.body[: 4 * _EXCERPT].decode("utf-8", "replace")[:_EXCERPT]
    try:
        body = parse_json(response.body)
    except ValueError:
        page = response.problem is None and is_web_page(response)
        why = response.problem or f"the body is {'a web page' if page else 'not JSON'}"
        hint = retry_after(response.headers, None, wall_clock)
        seen = _ID.match(response.body[:4096])
        shown: JsonValue = {"id": seen[1].decode()} if seen else None
        return Answer(
            response.status,
            shown,
            retry_after=hint,
            excerpt=excerpt,
            problem=why,
            web_page=page,
            location=location,
        )
    data, enveloped = _unwrap(body)
    fields = as_object(body)
    code = as_integer(fields.get("code"))
    status, problem = response.status, response.problem
    if 200 <= status < 300 and enveloped and code is not None and not 200 <= code < 300:
        if 300 <= code < 600:
            status = code
        else:
            problem = f"HTTP {status} with code {code}"
    return Answer(
        status=status,
        data=data,
        message=as_text(fields.get("message")) or as_text(fields.get("error")) or "",
        code=code,
        retry_after=retry_after(response.headers, body, wall_clock),
        excerpt=excerpt,
        details=_details(fields.get("details")),
        problem=problem,
        location=location,
    )


def _details(value: JsonValue) -> str:
    """Return what an answer says of single fields, as far as it is in a form that we know.

    The contract documents none; the emulator says `[{"pointer", "message"}]`.
    """
    if not isinstance(value, list):
        return ""
    said = [
        f"{as_text(detail.get('pointer')) or 'body'}: {as_text(detail.get('message'))}"
        for detail in map(as_object, value[:5])
        if as_text(detail.get("message"))
    ]
    return "".join(f"\n  {printable(line)}" for line in said)


def _unwrap(body: JsonValue) -> tuple[JsonValue, bool]:
    """Tell an envelope from a flat body: on v1, `code` in a flat prediction is the task's."""
    if not isinstance(body, dict):
        return body, False
    data = body.get("data")
    if "id" in body and not (isinstance(data, dict) and "id" in data):
        return body, False
    return (data, True) if "data" in body else (body, True)


def error_of(
    answer: Answer, request: HttpRequest, *, hint: str | None = None
) -> APIError | ResponseFormatError:
    """Make the error for an answer that is no success or cannot be read."""
    where = f"{request.method} {request.shown_url}"
    if answer.ok:
        problem = answer.problem or "it does not hold what it should"
        words = f"cannot be used: {problem}"
        if answer.web_page:
            words = f"is {NOT_THE_API}{f'; {THE_API}' if request.authenticated else ''}"
        return ResponseFormatError(
            f"The answer to {where} {words}",
            body=answer.excerpt,
            status_code=answer.status,
            method=request.method,
            url=request.shown_url,
        )
    kind = APIError.of_status(answer.status)
    message = printable(answer.message or ("" if answer.web_page else answer.excerpt))
    if 300 <= answer.status < 400:
        words = redirect_words(answer.location, request)
        message = f"{printable(answer.message)}: {words}" if answer.message else words
    elif answer.web_page:
        message = "a web page, kept in error.body"
    if answer.web_page and answer.status in _MISSING and is_elsewhere(request):
        # Whatever was to be said of the model or the prediction, this server knows neither.
        message, hint = f"{NOT_THE_API}; {THE_API}", ""
    elif answer.location and request.authenticated:
        message = f"{message}; {THE_API}"
    elif answer.status == 401 and is_elsewhere(request):
        hint = (
            f"Check GET3W_API_KEY or api_key=: it has to be a key of {origin_of(request.url)}. An "
            "emulator takes the key that it printed when it started"
        )
    return kind(
        message + answer.details,
        status_code=answer.status,
        method=request.method,
        url=request.shown_url,
        body=answer.excerpt,
        code=answer.code,
        retry_after=answer.retry_after,
        hint=hint,
    )
