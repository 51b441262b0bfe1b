"""The pages of docs/benchmarks: between two marks of each page stand the figures of the last run.

What stands outside of the marks is written by hand and left alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bench.report.plots import plot_counts, plot_growth
from bench.report.tables import (
    Win,
    comparison,
    growth,
    growths,
    place_name,
    places,
    ranged,
    wins,
    words,
)

if TYPE_CHECKING:
    from pathlib import Path

    from bench.common.figures import Raw
    from bench.common.page import Page

BEGIN, END = "<!-- figures, written by make bench -->", "<!-- end of the figures -->"
BUSY = 2.0
"""The load, for each processor and beyond our own work, from which a run is not on its own."""
MOST_WINS = 3


def write_page(folder: Path, name: str, page: Page, raw: Raw) -> None:
    """Write the figures of a part, and its plots, into its page."""
    for old in (*folder.glob(f"{name}.svg"), *folder.glob(f"{name}-*.svg")):
        old.unlink()
    lines = [*_how(page, raw), "", *_peers_that_win(page, raw)]
    for title, cells in raw.cells.items():
        lines += [f"## {title}", "", *words(cells), ""]
    if raw.cells:
        lines += _counts(folder, name, page, raw)
    lines += [line for remark in raw.remarks for line in (remark, "")]
    if raw.missing:
        left = "; ".join(f"{who} ({why})" for who, why in raw.missing.items())
        lines += [f"Not here: {left}.", ""]
    if not raw.cells:
        for setting, size in places(page, raw):
            title = place_name(page, setting, size)
            lines += [
                f"## {title[0].upper()}{title[1:]}",
                "",
                *comparison(page, raw, setting, size),
            ]
            lines.append("")
    lines += _growths(folder, name, page, raw)
    write_between_marks(folder / f"{name}.md", page.title, lines)


def write_index(folder: Path, parts: dict[str, tuple[Page, Raw]], others: dict[str, Page]) -> None:
    """Write what all parts have in common, and where peers win, into the index.

    Args:
        folder: Where the pages are.
        parts: What there are raw figures of.
        others: What there are none of here: their pages stay as they are.
    """
    lines = ["| part | measured | minutes | load before and after |", "| --- | --- | ---: | --- |"]
    for name, (page, raw) in parts.items():
        run = raw.run
        load = " and ".join(f"{each:.1f}" for each in run["load"])
        minutes = run["seconds"] / 60
        lines.append(f"| [{page.title}]({name}.md) | {run['when']} | {minutes:.1f} | {load} |")
    lines += [f"| [{page.title}]({name}.md) | see its page | | |" for name, page in others.items()]
    lines += ["", *dict.fromkeys(raw.run["machine"] + "." for _, raw in parts.values())]
    versions = {who: at for _, raw in parts.values() for who, at in raw.run["versions"].items()}
    lines += ["", "Versions: " + ", ".join(f"{who} {at}" for who, at in versions.items()) + ".", ""]
    found = [
        f"- [{page.title}]({name}.md): {_sentence(win)}"
        for name, (page, raw) in parts.items()
        for win in wins(page, raw)[:MOST_WINS]
    ]
    lines += ["## Where a peer wins", "", *(found or ["Nowhere, in the parts that are compared."])]
    write_between_marks(folder / "index.md", "Benchmarks", [*lines, ""])


def write_between_marks(path: Path, title: str, lines: list[str]) -> None:
    """Put *lines* between the marks of a page, which is made where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = path.read_text("utf-8") if path.exists() else f"# {title}\n\n{BEGIN}\n{END}\n"
    inside = re.compile(f"{re.escape(BEGIN)}\n.*?{re.escape(END)}", re.DOTALL)
    if not inside.search(text):
        raise SystemExit(f"{path} has no place for figures: it needs {BEGIN} and {END}")
    body = "\n".join([BEGIN, "", *lines, END])
    path.write_text(inside.sub(lambda _: body, text), encoding="utf-8")


def _how(page: Page, raw: Raw) -> list[str]:
    """Return when and where this was measured, and whether other work disturbed it."""
    run = raw.run
    before, after = run["load"]
    versions = ", ".join(f"{name} {version}" for name, version in run["versions"].items())
    lines = [
        f"Measured on {run['when']} in {run['seconds'] / 60:.1f} minutes: {run['machine']}; load "
        f"{before:.1f} before and {after:.1f} after. {versions}."
    ]
    if run["effort"]:
        lines += ["", f"This run took less than the usual: {run['effort']}."]
    if before > BUSY:
        lines += [
            "",
            "**Other work ran on the machine meanwhile.** Times by the clock are longer than on an "
            "idle one; ratios of one row and processor times are affected less.",
        ]
    if not raw.cells:
        lines += ["", "Medians, with least and greatest in brackets."]
        if page.ours:
            lines[-1] += (
                " A ratio is that of neighbouring turns, and says how many times better "
                f"{page.ours} is: below 1 the other one is better."
            )
    return lines


def _sentence(win: Win) -> str:
    times = ranged(win.times, 2)
    return f"{win.peer}: {times} times as good in {win.measure.title} ({win.place})."


def _peers_that_win(page: Page, raw: Raw) -> list[str]:
    if not page.ours:
        return []
    found = wins(page, raw)
    if not found:
        return ["No other package is better here.", ""]
    return ["Where another package is better:", "", *(f"- {_sentence(win)}" for win in found), ""]


def _counts(folder: Path, name: str, page: Page, raw: Raw) -> list[str]:
    counts: dict[str, dict[str, float]] = {}
    for each in raw.figures:
        counts.setdefault(each.contestant, {})[each.setting] = each.values[-1]
    title = page.measures[0].title
    plot_counts(folder / f"{name}.svg", title, counts)
    return [f"![{title}]({name}.svg)", ""]


def _growths(folder: Path, name: str, page: Page, raw: Raw) -> list[str]:
    found = growths(page, raw)
    if not found:
        return []
    lines = [
        "## How it grows",
        "",
        "The exponent is fitted to the logarithms in each round: 0 is constant, 1 is proportional "
        "to the number at the head of the columns, 2 is its square.",
        "",
    ]
    for measure, setting, series in found:
        title = f"{setting}: {measure.title}"
        axis = page.counted(setting)
        lines += [f"### {title[0].upper()}{title[1:]}", "", *growth(axis, measure, series), ""]
        if measure.plotted:
            plot = re.sub(r"\W+", "-", f"{name}-{measure.key}-{setting}").lower() + ".svg"
            plot_growth(folder / plot, title, axis, series)
            lines += [f"![{title}]({plot})", ""]
    return lines
