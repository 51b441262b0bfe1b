"""Ask the server which tasks it has on record, in a bounded number of requests."""

from __future__ import annotations

import json
import math
from collections import deque
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from get3w_core._common.json import as_object
from get3w_core._common.prediction_data import PredictionData, parse_time
from get3w_core.api.account import Billings, read_billings
from get3w_core.api.answers import error_of
from get3w_core.api.read import Subject, about, read
from get3w_core.api.surface import SURFACES, v3_url
from get3w_core.errors.api import APIError, AuthenticationError
from get3w_core.errors.base import ResponseFormatError
from get3w_core.flow.backoff import http_time
from get3w_core.flow.effects import HttpRequest
from get3w_core.reconciling.inputs import sketch_input
from get3w_core.reconciling.memory import SeenTask
from get3w_core.reconciling.pages import MOST_PAGES, PER_PAGE, BillingPages, EndWatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from get3w_core._common.json import JsonValue
    from get3w_core.api.answers import Answer
    from get3w_core.flow.context import Context
    from get3w_core.flow.effects import Flow
    from get3w_core.reconciling.memory import SubmissionMemory
    from get3w_core.reconciling.saved import SavedSubmission

BILLINGS: Final = "GET /api/v3/billings"
HISTORY: Final = "POST /api/v3/predictions"  # [W]
# How many predictions one call reads; those that this client has seen before are not read.
MOST_READS: Final = 500

# A server behind a gateway that has given up may accept a task a little later.
_LATE: Final = 60.0
# By how much times may differ: where the server's Date header is known, and where it is not.
_TOLERANCE: Final = 5.0
_TOLERANCE_WITHOUT_DATE: Final = 120.0
# How much earlier than the submit was sent a task of its own may seem to be.
_SLACK: Final = 0.25
_MOST_OFFSET: Final = 20 * 365 * 86_400.0  # a date that is further off is no clock's
_NOT_THERE: Final = frozenset({404, 405, 410, 501})


@dataclass(frozen=True, slots=True)
class Window:
    """The Unix times, by the server's clock, between which a submit was accepted if it was.

    Attributes:
        begin: The earliest time that the clocks allow.
        sent: When it was sent; what was accepted before is more likely another submit's.
        end: The latest time.
    """

    begin: float
    sent: float
    end: float

    def is_early(self, created: float) -> bool:
        """Tell whether a task was there before the submit was sent, as far as can be seen."""
        # Some servers write whole seconds.
        return created < self.sent - (_SLACK if created % 1 else 1 + _SLACK)


