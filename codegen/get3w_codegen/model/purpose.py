"""Say what a model makes: in words for a docstring's first line, and as a class of outputs."""

import re
from typing import Final, Literal

from get3w_codegen.model.model import Model

# The kinds that do not say what comes of what.
_KINDS: Final = {
    "digital-human": "Make a talking or lip-synced video",
    "image-upscale": "Enlarge an image",
    "llm": "Answer a prompt",
    "motion-control": "Move a character as a video shows",
    "portrait-transfer": "Carry a portrait over into another picture",
    "video-effects": "Apply an effect to a video",
    "video-extend": "Make a video longer",
}
_LORA: Final = {"lora-support": "Make an image or video in the style of a LoRA"}

# Words of an id that say more than the kind does. Without the kind they say nothing: there are
# detectors of speech, and audio is subtitled too.
_TELLING: Final = {
    "image-to-video": {"transition": "Make a video that leads from one image to another"},
    "text-to-audio": {"speech": "Make speech from text", "tts": "Make speech from text"},
    "video-to-video": {
        "lipsync": "Make a talking or lip-synced video",
        "subtitles": "Put subtitles on a video",
        "translate": "Translate what is said in a video",
        "upscale": "Enlarge a video",
        "upscaler": "Enlarge a video",
    },
}

_THINGS: Final = {
    "3d": "a 3D model",
    "audio": "audio",
    "image": "an image",
    "images": "images",
    "music": "music",
    "reference": "reference images",
    "speech": "speech",
    "text": "text",
    "video": "a video",
}
_SHORT: Final = {
    "i2i": "image-to-image",
    "i2v": "image-to-video",
    "img2img": "image-to-image",
    "t2i": "text-to-image",
    "t2v": "text-to-video",
    "txt2img": "text-to-image",
    "v2v": "video-to-video",
}
_ANY = "|".join(_THINGS)
# A third thing before the two, as in image-audio-to-video, makes another kind of it.
_PAIR = re.compile(rf"(?<![a-z0-9])((?:(?:{_ANY})-)?)({_ANY})-to-({_ANY})(?![a-z0-9])")

_FILE_KINDS: Final = {*_KINDS, *_LORA} - {"llm"}
_RESULT: Final = re.compile(r"-to-(3d|audio|images?|music|speech|text|video)$")


def output_class(kind: str) -> Literal["FileOutput", "TextOutput"] | None:
    """Return the class of the outputs of models of *kind*; None where the kind does not say."""
    result = _RESULT.search(kind)
    if kind == "llm" or (result and result[1] == "text"):
        return "TextOutput"
    return "FileOutput" if result or kind in _FILE_KINDS else None


def purpose(model: Model) -> str:
    """Return what *model* makes, as a verb and its object; "" if that is not known."""
    _, _, own = model.model_id.lower().partition("/")
    words = re.findall(r"[a-z0-9]+", own)
    for word, said in _TELLING.get(model.kind, {}).items():
        if word in words:
            return said
    if model.kind in _KINDS:
        return _KINDS[model.kind]
    told = re.sub(r"[a-z0-9]+", lambda word: _SHORT.get(word[0], word[0]), own)
    pairs = [pair for pair in _PAIR.findall(f"{told} {model.kind}") if not pair[0]]
    return _made(*pairs[0][1:]) if pairs else _LORA.get(model.kind, "")


def _made(source: str, result: str) -> str:
    if source == result:
        return f"Edit {_THINGS[source]}"
    if source == "video" and result in ("audio", "music"):
        return f"Make {result} for a video"
    return f"Make {_THINGS[result]} from {_THINGS[source]}"


def first_sentence(text: str) -> str:
    """Return the first sentence of *text*, which is on one line."""
    found = re.match(r".+?[.!?](?=\s|$)", text)
    return found[0] if found else text
