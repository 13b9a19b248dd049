"""Relay traffic of our machines' keys: when to ask the bunker, who was seen, who else is there.

Every relay that open pairings name is listened to, for the keys paired there and no others. What
is heard is judged in `sightings.py`; the bunker is asked only when that gives a reason, and once a
minute about every seed that waits.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from . import crud, crud_pairings, journal, redemption, relays, settings
from .bunker.answers import KeyUser
from .bunker.envelope import NIP46_KIND
from .bunker.errors import NsecBunkerError
from .bunker.link import RelayLink, Wanted
from .clock import Clock
from .connection import open_bunker
from .errors import PairingError
from .models import Machine, Pairing, PairingState
from .sightings import PUBLISHED_KINDS, Forged, Sightings
from .strangers import journal_attempts
from .turns import Turns
from .watched import WatchedKey, WatchedKeys, watched_keys

logger = logging.getLogger(__name__)

T = TypeVar("T")

FOLLOW_SECONDS = 5.0
"""How often it is looked whether other keys are to be watched."""
FOLLOW_PAUSE = 1.0
"""The longest wait between two looks while keys change: so long a new seed's scan is not heard."""
ALL_SECONDS = 60.0
"""How often the bunker is asked about every seed that waits."""
FLUSH_SECONDS = 30.0
"""How often last_seen_at is written, at most."""
FLUSH_MOST = 200
"""Machines in one statement."""
LOOK_DELAY, ANSWERED_DELAY, LOOK_PAUSE = 0.12, 0.0, 1.0
"""The bunker takes 40 to 95 ms to redeem what the relay has just shown us; once it is heard to
answer it is asked at once, and a slow one is asked again."""
KNOWN_DELAY = 10.0
"""Traffic of the client that is connected already rarely means that it scanned the newer seed."""
NEW_DELAY = 2.0
"""A seed that is newly watched may have been scanned just before."""
LOOK_SECONDS = 10.0
CHECK_DELAY, CHECK_PAUSE = 3.0, 60.0
"""A stranger is looked up after a redemption under way is noted, and a key's rarely."""
KEYS_A_FILTER = 125
FILTERS_A_SUBSCRIPTION = 10
"""So 10,000 keys make 17 subscriptions: common relays serve 20, of 10 filters, in 128 KiB each."""
MOST_RELAYS = 200
MOST_FORGED = 20
"""Forged events after which a connection is given up: a relay has to check signatures."""
SECOND_CLIENT = "second_client"

_changed = asyncio.Event()


def changed() -> None:
    """Other keys may be to be watched: a machine was paired, cut or removed."""
    _changed.set()


async def run(clock: Clock) -> None:
    """Watches until cancelled."""
    await _Watch(clock).run()


