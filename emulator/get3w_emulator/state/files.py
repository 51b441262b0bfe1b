"""Make the files of predictions when they are first asked for, and keep the latest.

A file follows from the model and the input alone, so the same request gives the same again. Only
those asked for last are kept.
"""

import base64
import json
from collections import OrderedDict
from hashlib import sha256

from get3w_emulator._common.json import JSON, JSONObject
from get3w_emulator.media.outputs import OutputSpec
from get3w_emulator.state.predictions import Prediction

_KEPT_BYTES = 64 * 1024 * 1024


class Files:
    """Makes outputs, and keeps the last of them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._bytes = 0

    def content(self, prediction: Prediction, index: int) -> bytes:
        """Return the bytes of an output; making them takes up to some seconds."""
        key = (prediction.id, index)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = made(prediction, index)
            self._bytes += len(found)
            while self._bytes > _KEPT_BYTES and len(self._kept) > 1:
                self._bytes -= len(self._kept.popitem(last=False)[1])
        return found

    def inline(self, prediction: Prediction) -> list[JSON]:
        """Return all outputs as base64, as `enable_base64_output` asks for them."""
        return [
            base64.b64encode(self.content(prediction, index)).decode("ascii")
            for index in range(prediction.spec.count)
        ]

    def clear(self) -> None:
        """Keep none."""
        self._kept.clear()
        self._bytes = 0


def made(prediction: Prediction, index: int) -> bytes:
    """Make an output."""
    return file_bytes(
        prediction.spec,
        seed(prediction.model.id, prediction.input, index),
        prediction.prompt,
        prediction.model.id,
    )


def seed(model_id: str, given: JSONObject, index: int = 0) -> bytes:
    """Return 32 bytes that follow from a model, its input and the number of the output."""
    key = json.dumps([model_id, given, index], sort_keys=True)
    return sha256(key.encode("ascii")).digest()


def file_bytes(spec: OutputSpec, digest: bytes, prompt: str, model_id: str) -> bytes:
    """Make a file.

    Args:
        spec: Of which kind and size.
        digest: What colours and tones follow from; 32 bytes.
        prompt: The text that is drawn.
        model_id: The model, named in the corner.
    """
    # Each library is imported by whoever needs it first: a start takes none of them.
    match spec.medium:
        case "image":
            from get3w_emulator.media.pictures import picture

            return picture(spec, digest, prompt, model_id)
        case "video":
            from get3w_emulator.media.videos import video

            return video(spec, digest, prompt, model_id)
        case "audio":
            from get3w_emulator.media.sounds import sound

            return sound(spec.seconds, digest)
        case "3d":
            from get3w_emulator.media.solids import solid

            return solid(digest)
        case "text":
            return prompt.encode("utf-8", "replace")
