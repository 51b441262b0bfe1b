"""Uses that type checkers accept. Never run, only checked."""

import asyncio
from pathlib import Path
from typing import BinaryIO, Literal, assert_type

import get3w_models
import httpx
from get3w_core import (
    AnyOutput,
    AsyncClient,
    AsyncPrediction,
    Client,
    DataOutput,
    FileOutput,
    Get3WError,
    ModelInfo,
    ModelRequest,
    Prediction,
    PredictionStatus,
    RequestValidationError,
    SubmitOutcomeUnknownError,
    TextOutput,
    as_completed,
    default_client,
    set_default_client,
    submit,
    submit_async,
    wait_all,
    wait_all_async,
)
from get3w_models import (
    FluxDevRequest,
    KlingV2_6ProImageToVideoRequest,
    NanoBananaEditRequest,
    model_ids,
    request_class,
    submit_flux_dev,
    submit_flux_dev_async,
    submit_kling_v2_6_pro_image_to_video,
    submit_kling_v3_0_pro_image_to_video,
    submit_nano_banana_edit,
    submit_veo3,
)
from get3w_models.kling_v2_6_pro_image_to_video import VoiceListItem


def minimal() -> None:
    """Server defaults are left out."""
    prediction = submit_flux_dev("a lighthouse at dusk")
    assert_type(prediction, Prediction[FileOutput])
    assert_type(prediction.wait(), Prediction[FileOutput])
    assert_type(prediction.id, str)
    assert_type(prediction.status, PredictionStatus)
    assert_type(prediction.download("out"), list[Path])
    print(submit_flux_dev(prompt="a lighthouse at dusk", width=1024).wait().outputs)


def options(client: Client, seconds: float) -> None:
    """The four parameters that every function has."""
    submit_flux_dev(
        "a lighthouse",
        width=None,
        client=client,
        webhook_url="https://example.com/hook",
        extra_body={"guidance": 3.5, "nested": {"list": [1, None, "x"]}},
        timeout=seconds,
    )
    submit_flux_dev("a lighthouse", timeout=httpx.Timeout(5.0, connect=1.0))
    more = {"loras": [{"path": "x", "scale": 1.0}]}
    submit_flux_dev("a lighthouse", extra_body=more)
    submit_flux_dev("a lighthouse", extra_body={"mask": Path("mask.png")})


def choices(duration: Literal[5, 10]) -> None:
    """Values of an enum, as literals and as a narrowed variable."""
    submit_kling_v2_6_pro_image_to_video(
        "a lighthouse",
        image="https://example.com/a.png",
        duration=duration,
        cfg_scale=0.5,
        voice_list=[VoiceListItem(voice_id="x")],
    )
    submit_kling_v2_6_pro_image_to_video("x", image="y", cfg_scale=1, sound=True)
    submit_veo3("a lighthouse", aspect_ratio="16:9")


def media(urls: list[str], paths: list[Path], file: BinaryIO) -> None:
    """URLs, paths and open files, also as variables of one type."""
    submit_nano_banana_edit("add a boat", images=urls)
    submit_nano_banana_edit("add a boat", images=paths)
    submit_nano_banana_edit("add a boat", images=["https://example.com/a.png", Path("b.png")])
    submit_nano_banana_edit("add a boat", images=[Path("a.png"), file])
    submit_kling_v3_0_pro_image_to_video(Path("a.png"), end_image=file)
    with Path("a.png").open("rb") as opened, open("b.png", "rb") as other:  # noqa: PTH123 - both are tried
        submit_kling_v3_0_pro_image_to_video(opened)
        submit_nano_banana_edit("add a boat", images=[opened, other])
        NanoBananaEditRequest(prompt="x", images=[opened])
    NanoBananaEditRequest(prompt="x", images=urls)


def requests(client: Client) -> None:
    """Requests made by hand, read, and submitted."""
    request = FluxDevRequest(prompt="a lighthouse", width=1024)
    assert_type(request.prompt, str)
    assert_type(request.width, int | None)
    assert_type(client.submit(request), Prediction[FileOutput])
    assert_type(submit(request), Prediction[FileOutput])
    item = KlingV2_6ProImageToVideoRequest(prompt="x", image="y", voice_list=None)
    for voice in item.voice_list or []:
        assert_type(voice.voice_id, str)
    validated = FluxDevRequest.model_validate({"prompt": "a lighthouse"})
    assert_type(validated, FluxDevRequest)


def chosen_at_run_time() -> None:
    """A program that does not know the model."""
    for model_id in model_ids(documented=True):
        assert_type(request_class(model_id), type[ModelRequest])
    assert_type(get3w_models.model_ids(), tuple[str, ...])
    for info in get3w_models.models("video", kind="text-to-video", max_price=0.5, documented=None):
        assert_type(info.price, float | None)
        assert_type(info.source, str)
        assert_type(info.submit(prompt="a lighthouse"), Prediction)
    assert_type(get3w_models.model_info("google/veo3").request_class, type[ModelRequest])
    assert_type(FluxDevRequest.__model__.kind, str)
    get3w_models.submit_flux_dev("a lighthouse")


