"""Adding, changing, describing and removing machines. Pairing them is in `pairing.py`."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from lnbits.helpers import urlsafe_short_hash
from sqlalchemy.exc import IntegrityError

from .. import crud, lifecycle
from ..changes import announce_changed
from ..clock import Clock
from ..errors import EditedMeanwhile, InvalidInput, NotFound, WalletInUse
from ..failures import log_failure
from ..keys import npub, pubkey_hex
from ..models import (
    AfterCut,
    ListedMachine,
    Machine,
    MachineEdit,
    Pairing,
    PairingStanding,
)
from ..schemas.machine_list import FirstSteps, MachinesAnswer, WalletAnswer
from ..schemas.machines import (
    CreateMachine,
    MachineAnswer,
    PairingAnswer,
    RevokeResult,
    UpdateMachine,
)
from ..seed import fingerprint
from ..steps import quotas
from ..steps.revoke import cut_here, pass_cut_on, remove_cut
from ..store import details, journal, machine_list, pairing_rows
from ..store.balances import get_balances
from ..store.lnbits_tables import standing_names, standing_wallets, wallets_of
from ..store.search_key import search_key, tags_key

FORMS: dict[str, Callable[[Any], str]] = {
    "name": search_key,
    "location": search_key,
    "tags": tags_key,
}
"""What of a machine is searched in a form of its own."""


async def get_own(machine_id: str, operator_user_id: str) -> Machine:
    """The operator's machine; NotFound when it is not there or not theirs."""
    machine = await crud.get_machine(machine_id)
    if machine is None or machine.operator_user_id != operator_user_id:
        raise NotFound()
    return machine


async def add(data: CreateMachine, operator_user_id: str, clock: Clock) -> Machine:
    """A new machine; without a wallet, one named after the machine is made."""
    wallet_id = data.wallet_id
    if wallet_id is not None:
        await guard_wallet(wallet_id, operator_user_id)
    return (await add_all([data], operator_user_id, clock))[0]


async def add_all(
    wanted: Sequence[CreateMachine], operator_user_id: str, clock: Clock
) -> list[Machine]:
    """A new machine for each, with a wallet each. TooManyMachines and WalletInUse are raised before
    anything is added, unless somebody else takes the place meanwhile; of many, some are together
    (`create_machines`)."""
    now = clock()
    new = [_new(data, operator_user_id, now) for data in wanted]
    lines = [
        journal.line_about(machine, "machine", "added", actor=operator_user_id, at=now)
        for machine in new
    ]
    async with _wallet_still_free():
        try:
            added = await quotas.add_machines(new, lines)
        finally:
            announce_changed(operator_user_id)
    return added


def _new(data: CreateMachine, operator_user_id: str, now: datetime) -> Machine:
    return Machine(
        id=urlsafe_short_hash(),
        operator_user_id=operator_user_id,
        wallet_id=data.wallet_id,
        name=data.name,
        location=data.location,
        tags=data.tags,
        fiat_code=data.fiat_code,
        created_at=now,
        updated_at=now,
    )


async def edit(machine: Machine, data: UpdateMachine, actor: str, clock: Clock) -> Machine:
    """Writes what is given. A machine set inactive leaves the roster with this one statement.

    Raises WalletInUse, and EditedMeanwhile when another version than this is to be changed.
    """
    given = data.dict(exclude_unset=True, exclude={"version"})
    changes = {name: value for name, value in given.items() if value is not None}
    if changes.get("silent_minutes") == 0:
        changes["silent_minutes"] = None
    wallet_id = changes.get("wallet_id")
    if wallet_id is not None and wallet_id != machine.wallet_id:
        await guard_wallet(wallet_id, machine.operator_user_id)
    now = clock()
    edited = machine.copy(update={**changes, "updated_at": now})
    # Without the columns that were not given: somebody else may be setting the machine inactive.
    written = {**changes, **_sought(changes)}
    columns = MachineEdit.construct(id=machine.id, updated_at=now, **written)
    async with _wallet_still_free():
        if not await crud.update_machine(columns, data.version):
            await get_own(machine.id, machine.operator_user_id)
            raise EditedMeanwhile(
                "Somebody has changed this machine since you read it; look at it and change it "
                "once more."
            )
    changed = details.told("fields", fields=", ".join(sorted(changes)))
    await journal.about(machine, "machine", "changed", actor=actor, at=now, detail=changed)
    return await crud.get_machine(machine.id) or edited


def _sought(changes: dict[str, Any]) -> dict[str, str]:
    """How the texts that change are searched and sorted from now on."""
    return {
        f"{name}_sought": form(changes[name]) for name, form in FORMS.items() if name in changes
    }


async def remove(machine: Machine, *, actor: str, clock: Clock) -> RevokeResult:
    """Cuts the machine off and removes it, then has the bunker do its part.

    What that does not do now stays owed. Once it is cut nothing raises: a removal that fails
    half-way is `pending`, and the background finishes it.
    """
    await cut_here(machine, actor=actor, clock=clock, after=AfterCut.REMOVE)
    with log_failure(f"the removal of {machine.id}") as removed:
        await remove_cut(machine, actor=actor, clock=clock)
    result = await pass_cut_on(machine, actor=actor, clock=clock)
    return result.copy(update={"bunker": "pending"}) if removed.failure else result