class RecordReader:
    """Reads the records that may show the task of one submit.

    Attributes:
        requests: How many requests were made, retries not counted.
        asked: The endpoints that answered.
        missing: The endpoints that the server does not have.
        limits: The bounds that cut the last look short.
    """

    def __init__(self, ctx: Context, submission: SavedSubmission, memory: SubmissionMemory) -> None:
        self._ctx = ctx
        self._submission = submission
        self._memory = memory
        self._reads = 0
        self._clock_offset: float | None = None
        self._data: dict[str, PredictionData] = {}
        self.requests: int = 0
        self.asked: set[str] = set()
        self.missing: set[str] = set()
        self.limits: set[str] = set()

    def window(self, submission: SavedSubmission) -> Window:
        """Return when *submission* was accepted if it was, by the server's clock."""
        offset = self._clock_offset
        early, late = _TOLERANCE, _LATE
        if offset is None:
            offset, early, late = 0.0, _TOLERANCE_WITHOUT_DATE, _TOLERANCE_WITHOUT_DATE
        sent = submission.sent_at + offset
        return Window(sent - early, sent, submission.ended_at + offset + late)

    def billed(self) -> Flow[list[SeenTask]]:
        """Return the tasks that the billings name since the submit."""
        pages = BillingPages(self.window(self._submission).begin)
        wanted = pages.numbers()
        number: int | None = next(wanted)
        while number is not None:
            page = yield from self._billing_page(number)
            try:
                number = wanted.send(page)
            except StopIteration:
                number = None
        if pages.cut_short:
            self.limits.add(f"{MOST_PAGES} pages of billings")
        named = pages.tasks(self._submission.model_id)
        tasks = yield from self._tasks_from_both_ends(list(named))
        return [replace(task, model=task.model or named[task.id]) for task in tasks]

    def history(self) -> Flow[list[SeenTask]]:
        """Return the tasks in WaveSpeed's history, which is newest first."""
        window, tasks = self.window(self._submission), list[SeenTask]()
        for number in range(1, MOST_PAGES + 1):
            items = yield from self._history_page(number, window)
            oldest = -math.inf
            for item in items:
                task = yield from self._history_task(item)
                if task is not None:
                    tasks.append(task)
                    oldest = task.created or oldest
            if len(items) < PER_PAGE or -math.inf < oldest < window.begin:
                return tasks
        self.limits.add(f"{MOST_PAGES} pages of history")
        return tasks

    def task(self, prediction_id: str) -> Flow[SeenTask | None]:
        """Return a task as the server shows it; None if it does not know it."""
        known = self._memory.seen(prediction_id)
        if known is not None:
            return known
        if self._reads >= MOST_READS:
            self.limits.add(f"{MOST_READS} predictions")
            return None
        self._reads += 1
        shown = yield from self._read(prediction_id)
        if shown is None:
            return None
        data, fields = shown
        self._data[data.id] = data
        task = _seen(data, fields)
        self._memory.see(task)
        return task

    def present_states(self, tasks: list[SeenTask]) -> Flow[list[PredictionData]]:
        """Return tasks as plain data, read in this call."""
        for task in tasks:
            if task.id not in self._data:
                shown = yield from self._read(task.id)
                # One that was deleted meanwhile still has its id.
                gone = PredictionData(task.id, "unknown", task.model)
                self._data[task.id] = gone if shown is None else shown[0]
        return [self._data[task.id] for task in tasks]

    def _tasks_from_both_ends(self, ids: list[str]) -> Flow[list[SeenTask]]:
        since = self.window(self._submission).begin
        left = deque(each for each in ids if not self._memory.is_taken(each, self._submission))
        ends = deque([(left.pop, EndWatch(since)), (left.popleft, EndWatch(since))])
        found: dict[str, SeenTask] = {}
        while left and ends:
            take, watch = ends.popleft()
            task = yield from self.task(take())
            if task is not None:
                found[task.id] = task
                watch.note(task.created)
            if not watch.over:
                ends.append((take, watch))
        return [found[each] for each in ids if each in found]

    def _billing_page(self, number: int) -> Flow[Billings]:
        url = v3_url(
            self._submission.origin, "billings", page=number, per_page=PER_PAGE, type="usage"
        )
        request = HttpRequest("GET", url)
        answer = yield from self._ask(BILLINGS, request, documented=True)
        if answer is None:
            return Billings((), None, None, None)
        problem = None
        try:
            page = read_billings(answer.data, number)
        except ValueError as error:
            page, problem = None, str(error)
        if page is None:
            raise error_of(replace(answer, problem=problem), request)
        return page

    def _history_page(self, number: int, window: Window) -> Flow[list[JsonValue]]:
        body: dict[str, JsonValue] = {
            "page": number,
            "page_size": PER_PAGE,
            "model": self._submission.model_id,
            "created_after": _timestamp(window.begin),
            "created_before": _timestamp(window.end),
            "include_inputs": True,
        }
        url = v3_url(self._submission.origin, "predictions")
        request = HttpRequest("POST", url, body=json.dumps(body).encode())
        answer = yield from self._ask(HISTORY, request, documented=False)
        items = None if answer is None else as_object(answer.data).get("items")
        return items if isinstance(items, list) else []

    def _history_task(self, item: JsonValue) -> Flow[SeenTask | None]:
        data = PredictionData.read(item)
        if data is None or self._memory.is_taken(data.id, self._submission):
            return None
        task = _seen(data, as_object(item))
        return task if task.complete else (yield from self.task(data.id))

    def _ask(self, endpoint: str, request: HttpRequest, *, documented: bool) -> Flow[Answer | None]:
        """Send *request*; None if the server does not have the endpoint.

        To a path that it does not document, a server may answer any error; that one is no reason
        to end the search.
        """
        if endpoint in self.missing or self._memory.is_missing(endpoint):
            self.missing.add(endpoint)
            return None
        self.requests += 1
        try:
            answer, headers = yield from read(self._ctx, request)
        except AuthenticationError:
            raise
        except (APIError, ResponseFormatError) as error:
            gone = error.status_code in _NOT_THERE
            if documented and not gone:
                raise
            self.missing.add(endpoint)
            if gone:
                self._memory.miss(endpoint)
            return None
        self.asked.add(endpoint)
        self._note_clock(headers)
        return answer

    def _read(
        self, prediction_id: str
    ) -> Flow[tuple[PredictionData, Mapping[str, JsonValue]] | None]:
        submission = self._submission
        subject = Subject(prediction_id, submission.model_id)
        try:
            url = SURFACES[submission.surface].result_url(submission.origin, prediction_id)
            self.requests += 1
            asking = read(self._ctx, HttpRequest("GET", url), subject=subject)
            answer, headers = yield from about(prediction_id, asking)
        except ResponseFormatError:
            return None  # no answer about this task; or an id that fits in no path
        except APIError as error:
            if error.status_code not in _NOT_THERE:
                raise
            return None
        self._note_clock(headers)
        data = PredictionData.read(answer.data)
        if data is None or data.id != prediction_id:
            return None
        return data, as_object(answer.data)

    def _note_clock(self, headers: Mapping[str, str]) -> None:
        there = http_time(headers.get("date", ""))
        if there is None:
            return
        offset = there - self._ctx.wall_clock()
        if abs(offset) < _MOST_OFFSET:
            # A header tells whole seconds, so the latest it can be is the closest.
            known = self._clock_offset
            self._clock_offset = offset if known is None else max(known, offset)


def _seen(data: PredictionData, fields: Mapping[str, JsonValue]) -> SeenTask:
    shown = fields.get("input")
    if not isinstance(shown, dict):
        shown = fields.get("inputs")  # [W]
    moment = parse_time(data.created_at)
    return SeenTask(
        id=data.id,
        model=data.model,
        created=None if moment is None else moment.timestamp(),
        input=sketch_input(shown) if isinstance(shown, dict) else None,
    )


def _timestamp(moment: float) -> str:
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
