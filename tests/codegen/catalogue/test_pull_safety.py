"""A pull that is killed, cut short or refused leaves the folder as it was; the key stays home."""

import http.server
import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import httpx
import pytest
from get3w_codegen.catalogue.exchange import aside_of
from get3w_codegen.catalogue.folder import replace_files
from get3w_codegen.problems import GenerateError
from get3w_emulator import running

COUNT = 400
RUN = {"type": "object", "properties": {"prompt": {"type": "string"}}}


def listed(version):
    schema = {**RUN, "description": f"version {version} " + "x" * 2000}
    return [{"id": f"acme/model-{n}", "schema": schema} for n in range(COUNT)]


def snapshot(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def files(folder):
    return sum(len(names) for _, _, names in os.walk(folder))


@pytest.fixture
def folder(run, tmp_path):
    """A folder of schemas, pulled, with a file that pull knows nothing of."""
    for version in (1, 2):
        (tmp_path / f"{version}.json").write_text(json.dumps(listed(version)))
    assert 0 == run("pull", "--from", "1.json").returncode
    (tmp_path / "schemas/names.lock.json").write_text('{"acme/model-1": "model_1"}\n')
    return tmp_path / "schemas"


@contextmanager
def pulling(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "get3w_codegen", "pull", "--from", "2.json"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 1.0])
def test_killed_pull_leaves_the_folder_whole(folder, run, tmp_path, share):
    """Killed while it lays out the new folder, a pull has touched nothing, and can be run again."""
    before = snapshot(folder)
    staged = tmp_path / ".schemas.get3w-staged"
    changed = folder / "acme/model-399.json"
    old = changed.read_bytes()
    deadline = time.monotonic() + 30

    with pulling(tmp_path) as process:
        while process.poll() is None and time.monotonic() < deadline:
            # The last share is awaited at the new folder: killed as soon as it is in place.
            if share == 1.0 and changed.read_bytes() != old:
                break
            if share < 1.0 and staged.is_dir() and files(staged) >= share * COUNT:
                break

    after = snapshot(folder)
    assert 0 == run("pull", "--from", "2.json").returncode
    done = snapshot(folder)
    assert after in (before, done)
    assert before.keys() == done.keys()
    assert before["names.lock.json"] == done["names.lock.json"]
    assert b"version 2" in done["acme/model-0.json"]
    assert ["1.json", "2.json", "schemas"] == sorted(path.name for path in tmp_path.iterdir())


def test_full_disk_leaves_the_folder_whole(folder, tmp_path):
    """When the disk takes no more, the pull says so, clears up and has changed nothing."""
    before = snapshot(folder)
    program = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000));"
        "from get3w_codegen.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    refused = subprocess.run(
        [sys.executable, "-c", program, "pull", "--from", "2.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert 1 == refused.returncode
    assert "is as it was" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert before == snapshot(folder)
    assert ["1.json", "2.json", "schemas"] == sorted(path.name for path in tmp_path.iterdir())


def test_name_that_cannot_be_made_leaves_the_folder_whole(folder):
    """A file that is in the way of a folder stops everything before the change."""
    before = snapshot(folder)

    with pytest.raises(GenerateError, match="is as it was"):
        replace_files(folder, {"acme/new.json": "{}\n", "acme/model-1.json/x.json": "{}\n"})

    assert before == snapshot(folder)


def test_kill_between_the_two_renamings_is_undone(folder, run):
    """Where folders cannot change places at once, the next run puts back what was moved aside."""
    before = snapshot(folder)
    folder.rename(aside_of(folder))
    (folder.parent / "0.json").write_text(json.dumps(listed(1)))

    done = run("pull", "--from", "0.json")

    assert "400 unchanged" in done.stdout
    assert before == snapshot(folder)


def test_second_pull_at_the_same_time_is_refused(folder, tmp_path):
    """Two pulls into one place do not mix: one of them is told to wait."""
    import fcntl

    handle = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    before = snapshot(folder)
    try:
        with pytest.raises(GenerateError, match="Another get3w-codegen is at work"):
            replace_files(folder, {"acme/new.json": "{}\n"})
    finally:
        os.close(handle)

    assert before == snapshot(folder)


@contextmanager
def faulty(folder, **fault):
    with running(schemas=folder) as emulator:
        rule = {"method": "GET", "path": "/api/v3/models", **fault}
        answer = httpx.post(f"{emulator.url}/_emulator/faults", json=[rule], timeout=10)
        assert 200 == answer.status_code
        yield emulator


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "truncate"},
        {"fault": "malformed"},
        {"fault": "drop_before_accept"},
        {"fault": "status", "status": 500},
        {"fault": "status", "status": 302},
        {"fault": "status", "status": 200, "body": ""},
        {"fault": "status", "status": 200, "body": "<html>maintenance</html>"},
    ],
    ids=str,
)
def test_broken_answer_changes_nothing(folder, run, fault, monkeypatch):
    """An answer that is cut short or refused is told in one line; the folder is as it was."""
    before = snapshot(folder)
    monkeypatch.setenv("GET3W_API_KEY", "test-key")
    with faulty(folder, **fault) as emulator:
        refused = run("pull", "--from", emulator.url, "--prune")

    assert 1 == refused.returncode
    assert "nothing was changed" in refused.stderr
    assert 1 == len(refused.stderr.splitlines())
    assert "test-key" not in refused.stderr
    assert ("html" in fault.get("body", "")) is ("a web page" in refused.stderr)
    assert before == snapshot(folder)


