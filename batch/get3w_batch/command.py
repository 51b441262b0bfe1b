"""The command: `python -m get3w_batch MODEL ROWS --out DIR`.

Exit status: 0 all rows completed, 1 some failed or were refused, 2 wrong use and nothing was sent,
3 some are unknown, 4 stopped before the end.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from contextlib import nullcontext, redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from get3w_core import Get3WError

from get3w_batch.errors import BatchError, JournalError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from get3w_batch.batch import Batch
    from get3w_batch.engine.prices import Estimate
    from get3w_batch.engine.webhooks import BatchWebhooks
    from get3w_batch.rows.checking import CheckedRows

_EVERY = 10.0
_EVERY_ON_A_TERMINAL = 0.5
_EXIT = """\
The same command again resumes: a row is paid for once. Ctrl-C once stops the sending and waits for
what is paid for; twice stops at once. Both can be resumed.

Exit status: 0 all completed, 1 some failed or were refused, 2 wrong use and nothing was sent,
3 some are unknown, 4 stopped before the end."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to a parser."""
    add = parser.add_argument
    parser.epilog, parser.formatter_class = _EXIT, argparse.RawDescriptionHelpFormatter
    add("model", metavar="MODEL", help="the model id, such as get3w/flux-dev")
    add("rows", metavar="ROWS", help="a file of JSONL, CSV or Parquet, or - for standard input")
    add("--out", metavar="DIR", type=Path, required=True, help="for results.jsonl and files/")
    add("--journal", metavar="PATH|URL", help="default: DIR/journal.sqlite; or postgresql://...")
    add("--format", choices=("jsonl", "csv", "parquet"), help="where the name does not say it")
    add(
        "--map",
        metavar="COLUMN=PARAM",
        action="append",
        default=[],
        help="the parameter that a column is for; COLUMN= leaves it out",
    )
    add("--set", metavar="PARAM=VALUE", action="append", default=[], help="the same for all rows")
    add("--key", metavar="COLUMN", help="names the rows, instead of their content")
    add("--skip-invalid", action="store_true", help="go on without rows that do not fit")
    add(
        "--retry",
        choices=("failed", "refused", "unknown"),
        action="append",
        default=[],
        help="send these rows again; may be repeated",
    )
    add("--yes", action="store_true", help="do not ask before --retry unknown")
    add("--concurrency", metavar="N", type=int, default=64, help="tasks at once (default: 64)")
    add("--max-cost", metavar="USD", type=float, help="what the whole batch may cost")
    add("--price", metavar="USD", type=float, help="the price of a row, instead of the list's")
    add(
        "--outage-timeout",
        metavar="SECONDS",
        type=float,
        default=120.0,
        help="how long a server or a database that does not answer is tried (default: 120)",
    )
    add("--engine", choices=("local", "ray"), default="local", help="where it runs")
    add("--workers", metavar="N", type=int, help="how many workers Ray runs (default: 2)")
    add("--address", metavar="ADDRESS", help="the Ray cluster (default: Ray on this machine)")
    add(
        "--results",
        choices=("jsonl", "parquet"),
        default="jsonl",
        help="parquet: write results.parquet too, when the command ends",
    )
    add("--webhook", metavar="URL", help="the address at which Get3W reaches --listen")
    add("--listen", metavar="HOST:PORT", help="take webhooks there, instead of asking for tasks")
    add("--no-download", action="store_true", help="do not save the outputs")
    add(
        "--reconcile-timeout",
        metavar="SECONDS",
        type=float,
        default=30.0,
        help="how long the task of a row without an answer is looked for (default: 30)",
    )
    add("--json", action="store_true", help="write the summary as JSON to standard output")


def run(options: argparse.Namespace) -> int:
    """Run the command with what `configure` made the parser read, and return its exit status."""
    try:
        webhooks = _webhooks(options)
        batch = _batch(options, webhooks)
    except ImportError as error:
        return _wrong(f'{error.name} is missing: pip install "get3w-models[batch]"')
    except Get3WError as error:
        return _wrong(str(error))
    if "unknown" in options.retry and not options.yes and not _agreed():
        return _wrong(
            "--retry unknown may pay for rows twice, since their tasks may exist: add --yes"
        )
    from get3w_batch.listener import listening

    try:
        with nullcontext() if webhooks is None else listening(options.listen, webhooks):
            return asyncio.run(_run(batch, as_json=options.json))
    except BatchError as error:
        return _wrong(str(error))
    except asyncio.CancelledError:
        _say("stopped at once; the same command resumes")
        return 4


def main(arguments: Sequence[str] | None = None, *, program: str = "python -m get3w_batch") -> int:
    """Run the command, which calls itself *program*, and return its exit status."""
    parser = argparse.ArgumentParser(
        program,
        description="Run a model for each row of a file, and pay for each row once.",
    )
    configure(parser)
    return run(parser.parse_args(arguments))


