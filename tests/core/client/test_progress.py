"""The line of `wait(progress=True)`, on a terminal, in a notebook and in a log."""

import contextlib
import io
import os
import re
import sys
import threading
from pathlib import Path

import pytest
from get3w_core import AsyncPrediction, ConfigurationError, Prediction, WaitTimeoutError
from get3w_core._common.prediction_data import PredictionData
from get3w_core.client.progress import Line, describe, shown

ESCAPE = "\x1b"


def prediction(status="processing", model="get3w/paint", identity="pred_1"):
    data = PredictionData(identity, status, model)
    return Prediction(data, surface="v3", origin="https://api.get3w.com")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


KernelStream = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})


@pytest.fixture(autouse=True)
def terminal_settings(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def handle_of(side):
    """Make a handle of each kind, with a client."""

    def handle_of(client):
        kind = Prediction if side.name == "sync" else AsyncPrediction
        data = PredictionData("pred_1", "created", "get3w/paint")
        return kind(data, surface="v3", origin="https://api.get3w.com", client=client)

    return handle_of


@pytest.mark.parametrize(
    ("statuses", "text"),
    [
        (["created"], "get3w/paint: created, 3 s (pred_1)"),
        (["created", "completed", "failed"], "2 of 3 done, 1 failed, 1 created, 3 s"),
        (["processing"] * 2 + ["created"], "0 of 3 done, 2 processing, 1 created, 3 s"),
        (["completed"] * 2, "2 of 2 done, 3 s"),
    ],
)
def test_words(statuses, text):
    """One prediction has its model, status and id; of many there are numbers."""
    assert text == describe([prediction(each) for each in statuses], 3.2)


def test_words_of_a_server_are_printable():
    """Escape sequences and line breaks of a server do not reach the terminal."""
    text = describe([prediction("a\x1b[2J\nb", "m\x1b]0;x\x07", "p\r\n1")], 0)

    assert text.isprintable()


def test_nothing_is_written_unless_asked_for(side, script, ok, handle_of, capsys):
    """A wait and a wait for many are silent by default."""
    handle = handle_of(side.client(script(ok("processing"), ok("completed"))))
    side.run(handle.wait())
    side.run(side.many("wait_all", [handle]))

    assert ("", "") == capsys.readouterr()


@pytest.mark.parametrize("many", [False, True])
def test_in_a_log(side, script, ok, handle_of, capsys, many):
    """Where stderr is no terminal there are whole lines, the first and the last at least."""
    handle = handle_of(side.client(script(ok("processing"), ok("completed"))))
    if many:
        side.run(side.many("wait_all", [handle], progress=True))
    else:
        side.run(handle.wait(progress=True))
    out, err = capsys.readouterr()

    assert "" == out
    assert ["get3w/paint: created, 0 s (pred_1)", "get3w/paint: completed, 0 s (pred_1)"] == [
        re.sub(r"\d+ s", "0 s", line) for line in err.splitlines()
    ]


def test_on_a_terminal():
    """One line is written in its place, cleared to its end; the last one stays."""
    stream, handle = Terminal(), prediction()
    line = Line([handle], stream)
    line.write()
    handle._learn(PredictionData("pred_1", "completed"))
    line.write(last=True)
    first, last = stream.getvalue().split("\r")[1:]

    assert "get3w/paint: processing, 0 s (pred_1)\x1b[K" == first
    assert "\x1b[32mget3w/paint: completed, 0 s (pred_1)\x1b[0m\x1b[K\n" == last


@pytest.mark.parametrize(("status", "colour"), [("completed", "32"), ("failed", "31")])
def test_colours(status, colour, monkeypatch):
    """The end is green or red, and has no colour where NO_COLOR is set."""
    stream = Terminal()
    Line([prediction(status)], stream).write(last=True)
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal()
    Line([prediction(status)], plain).write(last=True)

    assert f"{ESCAPE}[{colour}m" in stream.getvalue()
    assert "m" not in re.findall(r"\x1b\[\d*(\w)", plain.getvalue())


def test_on_a_dumb_terminal(monkeypatch):
    """A terminal that knows no escapes is written to as a log is."""
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()
    Line([prediction()], stream).write()

    assert "get3w/paint: processing, 0 s (pred_1)\n" == stream.getvalue()


def test_on_a_narrow_terminal(monkeypatch):
    """The line is cut to the width, since one that wraps cannot be written over."""
    monkeypatch.setenv("COLUMNS", "20")
    stream = Terminal()
    Line([prediction()], stream).write()

    assert "\rget3w/paint: proces\x1b[K" == stream.getvalue()


def test_in_a_notebook(side, script, ok, handle_of, monkeypatch, capsys):
    """The stream of a Jupyter kernel gets a line that is written over, without escapes."""
    stream = KernelStream()
    handle = handle_of(side.client(script(ok("processing"), ok("completed"))))
    with contextlib.redirect_stdout(stream):
        side.run(handle.wait(progress=True))
    lines = [line.rstrip() for line in stream.getvalue().split("\r")]

    assert ESCAPE not in stream.getvalue()
    assert "" == lines[0]
    assert "get3w/paint: completed, 0 s (pred_1)" == lines[-1]
    assert stream.getvalue().endswith("\n")
    assert "" == capsys.readouterr().err


def test_seconds_run_between_polls():
    """The line is written again while nothing else happens."""
    stream = Terminal()
    again = 3
    with contextlib.redirect_stderr(stream), shown([prediction()], True):
        while stream.getvalue().count("\r") < again:
            threading.Event().wait(0.01)

    assert again <= stream.getvalue().count("\r")


def test_line_ends_with_an_error(side, script, ok, handle_of, capsys):
    """A wait that ends in an error leaves a whole line behind, and no thread."""
    handle = handle_of(side.client(script(ok("processing"))))
    with pytest.raises(WaitTimeoutError):
        side.run(handle.wait(timeout=1, progress=True))

    assert capsys.readouterr().err.endswith(" (pred_1)\n")
    assert "get3w-progress" not in {each.name for each in threading.enumerate()}


def test_stream_that_is_gone():
    """A wait does not fail because of a stream that is closed, or not there."""
    closed = io.StringIO()
    closed.close()
    for stream in (closed, None):
        with contextlib.redirect_stderr(stream), shown([prediction()], True):
            pass


def test_progress_is_true_or_false(side, script, ok, handle_of):
    """Anything else is refused with the id at hand."""
    handle = handle_of(side.client(script(ok("completed"))))
    with pytest.raises(ConfigurationError, match="progress must be True or False"):
        side.run(handle.wait(progress="yes"))


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_real_terminal(tmp_path):
    """A program on a pseudo-terminal writes one line over and over."""
    import pty
    import subprocess

    program = Path(tmp_path / "program.py")
    program.write_text(
        "from get3w_core import Prediction, wait_all\n"
        "from get3w_core._common.prediction_data import PredictionData\n"
        "from get3w_core.client.progress import shown\n"
        "data = PredictionData('pred_1', 'completed', 'get3w/paint')\n"
        "with shown([Prediction(data, surface='v3', origin='https://api.get3w.com')], True): pass\n"
    )
    master, slave = pty.openpty()
    path = os.pathsep.join(each for each in sys.path if each)
    subprocess.run(
        [sys.executable, str(program)],
        stderr=slave,
        check=True,
        env={**os.environ, "PYTHONPATH": path},
        timeout=60,
    )
    os.close(slave)
    seen = os.read(master, 4096).decode()
    os.close(master)

    assert 2 == seen.count("\rget3w") + seen.count("\r\x1b[32mget3w")
    assert seen.endswith("\r\n")
