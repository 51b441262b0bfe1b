"""How many tasks run at once: more with each that is accepted, half after a refusal."""

import asyncio
import time
from contextlib import contextmanager

import pytest
from get3w_batch.engine.limiter import Limiter
from get3w_batch.journal.database import open_database
from get3w_batch.journal.limit import AccountLimit, News, Refusal, Share, current_limit, take_share
from get3w_batch.journal.tables import rows, workers
from get3w_batch.journal.workers import Identity, free_rows_of_dead_workers, register
from sqlalchemy import insert, select, update


def test_limit_grows_with_accepted_tasks_up_to_the_maximum():
    """It begins small, and each accepted task lets one more run."""
    limit = AccountLimit()
    values = []
    for _ in range(10):
        limit.accepted(1, 10)
        values.append(limit.value)

    assert [5, 6, 7, 8, 9, 10, 10, 10, 10, 10] == values


def test_refusal_halves_once_for_all_that_were_sent_before():
    """Ten answers to one burst are one piece of news; what is sent later is another."""
    limit = AccountLimit(value=16)
    for _ in range(10):
        limit.refused(sent_at=99, now=100, in_flight=12, retry_after=0)
    once = limit.value
    limit.refused(sent_at=101, now=102, in_flight=6, retry_after=0)

    assert (6, 3) == (once, limit.value)


def test_after_a_refusal_it_grows_by_one_a_round():
    """Additive increase: as many accepted tasks as there is room for let one more run."""
    limit = AccountLimit(value=8, careful=True)
    limit.accepted(8, 64)

    assert 8.9 < limit.value < 9.1


def test_pause_doubles_until_something_is_accepted():
    """Without Retry-After, each burst of refusals asks for a longer pause."""
    limit = AccountLimit()
    waits = []
    for now in (100, 200, 300):
        limit.refused(now - 1, now, 1, None)
        waits.append(limit.resume_at - now)
    limit.accepted(1, 64)
    limit.refused(399, 400, 1, None)

    assert [1, 2, 4] == [int(wait) for wait in waits]
    assert 1 <= limit.resume_at - 400 <= 1.25


class Workers:
    """Workers that share a journal, without the rest of a batch."""

    def __init__(self, place, count):
        self.engine = open_database(place, lambda _: None)
        self.all = [Identity(f"worker {n}", "", 1, "") for n in range(count)]
        with self.engine.begin() as connection:
            for each in self.all:
                register(connection, each)

    def ask(self, number, *, busy=0, most=64, takes_part=True, **news):
        with self.engine.begin() as connection:
            return take_share(connection, self.all[number], News(busy, most, takes_part, **news))

    def shares(self):
        with self.engine.begin() as connection:
            return [*connection.scalars(select(workers.c.share).order_by(workers.c.id))]

    def limit(self):
        with self.engine.begin() as connection:
            return current_limit(connection)[0]

    def kill(self, number):
        """Let a worker's lease be over, and another one notice."""
        dead, other = self.all[number], self.all[number - 1]
        with self.engine.begin() as connection:
            connection.execute(update(workers).where(workers.c.id == dead.id).values(lease=0))
            assert 1 == free_rows_of_dead_workers(connection, other)

    def accept(self, number, count):
        """Enter rows of a worker that have tasks."""
        with self.engine.begin() as connection:
            connection.execute(
                insert(rows),
                [
                    {
                        "key": f"{number}-{n}",
                        "position": n,
                        "model": "m",
                        "body": "{}",
                        "content": "",
                        "state": "accepted",
                        "reported": False,
                        "worker": self.all[number].id,
                    }
                    for n in range(count)
                ],
            )


@pytest.fixture
def sharing(journal):
    """Make workers that share a journal, in each database."""

    @contextmanager
    def sharing(count):
        made = Workers(journal, count)
        yield made
        made.engine.dispose()

    return sharing


def test_lone_worker_has_all_of_the_limit(sharing):
    """It grows with what is accepted, up to the maximum, which may be below the first limit."""
    with sharing(1) as all_of_them:
        grown = [all_of_them.ask(0, accepted=n).share for n in (0, 4, 8, 100)]

        assert [4, 8, 16, 64] == grown
        assert 2 == all_of_them.ask(0, most=2).share


def test_limit_is_divided(sharing):
    """Who comes later gets its share as the others let go of it, and nobody has too much."""
    with sharing(3) as all_of_them:
        first = all_of_them.ask(0, accepted=4).share
        nothing = all_of_them.ask(1).share
        lowered = all_of_them.ask(0, busy=8).share
        running = all_of_them.shares()[0]
        kept = [all_of_them.ask(1).share, all_of_them.ask(0, busy=3).share]
        more = [all_of_them.ask(1).share, all_of_them.ask(2).share]

        assert (8, 0) == (first, nothing)
        assert (4, 8) == (lowered, running), "what runs already is counted until it ends"
        assert [0, 4] == kept
        assert [4, 0] == more