class _Watch:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sightings = Sightings(clock, hint=self._hint, suspect=self._suspect)
        self._looks = Turns(self._look, pause=LOOK_PAUSE)
        # With a hint somebody is there now: it never waits behind the many without one.
        self._slow_looks = Turns(self._look, pause=LOOK_PAUSE, side_by_side=1)
        self._checks = Turns(self._check, pause=CHECK_PAUSE)
        self._turns = (self._looks, self._slow_looks, self._checks)
        self._hinted: set[str] = set()
        """Keys somebody new has spoken to, until the bunker was asked."""
        self._links: dict[str, _Watching] = {}
        self._marks: dict[str, tuple[Any, ...]] = {}
        self._seen = asyncio.Event()

    async def run(self) -> None:
        await self._catch_up()
        works = (self._follow(), self._ask_all(), self._flush(), journal_attempts(self._clock))
        tasks = [asyncio.create_task(work) for work in works]
        try:
            await asyncio.gather(*tasks)
        finally:
            tasks += [watching.task for watching in self._links.values()]
            for task in tasks:
                task.cancel()
            closing = [turns.close() for turns in self._turns]
            await asyncio.gather(*tasks, *closing, return_exceptions=True)

    # What is watched

    async def _follow(self) -> None:
        while True:
            await _wait(_changed, FOLLOW_SECONDS)
            _changed.clear()
            start = time.monotonic()
            await self._catch_up()
            # While thousands are paired one after another, a twentieth of the time goes into this.
            # On a busy host a look takes long without costing much, so the pause has an end.
            await asyncio.sleep(min(19 * (time.monotonic() - start), FOLLOW_PAUSE))

    async def _catch_up(self) -> None:
        marks = await crud_pairings.get_watch_marks()
        parts = {part for part, _ in marks.items() ^ self._marks.items()}
        if parts:
            read = await watched_keys(await crud_pairings.get_watched(parts))
            keys = self._sightings.keys
            self._watch(keys.but(lambda key: crud_pairings.watch_part(key) in parts, read))
            self._marks = marks

    def _watch(self, keys: WatchedKeys) -> None:
        before = self._sightings.keys
        self._sightings.watch(keys)
        self._listen(subscriptions(keys))
        for pubkey in before.pubkeys - keys.pubkeys:
            self._hinted.discard(pubkey)
            for turns in self._turns:
                turns.forget(pubkey)
        for pubkey in keys.waiting - before.waiting:
            self._slow_looks.ask(pubkey, delay=NEW_DELAY)

    def _listen(self, wanted: Mapping[str, Wanted]) -> None:
        for url in self._links.keys() - wanted.keys():
            self._links.pop(url).task.cancel()
        for url, filters in wanted.items():
            if url in self._links:
                self._links[url].link.subscribe(filters)
            else:
                link = RelayLink(url, filters, _Ear(self._sightings, self._seen), _address)
                self._links[url] = _Watching(link, asyncio.create_task(link.run()))

    # Whether a seed was redeemed

    def _hint(self, key: WatchedKey, client: str, answered: bool) -> None:
        if client in key.clients:
            self._looks.ask(key.pubkey, delay=KNOWN_DELAY)
        else:
            self._hinted.add(key.pubkey)
            self._looks.ask(key.pubkey, delay=ANSWERED_DELAY if answered else LOOK_DELAY)

    async def _ask_all(self) -> None:
        while True:
            for pubkey in self._sightings.keys.waiting:
                self._slow_looks.ask(pubkey, delay=0)
            if self._sightings.keys:
                await self._stay_connected()
            await asyncio.sleep(ALL_SECONDS)

    async def _stay_connected(self) -> None:
        """Only while we are connected is it heard what the bunker asks its admins."""
        try:
            await (await open_bunker()).admin.keys()
        except (PairingError, NsecBunkerError) as error:
            logger.debug("the bunker is away: %s", type(error).__name__)

    async def _look(self, pubkey: str) -> None:
        hinted = pubkey in self._hinted
        self._hinted.discard(pubkey)
        machine = await self._machine_of(pubkey)
        if machine is not None and self._sightings.keys[pubkey].waiting:
            seen = await redemption.look(machine, self._clock, LOOK_SECONDS)
            if hinted and any(p.state is PairingState.ISSUED for p in seen.pairings):
                self._looks.ask(pubkey, delay=LOOK_PAUSE)
            changed()

    async def _machine_of(self, pubkey: str) -> Machine | None:
        key = self._sightings.keys.get(pubkey)
        machine = await crud.get_machine(key.machine_id) if key else None
        return machine if machine is not None and machine.cut_at is None else None

    # Whether a second client uses a key

    def _suspect(self, key: WatchedKey) -> None:
        self._checks.ask(key.pubkey, delay=CHECK_DELAY)

    async def _check(self, pubkey: str) -> None:
        """Flags the machine when a stranger heard of late is a user of its key."""
        suspects = self._sightings.take_suspects(pubkey)
        machine = await self._machine_of(pubkey)
        if machine is None or machine.flag is not None or not suspects:
            return
        try:
            bunker = await open_bunker()
            key_name = self._sightings.keys[pubkey].key_name
            users = await bunker.admin.get_key_users(key_name)
        except (PairingError, NsecBunkerError) as error:
            logger.debug("strangers are not looked up: %s", type(error).__name__)
            return
        history, clients = await asyncio.gather(
            crud_pairings.get_history(machine.id), crud_pairings.get_clients(machine.id)
        )
        second = _second_clients(suspects, users, history, clients)
        now = self._clock()
        if second and await crud.set_machine_flag(machine.id, SECOND_CLIENT, now):
            detail = f"{key_name}: client {', '.join(second)}"
            actor = journal.BACKGROUND
            await journal.about(machine, "flag", SECOND_CLIENT, actor=actor, at=now, detail=detail)

    # When machines were seen

    async def _flush(self) -> None:
        while True:
            await self._seen.wait()
            self._seen.clear()
            seen = list(self._sightings.take_seen().items())
            for start in range(0, len(seen), FLUSH_MOST):
                await crud.set_last_seen(dict(seen[start : start + FLUSH_MOST]))
            await asyncio.sleep(FLUSH_SECONDS)


