"""The command, as a process of its own."""

import os
import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest
from get3w_core import __version__
from get3w_emulator import running
from get3w_emulator.__main__ import main

COMMAND = [sys.executable, "-m", "get3w_emulator"]
AUTH = {"Authorization": "Bearer test-key"}


def failed(*arguments):
    """Run the command to its end and return its exit status and stderr."""
    result = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=20, check=False
    )
    assert "" == result.stdout
    assert "Traceback" not in result.stderr
    return result.returncode, result.stderr


def test_command_serves_until_interrupted():
    """It prints address, key, page and documents, answers, and ends at an interrupt."""
    arguments = ["--listen", "127.0.0.1:0", "--api-key", "my-key", "--image-seconds", "0"]
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        line = process.stdout.readline()
        match = re.fullmatch(
            r"\d+ models at (http://127\.0\.0\.1:\d+) with the key my-key; point a client here: "
            r"GET3W_BASE_URL=(\S+) GET3W_API_KEY=my-key\n",
            line,
        )
        assert match
        assert match[1] == match[2]
        page, about, openapi = re.fullmatch(
            r"Open (\S+) to try them in a browser; what is emulated and what is not: (\S+);"
            r" OpenAPI: (\S+)\n",
            process.stdout.readline(),
        ).groups()
        with httpx.Client(base_url=match[1], headers={"Authorization": "Bearer my-key"}) as http:
            assert "<title>Get3W emulator</title>" in http.get(page).text
            assert "does not emulate" in http.get(about).text
            assert "3.1.0" == http.get(openapi).json()["openapi"]
            answer = http.post("/v1/get3w/flux-dev", json={"prompt": "x"}).json()
            assert "completed" == http.get(f"/v1/requests/{answer['id']}").json()["status"]
    finally:
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=20)

    assert (0, "", "") == (process.returncode, rest, errors)


def logged(*arguments):
    """Run the command, make some calls, and return what it wrote to stderr."""
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    url = re.search(r"http://\S+", process.stdout.readline())[0]
    with httpx.Client(base_url=url, headers=AUTH) as http:
        http.post("/v1/get3w/flux-dev?webhook=http://h/secret", json={"prompt": "x"})
        lost = {"X-Emulator-Fault": "drop_after_accept"}
        with pytest.raises(httpx.RemoteProtocolError):
            http.post("/api/v3/get3w/flux-dev", json={"prompt": "x"}, headers=lost)
        http.get("/api/v3/models/%1b%5b31m")
        http.get("/_emulator/ledger")
    process.send_signal(signal.SIGINT)
    return process.communicate(timeout=20)[1]


def test_log_has_a_line_for_each_call():
    """`--log` writes method, path, status, time and fault, and neither queries nor escapes."""
    lines = logged("--port", "0", "--log").splitlines()

    assert [
        "POST /v1/get3w/flux-dev 200",
        "POST /api/v3/get3w/flux-dev closed",
        "GET /api/v3/models/?[31m 404",
    ] == [re.fullmatch(r"\d\d:\d\d:\d\d (.*) \d+ ms(?:, fault: .*)?", line)[1] for line in lines]
    assert [False, True, False] == [line.endswith(", fault: drop_after_accept") for line in lines]


def test_nothing_is_logged_unasked():
    """Without `--log`, calls write nothing."""
    assert "" == logged("--port", "0")


def test_one_model_is_told_as_one(tmp_path):
    """A folder with one schema is served as one model."""
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme/fox.json").write_text('{"type": "object", "properties": {}}')
    arguments = ["--listen", "127.0.0.1:0", "--schemas", str(tmp_path)]
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        process.send_signal(signal.SIGINT)

    assert line.startswith("1 model at ")


def test_version_is_that_of_the_distribution(capsys):
    """`--version` names the command and the version of the client that it came with."""
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert 0 == ended.value.code
    assert f"get3w-emulator {__version__}\n" == capsys.readouterr().out


