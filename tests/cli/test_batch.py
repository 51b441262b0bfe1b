"""`get3w batch`: the command of the package of batches, under a name for a model."""

import json


def test_batch_of_a_file(get3w, get3w_emulator, folder):
    """Each row is paid for once; the same command again pays for nothing."""
    rows = [{"prompt": "a lighthouse"}, {"prompt": "a harbour"}]
    (folder / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    words = ("batch", "flux-dev", "rows.jsonl", "--out", "out", "--set", "width=64")
    first, second = get3w(*words), get3w(*words)

    assert (0, 0) == (first.status, second.status), first.err + second.err
    assert ["a harbour", "a lighthouse"] == sorted(
        task.input["prompt"] for task in get3w_emulator.ledger()
    )


def test_unknown_model_is_named(get3w, get3w_emulator, folder):
    """A misspelt model is refused before anything is read or sent."""
    done = get3w("batch", "flux-dve", "rows.jsonl", "--out", "out")

    assert 2 == done.status
    assert "flux-dev" in done.err
    assert [] == get3w_emulator.ledger()


def test_help_says_how_it_is_called(get3w):
    """The help is that of the batch command, under the name that was used."""
    done = get3w("batch", "--help")

    assert 0 == done.status
    assert "usage: get3w batch" in done.out
