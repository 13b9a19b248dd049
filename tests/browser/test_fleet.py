"""Many machines at once: from a file, onto sheets, and all of them cut off."""

import re
from pathlib import Path

import pytest
from browser.holding import held
from browser.printing import HOLD_FRAMES, as_photograph, done_printing, printed
from nostr_sdk import Keys
from playwright.async_api import Locator, expect
from support.booting import seed_in
from support.browsing import Visits
from support.host import Caller, Host
from support.page import OperatorPage
from support.redeeming import redeem


@pytest.fixture
async def three(visit: Visits, host: Host, newcomer: Caller) -> OperatorPage:
    for name in ("East", "North", "West"):
        await host.add_machine(newcomer, name=name, location=f"Hall {name[0]}")
    return await visit(newcomer)


async def test_sheets_that_were_not_printed_are_asked_about(three: OperatorPage) -> None:
    page = three
    await page.page.get_by_role("checkbox", name="Select East").click()
    await page.button("Pair 1 machine").click()
    dialog = page.dialog("Pair 1 machine")
    await page.choose_relay(dialog)
    await page.button("Pair 1 machine", dialog).click()
    await expect(dialog.get_by_text("1 of 1 pairing codes is ready.")).to_be_visible()
    await page.button("Close", dialog).last.click()
    question = page.page.get_by_role("dialog").last
    await expect(question.get_by_text("The sheets are not printed")).to_be_visible()
    await page.button("Cancel", question).click()
    await page.button("Close", dialog).last.click()
    await page.button("Close without printing", question).click()
    await expect(dialog).to_be_hidden()


async def test_a_seed_of_one_machine_is_printed_too(
    visit: Visits, newcomer: Caller, tmp_path: Path
) -> None:
    """In the language that the page is shown in, as its times are: Brazilian Portuguese is none of
    ours, and its name in LNbits is Breton's in the browser."""
    page = await visit(newcomer, lang="br")
    await page.page.evaluate(HOLD_FRAMES)
    await page.add_machine("North", "Hall 2")
    dialog = await page.pair("North")
    await page.button("Print", dialog).click()
    sheet = await printed(page)
    await page.code(dialog).screenshot(path=tmp_path / "shown.png")
    assert await as_photograph(sheet, page.page, tmp_path / "sheet.png") == seed_in(
        tmp_path / "shown.png"
    )
    words = await sheet.inner_text()
    assert all(each in words for each in ("North", "Hall 2", "Scan before"))
    assert re.search(r"\d\d:\d\d UTC\+0[12]:00", words)  # of Vienna, where the browser is
    assert await sheet.evaluate("each => each.ownerDocument.documentElement.lang") == "en"
    ago = await page.page.evaluate("spirekeeper.ago(new Date(Date.now() - 7_500_000))")
    assert ago == "2 hours ago"
    await done_printing(page)


ADDING = "**/machines/import?*"
EXCEL = "Name;Standort;Wallet\r\nNorth;Halle 2;\r\nCafé Süd;Halle 3;\r\nWest;Halle 4;Twin\r\n"


TOLD = {
    "Name;Telefon\r\nWest;1\r\n": "Line 1: The column “Telefon” is not known.",
    "Name;Standort\r\nWest;\r\n;Halle 5\r\n": "Line 3, Name: It is empty.",
    EXCEL: "Line 2, Name: You have a machine called “North” already.",
}


async def choose_file(page: OperatorPage, file: Path, *texts: str) -> Locator:
    """The same file again and again, mended each time by what the dialog tells of it."""
    await page.menu("Add machines from a CSV file")
    dialog = page.dialog("Add machines from a file")
    for text in texts:
        file.write_bytes(text.encode("cp1252"))
        await dialog.get_by_label("CSV file").set_input_files(file)
        await expect(dialog.get_by_role("alert")).to_contain_text(TOLD[text])
    return dialog


async def add_two_of_three(dialog: Locator, page: OperatorPage) -> None:
    await dialog.get_by_role("radio", name="Add them all the same").click()
    await expect(page.button("Add 3 machines", dialog)).to_be_disabled()
    await dialog.get_by_role("radio", name="Leave those out").click()
    await dialog.get_by_role("combobox").click()
    await page.page.get_by_role("option").nth(1).click()
    await page.button("Add 2 machines", dialog).click()


async def print_seeds(page: OperatorPage, number: int, folder: Path) -> list[str]:
    """In the dialog that pairs so many; from their sheets."""
    dialog = page.dialog(f"Pair {number} machines")
    await page.choose_relay(dialog)
    await page.button(f"Pair {number} machines", dialog).click()
    ready = await page.words("fleet.ready", n=number, of=number)
    await expect(dialog.get_by_text(ready)).to_be_visible()
    await page.button(f"Print {number} sheets", dialog).click()
    sheets = await printed(page)
    seeds = [
        await as_photograph(sheets.nth(each), page.page, folder / f"{each}.png")
        for each in range(number)
    ]
    await done_printing(page)
    await page.button("Close", dialog).last.click()
    return seeds


