"""What operators have to know: each notice stands as long as it is so, and is told once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from support.host import Caller, Host
from support.movable_clock import MovableClock
from support.redeeming import paired
from support.webhook_ear import WebhookEar
from support.work_done import recorded


@pytest.fixture
async def ear(
    host: Host, host_clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[WebhookEar]:
    """Where everything that is told goes; what other tests have left has been told before."""
    from spirekeeper.store import database
    from spirekeeper.upkeep import notify

    await database.db.execute(f"DELETE FROM {database.LEASES} WHERE name = '{notify.WORK}'")
    async with WebhookEar() as heard:
        monkeypatch.setenv("SPIREKEEPER_WEBHOOK_URL", heard.url)
        await notify.notify_new(host_clock)
        heard.heard.clear()
        yield heard


async def connected(host: Host, **data: Any) -> str:
    machine_id, _, _ = await paired(host, name="Station_1", **data)
    return machine_id


async def shown(host: Host, machine_id: str | None, as_: Caller | None = None) -> list[str]:
    """The codes that the operator sees now of a machine, or of the bunker."""
    answer = await host.api("GET", "/notices", as_=as_, params={"limit": 500})
    assert answer.status_code == 200, answer.text
    return [each["code"] for each in answer.json()["data"] if each["machine_id"] == machine_id]


async def told(clock: MovableClock, ear: WebhookEar, machine_id: str | None) -> list[str]:
    """The codes that one pass tells of a machine, or of the bunker."""
    from spirekeeper.upkeep import notify

    ear.heard.clear()
    await notify.notify_new(clock)
    return [each["code"] for each in ear.heard if each["machine_id"] == machine_id]


async def see(machine_id: str, at: datetime) -> None:
    from spirekeeper import crud
    from spirekeeper.store import database

    machine = await crud.get_machine(machine_id)
    assert machine is not None
    await database.db.update(database.MACHINES, machine.copy(update={"last_seen_at": at}))


async def test_a_silent_machine_is_told_of_once_and_again_after_it_was_seen(
    host: Host, host_clock: MovableClock, ear: WebhookEar
) -> None:
    machine_id = await connected(host)
    host_clock.move(minutes=31)
    assert await shown(host, machine_id) == []  # nobody asked for it
    await host.api("PUT", f"/machines/{machine_id}", {"silent_minutes": 30})
    assert await shown(host, machine_id) == ["silent"]
    assert await told(host_clock, ear, machine_id) == ["silent"]
    [body] = [each for each in ear.heard if each["machine_id"] == machine_id]
    assert set(body) == {"id", "code", "machine_id", "name", "deleted", "order_id", "words", "at"}
    assert body["name"] == "Station_1"
    assert datetime.fromisoformat(body["at"]).tzinfo is not None
    assert await told(host_clock, ear, machine_id) == []

    await see(machine_id, host_clock())
    assert await shown(host, machine_id) == []
    assert await told(host_clock, ear, machine_id) == []
    host_clock.move(minutes=29)
    assert await told(host_clock, ear, machine_id) == []
    host_clock.move(minutes=1)
    assert await told(host_clock, ear, machine_id) == ["silent"]


async def test_two_processes_tell_once(
    host: Host, host_clock: MovableClock, ear: WebhookEar
) -> None:
    from spirekeeper import crud
    from spirekeeper.upkeep import notify

    machine_id = await connected(host)
    await crud.set_machine_flag(machine_id, "second_client", host_clock())
    await asyncio.gather(*(notify.notify_new(host_clock) for _ in range(3)))
    assert [each["machine_id"] for each in ear.heard].count(machine_id) == 1


async def test_a_notice_that_was_told_and_stands_costs_no_statement(
    host: Host, host_clock: MovableClock, ear: WebhookEar, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relay that is down silences a whole fleet, for as long as it takes."""
    from spirekeeper import crud
    from spirekeeper.store import database
    from spirekeeper.upkeep import notify

    machine_ids = [await connected(host) for _ in range(3)]
    for machine_id in machine_ids:
        await crud.set_machine_flag(machine_id, "second_client", host_clock())
    await notify.notify_new(host_clock)
    assert {each["machine_id"] for each in ear.heard} >= set(machine_ids)
    host_clock.move(minutes=10)
    with recorded(monkeypatch) as work:
        await notify.notify_new(host_clock)
    assert any(database.MACHINES in statement for statement in work)
    assert [each for each in work if any(id_ in each for id_ in machine_ids)] == []


