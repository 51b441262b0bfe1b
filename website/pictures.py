"""Show what the emulator makes of an input as a small picture."""

import io
import wave
from array import array
from dataclasses import replace
from typing import Final

from get3w_emulator._common.json import JSONObject
from get3w_emulator.media.outputs import OutputSpec
from get3w_emulator.schemas.catalogue import Model
from get3w_emulator.state.files import file_bytes, seed
from get3w_emulator.state.predictions import prompt_of
from PIL import Image, ImageDraw

_LONGEST_SIDE: Final = 360
_SECONDS: Final = 5.0
_SOUND_SIZE: Final = (360, 90)
_BACKGROUND, _WAVE = (30, 41, 59), (125, 211, 252)


def picture_of(model: Model, given: JSONObject, spec: OutputSpec) -> bytes | None:
    """Return the first output of a submit as a WebP file; None for what cannot be drawn.

    An image is drawn small, of a video its picture, of a sound its wave.

    Args:
        model: The model.
        given: The input.
        spec: What the emulator makes of it.
    """
    match spec.medium:
        case "image" | "video":
            shrink = min(1.0, _LONGEST_SIDE / max(spec.width, spec.height))
            width, height = (max(round(side * shrink), 1) for side in (spec.width, spec.height))
            small = replace(spec, medium="image", extension="webp", width=width, height=height)
            return file_bytes(small, seed(model.id, given), prompt_of(given), model.id)
        case "audio":
            short = replace(spec, seconds=min(spec.seconds, _SECONDS))
            return _wave(file_bytes(short, seed(model.id, given), "", model.id))
        case _:
            return None


def _wave(sound: bytes) -> bytes:
    """Draw how loud a sound is as it goes on."""
    with wave.open(io.BytesIO(sound)) as reader:
        samples = array("h", reader.readframes(reader.getnframes()))
    width, height = _SOUND_SIZE
    image = Image.new("RGB", _SOUND_SIZE, _BACKGROUND)
    draw = ImageDraw.Draw(image)
    step = max(len(samples) // width, 1)
    for x in range(width):
        loudest = max(samples[x * step : (x + 1) * step], default=0)
        reach = max(loudest * height // (2 * 12_000), 1)
        draw.line((x, height // 2 - reach, x, height // 2 + reach), fill=_WAVE)
    file = io.BytesIO()
    image.save(file, "WEBP", quality=85, method=0)
    return file.getvalue()
