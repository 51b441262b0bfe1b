"""docs/conditions.md lists the models whose classes hold a part of their schema, and no others."""

import re
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs/conditions.md").read_text("utf-8")
LISTED = re.findall(r"^\| (\S+) \| (`.*?`) \| .+ \|$", PAGE, re.MULTILINE)
MOST = 10  # models of the catalogue


def rules(catalogue):
    """Model id to the condition of each model that has one."""
    found = {model.id: model.request_class.__model__.rule for model in catalogue}
    return {model_id: rule.schema for model_id, rule in found.items() if rule is not None}


def keywords(rule):
    """Return the keywords that a rule starts with, below those that only lead to its place."""
    found = set(rule) - {"$defs", "allOf", "properties", "items", "type"}
    for part in (*rule.get("allOf", []), *rule.get("properties", {}).values()):
        found |= keywords(part)
    return found | (keywords(rule["items"]) if isinstance(rule.get("items"), dict) else set())


def test_models_with_conditions_are_listed(catalogue):
    """Each is named with its keywords, in the order of the ids."""
    expected = [
        (model_id, ", ".join(f"`{keyword}`" for keyword in sorted(keywords(rule))))
        for model_id, rule in sorted(rules(catalogue).items())
    ]

    assert expected == LISTED


def test_few_models_have_conditions(catalogue):
    """What types can say is left to no rule."""
    assert len(rules(catalogue)) <= MOST


def test_a_broken_condition_reads_as_shown(capsys):
    """The program of the page prints what the page says."""
    [program, printed] = re.findall(r"^```(?:python)?\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)

    exec(compile(program, "conditions.md", "exec"), {})

    assert printed == capsys.readouterr().out
