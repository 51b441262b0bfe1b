"""Choose the Python names of models, their classes and functions, and of properties.

A model is called after its id without the owner: `get3w/flux-dev` is `flux_dev`. The owner stays in
front where every other word of the id is a medium or a task: `midjourney/image-to-video` is
`midjourney_image_to_video`, for `image_to_video` would not say whose model it is. Any further word
or a version names a model: `sync/lipsync-2` is `lipsync_2`.

Where the name is taken, the owner is put in front, then a number behind. Names once given are in
`names.lock.json` (`lock.py`) and never change.
"""

import hashlib
import keyword
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache

from get3w_codegen.text.names import is_device


class ModelName(str):
    """The snake-case name of a model, as in `flux_dev`; all other names follow from it."""

    __slots__ = ()

    @property
    def class_name(self) -> str:
        """The stem of class names, as in `FluxDev`."""
        return camel(self)

    @property
    def exports(self) -> frozenset[str]:
        """The names that the model takes up in its package, its module among them."""
        return frozenset({self, self.request_class, self.function, self.async_function})

    @property
    def request_class(self) -> str:
        """The name of its request class, as in `FluxDevRequest`."""
        return f"{self.class_name}Request"

    @property
    def function(self) -> str:
        """The name of the function that submits it, as in `submit_flux_dev`."""
        return f"submit_{self}"

    @property
    def async_function(self) -> str:
        """The name of the same function for async code."""
        return f"{self.function}_async"


# Taken by the package itself: a module of such a name would replace the function.
_PACKAGE_NAMES = frozenset({"model_ids", "model_info", "models", "request_class"})

# Parameters of every generated function, and what a function's body refers to.
_FUNCTION_NAMES = frozenset(
    "client extra_body request server_default submit submit_async timeout validation_errors"
    " webhook_url".split()
)

# Public attributes of pydantic's BaseModel, and those it has through its metaclass. A fixed list:
# the names given must not depend on the release that happens to be installed. A test holds it
# against the real class.
_MODEL_ATTRIBUTES = frozenset(
    "construct copy dict from_orm json model_computed_fields model_config model_construct"
    " model_copy model_dump model_dump_json model_extra model_fields model_fields_set"
    " model_json_schema model_parametrized_name model_post_init model_rebuild model_validate"
    " model_validate_json model_validate_strings mro parse_file parse_obj parse_raw register schema"
    " schema_json self update_forward_refs validate".split()
)

# Names that annotations inside a class refer to: a field of the same name would hide them.
_ANNOTATION_NAMES = frozenset("bool dict float int list str".split())

# What a generated module imports: no class or field may hide one of these.
MODULE_NAMES = frozenset(
    "Annotated AsyncClient AsyncPrediction Choice ClassVar Client ConfigDict Field FileOutput"
    " Integer JsonValue Literal Mapping Media MediaInput MediaList MediaListInput ModelInfo"
    " ModelRequest Number Omittable Prediction RequestObject Rule TYPE_CHECKING TextOutput"
    " TimeoutTypes TypeAlias TypeAliasType WireName".split()
)

_RESERVED = MODULE_NAMES | _FUNCTION_NAMES | _MODEL_ATTRIBUTES | _ANNOTATION_NAMES

# Media, and what is done with them. A model named with nothing else keeps its owner's name. Words
# may be added: what is in a lock stays. No word of a product is here, even where it is a word of
# the language ("flash", "dream"), and no version.
_TASK_WORDS = frozenset(
    "3d animation audio avatar background caption captions character chat clip depth digital edge"
    " effect effects expression face file first frame frames head human image images keyframe"
    " keyframes language last lighting lip lips llm lora lyrics mask model models motion mouth"
    " music object ocr photo photos picture pictures portrait pose prompt prompts reference"
    " references scene sound speech song sticker style subject subtitle subtitles text thumbnail"
    " transition tts video videos vision voice voices watermark"
    # shortened
    " a2v asr bg flf2v i2a i2i i2t i2v img img2img img2vid m2v r2v s2v sfx stt t2a t2i t2m t2v"
    " text2img text2image text2video image2image image2video txt2img v2a v2v video2video"
    # verbs and what is made of them
    " animate animator align analysis analyze blend change changer clone cloning colorization"
    " colorize combine compose concat control controlnet conversion convert converter crop deblur"
    " denoise describe detect detection detector dub dubbing edit editing editor embedding"
    " embeddings enhance enhancement enhancer erase eraser expand expansion extend extender"
    " extension extract extraction fill fix generate generation generator inpaint inpainting"
    " interpolate interpolation isolate isolation lipsync merge mix mixer moderation modify"
    " outpaint outpainting recognition recolor reframe relight relighting removal remove remover"
    " render rembg replace replacement rerank reranker resize restoration restore restyle retouch"
    " segment segmentation separate separation split stitch stylization stylize summarize swap"
    " swapper sync talking train trainer training transcribe transcription transfer transform"
    " translate translation translator trim tryon understanding upscale upscaler upscaling"
    " vectorize".split()
)
_JOINING = frozenset("a and any by for from in into multi of on or the to try virtual with".split())

