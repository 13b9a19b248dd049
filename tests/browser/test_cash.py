"""Cash at the page: a machine's switch and limits, the orders, and what its operator has to end."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from browser.cash_page import show_orders
from browser.pictures import Picture
from playwright.async_api import Locator, expect
from spirekeeper.devkit.bunker import Lineage
from support.browsing import Device, Visits
from support.cash import connected, new_id, pays, switch_on, taking
from support.host import Caller, Host
from support.own_bunker import OwnBunker
from support.page import PATH, OperatorPage
from support.stored_orders import NOON, add_order

SATS = 1000
OF_LNBITS = "Cannot read properties of null (reading 'id')"
"""What its list of wallets throws when a payment comes in while no wallet is on show."""


async def cash_of(page: OperatorPage, name: str) -> Locator:
    """The panel of a machine, at what it may do with cash."""
    panel = await page.panel(name)
    await panel.get_by_role("tab", name="Cash").click()
    await expect(panel.get_by_label("Sell notes for sats")).to_be_visible()
    return panel


async def test_a_machine_is_switched_on_and_sells(
    visit: Visits, host: Host, newcomer: Caller, picture: Picture
) -> None:
    """From the switch to the order in the list, with a real machine and a real payment."""
    north = await host.add_machine(newcomer, name="Station North", location="Hall 2")
    page = await visit(newcomer, Device(1280, 1020))
    panel = await cash_of(page, "Station North")
    await expect(panel.get_by_role("status").first).to_contain_text("cash is off")
    await panel.get_by_role("switch", name="Sell notes for sats").click()
    await panel.get_by_label("Smallest amount").fill("100")
    fee = panel.get_by_label("Fee", exact=True)
    await fee.fill("15,5")
    await page.button("Save", panel).click()
    await expect(panel.get_by_text("From 0 to 15, with at most four decimals.")).to_be_visible()
    await fee.fill("2,5")
    await page.button("Save", panel).click()
    await expect(panel.get_by_role("status").first).to_contain_text("Fill no cassette before")
    path = f"/machines/{north}/cash"
    told = (await host.api("GET", path, as_=newcomer)).json()
    assert (told["out_on"], told["smallest"], told["fee_ppm"]) == (True, 100, 25_000)
    async with connected(host, north, as_=newcomer) as machine:
        await expect(panel.get_by_role("status").first).to_contain_text("it has not asked here yet")
        await machine.is_heard()
        await expect(panel.get_by_role("status").first).to_contain_text("Ready: it may sell.")
        order, attempt = new_id(), new_id()
        payer_data = {"order": order, "fiat": {"amount": "20", "code": "EUR"}}
        bolt11 = (await machine.offer(order, SATS, payer_data=payer_data))["bolt11"]
        await pays(host, bolt11)
        await machine.data("dispense", order=order, attempt=attempt)
        report = {"order": order, "attempt": attempt, "notes": 1, "dispensed_sats": SATS}
        await machine.data("dispensed", **report)
    await expect(panel.get_by_text("1,000 sats in 1 order")).to_be_visible()
    await expect(panel.get_by_text("25 sats")).to_be_visible()
    await picture(panel.locator(".q-card"), "desktop-cash-machine")
    await panel.get_by_role("tab", name="Journal").click()
    await expect(panel.get_by_text("Cash-out: on, 100 to 500000 sats, fee 2.5%")).to_be_visible()
    await panel.get_by_role("tab", name="Cash").click()
    await page.button("Its orders", panel).click()
    row = page.page.locator("tbody tr:visible")
    await expect(row).to_contain_text("Dispensed")
    await expect(page.page.get_by_role("combobox", name="Machine", exact=True)).to_have_value(
        "Station North"
    )
    await page.page.go_back()
    await expect(page.machine("Station North")).to_be_visible()
    page.forget(OF_LNBITS)


async def test_caps_are_set_before_notes_are_taken(
    visit: Visits,
    host: Host,
    newcomer: Caller,
    address: str,
    picture: Picture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And what was taken is on the list, with what the customer got."""
    from spirekeeper.store import balances

    monkeypatch.setattr(balances, "KEPT", timedelta())
    north = await host.add_machine(newcomer, name="Station North", location="Hall 2")
    await switch_on(host, north, as_=newcomer)
    wallets = (await host.api("GET", "/wallets", as_=newcomer)).json()
    [of_north] = [each["id"] for each in wallets if each["machine_id"] == north]
    await host.credit(of_north, 1_000_000)
    page = await visit(newcomer, Device(1280, 1330))
    panel = await cash_of(page, "Station North")
    await expect(panel.get_by_text("phones fetch their sats")).to_have_count(0)
    await panel.get_by_role("switch", name="Take notes for sats").click()
    await page.button("Save", panel).click()
    await expect(panel.get_by_text("A whole number, from 1 to").first).to_be_visible()
    for label, sats in (
        ("Most for one customer", "100000"),
        ("Most in an hour", "300000"),
        ("Most in a day", "1000000"),
        ("Most kept at a time", "300000"),
    ):
        await panel.get_by_label(label).fill(sats)
    await panel.get_by_label("Fee for notes", exact=True).fill("3")
    await page.button("Save", panel).click()
    await expect(page.told("Cash is changed.")).to_be_visible()
    told = (await host.api("GET", f"/machines/{north}/cash", as_=newcomer)).json()
    assert (told["in_on"], told["cap_day"], told["in_fee_ppm"]) == (True, 1_000_000, 30_000)
    await expect(panel.get_by_text("300,000 sats of 300,000 sats").first).to_be_visible()
    await expect(panel.get_by_text("1,000,000 sats of 1,000,000 sats")).to_be_visible()
    await expect(panel.get_by_text("This server reaches itself there.")).to_be_visible()
    await expect(panel.get_by_text(address, exact=True)).to_be_visible()
    await picture(panel.locator(".q-card"), "desktop-cash-in-machine")
    await switch_on(host, north, as_=newcomer, cap_order=50)
    await panel.get_by_role("tab", name="Overview").click()
    await panel.get_by_role("tab", name="Cash", exact=True).click()
    await expect(panel.get_by_text("takes no note now")).to_be_visible()
    await panel.get_by_role("tab", name="Journal").click()
    await expect(panel.get_by_text("Cash-in: on, fee 3% and 0 sats").first).to_be_visible()
    await add_order(
        newcomer,
        north,
        direction="cash_in",
        state="unclaimed",
        sats=20_000,
        fee_sats=600,
        short_code="7KQ4M",
    )
    await page.page.goto(PATH)
    await page.ready()
    await show_orders(page)
    await expect(page.page.get_by_text("Notes for sats").first).to_be_visible()
    await page.page.get_by_role("button", name=re.compile("Settle .*7KQ4M")).click()
    dialog = page.dialog("Order 7KQ4M")
    await expect(dialog.get_by_text("19,400 sats")).to_be_visible()
    await expect(dialog.get_by_text("you owe the sats")).to_be_visible()
    page.forget(OF_LNBITS)


