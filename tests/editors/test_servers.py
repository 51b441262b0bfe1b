"""What editors show of the installed wheel, asked of the language servers themselves."""

import pytest

from . import table
from .conftest import MODELS, every_model
from .rows import ROWS
from .schemas import models


@pytest.mark.parametrize("text", table.OFFERED, ids=["import", "attribute"])
def test_every_function_is_offered(running, server, text):
    """Completing `submit_` offers both functions of every model."""
    for package in sorted({model.package for model in MODELS.values()}):
        functions = {
            name
            for model in MODELS.values()
            for name in (model.function, f"{model.function}_async")
            if model.package == package
        }

        assert set() == functions - running.names(server, text.format(package))


@pytest.mark.parametrize("model", every_model())
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.__name__)
def test_model_is_shown(running, server, model, row):
    """Each row of the table in docs/editors.md holds."""
    assert [] == row(running.view(server, model), model, server)


@pytest.mark.editors
def test_table_in_the_docs(running):
    """docs/editors.md shows what was seen; a run that finds it otherwise writes it anew."""
    document = table.DOCUMENT.read_text(encoding="utf-8")
    seen = table.written(document, table.table(running, models()))
    table.DOCUMENT.write_text(seen, encoding="utf-8")

    assert document == seen, "docs/editors.md was out of date: look at what changed and commit it"
