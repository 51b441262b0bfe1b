"""What the playground page is served: its files, its catalogue and its verdicts."""

import json
import re
import sys
from contextlib import suppress
from datetime import datetime
from graphlib import TopologicalSorter
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urljoin
from uuid import uuid4

import httpx
import pytest
from get3w_emulator import Settings, in_process, running

STATIC = Path(sys.modules["get3w_emulator"].__file__).parent / "playground/static"


def test_page_links_only_to_what_is_there(stranger):
    """The page needs no key, and all that it and its files refer to is served beside it."""
    page = stranger.get("/")
    found = set(re.findall(r'(?:href|src)="(/[^"#]+)"', page.text))
    scripts = [path for path in found if path.endswith(".js")]
    for path in scripts:
        text = stranger.get(path).text
        for name in re.findall(r'from "(\.[^"]+)"', text):
            if (other := urljoin(path, name)) not in scripts:
                scripts.append(other)

    assert 200 == page.status_code
    assert {"/_emulator/page/main.js", "/_emulator/page/base.css"} <= found
    assert 15 < len(scripts)
    for path in found.union(scripts):
        answer = stranger.get(path)
        assert 200 == answer.status_code, path
        assert "nosniff" == answer.headers["x-content-type-options"]


def test_page_may_fetch_from_nowhere_else(stranger):
    """The page's policy names no origin but its own, and its files name no other address."""
    policy = stranger.get("/").headers["content-security-policy"]
    texts = {path.name: path.read_text(encoding="utf-8") for path in STATIC.rglob("*.*")}

    assert "default-src 'self';" in policy
    assert "http" not in policy
    # The first names a format, the second is what an example holds; neither is opened.
    assert {"www.w3.org", "example.com"} == {
        host for text in texts.values() for host in re.findall(r"https?://([\w.]+)", text)
    }


def test_scripts_import_one_way_and_are_small():
    """No script of the page imports itself by way of others, and none is over 250 lines."""
    texts = {path: path.read_text(encoding="utf-8") for path in STATIC.rglob("*.js")}
    imports = {
        path: {(path.parent / name).resolve() for name in re.findall(r'from "(\.[^"]+)"', text)}
        for path, text in texts.items()
    }

    assert {*texts} == {*TopologicalSorter(imports).static_order()}
    assert [] == [name for name, text in texts.items() if len(text.splitlines()) > 250]


def test_only_a_schema_that_says_so_is_confirmed(tmp_path):
    """Get3W's documentation or list confirms a model; silence does not."""
    said = {"a": {"x-provenance": "get3w-docs"}, "b": {"x-get3w-listed": True}, "c": {}}
    for name, keys in said.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({"type": "object", **keys}))

    with running(schemas=tmp_path) as emulator:
        models = httpx.get(f"{emulator.url}/_emulator/models").json()["models"]

    assert [True, True, False] == [each["documented"] for each in models]


@pytest.mark.parametrize("name", ["..%2fplayground.py", "%2e%2e/playground.py", "x.js", "", "."])
def test_nothing_but_the_page_is_served(stranger, name):
    """There is nothing but the page's own files."""
    assert 404 == stranger.get(f"/_emulator/page/{name}").status_code


def test_no_path_leads_out_of_the_page(stranger, tmp_path):
    """A file of a kind that is served stays out of reach elsewhere."""
    secret = tmp_path / "secret.css"
    secret.write_text("secret", encoding="utf-8")
    up = "..%2f" * 20 + str(secret).lstrip("/")

    for name in (secret, up):
        assert 404 == stranger.get(f"/_emulator/page/{name}").status_code


def test_catalogue_names_all_models(stranger, catalogue):
    """The page gets every model, and the key to call them with."""
    answer = stranger.get("/_emulator/models", headers={"Sec-Fetch-Site": "same-origin"}).json()
    one = stranger.get("/_emulator/models/google/nano-banana-pro/text-to-image").json()

    assert "test-key" == answer["api_key"]
    assert [*catalogue] == [each["id"] for each in answer["models"]]
    assert ("text-to-image", True) == (one["kind"], one["documented"])
    assert "prompt" == one["order"][0]
    assert "object" == one["schema"]["type"]
    assert 404 == stranger.get("/_emulator/models/none/such").status_code


