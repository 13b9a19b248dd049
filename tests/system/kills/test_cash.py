"""LNbits and machines are killed while machines sell, over a relay that loses and repeats: no paid
order is lost, and no note comes out twice."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from spirekeeper.devkit.hostile_relay import HostileRelay
from support.cash_ledger import Books, amiss, broken_off, read_books
from support.figures import Figures
from system.kills.killable import World
from system.kills.stand import Mood, Motor, Operator, Run, Stand, wayward

RUNS = 2000
"""Made-up orders by night."""
SEED = 20261130
MACHINES, ORDERS_A_ROUND, KILLS_A_ROUND = 24, 4, 2
LIVES_AT_MOST = 12.0
"""Seconds that LNbits is up before it is killed, while machines sell."""
HEALS_WITHIN = 60.0
"""Seconds."""


@dataclass
class Market:
    """Machines of one operator, all on one wayward relay."""

    world: World
    stands: list[Stand]
    operator: Operator
    chance: Random

    async def sells(self, runs: Sequence[Sequence[Run]], kills: int) -> None:
        """Each machine its orders, one after the other; LNbits is killed so often meanwhile."""

        async def sell(stand: Stand, orders: Sequence[Run]) -> None:
            for run in orders:
                await stand.sell(run)

        pairs = zip(self.stands, runs, strict=False)
        sales = [asyncio.create_task(sell(stand, orders)) for stand, orders in pairs]
        looking = asyncio.create_task(self.operator.looks_all_the_time())
        for _ in range(kills):
            await asyncio.sleep(self.chance.uniform(0.0, LIVES_AT_MOST))
            await self.world.kill()
            await self.world.restart()
        await asyncio.gather(*sales)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        for stand in self.stands:
            await stand.catches_up()

    async def books(self) -> Books:
        """Once nothing is amiss in them any more, or should not be."""
        place = self.world.lnbits.folder / "data"
        for _ in range(int(HEALS_WITHIN)):
            books = await read_books(place, machines=[stand.at_machine() for stand in self.stands])
            if not amiss(books):
                break
            await asyncio.sleep(1)
        return books


@asynccontextmanager
async def market(folder: Path, machines: int) -> AsyncIterator[Market]:
    chance = Random(SEED)  # noqa: S311
    async with World(folder / "world") as world, HostileRelay(world.relay.url) as relay:
        stands = []
        for number in range(machines):
            stand = Stand(world, await world.add(), folder / f"machine-{number}")
            await stand.move_in(relays=[relay.url], bunker_relay=world.relay_url)
            stands.append(stand)
        relay.behave(down=wayward(chance))
        yield Market(world, stands, Operator(world, chance), chance)


def tell(figures: Figures, market: Market, books: Books, runs: int) -> None:
    states = [order["state"] for order in books.orders]
    wrong = amiss(books)
    figures.add("customers during kills", runs)
    figures.add("kills of LNbits while machines sold", market.world.kills)
    figures.add("kills of machines", sum(stand.kills for stand in market.stands))
    figures.add("orders paid", len({row["external_id"] for row in books.paid}))
    figures.add("orders dispensed", states.count("dispensed"))
    figures.add("orders settled", states.count("settled"))
    figures.add("payments that LNbits broke off", len(broken_off(books)))
    figures.add("orders lost", sum("lost" in sentence for sentence in wrong))
    figures.add("orders with notes twice", sum("notes twice" in sentence for sentence in wrong))


@pytest.mark.long
async def test_killed_once(tmp_path: Path, figures: Figures) -> None:
    """LNbits, while three machines sell; one of them is killed as well."""
    runs = [
        [Run(1000, deaths=(9,))],
        [Run(2000, Mood.PAYS_LATE), Run(1000, Mood.PAYS_TWICE)],
        [Run(5000, motor=Motor.SOME)],
    ]
    async with market(tmp_path, len(runs)) as here:
        await here.sells(runs, kills=1)
        books = await here.books()
        assert amiss(books) == []
        assert len(books.orders) >= 4
        tell(figures, here, books, sum(map(len, runs)))


@pytest.mark.long(limit_s=3 * 3600.0)
async def test_no_paid_order_is_lost_and_no_note_comes_out_twice(
    tmp_path: Path, figures: Figures
) -> None:
    print(f"{RUNS} made-up orders with seed {SEED}")  # noqa: T201
    chance = Random(SEED)  # noqa: S311
    left = iter([Run.made_up(chance) for _ in range(RUNS)])
    async with market(tmp_path, MACHINES) as here:
        while any(runs := [list(islice(left, ORDERS_A_ROUND)) for _ in here.stands]):
            await here.sells(runs, KILLS_A_ROUND)
            books = await here.books()
            assert amiss(books) == []
        tell(figures, here, books, RUNS)
        states = {order["state"] for order in books.orders}
        assert states >= {"dispensed", "settled", "abandoned", "dispensing"}
        assert len(books.paid) >= RUNS // 3
