"""Check that the `emulator` extra is installed, and say how to install it."""

from importlib.util import find_spec

EXTRA_MESSAGE = 'get3w-emulator needs its extra: pip install "get3w-models[emulator]"'
_MODULES = ("starlette", "uvicorn", "httptools", "jsonschema", "PIL", "av", "python_multipart")


class MissingExtraError(ImportError):
    """The `emulator` extra is not installed; the message is the line that installs it."""


def require_extra() -> None:
    """Check that the `emulator` extra is installed.

    Raises:
        MissingExtraError: If one of its packages is not there.
    """
    if any(find_spec(module) is None for module in _MODULES):
        raise MissingExtraError(EXTRA_MESSAGE)
