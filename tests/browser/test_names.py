"""Whatever a machine is called, the page and the printed sheet show it as text.

Nothing of it runs, nothing becomes an element, and the words around it stay where they are.
"""

import re

import pytest
from browser.printing import HOLD_FRAMES, done_printing, printed
from playwright.async_api import Dialog, Locator, expect
from support.browsing import Visits
from support.host import Caller, Host
from support.hostile import KEPT, OLDER
from support.page import OperatorPage

NAMES = {what: name.strip() for what, name in KEPT.items()}
INTRUDERS = "img[onerror], [onerror], [src='x'], main script, main template, main b"
# How far right the first and the last letter of the text behind the name stand.
ENDS = """(each, after) => {
  const text = [...each.childNodes].find(node => node.nodeType === 3)
  const from = text.data.lastIndexOf(after)
  const left = at => {
    const range = document.createRange()
    range.setStart(text, at)
    range.setEnd(text, at + 1)
    return range.getBoundingClientRect().left
  }
  return [left(from), left(from + after.length - 1)]
}"""


class Watched:
    """A page that must not be taken over."""

    def __init__(self, page: OperatorPage) -> None:
        self.page = page
        self.alerts: list[str] = []
        page.page.on("dialog", self._alert)

    async def _alert(self, dialog: Dialog) -> None:
        self.alerts.append(dialog.message)
        await dialog.dismiss()

    async def is_itself(self, room: str) -> None:
        assert self.alerts == [], room
        assert await self.page.page.evaluate("window.owned") is None, room
        for frame in self.page.page.frames:
            assert await frame.locator(INTRUDERS).count() == 0, room


async def called_as_before(machine_id: str) -> None:
    from spirekeeper import crud
    from spirekeeper.store import database

    machine = await crud.get_machine(machine_id)
    assert machine is not None
    await database.db.update(database.MACHINES, machine.copy(update={"name": OLDER}))


async def reads_on(place: Locator, after: str) -> None:
    """From left to right, as the page is written, behind a name that is not."""
    first, last = await place.evaluate(ENDS, after)
    assert first < last, after


@pytest.fixture
async def watched(visit: Visits, host: Host, newcomer: Caller) -> Watched:
    from spirekeeper import crud
    from spirekeeper.clock import utc_now

    for name in NAMES.values():
        await host.add_machine(newcomer, name=name, location=name)
    old = await host.add_machine(newcomer, name="To be older")
    await called_as_before(old)
    for machine in (await host.api("GET", "/machines", as_=newcomer)).json()["data"]:
        await crud.set_machine_flag(machine["id"], "second_client", utc_now())
    watched = Watched(await visit(newcomer, show=False))
    await watched.page.open()
    return watched


async def test_the_list_shows_names_as_text(watched: Watched) -> None:
    page = watched.page
    rows = page.page.locator("tbody tr")
    await expect(rows).to_have_count(len(NAMES) + 1)
    shown = [await cell.inner_text() for cell in await rows.locator("bdi").all()]
    assert sorted(shown) == sorted([*NAMES.values(), OLDER])
    cells = [await row.locator("td").nth(2).text_content() for row in await rows.all()]
    assert set(NAMES.values()) <= {(cell or "").strip() for cell in cells}
    await watched.is_itself("list")
    await page.fits("list")


async def test_notices_dialogs_and_the_panel_do(watched: Watched) -> None:
    page = watched.page
    notices = page.page.get_by_role("region", name="Notices")
    await page.button(f"And {len(NAMES) + 1 - 3} more", notices).click()
    for name in (NAMES["markup"], NAMES["Vue"], NAMES["words of the page"], NAMES["formula"]):
        await expect(notices.get_by_text(f"use the key of {name}. If that")).to_be_visible()
    for name in (NAMES["Hebrew"], NAMES["Arabic with marks"], "Old\ufffdeman\ufffd"):
        notice = notices.locator("span").filter(has_text=f"\u2068{name}\u2069. If that")
        await reads_on(notice, " If that is not your doing")
    await watched.is_itself("notices")
    for what in ("markup", "broken markup", "Vue", "words of the page", "Hebrew"):
        name = NAMES[what]
        panel = await page.panel(name)
        assert await panel.locator("h6").inner_text() == name
        await panel.get_by_role("tab", name="Journal").click()
        await expect(panel.get_by_text("Added", exact=True)).to_be_visible()
        await watched.is_itself(f"panel: {what}")
        await panel.get_by_role("tab", name="Overview").click()
        await page.button("Change details", panel).click()
        form = page.page.get_by_role("dialog").filter(has_text="Change ").last
        await expect(form.get_by_label("Name")).to_have_value(name)
        await page.button("Cancel", form).click()
        await expect(form.get_by_label("Name")).to_be_hidden()
        await page.button("Delete", panel).click()
        question = page.page.get_by_role("dialog").filter(has_text="Delete: ")
        await expect(question.get_by_text(name)).to_be_visible()
        await watched.is_itself(f"question: {what}")
        await page.button("Delete", question).click()
        await expect(panel).to_be_hidden()
        gone = page.page.locator(".q-notification__message", has_text=name).last
        await expect(gone).to_be_visible()
        await reads_on(gone, " is deleted.")
        await watched.is_itself(f"message: {what}")


async def test_a_form_refuses_what_the_server_would(watched: Watched) -> None:
    page = watched.page
    await page.button(re.compile("^(add )?Add machine$")).click()
    form = page.dialog("Add a machine")
    await form.get_by_label("Name").fill("a\u202eb")
    await page.button("Add", form).click()
    await expect(form.get_by_text("on one line only")).to_be_visible()
    await form.get_by_label("Name").fill("a" + "\u0334" * 60)
    await page.button("Add", form).click()
    await expect(form.get_by_text("Too many accents on one letter.")).to_be_visible()


async def test_the_sheets_do(watched: Watched) -> None:
    page = watched.page
    await page.page.evaluate(HOLD_FRAMES)
    await page.page.get_by_role("checkbox", name="Select all on this page").click()
    await page.button(f"Pair {len(NAMES) + 1} machines").click()
    dialog = page.dialog(f"Pair {len(NAMES) + 1} machines")
    await page.choose_relay(dialog)
    await page.button(f"Pair {len(NAMES) + 1} machines", dialog).click()
    await page.button(f"Print {len(NAMES) + 1} sheets", dialog).click(timeout=60_000)
    sheets = await printed(page)
    shown = [await sheet.text_content() for sheet in await sheets.locator("h1").all()]
    assert sorted(filter(None, shown)) == sorted([*NAMES.values(), OLDER])
    for number in range(await sheets.count()):
        sheet = sheets.nth(number)
        assert await sheet.locator("h1 *, .location *").count() == 0
    await watched.is_itself("sheets")
    await done_printing(page)
