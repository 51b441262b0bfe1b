"""The kinds of files that Get3W takes and makes, known by name, type and first bytes."""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["image", "video", "audio"]

# [G] the formats that an upload takes. The platform's own table (`mimetypes`) differs between
# machines for several of these.
TYPES_BY_SUFFIX: Final = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".mov": "video/quicktime",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
}
UNKNOWN_TYPE: Final = "application/octet-stream"
FORMATS: Final = "PNG, JPEG, WebP, GIF, MP4, WebM, MOV, MP3, WAV, FLAC and M4A"  # [G]

# [G] says 20, 100 and 50 MB and not which. These are the larger ones (MiB): a limit here must not
# refuse what the server may take; the server itself refuses the rest.
MIB: Final = 1024 * 1024
LIMITS: Final[dict[Kind, int]] = {"image": 20 * MIB, "video": 100 * MIB, "audio": 50 * MIB}
LARGEST: Final = 1024 * MIB
"""The limit for any other type, far above all documented ones: a stream without end is noticed."""

# What an output may be called. No system executes a file of these, and no browser runs a program
# in one, as it does in HTML and SVG.
_SUFFIX_BY_TYPE: Final = {
    **{kind: suffix for suffix, kind in TYPES_BY_SUFFIX.items() if suffix != ".jpeg"},
    "image/avif": ".avif",
    "image/heic": ".heic",
    "image/bmp": ".bmp",
    "image/tiff": ".tiff",
    "video/x-matroska": ".mkv",
    "video/mpeg": ".mpeg",
    "audio/x-wav": ".wav",
    "audio/wave": ".wav",
    "audio/x-flac": ".flac",
    "audio/x-m4a": ".m4a",
    "audio/aac": ".aac",
    "audio/ogg": ".ogg",
    "audio/opus": ".opus",
    "model/gltf-binary": ".glb",
    "model/gltf+json": ".gltf",
    "model/obj": ".obj",
    "model/stl": ".stl",
    "model/vnd.usdz+zip": ".usdz",
    "text/plain": ".txt",
    "text/csv": ".csv",
    "text/vtt": ".vtt",
    "application/x-subrip": ".srt",
    "application/json": ".json",
    "application/zip": ".zip",
    "application/pdf": ".pdf",
}
_TYPE_BY_SUFFIX: Final = {
    suffix: kind
    for kind, suffix in reversed(_SUFFIX_BY_TYPE.items())  # the first type wins
}
PLAIN_SUFFIXES: Final = frozenset(
    {
        *_SUFFIX_BY_TYPE.values(),
        *(".jpeg", ".tif", ".m4v", ".oga", ".ogv", ".mpg", ".ply", ".fbx", ".mtl", ".usd"),
        *(".md", ".jsonl", ".safetensors", ".npy", ".npz", ".bin"),
    }
)
"""The suffixes that an output keeps."""

# In this order: what looks like a format that is taken, and is none, comes first.
_SIGNATURES: Final = (
    (re.compile(rb"....ftyp(?:hei[cfmsx]|hev[cmsx]|mif1|msf1)", re.DOTALL), ".heic"),
    (re.compile(rb"....ftypavi[fs]", re.DOTALL), ".avif"),
    (re.compile(rb"\x1aE\xdf\xa3.{0,56}matroska", re.DOTALL), ".mkv"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), ".png"),
    (re.compile(rb"\xff\xd8\xff"), ".jpg"),
    (re.compile(rb"GIF8[79]a"), ".gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), ".webp"),
    (re.compile(rb"RIFF....WAVE", re.DOTALL), ".wav"),
    (re.compile(rb"....ftypqt", re.DOTALL), ".mov"),
    (re.compile(rb"....ftypM4[AB]", re.DOTALL), ".m4a"),
    (re.compile(rb"....ftyp", re.DOTALL), ".mp4"),
    (re.compile(rb"\x1aE\xdf\xa3"), ".webm"),
    (re.compile(rb"fLaC"), ".flac"),
    (re.compile(rb"ID3|\xff[\xfa\xfb\xf2\xf3]"), ".mp3"),
    (re.compile(rb"glTF"), ".glb"),
)
HEAD: Final = 64
"""How many bytes of a file it takes to tell its format."""


def sniffed_suffix(head: bytes) -> str:
    """Return the suffix for a file that begins with *head*; empty if it is not known."""
    return next((suffix for pattern, suffix in _SIGNATURES if pattern.match(head)), "")


def suffix_of_type(content_type: str) -> str:
    """Return the file suffix for a `Content-Type`; `.bin` for any that is not in our list."""
    kind = content_type.partition(";")[0].strip().lower()
    return _SUFFIX_BY_TYPE.get(kind, ".bin")


def type_of_suffix(suffix: str) -> str:
    """Return the content type of files with *suffix*; empty if it is not in our list."""
    return TYPES_BY_SUFFIX.get(suffix) or _TYPE_BY_SUFFIX.get(suffix, "")


def kind_of_type(content_type: str) -> Kind | None:
    """Return the kind that a content type belongs to."""
    name = content_type.partition("/")[0].strip().lower()
    return next((kind for kind in LIMITS if kind == name), None)


def safe_name(text: str, longest: int = 100) -> str:
    """Return *text* as a file name that is plain on every system; empty if nothing is left.

    Only letters, digits, `.`, `-` and `_` stay, so that it holds no separator, and no dot or
    hyphen leads, so that it is neither hidden nor an option. The end, with the suffix, survives.
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", text).strip("._-")
    return plain[-longest:].strip("._-")
