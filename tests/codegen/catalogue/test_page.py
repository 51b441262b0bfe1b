"""`get3w-codegen page`: the page that lists all models."""

import pytest

SCHEMA = {
    "type": "object",
    "x-model-type": "text-to-image",
    "x-base-price-usd": 0.25,
    "properties": {"prompt": {"type": "string"}},
}


def test_page_lists_every_model(run, schemas, tmp_path):
    """One row a model: id, function, kind, whether it is confirmed, price."""
    confirmed = {**SCHEMA, "x-provenance": "get3w-docs"}
    unsaid, listed = {"type": "object"}, {"type": "object", "x-get3w-listed": True}
    schemas({"acme/fox": confirmed, "acme/owl": unsaid, "acme/yak": listed})

    assert 0 == run("page", "--package", "m").returncode

    lines = (tmp_path / "docs/models.md").read_text().splitlines()
    assert "| `acme/fox` | `m.submit_fox` | text-to-image | yes | 0.25 USD |" in lines
    assert "| `acme/owl` | `m.submit_owl` |  | no |  |" in lines
    assert "| `acme/yak` | `m.submit_yak` |  | yes |  |" in lines


def test_confirmed_models_stand_first(run, schemas, tmp_path):
    """Who reads only the beginning sees what Get3W itself names, and how many those are."""
    schemas({"acme/ape": SCHEMA, "acme/yak": {**SCHEMA, "x-get3w-listed": True}})
    run("page", "--package", "m")

    text = (tmp_path / "docs/models.md").read_text()
    assert "2 models, 1 confirmed: " in text
    assert text.index("acme/yak") < text.index("acme/ape")


def test_page_of_nothing_is_refused(run, tmp_path):
    """Without schemas no page is written; most likely the folder is another."""
    refused = run("page")

    assert 2 == refused.returncode
    assert "No schema folder at schemas. Name it with --schemas" in refused.stderr
    assert not (tmp_path / "docs").exists()


def test_check_tells_a_stale_page(run, schemas, tmp_path):
    """--check writes nothing and says what to run."""
    schemas({"acme/fox": SCHEMA})
    run("page")
    schemas({"acme/owl": SCHEMA})
    before = (tmp_path / "docs/models.md").read_text()

    stale = run("page", "--check")

    assert 1 == stale.returncode
    assert "run get3w-codegen page" in stale.stderr
    assert before == (tmp_path / "docs/models.md").read_text()
    run("page")
    assert 0 == run("page", "--check").returncode


def test_folder_without_schemas_is_wrong_use(run, tmp_path):
    """A page of no model at all is nothing to write over another."""
    refused = run("page", "--schemas", "missing")

    assert 2 == refused.returncode
    assert "No schema folder at missing" in refused.stderr
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("model_id", ["acme/fox", "a|b"])
def test_text_stays_in_its_cell(run, schemas, tmp_path, model_id):
    """What a schema says cannot break the table."""
    schemas({"acme/fox": {**SCHEMA, "x-model-type": f"{model_id}|"}})
    run("page")

    row = (tmp_path / "docs/models.md").read_text().splitlines()[-1]

    assert 6 == row.replace("\\|", "").count("|")
