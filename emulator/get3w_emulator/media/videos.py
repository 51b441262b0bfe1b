"""Make videos: the picture of the prediction, with a bar that moves as it plays.

PyAV brings the encoder along; it is asked for H.264 in MP4, which every browser plays.
"""

# PyAV leaves the types of packets and pictures open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import av
from PIL import Image, ImageDraw

from get3w_emulator.media.outputs import OutputSpec
from get3w_emulator.media.pictures import drawn

_PIXELS_PER_SECOND = 8_000_000  # what is encoded in well under a second
_LEAST_RATE, _MOST_RATE = 2, 8
_WHITE = (255, 255, 255)


def video(spec: OutputSpec, digest: bytes, prompt: str, model_id: str) -> bytes:
    """Make a video.

    Args:
        spec: Its size and length.
        digest: What the colours follow from.
        prompt: The text that is drawn.
        model_id: The model, named in the corner.

    Returns:
        An MP4 file.
    """
    rate = _PIXELS_PER_SECOND // (spec.width * spec.height)
    rate = min(max(rate, _LEAST_RATE), _MOST_RATE)
    frames = max(round(spec.seconds * rate), 1)
    still = drawn((spec.width, spec.height), digest, prompt, model_id)
    # PyAV leaves this function without types.
    make = cast("Callable[[Image.Image], av.VideoFrame]", av.VideoFrame.from_image)
    # The index goes to the front, so that a player can begin at once; that takes a real file.
    with TemporaryDirectory(prefix="get3w-emulator-") as folder:
        path = Path(folder) / "video.mp4"
        with av.open(path, "w", options={"movflags": "+faststart"}) as container:
            stream = container.add_stream("libx264", rate=rate)
            stream.width, stream.height, stream.pix_fmt = spec.width, spec.height, "yuv420p"
            stream.options = {"preset": "ultrafast", "crf": "28", "threads": "1"}
            for number in range(frames):
                frame = make(_at(still, (number + 1) / frames))
                frame.pts, frame.time_base = number, Fraction(1, rate)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path.read_bytes()


def _at(still: Image.Image, share: float) -> Image.Image:
    image = still.copy()
    width, height = image.size
    thick = max(height // 60, 2)
    bar = (0, height - thick, round(width * share), height)
    ImageDraw.Draw(image).rectangle(bar, fill=_WHITE)
    return image
