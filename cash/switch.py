"""Switches cash on and off: for a machine, or off for all of an operator's at once."""

from datetime import datetime

from .. import crud, lifecycle
from ..bunker.nip46 import Encryption
from ..cash_models import CashSettings, CashSwitches
from ..changes import announce_changed
from ..clock import Clock
from ..connection.bunker_failures import bunker_errors
from ..connection.open_bunker import open_bunker
from ..errors import CashNeedsNip44, CashUnconfirmed, EditedMeanwhile, InvalidInput, MachineBusy
from ..models import Machine, Pairing, PairingState
from ..orders import MOST_PERCENT, fee_of
from ..schemas.cash import CashAnswer, CashData, CashStopped, RoomAnswer, ToDo
from ..store import cash_in as cash_in_rows
from ..store import cash_list, cash_settings, details, journal, pairing_rows
from ..store.database import db, finished
from ..store.leases import machine_lease
from . import counters
from .cash_in import reserve_of
from .service_key import ensure_key

CAPS = ("cap_order", "cap_hour", "cap_day", "cap_open")


async def describe(machine: Machine, now: datetime, since: datetime | None = None) -> CashAnswer:
    """What the machine may do, what is still to be done until it can, what it may still pay now,
    and what it sold since."""
    settings = await cash_settings.get_cash_settings(machine.id) or _off(machine)
    pairings = await pairing_rows.get_history(machine.id)
    connected = next((p for p in pairings if lifecycle.connected(p)), None)
    return CashAnswer(
        **settings.dict(exclude={"machine_id", "operator_user_id", "refused_why", "refused_at"}),
        to_do=_to_do(settings, machine, connected),
        ready_at=connected.ready_at if connected else None,
        room=await _room(settings, machine, now) if settings.in_on else None,
        sold=await cash_list.get_sold(machine.id, since) if since else None,
        ignored=counters.counted(machine.operator_user_id),
    )


async def _room(settings: CashSettings, machine: Machine, now: datetime) -> RoomAnswer:
    room = await cash_in_rows.get_room(settings, machine.wallet_id or "", now)
    least = reserve_of(settings.smallest - settings.fee_in(settings.smallest))
    return RoomAnswer(**room.dict(), enough=least <= room.now)


def _off(machine: Machine) -> CashSettings:
    return CashSettings(
        machine_id=machine.id,
        operator_user_id=machine.operator_user_id,
        updated_at=machine.updated_at,
    )


def _to_do(settings: CashSettings, machine: Machine, connected: Pairing | None) -> ToDo | None:
    """The first thing that keeps the machine from selling; None: nothing does."""
    if not (settings.out_on or settings.in_on):
        return "switch_on"
    if settings.stopped_at is not None:
        return "stopped"
    if not machine.is_active:
        return "activate"
    if machine.flag is not None:
        return "flagged"
    if machine.wallet_id is None:
        return "wallet"
    if machine.cut_at is not None or connected is None or connected.service_pubkey is None:
        return "pair"
    return None if connected.ready_at is not None else "ask"


async def change(machine: Machine, data: CashData, *, actor: str, clock: Clock) -> CashAnswer:
    """Writes what is given. Switched on, each pairing of the machine asks for confirmation.

    Raises InvalidInput, EditedMeanwhile, MachineBusy while it is being paired, CashUnconfirmed,
    CashNeedsNip44, or a PairingError: without the bunker nobody knows what it speaks.
    """
    async with machine_lease(machine.id, clock) as lease:
        if lease is None:
            raise MachineBusy("Somebody is pairing this machine right now; try again in a minute.")
        old = await cash_settings.get_cash_settings(machine.id)
        was = old or _off(machine)
        if data.version is not None and data.version != was.version:
            raise _edited()
        given = data.dict(exclude_unset=True, exclude={"version"})
        wanted = {name: value for name, value in given.items() if value is not None}
        new = was.copy(update={**wanted, "updated_at": clock()})
        _guard_amounts(new)
        _guard_caps(new)
        if (new.out_on and not was.out_on) or (new.in_on and not was.in_on):
            await _guard_switch_on(machine, clock)
        await _write(machine, old, new, actor=actor)
    announce_changed(machine.operator_user_id)
    return await describe(await crud.get_machine(machine.id) or machine, clock())


