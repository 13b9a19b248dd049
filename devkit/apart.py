"""Relay or development bunker in a process of its own, so that nothing shares its event loop.

    async with Apart("relay") as relay:
        async with Apart("bunker", relay.ready, admin_hex, str(folder)) as bunker:
            print(bunker.ready)  # its URL, as relay.ready is the relay's

`await each.tell("stop")` and `"start"` as often as wanted; what is kept on disk or in ports stays.
`await bunker.tell("as-recorded")` has it take its time as the real daemon does.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from .bunker import DevBunker
from .relay import DevRelay

_LONGEST_SECONDS = 60


class ApartError(Exception):
    """The other process has ended, or does not answer."""


class Apart:
    """`relay [port]`, or `bunker relay-url… admin-hex[,…] folder`, running and ready to be told."""

    module = __name__
    """What Python runs, and hands the words to."""

    def __init__(self, *what: str, by: Sequence[str] = ()) -> None:
        """`by`: a command that runs the one that follows it."""
        self._by = by
        self._what = what
        self.ready = ""
        """The URL it is reached by."""

    async def __aenter__(self) -> "Apart":
        self._process = await asyncio.create_subprocess_exec(
            *(*self._by, sys.executable, "-m", self.module, *self._what),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C reaches whoever started it, and that one stops it
        )
        self.ready = await self._heard()
        return self

    @property
    def pid(self) -> int:
        return self._process.pid

    async def tell(self, command: str) -> None:
        """A command by its name; returns when it is done."""
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        self._process.stdin.write(f"{command}\n".encode())
        await self._heard()

    async def _heard(self) -> str:
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        line = await asyncio.wait_for(self._process.stdout.readline(), _LONGEST_SECONDS)
        if not line:
            raise ApartError(f"{self._what[0]} has ended with {await self._process.wait()}")
        return line.decode().strip()

    async def __aexit__(self, *_: object) -> None:
        self._process.terminate()
        await self._process.wait()


async def serve(server: DevRelay | DevBunker) -> None:
    """Starts it, says its URL, and does what standard input tells."""
    await server.start()
    print(server.url, flush=True)  # noqa: T201 - whoever started us reads it

    async def as_recorded() -> None:
        if isinstance(server, DevBunker):
            server.levers.as_recorded()

    commands = {
        "stop": server.stop,
        "start": server.start,
        "restart": server.restart,
        "as-recorded": as_recorded,
    }
    while line := await asyncio.to_thread(sys.stdin.readline):
        await commands[line.strip()]()
        print("done", flush=True)  # noqa: T201


def _server(what: str, *how: str) -> DevRelay | DevBunker:
    if what == "relay":
        return DevRelay(int(how[0]) if how else 0)
    *relays, admins, folder = how
    return DevBunker(relays=relays, admins=admins.split(","), folder=Path(folder))


if __name__ == "__main__":
    asyncio.run(serve(_server(*sys.argv[1:])))
