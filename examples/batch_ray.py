"""Make a picture of each line of a file on the workers of a Ray cluster; run it again to resume.

    ray job submit -- python batch_ray.py prompts.txt /shared/pictures postgresql://user@host/name

It runs without a cluster too: then Ray is started on this machine. The folder is one that all
machines see, and GET3W_API_KEY is set on each of them.
"""

import sys
from pathlib import Path

from get3w_batch import Batch, RayCluster, Summary
from get3w_models import FluxDevRequest


def main(prompts: Path, folder: Path, journal: str) -> Summary:
    """Run the batch until each prompt has its picture, or is listed with what went wrong."""
    lines = prompts.read_text(encoding="utf-8").splitlines()
    batch = Batch(
        [FluxDevRequest(prompt=line) for line in lines if line],
        engine=RayCluster(workers=2),
        journal=journal,
        out=folder,
    )
    return batch.run()


if __name__ == "__main__":
    summary = main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
    print(summary.to_json())
    sys.exit(summary.exit_status)
