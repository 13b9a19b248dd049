"""Pairing a machine at the page: the way that works, and the ways that do not."""

import asyncio
from pathlib import Path

import pytest
from nostr_sdk import Keys
from playwright.async_api import expect
from spirekeeper.devkit.hostile_relay import demanding_login
from spirekeeper.seed import Seed
from support.booting import photograph, secrets_of
from support.browsing import PHONE, Visits
from support.host import Caller, Host
from support.movable_clock import MovableClock
from support.page import OperatorPage
from support.redeeming import redeem
from support.telling_relay import TellingRelay


async def routes(host: Host, seed_url: str, as_: Caller) -> bool:
    """Whether the roster names the operator's wallet for the machine."""
    key = Seed.decode(seed_url).spire_npub
    return (await host.api("GET", f"/roster/{key}", as_=as_)).status_code == 200


async def test_what_to_mind_about_a_relay_is_said_before_the_seed_is_made(
    visit: Visits, host: Host, newcomer: Caller
) -> None:
    """Beside the field, as it is typed; a relay that demands a log-in makes no seed."""
    await host.add_machine(newcomer, name="North")
    page = await visit(newcomer, PHONE)
    async with TellingRelay(host.relay.url) as telling:
        telling.limitation, telling.seconds_ahead = {"max_subscriptions": 4}, -90
        await page.machine("North").get_by_role("button", name="Pair").click()
        dialog = page.dialog("North")
        await page.choose_relay(dialog, telling.url)
        for code in ("few_subscriptions", "clock_differs"):
            words = await page.words(f"cautions.{code}", relay=telling.url)
            await expect(dialog.get_by_text(words)).to_be_visible()
        await page.fits("cautions")

        telling.behave(up=demanding_login(telling.url))
        await dialog.get_by_label("Relay 1").fill(f"{telling.url}/")
        words = await page.words("cautions.login_demanded", relay=telling.url)
        await expect(dialog.get_by_text(words)).to_be_visible()
        await page.button("Show the pairing code", dialog).click()
        words = await page.words("errors.login_demanded")
        await expect(dialog.get_by_role("alert").get_by_text(words)).to_be_visible()


async def test_a_list_of_relays_in_one_field_becomes_several(
    visit: Visits, host: Host, newcomer: Caller
) -> None:
    """However it is separated; a field of one line loses line breaks that are pasted."""
    await host.add_machine(newcomer, name="North")
    page = await visit(newcomer)
    await page.machine("North").get_by_role("button", name="Pair").click()
    dialog = page.dialog("North")
    urls = [host.relay.url, f"{host.relay.url}/b", f"{host.relay.url}/c", f"{host.relay.url}/d"]
    await page.choose_relay(dialog)
    await dialog.get_by_label("Relay 1").fill(f"{urls[0]}, {urls[1]};{urls[2]}{urls[3]}")
    for number, url in enumerate(urls, 1):
        await expect(dialog.get_by_label(f"Relay {number}", exact=True)).to_have_value(url)
    await expect(dialog.get_by_text("Reachable from the server.")).to_have_count(len(urls))


@pytest.fixture
async def waiting(
    visit: Visits, host: Host, newcomer: Caller, tmp_path: Path
) -> tuple[OperatorPage, str]:
    """The page shows a seed for the machine North; that seed."""
    await host.add_machine(newcomer, name="North")
    page = await visit(newcomer)
    dialog = await page.pair("North")
    return page, await photograph(page.code(dialog), tmp_path / "qr.png")


Waiting = tuple[OperatorPage, str]


async def test_the_qr_fills_the_screen(waiting: Waiting, tmp_path: Path) -> None:
    page, seed_url = waiting
    await page.button("Full screen").click()
    full = page.dialog("The pairing code as a QR code")
    await page.still()
    assert await photograph(full, tmp_path / "full.png") == seed_url
    await page.button("Close", full).click()
    await expect(full).to_be_hidden()
    await expect(page.code(page.dialog("North"))).to_be_visible()


async def test_a_stranger_is_told_no_and_cut_off(
    waiting: Waiting, host: Host, newcomer: Caller
) -> None:
    page, seed_url = waiting
    stranger = Keys.generate()
    assert (await redeem(host, seed_url, stranger))["result"] == "ack"
    dialog = page.dialog("North")
    await page.button("No", dialog).click()
    await expect(dialog.get_by_text("Not paired", exact=True)).to_be_visible()
    await expect(dialog.get_by_text("You said that it was not the machine.")).to_be_visible()
    assert not await routes(host, seed_url, newcomer)
    await page.button("Pair again", dialog).click()
    await expect(page.button("Show the pairing code", dialog)).to_be_visible()


