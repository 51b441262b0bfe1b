"""Make sounds: a slow tune of soft tones, as a WAV file."""

from __future__ import annotations

import io
import math
import wave
from array import array

RATE = 24_000
"""Samples a second."""

_NOTE = RATE // 2
_SCALE = (220.0, 247.5, 277.2, 330.0, 371.25, 440.0, 495.0, 554.4)


def sound(seconds: float, digest: bytes) -> bytes:
    """Play a tune.

    Args:
        seconds: How long.
        digest: What the tune follows from.

    Returns:
        A WAV file: one channel, 16 bits.
    """
    total = max(round(seconds * RATE), 1)
    samples = array("h")
    for note in range(math.ceil(total / _NOTE)):
        samples += _tone(_SCALE[digest[note % len(digest)] % len(_SCALE)])
    del samples[total:]
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(samples.tobytes())
    return file.getvalue()


def _tone(hertz: float) -> array[int]:
    turn = 2 * math.pi * hertz / RATE
    # It swells and fades, so that no note begins or ends with a click.
    return array(
        "h",
        (
            round(9_000 * math.sin(math.pi * at / _NOTE) * math.sin(turn * at))
            for at in range(_NOTE)
        ),
    )
