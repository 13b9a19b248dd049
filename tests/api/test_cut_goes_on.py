"""Whatever goes wrong once a machine is cut here: the answer stays that of a cut, what the bunker
owes is found again, and the machine signs no more in the end."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from api.fleets import revoke_all
from nostr_sdk import Keys
from support.failing import SECRET, UnforeseenError, fails, logged
from support.host import Caller, Host
from support.movable_clock import MovableClock
from support.redeeming import paired, redeem, sign
from support.settings_patch import SettingsPatch
from support.stored_here import all_pairings

AFTER_THE_CUT = [
    ("store.journal", "about"),
    ("store.pairing_rows", "get_history"),
    ("store.owed_rows", "get_owed"),
    ("store.owed_rows", "create_owed"),
    ("store.pairing_rows", "move_pairing"),
    ("crud", "set_cut_owed"),
    ("steps.revoke", "open_bunker"),
    ("store.owed_rows", "claim_owed"),
    ("steps.owed_revocations", "_Cleaning.run"),
    ("store.owed_rows", "delete_owed"),
]
ONLY_TOLD = ("about", "create_cut_entries", "set_never_paired_owed")
"""What fails here leaves nothing to be done."""
Connected = tuple[str, str, Keys]


async def connected(host: Host, as_: Caller | None = None) -> Connected:
    """A machine that signs: its id, its key, its client's."""
    machine_id, seed, client = await paired(host, as_=as_)
    assert (await host.api("GET", f"/roster/{seed['spire_npub']}", as_=as_)).status_code == 200
    assert "error" not in await sign(host, seed["spire_pubkey"], client)
    return machine_id, seed["spire_pubkey"], client


async def routes(host: Host, pubkey: str, as_: Caller | None = None) -> bool:
    return (await host.api("GET", f"/roster/{pubkey}", as_=as_)).status_code == 200


@pytest.fixture(autouse=True)
def time(monkeypatch: pytest.MonkeyPatch) -> MovableClock:
    """What the background goes by."""
    clock = MovableClock(datetime.now(timezone.utc))
    monkeypatch.setattr(f"{__name__}._time", clock)
    return clock


_time = MovableClock()


async def background() -> None:
    """What it does in time, later than anything was put off to."""
    from spirekeeper import tasks
    from spirekeeper.steps import owed_revocations, recovery

    for work in (recovery.finish_interrupted, owed_revocations.settle_owed):
        _time.move(minutes=2)
        await tasks.each(work, clock=_time)()


async def is_cut_off(host: Host, machine: Connected) -> None:
    from spirekeeper import crud
    from spirekeeper.store import owed_rows

    machine_id, pubkey, client = machine
    await background()
    assert await owed_rows.get_owed(machine_id) == []
    left = await crud.get_machine(machine_id)
    assert left is None or left.after_cut is None
    assert (await sign(host, pubkey, client))["error"] == "Not authorized"


def break_(monkeypatch: pytest.MonkeyPatch, module: str, name: str) -> None:
    owner: Any = import_module(f"spirekeeper.{module}")
    *within, name = name.split(".")
    for each in within:
        owner = getattr(owner, each)
    monkeypatch.setattr(owner, name, fails)


@pytest.mark.parametrize(("module", "name"), AFTER_THE_CUT, ids=lambda each: each)
async def test_a_revoke_goes_on_whatever_fails(host: Host, module: str, name: str) -> None:
    machine = machine_id, pubkey, _ = await connected(host)
    with logged() as lines, pytest.MonkeyPatch.context() as broken:
        break_(broken, module, name)
        answer = await host.api("POST", f"/machines/{machine_id}/revoke")
    assert answer.status_code == 200, answer.text
    result = answer.json()
    assert result["cut"] is True
    if name not in ONLY_TOLD:
        assert (result["bunker"], result["outstanding"] > 0) == ("pending", True)
        told = {("revoke", "unfinished"), ("revoke_key", "UnforeseenError")}
        assert told & set(await host.journaled(machine_id))
    assert not await routes(host, pubkey)
    assert [line for line in lines if "UnforeseenError at " in line]
    assert SECRET not in "".join(lines) + answer.text
    await is_cut_off(host, machine)


