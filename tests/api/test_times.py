"""A moment that is written is the moment that is read, whatever the database's own time zone."""

import asyncio
import os
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from spirekeeper.devkit.postgres import Postgres
from support.databases import ON_POSTGRES
from support.host import Host
from support.stored_here import all_pairings

if TYPE_CHECKING:
    from spirekeeper.models import Pairing

NOW = datetime(2026, 11, 23, 12, 30, 15, 250_000, tzinfo=timezone.utc)
LATER = NOW + timedelta(minutes=1)


def intent(machine_id: str) -> "Pairing":
    """A pairing before the bunker is asked."""
    from spirekeeper.models import Pairing

    return Pairing(
        id=uuid4().hex,
        machine_id=machine_id,
        key_name=uuid4().hex,
        bunker_pubkey="b",
        passphrase_id="p",
        client_name=uuid4().hex,
        bunker_relay="r",
        relays=["r"],
        created_at=NOW,
        scan_before=LATER,
        session_expires_at=LATER,
    )


async def test_of_a_machine(host: Host) -> None:
    from spirekeeper import crud
    from spirekeeper.models import MachineState
    from spirekeeper.store import leases

    id_ = await host.add_machine()

    async def read(column: str) -> datetime | None:
        machine = await crud.get_machine(id_)
        return getattr(machine, column)  # type: ignore[no-any-return]

    assert await crud.set_machine_lock(id_, "key_locked", NOW)
    assert not await crud.set_machine_lock(id_, "key_locked", LATER)
    assert await read("locked_at") == NOW
    assert await crud.set_machine_lock(id_, None, LATER)
    assert not await crud.set_machine_lock(id_, None, LATER)
    assert await read("locked_at") is None

    assert await crud.set_machine_flag(id_, "second_client", NOW)
    assert not await crud.set_machine_flag(id_, "unknown_user", LATER)
    assert await read("flagged_at") == NOW
    assert await crud.set_machine_flag(id_, None, LATER)
    assert await read("flagged_at") is None

    assert await leases.take_lease(id_, "a", NOW, LATER)
    assert await read("busy_until") == LATER
    assert not await leases.take_lease(id_, "b", LATER, LATER + timedelta(minutes=1))
    assert await leases.take_lease(id_, "b", LATER + timedelta(seconds=1), LATER)
    await crud.set_machine_state(id_, MachineState.UNKNOWN)
    await crud.set_machine_unpaired(id_, LATER)
    await crud.set_machine_state(id_, MachineState.PAIRED)
    assert (await read("cut_at"), await read("state")) == (LATER, MachineState.REVOKED)


async def test_of_what_a_pair_has_come_to(host: Host) -> None:
    from spirekeeper import crud
    from spirekeeper.models import MachineState, PairingState
    from spirekeeper.store import journal, leases, pairing_rows

    machine = await crud.get_machine(await host.add_machine())
    assert machine is not None
    assert await leases.take_lease(machine.id, "a", NOW, LATER)
    pairing = intent(machine.id)
    await pairing_rows.create_pairing(pairing)
    seed = {"state": PairingState.ISSUED, "spire_pubkey": "a" * 64, "token_id": "1"}
    write = partial(
        crud.set_machine_pairing,
        machine,
        pairing.copy(update={**seed, "issued_at": NOW}),
        journal.line_about(machine, "pair", "seed_issued", actor="a", at=NOW),
        pubkey=uuid4().hex * 2,
        key_name="spire-a",
        state=MachineState.AWAITING_SCAN,
    )
    assert not await write(holder="b")
    assert await write(holder="a")
    assert not await write(holder="a")
    written = await crud.get_machine(machine.id)
    assert written is not None
    assert (written.paired_at, written.updated_at) == (NOW, NOW)
    assert (written.busy_by, written.busy_until) == (None, None)
    (issued,) = await all_pairings([machine.id])
    assert (issued.state, issued.issued_at, issued.token_id) == ("issued", NOW, "1")
    # Left open, it would be one of another bunker's for every later test.
    ended = issued.copy(update={"state": PairingState.CANCELLED, "ended_at": LATER})
    assert await pairing_rows.move_pairing(ended, issued.state)


async def test_of_a_pairing(host: Host) -> None:
    from spirekeeper.models import PairingState
    from spirekeeper.store import clock_rows, pairing_rows

    pairing = intent(uuid4().hex)
    # The first to be ended, however many other tests have left.
    pairing = pairing.copy(update={"scan_before": NOW - timedelta(days=3650)})
    await pairing_rows.create_pairing(pairing)
    for state, column in (("issued", "issued_at"), ("redeemed", "redeemed_at")):
        moved = pairing.copy(update={"state": PairingState(state), column: NOW})
        assert await pairing_rows.move_pairing(moved, pairing.state)
        assert not await pairing_rows.move_pairing(moved, pairing.state)
        pairing = moved
    assert await all_pairings([pairing.machine_id]) == [pairing]
    assert pairing.id not in [p.id for p in await clock_rows.get_ended_by_clock(NOW)]
    assert pairing.id in [p.id for p in await clock_rows.get_ended_by_clock(LATER)]
    ended = pairing.copy(update={"state": PairingState.REVOKED, "ended_at": LATER})
    assert await pairing_rows.move_pairing(ended, pairing.state)
    assert await all_pairings([pairing.machine_id]) == [ended]


async def test_of_what_is_owed(host: Host) -> None:
    from spirekeeper.models import OwedKind, OwedRevocation
    from spirekeeper.store import owed_rows

    owed = OwedRevocation(
        id=uuid4().hex,
        kind=OwedKind.REVOKE_KEY,
        machine_id=uuid4().hex,
        operator_user_id="o",
        bunker_pubkey="b",
        key_name="k",
        relays=["r"],
        next_at=NOW,
        created_at=NOW,
    )
    await owed_rows.create_owed(owed)
    assert await owed_rows.claim_owed(owed, LATER)
    assert not await owed_rows.claim_owed(owed, LATER)
    assert await owed_rows.get_owed(owed.machine_id) == [
        owed.copy(update={"tries": 1, "next_at": LATER})
    ]
    assert owed.id not in [each.id for each in await owed_rows.get_due(NOW, owed.bunker_pubkey)]
    assert owed.id in [each.id for each in await owed_rows.get_due(LATER, owed.bunker_pubkey)]
    await owed_rows.delete_owed(owed.id)


@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite keeps the seconds")
@pytest.mark.parametrize("zone", ["UTC", None])
async def test_of_what_is_brought_over_from_sqlite(
    host: Host, cluster: Postgres, zone: str | None
) -> None:
    """LNbits' `conv.py`, which is not in its package, inserts seconds by `to_timestamp`. Like psql
    it takes its zone from PGTZ, else the server's, and then the time is another one."""
    from spirekeeper import crud

    id_, at = uuid4().hex, f"to_timestamp({NOW.timestamp()})"
    insert = (
        "INSERT INTO spirekeeper.dca_machines (id, operator_user_id, name, created_at, updated_at) "
        f"VALUES ('{id_}', 'somebody', 'North', {at}, {at})"
    )
    environment = {"PATH": os.environ["PATH"], **({"PGTZ": zone} if zone else {})}
    psql = await asyncio.create_subprocess_exec(
        "psql", cluster.url(), "-c", insert, env=environment
    )
    assert await psql.wait() == 0
    machine = await crud.get_machine(id_)
    await crud.delete_machine(id_)
    assert machine is not None
    assert (machine.created_at == NOW) is (zone == "UTC")
