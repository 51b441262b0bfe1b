"""Both surfaces of the API, over a real connection."""

import json
import re
import time
import uuid

import httpx
import pytest
from get3w_emulator import ManualClock, running

JSON = {"Content-Type": "application/json"}
MODEL = "/api/v3/get3w/flux-dev"


def envelope(data):
    return {"code": 200, "message": "success", "data": data}


def error(status, message):
    return {"code": status, "message": message, "data": None}


def submit(http, **body):
    answer = http.post(MODEL, json={"prompt": "a lighthouse", **body})
    assert 200 == answer.status_code
    return answer.json()["data"]


def test_submit_answers_a_created_prediction(http, emulator):
    """The answer is the documented envelope, field for field."""
    data = submit(http)

    assert re.fullmatch("pred_[0-9a-f]{32}", data["id"])
    assert {
        "id": data["id"],
        "model": "get3w/flux-dev",
        "status": "created",
        "urls": {"get": f"{emulator.url}/api/v3/predictions/{data['id']}"},
        "created_at": data["created_at"],
    } == data
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", data["created_at"])


def test_prediction_moves_with_the_clock(http, clock):
    """It is created, then processing, then completed, and only then has an output."""
    data = submit(http)
    seen = []
    for step in (0, 0.199, 0.001, 0.799, 0.001):
        clock.advance(step)
        seen.append(http.get(data["urls"]["get"]).json()["data"])

    assert ["created", "created", "processing", "processing", "completed"] == [
        each["status"] for each in seen
    ]
    assert [0, 0, 0, 0, 1] == [len(each["outputs"]) for each in seen]
    assert "completed_at" not in seen[3]
    assert "timings" not in seen[3]


def test_completed_prediction_tells_everything(http, emulator, clock):
    """The object has input, outputs, timings and both timestamps."""
    data = submit(http, width=320, webhook_url="https://example.com/hook")
    clock.advance(1)

    bare = http.get(f"/api/v3/predictions/{data['id']}").json()
    result = http.get(f"/api/v3/predictions/{data['id']}/result").json()

    assert bare == result
    assert envelope({
        "id": data["id"],
        "model": "get3w/flux-dev",
        "status": "completed",
        "input": {"prompt": "a lighthouse", "width": 320},
        "outputs": [f"{emulator.url}/_outputs/{data['id']}/0.png"],
        "urls": data["urls"],
        "timings": {"inference": 800},
        "created_at": data["created_at"],
        "completed_at": result["data"]["completed_at"],
    }) == result  # fmt: skip  # a table reads better in rows
    assert result["data"]["created_at"] < result["data"]["completed_at"]


def test_prompt_can_ask_for_a_failure(http, clock):
    """`[[fail]]` in the prompt ends as failed, with HTTP 200, a text and a task code."""
    data = submit(http, prompt="please [[fail]] now")
    clock.advance(1)

    answer = http.get(data["urls"]["get"])

    assert 200 == answer.status_code
    result = answer.json()["data"]
    assert ("failed", [], 1403) == (result["status"], result["outputs"], result["code"])
    assert result["error"]
    assert 404 == http.get(f"/_outputs/{data['id']}/0.png").status_code


def test_sync_mode_of_a_model_that_has_it_answers_when_finished(http):
    """With `enable_sync_mode`, the submit call itself brings the output."""
    body = {"prompt": "x", "enable_sync_mode": True}

    answer = http.post("/api/v3/bytedance/seedream-v4", json=body)

    assert "completed" == answer.json()["data"]["status"]
    assert 1 == len(answer.json()["data"]["outputs"])


