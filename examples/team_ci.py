"""Check a package of a team's own models in CI: it fits the schemas, and each call goes through.

python examples/team_ci.py schemas src/acme_models
"""

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from example_input import example_arguments
from get3w_core import Client, Get3WError, PredictionFailedError, submit_all, wait_all
from get3w_emulator import running


def main(schemas: Path, output: Path) -> int:
    """Return the exit status."""
    check = ("--check", "--schemas", schemas, "--output", output, "--package", output.name)
    generate = [sys.executable, "-m", "get3w_codegen", "generate", *map(str, check)]
    if subprocess.run(generate, check=False).returncode:  # noqa: S603 - our own words
        return 1
    sys.path.insert(0, str(output.parent))
    package = import_module(output.name)
    kinds = [package.request_class(model_id) for model_id in package.model_ids()]
    with running(schemas=schemas) as emulator, TemporaryDirectory() as folder:
        requests = [kind(**example_arguments(kind, Path(folder))) for kind in kinds]
        with Client(emulator.api_key, emulator.url) as client:
            results = submit_all(requests, client=client)
            tasks = wait_all(each for each in results if not isinstance(each, Get3WError))
    failures = [PredictionFailedError(task) for task in tasks if task.error]
    errors = [each for each in results if isinstance(each, Get3WError)]
    for error in (*errors, *failures):
        print(error, file=sys.stderr)
    print(f"{len(kinds)} models, {len(errors) + len(failures)} errors")
    return 1 if errors or failures else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
