"""The page about security: each claim names a test that is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)


def test_every_claim_names_a_test():
    """No row of the table is without one."""
    rows = [line for line in PAGE.splitlines() if re.match(r"\| [A-Z]", line)]
    claims = [row for row in rows if not row.startswith("| Claim")]

    assert claims
    assert [] == [row for row in claims if "`tests/" not in row]


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_named_test_is_there(path, name):
    """The file exists, and the function in it."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    names = {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}

    assert not name or name in names
