"""The names of files that outputs are stored in: the usual one, or one by the caller's template."""

from __future__ import annotations

import re
import unicodedata
from difflib import get_close_matches
from pathlib import PurePosixPath
from string import Formatter
from typing import TYPE_CHECKING, Final

from get3w_core._common.media_types import PLAIN_SUFFIXES, safe_name
from get3w_core.errors.base import ConfigurationError
from get3w_core.outputs.contents import last_segment, url_suffix

if TYPE_CHECKING:
    from collections.abc import Mapping

    from get3w_core.outputs.contents import OutputValue

_OWN_FIELDS: Final = ("id", "index", "stem", "ext")
_FIXED_SUFFIX: Final = re.compile(r"\.[A-Za-z0-9]{1,8}$")
_NO_NAME: Final = re.compile(r"[^\w.+=@ -]+")
_LONGEST: Final = 200  # bytes, of the 255 that file systems take
# Windows opens a device by these names, whatever their suffix.
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def file_name(prediction_id: str, index: int, url: str | None, suffix: str) -> str:
    """Return the usual name for output number *index*.

    The prediction's id and the number keep outputs apart that share a last segment; every part
    is made safe, so that no id and no URL leads out of the folder.

    Args:
        prediction_id: The prediction.
        index: The place in `outputs`.
        url: Where it comes from.
        suffix: The suffix by content type, for a URL without one.
    """
    name = "" if url is None else safe_name(last_segment(url))
    parts = [safe_name(prediction_id, 80) or "prediction", str(index), *([name] if name else [])]
    return "-".join(parts) + ("" if has_suffix(name) else suffix)


def has_suffix(name: str) -> bool:
    """Return whether *name* ends as a file of media or data does, which no system executes."""
    return PurePosixPath(name).suffix.lower() in PLAIN_SUFFIXES


class FileNames:
    """Names the files of one download.

    Args:
        template: A name with fields in braces: `{id}` of the prediction, `{index}` of the output,
            `{stem}` of its URL, `{ext}` without a dot, and those in *fields*. None is the usual
            name.
        fields: Further fields by name.
        total: How many outputs there are. Without `{index}` in the template, several get their
            number at the end, since one would replace the other.

    Raises:
        ConfigurationError: The template is no file name, or its fields are not those given.
    """

    def __init__(self, template: str | None, fields: Mapping[str, object], total: int) -> None:
        self._template = template
        self._fields = {name: _safe(str(value)) for name, value in fields.items()}
        used = set[str]() if template is None else _checked(template, fields)
        if unused := sorted(fields.keys() - used):
            raise ConfigurationError(
                f"download() takes no {unused[0]}= {_meant(unused[0], used)}: a keyword of your own"
                " is a field of name=, such as name='{row}-{index}', row=7"
            )
        self._numbered = total > 1 and "index" not in used
        self._has_suffix = template is not None and (
            template.endswith(".{ext}") or _FIXED_SUFFIX.search(template) is not None
        )
        self.is_own: bool = template is None or "id" in used
        """Whether no other prediction has a file of this name, so that one there is this one's."""

    def known(self, value: OutputValue) -> bool:
        """Return whether the whole name is known before the output is fetched."""
        return self._has_fixed_suffix or (
            value.url is not None and url_suffix(value.url) in PLAIN_SUFFIXES
        )

    @property
    def _has_fixed_suffix(self) -> bool:
        return self._has_suffix and not (self._template or "").endswith("{ext}")

    def name(self, value: OutputValue, suffix: str) -> str:
        """Return the name for an output, which is safe.

        Args:
            value: The output.
            suffix: The suffix by its content, for a URL without one.
        """
        url, template = value.url, self._template
        if template is None:
            return file_name(value.prediction_id, value.index, url, suffix)
        last = "" if url is None else safe_name(last_segment(url))
        if has_suffix(last):
            path = PurePosixPath(last)
            last, suffix = path.stem, path.suffix
        made = template.format(
            id=safe_name(value.prediction_id, 80) or "prediction",
            index=value.index,
            stem=last or "output",
            ext=suffix.removeprefix("."),
            **self._fields,
        )
        if self._has_suffix:
            path = PurePosixPath(made)
            made, suffix = path.stem, path.suffix
        number = f"-{value.index}" if self._numbered else ""
        return f"{_cut(made, number)}{number}{suffix}"


def _checked(template: str, fields: Mapping[str, object]) -> set[str]:
    """Return the names of the fields in *template*."""
    known, used = {*_OWN_FIELDS, *fields}, set[str]()
    if taken := sorted(fields.keys() & set(_OWN_FIELDS)):
        raise ConfigurationError(f"The field {{{taken[0]}}} of name= is filled in by download()")
    try:
        for literal, name, form, _ in Formatter().parse(template):
            if _NO_NAME.search(literal):
                raise ConfigurationError(
                    f"name={template!r} is to be a file's name, without separators and special"
                    " characters; the folder is an argument of its own"
                )
            if name is not None and name not in known:
                raise ConfigurationError(
                    f"name={template!r} has a field {{{name}}} that was not given"
                    f" {_meant(name, known)}; pass it by name, such as {name or 'row'}=7"
                )
            if form and ("{" in form or name != "index"):
                raise ConfigurationError(f"Only {{index}} of name= takes a format, not {{{name}}}")
            used |= {name} if name is not None else set()
        template.format(**dict.fromkeys(known - {"index"}, ""), index=0)
    except (ValueError, LookupError) as error:
        raise ConfigurationError(f"name={template!r} cannot be filled in: {error}") from None
    return used


def _meant(name: str, known: set[str]) -> str:
    near = get_close_matches(name, sorted({*known, "timeout", "max_bytes", "on_progress"}), 1)
    return f"(did you mean {near[0]}?)" if near else f"(there is {', '.join(sorted(known))})"


def _safe(text: str) -> str:
    """Return a value of the caller's as a part of a name; letters of any language stay."""
    return _NO_NAME.sub("_", unicodedata.normalize("NFC", text))


def _cut(name: str, number: str) -> str:
    name = name.lstrip(" .-").rstrip(" .") or "output"
    name = f"_{name}" if _DEVICES.match(name) else name
    while len((name + number).encode("utf-8", "replace")) > _LONGEST:
        name = name[:-1]
    return name