def submitted(http, model_id="get3w/flux-dev", **body):
    """Submit and return the id of the task."""
    return http.post(f"/api/v3/{model_id}", json=body).json()["data"]["id"]


def listed(http, **query):
    """Return the tasks of the history."""
    return http.get("/_emulator/history", params=query).json()["tasks"]


def test_history_is_the_end_of_the_ledger(http, emulator):
    """The latest tasks come first, with the number of all, and each has its own address."""
    ids = [submitted(http, prompt=str(number)) for number in range(203)]
    answer = http.get("/_emulator/history").json()
    one = http.get(f"/_emulator/history/{ids[-1]}").json()

    assert (203, 200) == (answer["total"], answer["most"])
    assert ids[:2:-1] == [each["id"] for each in answer["tasks"]]
    assert answer["tasks"][0].items() <= one.items()
    assert {"prompt": "202"} == one["prediction"]["input"]
    assert 404 == http.get("/_emulator/history/pred_none").status_code


def test_history_says_what_became_of_a_task(http, emulator, clock):
    """Status, time, cost, refund and reason of each task are those of the API and the books."""
    emulator.outcomes([{"prompt": "weapon", "code": 1200}, {"prompt": "outage", "code": 5000}])
    cheap = submitted(http, prompt="fine")
    refused = submitted(http, prompt="a weapon")
    returned = submitted(http, "google/veo3", prompt="outage")
    clock.advance(0.5)
    assert ("processing", 0.5) == (listed(http)[-1]["status"], listed(http)[-1]["seconds"])
    clock.advance(60)
    tasks = {each["id"]: each for each in listed(http)}
    shown = {
        each: tuple(tasks[each][name] for name in ("status", "seconds", "error", "code"))
        for each in tasks
    }

    assert ("completed", 1.0, None, None) == shown[cheap]
    assert ("failed", 1.0, "Content moderation: the input was refused", 1200) == shown[refused]
    assert ("failed", 5.0, "Internal error", 5000) == shown[returned]
    assert [(0.01, True, False), (0.01, True, False), (3.2, False, True)] == [
        (tasks[each]["charged"], tasks[each]["charge_is_made_up"], tasks[each]["refunded"])
        for each in (cheap, refused, returned)
    ]
    assert 200 == http.get(tasks[cheap]["output"]).status_code
    assert (None, None) == (tasks[refused]["output"], tasks[returned]["output"])


def test_history_keeps_deleted_tasks(http, clock):
    """A deleted task stays in the history, is called deleted, and can be opened."""
    deleted = submitted(http, prompt="x")
    clock.advance(5)
    http.delete(f"/api/v3/predictions/{deleted}")

    assert ["deleted"] == [each["status"] for each in listed(http)]
    assert "deleted" == http.get(f"/_emulator/history/{deleted}").json()["status"]


def test_history_is_searched(http, emulator, clock):
    """Words are looked for in id, model, prompt and error; status and model narrow further."""
    emulator.outcomes([{"prompt": "storm", "code": 1200}])
    calm = submitted(http, prompt="A calm sea")
    storm = submitted(http, prompt="a storm at sea")
    video = submitted(http, "google/veo3", prompt="sea and sky")
    clock.advance(2)
    found = {
        name: [each["id"] for each in listed(http, **query)]
        for name, query in {
            "words": {"search": "SEA a"},
            "both": {"search": "sea sky"},
            "error": {"search": "moderation"},
            "id": {"search": calm[5:20]},
            "model": {"model": "google/veo3"},
            "status": {"status": "completed"},
            "nothing": {"search": "sea", "status": "deleted"},
        }.items()
    }

    assert {
        "words": [video, storm, calm],
        "both": [video],
        "error": [storm],
        "id": [calm],
        "model": [video],
        "status": [calm],
        "nothing": [],
    } == found


def test_history_survives_a_restart(tmp_path):
    """With a state file the history is there after a restart, pictures included."""
    headers = {"Authorization": "Bearer test-key"}
    for _ in range(2):
        with (
            running(image_seconds=0, state=tmp_path / "state") as emulator,
            httpx.Client(base_url=emulator.url, headers=headers) as http,
        ):
            submitted(http, prompt="x")
            pictures = [http.get(each["output"]).status_code for each in listed(http)]

    assert [200, 200] == pictures


