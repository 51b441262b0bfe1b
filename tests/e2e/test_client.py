"""What a caller meets on the way from submit to file, against a real server."""

import asyncio
import inspect
import json
from io import BytesIO

import pytest
from get3w_core import (
    AsyncClient,
    AuthenticationError,
    BadRequestError,
    Client,
    ConfigurationError,
    ModelInfo,
    ModelRequest,
    NotFoundError,
    Prediction,
    PredictionFailedError,
    RequestValidationError,
    default_client,
    set_default_client,
)
from get3w_core.errors.base import LocalFileError
from get3w_models import (
    FluxDevRequest,
    NanoBananaEditRequest,
    model_ids,
    submit_flux_dev,
    submit_flux_dev_async,
    submit_kling_v2_6_pro_image_to_video,
    submit_nano_banana_edit,
    submit_veo3,
)
from PIL import Image

URL = "https://example.com/a.png"
KLING = "kwaivgi/kling-v2.6-pro/image-to-video"


class MissingRequest(ModelRequest, frozen=True):
    """The input of a model that no server has."""

    __model__ = ModelInfo("nobody/nothing", documented=False)

    prompt: str


@pytest.fixture
def picture(tmp_path):
    """A small PNG file."""
    path = tmp_path / "in put.png"
    Image.new("RGB", (8, 8), "teal").save(path)
    return path


def inputs(emulator):
    return [submission.input for submission in emulator.ledger()]


# From submit to file


def test_download_writes_a_picture(client, tmp_path):
    """A download is a PNG of the size that was asked for."""
    prediction = submit_flux_dev("a lighthouse", width=320, height=200, client=client).wait()

    (path,) = prediction.download(tmp_path / "out")

    assert prediction.id in path.name
    assert ".png" == path.suffix
    with Image.open(path) as image:
        image.verify()
        assert ("PNG", (320, 200)) == (image.format, image.size)
    assert [path] == list((tmp_path / "out").iterdir())


def test_async_download_writes_a_picture(emulator, connect, tmp_path):
    """The async handle does the same."""

    async def everything():
        async with connect() as client:
            prediction = await submit_flux_dev_async("a lighthouse", client=client)
            await prediction.wait()
            return await prediction.download(tmp_path / "out")

    (path,) = asyncio.run(everything())

    with Image.open(path) as image:
        image.verify()
    assert [{"prompt": "a lighthouse"}] == inputs(emulator)


def test_another_process_carries_on(client, emulator, python, tmp_path):
    """A handle kept as JSON is waited for by a new process, which submits nothing."""
    text = submit_flux_dev("a lighthouse", client=client).to_json()
    (tmp_path / "handle.json").write_text(text, encoding="utf-8")
    code = """
from pathlib import Path
from get3w_core import Prediction
prediction = Prediction.from_json(Path("handle.json").read_text("utf-8")).wait()
print(prediction.id, prediction.status, *prediction.download("out"))
"""
    done = python("-c", code, GET3W_API_KEY=emulator.api_key, GET3W_BASE_URL=emulator.url)

    assert "" == done.stderr
    prediction_id, status, path = done.stdout.split()
    (submission,) = emulator.ledger()
    assert (submission.id, "completed") == (prediction_id, status)
    with Image.open(tmp_path / path) as image:
        image.verify()


def test_kept_handle_holds_no_key(client, emulator):
    """The JSON of a handle names the server and not the key."""
    text = submit_flux_dev("a lighthouse", client=client).to_json()

    assert emulator.api_key not in text
    assert emulator.url in text
    assert Prediction.from_json(text).id == json.loads(text)["prediction"]["id"]


def test_default_client(emulator, client):
    """A call without a client uses the one that was set."""
    set_default_client(client)

    submit_flux_dev("a lighthouse").wait()

    assert [{"prompt": "a lighthouse"}] == inputs(emulator)


def test_client_from_the_environment(emulator, monkeypatch):
    """A call without a client makes one from the environment."""
    monkeypatch.setenv("GET3W_API_KEY", emulator.api_key)
    monkeypatch.setenv("GET3W_BASE_URL", emulator.url)

    with default_client():
        submit_flux_dev("a lighthouse").wait()

    assert [{"prompt": "a lighthouse"}] == inputs(emulator)


def test_program_that_chooses_the_model(client, emulator):
    """A request made by hand is submitted by the client."""
    client.submit(FluxDevRequest(prompt="a lighthouse", seed=7)).wait()

    assert [{"prompt": "a lighthouse", "seed": 7}] == inputs(emulator)


