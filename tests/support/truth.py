"""Whether what is written here and what the bunker has agree: for tests of races and of kills.

Rows are plain mappings with the columns of their tables, times as aware datetimes. Nothing of
spirekeeper is used but the function under test that says where a machine stands.

    untruths    holds whenever nobody is at work: after an answered call, or after what a killed
                process left has been finished (recovery.finish_interrupted, then what was due)
    leftovers   holds as well once the bunker has answered and nothing is owed any more

Both return sentences; an empty list is what a test wants:

1. at most one seed that can be scanned, at most one connection that counts, for each machine
2. a machine that is cut or deleted has no open pairing
3. the roster's columns name the key of the connection that counts, and its client may use the key
4. a seed that waits can be scanned, and its end is not owed
5. every token that can be redeemed belongs to a seed that waits, or its end is owed
6. every client that may use a key belongs to an open pairing, or its end is owed
7. the state in the list of machines is what follows from what is stored
8. a cut is in the journal
9. nobody unconfirmed may sign as a key that is routed and asks for confirmation
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from support.stored_here import all_pairings

Row = Mapping[str, Any]

OPEN = ("intent", "issued", "redeemed", "confirmed")


@dataclass(frozen=True)
class Here:
    """Everything that is stored of the machines in question, also of deleted ones."""

    machines: Sequence[Row]
    pairings: Sequence[Row]
    owed: Sequence[Row]
    journal: Sequence[Row]
    burners: Sequence[Row]


@dataclass(frozen=True)
class There:
    """What the development bunker has."""

    tokens: Sequence[Row]
    users: Sequence[Row] = field(default=())


def bunker_has(folder: Path, prefix: str = "spire-") -> There:
    """Read from the development bunker's own file, running or not. `prefix`: of the key names."""
    with bunkers_file(folder) as database:
        return There(*(_ours(database, table, prefix) for table in ("tokens", "users")))


def bunker_has_of_made_keys(folder: Path) -> There:
    """Without the tokens of keys that were never made: nobody can redeem those, nor be told of
    them. When the key is made, they are burned."""
    there = bunker_has(folder)
    with bunkers_file(folder) as database:
        made = {name for (name,) in database.execute("SELECT name FROM keys")}
    return There([token for token in there.tokens if token["key_name"] in made], there.users)


