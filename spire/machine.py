"""What a machine does, top to bottom: boot, sign, publish, bootstrap, forget."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from nostr_sdk import Event

from ..seed import Seed, fingerprint
from .asking import NEWER_SIGNS, NEWER_SIGNS_MEANWHILE, Asking
from .cash_wire import Question, Said
from .errors import CutOff, NotTaken, OtherKey, Refused, SpireError, Unreachable
from .kept_open import KeptOpen
from .publishing import Outcome, check_taken, publish_to
from .seed_text import decode
from .service_line import Line, ask
from .signer import APP_DATA_KIND, NotAcknowledged, RemoteSigner, open_signer
from .state import Connection, State, StateFile, digest

TIMEOUT_S = 15.0
"""A refusal can take 10 s: the bunker asks its admins first."""
CASSETTES_D_TAG = "bitspire-cassettes"

NEWER_DROPPED = "the bunker refuses the newer connection, which is dropped: the older one goes on"
NONE_SIGNS = "the bunker refuses the older connection, and the newer one does not sign"
OLDER_SIGNS = "the older connection goes on signing until the operator has confirmed the newer one"


def _silent(told: str) -> None:
    """For callers who do not follow the steps."""


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
        self.timeout = timeout
        self._tell = tell
        self._asking = Asking(timeout, tell)
        self._acknowledged = acknowledged
        self._kept_open: KeptOpen | None = None

    @property
    def state(self) -> State:
        return self._file.read()

    @property
    def client_pubkey(self) -> str:
        """Of the newest connection, whichever signs: the one that the operator is asked about."""
        connection = self.state.newest
        if connection is None:
            raise _not_booted()
        return connection.client_pubkey

    @property
    def fingerprint(self) -> str:
        """What the operator compares with the page before trusting this machine."""
        return fingerprint(self.client_pubkey)

    async def boot(self, seed_text: str | None = None, *, nip04: bool = False) -> None:
        """Connected afterwards, as the key of the seed.

        Without a seed, or with one in use: looks whether the bunker still takes the stored client
        keys, and sends no connect. A new seed gets a new client key; the older connection stays
        beside it and signs until the bunker refuses it. After Unreachable the same call goes on
        where it stopped.
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
        answer = await self._asking.ask(
            self._booted().both, lambda signer, _: signer.sign_event(kind, content, tags)
        )
        if answer.refused:
            self._change_over(answer.refused)
        return answer.value

    async def ask_service(self, question: Question) -> Said:
        """What the operator's service answers; nobody else is believed."""
        both = self._for_cash()
        if self._kept_open and len(both) == 1:
            # Over others it is then found out what is wrong, and asked again.
            with suppress(Refused, Unreachable):
                return await self._kept_open.ask(both[0], self._line_of(both[0]), question)

        async def asked(signer: RemoteSigner, by: Connection) -> Said:
            return await ask(signer, self._line_of(by), question, self.timeout)

        answer = await self._asking.ask(both, asked)
        if answer.refused:
            self._change_over(answer.refused)
        return answer.value

    def _for_cash(self) -> Sequence[Connection]:
        """The connections whose seed named a service; all of them where none did."""
        both = self._booted().both
        return [each for each in both if each.service_pubkey] or both

    def _line_of(self, by: Connection) -> Line:
        return Line.of(by, self.state.relays_of(by.spire_pubkey))

    @asynccontextmanager
    async def kept_open(self) -> AsyncIterator[None]:
        """What the service is asked meanwhile goes over connections that stay open, while there is
        one that signs and no newer one waits beside it. They are opened already."""
        both, kept = self._for_cash(), KeptOpen(self.timeout)
        if len(both) == 1 and both[0].service_pubkey:
            kept.open_ahead(both[0], self._line_of(both[0]))
        self._kept_open = kept
        try:
            yield
        finally:
            self._kept_open = None
            await kept.close()

    def service_line(self) -> Line:
        """Where the service is heard: by the connection that signs, if its seed named one."""
        return self._line_of(self._for_cash()[0])

    async def publish(self, event: Event) -> list[Outcome]:
        """To every relay of its key's seeds at once; the same event may be given again.

        When none took it, Unreachable only if it is known that it was not sent; otherwise
        Unconfirmed, or NotTaken.
        """
        relays = self._booted().relays_of(event.author().to_hex())
        outcomes = await asyncio.gather(*(publish_to(relay, event) for relay in relays))
        for outcome in outcomes:
            self._tell(str(outcome))
        check_taken(outcomes)
        return list(outcomes)

    async def bootstrap(self, operator_pubkey: str, cassettes: str) -> bool:
        """Publishes the state of the cassettes, for the operator's eyes only; once a seed, by the
        connection that signs.

        False: it was published before, and nothing is done. One that was sent and not confirmed is
        sent again as it is, whatever the cassettes hold by now.
        """

        async def state_of_cassettes(signer: RemoteSigner, by: Connection) -> Event | None:
            sent_before = by.sent_to(operator_pubkey)
            if by.bootstrap_published_at or sent_before:
                await signer.check_access()
                return sent_before
            content = await signer.nip44_encrypt(operator_pubkey, cassettes)
            return await signer.sign_event(APP_DATA_KIND, content, [["d", CASSETTES_D_TAG]])

        with self._file.locked():
            both = self._booted().both
            if all(each.bootstrap_published_at for each in both):
                return False
            answer = await self._asking.ask(both, state_of_cassettes)
            if answer.refused:
                self._file.write(self.state.without(answer.refused))
            if answer.value is None:
                return False
            await self._publish_once(answer.value, answer.by, operator_pubkey)
            return True

    async def _publish_once(self, event: Event, by: Connection, operator_pubkey: str) -> None:
        """The event is on disk before it is sent, until it is known what became of it."""
        new = by.sent_to(operator_pubkey) is None
        clear = replace(by, bootstrap_event=None, bootstrap_to=None)
        sent = replace(by, bootstrap_event=event.as_json(), bootstrap_to=operator_pubkey)
        self._file.write(self.state.updated(sent))
        try:
            await self.publish(event)
        except (NotTaken, Unreachable) as problem:
            if problem.for_good if isinstance(problem, NotTaken) else new:
                self._file.write(self.state.updated(clear))
            raise
        self._file.write(self.state.updated(replace(clear, bootstrap_published_at=_now())))

    def forget(self) -> bool:
        """Whether there was something to forget. The bunker is not told."""
        with self._file.locked():
            return self._file.forget()

    async def _boot(self, seed: Seed, *, nip04: bool) -> None:
        state = self.state
        if digest(seed) in {each.seed_digest for each in state.both}:
            self._file.write(replace(state, pending=None))
            await self._boot_again()
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
            return
        match self._booted().both:
            case older, newer:
                await self._look_at_both(older, newer)
            case (connection,):
                await self._reconnect(connection)

    async def _reconnect(self, connection: Connection) -> None:
        self._tell_key("client key kept", connection)
        self._acknowledged(connection.client_pubkey)
        async with open_signer(connection, self.timeout) as signer:
            self._tell_relays(signer)
            await self._check(signer)
            await signer.check_access()
            self._tell("the bunker signs for this machine")

    async def _connect(self, pending: Connection, *, resumed: bool) -> None:
        """The pending connection signs, or waits beside the one that does.

        It is dropped when the bunker surely has not accepted it, or is not the one that the seed
        names; else it stays pending, for the next boot.
        """
        self._tell_key("client key kept" if resumed else "client key made and stored", pending)
        try:
            async with open_signer(pending, self.timeout) as signer:
                self._tell_relays(signer)
                if pending.secret is not None:
                    await signer.connect(pending.secret, tried_before=resumed)
                    self._tell("connect: acknowledged")
                    pending = replace(pending, secret=None)
                    self._file.write(replace(self.state, pending=pending))
                self._acknowledged(pending.client_pubkey)
                await self._check(signer)
        except (NotAcknowledged, OtherKey):
            self._file.write(replace(self.state, pending=None))
            raise
        self._file.write(await self._joined_by(replace(pending, connected_at=_now())))

    async def _joined_by(self, newest: Connection) -> State:
        """The connection that signs stays, and the newest waits beside it."""
        older = self.state.both
        problems = await asyncio.gather(*map(self._asking.problem, older))
        looked_at = list(zip(older, problems, strict=True))
        sign = [each for each, problem in looked_at if problem is None]
        may_sign = [each for each, problem in looked_at if not isinstance(problem, CutOff)]
        if not may_sign:
            if older:
                self._tell(NEWER_SIGNS)
            return State(connected=newest)
        self._tell(OLDER_SIGNS if sign else NEWER_SIGNS_MEANWHILE)
        return State(connected=(sign or may_sign)[0], waiting=newest)

    async def _look_at_both(self, older: Connection, newer: Connection) -> None:
        """Whichever the bunker refuses is dropped, while there is another that may sign."""
        self._tell_key("older client key kept", older)
        self._tell_key("newer client key kept", newer)
        self._acknowledged(newer.client_pubkey)
        problems = await asyncio.gather(self._asking.problem(older), self._asking.problem(newer))
        match problems:
            case CutOff(), None:
                self._file.write(self.state.without(older))
                self._tell(NEWER_SIGNS)
            case CutOff(), _:
                self._tell(NONE_SIGNS)
            case _, CutOff():
                self._file.write(self.state.without(newer))
                self._tell(NEWER_DROPPED)
            case None, _:
                self._tell(OLDER_SIGNS)
            case _, None:
                self._tell(NEWER_SIGNS_MEANWHILE)
        of_older, of_newer = problems
        if of_older and of_newer:
            raise of_newer if isinstance(of_older, CutOff) else of_older

    async def _check(self, signer: RemoteSigner) -> None:
        await signer.check_public_key()
        self._tell("get_public_key: the key of the seed")

    def _change_over(self, refused: Connection) -> None:
        """The newer connection has signed, so what becomes of this write is no matter for this
        request: the next one finds the older connection refused again."""
        try:
            with self._file.locked():
                self._file.write(self.state.without(refused))
        except SpireError as error:
            self._tell(f"the change to the newer connection was not stored: {error}")

    def _booted(self) -> State:
        """With a connection that signs."""
        state = self.state
        if state.connected is None:
            raise _not_booted()
        return state

    def _tell_relays(self, signer: RemoteSigner) -> None:
        self._tell(f"relay: {', '.join(signer.relays)}")

    def _tell_key(self, words: str, connection: Connection) -> None:
        self._tell(f"{words}, fingerprint {fingerprint(connection.client_pubkey)}")


def _not_booted() -> SpireError:
    return SpireError("This machine has no connection yet: run `spire boot` with a seed.")


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
