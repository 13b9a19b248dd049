"""The machines as they are listed: their states, found and sorted by the server."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from browser.pictures import Picture
from nostr_sdk import Keys
from playwright.async_api import expect
from support.browsing import DESKTOP, PHONE, SMALL_PHONE, Device, Visits
from support.host import Caller, Host
from support.page import OperatorPage
from support.redeeming import redeem


@dataclass
class Fleet:
    """Machines of one operator, brought into their states through the API."""

    host: Host
    operator: Caller

    async def ask(self, method: str, path: str, json: Any = None) -> Any:
        answer = await self.host.api(method, path, json, as_=self.operator)
        assert answer.is_success, answer.text
        return answer.json()

    async def machines(self) -> list[Any]:
        return list((await self.ask("GET", "/machines"))["data"])

    async def add(self, name: str, location: str) -> str:
        return await self.host.add_machine(self.operator, name=name, location=location)

    async def pair(self, machine: str) -> str:
        wanted = self.host.pair_request(require_confirmation=True)
        return str((await self.ask("POST", f"/machines/{machine}/pair", wanted))["seed_url"])

    async def scan(self, machine: str) -> dict[str, str]:
        client = Keys.generate()
        assert (await redeem(self.host, await self.pair(machine), client))["result"] == "ack"
        await self.ask("GET", f"/machines/{machine}/pairing")
        return {"client_pubkey": client.public_key().to_hex()}

    async def connect(self, machine: str) -> None:
        client = await self.scan(machine)
        await self.ask("POST", f"/machines/{machine}/pairing/confirm", client)


@pytest.fixture
async def fleet(host: Host, newcomer: Caller) -> Fleet:
    """One machine in each state that an operator meets every day."""
    fleet = Fleet(host, newcomer)
    await fleet.add("Airport", "Terminal 1")
    await fleet.pair(await fleet.add("Bakery", "Main Street 4"))
    await fleet.scan(await fleet.add("Harbour", "Pier 7"))
    for name, location in (("Kiosk", "Market Square"), ("Station North", "Hall 2")):
        await fleet.connect(await fleet.add(name, location))
    south = await fleet.add("Station South", "Platform 1")
    await fleet.connect(south)
    await fleet.pair(south)
    university = await fleet.add("University", "Library")
    await fleet.connect(university)
    await fleet.ask("POST", f"/machines/{university}/revoke")
    return fleet


STATES = {
    "Airport": "Not paired",
    "Bakery": "Waiting for the scan",
    "Harbour": "To be confirmed",
    "Kiosk": "Paired",
    "Station South": "Being replaced",
    "University": "Revoked",
}


@pytest.mark.parametrize(
    ("device", "kind"), [(DESKTOP, "desktop"), (PHONE, "phone")], ids=["desktop", "phone"]
)
async def test_each_machine_shows_its_state_and_why(
    visit: Visits, newcomer: Caller, fleet: Fleet, picture: Picture, device: Device, kind: str
) -> None:
    page = await visit(newcomer, device)
    for name, state in STATES.items():
        await page.shows_state(name, state)
    await picture(page.page, f"{kind}-machines")
    await page.machine("University").get_by_text("Revoked").hover()
    tooltip = page.page.get_by_role("tooltip")
    await expect(tooltip).to_have_text("Cut off. Pairing gives it a new key.")


async def names(page: OperatorPage) -> list[str]:
    return [
        (await row.locator("td").nth(1).inner_text())
        for row in await page.page.locator("tbody tr").all()
    ]


async def test_machines_are_found_and_sorted(visit: Visits, newcomer: Caller, fleet: Fleet) -> None:
    page = await visit(newcomer)
    assert await names(page) == [*sorted(STATES)[:4], "Station North", *sorted(STATES)[4:]]
    rows = page.page.locator("tbody tr")
    async with page.page.expect_response(lambda answer: "direction=desc" in answer.url):
        await page.page.get_by_role("columnheader", name="Name").click()
    await expect(rows.first).to_contain_text("University")
    search = page.page.get_by_label("Part of a name")
    await search.fill("TION")
    await expect(rows).to_have_count(2)
    await expect(page.button("All 2")).to_be_visible()
    await search.fill("nowhere")
    await expect(page.page.get_by_text("No machine is like that.")).to_be_visible()
    await search.fill("")
    await expect(rows).to_have_count(7)
    await page.button("Paired 2").click()
    await expect(rows).to_have_count(2)
    await expect(page.button("Paired 2")).to_have_attribute("aria-pressed", "true")
    [kiosk] = [each for each in await fleet.machines() if each["name"] == "Kiosk"]
    await fleet.ask("PUT", f"/machines/{kiosk['id']}", {"is_active": False})
    await page.button("Switched off 1").click()
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("Kiosk")
    await page.page.go_back()  # the browser's steps are those that were taken here
    await expect(rows).to_contain_text("Station North")
    await page.page.go_back()
    await expect(rows).to_have_count(7)


async def test_what_is_shown_of_many_machines_stands_in_the_address(
    visit: Visits, host: Host, newcomer: Caller
) -> None:
    """Which page, search and order: after a reload they are on show again. What is ticked stays so
    from page to page."""
    lines = "".join(f"Machine {number:03},,make one\n" for number in range(60))
    path = "/spirekeeper/api/v1/dca/machines/import"
    headers = {**newcomer.headers, "Content-Type": "text/csv"}
    answer = await host.client.post(path, content=f"name,location,wallet\n{lines}", headers=headers)
    assert answer.status_code == 201, answer.text
    page = await visit(newcomer)
    rows = page.page.locator("tbody tr")
    await expect(page.page.get_by_text("1–50 of 60")).to_be_visible()  # noqa: RUF001
    await expect(page.machine("Machine 050")).to_have_count(0)
    await page.page.get_by_role("checkbox", name="Select Machine 007").click()
    await page.page.get_by_role("button", name="Next page").click()
    await expect(page.machine("Machine 050")).to_be_visible()
    await expect(rows).to_have_count(10)
    await page.page.get_by_role("checkbox", name="Select Machine 055").click()
    await expect(page.button("Pair 2 machines")).to_be_visible()
    await page.button("With these machines").click()
    await page.page.get_by_role("menu").get_by_text("Put a tag on").click()
    question = page.page.get_by_role("dialog")
    await expect(question).to_contain_text("Machine 007, Machine 055")
    await question.get_by_label("Tags").fill("west")
    await page.button("Put a tag on", question).click()
    await expect(page.told("Put a tag on: done with 2 machines.")).to_be_visible()
    await page.button("west", page.machine("Machine 055")).click()
    await expect(rows).to_have_count(2)
    await page.page.go_back()
    await expect(rows).to_have_count(10)
    await page.page.reload()
    await page.ready()
    await expect(rows).to_have_count(10)
    await page.page.get_by_label("Part of a name").fill("ine 00")
    await expect(rows).to_have_count(10)
    await page.page.get_by_role("columnheader", name="Name").click()
    await expect(rows.first).to_contain_text("Machine 009")
    await page.page.reload()
    await page.ready()
    await expect(rows.first).to_contain_text("Machine 009")
    async with page.page.expect_download() as download:
        await page.menu("These machines as a CSV file")
    text = Path(await (await download.value).path()).read_text("utf-8-sig")
    assert [line.partition(",")[0] for line in text.splitlines()[1:]] == [
        f"Machine {number:03}" for number in reversed(range(10))
    ]
    await page.page.goto("/spirekeeper/?page=99&rows=7&sort=x&state=y")
    await expect(page.page.get_by_text("51–60 of 60")).to_be_visible()  # noqa: RUF001


async def test_a_machine_has_an_address_and_opens_by_its_name_on_a_phone(
    visit: Visits, host: Host, newcomer: Caller
) -> None:
    place = "Hall 2, beside the second ticket machine, where the stairs to platform 17 begin"
    machine = await host.add_machine(newcomer, name="North", location=place)
    page = await visit(newcomer, SMALL_PHONE)
    await expect(page.page.get_by_text(place)).to_be_visible()
    await page.fits()
    await page.button("North").click()
    panel = page.dialog("North")
    await page.button("Copy the link to this machine", panel).click()
    await expect(page.told("Link copied.")).to_be_visible()
    link = await page.page.evaluate("navigator.clipboard.readText()")
    assert link.endswith(f"/spirekeeper/machine/{machine}")
    await page.button("Close", panel).click()
    await expect(panel).to_be_hidden()
    await expect(page.page).to_have_url(re.compile("/spirekeeper/$"))

    await page.page.goto(link)
    await expect(panel.get_by_role("heading")).to_have_text("North")
    await page.page.reload()
    await expect(panel.get_by_role("heading")).to_have_text("North")
    stranger = await visit(host.other_operator, show=False)
    await stranger.page.goto(link)
    await expect(stranger.told("There is no such machine among yours.")).to_be_visible()
    await expect(stranger.page).to_have_url(re.compile("/spirekeeper/$"))


async def test_two_windows_do_not_overwrite_each_other_unseen(
    visit: Visits, host: Host, newcomer: Caller
) -> None:
    machine = await host.add_machine(newcomer, name="North")
    page = await visit(newcomer)
    await page.button("Change North").click()
    form = page.dialog("Change North")
    await form.get_by_label("Name").fill("West")
    change = {"name": "South", "location": "Hall 1"}
    answer = await host.api("PUT", f"/machines/{machine}", change, as_=newcomer)
    assert answer.is_success, answer.text
    await page.button("Save", form).click()
    await expect(form.get_by_role("alert")).to_contain_text("Somebody has changed this since")
    await page.button("Show what is there now", form).click()
    anew = page.dialog("Change South")
    await expect(anew.get_by_label("Location")).to_have_value("Hall 1")
    await anew.get_by_label("Name").fill("West")
    await page.button("Save", anew).click()
    await expect(page.machine("West")).to_contain_text("Hall 1")


@pytest.mark.parametrize(("lang", "width"), [("en", 1024), ("es", 1280), ("de", 360)])
async def test_what_is_long_pushes_no_button_out_of_sight(
    visit: Visits, host: Host, newcomer: Caller, lang: str, width: int
) -> None:
    fleet, name = Fleet(host, newcomer), "Station North at the far end of Platform 17"
    await fleet.connect(await fleet.add(name, "Right behind the second ticket machine of two"))
    page = await visit(newcomer, Device(width, 900), lang=lang)
    more = page.button(await page.words("machines.open", name=name))
    again = page.button(await page.words("pair.again"), page.row(more))
    for button in (again, more):
        await expect(button).to_be_in_viewport(ratio=1)