def test_server_defaults_stay_off_the_wire(client, emulator):
    """What the signature shows as default is not sent, and neither is None."""
    submit_veo3("a lighthouse", duration=None, client=client)

    assert [{"prompt": "a lighthouse"}] == inputs(emulator)


@pytest.mark.parametrize(
    "prompt", ["ein Leuchtturm, \u706f\u53f0 \U0001f5fc", '"\\\n\t\x7f', " ", "\ud800"]
)
def test_text_arrives_as_it_was_given(client, emulator, prompt):
    """Every character of a prompt reaches the server."""
    prediction = submit_flux_dev(prompt, client=client).wait()

    assert [{"prompt": prompt}] == inputs(emulator)
    assert "completed" == prediction.status


# Files


def test_local_file_is_uploaded(client, emulator, http, picture):
    """A Path, an open file and a buffer arrive as URLs of their bytes."""
    with picture.open("rb") as file:
        files = [picture, file, BytesIO(picture.read_bytes()), URL]
        submit_nano_banana_edit("add a boat", images=files, client=client).wait()

    (body,) = inputs(emulator)
    assert ["add a boat", 4] == [body["prompt"], len(body["images"])]
    for url in body["images"][:3]:
        assert url.startswith(emulator.url)
        assert picture.read_bytes() == http.get(url).content
    assert URL == body["images"][3]


def test_upload_returns_a_url(client, http, picture):
    """A file can be uploaded by itself."""
    assert picture.read_bytes() == http.get(client.upload(picture)).content


def test_missing_file_submits_nothing(client, emulator, tmp_path):
    """A file that is not there is a clear error before anything is submitted."""
    with pytest.raises(LocalFileError, match=r"nowhere\.png"):
        submit_nano_banana_edit("x", images=[tmp_path / "nowhere.png"], client=client)

    assert [] == emulator.ledger()


# Errors


def test_no_key(emulator):
    """Without a key the call says how to give one, and sends nothing."""
    with (
        Client(base_url=emulator.url) as client,
        pytest.raises(ConfigurationError, match="GET3W_API_KEY") as caught,
    ):
        submit_flux_dev("a lighthouse", client=client)

    assert "api_key" in str(caught.value)
    assert [] == emulator.ledger()


def test_wrong_key(emulator):
    """A key that the server does not know is told in the server's words."""
    with (
        Client("wrong-key", emulator.url) as client,
        pytest.raises(AuthenticationError, match="Invalid or revoked API key") as caught,
    ):
        submit_flux_dev("a lighthouse", client=client)

    assert 401 == caught.value.status_code
    assert "wrong-key" not in str(caught.value)
    assert [] == emulator.ledger()


def test_wrong_key_async(emulator):
    """The async client tells it the same way."""

    async def call():
        async with AsyncClient("wrong-key", emulator.url) as client:
            await submit_flux_dev_async("a lighthouse", client=client)

    with pytest.raises(AuthenticationError, match="Invalid or revoked API key"):
        asyncio.run(call())


def test_wrong_key_of_an_emulator(emulator):
    """A 401 of another server than Get3W's sends nobody to Get3W's site for a key."""
    with Client("wrong-key", emulator.url) as client, pytest.raises(AuthenticationError) as caught:
        client.balance()

    assert f"a key of {emulator.url}" in str(caught.value)
    assert "accesskey" not in str(caught.value)


def test_unknown_model(client, emulator):
    """A model that the emulator does not have is a 404 that names the remedy."""
    with pytest.raises(NotFoundError, match="Not found") as caught:
        client.submit(MissingRequest(prompt="a lighthouse"))

    assert 404 == caught.value.status_code
    assert f"{emulator.url} does not have nobody/nothing" in str(caught.value)
    assert "get3w-emulator --schemas DIR" in str(caught.value)
    assert "get3w-codegen pull" not in str(caught.value)
    assert [] == emulator.ledger()


@pytest.mark.parametrize("value", [1.5, -0.1])
def test_out_of_range_is_refused_before_sending(client, emulator, http, value):
    """cfg_scale beyond its range never leaves; sent by other means the server refuses it too."""
    with pytest.raises(RequestValidationError, match="cfg_scale") as caught:
        submit_kling_v2_6_pro_image_to_video(
            "a lighthouse", image=URL, cfg_scale=value, client=client
        )
    answer = http.post(
        f"{emulator.url}/api/v3/{KLING}",
        json={"prompt": "a lighthouse", "image": URL, "cfg_scale": value},
        headers={"Authorization": f"Bearer {emulator.api_key}"},
    )

    assert str(value) in str(caught.value)
    assert 400 == answer.status_code
    assert {"code": 400, "message": "Invalid parameters", "data": None} == {
        key: answer.json()[key] for key in ("code", "message", "data")
    }
    assert [] == emulator.ledger()