def sent(http, fault=None, token=None, **body):
    """Submit as the page does."""
    call = {
        "token": token or str(uuid4()),
        "path": "/api/v3/get3w/flux-dev",
        "body": {"prompt": "x", **body},
    }
    headers = {"X-Emulator-Fault": fault} if fault else {}
    answer = http.post("/_emulator/send", json=call, headers=headers)
    assert 200 == answer.status_code, answer.text
    return answer.json()


ACCEPTING = ("drop_after_accept", "truncate", "malformed", "delay; seconds=0.01")


@pytest.mark.parametrize("path", ["/api/v3/get3w/flux-dev", "/v1/get3w/flux-dev"])
@pytest.mark.parametrize("asked_by", ["header", "rule"])
@pytest.mark.parametrize("fault", [None, *ACCEPTING])
def test_history_names_the_fault_of_the_accepting_call(http, emulator, path, asked_by, fault):
    """A task keeps the kind of the fault that struck its submit, by header or by rule."""
    kind = fault and fault.partition(";")[0]
    headers = {"X-Emulator-Fault": fault} if fault and asked_by == "header" else {}
    if fault and asked_by == "rule":
        emulator.faults([{"fault": kind, "seconds": 0.01, "times": 1}])
    with suppress(httpx.TransportError):  # what the caller sees of it is another test's
        http.post(path, json={"prompt": "x"}, headers=headers)
    (task,) = listed(http)

    assert kind == task["fault"]
    assert kind == http.get(f"/_emulator/history/{task['id']}").json()["fault"]


def test_history_is_narrowed_to_tasks_whose_call_was_struck(http, emulator):
    """The filter takes one kind of fault, or `any`; a fault of a later read does not count."""
    for fault in (None, *ACCEPTING[:3]):
        sent(http, fault, prompt=str(fault))
    read = f"/api/v3/predictions/{emulator.ledger()[0].id}"
    http.get(read, headers={"X-Emulator-Fault": "malformed"})

    assert ["malformed"] == [each["words"] for each in listed(http, fault="malformed")]
    assert [*ACCEPTING[2::-1]] == [each["fault"] for each in listed(http, fault="any")]
    assert 4 == len(listed(http, fault=""))
    assert [] == listed(http, fault="delay")


def test_fault_of_a_task_with_a_webhook_is_kept(http):
    """A webhook in the body takes nothing from what is known of the call."""
    sent(http, "malformed", webhook_url="http://127.0.0.1:9/hook")

    assert ["malformed"] == [each["fault"] for each in listed(http)]


@pytest.mark.parametrize(
    ("fault", "status", "end", "tasks"),
    [
        (None, 200, "whole", 1),
        ("drop_after_accept", None, "closed", 1),
        ("drop_before_accept", None, "closed", 0),
        ("truncate", 200, "cut", 1),
        ("malformed", 200, "whole", 1),
        ("status; status=429", 429, "whole", 0),
        ("delay; seconds=0.01", 200, "whole", 1),
    ],
)
def test_submit_of_the_page_is_seen_from_both_sides(http, emulator, fault, status, end, tasks):
    """The page's submit is sent once, and both what came back and what was accepted are told."""
    answer = sent(http, fault)
    seen = answer["seen"]

    assert (status, end) == (seen["status"], seen["end"])
    assert [each.id for each in emulator.ledger()] == [each["id"] for each in answer["ledger"]]
    assert tasks == len(emulator.ledger())


def test_submit_of_the_page_is_struck_by_rules(http, emulator):
    """A rule strikes the page's submit as it does a program's, and shows Retry-After."""
    rule = {"fault": "status", "status": 429, "headers": {"Retry-After": "7"}, "times": 1}
    emulator.faults([rule])
    first, second = sent(http), sent(http)

    assert (429, "7", []) == (
        first["seen"]["status"],
        first["seen"]["retry_after"],
        first["ledger"],
    )
    assert 200 == second["seen"]["status"]


def test_submit_that_a_browser_repeats_counts_once(http, emulator):
    """The same token brings the same answer and no second task, another token a second one."""
    token = str(uuid4())
    first, again = (sent(http, "drop_after_accept", token) for _ in range(2))
    other = sent(http)

    assert first == again
    assert 2 == len(emulator.ledger())
    assert first["ledger"][0]["id"] != other["ledger"][0]["id"]


