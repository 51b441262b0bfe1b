"""A program without an event loop does not pay for asyncio."""

import subprocess
import sys

from tests.core.loopback import answer

PROGRAM = """
import sys
from get3w_core import Client, ModelInfo, ModelRequest


class Paint(ModelRequest):
    __model__ = ModelInfo("test/paint")
    prompt: str


with Client("test-key", sys.argv[1]) as client:
    print(client.submit(Paint(prompt="a cat")).id)
print("asyncio" in sys.modules)
"""


def test_a_submit_of_a_sync_program_does_not_load_asyncio(serve):
    """Its import takes longer than the rest of a submit."""
    server = serve(answer(b'{"code": 200, "data": {"id": "pred_1", "status": "created"}}'))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, server.url], check=True, capture_output=True, text=True
    )

    assert "pred_1\nFalse\n" == done.stdout
