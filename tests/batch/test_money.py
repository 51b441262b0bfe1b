"""Money: the estimate, the cap, and what the bills say."""

import pytest


def test_estimate_says_what_it_did_not_weigh(emulator, run, write_rows):
    """By list prices, before anything is sent."""
    done = run(write_rows(3), "--no-download")

    assert "3 rows, at least 0.03 USD by list prices" in done.err
    assert "height, width may change the price and is not weighed" in done.err


@pytest.mark.parametrize(("cap", "sent"), [("0.05", 5), ("0.055", 5), ("0", 0), ("1", 8)])
def test_cap_is_not_passed(cap, sent, emulator, run, write_rows):
    """So many rows are sent as their estimates allow, however many run at once; status 4."""
    done = run(write_rows(8), "--no-download", "--max-cost", cap)

    assert sent == len(emulator.ledger())
    assert {"completed": sent, "pending": 8 - sent} == {"completed": 0, "pending": 0, **done.counts}
    assert (0 if sent == 8 else 4) == done.status
    assert ("the cap on cost is reached" if sent < 8 else None) == done.summary["stopped"]


def test_cap_is_for_all_runs(emulator, run, write_rows):
    """What was spent before counts; a higher cap goes on."""
    rows = write_rows(8)
    counts = [
        run(rows, "--no-download", "--max-cost", cap).counts["completed"]
        for cap in ("0.03", "0.03", "0.06", "0.2")
    ]

    assert [3, 3, 6, 8] == counts
    assert 8 == len(emulator.ledger())


def test_bills_settle_what_was_reserved(emulator, run, write_rows):
    """Rows were estimated at 0.10 and cost 0.01: the next run may spend the rest."""
    rows = write_rows(8)
    options = ("--no-download", "--max-cost", "0.3", "--price", "0.1")
    first, second = run(rows, *options), run(rows, *options)

    assert (3, pytest.approx(0.03)) == (first.counts["completed"], first.summary["cost"])
    assert 3 + 2 == second.counts["completed"]


def test_refunds_are_taken_off(emulator, run, write_rows, results):
    """A failure of the platform costs nothing in the end, and a failure of the input does."""
    emulator.outcomes({"prompt": "number 0", "code": 5000}, {"prompt": "number 1", "code": 1200})
    done = run(write_rows(3), "--no-download")

    assert {0: 0.0, 1: 0.01, 2: 0.01} == {line["row"]: line["cost"] for line in results()}
    assert pytest.approx(0.02) == done.summary["cost"]


def test_refusals_are_not_reserved(emulator, run, write_rows):
    """Rows that were refused first are sent within the cap all the same."""
    emulator.faults(
        {"fault": "status", "status": 429, "headers": {"Retry-After": "0"}, "times": 6},
        {"fault": "status", "status": 400, "times": 1},
    )
    done = run(write_rows(6), "--no-download", "--max-cost", "0.05")

    assert (1, {"completed": 5, "refused": 1}) == (done.status, done.counts)


def test_unknown_row_stays_reserved(emulator, run, write_rows):
    """It may have been billed, so the cap counts it."""
    emulator.faults({"fault": "drop_before_accept", "times": 1})
    done = run(write_rows(6), "--no-download", "--max-cost", "0.03")

    assert {"completed": 2, "unknown": 1, "pending": 3} == done.counts
    assert pytest.approx(0.03) == done.summary["reserved"]
