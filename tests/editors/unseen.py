"""Models beside the shipped ones: odd ones of our own, or those of any folder of schemas.

    make editors SCHEMAS=DIR [COUNT=80]

generates a package from a folder of JSON Schemas, or from the answer of a server that lists models,
and asks the language servers and type checkers about that package instead of the shipped one.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from get3w_codegen.build.pipeline import Job, generate

from tests.fidelity import corpora

from .schemas import SCHEMAS, models

ODD = Path(__file__).parent / "odd"
PACKAGE = "unseen_models"
VARIABLE = "GET3W_UNSEEN_SCHEMAS"
TESTS = (
    "tests/editors/test_servers.py::test_every_function_is_offered",
    "tests/editors/test_servers.py::test_model_is_shown",
    "tests/editors/test_rendering.py",
    "tests/typing/test_type_checkers.py",
)


def chosen_models():
    """Return the models that the tests are about: the shipped and the odd ones, or all unseen."""
    folder = os.environ.get(VARIABLE)
    if folder is None:
        return [*models(SCHEMAS, "get3w_models"), *models(ODD, PACKAGE)]
    package = Path(folder) / PACKAGE
    return [
        model
        for model in models(Path(folder) / "schemas", PACKAGE)
        if (package / f"{model.name}.py").exists()
    ]


def install(packages, scratch):
    """Put the package of the unseen models beside the installed ones, and on our own path."""
    folder = Path(os.environ.get(VARIABLE, scratch))
    if (packages / PACKAGE).exists():
        return
    if VARIABLE not in os.environ:
        shutil.copytree(ODD, scratch / "schemas")
        outcome = generate(Job(scratch / "schemas", scratch / PACKAGE, PACKAGE))
        assert {} == outcome.left_out
    shutil.copytree(folder / PACKAGE, packages / PACKAGE)
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def main():
    """Generate the package and run the tests on it; return their exit status."""
    parser = argparse.ArgumentParser(prog="tests.editors.unseen", description=__doc__)
    parser.add_argument("schemas", type=Path, help="a folder of schemas, or one file that lists")
    parser.add_argument("--count", type=int, default=80, help="how many models, evenly chosen")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="what to run instead of all")
    options = parser.parse_args()
    found = sorted(corpora.read(options.schemas).items())
    step = max(1, len(found) // options.count)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for model_id, schema in found[::step][: options.count]:
            path = folder / "schemas" / f"{model_id.lower()}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(schema), encoding="utf-8")
        outcome = generate(Job(folder / "schemas", folder / PACKAGE, PACKAGE))
        print(f"{outcome.models} models", *(f"left out: {each}" for each in outcome.left_out))
        command = [sys.executable, "-m", "pytest", "-q"]
        if any("editors" in test for test in options.tests):
            command += ["-m", "editors or not editors"]
        done = subprocess.run(
            [*command, *options.tests],
            env={**os.environ, VARIABLE: scratch},
            check=False,
        )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
