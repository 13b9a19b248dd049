"""An operator whose account is deactivated or deleted: nothing is routed, their machines are cut in
time, and the superuser sees what nobody else can."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from nostr_sdk import Keys
from support.failing import fails
from support.host import Caller, Host
from support.movable_clock import MovableClock
from support.redeeming import paired, sign
from support.settling import settle

Machine = tuple[str, str, Keys]


async def connected(host: Host, as_: Caller) -> Machine:
    """A machine that signs: its id, its key, its client's."""
    machine_id, seed, client = await paired(host, as_=as_, name="Nobody's <b>")
    assert (await host.api("GET", f"/roster/{seed['spire_npub']}", as_=as_)).status_code == 200
    return machine_id, seed["spire_pubkey"], client


async def signs(host: Host, machine: Machine) -> bool:
    return "error" not in await sign(host, *machine[1:])


async def toggle(host: Host, operator: Caller) -> None:
    path = f"/users/api/v1/user/{operator.user_id}/activate"
    answer = await host.client.request("PUT", path, headers=host.superuser.headers)
    assert answer.json()["success"], answer.text


async def delete(host: Host, operator: Caller) -> None:
    path = f"/users/api/v1/user/{operator.user_id}"
    answer = await host.client.request("DELETE", path, headers=host.superuser.headers)
    assert answer.json()["success"], answer.text


GONE = pytest.mark.parametrize("gone", [toggle, delete], ids=["deactivated", "deleted"])


async def shown(host: Host, machine_id: str) -> dict[str, Any] | None:
    """The machine as the superuser sees it among those without an operator."""
    answer = await host.api("GET", "/abandoned", as_=host.superuser, params={"limit": 500})
    assert answer.status_code == 200, answer.text
    return next((each for each in answer.json()["data"] if each["id"] == machine_id), None)


async def told(host: Host, machine_id: str, as_: Caller) -> list[str]:
    answer = await host.api("GET", "/notices", as_=as_, params={"limit": 500})
    assert answer.status_code == 200, answer.text
    return [each["code"] for each in answer.json()["data"] if each["machine_id"] == machine_id]


async def held_fast(host: Host) -> int:
    """How many machines keep the superuser from forgetting the bunker."""
    answer = await host.api("DELETE", "/bunker", as_=host.superuser)
    return int(answer.json()["detail"].split()[0]) if answer.status_code == 409 else 0


@pytest.fixture
async def background(host_clock: MovableClock) -> AsyncIterator[Any]:
    """One look of the background at who is gone."""
    from spirekeeper.fleet import abandoned
    from spirekeeper.store import gone_operators

    async def look() -> None:
        await abandoned.cut_abandoned(host_clock)

    yield look
    await gone_operators.forget_gone(await gone_operators.get_gone())


async def test_the_registered_resolver_is_silent_for_a_deactivated_operator(
    host: Host, newcomer: Caller
) -> None:
    """As it was found: LNbits refused that account's own keys, and the roster answered."""
    from spirekeeper.upkeep import host_roster

    machine = await connected(host, newcomer)
    wallet = (await host.api("GET", f"/machines/{machine[0]}", as_=newcomer)).json()["wallet_id"]
    expected = (newcomer.user_id, wallet, host_roster.SOURCE)
    assert await host_roster.resolve(machine[1]) == expected
    await toggle(host, newcomer)
    assert await host_roster.resolve(machine[1]) is None
    await toggle(host, newcomer)
    assert await host_roster.resolve(machine[1]) == expected
    await delete(host, newcomer)
    assert await host_roster.resolve(machine[1]) is None


@GONE
async def test_a_machine_without_an_operator_is_cut_after_a_day(
    host: Host, newcomer: Caller, host_clock: MovableClock, background: Any, gone: Any
) -> None:
    """As it was found: it signed on for ever, and nobody could do anything about it."""
    from spirekeeper import crud
    from spirekeeper.steps import owed_revocations

    machine = machine_id, _, _ = await connected(host, newcomer)
    fast = await held_fast(host)
    await gone(host, newcomer)
    found = await shown(host, machine_id)
    assert found is not None
    assert (found["name"], found["gone_since"], found["cut_at"]) == ("Nobody's <b>", None, None)
    await background()
    found = await shown(host, machine_id)
    assert found is not None
    assert found["gone_since"] < found["cut_after"]
    host_clock.move(hours=23, minutes=59)
    await background()
    assert await signs(host, machine)
    host_clock.move(minutes=1)
    await background()
    host_clock.move(minutes=1)
    await owed_revocations.settle_owed(host_clock)
    assert not await signs(host, machine)
    found = await shown(host, machine_id)
    assert found is not None
    assert (found["state"], found["owed"], found["cut_after"]) == ("revoked", 0, None)
    assert await held_fast(host) < fast
    row = await crud.get_machine(machine_id)
    assert row is not None
    assert row.after_cut is None
    journal = await host.api(
        "GET", "/journal", as_=host.superuser, params={"machine_id": machine_id}
    )
    assert [(line["event"], line["outcome"]) for line in journal.json()["data"]] == [
        ("abandoned", "cut")
    ]


