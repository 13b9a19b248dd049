"""What is found after kills, once the background work has had its time.

The machines' rows and the bunker are read before anybody asks the API anything, since asking mends:
nothing here waits for an operator to look.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from time import monotonic

from spirekeeper.devkit.house import PASSPHRASE
from support.truth import Here, There, leftovers, routed, untruths
from system.kills.interrupting import Strike
from system.kills.killable import Subject, World

HEALS_WITHIN = 300.0
"""A lease of a killed process lasts a minute, and a lost token is looked for thrice."""


@dataclass(frozen=True)
class Aftermath:
    """`strikes`: all operations that were begun; the rest as it was found afterwards."""

    world: World
    strikes: Sequence[Strike]
    here: Here
    there: There
    amiss: list[str]
    """What should not be so (see `truth`)."""
    answers: dict[str, str]
    """Key -> machine, as the roster tells it."""
    kept: dict[str, bytes]
    """All that is stored and logged, by its place."""

    def machine_exists(self, subject: Subject) -> bool:
        return any(machine["id"] == subject.machine_id for machine in self.here.machines)


async def wait_for_aftermath(world: World, strikes: Sequence[Strike], server: int = 0) -> Aftermath:
    """Waits until the background work has nothing left to do, or should have been done."""
    patience = monotonic() + HEALS_WITHIN
    while True:
        here, there = await world.here(), world.there()
        now = datetime.now(timezone.utc)
        amiss = untruths(here, there, now) + leftovers(here, there, now)
        if not amiss or monotonic() > patience:
            break
        await asyncio.sleep(1)
    return Aftermath(
        world,
        strikes,
        here,
        there,
        amiss,
        await _roster(world, here, server),
        {"a log": b"".join(_logs(world)), **await world.stored()},
    )


def _logs(world: World) -> Iterator[bytes]:
    yield from world.logs
    for lnbits in world.servers:
        yield lnbits.log.read_bytes()


async def _roster(world: World, here: Here, server: int) -> dict[str, str]:
    """Each key asked about by each operator who might be told."""
    owners = {s.owner.user_id: s.owner for s in world.subjects}
    keys = {
        (pairing["spire_pubkey"], owners[subject.owner.user_id].user_id)
        for subject in world.subjects
        for pairing in here.pairings
        if pairing["machine_id"] == subject.machine_id and pairing["spire_pubkey"]
    }
    answers = {}
    for key, owner in sorted(keys):
        answer = await world.ask(owners[owner], "GET", f"/roster/{key}", server=server)
        assert answer is not None
        if answer.status_code == 200:
            answers[key] = answer.json()["machine_id"]
    return answers


def misrouted(after: Aftermath) -> list[str]:
    """Keys that the roster answers for and should not, or the other way round."""
    expected = routed(after.here, datetime.now(timezone.utc))
    return [
        f"{key}: the roster says {after.answers.get(key)}, not {expected.get(key)}"
        for key in expected.keys() | after.answers.keys()
        if expected.get(key) != after.answers.get(key)
    ]


def wrongly_connected(after: Aftermath) -> list[str]:
    """Machines that lost their connection without a cut, or kept it in spite of one."""
    found = []
    for strike in after.strikes:
        subject = strike.subject
        if subject is None or strike.before is None or not _was_connected(strike):
            continue
        live = after.world.live_clients(subject)
        overtaken = subject.newcomer.public_key().to_hex() in _counting(after.here, subject)
        goes_on = not _is_cut(after, subject) and not overtaken
        if (subject.client.public_key().to_hex() in live) != goes_on:
            found.append(
                f"{strike}: the machine {'lost its' if goes_on else 'has still a'} connection"
            )
    return found


def _was_connected(strike: Strike) -> bool:
    assert strike.subject is not None
    assert strike.before is not None
    client = strike.subject.client.public_key().to_hex()
    return any(
        p["client_pubkey"] == client and p["state"] in ("redeemed", "confirmed")
        for p in strike.before.pairings
    )


def _counting(here: Here, subject: Subject) -> set[str]:
    """The clients of its connections; one that waits to be confirmed is none."""
    return {
        pairing["client_pubkey"]
        for pairing in here.pairings
        if pairing["machine_id"] == subject.machine_id
        and (
            pairing["state"] == "confirmed"
            or (pairing["state"] == "redeemed" and not pairing["confirm_required"])
        )
    }


def _is_cut(after: Aftermath, subject: Subject) -> bool:
    lines = _lines(after.here, subject)
    return not after.machine_exists(subject) or any(event == "revoke" for event, _ in lines)


def untold(after: Aftermath) -> list[str]:
    """Interrupted operations that changed something of which the journal does not tell."""
    found = []
    for strike in after.strikes:
        if not strike.interrupted or not strike.alone:
            continue
        assert strike.subject is not None
        assert strike.before is not None
        if _of(strike.before, strike.subject) == _of(after.here, strike.subject):
            continue
        new = _lines(after.here, strike.subject) - _lines(strike.before, strike.subject)
        if not strike.operation.tells & new.keys():
            found.append(f"{strike}: the journal tells {dict(new)}")
    return found


def _of(here: Here, subject: Subject) -> object:
    """What an operator sees of a machine."""
    machine = [
        (m["cut_at"], m["machine_npub"]) for m in here.machines if m["id"] == subject.machine_id
    ]
    pairings = {
        (p["id"], p["state"]) for p in here.pairings if p["machine_id"] == subject.machine_id
    }
    return machine, pairings


def _lines(here: Here, subject: Subject) -> Counter[tuple[str, str]]:
    return Counter(
        (line["event"], line["outcome"])
        for line in here.journal
        if line["machine_id"] == subject.machine_id
    )


def overwritten(after: Aftermath) -> list[str]:
    """Keys that are not any more what they were when a seed was issued."""
    now = after.world.key_pubkeys()
    return [
        f"{pairing['key_name']} was another key when a seed was issued"
        for pairing in after.here.pairings
        if pairing["spire_pubkey"] and now.get(pairing["key_name"]) != pairing["spire_pubkey"]
    ]


def secrets_kept(after: Aftermath) -> list[str]:
    """Tokens, the admin key and the passphrase, where the database or a log has them."""
    secrets = [token["secret"] for token in after.there.tokens]
    secrets += [after.world.admin.secret_key().to_hex(), after.world.admin.secret_key().to_bech32()]
    secrets.append(PASSPHRASE)
    return [
        f"{place} has a secret"
        for place, text in after.kept.items()
        if any(secret.encode() in text for secret in secrets)
    ]
