"""`get3w-codegen pull` with a list that means harm: size, time, names, links, and false claims."""

import gzip
import http.server
import json
import re
import threading

import pytest
from get3w_codegen.catalogue.fetch import read_answer
from get3w_codegen.model.lock import LOCK_NAME, read_lock
from get3w_codegen.problems import GenerateError

RUN = {"type": "object", "properties": {"prompt": {"type": "string"}}, "required": ["prompt"]}


def entry(model_id, **facts):
    return {"model_id": model_id, "schema": {**RUN, **facts}}


@pytest.fixture
def pull(run, tmp_path):
    """Pull from an answer that is saved to a file first."""

    def pull(answer, *options, **more):
        (tmp_path / "answer.json").write_text(json.dumps(answer))
        return run("pull", "--from", "answer.json", *options, **more)

    return pull


@pytest.fixture
def serve():
    """Serve one answer, packed or not, and return its address."""
    servers = []

    def serve(body, *headers):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("packed", [True, False])
def test_answer_without_end_is_not_read(serve, tmp_path, packed):
    """An answer of more than 256 MiB, once unpacked, is refused before it fills the memory."""
    zeros = b" " * 2**20
    if packed:
        body = gzip.compress(zeros * 257, compresslevel=1)
        address = serve(body, ("Content-Encoding", "gzip"))
    else:
        address = tmp_path / "long.json"
        with address.open("wb") as file:
            file.truncate(257 * 2**20)

    with pytest.raises(GenerateError, match="says more than 256 MiB, which is not read"):
        read_answer(str(address))


def test_packed_answer_is_read(serve):
    """An answer that is packed as usual comes out as it was."""
    listed = [entry("acme/flux")]
    address = serve(gzip.compress(json.dumps(listed).encode()), ("Content-Encoding", "gzip"))

    assert listed == read_answer(address).value


def test_list_of_too_many_models_is_refused(pull, tmp_path):
    """20,000 models are more than anybody has; a longer list is a mistake or an attack."""
    refused = pull([{"model_id": f"a/{number}"} for number in range(20_001)])

    assert 1 == refused.returncode
    assert "lists 20001 models, and more than 20000 are not read" in refused.stderr
    assert not (tmp_path / "schemas").exists()


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (["acme/Fox", "acme/fox"], "cannot stand side by side"),
        (["acme/fox", "Acme/owl"], "cannot stand side by side"),
        (["acme/fox", "acme/fox.json/owl"], "cannot stand side by side"),
        (["acme/con"], "names a device"),
        (["NUL/fox"], "names a device"),
        (["acme/aux.v2"], "names a device"),
        (["acme/order:1"], "cannot be a model id"),
        (["acme/fox."], "cannot be a model id"),
        (["acme/-rf"], "cannot be a model id"),
        (["acme/a\nb"], "cannot be a model id"),
        ([f"acme/{'x' * 250}"], "cannot be a model id"),
        (["a/" * 2000 + "b"], "cannot be a model id"),
        (["names.lock"], "would take the place"),
        (["Names.LOCK"], "would take the place"),
        (["acme/names.lock"], "would take the place"),
    ],
)
def test_names_that_some_system_cannot_hold(pull, tmp_path, ids, said):
    """Such a model is refused with its reason, and passed over with --keep-going."""
    answer = [entry(model_id) for model_id in [*ids, "good/owl"]]

    refused = pull(answer)

    assert 1 == refused.returncode
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "schemas").exists()
    assert 0 == pull(answer, "--keep-going").returncode
    assert len(ids) == len(list((tmp_path / "schemas").rglob("*.json")))


@pytest.mark.parametrize("depth", [120, 700, 40_000])
@pytest.mark.parametrize("part", ['{"items": %s}', '{"allOf": [%s]}'])
def test_schema_that_is_nested_too_deeply(pull, run, tmp_path, depth, part):
    """It is refused with its reason, and passed over with --keep-going."""
    start, end = part.split("%s")
    deep = f'{{"type": "object", "properties": {{"a": {start * depth}{{}}{end * depth}}}}}'
    saved = f'[{json.dumps(entry("good/owl"))}, {{"model_id": "acme/deep", "schema": {deep}}}]'
    (tmp_path / "answer.json").write_text(saved)

    refused = run("pull", "--from", "answer.json")

    assert 1 == refused.returncode
    assert re.search("nested (deeper than 100 levels|too deeply)", refused.stderr)
    assert "Traceback" not in refused.stderr


