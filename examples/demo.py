"""The whole way from a typed call to a file on disk, for whichever model is named.

Run it with `make demo` or `make demo MODEL=owner/model`. Without `GET3W_API_KEY` it talks to a
local emulator that it starts by itself; with the key, the same code talks to Get3W.
"""

import inspect
import os
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from example_input import example_arguments
from get3w_core import Client, Get3WError, Prediction
from get3w_models import model_ids, request_class

FOLDER = Path("build/demo")


def main() -> int:
    """Submit one task, wait for it, save what came out, and tell what happened."""
    try:
        model_id = sys.argv[1] if len(sys.argv) > 1 else model_ids(documented=True)[0]
        submit = submit_function(model_id)
        with connected() as client:
            run(client, model_id, submit)
    except (Get3WError, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


def run(client: Client, model_id: str, submit: Callable[..., Prediction]) -> None:
    """Call *submit* with example input and follow the prediction to its files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=FOLDER):
        pass  # a folder that cannot be written to is found out before the task costs anything
    arguments = example_arguments(request_class(model_id), FOLDER)
    print(f"{getattr(submit, '__name__', 'submit')}(")
    for name, value in arguments.items():
        print(f"    {name}={value!r},")
    print(")")
    prediction = submit(**arguments, client=client)
    print(f"prediction {prediction.id}")
    try:
        prediction.wait(on_update=lambda update: print(f"  {update.status}"))
    except KeyboardInterrupt:
        print(f"interrupted; it goes on: Client().prediction({prediction.id!r})")
        return
    for path in prediction.download(FOLDER):
        print(f"saved {path.resolve()}")


def submit_function(model_id: str) -> Callable[..., Prediction]:
    """Return the generated function of a model that is only known at run time."""
    module = inspect.getmodule(request_class(model_id))
    assert module is not None
    name = f"submit_{module.__name__.rpartition('.')[2]}"
    function: Callable[..., Prediction] = getattr(module, name)
    return function


@contextmanager
def connected() -> Generator[Client]:
    """Yield a client of Get3W where there is a key, else of an emulator on this machine."""
    if os.environ.get("GET3W_API_KEY"):
        with Client() as client:
            print(f"talking to {client.base_url}")
            yield client
        return
    from get3w_emulator import running

    with (
        running(image_seconds=1.0) as emulator,
        Client(api_key=emulator.api_key, base_url=emulator.url) as client,
    ):
        print(f"no GET3W_API_KEY: talking to an emulator at {client.base_url}")
        yield client


if __name__ == "__main__":
    sys.exit(main())
