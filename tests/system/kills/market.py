"""A market: machines of one operator, all on one wayward relay, whose LNbits is killed and whose
node is wayward too."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import bolt11 as invoices
from spirekeeper.devkit.hostile_relay import HostileRelay, Line, Manner
from support.cash import KINDS
from support.cash_ledger import Books, amiss, broken_off
from support.fault_proxy import END, Call, Sort, done_and, dropping, honest, saying
from support.figures import Figures
from support.two_lnbits import READS_LINKS, Bed
from system.kills.customers import BREAKS_OFF, sent_away
from system.kills.made_up import Wish
from system.kills.operating import FILLS_SATS, Operator
from system.kills.stand import Stand

SEED = 20261130
LIVES_AT_MOST = 12.0
"""Seconds that LNbits is up before it is killed, while machines serve."""
HEALS_WITHIN = 60.0
"""Seconds."""
NODE_SATS = 9_000_000

no_route = saying(400, {"detail": "no route", "status": "failed"})
it_failed = saying(200, {"paid": False, "status": "failed"})


@dataclass
class Market:
    """Its machines, and their operator."""

    town: Bed
    stands: list[Stand]
    operator: Operator
    chance: Random
    kills: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    """Of holds and links, by what was lacking."""

    async def serves(self, wishes: Sequence[Sequence[Wish]], kills: int) -> None:
        """Each machine its customers, one after the other; LNbits is killed so often meanwhile."""

        async def serve(stand: Stand, customers: Sequence[Wish]) -> None:
            for wish in customers:
                await stand.serve(wish)

        pairs = zip(self.stands, wishes, strict=False)
        serving = [asyncio.create_task(serve(stand, customers)) for stand, customers in pairs]
        looking = asyncio.create_task(self.operator.looks_all_the_time())
        for _ in range(kills):
            await asyncio.sleep(self.chance.uniform(0.0, LIVES_AT_MOST))
            await self.town.lnbits.kill()
            self.kills += 1
            await self.town.lnbits.start()
        await asyncio.gather(*serving)
        await sent_away(looking)
        await self.operator.goes_on()
        await asyncio.gather(*(stand.catches_up() for stand in self.stands))

    async def books(self) -> Books:
        """Once nothing is amiss in them any more, or should not be."""
        for _ in range(int(HEALS_WITHIN)):
            books = await self.town.books([stand.at_machine() for stand in self.stands])
            if not amiss(books):
                break
            await asyncio.sleep(1)
        return books

    async def makes_room(self) -> None:
        """The operator fills what has run short since."""
        for stand in self.stands:
            refusals = stand.machine.refusals
            await self.operator.makes_room(stand.machine_id, refusals)
            self.refusals += refusals
            refusals.clear()

    def tell(self, figures: Figures, books: Books, customers: int) -> None:
        """What was tried, and how it ended."""
        wrong = amiss(books)
        figures.add("customers during kills", customers)
        figures.add("kills of LNbits while machines served", self.kills)
        figures.add("kills of machines", sum(stand.kills for stand in self.stands))
        figures.add("stops of all cash", self.operator.stops)
        figures.add("links made anew", self.operator.links)
        figures.add("orders paid", len({row["external_id"] for row in books.paid}))
        figures.add("payments that LNbits broke off", len(broken_off(books)))
        for direction in ("cash_out", "cash_in"):
            orders = [order for order in books.orders if order["direction"] == direction]
            way = direction.replace("_", "-")
            for state, number in Counter(order["state"] for order in orders).items():
                figures.add(f"orders of {way} {state}", number)
        broken = [order for order in books.orders if order["broken"]]
        figures.add("payments for notes that LNbits broke off", len(broken))
        figures.add("payments for notes tried", len(books.attempts))
        for why, number in self.refusals.items():
            figures.add(f"refusals {why}", number)
        for words in ("lost", "notes twice", "double pay", "without a hold", "overdrawn", "cap"):
            figures.add(f"wrongs: {words}", sum(words in sentence for sentence in wrong))
        figures.add("wrongs", len(wrong))


@asynccontextmanager
async def market(folder: Path, machines: int) -> AsyncIterator[Market]:
    chance = Random(SEED)  # noqa: S311
    async with (
        Bed(folder / "town", **READS_LINKS) as town,
        HostileRelay(town.relay.url) as relay,
    ):
        await town.fund(NODE_SATS)
        town.breaks_off(BREAKS_OFF)
        stands = []
        for number in range(machines):
            stand = Stand(town, await town.add_machine(), folder / f"machine-{number}")
            await stand.move_in(relays=[relay.url], bunker_relay=town.relay_url)
            await town.fill(stand.machine_id, FILLS_SATS)
            stands.append(stand)
        relay.behave(down=wayward_relay(chance))
        node = WaywardNode(chance)
        town.proxy.on(Sort.INVOICE, node.makes)
        town.proxy.on(Sort.PAYMENT, node.pays)
        town.proxy.on(Sort.LOOK, node.tells)
        yield Market(town, stands, Operator(town, chance), chance)


def wayward_relay(chance: Random) -> Manner:
    """It loses some of what machine and service say, repeats some, and brings some late, after what
    was said later."""
    late: set[asyncio.Task[None]] = set()

    async def bring(line: Line, message: list[Any], seconds: float) -> None:
        await asyncio.sleep(seconds)
        await line.tell(*message)

    async def manner(line: Line, message: list[Any]) -> bool:
        if message[0] != "EVENT" or message[2]["kind"] not in KINDS:
            return True
        goes, again = chance.random() > 0.1, chance.random() < 0.2
        if again:
            task = asyncio.create_task(bring(line, message, chance.uniform(0.05, 3.0)))
            late.add(task)
            task.add_done_callback(late.discard)
        return goes

    return manner


class WaywardNode:
    """Some of what it has done it does not say. Some it does not pay, and says so whenever it is
    asked; of some it says so at first, and has paid."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._failed: set[str] = set()

    async def makes(self, call: Call) -> bytes | None:
        return await (dropping if self._chance.random() < 0.05 else honest)(call)

    async def pays(self, call: Call) -> bytes | None:
        fate = self._chance.random()
        if fate < 0.05:
            return await dropping(call)
        if fate < 0.08:
            bolt11 = json.loads(call.raw.partition(END)[2])["bolt11"]
            self._failed.add(invoices.decode(bolt11).payment_hash)
            return await no_route(call)
        return await (done_and(no_route) if fate < 0.11 else honest)(call)

    async def tells(self, call: Call) -> bytes | None:
        payment_hash = call.raw.split(b" ", 2)[1].rpartition(b"/")[2].decode()
        if payment_hash in self._failed:
            return await it_failed(call)
        return await (dropping if self._chance.random() < 0.05 else honest)(call)