def test_stored_twin_is_seen(pull, tmp_path):
    """A model that differs in case from one that is stored is refused."""
    assert 0 == pull([entry("acme/fox")]).returncode

    assert "cannot stand side by side" in pull([entry("acme/Fox")]).stderr


def test_nothing_is_written_through_a_link(pull, tmp_path):
    """A folder that is a link elsewhere is not written into, and everything stays as it was."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/acme").symlink_to(tmp_path / "elsewhere")

    refused = pull([entry("acme/fox"), entry("other/owl")])

    assert 1 == refused.returncode
    assert "schemas/acme is a link to another folder" in refused.stderr
    assert [] == list((tmp_path / "elsewhere").iterdir())
    assert ["acme"] == [path.name for path in (tmp_path / "schemas").iterdir()]


CLAIMS = [
    {"x-provenance": "get3w-docs"},
    {"x-provenance": "get3w-live-list"},
    {"x-get3w-listed": True},
    {"x-provenance": "get3w-docs", "x-get3w-listed": True},
]


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
@pytest.mark.parametrize("named", [True, False])
def test_false_claim_is_not_taken(pull, run, serve, tmp_path, claim, named):
    """A list that is not Get3W's confirms nothing, however it is spelt, and that is told."""
    known = {"x-model-id": "acme/fox"} if named else {}
    answer = [{**entry("acme/fox", **claim, **known), "server": "https://api.get3w.com"}]
    answer[0]["api_schema"] = {
        "api_schemas": [{"server": "https://api.get3w.com", "request_schema": answer[0]["schema"]}]
    }
    address = serve(json.dumps(answer).encode())

    for number, done in enumerate(
        (
            pull(answer, "--schemas", "s0"),
            run("pull", "--from", address, "--schemas", "s1"),
            run("add", "answer.json", "--schemas", "s2"),
        )
    ):
        stored = json.loads((tmp_path / f"s{number}/acme/fox.json").read_text())
        assert "models-list" == stored["x-provenance"]
        assert "x-get3w-listed" not in stored
        assert 0 == done.returncode
        if number < 2:
            assert "acme/fox is called confirmed by Get3W, and this list is not" in done.stderr


def test_configured_origin_may_confirm(run, serve, tmp_path, monkeypatch):
    """What the configured origin says of a model is taken."""
    answer = [entry("acme/fox", **{"x-model-id": "acme/fox", "x-provenance": "get3w-docs"})]
    address = serve(json.dumps(answer).encode())
    monkeypatch.setenv("GET3W_BASE_URL", address)

    done = run("pull")

    assert 0 == done.returncode, done.stderr
    assert "not taken" not in done.stderr
    stored = json.loads((tmp_path / "schemas/acme/fox.json").read_text())
    assert "get3w-docs" == stored["x-provenance"]


@pytest.mark.parametrize(
    "name", ["__init__", "_index", "__main__", "_x", "", "a.b", "ä", "a b", "1"]
)
def test_lock_names_no_module_of_the_package(tmp_path, name):
    """A name that would take the place of one of the package's own modules is refused."""
    (tmp_path / LOCK_NAME).write_text(json.dumps({"acme/fox": name}))

    with pytest.raises(GenerateError, match="has no usable name"):
        read_lock(tmp_path)


@pytest.mark.parametrize("name", ["con", "lpt1", "a" * 300])
def test_lock_names_no_file_that_some_system_cannot_hold(tmp_path, name):
    """A name of a device, or one without end, is refused as a damaged lock is."""
    (tmp_path / LOCK_NAME).write_text(json.dumps({"acme/fox": name}))

    with pytest.raises(GenerateError, match="is damaged"):
        read_lock(tmp_path)
