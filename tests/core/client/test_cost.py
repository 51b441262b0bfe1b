"""What a task has cost, as far as the billing records tell."""

import pytest
from get3w_core import AsyncPrediction, Client, Get3WError, Prediction
from get3w_core._common.prediction_data import PredictionData
from get3w_emulator import ManualClock, running
from get3w_models import submit_flux_dev


@pytest.fixture
def handle_of(side):
    """Make a handle of each kind, with a client."""

    def handle_of(client, status="completed"):
        kind = Prediction if side.name == "sync" else AsyncPrediction
        data = PredictionData("pred_1", status)
        return kind(data, surface="v3", origin="https://api.get3w.com", client=client)

    return handle_of


def page(number, *records):
    return {"records": list(records), "total": 201, "page": number, "per_page": 100}


def usage(task, amount):
    return {"id": f"bill_{task}", "type": "usage", "amount": amount, "task_id": task}


OTHERS = [usage(f"other_{n}", -1.0) for n in range(100)]
MORE = [usage(f"more_{n}", -1.0) for n in range(100)]


def test_cost_is_found_on_a_later_page(side, script, data, handle_of):
    """Pages are read until the task is found; the rest is not read."""
    mine = [*MORE[1:], usage("pred_1", -0.03)]
    server = script(data(page(1, *OTHERS)), data(page(2, *mine)), data(page(3)))
    handle = handle_of(side.client(server))

    assert 0.03 == side.run(handle.cost())
    assert 2 == len(server.requests)
    assert ["usage"] * 2 == [each.url.params["type"] for each in server.requests]


def test_refund_of_a_failed_task_is_counted(side, script, data, handle_of):
    """A failed task is looked for on all pages, since its refund is a record of its own."""
    charged, refunded = usage("pred_1", -0.03), {**usage("pred_1", 0.03), "id": "bill_r"}
    server = script(data(page(1, charged, *OTHERS[1:])), data(page(2, refunded)), data(page(3)))
    handle = handle_of(side.client(server), "failed")

    assert 0.0 == side.run(handle.cost())


@pytest.mark.parametrize("record", [usage("pred_10", -1.0), usage("pred_1", None)])
def test_cost_that_is_not_told(side, script, data, handle_of, record):
    """Without a record, or without an amount in it, the cost is not known."""
    handle = handle_of(side.client(script(data(page(1, record)), data(page(2)))))

    assert None is side.run(handle.cost())


def test_error_names_the_task(side, script, error, handle_of):
    """Records that cannot be read are an error that has the id."""
    handle = handle_of(side.client(script(error(401))))
    with pytest.raises(Get3WError) as caught:
        side.run(handle.cost())

    assert "pred_1" == caught.value.prediction_id


def test_cost_on_the_emulator():
    """It is None while the record is late, then what the balance went down by, and 0 refunded."""
    clock = ManualClock()
    with (
        running(image_seconds=1, billing_lag=60, clock=clock) as emulator,
        Client(emulator.api_key, emulator.url) as client,
    ):
        before = client.balance()
        task = submit_flux_dev("a lighthouse", client=client)
        late = task.cost()
        emulator.outcomes([{"code": 5000}])
        failed = submit_flux_dev("a lighthouse", client=client)
        emulator.advance(120)
        task.wait()
        failed.refresh()

        assert None is late
        assert before - client.balance() == pytest.approx(task.cost())
        assert 0.0 == failed.cost()
