"""Whatever a machine is called, its name is text, wherever it is told.

The page is looked at in tests/browser/test_names.py.
"""

import csv
import io
import json
import logging
import unicodedata
from collections.abc import AsyncIterator

import pytest
from loguru import logger
from support.host import DCA, Caller, Host
from support.hostile import KEPT, OLDER, REFUSED
from support.movable_clock import MovableClock
from support.webhook_ear import WebhookEar

FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001


@pytest.mark.parametrize("name", KEPT.values(), ids=KEPT)
async def test_an_odd_name_is_kept_to_the_letter(host: Host, newcomer: Caller, name: str) -> None:
    """By each route that takes and tells it; and it is found again by its beginning."""
    machine_id = await host.add_machine(newcomer, name=name, location=name)
    kept = name.strip()

    async def told() -> list[tuple[str, str]]:
        answer = await host.api("GET", "/machines", {}, as_=newcomer, params={"search": kept})
        return [(each["name"], each["location"]) for each in answer.json()["data"]]

    assert await told() == [(kept, kept)]
    await host.api("PUT", f"/machines/{machine_id}", {"name": "North"}, as_=newcomer)
    change = {"name": name}
    changed = await host.api("PUT", f"/machines/{machine_id}", change, as_=newcomer)
    assert changed.json()["name"] == kept
    await host.api("POST", f"/machines/{machine_id}/pair", host.pair_request(), as_=newcomer)
    stopped = await host.api("POST", "/machines/revoke-all", {"expect": 1}, as_=newcomer)
    assert [each["name"] for each in stopped.json()["machines"]] == [kept]
    again = (await host.api("GET", "/emergency-stop", as_=newcomer)).json()["stopped"]
    assert [(each["name"], each["location"]) for each in again] == [(kept, kept)]
    await host.api("DELETE", f"/machines/{machine_id}", as_=newcomer)
    rows = io.StringIO()
    csv.writer(rows).writerows([("name", "location", "wallet"), (name, name, "make one")])
    headers = {**newcomer.headers, "Content-Type": "text/csv"}
    added = await host.client.post(
        f"{DCA}/machines/import", content=rows.getvalue().encode(), headers=headers
    )
    assert added.status_code == 201, added.text
    assert await told() == [(kept, kept)]
    wallets = await host.api("GET", "/wallets", as_=newcomer)
    assert kept in [each["name"] for each in wallets.json()]


