"""What the playground page is served: its files, its verdicts and the calls that it shows."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from get3w_codegen import names as codegen_names
from get3w_emulator import running
from get3w_emulator.playground_calls import in_order
from get3w_emulator.playground_names import RESERVED, item_classes, parameter_names
from get3w_emulator.schemas import default_folder, load
from get3w_models import model_ids, request_class
from hypothesis import given
from hypothesis import strategies as st

# Each program waits for a prediction, so they wait together.
SIDE_BY_SIDE = """
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

programs = json.loads(Path(__file__).with_name("programs.json").read_text(encoding="utf-8"))
with ThreadPoolExecutor(len(programs)) as pool:
    list(pool.map(lambda program: exec(program, {}), programs))
"""
AWKWARD = 'it\'s "half" past\nnoon \\ $HOME `id` \u00e9 \U0001f600'


@pytest.fixture(scope="module")
def catalogue():
    return load(default_folder())


@pytest.fixture(scope="module")
def hasty():
    """An emulator whose predictions are done at once."""
    with running(image_seconds=0) as emulator:
        yield emulator


def checked(http, model_id, value, **more):
    answer = http.post(f"/_emulator/check/{model_id}", json={"input": value, **more})
    assert 200 == answer.status_code
    return answer.json()


def sample(schema):
    """Return some value that a schema is likely to accept."""
    if "enum" in schema:
        return schema["enum"][-1]
    match schema.get("type"):
        case "string":
            return schema.get("default", "https://example.com/a.png")
        case "integer" | "number":
            return schema.get("minimum", schema.get("default", 1))
        case "boolean":
            return True
        case "array":
            return [sample(schema["items"])]
        case "object":
            return {name: sample(each) for name, each in schema["properties"].items()}
    raise AssertionError(schema)


def input_of(http, model):
    """Return an input with as many parameters as the model takes at once."""
    properties, required = model.schema["properties"], model.schema.get("required", [])
    value = {name: sample(each) for name, each in properties.items()}
    if not checked(http, model.id, value)["problems"]:
        return value
    value = {name: sample(properties[name]) for name in required}
    for name, each in properties.items():
        more = {**value, name: sample(each)}
        if not checked(http, model.id, more)["problems"]:
            value = more
    return value


def test_page_links_only_to_what_is_there(stranger):
    """The page needs no key, and all that it and its files refer to is served beside it."""
    page = stranger.get("/")
    found = set(re.findall(r'(?:href|src)="(/[^"#]+)"', page.text))
    scripts = [path for path in found if path.endswith(".js")]
    for path in scripts:
        text = stranger.get(path).text
        for name in re.findall(r'from "\./([^"]+)"', text):
            if (other := f"/_emulator/page/{name}") not in scripts:
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
    folder = Path(sys.modules["get3w_emulator"].__file__).with_name("_page")
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}

    assert "default-src 'self';" in policy
    assert "http" not in policy
    # The first names a format, the second is what an example holds; neither is opened.
    assert {"www.w3.org", "example.com"} == {
        host for text in texts.values() for host in re.findall(r"https?://([\w.]+)", text)
    }


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
    answer = stranger.get("/_emulator/models").json()
    one = stranger.get("/_emulator/models/google/nano-banana-pro/text-to-image").json()

    assert "test-key" == answer["api_key"]
    assert [*catalogue] == [each["id"] for each in answer["models"]]
    assert ("text-to-image", True) == (one["kind"], one["documented"])
    assert "prompt" == one["order"][0]
    assert "object" == one["schema"]["type"]
    assert 404 == stranger.get("/_emulator/models/none/such").status_code


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
def test_problem_is_told_at_its_field(http, model_id, value, pointer, words):
    """Each problem names the field that a person has to change; a submit refuses the same."""
    problems = checked(http, model_id, value)["problems"]

    assert 1 == len(problems), problems
    assert pointer == problems[0]["pointer"]
    assert words in problems[0]["message"]
    assert 400 == http.post(f"/api/v3/{model_id}", json=value).status_code


def test_problem_inside_an_alternative_is_told_there(tmp_path):
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
    # Nothing locks the name, and the class inside the union is the generator's secret.
    assert right["name_is_certain"] is False
    assert 'prediction = submit_m(size={"width": 3})\n' in right["python"]


def test_check_needs_an_input(http):
    """A check of anything but an object is the page's own mistake."""
    for body in ([], {"input": 3}, {"input": {}, "webhook_url": 3}):
        assert 400 == http.post("/_emulator/check/get3w/flux-dev", json=body).status_code


