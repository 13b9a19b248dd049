"""The bunker's chip, and the superuser who connects one."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
from browser.holding import held
from browser.pictures import Picture
from nostr_sdk import Keys
from playwright.async_api import Locator, expect
from spirekeeper.devkit.bunker import DevBunker
from spirekeeper.devkit.hostile_relay import HostileRelay, refusing
from support.browsing import SMALL_PHONE, Visits
from support.host import Caller, Host
from support.page import PATH, OperatorPage
from support.redeeming import redeem
from support.webhook_ear import WebhookEar, headers_of

BUNKER = re.compile("^Bunker: ")


@pytest.fixture
async def spare_bunker(host: Host, tmp_path: Path) -> AsyncIterator[DevBunker]:
    """One that the superuser does not use yet; it accepts the admin key that is in force."""
    bunker = DevBunker(
        relays=[host.relay.url], admins=host.bunker.admins, folder=tmp_path / "bunker"
    )
    await bunker.start()
    yield bunker
    await bunker.stop()


@pytest.fixture
async def setting_up(
    visit: Visits, host: Host, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[OperatorPage, Locator]]:
    """The superuser's page of an LNbits that knows of no bunker, and the dialog to enter one.

    There was one: a machine is paired through it.
    """
    from spirekeeper.connection.open_bunker import close_bunker

    await redeem(host, (await host.pair(await host.add_machine()))["seed_url"])
    for name in ("BUNKER_URL", "ADMIN_NSEC", "KEY_PASSPHRASE"):
        monkeypatch.delenv(f"SPIREKEEPER_{name}")
    await close_bunker()
    page = await visit(host.superuser, show=False)
    await page.page.goto("/spirekeeper/")
    await page.button("Bunker: No bunker yet").click()
    yield page, page.dialog("Bunker")
    await host.api("DELETE", "/bunker?force=true", as_=host.superuser)


async def test_the_superuser_connects_a_bunker(
    setting_up: tuple[OperatorPage, Locator],
    spare_bunker: DevBunker,
    host_admin: Keys,
    picture: Picture,
) -> None:
    """The key is given, the passphrase is made, and shown this once."""
    page, dialog = setting_up
    await dialog.get_by_label("Bunker URL").fill(spare_bunker.url)
    await dialog.get_by_label("Admin key (nsec)").fill(host_admin.secret_key().to_bech32())
    await dialog.get_by_role("switch", name="Allow private relays").click()
    await page.button("Test", dialog).click()
    await expect(dialog.get_by_text("It works:")).to_be_visible()
    await picture(dialog.locator(".q-card"), "desktop-bunker")
    await page.button("Save", dialog).click()
    question = page.page.get_by_role("dialog").filter(has_text="Machines are paired")
    await page.button("Go on anyway", question).click()
    stored = page.dialog("The connection is saved")
    await expect(stored.get_by_text("The bunker accepts the admin key already.")).to_be_visible()
    passphrase = await stored.get_by_text("Passphrase", exact=True).locator("+ *").inner_text()
    done = page.button("Done", stored)
    await expect(done).to_be_disabled()
    assert len(passphrase) > 20
    await page.leaves(page.page.reload())
    assert passphrase not in await page.page.content()
    notice = await page.words("notices.words.passphrase_unkept")
    await expect(page.page.get_by_text(notice)).to_be_visible()
    await page.button(BUNKER).click()
    await page.button("Make a new passphrase", dialog).click()
    question = page.page.get_by_role("dialog").filter(has_text="shown once. It is for keys")
    await page.button("Make a new passphrase", question).click()
    newer = await stored.get_by_text("Passphrase", exact=True).locator("+ *").inner_text()
    assert newer != passphrase
    keep = page.button("It is in my safe", stored)
    await stored.get_by_label("Its last four letters").fill(passphrase[-4:])
    await keep.click()
    await expect(stored.get_by_text("Those are not its last four letters.")).to_be_visible()
    await stored.get_by_label("Its last four letters").fill(newer[-4:])
    await expect(done).to_be_disabled()
    await page.page.go_back()
    await expect(stored).to_be_visible()
    await keep.click()
    await done.click()
    await expect(stored).to_be_hidden()
    await expect(page.page.get_by_text(notice)).to_have_count(0)
    assert newer not in await page.page.content()
    await page.keeps_nothing_of(passphrase, newer)
    await page.page.reload()
    await page.ready()
    await page.button(BUNKER).click()
    await page.button("Change the connection", dialog).click()
    for label in ("Admin key (nsec)", re.compile("^Passphrase for")):
        await expect(dialog.get_by_label(label)).to_have_value("")


async def test_a_first_pairing_needs_nothing_typed(
    setting_up: tuple[OperatorPage, Locator],
    spare_bunker: DevBunker,
    host_admin: Keys,
    visit: Visits,
    host: Host,
    newcomer: Caller,
) -> None:
    """The superuser names the relays for machines, after a test without a key and one with a wrong
    one; what the operator used is there in the next browser too. What is left to do says so to
    each of them."""
    page, dialog = setting_up
    await expect(page.button("Connect a bunker")).to_be_visible()
    asking = await visit(newcomer, show=False)
    await asking.page.goto(PATH)
    await expect(asking.page.get_by_text("Ask the superuser of this LNbits")).to_have_count(2)
    await expect(asking.button("Connect a bunker")).to_have_count(0)
    await asking.button("Add it").click()
    await expect(asking.dialog("Add a machine")).to_be_visible()
    await dialog.get_by_label("Bunker URL").fill(spare_bunker.url)
    await page.button("Test", dialog).click()
    await expect(dialog.get_by_text(await page.words("bunker.problems.key_needed"))).to_be_visible()
    await dialog.get_by_label("Admin key (nsec)").fill("nsec1nonsense")
    await page.button("Test", dialog).click()
    wrong = dialog.locator(".q-field--error").filter(has=page.page.get_by_label("Admin key (nsec)"))
    await expect(wrong).to_contain_text(await page.words("errors.wrong.no_secret_key"))
    await expect(page.told("")).to_have_count(0)

    await dialog.get_by_label("Admin key (nsec)").fill(host_admin.secret_key().to_bech32())
    named = dialog.get_by_role("group", name="Relays for machines")
    await named.get_by_label("Relay 1").fill(host.relay.url)
    await expect(named.get_by_text("It is not encrypted; use a wss:// relay.")).to_be_visible()
    await dialog.get_by_role("switch", name="Allow private relays").click()
    await expect(named.get_by_text("Reachable from the server.")).to_be_visible()
    await dialog.get_by_role("switch", name="relays are for machines too").click()
    await expect(named).to_have_count(0)
    await page.button("Save", dialog).click()
    await page.button("Go on anyway").click()
    await expect(page.dialog("The connection is saved")).to_be_visible()

    machine_id = await host.add_machine(newcomer, name="North")
    phone = await visit(newcomer, SMALL_PHONE)
    await expect(phone.page.get_by_role("img", name="Done")).to_have_count(3)
    await phone.button("Pair it").click()
    dialog = phone.dialog("North")
    await expect(dialog.get_by_label("Relay 1")).to_have_value(host.relay.url)
    await expect(dialog.get_by_text("Reachable from the server.")).to_be_visible()
    await phone.button("Add a relay", dialog).click()
    await dialog.get_by_label("Relay 2", exact=True).fill("localhost:9")
    await phone.fits("relays")
    await phone.button("Show the pairing code", dialog).click()
    await expect(phone.code(dialog)).to_be_visible()

    later = await visit(newcomer)
    await later.machine("North").get_by_role("button", name=re.compile("^Pair")).click()
    dialog = later.dialog("North")
    await expect(dialog.get_by_label("Relay 1", exact=True)).to_have_value(host.relay.url)
    await expect(dialog.get_by_label("Relay 2", exact=True)).to_have_value("wss://localhost:9")
    await host.api("DELETE", f"/machines/{machine_id}", as_=newcomer)


async def test_a_bunker_that_does_not_know_the_key_is_told_apart(
    setting_up: tuple[OperatorPage, Locator], spare_bunker: DevBunker
) -> None:
    """Both secrets are made here; the npub has to get into the bunker's ADMIN_NPUBS."""
    page, dialog = setting_up
    await dialog.get_by_label("Bunker URL").fill(spare_bunker.url)
    await page.button("Save", dialog).click()
    await page.button("Go on anyway").click()
    stored = page.dialog("The connection is saved")
    await expect(stored.get_by_text("npub1")).to_be_visible()
    await expect(stored.get_by_text("Next: put the admin npub into")).to_be_visible(timeout=30_000)