async def test_without_a_camera_the_eye_is_enough(waiting: Waiting, host: Host) -> None:
    """This browser has none; tests/browser/test_camera.py has one that does."""
    page, seed_url = waiting
    await page.page.context.grant_permissions(["camera"])
    assert (await redeem(host, seed_url))["result"] == "ack"
    dialog = page.dialog("North")
    await page.button("Compare by camera", dialog).click()
    await expect(dialog.get_by_text(await page.words("camera.problems.absent"))).to_be_visible()
    await page.button("Yes, it is the machine", dialog).click()
    await expect(dialog.get_by_text("Paired", exact=True)).to_be_visible()


async def test_a_seed_is_cancelled(waiting: Waiting, host: Host) -> None:
    page, seed_url = waiting
    dialog = page.dialog("North")
    await page.button("Close", dialog).last.click()
    question = page.dialog("The pairing code still waits to be scanned")
    await page.button("Cancel the pairing code", question).click()
    cancelled = page.told("The pairing code is cancelled, here and in the bunker.")
    await expect(cancelled).to_be_visible()
    await expect(dialog).to_be_hidden()
    await page.shows_state("North", "Not paired")
    assert "error" in await redeem(host, seed_url)


async def test_closing_asks_and_the_seed_can_be_left_waiting(waiting: Waiting, host: Host) -> None:
    page, seed_url = waiting
    dialog = page.dialog("North")
    question = page.dialog("The pairing code still waits to be scanned")
    await page.page.keyboard.press("Escape")
    await page.button("Back", question).click()
    await expect(question).to_be_hidden()
    await expect(page.code(dialog)).to_be_visible()
    await page.button("Close", dialog).last.click()
    await page.button("Let it wait", question).click()
    await expect(dialog).to_be_hidden()
    await page.shows_state("North", "Waiting for the scan")
    assert (await redeem(host, seed_url))["result"] == "ack"
    await page.shows_state("North", "To be confirmed")
    await page.button("Compare", page.machine("North")).click()
    await page.button("Yes, it is the machine", dialog).click()
    await expect(dialog.get_by_text("Paired", exact=True)).to_be_visible()


async def test_a_seed_expires(
    visit: Visits, host_clock: MovableClock, newcomer: Caller, tmp_path: Path
) -> None:
    page = await visit(newcomer, show=False)
    await page.page.clock.install()
    await page.open()
    await page.add_machine("North")
    dialog = await page.pair("North")
    await expect(dialog.get_by_role("timer")).to_contain_text("59:")
    await page.page.clock.fast_forward("10:00")  # as a laptop that sleeps: each timer ticks once
    await expect(dialog.get_by_role("timer")).to_contain_text("49:")
    host_clock.move(hours=1, seconds=1)
    await page.page.clock.fast_forward("49:55")
    await expect(dialog.get_by_text("The pairing code was not scanned in time.")).to_be_visible()
    await expect(page.code(dialog)).to_have_count(0)
    await page.button("Close", dialog).last.click()
    await page.shows_state("North", "Not paired")


async def test_two_machines_scan_one_seed(waiting: Waiting, host: Host, newcomer: Caller) -> None:
    """The real daemon lets both redeem within the same moment; nobody can tell who is who."""
    page, seed_url = waiting
    answers = await asyncio.gather(redeem(host, seed_url), redeem(host, seed_url))
    assert [answer["result"] for answer in answers] == ["ack", "ack"]
    dialog = page.dialog("North")
    await expect(dialog.get_by_text("Two devices used the same pairing code")).to_be_visible()
    assert not await routes(host, seed_url, newcomer)


@pytest.mark.usefixtures("new_bunker")
async def test_that_the_bunker_has_yet_to_settle_is_said(
    visit: Visits, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.connection.open_bunker import close_bunker

    monkeypatch.setenv("SPIREKEEPER_SETTLE_SECONDS", "60")
    await close_bunker()  # which a page of another test may have had opened
    page = await visit(newcomer)
    await page.add_machine("North")
    await page.machine("North").get_by_role("button", name="Pair").click()
    dialog = page.dialog("North")
    await expect(dialog.get_by_text("The bunker came up just now.")).to_be_visible()


async def test_the_bunker_is_silent_while_a_seed_waits(waiting: Waiting, host: Host) -> None:
    page, seed_url = waiting
    dialog = page.dialog("North")
    host.bunker.levers.silent()
    await expect(dialog.get_by_text("The bunker does not answer")).to_be_visible(timeout=30_000)
    assert (await redeem(host, seed_url))["result"] == "ack"
    host.bunker.levers.normal()
    await expect(dialog.get_by_text("A machine connected.")).to_be_visible(timeout=30_000)


async def test_the_seed_is_gone_once_the_dialog_is_closed(waiting: Waiting) -> None:
    page, seed_url = waiting
    _, seed = secrets_of(seed_url)
    dialog = page.dialog("North")
    assert seed in await page.memory()
    await page.button("Close", dialog).last.click()
    question = page.dialog("The pairing code still waits to be scanned")
    await page.button("Let it wait", question).click()
    await expect(dialog).to_be_hidden()
    await page.shows_state("North", "Waiting for the scan")
    assert seed not in await page.memory()