def _webhooks(options: argparse.Namespace) -> BatchWebhooks | None:
    from get3w_core import WaveSpeedSignature

    from get3w_batch.engine.webhooks import BatchWebhooks
    from get3w_batch.listener import kept_secret

    if options.webhook is None and options.listen is None:
        return None
    if options.webhook is None or options.listen is None:
        raise BatchError(
            "--webhook URL and --listen HOST:PORT go together: what Get3W calls, and where this"
            " command takes the call"
        )
    signing = os.environ.get("GET3W_WEBHOOK_SECRET")
    return BatchWebhooks(
        options.webhook,
        kept_secret(options.out),
        signature=WaveSpeedSignature(signing) if signing else None,
    )


def _batch(options: argparse.Namespace, webhooks: BatchWebhooks | None) -> Batch:
    from get3w_batch.batch import Batch
    from get3w_batch.on_ray.options import RayCluster
    from get3w_batch.options import RowFile
    from get3w_batch.rows.bodies import Columns

    on_ray = options.engine == "ray"
    if not on_ray and (options.workers is not None or options.address is not None):
        raise BatchError("--workers and --address are for --engine ray")
    workers = 2 if options.workers is None else options.workers
    source: str = options.rows
    out: Path = options.out
    columns = Columns(
        model_id=options.model,
        mapped=_pairs("--map", options.map),
        constants=_pairs("--set", options.set),
        key=options.key,
        folder=Path() if source == "-" else Path(source).parent,
        blobs=out / "media",
    )
    batch = Batch(
        RowFile(source, columns, options.format),
        journal=options.journal,
        out=out,
        concurrency=options.concurrency,
        max_cost=options.max_cost,
        price=options.price,
        retry=options.retry,
        skip_invalid=options.skip_invalid,
        download=not options.no_download,
        results=options.results,
        webhooks=webhooks,
        reconcile_timeout=options.reconcile_timeout,
        outage_timeout=options.outage_timeout,
        engine=RayCluster(workers, options.address) if on_ray else None,
    )
    batch.on_estimate = lambda found, checked: _say(_first_line(batch, found, checked))
    return batch


def _first_line(batch: Batch, found: Estimate, checked: CheckedRows) -> str:
    settled = batch.progress().settled
    known = f"; {settled} of them are settled already and are not sent again" if settled else ""
    problems = "".join(f"\n  {problem}" for problem in checked.problems)
    return f"{checked.count} rows, {found}{known}{problems}"


def _pairs(option: str, given: Sequence[str]) -> dict[str, str]:
    for each in given:
        if "=" not in each:
            raise BatchError(f"{option} takes NAME=VALUE, not {each!r}")
    return dict(each.split("=", 1) for each in given)


async def _run(batch: Batch, *, as_json: bool) -> int:
    loop, running = asyncio.get_running_loop(), asyncio.current_task()
    assert running is not None, "a coroutine runs in a task"
    presses = 0

    def interrupted() -> None:
        nonlocal presses
        presses += 1
        if presses > 1 or not batch.started:  # before the start there is nothing to wait for
            running.cancel()
            return
        batch.stop("it was interrupted")
        _say(
            "\nstopping: nothing more is sent; waiting for what is paid for. Ctrl-C again stops at"
            " once"
        )

    for each in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", None)):
        if each is None or signal.getsignal(each) is signal.SIG_IGN:  # nohup: it is to go on
            continue
        with suppress(NotImplementedError):  # Windows: Ctrl-C stops at once
            loop.add_signal_handler(each, interrupted)
    showing = asyncio.create_task(_show(batch))
    try:
        with redirect_stdout(sys.stderr):  # Ray prints to standard output, and that is for JSON
            summary = await batch.run_async()
    except JournalError as error:
        for line in (str(error), *getattr(error, "__notes__", [])):
            _say(line)
        return 4 if batch.started else 2
    except Get3WError as error:
        return _wrong(str(error))
    finally:
        showing.cancel()
    _say(("\r" if _on_a_terminal() else "") + str(batch.progress()))
    if summary.stopped:
        _say(f"stopped: {summary.stopped.rstrip('.')}; the same command resumes")
    if as_json:
        print(summary.to_json())
    return summary.exit_status


def _say(line: str, end: str = "\n") -> None:
    """Write a line for people; that nobody reads them any more stops nothing."""
    with suppress(OSError, ValueError):
        print(line, end=end, file=sys.stderr, flush=True)


def _on_a_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()  # pyright: ignore[reportUnnecessaryComparison]


async def _show(batch: Batch) -> None:
    on_a_terminal = _on_a_terminal()
    while True:
        await asyncio.sleep(_EVERY_ON_A_TERMINAL if on_a_terminal else _EVERY)
        line = str(batch.progress())
        if on_a_terminal:
            _say(f"\r{line}\x1b[K", end="")
        else:
            _say(line)


def _agreed() -> bool:
    if not sys.stdin.isatty():
        return False
    question = "Rows of unknown outcome may have tasks that are paid for. Send them again? [y/N] "
    return input(question).strip().lower() in {"y", "yes"}


def _wrong(message: str) -> int:
    _say(message)
    return 2
