"""Relay, development bunker and LNbits on loopback: raised in order, taken down in order."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from nostr_sdk import Keys
from typing_extensions import Self

from .apart import Apart
from .bunker import DevBunker
from .kept import free_port
from .lnbits import LNbits
from .relay import DevRelay

UNLIMITED = {
    f"SPIREKEEPER_{name}": "1000000"
    for name in (
        "PAIRS_A_MINUTE",
        "RELAY_CHECKS_A_MINUTE",
        "MAX_MACHINES",
        "MAX_KEYS",
        "KEYS_AN_OPERATOR",
    )
}
"""For whoever asks more in a minute than people do in a year."""
PASSPHRASE = "a passphrase of the house"


class House(ABC):
    """A bunker on a relay, and as many LNbits as `ports` that administrate it with `admin`.

    Each LNbits is a process of its own, which can be killed. Inside the context the first of them
    answers; whoever wants the others starts them. Afterwards nothing is left running. `environment`
    goes to each of them, `server` is what Python runs; with `knows_bunker=False` they are not told
    of the bunker.
    """

    relay_url: str
    bunker_url: str

    def __init__(
        self,
        folder: Path,
        *,
        admin: Keys | None = None,
        ports: Sequence[int] = (0,),
        environment: Mapping[str, str] | None = None,
        server: Sequence[str] = ("-m", "uvicorn"),
        knows_bunker: bool = True,
    ) -> None:
        self.folder = folder
        self.admin = admin or Keys.generate()
        self.servers: list[LNbits] = []
        self._ports = ports
        self._environment = dict(environment or {})
        self._server = server
        self._knows_bunker = knows_bunker
        self._running = AsyncExitStack()

    @property
    def lnbits(self) -> LNbits:
        return self.servers[0]

    @property
    def admin_nsec(self) -> str:
        return str(self.admin.secret_key().to_bech32())

    def add_lnbits(self, folder: Path, port: int = 0) -> LNbits:
        """One more, which is not started yet and is stopped with all else."""
        bunker = {
            "SPIREKEEPER_BUNKER_URL": self.bunker_url,
            "SPIREKEEPER_ADMIN_NSEC": self.admin_nsec,
            "SPIREKEEPER_KEY_PASSPHRASE": PASSPHRASE,
            "SPIREKEEPER_ALLOW_PRIVATE_RELAYS": "true",
        }
        lnbits = LNbits(
            folder,
            port=port or free_port(),
            environment={**(bunker if self._knows_bunker else {}), **self._environment},
            server=self._server,
        )
        self._running.push_async_callback(lnbits.stop)
        self.servers.append(lnbits)
        return lnbits

    async def __aenter__(self) -> Self:
        try:
            await self._raise_bunker(self._running)
            for number, port in enumerate(self._ports):
                self.add_lnbits(self.folder / (f"lnbits-{number}" if number else "lnbits"), port)
            await self.lnbits.start()
            await self._move_in()
        except BaseException:
            await self._running.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._running.aclose()

    def pair_request(self, **more: Any) -> dict[str, Any]:
        """What a pair is asked for with here."""
        return {"relays": [self.relay_url], "allow_private_relays": True, **more}

    async def _move_in(self) -> None:
        """What is done once the first LNbits answers."""
        return

    @abstractmethod
    async def _raise_bunker(self, running: AsyncExitStack) -> None:
        """Relay and bunker run, and their URLs are known."""


class HouseHere(House):
    """Relay and bunker in this process, the bunker's levers at hand.

    `bunker_options` are what DevBunker takes.
    """

    relay: DevRelay
    bunker: DevBunker

    def __init__(
        self,
        folder: Path,
        *,
        relay_port: int = 0,
        bunker_options: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(folder, **more)
        self.relay = DevRelay(relay_port)
        self._bunker_options = dict(bunker_options or {})

    async def _raise_bunker(self, running: AsyncExitStack) -> None:
        await running.enter_async_context(self.relay)
        self.bunker = DevBunker(
            relays=[self.relay.url],
            admins=[self.admin.public_key().to_hex()],
            folder=self.folder / "bunker",
            **self._bunker_options,
        )
        running.push_async_callback(self.bunker.stop)
        await self.bunker.start()
        self.relay_url, self.bunker_url = self.relay.url, self.bunker.url


class HouseApart(House):
    """Relay and bunker in processes of their own too, so that nothing shares its event loop.

    `more_relays`: where the bunker is met as well; `more_admins`: whom it obeys as well.
    """

    relay: Apart
    bunker: Apart

    def __init__(
        self,
        folder: Path,
        *,
        more_relays: Sequence[str] = (),
        more_admins: Sequence[Keys] = (),
        **more: Any,
    ) -> None:
        super().__init__(folder, **more)
        self._more_relays = more_relays
        self._more_admins = more_admins

    async def _raise_bunker(self, running: AsyncExitStack) -> None:
        self.relay = await running.enter_async_context(Apart("relay"))
        admins = ",".join(each.public_key().to_hex() for each in (self.admin, *self._more_admins))
        relays = (self.relay.ready, *self._more_relays)
        bunker = Apart("bunker", *relays, admins, str(self.folder / "bunker"))
        self.bunker = await running.enter_async_context(bunker)
        self.relay_url, self.bunker_url = self.relay.ready, self.bunker.ready
