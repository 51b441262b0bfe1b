"""Completion: which words, in which shell, and how little it loads."""

import os
import shutil
import subprocess
import sys

import pytest
from get3w_cli.completion.words import FILES, FOLDERS, complete
from get3w_models import model_ids

KLING = "kwaivgi/kling-v2.6-pro/image-to-video"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["r"], ["run", "result", "reconcile"]),
        (["nonsense", ""], []),
        (["run", "get3w/f"], ["get3w/flux-dev"]),
        (["run", "flux_d"], ["flux_dev"]),
        (["show", "get3w/f"], ["get3w/flux-dev"]),
        (["run", KLING, "--du"], ["--duration"]),
        (["run", KLING, "--no-s"], ["--no-sound"]),
        (["run", KLING, "--duration", ""], ["5", "10"]),
        (["run", KLING, "--duration=1"], ["--duration=10"]),
        (["run", KLING, "--sound=t"], ["--sound=true"]),
        (["run", "kling-v2.6-pro/image-to-video", "--prompt", "x", "--dur"], ["--duration"]),
        (["run", KLING, "--image", ""], [FILES]),
        (["run", KLING, "--download", ""], [FOLDERS]),
        (["run", "--timeout", "5", "get3w/f"], ["get3w/flux-dev"]),
        (["run", "flux-dev", "--wi"], ["--width"]),
        (["run", "no-such-model", "--once"], ["--once"]),
        (["result", "x", "--surface", ""], ["v3", "v1"]),
        (["upload", ""], [FILES]),
        (["billings", "--type", "t"], ["top-up"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["balance", ""], []),
    ],
)
def test_words(words, expected):
    """The words that may stand where the cursor is."""
    assert expected == complete(words)


def test_every_model_and_every_option():
    """All ids are offered, and of each model all options."""
    assert list(model_ids()) == complete(["run", ""])
    for model_id in model_ids():
        assert {"--once", "--help"} < {*complete(["run", model_id, "--"])}


def test_another_package(monkeypatch, root):
    """The package of the command line is the one that is completed."""
    monkeypatch.syspath_prepend(str(root / "tests/codegen/golden"))

    assert "acme/painter" in complete(["run", "--package", "golden_models", ""])
    assert ["oil", "water"] == complete(
        ["run", "--package=golden_models", "acme/painter", "--style", ""]
    )


@pytest.mark.parametrize(
    "words",
    [
        ["_complete", "run", ""],
        ["_complete", "run", KLING, "--duration", ""],
        ["--help"],
        ["run", KLING, "--help"],
        ["show", KLING],
        ["models"],
        ["history"],
    ],
)
def test_nothing_slow_is_loaded(environment, folder, words):
    """Neither a completion nor a help page loads pydantic, httpx or rich."""
    program = (
        "import sys\nfrom get3w_cli.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        cwd=folder,
    )

    assert done.stdout or words == ["history"]
    assert set() == {"pydantic", "httpx", "rich", "get3w_models"} & {*done.stderr.split()}
    if words[0] == "_complete":
        assert "argparse" not in done.stderr.split()


def _script(environment, shell):
    command = [sys.executable, "-m", "get3w_cli", "completion", shell]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return done.stdout


@pytest.fixture
def with_command(environment, tmp_path):
    """An environment in which `get3w` is a command."""
    path = tmp_path / "bin"
    path.mkdir()
    command = path / "get3w"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m get3w_cli "$@"\n')
    command.chmod(0o755)
    return {**environment, "PATH": f"{path}{os.pathsep}{environment['PATH']}"}