class _Recorder(http.server.BaseHTTPRequestHandler):
    seen: list

    def do_GET(self):
        self.seen.append(self.headers.get("Authorization"))
        self.send_response({"/moved": 302, "/denied": 401}.get(self.path, 200))
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/else")
        self.end_headers()
        self.wfile.write(json.dumps(listed(1)).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def recorder():
    """A server that notes what key it is shown, under a name of this machine that is not local."""
    _Recorder.seen = []
    server = http.server.ThreadingHTTPServer(("", 0), _Recorder)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("base", "host", "expected"),
    [
        ("", "127.0.0.2", [None]),
        ("http://127.0.0.2:{port}", "127.0.0.2", ["Bearer secret"]),
        ("http://127.0.0.2:{port}", "127.0.0.3", [None]),
        ("http://127.0.0.2:1", "127.0.0.2", [None]),
        ("", "127.0.0.1", ["Bearer secret"]),
    ],
)
def test_key_goes_to_the_configured_origin_only(recorder, run, monkeypatch, base, host, expected):
    """The key is for the origin in GET3W_BASE_URL, and for this machine; nobody else sees it."""
    port = recorder.server_port
    monkeypatch.setenv("GET3W_API_KEY", "secret")
    monkeypatch.setenv("GET3W_BASE_URL", base.format(port=port))

    assert 0 == run("pull", "--from", f"http://{host}:{port}").returncode

    assert expected == _Recorder.seen


def test_redirection_is_not_followed(recorder, run, monkeypatch):
    """An answer that leads elsewhere is told, so that the key cannot be led away."""
    monkeypatch.setenv("GET3W_API_KEY", "secret")

    refused = run("pull", "--from", f"http://127.0.0.1:{recorder.server_port}/moved")

    assert 1 == refused.returncode
    assert "leads elsewhere" in refused.stderr
    assert 1 == len(_Recorder.seen)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("127.0.0.1:8333", "write http://127.0.0.1:8333"),
        ("localhost:8333/api/v3", "write http://localhost:8333/api/v3"),
        ("api.get3w.com", "write https://api.get3w.com"),
        ("lists.example:443", "write https://lists.example:443"),
        ("lost.json", "--from takes a file or a URL"),
        ("ftp://example.com", "--from: ftp://example.com is no http or https address"),
    ],
)
def test_address_without_its_scheme_is_told_what_to_write(run, given, said):
    """What is neither a file nor a URL gets the line to write instead."""
    refused = run("pull", "--from", given)

    assert 2 == refused.returncode
    assert said in refused.stderr


def test_base_url_without_its_scheme_is_told_what_to_write(run, monkeypatch):
    """The variable is named, since nobody gave --from."""
    monkeypatch.setenv("GET3W_BASE_URL", "127.0.0.1:8333")

    refused = run("pull")

    assert 2 == refused.returncode
    assert "GET3W_BASE_URL: 127.0.0.1:8333 is no" in refused.stderr
    assert "write http://127.0.0.1:8333" in refused.stderr


@pytest.mark.parametrize("path", ["", "/", "/api/v3", "/api/v3/", "/v1", "/api/v3/models"])
def test_address_of_a_surface_will_do(run, get3w_emulator, monkeypatch, path):
    """The address of the API, as the documentation shows it, leads to the list."""
    monkeypatch.setenv("GET3W_API_KEY", get3w_emulator.api_key)

    said = run("pull", "--from", f"{get3w_emulator.url}{path}").stdout

    assert f"{len(get3w_emulator.client.models())} added" in said


@pytest.mark.parametrize(
    ("key", "base", "host", "said"),
    [
        ("", "", "127.0.0.1", "an emulator takes test-key"),
        ("", "", "127.0.0.2", "Set GET3W_API_KEY and GET3W_BASE_URL=http://127.0.0.2:"),
        ("", "same", "127.0.0.2", "Set GET3W_API_KEY. Keys come from"),
        ("k", "", "127.0.0.2", "is for https://api.get3w.com: set GET3W_BASE_URL=http://127.0.0.2"),
        ("k", "same", "127.0.0.2", "check the key in GET3W_API_KEY"),
    ],
)
def test_refused_key_is_told_what_to_set(recorder, run, monkeypatch, key, base, host, said):
    """Which of the two variables is missing depends on what is set and who was asked."""
    address = f"http://{host}:{recorder.server_port}"
    monkeypatch.setenv("GET3W_API_KEY", key)
    monkeypatch.setenv("GET3W_BASE_URL", base and address)

    refused = run("pull", "--from", f"{address}/denied")

    assert 1 == refused.returncode
    assert said in refused.stderr