async def test_very_many_notices_are_kept_told_and_forgotten_once_each(
    host: Host, host_clock: MovableClock
) -> None:
    from spirekeeper.models import NoticeRow
    from spirekeeper.store import notice_rows

    number = 2 * notice_rows.AT_A_TIME + 1
    rows = [
        NoticeRow(machine_id=f"m{each}", code="silent", mark="", since=host_clock())
        for each in range(number)
    ]
    keys = [(row.machine_id, row.code) for row in rows]
    await notice_rows.keep_notices(rows)
    mine, others = await asyncio.gather(
        *(notice_rows.claim_tellings(keys, host_clock()) for _ in range(2))
    )
    assert mine | others == set(keys)
    assert not mine & others
    assert await notice_rows.claim_tellings(keys, host_clock()) == set()
    await notice_rows.delete_notices(keys)
    assert not {row.machine_id for row in await notice_rows.get_notices()} & set(dict(keys))


async def test_a_machine_that_is_off_duty_may_be_silent(
    host: Host, host_clock: MovableClock, ear: WebhookEar
) -> None:
    idle, cut = await connected(host), await connected(host)
    never_paired = await host.add_machine()
    for machine_id in (idle, cut, never_paired):
        await host.api("PUT", f"/machines/{machine_id}", {"silent_minutes": 1})
    await host.api("PUT", f"/machines/{idle}", {"is_active": False})
    await host.api("POST", f"/machines/{cut}/revoke")
    host_clock.move(minutes=5)
    for machine_id in (idle, cut, never_paired):
        assert await shown(host, machine_id) == []


async def test_a_lock_is_told_of_by_its_reason(
    host: Host, host_clock: MovableClock, ear: WebhookEar
) -> None:
    from spirekeeper import crud

    machine_id = await connected(host)
    await crud.set_machine_lock(machine_id, "key_locked", host_clock())
    assert await told(host_clock, ear, machine_id) == []  # it is being unlocked
    host_clock.move(minutes=2)
    assert await told(host_clock, ear, machine_id) == ["locked"]
    await crud.set_machine_lock(machine_id, "passphrase_refused", host_clock())
    assert await told(host_clock, ear, machine_id) == ["locked"]
    assert "passphrase" in ear.heard[-1]["words"]
    assert await told(host_clock, ear, machine_id) == []
    await crud.set_machine_lock(machine_id, None, host_clock())
    assert await told(host_clock, ear, machine_id) == []
    assert await shown(host, machine_id) == []


@pytest.mark.parametrize("flag", ["second_client", "unknown_user"])
async def test_a_second_client_is_told_of(
    host: Host, host_clock: MovableClock, ear: WebhookEar, flag: str
) -> None:
    from spirekeeper import crud

    machine_id = await connected(host)
    await crud.set_machine_flag(machine_id, flag, host_clock())
    assert await shown(host, machine_id) == ["second_client"]
    assert await told(host_clock, ear, machine_id) == ["second_client"]
    assert await told(host_clock, ear, machine_id) == []
    await host.api("POST", f"/machines/{machine_id}/revoke")
    assert await shown(host, machine_id) == []


async def test_the_end_of_a_session_is_told_of_three_days_before(
    host: Host, host_clock: MovableClock, ear: WebhookEar
) -> None:
    machine_id = await connected(host, session_hours=100)
    host_clock.move(hours=27)
    assert await shown(host, machine_id) == []
    assert (await host.pairing(machine_id))["warnings"] == []
    host_clock.move(hours=1)
    assert await shown(host, machine_id) == ["session_ending"]
    assert await told(host_clock, ear, machine_id) == ["session_ending"]
    assert await told(host_clock, ear, machine_id) == []
    [warning] = (await host.pairing(machine_id))["warnings"]
    assert (warning["code"], "session" in warning["words"]) == ("session_ending", True)
    host_clock.move(hours=72)
    assert await shown(host, machine_id) == []


