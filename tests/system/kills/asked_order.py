"""An order of a machine that is asked for without a relay: in this process, or in one that dies."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, Generic, TypeVar

from support.cash import CashMachine, new_id
from support.host import Host
from support.movable_clock import MovableClock
from system.kills.mortal_lnbits import Moments, MortalLNbits


class AskedOrder:
    """By the clock of its test."""

    def __init__(self, host: Host, machine: CashMachine) -> None:
        from spirekeeper.clock import utc_now

        self.host = host
        self.machine = machine
        self.key = new_id()
        self.clock = MovableClock(utc_now())

    def question(self, name: str, **more: Any) -> dict[str, Any]:
        return {"type": name, "order": self.key, **more}

    def asking(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The job of a process that may die."""
        who = {"machine": self.machine.seed.spire_pubkey, "service": self.machine.service}
        return {"job": "asks", **who, "asked": asked}

    async def ask(self, asked: dict[str, Any]) -> Any:
        """In this process, which lives."""
        from spirekeeper.cash import requests, service
        from spirekeeper.cash.who import Asker, asker_of

        seed = self.machine.seed
        asker = await asker_of(seed.spire_pubkey, self.machine.service, new_id(), self.clock)
        assert isinstance(asker, Asker)
        content = {name: value for name, value in asked.items() if name != "type"}
        return await service._use_case(
            asker, getattr(requests, asked["type"])(**content), self.clock
        )

    async def stored(self) -> Any:
        from spirekeeper.store import cash_orders

        order = await cash_orders.get_order_of(self.machine.id, self.key)
        assert order
        return order

    async def state(self) -> str:
        return str((await self.stored()).state.value)

    async def look(self, seconds: int = 0) -> None:
        """What the background does, so much later."""
        from spirekeeper.cash.post import Post
        from spirekeeper.cash.settle import Settling

        self.clock.move(seconds=seconds)
        await Settling(Post(lambda *_: 0), self.clock).look_again(self.clock)


O = TypeVar("O", bound=AskedOrder)  # noqa: E741


@dataclass(frozen=True)
class Story(Generic[O]):
    """`before` prepares, `job` is interrupted, `after` goes on and asserts how it ended."""

    before: Callable[[O], Awaitable[None]]
    job: Callable[[O], Awaitable[dict[str, Any]]]
    after: Callable[[O], Awaitable[None]]


async def killed_at_each(
    story: Story[O], moments: Moments, lnbits: MortalLNbits, new_order: Callable[[], O]
) -> AsyncIterator[O]:
    """An order after each kill, at one moment after the other until the job comes to its end."""
    for nth in count(1):
        order = new_order()
        await story.before(order)
        killed = await lnbits.dies(moments, nth, order.clock(), **await story.job(order))
        await story.after(order)
        if not killed:
            return
        yield order