async def test_machines_come_from_excel_and_are_compared_one_after_the_other(
    visit: Visits, host: Host, newcomer: Caller, tmp_path: Path
) -> None:
    from lnbits.core.crud import create_wallet
    from spirekeeper.seed import fingerprint

    await host.add_machine(newcomer, name="North")
    twins = [
        (await create_wallet(user_id=newcomer.user_id, wallet_name="Twin")).id for _ in range(2)
    ]
    page = await visit(newcomer)
    await page.page.evaluate(HOLD_FRAMES)
    refused = {"detail": "Wait a minute.", "code": "too_many"}
    await page.page.route(ADDING, lambda asked: asked.fulfill(status=429, json=refused))
    file = tmp_path / "machines.csv"
    dialog = await choose_file(page, file, *TOLD)
    await add_two_of_three(dialog, page)
    broken_off = dialog.get_by_role("alert")
    await expect(broken_off).to_contain_text("Try again in a minute.")
    await expect(broken_off).to_contain_text("2 machines were not added, from line 3 on.")
    await page.button("Close", dialog).last.click()
    await page.page.unroute(ADDING)
    dialog = await choose_file(page, file, EXCEL)
    await add_two_of_three(dialog, page)
    await expect(dialog.get_by_text("2 machines were added.")).to_be_visible()
    answer = (await host.api("GET", "/machines?search=West", as_=newcomer)).json()
    assert answer["data"][0]["wallet_id"] in twins
    await page.button("Pair these 2", dialog).click()
    clients = {}
    for name, seed in zip(("Café Süd", "West"), await print_seeds(page, 2, tmp_path), strict=True):
        clients[name] = Keys.generate()
        assert (await redeem(host, seed, clients[name]))["result"] == "ack"
    await expect(page.page.get_by_text("2 machines wait to be compared.")).to_be_visible()
    await page.button("Compare them").click()

    async def shows(name: str) -> Locator:
        shown = page.dialog(name)
        printed_there = fingerprint(clients[name].public_key().to_hex())
        await expect(shown.get_by_text(printed_there, exact=True)).to_be_visible()
        return shown

    await page.button("Not now: compare the next one", await shows("Café Süd")).click()
    await page.button("Yes, it is the machine", await shows("West")).click()
    await page.button("Compare the next one", page.dialog("West")).click()
    await page.button("Yes, it is the machine", await shows("Café Süd")).click()
    last = page.dialog("Café Süd")
    await expect(last.get_by_text("Paired", exact=True)).to_be_visible()
    await page.button("Close", last).last.click()
    for name in clients:
        await page.shows_state(name, "Paired")
    await expect(page.page.get_by_text("to be compared.")).to_have_count(0)
    await expect(page.button("Compare the next one")).to_have_count(0)


async def test_the_emergency_stop_cuts_what_is_paired_and_leads_back(
    three: OperatorPage, host: Host, newcomer: Caller
) -> None:
    """West was never paired; North was cut before, for a reason of its own."""
    page = three
    listed = (await host.api("GET", "/machines", as_=newcomer)).json()["data"]
    ids = {machine["name"]: machine["id"] for machine in listed}
    for name in ("East", "North"):
        path = f"/machines/{ids[name]}"
        seed = await host.api("POST", f"{path}/pair", host.pair_request(), as_=newcomer)
        assert (await redeem(host, seed.json()["seed_url"]))["result"] == "ack"
        await host.api("GET", f"{path}/pairing", as_=newcomer)
    await host.api("POST", f"/machines/{ids['North']}/revoke", as_=newcomer)
    await page.menu("Emergency stop: cut off all machines")
    dialog = page.dialog("Emergency stop")
    await expect(dialog.get_by_text("connected now: 1")).to_be_visible()
    stop = page.button("Cut off 1 machine", dialog)
    await expect(stop).to_be_disabled()
    await dialog.get_by_label("Type 1 to go on").fill("1")
    async with held(page.page, "GET", "/emergency-stop"):
        await stop.click()
        await expect(dialog.get_by_text("1 machine is cut off.")).to_be_visible()
        await expect(page.button("Close", dialog)).to_be_disabled()  # the X alone
    await expect(page.button("Pair that one again", dialog)).to_be_visible()
    await page.button("Close", dialog).last.click()
    for name, state in (("East", "Revoked"), ("North", "Revoked"), ("West", "Not paired")):
        await page.shows_state(name, state)

    await page.menu("Emergency stop: cut off all machines")
    await expect(dialog.get_by_text("has not been paired since")).to_be_visible()
    await page.button("Pair that one again", dialog).click()
    again = page.dialog("Pair 1 machine")
    await page.choose_relay(again)
    await page.button("Pair 1 machine", again).click()
    await expect(again.get_by_text("1 of 1 pairing codes is ready.")).to_be_visible()
    await page.leaves(page.page.reload())
    await expect(again.get_by_text("was left before the sheet")).to_be_visible()
    await page.page.go_back()
    await expect(again).to_be_hidden()
    await page.shows_state("East", "Waiting for the scan")


async def test_the_journal_is_a_file(three: OperatorPage) -> None:
    async with three.page.expect_download() as download:
        await three.menu("Journal as a CSV file")
    journal = Path(await (await download.value).path()).read_text("utf-8-sig")
    assert journal.startswith("time,who,machine,place,wallet,event,outcome,detail")
    assert journal.count("you,North,Hall N,North,machine,added") == 1