def test_names_are_those_of_the_client(catalogue):
    """Functions, parameters with their order, and classes are called as in the typed client."""
    for model_id in model_ids():
        made = request_class(model_id)
        schema = catalogue[model_id].schema
        names = parameter_names(schema["properties"])
        aliases = {field.alias or name: name for name, field in made.model_fields.items()}
        module = sys.modules[made.__module__]
        classes = {
            name
            for name in module.__all__
            if isinstance(each := getattr(module, name), type) and each is not made
        }

        assert aliases == names
        assert [*made.model_fields] == [names[wire] for wire in in_order(schema)]
        assert classes == {*item_classes(schema).values()}


def test_reserved_names_are_those_of_the_generator():
    """What gets a trailing underscore there gets one here."""
    assert codegen_names._RESERVED == RESERVED


@given(
    st.lists(st.sampled_from("a a_ class class_ 1 _a a.b a-b self client é ''".split()) | st.text())
)
def test_parameter_names_follow_the_generator(properties):
    """Any set of properties is named as the generator names it."""
    assert codegen_names.field_names({*properties}) == parameter_names({*properties})


def test_python_of_every_model_runs(hasty, catalogue, tmp_path):
    """For each model, the program shown and the page's own request are accepted as the same."""
    programs, names = [], []
    with httpx.Client(base_url=hasty.url, headers={"Authorization": "Bearer test-key"}) as http:
        for model in catalogue.values():
            value = input_of(http, model)
            answer = checked(http, model.id, value, webhook_url="http://127.0.0.1:9/hook?a=1&b=2")
            sent = http.post(answer["request"]["path"], json=answer["request"]["body"])
            assert 200 == sent.status_code, (model.id, answer["problems"])
            assert answer["name_is_certain"]
            programs.append(answer["python"])
            names.append(model.id)
    by_page = [(each.model, each.input) for each in hasty.ledger()]
    hasty.reset()
    (tmp_path / "programs.json").write_text(json.dumps(programs), encoding="utf-8")
    runner = tmp_path / "runner.py"
    runner.write_text(SIDE_BY_SIDE, encoding="utf-8")
    result = run([sys.executable, str(runner)], hasty)
    by_python = {each.model: each.input for each in hasty.ledger()}

    assert (0, "") == (result.returncode, result.stderr)
    assert names == [model_id for model_id, _ in by_page]
    assert len(names) == len(hasty.ledger())
    assert dict(by_page) == by_python
    assert max(len(value) for _, value in by_page) > 5
    assert len(names) == result.stdout.count("http")


def run(command, emulator):
    env = {**os.environ, "GET3W_BASE_URL": emulator.url, "GET3W_API_KEY": emulator.api_key}
    env["PYTHONPATH"] = os.pathsep.join(sys.path)
    return subprocess.run(
        command, env=env, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False
    )


@pytest.mark.parametrize(
    "value",
    [
        {"prompt": AWKWARD, "seed": -1},
        {"prompt": "'quoted'"},
        {"prompt": '"quoted"'},
        {"prompt": "x" * 300, "width": 10**15},
    ],
)
def test_shown_calls_carry_any_text(hasty, value, tmp_path):
    """Quotes, newlines and what a shell or Python would act on arrive as they were written."""
    hasty.reset()
    with httpx.Client(base_url=hasty.url) as http:
        answer = checked(http, "get3w/flux-dev", value)
    program = tmp_path / "one.py"
    program.write_text(answer["python"], encoding="utf-8")
    by_python = run([sys.executable, str(program)], hasty)

    assert (0, "") == (by_python.returncode, by_python.stderr)
    assert [value] == [each.input for each in hasty.ledger()]
    if shutil.which("curl") and shutil.which("sh"):
        by_curl = run(["sh", "-c", answer["curl"]], hasty)
        assert 0 == by_curl.returncode
        assert [value, value] == [each.input for each in hasty.ledger()]


def test_unknown_parameter_goes_the_way_out(http):
    """What the schema does not list is shown as `extra_body`, which is where it can be sent."""
    answer = checked(http, "get3w/flux-dev", {"prompt": "x", "new": [1, None, {"a": True}]})

    assert 'extra_body={"new": [1, None, {"a": True}]},' in answer["python"]


def test_model_of_v1_is_called_there(http):
    """A model that is documented on v1 only is called on v1, its webhook in the query."""
    answer = checked(
        http, "google/nano-banana-pro/text-to-image", {"prompt": "x"}, webhook_url="http://h/?a&b"
    )

    assert {
        "path": "/v1/google/nano-banana-pro/text-to-image?webhook=http%3A%2F%2Fh%2F%3Fa%26b",
        "body": {"prompt": "x"},
        "result": "/v1/requests/",
    } == answer["request"]
