"""What can be done with a machine that is there: change, pair again, rotate, revoke, delete."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from browser.holding import held
from browser.pictures import Picture
from playwright.async_api import Locator, expect
from spirekeeper.spire.machine import Machine
from support.booting import photograph
from support.browsing import Visits
from support.host import Caller, Host
from support.page import OperatorPage
from support.settling import settle
from support.spires import NewSpire, signs


@dataclass
class Paired:
    """A page, and the machine North that is paired."""

    page: OperatorPage
    spire: Machine


@pytest.fixture
async def paired(visit: Visits, host: Host, newcomer: Caller, new_spire: NewSpire) -> Paired:
    spire = new_spire()
    machine_id = await host.add_machine(newcomer, name="North", location="Hall 2")
    wanted = host.pair_request(require_confirmation=True)
    seed = await host.api("POST", f"/machines/{machine_id}/pair", wanted, as_=newcomer)
    await spire.boot(seed.json()["seed_url"])
    await host.api("GET", f"/machines/{machine_id}/pairing", as_=newcomer)
    await host.api(
        "POST",
        f"/machines/{machine_id}/pairing/confirm",
        {"client_pubkey": spire.client_pubkey},
        as_=newcomer,
    )
    page = await visit(newcomer)
    await page.shows_state("North", "Paired")
    return Paired(page, spire)


async def confirm(page: OperatorPage, dialog: Locator, spire: Machine, folder: Path) -> None:
    """From the QR to the machine that signs."""
    await spire.boot(await photograph(page.code(dialog), folder / "qr.png"))
    await expect(dialog.get_by_text(spire.fingerprint, exact=True)).to_be_visible()
    await page.button("Yes, it is the machine", dialog).click()
    await expect(dialog.get_by_text("Paired", exact=True)).to_be_visible()
    await page.button("Close", dialog).last.click()
    await page.shows_state("North", "Paired")


async def test_its_key_is_rotated(paired: Paired, new_spire: NewSpire, tmp_path: Path) -> None:
    page, old, new = paired.page, paired.spire, new_spire()
    panel = await page.panel("North")
    npub = await panel.get_by_text("npub1").inner_text()
    await page.button("Change to a new key", panel).click()
    dialog = page.dialog("North").last
    await expect(dialog.get_by_text("The machine gets a new key.")).to_be_visible()
    await page.choose_relay(dialog)
    await page.button("Show the pairing code", dialog).click()
    await confirm(page, dialog, new, tmp_path)
    await expect(panel.get_by_text("npub1")).not_to_have_text(npub)
    assert await signs(new)
    assert not await signs(old)


async def test_a_revoke_that_the_bunker_owes_says_so_until_it_is_done(
    paired: Paired, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spirekeeper.steps import revoke

    monkeypatch.setitem(revoke.pass_cut_on.__kwdefaults__, "seconds", 0.5)
    page, spire = paired.page, paired.spire
    panel = await page.panel("North")
    host.bunker.levers.silent()
    await page.button("Revoke", panel).click()
    await page.button("Revoke", page.page.get_by_role("dialog").last).click()
    await expect(page.told("The bunker has not done its part yet")).to_be_visible()
    owed = panel.get_by_text("Cut off here. The bunker still has to do 1 thing")
    await expect(owed).to_be_visible(timeout=30_000)
    host.bunker.levers.normal()
    await settle()
    await expect(owed).to_be_hidden(timeout=40_000)
    assert not await signs(spire)


async def test_it_is_deleted(paired: Paired) -> None:
    page, spire = paired.page, paired.spire
    panel = await page.panel("North")
    await page.button("Delete", panel).click()
    await page.button("Delete", page.page.get_by_role("dialog").last).click()
    await expect(
        page.told("North is cut off, here and in the bunker, and deleted.")
    ).to_be_visible()
    await expect(panel).to_be_hidden()
    await expect(page.machine("North")).to_have_count(0)
    await expect(page.button("Add your first machine")).to_be_visible()
    assert not await signs(spire)


async def test_a_delete_is_told_of_once_by_its_own_answer(paired: Paired) -> None:
    """The list and the panel hear of it before who asked for it does."""
    page = paired.page
    missed: list[str] = []  # each is an error on the browser's console
    page.page.on("response", lambda got: missed.append(got.url) if got.status == 404 else None)
    panel = await page.panel("North")
    await page.button("Delete", panel).click()
    async with held(page.page, "DELETE", "/machines/*"):
        await page.button("Delete", page.page.get_by_role("dialog").last).click()
        await expect(page.machine("North")).to_have_count(0)
    await expect(
        page.told("North is cut off, here and in the bunker, and deleted.")
    ).to_be_visible()
    await expect(panel).to_be_hidden()
    await expect(page.told("")).to_have_count(1)
    assert missed == []


async def test_a_delete_is_told_of_when_its_panel_was_closed_meanwhile(paired: Paired) -> None:
    page = paired.page
    panel = await page.panel("North")
    await page.button("Delete", panel).click()
    async with held(page.page, "DELETE", "/machines/*"):
        await page.button("Delete", page.page.get_by_role("dialog").last).click()
        await expect(page.machine("North")).to_have_count(0)
        await page.page.keyboard.press("Escape")
        await expect(panel).to_be_hidden()
    await expect(
        page.told("North is cut off, here and in the bunker, and deleted.")
    ).to_be_visible()


async def test_its_panel_tells_what_it_is_and_what_happened(
    paired: Paired, picture: Picture
) -> None:
    page, spire = paired.page, paired.spire
    panel = await page.panel("North")
    await expect(panel.get_by_text("npub1")).to_be_visible()
    await expect(panel.get_by_text("spire-")).to_be_visible()
    await expect(panel.get_by_text(spire.fingerprint)).to_be_visible()
    await picture(panel.locator(".q-card"), "desktop-panel")
    await page.button("Copy: npub", panel).click()
    copied = await page.page.evaluate("navigator.clipboard.readText()")
    assert copied == await panel.get_by_text("npub1").inner_text()
    await panel.get_by_role("tab", name="Pairings").click()
    await expect(panel.get_by_text("Connected and confirmed")).to_be_visible()
    await expect(panel.get_by_text(spire.fingerprint)).to_be_visible()
    await panel.get_by_role("tab", name="Journal").click()
    for event in ("Added", "A pairing code was shown", "A device scanned the pairing code"):
        await expect(panel.get_by_text(event, exact=True)).to_be_visible()


async def test_a_second_user_of_its_key_is_told_of(
    visit: Visits, host: Host, newcomer: Caller
) -> None:
    from spirekeeper import crud
    from spirekeeper.clock import utc_now

    machine_id = await host.add_machine(newcomer, name="North")
    await crud.set_machine_flag(machine_id, "second_client", utc_now())
    page = await visit(newcomer)
    notices = page.page.get_by_role("region", name="Notices")
    await expect(notices).to_contain_text("Somebody else seems to use the key of North.")
    await page.button("Look at North", notices).click()
    panel = page.dialog("North")
    await expect(panel.get_by_role("alert")).to_contain_text("Somebody else seems to use the key")


async def test_it_is_changed(visit: Visits, newcomer: Caller) -> None:
    page = await visit(newcomer)
    await page.add_machine("North")
    await page.button("Change North").click()
    form = page.dialog("Change North")
    await form.get_by_label("Name").fill("South")
    await form.get_by_role("switch", name="Active").click()
    await page.button("Save", form).click()
    await expect(form).to_be_hidden()
    await page.shows_state("South", "Switched off")


async def test_a_name_is_needed_and_a_wallet_serves_one_machine(
    visit: Visits, host: Host, newcomer: Caller
) -> None:
    await host.add_machine(newcomer, name="North", wallet_id=newcomer.wallet_id)
    page = await visit(newcomer)
    await page.button("Add machine").click()
    form = page.dialog("Add a machine")
    await page.button("Add", form).click()
    await expect(form.get_by_text("Give the machine a name.")).to_be_visible()
    await form.get_by_label("Wallet").click()
    await expect(page.page.get_by_role("option")).to_have_text(
        ["Make one, named after the machine"]
    )


async def test_a_refusal_is_told_to_who_would_leave_before_it_came(
    visit: Visits, host: Host, newcomer: Caller
) -> None:
    page = await visit(newcomer)
    await page.button("Add your first machine").click()
    form = page.dialog("Add a machine")
    await form.get_by_label("Name").fill("North")
    await form.get_by_label("Wallet").click()
    await page.page.get_by_role("option").last.click()
    await host.add_machine(newcomer, name="South", wallet_id=newcomer.wallet_id)
    async with held(page.page, "POST", "/machines"):
        await page.button("Add", form).click()
        await expect(page.button("Cancel", form)).to_be_disabled()
        await page.page.keyboard.press("Escape")
    await expect(form.get_by_text("That wallet serves another machine.")).to_be_visible()


NAMES = {
    "markup": "<img src=x onerror=\"document.title='owned'\">",
    "a moustache": "{{ constructor.constructor('alert(1)')() }}",
    "right to left": "בנק צפון ١٢٣",
}


async def test_a_name_is_shown_as_the_text_that_it_is(
    visit: Visits, host: Host, newcomer: Caller
) -> None:
    for what, name in NAMES.items():
        await host.add_machine(newcomer, name=name, location=what)
    page = await visit(newcomer)
    for name in NAMES.values():
        await expect(page.button(name, page.page.get_by_role("table"))).to_be_visible()
        panel = await page.panel(name)
        await expect(panel.get_by_role("heading")).to_have_text(name)
        await page.button("Delete", panel).click()
        question = page.page.get_by_role("dialog").last
        await expect(question.get_by_text("Delete: ")).to_contain_text(name)
        await page.button("Back", question).click()
        await page.button("Close", panel).click()
        await expect(panel).to_be_hidden()
    assert "owned" not in await page.page.title()
    assert await page.page.locator("img[src=x]").count() == 0