@pytest.mark.parametrize(
    ("module", "name"), [*AFTER_THE_CUT, ("crud", "delete_machine")], ids=lambda each: each
)
async def test_a_removal_goes_on_whatever_fails(host: Host, module: str, name: str) -> None:
    machine = machine_id, pubkey, _ = await connected(host)
    with pytest.MonkeyPatch.context() as broken:
        break_(broken, module, name)
        answer = await host.api("DELETE", f"/machines/{machine_id}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["bunker"] == ("done" if name in ONLY_TOLD else "pending")
    assert not await routes(host, pubkey)
    await is_cut_off(host, machine)
    assert (await host.api("GET", f"/machines/{machine_id}")).status_code == 404


@pytest.mark.parametrize(
    ("module", "name"),
    [
        *AFTER_THE_CUT[1:],
        ("crud", "get_machines_cut_at"),
        ("crud", "set_never_paired_owed"),
        ("store.journal", "create_cut_entries"),
    ],
    ids=lambda each: each,
)
async def test_an_emergency_stop_goes_on_whatever_fails(
    host: Host, newcomer: Caller, module: str, name: str
) -> None:
    fleet = [await connected(host, newcomer) for _ in range(2)]
    never_paired = await host.add_machine(newcomer)
    with pytest.MonkeyPatch.context() as broken:
        break_(broken, module, name)
        result = await revoke_all(host, 2, newcomer)
    assert (result["cut"], result["done"] + result["pending"]) == (2, 2)
    if name not in ONLY_TOLD:
        assert result["pending"] == 2
    for machine in fleet:
        assert not await routes(host, machine[1], newcomer)
        await is_cut_off(host, machine)
    answer = await host.api("GET", f"/machines/{never_paired}", as_=newcomer)
    assert answer.json()["state"] == "unpaired"


@pytest.mark.parametrize(("module", "name"), AFTER_THE_CUT[:6], ids=lambda each: each)
async def test_revoke_now_cuts_whatever_becomes_of_the_seed(
    host: Host, module: str, name: str
) -> None:
    machine = machine_id, pubkey, _ = await connected(host)
    with pytest.MonkeyPatch.context() as broken:
        break_(broken, module, name)
        with suppress(UnforeseenError):  # the seed's, which is a 500 to who asked
            body = host.pair_request(revoke_now=True)
            await host.api("POST", f"/machines/{machine_id}/pair", body)
    assert not await routes(host, pubkey)
    await is_cut_off(host, machine)


AFTER_THE_END = [
    ("store.journal", "about"),
    ("crud", "set_machine_state"),
    ("steps.verdict", "open_bunker"),
    ("store.owed_rows", "claim_owed"),
    ("steps.owed_revocations", "_Cleaning.run"),
]


@pytest.mark.parametrize(("module", "name"), AFTER_THE_END, ids=lambda each: each)
@pytest.mark.parametrize("verdict", ["cancel", "reject"])
async def test_an_ended_seed_stays_ended_whatever_fails(
    host: Host, verdict: str, module: str, name: str
) -> None:
    from spirekeeper.store import owed_rows

    machine_id, thief = await host.add_machine(), Keys.generate()
    seed = await host.pair(machine_id, require_confirmation=True)
    method, path, body = "DELETE", f"/machines/{machine_id}/pairing", None
    if verdict == "reject":
        assert (await redeem(host, seed["seed_url"], thief))["result"] == "ack"
        assert (await host.pairing(machine_id))["state"] == "confirming"
        body = {"client_pubkey": thief.public_key().to_hex()}
        method, path = "POST", f"{path}/reject"
    with logged() as lines, pytest.MonkeyPatch.context() as broken:
        break_(broken, module, name)
        answer = await host.api(method, path, body)
    assert answer.status_code == 200, answer.text
    if name not in ("about", "set_machine_state"):
        assert answer.json()["bunker"] == "pending"
    assert [line for line in lines if "UnforeseenError at " in line]
    assert SECRET not in "".join(lines)
    await background()
    assert await owed_rows.get_owed(machine_id) == []
    if verdict == "reject":
        assert (await sign(host, seed["spire_pubkey"], thief))["error"] == "Not authorized"
    else:
        assert (await redeem(host, seed["seed_url"]))["result"] == "error"


async def test_a_wrong_setting_does_not_stop_a_cut(host: Host, newcomer: Caller) -> None:
    """As it was found: the answers were 400, and the machines signed on."""
    revoked, removed = await connected(host), await connected(host)
    stopped = await connected(host, newcomer)
    with SettingsPatch.context() as broken:
        broken.setenv("SPIREKEEPER_ALLOW_PRIVATE_RELAYS", "perhaps")
        for method, path in (
            ("POST", f"/machines/{revoked[0]}/revoke"),
            ("DELETE", f"/machines/{removed[0]}"),
        ):
            answer = await host.api(method, path)
            assert (answer.status_code, answer.json()["bunker"]) == (200, "pending"), answer.text
        assert (await revoke_all(host, 1, newcomer))["pending"] == 1
        await background()  # fails too, and leaves all as it is
    for machine in (revoked, removed, stopped):
        await is_cut_off(host, machine)


async def test_a_revoke_that_is_cancelled_in_the_middle_is_found_again(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper import crud
    from spirekeeper.clock import utc_now
    from spirekeeper.steps import revoke
    from spirekeeper.store import owed_rows

    machine = await connected(host)
    row = await crud.get_machine(machine[0])
    assert row is not None
    reached = asyncio.Event()

    async def hangs(*_: Any) -> None:
        reached.set()
        await asyncio.Event().wait()

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(owed_rows, "create_owed", hangs)
        revoking = asyncio.create_task(
            revoke.revoke_spire(row, actor=host.operator.user_id, clock=utc_now)
        )
        await asyncio.wait_for(reached.wait(), 5)
        revoking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await revoking
    await is_cut_off(host, machine)


async def test_a_cut_with_nothing_open_is_found_again_too(host: Host) -> None:
    """A stranger on the key of a machine whose session is over: no open pairing leads to it."""
    from spirekeeper.clock import utc_now
    from spirekeeper.models import PairingState
    from spirekeeper.steps.standing import end_pairing
    from spirekeeper.store import owed_rows

    machine = machine_id, pubkey, stranger = await connected(host)
    [pairing] = await all_pairings([machine_id])
    assert await end_pairing(pairing, PairingState.LAPSED, "session_ended", utc_now())
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(owed_rows, "create_owed", fails)
        answer = await host.api("POST", f"/machines/{machine_id}/revoke")
    assert (answer.status_code, answer.json()["bunker"]) == (200, "pending")
    assert "error" not in await sign(host, pubkey, stranger)
    await is_cut_off(host, machine)


async def test_a_machine_that_was_paired_again_is_not_removed_any_more(host: Host) -> None:
    """Its removal had failed half-way; it is paired right after the background found that."""
    from spirekeeper.store import pairing_rows

    machine = await connected(host)
    with pytest.MonkeyPatch.context() as broken:
        break_(broken, "crud", "delete_machine")
        assert (await host.api("DELETE", f"/machines/{machine[0]}")).status_code == 200
    find = pairing_rows.get_unfinished_cuts

    async def paired_right_after(before: datetime) -> Any:
        found = await find(before)
        assert machine[0] in {each.id for each in found}
        await host.pair(machine[0])
        return found

    with pytest.MonkeyPatch.context() as raced:
        raced.setattr(pairing_rows, "get_unfinished_cuts", paired_right_after)
        await background()
    await background()
    assert (await host.pairing(machine[0]))["state"] == "awaiting_scan"
    await host.api("POST", f"/machines/{machine[0]}/revoke")
    await is_cut_off(host, machine)
    assert (await host.api("GET", f"/machines/{machine[0]}")).status_code == 200


async def test_one_bad_row_keeps_no_other_from_being_settled(host: Host) -> None:
    """One is of a kind that a later version owes; one is not even to be read."""
    from spirekeeper.steps import owed_revocations
    from spirekeeper.store import database

    machines = [await connected(host) for _ in range(3)]
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr("spirekeeper.steps.revoke.open_bunker", fails)
        for machine_id, _, _ in machines:
            await host.api("POST", f"/machines/{machine_id}/revoke")
    spoil = f"UPDATE {database.OWED} SET next_at = created_at, "
    for column, machine in (("kind", machines[0]), ("relays", machines[1])):
        sql = f"{spoil} {column} = 'of tomorrow' WHERE machine_id = :id"
        await database.db.execute(sql, {"id": machine[0]})
    with logged() as lines:
        for _ in range(3):
            await background()
    assert (await sign(host, *machines[2][1:]))["error"] == "Not authorized"
    assert sum("reading OwedRevocation" in line for line in lines) == 2  # once each
    for column, was, machine in (
        ("kind", owed_revocations.OwedKind.REVOKE_KEY.value, machines[0]),
        ("relays", "[]", machines[1]),
    ):
        sql = f"UPDATE {database.OWED} SET {column} = :was WHERE machine_id = :id"
        await database.db.execute(sql, {"was": was, "id": machine[0]})
        await is_cut_off(host, machine)


async def test_one_attempt_that_fails_keeps_no_other_from_being_settled(host: Host) -> None:
    from spirekeeper.steps import owed_revocations

    machines = [await connected(host) for _ in range(2)]
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr("spirekeeper.steps.revoke.open_bunker", fails)
        for machine_id, _, _ in machines:
            await host.api("POST", f"/machines/{machine_id}/revoke")
    run = owed_revocations._Cleaning.run

    async def fails_for_the_first(self: Any) -> Any:
        if self._owed.machine_id == machines[0][0]:
            raise UnforeseenError(SECRET)
        return await run(self)

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(owed_revocations._Cleaning, "run", fails_for_the_first)
        await background()
    assert (await sign(host, *machines[1][1:]))["error"] == "Not authorized"
    assert ("revoke_key", "UnforeseenError") in await host.journaled(machines[0][0])
    await is_cut_off(host, machines[0])


async def test_what_fails_before_it_does_not_keep_the_bunker_from_being_asked(host: Host) -> None:
    """Ends by the clock come first in a round; while they failed, nothing was settled."""
    from spirekeeper import tasks
    from spirekeeper.clock import utc_now
    from spirekeeper.steps import owed_revocations

    machine = await connected(host)
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr("spirekeeper.steps.revoke.open_bunker", fails)
        await host.api("POST", f"/machines/{machine[0]}/revoke")
    with logged() as lines:
        later = tasks.each(
            fails, owed_revocations.settle_owed, clock=lambda: utc_now() + timedelta(hours=1)
        )
        for _ in range(3):
            await later()
    assert (await sign(host, *machine[1:]))["error"] == "Not authorized"
    [told] = [line for line in lines if "the background's fails" in line]
    assert "UnforeseenError at tasks.py" in told
    assert SECRET not in told
    await is_cut_off(host, machine)


async def test_what_can_never_be_settled_holds_up_nothing(host: Host) -> None:
    """The background took the fifty that had waited longest."""
    from spirekeeper.models import OwedKind, OwedRevocation
    from spirekeeper.store import owed_rows

    machine = machine_id, _, _ = await connected(host)
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr("spirekeeper.steps.revoke.open_bunker", fails)
        await host.api("POST", f"/machines/{machine_id}/revoke")
    [owed] = await owed_rows.get_owed(machine_id)
    long_ago = {"created_at": _time() - timedelta(days=9), "next_at": _time() - timedelta(days=8)}
    older = [
        OwedRevocation(
            **{
                **owed.dict(),
                **long_ago,
                "id": uuid4().hex,
                "machine_id": "gone",
                "kind": OwedKind.BURN_TOKEN,
                "key_name": f"spire-{uuid4().hex}",  # no such key
            }
        )
        for _ in range(51)
    ]
    for each in older:
        await owed_rows.create_owed(each)
    await is_cut_off(host, machine)
    for each in older:
        await owed_rows.delete_owed(each.id)


async def test_another_bunkers_debt_is_not_counted_as_tried(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it was found: its first attempt at the right bunker was no first one, and left no line."""
    from spirekeeper.store import owed_rows

    machine = machine_id, _, _ = await connected(host)
    with SettingsPatch.context() as elsewhere:
        other = Keys.generate().public_key().to_hex()
        elsewhere.setenv("SPIREKEEPER_BUNKER_URL", f"bunker://{other}?relay={host.relay.url}")
        answer = await host.api("POST", f"/machines/{machine_id}/revoke")
    assert (answer.json()["bunker"], answer.json()["outstanding"]) == ("pending", 1)
    [owed] = await owed_rows.get_owed(machine_id)
    assert owed.tries == 0
    with pytest.MonkeyPatch.context() as broken:
        break_(broken, "steps.owed_revocations", "_Cleaning.run")
        await background()
    assert ("revoke_key", "UnforeseenError") in await host.journaled(machine_id)
    await is_cut_off(host, machine)
