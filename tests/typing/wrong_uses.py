"""Uses that type checkers report. Never run, only checked.

Each wrong line ends in `# error: ...`, which names what every checker's message must hold.
"""
# ruff: noqa: B018, SIM115, PTH123 - the lines are wrong on purpose

from pathlib import Path
from typing import Literal

import get3w_models
from get3w_core import AsyncClient, Client, Prediction, TextOutput
from get3w_models import (
    FluxDevRequest,
    KlingV2_6ProImageToVideoRequest,
    request_class,
    submit_flux_dev,
    submit_flux_dev_async,
    submit_kling_v2_6_pro_image_to_video,
    submit_nano_banana_edit,
)
from get3w_models.kling_v2_6_pro_image_to_video import VoiceListItem

IMAGE = "https://example.com/a.png"


def names(client: Client) -> None:
    """Misspelt names of parameters, functions and attributes."""
    submit_flux_dev(prompt="x", widht=1024)  # error: "widht"
    submit_flux_dev(promt="x")  # error: promt
    get3w_models.submit_flux_dv  # error: submit_flux_dv
    get3w_models.RateLimitErorr  # error: RateLimitErorr
    get3w_models.models(knd="x")  # error: knd
    get3w_models.model_info("google/veo3").prize  # error: prize
    FluxDevRequest(prompt="x", widht=1024)  # error: "widht"
    VoiceListItem(voise_id="x")  # error: voise_id
    submit_flux_dev("x").outputz  # error: outputz
    client.submt(FluxDevRequest(prompt="x"))  # error: submt


def missing() -> None:
    """Required parameters that are not given."""
    submit_flux_dev()  # error: prompt
    submit_flux_dev(width=1024)  # error: prompt
    submit_kling_v2_6_pro_image_to_video("x")  # error: image
    submit_kling_v2_6_pro_image_to_video(image=IMAGE)  # error: prompt
    FluxDevRequest(width=1024)  # error: prompt
    VoiceListItem()  # error: voice_id


def values() -> None:
    """Values of the wrong type, or none of the choices."""
    submit_flux_dev("x", width="1024")  # error: "width"
    submit_flux_dev("x", width=1024.5)  # error: "width"
    submit_flux_dev(42)  # error: "str"
    submit_flux_dev(prompt=None)  # error: "prompt"
    submit_kling_v2_6_pro_image_to_video("x", image=None)  # error: "image"
    submit_kling_v2_6_pro_image_to_video("x", image=IMAGE, duration=7)  # error: "duration"
    submit_kling_v2_6_pro_image_to_video("x", image=IMAGE, duration="5")  # error: "duration"
    submit_kling_v2_6_pro_image_to_video("x", image=IMAGE, sound="yes")  # error: "sound"
    submit_kling_v2_6_pro_image_to_video("x", image=b"png")  # error: "image"
    submit_kling_v2_6_pro_image_to_video("x", image=open("a.png"))  # error: "image"
    submit_kling_v2_6_pro_image_to_video("x", image=IMAGE, voice_list=["x"])  # error: VoiceListItem
    submit_kling_v2_6_pro_image_to_video("x", image=IMAGE, voice_list=[1])  # error: VoiceListItem
    VoiceListItem(voice_id=1)  # error: "voice_id"
    submit_nano_banana_edit("x", images=IMAGE)  # error: "images"
    submit_nano_banana_edit("x", images=Path("a.png"))  # error: "images"
    submit_nano_banana_edit("x", images=[IMAGE, 3])  # error: BinaryIO
    submit_nano_banana_edit("x", images=[IMAGE], output_format="gif")  # error: "output_format"
    submit_flux_dev("x", 1024)  # error: positional
    submit_flux_dev("x", extra_body=["x"])  # error: "extra_body"
    KlingV2_6ProImageToVideoRequest(prompt="x", image=IMAGE, duration=7)  # error: "duration"
    request_class(3)  # error: "str"


def frozen(request: FluxDevRequest) -> None:
    """Requests do not change."""
    request.prompt = "y"  # error: "prompt"
    request.width = 512  # error: "width"


def outputs(client: Client, text: Prediction[TextOutput]) -> None:
    """What an output does not have, and statuses that there are not."""
    prediction = submit_flux_dev("x")
    prediction.output.text  # error: text
    prediction.output.upper()  # error: upper
    prediction.outputs[0].value  # error: value
    text.output.url  # error: url
    text.output.image()  # error: image
    prediction.output.read(timout=3)  # error: timout
    prediction.output.save()  # error: path
    ended: Literal["completed", "failed"] = prediction.status  # error: (any words)
    print(ended)
    prediction.status = "failed"  # error: status
    outputs(client, prediction)  # error: Prediction


def unawaited(client: AsyncClient) -> None:
    """An async function gives no handle by itself."""
    submit_flux_dev_async("x", client=client).wait()  # error: wait


async def awaited(client: Client, other: AsyncClient) -> None:
    """Sync and async mixed up."""
    await submit_flux_dev("x")  # error: "Prediction[FileOutput]"
    await (await submit_flux_dev_async("x"))  # error: "AsyncPrediction[FileOutput]"
    submit_flux_dev_async("x", client=other)  # error: await
    submit_flux_dev("x", client=other)  # error: "client"
    await submit_flux_dev_async("x", client=client)  # error: "client"
    prediction = await submit_flux_dev_async("x")
    prediction.wait().outputs  # error: outputs
    client.submit(submit_flux_dev)  # error: ModelRequest