async def test_a_revoke_that_is_owed_for_long_is_told_of(
    host: Host, host_clock: MovableClock, ear: WebhookEar, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.steps import revoke
    from spirekeeper.store import owed_rows

    monkeypatch.setitem(revoke.pass_cut_on.__kwdefaults__, "seconds", 0.2)
    machine_id = await connected(host)
    host.bunker.levers.silent()
    await host.api("DELETE", f"/machines/{machine_id}")
    host.bunker.levers.normal()
    assert await shown(host, machine_id) == []
    host_clock.move(minutes=10)
    assert await shown(host, machine_id) == ["revoke_owed"]
    assert await told(host_clock, ear, machine_id) == ["revoke_owed"]
    [body] = [each for each in ear.heard if each["machine_id"] == machine_id]
    assert (body["name"], body["deleted"]) == ("Station_1", True)
    assert "what was ended here for Station_1;" in body["words"]
    assert await told(host_clock, ear, machine_id) == []
    for owed in await owed_rows.get_owed(machine_id):
        await owed_rows.delete_owed(owed.id)
    assert await shown(host, machine_id) == []


async def test_a_bunker_that_is_away_is_told_of_after_two_minutes(
    host: Host, host_clock: MovableClock, ear: WebhookEar, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.upkeep import notify

    await connected(host)
    monkeypatch.setattr(notify, "PING_SECONDS", 0.1)
    host.bunker.levers.silent("ping")
    assert await told(host_clock, ear, None) == []
    host_clock.move(minutes=1)
    assert await told(host_clock, ear, None) == []
    host_clock.move(minutes=1)
    assert await told(host_clock, ear, None) == ["bunker_away"]
    assert await told(host_clock, ear, None) == []
    assert await shown(host, None) == ["bunker_away"]
    host.bunker.levers.normal()
    monkeypatch.undo()
    assert await told(host_clock, ear, None) == []
    assert await shown(host, None) == []


async def test_without_a_bunker_none_is_away(
    host: Host, host_clock: MovableClock, ear: WebhookEar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPIREKEEPER_BUNKER_URL")
    for _ in range(3):
        assert await told(host_clock, ear, None) == []
        host_clock.move(minutes=2)


@pytest.mark.parametrize("status", [302, 500])
async def test_a_webhook_that_does_not_take_it_is_tried_again(
    host: Host, host_clock: MovableClock, ear: WebhookEar, status: int
) -> None:
    """And a redirect is not followed."""
    from spirekeeper import crud

    machine_id = await connected(host)
    await crud.set_machine_flag(machine_id, "second_client", host_clock())
    ear.status = status
    assert await told(host_clock, ear, machine_id) == ["second_client"]
    assert await told(host_clock, ear, machine_id) == ["second_client"]
    ear.status = 204
    assert await told(host_clock, ear, machine_id) == ["second_client"]
    assert await told(host_clock, ear, machine_id) == []
    assert all(head.startswith("POST /notices?key=secret ") for head in ear.heads)


async def test_operators_are_told_where_they_asked_lnbits_to(
    host: Host, host_clock: MovableClock, ear: WebhookEar, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through LNbits, up to where it would dial the mail server; one message a pass."""
    from lnbits.core.crud import get_account, update_account
    from lnbits.core.services import notifications
    from lnbits.settings import settings
    from spirekeeper import crud

    account = await get_account(host.operator.user_id)
    assert account is not None
    account.extra.notifications.email_address = "operator@example.com"
    await update_account(account)
    monkeypatch.setattr(settings, "lnbits_email_notifications_enabled", True)
    mails: asyncio.Queue[tuple[list[str], str]] = asyncio.Queue()

    async def send_email(*arguments: Any) -> bool:
        await mails.put((arguments[5], arguments[7]))
        return True

    monkeypatch.setattr(notifications, "send_email", send_email)
    machines = [await connected(host), await connected(host)]
    for machine_id in machines:
        await crud.set_machine_flag(machine_id, "second_client", host_clock())
    await told(host_clock, ear, None)
    to, text = await asyncio.wait_for(mails.get(), 5)
    await told(host_clock, ear, None)
    assert mails.empty()
    assert to == ["operator@example.com"]
    assert text.count("Somebody else seems to use the key of Station 1") == 2


@pytest.mark.usefixtures("host")
def test_many_notices_are_messages_that_telegram_takes() -> None:
    """Which counts as UTF-16 does, and takes 4,096 letters."""
    from spirekeeper.upkeep.notify import MOST_LINES, in_messages

    def letters(text: str) -> int:
        return len(text.encode("utf-16-le")) // 2

    for name in ("N" * 100, "\N{SATELLITE ANTENNA}" * 100):
        lines = [f"{number:02} {name} has a notice. " * 2 for number in range(MOST_LINES)]
        messages = in_messages("[LNbits] spirekeeper", lines)
        assert len(messages) > 1
        assert max(map(letters, messages)) <= 4096
        bodies = [message.removeprefix("[LNbits] spirekeeper\n") for message in messages]
        assert "\n".join(bodies).split("\n") == lines
    assert in_messages("[LNbits] spirekeeper", ["one", "two"]) == ["[LNbits] spirekeeper\none\ntwo"]
    [cut] = in_messages("[LNbits] spirekeeper", ["\N{SATELLITE ANTENNA}" * 5000])
    assert letters(cut) <= 4096


async def test_an_operator_sees_their_own_alone(
    host: Host, host_clock: MovableClock, ear: WebhookEar
) -> None:
    from spirekeeper import crud

    machine_id = await connected(host)
    await crud.set_machine_flag(machine_id, "second_client", host_clock())
    assert await shown(host, machine_id) == ["second_client"]
    assert await shown(host, machine_id, as_=host.other_operator) == []
    assert (await host.api("GET", "/notices", as_=host.stranger)).status_code == 403
    assert (await host.api("GET", "/notices", as_=Caller())).status_code == 401
    page = await host.api("GET", "/notices", params={"limit": 1})
    assert len(page.json()["data"]) == 1
    assert page.json()["total"] >= 1
