"""Tells operators their notices, each once until it changes.

Operators are told where they asked LNbits to notify them (nostr, Telegram, e-mail). One webhook is
told everything, and tried again while it is down and the notice stands.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from lnbits.core.crud import get_account
from lnbits.core.services import notifications
from lnbits.settings import settings as lnbits_settings

from ..bunker.errors import NsecBunkerError
from ..clock import Clock
from ..connection import hazards, settings, unkept, webhook_settings
from ..connection.open_bunker import open_bunker
from ..errors import PairingError, SettingsWrong
from ..failures import log_failure
from ..loop import in_turns, within
from ..models import PASSPHRASE_UNKEPT, NoticeRow, Pairing
from ..schemas.notices import NoticeAnswer
from ..schemas.webhook import WebhookNotice
from ..store import cash_in, cash_orders, gone_operators, journal, lnbits_tables, notice_rows
from ..store.leases import our_turn
from . import lost_clients, notices, relay_watch, webhook
from .notices import (
    BUNKER_AWAY,
    KEYS_OUTGROW_RELAY,
    NO_OPERATOR,
    RELAY_LEFT_OUT,
    REVOKE_OWED,
    Notice,
)

WORK = "notices"
LASTING = timedelta(minutes=5)
OF_NO_MACHINE = ""
PING_SECONDS = 10.0
MOST_LINES = 20
MOST_LETTERS = 4000
"""Of one message, as UTF-16 counts them. Telegram takes no more than 4,096."""


async def notify_new(clock: Clock) -> None:
    """One pass: tells the notices that are new, and forgets those that no longer stand."""
    async with our_turn(WORK, clock, LASTING) as ours:
        if not ours:
            return
        with log_failure("noting whether the bunker answers"):
            await _note_bunker(clock())
        now = clock()
        current = await standing_notices(now)
        untold = await _keep(current)
        with log_failure("telling operators"):
            await _tell_operators([each for each in current if _key(each) in untold], now)
        with log_failure("telling the webhook"):
            await _tell_webhook(current, clock)


async def standing_notices(now: datetime, user_id: str | None = None) -> list[Notice]:
    """The notices that stand now, newest first: an operator's, or all.

    The superuser gets those too that no operator can be told, because the account is gone or not
    known.
    """
    if user_id not in (None, lnbits_settings.super_user):
        return await _standing(now, user_id)
    found = await _addressed([*await _standing(now, None), *await _without_operator()])
    if user_id is None:
        return found
    return [notice for notice in found if notice.operator_user_id in (None, user_id)]


async def _standing(now: datetime, operator_user_id: str | None) -> list[Notice]:
    found = await _of_machines(now, operator_user_id)
    overdue = await journal.get_overdue(now - notices.OWED_FOR, operator_user_id)
    found += map(notices.revoke_owed, overdue)
    away = notices.bunker_away(await _since(BUNKER_AWAY), now)
    found += [away] if away else []
    found += await _left_out(operator_user_id)
    found += await lost_clients.standing(operator_user_id)
    found += notices.cash(await cash_orders.get_stuck(now, operator_user_id))
    found += notices.no_notes(
        await cash_in.get_refused(now - notices.REFUSED_FOR, operator_user_id)
    )
    found += await _for_superuser(operator_user_id)
    return sorted(found, key=lambda notice: notice.since, reverse=True)


async def _of_machines(now: datetime, operator_user_id: str | None) -> list[Notice]:
    """In turns: where a relay is down it is the whole fleet."""
    soon = now + notices.SESSION_WARNING
    connections: dict[str, list[Pairing]] = defaultdict(list)
    for pairing in await journal.get_connections_to_tell_of(soon, operator_user_id):
        connections[pairing.machine_id].append(pairing)
    of_each = await in_turns(
        lambda machine: notices.of_machine(machine, connections[machine.id], now),
        await journal.get_machines_to_tell_of(soon, operator_user_id),
    )
    return [notice for of_one in of_each for notice in of_one]


async def _for_superuser(operator_user_id: str | None) -> list[Notice]:
    superuser = lnbits_settings.super_user
    if operator_user_id not in (None, superuser):
        return []
    outgrown, unkept_since = await _since(KEYS_OUTGROW_RELAY), await unkept.since()
    return [
        *([notices.keys_outgrow_relay(outgrown, superuser)] if outgrown else []),
        *([notices.passphrase_unkept(unkept_since, superuser)] if unkept_since else []),
    ]


async def _without_operator() -> list[Notice]:
    since = await gone_operators.get_gone()
    uncut = await gone_operators.get_uncut_of(since) if since else []
    return [notices.no_operator(each, since[each.operator_user_id]) for each in uncut]


async def _addressed(found: Iterable[Notice]) -> list[Notice]:
    """The notices by whom they are for, newest first.

    An operator whose account is there and active gets their own. Of all others the superuser gets
    what only the superuser can mend.
    """
    found = list(found)
    operators = {notice.operator_user_id for notice in found if notice.operator_user_id}
    active = await lnbits_tables.active_among(operators)
    addressed = []
    for notice in found:
        to = notice.operator_user_id
        if to is None or (to in active and notice.code != NO_OPERATOR):
            addressed.append(notice)
        elif to not in active and notice.code in (NO_OPERATOR, REVOKE_OWED):
            addressed.append(replace(notice, operator_user_id=lnbits_settings.super_user))
    return sorted(addressed, key=lambda notice: notice.since, reverse=True)


async def _left_out(operator_user_id: str | None) -> list[Notice]:
    left_out = relay_watch.left_out() or {}
    return [
        notices.relay_left_out(machine, *left_out[machine.id])
        for machine in await journal.get_uncut(list(left_out), operator_user_id)
    ]


def describe(notice: Notice) -> NoticeAnswer:
    return NoticeAnswer(
        code=notice.code,
        machine_id=notice.machine_id,
        name=notice.name,
        deleted=notice.deleted,
        order_id=notice.order_id,
        words=notice.words,
        at=notice.since,
    )


# The bunker: since when it is away, or its list of keys long


async def _note_bunker(now: datetime) -> None:
    try:
        outgrown = await _keys_outgrow_relay()
    except (PairingError, NsecBunkerError, asyncio.TimeoutError):
        await _note(BUNKER_AWAY, now, stands=True)
        return
    await _note(BUNKER_AWAY, now, stands=False)
    await _note(KEYS_OUTGROW_RELAY, now, stands=outgrown)


async def _keys_outgrow_relay() -> bool:
    """Whether the list of keys grows too long. Raises when the bunker does not answer."""
    if await settings.get_bunker_config() is None:
        return False
    bunker = await open_bunker()
    await within(PING_SECONDS, bunker.admin.ping())
    return hazards.keys_outgrow_relay(bunker)


async def _note(code: str, now: datetime, *, stands: bool) -> None:
    if not stands:
        await notice_rows.delete_notice(OF_NO_MACHINE, code)
    elif await _since(code) is None:
        row = NoticeRow(machine_id=OF_NO_MACHINE, code=code, mark="", since=now)
        await notice_rows.keep_notice(row)


async def _since(code: str) -> datetime | None:
    row = await notice_rows.get_notice(OF_NO_MACHINE, code)
    return row.since if row else None


# What is stored of them: which have been told


def _key(notice: Notice) -> notice_rows.Key:
    return notice.machine_id or OF_NO_MACHINE, notice.code


async def _keep(current: Iterable[Notice]) -> set[notice_rows.Key]:
    """Keeps one row for each notice that stands; those that nobody has been told of. One that came
    back or changed is to be told again."""
    new = {_key(notice): notice for notice in current}
    unknown = {BUNKER_AWAY, KEYS_OUTGROW_RELAY, PASSPHRASE_UNKEPT}
    if relay_watch.left_out() is None:
        unknown.add(RELAY_LEFT_OUT)
    untold, over = set(), []
    for row in await notice_rows.get_notices():
        key = row.machine_id, row.code
        notice = new.get(key)
        if notice is not None and notice.mark == row.mark:
            del new[key]
            if row.told_at is None:
                untold.add(key)
        elif notice is None and row.code not in unknown:
            over.append(key)
    await notice_rows.delete_notices(over)
    await notice_rows.keep_notices(
        [
            NoticeRow(machine_id=machine_id, code=code, mark=notice.mark, since=notice.since)
            for (machine_id, code), notice in new.items()
        ]
    )
    return untold | set(new)


async def _tell_operators(untold: Iterable[Notice], now: datetime) -> None:
    """Sends each operator one message, with a line for each notice."""
    by_key = {_key(notice): notice for notice in untold}
    lines: dict[str, list[str]] = defaultdict(list)
    claimed = await notice_rows.claim_tellings(by_key, now)
    for key, notice in by_key.items():
        if key in claimed:
            for user_id in await _audience(notice):
                lines[user_id].append(notice.words)
    for user_id, words in lines.items():
        with log_failure(f"telling {user_id}"):
            await _send(user_id, words)


async def _audience(notice: Notice) -> list[str]:
    if notice.operator_user_id is not None:
        return [notice.operator_user_id]
    return sorted({*await journal.get_connected_operators(), lnbits_settings.super_user})


async def _send(user_id: str, words: list[str]) -> None:
    account = await get_account(user_id)
    if account is None:
        return
    shown = words[:MOST_LINES]
    if len(words) > MOST_LINES:
        shown.append(f"And {len(words) - MOST_LINES} more: see spirekeeper's page.")
    for text in in_messages(f"[{lnbits_settings.lnbits_site_title}] spirekeeper", shown):
        await notifications.send_user_notification(
            account.extra.notifications, without_markup(text), "spirekeeper"
        )


def in_messages(heading: str, lines: Iterable[str]) -> list[str]:
    """The lines in as few messages as hold them, each under the heading. A line that is longer than
    a message is cut."""
    messages: list[str] = []
    for line in lines:
        longer = f"{messages[-1]}\n{line}" if messages else ""
        if messages and _letters(longer) <= MOST_LETTERS:
            messages[-1] = longer
        else:
            messages.append(_cut(f"{heading}\n{line}"))
    return messages


def _letters(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _cut(text: str) -> str:
    return text.encode("utf-16-le")[: 2 * MOST_LETTERS].decode("utf-16-le", errors="ignore")


def without_markup(text: str) -> str:
    """Telegram is sent Markdown, and refuses a message whose marks do not match."""
    return text.translate({ord(mark): " " for mark in "_*`["})


async def _tell_webhook(current: Iterable[Notice], clock: Clock) -> None:
    try:
        receiver = await webhook_settings.get_webhook()
    except SettingsWrong:
        return  # the log says so since the start, and the superuser's page does
    if receiver is None:
        return
    waiting = {
        (row.machine_id, row.code): row
        for row in await notice_rows.get_notices()
        if not row.posted_at
    }
    for notice in current:
        row = waiting.get(_key(notice))
        if row is None:
            continue
        told = WebhookNotice(id=webhook.event_id(row), **describe(notice).dict())
        delivery = await webhook.post(receiver, told, clock)
        if delivery.status is None:
            return  # nobody is there: the rest waits for the next pass too
        if delivery.outcome == "taken":
            await notice_rows.set_posted(row.machine_id, row.code, clock())