def test_busy_port_is_told():
    """A port that is taken is one line and exit status 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, errors = failed("--listen", f"127.0.0.1:{port}")

    assert 2 == status
    assert f"get3w-emulator: cannot listen on 127.0.0.1:{port}: Address already in use\n" == errors


def test_folder_without_schemas_is_told(tmp_path):
    """A missing or empty folder is one line and exit status 2."""
    missing = tmp_path / "missing"

    assert (2, f"get3w-emulator: no such folder of schemas: {missing}\n") == failed(
        "--schemas", str(missing)
    )
    assert (2, f"get3w-emulator: no schemas in {tmp_path}\n") == failed("--schemas", str(tmp_path))


def test_broken_schema_is_told(tmp_path):
    """A file that is no schema is named, with who knows a remedy, and the exit status is 1."""
    (tmp_path / "m.json").write_text('{"type": "objekt"}')

    status, errors = failed("--schemas", str(tmp_path))

    assert 1 == status
    said, remedy = errors.splitlines()
    assert said.startswith("get3w-emulator: ")
    assert said.endswith("m.json: /type: 'objekt' is no type of JSON Schema")
    assert "get3w-codegen generate says of each schema what to do about it." == remedy


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--listen", "8333"], "'8333' is not HOST:PORT, such as 127.0.0.1:8333; --port takes"),
        (["--port", "x"], "'x' is not a port, such as 8333"),
        (["--port", "65536"], "'65536' is not a port"),
        (["--port", "1", "--listen", "127.0.0.1:1"], "not allowed with argument"),
        (["--listen", "127.0.0.1:99999"], "'127.0.0.1:99999' is not HOST:PORT"),
        (["--listen", "192.0.2.1:0"], "cannot listen on 192.0.2.1:0: Cannot assign"),
        (["--tier", "iron"], "invalid choice: 'iron'"),
        (["--balance", "much"], "'much' is not an amount"),
        (["--balance", "nan"], "the balance must be a number from 0"),
        (["--billing-lag", "-1"], "the lag of billings must be a number of seconds from 0"),
        (["--image-seconds", "-1"], "the seconds of a prediction must be a number from 0"),
        (["--image-seconds", "nan"], "the seconds of a prediction must be a number from 0"),
        (["--api-key", "a b"], "the API key must be printable ASCII without spaces"),
        (["--api-key", ""], "the API key must be printable ASCII without spaces"),
    ],
)
def test_wrong_option_is_told(arguments, reason, capsys):
    """What cannot work ends with exit status 2 and says why."""
    try:
        status = main(arguments)
    except SystemExit as exit_:  # how argparse ends
        status = exit_.code

    assert 2 == status
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize(
    "module", ["starlette", "uvicorn", "jsonschema", "PIL", "python_multipart"]
)
def test_missing_extra_is_told(module):
    """Without the extra, the command prints the line that installs it."""
    program = (
        f"import sys; sys.modules[{module!r}] = None\n"
        "from get3w_emulator.__main__ import main\n"
        "sys.exit(main([]))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=False
    )

    assert 2 == result.returncode
    assert 'get3w-emulator needs its extra: pip install "get3w-models[emulator]"\n' == result.stderr


def test_import_is_cheap_and_lazy():
    """Importing the package loads none of what it is made of; a missing extra is told on use."""
    program = (
        "import sys, get3w_emulator\n"
        "heavy = {'starlette', 'uvicorn', 'jsonschema', 'PIL', 'asyncio', 'typing'}\n"
        "print(sorted(heavy & {*sys.modules}), 'running' in dir(get3w_emulator))\n"
        "sys.modules['uvicorn'] = None\n"
        "try: get3w_emulator.running\n"
        "except ImportError as error: print(error)\n"
        "try: get3w_emulator.walking\n"
        "except AttributeError as error: print(error)\n"
    )
    result = subprocess.run(
        [sys.executable, "-S", "-c", program],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )

    assert [
        "[] True",
        'get3w-emulator needs its extra: pip install "get3w-models[emulator]"',
        "module 'get3w_emulator' has no attribute 'walking'",
    ] == result.stdout.splitlines()


def test_running_ends_with_its_block():
    """The server answers in the block, and nothing listens after it."""
    with running() as emulator:
        first = httpx.get(f"{emulator.url}/api/v3/balance", headers=AUTH)
        emulator.reset()

    assert 200 == first.status_code
    assert [] == emulator.ledger()
    with pytest.raises(httpx.ConnectError):
        httpx.get(emulator.url)


def test_running_ends_although_a_call_is_under_way():
    """A call that would take an hour does not hold the end up."""
    with running(image_seconds=3600) as emulator, pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{emulator.url}/v1/get3w/flux-dev?sync=true",
            json={"prompt": "x"},
            headers=AUTH,
            timeout=0.2,
        )

    assert 1 == len(emulator.ledger())


def test_two_run_side_by_side():
    """Each has its own port and its own state."""
    with running() as one, running(api_key="other") as two:
        httpx.post(f"{one.url}/v1/get3w/flux-dev", json={"prompt": "x"}, headers=AUTH)

        assert one.url != two.url
        assert ("test-key", "other") == (one.api_key, two.api_key)
        assert (1, 0) == (len(one.ledger()), len(two.ledger()))
        assert 401 == httpx.get(f"{two.url}/api/v3/balance", headers=AUTH).status_code


@pytest.mark.parametrize(("host", "warned"), [("0.0.0.0", True), ("127.0.0.1", False)])
def test_listening_beyond_this_machine_is_warned_of(host, warned):
    """The command says what other machines could do without a key, before it answers."""
    arguments = ["--listen", f"{host}:0"]
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)

    assert warned == ("other machines can reach this emulator" in errors)


def test_names_of_files_cannot_drive_a_terminal(tmp_path):
    """What a file is called is shown without the characters that a terminal acts on."""
    (tmp_path / "a\x1b[2Jb.json").write_text("{}")
    _, errors = failed("--schemas", str(tmp_path))

    assert "\x1b" not in errors
    assert "a?[2Jb" in errors
