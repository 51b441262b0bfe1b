"""Random mixes of submits and other people's tasks: no submit is given a task that is not its own.

What must come out is computed from what truly happened, which the client never sees.
"""

import random
from dataclasses import dataclass, field

import pytest
from get3w_core import Accepted, Ambiguous, NoEvidence, SubmitOutcomeUnknownError
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.core.conftest import AsyncSide, PaintRequest, Script, SyncSide
from tests.core.task_server import TaskServer

NOON = 1_704_110_400.0
OURS = ("answered", "after", "before")
# Others may have any task, but not one with exactly the input of ours: nothing could tell that.
OTHERS = ("other input", "more input", "other model")

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(OURS + OTHERS),
        st.sampled_from(["a lighthouse", "a harbour", "a gull"]),
        st.sampled_from([None, 640]),
        st.sampled_from([0.0, 0.2]),  # all within the tolerance for clocks
    ),
    min_size=1,
    max_size=14,
)


@dataclass
class Mix:
    """What truly happened: the errors, and the task of each, by its place among them."""

    errors: list = field(default_factory=list)
    keys: list = field(default_factory=list)
    tasks: list = field(default_factory=list)


def play(side, server, client, events):
    """Let the events happen, and return what came of ours."""
    mix = Mix()
    for number, (kind, prompt, width, pause) in enumerate(events):
        side.clock.now += pause
        if kind == "other model":
            server.accept({"prompt": prompt}, model="get3w/other")
        elif kind == "other input":
            server.accept({"prompt": f"{prompt}, number {number}"})
        elif kind == "more input":
            server.accept({"prompt": prompt, "width": width or 7, "seed": number})
        elif kind == "answered":
            side.run(client.submit(PaintRequest(prompt=prompt, width=width)))
        else:
            server.lose.append(kind)
            with pytest.raises(SubmitOutcomeUnknownError) as caught:
                side.run(client.submit(PaintRequest(prompt=prompt, width=width)))
            mix.errors.append(caught.value)
            mix.keys.append((prompt, width))
            mix.tasks.append(server.tasks[-1]["id"] if kind == "after" else None)
    return mix


@pytest.mark.parametrize("make", [SyncSide, AsyncSide], ids=["sync", "async"])
@pytest.mark.parametrize("history", [False, True], ids=["billings", "history"])
@settings(max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    events=EVENTS,
    order=st.sampled_from(["oldest first", "newest first", "no order"]),
    per_page=st.sampled_from([1, 3, 100]),
    lag=st.sampled_from([0, 4]),
    ahead=st.sampled_from([None, 0, -3600, 3600]),
    seed=st.integers(0, 99),
)
def test_no_submit_is_given_the_task_of_another(
    make, history, events, order, per_page, lag, ahead, seed
):
    """A submit of its own kind gets its own task; equal ones are ambiguous; lost ones get none."""
    side, chance = make(), random.Random(seed)
    side.clock.now = NOON
    server = TaskServer(side.clock, ahead=ahead)
    server.most_per_page, server.lag = per_page, lag
    if history:
        server.history, server.missing = True, {"/api/v3/billings"}
    if order != "oldest first":
        server.order = {
            "newest first": lambda tasks: tasks[::-1],
            "no order": lambda tasks: random.Random(seed).sample(tasks, len(tasks)),
        }[order]
    client = side.client(Script(server))
    mix = play(side, server, client, events)
    places = list(range(len(mix.errors)))
    chance.shuffle(places)

    given_away = []
    for place in places:
        found = side.run(client.reconcile(mix.errors[place], within=30))
        own, key = mix.tasks[place], mix.keys[place]
        alike = [mix.tasks[each] for each in places if mix.keys[each] == key]
        free = {task for task in alike if task} - {*given_away}
        if isinstance(found, Accepted):
            assert own == found.prediction.id
            given_away.append(found.prediction.id)
        if len(alike) == 1 and own is not None:
            assert isinstance(found, Accepted)
        elif len(alike) > 1 and free:
            # A task that was there before the others were sent is that of the first.
            assert isinstance(found, Accepted | Ambiguous)
        if isinstance(found, Ambiguous) and len(alike) > 1 and free:
            # With late billing, not all of them may be on record when the first one is seen, and
            # somebody else's task with further input may be all that there is yet.
            weak = "before this submit" in found.reason or "and more" in found.reason
            named = {each.id for each in found.candidates}
            assert weak or named <= free
        elif not free and own not in given_away:
            assert isinstance(found, NoEvidence | Ambiguous)
            if isinstance(found, Ambiguous):
                assert "and more" in found.reason or "before this submit" in found.reason
    assert len(given_away) == len(set(given_away))
    assert sum(kind in OURS for kind, *_ in events) == sum(
        each.startswith("POST /api/v3/get3w") for each in server.requests
    )