async def wallets(operator_user_id: str) -> list[WalletAnswer]:
    """The operator's wallets, and which machine each serves."""
    serving = await crud.get_wallets_in_use(operator_user_id)

    return [
        WalletAnswer(id=wallet_id, name=name, machine_id=serving.get(wallet_id))
        for wallet_id, name in await wallets_of(operator_user_id)
    ]


async def guard_wallet(wallet_id: str, operator_user_id: str) -> None:
    """InvalidInput when it is not the operator's, WalletInUse when it serves another machine."""
    if wallet_id not in await standing_wallets([wallet_id], operator_user_id):
        raise InvalidInput(
            "wallet_id: you have no such wallet; choose one of yours.",
            field="wallet_id",
            reason="no_such_wallet",
        )
    if await crud.get_machine_by_wallet(wallet_id) is not None:
        raise _wallet_in_use()


@asynccontextmanager
async def _wallet_still_free() -> AsyncIterator[None]:
    """Two requests may choose one wallet at the same moment; the unique index lets one through."""
    try:
        yield
    except IntegrityError:
        raise _wallet_in_use() from None


def _wallet_in_use() -> WalletInUse:
    return WalletInUse(
        "That wallet serves another machine; choose another, or leave it out.", field="wallet_id"
    )


async def list_page(
    operator_user_id: str, query: machine_list.MachineQuery, clock: Clock
) -> MachinesAnswer:
    """One page of the operator's machines, each with its state."""
    page = await machine_list.get_machines(operator_user_id, query)
    return MachinesAnswer(
        data=await _with_balances(await _describe_listed(page.data, clock), clock),
        total=page.total,
        counts=page.counts,
        first_steps=await _first_steps(operator_user_id, page.data),
    )


async def _first_steps(operator_user_id: str, shown: list[ListedMachine]) -> FirstSteps:
    """Most pages tell it by themselves."""
    if any(machine.last_seen_at for machine in shown):
        return FirstSteps(added=True, heard=True)
    begun = await machine_list.get_begun(operator_user_id)
    return FirstSteps(added=begun.added, heard=begun.heard)


async def describe_one(machine: Machine, clock: Clock) -> MachineAnswer:
    """A machine as its operator sees it, from what is known here; NotFound when it is gone."""
    described = await describe_all([machine], clock)
    if not described:
        raise NotFound()
    return described[0]


async def describe_all(machines: Iterable[Machine], clock: Clock) -> list[MachineAnswer]:
    """All of one operator, in this order, but for those that are gone."""
    described = await describe_ids([machine.id for machine in machines], clock)
    return await _with_balances(described, clock)


async def _with_balances(machines: list[MachineAnswer], clock: Clock) -> list[MachineAnswer]:
    held = {machine.wallet_id: machine for machine in machines if machine.wallet_ok}
    for wallet_id, balance in (await get_balances([*filter(None, held)], clock)).items():
        held[wallet_id].balance_sat = balance.sat
        held[wallet_id].balance_at = balance.at
    return machines


async def describe_ids(ids: Sequence[str], clock: Clock) -> list[MachineAnswer]:
    """The same, by their ids, and without what is in their wallets."""
    listed = await machine_list.get_listed(ids)
    return await _describe_listed([listed[id_] for id_ in ids if id_ in listed], clock)


async def _describe_listed(machines: list[ListedMachine], clock: Clock) -> list[MachineAnswer]:
    if not machines:
        return []
    operator = machines[0].operator_user_id
    wallets = await standing_names([m.wallet_id for m in machines if m.wallet_id], operator)
    pairings = await pairing_rows.get_standings([machine.id for machine in machines])
    now = clock()
    return [
        _describe(machine, pairings[machine.id], wallets.get(machine.wallet_id or ""), now)
        for machine in machines
    ]


def _describe(
    machine: ListedMachine,
    pairings: list[PairingStanding],
    wallet_name: str | None,
    now: datetime,
) -> MachineAnswer:
    stands = lifecycle.standing(machine, pairings, now)
    pubkey = _pubkey_or_none(machine.machine_npub)
    shown = {
        **dict(machine),
        "wallet_ok": wallet_name is not None,
        "wallet_name": wallet_name,
        "spire_npub": npub(pubkey) if pubkey else None,
        "spire_fingerprint": fingerprint(pubkey) if pubkey else None,
        "state": stands.state,
        "reason": stands.reason,
        "since": stands.since,
        "connected_since": lifecycle.connected_since(machine, pairings, now),
    }
    return MachineAnswer(**shown)


def _pubkey_or_none(typed: str | None) -> str | None:
    """None for an unpaired machine, and for what somebody typed by hand into an older version."""
    try:
        return pubkey_hex(typed) if typed else None
    except InvalidInput:
        return None


def describe_pairing(pairing: Pairing) -> PairingAnswer:
    shown = fingerprint(pairing.client_pubkey) if pairing.client_pubkey else None
    return PairingAnswer(
        **pairing.dict(),
        fingerprint=shown,
        connected=lifecycle.connected(pairing),
        confirming=lifecycle.confirming(pairing),
    )
