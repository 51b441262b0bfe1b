"""The matrix: what happens to a submit, and what has to come of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from get3w_core import (
    APIError,
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    SubmitOutcomeUnknownError,
)

from . import faults as f

ACCEPTED = "accepted"
UNSENT = "unsent"
REFUSED = "refused"
REJECTED = "rejected"
UNKNOWN = "unknown"

SHORT = 0.3  # for what is sure to end in a timeout
LONG = 8.0  # for what is not to
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """One row.

    Attributes:
        what: What happens, in words.
        verdict: What the attempt that it happens to comes to.
        faults: The script of the line.
        ends: The class of the error, exactly; None is success.
        posts: How many whole POSTs the proxy sees.
        tasks: How many tasks the server's ledger holds.
        named: Whether the error names the task.
        timeout: The client's, for each attempt.
        deadline: The client's, for the whole submit.
        pause: What lies between the first two POSTs at least.
        retry_after: The attribute of the error.
        port: `shut`, `deaf`, or the seconds after which it opens.
    """

    what: str
    verdict: str
    faults: tuple = ()
    ends: type | None = None
    posts: int = 1
    tasks: int = 0
    named: bool = False
    timeout: float = LONG
    deadline: float = LONG
    pause: float = 0.0
    retry_after: float | None = None
    port: str | float | None = None


def unsent(what, *, port, ends=None, **more):
    done = ends is None
    return Case(what, UNSENT, ends=ends, posts=int(done), tasks=int(done), port=port, **more)


def refused(what, *faults, **more):
    """It is sent again until it is accepted."""
    many = len(faults) + 1
    return Case(what, REFUSED, faults, **{"posts": many, "tasks": 1, **more})


def given_up(what, *faults, ends=RateLimitError, **more):
    """It would be sent again, if the deadline allowed it."""
    return Case(what, REFUSED, faults, ends, **more)


def rejected(what, fault, ends, **more):
    return Case(what, REJECTED, (fault,), ends, **more)


def lost(what, fault, **more):
    """The server never got it, which the client cannot know."""
    return Case(what, UNKNOWN, (fault,), SubmitOutcomeUnknownError, **more)


def taken(what, fault, **more):
    """The server accepted it, which the client cannot know."""
    return Case(what, UNKNOWN, (fault,), SubmitOutcomeUnknownError, **{"tasks": 1, **more})


def accepted(what, *faults, **more):
    return Case(what, ACCEPTED, faults, tasks=1, **more)


def told(value):
    return [("retry-after", value)]


def at(seconds):
    """A Retry-After as a date, beside the server's own clock."""
    then = format_datetime(NOON + timedelta(seconds=seconds), usegmt=True)
    return [("date", format_datetime(NOON, usegmt=True)), ("retry-after", then)]


HTML = b"<html><body>Bad gateway</body></html>"
HTML_TYPE = [("content-type", "text/html")]
BOMB = f.bomb(100)
GZIP = [("content-encoding", "gzip")]

