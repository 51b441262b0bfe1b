"""From raw figures to ratios, exponents, tables, plots and pages."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench.common.effort import Effort
from bench.common.figures import Recorder, read_raw, write_raw
from bench.common.page import Measure, Page
from bench.common.statistics import Spread, exponent, ratio, spread
from bench.report.pages import BEGIN, END, write_index, write_page
from bench.report.tables import number, wins

ROOT = Path(__file__).parents[2]
PAGE = Page(
    "Races",
    (
        Measure("rate", "laps a second", more_is_better=True, digits=0),
        Measure("cost", "cost a lap", digits=2),
    ),
    axis="runners",
)
RUN = {
    "when": "2026-01-01",
    "machine": "A machine",
    "versions": {"Python": "3.11"},
    "load": [0.1, 0.2],
    "seconds": 60.0,
    "effort": "at most 100 runners",
}


@pytest.fixture
def raw(tmp_path):
    """Raw figures in which ours is twice as quick and costs twice as much, at two sizes."""
    recorder = Recorder()
    for size in (10, 100):
        for drift in (1.0, 2.0, 4.0):
            recorder.add("rate", "outside", "ours", 200.0 * drift, size)
            recorder.add("rate", "outside", "theirs", 100.0 * drift, size)
            recorder.add("cost", "outside", "ours", 2.0 * size, size)
            recorder.add("cost", "outside", "theirs", 1.0 * size, size)
    recorder.leave_out("absent", "not installed")
    recorder.remark("It rained.")
    write_raw(tmp_path / "races.json", recorder, RUN)
    return read_raw(tmp_path / "races.json")


def test_spread():
    """The median, and least and greatest."""
    assert Spread(2.0, 1.0, 9.0) == spread([9.0, 1.0, 2.0])


def test_ratio_is_free_of_the_drift_of_the_machine():
    """Both slow down together: each round has the same ratio."""
    assert Spread(2.0, 2.0, 2.0) == ratio([2.0, 20.0, 200.0], [1.0, 10.0, 100.0])


@pytest.mark.parametrize("power", [-1, 0, 0.5, 1, 2])
def test_exponent(power):
    """A power of the size is found, whatever it is multiplied with in a round."""
    by_size = {size: [3 * size**power, 70 * size**power] for size in (1, 10, 50)}

    assert pytest.approx(power) == exponent(by_size).median
    assert pytest.approx(power) == exponent(by_size).high


@pytest.mark.parametrize("by_size", [{}, {1: [1.0]}, {1: [0.0], 2: [1.0]}, {1: [], 2: []}])
def test_nothing_to_fit(by_size):
    """One size, no round or a zero has no exponent."""
    assert exponent(by_size) is None


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (1234.5, 0, "1,234"),
        (0.0123, 1, "0.012"),
        (0.5, 2, "0.50"),
        (0.0, 1, "0.0"),
        (3.0, 0, "3.0"),
    ],
)
def test_number(value, digits, text):
    """Thousands stand apart, and a small number keeps figures that count."""
    assert text == number(value, digits)


def test_page_compares_and_fits(raw, tmp_path):
    """A table a size, ratios for both measures, and the growth with its exponent and its plot."""
    write_page(tmp_path, "races", PAGE, raw)
    text = (tmp_path / "races.md").read_text(encoding="utf-8")

    assert "## Outside, 10 runners\n" in text
    assert "| theirs | 200 (100 to 400) | 2.00 x | 10.00 | 0.50 x |" in text
    assert "| ours | 20.00 | 200.00 | 1.00 |" in text
    assert "It rained." in text
    assert "This run took less than the usual: at most 100 runners." in text
    assert "Not here: absent (not installed)." in text
    assert "- theirs: 2.00 times as good in cost a lap (outside, 10 runners)." in text
    assert "Other work" not in text
    for plot in re.findall(r"!\[.+]\((.+)\)", text):
        ET.parse(tmp_path / plot)


def test_wins_of_a_peer_are_those_of_the_peer(raw):
    """Where a peer is better is said, and only there."""
    assert [("theirs", "cost")] * 2 == [(win.peer, win.measure.key) for win in wins(PAGE, raw)]


def test_same_figures_give_the_same_bytes(raw, tmp_path):
    """Pages and plots change with the figures alone."""
    for folder in ("one", "two"):
        write_page(tmp_path / folder, "races", PAGE, raw)

    names = [path.name for path in (tmp_path / "one").iterdir()]
    assert {"races.md", "races-rate-outside.svg", "races-cost-outside.svg"} == {*names}
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_words_by_hand_stay(raw, tmp_path):
    """Only what stands between the marks is replaced, and a page without them is refused."""
    page = tmp_path / "races.md"
    page.write_text(f"# Races\n\nBefore.\n\n{BEGIN}\nold\n{END}\n\nAfter.\n", encoding="utf-8")
    write_page(tmp_path, "races", PAGE, raw)
    text = page.read_text(encoding="utf-8")

    assert text.startswith(f"# Races\n\nBefore.\n\n{BEGIN}\n")
    assert text.endswith(f"{END}\n\nAfter.\n")
    assert "old" not in text
    page.write_text("# Races\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="has no place for figures"):
        write_page(tmp_path, "races", PAGE, raw)


def test_words_make_tables_of_their_own(tmp_path):
    """Tables of words have a column for each contestant, and their counts a plot."""
    recorder = Recorder()
    for name, count in {"ours": 1, "theirs": 3}.items():
        recorder.add("rate", "hangs up", name, count)
        recorder.cell("What was paid", name, "hangs up", f"{count} times")
    write_raw(tmp_path / "paid.json", recorder, RUN)
    write_page(tmp_path, "paid", PAGE, read_raw(tmp_path / "paid.json"))
    text = (tmp_path / "paid.md").read_text(encoding="utf-8")

    assert "|  | ours | theirs |\n| --- | ---: | ---: |\n| hangs up | 1 times | 3 times |" in text
    ET.parse(tmp_path / "paid.svg")


def test_index_says_where_it_was_measured(raw, tmp_path):
    """Machine, load, versions, and where peers win."""
    write_index(tmp_path, {"races": (PAGE, raw)}, {"jumps": Page("Jumps", ())})
    text = (tmp_path / "index.md").read_text(encoding="utf-8")

    assert "| [Races](races.md) | 2026-01-01 | 1.0 | 0.1 and 0.2 |" in text
    assert "| [Jumps](jumps.md) | see its page | | |" in text
    assert "A machine." in text
    assert "Versions: Python 3.11." in text
    assert "- [Races](races.md): theirs: 2.00 times as good in cost a lap" in text


def test_links_of_the_committed_pages_lead_somewhere():
    """Every link and plot of docs/benchmarks is there."""
    pages = [*(ROOT / "docs/benchmarks").glob("*.md")]
    links = [
        (page, link)
        for page in pages
        for link in re.findall(r"]\((?!http)([^)#]+)", page.read_text(encoding="utf-8"))
    ]

    assert links
    assert [] == [(page.name, link) for page, link in links if not (page.parent / link).exists()]


def test_a_busy_machine_takes_less():
    """Rounds are a share of the usual ones, at least one; sizes are those up to the largest."""
    assert [5, 1] == [Effort(share=0.5).rounds(usual) for usual in (10, 1)]
    assert (54, 500) == Effort(most=500).sizes((54, 500, 2000), (3,))
    assert "0.5 of the usual rounds, at most 500 models" == Effort(share=0.5, most=500).words
    assert "" == Effort().words
    assert (1, (3,)) == (Effort(quick=True).rounds(9), Effort(quick=True).sizes((54, 500), (3,)))
