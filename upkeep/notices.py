"""Which notices an operator has to see, worked out from the rows and the time.

Pure. A notice stands for as long as what it says is true. It is the same notice as before if its
machine, its code and its mark are the same; `upkeep/notify.py` tells each one once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .. import lifecycle
from ..cash_models import CashRefused
from ..models import PASSPHRASE_UNKEPT, Machine, OverdueRevocation, Pairing
from ..orders import CashOrder, CashState, NoRoom
from ..schemas.text import safe_to_quote

SILENT = "silent"
LOCKED = "locked"
SECOND_CLIENT = "second_client"
SESSION_ENDING = "session_ending"
REVOKE_OWED = "revoke_owed"
BUNKER_AWAY = "bunker_away"
NO_OPERATOR = "no_operator"
RELAY_LEFT_OUT = "relay_left_out"
CLIENT_LOST = "client_lost"
KEYS_OUTGROW_RELAY = "keys_outgrow_relay"
PAID_NOT_DISPENSED = "paid_not_dispensed"
DISPENSE_UNREPORTED = "dispense_unreported"
PAID_LATE = "paid_late"
SHORT = "short"
NOTES_UNREPORTED = "notes_unreported"
CASH_UNKNOWN = "cash_unknown"
UNCLAIMED = "unclaimed"
WALLET_SHORT = "wallet_short"
CAP_REACHED = "cap_reached"

SESSION_WARNING = timedelta(days=3)
OWED_FOR = timedelta(minutes=10)
AWAY_FOR = timedelta(minutes=2)
REFUSED_FOR = timedelta(hours=1)
"""So long it is told that a machine took no notes."""
LOCKED_FOR = timedelta(minutes=2)
"""A key that is merely locked is unlocked in the background; only one that stays so is told of."""


@dataclass(frozen=True)
class Notice:
    """Something that its operator has to know."""

    code: str
    words: str
    since: datetime
    mark: str = ""
    """What makes it another one of its kind: the reason of a lock, when the machine was heard."""
    operator_user_id: str | None = None
    """None: everybody who has a machine connected."""
    machine_id: str | None = None
    name: str | None = None
    deleted: bool = False
    """The machine is gone; what it left is not."""
    order_id: str | None = None
    """Of a cash order: where it is mended."""


def of_machine(machine: Machine, pairings: Sequence[Pairing], now: datetime) -> list[Notice]:
    """What there is to tell of a machine, by its redeemed pairings."""
    if machine.cut_at is not None:
        return []
    found = (
        _silent(machine, pairings, now),
        _locked(machine, now),
        _second_client(machine),
        session_ending(machine, pairings, now),
    )
    return [notice for notice in found if notice is not None]


def session_ending(machine: Machine, pairings: Iterable[Pairing], now: datetime) -> Notice | None:
    """The notice that this machine's session ends in three days or less."""
    pairing = _live(pairings, now)
    if pairing is None or pairing.session_expires_at is None:
        return None
    ends = pairing.session_expires_at
    if ends - SESSION_WARNING > now:
        return None
    name = safe_to_quote(machine.name)
    words = f"The session of {name} ends on {ends:%Y-%m-%d at %H:%M} UTC; pair it again."
    return _of(machine, SESSION_ENDING, words, ends - SESSION_WARNING, ends.isoformat())


def _live(pairings: Iterable[Pairing], now: datetime) -> Pairing | None:
    """The newest connection whose session is not over."""
    live = [p for p in pairings if lifecycle.connected(p) and not lifecycle.session_over(p, now)]
    return max(live, key=_connected_at, default=None)


def _connected_at(pairing: Pairing) -> datetime:
    return pairing.redeemed_at or pairing.created_at


def _silent(machine: Machine, pairings: Iterable[Pairing], now: datetime) -> Notice | None:
    pairing = _live(pairings, now)
    if machine.silent_minutes is None or not machine.is_active or pairing is None:
        return None
    connected = _connected_at(pairing)
    heard = max(machine.last_seen_at or connected, connected)
    since = heard + timedelta(minutes=machine.silent_minutes)
    if now < since:
        return None
    minutes = machine.silent_minutes
    name = safe_to_quote(machine.name)
    words = f"{name} has not been seen for {minutes} minute{'s' * (minutes != 1)} or more."
    return _of(machine, SILENT, words, since, heard.isoformat())


def _locked(machine: Machine, now: datetime) -> Notice | None:
    reason = machine.lock_reason
    if reason is None:
        return None
    since = machine.locked_at or now
    if reason == lifecycle.LockReason.KEY_LOCKED and now < since + LOCKED_FOR:
        return None
    known = lifecycle.LockReason.known(reason)
    why = known.words if known else "Its key is locked in the bunker."
    return _of(machine, LOCKED, f"{safe_to_quote(machine.name)} cannot sign. {why}", since, reason)


def _second_client(machine: Machine) -> Notice | None:
    if machine.flag is None:
        return None
    words = (
        f"Somebody else seems to use the key of {safe_to_quote(machine.name)}; if that is not your "
        "doing, revoke the machine and pair it with a new key."
    )
    since = machine.flagged_at or machine.updated_at
    return _of(machine, SECOND_CLIENT, words, since, since.isoformat())


def revoke_owed(overdue: OverdueRevocation) -> Notice:
    """The bunker has owed it for longer than `OWED_FOR`."""
    whose = safe_to_quote(overdue.name or "") or "a machine that was deleted"
    return Notice(
        code=REVOKE_OWED,
        words=f"The bunker has not carried out yet what was ended here for {whose}; it is tried "
        "until it is done. Check that the bunker answers.",
        since=overdue.since,
        operator_user_id=overdue.operator_user_id,
        machine_id=overdue.machine_id,
        name=overdue.name,
        deleted=overdue.deleted,
    )


