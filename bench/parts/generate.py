"""Time the generator on catalogues of several sizes beside two others on the same schemas.

All figures are of whole processes. datamodel-codegen takes one schema at a time: it runs on a
sample, one process after the other, and its time is scaled up. openapi-python-client reads the
models as one OpenAPI document, the one that the emulator serves for them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.common.catalogue import OWN, corpus, generate, write_catalogue
from bench.common.page import Measure, Page
from bench.common.processes import Clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bench.common.effort import Effort
    from bench.common.figures import Recorder

PAGE = Page(
    "Generating",
    (
        Measure("cpu", "seconds of all processors", digits=2),
        Measure("seconds", "seconds by the clock", digits=2, plotted=False),
    ),
    axis="models",
    environment="peers",
)
VERSIONS = (
    *("datamodel-code-generator", "openapi-python-client", "ruff", "jinja2", "pydantic"),
    *("black", "isort"),
)
NEWCOMER = OWN / "get3w" / "flux-dev.json"
COLD, MORE, NOTHING = "all models, cold", "one model more", "no change"
SIZES = (54, 500, 2000)
SAMPLE = 8
BIN = Path(sys.executable).parent
# Run by itself, since the emulator reads the schemas with code of its own. References into a schema
# become references to components: the client's generator does not look inside.
DOCUMENT = """
import json, sys
from pathlib import Path
from get3w_emulator.api.openapi import document
from get3w_emulator.schemas.catalogue import load
models = load(Path(sys.argv[1]))
found = document(models, "http://127.0.0.1")
paths = {path: found["paths"][path] for path in (f"/api/v3/{each}" for each in models)}
for number, at in enumerate(paths.values()):
    content = at["post"]["requestBody"]["content"]["application/json"]
    content["schema"].pop("$id", None)
    defined = content["schema"].pop("$defs", {})
    place = f"#/components/schemas/M{number}"
    def moved(part):
        return json.loads(json.dumps(part).replace('"#/$defs/', f'"{place}'))
    content["schema"] = moved(content["schema"])
    found["components"]["schemas"] |= {f"M{number}{name}": moved(part)
                                       for name, part in defined.items()}
found["paths"] = paths
Path(sys.argv[2]).write_text(json.dumps(found))
"""


@dataclass(frozen=True)
class Catalogue:
    """Schemas of one size, and the folder in which packages are made of them."""

    schemas: Path
    written: list[Path]
    document: Path
    folder: Path

    @property
    def size(self) -> int:
        """How many models there are."""
        return len(self.written)


def make_catalogue(folder: Path, size: int) -> Catalogue:
    """Write the schemas, and the OpenAPI document of the same models."""
    written = write_catalogue(folder / "schemas", size, corpus())
    command = [sys.executable, "-c", DOCUMENT, str(folder / "schemas"), str(folder / "api.json")]
    subprocess.run(command, check=True, capture_output=True)
    return Catalogue(folder / "schemas", written, folder / "api.json", folder)


def ours(catalogue: Catalogue, words: str) -> tuple[float, float]:
    """Generate; return what it took, once the generator has said *words*."""
    clock = Clock()
    answer = generate(catalogue.schemas, catalogue.folder / "models")
    if words not in answer:
        raise SystemExit(f"The generator was expected to say {words!r}, but said: {answer}")
    return clock.read()


def one_by_one(sample: Iterable[Path], folder: Path, *options: str) -> tuple[float, float]:
    """Run datamodel-codegen for each schema of a sample; return what that took."""
    command = [str(BIN / "datamodel-codegen"), *options, "--input-file-type", "jsonschema"]
    command += ["--output-model-type", "pydantic_v2.BaseModel", "--output", str(folder / "one.py")]
    clock = Clock()
    for path in sample:
        # It gives up on some schemas of real platforms; that takes its time as well.
        subprocess.run([*command, "--input", str(path)], check=False, capture_output=True)
    return clock.read()


def as_openapi(catalogue: Catalogue) -> tuple[float, float]:
    """Run openapi-python-client on the document; return what that took."""
    output = catalogue.folder / "openapi-client"
    command = [str(BIN / "openapi-python-client"), "generate", "--overwrite"]
    command += ["--path", str(catalogue.document), "--output-path", str(output)]
    # Made of classes, the values of real schemas collide: it gives up, and advises literals.
    config = catalogue.folder / "openapi-client.yaml"
    config.write_text("literal_enums: true\n", encoding="utf-8")
    command += ["--config", str(config)]
    # It calls ruff by its name.
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    clock = Clock()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return clock.read()


def measure(recorder: Recorder, effort: Effort) -> None:
    """Take all sizes in turn, round by round."""
    rounds, sizes = effort.rounds(3), effort.sizes(SIZES, (3,))
    peers = not effort.quick and (BIN / "openapi-python-client").exists()
    if not peers:
        recorder.leave_out("openapi-python-client", "not installed")
    with tempfile.TemporaryDirectory() as scratch:
        catalogues = [make_catalogue(Path(scratch) / str(size), size) for size in sizes]
        for turn in range(rounds):
            for catalogue in catalogues:
                take(recorder, catalogue, turn, peers=peers)
        for catalogue in catalogues if peers else ():
            made = [*(catalogue.folder / "openapi-client").rglob("*.py")]
            asked = len(json.loads(catalogue.document.read_text("utf-8"))["paths"])
            done = sum(
                1 for path in made if path.parent.parent.name == "api" and path.stem != "__init__"
            )
            recorder.remark(
                f"Of {asked:,} operations openapi-python-client wrote {done:,}, in {len(made):,} "
                "files; it leaves out with a warning what it cannot read."
            )
    recorder.remark(
        "fastsdk 0.4.26 can be installed (300 MB), but has no generator in it: it reads the "
        "service's OpenAPI document each time that a program starts."
    )


def take(recorder: Recorder, catalogue: Catalogue, turn: int, *, peers: bool) -> None:
    """Take one round on one catalogue."""
    size = catalogue.size

    def add(setting: str, name: str, took: tuple[float, float], times: float = 1.0) -> None:
        recorder.add("seconds", setting, name, took[0] * times, size)
        recorder.add("cpu", setting, name, took[1] * times, size)

    shutil.rmtree(catalogue.folder / "models", ignore_errors=True)
    add(COLD, "ours", ours(catalogue, f"{size} models, "))
    sample = catalogue.written[turn :: max(1, size // SAMPLE)][:SAMPLE]
    for name, options in SINGLE.items() if peers else ():
        took = one_by_one(sample, catalogue.folder, *options)
        add(COLD, name, took, size / len(sample))
        add(MORE, name, took, 1 / len(sample))
    if peers:
        took = as_openapi(catalogue)
        add(COLD, "openapi-python-client", took)
        add(MORE, "openapi-python-client", took)
    add(NOTHING, "ours", ours(catalogue, "up to date"))
    newcomer = catalogue.schemas / "newcomer.json"
    text = NEWCOMER.read_text(encoding="utf-8")
    newcomer.write_text(text.replace('"x-model-id"', '"x-from"'), encoding="utf-8")
    add(MORE, "ours", ours(catalogue, f"{size + 1} models, "))
    newcomer.unlink()
    generate(catalogue.schemas, catalogue.folder / "models")


SINGLE: Mapping[str, tuple[str, ...]] = {
    "datamodel-codegen, a schema at a time": (),
    "datamodel-codegen, --formatters builtin": ("--formatters", "builtin"),
}
