"""Many machines at once: from a file, onto sheets, and all of them cut off."""

import re
from pathlib import Path

import pytest
from browser.pictures import Picture
from browser.printing import HOLD_FRAMES, done_printing, printed
from playwright.async_api import Locator, Page, expect
from support.booting import secrets_of, seed_in
from support.browsing import Visits
from support.host import Caller, Host
from support.page import OperatorPage
from support.redeeming import redeem


@pytest.fixture
async def three(visit: Visits, host: Host, newcomer: Caller) -> OperatorPage:
    for name in ("East", "North", "West"):
        await host.add_machine(newcomer, name=name, location=f"Hall {name[0]}")
    return await visit(newcomer)


async def as_photograph(sheet: Locator, page: Page, picture: Path) -> str:
    """The seed on a sheet, whose frame has no size on the screen."""
    svg = await sheet.locator(".qr svg").evaluate("each => each.outerHTML")
    tab = await page.context.new_page()
    await tab.set_content(f'<div style="width: 500px">{svg}</div>')
    await tab.locator("svg").screenshot(path=picture)
    await tab.close()
    return seed_in(picture)


async def fit_on_paper(page: OperatorPage, count: int, picture: Picture) -> None:
    """A page each, on A4 as on US letter."""
    frame = page.page.locator("iframe[aria-hidden]")
    markup = await frame.evaluate("each => each.contentDocument.documentElement.outerHTML")
    paper = await page.page.context.new_page()
    await paper.set_content(markup)
    for size in ("A4", "Letter"):
        printed = await paper.pdf(format=size, prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == count, size
    await paper.set_viewport_size({"width": 794, "height": 1123})
    await paper.add_style_tag(content="body { padding: 12mm } article + article { display: none }")
    await picture(paper, "sheet")
    await paper.close()


async def test_three_machines_are_paired_with_a_sheet_each(
    three: OperatorPage, host: Host, newcomer: Caller, picture: Picture, tmp_path: Path
) -> None:
    page = three
    await page.page.evaluate(HOLD_FRAMES)
    await page.page.get_by_role("checkbox", name="Select all on this page").click()
    await page.button("Pair 3 machines").click()
    dialog = page.dialog("Pair 3 machines")
    await page.choose_relay(dialog)
    await page.button("Pair 3 machines", dialog).click()
    await expect(dialog.get_by_text("3 of 3 seeds are ready.")).to_be_visible()
    await page.button("Print 3 sheets", dialog).click()
    sheets = await printed(page)
    assert await sheets.count() == 3
    seeds = []
    for number, name in enumerate(("East", "North", "West")):
        sheet = sheets.nth(number)
        assert await sheet.locator("h1").inner_text() == name
        seed = await as_photograph(sheet, page.page, tmp_path / f"{number}.png")
        assert name in await sheet.inner_text()
        await page.keeps_nothing_of(*secrets_of(seed))
        seeds.append(seed)
    assert len(set(seeds)) == 3
    await fit_on_paper(page, 3, picture)
    await done_printing(page)
    assert (await redeem(host, seeds[0]))["result"] == "ack"
    await page.button("Close", dialog).last.click()
    await expect(dialog).to_be_hidden()
    await page.shows_state("East", "To be confirmed")
    await page.shows_state("West", "Waiting for the scan")


async def test_sheets_that_were_not_printed_are_asked_about(three: OperatorPage) -> None:
    page = three
    await page.page.get_by_role("checkbox", name="Select East").click()
    await page.button("Pair 1 machine").click()
    dialog = page.dialog("Pair 1 machine")
    await page.choose_relay(dialog)
    await page.button("Pair 1 machine", dialog).click()
    await expect(dialog.get_by_text("1 of 1 seeds is ready.")).to_be_visible()
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
    page = await visit(newcomer)
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
    await done_printing(page)


async def test_machines_come_from_a_file(visit: Visits, newcomer: Caller, tmp_path: Path) -> None:
    page = await visit(newcomer)
    await page.menu("Add machines from a CSV file")
    dialog = page.dialog("Add machines from a file")
    file = tmp_path / "machines.csv"
    file.write_text("name,location,wallet\nNorth,Hall 2,make one\n,Hall 3,make one\n")
    await dialog.get_by_label("CSV file").set_input_files(file)
    await page.button("Add the machines", dialog).click()
    await expect(dialog.get_by_role("alert")).to_contain_text("3")
    file.write_text("name,location,wallet\nNorth,Hall 2,make one\nSouth,Hall 3,make one\n")
    await page.button("Add the machines", dialog).click()
    await expect(dialog.get_by_text("The file has changed since you chose it.")).to_be_visible()
    await dialog.get_by_label("CSV file").set_input_files(file)
    await page.button("Add the machines", dialog).click()
    await expect(dialog.get_by_text("2 machines were added.")).to_be_visible()
    await page.button("Close", dialog).last.click()
    await expect(page.machine("North")).to_be_visible()
    await expect(page.machine("South")).to_be_visible()


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
    await stop.click()
    await expect(dialog.get_by_text("1 machine is cut off.")).to_be_visible()
    await page.button("Close", dialog).last.click()
    for name, state in (("East", "Revoked"), ("North", "Revoked"), ("West", "Not paired")):
        await page.shows_state(name, state)

    await page.menu("Emergency stop: cut off all machines")
    await expect(dialog.get_by_text("has not been paired since")).to_be_visible()
    await page.button("Pair that one again", dialog).click()
    again = page.dialog("Pair 1 machine")
    await page.choose_relay(again)
    await page.button("Pair 1 machine", again).click()
    await expect(again.get_by_text("1 of 1 seeds is ready.")).to_be_visible()
    await page.leaves(page.page.reload())
    await expect(again.get_by_text("was left before the sheet")).to_be_visible()
    await page.page.go_back()
    await expect(again).to_be_hidden()
    await page.shows_state("East", "Waiting for the scan")


async def test_the_journal_is_a_file(three: OperatorPage) -> None:
    async with three.page.expect_download() as download:
        await three.menu("Journal as a CSV file")
    journal = Path(await (await download.value).path()).read_text()
    assert journal.startswith("at,actor,machine_id,event,outcome,detail")
    assert journal.count("added") == 3
