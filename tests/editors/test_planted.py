"""The gates themselves: each reports a fault that was put into a copy of the package."""

from contextlib import ExitStack

import pytest

from . import rows
from .conftest import MODELS, Running
from .servers import JEDI, SERVERS

BY_NAME = {server.name: server for server in SERVERS}

SPOILT = {
    "flux_dev": [
        ("width: int | None", "width: Any | None"),
        ("Mapping\n", "Mapping\nfrom typing import Any\n"),
    ],
    "nano_banana_edit": [('Literal["png", "jpeg"] | None', "str | None")],
    "seedream_v4": [("        enable_sync_mode: ", "        ")],
    "veo3": [("server_default(", "None or (")],
    "veed_subtitles": [("preset: Preset | None", "presets: Preset | None")],
    "__init__": [("    try:\n", "    if True:\n"), ("    finally:\n        pass\n", "")],
}


@pytest.fixture(scope="module")
def spoilt(installed, tmp_path_factory):
    """Servers on a project whose copy of the package has one fault a model."""
    copy = installed.doctored(tmp_path_factory.mktemp("spoilt"), **SPOILT)
    with ExitStack() as stack:
        yield Running(copy, stack)


@pytest.mark.parametrize("server", ["pyright", "ty", "pyrefly"])
@pytest.mark.parametrize(
    ("model", "row", "word"),
    [
        ("flux_dev", rows.types, "Any"),
        ("nano_banana_edit", rows.types, "str | None"),
        ("nano_banana_edit", rows.values, "output_format"),
        ("seedream_v4", rows.meaning, "enable_sync_mode"),
        ("veed_subtitles", rows.parameters, "preset"),
    ],
    ids=["any", "str", "strings", "docstring", "name"],
)
def test_fault_is_reported(spoilt, server, model, row, word):
    """A row that holds for the package does not hold for the spoilt copy."""
    server, model = BY_NAME[server], MODELS[model]

    assert word in " ".join(row(spoilt.view(server, model), model, server))


def test_hidden_default_is_reported(spoilt):
    """A default that signature help cannot show is noticed."""
    server, model = BY_NAME["pyright"], MODELS["veo3"]

    assert rows.defaults(spoilt.view(server, model), model, server)


def test_settled_facade_is_reported(spoilt):
    """jedi finds no name in a facade whose condition it can work out."""
    offered = spoilt.names(BY_NAME[JEDI], "from get3w_models import submit_")

    assert not {name for name in offered if name.startswith("submit_")}
