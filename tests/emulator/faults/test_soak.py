"""One hour of mixed load on the virtual clock, with faults: the books balance to the cent."""

import os
import random
from decimal import Decimal

import httpx
from get3w_emulator import ManualClock, Settings, in_process

AUTH = {"Authorization": "Bearer test-key"}
STEPS = int(os.environ.get("GET3W_SOAK_STEPS", "180"))  # `make soak-emulator` takes more
OPENING = Decimal(20_000)
FAULTS = [
    {"fault": "drop_before_accept", "probability": 0.02},
    {"fault": "drop_after_accept", "probability": 0.02},
    {"fault": "truncate", "probability": 0.02},
    {"fault": "status", "status": 503, "probability": 0.02},
]
BODIES = {
    "get3w/flux-dev": {"prompt": "x"},
    "google/veo3": {"prompt": "x"},
    "minimax/video-01": {"prompt": "x"},
    "minimax/speech-02-hd": {"text": "x", "voice_id": "Wise_Woman"},
}


def submit(http, chance):
    """Submit something somewhere; return the id, or why there is none."""
    model = chance.choice([*BODIES])
    prefix = chance.choice(["/v1/", "/api/v3/"])
    try:
        answer = http.post(prefix + model, json=BODIES[model])
    except httpx.RemoteProtocolError:
        return "unknown"
    if answer.status_code != 200:
        return answer.status_code
    body = answer.json()
    return body.get("data", body)["id"]


def test_hour_of_load_leaves_nothing_lost_or_stuck(catalogue):
    """Every task is in the ledger once, ends, and is in the books with its refund."""
    chance = random.Random(8)
    settings = Settings(
        image_seconds=8, fail_rate=0.05, seed=8, balance=OPENING, tier="silver", clock=ManualClock()
    )
    told = []
    with in_process(settings) as emulator:
        emulator.faults(FAULTS)
        with httpx.Client(
            transport=emulator.transport(), base_url=emulator.url, headers=AUTH
        ) as http:
            for _ in range(STEPS):
                told += [submit(http, chance) for _ in range(2)]
                emulator.advance(3600 / STEPS)
            emulator.faults([])
            emulator.advance(60)
            known = {each for each in told if len(str(each)) > 30}
            ledger = emulator.ledger()
            ended = [http.get(f"/api/v3/predictions/{each.id}").json()["data"] for each in ledger]
            usage = http.get("/api/v3/usage").json()["data"]
            pages = [
                http.get("/api/v3/billings", params={"page": page, "per_page": 100}).json()["data"]
                for page in range(1, 2 * STEPS // 90 + 3)
            ]

        unknown = told.count("unknown")
        assert known <= {each.id for each in ledger}
        assert len({each.id for each in ledger}) == len(ledger)
        assert 0 < len(ledger) - len(known) <= unknown
        assert {"completed", "failed"} == {each["status"] for each in ended}

        price = {key: Decimal(repr(model.price)) for key, model in catalogue.items()}
        spent = sum(price[each["model"]] for each in ended)
        back = sum(price[each["model"]] for each in ended if each["status"] == "failed")
        assert back > 0
        assert OPENING - spent + back == emulator.balance()
        assert float(spent - back) == usage["total_cost"]
        assert len(ledger) == usage["total_tasks"]

        records = [record for page in pages for record in page["records"]]
        assert pages[0]["total"] == len(records)
        balance = Decimal(0)
        for record in records:
            balance += Decimal(str(record["amount"]))
            assert float(balance) == record["balance_after"]
        assert emulator.balance() == balance
