"""kill -9 at any moment: no row is paid for twice, and none is lost."""

import signal

import pytest

TROUBLE = [
    {"fault": "drop_after_accept", "probability": 0.04},
    {"fault": "truncate", "probability": 0.04},
    {"fault": "drop_before_accept", "probability": 0.03},
    {"fault": "status", "status": 429, "headers": {"Retry-After": "0"}, "probability": 0.06},
    {"fault": "status", "status": 503, "headers": {"Retry-After": "0"}, "probability": 0.04},
]


@pytest.mark.parametrize(
    ("count", "kills"),
    [
        pytest.param(60, 3, id="sample"),
        pytest.param(2000, 50, id="all", marks=pytest.mark.soak),
    ],
)
def test_kills_at_random_moments(
    journal, count, kills, chance, leave_alone, emulator, start, run, write_rows, results
):
    """Whatever the moment: resumed to the end, each row has one line, and one task at most."""
    rows = write_rows(count)
    emulator.faults(*TROUBLE)
    options = ("--journal", journal, "--reconcile-timeout", "1", "--concurrency", "16")
    killed = 0
    for number in range(kills):
        wanted = round(count * (number + chance.random()) / kills)
        process = start("get3w/flux-dev", rows, "--out", "out", *options)
        while process.poll() is None and len(emulator.ledger()) < wanted:
            leave_alone(chance.random() / 5)  # the ledger is long, and others need the processor
        killed += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate()
    done = run(rows, *options)
    accepted, found = emulator.prompts(), results()

    assert 0 < killed
    assert {1} == {*accepted.values()}, "a row was paid for twice"
    assert done.status in {0, 3}, done.err
    assert count == sum(done.counts.values()) == len(found)
    assert {*range(count)} == {line["row"] for line in found}
    counts = done.counts | {"killed": killed, "tasks": len(emulator.ledger()), "rows": count}
    print(", ".join(f"{name} {number}" for name, number in sorted(counts.items())))
    ids = {f"number {line['row']}": line["id"] for line in found if line["id"] is not None}
    tasks = {each["input"]["prompt"]: each["id"] for each in emulator.ledger()}
    assert ids.items() <= tasks.items()
    unknown = {f"number {line['row']}" for line in found if line["status"] == "unknown"}
    assert accepted.keys() - ids.keys() <= unknown, "a task that was paid for is not listed"
    assert {"completed", "unknown"} >= {line["status"] for line in found}


@pytest.mark.parametrize("twice", [False, True])
def test_kill_of_one_of_two(journal, twice, emulator, start, run, write_rows, results, wait_until):
    """Two processes share a batch; the rows of one that is killed are taken over at once."""
    rows = write_rows(60)
    options = ("--out", "out", "--journal", journal, "--concurrency", "8")
    options += ("--reconcile-timeout", "0")
    one, two = (start("get3w/flux-dev", rows, *options, "--json") for _ in range(2))
    wait_until(lambda: len(emulator.ledger()) >= 20)
    one.kill()
    if twice:
        two.kill()
    for each in (one, two):
        each.communicate()
    done = run(rows, *options[2:])

    assert {1} == {*emulator.prompts().values()}
    assert done.status in {0, 3}, done.err
    assert 60 == sum(done.counts.values()) == len({line["row"] for line in results()})
