"""Machines that count as connected here, and whose client the bunker does not know any more.

Such a machine cannot sign. The bunker says so when it asks its admins about a client that it should
know, and it is seen when all is compared; the operator is told until the machine is paired again or
the bunker knows the client again.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime

from .. import lifecycle
from ..bunker.answers import KeyUser
from ..bunker.errors import NsecBunkerError
from ..clock import Clock
from ..connection.open_bunker import open_bunker
from ..errors import PairingError
from ..failures import log_failure
from ..loop import chunks
from ..models import Machine, NoticeRow, Pairing
from ..store import details, journal, notice_rows, pairing_rows
from ..store.machine_list import get_listed
from . import notices

AT_A_TIME = 200
"""After an older backup of the bunker's it may be all machines."""


async def look(machine: Machine, clock: Clock) -> None:
    """Asks the bunker whether it knows the machine's client. Never raises.

    What is here is read first: a client that has connected since is one that the bunker tells.
    """
    part = f"looking whether the bunker knows the client of {machine.id}"
    with log_failure(part), suppress(PairingError, NsecBunkerError):
        admin = (await open_bunker()).admin
        for pairing in _connections(await pairing_rows.get_history(machine.id)):
            users = await admin.get_key_users(pairing.key_name)
            await _note(machine, pairing, _knows(users, pairing), clock())


async def look_if_in_doubt(
    machine: Machine, pairings: Iterable[Pairing], users: Sequence[KeyUser], clock: Clock
) -> None:
    """As `look`, unless all that a key's users were a while ago says that nothing has changed."""
    connections = _connections(pairings)
    noted = await notice_rows.get_notice(machine.id, notices.CLIENT_LOST) if connections else None
    if noted is not None or not all(_knows(users, pairing) for pairing in connections):
        await look(machine, clock)


async def _note(machine: Machine, pairing: Pairing, known: bool, now: datetime) -> None:
    client = pairing.client_pubkey or ""
    noted = await notice_rows.get_notice(machine.id, notices.CLIENT_LOST)
    is_noted = noted is not None and noted.mark == client
    if known and is_noted:
        await notice_rows.delete_notice(machine.id, notices.CLIENT_LOST)
    elif not known and not is_noted:
        code = notices.CLIENT_LOST
        row = NoticeRow(machine_id=machine.id, code=code, mark=client, since=now)
        await notice_rows.keep_notice(row)
        detail = details.told("key_clients", key=pairing.key_name, clients=client)
        actor = journal.BACKGROUND
        await journal.about(machine, "acl", "lost", actor=actor, at=now, detail=detail)


def _knows(users: Iterable[KeyUser], pairing: Pairing) -> bool:
    return pairing.client_pubkey in {user.pubkey for user in users}


async def standing(operator_user_id: str | None) -> list[notices.Notice]:
    """The notice of each machine that is still so: of an operator's, or of all."""
    rows = await notice_rows.get_notices_of(notices.CLIENT_LOST)
    found = [await _still_so(some, operator_user_id) for some in chunks(rows, AT_A_TIME)]
    return [notice for of_some in found for notice in of_some]


async def _still_so(
    rows: Sequence[NoticeRow], operator_user_id: str | None
) -> list[notices.Notice]:
    ids = [row.machine_id for row in rows]
    machines, histories = await get_listed(ids), await pairing_rows.get_histories(ids)
    found = []
    for row in rows:
        machine = machines.get(row.machine_id)
        if machine is None or operator_user_id not in (None, machine.operator_user_id):
            continue
        clients = {each.client_pubkey for each in _connections(histories[machine.id])}
        if machine.cut_at is None and row.mark in clients:
            found.append(notices.client_lost(machine, row.mark, row.since))
    return found


def _connections(pairings: Iterable[Pairing]) -> list[Pairing]:
    return [each for each in pairings if lifecycle.connected(each) and each.client_pubkey]
