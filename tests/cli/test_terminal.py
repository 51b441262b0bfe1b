"""On a real terminal: tables, progress, Ctrl-C, failures, NO_COLOR, narrow and dumb terminals."""

import re
import signal
import sys

import pytest

pexpect = pytest.importorskip("pexpect")
pyte = pytest.importorskip("pyte")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")


class Terminal:
    """A command on a terminal, and the screen that it leaves."""

    def __init__(self, words, environment, folder, *, columns=100, **more):
        self.screen = pyte.Screen(columns, 40)
        self._stream = pyte.Stream(self.screen)
        self.raw = ""
        self._child = pexpect.spawn(
            sys.executable,
            ["-m", "get3w_cli", *words],
            env={**environment, "TERM": "xterm-256color", **more},
            cwd=str(folder),
            dimensions=(40, columns),
            encoding="utf-8",
            timeout=60,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def until(self, pattern):
        """Read until *pattern* was printed."""
        self._child.expect(pattern)
        self._take(self._child.before + self._child.after)

    def press(self, key):
        """Press a key together with Control."""
        self._child.sendcontrol(key)

    def end(self):
        """Read to the end, and return the exit status."""
        self._child.expect(pexpect.EOF)
        self._take(self._child.before)
        self._child.close()
        return self._child.exitstatus

    def _take(self, text):
        self.raw += text
        self._stream.feed(text)

    @property
    def lines(self):
        """What is on the screen, without empty lines."""
        return [line.rstrip() for line in self.screen.display if line.strip()]


@pytest.fixture
def terminal(environment, folder):
    """Start a command on a terminal."""

    def start(*words, **more):
        return Terminal(words, environment, folder, **more)

    return start


def test_a_table(terminal):
    """A list is a table with a head."""
    shown = terminal("models", "--documented")

    assert 0 == shown.end()
    assert ["id", "type", "base", "price", "usd", "documented"] == shown.lines[0].split()
    assert re.match(r"get3w/flux-dev +text-to-image +yes", shown.lines[1])


def test_a_narrow_terminal(terminal):
    """On forty columns nothing is lost: words are folded."""
    shown = terminal("show", "flux-dev", columns=40)

    assert 0 == shown.end()
    assert all(len(line) <= 40 for line in shown.lines)
    text = re.sub(r"\s", "", "".join(shown.lines))
    assert "--prompt" in text
    assert "submit_flux_dev" in text


def test_no_color(terminal):
    """NO_COLOR takes the colours away, and a dumb terminal gets plain lines."""
    plain = terminal("models", "--documented", NO_COLOR="1")
    dumb = terminal("models", "--documented", TERM="dumb")

    assert (0, 0) == (plain.end(), dumb.end())
    assert not re.search(r"\x1b\[[\d;]*3\d", plain.raw)
    assert "\x1b" not in dumb.raw
    assert "get3w/flux-dev\ttext-to-image\t\tyes" in dumb.raw


def test_help_fits(terminal):
    """A help page is as wide as the terminal."""
    shown = terminal("run", "flux-dev", "--help", columns=60)

    assert 0 == shown.end()
    assert all(len(line) <= 60 for line in shown.lines)
    assert "usage: get3w run MODEL [OPTIONS]" == shown.lines[0]


def test_progress_and_result(terminal, get3w_emulator):
    """A wait shows id, status and seconds on one line, which is gone at the end."""
    get3w_emulator.outcomes([{"seconds": 3600, "completes": True}])
    shown = terminal("run", "flux-dev", "--prompt", "x")
    shown.until(r"pred_\w+ \w+ \S*0:00:0")
    get3w_emulator.advance(4000)
    [task] = get3w_emulator.ledger()

    assert 0 == shown.end()
    assert [f"Submitted: {task.id}", f"{get3w_emulator.url}/_outputs/{task.id}/0.png"] == (
        shown.lines
    )


def test_ctrl_c(terminal, get3w_emulator):
    """Ctrl-C leaves the words that take the task up again."""
    get3w_emulator.outcomes([{"seconds": 3600, "completes": True}])
    shown = terminal("run", "flux-dev", "--prompt", "x")
    shown.until(r"pred_\w+ (created|processing)")
    shown.press("c")
    status = shown.end()
    [task] = get3w_emulator.ledger()

    assert 130 == status
    assert f"get3w wait {task.id}" in " ".join(shown.lines)


def test_a_failure(terminal, get3w_emulator):
    """A task that failed leaves the reason."""
    get3w_emulator.outcomes([{"code": 1200}])
    shown = terminal("run", "flux-dev", "--prompt", "x")

    assert 1 == shown.end()
    assert "Content moderation" in " ".join(shown.lines)


def test_a_download(terminal, folder):
    """A download leaves the path, and no bar."""
    shown = terminal("run", "flux-dev", "--prompt", "x", "--download", "out")

    assert 0 == shown.end()
    [file] = (folder / "out").iterdir()
    assert f"out/{file.name}" == "".join(shown.lines[1:])


def test_what_a_server_says_moves_no_cursor(terminal, get3w_emulator):
    """Escape sequences in the words of a server are shown as escapes."""
    get3w_emulator.outcomes([{"code": 1403, "error": "bad\x1b[2J\x1b[Hgone"}])
    shown = terminal("run", "flux-dev", "--prompt", "x", NO_COLOR="1")

    assert 1 == shown.end()
    assert "\x1b[2J" not in shown.raw