async def test_the_passphrase_is_shown_to_who_would_leave_before_it_came(
    setting_up: tuple[OperatorPage, Locator], spare_bunker: DevBunker
) -> None:
    page, dialog = setting_up
    await dialog.get_by_label("Bunker URL").fill(spare_bunker.url)
    await page.button("Save", dialog).click()
    async with held(page.page, "PUT", "/bunker"):
        await page.button("Go on anyway").click()
        await expect(page.page.get_by_role("dialog")).to_have_count(1)
        await page.page.keyboard.press("Escape")
        await expect(page.button("Close", dialog)).to_be_disabled()
    stored = page.dialog("The connection is saved")
    await expect(stored.get_by_text("Passphrase", exact=True)).to_be_visible()


async def test_the_superuser_enters_a_webhook(visit: Visits, host: Host, picture: Picture) -> None:
    """It is tried, its secret is shown once, and a window from before overwrites nothing."""
    page, other = await visit(host.superuser, show=False), await visit(host.superuser, show=False)
    for window in (page, other):
        await window.page.goto("/spirekeeper/")
        await window.button(BUNKER).click()
        await expect(window.button("Enter a webhook")).to_be_visible()
    dialog, secret = page.dialog("Bunker"), page.dialog("The signing secret")
    try:
        async with WebhookEar() as ear:
            server = ear.url.partition("/notices")[0]
            address = dialog.get_by_label("Address of the webhook")
            await page.button("Enter a webhook", dialog).click()
            await address.fill("nonsense")
            await page.button("Save", dialog).click()
            wrong = await page.words("errors.wrong.no_web_address")
            await expect(dialog.locator(".q-field--error")).to_contain_text(wrong)
            await address.fill(ear.url)
            await page.button("Save", dialog).click()
            shown = (
                await secret.get_by_text("Signing secret", exact=True).locator("+ *").inner_text()
            )
            await page.leaves(page.page.reload())
            await page.button(BUNKER).click()
            await page.button("Send a test notice", dialog).click()
            took = await page.words("webhook.tested.taken", server=server, status=200)
            await expect(dialog.get_by_text(took)).to_be_visible()
            assert "spirekeeper-signature" in headers_of(ear.heads[-1])
            await page.keeps_nothing_of(shown)
            await picture(dialog.locator(".q-card"), "desktop-webhook")

            old = other.dialog("Bunker")
            await other.button("Enter a webhook", old).click()
            await old.get_by_label("Address of the webhook").fill("https://example.com/other")
            await other.button("Save", old).click()
            await expect(old.get_by_role("alert")).to_contain_text(
                "Somebody has changed this since"
            )
            await other.button("Show what is there now", old).click()
            await expect(
                old.get_by_text(f"Every notice is posted to {server}, signed.")
            ).to_be_visible()
            await other.button("Make a new signing secret", old).click()
            await (
                other.page.get_by_role("dialog")
                .filter(has_text="Your receiver refuses")
                .get_by_role("button", name="Make a new signing secret")
                .click()
            )
            newer = other.dialog("The signing secret")
            await expect(newer.get_by_text("Signing secret", exact=True)).to_be_visible()
            await other.button("Done", newer).click()
            await expect(newer).to_be_hidden()

        await page.button("Remove the webhook", dialog).click()
        question = page.page.get_by_role("dialog").filter(has_text="Nothing is posted there")
        await page.button("Remove the webhook", question).click()
        await expect(dialog.get_by_role("alert")).to_contain_text("Somebody has changed this since")
        await page.button("Show what is there now", dialog).click()
        await page.button("Remove the webhook", dialog).click()
        await page.button("Remove the webhook", question).click()
        await expect(page.button("Enter a webhook", dialog)).to_be_visible()
    finally:
        await host.api("DELETE", "/webhook", as_=host.superuser)


