"""What a machine does, top to bottom: boot, sign, publish, bootstrap, forget."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

from nostr_sdk import Event

from ..seed import Seed, SeedError, fingerprint
from ..within import within
from .errors import BadAnswer, BadSeed, OtherKey, Refused, SpireError, Unreachable
from .relay import open_relay
from .signer import APP_DATA_KIND, RemoteSigner, open_signer
from .state import Connection, State, StateFile, digest

TIMEOUT_S = 15.0
"""A refusal can take 10 s: the bunker asks its admins first."""
PUBLISH_S = 5.0
"""For a relay to take an event: others wait for it."""
CASSETTES_D_TAG = "bitspire-cassettes"


def _silent(told: str) -> None:
    """For callers who do not follow the steps."""


@dataclass(frozen=True)
class Outcome:
    """What one relay made of an event; `problem` is None when it took it."""

    relay: str
    problem: str | None


class Machine:
    """The machine whose state is in the folder `home`; created when there is something to keep.

    `timeout` (seconds) holds for each single request. `tell` is given each step as it is done,
    `acknowledged` the client pubkey as soon as a boot knows that the bunker has taken it: from then
    on the operator is asked to compare.
    """

    def __init__(
        self,
        home: Path | str,
        *,
        timeout: float = TIMEOUT_S,
        tell: Callable[[str], None] = _silent,
        acknowledged: Callable[[str], None] = _silent,
    ) -> None:
        self._file = StateFile(Path(home).expanduser())
        self._timeout = timeout
        self._tell = tell
        self._acknowledged = acknowledged

    @property
    def state(self) -> State:
        return self._file.read()

    @property
    def client_pubkey(self) -> str:
        """Of the connection in use, or of the one that is being made."""
        state = self.state
        connection = state.connected or state.pending
        if connection is None:
            raise _not_booted()
        return connection.client_pubkey

    @property
    def fingerprint(self) -> str:
        """What the operator compares with the page before trusting this machine."""
        return fingerprint(self.client_pubkey)

    async def boot(self, seed_text: str | None = None, *, nip04: bool = False) -> None:
        """Connected afterwards, as the key of the seed.

        Without a seed, or with the one in use: reconnects with the stored client key and sends no
        connect. A new seed gets a new client key; the older connection works until the new one
        does. After Unreachable the same call goes on where it stopped.
        """
        seed = None if seed_text is None else decode(seed_text)
        with self._file.locked():
            if seed is None:
                await self._boot_again()
            else:
                self._tell(f"seed: {seed.spire_npub}")
                await self._boot(seed, nip04=nip04)

    async def sign(self, kind: int, content: str, tags: Sequence[Sequence[str]] = ()) -> Event:
        """The event, signed by the machine's key and checked against what was asked."""
        async with self._signer(self._connected()) as signer:
            return await signer.sign_event(kind, content, tags)

    async def publish(self, event: Event) -> list[Outcome]:
        """To every relay of the seed at once. Unreachable when none took it."""
        relays = self._connected().relays
        outcomes = await asyncio.gather(*(self._publish(relay, event) for relay in relays))
        for outcome in outcomes:
            self._tell(f"{outcome.relay}: {outcome.problem or 'OK'}")
        if all(outcome.problem for outcome in outcomes):
            raise Unreachable("No relay of the seed took the event. Try again later.")
        return list(outcomes)

    async def bootstrap(self, operator_pubkey: str, cassettes: str) -> bool:
        """Publishes the state of the cassettes, for the operator's eyes only; once a seed.

        False: it was published before, and nothing is done.
        """
        with self._file.locked():
            connection = self._connected()
            if connection.bootstrap_published_at:
                return False
            async with self._signer(connection) as signer:
                content = await signer.nip44_encrypt(operator_pubkey, cassettes)
                event = await signer.sign_event(APP_DATA_KIND, content, [["d", CASSETTES_D_TAG]])
            await self.publish(event)
            published = replace(connection, bootstrap_published_at=_now())
            self._file.write(replace(self.state, connected=published))
            return True

    def forget(self) -> bool:
        """Whether there was something to forget. The bunker is not told."""
        with self._file.locked():
            return self._file.forget()

    async def _boot(self, seed: Seed, *, nip04: bool) -> None:
        state = self.state
        if state.connected and state.connected.seed_digest == digest(seed):
            self._file.write(replace(state, pending=None))
            await self._reconnect(state.connected)
        elif state.pending and state.pending.seed_digest == digest(seed):
            await self._connect(replace(state.pending, nip04=nip04), resumed=True)
        else:
            pending = Connection.begin(seed, nip04=nip04)
            self._file.write(replace(state, pending=pending))
            await self._connect(pending, resumed=False)

    async def _boot_again(self) -> None:
        state = self.state
        if state.pending:
            await self._connect(state.pending, resumed=True)
        else:
            await self._reconnect(self._connected())

    async def _reconnect(self, connection: Connection) -> None:
        self._tell_key("client key kept", connection)
        self._acknowledged(connection.client_pubkey)
        async with open_signer(connection, self._timeout) as signer:
            self._tell(f"relay: {signer.relay.url}")
            await self._check(signer)
            await signer.check_access()
            self._tell("the bunker signs for this machine")

    async def _connect(self, pending: Connection, *, resumed: bool) -> None:
        """The pending connection takes the place of the one in use, or is dropped, or waits."""
        self._tell_key("client key kept" if resumed else "client key made and stored", pending)
        try:
            async with open_signer(pending, self._timeout) as signer:
                self._tell(f"relay: {signer.relay.url}")
                if pending.secret is not None:
                    await signer.connect(pending.secret, tried_before=resumed)
                    self._tell("connect: acknowledged")
                    pending = replace(pending, secret=None)
                    self._file.write(replace(self.state, pending=pending))
                self._acknowledged(pending.client_pubkey)
                await self._check(signer)
        except (Refused, OtherKey):
            self._file.write(replace(self.state, pending=None))
            raise
        self._file.write(State(connected=replace(pending, connected_at=_now())))

    async def _check(self, signer: RemoteSigner) -> None:
        await signer.check_public_key()
        self._tell("get_public_key: the key of the seed")

    @asynccontextmanager
    async def _signer(self, connection: Connection) -> AsyncIterator[RemoteSigner]:
        """A bunker says no without a reason: whether it means this or everything is found out."""
        async with open_signer(connection, self._timeout) as signer:
            try:
                yield signer
            except BadAnswer:
                raise
            except Refused:
                await signer.check_access()
                raise

    async def _publish(self, url: str, event: Event) -> Outcome:
        try:
            async with open_relay(url, PUBLISH_S) as relay:
                reason = await within(PUBLISH_S, relay.publish(event))
        except (Unreachable, asyncio.TimeoutError):
            return Outcome(url, "unreachable")
        return Outcome(url, f"refused ({reason})" if reason else None)

    def _connected(self) -> Connection:
        connection = self.state.connected
        if connection is None:
            raise _not_booted()
        return connection

    def _tell_key(self, words: str, connection: Connection) -> None:
        self._tell(f"{words}, fingerprint {fingerprint(connection.client_pubkey)}")


def decode(seed_text: str) -> Seed:
    """The seed, with or without the blanks around it that pasting brings. BadSeed says what is
    wrong with it."""
    try:
        return Seed.decode(seed_text.strip())
    except SeedError as error:
        raise BadSeed(f"Bad seed: {error}.") from None


def _not_booted() -> SpireError:
    return SpireError("This machine has no connection yet: run `spire boot` with a seed.")


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
