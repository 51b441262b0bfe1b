"""The official JSON Schema test suite, drafts of before 2020-12 among it."""

from pathlib import Path

import pytest

from . import corpora
from .__main__ import PACKAGE, generate
from .official import CANNOT_BE_MET, cases, forget

SUITE = Path(__file__).parents[2].parent / "shared/corpus/json-schema-test-suite"
DRAFTS = [draft for draft in corpora.DRAFTS if (SUITE / "tests" / draft).is_dir()]


@pytest.mark.skipif(not DRAFTS, reason="the suite is not beside the checkout")
@pytest.mark.parametrize("draft", DRAFTS or ["none"])
def test_class_and_emulator_judge_each_case_as_the_suite_does(draft, tmp_path, monkeypatch):
    """But for the groups that are named with a reason, of which both judge alike."""
    monkeypatch.syspath_prepend(tmp_path)
    found = list(
        cases(SUITE, draft, PACKAGE, lambda schemas, options: generate(tmp_path, schemas, options))
    )
    forget(PACKAGE)

    judged = [case for case in found if not str(case.class_says).startswith("left out")]
    assert 500 < len(judged)
    assert [] == [case for case in judged if case.class_says is not case.emulator_says]
    assert [] == [case for case in found if not case.is_met() and case.group not in CANNOT_BE_MET]
