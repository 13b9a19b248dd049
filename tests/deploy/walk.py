"""From an empty host to a machine that signs over TLS, and what it has to survive."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
    async with Residents(host, WORK / "beside") as residents:
        await Follower(host, residents).follow(read(GUIDE))
    return 0


class Follower:
    """Does what the guide says, as its comments say how."""

    def __init__(self, host: CleanHost, residents: Residents) -> None:
        self._host = host
        self._residents = residents

    async def follow(self, blocks: list[Block]) -> None:
        for block in blocks:
            if block.verb == "here":
                await HERE[block.more](self._residents)
            else:
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
            if block.more.endswith((".service", ".timer")):
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


# What the guide has people do at a page, or wait for.


async def _install(residents: Residents) -> None:
    with step("spirekeeper is installed from LNbits' extensions page, and enabled"):
        await residents.move_in()
    with step("plain http leads to https, and nginx lets one range through"):
        await residents.knock()


async def _pair(residents: Residents) -> None:
    with step("the bunker is connected"):
        await residents.connect_the_bunker()
    with step("a machine is added and paired, and boots from its pairing code over TLS"):
        await residents.pair()
    await _sign(residents)


async def _sign(residents: Residents) -> None:
    with step("it signs a cash-out, the relay has it, and the roster names the wallet"):
        await residents.sign()


async def _upgrade(residents: Residents) -> None:
    with step("a newer version is installed from LNbits' extensions page"):
        await residents.upgrade()
    await _sign(residents)


async def _restart(residents: Residents) -> None:
    """Each part of the house ended, in each order, and started in each."""
    orders = list(permutations(residents.parts))
    wanted = int(os.environ.get("ORDERS", len(orders)))
    chosen = orders[:: max(1, len(orders) // wanted)][:wanted]
    say(f"{len(chosen)} of {len(orders)} orders in which the parts may end and come up:")
    for order in chosen:
        for part in order:
            await part.stop()
        for part in order:
            await part.start()
        with step(f"from the last start to a signature: {', '.join(each.name for each in order)}"):
            await residents.sign()


HERE = {"install": _install, "pair": _pair, "sign": _sign, "upgrade": _upgrade, "restart": _restart}