@pytest.mark.parametrize("name", REFUSED.values(), ids=REFUSED)
async def test_a_name_that_acts_is_refused(host: Host, newcomer: Caller, name: str) -> None:
    machine_id = await host.add_machine(newcomer)
    for method, path in (("POST", "/machines"), ("PUT", f"/machines/{machine_id}")):
        headers = {**newcomer.headers, "Content-Type": "application/json"}
        body = json.dumps({"name": name})  # a lone surrogate is written as \\ud83d
        answer = await host.client.request(method, DCA + path, content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
        assert answer.json()["detail"].startswith("name: ")
    machines = (await host.api("GET", "/machines", as_=newcomer)).json()
    assert [each["name"] for each in machines["data"]] == ["North"]


@pytest.fixture
async def ear(
    host: Host, host_clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[WebhookEar]:
    from spirekeeper.store import database
    from spirekeeper.upkeep import notify

    await database.db.execute(f"DELETE FROM {database.LEASES} WHERE name = '{notify.WORK}'")
    async with WebhookEar() as heard:
        monkeypatch.setenv("SPIREKEEPER_WEBHOOK_URL", heard.url)
        yield heard


async def test_a_notice_tells_it_as_text(
    host: Host, host_clock: MovableClock, newcomer: Caller, ear: WebhookEar
) -> None:
    """On the page's API, by webhook, and in the message that LNbits passes on."""
    from spirekeeper import crud
    from spirekeeper.upkeep import notify

    for name in KEPT.values():
        machine_id = await host.add_machine(newcomer, name=name)
        await crud.set_machine_flag(machine_id, "second_client", host_clock())
    old = await host.add_machine(newcomer, name="To be older")
    await older(old)
    await crud.set_machine_flag(old, "second_client", host_clock())
    notices = (await host.api("GET", "/notices", as_=newcomer, params={"limit": 500})).json()
    words = {each["name"]: each["words"] for each in notices["data"] if each["machine_id"]}
    for name in KEPT.values():
        assert f"the key of {name.strip()};" in words[name.strip()]
    assert "the key of Old\ufffdeman\ufffd;" in words[OLDER]
    await notify.notify_new(host_clock)
    heard = {each["name"]: each["words"] for each in ear.heard if each["machine_id"]}
    assert heard.items() >= words.items()
    for each in words.values():
        sent = notify.without_markup(each)
        assert not set("_*`[") & set(sent)
        assert not [letter for letter in sent if unicodedata.category(letter) == "Cc"]


async def older(machine_id: str) -> None:
    """The machine is called as no machine can be called any more."""
    from spirekeeper import crud
    from spirekeeper.store import database

    machine = await crud.get_machine(machine_id)
    assert machine is not None
    await database.db.update(database.MACHINES, machine.copy(update={"name": OLDER}))


async def test_a_cell_of_the_journal_is_one_cell_and_runs_nothing(
    host: Host, newcomer: Caller
) -> None:
    """Whatever it holds: names do not get there, but what a bunker or a relay says may."""
    from spirekeeper.clock import utc_now
    from spirekeeper.store import journal
    from spirekeeper.store.details import Detail

    told = [name for name in (*KEPT.values(), *REFUSED.values(), OLDER) if "\ud83d" not in name]
    told = [name for name in told if "\0" not in name]  # neither can be stored
    told += [f"{mark}1+1" for mark in FORMULA] + ['"a","b"\r\n"c"', "a,b;c\td"]
    for detail in told:
        await journal.record(
            "test",
            detail,
            at=utc_now(),
            actor=journal.BACKGROUND,
            operator_user_id=newcomer.user_id,
            detail=Detail(detail),
        )
    answer = await host.api("GET", "/journal", as_=newcomer, params={"format": "csv"})
    disposition = answer.headers["content-disposition"]
    assert disposition == 'attachment; filename="spirekeeper-journal.csv"'
    text = answer.content.decode("utf-8-sig")
    heading, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    outcome, detail = heading.index("outcome"), heading.index("detail")
    assert len(rows) == len(told)
    for row in rows:
        assert len(row) == len(heading)
        assert row[outcome] == row[detail]
        for cell in row:
            assert not cell.startswith(FORMULA)
            assert not [letter for letter in cell if unicodedata.category(letter) == "Cc"]
            assert not set(cell) & set("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067")
    for name in (KEPT["markup"], KEPT["Hebrew"], KEPT["statement"], "a,b;c\\td"):
        assert name in {row[detail] for row in rows}
    assert "'" + KEPT["formula"] in {row[detail] for row in rows}


def _messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.name != "aiosqlite"]


async def test_no_log_line_holds_a_name(
    host: Host, newcomer: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    """So none can be broken in two, or coloured, by one. The database driver's quote what they do,
    where somebody turns its debugging on."""
    caplog.set_level(logging.DEBUG)
    lines: list[str] = []
    sink = logger.add(lines.append, level="TRACE", format="{message}")
    try:
        for name in (*KEPT.values(), *REFUSED.values()):
            body = json.dumps({"name": name, "location": name})
            headers = {**newcomer.headers, "Content-Type": "application/json"}
            answer = await host.client.post(f"{DCA}/machines", content=body, headers=headers)
            if answer.is_success:
                machine_id = answer.json()["id"]
                await host.api("PUT", f"/machines/{machine_id}", {"name": name}, as_=newcomer)
                await host.api("POST", f"/machines/{machine_id}/revoke", as_=newcomer)
                await host.api("DELETE", f"/machines/{machine_id}", as_=newcomer)
    finally:
        logger.remove(sink)
    logged = "\n".join([*lines, *_messages(caplog)])
    assert logged
    assert [
        what for what, name in (KEPT | REFUSED).items() if (name.strip() or name) in logged
    ] == []