CASES = [
    # The connection.
    unsent("the port refuses connections", port="shut", ends=ConnectionFailedError, deadline=SHORT),
    unsent("the port refuses connections at first", port=0.2),
    unsent(
        "the connection is not answered",
        port="deaf",
        ends=ConnectionFailedError,
        timeout=SHORT,
        deadline=0.5,
    ),
    lost("reset before the request was read", f.RESET_AT_FIRST_BYTE, posts=0),
    lost("closed before the request was read", f.CLOSE_AT_FIRST_BYTE, posts=0),
    lost("reset after the request, before the server had it", f.RESET_BEFORE_SERVER),
    lost("closed after the request, before the server had it", f.CLOSE_BEFORE_SERVER),
    lost("no answer, and the server never had it", f.STALL_BEFORE_SERVER, timeout=SHORT),
    taken("reset after the server accepted", f.RESET_AFTER_SERVER),
    taken("closed after the server accepted", f.CLOSE_AFTER_SERVER),
    taken("no answer, and the server accepted", f.STALL_AFTER_SERVER, timeout=SHORT),
    # The answer breaks off.
    taken("headers stall", f.cut("head", "stall"), timeout=SHORT),
    taken("headers that come byte by byte", f.DRIBBLED_HEAD, timeout=SHORT),
    taken("headers end in a reset", f.cut("head", "reset")),
    taken("headers end in a close", f.cut("head", "close")),
    taken("the body stalls", f.cut("body", "stall"), timeout=SHORT, named=True),
    taken("the body ends in a reset", f.cut("body", "reset"), named=True),
    taken("the body ends in a close", f.cut("body", "close"), named=True),
    taken("content-length is larger than the body", f.length_off_by(10), named=True),
    taken("content-length is smaller than the body", f.length_off_by(-10), named=True),
    taken("chunks without an end", f.CHUNKS_WITHOUT_END, named=True),
    taken("a body without an end", f.ENDLESS_BODY, timeout=SHORT),
    taken("a body that comes byte by byte", f.DRIBBLED_BODY, timeout=SHORT),
    # All variants unpack it at once, which takes a busy machine longer than the usual deadline.
    taken("a gzip bomb", f.changed(BOMB, GZIP), timeout=25.0, deadline=25.0),
    taken("a body that is said to be gzip and is not", f.changed(None, GZIP)),
    taken("gzip that breaks off", f.changed(lambda body: f.zipped(body)[:12], GZIP)),
    # The answer makes no sense.
    taken("malformed JSON", f.changed(lambda body: body[:-1] + b","), named=True),
    taken("JSON nested 100,000 deep", f.changed(b"[" * 100_000)),
    taken("a list", f.changed(b"[1, 2]")),
    taken("a string", f.changed(b'"accepted"')),
    taken("null", f.changed(b"null")),
    taken("a number", f.changed(b"7")),
    taken("an empty object", f.changed(b"{}")),
    taken("`data` is a list", f.changed(b'{"code":200,"message":"success","data":["p"]}')),
    taken("no id", f.edited(id=...)),
    taken("the id is null", f.edited(id=None)),
    taken("the id is empty", f.edited(id="")),
    taken("the id is a list", f.edited(id=["p"])),
    taken("the id is an object", f.edited(id={"id": "p"})),
    taken("no status", f.edited(status=...), named=True),
    taken("the status is a number", f.edited(status=3), named=True),
    taken("HTML with 200", f.changed(HTML, HTML_TYPE)),
    taken("an empty 200", f.changed(b"")),
    taken("204", f.changed(b"", status=204)),
    taken("headers of 200 kB", f.changed(headers=[("x-long", "x" * 200_000)])),
    lost("garbage instead of HTTP", f.says(b"\x16\x03\x01\x00garbage\r\n\r\n")),
    lost("HTTP/2 instead of HTTP/1.1", f.says(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" * 3)),
    taken("two lengths that differ", f.changed(headers=[("content-length", "5")], sized=True)),
    taken("content-length: abc", f.length_of("abc")),
    taken("content-length: -1", f.length_of("-1")),
    taken("a chunk size that is none", f.chunked(b"xyz\r\n{}\r\n0\r\n\r\n")),
    taken("a header without a colon", f.changed(raw=b"what is this\r\n")),
    taken("a header name with a blank", f.changed(raw=b"x y: z\r\n")),
    taken("transfer-encoding: gzip", f.chunked(b"0\r\n\r\n", "gzip")),
    lost("status 20O", f.says(b"HTTP/1.1 20O OK\r\ncontent-length: 2\r\n\r\n{}")),
    lost("status 99", f.says(b"HTTP/1.1 99 OK\r\ncontent-length: 2\r\n\r\n{}")),
    lost("HTTP/3.0 200", f.says(b"HTTP/3.0 200 OK\r\ncontent-length: 2\r\n\r\n{}")),
    lost("304", f.says(b"HTTP/1.1 304 Not Modified\r\n\r\n")),
    lost("101 without having been asked", f.says(b"HTTP/1.1 101 Switching\r\n\r\n")),
    lost("a body after status 999", f.answers(999, b"what?")),
    # An error status beside a task that was accepted.
    taken("429 that shows a prediction", f.changed(status=429), named=True),
    taken("429 in the body that shows a prediction", f.recoded(429), named=True),
    taken(
        "503 with Retry-After that shows a prediction",
        f.changed(status=503, headers=told("0.1")),
        named=True,
    ),
    taken("429 that breaks off", f.changed(lambda body: body[:-1], status=429), named=True),
    taken("400 that shows a prediction", f.changed(status=400), named=True),
    taken("500 that shows a prediction", f.changed(status=500), named=True),
    # 429: a refusal.
    refused("429 without a hint", f.answers(429), pause=0.5),
    refused("429 and a connection that closes", f.answers(429, closing=True), pause=0.5),
    refused("429 that is HTML", f.answers(429, HTML, HTML_TYPE), pause=0.5),
    refused("429 with Retry-After: 0", f.answers(429, headers=told("0")), pause=0.1),
    refused("429 with Retry-After: 0.3", f.answers(429, headers=told("0.3")), pause=0.3),
    refused("429 with Retry-After: -5", f.answers(429, headers=told("-5")), pause=0.1),
    refused("429 with Retry-After: soon", f.answers(429, headers=told("soon")), pause=0.5),
    refused("429 with Retry-After: nan", f.answers(429, headers=told("nan")), pause=0.5),
    refused("429 with a date in the past", f.answers(429, headers=at(-60)), pause=0.1),
    refused("429 with `retry_after` in the body", f.answers(429, retry_after=0.3), pause=0.3),
    refused("429 in the envelope of HTTP 200", f.envelope(429, retry_after=0.3), pause=0.3),
    refused("429 before the body was read", f.answers_early(429, told("0.2")), pause=0.2),
    refused("429 three times", *[f.answers(429, headers=told("0.15"))] * 3, pause=0.15),
    given_up(
        "429 until the deadline",
        *[f.answers(429, headers=told("0.3"))] * 9,
        posts=2,
        deadline=0.5,
        retry_after=0.3,
    ),
    given_up(
        "429 with a hint beyond the deadline",
        f.answers(429, headers=told("86400")),
        retry_after=86400,
    ),
    given_up("429 with a date beyond the deadline", f.answers(429, headers=at(60)), retry_after=60),
    # 5xx.
    refused("503 with Retry-After: 0.2", f.answers(503, headers=told("0.2")), pause=0.2),
    refused("503 with a date in the past", f.answers(503, headers=at(-60)), pause=0.1),
    refused("503 with `retry_after` in the body", f.answers(503, retry_after=0.2), pause=0.2),
    refused("503 that is HTML, with Retry-After", f.answers(503, HTML, told("0.2")), pause=0.2),
    given_up(
        "503 with a hint beyond the deadline",
        f.answers(503, headers=told("3600")),
        ends=ServerError,
        retry_after=3600,
    ),
    lost("503 without a hint", f.answers(503)),
    lost("503 with Retry-After: soon", f.answers(503, headers=told("soon"))),
    lost("500", f.answers(500)),
    lost("500 with Retry-After", f.answers(500, headers=told("0.2"))),
    taken("500 after the server accepted", f.changed(f.error_body("v3", 500), status=500)),
    lost("502 that is HTML", f.answers(502, HTML, HTML_TYPE)),
    lost("502 with Retry-After", f.answers(502, HTML, told("0.2"))),
    lost("504", f.answers(504, HTML, HTML_TYPE)),
    lost("504 with Retry-After", f.answers(504, headers=told("0.2"))),
    lost("500 in the envelope of HTTP 200", f.envelope(500)),
    lost("code 5004 without a task", f.envelope(5004)),
    # 4xx: a definite no.
    rejected("400", f.answers(400), BadRequestError),
    rejected("401", f.answers(401), AuthenticationError),
    rejected("403", f.answers(403), PermissionDeniedError),
    rejected("404 that is HTML", f.answers(404, HTML, HTML_TYPE), NotFoundError),
    rejected("408", f.answers(408), APIError),
    rejected("409", f.answers(409), APIError),
    rejected("413", f.answers(413, b""), APIError),
    rejected("413 before the body was read", f.answers_early(413), APIError),
    rejected("422", f.answers(422), APIError),
    rejected(
        "400 with Retry-After",
        f.answers(400, headers=told("0.2")),
        BadRequestError,
        retry_after=0.2,
    ),
    rejected("400 in the envelope of HTTP 200", f.envelope(400), BadRequestError),
    # Redirects are not followed; those to another host have a test of their own.
    lost("301 to the same host", f.answers(301, b"", [("location", "/api/v3/elsewhere")])),
    lost("303 to the same host", f.answers(303, b"", [("location", "/api/v3/elsewhere")])),
    lost("307 to the same address", f.answers(307, b"", [("location", "/api/v3/get3w/flux-dev")])),
    lost("308 without a location", f.answers(308, b"")),
    # Strange, and yet an acceptance.
    accepted("nothing"),
    accepted("100 Continue first", f.changed(ahead=b"HTTP/1.1 100 Continue\r\n\r\n")),
    accepted("103 first, five times", f.changed(ahead=b"HTTP/1.1 103 Hints\r\na: b\r\n\r\n" * 5)),
    accepted("a status without words", f.changed(status="200 ")),
    accepted("a header on two lines", f.changed(raw=b"x-folded: a\r\n b\r\n")),
    accepted("201", f.changed(status=201)),
    accepted("202", f.changed(status=202)),
    accepted("chunks", f.CHUNKED),
    accepted("no content-length", f.WITHOUT_LENGTH),
    accepted("gzip", f.changed(f.zipped, GZIP)),
    accepted("JSON that is called HTML", f.changed(headers=HTML_TYPE)),
    accepted("JSON behind a byte order mark", f.changed(lambda body: b"\xef\xbb\xbf" + body)),
    accepted("headers of 50 kB", f.changed(headers=[("x-long", "x" * 50_000)])),
    accepted("unknown fields and types", f.edited(outputs=7, urls=[], timings="", error=None, x=1)),
    accepted("an unknown status", f.edited(status="queued")),
    accepted("the connection closes after the answer", f.then_closes()),
]
