"""Draw the pictures that predictions end in: a gradient with the prompt and the model's name.

A picture follows from its arguments alone, so the same request looks the same again.
"""

import colorsys
import re
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from get3w_emulator.media.outputs import OutputSpec

_WHITE = (255, 255, 255, 255)
_PALE = (255, 255, 255, 190)
_PANEL = (10, 12, 20, 120)

_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def picture(spec: OutputSpec, digest: bytes, prompt: str, model_id: str) -> bytes:
    """Draw the picture of a prediction.

    Args:
        spec: Its size and format.
        digest: What the colours follow from; at least 9 bytes.
        prompt: The text that is drawn.
        model_id: The model, named in the corner.

    Returns:
        A PNG, JPEG or WebP file.
    """
    image = drawn((spec.width, spec.height), digest, prompt, model_id)
    file = BytesIO()
    match spec.extension:
        case "jpg":
            image.save(file, "JPEG", quality=88)
        case "webp":
            image.save(file, "WEBP", quality=85, method=0)
        case _:
            image.save(file, "PNG", compress_level=1)
    return file.getvalue()


def drawn(size: tuple[int, int], digest: bytes, prompt: str, model_id: str) -> Image.Image:
    """Draw a picture of a size in pixels."""
    image = _gradient(size, digest)
    _write(image, _clean(prompt) or "(no prompt)", model_id)
    return image


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
    return corners.resize(  # pyright: ignore[reportUnknownMemberType]  # Pillow's types
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