@finished
async def _write(
    machine: Machine, old: CashSettings | None, new: CashSettings, *, actor: str
) -> None:
    """With its line in the journal, or not at all."""
    told = details.told(
        "cash_both",
        out="on" if new.out_on else "off",
        smallest=new.smallest,
        largest=new.largest,
        fee_ppm=new.fee_ppm,
        fee_fixed=new.fee_fixed,
        into="on" if new.in_on else "off",
        in_fee_ppm=new.in_fee_ppm,
        in_fee_fixed=new.in_fee_fixed,
        caps="/".join(str(getattr(new, name) or 0) for name in CAPS),
    )
    async with db.transaction() as tx:
        if old is None:
            await cash_settings.create_cash_settings(new.copy(update={"version": 1}), tx)
        elif not await cash_settings.update_cash_settings(new, old.version, tx):
            raise _edited()
        await journal.about(
            machine, "cash", "changed", actor=actor, at=new.updated_at, detail=told, conn=tx
        )


def _edited() -> EditedMeanwhile:
    return EditedMeanwhile(
        "Somebody has changed this machine's cash since you read it; look at it and change it once "
        "more."
    )


def _guard_amounts(settings: CashSettings) -> None:
    if settings.smallest > settings.largest:
        raise InvalidInput(
            "smallest: it is more than the largest amount.",
            field="smallest",
            reason="too_large",
            values={"n": settings.largest},
        )
    for name, fee in (
        ("fee_fixed", settings.fee(settings.smallest)),
        ("in_fee_fixed", fee_of(settings.smallest, settings.in_fee_ppm, settings.in_fee_fixed)),
    ):
        most = -(-settings.smallest * MOST_PERCENT // 100)  # rounded up, as the fee is
        if fee > most:
            raise InvalidInput(
                f"{name}: with it more than {MOST_PERCENT} % of the smallest amount would be the "
                "fee.",
                field=name,
                reason="too_large",
                values={"n": getattr(settings, name) - (fee - most)},
            )


def _guard_caps(settings: CashSettings) -> None:
    """Without them a machine that was stolen could empty the wallet."""
    missing = next((name for name in CAPS if getattr(settings, name) is None), None)
    if settings.in_on and missing is not None:
        raise InvalidInput(
            f"{missing}: set it before cash-in is switched on.", field=missing, reason="missing"
        )


async def _guard_switch_on(machine: Machine, clock: Clock) -> None:
    """Whoever is connected may ask for money from now on, so it must be whom the operator saw."""
    pairings = await pairing_rows.get_history(machine.id)
    if any(pairing.state is PairingState.ISSUED for pairing in pairings):
        raise CashUnconfirmed(
            "A pairing code waits to be scanned; cancel it, switch cash on, and pair again: the "
            "machine has to be told who answers it."
        )
    connected = [p for p in pairings if lifecycle.connected(p) or lifecycle.confirming(p)]
    if machine.cut_at is None and any(p.state is not PairingState.CONFIRMED for p in connected):
        raise CashUnconfirmed(
            "Nobody has confirmed who is connected as this machine; revoke it, switch cash on, and "
            "pair it again with confirmation."
        )
    with bunker_errors():
        dialect = await (await open_bunker()).admin.dialect()
    if dialect.encryption is not Encryption.NIP44:
        raise CashNeedsNip44(
            "This bunker does not speak NIP-44, which a machine reads its answers with; update the "
            "bunker, then switch cash on."
        )
    await ensure_key(machine.operator_user_id, clock())


async def switches(operator_user_id: str) -> CashSwitches:
    """At how many of an operator's machines cash is on, and at how many of those it is stopped."""
    return await cash_settings.count_switches(operator_user_id)


@finished
async def stop(operator_user_id: str, stopped: bool, *, clock: Clock) -> CashStopped:
    """Stops cash for all of an operator's machines, here and now, or lets it go on. None is
    revoked: what is paid is reported, and told."""
    now = clock()
    async with db.transaction() as tx:
        changed = await cash_settings.stop_cash(operator_user_id, now if stopped else None, tx)
        await journal.record(
            "cash_stop",
            "stopped" if stopped else "goes_on",
            at=now,
            actor=operator_user_id,
            operator_user_id=operator_user_id,
            conn=tx,
        )
    announce_changed(operator_user_id)
    return CashStopped(stopped=stopped, machines=changed)
