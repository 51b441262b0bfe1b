"""What the playground page is served: its files, its catalogue and its verdicts."""

import json
import re
import sys
from pathlib import Path

import httpx
import pytest
from get3w_emulator import running


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


def test_history_is_the_end_of_the_ledger(http, emulator):
    """The latest submissions are told with the number of all, and each one by its id."""
    for number in range(203):
        http.post("/api/v3/get3w/flux-dev", json={"prompt": str(number)})
    answer = http.get("/_emulator/history").json()
    last = answer["submissions"][-1]

    assert 203 == answer["total"]
    assert [str(n) for n in range(3, 203)] == [
        each["input"]["prompt"] for each in answer["submissions"]
    ]
    assert last == http.get(f"/_emulator/history/{last['id']}").json()
    assert 404 == http.get("/_emulator/history/pred_none").status_code


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