def test_submit_finds_the_task_of_any_model(tmp_path):
    """A model is found in the ledger whatever characters of a model id its name has."""
    (tmp_path / "a_b").mkdir()
    (tmp_path / "a_b/m-1.5.json").write_text('{"type": "object", "properties": {}}')
    headers = {"Authorization": "Bearer test-key"}
    with (
        running(schemas=tmp_path) as emulator,
        httpx.Client(base_url=emulator.url, headers=headers) as http,
    ):
        path = "/_emulator/check/a_b/m-1.5"
        request = http.post(path, json={"input": {}, "webhook_url": "http://h/"}).json()["request"]
        answer = http.post("/_emulator/send", json={"token": "t", **request}).json()

    assert 1 == len(answer["ledger"])


def test_undecodable_answer_is_seen(http, emulator):
    """An answer that calls itself compressed and is not is shown as it came."""
    rule = {"fault": "status", "status": 502, "headers": {"Content-Encoding": "gzip"}, "body": "x"}
    emulator.faults([rule])

    assert (502, "x", "whole") == tuple(
        sent(http)["seen"][name] for name in ("status", "body", "end")
    )


def test_submit_in_process_is_refused():
    """Where nothing listens, the page's way to submit says so."""
    call = {"token": "t", "path": "/v1/get3w/flux-dev", "body": {"prompt": "x"}}
    with (
        in_process(Settings()) as emulator,
        httpx.Client(transport=emulator.transport(), base_url=emulator.url) as http,
    ):
        answer = http.post("/_emulator/send", json=call)

    assert 400 == answer.status_code
    assert "listens on no port" in answer.json()["message"]


def test_submit_of_the_page_needs_the_key(stranger, emulator):
    """The emulator adds no key of its own to what the page sends."""
    assert 401 == sent(stranger)["seen"]["status"]
    assert [] == emulator.ledger()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"token": ""}, "/token"),
        ({"token": 1}, "/token"),
        ({"path": "/_emulator/reset"}, "/path"),
        ({"path": "http://example.com/api/v3/x"}, "/path"),
        ({"path": "/api/v3/a b"}, "/path"),
        ({"path": "/v1/a\r\nX: y"}, "/path"),
        ({"body": []}, "/body"),
    ],
)
def test_nothing_but_a_submit_is_sent(http, change, pointer):
    """Only paths of the API on this emulator are called, and each part of the call is judged."""
    call = {"token": "t", "path": "/api/v3/get3w/flux-dev", "body": {}, **change}
    answer = http.post("/_emulator/send", json=call)

    assert (400, [pointer]) == (
        answer.status_code,
        [each["pointer"] for each in answer.json()["details"]],
    )


def test_status_says_what_the_emulator_holds(http, emulator, clock):
    """Version, clock, balance and number of tasks are those of the emulator."""
    submitted(http, prompt="x")
    status = http.get("/_emulator/status").json()

    assert version("get3w-models") == status["version"]
    assert float(emulator.balance()) == status["balance"]
    assert (1, False, False) == (
        status["tasks"],
        status["balance_is_enforced"],
        status["keeps_state"],
    )
    assert clock.now() == pytest.approx(datetime.fromisoformat(status["now"]).timestamp())


def test_price_is_the_schemas_or_unknown(tmp_path):
    """A model without a price has none, and what it is charged all the same is said apart."""
    for name, keys in {
        "a": {"x-base-price-usd": 0.25},
        "b": {},
        "c": {"x-base-price-usd": 0},
    }.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({"type": "object", **keys}))
    with running(schemas=tmp_path) as emulator:
        models = httpx.get(f"{emulator.url}/_emulator/models").json()["models"]

    assert [(0.25, 0.25), (None, 0.01), (0, 0)] == [
        (each["price"], each["charge"]) for each in models
    ]


def test_catalogue_says_what_a_model_takes(stranger):
    """Name in Python, number of parameters, and the media that parameters take."""
    models = {each["id"]: each for each in stranger.get("/_emulator/models").json()["models"]}
    edit, flux = models["google/nano-banana/edit"], models["get3w/flux-dev"]

    assert ("nano_banana_edit", ["image"]) == (edit["name"], edit["takes"])
    assert ("flux_dev", [], 4) == (flux["name"], flux["takes"], flux["parameters"])


