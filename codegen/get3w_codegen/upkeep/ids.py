"""What may be a model id, and so a path."""

import re

# The same rule by which `generate` judges the paths it finds.
_SEGMENT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?")


def is_model_id(text: str) -> bool:
    """Tell whether *text* can be a model id: it then is a safe relative path as well."""
    return all(_SEGMENT.fullmatch(segment) for segment in text.split("/"))
