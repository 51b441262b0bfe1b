"""Uploaded files: which are taken, and their bytes."""

from dataclasses import dataclass
from pathlib import PurePath

from get3w_emulator._common.clock import Clock, now_ms
from get3w_emulator._common.problems import Problem
from get3w_emulator._common.responses import ApiError
from get3w_emulator.state.predictions import KEPT_MS, hex_name

UPLOAD_PATH = "/api/v3/files/upload"
"""Where files are uploaded, as multipart forms."""

_MB = 1024 * 1024  # The documentation says MB and not which; the larger one refuses less.


@dataclass(frozen=True)
class _Format:
    extension: str
    media_type: str
    most_bytes: int
    magic: bytes
    magic_at: int = 0


_FORMATS = (
    _Format("png", "image/png", 20 * _MB, b"\x89PNG"),
    _Format("jpg", "image/jpeg", 20 * _MB, b"\xff\xd8\xff"),
    _Format("jpeg", "image/jpeg", 20 * _MB, b"\xff\xd8\xff"),
    _Format("webp", "image/webp", 20 * _MB, b"WEBP", 8),
    _Format("gif", "image/gif", 20 * _MB, b"GIF8"),
    _Format("m4a", "audio/mp4", 50 * _MB, b"ftypM4A", 4),
    _Format("mov", "video/quicktime", 100 * _MB, b"ftypqt", 4),
    _Format("mp4", "video/mp4", 100 * _MB, b"ftyp", 4),
    _Format("webm", "video/webm", 100 * _MB, b"\x1a\x45\xdf\xa3"),
    _Format("wav", "audio/wav", 50 * _MB, b"WAVE", 8),
    _Format("flac", "audio/flac", 50 * _MB, b"fLaC"),
    _Format("mp3", "audio/mpeg", 50 * _MB, b"ID3"),
    _Format("mp3", "audio/mpeg", 50 * _MB, b"\xff\xfb"),
)
_OTHER_NAMES = {
    "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/x-flac": "audio/flac",
    "audio/mp3": "audio/mpeg",
}
MOST_BYTES = max(each.most_bytes for each in _FORMATS)
"""No upload of any kind may be larger."""


@dataclass(frozen=True)
class Upload:
    """One uploaded file.

    Attributes:
        content: Its bytes.
        media_type: What it is served as.
        at_ms: When it came.
    """

    content: bytes
    media_type: str
    at_ms: int


class Uploads:
    """All uploaded files, by the name they are served under.

    Args:
        clock: Where the time comes from.
        seed: Makes the names the same in every run; None leaves them to chance.
    """

    def __init__(self, clock: Clock, seed: int | None = None) -> None:
        self._clock = clock
        self._seed = seed
        self._count = 0
        self._files: dict[str, Upload] = {}

    def add(self, filename: str, media_type: str, content: bytes) -> str:
        """Keep a file.

        Args:
            filename: Its name; the extension tells the format.
            media_type: What the sender calls it, for a name that tells nothing.
            content: Its bytes; their start tells the format if nothing else does.

        Returns:
            The name it is served under.

        Raises:
            ApiError: 400 for a format that is not taken, 413 for a file that is too large.
        """
        found = _format(filename, media_type, content)
        if found is None or not content:
            message = "is empty" if found else f"is not of a kind that is taken: {filename!r}"
            raise ApiError(400, problems=[Problem("/file", message)])
        if len(content) > found.most_bytes:
            raise too_large(found.most_bytes, "/file")
        now = now_ms(self._clock)
        self._expire(now)
        name = f"{hex_name(self._seed, 'upload', self._count)[:24]}.{found.extension}"
        self.put(name, Upload(content, found.media_type, now))
        return name

    def put(self, name: str, upload: Upload) -> None:
        """Take up a file as it is."""
        self._count += 1
        self._files[name] = upload

    def get(self, name: str) -> Upload:
        """Return a file.

        Raises:
            ApiError: 404 if there is none of that name, or no longer.
        """
        self._expire(now_ms(self._clock))
        if name not in self._files:
            raise ApiError(404)
        return self._files[name]

    def clear(self) -> None:
        """Forget all files."""
        self._files.clear()
        self._count = 0

    def _expire(self, now: int) -> None:
        """Forget the files that are too old; they lie in the order in which they came."""
        for name in list(self._files):
            if now < self._files[name].at_ms + KEPT_MS:
                break
            del self._files[name]


def too_large(most_bytes: int, place: str = "") -> ApiError:
    """Return the error for a body, or for what is at a *place* in it, that is too large."""
    message = f"is larger than {most_bytes // _MB} MB"
    return ApiError(413, problems=[Problem(place, message)])


def _format(filename: str, media_type: str, content: bytes) -> _Format | None:
    extension = PurePath(filename).suffix.lower().removeprefix(".")
    named = media_type.partition(";")[0].strip().lower()
    named = _OTHER_NAMES.get(named, named)
    by_extension = (each for each in _FORMATS if each.extension == extension)
    by_type = (each for each in _FORMATS if each.media_type == named)
    by_content = (each for each in _FORMATS if content.startswith(each.magic, each.magic_at))
    # A name with an extension that is not known is not a picture, whatever it holds.
    found = next(by_extension, None)
    if found or extension:
        return found
    return next(by_type, None) or next(by_content, None)
