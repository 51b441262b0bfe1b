"""Markdown tables of raw figures: comparisons in one setting, growth over sizes, words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.common.statistics import Spread, exponent, ratio, spread

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.common.figures import Figure, Raw
    from bench.common.page import Measure, Page

CLOSE = 0.95
"""From here on a peer is as good as ours and not better: less than 5 % is no difference here."""


@dataclass(frozen=True)
class Win:
    """A measure in which a peer is better than ours.

    Attributes:
        peer: Who it is.
        place: In which setting.
        measure: What was measured.
        times: How many times better it is.
    """

    peer: str
    place: str
    measure: Measure
    times: Spread


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table, the first column to the left and the others to the right."""
    marks = ["---", *["---:"] * (len(head) - 1)]
    return [f"| {' | '.join(row)} |" for row in (head, marks, *rows)]


def number(value: float, digits: int) -> str:
    """Return a number with its thousands apart, and with at least two figures that count."""
    while value and digits < 4 and abs(value) < 10 ** (1 - digits):
        digits += 1
    return f"{value:,.{digits}f}"


def ranged(values: Spread, digits: int) -> str:
    """Return the median, and least and greatest in brackets where they differ."""
    middle = number(values.median, digits)
    low, high = number(values.low, digits), number(values.high, digits)
    return middle if low == high else f"{middle} ({low} to {high})"


def places(page: Page, raw: Raw) -> list[tuple[str, int | None]]:
    """Return what gets a table of its own: settings, and sizes in them."""
    wanted = page.compared
    found = dict.fromkeys((figure.setting, figure.size) for figure in raw.figures)
    return [
        (setting, size)
        for setting, size in found
        if size is None or wanted is None or size in wanted
    ]


def place_name(page: Page, setting: str, size: int | None) -> str:
    """Return a setting and a size in words."""
    return setting if size is None else f"{setting}, {size:,} {page.counted(setting)}"


def beside(measure: Measure, ours: Figure | None, theirs: Figure) -> Spread | None:
    """Return how many times better ours is, round by round; None where nobody is compared."""
    if ours is None or ours is theirs or not measure.compared:
        return None
    pair = (ours.values, theirs.values) if measure.more_is_better else (theirs.values, ours.values)
    return ratio(*pair) if all(ours.values) and all(theirs.values) else None


def comparison(page: Page, raw: Raw, setting: str, size: int | None) -> list[str]:
    """Return the table of all contestants in one setting."""
    here = [each for each in raw.figures if (each.setting, each.size) == (setting, size)]
    found = {(each.contestant, each.measure): each for each in here}
    measures = [each for each in page.measures if any(each.key == one.measure for one in here)]
    names = dict.fromkeys(each.contestant for each in here)
    is_compared = page.ours in names and len(names) > 1
    head = [""]
    for measure in measures:
        has_ratio = is_compared and measure.compared
        head += [measure.title, f"{page.ours} beside it"] if has_ratio else [measure.title]
    rows = []
    for name in names:
        row = [f"**{name}**" if name == page.ours else name]
        for measure in measures:
            figure = found.get((name, measure.key))
            row.append(ranged(spread(figure.values), measure.digits) if figure else "")
            if is_compared and measure.compared:
                ours = found.get((page.ours, measure.key))
                better = beside(measure, ours, figure) if figure else None
                row.append(f"{ranged(better, 2)} x" if better else "")
        rows.append(row)
    return table(head, rows)


def growths(page: Page, raw: Raw) -> list[tuple[Measure, str, dict[str, dict[int, list[float]]]]]:
    """Return what is measured at several sizes: measure, setting, values by contestant and size."""
    found = []
    for measure in (each for each in page.measures if each.fitted):
        for setting in dict.fromkeys(each.setting for each in raw.figures):
            series: dict[str, dict[int, list[float]]] = {}
            for each in raw.figures:
                if (each.measure, each.setting) == (measure.key, setting) and each.size:
                    series.setdefault(each.contestant, {})[each.size] = each.values
            series = {name: by_size for name, by_size in series.items() if len(by_size) > 1}
            if series:
                found.append((measure, setting, series))
    return found


def growth(axis: str, measure: Measure, series: dict[str, dict[int, list[float]]]) -> list[str]:
    """Return the table of medians by size, with the exponent of each contestant."""
    sizes = sorted({size for by_size in series.values() for size in by_size})
    rows = []
    for name, by_size in series.items():
        cells = [
            number(spread(by_size[size]).median, measure.digits) if size in by_size else ""
            for size in sizes
        ]
        fitted = exponent(by_size)
        rows.append([name, *cells, ranged(fitted, 2) if fitted else ""])
    head = [measure.title, *(f"{size:,} {axis}" for size in sizes), "exponent"]
    return table(head, rows)


def words(cells: dict[str, dict[str, str]]) -> list[str]:
    """Return a table of words: a row for each column of *cells*, so that it stays narrow."""
    columns = dict.fromkeys(column for row in cells.values() for column in row)
    rows = [[column, *(row.get(column, "") for row in cells.values())] for column in columns]
    return table(["", *cells], rows)


def wins(page: Page, raw: Raw) -> list[Win]:
    """Return where another package is better than ours, what it is best at first."""
    found = []
    for setting, size in places(page, raw):
        here = [each for each in raw.figures if (each.setting, each.size) == (setting, size)]
        for measure in page.measures:
            same = {each.contestant: each for each in here if each.measure == measure.key}
            for name, figure in same.items():
                better = beside(measure, same.get(page.ours), figure)
                if better and better.median < CLOSE and not name.startswith((page.ours, "nothing")):
                    times = Spread(1 / better.median, 1 / better.high, 1 / better.low)
                    found.append(Win(name, place_name(page, setting, size), measure, times))
    return sorted(found, key=lambda win: -win.times.median)
