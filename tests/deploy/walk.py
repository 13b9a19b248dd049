"""From an empty host to a machine that signs over TLS, and what it has to survive."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import permutations
from pathlib import Path

from deploy.authority import vouch
from deploy.clean_host import CleanHost, another_network
from deploy.guide import Block, read
from deploy.residents import Residents

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs/host.md"
WORK = ROOT / ".build/deploy"
RELEASE = "srv/spirekeeper"
NOT_AGAIN = "not on another host"
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
    say(
        "systemd does not run here: units are verified by systemd-analyze, and a stand-in starts\n"
        "what they say; what shuts them in is not applied, and no timer is started."
    )
    host = CleanHost(WORK / "host", WORK / "base", outside)
    with step("a Debian 12, with nothing of ours in it"):
        host.make()
    with another_network() as there:
        other = CleanHost(WORK / "other", WORK / "base", outside, there)
        async with Residents(host, WORK / "beside") as residents:
            await Follower(host, other, residents).follow(read(GUIDE))
    return 0


class Follower:
    """Does what the guide says, as its comments say how; `other` is the host that it leads to."""

    def __init__(self, host: CleanHost, other: CleanHost, residents: Residents) -> None:
        self.host = host
        self.other = other
        self.residents = residents
        self._blocks: list[Block] = []

    async def follow(self, blocks: list[Block]) -> None:
        self._blocks = blocks
        for block in blocks:
            if block.verb == "here":
                await HERE[block.more](self)
            else:
                getattr(self, f"_{block.verb}")(block)

    def again(self, *steps: str) -> None:
        """What they say, on the host that is the one by now."""
        for block in self._blocks:
            if block.section.startswith(steps) and block.more != NOT_AGAIN:
                getattr(self, f"_{block.verb}")(block)

    def _run(self, block: Block) -> None:
        with step(f"{block.section}: {_first_line(block)}"):
            self.host.run(block.text, said=f"{self.residents.password}\n")

    def _fetch(self, block: Block) -> None:
        with step(f"{block.section}: {_first_line(block)}"):
            self.host.run(block.text, fetches=True)

    def _file(self, block: Block) -> None:
        with step(f"{block.section}: {block.more}"):
            self.host.write(block.more, block.text)
            if block.more.endswith((".service", ".timer")):
                self.host.verify(block.more)

    def _instead(self, block: Block) -> None:
        with step(f"{block.section}: not run, {_first_line(block)}; instead {block.more}"):
            [does] = [does for words, does in INSTEAD.items() if words in block.text]
            does(self)


INSTEAD: dict[str, Callable[[Follower], None]] = {
    "certbot certonly": lambda it: vouch(it.host),
    "make dist": lambda it: it.residents.release(it.host.folder / RELEASE),
    "npm install": lambda it: it.residents.nsecbunkerd(),
    "docker.io": lambda it: _fetch_the_reader(it.host),
    "prisma migrate": lambda _: None,
    "lnbits && docker-compose up": lambda it: it.residents.contain(WORK / "container"),
    "docker-compose pull": lambda it: it.residents.contain(WORK / "container-later"),
}
"""What is done in the place of the block that has these words."""


def _fetch_the_reader(host: CleanHost) -> None:
    host.run("apt-get install --yes --no-install-recommends docker-compose", fetches=True)


def _first_line(block: Block) -> str:
    return block.text.splitlines()[0]


# What the guide has people do at a page, or wait for.


async def _install(follower: Follower) -> None:
    with step("spirekeeper is installed from LNbits' extensions page, and enabled"):
        await follower.residents.move_in()
    with step("plain http leads to https, and nginx lets one range through"):
        await follower.residents.knock()


async def _pair(follower: Follower) -> None:
    with step("the bunker is connected, and restarted with its admin's npub"):
        await follower.residents.connect_the_bunker()
    with step("a machine is added and paired, and boots from its pairing code over TLS"):
        await follower.residents.pair()
    await _sign(follower)


async def _sign(follower: Follower) -> None:
    with step("it signs a cash-out, the relay has it, and the roster names the wallet"):
        await follower.residents.sign()


async def _upgrade(follower: Follower) -> None:
    with step("a newer version is installed from LNbits' extensions page"):
        await follower.residents.upgrade()
    await _sign(follower)


async def _restart(follower: Follower) -> None:
    """Each part of the house ended, in each order, and started in each."""
    orders = list(permutations(follower.residents.parts))
    wanted = int(os.environ.get("ORDERS", len(orders)))
    chosen = orders[:: max(1, len(orders) // wanted)][:wanted]
    say(f"{len(chosen)} of {len(orders)} orders in which the parts may end and come up:")
    for order in chosen:
        for part in order:
            await part.stop()
        for part in order:
            await part.start()
        with step(f"from the last start to a signature: {', '.join(each.name for each in order)}"):
            await follower.residents.sign()


async def _first_steps_there(follower: Follower) -> None:
    with step("a second Debian 12, in a network beside the first; ssh to the first is a chroot"):
        follower.other.make()
        follower.other.reach(follower.host)
        follower.residents.stops_at_last(follower.other)
    follower.host = follower.other
    follower.again("1. ", "2. ")


async def _next_steps_there(follower: Follower) -> None:
    follower.again("3. ", "4. ")


def _is_shut_off(host: CleanHost, copy: Path) -> None:
    """That copy has neither LNbits' secrets in it nor anything beside it."""
    assert {file.name for file in copy.iterdir()} == {"contents.json", "postgres.dump"}
    way = f"cd /{copy.relative_to(host.folder)} && cat contents.json && pg_restore --file -"
    said = host.run(f"{way} postgres.dump")
    for line in (host.folder / "etc/lnbits/secret").read_text().splitlines():
        name, _, secret = line.partition("=")
        assert secret not in said, name


async def _names(follower: Follower) -> None:
    copies = sorted(follower.host.folder.glob("var/backups/lnbits/lnbits-*"))
    with step("no secret is in the copy or beside it"):
        _is_shut_off(follower.host, copies[-1])
    with step("the names lead to the second; on the first all has ended but the bunker"):
        await follower.residents.move(follower.host)


HERE = {
    "install": _install,
    "pair": _pair,
    "sign": _sign,
    "upgrade": _upgrade,
    "restart": _restart,
    "steps 1 and 2 there": _first_steps_there,
    "steps 3 and 4 there": _next_steps_there,
    "names": _names,
}