async def test_two_windows_do_not_overwrite_each_others_bunker(visit: Visits, host: Host) -> None:
    page = await visit(host.superuser, show=False)
    await page.page.goto("/spirekeeper/")
    await page.button(BUNKER).click()
    dialog = page.dialog("Bunker")
    await page.button("Change the connection", dialog).click()
    relays = dialog.get_by_role("switch", name="relays are for machines too")
    await relays.click()
    try:
        body = {"bunker_url": host.bunker.url, "allow_private_relays": True, "mint": "local"}
        answer = await host.api("PUT", "/bunker", body, as_=host.superuser)
        assert answer.is_success, answer.text
        await page.button("Save", dialog).click()
        await expect(dialog.get_by_role("alert")).to_contain_text("Somebody has changed this since")
        await page.button("Show what is there now", dialog).click()
        await expect(relays).not_to_be_checked()
        mint = dialog.get_by_role("switch", name="This server makes the machines")
        await expect(mint).to_be_checked()
        await expect(dialog.get_by_role("alert")).to_have_count(0)
    finally:
        await host.api("DELETE", "/bunker?force=true", as_=host.superuser)


async def test_the_chip_says_what_is_wrong(visit: Visits, host: Host, newcomer: Caller) -> None:
    page = await visit(newcomer)
    host.bunker.levers.silent()
    await page.button(BUNKER).click()
    dialog = page.dialog("Bunker")
    await expect(dialog.get_by_text("Bunker not working")).to_be_visible(timeout=30_000)
    host.bunker.levers.normal()
    await page.button("Check again", dialog).click()
    await expect(dialog.get_by_text("The bunker answers, and machines can sign.")).to_be_visible(
        timeout=30_000
    )