_LONGEST = 64

# Names must not depend on the Unicode of the Python that happens to run.
_OLD = unicodedata.ucd_3_2_0
_LETTERS = frozenset({"Ll", "Lm", "Lo", "Lt", "Lu", "Mc", "Mn", "Nd"})


def assign_names(model_ids: Iterable[str], lock: Mapping[str, str]) -> dict[str, str]:
    """Give every model a name; names in the lock stay.

    Args:
        model_ids: The models there are.
        lock: The names once given, also those of models that are gone.

    Returns:
        The lock with the newcomers added, in the order of the ids.
    """
    names = dict(lock)
    taken = {export.lower() for name in names.values() for export in ModelName(name).exports}
    for model_id in sorted(set(model_ids) - set(names)):
        name = next(
            candidate for candidate in _candidates(model_id) if not clashes(candidate, taken)
        )
        names[model_id] = str(name)
        taken |= {export.lower() for export in name.exports}
    return dict(sorted(names.items()))


def clashes(name: ModelName, taken: set[str]) -> bool:
    """Return whether a package cannot hold *name* beside the exports in *taken*, in lower case."""
    # Compared without case, because file systems are not all able to tell Flux.py from flux.py.
    exports = name.exports
    return (
        name in _PACKAGE_NAMES
        or is_device(name)
        or not MODULE_NAMES.isdisjoint(exports)
        or any(export.lower() in taken for export in exports)
    )


def _candidates(model_id: str) -> Iterable[ModelName]:
    owner, _, rest = model_id.partition("/")
    if not (rest and is_only_a_task(rest)):
        yield model_name(rest or owner)
    yield model_name(model_id)
    number = 2
    while True:
        yield ModelName(f"{model_name(model_id)}_{number}")
        number += 1


def is_only_a_task(text: str) -> bool:
    """Return whether *text*, an id without its owner, only says what a model does."""
    words = set(re.findall(r"[a-z0-9]+", text.lower())) - _JOINING
    return bool(words) and words <= _TASK_WORDS


def model_name(text: str) -> ModelName:
    """Return the snake-case name for *text*: `veo3.1/text-to-video` is `veo3_1_text_to_video`."""
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    if not name or name[0].isdigit():
        name = f"m_{name}".rstrip("_")
    if len(name) > _LONGEST:
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        name = f"{name[: _LONGEST - 9].rstrip('_')}_{digest}"
    return ModelName(f"{name}_" if keyword.iskeyword(name) else name)


@cache
def camel(name: str) -> str:
    """Return *name* in camel case; an underscore stays between digits: `Veo3_1`."""
    joined = ""
    for part in re.split(r"[^A-Za-z0-9]+", name):
        if part:
            between_digits = joined[-1:].isdigit() and part[0].isdigit()
            joined += ("_" if between_digits else "") + part[0].upper() + part[1:]
    return joined


def field_names(properties: Iterable[str], reserved: Iterable[str] = ()) -> dict[str, str]:
    """Map each property of an object, by its wire name, to its Python name."""
    names: dict[str, str] = {}
    taken = set(reserved)
    # A property that is fine as it is keeps its name, whichever comes first.
    for wire in sorted(properties, key=lambda wire: (_field_name(wire) != wire, wire)):
        stem = name = _field_name(wire)
        number = 2
        while name in taken:
            name = f"{stem.rstrip('_')}_{number}"
            number += 1
        names[wire] = name
        taken.add(name)
    return names


def _field_name(wire: str) -> str:
    name = _OLD.normalize("NFKC", wire)  # as Python itself reads names
    if not (name.isidentifier() and all(map(_is_plain, name))):
        name = re.sub(r"[^A-Za-z0-9_]+", "_", wire)
    # pydantic keeps leading underscores for private attributes.
    name = name.lstrip("_") or "field"
    if not name.isidentifier():  # it begins with a digit, or with a mark on nothing
        name = f"field_{name}"
    return f"{name}_" if keyword.iskeyword(name) or name in _RESERVED else name


def _is_plain(letter: str) -> bool:
    """Return whether every Python takes *letter* in a name, and people can see it there."""
    return letter == "_" or (
        _OLD.category(letter) in _LETTERS and letter not in "\u115f\u1160\u17b4\u17b5"
    )


def class_name(stem: str, taken: set[str]) -> str:
    """Return a class name for *stem* that is not in *taken*, and take it."""
    name = unnumbered = camel(stem) or "Object"
    if name[0].isdigit():
        name = unnumbered = f"Object{name}"
    number = 2
    while name in taken or keyword.iskeyword(name):
        name = f"{unnumbered}{number}"
        number += 1
    taken.add(name)
    return name