async def test_an_account_that_comes_back_in_time_finds_its_machines_as_they_were(
    host: Host, newcomer: Caller, host_clock: MovableClock, background: Any
) -> None:
    machine = await connected(host, newcomer)
    await toggle(host, newcomer)
    await background()
    host_clock.move(hours=20)
    await toggle(host, newcomer)
    await background()  # it is back: what was noted is forgotten
    await toggle(host, newcomer)
    host_clock.move(hours=20)
    await background()
    host_clock.move(hours=20)
    await background()
    await toggle(host, newcomer)
    assert await signs(host, machine)
    answer = await host.api("GET", f"/roster/{machine[1]}", as_=newcomer)
    assert answer.status_code == 200
    assert await shown(host, machine[0]) is None


async def test_how_long_is_the_superusers_choice(
    host: Host, newcomer: Caller, background: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = await connected(host, newcomer)
    monkeypatch.setenv("SPIREKEEPER_ABANDONED_HOURS", "0")
    await background()
    assert await signs(host, machine)
    await toggle(host, newcomer)
    await background()
    await settle()
    assert not await signs(host, machine)


async def test_one_that_cannot_be_cut_keeps_no_other_from_it(
    host: Host, newcomer: Caller, background: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.fleet import abandoned

    machines = [await connected(host, newcomer) for _ in range(2)]
    monkeypatch.setenv("SPIREKEEPER_ABANDONED_HOURS", "0")
    await toggle(host, newcomer)
    cut_here = abandoned.cut_here

    async def fails_for_the_first(machine: Any, **named: Any) -> None:
        await (fails if machine.id == machines[0][0] else cut_here)(machine, **named)

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(abandoned, "cut_here", fails_for_the_first)
        await background()
    await settle()
    assert [await signs(host, machine) for machine in machines] == [True, False]
    await background()
    await settle()
    assert not await signs(host, machines[0])


@GONE
@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_the_superuser_cuts_and_removes_one_at_once(
    host: Host, newcomer: Caller, gone: Any, method: str
) -> None:
    machine = machine_id, _, _ = await connected(host, newcomer)
    path = f"/abandoned/{machine_id}" + ("/revoke" if method == "POST" else "")
    answer = await host.api(method, path, as_=host.superuser)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")  # it has an operator
    assert await signs(host, machine)
    fast = await held_fast(host)
    await gone(host, newcomer)
    assert (await host.api(method, path, as_=host.other_operator)).status_code == 403
    answer = await host.api(method, path, as_=host.superuser)
    assert (answer.status_code, answer.json()["bunker"]) == (200, "done"), answer.text
    assert not await signs(host, machine)
    assert await held_fast(host) == fast - 1
    found = await shown(host, machine_id)
    assert (found is None) == (method == "DELETE")
    if found is not None:
        assert (await host.api("DELETE", f"/abandoned/{machine_id}", as_=host.superuser)).json()
        assert await shown(host, machine_id) is None


async def test_the_superuser_is_told_what_the_operator_cannot_be(
    host: Host, newcomer: Caller, host_clock: MovableClock, background: Any
) -> None:
    from spirekeeper import crud

    machine_id, _, _ = await connected(host, newcomer)
    await crud.set_machine_flag(machine_id, "second_client", host_clock())
    assert await told(host, machine_id, host.superuser) == []
    await toggle(host, newcomer)
    await background()
    assert await told(host, machine_id, host.superuser) == ["no_operator"]
    assert await told(host, machine_id, host.other_operator) == []
    await toggle(host, newcomer)
    assert await told(host, machine_id, host.superuser) == []
    assert await told(host, machine_id, newcomer) == ["second_client"]


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
async def test_what_is_owed_for_a_machine_that_is_gone_is_told_to_somebody(
    host: Host,
    newcomer: Caller,
    host_clock: MovableClock,
    known: bool,
) -> None:
    """To its operator, from its pairing; where that does not know, to the superuser."""
    from spirekeeper import crud
    from spirekeeper.store import database, owed_rows

    machine_id, _, _ = await connected(host, newcomer)
    await crud.delete_machine(machine_id)  # as a backup restores it
    if not known:
        await database.db.execute(
            f"UPDATE {database.PAIRINGS} SET operator_user_id = '' WHERE machine_id = :id",
            {"id": machine_id},
        )
    report = await host.api("POST", "/bunker/reconcile", as_=host.superuser)
    assert report.status_code == 200, report.text
    [owed] = await owed_rows.get_owed(machine_id)
    assert owed.operator_user_id == (newcomer.user_id if known else "")
    host_clock.move(minutes=10)
    them, others = (newcomer, host.superuser) if known else (host.superuser, newcomer)
    assert await told(host, machine_id, them) == ["revoke_owed"]
    assert await told(host, machine_id, others) == []
    lines = await host.api("GET", "/journal", as_=them, params={"machine_id": machine_id})
    assert ("reconcile", "access_left") in [
        (line["event"], line["outcome"]) for line in lines.json()["data"]
    ]
    await settle()
    assert await owed_rows.get_owed(machine_id) == []
