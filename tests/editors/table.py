"""The table in `docs/editors.md`: what each server shows, by what was seen."""

from pathlib import Path

from . import rows
from .servers import SERVERS

DOCUMENT = Path(__file__).parents[2] / "docs/editors.md"
BEGIN = "<!-- the table, written by `make editors` -->\n"
END = "<!-- end of the table -->\n"

OFFERED = {
    "from {} import submit_": "`from get3w_models import submit_` offers every function",
    "import {0}\n{0}.submit_": "`get3w_models.submit_` offers every function",
}

_TITLES = {
    rows.parameters: "Completing inside the call offers every parameter",
    rows.types: "Signature help names every parameter with its type",
    rows.defaults: "Signature help shows the default 5 of `duration`",
    rows.active: "Signature help explains the parameter that is being typed",
    rows.meaning: "Hover tells meaning, range, values and default",
    rows.work: "Hover tells what the model makes",
    rows.markup: "Hover shows no raw markup",
    rows.values: "Completing inside the quotes of a choice offers its values",
    rows.definition: "Go to definition lands in the model's module",
}


def table(running, models):
    """Return the table: a row for each thing that is looked at, a column for each server."""
    lines = [
        ["", *(server.name for server in SERVERS)],
        ["---"] * (len(SERVERS) + 1),
        *([title, *_offers(running, text, models)] for text, title in OFFERED.items()),
        *([_TITLES[row], *_shows(running, row, models)] for row in rows.ROWS),
    ]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def written(document, content):
    """Return *document* with *content* in the place of the table."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{content}\n{END}{after}"


def _offers(running, text, models):
    for server in SERVERS:
        names = running.names(server, text.format("get3w_models"))
        yield _counted(sum(model.function in names for model in models), models, "yes")


def _shows(running, row, models):
    for server in SERVERS:
        right = sum(not row(running.view(server, model), model, server) for model in models)
        yield _counted(right, models, _known(row, server))


def _counted(right, models, answer):
    return answer if right == len(models) else f"for {right} of {len(models)}"


def _known(row, server):
    """Return what it means that a row holds, given what is known to be missing in the server."""
    if row is rows.defaults:
        shown = f"`{server.default.format(5)}`"
        missing = {"int": "; no choice: `...`", "float": "; a float as `...`"}
        return shown + next((missing[kind] for kind in missing if kind in server.hidden), "")
    if row is rows.active:
        return {"all": "yes", "first line": "its first line", "nothing": "no"}[server.words]
    if row is rows.values:
        return "yes" if server.strings else "no: offers nothing"
    return "yes"