def test_refusal_to_one_lowers_the_limit_for_all(sharing):
    """It halves what is in flight over all of them, and nobody sends while it asks to wait."""
    with sharing(2) as all_of_them:
        for number in (0, 1, 0, 1):
            all_of_them.ask(number, accepted=6)
        all_of_them.accept(0, 8)
        all_of_them.accept(1, 8)
        before = all_of_them.limit()
        one = all_of_them.ask(0, busy=8, refusals=(Refusal(0.01, 5.0),))
        two = all_of_them.ask(1, busy=8)
        later = [all_of_them.ask(number, busy=3).share for number in (0, 1, 0)]

        assert 28 == before
        assert (8, 0, 8, 0) == (one.limit, one.share, two.limit, two.share)
        assert [0, 4, 4] == later
        assert 4 < two.pause <= 6.25


def test_tasks_of_a_dead_worker_are_counted_until_somebody_waits_for_them(sharing):
    """They run on: the others may not send in their place."""
    with sharing(2) as all_of_them:
        all_of_them.ask(0, accepted=4)
        all_of_them.ask(1)
        all_of_them.ask(0)
        all_of_them.ask(1)
        all_of_them.accept(1, 4)
        all_of_them.kill(1)
        orphaned = all_of_them.ask(0).share
        with all_of_them.engine.begin() as connection:
            connection.execute(update(rows).values(worker=all_of_them.all[0].id))
        adopted = all_of_them.ask(0, busy=4).share

        assert 4 == orphaned
        assert 8 == adopted


def test_who_has_nothing_to_do_leaves_its_share(sharing):
    """The others take it; once nobody is left, the next one begins small again."""
    with sharing(2) as all_of_them:
        all_of_them.ask(0, accepted=12)
        all_of_them.ask(1)
        all_of_them.ask(1, takes_part=False)
        alone = all_of_them.ask(0).share
        all_of_them.ask(0, takes_part=False)
        again = all_of_them.ask(1).share

        assert (16, 4) == (alone, again)


def test_shares_never_add_up_to_more_than_the_limit(sharing, chance):
    """Whatever the order in which workers ask, take and let go; a worker sends within its share."""
    with sharing(4) as all_of_them:
        busy, share = [0] * 4, [0] * 4
        for _ in range(150):
            number = chance.randrange(4)
            busy[number] = chance.randint(0, max(busy[number], share[number]))
            given = all_of_them.ask(
                number,
                busy=busy[number],
                most=20,
                takes_part=busy[number] > 0 or chance.random() < 0.8,
                accepted=chance.randint(0, 3),
            )
            share[number] = given.share

            assert sum(each or 0 for each in all_of_them.shares()) <= given.limit <= 20
            assert sum(busy) <= given.limit


def test_two_that_ask_at_once_do_not_block_each_other(sharing):
    """A tick of each of many workers, all at the same moment, over and over."""
    with sharing(6) as all_of_them:

        def tick(number):
            for _ in range(10):
                with all_of_them.engine.begin() as connection:
                    free_rows_of_dead_workers(connection, all_of_them.all[number])
                    take_share(connection, all_of_them.all[number], News(0, 64, takes_part=True))

        async def tick_all():
            await asyncio.gather(*(asyncio.to_thread(tick, number) for number in range(6)))

        asyncio.run(asyncio.wait_for(tick_all(), 60))

        assert sum(all_of_them.shares()) <= 4


@pytest.mark.parametrize("share", [1, 2, 7])
def test_share_is_kept(share):
    """No more tasks are sent than it; those from before may be more."""
    limiter = Limiter(64)
    limiter.take(Share(64, share, 0))
    taken = 0
    while limiter.has_room:
        limiter.adopt()
        taken += 1

    assert share == taken


def test_news_are_said_once():
    """What was accepted and refused since the last time, and how long ago it was sent."""
    limiter = Limiter(8)
    limiter.accepted()
    limiter.refused(time.monotonic() - 3, 0.0)
    first, second = limiter.news(takes_part=False), limiter.news(more=2, takes_part=False)

    assert (1, 1, False) == (first.accepted, len(first.refusals), first.takes_part)
    assert 3 <= first.refusals[0].age
    assert (0, (), 2, True) == (second.accepted, second.refusals, second.busy, second.takes_part)


def test_nothing_is_sent_while_the_server_asked_to_wait():
    """Retry-After is over by itself, whoever was told."""

    async def measure(tell):
        limiter = Limiter(4)
        limiter.take(Share(4, 4, 0))
        tell(limiter)
        began = time.monotonic()
        await limiter.acquire()
        return time.monotonic() - began

    assert 0.2 <= asyncio.run(measure(lambda limiter: limiter.refused(time.monotonic(), 0.2)))
    assert 0.2 <= asyncio.run(measure(lambda limiter: limiter.take(Share(4, 4, 0.2))))


def test_room_that_is_given_back_is_taken_by_who_waits():
    """Nobody sleeps through it."""

    async def wait():
        limiter = Limiter(1)
        limiter.take(Share(1, 1, 0))
        await limiter.acquire()
        waiting = asyncio.ensure_future(limiter.acquire())
        await asyncio.sleep(0)
        before = waiting.done()
        limiter.release()
        await asyncio.wait_for(waiting, 10)
        return before, limiter.busy

    assert (False, 1) == asyncio.run(wait())
