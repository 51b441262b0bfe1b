"""The kinds of models: what each makes, and how long it takes."""

from typing import Literal, TypeAlias

Medium: TypeAlias = Literal["image", "video", "audio", "text", "3d"]
"""What a model makes."""

RELATIVE_SECONDS: dict[Medium, float] = {
    "image": 1.0,
    "text": 1.0,
    "audio": 2.0,
    "3d": 4.0,
    "video": 5.0,
}
"""How long a prediction takes, an image being 1."""

_BY_NAME: dict[str, Medium] = {**{each: each for each in RELATIVE_SECONDS}}
_MEDIA: dict[str, Medium] = {
    "llm": "text",
    "text-to-audio": "audio",
    "text-to-speech": "audio",
    "video-to-audio": "audio",
    "image-to-3d": "3d",
    "text-to-3d": "3d",
    "text-to-video": "video",
    "image-to-video": "video",
    "audio-to-video": "video",
    "video-to-video": "video",
    "video-extend": "video",
    "video-effects": "video",
    "digital-human": "video",
    "motion-control": "video",
}


def medium(kind: str) -> Medium:
    """Return what models of a kind, such as `text-to-image`, make; an image if it says nothing."""
    found = _MEDIA.get(kind)
    if found is None and "-to-" in kind:
        made = kind.rpartition("-to-")[2]
        return _BY_NAME.get(made, "image")
    return found or "image"