async def chosen_at_run_time_async() -> None:
    """A program that does not know the model, in async code."""
    info = get3w_models.model_info("google/veo3")
    assert_type(await info.submit_async(prompt="a lighthouse"), AsyncPrediction)


def one_package() -> None:
    """The names that a first program needs, all from the package of models."""
    version: str = get3w_models.__version__
    print(version)
    try:
        with get3w_models.Client() as client:
            assert_type(client, Client)
            assert_type(
                submit_flux_dev("x", client=client),
                get3w_models.Prediction[FileOutput],
            )
    except get3w_models.RateLimitError as error:
        assert_type(error.retry_after, float | None)
    except get3w_models.Get3WError as error:
        assert_type(error, Get3WError)


def errors() -> None:
    """What is caught."""
    try:
        submit_flux_dev("a lighthouse").wait(timeout=60, on_update=lambda it: print(it.status))
    except RequestValidationError as error:
        print([each.location for each in error.errors], error.model_id)
    except SubmitOutcomeUnknownError as error:
        print(error.prediction_id)
    except Get3WError as error:
        print(error.message)


def defaults() -> None:
    """Clients, shared and not."""
    with Client(api_key="key", base_url="https://example.com", surface="v1") as client:
        set_default_client(client)
        assert_type(client.with_options(timeout=5.0), Client)
        assert_type(client.balance(), float)
        assert_type(client.upload(Path("a.png")), str)
    set_default_client(None)
    assert_type(default_client(), Client)
    kept = submit_flux_dev("a lighthouse").to_json()
    assert_type(Prediction.from_json(kept), Prediction)


async def asynchronous() -> None:
    """The async client and the handle that it gives."""
    async with AsyncClient() as client:
        prediction = await submit_flux_dev_async("a lighthouse", width=512, client=client)
        assert_type(prediction, AsyncPrediction[FileOutput])
        assert_type(await prediction.wait(), AsyncPrediction[FileOutput])
        assert_type(await prediction.output.aread(), bytes)
        assert_type(await prediction.output.asave("out"), Path)
        async with prediction.output.aopen(timeout=5) as file:
            assert_type(file, BinaryIO)
        assert_type(await wait_all_async([prediction]), list[AsyncPrediction[FileOutput]])
        assert_type(await prediction.download("out"), list[Path])
        assert_type(await client.balance(), float)
        await asyncio.gather(*(submit_flux_dev_async(text, client=client) for text in "ab"))
        set_default_client(client)
    kept = await submit_async(FluxDevRequest(prompt="x"))
    assert_type(kept, AsyncPrediction[FileOutput])


class AnswerRequest(ModelRequest[TextOutput], frozen=True):
    """The input of a language model."""

    __model__ = ModelInfo("acme/answer")

    prompt: str


def outputs(client: Client) -> None:
    """What comes back has the class that the model's type says."""
    prediction = submit_flux_dev("a lighthouse").wait()
    assert_type(prediction.outputs, list[FileOutput])
    assert_type(prediction.output.url, str)
    assert_type(prediction.output.read(max_bytes=10), bytes)
    assert_type(prediction.output.save(Path("out")), Path)
    with prediction.output.open() as file:
        assert_type(file, BinaryIO)
    print(prediction.output.image().size, prediction.output.media_type)
    assert_type(prediction.download("out", name="{row}-{index}", row=7), list[Path])
    submit_kling_v3_0_pro_image_to_video(prediction.output.url)
    answer = client.submit(AnswerRequest(prompt="x"))
    assert_type(answer, Prediction[TextOutput])
    assert_type(answer.output.text, str)
    assert_type(wait_all([prediction, prediction]), list[Prediction[FileOutput]])
    for each in as_completed([answer]):
        assert_type(each, Prediction[TextOutput])
    assert_type(Prediction[FileOutput].from_json("{}").output, FileOutput)


def outputs_of_any_model(prediction: Prediction, request: ModelRequest) -> str:
    """Without a model that is known, an output is of any class."""
    assert_type(prediction, Prediction[AnyOutput])
    assert_type(submit(request).output, AnyOutput)
    files: Prediction = submit_flux_dev("a lighthouse")
    print(files)
    match prediction.output:
        case FileOutput() as file:
            return file.url
        case TextOutput() as text:
            return text.text
        case DataOutput() as data:
            return str(data.value)


def status(prediction: Prediction) -> str:
    """The statuses that are known."""
    if prediction.status == "completed":
        return "done"
    return "later" if prediction.status in {"created", "processing"} else prediction.status