BASH = """
source completion.sh
ask() {{ COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _get3w; printf '%s\\n' "${{COMPREPLY[@]}}"; }}
ask {words}
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash; apt install bash")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("get3w ru", ["run"]),
        ("get3w run get3w/fl", ["get3w/flux-dev"]),
        (f"get3w run {KLING} --duration ''", ["5", "10"]),
        (f"get3w run {KLING} --duration = 1", ["10"]),
        (f"get3w run {KLING} --duration =", ["5", "10"]),
        (f"get3w run {KLING} --image light", ["lighthouse.png"]),
    ],
)
def test_bash(with_command, folder, words, expected):
    """bash gets the same words from the script, also where it cuts a word at an equals sign."""
    (folder / "completion.sh").write_text(_script(with_command, "bash"))
    done = subprocess.run(
        ["bash", "-c", BASH.format(words=words)],
        capture_output=True,
        text=True,
        check=False,
        env=with_command,
        cwd=folder,
    )

    assert ("", expected) == (done.stderr, done.stdout.split())


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash; apt install bash")
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("get3w ru", "get3w run "),
        ("get3w run get3w/fl", "get3w run get3w/flux-dev "),
        (f"get3w run {KLING} --duration=1", f"get3w run {KLING} --duration=10 "),
        (f"get3w run {KLING} --image light", f"get3w run {KLING} --image lighthouse.png "),
        (f"get3w run {KLING} --down", f"get3w run {KLING} --download "),
    ],
)
def test_bash_line(with_command, folder, typed, expected):
    """bash completes what is typed on its line."""
    pexpect = pytest.importorskip("pexpect")
    (folder / "completion.sh").write_text(_script(with_command, "bash"))
    env = {**with_command, "TERM": "dumb", "PS1": "ready> "}
    words = ["--norc", "--noprofile", "-i"]
    shell = pexpect.spawn("bash", words, env=env, cwd=str(folder), encoding="utf-8", timeout=30)
    shell.setwinsize(24, 300)
    shell.sendline("source completion.sh; PS1='ready''> '")
    shell.expect_exact("ready> ")
    shell.expect_exact("ready> ")
    shell.send(f"{typed}\t")
    shell.send("\x01echo '<\x05>'\r")
    shell.expect(r"\n<([^\r\n]*)>")

    assert expected.rstrip() == shell.match[1].rstrip()
    shell.close(force=True)


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish; apt install fish")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("get3w ru", "run"),
        ("get3w run get3w/fl", "get3w/flux-dev"),
        (f"get3w run {KLING} --duration ", "5 10"),
        (f"get3w run {KLING} --image light", "lighthouse.png"),
    ],
)
def test_fish(with_command, folder, line, expected):
    """fish gets the same words from the script."""
    (folder / "completion.fish").write_text(_script(with_command, "fish"))
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"source completion.fish; complete -C '{line}'"],
        capture_output=True,
        text=True,
        check=False,
        env=with_command,
        cwd=folder,
    )

    assert expected == " ".join(each.split("\t")[0] for each in done.stdout.splitlines())


ZSH = """
autoload -Uz compinit; compinit -u -D
source completion.zsh
PS1='ready> '
"""


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh; apt install zsh")
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("get3w ru", "get3w run "),
        ("get3w run get3w/fl", "get3w run get3w/flux-dev "),
        (f"get3w run {KLING} --dur", f"get3w run {KLING} --duration "),
        (f"get3w run {KLING} --image light", f"get3w run {KLING} --image lighthouse.png "),
    ],
)
def test_zsh(with_command, folder, typed, expected):
    """zsh completes what is typed on its line."""
    pexpect = pytest.importorskip("pexpect")
    (folder / "completion.zsh").write_text(_script(with_command, "zsh"))
    (folder / ".zshrc").write_text(ZSH)
    env = {**with_command, "ZDOTDIR": str(folder), "TERM": "dumb"}
    shell = pexpect.spawn("zsh", ["-i"], env=env, cwd=str(folder), encoding="utf-8", timeout=30)
    shell.setwinsize(24, 200)
    shell.expect_exact("ready> ")
    shell.send(f"{typed}\t")
    # The line is taken as it stands, and shown again by the shell.
    shell.send("\x01print -r -- '<\x05>'\r")
    shell.expect(r"\n<([^\r\n]*)>")

    assert expected.rstrip() == shell.match[1].rstrip()
    shell.close(force=True)