def test_bounds_are_allowed(client, emulator):
    """The bounds themselves are in the range, for the class and for the server."""
    for value in (0, 1):
        submit_kling_v2_6_pro_image_to_video(
            "a lighthouse", image=URL, cfg_scale=value, client=client
        )

    assert [0, 1] == [body["cfg_scale"] for body in inputs(emulator)]


def test_misspelt_name_is_refused_before_sending(client, emulator):
    """A misspelt name of a nested field never leaves."""
    with pytest.raises(RequestValidationError, match="did you mean 'voice_id'"):
        submit_kling_v2_6_pro_image_to_video(
            "a lighthouse", image=URL, voice_list=[{"voise_id": "x"}], client=client
        )

    assert [] == emulator.ledger()


def test_extra_body_passes_what_the_schema_does_not_know(client, emulator, http):
    """`extra_body` is sent as it is; a strict server may refuse it."""
    with pytest.raises(BadRequestError):
        submit_flux_dev("a lighthouse", extra_body={"guidance": 3.5}, client=client)
    submit_flux_dev("a lighthouse", extra_body={"width": 512}, client=client)

    assert [{"prompt": "a lighthouse", "width": 512}] == inputs(emulator)


def test_list_changed_after_construction(client, emulator):
    """A request whose list was spoilt after construction is refused before sending."""
    request = NanoBananaEditRequest(prompt="x", images=[URL])
    request.images.clear()

    with pytest.raises(RequestValidationError, match="images"):
        client.submit(request)
    assert [] == emulator.ledger()


def test_failed_task(client):
    """A task that fails raises with its id, its code and the server's words."""
    prediction = submit_flux_dev("[[fail]]", client=client)

    with pytest.raises(PredictionFailedError, match=prediction.id) as caught:
        prediction.wait()

    assert prediction.id == caught.value.prediction_id
    assert 1403 == caught.value.code
    assert caught.value.error in str(caught.value)
    assert "failed" == prediction.status
    assert [] == prediction.outputs


def test_failed_task_async(connect):
    """The async handle raises the same."""

    async def everything():
        async with connect() as client:
            prediction = await submit_flux_dev_async("[[fail]]", client=client)
            with pytest.raises(PredictionFailedError, match=prediction.id):
                await prediction.wait()

    asyncio.run(everything())


def test_deleted_prediction_is_gone(client):
    """After delete the prediction is not found any more, by handle or by id."""
    prediction = submit_flux_dev("a lighthouse", client=client).wait()

    prediction.delete()

    with pytest.raises(NotFoundError, match=prediction.id):
        prediction.refresh()
    with pytest.raises(NotFoundError, match=prediction.id):
        client.prediction(prediction.id)
    with pytest.raises(NotFoundError, match=prediction.id):
        client.delete(prediction.id)


def test_deleted_prediction_is_gone_async(connect):
    """The async client sees the same."""

    async def everything():
        async with connect() as client:
            prediction = await submit_flux_dev_async("a lighthouse", client=client)
            await prediction.delete()
            with pytest.raises(NotFoundError, match=prediction.id):
                await prediction.refresh()

    asyncio.run(everything())


# Other calls


def test_prediction_by_id(client):
    """A prediction is found again by its id, at both addresses."""
    made = submit_flux_dev("a lighthouse", client=client).wait()

    for found in (client.prediction(made.id), client.get_result(made.id)):
        assert made.data == found.data


def test_models_are_listed(client):
    """The live list names every model of the catalogue, with its schema."""
    listed = {listing.model_id: listing for listing in client.models()}

    assert set(model_ids()) == set(listed)
    assert "prompt" in listed["get3w/flux-dev"].request_schema["properties"]


def test_balance(client):
    """The balance is a number, and falls with each task."""
    before = client.balance()
    submit_flux_dev("a lighthouse", client=client)

    assert before > client.balance() > 0


def test_account_calls_async(connect):
    """The async client lists models and tells the balance too."""

    async def everything():
        async with connect() as client:
            return len(await client.models()), await client.balance()

    count, balance = asyncio.run(everything())

    assert len(model_ids()) == count
    assert balance > 0


def test_clients_have_the_same_methods():
    """Whatever one client can do, the other can, with the same parameters."""

    def methods(kind):
        return {
            {"aclose": "close"}.get(name, name): list(inspect.signature(value).parameters)
            for name, value in inspect.getmembers(kind, inspect.isfunction)
            if not name.startswith("_")
        }

    assert methods(Client) == methods(AsyncClient)
    assert {"submit", "prediction", "get_result", "delete", "upload", "models", "balance"} <= set(
        methods(Client)
    )
