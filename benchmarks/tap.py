"""What the bunker is asked, as the relay sees it: how many requests, and how many steps of them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.asyncio.client import ClientConnection, connect

ADMIN_KINDS = [24133, 24134]
QUIET_S = 0.05


class Tap:
    """Requests to one bunker and its answers, in the order in which the relay passed them on."""

    def __init__(self, bunker: str, listener: ClientConnection) -> None:
        self._bunker = bunker
        self._listener = listener
        self._authors: list[str] = []
        self._heard = asyncio.Event()

    async def listen(self) -> None:
        async for message in self._listener:
            said = json.loads(message)
            if said[0] == "EVENT":
                self._authors.append(said[2]["pubkey"])
                self._heard.set()

    async def since(self) -> tuple[int, int]:
        """Requests since the last call, and how many round trips they make one after another.

        A request that follows an answer begins another round trip.
        """
        await self._quiet()
        requests, steps, answered = 0, 0, True
        for author in self._authors:
            if author == self._bunker:
                answered = True
                continue
            requests += 1
            steps += answered
            answered = False
        self._authors.clear()
        return requests, steps

    async def _quiet(self) -> None:
        while True:
            self._heard.clear()
            try:
                await asyncio.wait_for(self._heard.wait(), QUIET_S)
            except asyncio.TimeoutError:
                return


@asynccontextmanager
async def tapped(relay: str, bunker: str) -> AsyncIterator[Tap]:
    async with connect(relay, proxy=None) as listener:
        asked = {"kinds": ADMIN_KINDS, "#p": [bunker], "limit": 0}
        told = {"kinds": ADMIN_KINDS, "authors": [bunker], "limit": 0}
        await listener.send(json.dumps(["REQ", "tap", asked, told]))
        while '"EOSE"' not in str(await listener.recv()):
            pass
        tap = Tap(bunker, listener)
        listening = asyncio.create_task(tap.listen())
        yield tap
        listening.cancel()
