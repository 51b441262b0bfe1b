"""Plan the outputs of a prediction: which files, of which size and length, under which names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from get3w_emulator._common.json import JSON, JSONObject
from get3w_emulator.schemas.catalogue import Model
from get3w_emulator.schemas.kinds import Medium, medium

MOST_PIXELS = 4096
"""No side is longer, whatever is asked."""

MOST_SECONDS = 60.0
"""Nothing plays longer, whatever is asked."""

MOST_FILES = 10

_IMAGES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
_SIZE = re.compile(r"([0-9]{1,5})[*xX]([0-9]{1,5})")
_RATIO = re.compile(r"([1-9][0-9]?):([1-9][0-9]?)")
_LINES = re.compile(r"([1-9][0-9]{2,3})[pP]")
_THOUSANDS = re.compile(r"([1-8])[kK]")
_LINES_OF_K = {1: 1024, 2: 1440, 4: 2160}
_LETTERS_PER_SECOND = 15  # how fast one speaks


@dataclass(frozen=True)
class OutputSpec:
    """What each output of a prediction is.

    Attributes:
        medium: What it is.
        extension: The ending of the file.
        media_type: What it is served as.
        width: In pixels; 0 where there are none.
        height: In pixels.
        seconds: How long it plays; 0 where nothing plays.
        count: How many there are.
    """

    medium: Medium
    extension: str
    media_type: str
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    count: int = 1


def output_spec(model: Model, body: JSONObject) -> OutputSpec:
    """Return what a model makes of an input; what was not given counts as the default."""
    given = _Given(model, body)
    made = medium(model.kind)
    match made:
        case "text":
            return OutputSpec(made, "txt", "text/plain; charset=utf-8")
        case "3d":
            return OutputSpec(made, "glb", "model/gltf-binary")
        case "audio":
            return OutputSpec(made, "wav", "audio/wav", seconds=given.seconds(_spoken(body)))
        case "video":
            width, height = (max(side // 2 * 2, 2) for side in given.size(video=True))
            seconds = given.seconds(5.0)
            return OutputSpec(made, "mp4", "video/mp4", width, height, seconds)
        case "image":
            width, height = given.size(video=False)
            name = given.image_format()
            return OutputSpec(made, name, _IMAGES[name], width, height, count=given.count())


class _Given:
    """An input, with the schema's defaults for what it leaves out."""

    def __init__(self, model: Model, body: JSONObject) -> None:
        self._model = model
        self._body = body

    def values(self, *names: str) -> Iterator[JSON]:
        """Yield what was given under these names, then their defaults."""
        yield from (self._body[name] for name in names if name in self._body)
        properties = self._model.schema.get("properties")
        for name in names:
            described = properties.get(name) if isinstance(properties, dict) else None
            if isinstance(described, dict) and name not in self._body:
                yield described.get("default")

    def size(self, *, video: bool) -> tuple[int, int]:
        """Return width and height in pixels."""
        width, height = (self._side(name) for name in ("width", "height"))
        if width or height:
            return width or height or 0, height or width or 0
        for match in self._matches(_SIZE, "size", "image_size", "resolution"):
            if int(match[1]) and int(match[2]):
                return min(int(match[1]), MOST_PIXELS), min(int(match[2]), MOST_PIXELS)
        across, down = self._ratio() or ((16, 9) if video else (1, 1))
        if not video and not self._lines():
            area = 1024 * (self._thousands() or 1)
            scale = area / (across * down) ** 0.5
            return _fitting(across * scale, down * scale)
        lines = self._lines() or _LINES_OF_K.get(self._thousands() or 0, 720)
        scale = lines / min(across, down)
        return _fitting(across * scale, down * scale)

    def seconds(self, otherwise: float) -> float:
        """Return how long the output plays."""
        for value in self.values("duration", "seconds", "length"):
            number = _number(value)
            if number:
                return min(number, MOST_SECONDS)
        return otherwise

    def image_format(self) -> str:
        """Return the ending of an image."""
        for value in self.values("output_format", "format"):
            name = str(value).lower().removeprefix("image/").replace("jpeg", "jpg")
            if name in _IMAGES:
                return name
        return "png"

    def count(self) -> int:
        """Return how many images there are."""
        numbers = map(_number, self.values("num_images", "n"))
        return int(min(next(filter(None, numbers), 1), MOST_FILES)) or 1

    def _side(self, name: str) -> int | None:
        number = next(filter(None, map(_number, self.values(name))), None)
        # A schema that asks for an integer accepts 1024.0.
        return int(min(number, MOST_PIXELS)) or None if number else None

    def _ratio(self) -> tuple[int, int] | None:
        names = ("aspect_ratio", "ratio", "resolution_ratio", "size")
        match = next(self._matches(_RATIO, *names), None)
        return (int(match[1]), int(match[2])) if match else None

    def _lines(self) -> int | None:
        match = next(self._matches(_LINES, "resolution", "size"), None)
        match = match or _LINES.search(self._model.id)
        return int(match[1]) if match else None

    def _thousands(self) -> int | None:
        match = next(self._matches(_THOUSANDS, "resolution", "size"), None)
        return int(match[1]) if match else None

    def _matches(self, pattern: re.Pattern[str], *names: str) -> Iterator[re.Match[str]]:
        texts = (value for value in self.values(*names) if isinstance(value, str))
        return filter(None, map(pattern.fullmatch, texts))


def _fitting(width: float, height: float) -> tuple[int, int]:
    shrink = min(1, MOST_PIXELS / max(width, height))
    return max(round(width * shrink), 1), max(round(height * shrink), 1)


def _number(value: JSON) -> float | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,4}s?", value):
        value = int(value.removesuffix("s"))
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        return None
    return value


def _spoken(body: JSONObject) -> float:
    text = body.get("text", body.get("prompt"))
    return min(max(len(text) / _LETTERS_PER_SECOND, 1.0), 30.0) if isinstance(text, str) else 5.0
