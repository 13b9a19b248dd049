"""Relay traffic of our machines' keys: when to ask the bunker, who was seen, who else is there.

The bunker's relays are listened to for every key with an open pairing, and those that such
pairings name for the keys paired there; `upkeep/relay_plan.py` says which, where there are too
many. What is heard is judged in `upkeep/sightings.py`; the bunker is asked only when that gives a
reason, and once a minute about every seed that waits.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from .. import crud
from ..bunker.errors import NsecBunkerError
from ..clock import Clock
from ..connection import relay_probe, settings
from ..connection.acl_requests import journal_attempts
from ..connection.open_bunker import open_bunker
from ..errors import PairingError
from ..failures import log_failure
from ..loop import Debounced
from ..models import Machine, PairingState
from ..nostr.relay_limits import RelayLimits
from ..nostr.relay_link import RelayLink
from ..nostr.relay_socket import Way
from ..steps import redemption
from ..store import details, journal, key_rows, pairing_rows
from . import known_limits, lost_clients
from .relay_plan import Plan, plan
from .sightings import Forged, Sightings, second_clients
from .watched_keys import WatchedKey, WatchedKeys, watched_keys

logger = logging.getLogger(__name__)

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
LOOKS_REST, LONGEST_REST = 3, 5.0
"""How often its own length a look without a hint is followed by none, and for how long at most: it
leaves the bunker to those who wait for it, as for the seeds of a bulk."""
CHECK_DELAY, CHECK_PAUSE = 3.0, 60.0
"""A stranger is looked up after a redemption under way is noted, and a key's rarely."""
LIMITS_SECONDS = 600.0
"""How often relays are asked what they take; what they were seen to refuse may be over then."""
MOST_FORGED = 20
"""Forged events after which a connection is given up: a relay has to check signatures."""
SECOND_CLIENT = "second_client"

_changed = asyncio.Event()
_left_out: "dict[str, LeftOut]" = {}
_looked = asyncio.Event()
_running: "_Watch | None" = None


Hear = Callable[[dict[str, Any]], bool]
"""Takes an event of a machine's key; False when that key did not sign it."""


class LeftOut(NamedTuple):
    """What is not listened to for a machine, for others have to be served too."""

    servers: tuple[str, ...]
    """Host and port of each relay."""
    since: datetime


def look_again(_operator_user_id: str) -> None:
    """Other keys may be to be watched: something of this operator's has changed."""
    _changed.set()


def left_out() -> "Mapping[str, LeftOut] | None":
    """By machine, those with a relay that is not listened to; None before the first look."""
    return _left_out if _looked.is_set() else None


def links() -> list[RelayLink]:
    """Those to the relays that are listened to now."""
    return _running.links if _running else []


async def run(clock: Clock, *, hear: Hear) -> None:
    """Watches until cancelled. `hear` is handed what the machines' keys publish."""
    global _running  # noqa: PLW0603 - one watch in the process
    _running = _Watch(clock, hear)
    await _running.run()


def say(pubkey: str, event_id: str, event_json: str) -> int:
    """Publishes an event on every relay of the machine with this key that is up; how many."""
    return _running.say(pubkey, event_id, event_json) if _running else 0


