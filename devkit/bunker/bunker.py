"""The development bunker as a whole: what starts, what stops, what survives."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from nostr_sdk import Keys

from ...clock import Clock, utc_now
from .admin import AdminInterface, Call
from .grants import Grants
from .keyring import Keyring
from .levers import Levers
from .lineage import Lineage
from .signer import Backend, SignerHouse
from .store import Store
from .wire import Wire


class DevBunker:
    """nsecbunkerd on loopback. `admins` are hex pubkeys; `folder` keeps what a restart must keep.

    `refusal_delay` is how long a request that no rule allows waits for an admin, `listen_delay`
    how long after its creation a key starts to listen, `redeem_gap` how long a redemption takes
    between reading the token and writing it (all in seconds). `autounlock_passphrase` is the
    live-policy lineage's alone.

    `keys_start_after` is how long after its start the daemon starts its keys, though it answers its
    admins before: a key that is made or unlocked in between runs twice from then on (seen with
    newer NDK, 2.5 to 5 s; `start_keys` has it happen at once). None: it has started them before it
    answers.

    Only loopback is dialled, but with `anywhere`: that is for `make test-relay`, where somebody has
    named the relay by hand.
    """

    def __init__(
        self,
        *,
        relays: Sequence[str],
        admins: Sequence[str],
        folder: Path,
        lineage: Lineage = Lineage.NEWER_NDK,
        clock: Clock = utc_now,
        refusal_delay: float = 10.0,
        listen_delay: float = 0.09,
        redeem_gap: float = 0.01,
        keys_start_after: float | None = None,
        autounlock_passphrase: str | None = None,
        anywhere: bool = False,
    ) -> None:
        self.relays = list(relays)
        self._anywhere = anywhere
        self.admins = list(admins)
        self.lineage = lineage
        self.refusal_delay = refusal_delay
        self.listen_delay = listen_delay
        self.redeem_gap = redeem_gap
        self.keys_start_after = keys_start_after
        self.levers = Levers()
        self.calls: list[Call] = []
        """Every admin request received, in order."""
        self._new_call = asyncio.Event()
        self.ended = asyncio.Event()
        """Set when an event has ended the daemon, as it ends the real one (see `end_reason`)."""
        self.end_reason: str | None = None
        self.starts = 0
        """How often it was started; each time all keys are locked."""
        self.keys_started = asyncio.Event()
        """Set when it has started its keys since it was started (see `keys_start_after`)."""
        self._folder = folder
        self._clock = clock
        self._autounlock = autounlock_passphrase
        self.keys = _identity(folder)
        self._wire: Wire | None = None
        self.store: Store | None = None
        self._keyring: Keyring | None = None
        self._backends: list[Backend] = []

    @property
    def pubkey(self) -> str:
        """Hex pubkey of the admin interface."""
        return str(self.keys.public_key().to_hex())

    @property
    def url(self) -> str:
        query = "&".join(f"relay={quote(relay, safe='')}" for relay in self.relays)
        return f"bunker://{self.pubkey}?{query}"

    async def start(self) -> None:
        """Returns when every relay has been tried once; those that are away are tried again.

        All keys are locked. A key that was unlocked when it stopped needs unlock_key.
        """
        if self._wire is not None:
            return
        self.starts += 1
        self.ended.clear()
        self.end_reason = None
        wire = self._wire = Wire(self.relays, anywhere=self._anywhere)
        store = self.store = Store(self._folder / "bunker.sqlite")
        self._backends = []

        def start_key(name: str, keys: Keys) -> None:
            backend = Backend(name, keys, house)
            self._backends.append(backend)
            wire.spawn(backend.listen())

        keyring = self._keyring = Keyring(store, start_key)
        admin = AdminInterface(
            keys=self.keys,
            admins=self.admins,
            wire=wire,
            lineage=self.lineage,
            levers=self.levers,
            record=self._record,
            verbs=self.lineage.value.verbs(store, keyring, self._clock).table(),
        )
        house = SignerHouse(
            wire=wire,
            grants=Grants(store, self.lineage, self._clock, redeem_gap=self.redeem_gap),
            lineage=self.lineage,
            clock=self._clock,
            refusal_delay=self.refusal_delay,
            listen_delay=self.listen_delay,
            ask_admins=admin.ask_admins,
            end=self._end,
        )
        await admin.listen()
        self.keys_started.clear()
        if self.keys_start_after is None:
            self.keys_started.set()
        else:
            wire.spawn(self._start_keys_in(self.keys_start_after))
        if self._autounlock and self.lineage.value.live_policy:
            keyring.unlock_all(self._autounlock)
        await wire.start()

    async def stop(self) -> None:
        """Hangs up and forgets which keys were unlocked."""
        wire, self._wire = self._wire, None
        store, self.store = self.store, None
        self._keyring = None
        if wire is not None:
            await wire.stop()
        if store is not None:
            store.close()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    def start_keys(self) -> None:
        """Those that are unlocked, as the daemon does once it has connected."""
        if self._keyring is None:
            raise RuntimeError("the development bunker is not running: call start() first")
        self._keyring.start_active()
        self.keys_started.set()

    async def _start_keys_in(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.start_keys()

    async def listening(self) -> None:
        """Waits until every relay has confirmed that it serves us, for every key started so far.

        After a relay's restart, or where a test does not want to wait `listen_delay` by the clock.
        """
        if self._wire is None:
            raise RuntimeError("the development bunker is not running: call start() first")
        for backend in list(self._backends):
            await backend.subscribed.wait()
        await self._wire.listening()

    async def called(self, method: str, times: int = 1) -> None:
        """Waits until so many requests of that method have been received in all."""
        while sum(call.method == method for call in self.calls) < times:
            self._new_call.clear()
            await self._new_call.wait()

    def _record(self, call: Call) -> None:
        self.calls.append(call)
        self._new_call.set()

    def _end(self, reason: str) -> None:
        """The process is gone: nothing more is answered until `restart()`."""
        self.end_reason = reason
        self.ended.set()
        if self._wire is not None:
            self._wire.hang_up()


def _identity(folder: Path) -> Keys:
    """The admin interface's key, made when the folder is new."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "bunker.nsec"
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(Keys.generate().secret_key().to_bech32())
    return Keys.parse(file.read_text())
