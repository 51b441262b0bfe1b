"""The body of a pull request, which GitHub takes up to a length."""

import pytest
from get3w_codegen.diff.changes import Change, ModelChanges, Weight
from get3w_codegen.diff.reports import as_markdown

MOST = 65_536
HOSTILE = "`" * 40 + "@everyone <img src=x> " * 100


def changed(number, text, weight=Weight.COMPATIBLE):
    return ModelChanges(f"acme/m{number}", "changed", (Change("type", "a", weight, text),))


@pytest.mark.parametrize("text", ["type string \u2192 integer", HOSTILE, "&" * 5000])
def test_long_report_is_cut_between_lines(text):
    """It fits, says how much is left out, and shows whole lines only."""
    found = [changed(number, text) for number in range(2000)]
    whole = as_markdown(found[:1]).split("\n")[2]

    body = as_markdown(found)

    assert len(body) <= MOST
    rows = [line for line in body.split("\n") if line.startswith("- ")]
    assert [whole.replace("/m0`", f"/m{n}`") for n in range(len(rows) - 1)] == rows[:-1]
    assert f"- and {2000 - len(rows) + 1} more" == rows[-1]
    assert "2000 models: 0 breaking, 0 billing, 2000 compatible." in body.replace("\\", "")


def test_breaking_changes_are_shown_first():
    """What does not fit is what matters least."""
    found = [changed(number, "x" * 900) for number in range(100)]

    body = as_markdown([*found, changed(100, "breaks", Weight.BREAKING)])

    assert "breaks" in body.split("\n")[2]
    assert "more" in body


def test_short_report_is_whole():
    """Nothing is left out of a report that fits."""
    body = as_markdown([changed(number, "x") for number in range(100)])

    assert 100 == body.count("acme/m")
    assert "more" not in body
