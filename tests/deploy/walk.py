"""From an empty host to a machine that signs over TLS, and what it has to survive."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from itertools import permutations
from pathlib import Path

from deploy.authority import vouch
from deploy.clean_host import CleanHost
from deploy.guide import Block, read
from deploy.residents import Residents

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs/host.md"
WORK = ROOT / ".build/deploy"
Say = Callable[[str], None]


def say(line: str) -> None:
    print(line, flush=True)


@contextmanager
def step(words: str) -> Iterator[None]:
    """Prints it with its time once it is done."""
    began = time.perf_counter()
    try:
        yield
    except BaseException:
        say(f" failed    {words}")
        raise
    say(f"{time.perf_counter() - began:7.1f} s  {words}")


async def walk(outside: int) -> int:
    host = CleanHost(WORK / "host", WORK / "base", outside)
    with step("a Debian 12, with nothing of ours in it"):
        host.make()
    async with AsyncExitStack() as running:
        residents = await running.enter_async_context(Residents(host, WORK / "beside"))
        await Follower(host, residents).follow(read(GUIDE))
        with step("spirekeeper is installed from LNbits' extensions page, and enabled"):
            await residents.move_in()
        with step("plain http leads to https, and nginx lets one range through"):
            await residents.knock()
        with step("the bunker is connected"):
            await residents.connect_the_bunker()
        with step("a machine is added and paired, and boots from its pairing code over TLS"):
            await residents.pair()
        with step("it signs a cash-out, the relay has it, and the roster names the wallet"):
            await residents.sign()
        await _start_in_all_orders(residents)
    return 0


class Follower:
    """Does what the guide says, as its comments say how."""

    def __init__(self, host: CleanHost, residents: Residents) -> None:
        self._host = host
        self._residents = residents

    async def follow(self, blocks: list[Block]) -> None:
        for block in blocks:
            getattr(self, f"_{block.verb}")(block)

    def _run(self, block: Block) -> None:
        with step(f"{block.section}: {_first_line(block)}"):
            self._host.run(block.text, said=f"{self._residents.password}\n")

    def _fetch(self, block: Block) -> None:
        with step(f"{block.section}: {_first_line(block)}"):
            self._host.run(block.text, fetches=True)

    def _file(self, block: Block) -> None:
        with step(f"{block.section}: {block.more}"):
            self._host.write(block.more, block.text)
            if block.more.endswith(".service"):
                self._host.verify(block.more)

    def _instead(self, block: Block) -> None:
        with step(f"{block.section}: not run, {_first_line(block)}; instead {block.more}"):
            if "certbot" in block.text:
                vouch(self._host)
            elif "make dist" in block.text:
                self._residents.release(self._host.folder / "srv/spirekeeper")
            else:
                raise AssertionError(f"{block.section}: nothing is done instead")


def _first_line(block: Block) -> str:
    return block.text.splitlines()[0]


async def _start_in_all_orders(residents: Residents) -> None:
    """Each part of the house ended, in each order, and started in each: the machine signs on."""
    orders = list(permutations(residents.parts))
    wanted = int(os.environ.get("ORDERS", len(orders)))
    chosen = orders[:: max(1, len(orders) // wanted)][:wanted]
    say(f"{len(chosen)} of {len(orders)} orders in which the parts may come up:")
    for order in chosen:
        with step(" → ".join(each.name for each in order)):
            for part in order:
                await part.stop()
            for part in order:
                await part.start()
            await residents.sign()