async def test_the_chip_says_what_a_relay_finds_wrong(
    visit: Visits, host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a sentence of ours, in the page's language."""
    page = await visit(newcomer, lang="de")
    async with HostileRelay(host.relay.url) as front:
        front.behave(up=refusing("invalid: ephemeral event expired"))
        relay = quote(front.url, safe="")
        url = f"bunker://{host.bunker.pubkey}?relay={relay}"
        monkeypatch.setenv("SPIREKEEPER_BUNKER_URL", url)
        await page.button(BUNKER).click()
        dialog = page.dialog("Bunker")
        said = re.compile("„.*ephemeral event expired.*“. .*; prüfen Sie die Zeit.")
        await expect(dialog.get_by_text(said)).to_be_visible(timeout=30_000)


async def test_an_operator_sees_neither_its_address_nor_the_way_to_change_it(
    visit: Visits, host: Host, newcomer: Caller
) -> None:
    page = await visit(newcomer)
    await page.button(BUNKER).click()
    dialog = page.dialog("Bunker")
    await expect(dialog.get_by_text("Good to know about this bunker")).to_be_visible()
    await expect(page.button("Change the connection", dialog)).to_have_count(0)
    assert "npub1" not in await dialog.inner_text()
    assert host.relay.url not in await dialog.inner_text()


async def test_the_superuser_cuts_and_removes_a_machine_without_an_operator(
    visit: Visits, host: Host, newcomer: Caller
) -> None:
    machine_id = await host.add_machine(newcomer, name="Left behind")
    path = f"/machines/{machine_id}/pair"
    seed = (await host.api("POST", path, host.pair_request(), as_=newcomer)).json()
    await redeem(host, seed["seed_url"])
    path = f"/users/api/v1/user/{newcomer.user_id}"
    await host.client.request("DELETE", path, headers=host.superuser.headers)
    page = await visit(host.superuser)
    await page.button(BUNKER).click()
    dialog = page.dialog("Bunker")
    cut, remove = (page.button(f"{what} Left behind", dialog) for what in ("Cut off", "Remove"))
    await expect(dialog.get_by_text("It can still sign.").first).to_be_visible()
    await cut.click()
    question = page.page.get_by_role("dialog").filter(has_text="stops signing now")
    await page.button("Cut off", question).click()
    await expect(page.told("Left behind is cut off.")).to_be_visible()
    await expect(cut).to_have_count(0)
    await remove.click()
    question = page.page.get_by_role("dialog").filter(has_text="is removed from here")
    await page.button("Remove", question).click()
    await expect(page.told("Left behind is removed.")).to_be_visible()
    await expect(remove).to_have_count(0)
    async with page.page.expect_download() as saved:
        await dialog.get_by_role("link", name="Save a report").click()
    report = await saved.value
    assert report.suggested_filename == "spirekeeper-report.txt"
    assert "Left behind" not in (await report.path()).read_text()


async def test_an_operator_sees_no_machines_without_one(
    visit: Visits, host: Host, newcomer: Caller
) -> None:
    page = await visit(newcomer)
    await page.button(BUNKER).click()
    dialog = page.dialog("Bunker")
    await expect(dialog.get_by_text("Good to know about this bunker")).to_be_visible()
    await expect(dialog.get_by_text("Machines without an operator")).to_have_count(0)
    await expect(dialog.get_by_text("Save a report")).to_have_count(0)


async def test_the_superuser_is_told_which_setting_of_the_environment_is_wrong(
    visit: Visits, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its name, and an operator only that one is."""
    monkeypatch.setenv("SPIREKEEPER_MINT", "wherever-it-may-be")
    for caller, told in ((host.superuser, True), (host.operator, False)):
        page = await visit(caller, lang="es", show=False)
        await page.page.goto("/spirekeeper/")
        await page.button("Bunker: El bunker no funciona").click()
        dialog = page.dialog("Bunker")
        await expect(dialog).to_contain_text("Un ajuste del entorno de LNbits es incorrecto.")
        wrong = dialog.get_by_text("SPIREKEEPER_MINT: Uno de estos: bunker, local.")
        await expect(wrong).to_have_count(int(told))
        await expect(dialog).not_to_contain_text("wherever-it-may-be")
