"""SVG plots of growth and of counts, the same bytes for the same figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from bench.common.statistics import exponent, spread

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = {"svg.hashsalt": "bench", "svg.fonttype": "none", "font.size": 9}
# Readable by people who tell no red from green; ours is the first.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#000000")
MARKS = "os^Dvp*X"


def plot_growth(
    path: Path, title: str, axis: str, series: dict[str, dict[int, list[float]]]
) -> None:
    """Draw values over sizes, both in logarithms, with least and greatest as bars.

    The legend has the exponent that was fitted: on these axes it is the slope of the line.
    """
    with mpl.rc_context(SETTINGS):
        figure, axes = _empty(title)
        for number, (name, by_size) in enumerate(series.items()):
            fitted = exponent(by_size)
            label = f"{name}: exponent {fitted.median:.2f}" if fitted else name
            spreads = [spread(values) for values in by_size.values()]
            axes.errorbar(
                [*by_size],
                [each.median for each in spreads],
                yerr=[
                    [each.median - each.low for each in spreads],
                    [each.high - each.median for each in spreads],
                ],
                label=label,
                color=COLOURS[number % len(COLOURS)],
                marker=MARKS[number % len(MARKS)],
                markersize=4,
                linewidth=1.2 if number else 2.2,
                linestyle="-" if number < len(COLOURS) else "--",
                capsize=2,
            )
        sizes = sorted({size for by_size in series.values() for size in by_size})
        axes.set(xscale="log", yscale="log", xlabel=axis)
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axes.xaxis.set_minor_locator(NullLocator())
        plain = FuncFormatter(lambda value, _: f"{value:,.6g}")
        axes.yaxis.set_major_formatter(plain)
        axes.yaxis.set_minor_formatter(plain)
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
        _save(figure, path)


def plot_counts(path: Path, title: str, counts: dict[str, dict[str, float]]) -> None:
    """Draw a bar for each contestant, in a group for each setting."""
    with mpl.rc_context(SETTINGS):
        figure, axes = _empty(title)
        settings = [*dict.fromkeys(setting for row in counts.values() for setting in row)]
        height = 0.8 / len(counts)
        for number, (name, row) in enumerate(counts.items()):
            axes.barh(
                [at + number * height for at, _ in enumerate(settings)],
                [row.get(setting, 0) for setting in settings],
                height,
                label=name,
                color=COLOURS[number % len(COLOURS)],
            )
        axes.set_yticks([at + 0.4 - height / 2 for at, _ in enumerate(settings)], settings)
        axes.invert_yaxis()
        axes.axvline(1, color="#999999", linewidth=0.8, linestyle=":")
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
        _save(figure, path, height=0.4 * len(settings) + 1)


def _empty(title: str) -> tuple[Figure, Any]:
    figure = Figure(figsize=(8, 3.6), layout="tight", facecolor="white")
    FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    axes.set_title(title, fontsize=10)
    axes.grid(visible=True, color="#e5e5e5", linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes


def _save(figure: Figure, path: Path, height: float = 3.6) -> None:
    figure.set_size_inches(8, height)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
