"""What is old goes, and nothing that anything depends on."""

import asyncio
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest
from api.histories import NOON, OPEN, histories, pairings_of, unconfirmed
from hypothesis import given, settings
from support.host import Caller, Host
from support.many_rows import insert_many
from support.movable_clock import MovableClock
from support.redeeming import redeem
from support.stored_here import all_pairings

YEARS = timedelta(days=3 * 365)


async def test_a_pairing_goes_only_when_nothing_depends_on_it(host: Host) -> None:
    loop = asyncio.get_running_loop()

    @given(histories)
    @settings(max_examples=100, deadline=None, database=None)
    def judged(drawn: list[dict[str, Any]]) -> None:
        asyncio.run_coroutine_threadsafe(compare(drawn), loop).result(60)

    await asyncio.to_thread(judged)


async def compare(drawn: list[dict[str, Any]]) -> None:
    from spirekeeper import lifecycle
    from spirekeeper.models import Machine
    from spirekeeper.store import old_rows
    from spirekeeper.store.database import MACHINES, PAIRINGS, db

    machine_id = uuid4().hex[:22]
    current = f"spire-{machine_id}-1"
    machine = Machine(
        id=machine_id,
        operator_user_id=machine_id,
        name="North",
        bunker_spire_key_name=current,
        created_at=NOON,
        updated_at=NOON,
    )
    await db.insert(MACHINES, machine)
    if drawn:
        await insert_many(PAIRINGS, pairings_of(machine_id, drawn))
    before = await all_pairings([machine_id])
    await old_rows.delete_pairings("", "z", NOON + YEARS)
    after = await all_pairings([machine_id])
    left = {pairing.id for pairing in after}
    for now in (NOON, NOON + YEARS):
        told = lifecycle.standing(machine, after, now)
        assert told == lifecycle.standing(machine, before, now)
    in_use = {p.key_name for p in before if p.state.value in OPEN} | {current}
    for key in {(p.bunker_pubkey, p.key_name) for p in before}:
        its = [p for p in before if (p.bunker_pubkey, p.key_name) == key]
        kept = {its[0].id, next((p.id for p in its if p.issued_at), its[0].id)}
        kept |= {p.id for p in its if p.state.value in OPEN}
        if key[1] == current or any(p.state.value in OPEN for p in its):
            kept |= {p.id for p in its if p.redeemed_at or unconfirmed(p)} | {its[-1].id}
        assert kept <= left
        if key[1] not in in_use:
            assert len(left & {p.id for p in its}) <= 2


async def test_what_the_bunker_owes_keeps_the_pairings_of_its_key(host: Host) -> None:
    from spirekeeper.steps import owed_revocations
    from spirekeeper.store import old_rows, owed_rows
    from spirekeeper.store.database import PAIRINGS

    machine_id = uuid4().hex[:22]
    ended = {
        "state": "lapsed",
        "generation": 1,
        "bunker": "a",
        "issued": True,
        "redeemed": False,
        "yes": False,
        "confirm": False,
        "session": None,
        "window": 1,
        "reason": "seed_lapsed",
        "clean": True,
        "flagged": False,
    }
    pairings = pairings_of(machine_id, [{**ended, "minute": each} for each in range(4)])
    await insert_many(PAIRINGS, pairings)
    debt = await owed_revocations.owe_token(pairings[0], "u", NOON)
    await old_rows.delete_pairings("", "z", NOON + YEARS)
    assert len(await all_pairings([machine_id])) == 4
    await owed_rows.delete_owed(debt.id)
    await old_rows.delete_pairings("", "z", NOON + YEARS)
    assert [p.id for p in await all_pairings([machine_id])] == [pairings[-1].id]


async def test_years_later_a_machine_works_and_its_older_story_is_gone(
    host: Host, newcomer: Caller, host_clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.store.database import JOURNAL, db
    from spirekeeper.upkeep import retention

    later = datetime.now(timezone.utc) + YEARS
    await retention.remove_old(lambda: later)  # of all that other tests have left
    monkeypatch.setattr(retention, "AT_ONCE", 3)  # more than one statement
    machine_id = await host.add_machine(newcomer)
    path = f"/machines/{machine_id}"
    for _ in range(5):
        seed = (await host.api("POST", f"{path}/pair", host.pair_request(), as_=newcomer)).json()
        host_clock.move(seconds=1)
    await redeem(host, seed["seed_url"])
    status = (await host.api("GET", f"{path}/pairing", as_=newcomer)).json()
    assert status["state"] == "paired"
    assert len(await all_pairings([machine_id])) == 5
    await retention.remove_old(lambda: later)
    kept = await all_pairings([machine_id])
    assert [p.state.value for p in kept] == ["redeemed", "replaced"]  # and the key's first
    found: Any = await db.fetchone(
        f"SELECT COUNT(*) AS lines FROM {JOURNAL} WHERE machine_id = :id", {"id": machine_id}
    )
    assert found["lines"] == 0
    status = (await host.api("GET", f"{path}/pairing", as_=newcomer)).json()
    assert status["state"] == "paired"
    assert (await host.api("GET", f"/roster/{seed['spire_pubkey']}", as_=newcomer)).is_success


async def test_keys_ever_minted_are_never_forgotten(
    host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whoever waits could have keys made without end."""
    from spirekeeper.upkeep import retention

    machine_id = await host.add_machine(newcomer)
    await host.api("POST", f"/machines/{machine_id}/pair", host.pair_request(), as_=newcomer)
    await host.api("DELETE", f"/machines/{machine_id}", as_=newcomer)
    later = datetime.now(timezone.utc) + YEARS
    await retention.remove_old(lambda: later)
    monkeypatch.setenv("SPIREKEEPER_KEYS_AN_OPERATOR", "1")
    machine_id = await host.add_machine(newcomer)
    answer = await host.api(
        "POST", f"/machines/{machine_id}/pair", host.pair_request(), as_=newcomer
    )
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_keys")
