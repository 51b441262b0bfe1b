"""Make a picture of each row (name, prompt) of a CSV file; after Ctrl-C, run it again.

    python examples/pictures_from_csv.py table.csv pictures

What has a file in the folder is not submitted again: .task while it runs, .unknown, .failed, .png.
"""

import csv
import sys
from pathlib import Path

from get3w_core import (
    Accepted,
    Get3WError,
    Prediction,
    SavedSubmission,
    SubmitOutcomeUnknownError,
    as_completed,
    reconcile,
    submit_all,
)
from get3w_models import FluxDevRequest


def main(table: Path, folder: Path) -> None:
    """Find what was lost, submit what is missing, and fetch what is done."""
    folder.mkdir(parents=True, exist_ok=True)
    with table.open(encoding="utf-8", newline="") as file:
        prompts = {row["name"]: row["prompt"] for row in csv.DictReader(file)}
    for path in folder.glob("*.unknown"):
        found = reconcile(SavedSubmission.from_json(path.read_text()))
        if isinstance(found, Accepted):
            path.with_suffix(".task").write_text(found.prediction.to_json())
            path.unlink()
    missing = sorted(prompts.keys() - {path.stem for path in folder.iterdir()})

    def keep(index: int, result: Prediction | Get3WError) -> None:
        name = missing[index]
        if isinstance(result, Prediction):
            (folder / f"{name}.task").write_text(result.to_json())
        elif isinstance(result, SubmitOutcomeUnknownError):
            (folder / f"{name}.unknown").write_text(result.to_json())
        else:
            print(f"{name}: {result}", file=sys.stderr)

    submit_all((FluxDevRequest(prompt=prompts[n]) for n in missing), on_result=keep)
    tasks = {Prediction.from_json(p.read_text()): p for p in folder.glob("*.task")}
    for prediction in as_completed(tasks):
        path = tasks[prediction]
        if prediction.outputs:
            [picture] = prediction.download(folder / "new")
            picture.replace(path.with_suffix(picture.suffix))
            path.unlink()
        else:
            path.replace(path.with_suffix(".failed"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