def test_page_is_not_struck_by_faults(stranger, emulator):
    """Rules for all paths leave the page working: it is where one takes them back."""
    emulator.faults([{"fault": "status", "status": 503}])

    assert 200 == stranger.get("/").status_code
    assert 200 == stranger.get("/_emulator/models").status_code
    assert 503 == stranger.get("/api/v3/models").status_code


def test_rules_can_be_read_and_put_back(stranger):
    """The rules in force are told as they were given, with what is left of them."""
    rules = [
        {"fault": "status", "status": 500, "method": "GET", "path": "/api/v3/*", "times": 2},
        {"fault": "delay", "seconds": 0.0, "probability": 0.5},
        {"fault": "truncate", "method": "PUT", "times": 1},
    ]
    stranger.post("/_emulator/faults", json=rules)
    assert 500 == stranger.get("/api/v3/models").status_code
    told = stranger.get("/_emulator/faults").json()["rules"]
    again = stranger.post("/_emulator/faults", json=told)
    assert 500 == stranger.get("/api/v3/models").status_code

    assert [{**rules[0], "times": 1}, *rules[1:]] == told
    assert {"rules": 3} == again.json()
    assert rules[1:] == stranger.get("/_emulator/faults").json()["rules"]


@pytest.mark.parametrize(
    ("model_id", "value", "pointer", "words"),
    [
        ("get3w/flux-dev", {}, "/prompt", "is required"),
        ("get3w/flux-dev", {"prompt": "x", "width": "9"}, "/width", "not of type 'integer'"),
        ("get3w/flux-dev", {"prompt": "x", "with": 9}, "", "'with' was unexpected"),
        (
            "kwaivgi/kling-v3.0-pro/image-to-video",
            {"image": "u", "multi_prompt": [{"duration": 5}, {"duration": 1}]},
            "/multi_prompt/1/duration",
            "1 is not one of",
        ),
        (
            "kwaivgi/kling-video-o1/image-to-video",
            {"image": "u", "prompt": "x", "duration": 7},
            "/duration",
            "7 is not one of [5, 10]",
        ),
    ],
)
def test_problem_is_told_at_its_field(http, model_id, value, pointer, words, checked):
    """Each problem names the field that a person has to change; a submit refuses the same."""
    problems = checked(http, model_id, value)["problems"]

    assert 1 == len(problems), problems
    assert pointer == problems[0]["pointer"]
    assert words in problems[0]["message"]
    assert 400 == http.post(f"/api/v3/{model_id}", json=value).status_code


def test_problem_inside_an_alternative_is_told_there(tmp_path, checked):
    """Where a value may take one of several forms, the likeliest one says what is wrong."""
    size = {"type": "object", "properties": {"width": {"type": "integer"}}, "required": ["width"]}
    schema = {
        "type": "object",
        "properties": {"size": {"anyOf": [{"type": "string"}, size]}, "a": {}, "b": {}},
        "not": {"required": ["a", "b"]},
    }
    (tmp_path / "m.json").write_text(json.dumps(schema), encoding="utf-8")
    with running(schemas=tmp_path) as emulator, httpx.Client(base_url=emulator.url) as http:
        wrong = checked(http, "m", {"size": {"width": "wide"}})
        right = checked(http, "m", {"size": {"width": 3}})
        both = checked(http, "m", {"a": 1, "b": 2})

    assert ["/size/width"] == [each["pointer"] for each in wrong["problems"]]
    assert [{"pointer": "", "message": "a and b cannot be given together"}] == both["problems"]
    assert [] == right["problems"]
    assert right["name_is_certain"] is False  # nothing locks it


def test_check_needs_an_input(http):
    """A check of anything but an object says where an object is missing, and shows one."""
    for body, pointer in (
        ([], ""),
        ({"prompt": "a lighthouse"}, "/input"),
        ({"input": 3}, "/input"),
        ({"input": {}, "webhook_url": 3}, "/webhook_url"),
    ):
        answer = http.post("/_emulator/check/get3w/flux-dev", json=body)
        [detail] = answer.json()["details"]

        assert (400, pointer) == (answer.status_code, detail["pointer"])
        assert "must be" in detail["message"]
