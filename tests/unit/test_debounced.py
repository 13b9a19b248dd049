"""Work that many ask for, and that one may ask for very much of."""

import asyncio

from spirekeeper.loop import Debounced


async def test_who_asks_for_very_many_turns_holds_up_his_own() -> None:
    """A thousand of one operator, none of which ends."""
    done: asyncio.Queue[str] = asyncio.Queue()

    async def work(key: str) -> None:
        if key.startswith("greedy"):
            await asyncio.Event().wait()
        done.put_nowait(key)

    turns = Debounced(work, pause=0, whose=lambda key: key.split()[0])
    for number in range(1000):
        turns.ask(f"greedy {number}", delay=0)
    await asyncio.sleep(0.05)
    for number in range(3):
        turns.ask(f"modest {number}", delay=0)
    assert {await asyncio.wait_for(done.get(), 60) for _ in range(3)} == {
        f"modest {number}" for number in range(3)
    }
    await turns.close()