class _Watch:
    def __init__(self, clock: Clock, hear: Hear) -> None:
        self._clock = clock
        self._hear = hear
        self._sightings = Sightings(clock, hint=self._hint, suspect=self._suspect)
        self._looks = Debounced(self._look, pause=LOOK_PAUSE, whose=self._whose)
        # With a hint somebody is there now: it never waits behind the many without one.
        self._slow_looks = Debounced(
            self._look_and_rest, pause=LOOK_PAUSE, whose=self._whose, side_by_side=1
        )
        self._checks = Debounced(self._check, pause=CHECK_PAUSE, whose=self._whose)
        self._turns = (self._looks, self._slow_looks, self._checks)
        self._hinted: set[str] = set()
        """Keys somebody new has spoken to, until the bunker was asked."""
        self._links: dict[str, _Watching] = {}
        self._marks: dict[str, tuple[Any, ...]] = {}
        self._own: frozenset[str] | None = None
        """The bunker's relays; None before the first look."""
        self._limits: dict[str, RelayLimits] = {}
        self._planned_for: dict[str, RelayLimits] = {}
        self._seen = asyncio.Event()

    @property
    def links(self) -> list[RelayLink]:
        return [watching.link for watching in self._links.values()]

    def say(self, pubkey: str, event_id: str, event_json: str) -> int:
        key = self._sightings.keys.get(pubkey)
        up = [link for link in self.links if key and link.url in key.relays and link.up]
        for link in up:
            link.publish(event_id, event_json)
        return len(up)

    async def run(self) -> None:
        await self._catch_up()
        attempts = journal_attempts(self._clock, lost_clients.look)
        works = (self._follow(), self._ask_all(), self._flush(), self._learn_limits(), attempts)
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
        marks = await pairing_rows.get_watch_marks()
        parts = {part for part, _ in marks.items() ^ self._marks.items()}
        config = await _config()
        own = frozenset(config.relays if config else ())
        keys = self._sightings.keys
        if parts:
            read = await watched_keys(await pairing_rows.get_watched(parts))
            keys = keys.but(lambda key: pairing_rows.watch_part(key) in parts, read)
        self._limits = known_limits.shown(self.links, self._limits)
        if parts or own != self._own or self._limits != self._planned_for:
            self._own, self._planned_for = own, self._limits
            self._watch(keys, own)
            self._marks = marks

    def _watch(self, keys: WatchedKeys, own: Collection[str]) -> None:
        before = self._sightings.keys
        self._sightings.watch(keys)
        self._listen(plan(keys, own, self._limits))
        for pubkey in before.pubkeys - keys.pubkeys:
            self._hinted.discard(pubkey)
            for turns in self._turns:
                turns.forget(pubkey)
        for pubkey in keys.waiting - before.waiting:
            self._slow_looks.ask(pubkey, delay=NEW_DELAY)

    def _listen(self, planned: Plan) -> None:
        for url in self._links.keys() - planned.wanted.keys():
            self._links.pop(url).task.cancel()
        for url, filters in planned.wanted.items():
            operators = planned.operators.get(url, ())
            if url in self._links:
                self._links[url].link.subscribe(filters)
                self._links[url].whose.operators = operators
            else:
                whose = _Whose(operators)
                link = RelayLink(
                    url, filters, _Ear(self._sightings, self._seen, self._hear), whose.way
                )
                self._links[url] = _Watching(link, whose, asyncio.create_task(link.run()))
        self._note_left_out(planned.left_out)

    async def _learn_limits(self) -> None:
        while True:
            self._limits = await known_limits.ask(self.links)
            _changed.set()
            await asyncio.sleep(LIMITS_SECONDS)

    def _note_left_out(self, servers: Mapping[str, tuple[str, ...]]) -> None:
        for machine_id in _left_out.keys() - servers.keys():
            del _left_out[machine_id]
        for machine_id, some in servers.items():
            since = _left_out[machine_id].since if machine_id in _left_out else self._clock()
            _left_out[machine_id] = LeftOut(some, since)
        _looked.set()

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
            _changed.set()

    async def _look_and_rest(self, pubkey: str) -> None:
        clock = asyncio.get_running_loop().time
        start = clock()
        await self._look(pubkey)
        await asyncio.sleep(min(LOOKS_REST * (clock() - start), LONGEST_REST))

    async def _machine_of(self, pubkey: str) -> Machine | None:
        key = self._sightings.keys.get(pubkey)
        machine = await crud.get_machine(key.machine_id) if key else None
        return machine if machine is not None and machine.cut_at is None else None

    def _whose(self, pubkey: str) -> str:
        key = self._sightings.keys.get(pubkey)
        return key.operator if key else ""

    # Whether a second client uses a key

    def _suspect(self, key: WatchedKey) -> None:
        self._checks.ask(key.pubkey, delay=CHECK_DELAY)

    async def _check(self, pubkey: str) -> None:
        """Flags the machine when a stranger heard of late is a user of its key."""
        suspects = self._sightings.take_suspects(pubkey)
        machine = await self._machine_of(pubkey)
        if machine is None or machine.flag is not None or suspects is None:
            return
        key = self._sightings.keys[pubkey]
        try:
            bunker = await open_bunker()
            users = await bunker.admin.get_key_users(key.key_name)
        except (PairingError, NsecBunkerError) as error:
            logger.debug("strangers are not looked up: %s", type(error).__name__)
            self._sightings.suspect_anybody(key)  # they are not forgotten for that
            return
        burners = await key_rows.get_burners(bunker.config.bunker_pubkey, key.key_name)
        users = [user for user in users if user.pubkey not in burners]
        history, clients = await asyncio.gather(
            pairing_rows.get_history(machine.id), pairing_rows.get_clients(machine.id)
        )
        second = second_clients(suspects, users, history, clients)
        now = self._clock()
        if second:
            await pairing_rows.flag_key(pubkey, now)
        if second and await crud.set_machine_flag(machine.id, SECOND_CLIENT, now):
            told = {"key": key.key_name, "clients": ", ".join(second)}
            detail = details.told("key_clients", **told)
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
    whose: "_Whose"
    task: "asyncio.Task[None]"


@dataclass
class _Whose:
    """The operators whose pairings name a relay, at present."""

    operators: Collection[str]

    async def way(self, url: str) -> Way | None:
        return await relay_probe.where_allowed(await _config(), self.operators)(url)


class _Ear:
    """What one relay says."""

    def __init__(self, sightings: Sightings, seen: asyncio.Event, hear: Hear) -> None:
        self._sightings = sightings
        self._seen = seen
        self._hear = hear
        self._forged = 0

    def may_matter(self, text: str) -> bool:
        return self._sightings.may_matter(text)

    def heard_event(self, url: str, event: dict[str, Any]) -> None:
        try:
            if self._sightings.hear(event):
                self._seen.set()
            if self._sightings.is_of_ours(event) and not self._hear(event):
                raise Forged
        except Forged:
            self._forged += 1
            if self._forged > MOST_FORGED:
                raise ConnectionAbortedError("it passes on forged events") from None

    def heard_ok(self, url: str, event_id: str, taken: bool, reason: str) -> None:
        """An answer that a relay does not take goes over the machine's others; lost on all, it is
        asked for again."""

    def heard_notice(self, url: str, text: str) -> None:
        """The link knows what to make of it."""

    def link_changed(self) -> None:
        self._forged = 0


async def _config() -> settings.BunkerConfig | None:
    """None as well where it cannot be read."""
    config = None
    with log_failure("reading which relays may be dialled"), suppress(PairingError):
        config = await settings.get_bunker_config()
    return config


async def _wait(event: asyncio.Event, seconds: float) -> None:
    timer = asyncio.get_running_loop().call_later(seconds, event.set)
    try:
        await event.wait()
    finally:
        timer.cancel()
