"""Make a picture for each line of a file; run it again after anything, and each is paid for once.

python examples/batch.py prompts.txt pictures
"""

import sys
from pathlib import Path

from get3w_batch import Batch, Summary
from get3w_models import FluxDevRequest


def main(prompts: Path, folder: Path) -> Summary:
    """Run the batch, or go on with it."""
    lines = prompts.read_text("utf-8").splitlines()
    return Batch([FluxDevRequest(prompt=line) for line in lines if line], out=folder).run()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])).exit_status)
