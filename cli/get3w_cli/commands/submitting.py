"""Submit a prepared input, recorded on disk first; `--once` finds an earlier submission."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from get3w_cli._common.exits import CommandError, UsageError
from get3w_cli.commands.context import Context
from get3w_cli.commands.prepared import Prepared
from get3w_cli.commands.taking_up import take_up
from get3w_cli.history import store
from get3w_cli.history.digests import digest_of
from get3w_cli.history.store import History, Submission
from get3w_cli.inputs.files import local_files, with_digests, with_urls
from get3w_cli.inputs.requests import refusal

if TYPE_CHECKING:
    from get3w_core import Event, Prediction


class Interrupted(CommandError):  # noqa: N818 - it is no error
    """Ctrl-C, with words on what goes on."""

    status = 130
    code = "interrupted"


class _Record:
    """Notes what becomes of a submission: on stderr, and in the history where there is one."""

    def __init__(self, context: Context, history: History | None) -> None:
        self._context = context
        self._history = history
        self.submission: Submission | None = None
        self.sending = False
        self.certain = False
        self.prediction_id: str | None = None

    def on_event(self, event: Event) -> None:
        """Note the end of a submit as soon as it is known, whatever becomes of this process."""
        from get3w_core import SubmitFailed, SubmitOutcomeUnknownError, Submitted

        printer = self._context.printer
        match event:
            case Submitted():
                self.prediction_id = event.prediction_id
                printer.note(
                    "submitted",
                    f"Submitted: {event.prediction_id}",
                    prediction_id=event.prediction_id,
                    model=event.model,
                )
                self.note(store.ACCEPTED, prediction_id=event.prediction_id, status=event.status)
            case SubmitFailed(error=SubmitOutcomeUnknownError() as error):
                saved = None if error.submission is None else error.to_json()
                self.note(store.UNKNOWN, **({"saved": saved} if saved else {}))
            case SubmitFailed():
                self.certain = True
                self.note(store.REFUSED)
            case _:
                pass

    def note(self, state: str, **columns: str | None) -> None:
        """Write to the history; that this is not possible ends nothing."""
        if self._history is None or self.submission is None:
            return
        try:
            self._history.note(self.submission, state, **columns)
        except CommandError as error:
            self._context.printer.note("warning", error.message)

    @property
    def row(self) -> int | None:
        """The number of the submission in the history."""
        return None if self.submission is None else self.submission.row


def submit(context: Context, prepared: Prepared) -> Prediction:
    """Return the task of an input: submitted now, or with `--once` the one that is there.

    Raises:
        CommandError: Nothing was sent, or what was sent before is of unknown outcome.
        Get3WError: The submit ended without a task.
    """
    from get3w_core import RequestValidationError

    options = prepared.options
    once = options.once is not None
    if once and options.no_history:
        raise UsageError("--once needs the history, so --no-history cannot stand beside it")
    history = None
    if not options.no_history:
        history = context.history() if once else context.history_if_usable()
    record = _Record(context, history)
    client = context.client(record.on_event)
    webhook_url: str | None = options.webhook_url
    extra = prepared.extra or None
    try:
        # All that can be checked is, before a file is uploaded.
        client.describe_submit(prepared.request(), webhook_url=webhook_url, extra_body=extra)
    except RequestValidationError as error:
        raise refusal(prepared.model, error, prepared.parameters) from None
    if history is not None:
        digest = digest_of(prepared.model.id, with_digests(prepared.body), prepared.extra)
        row, ours = history.claim(
            origin=client.base_url,
            folder=str(Path.cwd()),
            model=prepared.model.id,
            digest=digest,
            name=options.once or None,
            once=once,
            price=prepared.facts.price,
        )
        if not ours:
            if row.digest != digest:
                context.printer.note(
                    "warning",
                    f"{options.once!r} was submitted with another input ({row.model}); that"
                    " task is used, and this input is not sent",
                )
            return take_up(context, row)
        record.submission = row
    try:
        return _send(context, prepared, record)
    except KeyboardInterrupt:
        raise Interrupted(_words(record), prediction_id=record.prediction_id) from None
    except BaseException:
        if not record.sending:
            record.note(store.REFUSED)
        raise


def _send(context: Context, prepared: Prepared, record: _Record) -> Prediction:
    from get3w_core import LocalFileError

    client, options = context.client(), prepared.options
    urls: dict[Path, str] = {}
    for path in local_files(prepared.body):
        context.printer.note("uploading", f"Uploading {path}", path=str(path))
        try:
            urls[path] = client.upload(path)
        except LocalFileError as error:
            raise UsageError(f"{error} Nothing was submitted") from None
    request = prepared.request(with_urls(prepared.body, urls))
    webhook_url, extra = options.webhook_url, prepared.extra or None
    saved = client.describe_submit(request, webhook_url=webhook_url, extra_body=extra)
    if record.submission is not None:
        context.history().begin_sending(record.submission, saved.to_json())
    record.sending = True
    prediction = client.submit(request, webhook_url=webhook_url, extra_body=extra)
    record.note(
        store.ACCEPTED,
        prediction_id=prediction.id,
        handle=prediction.to_json(),
        status=prediction.status,
    )
    return prediction


def _words(record: _Record) -> str:
    if record.prediction_id is not None:
        return going_on(record.prediction_id)
    if not record.sending or record.certain:
        return "Interrupted; nothing was submitted"
    where = "" if record.row is None else f" {record.row}"
    return (
        "Interrupted while the task was submitted, so whether it was accepted is unknown:"
        f" `get3w reconcile{where}` looks for it"
    )


def going_on(*prediction_ids: str) -> str:
    """Return what to say of tasks that are no longer waited for."""
    named = " ".join(prediction_ids)
    wait = f"get3w wait {named}"
    return f"Interrupted. {named} keeps running, and may be billed; wait for it with: {wait}"
