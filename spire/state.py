"""What the machine remembers: one JSON file in its home folder, for its owner's eyes only."""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from nostr_sdk import Event, Keys, NostrSdkError

from ..seed import Seed, each_once
from .errors import SpireError

FILE_NAME = "state.json"


@dataclass(frozen=True)
class Connection:
    """One seed's connection: what is needed to use it again.

    `secret` is there until the bunker has acknowledged connect. `seed_digest` tells the same seed
    when it is shown again. `bootstrap_event` is the signed state of the cassettes for the operator
    `bootstrap_to`, from before it is sent until a relay has confirmed it: what may have arrived is
    sent again as it is. `service_pubkey` answers what is asked about cash. Times are RFC 3339 in
    UTC.
    """

    client_secret: str = field(repr=False)
    spire_pubkey: str
    bunker_relays: tuple[str, ...]
    relays: tuple[str, ...]
    seed_digest: str
    nip04: bool = False
    secret: str | None = field(default=None, repr=False)
    connected_at: str | None = None
    bootstrap_event: str | None = None
    bootstrap_to: str | None = None
    bootstrap_published_at: str | None = None
    service_pubkey: str | None = None

    @classmethod
    def begin(cls, seed: Seed, *, nip04: bool) -> "Connection":
        """A new seed means a new client key: a bunker that revoked the old one never forgets."""
        return cls(
            client_secret=Keys.generate().secret_key().to_hex(),
            spire_pubkey=seed.spire_pubkey,
            bunker_relays=seed.bunker_relays,
            relays=seed.relays,
            seed_digest=digest(seed),
            nip04=nip04,
            secret=seed.secret,
            service_pubkey=seed.service_pubkey,
        )

    @property
    def keys(self) -> Keys:
        """The client key."""
        return Keys.parse(self.client_secret)

    def sent_to(self, operator_pubkey: str) -> Event | None:
        """The state of the cassettes that may have arrived at this operator."""
        if self.bootstrap_event is None or self.bootstrap_to != operator_pubkey:
            return None
        return Event.from_json(self.bootstrap_event)

    @property
    def client_pubkey(self) -> str:
        return str(self.keys.public_key().to_hex())


@dataclass(frozen=True)
class State:
    """`connected` signs. `waiting` is a newer connection beside it, whose turn comes when the
    bunker refuses the older one. `pending` is the newest seed, which has not connected yet."""

    connected: Connection | None = None
    waiting: Connection | None = None
    pending: Connection | None = None

    @property
    def both(self) -> tuple[Connection, ...]:
        """Those that the bunker has acknowledged, the one that signs first."""
        return tuple(each for each in (self.connected, self.waiting) if each)

    @property
    def newest(self) -> Connection | None:
        return self.pending or self.waiting or self.connected

    def without(self, refused: Connection) -> "State":
        """The other connection signs, for good. As it was when there is no other."""
        stay = [each for each in self.both if each.client_secret != refused.client_secret]
        if not stay:
            return self
        return replace(self, connected=stay[0], waiting=stay[1] if stay[1:] else None)

    def updated(self, connection: Connection) -> "State":
        """With the connection of this client key as it is now."""
        both = [
            connection if each.client_secret == connection.client_secret else each
            for each in self.both
        ]
        return replace(self, connected=both[0], waiting=both[1] if both[1:] else None)

    def relays_of(self, spire_pubkey: str) -> tuple[str, ...]:
        """Where events of a key are listened for: the relays of each seed for it, or else of the
        connection that signs."""
        own = [each for each in self.both if each.spire_pubkey == spire_pubkey] or self.both[:1]
        return each_once(relay for each in own for relay in each.relays)


def digest(seed: Seed) -> str:
    return hashlib.sha256(seed.encode().encode()).hexdigest()


class StateFile:
    """The state on disk. A write is there in full or not at all."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._path = home / FILE_NAME

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One `spire` at a time changes a state: two boots would each make a client key, and the
        one that loses the token might be the one that is stored."""
        with locked_folder(self._home):
            yield

    def read(self) -> State:
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            return State(
                connected=_connection(content["connected"]),
                waiting=_connection(content.get("waiting")),  # older versions knew none
                pending=_connection(content["pending"]),
            )
        except FileNotFoundError:
            return State()
        except (OSError, ValueError, KeyError, TypeError, NostrSdkError, RecursionError):
            raise SpireError(
                f"{self._path} cannot be read. Restore it, or run `spire forget` and boot with a "
                "new seed."
            ) from None

    def write(self, state: State) -> None:
        write_whole(self._path, json.dumps(asdict(state), indent=2) + "\n")

    def forget(self) -> bool:
        """Whether there was something to forget."""
        existed = self._path.exists()
        for path in (self._path, _beside(self._path)):
            path.unlink(missing_ok=True)
        _sync_folder(self._home)
        return existed


def _connection(content: dict[str, Any] | None) -> Connection | None:
    if content is None:
        return None
    if "bunker_relay" in content:  # older versions knew one only
        content = {**content, "bunker_relays": [content["bunker_relay"]]}
        del content["bunker_relay"]
    lists = {name: tuple(content[name]) for name in ("bunker_relays", "relays")}
    connection = Connection(**{**content, **lists})
    Keys.parse(connection.client_secret)
    if connection.bootstrap_event is not None:
        Event.from_json(connection.bootstrap_event)
    return connection


def _beside(path: Path) -> Path:
    return path.with_suffix(".tmp")


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """The folder is there, and one `spire` at a time works in it."""
    try:
        if not folder.exists():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sync_folder(folder.parent)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise SpireError(f"{folder} cannot be written: {error.strerror}.") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SpireError(
                f"Another spire command is at work in {folder}: wait until it has ended."
            ) from None
        yield


def write_whole(path: Path, text: str) -> None:
    """Written beside, synced, moved over: after a power cut there is the old or the new one."""
    beside = _beside(path)
    try:
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(text.encode())
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise SpireError(f"{path.parent} cannot be written: {error.strerror}.") from None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