@dataclass(frozen=True)
class _Watching:
    link: RelayLink
    task: "asyncio.Task[None]"


class _Ear:
    """What one relay says."""

    def __init__(self, sightings: Sightings, seen: asyncio.Event) -> None:
        self._sightings = sightings
        self._seen = seen
        self._forged = 0

    def heard_event(self, url: str, event: dict[str, Any]) -> None:
        try:
            if self._sightings.hear(event):
                self._seen.set()
        except Forged:
            self._forged += 1
            if self._forged > MOST_FORGED:
                raise ConnectionAbortedError("it passes on forged events") from None

    def heard_ok(self, url: str, event_id: str, accepted: bool) -> None:
        """Nothing is published here."""

    def link_changed(self) -> None:
        self._forged = 0


def subscriptions(keys: Iterable[WatchedKey]) -> dict[str, Wanted]:
    """What to ask of each relay: requests to the keys paired there, and what these keys publish.

    Where a seed waits, also what the bunker answers for its key; last, for it changes most.
    """
    on_relay: dict[str, list[str]] = {}
    waiting: dict[str, list[str]] = {}
    for key in keys:
        for url in key.relays:
            on_relay.setdefault(url, []).append(key.pubkey)
            if key.waiting:
                waiting.setdefault(url, []).append(key.pubkey)
    sizes = Counter({url: len(pubkeys) for url, pubkeys in on_relay.items()})
    return {
        url: [*_wanted(sorted(on_relay[url])), *_answers(sorted(waiting.get(url, ())))]
        for url, _ in sizes.most_common(MOST_RELAYS)
    }


def _wanted(pubkeys: Sequence[str]) -> Wanted:
    filters: list[dict[str, Any]] = []
    for some in _chunks(pubkeys, KEYS_A_FILTER):
        filters.append({"kinds": [NIP46_KIND], "#p": some, "limit": 0})
        filters.append({"kinds": sorted(PUBLISHED_KINDS), "authors": some, "limit": 0})
    return list(_chunks(filters, FILTERS_A_SUBSCRIPTION))


def _answers(pubkeys: Sequence[str]) -> Wanted:
    filters = [
        {"kinds": [NIP46_KIND], "authors": some, "limit": 0}
        for some in _chunks(pubkeys, KEYS_A_FILTER)
    ]
    return list(_chunks(filters, FILTERS_A_SUBSCRIPTION))


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _second_clients(
    suspects: set[str], users: Iterable[KeyUser], pairings: Iterable[Pairing], clients: set[str]
) -> list[str]:
    """The suspects who may use the key, and are no client of a pairing of ours."""
    # Somebody who has just redeemed a seed that waits is noted when the bunker is asked about it.
    waiting = {p.client_name for p in pairings if p.state is PairingState.ISSUED}
    return sorted(
        user.pubkey
        for user in users
        if user.pubkey in suspects
        and user.revoked_at is None
        and user.pubkey not in clients
        and user.client_name not in waiting
    )


async def _address(url: str) -> str | None:
    try:
        config = await settings.get_bunker_config()
    except PairingError:
        config = None
    return await relays.where_allowed(config)(url)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    timer = asyncio.get_running_loop().call_later(seconds, event.set)
    try:
        await event.wait()
    finally:
        timer.cancel()
