"""Pages of a few models, and a shell that has the commands of this checkout."""

import shutil
from pathlib import Path

import pytest

from website.models import write_model_pages

ROOT = Path(__file__).parents[2]
# One of each kind: no condition, objects in a list, a condition across fields, a sound, API v1.
SAMPLE = (
    "get3w/flux-dev",
    "kwaivgi/kling-v2.6-pro/image-to-video",
    "pixverse/pixverse-v5.5/text-to-video",
    "minimax/speech-02-hd",
    "google/nano-banana-pro/text-to-image",
)


def copy_schemas(folder, model_ids=SAMPLE):
    """Copy the schemas of some models, with the names of all."""
    for model_id in model_ids:
        path = folder / f"{model_id}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / f"schemas/{model_id}.json", path)
    shutil.copy(ROOT / "schemas/names.lock.json", folder)
    return folder


@pytest.fixture(scope="session")
def schemas(tmp_path_factory):
    """The schemas of the sample."""
    return copy_schemas(tmp_path_factory.mktemp("schemas"))


@pytest.fixture(scope="session")
def pages(tmp_path_factory, schemas):
    """The folder with the pages of the sample."""
    folder = tmp_path_factory.mktemp("pages") / "models"
    folder.mkdir()
    assert [] == write_model_pages(schemas, folder, "get3w_models")
    return folder