async def test_a_customer_without_sats_is_shown_a_link(
    visit: Visits, host: Host, newcomer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the counter, after the machine has shown it."""
    from lnbits.settings import settings

    monkeypatch.setattr(settings, "lnbits_baseurl", "https://lnbits.test/")
    async with taking(host, as_=newcomer) as machine:
        told = (await host.api("GET", f"/machines/{machine.id}", as_=newcomer)).json()
        await host.credit(told["wallet_id"], 10 * SATS)
        order = new_id()
        await machine.holds(order, SATS)
        link = await machine.withdraw(order, SATS)
        page = await visit(newcomer)
        await show_orders(page)
        await page.page.get_by_role("button", name=f"More about order {link['short_code']}").click()
        dialog = page.dialog(f"Order {link['short_code']}")
        await page.button("Show a link for the customer", dialog).click()
        await expect(dialog.get_by_text(link["lnurl"])).to_be_visible()
        await expect(dialog.locator("svg").first).to_be_visible()
        await page.button("Close", dialog).first.click()
        await expect(dialog).to_be_hidden()
        assert link["lnurl"] not in await page.page.content()
        await page.keeps_nothing_of(link["lnurl"])
    page.forget(OF_LNBITS)


async def test_what_waits_for_the_operator_is_settled(
    visit: Visits, host: Host, newcomer: Caller, north: str, picture: Picture
) -> None:
    page = await visit(newcomer, Device(1280, 1200), show=False)
    await page.page.goto("/spirekeeper/?view=cash")
    await page.ready()
    await expect(page.page.get_by_text("2 orders wait for you")).to_be_visible()
    await expect(page.page.get_by_text("1 cash-in is going on")).to_be_visible()
    held = page.page.get_by_role("listitem").filter(has_text="7KQ02")
    await expect(held).to_contain_text("Sats are kept while the customer inserts notes.")
    await page.still()
    await picture(page.page, "desktop-cash")
    notices = page.page.get_by_role("region", name="Notices")
    await page.button("Look at the order at Station North", notices).first.click()
    dialog = page.dialog("Order 7KQ12")
    await expect(dialog.get_by_text("nobody stood at the machine")).to_be_visible()
    await page.page.reload()
    await expect(dialog.get_by_text("Give the customer the sats back")).to_be_visible()
    await expect(page.button("Settle", dialog)).to_be_disabled()
    await dialog.get_by_role("radio", name="Sats given back").click()
    await dialog.get_by_label("Reference").fill("9f" * 32)
    await page.button("Settle", dialog).click()
    await expect(page.told("Order 7KQ12 is settled.")).to_be_visible()
    await expect(dialog).to_be_hidden()
    await expect(page.page.get_by_text("1 order waits for you")).to_be_visible()
    listed = (await host.api("GET", "/cash", as_=newcomer)).json()["data"]
    settled = next(order for order in listed if order["short_code"] == "7KQ12")
    assert (settled["settled_how"], settled["settled_ref"]) == ("refunded", "9f" * 32)

    await page.button("Settle order 7KQ40").click()
    dialog = page.dialog("Order 7KQ40")
    await dialog.get_by_role("radio", name="Notes given").click()
    short = next(order for order in listed if order["state"] == "short")
    await host.api("POST", f"/cash/{short['id']}/settle", {"how": "other"}, as_=newcomer)
    await expect(dialog.get_by_text("You have ended it")).to_be_visible()
    await expect(page.button("Settle", dialog)).to_have_count(0)


async def test_orders_are_found_as_the_address_says(
    visit: Visits, host: Host, newcomer: Caller, north: str
) -> None:
    """By machine, state, direction and day; saved as a file; page by page."""
    south = await host.add_machine(newcomer, name="Station South")
    for number in range(52):
        at, code = NOON - timedelta(minutes=number), f"S{number:04}"
        await add_order(newcomer, south, asked_at=at, short_code=code, machine_name="Station South")
    page = await visit(newcomer)
    rows = page.page.locator("tbody tr:visible")
    await show_orders(page)
    await expect(rows).to_have_count(50)
    await page.button("Older").click()
    await expect(rows).to_have_count(10)
    await page.page.reload()
    await expect(rows).to_have_count(10)
    await page.button("Newest").click()
    await expect(rows).to_have_count(50)
    await page.page.get_by_role("combobox", name="Machine", exact=True).fill("north")
    await page.page.get_by_role("option", name="Station North").click()
    await expect(rows).to_have_count(8)
    await page.page.get_by_role("combobox", name="State").click()
    await page.page.get_by_role("option", name="Dispensed", exact=True).click()
    await expect(rows).to_have_count(1)
    await page.page.go_back()
    await expect(rows).to_have_count(8)
    await page.page.get_by_role("combobox", name="Direction").click()
    await page.page.get_by_role("option", name="Notes for sats").click()
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("Held")
    async with page.page.expect_download() as download:
        await page.button("More").last.click()
        await page.page.get_by_role("menuitem", name="These orders as a CSV file").click()
    [_, line] = Path(await (await download.value).path()).read_text("utf-8-sig").splitlines()
    assert ",cash_in,held," in line
    await page.page.reload()
    await expect(rows).to_have_count(1)
    await page.button("Show all").click()
    await expect(rows).to_have_count(50)
    await page.page.get_by_label("From").fill("2026-03-14")
    await page.page.get_by_label("To", exact=True).fill("2026-03-14")
    await expect(rows.first).to_contain_text("S0000")
    async with page.page.expect_download() as download:
        await page.button("More").last.click()
        await page.page.get_by_role("menuitem", name="These orders as a CSV file").click()
    text = Path(await (await download.value).path()).read_text("utf-8-sig")
    assert len(text.splitlines()) == 53
    await page.page.get_by_label("To", exact=True).fill("2026-03-13")
    await page.page.get_by_label("From").fill("")
    await expect(page.page.get_by_text("No order is like that.")).to_be_visible()


async def test_cash_stands_still_everywhere_and_gets_another_key(
    visit: Visits, host: Host, newcomer: Caller
) -> None:
    north = await host.add_machine(newcomer, name="North")
    await switch_on(host, north, as_=newcomer)
    await host.pair(north, as_=newcomer)
    page = await visit(newcomer)
    await show_orders(page)
    await expect(page.page.get_by_text("No orders yet.")).to_be_visible()
    await page.button("Stop cash everywhere").click()
    await page.button("Stop cash everywhere", page.page.get_by_role("dialog")).click()
    await expect(page.page.get_by_text("Cash is stopped at the 1 machine")).to_be_visible()
    assert (await host.api("GET", "/cash/stop", as_=newcomer)).json() == {"on": 1, "stopped": 1}
    await page.button("Let cash go on").click()
    await expect(page.page.get_by_text("Cash is on at 1 machine.")).to_be_visible()

    before = (await host.api("GET", "/service-key", as_=newcomer)).json()["service_npub"]
    await page.button("More").last.click()
    await page.page.get_by_role("menuitem", name="Service key").click()
    dialog = page.dialog("Service key")
    await expect(dialog.get_by_text(before)).to_be_visible()
    await expect(dialog.get_by_text("1 machine believes the present one")).to_be_visible()
    await expect(page.button("Make a new key", dialog)).to_be_disabled()
    south = await host.add_machine(newcomer, name="South")
    await switch_on(host, south, as_=newcomer)
    await host.pair(south, as_=newcomer)
    await dialog.get_by_label("Type 1 to go on").fill("1")
    await page.button("Make a new key", dialog).click()
    await expect(dialog.get_by_role("alert")).to_contain_text("The number of machines has changed")
    await dialog.get_by_label("Type 2 to go on").fill("2")
    await page.button("Make a new key", dialog).click()
    await expect(page.told("There is a new service key.")).to_be_visible()
    after = (await host.api("GET", "/service-key", as_=newcomer)).json()
    assert after["machines"] == 0
    assert after["service_npub"] != before


async def test_why_cash_cannot_be_switched_on_stands_at_its_switch(
    visit: Visits, own: OwnBunker, newcomer: Caller
) -> None:
    async with own(lineage=Lineage.OLD_NDK) as host:
        await host.add_machine(newcomer, name="North")
        page = await visit(newcomer)
        panel = await cash_of(page, "North")
        await panel.get_by_role("switch", name="Sell notes for sats").click()
        await page.button("Save", panel).click()
        await expect(panel.get_by_role("alert")).to_contain_text("does not speak NIP-44")