def no_operator(machine: Machine, gone_since: datetime) -> Notice:
    """For the superuser, since nobody else can do anything about this machine."""
    words = (
        f"The account of the operator of {safe_to_quote(machine.name)} is deleted or deactivated. "
        "The machine is cut off a while after; the superuser can do it at once, under Bunker."
    )
    return _of(machine, NO_OPERATOR, words, gone_since)


def bunker_away(since: datetime | None, now: datetime) -> Notice | None:
    """`since`: when it was first found not to answer."""
    if since is None or now < since + AWAY_FOR:
        return None
    words = "The bunker does not answer, so machines may not be able to sign; check that it runs."
    return Notice(code=BUNKER_AWAY, words=words, since=since)


def relay_left_out(machine: Machine, servers: Sequence[str], since: datetime) -> Notice:
    """The server does not hear this machine over these relays, though it may be there."""
    others = f" and {len(servers) - 1} more" if len(servers) > 1 else ""
    words = (
        f"The server does not listen for {safe_to_quote(machine.name)} on {servers[0]}{others}, "
        "because too many relays are named or that one takes no more; pair it again over one that "
        "your other machines use, or that has room."
    )
    return _of(machine, RELAY_LEFT_OUT, words, since, servers[0])


def client_lost(machine: Machine, client_pubkey: str, since: datetime) -> Notice:
    """The bunker refuses whatever this machine asks for."""
    words = (
        f"The bunker does not know the connection of {safe_to_quote(machine.name)} any more, so "
        "the machine cannot sign; pair it again."
    )
    return _of(machine, CLIENT_LOST, words, since, client_pubkey)


def keys_outgrow_relay(since: datetime, superuser: str) -> Notice:
    """For the superuser, who alone can change the bunker's relay."""
    return Notice(
        code=KEYS_OUTGROW_RELAY,
        words="The bunker's list of keys is soon longer than common relays take; see that its "
        "relay takes events of 1 MiB, or nothing can be paired any more.",
        since=since,
        operator_user_id=superuser,
    )


def passphrase_unkept(since: datetime, superuser: str) -> Notice:
    """For the superuser, who alone can have seen it, or have a new one made."""
    return Notice(
        code=PASSPHRASE_UNKEPT,
        words="Nobody has confirmed that the passphrase that was made for the bunker is kept; "
        "under Bunker the superuser types its last four letters, or has a new one made.",
        since=since,
        operator_user_id=superuser,
    )


_OF_CASH = {
    CashState.PAID: (
        PAID_NOT_DISPENSED,
        "A customer of {name} has paid, and got no notes yet; look at the machine, or give the "
        "sats back and settle the order {code}.",
    ),
    CashState.DISPENSING: (
        DISPENSE_UNREPORTED,
        "{name} has not said what came out for the order {code}; look what came out, and settle "
        "the order.",
    ),
    CashState.PAID_LATE: (
        PAID_LATE,
        "A customer of {name} paid too late, and got no notes; give the sats back, and settle the "
        "order {code}.",
    ),
    CashState.SHORT: (
        SHORT,
        "{name} dispensed fewer notes than were ordered; make up for the rest, and settle the "
        "order {code}.",
    ),
    CashState.HELD: (
        NOTES_UNREPORTED,
        "{name} has not said what was inserted for the order {code}; look whether notes came in, "
        "and settle the order.",
    ),
    CashState.UNKNOWN: (
        CASH_UNKNOWN,
        "LNbits does not know whether a customer of {name} was paid; do not pay again, and look at "
        "the order {code}.",
    ),
    CashState.FAILED: (
        UNCLAIMED,
        "{name} holds notes of a customer who has got no sats; look at the order {code}.",
    ),
    CashState.UNCLAIMED: (
        UNCLAIMED,
        "{name} holds notes of a customer who has got no sats; look at the order {code}.",
    ),
}
_NO_NOTES = {
    WALLET_SHORT: "{name} took no notes, because its wallet has too little.",
    CAP_REACHED: "{name} took no notes, because one of its caps is reached.",
}


def no_notes(refused: Iterable[CashRefused]) -> list[Notice]:
    """Machines that have had no room for a customer's notes."""
    return [_no_notes(each) for each in refused]


def _no_notes(refused: CashRefused) -> Notice:
    code = WALLET_SHORT if refused.refused_why is NoRoom.WALLET_SHORT else CAP_REACHED
    return Notice(
        code=code,
        words=_NO_NOTES[code].format(name=safe_to_quote(refused.name)),
        since=refused.refused_at,
        operator_user_id=refused.operator_user_id,
        machine_id=refused.machine_id,
        name=refused.name,
    )


def cash(orders: Iterable[CashOrder]) -> list[Notice]:
    """One for each machine and state: that of the newest of its orders, until there is a newer."""
    newest: dict[tuple[str, CashState], CashOrder] = {}
    for order in sorted(orders, key=lambda order: (order.asked_at, order.id)):
        newest[order.machine_id, order.state] = order
    return [_cash(order) for order in newest.values()]


def _cash(order: CashOrder) -> Notice:
    code, words = _OF_CASH[order.state]
    name = safe_to_quote(order.machine_name) or "a machine that was deleted"
    return Notice(
        code=code,
        words=words.format(name=name, code=order.short_code),
        since=order.dispensing_at or order.paid_at or order.said_at or order.asked_at,
        mark=order.id,
        operator_user_id=order.operator_user_id,
        machine_id=order.machine_id,
        name=order.machine_name,
        order_id=order.id,
    )


def _of(machine: Machine, code: str, words: str, since: datetime, mark: str = "") -> Notice:
    return Notice(code, words, since, mark, machine.operator_user_id, machine.id, machine.name)
