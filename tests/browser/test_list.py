"""The machines as they are listed: their states, found and sorted by the server."""

from dataclasses import dataclass
from typing import Any

import pytest
from browser.pictures import Picture
from nostr_sdk import Keys
from playwright.async_api import expect
from support.browsing import DESKTOP, PHONE, Device, Visits
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
    search = page.page.get_by_label("Name or place begins with")
    await search.fill("station")
    await expect(rows).to_have_count(2)
    await search.fill("nowhere")
    await expect(page.page.get_by_text("No machine is like that.")).to_be_visible()
    await search.fill("")
    await expect(rows).to_have_count(7)
    await page.page.get_by_label("State").click()
    await page.page.get_by_role("option", name="Paired", exact=True).click()
    await expect(rows).to_have_count(2)


async def test_many_machines_come_page_by_page(visit: Visits, host: Host, newcomer: Caller) -> None:
    lines = "".join(f"Machine {number:03},,make one\n" for number in range(60))
    path = "/spirekeeper/api/v1/dca/machines/import"
    headers = {**newcomer.headers, "Content-Type": "text/csv"}
    answer = await host.client.post(path, content=f"name,location,wallet\n{lines}", headers=headers)
    assert answer.status_code == 201, answer.text
    page = await visit(newcomer)
    await expect(page.page.get_by_text("1–50 of 60")).to_be_visible()  # noqa: RUF001
    await expect(page.machine("Machine 050")).to_have_count(0)
    await page.page.get_by_role("button", name="Next page").click()
    await expect(page.machine("Machine 050")).to_be_visible()
    await expect(page.page.locator("tbody tr")).to_have_count(10)


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