def test_delete_works_once(http, emulator):
    """A deleted prediction is gone; the ledger still knows it."""
    data = submit(http)
    url = f"/api/v3/predictions/{data['id']}"

    answer = http.delete(url)

    assert (200, envelope(None)) == (answer.status_code, answer.json())
    assert 404 == http.delete(url).status_code
    assert error(404, "Not found") == http.get(url).json()
    assert [data["id"]] == [each.id for each in emulator.ledger()]


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, "Missing Authorization header"),
        ({"Authorization": "test-key"}, "Invalid Authorization format, expected: Bearer <api_key>"),
        (
            {"Authorization": "Basic test-key"},
            "Invalid Authorization format, expected: Bearer <api_key>",
        ),
        ({"Authorization": "Bearer"}, "Invalid Authorization format, expected: Bearer <api_key>"),
        ({"Authorization": "Bearer other"}, "Invalid or revoked API key"),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", MODEL), ("GET", "/api/v3/balance"), ("POST", "/api/v3/no/such")]
)
def test_key_is_asked_for_everywhere(stranger, emulator, headers, message, method, path):
    """A call without the right key is told so in the documented words, and does nothing."""
    answer = stranger.request(method, path, headers=headers, json={"prompt": "x"})

    assert (401, error(401, message)) == (answer.status_code, answer.json())
    assert [] == emulator.ledger()


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({}, [("", "'prompt' is a required property")]),
        (
            {"prompt": 1, "width": 1.5},
            [("/prompt", "1 is not of type 'string'"), ("/width", "1.5 is not of type 'integer'")],
        ),
        (
            {"prompt": "x", "widht": 1},
            [("", "Unevaluated properties are not allowed ('widht' was unexpected)")],
        ),
        ({"prompt": "x", "webhook_url": 1}, [("/webhook_url", "is not a string")]),
        ([], [("", "is not an object")]),
        (None, [("", "is not an object")]),
    ],
)
def test_invalid_body_is_refused_with_details(http, emulator, body, details):
    """The text is exactly the documented one; what is wrong stands beside it."""
    answer = http.post(MODEL, content=json.dumps(body), headers=JSON)

    assert 400 == answer.status_code
    assert {
        **error(400, "Invalid parameters"),
        "details": [{"pointer": pointer, "message": message} for pointer, message in details],
    } == answer.json()
    assert [] == emulator.ledger()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"prompt=x", b"\xff\xfe", b'{"prompt": NaN}', b'{"seed": 1e999}', b"[" * 200_000],
)
def test_body_that_is_no_json_is_refused(http, content):
    """Nothing in a body makes a server error."""
    answer = http.post(MODEL, content=content, headers=JSON)

    assert (400, "Invalid parameters") == (answer.status_code, answer.json()["message"])
    assert "is not JSON" in answer.json()["details"][0]["message"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/api/v3/no/such-model", 404),
        ("GET", "/api/v3/no/such-model", 404),
        ("GET", "/api/v3/predictions/pred_none", 404),
        ("POST", "/api/v3/predictions", 404),
        ("GET", "/api/v4/models", 404),
        ("GET", "/nowhere", 404),
        ("GET", "/_outputs/none/0.png", 404),
        ("GET", "/_uploads/none.png", 404),
        ("GET", MODEL, 405),
        ("PUT", MODEL, 405),
        ("POST", "/api/v3/balance", 405),
        ("GET", "/api/v3/files/upload", 405),
        ("POST", "/api/v3/predictions/x", 405),
    ],
)
def test_wrong_place_and_wrong_method_are_told(http, method, path, status):
    """Fixed routes win over models, and errors come in the envelope."""
    answer = http.request(method, path)

    message = {404: "Not found", 405: "Method not allowed"}[status]
    assert (status, error(status, message)) == (answer.status_code, answer.json())
    assert (status == 405) == ("allow" in answer.headers)


def test_head_answers_without_a_body(http):
    """HEAD is GET without the body."""
    answer = http.head("/api/v3/models")

    assert (200, b"") == (answer.status_code, answer.content)


def test_every_listed_model_runs_on_both_surfaces(http):
    """The list names each model with its original schema; each is served by v3 and by v1."""
    models = http.get("/api/v3/models").json()["data"]

    assert 54 <= len(models)
    for model in models:
        (run,) = model["api_schema"]["api_schemas"]

        assert f"/api/v3/{model['model_id']}" == run["api_path"]
        assert model["model_id"] == run["request_schema"]["x-model-id"]
        assert 400 == http.post(run["api_path"], json={"no such": 1}).status_code
        assert 400 == http.post(f"/v1/{model['model_id']}", json={"no such": 1}).status_code


def test_listed_model_has_the_known_shape(http, emulator):
    """An entry has exactly the keys of the real list."""
    models = {each["model_id"]: each for each in http.get("/api/v3/models").json()["data"]}
    model = models["minimax/video-01"]
    schema = model["api_schema"]["api_schemas"][0].pop("request_schema")

    assert {
        "model_id": "minimax/video-01",
        "name": "minimax/video-01",
        "base_price": 0.5,
        "description": "",
        "type": "image-to-video",
        "sort_order": sorted(models).index("minimax/video-01") + 1,
        "api_schema": {
            "api_schemas": [
                {
                    "type": "model_run",
                    "method": "POST",
                    "server": emulator.url,
                    "api_path": "/api/v3/minimax/video-01",
                }
            ]
        },
    } == model
    assert False is schema["additionalProperties"]


