"""SQL about what machines may do with cash, and about the keys that answer them."""

from datetime import datetime
from typing import Any

from lnbits.db import Connection

from ..cash_models import CashPairing, CashSettings, CashSwitches, ServiceKey
from .database import CASH_SETTINGS, MACHINES, PAIRINGS, SERVICE_KEYS, db, in_doubt, moment


async def get_cash_settings(machine_id: str) -> CashSettings | None:
    return await db.fetchone(
        f"SELECT * FROM {CASH_SETTINGS} WHERE machine_id = :id", {"id": machine_id}, CashSettings
    )


async def create_cash_settings(settings: CashSettings, conn: Connection) -> None:
    await conn.insert(CASH_SETTINGS, settings)


async def update_cash_settings(settings: CashSettings, was: int, conn: Connection) -> bool:
    """False, and nothing is written, when they have another version than `was`."""
    done = await conn.execute(
        f"UPDATE {CASH_SETTINGS} SET out_on = :out_on, smallest = :smallest, largest = :largest, "
        "fee_ppm = :fee_ppm, fee_fixed = :fee_fixed, in_on = :in_on, in_fee_ppm = :in_fee_ppm, "
        "in_fee_fixed = :in_fee_fixed, cap_order = :cap_order, cap_hour = :cap_hour, "
        "cap_day = :cap_day, cap_open = :cap_open, version = :was + 1, "
        f"updated_at = {moment('now')}, stopped_at = CASE WHEN :stopped = 1 THEN stopped_at END "
        "WHERE machine_id = :id AND version = :was",
        {
            "id": settings.machine_id,
            "was": was,
            "out_on": settings.out_on,
            "smallest": settings.smallest,
            "largest": settings.largest,
            "fee_ppm": settings.fee_ppm,
            "fee_fixed": settings.fee_fixed,
            "in_on": settings.in_on,
            "in_fee_ppm": settings.in_fee_ppm,
            "in_fee_fixed": settings.in_fee_fixed,
            "cap_order": settings.cap_order,
            "cap_hour": settings.cap_hour,
            "cap_day": settings.cap_day,
            "cap_open": settings.cap_open,
            "stopped": 1 if settings.stopped_at else 0,
            "now": settings.updated_at.timestamp(),
        },
    )
    return bool(done.rowcount == 1)


async def stop_cash(operator_user_id: str, now: datetime | None, conn: Connection) -> int:
    """Stops cash for all of an operator's machines, in one statement, or (None) lets it go on; the
    number of machines for which that is news."""
    at = moment("now") if now else "NULL"
    was = "IS NULL" if now else "IS NOT NULL"
    values: dict[str, Any] = {"operator": operator_user_id}
    if now:
        values["now"] = now.timestamp()
    done = await conn.execute(
        f"UPDATE {CASH_SETTINGS} SET stopped_at = {at}, version = version + 1 "
        "WHERE operator_user_id = :operator AND (out_on = true OR in_on = true) "
        f"AND stopped_at {was}",
        values,
    )
    return int(done.rowcount)


async def count_switches(operator_user_id: str) -> CashSwitches:
    row: Any = await db.fetchone(
        f"SELECT COUNT(*) AS switched_on, COUNT(stopped_at) AS stopped FROM {CASH_SETTINGS} "
        "WHERE operator_user_id = :operator AND (out_on = true OR in_on = true)",
        {"operator": operator_user_id},
    )
    return CashSwitches(on=row["switched_on"], stopped=row["stopped"])


async def delete_cash_settings(machine_id: str) -> None:
    await db.execute(f"DELETE FROM {CASH_SETTINGS} WHERE machine_id = :id", {"id": machine_id})


async def get_service_key(operator_user_id: str) -> ServiceKey | None:
    """The key that new pairings of this operator's machines are told."""
    return await db.fetchone(
        f"SELECT * FROM {SERVICE_KEYS} WHERE operator_user_id = :operator AND replaced_at IS NULL",
        {"operator": operator_user_id},
        ServiceKey,
    )


async def get_service_key_of(pubkey: str) -> ServiceKey | None:
    """The key with this pubkey, in use or replaced."""
    return await db.fetchone(
        f"SELECT * FROM {SERVICE_KEYS} WHERE pubkey = :pubkey", {"pubkey": pubkey}, ServiceKey
    )


async def create_service_key(key: ServiceKey, conn: Connection | None = None) -> None:
    await (conn or db).insert(SERVICE_KEYS, key)


async def replace_service_key(pubkey: str, now: datetime, conn: Connection) -> bool:
    done = await conn.execute(
        f"UPDATE {SERVICE_KEYS} SET replaced_at = {moment('now')} "
        "WHERE pubkey = :pubkey AND replaced_at IS NULL",
        {"pubkey": pubkey, "now": now.timestamp()},
    )
    return bool(done.rowcount == 1)


def confirmed_connection(pairing: str, machine: str) -> str:
    """This pairing is how this machine is connected, its operator said Yes to who it is, and there
    is no doubt about its key."""
    return (
        f"{pairing}.machine_id = {machine}.id AND {pairing}.spire_pubkey = {machine}.machine_npub "
        f"AND {pairing}.state = 'confirmed' AND {pairing}.confirm_required = true "
        f"AND {pairing}.flagged_at IS NULL AND NOT {in_doubt(pairing)} "
        f"AND ({pairing}.session_expires_at IS NULL "
        f"OR {pairing}.session_expires_at > {moment('now')}) "
        f"AND {machine}.flag IS NULL AND {machine}.is_active = true AND {machine}.cut_at IS NULL "
        f"AND {machine}.wallet_id IS NOT NULL"
    )


def may_pay(machine: str) -> str:
    """This machine may have customers paid, at this moment (`:now`): a cut, a stop or a doubt that
    came just now counts."""
    return (
        f"EXISTS (SELECT 1 FROM {MACHINES} m JOIN {PAIRINGS} p ON "
        f"{confirmed_connection('p', 'm')} JOIN {CASH_SETTINGS} s ON s.machine_id = m.id "
        f"WHERE m.id = {machine} AND p.ready_at IS NOT NULL "
        "AND s.in_on = true AND s.stopped_at IS NULL)"
    )


async def get_cash_pairing(spire_pubkey: str, now: datetime) -> CashPairing | None:
    """The connection of the machine with this key, when nothing is in doubt about it."""
    return await db.fetchone(
        "SELECT p.id, m.id AS machine_id, m.name AS machine_name, m.operator_user_id, "
        "m.wallet_id, p.spire_pubkey, p.service_pubkey, p.confirmed_at, p.ready_at "
        f"FROM {MACHINES} m JOIN {PAIRINGS} p ON {confirmed_connection('p', 'm')} "
        "WHERE m.machine_npub = :pubkey",
        {"pubkey": spire_pubkey, "now": now.timestamp()},
        CashPairing,
    )


async def set_ready(pairing_id: str, now: datetime) -> None:
    """Its machine has asked our key, as the operator confirmed it."""
    await db.execute(
        f"UPDATE {PAIRINGS} SET ready_at = {moment('now')} WHERE id = :id AND ready_at IS NULL",
        {"id": pairing_id, "now": now.timestamp()},
    )


async def count_told(service_pubkey: str) -> int:
    """How many machines are connected, or wait to be, with this key in their seed."""
    row: Any = await db.fetchone(
        f"SELECT COUNT(DISTINCT machine_id) AS total FROM {PAIRINGS} "
        "WHERE service_pubkey = :pubkey AND ended_at IS NULL",
        {"pubkey": service_pubkey},
    )
    return int(row["total"])
