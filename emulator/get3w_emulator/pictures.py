"""The pictures that predictions end in: a gradient, the prompt drawn in, the model below.

A picture follows from the model and the input alone, so the same request looks the same again.
"""

import colorsys
import hashlib
import json
import re
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from get3w_emulator.jsontypes import JSON, JSONObject

MOST_PIXELS = 2048
"""No side is longer, whatever is asked."""

_DEFAULT_SIDE = 1024
_SIZE = re.compile(r"([0-9]{1,5})[*x]([0-9]{1,5})")
_WHITE = (255, 255, 255, 255)
_PALE = (255, 255, 255, 190)
_PANEL = (10, 12, 20, 120)

_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def picture_size(body: JSONObject) -> tuple[int, int]:
    """Return width and height of the picture for an input."""
    width, height = _side(body.get("width")), _side(body.get("height"))
    size = body.get("size")
    match = _SIZE.fullmatch(size) if isinstance(size, str) else None
    if match and not (width or height):
        width, height = _side(int(match[1])), _side(int(match[2]))
    return width or height or _DEFAULT_SIDE, height or width or _DEFAULT_SIDE


def picture(model_id: str, body: JSONObject, prompt: str) -> bytes:
    """Draw the picture of a prediction.

    Args:
        model_id: The model, named in the corner.
        body: The input; it decides size and colours.
        prompt: The text that is drawn.

    Returns:
        A PNG file.
    """
    size = picture_size(body)
    key = json.dumps([model_id, body], sort_keys=True).encode("ascii")
    image = _gradient(size, hashlib.sha256(key).digest())
    _write(image, _clean(prompt) or "(no prompt)", model_id)
    file = BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()


def _side(value: JSON) -> int | None:
    # A schema that asks for an integer accepts 1024.0.
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 1:
        return None
    return int(min(value, MOST_PIXELS))


def _gradient(size: tuple[int, int], digest: bytes) -> Image.Image:
    """Blend four related colours, one from each corner."""
    hue = digest[0] / 255
    corners = Image.new("RGB", (2, 2))
    for index, place in enumerate(((0, 0), (1, 0), (0, 1), (1, 1))):
        shift = (digest[1 + index] / 255 - 0.5) * 0.35
        lightness = 0.30 + 0.30 * digest[5 + index] / 255
        red, green, blue = colorsys.hls_to_rgb((hue + shift) % 1, lightness, 0.65)
        corners.putpixel(place, (int(red * 255), int(green * 255), int(blue * 255)))
    # Pillow's type for a size names numpy, which is not installed.
    return corners.resize(  # pyright: ignore[reportUnknownMemberType]
        size, Image.Resampling.BICUBIC, box=(0.5, 0.5, 1.5, 1.5)
    )


def _write(image: Image.Image, prompt: str, model_id: str) -> None:
    """Draw the prompt in the middle of a panel, and the model below it."""
    width, height = image.size
    margin = max(min(width, height) // 16, 1)
    draw = ImageDraw.Draw(image, "RGBA")
    room = width - 4 * margin
    for points in (24, 32, 44, 60):  # the fewer of them on a line, the larger
        font_size = max(min(width, height) * 2 // points, 8)
        font = ImageFont.load_default(font_size)
        lines = _wrapped(prompt, font, room)
        line_height = font_size * 4 // 3
        if len(lines) * line_height <= height - 6 * margin:
            break
    else:
        most = max((height - 6 * margin) // line_height, 1)
        if len(lines) > most:
            lines = [*lines[: most - 1], lines[most - 1].rstrip() + " ..."]
    block = len(lines) * line_height
    top = (height - block) // 2 - margin
    box = (margin, max(top - margin, 0), width - margin, top + block + margin)
    if box[2] > box[0] and box[3] > box[1]:
        draw.rounded_rectangle(box, radius=margin // 2, fill=_PANEL)
    for index, line in enumerate(lines):
        draw.text((2 * margin, top + index * line_height), line, font=font, fill=_WHITE)
    small = ImageFont.load_default(max(min(width, height) // 36, 8))
    draw.text((2 * margin, height - margin), model_id, font=small, fill=_PALE, anchor="ls")


def _wrapped(text: str, font: _Font, room: int) -> list[str]:
    """Break a text into lines, within words only where one is wider than a line."""
    lines = [""]
    for word in re.findall(r"\S+\s*", text) or [text]:
        if font.getlength((lines[-1] + word).rstrip()) <= room:
            lines[-1] += word
            continue
        if lines[-1]:
            lines.append("")
        for character in word:
            if lines[-1] and font.getlength((lines[-1] + character).rstrip()) > room:
                lines.append("")
            lines[-1] += character
    return lines


def _clean(text: str) -> str:
    """Return a text that can be drawn on one line: printable and of reasonable length."""
    spaced = " ".join(text.split())
    # Half a surrogate pair is not printable either.
    return "".join(character for character in spaced if character.isprintable())[:2000]