def test_v1_submit_is_flat(http):
    """The v1 answer has no envelope, a UUID and a duration in whole seconds."""
    data = http.post("/v1/google/nano-banana-pro/text-to-image", json={"prompt": "x"}).json()

    assert {"id": str(uuid.UUID(data["id"])), "status": "created", "estimated_duration": 1} == data


def test_v1_result_is_flat(http, emulator, clock):
    """The v1 result is the bare prediction, whose address is on v1."""
    data = http.post("/v1/get3w/flux-dev?webhook=https%3A%2F%2Fexample.com", json={"prompt": "x"})
    url = f"{emulator.url}/v1/requests/{data.json()['id']}"
    clock.advance(1)

    result = http.get(url).json()

    assert ("completed", {"prompt": "x"}, {"get": url}) == (
        result["status"],
        result["input"],
        result["urls"],
    )


def test_v1_sync_answers_when_finished(http):
    """`?sync=true` waits for the end; a failure is a 200 as well."""
    done = http.post("/v1/get3w/flux-dev?sync=true", json={"prompt": "x"}).json()
    failed = http.post("/v1/get3w/flux-dev?sync=true", json={"prompt": "[[fail]]"}).json()

    assert ("completed", 1) == (done["status"], len(done["outputs"]))
    assert ("failed", 1403) == (failed["status"], failed["code"])


def test_v1_errors_have_code_and_error(http, stranger):
    """The v1 error body has the text in `error`, and no data."""
    unknown = http.post("/v1/no/such-model", json={})
    invalid = http.post("/v1/get3w/flux-dev", json={})
    keyless = stranger.post("/v1/get3w/flux-dev", json={})

    assert {"code": 404, "error": "Not found"} == unknown.json()
    assert {"code": 404, "error": "Not found"} == http.get("/v1/requests/none").json()
    assert {"code": 401, "error": "Missing Authorization header"} == keyless.json()
    assert "Invalid parameters" == invalid.json()["error"]
    assert ["code", "error", "details"] == list(invalid.json())


def test_calls_on_one_connection_do_not_wait(http):
    """An answer leaves at once: 40 calls take no 40 ms each."""
    before = time.monotonic()
    for _ in range(40):
        http.get("/api/v3/balance")

    assert time.monotonic() - before < 1.2


def test_addresses_follow_the_host_the_caller_used(http, emulator):
    """A caller that came under another name is sent back to that name."""
    port = httpx.URL(emulator.url).port
    answer = http.post(MODEL, json={"prompt": "x"}, headers={"Host": f"localhost:{port}"}).json()[
        "data"
    ]

    assert answer["urls"]["get"].startswith(f"http://localhost:{port}/api/v3/predictions/")


def test_own_webhook_url_of_a_model_reaches_its_schema(tmp_path):
    """A model that has a parameter of that name keeps it."""
    schema = {"properties": {"webhook_url": {"type": "integer"}}}
    (tmp_path / "m.json").write_text(json.dumps(schema))
    headers = {"Authorization": "Bearer k"}

    with running(schemas=tmp_path, api_key="k") as emulator, httpx.Client() as http:
        answer = http.post(f"{emulator.url}/api/v3/m", json={"webhook_url": 1}, headers=headers)

        assert 200 == answer.status_code
        assert [{"webhook_url": 1}] == [each.input for each in emulator.ledger()]


class BreakingClock(ManualClock):
    """A clock that works until it is broken."""

    broken = False

    def now(self):
        if self.broken:
            raise RuntimeError("a spring came loose")
        return super().now()


def test_unexpected_exception_is_a_server_error(caplog):
    """What goes wrong inside is answered 500 and logged, and the server lives on."""
    clock = BreakingClock()
    headers = {"Authorization": "Bearer test-key"}

    with running(clock=clock) as emulator, httpx.Client(base_url=emulator.url) as http:
        clock.broken = True
        v3 = http.post(MODEL, json={"prompt": "x"}, headers=headers)
        v1 = http.post("/v1/get3w/flux-dev", json={"prompt": "x"}, headers=headers)
        clock.broken = False

        assert 200 == http.post(MODEL, json={"prompt": "x"}, headers=headers).status_code

    assert (500, error(500, "Server error")) == (v3.status_code, v3.json())
    assert {"code": 500, "error": "Server error"} == v1.json()
    assert f"POST {MODEL} failed" in caplog.text