@contextmanager
def bunkers_file(folder: Path) -> Iterator[sqlite3.Connection]:
    """Of the development bunker, to be read."""
    database = sqlite3.connect(f"file:{folder / 'bunker.sqlite'}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    try:
        yield database
    finally:
        database.close()


def _ours(database: sqlite3.Connection, table: str, prefix: str) -> list[Row]:
    rows = database.execute(f"SELECT * FROM {table}").fetchall()
    return [dict(row) for row in rows if row["key_name"].startswith(prefix)]


async def stored(machine_ids: Sequence[str]) -> Here:
    """What the LNbits in this process has stored of these machines."""
    from spirekeeper import crud
    from spirekeeper.store import database, owed_rows

    def of_these(rows: Sequence[Any]) -> list[Row]:
        return [row.dict() for row in rows if row.machine_id in machine_ids]

    journal: list[Any] = await database.db.fetchall(f"SELECT * FROM {database.JOURNAL}")
    owed = [each for machine_id in machine_ids for each in await owed_rows.get_owed(machine_id)]
    machines = await crud.get_all_machines()
    return Here(
        machines=[machine.dict() for machine in machines if machine.id in machine_ids],
        pairings=of_these(await all_pairings(machine_ids)),
        owed=of_these(owed),
        journal=[dict(row) for row in journal if row["machine_id"] in machine_ids],
        burners=await database.db.fetchall(f"SELECT * FROM {database.BURNERS}"),
    )


def untruths(here: Here, there: There, now: datetime) -> list[str]:
    """What is not so although it is written here, or is so and nobody knows of it."""
    return list(_untruths(here, there, now))


def leftovers(here: Here, there: There, now: datetime) -> list[str]:
    """What should be gone once everything has been settled."""
    look = _Look(here, there, now)
    found = [f"still owed: {_owed_words(owed)}" for owed in here.owed]
    found += [f"{_words(p)}: nobody works on it" for p in here.pairings if p["state"] == "intent"]
    found += [f"machine {m['id']} is still held" for m in here.machines if m["busy_by"]]
    found += [
        f"token {t['client_name']} can be redeemed" for t in look.usable if not look.waits_for(t)
    ]
    return found + [f"{_user(u)} may use the key" for u in look.live if not look.open_user(u)]


def routed(here: Here, now: datetime) -> dict[str, str]:
    """The keys that the roster must answer for, and to which machine each belongs."""
    return {
        machine["machine_npub"]: machine["id"]
        for machine in here.machines
        if machine["is_active"] and machine["cut_at"] is None and machine["wallet_id"]
        for pairing in here.pairings
        if pairing["machine_id"] == machine["id"]
        and pairing["spire_pubkey"] == machine["machine_npub"]
        and counts(pairing, now)
        and not (pairing["confirm_required"] and pairing["flagged_at"])
        and not any(_puts_in_doubt(other, pairing) for other in here.pairings)
    }


def _puts_in_doubt(other: Row, connection: Row) -> bool:
    """A seed of the same key that waits for its confirmation, or has ended without one."""
    same_key = other["spire_pubkey"] == connection["spire_pubkey"]
    unconfirmed = other["confirm_required"] and other["issued_at"] and not other["confirmed_at"]
    return bool(same_key and unconfirmed and not other["key_clean"])


def counts(pairing: Row, now: datetime) -> bool:
    """Whether it is a connection that counts: redeemed, confirmed where asked for, not over."""
    over = pairing["session_expires_at"] is not None and pairing["session_expires_at"] <= now
    return _connected(pairing) and not over


def _connected(pairing: Row) -> bool:
    unasked = pairing["state"] == "redeemed" and not pairing["confirm_required"]
    return bool(pairing["state"] == "confirmed" or unasked)


def _untruths(here: Here, there: There, now: datetime) -> Iterator[str]:
    look = _Look(here, there, now)
    there_still = {machine["id"]: machine for machine in here.machines}
    for machine in here.machines:
        yield from _of_machine(machine, look)
    for pairing in here.pairings:
        owner = there_still.get(pairing["machine_id"])
        if pairing["state"] in OPEN and (owner is None or owner["cut_at"] is not None):
            yield f"{_words(pairing)}: its machine is cut or gone"
        elif owner is not None and pairing["state"] in OPEN:
            yield from _of_open(pairing, look)
    for token in look.usable:
        if not look.waits_for(token) and not look.token_owed(token):
            yield f"token {token['client_name']} can be redeemed and nobody knows of it"
    for user in look.live:
        if not look.open_user(user) and not look.user_owed(user):
            yield f"{_user(user)} may use the key and nobody knows of it"
        if look.asks_for_confirmation(user["key_name"]) and not look.may_share(user):
            yield f"{_user(user)} was not confirmed, and may use a key that is routed"


def _of_machine(machine: Row, look: "_Look") -> Iterator[str]:
    from spirekeeper.lifecycle import standing
    from spirekeeper.models import Machine, Pairing

    name = f"machine {machine['id']}"
    own = [p for p in look.here.pairings if p["machine_id"] == machine["id"]]
    if len([p for p in own if look.can_be_scanned(p)]) > 1:
        yield f"{name} has two seeds that can be scanned"
    connected = [p for p in own if _connected(p)]
    if len(connected) > 1:
        yield f"{name} has two connections that count"
    for pairing in connected:
        roster = (machine["machine_npub"], machine["bunker_spire_key_name"])
        if machine["cut_at"] is None and roster != (pairing["spire_pubkey"], pairing["key_name"]):
            yield f"{name}: the roster has another key than {_words(pairing)}"
    stands = standing(Machine(**machine), [Pairing(**p) for p in own], look.now)
    if machine["state"] != stands.state.value:
        yield f"{name} is listed as {machine['state']}, and is {stands.state.value}"
    cut = [line for line in look.here.journal if line["machine_id"] == machine["id"]]
    told = any(line["outcome"] in ("cut", "interrupted") for line in cut)
    if machine["cut_at"] is not None and not told:
        yield f"{name} is cut, and the journal does not tell"


def _of_open(pairing: Row, look: "_Look") -> Iterator[str]:
    if pairing["client_pubkey"] is not None:
        if not any(
            user["pubkey"] == pairing["client_pubkey"] and user["key_name"] == pairing["key_name"]
            for user in look.live
        ):
            yield f"{_words(pairing)}: the bunker does not let its client in"
        if look.pairing_owed(pairing):
            yield f"{_words(pairing)}: its end is owed"
    elif pairing["state"] == "issued" and look.now <= pairing["scan_before"]:
        token = look.token_of(pairing)
        if token is None:
            yield f"{_words(pairing)}: the bunker has no such token"
        elif token not in look.usable and not any(look.redeemed(u, token) for u in look.live):
            yield f"{_words(pairing)}: nobody can redeem it, and nobody has"
        if look.pairing_owed(pairing):
            yield f"{_words(pairing)}: its end is owed"


@dataclass(frozen=True)
class _Look:
    here: Here
    there: There
    now: datetime

    @property
    def usable(self) -> list[Row]:
        return [
            token
            for token in self.there.tokens
            if token["redeemed_at"] is None
            and token["revoked_at"] is None
            and (token["expires_at"] is None or _moment(token["expires_at"]) > self.now)
        ]

    @property
    def live(self) -> list[Row]:
        return [user for user in self.there.users if user["revoked_at"] is None]

    def token_of(self, pairing: Row) -> Row | None:
        name = pairing["client_name"]
        return next((t for t in self.there.tokens if t["client_name"] == name), None)

    def can_be_scanned(self, pairing: Row) -> bool:
        return pairing["state"] == "issued" and self.token_of(pairing) in self.usable

    def waits_for(self, token: Row) -> bool:
        return any(
            p["client_name"] == token["client_name"] and p["state"] in ("intent", "issued")
            for p in self.here.pairings
        )

    def redeemed(self, user: Row, token: Row) -> bool:
        named = user["description"] == token["client_name"]
        same_key = user["key_name"] == token["key_name"]
        return bool(same_key and (named or token["user_id"] == user["id"]))

    def open_user(self, user: Row) -> bool:
        """Whether it is the client of an open pairing, or has redeemed a seed that waits."""
        for pairing in self.here.pairings:
            if pairing["key_name"] != user["key_name"] or pairing["state"] not in OPEN:
                continue
            token = self.token_of(pairing)
            if pairing["client_pubkey"] == user["pubkey"]:
                return True
            if pairing["client_pubkey"] is None and token and self.redeemed(user, token):
                return True
        return False

    def asks_for_confirmation(self, key_name: str) -> bool:
        """Whether it is routed, to a client that had to be confirmed."""
        return any(
            p["key_name"] == key_name
            and p["spire_pubkey"] in routed(self.here, self.now)
            and p["state"] == "confirmed"
            for p in self.here.pairings
        )

    def may_share(self, user: Row) -> bool:
        """Confirmed, or by a seed that asked for no confirmation, or a burner of ours."""
        if any(burner["pubkey"] == user["pubkey"] for burner in self.here.burners):
            return True
        return any(
            p["key_name"] == user["key_name"]
            and (p["confirmed_at"] is not None or not p["confirm_required"])
            and (p["client_pubkey"] == user["pubkey"] or self.used(p, user))
            for p in self.here.pairings
        )

    def used(self, pairing: Row, user: Row) -> bool:
        """Whether the user redeemed this seed, which may not have been noticed."""
        token = self.token_of(pairing)
        return not pairing["confirm_required"] and token is not None and self.redeemed(user, token)

    def token_owed(self, token: Row) -> bool:
        return any(
            owed["key_name"] == token["key_name"]
            and (
                owed["kind"] == "revoke_key"
                or (owed["kind"] == "burn_token" and owed["client_name"] == token["client_name"])
            )
            for owed in self.here.owed
        )

    def user_owed(self, user: Row) -> bool:
        names = {user["description"]}
        names |= {t["client_name"] for t in self.there.tokens if self.redeemed(user, t)}
        return any(
            owed["key_name"] == user["key_name"]
            and (
                owed["kind"] in ("revoke_key", "revoke_others")
                or owed["client_name"] in names
                or user["pubkey"] == owed["client_pubkey"]
            )
            for owed in self.here.owed
        )

    def pairing_owed(self, pairing: Row) -> bool:
        return any(
            owed["key_name"] == pairing["key_name"]
            and (
                owed["kind"] == "revoke_key"
                or (owed["kind"] == "burn_token" and owed["client_name"] == pairing["client_name"])
            )
            for owed in self.here.owed
        )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _words(pairing: Row) -> str:
    state = getattr(pairing["state"], "value", pairing["state"])
    return f"pairing {pairing['id'][:6]} ({state}, {pairing['key_name']})"


def _user(user: Row) -> str:
    return f"client {user['pubkey'][:6]} ({user['key_name']}, {user['description']})"


def _owed_words(owed: Row) -> str:
    kind = getattr(owed["kind"], "value", owed["kind"])
    return f"{kind} of {owed['key_name']}, {owed['client_name']}"
